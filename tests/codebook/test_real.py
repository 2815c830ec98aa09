"""The codebook of the real files against counts made again from the files with the csv module."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from analysis import pipeline
from analysis.codebook import SCHEMA, read_codebook
from analysis.disclosure import FEWEST
from analysis.project import Project

SURVEY = "barometre_numerique"
MISSING = {
    "NA", "N'a pas internet fixe à domicile", "[Nsp]", "[NSP]", "Ne sait pas",
    "Ne sait pas / Ne répond pas", "[Nsp ou refuse de répondre]", "Non réponse", "NR",
}  # fmt: skip
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def files(real_data: Path) -> Rows:
    """Every row of both files, numbers with a decimal point, the wave under "wave"."""
    found = []
    for name, encoding, separator, year in (
        ("barometre-du-numerique-2007-2020.csv.gz", "utf-8", ";", "annee"),
        ("barometre-du-numerique-2022.csv.gz", "cp1252", ",", "ANNEE"),
    ):
        with gzip.open(real_data / "barometre-numerique" / name, "rt", encoding=encoding) as f:
            for row in csv.DictReader(f, delimiter=separator):
                row["wave"] = row[year]
                row["POND"] = row["POND"].replace(",", ".")
                found.append(row)
    return found


@pytest.fixture(scope="module")
def book(real_project: Project) -> pl.DataFrame:
    """The codebook that the build made of them."""
    return read_codebook(real_project.codebook(SURVEY))


def text(value: str) -> str:
    return " ".join(value.replace("’", "'").split())


def test_every_column_with_an_answer_is_there(files: Rows, book: pl.DataFrame) -> None:
    filled = {c for row in files for c, v in row.items() if v != "NA"} - {"wave"}
    assert filled - set(book["column"]) == set()
    assert len(filled) > 600


@pytest.mark.parametrize(
    ("column", "wave"),
    [("ABILWORD", "2020"), ("TYPJEU", "2022"), ("FREINWEB4", "2022"), ("WHYNOTFI", "2012")],
)
def test_counts_and_weighted_shares_of_columns(
    files: Rows, book: pl.DataFrame, column: str, wave: str
) -> None:
    mine = [r for r in files if r["wave"] == wave]
    valid = [r for r in mine if text(r[column]) not in MISSING]
    counts = Counter(text(r[column]) for r in valid)
    weight = sum(float(r["POND"]) for r in valid)
    told = book.filter(column=column, wave=wave, part="answer")
    assert set(told["text"]) == set(counts)
    for row in told.iter_rows(named=True):
        of = [float(r["POND"]) for r in valid if text(r[column]) == row["text"]]
        assert row["n"] in (counts[row["text"]], None)
        if row["value"] is not None:
            assert row["value"] == pytest.approx(sum(of) / weight, rel=1e-9)
            assert row["ci_low"] < row["value"] < row["ci_high"]
    (people,) = book.filter(column=column, wave=wave, part="column")["base"]
    assert people == len(mine)


def test_ages_of_those_who_answer(files: Rows, book: pl.DataFrame) -> None:
    ages = sorted(int(r["AGE"]) for r in files if r["wave"] == "2022" and r["FREINWEB4"] != "NA")
    (youngest,) = book.filter(column="FREINWEB4", wave="2022", part="column")["value"]
    assert youngest == ages[4] == 18


def test_nothing_small_and_nobody_is_told(files: Rows, book: pl.DataFrame) -> None:
    assert book.filter(pl.col("n") < FEWEST).is_empty()
    assert book.filter(pl.col("base") < FEWEST).is_empty()
    names = {r["IDENT"] for r in files}
    assert not names & {*book["text"]}
    for column in ("IDENT", "POND"):
        assert set(book.filter(column=column)["part"]) == {"column"}


def test_answers_told_add_to_who_answered(book: pl.DataFrame) -> None:
    """Where nothing is kept back; and where something is, it is of more than one text."""
    listed = book.filter((pl.col("part") == "answer") & (pl.col("type") == "categorical"))
    sums = listed.group_by("column", "wave").agg(
        n=pl.col("n").sum(), hidden=pl.col("n").null_count(), base=pl.col("base").first()
    )
    assert sums.filter(pl.col("hidden") == 0, pl.col("n") != pl.col("base")).is_empty()
    back = sums.filter(pl.col("hidden") > 0, pl.col("base").is_not_null())
    assert back.filter(pl.col("base") - pl.col("n") < FEWEST).is_empty()


def test_known_drift_of_the_file_is_found(book: pl.DataFrame) -> None:
    drift = book.filter(part="change")
    zeat = drift.filter(column="ZEAT", kind="new")
    assert zeat.select("wave", "text").rows() == [("2018", "Méditerranée")]
    nines = set(book.filter(kind="nines")["column"])
    assert {"HR_TELE", "HR_VIDEO", "NBANWEB"} <= nines


def test_a_topline_by_age_against_the_file(
    files: Rows, real_project: Project, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BARO_DATA", str(real_data))
    rows = pipeline.topline(real_project, SURVEY, "ABILWORD", "sexe", ("2020",))
    women = [r for r in files if r["wave"] == "2020" and r["SEXE"] == "Femme"]
    valid = [r for r in women if r["ABILWORD"] not in MISSING]
    able = [r for r in valid if r["ABILWORD"] == "Très compétent"]
    (told,) = rows.filter(domain_value="femme", text="Très compétent").to_dicts()
    assert (told["n"], told["base"]) == (len(able), len(valid))
    expected = sum(float(r["POND"]) for r in able) / sum(float(r["POND"]) for r in valid)
    assert told["estimate"] == pytest.approx(expected, rel=1e-9)


def test_the_codebook_of_the_demonstration_has_the_same_shape(demonstration: Project) -> None:
    drawn = read_codebook(demonstration.codebook(SURVEY))
    assert dict(drawn.schema) == SCHEMA
    assert set(drawn["origin"]) == {"demonstration"}
    assert drawn.filter(pl.col("n") < FEWEST).is_empty()
