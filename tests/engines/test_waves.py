"""A wave tabulated by an engine has the rows that it has in memory; the build and table with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis import cli_scale, pipeline
from analysis.definition import Survey, load_survey
from analysis.demonstration import draw_wave
from analysis.engines import ENGINES as ENGINES_THERE
from analysis.engines import Engine
from analysis.errors import BaroError
from analysis.estimates import read_estimates
from analysis.harmonise import harmonise
from analysis.ingest import ROW
from analysis.project import Project
from analysis.tabulation import tabulate, tabulate_held
from analysis.validate import validate_raw, wave_rows
from tests.commands import baro, refused, well
from tests.conftest import ROOT
from tests.engines.conftest import ENGINES, MACHINE
from tests.rich_maker import rich_frame, write_rich
from tests.surveys_maker import Small, changed, small_survey

CLOSE = 1e-10
KEY = ["indicator", "category", "domain", "domain_value"]


def same(found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    """The same rows in the same order, texts and counts to the letter, numbers to 1e-10."""
    assert found.schema == wanted.schema
    assert found.select(KEY).equals(wanted.select(KEY))
    exact = [c for c, t in wanted.schema.items() if not t.is_float()]
    assert found.select(exact).equals(wanted.select(exact))
    for column in wanted.select(pl.selectors.float()).columns:
        for a, b, where in zip(found[column], wanted[column], wanted[KEY].rows(), strict=True):
            told = b if b is None else pytest.approx(b, rel=CLOSE, abs=1e-13)
            assert a == told, (column, where)


def both(
    survey: Survey, wave: str, frame: pl.DataFrame, folder: Path, engine: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of an engine, then those of memory."""
    path = folder / "wave.parquet"
    frame.write_parquet(path)
    words: Any = {"origin": "observed", "definition_hash": "abc"}
    held = tabulate_held(survey, wave, path, Engine(engine), **words)
    assert list(folder.glob("*.measured.parquet")) == [], "what was written for the engine is left"
    return held, tabulate(survey, wave, frame, **words)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "spark":
        request.getfixturevalue("spark")
    return str(request.param)


def test_every_kind_of_measure(engine: str, tmp_path: Path) -> None:
    """Shares, means, batteries, ratios, mentions, quantiles; crossed domains."""
    survey, frame = rich_frame(tmp_path)
    measured = {survey.spec.indicators[i].measure for i in survey.indicators_in("2021")}
    assert {"mean", "ratio", "quantile", "battery", "share_of_mentions"} <= measured
    if engine == "spark":  # its quantiles take their time, and are in the matrix of parity
        for name in ("mediane", "quartiles"):
            survey.spec.indicators.pop(name)
    more = pl.concat([frame, frame.head(5), frame.tail(3), frame.head(2)])
    for rows in (more, frame)[: 1 if engine == "spark" else 2]:  # it takes its time
        same(*both(survey, "2021", rows, tmp_path, engine))


@pytest.mark.parametrize("engine", MACHINE)
def test_a_domain_nobody_answers_has_no_rows(engine: str, tmp_path: Path) -> None:
    text = changed("{label: Sexe, variable: sexe}", "{label: Vide, variable: vide}")
    text = changed(
        "indicators:\n",
        "  vide:\n    label: Vide\n    type: derived\n"
        "    categories: {vieux: {label: Centenaires, when: age > 100}}\nindicators:\n",
        text,
    )
    small = Small(small_survey(tmp_path, text), tmp_path)
    frame = harmonise(small.survey, "2019", small.rows())
    held, wanted = both(small.survey, "2019", frame, tmp_path, engine)
    same(held, wanted)
    assert wanted.height
    assert "sexe" not in set(held["domain"])


def stratified(weighted: bool) -> tuple[Survey, pl.DataFrame]:
    """Strata of finite populations from a frame; calibrated as declared, or not."""
    survey = load_survey(ROOT / "surveys", "collectivites_ia")
    if not weighted:
        survey.spec.weighting.clear()
    texts = draw_wave(survey, "2023").with_row_index(ROW, offset=2)
    raw = wave_rows(survey, "2023", texts, "enquete-2023.csv")
    validate_raw(survey, "2023", raw)
    return survey, harmonise(survey, "2023", raw)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("engine", MACHINE)
def test_strata_of_finite_populations(engine: str, weighted: bool, tmp_path: Path) -> None:
    survey, frame = stratified(weighted)
    held, wanted = both(survey, "2023", frame, tmp_path, engine)
    same(held, wanted)
    assert wanted["df"].unique().to_list() != [frame.height - 1], "no strata: nothing was tried"


@pytest.mark.parametrize("engine", MACHINE)
def test_people_who_were_not_asked_are_named(engine: str, tmp_path: Path) -> None:
    text = changed("    population: internautes\n", "    population: all\n")
    small = Small(small_survey(tmp_path, text), tmp_path)
    harmonise(small.survey, "2019", small.rows()).write_parquet(tmp_path / "wave.parquet")
    with pytest.raises(BaroError, match="3 people of its population were not asked achat"):
        tabulate_held(small.survey, "2019", tmp_path / "wave.parquet", Engine(engine),
                      origin="observed", definition_hash="")  # fmt: skip


# --- from the command line ------------------------------------------------------------------------


@pytest.fixture
def riche(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with one survey and no pages."""
    write_rich(tmp_path)
    (tmp_path / "_quarto.yml").write_text("project: {type: website}\n", "utf-8")
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    monkeypatch.delenv("BARO_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


@pytest.mark.parametrize("engine", MACHINE)
def test_the_table_by_an_engine(engine: str, riche: Project) -> None:
    pipeline.build(riche, only_estimates=True)
    wanted = read_estimates(riche.estimates("riche"))
    printed = well("table", "riche", "mediane")
    by_engine = baro("table", "riche", "mediane", "--engine", engine)
    assert by_engine.exit_code == 0
    assert by_engine.stdout == printed
    assert f"estimating 2021 with {engine}" in by_engine.stderr
    same(read_estimates(riche.estimates("riche")), wanted)
    stale = [
        s.name for s in pipeline.status(riche) if s.name.startswith("estimate") and not s.fresh
    ]
    assert len(stale) == 3, "what an engine made is taken for what memory makes"


def test_an_option_of_another_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    said = refused("build", "--engine", "polars", "--memory", "4GB")
    assert "--memory 4GB" in said
    assert "--engine duckdb" in said
    said = refused("build", "--master", "local[2]")
    assert "no engine is named" in said


def test_commands_know_the_engines_that_there_are() -> None:
    assert cli_scale._ENGINES == ENGINES_THERE
    with pytest.raises(BaroError, match="there is no such engine"):
        Engine("sparkle")
