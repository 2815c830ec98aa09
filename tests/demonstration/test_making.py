"""Rows made from declared answers: to the unit, in the same order at every run."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import floor
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.definition.answers import Answer
from analysis.demonstration import draw_wave, write_demonstration
from analysis.demonstration.making import _counts, made_answers
from analysis.errors import BaroError
from analysis.harmonise import harmonise
from analysis.ingest import ROW
from analysis.validate import validate_raw, wave_rows
from tests.framed_maker import ANSWERS_1, SURVEY_YML, towns


def counted(frame: pl.DataFrame, variable: str, size: str = "") -> dict[str, int]:
    """Answer -> how many give it, in a cell or in all."""
    inside = frame.filter(pl.col("size") == size) if size else frame
    return dict(Counter(inside[variable].cast(pl.String).to_list()))


def refused(folder: Path, *more: str, without: str = "", wave: str = "1") -> str:
    kept = [x for x in ANSWERS_1.splitlines() if not without or not x.startswith(without)]
    survey = towns(folder, answers="\n".join([*kept, *more]) + "\n")
    with pytest.raises(BaroError) as e:
        made_answers(survey, wave)
    return str(e.value)


def test_counts_are_kept_to_the_unit_in_every_cell(tmp_path: Path) -> None:
    frame = made_answers(towns(tmp_path), "1")
    assert counted(frame, "size") == {"small": 4, "large": 5, "other": 2}
    assert counted(frame, "has", "small") == {"oui": 1, "non": 2, "dont_know": 1}
    assert counted(frame, "has", "large") == {"oui": 3, "non": 1, "nonresponse": 1}
    assert counted(frame, "has", "other") == {"oui": 2}
    assert "later" not in frame.columns


def test_a_question_declared_before_what_decides_who_is_asked(tmp_path: Path) -> None:
    """``plan`` stands above ``has`` in the definition, and is asked of those who have it."""
    frame = made_answers(towns(tmp_path), "1")
    users = frame["has"].cast(pl.String) == "oui"
    assert counted(frame.filter(~users), "plan") == {"not_asked": 5}
    # halves of 1, 3 and 2 people: largest remainders, the first line first
    assert counted(frame.filter(users), "plan", "small") == {"oui": 1}
    assert counted(frame.filter(users), "plan", "large") == {"oui": 2, "non": 1}
    assert counted(frame.filter(users), "plan", "other") == {"oui": 1, "non": 1}


def test_numbers_and_kinds_of_missing(tmp_path: Path) -> None:
    """Three quarters of 4, 5 and 2: 3, 4 (3.75) and 2 (1.5, the first line)."""
    frame = made_answers(towns(tmp_path), "1")
    for size, known in (("small", 3), ("large", 4), ("other", 2)):
        inside = frame.filter(pl.col("size") == size)
        assert inside["staff"].drop_nulls().to_list() == [12.5] * known
        assert inside["staff.missing"].drop_nulls().to_list() == ["dont_know"] * (
            len(inside) - known
        )


def test_the_rows_are_valid_and_written_the_same_at_every_run(tmp_path: Path) -> None:
    survey = towns(tmp_path)
    paths = write_demonstration(survey, tmp_path / "a") + write_demonstration(
        survey, tmp_path / "b", ["t2.csv"]
    )
    assert (tmp_path / "a" / "t2.csv").read_bytes() == (tmp_path / "b" / "t2.csv").read_bytes()
    assert [p.name for p in paths] == ["t1.csv", "t2.csv", "t2.csv"]
    for wave, file in (("1", "t1.csv"), ("2", "t2.csv")):
        texts = draw_wave(survey, wave).with_row_index(ROW, offset=2)
        rows = wave_rows(survey, wave, texts, file)
        validate_raw(survey, wave, rows)
        frame, made = harmonise(survey, wave, rows), made_answers(survey, wave)
        for name in ("size", "has", "plan", "staff", "staff.missing", "tools_a", "tools_c"):
            assert frame[name].cast(made[name].dtype).equals(made[name]), f"{name} as it was made"


def test_what_is_drawn_does_not_depend_on_the_order_of_lines_or_variables(tmp_path: Path) -> None:
    head, *rest = ANSWERS_1.splitlines()
    cells, others = rest[:3], rest[3:]
    has = [x for x in others if ",has," in x]
    other = [x for x in others if ",has," not in x]
    moved = "\n".join([head, *cells, *other, *has]) + "\n"
    staff = SURVEY_YML[SURVEY_YML.index("  staff:") : SURVEY_YML.index("  tools:")]
    first = SURVEY_YML.replace(staff, "").replace("  plan:\n", f"{staff}  plan:\n", 1)
    a = made_answers(towns(tmp_path / "a"), "1")
    b = made_answers(towns(tmp_path / "b", answers=moved, yml=first), "1")
    assert a.select("has", "plan", "tools_a", "tools_b", "staff").equals(
        b.select("has", "plan", "tools_a", "tools_b", "staff")
    )


def test_everybody_ticks_one_before_anybody_ticks_two(tmp_path: Path) -> None:
    """Of 3 large towns, 1 ticks a, 1 b and 2 c: nobody ticks none, one ticks two."""
    more = "large,tools,a,1,,assumed,x\nlarge,tools,b,1,,assumed,x\nlarge,tools,c,2,,assumed,x\n"
    frame = made_answers(towns(tmp_path, answers=ANSWERS_1 + more), "1")
    users = frame.filter((pl.col("size") == "large") & (pl.col("has") == "oui"))
    ticks = users.select(
        pl.sum_horizontal((pl.col(f"tools_{k}").cast(pl.String) == "oui") for k in "abc")
    ).to_series()
    assert sorted(ticks) == [1, 1, 2]


def test_who_ticks_nothing_is_missing_as_the_definition_says(tmp_path: Path) -> None:
    more = "large,tools,a,1,,assumed,x\n"
    frame = made_answers(towns(tmp_path, answers=ANSWERS_1 + more), "1")
    users = frame.filter((pl.col("size") == "large") & (pl.col("has") == "oui"))
    assert counted(users, "tools_a") == {"oui": 1, "nonresponse": 2}
    assert counted(users, "tools_c") == {"non": 1, "nonresponse": 2}


def test_a_share_of_a_multiple_answer_is_of_those_asked(tmp_path: Path) -> None:
    """Of 8 asked, 2 do not answer and half tick a: 4, not half of the other 6."""
    answers = f"""{ANSWERS_1.splitlines()[0]}
