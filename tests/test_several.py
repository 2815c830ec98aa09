"""Multiple and ranked answers, dates and indices: from raw cells to plain variables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from analysis.definition import Survey
from analysis.demonstration import draw_wave
from analysis.errors import BaroError
from analysis.harmonise import harmonise
from analysis.ingest import ROW
from analysis.validate import WaveRows, validate_raw, wave_rows
from tests.rich_maker import RICH_YML, ROWS, rich_frame, rich_rows, rich_survey
from tests.surveys_maker import changed


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> tuple[Survey, pl.DataFrame]:
    return rich_frame(tmp_path_factory.mktemp("rich"))


# variable -> its values for r1 to r6
VALUES = {
    # "" everywhere in the row: nothing was ticked, which none: reads as nonresponse
    "freins_temps": ["oui", "oui", "non", "nonresponse", "dont_know", "non"],
    "freins_cout": ["non", "oui", "oui", "nonresponse", "dont_know", "oui"],
    # none: answer: an empty cell ticks nothing and is an answer
    "outils_tel": ["oui", "oui", "non", "dont_know", "non", "oui"],
    "outils_ordi": ["oui", "non", "non", "dont_know", "oui", "non"],
    "outils_autre": ["non", "non", "non", "dont_know", "non", "oui"],
    "priorites_1": ["aide", "prix", "debit", "nonresponse", "aide", "prix"],
    # a free rank after a citation is no missing answer
    "priorites_2": ["prix", "not_applicable", "aide", "nonresponse", "debit", "aide"],
    "priorites_aide": ["oui", "non", "oui", "nonresponse", "oui", "oui"],
    "priorites_aide_1": ["oui", "non", "non", "nonresponse", "oui", "non"],
    "raisons_1": ["x", "y", "dont_know", "nonresponse", "x", "y"],
    "raisons_2": ["y", "not_applicable", "dont_know", "nonresponse", "not_applicable", "x"],
    "raisons_x": ["oui", "non", "dont_know", "nonresponse", "oui", "oui"],
}


@pytest.mark.parametrize("name", VALUES)
def test_each_part_is_a_plain_variable(rich: tuple[Survey, pl.DataFrame], name: str) -> None:
    survey, frame = rich
    assert frame[name].cast(pl.String).to_list() == VALUES[name]
    assert survey.spec.variables[name].type in ("single", "derived")


def test_the_whole_is_no_variable_any_more(rich: tuple[Survey, pl.DataFrame]) -> None:
    survey, frame = rich
    assert "freins" not in survey.spec.variables
    assert set(survey.multiples) == {"freins", "outils", "priorites", "raisons"}
    assert survey.items_of("freins") == {"temps": "freins_temps", "cout": "freins_cout"}
    assert survey.column("outils_tel", "2021") == "OUTILS"
    assert not [c for c in frame.columns if "[" in c]


def test_a_date_is_a_day_beside_its_kind_of_missing(rich: tuple[Survey, pl.DataFrame]) -> None:
    _, frame = rich
    assert frame["debut"].to_list()[:4] == [date(2021, 6, d) for d in (15, 16, 17)] + [None]
    assert frame["debut.missing"].to_list()[3] == "dont_know"


def test_a_date_is_compared_with_a_day(tmp_path: Path) -> None:
    text = changed(
        "  depense:\n    label: Dépense\n",
        "  quinzaine:\n    label: Q\n    type: derived\n    categories:\n"
        "      avant: {label: Avant, when: debut < 2021-06-17}\n"
        "      apres: {label: Après, when: debut >= 2021-06-17}\n"
        "  depense:\n    label: Dépense\n",
        RICH_YML,
    )
    _, frame = rich_frame(tmp_path, text)
    assert frame["quinzaine"].to_list() == [
        "avant", "avant", "apres", "dont_know", "apres", "apres",
    ]  # fmt: skip


def test_an_index_counts_what_is_true_among_enough_answers(
    rich: tuple[Survey, pl.DataFrame],
) -> None:
    """At least two of three; r4 answers none, r5 one: the kind of the first that is missing."""
    _, frame = rich
    assert frame["usages"].to_list() == [2.0, 3.0, 1.0, None, None, 2.0]
    kinds = frame["usages.missing"].cast(pl.String).to_list()
    assert kinds == [None, None, None, "dont_know", "dont_know", None]


def test_an_index_averages_the_numbers_there_are(rich: tuple[Survey, pl.DataFrame]) -> None:
    _, frame = rich
    assert frame["charge"].to_list() == [6.0, 11.0, 17.0, 1.0, 40.0, 2.5]


@pytest.mark.parametrize(
    ("rule", "values"),
    {
        "sum": [2.0, 3.0, 1.0, None, None, 2.0],
        "share": [2 / 3, 1.0, 1 / 3, None, None, 2 / 3],
        "mean": [2 / 3, 1.0, 1 / 3, None, None, 2 / 3],
    }.items(),
)
def test_the_rules_of_an_index(tmp_path: Path, rule: str, values: list[float | None]) -> None:
    _, frame = rich_frame(tmp_path, changed("rule: count", f"rule: {rule}", RICH_YML))
    assert frame["usages"].to_list() == pytest.approx(values)


# --- what the raw file may not hold -------------------------------------------------------------


def refused(folder: Path, row: int, column: int, text: str, **more: str) -> BaroError:
    survey = rich_survey(folder, **more)
    rows = [list(r) for r in ROWS]
    rows[row][column] = text
    with pytest.raises(BaroError) as caught:
        rich_rows(survey, folder, rows)
    return caught.value


def test_a_text_between_separators_that_is_no_item_is_named(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, 1, 6, "Téléphone;Tablette").problems
    assert problem.where == "a.csv: row 3, column OUTILS"
    assert (problem.row, problem.column, problem.value) == (3, "OUTILS", "Tablette")
    assert '"Tablette" is no item of outils' in problem.found
    assert 'under recode: in waves/2021.yml write outils: {"Tablette": <item>}' in problem.remedy


def test_a_wave_may_recode_a_text_between_separators(tmp_path: Path) -> None:
    survey = rich_survey(tmp_path, wave_text="recode: {outils: {Tablette: autre}}\n")
    rows = [list(r) for r in ROWS]
    rows[1][6] = "Téléphone;Tablette"
    frame = harmonise(survey, "2021", rich_rows(survey, tmp_path, rows))
    assert frame["outils_autre"][1] == "oui"


def test_an_item_cited_at_two_ranks_is_refused(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, 0, 8, "Aide").problems
    assert "1 rows cite an item of priorites at two ranks" in problem.found
    assert problem.column == "P1, P2"


def test_more_citations_than_ranks_are_refused(tmp_path: Path) -> None:
    found = refused(tmp_path, 0, 9, "Xylophone>Yaourt>Xylophone").problems
    assert "1 rows cite more than 2 items" in found[0].found


def test_a_text_in_the_column_of_an_item_has_no_category(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, 0, 4, "peut-être").problems
    assert problem.where == "a.csv: row 2, column F1"
    assert "no category in freins_temps" in problem.found


def test_what_is_no_day_is_refused_with_the_format(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, 0, 10, "31/02/2021").problems
    assert '"31/02/2021" is not a day' in problem.found
    assert "%d/%m/%Y" in problem.expected


def test_a_missing_column_that_is_cut_is_named_as_in_the_file(tmp_path: Path) -> None:
    survey = rich_survey(tmp_path)
    raw = pl.DataFrame({ROW: [2], "ID": ["r1"]}).with_columns(
        pl.lit("1").alias(c) for c in ("W", "SEXE", "AGE", "F1", "F2", "P1", "P2", "DEBUT", "H")
    )
    with pytest.raises(BaroError) as caught:
        wave_rows(survey, "2021", raw, "a.csv")
    columns = {p.found for p in caught.value.problems}
    assert columns == {f'the column "{c}" is missing' for c in ("OUTILS", "R", "DEP")}


# --- demonstration ------------------------------------------------------------------------------


def test_demonstration_data_fit_their_own_definition(tmp_path: Path) -> None:
    survey = rich_survey(tmp_path)
    drawn = draw_wave(survey, "2022")
    assert {"OUTILS", "P1", "P2", "R", "DEBUT"} <= set(drawn.columns)
    raw = drawn.with_row_index(ROW, offset=2)
    rows: WaveRows = wave_rows(survey, "2022", raw, "b.csv")
    validate_raw(survey, "2022", rows)
    frame = harmonise(survey, "2022", rows)
    assert frame["debut"].min() >= date(2022, 6, 15)  # type: ignore[operator]
    assert frame["usages"].null_count() < frame.height / 2
    assert set(frame["outils_tel"].cast(pl.String)) >= {"oui", "non"}
