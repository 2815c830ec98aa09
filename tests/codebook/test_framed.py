"""Columns of a finite population: what a base is worth, and who is outside the frame."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.codebook import entries
from analysis.columns import assemble, describe_wave, topline
from analysis.definition import Survey
from analysis.demonstration import draw_wave
from analysis.dictionary.pages import write_pages
from analysis.harmonise import harmonise
from analysis.ingest import ROW
from analysis.validate import wave_rows
from tests.framed_maker import MARGIN, SURVEY_YML, towns, wave_yml

# 12 of 120 small towns, 12 of 24 large ones, 2 answers from outside.
ANSWERS = """\
size,variable,answer,count,share,basis,source
small,respondents,,12,,published,x
large,respondents,,12,,published,x
other,respondents,,2,,published,x
small,has,oui,5,,published,x
small,has,non,6,,published,x
small,has,dont_know,1,,published,x
large,has,oui,6,,published,x
large,has,non,5,,published,x
large,has,nonresponse,1,,published,x
other,has,oui,2,,published,x
,plan,oui,,0.5,assumed,x
,plan,non,,0.5,assumed,x
,staff,12.5,,0.75,assumed,x
,staff,dont_know,,0.25,assumed,x
,tools,a,,1,assumed,x
"""
# Of those who answer ``has``: 11 small towns that weigh 10, of 120; 11 large that weigh 2, of 24.
WORTH = (11 * 10 + 11 * 2) ** 2 / (11 * 10**2 * (1 - 12 / 120) + 11 * 2**2 * (1 - 12 / 24))


def read(survey: Survey, wave: str = "1") -> tuple[pl.DataFrame, pl.DataFrame]:
    raw = draw_wave(survey, wave).with_row_index(ROW, offset=2)
    rows = wave_rows(survey, wave, raw, f"t{wave}.csv")
    return raw, harmonise(survey, wave, rows)


def book(survey: Survey) -> pl.DataFrame:
    told = [
        describe_wave(survey, w, *read(survey, w), origin=spec.made.kind,  # type: ignore[union-attr]
                      definition_hash="x")
        for w, spec in survey.waves.items()
    ]  # fmt: skip
    return assemble(survey, pl.concat(told))


def told(survey: Survey, column: str, domain: str = "ensemble") -> pl.DataFrame:
    raw, frame = read(survey)
    made = topline(survey, "1", raw, frame, column, domain, origin="reconstructed",
                   definition_hash="x")  # fmt: skip
    return made.filter(part="answer")


def thresholds(folder: Path, hide: int, mark: float) -> Survey:
    yml = SURVEY_YML.replace("hide: {n: 3}", f"hide: {{n: {hide}}}")
    margin = MARGIN.replace("1,small,40", "1,small,120").replace("1,large,10", "1,large,24")
    return towns(folder, yml=yml.replace("n_kish: 5", f"n_kish: {mark}"), answers=ANSWERS,
                 margin=margin, wave_1=wave_yml("1").replace("size: 11", "size: 26"))  # fmt: skip


@pytest.mark.parametrize(("mark", "status"), [(WORTH - 1e-6, "A"), (WORTH + 1e-6, "U")])
def test_what_a_base_is_worth_marks_a_column_too(tmp_path: Path, mark: float, status: str) -> None:
    survey = thresholds(tmp_path, 3, mark)
    assert told(survey, "has")["status"].to_list() == [status, status]
    found = book(survey).filter(column="has", part="answer", wave="1")
    assert found["status"].to_list() == [status, status]
    assert found["base"].to_list() == [24, 24], "with the two that weigh nothing"


@pytest.mark.parametrize(
    ("mark", "small", "large"), [(12, "A", "A"), (13, "U", "A"), (23, "U", "U")]
)
def test_levels_are_judged_one_by_one(tmp_path: Path, mark: int, small: str, large: str) -> None:
    """11 of the 12 of 120 are worth 11 / 0.9 = 12.2; 11 of the 12 of 24, 22."""
    found = told(thresholds(tmp_path, 1, mark), "has", "size")
    by_level = dict(found.select("domain_value", "status").unique().iter_rows())
    assert by_level == {"small": small, "large": large}, "nobody else is in the frame"


def test_a_figure_rests_on_those_who_weigh_something(tmp_path: Path) -> None:
    """``plan``: 13 answers, 11 of them from the frame; then 12 are needed."""
    shown = told(thresholds(tmp_path / "a", 11, 1), "plan")
    hidden = told(thresholds(tmp_path / "b", 12, 1), "plan")
    assert shown["base"].to_list() == hidden["base"].to_list() == [13, 13]
    assert shown["estimate"].null_count() == 0
    assert set(hidden["status"]) == {"Q"}
    assert hidden["estimate"].null_count() == 2
    made = book(thresholds(tmp_path / "c", 12, 1)).filter(column="plan", part="answer", wave="1")
    assert made["value"].null_count() == made.height == 2


def test_pages_mark_what_is_unreliable_and_say_who_is_counted(tmp_path: Path) -> None:
    survey = thresholds(tmp_path, 3, 30)
    made = book(survey)
    marked = made.filter(part="answer", status="U")
    assert marked.height > 0
    (tmp_path / "pages").mkdir()
    paths = write_pages([(survey, made)], tmp_path / "pages")
    pages = "\n".join(p.read_text("utf-8") for p in paths)
    assert pages.count("\N{NO-BREAK SPACE}*<") >= marked["value"].drop_nulls().len() > 0
    assert "astérisque marque une valeur peu fiable" in pages.replace("\n", " ")
    assert "trop peu de villes" in pages
    assert "hors de la base de sondage" in pages
    for stamp in ("reconstituées à partir d’effectifs publiés", "scénario, réponses synthétiques"):
        assert pages.count(stamp) >= pages.count("<caption>")


def test_numbers_keep_their_status(tmp_path: Path) -> None:
    """Nobody's staff is known but three quarters': 9 of 12 and 9 of 12, worth less than 30."""
    made = book(thresholds(tmp_path, 1, 30)).filter(column="staff", wave="1", kind="mean")
    assert made["status"].to_list() == ["U"]
    staff = next(e for e in entries(book(thresholds(tmp_path, 1, 30))) if e.column == "staff")
    assert staff.waves["1"].unreliable == {"mean"}
