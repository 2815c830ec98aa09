"""Batteries, ratios and quantiles of a confidential survey: hidden, and hidden from an attack."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from analysis.pipeline import build
from analysis.project import Project
from tests.conftest import _shared, once
from tests.disclosure.people import AGE, AREA, PLACES, SEX, SURVEY, SURVEY_YML, people_project
from tests.disclosure.people import inside as places

COUNT, PROTECT, DOMINANCE = 4, 2, 0.85
WAVE = "2021"
ITEMS = ("vol", "perte", "panne")
VARIABLES = "".join(
    f"  {name}: {{label: {name}, column: {name}, categories: {{oui: OUI, non: NON}}}}\n"
    for name in ITEMS
) + "".join(
    f"  {name}: {{label: {name}, column: {name}, type: numeric}}\n"
    for name in ("depense", "heures")
)
INDICATORS = f"""\
  incidents:
    {{label: Incidents, theme: t, phrase: ont eu, measure: battery, population: all,
     items: [{", ".join(f"{i} == oui" for i in ITEMS)}]}}
  prix:
    {{label: Prix, theme: t, phrase: payent, measure: ratio, numerator: depense,
     denominator: heures, unit: euros, population: all}}
  temps:
    {{label: Temps, theme: t, phrase: passent, measure: quantile, variable: heures,
     shares: [0.5, 0.98], population: all}}
"""
Numbers = NDArray[np.float64]


def answers(wave: str) -> pl.DataFrame:
    """Few had an incident; one of the women of age a2 spends nearly all of their money."""
    random = np.random.default_rng(int(wave))
    n = 900
    had = random.random((n, 3)) < 0.006
    return pl.DataFrame(
        {name: np.where(had[:, k], "OUI", "NON") for k, name in enumerate(ITEMS)}
        | {"heures": random.integers(1, 40, n), "depense": random.integers(10, 40, n)}
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The survey of :mod:`tests.disclosure.people` with more questions, its estimates made."""
    folder = _shared(tmp_path_factory, "measures")
    with once(folder) as first, pytest.MonkeyPatch.context() as patch:
        if first:
            patch.delenv("BARO_DATA", raising=False)
            patch.delenv("BARO_PROJECT", raising=False)
            project = people_project(folder)
            text = SURVEY_YML.replace("indicators:\n", f"{VARIABLES}indicators:\n{INDICATORS}")
            (project.surveys / SURVEY / "survey.yml").write_text(text, "utf-8")
            for wave in ("2021", "2022"):
                ask(folder / "data" / SURVEY / f"g{wave}.csv", wave)
            build(project, only_estimates=True)
    return Project(folder)


def ask(path: Path, wave: str) -> None:
    """Put the new answers beside the others."""
    known = pl.read_csv(path)
    more = answers(wave)
    rich = known.with_row_index().filter(sexe="F", age="A2")["index"][0]
    more[int(rich), "depense"] = 90_000
    table = pl.concat([known, more], how="horizontal")
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([table.columns, *table.rows()])


@pytest.fixture(scope="module")
def people(made: Project) -> pl.DataFrame:
    frame = pl.read_csv(made.root / "data" / SURVEY / f"g{WAVE}.csv")
    had = pl.sum_horizontal(pl.col(i) == "OUI" for i in ITEMS)
    return frame.with_columns(had=had)


@pytest.fixture(scope="module")
def told(made: Project) -> pl.DataFrame:
    return pl.read_parquet(made.estimates(SURVEY)).filter(wave=WAVE)


def groups() -> list[tuple[str, str]]:
    """Every group that is published."""
    ages = [("age_sexe", f"{a}.{s}") for a in AGE for s in SEX]
    return [
        ("ensemble", "ensemble"), *(("sexe", s) for s in SEX), *(("age", a) for a in AGE),
        ("generation", "jeunes"), ("generation", "vieux"), *ages, *(("region", r) for r in AREA),
    ]  # fmt: skip


def inside(group: tuple[str, str]) -> Numbers:
    """(72,) whether each crossing is in a group."""
    made = np.zeros(len(PLACES))
    made[places(*group)] = 1.0
    return made


def at_places(people: pl.DataFrame, column: str) -> Numbers:
    """The sum of a column at each crossing."""
    sums = dict(people.group_by("sexe", "age", "region").agg(pl.col(column).sum()).select(
        pl.concat_str(pl.col("sexe", "age", "region").str.to_lowercase(), separator="."), column
    ).iter_rows())  # fmt: skip
    return np.array([float(sums.get(".".join(p), 0)) for p in PLACES])


