"""One column tabulated, by domains, kinds of missing apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.errors import BaroError
from tests.codebook.maker import N, made

WEIGHTS = [1.0 if i % 2 else 2.0 for i in range(N)]
COLOURS = ["rouge" if i % 5 else "bleu" for i in range(48)] + ["[Nsp]"] * 6 + ["NA"] * 6


def test_shares_by_hand(tmp_path: Path) -> None:
    rows = made(tmp_path, COULEUR=COLOURS).topline("COULEUR").filter(part="answer")
    red = sum(w for w, c in zip(WEIGHTS, COLOURS, strict=True) if c == "rouge")
    blue = sum(w for w, c in zip(WEIGHTS, COLOURS, strict=True) if c == "bleu")
    assert rows["text"].to_list() == ["rouge", "bleu"]
    assert rows["n"].to_list() == [COLOURS.count("rouge"), COLOURS.count("bleu")]
    assert rows["estimate"].to_list() == pytest.approx([red / (red + blue), blue / (red + blue)])
    assert rows["n_weighted"].to_list() == pytest.approx([red, blue])
    assert rows["base"].to_list() == [48, 48]


def test_kinds_of_missing_are_apart_and_of_everybody(tmp_path: Path) -> None:
    rows = made(tmp_path, COULEUR=COLOURS).topline("COULEUR").filter(part="missing")
    assert dict(rows.select("kind", "n").iter_rows()) == {"dont_know": 6, "not_asked": 6}
    assert set(rows["base"]) == {N}


def test_by_a_domain_in_the_order_of_the_definition(tmp_path: Path) -> None:
    rows = made(tmp_path, COULEUR=COLOURS).topline("COULEUR", "sexe").filter(part="answer")
    assert list(dict.fromkeys(rows["domain_value"])) == ["femme", "homme"]
    women = [c for i, c in enumerate(COLOURS) if i % 2 == 0]
    told = rows.filter(domain_value="femme", text="rouge").row(0, named=True)
    assert (told["n"], told["base"]) == (women.count("rouge"), women.count("rouge")
                                         + women.count("bleu"))  # fmt: skip


def test_a_variable_made_from_others(tmp_path: Path) -> None:
    rows = made(tmp_path).topline("classe").filter(part="answer")
    assert rows["text"].to_list() == ["Moins de 40 ans", "40 ans ou plus"]
    assert rows["n"].to_list() == [28, 32]


def test_a_column_of_numbers_has_a_mean(tmp_path: Path) -> None:
    hours = [str(i) for i in range(N)]
    (row,) = made(tmp_path, TEMPS=hours).topline("TEMPS").filter(part="mean").to_dicts()
    assert row["estimate"] == pytest.approx(
        sum(w * i for i, w in enumerate(WEIGHTS)) / sum(WEIGHTS)
    )
    assert row["n"] == N


def test_texts_too_many_are_refused_with_the_remedy(tmp_path: Path) -> None:
    texts = [f"mot {i}" for i in range(N)]
    wide = made(tmp_path, LIBRE=texts)
    rows = wide.topline("LIBRE").filter(part="answer")  # sixty texts are listed at most
    assert rows["n"].null_count() == rows.height, "one person each: nothing is told"


def test_a_column_the_wave_does_not_have_gives_no_row(tmp_path: Path) -> None:
    assert made(tmp_path).topline("AUTRE").is_empty()


def test_small_counts_are_not_told_in_a_domain(tmp_path: Path) -> None:
    texts = ["oui"] * 50 + ["non"] * 10
    rows = made(tmp_path, RARE=texts).topline("RARE", "classe")
    assert [n for n in rows["n"].drop_nulls() if 0 < n < 5] == []


def test_a_domain_that_the_wave_cannot_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises((BaroError, KeyError)):
        made(tmp_path).topline("WEB", "regions")
