"""Raw texts to categories, numbers and kinds of missing: worked out by hand, row by row."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.expressions import MISSING_KINDS
from analysis.harmonise import harmonise
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

# The eight rows of surveys_maker, read by a person with the definition in hand.
BY_HAND: dict[str, list[object]] = {
    "id": ["r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8"],
    "weight": [1.5, 0.5, 1.0, 2.0, 1.0, 1.0, 2.0, 1.0],
    # "F" is recoded in this wave; blanks around a label do not matter
    "sexe": ["femme", "femme", "homme", "homme", "femme", "homme", "femme", "femme"],
    "age": [30.0, 45.0, 17.0, 60.0, 70.0, 39.0, 40.0, 12.0],
    "age.missing": [None] * 8,
    "internet": ["oui", "oui", "oui", "non", "dont_know", "oui", "non", "oui"],
    # two apostrophes and a double blank; "Aucun" is another text of jamais
    "achat": [
        "souvent", "jamais", "jamais", "not_asked", "not_asked", "souvent", "not_asked",
        "dont_know",
    ],
    # "NA" within the universe of a question with a declared filter was passed over
    "avis": [
        "bon", "mauvais", "not_applicable", "bon", "dont_know", "refused", "not_applicable",
        "mauvais",
    ],
    "heures": [10.0, 20.5, None, 0.0, None, 40.0, None, 168.0],
    "heures.missing": [
        None, None, "dont_know", None, "dont_know", None, "nonresponse", None,
    ],
    # 40 is not under 40
    "classe": ["jeune", "vieux", "jeune", "vieux", "vieux", "jeune", "vieux", "jeune"],
    # fort: achat souvent or avis bon; faible: achat jamais and avis mauvais; else the kind of
    # the first of (achat, avis) that is missing
    "usage": [
        "fort", "faible", "not_applicable", "fort", "not_asked", "fort", "not_asked", "dont_know",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    folder = tmp_path_factory.mktemp("harmonise")
    return Small(small_survey(folder), folder)


@pytest.fixture(scope="module")
def frame(small: Small) -> pl.DataFrame:
    return harmonise(small.survey, "2019", small.rows())


def of(folder: Path, survey_yml: str, rows: list[list[str]] = ROWS_2019) -> pl.DataFrame:
    made = Small(small_survey(folder, survey_yml), folder)
    return harmonise(made.survey, "2019", made.rows(*rows))


def replaced(row: int, column: str, value: str) -> list[list[str]]:
    rows = [list(r) for r in ROWS_2019]
    rows[row - 1][HEADER.index(column)] = value
    return rows


@pytest.mark.parametrize("column", BY_HAND)
def test_each_column_is_what_a_person_reads(frame: pl.DataFrame, column: str) -> None:
    found = frame[column]
    text = found.cast(pl.String) if found.dtype == pl.Enum else found
    assert text.to_list() == BY_HAND[column]


def test_the_frame_has_these_columns_and_no_other(frame: pl.DataFrame) -> None:
    assert frame.columns == list(BY_HAND)


def test_types_are_stable(frame: pl.DataFrame) -> None:
    assert frame["sexe"].dtype == pl.Enum(["femme", "homme", *MISSING_KINDS])
    assert frame["usage"].dtype == pl.Enum(["fort", "faible", *MISSING_KINDS])
    assert frame["age.missing"].dtype == pl.Enum(list(MISSING_KINDS))
    assert frame["heures"].dtype == pl.Float64


def test_a_category_is_never_null(frame: pl.DataFrame) -> None:
    enums = frame.select(c for c in frame.columns if not c.endswith(".missing"))
    assert enums.select(pl.col(pl.Enum)).null_count().row(0) == (0,) * 6


def test_a_number_is_null_exactly_where_its_kind_is_not(frame: pl.DataFrame) -> None:
    for name in ("age", "heures"):
        kinds = frame[f"{name}.missing"].is_not_null()
        assert frame[name].is_null().to_list() == kinds.to_list()


def test_types_are_the_same_in_every_wave(small: Small, frame: pl.DataFrame) -> None:
    drawn = small.drawn("2021")
    rows = [drawn.columns, *map(list, drawn.iter_rows())]
    other = harmonise(
        small.survey, "2021", small.read(csv_bytes(rows, ",", "windows-1252"), "2021")
    )
    shared = [c for c in frame.columns if c in other.columns]
    assert frame.select(shared).schema == other.select(shared).schema
    assert set(other.columns) - set(frame.columns) == {"tablette"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("NA", "not_applicable"),
        ("Sans objet", "not_applicable"),
        ("[Nsp]", "dont_know"),
        ("Refus", "refused"),
        ("NR", "nonresponse"),
    ],
)
def test_each_kind_of_missing_is_kept(small: Small, text: str, kind: str) -> None:
    made = harmonise(small.survey, "2019", small.rows(*replaced(1, "AVIS", text)))
    assert made["avis"][0] == kind


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [
        ("12,25", 12.25, None),
        ("1e1", 10.0, None),
        ("+3", 3.0, None),
        ("007", 7.0, None),
        ("168", 168.0, None),
        ("999", None, "dont_know"),
        ("-1", None, "dont_know"),
        ("[Nsp]", None, "dont_know"),
        (" 999 ", None, "dont_know"),
    ],
)
def test_numbers_and_sentinels(
    small: Small, text: str, number: float | None, kind: str | None
) -> None:
    made = harmonise(small.survey, "2019", small.rows(*replaced(1, "HEURES", text)))
    assert made["heures"][0] == number
    assert made["heures.missing"][0] == kind


@pytest.mark.parametrize(
    "label", ["Souvent, l'été", "Souvent, l’été", " Souvent,\u00a0 l’e\u0301te\u0301"]
)
def test_a_label_is_read_without_regard_to_its_typography(small: Small, label: str) -> None:
    made = harmonise(small.survey, "2019", small.rows(*replaced(1, "ACHAT", label)))
    assert made["achat"][0] == "souvent"


def test_a_correction_holds_in_its_waves(tmp_path: Path) -> None:
    correction = (
        "    categories: {bon: Bon, mauvais: Mauvais}\n"
        '    corrections: [{waves: "WAVE", reason: inversion, recode: {Bon: mauvais}}]\n'
    )
    old = "    categories: {bon: Bon, mauvais: Mauvais}\n"
    here = of(tmp_path / "here", changed(old, correction.replace("WAVE", "2019")))
    there = of(tmp_path / "there", changed(old, correction.replace("WAVE", "2021")))
    assert here["avis"][0] == "mauvais"
    assert there["avis"][0] == "bon"


def test_a_fill_is_no_answer(tmp_path: Path) -> None:
    """AVIS holds "Bon" for everybody who was not asked: declared, it is no opinion any more."""
    fill = (
        "    skipped: les personnes pressées\n"
        '    filled: [{waves: "2019", value: Bon, reason: le fichier est rempli}]\n'
    )
    made = of(tmp_path, changed("    skipped: les personnes pressées\n", fill))
    assert made["avis"].to_list()[:2] == ["not_applicable", "mauvais"]


def test_a_fill_with_another_apostrophe_is_the_same_text(tmp_path: Path) -> None:
    text = changed('{waves: "2019", value: Vide', '{waves: "2019", value: l’oubli')
    rows = [[*r[:8], "l'oubli"] for r in ROWS_2019]
    assert of(tmp_path, text, rows).height == 8


def test_a_filter_says_who_was_passed_over_only_inside_the_universe(tmp_path: Path) -> None:
    text = changed(
        "    skipped: les personnes pressées\n",
        "    skipped: les personnes pressées\n    universe: adultes\n",
    )
    rows = [list(r) for r in ROWS_2019]
    rows[7][HEADER.index("AVIS")] = "NA"  # r8 is 12, r3 is 17: not adults; r7 is one
    rows[6][HEADER.index("AVIS")] = "NA"
    made = of(tmp_path, text, rows)
    assert made["avis"][2] == made["avis"][7] == "not_asked"
    assert made["avis"][6] == "not_applicable"


def test_a_derived_universe(tmp_path: Path) -> None:
    """Only people under 40 are asked about purchases: r1, r3, r6, r8."""
    text = changed("when: internet == oui", "when: classe == jeune")
    rows = [list(r) for r in ROWS_2019]
    rows[1][HEADER.index("ACHAT")] = "NA"
    made = of(tmp_path, text, rows)
    asked = made["achat"].cast(pl.String) != "not_asked"
    assert asked.to_list() == [True, False, True, False, False, True, False, True]


def test_the_first_category_that_is_true_counts(tmp_path: Path) -> None:
    made = of(tmp_path, changed("when: age >= 40", "when: age >= 30"))
    assert made["classe"].to_list()[:2] == ["jeune", "vieux"]  # 30 is in both


def test_a_survey_without_declared_missing_texts(tmp_path: Path) -> None:
    start, end = SURVEY_YML.index("  not_asked:"), SURVEY_YML.index("themes:")
    text = SURVEY_YML[:start].replace("missing:\n", "missing: {}\n") + SURVEY_YML[end:]
    text = changed('    missing: {dont_know: ["999", "-1"]}\n', "", text)
    text = changed("    universe: internautes\n", "", text)
    rows = [
        ["r1", "1", "Femme", "30", "Oui", "Jamais", "Bon", "1", "Vide"],
        ["r2", "1", "Homme", "50", "Non", "Jamais", "Bon", "2", "Vide"],
    ]
    made = of(tmp_path, text, rows)
    assert made["heures"].to_list() == [1.0, 2.0]
    assert made["heures.missing"].null_count() == 2


def test_who_answers_a_question_of_others_is_counted(small: Small) -> None:
    rows = [list(r) for r in ROWS_2019]
    for row in (3, 6):  # r4 and r7 do not use internet
        rows[row][HEADER.index("ACHAT")] = "Jamais"
    with pytest.raises(BaroError) as caught:
        harmonise(small.survey, "2019", small.rows(*rows))
    (problem,) = caught.value.problems
    assert problem.where == "small-2019.csv: row 5, column ACHAT"
    assert problem.found == "2 rows answer achat outside its universe internautes"
    assert problem.expected == "NA"


def test_not_applicable_is_no_answer_outside_a_universe(small: Small) -> None:
    made = harmonise(small.survey, "2019", small.rows(*replaced(4, "ACHAT", "Sans objet")))
    assert made["achat"][3] == "not_applicable"


def test_a_wave_recode_comes_last(tmp_path: Path) -> None:
    wave = changed("{F: femme}", '{F: femme, Femme: homme, "NA": homme}', WAVES["2019"])
    made = Small(small_survey(tmp_path, w2019=wave), tmp_path)
    rows = replaced(3, "SEXE", "NA")
    frame = harmonise(made.survey, "2019", made.rows(*rows))
    assert frame["sexe"].to_list()[:3] == ["homme", "femme", "homme"]
