"""Bases, shares and means of the small survey, counted by hand; refusals; the rows of the table."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimates import SCHEMA, WHOLE
from analysis.harmonise import harmonise
from analysis.tabulation import tabulate
from tests.surveys_maker import SURVEY_YML, Small, changed, small_survey

# The rows of 2019, as weight: internet, achat, avis, heures, age (see test_harmonise).
#   r1 1.5 oui  souvent   bon        10    30      r5 1 nsp  not_asked  nsp      nsp   70
#   r2 0.5 oui  jamais    mauvais    20.5  45      r6 1 oui  souvent    refused  40    39
#   r3 1   oui  jamais    passed     nsp   17      r7 2 non  not_asked  passed   nr    40
#   r4 2   non  not_asked bon        0     60      r8 1 oui  nsp        mauvais  168   12
EVERYBODY = 10.0  # sum of weights
EXACT = 1e-12


def made(folder: Path, survey_yml: str = SURVEY_YML) -> pl.DataFrame:
    small = Small(small_survey(folder, survey_yml), folder)
    frame = harmonise(small.survey, "2019", small.rows())
    return tabulate(small.survey, "2019", frame, origin="observed", definition_hash="abc")


def cell(
    table: pl.DataFrame, indicator: str, category: str = "", value: str = WHOLE
) -> dict[str, object]:
    rows = table.filter(indicator=indicator, category=category, domain_value=value)
    return rows.row(0, named=True)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return made(tmp_path_factory.mktemp("tabulation"))


# --- who is in the denominator ------------------------------------------------------------------

OPINION = """\
  favorables:
    label: Favorables
    theme: usages
    numerator: avis == bon
    population: all
    base: BASE