class Attack:
    """Sums at each crossing that fit every printed mean or ratio of an indicator."""

    def __init__(self, told: pl.DataFrame, indicator: str, over: Numbers, cap: Numbers) -> None:
        self.cap, self.rows, self.ends = cap, list[Numbers](), list[float]()
        rows = told.filter(indicator=indicator)
        known = dict(zip(rows["domain", "domain_value"].iter_rows(), rows["estimate"], strict=True))
        self.of = {g: inside(g) for g in groups()}
        for group, value in known.items():
            if value is not None:
                low, high = printed_as(value, share=indicator == "incidents")
                total = float(self.of[group] @ over)
                self.rows += [self.of[group], -self.of[group]]
                self.ends += [high * total, -low * total]

    def width(self, group: tuple[str, str]) -> float:
        """How far apart the least and the greatest sum of a group are."""
        ends = []
        for side in (1.0, -1.0):
            found = linprog(
                side * self.of[group], A_ub=np.array(self.rows), b_ub=np.array(self.ends) + 1e-9,
                bounds=[(0, c) for c in self.cap],
            )  # fmt: skip
            assert found.x is not None, "the truth itself does not fit: the attack is mistaken"
            ends.append(float(self.of[group] @ found.x))
        return ends[1] - ends[0]


def printed_as(value: float, *, share: bool) -> tuple[float, float]:
    """What is printed so: a share to two digits of it or of its rest, else to two digits."""
    least = min(value, 1 - value) if share else value
    step = 10.0 ** (math.floor(math.log10(least)) - 1) if least > 0 else 1e-3
    step = min(max(step, 1e-3), 1e-2) if share else step
    return value - step / 2, value + step / 2


def few(people: pl.DataFrame) -> list[tuple[str, str]]:
    """Groups of which fewer than ``count`` had an incident."""
    had = at_places(people.with_columns(one=(pl.col("had") > 0).cast(pl.Int64)), "one")
    return [g for g in groups() if 0 < float(inside(g) @ had) < COUNT]


def hidden(told: pl.DataFrame, indicator: str, category: str = "") -> set[tuple[str, str]]:
    rows = told.filter((pl.col("indicator") == indicator) & (pl.col("category") == category))
    gone = rows.filter(pl.col("estimate").is_null())
    return set(gone["domain", "domain_value"].iter_rows())


def incidents(told: pl.DataFrame, people: pl.DataFrame) -> Attack:
    size = at_places(people.with_columns(one=pl.lit(1)), "one")
    return Attack(told, "incidents", size, size)


def test_a_battery_that_few_said_yes_to_stays_uncertain(
    told: pl.DataFrame, people: pl.DataFrame
) -> None:
    small = few(people)
    assert len(small) > 3
    assert set(small) <= hidden(told, "incidents")
    assert ("ensemble", "ensemble") not in hidden(told, "incidents")
    attack = incidents(told, people)
    assert [g for g in small if attack.width(g) < PROTECT - 1e-6] == []


def test_a_battery_told_for_all_other_groups_is_worked_out(
    told: pl.DataFrame, people: pl.DataFrame
) -> None:
    """Planted: only what the rule is about is hidden, and no other with it."""
    small = few(people)
    had, size = at_places(people, "had"), at_places(people.with_columns(one=pl.lit(1)), "one")
    truth = [
        {"indicator": "incidents", "domain": g[0], "domain_value": g[1],
         "estimate": None if g in small else float(inside(g) @ had / 3 / (inside(g) @ size))}
        for g in groups()
    ]  # fmt: skip
    attack = incidents(pl.DataFrame(truth), people)
    assert [g for g in small if attack.width(g) < PROTECT - 1e-6] != []


def test_a_ratio_of_which_one_respondent_is_nearly_all_stays_uncertain(
    told: pl.DataFrame, people: pl.DataFrame
) -> None:
    total, hours = at_places(people, "depense"), at_places(people, "heures")
    rich = ("age_sexe", "a2.f")
    assert rich in hidden(told, "prix")
    attack = Attack(told, "prix", hours, 20 * total)
    spent = float(attack.of[rich] @ total)
    assert float(people["depense"].max()) > DOMINANCE * spent  # type: ignore[arg-type]
    assert attack.width(rich) >= 0.1 * spent
    assert hidden(told, "prix") - {rich}, "alone it would be the other ages less their margin"


def test_a_quantile_with_few_on_a_side_is_hidden(told: pl.DataFrame, people: pl.DataFrame) -> None:
    """2 % of 112 people are two; the median has 56 on either side."""
    size = {v: n for d, v, n in told.filter(indicator="temps", category="q50")[
        "domain", "domain_value", "n"].iter_rows() if d == "age_sexe"}  # fmt: skip
    assert all(0.02 * n < COUNT for n in size.values())
    assert hidden(told, "temps", "q98") >= {("age_sexe", v) for v in size}
    assert ("ensemble", "ensemble") not in hidden(told, "temps", "q98")  # 18 of 900
    assert hidden(told, "temps", "q50") == set()
