"""The survey of local government: published totals to the unit, and what must not be said."""

from __future__ import annotations

import csv
import os
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.briefing import Briefing
from analysis.briefing.book import Book
from analysis.definition import Survey, load_survey, survey_ids
from analysis.demonstration import write_demonstration
from analysis.disclosure import publishable
from analysis.errors import BaroError
from analysis.estimates import conform
from analysis.harmonise import harmonise
from analysis.tabulation import tabulate
from analysis.validate import validate_raw, wave_rows
from tests.test_demonstration import read_all

ROOT = Path(__file__).resolve().parents[2]
# Observatoire Data Publica, survey of 2023 (CC BY-SA 4.0): answer, "Total pondéré" in %, count and
# % of the 191 answers, count and % of the 182 that are not from communes under 3,500 inhabitants.
PRINTED = {
    "ia_deja_reponses": [
        ("oui", 9, 51, 27, 51, 28), ("non", 82, 113, 59, 104, 57),
        ("dont_know", 7, 17, 9, 17, 9), ("nonresponse", 2, 10, 5, 10, 5),
    ],
    "rgpd_reponses": [
        ("oui", 43, 121, 63, 118, 65), ("dont_know", 13, 24, 13, 23, 13),
        ("non_prevu", 37, 29, 15, 25, 14), ("nonresponse", 0, 6, 3, 5, 3),
        ("non_non_prevu", 6, 11, 6, 11, 6),
    ],
    "cyberattaque_reponses": [
        ("oui", 29, 41, 21, 41, 23), ("non", 62, 119, 62, 110, 60),
        ("dont_know", 9, 24, 13, 24, 13), ("nonresponse", 0, 7, 4, 7, 4),
    ],
    "ia_prevu_reponses": [
        ("oui", 8, 58, 30, 58, 32), ("non", 72, 69, 36, 64, 35),
        ("dont_know", 17, 55, 29, 51, 28), ("nonresponse", 2, 9, 5, 9, 5),
    ],
}  # fmt: skip
# The same source: mentions among the 51 that have a project, and their shares in "Total pondéré".
TECHNIQUES = {"langage": (12, 3), "image": (13, 17), "son": (2, 0), "predictif": (23, 34),
              "chatbot": (21, 43), "nsp": (3, 2)}  # fmt: skip
CASES = [(i, *row) for i, rows in PRINTED.items() for row in rows]


@cache
def survey() -> Survey:
    return load_survey(ROOT / "surveys", "collectivites_ia")


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """The waves, from files to harmonised rows."""
    folder = tmp_path_factory.mktemp("collectivites")
    write_demonstration(survey(), folder)
    raw = read_all(survey(), folder)
    made = {}
    for wave, w in survey().waves.items():
        rows = wave_rows(survey(), wave, raw[w.file].frame, w.file)
        validate_raw(survey(), wave, rows)
        made[wave] = harmonise(survey(), wave, rows)
    return made


def tabulated(frames: dict[str, pl.DataFrame], weighting: str = "") -> pl.DataFrame:
    parts = [
        tabulate(survey(), w, f, origin=survey().waves[w].made.kind,  # type: ignore[union-attr]
                 definition_hash="x", weighting=weighting)
        for w, f in frames.items()
    ]  # fmt: skip
    return publishable(survey(), conform(pl.concat(parts)))


