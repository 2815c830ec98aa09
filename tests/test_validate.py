"""A wave's raw rows against its definition: each damage is one message with its remedy."""

from __future__ import annotations

import gzip
import unicodedata
from pathlib import Path

import polars as pl
import pytest

from analysis.demonstration import write_demonstration
from analysis.errors import BaroError, Problem
from analysis.harmonise import harmonise
from analysis.ingest import ROW, read_raw
from analysis.validate import validate_raw, validate_waves, wave_rows
from tests.surveys_maker import (
    HEADER,
    ROWS_2019,
    SURVEY_YML,
    WAVES,
    Small,
    changed,
    csv_bytes,
    small_survey,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    folder = tmp_path_factory.mktemp("validate")
    return Small(small_survey(folder), folder)


def damaged(*cells: tuple[int, str, str]) -> list[list[str]]:
    """The rows of 2019 with cells replaced; rows are numbered as in the file, from 2."""
    rows = [list(r) for r in ROWS_2019]
    for row, column, value in cells:
        rows[row - 2][HEADER.index(column)] = value
    return rows


def refused(small: Small, rows: list[list[str]]) -> tuple[Problem, ...]:
    """What stops the wave, before or after its answers are given a meaning."""
    with pytest.raises(BaroError) as caught:
        harmonise(small.survey, "2019", small.rows(*rows))
    for problem in caught.value.problems:
        assert problem.where.startswith("small-2019.csv")
        assert problem.remedy
    return caught.value.problems


def test_the_rows_of_the_survey_are_valid(small: Small) -> None:
    assert small.rows().frame.height == len(ROWS_2019)


# --- one damaged cell: row, column, value; what is found, what is said ---------------------------

WEIGHT = "correct the weight in the file"
IDENTIFIER = "give each respondent an identifier"
CELLS: dict[str, tuple[int, str, str, str, str]] = {
    "weight NA": (3, "W", "NA", '"NA" is not a weight', WEIGHT),
    "weight empty": (3, "W", "", '"" is not a weight', WEIGHT),
    "weight of blanks": (3, "W", "  ", '"" is not a weight', WEIGHT),
    "weight negative": (3, "W", "-0,5", '"-0,5" is negative', WEIGHT),
    "weight text": (3, "W", "lourd", '"lourd" is not a weight', WEIGHT),
    "weight NaN": (3, "W", "NaN", '"NaN" is not a weight', WEIGHT),
    "weight infinite": (3, "W", "inf", '"inf" is not a weight', WEIGHT),
    "weight too large": (3, "W", "1e999", '"1e999" is not a weight', WEIGHT),
    "weight with the other decimal": (3, "W", "0.5", '"0.5" is not a weight', WEIGHT),
    "weight in other digits": (3, "W", "١", '"١" is not a weight', WEIGHT),
    "weight with thousands": (3, "W", "1 000,5", '"1 000,5" is not a weight', WEIGHT),
    "identifier NA": (3, "ID", "NA", 'identifier "NA" is no identifier', IDENTIFIER),
    "identifier empty": (3, "ID", "", 'identifier "" is no identifier', IDENTIFIER),
    "identifier of blanks": (3, "ID", " \t", 'identifier "" is no identifier', IDENTIFIER),
    "unknown label": (4, "WEB", "Ouii", '"Ouii" has no category in internet', "Ouii"),
    "label in other case": (4, "WEB", "oui", '"oui" has no category', 'internet: {"oui": '),
    "label empty": (4, "WEB", "", '"" has no category', 'internet: {"": <category>}'),
    "label of another variable": (4, "SEXE", "Oui", '"Oui" has no category in sexe', "sexe: "),
    "number out of range": (4, "AGE", "111", '"111" is out of range for age', "missing: of age"),
    "number below": (4, "AGE", "-5", '"-5" is out of range for age', "missing: of age"),
    "text in a number": (4, "AGE", "vieux", '"vieux" is not a number', 'declare "vieux"'),
    "empty number": (4, "AGE", "", '"" is not a number', 'declare ""'),
    "number of the other decimal": (4, "AGE", "39.5", '"39.5" is not a number', "age"),
    "number in other digits": (4, "AGE", "٣٩", '"٣٩" is not a number', "age"),
    "hexadecimal": (4, "AGE", "0x20", '"0x20" is not a number', "age"),
    "sentinel of another variable": (4, "AGE", "999", '"999" is out of range', "age"),
    "sentinel not declared": (4, "HEURES", "-2", '"-2" is out of range', "heures"),
    "a value where the wave did not ask": (
        4,
        "TAB",
        "Oui",
        '"Oui", though tablette is not declared for 2019',
        'under filled: in waves/2019.yml write tablette: "Oui"',
    ),
    "an answer outside the universe": (
        5,
        "ACHAT",
        "Jamais",
        "1 rows answer achat outside its universe internautes",
        "correct universe: of achat for 2019",
    ),
    "a gap inside the universe": (
        2,
        "ACHAT",
        "NA",
        "1 rows have no value though internautes were asked achat",
        "declare skipped:",
    ),
    "a gap inside a number": (3, "AGE", "NA", "1 rows have no value though all", "skipped:"),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_damaged_cell(small: Small, name: str) -> None:
    row, column, value, found, said = CELLS[name]
    (problem,) = refused(small, damaged((row, column, value)))
    assert problem.where == f"small-2019.csv: row {row}, column {column}"
    assert found in problem.found
    assert said in problem.remedy


def test_an_unknown_label_is_given_the_nearest_known(small: Small) -> None:
    (problem,) = refused(small, damaged((4, "WEB", "Ouii")))
    assert problem.expected == 'did you mean "Oui"?'
    assert problem.remedy == 'under recode: in waves/2019.yml write internet: {"Ouii": <category>}'


def test_what_is_expected_of_a_number(small: Small) -> None:
    (problem,) = refused(small, damaged((4, "AGE", "111")))
    assert problem.expected == "12 to 110"


def test_a_duplicated_identifier_names_its_first_row_and_how_many(small: Small) -> None:
    (problem,) = refused(small, damaged((4, "ID", "r1"), (6, "ID", " r1 ")))
    assert problem.where == "small-2019.csv: row 2, column ID"
    assert problem.found == 'the identifier "r1" is there more than once (3 rows)'
    assert "remove the repeated row" in problem.remedy


@pytest.mark.parametrize(
    "label",
    [
        "<script>alert(1)</script>",
        "=HYPERLINK(x)",
        "../../etc/passwd",
        "%s%n{0}{wave}",
        "\u202egauche",
        "עברית",
        "\x1b[2J\x1b]0;titre\x07",
        "a\u200bb",
        "'\"\\",
        "NULL",
        "🙂",
    ],
)
def test_a_hostile_label_comes_out_safely(small: Small, label: str) -> None:
    (problem,) = refused(small, damaged((4, "WEB", label)))
    shown = str(problem)
    assert problem.where == "small-2019.csv: row 4, column WEB"
    assert "has no category in internet" in shown
    assert all(c == "\n" or unicodedata.category(c)[0] != "C" for c in shown)


def test_a_label_over_lines_stays_in_its_line_of_the_message(small: Small) -> None:
    (problem,) = refused(small, damaged((4, "WEB", "Oui\n-> remove the survey")))
    assert len(str(problem).splitlines()) == 4


def test_a_long_label_is_shortened(small: Small) -> None:
    (problem,) = refused(small, damaged((4, "WEB", "x" * 100_000)))
    assert len(str(problem)) < 700
    assert "(100000 characters)" in problem.found


def test_rows_with_the_same_fault_are_counted(small: Small) -> None:
    (problem,) = refused(small, damaged((4, "WEB", "?"), (7, "WEB", "?"), (9, "WEB", " ?")))
    assert problem.where == "small-2019.csv: row 4, column WEB"
    assert "(3 rows)" in problem.found


def test_many_values_with_the_same_fault_are_summed_up(small: Small) -> None:
    rows = [[f"x{i}", "1", "Femme", "30", f"v{i}", *ROWS_2019[0][5:]] for i in range(30)]
    with pytest.raises(BaroError) as caught:
        small.rows(*rows)
    assert len(caught.value.problems) == 9
    assert caught.value.problems[-1].found == "22 more values fail the same check"


def test_five_faults_planted_are_five_found(small: Small) -> None:
    found = refused(
        small,
        damaged(
            (2, "W", "NA"), (3, "ID", "r1"), (4, "WEB", "Ouii"), (5, "AGE", "vieux"),
            (6, "HEURES", "200"),
        ),
    )  # fmt: skip
    assert sorted(p.where for p in found) == [
        "small-2019.csv: row 2, column ID",
        "small-2019.csv: row 2, column W",
        "small-2019.csv: row 4, column WEB",
        "small-2019.csv: row 5, column AGE",
        "small-2019.csv: row 6, column HEURES",
    ]


def test_gaps_of_several_variables_come_at_once(small: Small) -> None:
    found = refused(small, damaged((2, "ACHAT", "NA"), (2, "SEXE", "NA"), (5, "ACHAT", "Jamais")))
    assert len(found) == 3


# --- columns ------------------------------------------------------------------------------------


def without(column: str) -> list[list[str]]:
    place = HEADER.index(column)
    return [row[:place] + row[place + 1 :] for row in [HEADER, *ROWS_2019]]


@pytest.mark.parametrize("column", ["ID", "W", "SEXE", "AGE"])
def test_a_missing_column_is_named(small: Small, column: str) -> None:
    with pytest.raises(BaroError) as caught:
        small.read(csv_bytes(without(column)))
    (problem,) = caught.value.problems
    assert problem.where == "small-2019.csv: wave 2019"
    assert problem.found == f'the column "{column}" is missing'
    assert problem.remedy == (
        f"under rename: in waves/2019.yml, write {column}: <its name in the file>"
    )


def test_a_column_the_wave_did_not_ask_may_be_missing(small: Small) -> None:
    assert small.read(csv_bytes(without("TAB"))).frame.height == len(ROWS_2019)


def test_a_respelled_column_is_given_the_nearest(small: Small) -> None:
    header = ["ACHATS" if c == "ACHAT" else c for c in HEADER]
    with pytest.raises(BaroError, match=r'did you mean "ACHATS"\?'):
        small.read(csv_bytes([header, *ROWS_2019]))


def test_every_missing_column_is_named_at_once(small: Small) -> None:
    with pytest.raises(BaroError) as caught:
        small.read(csv_bytes([row[3:] for row in [HEADER, *ROWS_2019]]))
    assert [p.found.split('"')[1] for p in caught.value.problems] == ["ID", "W", "SEXE"]


def test_a_column_that_is_not_declared_is_left(small: Small) -> None:
    rows = [[*HEADER, "age.missing", "weight"], *([*r, "\x1b", "z"] for r in ROWS_2019)]
    frame = harmonise(small.survey, "2019", small.read(csv_bytes(rows)))
    assert frame["weight"].to_list() == [1.5, 0.5, 1, 2, 1, 1, 2, 1]


def test_a_missing_renamed_column_is_asked_for_under_its_name_in_the_survey(
    small: Small,
) -> None:
    drawn = small.drawn("2021").drop("INTERNET")
    rows = [drawn.columns, *map(list, drawn.iter_rows())]
    with pytest.raises(BaroError) as caught:
        small.read(gzip.compress(csv_bytes(rows, ",", "windows-1252")), "2021")
    (problem,) = caught.value.problems
    assert problem.found == 'the column "INTERNET" is missing'
    assert "write WEB: <its name in the file>" in problem.remedy


# --- rows of the wave ---------------------------------------------------------------------------


def of_2021(small: Small, frame: pl.DataFrame) -> BaroError:
    rows = [frame.columns, *map(list, frame.iter_rows())]
    with pytest.raises(BaroError) as caught:
        small.read(gzip.compress(csv_bytes(rows, ",", "windows-1252")), "2021")
    return caught.value


def test_a_wave_without_rows(small: Small) -> None:
    error = of_2021(small, small.drawn("2021").with_columns(ANNEE=pl.lit("2020")))
    assert 'no row has ANNEE = "2021"' in str(error)
    assert "correct rows: in waves/2021.yml" in str(error)


def test_a_wave_of_another_size(small: Small) -> None:
    error = of_2021(small, small.drawn("2021").head(59))
    assert "59 rows for the wave 2021" in str(error)
    assert "expected: 60" in str(error)
    assert "size: in waves/2021.yml" in str(error)


def test_without_the_column_that_tells_the_waves(small: Small) -> None:
    error = of_2021(small, small.drawn("2021").drop("ANNEE"))
    assert 'the column "ANNEE" is missing' in str(error)
    assert "correct rows: in waves/2021.yml" in str(error)


def test_rows_that_no_wave_claims(small: Small) -> None:
    drawn = small.drawn("2021")
    raw = pl.concat([drawn, drawn.head(2).with_columns(ANNEE=pl.lit("2022"))])
    with pytest.raises(BaroError) as caught:
        validate_waves(small.survey, "small-2021.csv.gz", raw)
    (problem,) = caught.value.problems
    assert problem.found == '2 rows have "2022", which no wave claims'
    assert "waves/2022.yml" in problem.remedy
    validate_waves(small.survey, "small-2021.csv.gz", drawn)
    validate_waves(small.survey, "small-2019.csv", raw)  # the whole file is one wave


# --- the design's columns -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def designed(tmp_path_factory: pytest.TempPathFactory) -> Small:
    folder = tmp_path_factory.mktemp("designed")
    text = changed(
        "sampling: quota,", "sampling: probability, strata: H, clusters: P, fpc: N,", SURVEY_YML
    )
    return Small(small_survey(folder, text), folder)


def with_design(row: int = 0, column: str = "", value: str = "") -> bytes:
    header = [*HEADER, "H", "P", "N"]
    rows = [[*r, f"h{i // 4}", f"p{i // 2}", "20"] for i, r in enumerate(ROWS_2019)]
    if column:
        rows[row - 2][header.index(column)] = value
    return csv_bytes([header, *rows])


def test_a_design_is_carried_to_the_harmonised_frame(designed: Small) -> None:
    frame = harmonise(designed.survey, "2019", designed.read(with_design()))
    assert frame["H"].to_list() == ["h0"] * 4 + ["h1"] * 4
    assert frame["N"].to_list() == ["20"] * 8


@pytest.mark.parametrize("column", ["H", "P", "N"])
@pytest.mark.parametrize("value", ["", "NA"])
def test_a_gap_in_the_design_is_refused(designed: Small, column: str, value: str) -> None:
    with pytest.raises(BaroError) as caught:
        designed.read(with_design(5, column, value))
    (problem,) = caught.value.problems
    assert problem.where == f"small-2019.csv: row 5, column {column}"
    assert "the design needs a value" in problem.found
    assert "complete the column" in problem.remedy


# --- damage to a generated file -----------------------------------------------------------------


@pytest.fixture(scope="module")
def generated(small: Small) -> dict[str, bytes]:
    written = write_demonstration(small.survey, small.folder / "generated")
    return {path.name: path.read_bytes() for path in written}


@pytest.mark.parametrize("wave", ["2019", "2021"])
def test_a_generated_file_is_valid(small: Small, generated: dict[str, bytes], wave: str) -> None:
    file = small.survey.waves[wave].file
    harmonise(small.survey, wave, small.read(generated[file], wave))


DAMAGE = {
    "cut": lambda b: b[: len(b) // 2],
    "flipped": lambda b: b[: len(b) // 2] + bytes([b[len(b) // 2] ^ 1]) + b[len(b) // 2 + 1 :],
    "utf-8": lambda b: gzip.compress(gzip.decompress(b).decode("windows-1252").encode()),
    "semicolons": lambda b: gzip.compress(gzip.decompress(b).replace(b",", b";")),
    "header only": lambda b: gzip.compress(gzip.decompress(b).split(b"\n")[0]),
    "empty": lambda b: b"",
    "NUL": lambda b: gzip.compress(gzip.decompress(b).replace(b"Femme", b"Fem\0e")),
    "no last line": lambda b: gzip.compress(b"\n".join(gzip.decompress(b).split(b"\n")[:-2])),
    "last line cut": lambda b: gzip.compress(gzip.decompress(b).rstrip()[:-20]),
    "rows twice": lambda b: gzip.compress(
        gzip.decompress(b) + gzip.decompress(b).split(b"\n", 1)[1]
    ),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_file_is_refused_by_name(
    small: Small, generated: dict[str, bytes], how: str
) -> None:
    content = DAMAGE[how](generated["small-2021.csv.gz"])
    with pytest.raises(BaroError) as caught:
        harmonise(small.survey, "2021", small.read(content, "2021"))
    for problem in caught.value.problems:
        assert problem.where.startswith("small-2021.csv.gz")
        assert problem.remedy


def test_decimal_signs_are_detected_in_the_weights(tmp_path: Path, small: Small) -> None:
    wave = WAVES["2019"].replace('decimal: ","', "decimal: auto")
    made = Small(small_survey(tmp_path, w2019=wave), tmp_path)
    assert made.rows().decimal == ","
    points = [[v.replace(",", ".") if i in (1, 7) else v for i, v in enumerate(r)] for r in
              ROWS_2019]  # fmt: skip
    assert made.rows(*points).decimal == "."


def test_a_check_that_cannot_run_does_not_pass(small: Small) -> None:
    """A column lost between two steps is refused, not taken for valid."""
    rows = small.rows()
    broken = type(rows)(rows.frame.drop("SEXE"), rows.file, rows.decimal)
    with pytest.raises(BaroError, match="could not run"):
        validate_raw(small.survey, "2019", broken)


def test_wave_rows_keep_the_row_of_the_file(small: Small) -> None:
    (small.folder / "small-2019.csv").write_bytes(csv_bytes([HEADER, *ROWS_2019]))
    spec = small.survey.waves["2019"]
    raw = read_raw(small.folder / spec.file, spec.dialect, spec.file)
    rows = wave_rows(small.survey, "2019", raw.frame, spec.file)
    assert rows.frame[ROW].to_list() == list(range(2, 10))
