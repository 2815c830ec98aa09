"""What was printed comes out of the real microdata: ``surveys/*/published.csv``.

The fixture ``real_estimates`` is the table of estimates of the Baromètre du numérique, computed
from the real files; its tests are skipped where the files are absent.
"""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from analysis.definition import Survey, load_survey

# Print rounds to the unit: half a point is agreement. A point allows for a rounding of a rounding
# and for the corrections that a producer makes between a report and an open file.
ROUNDING = 0.5
TOLERANCE = 1.0
EPSILON = 1e-9
SHARE_WITHIN_ROUNDING = 0.95

SURVEY = "barometre_numerique"
COLUMNS = [
    "wave", "indicator", "category", "domain", "domain_value",
    "published", "unit", "source", "note",
]  # fmt: skip
CELL = COLUMNS[:5]


def published_rows(root: Path) -> list[dict[str, str]]:
    with (root / "surveys" / SURVEY / "published.csv").open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


@pytest.fixture(scope="module")
def survey(project_root: Path) -> Survey:
    return load_survey(project_root / "surveys", SURVEY)


@pytest.fixture(scope="module")
def rows(project_root: Path) -> list[dict[str, str]]:
    return published_rows(project_root)


@pytest.fixture(scope="module")
def compared(project_root: Path, real_estimates: pl.DataFrame) -> pl.DataFrame:
    """The rows of published.csv with ``found``, in their unit, and ``miss``, its distance."""
    printed = pl.DataFrame(published_rows(project_root), schema=dict.fromkeys(COLUMNS, pl.String))
    found = pl.when(pl.col("unit") == "%").then(100 * pl.col("estimate")).otherwise("estimate")
    joined = printed.join(real_estimates.select(*CELL, "estimate"), on=CELL, how="left")
    return joined.with_columns(
        found=found, miss=(found - pl.col("published").cast(pl.Float64)).abs()
    )


def listed(frame: pl.DataFrame) -> str:
    """The rows of ``frame``, one a line, for the message of a failing test."""
    shown = frame.select(*CELL, "published", "found")
    return "\n".join(" ".join(map(str, row)) for row in shown.iter_rows())


# --- the file itself, without microdata ---------------------------------------------------------


def test_the_file_has_its_columns_and_enough_rows(rows: list[dict[str, str]]) -> None:
    assert list(rows[0]) == COLUMNS
    assert len(rows) >= 130


def test_no_figure_is_tied_twice(rows: list[dict[str, str]]) -> None:
    keys = [tuple(row[c] for c in CELL) for row in rows]
    assert len(set(keys)) == len(keys)