"""
BASES = {
    # everybody but those not asked (nobody here): those passed over and nsp count as "no"
    "everyone": (3.5, EVERYBODY, 8),
    # less r3 and r7, passed over: nsp (r5) and refused (r6) count as "no"
    "asked": (3.5, 7.0, 6),
    # r1, r2, r4, r8 gave an opinion
    "answered": (3.5, 5.0, 4),
}


@pytest.mark.parametrize("base", BASES)
def test_a_base_keeps_whom_it_says(tmp_path: Path, base: str) -> None:
    text = changed("domains:\n", OPINION.replace("BASE", base) + "domains:\n")
    yes, weight, n = BASES[base]
    found = cell(made(tmp_path, text), "favorables")
    assert found["n_weighted"] == pytest.approx(weight, rel=EXACT)
    assert found["n"] == n
    assert found["estimate"] == pytest.approx(yes / weight, rel=EXACT)


def test_asked_is_the_base_unless_another_is_declared(table: pl.DataFrame) -> None:
    found = cell(table, "internautes")  # r5 does not know: in the base, not counted
    assert (found["n"], found["n_weighted"]) == (8, EVERYBODY)
    assert found["estimate"] == pytest.approx(5 / 10, rel=EXACT)


def test_a_population_and_answers_only(table: pl.DataFrame) -> None:
    """Buyers among r1, r2, r3, r6: r8 uses internet and does not know."""
    found = cell(table, "acheteurs")
    assert (found["n"], found["n_weighted"]) == (4, 4.0)
    assert found["estimate"] == pytest.approx(2.5 / 4, rel=EXACT)


def test_a_mean_is_over_valid_numbers_of_its_population(table: pl.DataFrame) -> None:
    """Adults with a number: r1, r2, r4, r6; (15 + 10.25 + 0 + 40) / 5."""
    found = cell(table, "heures")
    assert (found["n"], found["n_weighted"]) == (4, 5.0)
    assert found["estimate"] == pytest.approx(65.25 / 5, rel=EXACT)
    assert str(found["method"]).startswith("mean")


def test_a_distribution_of_valid_answers_adds_to_1(table: pl.DataFrame) -> None:
    good, bad = cell(table, "opinion", "bon"), cell(table, "opinion", "mauvais")
    assert good["estimate"] == pytest.approx(3.5 / 5, rel=EXACT)
    assert bad["estimate"] == pytest.approx(1.5 / 5, rel=EXACT)
    assert good["n"] == bad["n"] == 4


def test_a_domain_is_estimated_among_its_own(table: pl.DataFrame) -> None:
    """Women r1, r2, r5, r7, r8: internet for 3 of 6 by weight; men r3, r4, r6: 2 of 4."""
    assert cell(table, "internautes", value="femme")["estimate"] == pytest.approx(3 / 6, rel=EXACT)
    assert cell(table, "internautes", value="homme")["n_weighted"] == 4.0
    young = cell(table, "internautes", value="jeune")
    assert (young["estimate"], young["n"]) == (1.0, 4)
    assert "korn-graubard" in str(young["method"])


def test_whoever_has_no_domain_is_in_none_of_its_levels(tmp_path: Path) -> None:
    text = changed("{label: Sexe, variable: sexe}", "{label: Avis, variable: avis}")
    table = made(tmp_path, text)
    assert cell(table, "internautes", value="bon")["n"] == 2
    assert set(table.filter(domain="sexe")["domain_value"]) == {"bon", "mauvais"}


def test_the_standard_error_is_that_of_the_textbook(table: pl.DataFrame) -> None:
    """Eight people, p = 1/2: V = 8/7 Σ (w(y - p)/10)² = 8/7 · Σw²/400, Σw² = 14.5."""
    found = cell(table, "internautes")
    squares = 1.5**2 + 0.5**2 + 1 + 4 + 1 + 1 + 4 + 1
    variance = 8 / 7 * squares / 400
    assert found["se"] == pytest.approx(variance**0.5, rel=1e-10)
    assert found["cv"] == pytest.approx(variance**0.5 / 0.5, rel=1e-10)
    assert found["deff"] == pytest.approx(variance / (0.25 / 7), rel=1e-10)
    assert found["n_eff"] == pytest.approx(8 / (variance / (0.25 / 7)), rel=1e-10)
    assert (found["df"], found["df_domain"]) == (7, 7)


# --- the rows -----------------------------------------------------------------------------------


def test_the_rows_have_the_columns_of_the_table(table: pl.DataFrame) -> None:
    assert dict(table.schema) == SCHEMA
    assert table["survey"].unique().to_list() == ["small"]
    assert table["wave"].unique().to_list() == ["2019"]
    assert table["origin"].unique().to_list() == ["observed"]
    assert table["definition_hash"].unique().to_list() == ["abc"]


def test_there_is_a_row_a_cell_and_none_for_an_empty_base(table: pl.DataFrame) -> None:
    """Four indicators, five rows with the two opinions; whole, two sexes, two ages."""
    assert table.select("indicator", "category").unique().height == 5
    assert table.height == 25
    assert table["n"].min() == 1 or table["n"].min() == 2
    assert "tablettes" not in table["indicator"]


def test_no_figure_is_nan(table: pl.DataFrame) -> None:
    floats = table.select(pl.col(pl.Float64))
    assert floats.select(pl.all().is_nan().any()).row(0) == (False,) * len(floats.columns)


def test_a_wave_without_indicators_has_no_rows(tmp_path: Path) -> None:
    start, end = SURVEY_YML.index("indicators:\n"), SURVEY_YML.index("domains:\n")
    text = SURVEY_YML[:start] + (
        "indicators:\n"
        "  tablettes: {label: T, theme: usages, numerator: tablette == oui, population: all,"
        ' waves: "2021"}\n'
    )
    empty = made(tmp_path, text + SURVEY_YML[end:])
    assert empty.height == 0
    assert dict(empty.schema) == SCHEMA


def test_a_domain_nobody_answers_has_no_rows(tmp_path: Path) -> None:
    text = changed("{label: Sexe, variable: sexe}", "{label: Vide, variable: vide}")
    text = changed(
        "indicators:\n",
        "  vide:\n    label: Vide\n    type: derived\n"
        "    categories: {vieux: {label: Centenaires, when: age > 100}}\nindicators:\n",
        text,
    )
    assert made(tmp_path, text).filter(domain="sexe").height == 0


# --- refusals -----------------------------------------------------------------------------------


def test_a_population_with_people_not_asked_is_refused(tmp_path: Path) -> None:
    text = changed("    population: internautes\n", "    population: all\n")
    with pytest.raises(BaroError) as caught:
        made(tmp_path, text)
    (problem,) = caught.value.problems
    assert problem.where == "surveys/small/survey.yml: indicators.acheteurs, wave 2019"
    assert problem.found == "3 people of its population were not asked achat"  # r4, r5, r7
    assert "the universe of achat (internautes)" in problem.expected
    assert "narrow population:" in problem.remedy


def test_every_indicator_that_is_too_wide_is_named(tmp_path: Path) -> None:
    text = changed("    population: internautes\n", "    population: all\n")
    text = changed("domains:\n", OPINION.replace("avis == bon", "achat == jamais")
                   .replace("BASE", "everyone") + "domains:\n", text)  # fmt: skip
    with pytest.raises(BaroError) as caught:
        made(tmp_path, text)
    assert len(caught.value.problems) == 2


def test_strata_are_the_texts_of_the_file(tmp_path: Path) -> None:
    """r2 is "F" where others are "Femme": recoded as a variable, alone as a stratum."""
    text = changed("sampling: quota,", "sampling: probability, strata: SEXE,")
    with pytest.raises(BaroError, match="design: stratum F\n  a single PSU"):
        made(tmp_path, text)


def test_a_stratum_is_never_a_missing_answer(tmp_path: Path) -> None:
    text = changed("sampling: quota,", "sampling: probability, strata: AVIS,")
    with pytest.raises(BaroError, match="where the design needs a value"):
        made(tmp_path, text)