@pytest.fixture(scope="module")
def weighted(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return tabulated(frames)


@pytest.fixture(scope="module")
def raw(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """All who answered with the same weight."""
    return tabulated(frames, "cadre")


def cell(table: pl.DataFrame, indicator: str, category: str = "", domain: str = "ensemble",
         value: str = "ensemble", wave: str = "2023") -> dict[str, Any]:  # fmt: skip
    found = table.filter(indicator=indicator, category=category, domain=domain,
                         domain_value=value, wave=wave)  # fmt: skip
    assert found.height == 1
    return dict(found.row(0, named=True))


def per_cent(share: float) -> int:
    """As printed: halves away from zero."""
    return int(100 * share + 0.5)


# --- wave 2023: what was printed ----------------------------------------------------------------


@pytest.mark.parametrize(("indicator", "answer", "total", "n", "share", "n_large", "large"), CASES)
def test_a_published_total_is_recomputed(
    weighted: pl.DataFrame, raw: pl.DataFrame, indicator: str, answer: str, total: int, n: int,
    share: int, n_large: int, large: int,
) -> None:  # fmt: skip
    """All 17: raw and weighted, exactly, with an interval."""
    everybody = cell(raw, indicator, answer)
    assert (everybody["n"], round(everybody["estimate"] * 191)) == (191, n)
    assert per_cent(everybody["estimate"]) == share
    others = cell(raw, indicator, answer, "perimetre", "hors_petites")
    assert (others["n"], round(others["estimate"] * 182)) == (182, n_large)
    assert per_cent(others["estimate"]) == large
    found = cell(weighted, indicator, answer, "perimetre", "hors_petites")
    assert (found["n"], per_cent(found["estimate"])) == (107, total)
    assert found["ci_low"] < found["ci_high"]


@pytest.mark.parametrize("item", TECHNIQUES)
def test_mentions_and_respondents_are_two_bases(
    weighted: pl.DataFrame, raw: pl.DataFrame, item: str
) -> None:
    mentions, share = TECHNIQUES[item]
    # Printed without small communes, none of which uses AI: the whole is the same respondents.
    found = cell(weighted, "ia_tech_mentions", item)
    assert found["n"] == 31
    assert per_cent(found["estimate"]) == share
    everybody = cell(raw, "ia_tech_repondants", item)
    assert (everybody["n"], round(everybody["estimate"] * 51)) == (51, mentions)
    total = sum(n for n, _ in TECHNIQUES.values())
    assert cell(raw, "ia_tech_mentions", item)["estimate"] == pytest.approx(mentions / total)


def test_printed_figures_are_those_of_the_shared_files() -> None:
    """The table above is typed; the same figures, where their file is there."""
    folder = ROOT / os.environ.get("BARO_DATA", "data") / "collectivites-ia"
    if not (folder / "odp-2023-published.csv").is_file():
        pytest.skip("BARO_DATA has no collectivites-ia/odp-2023-published.csv")
    rows = csv.DictReader((folder / "odp-2023-published.csv").read_text("utf-8").splitlines())
    names = {
        "ia_deja": "ia_deja_reponses",
        "rgpd_process": "rgpd_reponses",
        "cyberattaque": "cyberattaque_reponses",
        "ia_prevu_12m": "ia_prevu_reponses",
    }
    codes = {"nsp": "dont_know", "sr": "nonresponse"}
    read = {
        (names[r["question"]], codes.get(r["reponse"], r["reponse"]),
         *(int(r[k]) for k in ("total_pondere_pct", "total_count", "total_pct_191",
                               "hors3500_count", "hors3500_pct_182")))
        for r in rows
    }  # fmt: skip
    assert read == set(CASES)
    assert len(CASES) == 17


def test_nine_per_cent_is_one_when_small_communes_count(weighted: pl.DataFrame) -> None:
    """9 % of 4,556 units is what 12.5 % of all collectivités say."""
    large = cell(weighted, "ia_deja", domain="perimetre", value="hors_petites")
    everybody = cell(weighted, "ia_deja")
    assert (large["n_weighted"], everybody["n_weighted"]) == (
        pytest.approx(4_556), pytest.approx(36_318),
    )  # fmt: skip
    assert everybody["estimate"] == pytest.approx(large["estimate"] * 4_556 / 36_318)
    assert round(100 * everybody["estimate"], 1) == 1.1


# --- what is reliable, and what is not ----------------------------------------------------------


def test_few_answers_for_many_communes_are_marked(weighted: pl.DataFrame) -> None:
    for domain, value in (("ensemble", "ensemble"), ("perimetre", "hors_petites"),
                          ("strate", "c_moins_3500"), ("strate", "c_3500")):  # fmt: skip
        assert cell(weighted, "ia_deja", domain=domain, value=value)["status"] == "U"
    small = cell(weighted, "ia_deja", domain="strate", value="c_moins_3500")
    assert small["ci_high"] > 0.3


def test_a_near_census_is_worth_more_than_its_answers(weighted: pl.DataFrame) -> None:
    """18 of 21 métropoles: 18 / (1 - 18/21) = 126."""
    found = cell(weighted, "ia_deja", domain="strate", value="metropole")
    assert found["n_kish"] == pytest.approx(126)
    assert found["status"] == "A"
    assert cell(weighted, "ia_deja", domain="strate", value="region")["status"] == "U"


def test_cells_of_fewer_than_five_are_not_published(weighted: pl.DataFrame) -> None:
    few = weighted.filter(pl.col("n") < 5)
    assert few.height > 0
    assert set(few["status"]) == {"Q"}
    assert few["estimate"].null_count() == few.height


def test_a_stratum_that_was_taken_whole_has_no_variance(
    frames: dict[str, pl.DataFrame],
) -> None:
    """18 régions of 18: the same answers, twice as many rows cut to 18."""
    frame = frames["2023"]
    regions = frame.filter(pl.col("strate") == "region")
    rest = frame.filter(pl.col("strate") != "region")
    census = pl.concat([rest, pl.concat([regions, regions]).head(18)])
    made = tabulate(survey(), "2023", census, origin="reconstructed", definition_hash="x")
    found = cell(made, "ia_deja", domain="strate", value="region")
    assert (found["n"], found["se"], found["n_kish"]) == (18, 0.0, None)
    assert found["ci_low"] == found["estimate"] == found["ci_high"]


# --- wave 2024: a scenario ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "value", "share"),
    [("strate", "region", 75), ("strate", "metropole", 62), ("strate", "c_3500", 14),
     ("perimetre", "hors_petites", 36)],
)  # fmt: skip
def test_the_scenario_meets_the_figures_printed_in_2024(
    weighted: pl.DataFrame, domain: str, value: str, share: int
) -> None:
    found = cell(weighted, "ia_deja", domain=domain, value=value, wave="2024")
    assert per_cent(found["estimate"]) == share


def test_in_place_and_planned_add_up_to_51(weighted: pl.DataFrame) -> None:
    where = {"domain": "perimetre", "value": "hors_petites", "wave": "2024"}
    placed, planned = (
        cell(weighted, "ia_situation", c, **where)["estimate"] for c in ("en_place", "prevue")
    )
    assert (per_cent(planned), per_cent(placed + planned)) == (15, 51)


def test_waves_are_not_compared(weighted: pl.DataFrame) -> None:
    book = Book(survey(), weighted)
    for indicator in ("ia_deja", "ia_deja_reponses", "cyberattaque_reponses"):
        assert survey().segments(indicator) == (("2023",), ("2024",))
    with pytest.raises(BaroError, match="two comparable waves"):
        Briefing(book).change("ia_deja")


# --- said everywhere ----------------------------------------------------------------------------


def test_what_nobody_answered_says_so(weighted: pl.DataFrame) -> None:
    b = Briefing(Book(survey(), weighted))
    notice = str(b.banner())
    assert "reconstituées à partir d’effectifs publiés (vague 2023)" in notice
    assert "Scénario" in notice
    assert "(vague 2024)" in notice
    old = b.by_domain("a", "ia_deja", ["strate"], wave="2023")
    new = b.by_domain("b", "ia_deja", ["strate"])
    for figure, word in ((old, "reconstituées"), (new, "scénario")):
        assert word in figure.subtitle
        assert word in figure.table
        assert any(word in note for note in figure.notes)


def test_no_code_knows_a_survey_by_name() -> None:
    """The same code for both surveys: none of them is named outside its folder and its pages."""
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        text = path.read_text("utf-8")
        assert "if survey ==" not in text, path
        assert [n for n in survey_ids(ROOT / "surveys") if n in text] == [], path
