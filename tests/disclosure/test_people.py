"""Surveys of individuals: crossings, their margins and nested classes hide nobody apart."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import analysis.contributors as maker
from analysis.definition import load_survey
from analysis.disclosure import conceal, find_hidden, ruled
from analysis.errors import BaroError
from analysis.partitions import Partition, finest
from analysis.pipeline import build
from analysis.project import Project
from tests.conftest import _shared, once
from tests.disclosure.people import (
    AGE,
    ANSWERS,
    AREA,
    SEX,
    SURVEY,
    SURVEY_YML,
    Attack,
    Row,
    counts,
    inside,
    people_project,
    read,
)

WAVES = ("2021", "2022")
PROTECT = 2
KEY = ["wave", "indicator", "category", "domain", "domain_value"]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The survey, built with its site."""
    folder = _shared(tmp_path_factory, "people")
    with once(folder) as first, pytest.MonkeyPatch.context() as patch:
        if first:
            patch.delenv("BARO_DATA", raising=False)
            patch.delenv("BARO_PROJECT", raising=False)
            build(people_project(folder))
    return Project(folder)


@pytest.fixture(scope="module")
def rows(people: Project) -> list[Row]:
    return read(people.site)


@pytest.fixture(scope="module")
def small(people: Project) -> pl.DataFrame:
    """What the rule is about, recounted from the estimates before anything was hidden."""
    truth = _truth(people).with_columns(count=(pl.col("estimate") * pl.col("n")).round(0))
    rest = (pl.col("indicator") == "fibre") & (pl.col("n") - pl.col("count")).is_between(1, 3)
    return truth.filter(pl.col("count").is_between(1, 3) | rest)


def _truth(people: Project) -> pl.DataFrame:
    parts = sorted((people.build / SURVEY / "estimates").glob("*.parquet"))
    return pl.concat(pl.read_parquet(p) for p in parts)


def attacks(people: Project, rows: list[Row]) -> dict[tuple[str, str], Attack]:
    return {(w, q): Attack(rows, w, q, counts(people.site, w, q)) for w in WAVES for q in ANSWERS}


def tight(made: dict[tuple[str, str], Attack], small: pl.DataFrame) -> list[tuple[object, ...]]:
    """The small cells that are known more closely than the survey declares."""
    found: list[tuple[object, ...]] = []
    for wave, question, category, domain, group in small.select(KEY).iter_rows():
        attack = made[wave, question]
        low, high = attack.bounds(category or attack.codes[0], inside(domain, group))
        if high - low < PROTECT:
            found.append((wave, question, category, domain, group, low, high))
    return found


def test_no_small_cell_of_a_crossing_can_be_worked_out(
    people: Project, rows: list[Row], small: pl.DataFrame
) -> None:
    assert {"age_sexe", "age", "generation", "region"} <= set(small["domain"])
    assert small.height > 20
    assert tight(attacks(people, rows), small) == []


def test_each_domain_by_itself_would_leave_leaks(
    people: Project, small: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was: a hidden cell is its margin less the others of the crossing."""

    def apart(levels: list[tuple[str, str]], codes: list[object]) -> Iterator[Partition]:
        every = dict.fromkeys(d for d, _ in levels)
        for domain, code in zip(list(every)[1:], codes[1:], strict=True):
            mine = [(d, v) for d, v in levels if d in ("ensemble", domain)]
            for one in finest(mine, [codes[0], code]):  # type: ignore[list-item]
                yield replace(one, name=domain)

    monkeypatch.setattr(maker, "finest", apart)
    assert tight(_published(people), small) != []


def _published(people: Project) -> dict[tuple[str, str], Attack]:
    """The attack on what would be published now."""
    survey = load_survey(people.surveys, SURVEY)
    rule = survey.spec.confidentiality
    assert rule is not None
    standing = {}
    for wave in WAVES:
        frame = pl.read_parquet(people.build / SURVEY / "waves" / f"{wave}.parquet")
        standing[wave] = maker.contributors(survey, wave, frame)
    table = ruled(survey, _truth(people), standing)
    told = conceal(table, find_hidden(SURVEY, rule, table, standing).frame(), standing)
    printed = [
        Row(r["wave"], r["indicator"], r["category"], r["domain"], r["domain_value"], r["n"],
            "" if r["estimate"] is None else f"{100 * r['estimate']:.1f}".replace(".", ","))
        for r in told.iter_rows(named=True)
    ]  # fmt: skip
    return attacks(people, printed)


def test_the_attack_on_the_table_is_that_on_the_site(
    people: Project, small: pl.DataFrame, rows: list[Row]
) -> None:
    """So that the test above fails for what it changes, and for nothing else."""
    assert tight(_published(people), small) == []
    assert len(rows) > 100


@pytest.mark.parametrize("domain", ["age_sexe", "age"])
def test_a_whole_less_its_other_parts_is_found(
    people: Project, rows: list[Row], small: pl.DataFrame, domain: str
) -> None:
    """Planted: a margin of a crossing and its other cell; a generation and its other age."""
    one = small.filter(pl.col("domain") == domain).head(1)
    wave, question, category, _, group = one.select(KEY).row(0)
    mine = _whole_and_other(domain, group)
    again = [
        _told(people, r)
        if (r.wave, r.indicator, r.category) == (wave, question, category)
        and (r.domain, r.group) in mine
        else r
        for r in rows
    ]
    assert tight(attacks(people, rows), one) == []
    assert tight(attacks(people, again), one) != []


def _whole_and_other(domain: str, group: str) -> set[tuple[str, str]]:
    """Groups whose difference is a group of two."""
    if domain == "age":
        young = group in AGE[:2]
        (other,) = (a for a in AGE if a != group and (a in AGE[:2]) == young)
        return {("age", other), ("generation", "jeunes" if young else "vieux")}
    age, sex = group.split(".")
    return {("age", age), *(("age_sexe", f"{age}.{s}") for s in SEX if s != sex)}


def _told(people: Project, row: Row) -> Row:
    """The row with its share, to the digits of the others."""
    (share,) = _truth(people).filter(
        (pl.col("wave") == row.wave) & (pl.col("indicator") == row.indicator)
        & (pl.col("category") == row.category) & (pl.col("domain") == row.domain)
        & (pl.col("domain_value") == row.group)
    )["estimate"]  # fmt: skip
    return replace(row, percent=f"{100 * share:.1f}".replace(".", ","))


ROUND = """\
  sexe_region: {label: Sexe et région, variables: [sexe, region]}
  age_region: {label: Âge et région, variables: [age, region]}
"""


def test_crossings_that_go_round_are_told_apart_at_once_or_refused(
    people: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SURVEY_YML.replace("reliability:", f"{ROUND}reliability:")
    shutil.copytree(people.surveys / SURVEY, tmp_path / SURVEY)
    (tmp_path / SURVEY / "survey.yml").write_text(text, "utf-8")
    survey = load_survey(tmp_path, SURVEY)
    frame = pl.read_parquet(people.build / SURVEY / "waves" / "2021.parquet")
    made = maker.contributors(survey, "2021", frame)
    assert made["view"].unique().to_list() == ["age_sexe, sexe_region, age_region"]
    assert made["atom"].n_unique() == len(SEX) * len(AGE) * len(AREA)
    monkeypatch.setattr(maker, "MOST_ROUND", 71)
    with pytest.raises(BaroError) as caught:
        maker.contributors(survey, "2021", frame)
    assert "survey.yml: domains, wave 2021" in str(caught.value)
    assert "age_sexe, sexe_region, age_region go round" in str(caught.value)
    assert "publish one crossing less" in str(caught.value)