def test_each_figure_has_its_source_and_its_unit(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert "http" in row["source"], row
        assert row["unit"] in {"%", "h"}, row
        assert float(row["published"]) >= 0, row


def test_each_figure_is_tied_to_what_is_declared(
    rows: list[dict[str, str]], survey: Survey
) -> None:
    for row in rows:
        wave = row["wave"]
        assert row["indicator"] in survey.indicators_in(wave), row
        assert row["category"] in survey.categories(row["indicator"]), row
        if row["domain"] == "ensemble":
            assert row["domain_value"] == "ensemble", row
            continue
        domain = survey.domains_in(wave)[row["domain"]]
        assert row["domain_value"] in survey.spec.variables[domain.variable].categories, row


def test_a_mean_is_printed_in_the_unit_of_its_variable(
    rows: list[dict[str, str]], survey: Survey
) -> None:
    for row in rows:
        mean = survey.spec.indicators[row["indicator"]].measure == "mean"
        assert (row["unit"] != "%") == mean, row


# --- against the microdata ----------------------------------------------------------------------


def test_each_figure_has_a_cell(compared: pl.DataFrame) -> None:
    absent = compared.filter(pl.col("found").is_null())
    assert absent.is_empty(), listed(absent)


def test_nearly_all_figures_agree_to_rounding(compared: pl.DataFrame) -> None:
    apart = compared.filter(pl.col("miss") > ROUNDING + EPSILON)
    assert 1 - apart.height / compared.height >= SHARE_WITHIN_ROUNDING, listed(apart)


def test_whatever_misses_by_more_than_a_point_has_its_reason(compared: pl.DataFrame) -> None:
    apart = compared.filter((pl.col("miss") > TOLERANCE + EPSILON) & (pl.col("note") == ""))
    assert apart.is_empty(), listed(apart)


def test_whatever_has_a_reason_does_miss(compared: pl.DataFrame) -> None:
    agreed = compared.filter((pl.col("miss") <= TOLERANCE + EPSILON) & (pl.col("note") != ""))
    assert agreed.is_empty(), listed(agreed)


# Decimals from the notes of the survey, not from print: they tell a population from another.
@pytest.mark.parametrize(
    ("indicator", "wave", "percent"),
    [
        ("maitrise_insuffisante", "2022", 25.5),  # 23.3 if minors were counted as "Non"
        ("maitrise_insuffisante", "2020", 18.3),
        ("eloignes_du_numerique", "2022", 31.5),
        ("eloignes_du_numerique", "2020", 22.6),
        ("au_moins_un_frein", "2020", 35.4),  # 34.3 if it were any of the four
        ("au_moins_un_frein", "2022", 48.3),
        ("difficulte_demarches", "2020", 38.1),
        ("difficulte_demarches", "2022", 54.4),
        ("achat_en_ligne", "2020", 75.6),  # of everybody
        ("achat_en_ligne_internautes", "2020", 82.0),  # of users
        ("achat_mensuel", "2022", 48.7),  # of buyers; 37.5 of everybody
        ("fibre_ou_cable", "2022", 55.8),  # of subscribers
        ("sans_internet_fixe", "2020", 14.7),  # "Non" alone: 14.1
        ("internautes", "2014", 83.0),
        ("jamais_internet", "2022", 8.1),
        ("ordinateur", "2020", 61.0),
        ("ordinateur", "2022", 88.7),
        ("ecran_plus_35h", "2022", 29.8),  # 35 hours and more: 33.7
    ],
)
def test_figures_known_to_a_tenth(
    real_estimates: pl.DataFrame, indicator: str, wave: str, percent: float
) -> None:
    cell = real_estimates.filter(
        (pl.col("indicator") == indicator)
        & (pl.col("wave") == wave)
        & (pl.col("domain") == "ensemble")
    )
    assert cell.height == 1
    assert 100 * cell["estimate"].item() == pytest.approx(percent, abs=0.1)


def test_screen_hours_leave_out_those_who_do_not_know(real_estimates: pl.DataFrame) -> None:
    cell = real_estimates.filter(
        (pl.col("indicator") == "heures_ecran") & (pl.col("domain") == "ensemble")
    )
    assert cell["wave"].to_list() == ["2022"]
    assert cell["estimate"].item() == pytest.approx(31.9, abs=0.1)  # some 100 000 with the 999999


@pytest.mark.parametrize(
    ("zone", "low", "high"),
    [("bassin_parisien", 15, 19), ("nord", 5.5, 7.5), ("mediterranee", 10.5, 13.5)],
)
def test_zones_keep_their_weight_over_2018(
    real_estimates: pl.DataFrame, zone: str, low: float, high: float
) -> None:
    """Read as labelled, Nord falls from 17 % to 6 and Méditerranée appears in 2018."""
    cells = real_estimates.filter(
        (pl.col("indicator") == "internet_fixe") & (pl.col("domain") == "zone")
    )
    shares = cells.with_columns(
        share=100 * pl.col("n_weighted") / pl.col("n_weighted").sum().over("wave")
    ).filter(pl.col("domain_value") == zone)
    assert shares.height == 14
    assert shares["share"].is_between(low, high).all(), shares.select("wave", "share")