small,respondents,,1,,published,x
large,respondents,,8,,published,x
other,respondents,,2,,published,x
,staff,1,,1,assumed,x
,plan,oui,,1,assumed,x
small,has,non,1,,published,x
large,has,oui,8,,published,x
other,has,non,2,,published,x
large,tools,nonresponse,,0.25,assumed,x
large,tools,a,,0.5,assumed,x
large,tools,b,,0.5,assumed,x
"""
    frame = made_answers(towns(tmp_path, answers=answers), "1")
    assert counted(frame, "tools_a", "large") == {"oui": 4, "non": 2, "nonresponse": 2}
    assert counted(frame, "tools_b", "large") == {"oui": 4, "non": 2, "nonresponse": 2}


# --- what a file of answers cannot say ----------------------------------------------------------


def test_nothing_is_said_of_a_question(tmp_path: Path) -> None:
    told = refused(tmp_path, without=",staff")
    assert told.count("nothing is said of staff") == 3, "each cell, at once"


def test_counts_that_are_not_those_asked(tmp_path: Path) -> None:
    told = refused(tmp_path, "large,has,non,2,,published,x", without="large,has,non,")
    assert "answers/1.csv: large, has" in told
    assert "6 answers" in told
    assert "expected: 5, those who were asked" in told


def test_counts_of_people_who_were_not_asked(tmp_path: Path) -> None:
    """No small town of these has anything: 2 answers on its plans are no answers."""
    told = refused(tmp_path, "small,has,non,4,,published,x", "small,plan,oui,2,,published,x",
                   without="small,has")  # fmt: skip
    assert "answers/1.csv: small, plan" in told
    assert "2 answers" in told
    assert "expected: 0, those who were asked" in told


def test_more_ticks_of_an_item_than_people(tmp_path: Path) -> None:
    told = refused(tmp_path, "large,tools,a,4,,assumed,x")
    assert "answers/1.csv: large, tools" in told
    assert "4 answers" in told


def test_a_question_that_the_wave_did_not_ask(tmp_path: Path) -> None:
    told = refused(tmp_path, ",later,oui,,1,assumed,x")
    assert "answers/1.csv: later" in told
    assert "not asked in 1" in told


# --- largest remainders -------------------------------------------------------------------------


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(sum),
    st.integers(0, 400),
)
def test_largest_remainders(parts: list[int], asked: int) -> None:
    """Whole numbers that add up, each within 1 of its share, no remainder passed over."""
    total = sum(parts)
    lines = [Answer(str(i), None, p / total, "assumed", "x") for i, p in enumerate(parts)]
    counts = _counts(lines, asked)
    exact = [Fraction(p * asked, total) for p in parts]
    assert sum(counts) == asked
    assert all(abs(n - x) < 1 for n, x in zip(counts, exact, strict=True))
    rest = [(x - floor(x), n - floor(x)) for n, x in zip(counts, exact, strict=True)]
    given_, kept = [r for r, more in rest if more], [r for r, more in rest if not more]
    assert not given_ or not kept or min(given_) >= max(kept) - Fraction(1, 10**9)


def test_remainders_alike_go_to_the_first_line() -> None:
    lines = [Answer(c, None, 0.5, "assumed", "x") for c in "ab"]
    assert _counts(lines, 3) == [2, 1]
