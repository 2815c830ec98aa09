"""Every column of a wave counted: types, kinds of missing, shares, ages, drift, small counts."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.codebook import SCHEMA, entries, find, theme
from analysis.disclosure import FEWEST, untold
from analysis.errors import BaroError
from analysis.weights import FEWEST as FEWEST_OF_WEIGHTS
from tests.codebook.maker import Made, N, answers, made

COLOURS = ["rouge"] * 30 + ["bleu"] * 20 + ["[Nsp]"] * 6 + ["NA"] * 4


def cell(book: pl.DataFrame, **wanted: object) -> dict[str, object]:
    (row,) = book.filter(**wanted).to_dicts()
    return row


def test_a_column_nobody_declared_is_counted_with_its_kinds_of_missing(tmp_path: Path) -> None:
    book = made(tmp_path, COULEUR=COLOURS).book()
    assert answers(book, "COULEUR") == {"rouge": 30, "bleu": 20}
    column = cell(book, column="COULEUR", part="column")
    assert (column["n"], column["base"]) == (50, N)
    assert (column["type"], column["guessed"]) == ("categorical", True)
    missing = book.filter(column="COULEUR", part="missing")
    assert set(missing["kind"]) == {"dont_know", "not_asked"}


def test_shares_are_weighted_and_of_valid_answers_alone(tmp_path: Path) -> None:
    book = made(tmp_path, COULEUR=COLOURS).book()
    weights = [1.0 if i % 2 else 2.0 for i in range(N)]
    red, blue = sum(weights[:30]), sum(weights[30:50])
    row = cell(book, column="COULEUR", text="rouge")
    assert row["value"] == pytest.approx(red / (red + blue))
    assert row["n_weighted"] == pytest.approx(red)
    assert float(str(row["ci_low"])) < red / (red + blue) < float(str(row["ci_high"]))
    assert row["base"] == 50


def test_a_column_that_a_variable_reads_has_its_codes_and_label(tmp_path: Path) -> None:
    book = made(tmp_path).book()
    row = cell(book, column="ACHAT", part="answer")
    assert (row["variable"], row["label"], row["code"]) == ("achat", "Achat en ligne", "jamais")
    assert row["text"] == "Jamais"
    assert not row["guessed"]


def test_identifier_and_weight_are_never_listed_by_value(tmp_path: Path) -> None:
    book = made(tmp_path, {}).book()
    for column, kind in (("ID", "identifier"), ("W", "weight"), ("ANNEE", "wave")):
        rows = book.filter(column=column)
        assert set(rows["part"]) == {"column"}
        assert set(rows["type"]) == {kind}
        assert rows["value"].null_count() == rows.height


@pytest.mark.parametrize(
    "texts",
    [
        [f"dossier {i}" for i in range(N)],
        [f"{i}@exemple.fr" for i in range(N)],
        [str(100_000 + 7919 * i) for i in range(N)],
    ],
)
def test_texts_of_single_people_are_not_listed(tmp_path: Path, texts: list[str]) -> None:
    book = made(tmp_path, LIBRE=texts).book()
    told = {*book["text"], *book["other"].drop_nulls()}
    assert not told & set(texts)
    assert book.filter(pl.col("column") == "LIBRE", pl.col("n") < FEWEST).is_empty()


def test_numbers_are_summarised_and_nines_set_apart(tmp_path: Path) -> None:
    hours = [str(i % 40) for i in range(54)] + ["999"] * 6
    book = made(tmp_path, TEMPS=hours).book()
    assert cell(book, column="TEMPS", part="column")["type"] == "numeric"
    mean = cell(book, column="TEMPS", kind="mean")
    weights = [1.0 if i % 2 else 2.0 for i in range(54)]
    expected = sum(w * (i % 40) for i, w in enumerate(weights)) / sum(weights)
    assert mean["value"] == pytest.approx(expected)
    assert cell(book, column="TEMPS", kind="nines")["n"] == 6
    assert cell(book, column="TEMPS", kind="p5")["value"] is None, "54 people tell no 5 %"
    assert cell(book, column="TEMPS", kind="p50")["value"] is not None
    assert book.filter(column="TEMPS", part="answer").is_empty()


def test_the_youngest_age_rests_on_five_people(tmp_path: Path) -> None:
    adults = ["NA" if 12 + i < 18 else "oui" for i in range(N)]
    book = made(tmp_path, FREIN=adults).book()
    assert cell(book, column="FREIN", part="column")["value"] == 22  # ages 18, 19, 20, 21, 22
    assert entries(book.filter(column="FREIN"))[0].waves["2019"].youngest == 22


def test_a_filled_column_is_no_answer(tmp_path: Path) -> None:
    book = made(tmp_path).book()
    assert book.filter(column="TAB").is_empty(), "2019 holds Vide alone: not asked"


def test_blank_cells_are_a_kind_of_missing_of_their_own(tmp_path: Path) -> None:
    book = made(tmp_path, VIDE=["oui"] * 50 + [""] * 10).book()
    assert cell(book, column="VIDE", part="missing")["kind"] == "blank"


# --- drift ---------------------------------------------------------------------------------------


def changes(book: pl.DataFrame, column: str) -> set[tuple[str, str, str]]:
    rows = book.filter(column=column, part="change")
    return {(r["kind"], r["text"], r["other"]) for r in rows.iter_rows(named=True)}


def test_what_came_went_and_was_respelled_is_told(tmp_path: Path) -> None:
    old = ["Très satisfait"] * 20 + ["Assez"] * 20 + ["Fax"] * 20
    new = ["TRES SATISFAIT"] * 20 + ["Assez"] * 20 + ["Visio"] * 20
    book = made(tmp_path, {"AVIS2": new}, AVIS2=old).book()
    assert changes(book, "AVIS2") == {
        ("respelled", "TRES SATISFAIT", "Très satisfait"),
        ("new", "Visio", ""),
        ("gone", "", "Fax"),
    }


def test_ages_are_not_taken_for_each_other(tmp_path: Path) -> None:
    old, new = ["De 18 à 24 ans"] * 30 + ["x"] * 30, ["De 18 à 25 ans"] * 30 + ["x"] * 30
    book = made(tmp_path, {"TRANCHE": new}, TRANCHE=old).book()
    assert {kind for kind, _, _ in changes(book, "TRANCHE")} == {"new", "gone"}


def test_who_answers_is_compared_between_waves(tmp_path: Path) -> None:
    new = ["NA" if i < 12 else "oui" for i in range(N)]
    book = made(tmp_path, {"FREIN": new}, FREIN=["oui"] * 30 + ["non"] * 30).book()
    assert {("answering", "0.800", "1.000"), ("youngest", "28", "16")} <= changes(book, "FREIN")


def test_one_answer_of_everybody_is_suspect(tmp_path: Path) -> None:
    book = made(tmp_path, {"WIFI": ["oui"] * 30 + ["non"] * 30}, WIFI=["non"] * N).book()
    assert ("constant", "non", "") in changes(book, "WIFI")


# --- small counts --------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 40), max_size=12))
def test_what_is_told_gives_no_small_count_away(counts: list[int]) -> None:
    hidden = untold(counts)
    kept_back = [n for n, h in zip(counts, hidden, strict=True) if h]
    told = [n for n, h in zip(counts, hidden, strict=True) if not h]
    assert all(n == 0 or n >= FEWEST for n in told)
    assert 0 not in kept_back
    if kept_back and any(told):
        assert len(kept_back) > 1
        assert sum(kept_back) >= FEWEST


def test_the_threshold_is_that_of_the_weights() -> None:
    assert FEWEST == FEWEST_OF_WEIGHTS


def test_a_rare_text_is_not_told_nor_given_away_by_the_others(tmp_path: Path) -> None:
    texts = ["oui"] * 40 + ["non"] * 17 + ["Madame Z, 3 rue du Port"] * 3
    book = made(tmp_path, LIBRE=texts).book()
    found = answers(book, "LIBRE")
    assert found["oui"] == 40
    assert found["non"] is None, "57 - 40 would tell the rest, and 60 - 57 the rare one"
    assert "Madame Z, 3 rue du Port" not in book["text"].to_list()
    assert found[""] is None
    hidden = book.filter(pl.col("column") == "LIBRE", pl.col("n").is_null())
    assert hidden["value"].null_count() == hidden["n_weighted"].null_count() == hidden.height


def test_a_rare_text_that_is_common_in_another_wave_keeps_its_name(tmp_path: Path) -> None:
    old, new = ["oui"] * 30 + ["fax"] * 30, ["oui"] * 40 + ["non"] * 18 + ["fax"] * 2
    book = made(tmp_path, {"LIBRE": new}, LIBRE=old).book()
    assert answers(book, "LIBRE", "2021") == {"oui": 40, "non": None, "fax": None}


def test_a_handful_of_answers_is_not_counted(tmp_path: Path) -> None:
    book = made(tmp_path, RARE=["a", "a", "b"] + ["NA"] * 57).book()
    rows = book.filter(column="RARE")
    assert rows.filter(pl.col("n") < FEWEST).is_empty()
    assert rows.filter(pl.col("base") < FEWEST).is_empty()
    assert cell(book, column="RARE", part="column")["n"] is None


# --- hostile texts -------------------------------------------------------------------------------


def test_a_very_long_text_is_kept_short_and_apart_from_its_like(tmp_path: Path) -> None:
    long = "a" * 100_000
    book = made(tmp_path, LIBRE=[long + "1"] * 30 + [long + "2"] * 30).book()
    told = list(answers(book, "LIBRE"))
    assert len(set(told)) == 2
    assert all(len(t) < 260 and "100001 caractères" in t for t in told)


# --- reading -------------------------------------------------------------------------------------


def test_the_codebook_has_its_columns_and_is_sorted(tmp_path: Path) -> None:
    book = made(tmp_path, COULEUR=COLOURS).book()
    assert dict(book.schema) == SCHEMA
    assert book.equals(made(tmp_path, COULEUR=COLOURS).book()), "the same twice"


def test_columns_and_variables_are_found_by_name(tmp_path: Path) -> None:
    book = made(tmp_path, COULEUR=COLOURS).book()
    assert set(find(book, "achat")["column"]) == {"ACHAT"}
    with pytest.raises(BaroError, match='did you mean "COULEUR"'):
        find(book, "COULEURS")


def test_a_variable_has_the_theme_of_what_reads_it(tmp_path: Path) -> None:
    survey = Made(tmp_path, {}).survey
    assert theme(survey, "achat") == "usages"
    assert theme(survey, "sexe") == "profil"
    assert theme(survey, "") == ""
