"""``answers/<name>.csv``: read strictly, every fault at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.definition.answers import Answer, read_answers
from analysis.errors import BaroError, Problem
from tests.framed_maker import ANSWERS_1, SURVEY_YML, towns, wave_yml

HEAD = ANSWERS_1.splitlines()[0]
SIZES = ANSWERS_1.splitlines()[1:4]


def problems(folder: Path, text: str) -> list[Problem]:
    with pytest.raises(BaroError) as e:
        towns(folder, answers=text)
    return list(e.value.problems)


def lines(*more: str, head: str = HEAD) -> str:
    """Line 1 the head, 2 to 4 the cells, then ``more`` from line 5."""
    return "\n".join([head, *SIZES, *more]) + "\n"


def test_a_file_that_is_well_formed(tmp_path: Path) -> None:
    table = towns(tmp_path).answers["1"]
    assert table.columns == ("size",)
    assert table.sizes == {("small",): 4, ("large",): 5, ("other",): 2}
    assert table.size == 11
    assert table.of("has", ("other",)) == (Answer("oui", 2, None, "published", "Institut"),)
    assert [a.share for a in table.of("plan", ("small",))] == [0.5, 0.5], "lines without a cell"
    assert table.of("later", ("small",)) == ()


def test_lines_of_a_cell_take_the_place_of_those_without(tmp_path: Path) -> None:
    table = towns(tmp_path, answers=ANSWERS_1 + "large,plan,oui,,1,assumed,x\n").answers["1"]
    assert [a.answer for a in table.of("plan", ("large",))] == ["oui"]
    assert [a.answer for a in table.of("plan", ("small",))] == ["oui", "non"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("small,has,oui,1,0.5,published,x", 'count "1" and share "0.5"'),
        ("small,has,oui,,,published,x", 'count "" and share ""'),
        ("small,has,oui,1,,guessed,x", 'basis: "guessed"'),
        ("small,has,oui,1,,published,", "no source"),
        ("small,has,oui,-1,,published,x", 'count: "-1"'),
        ("small,has,oui,1.5,,published,x", 'count: "1.5"'),
        ("small,has,oui,1_0,,published,x", 'count: "1_0"'),
        ("small,has,oui,٣,,published,x", 'count: "٣"'),
        ("small,plan,oui,,1.01,assumed,x", 'share: "1.01"'),
        ("small,plan,oui,,nan,assumed,x", 'share: "nan"'),
        ("small,plan,oui,,50 %,assumed,x", 'share: "50 %"'),
        ("small,staff,nan,,1,assumed,x", 'staff: "nan"'),
        ("small,staff,inf,,1,assumed,x", 'staff: "inf"'),
        ("small,staff,beaucoup,,1,assumed,x", 'staff: "beaucoup"'),
        ("small,has,ouii,1,,published,x", 'has: "ouii" is no answer'),
        ("small,tools,d,1,,assumed,x", 'tools: "d" is no answer'),
        ("small,tools_a,oui,1,,assumed,x", 'variable: "tools_a"'),
        ("small,size,small,1,,assumed,x", 'variable: "size"'),
        ("small,hax,oui,1,,published,x", 'variable: "hax"'),
        ("smal,has,oui,1,,published,x", 'size: "smal" is not a category'),
        ("Petites,has,oui,1,,published,x", 'size: "Petites" is the label of a category'),
        ("dont_know,has,oui,1,,published,x", "has: the cell dont_know has no respondents"),
        ("small,plan,oui,,0.4,assumed,x", "plan: the shares add up to 0.4"),
        ("small,respondents,,4,,published,x", "the cell small is there twice"),
        (",respondents,,4,,published,x", "respondents without a count or a cell"),
        ("small,respondents,oui,4,,published,x", "or with an answer"),
        ("small,respondents,,,0.5,published,x", "respondents without a count"),
        ("small,has,oui,1,,published", "6 values"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, line: str, found: str) -> None:
    told = problems(tmp_path, lines(line))
    mine = [p for p in told if p.where.startswith("surveys/towns/answers/1.csv:5")]
    assert any(found in p.found for p in mine), [str(p) for p in told]


def test_an_answer_twice_names_the_first_line(tmp_path: Path) -> None:
    told = problems(tmp_path, lines("small,has,oui,1,,published,x", "small,has,oui,3,,published,x"))
    assert [(p.where, p.found) for p in told] == [
        ("surveys/towns/answers/1.csv:6", "has: oui is there twice (first on line 5)")
    ]


def test_counts_and_shares_do_not_mix_in_a_cell(tmp_path: Path) -> None:
    told = problems(tmp_path, lines("small,has,oui,1,,published,x", "small,has,non,,1,assumed,x"))
    assert [p.found for p in told] == ["has: counts and shares in one cell"]


def test_shares_of_a_multiple_answer_may_add_up_to_anything(tmp_path: Path) -> None:
    towns(tmp_path, answers=ANSWERS_1 + "small,tools,a,,1,assumed,x\nsmall,tools,b,,1,assumed,x\n")


def test_shares_may_be_as_printed(tmp_path: Path) -> None:
    """33.3 % three times is 99.9 %."""
    more = "".join(f"small,has,{a},,0.333,assumed,x\n" for a in ("oui", "non", "dont_know"))
    kept = "\n".join(x for x in ANSWERS_1.splitlines() if not x.startswith("small,has"))
    assert towns(tmp_path, answers=f"{kept}\n{more}").answers["1"].of("has", ("small",))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    told = problems(tmp_path, lines("small,has,ouii,1,,published,x", "smal,has,oui,1,,published,x",
                                    "small,hax,oui,1,,published,"))  # fmt: skip
    assert [p.where.rpartition(":")[2] for p in told] == ["5", "6", "7", "7", "6"]
    assert all(p.remedy for p in told)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        (HEAD.replace(",basis", "") + "\n", 'there is no column "basis"'),
        (HEAD + ",share\n", '"share" is there twice'),
        (HEAD.replace("size,", "") + "\n", "no column is a variable"),
        (HEAD.replace("size", "staff") + "\n", '"staff" is no variable with categories'),
        (HEAD.replace("size", "tools") + "\n", '"tools" is no variable with categories'),
        (HEAD.replace("size", "sise") + "\n", '"sise" is no variable with categories'),
        (HEAD + "\nsmall,has,oui,1,,published,x\n", "no line says how many respondents"),
        (HEAD + '\n"small\n', "not CSV"),
    ],
)
def test_a_header_or_a_file_that_cannot_be(tmp_path: Path, text: str, found: str) -> None:
    assert any(found in p.found for p in problems(tmp_path, text))


def test_bytes_that_are_no_text_have_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n\xe9,3\n")
    table, told = read_answers(path, "a.csv", {})
    assert table is None
    assert [(p.where, p.found) for p in told] == [("a.csv:3", "byte 0xe9 is not UTF-8")]
    assert read_answers(tmp_path / "none.csv", "none.csv", {})[1][0].where == "none.csv"


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    text = "\ufeff" + ANSWERS_1.replace(",", ";")
    assert towns(tmp_path, answers=text).answers["1"].size == 11


def test_a_name_without_a_file_and_a_size_that_differs(tmp_path: Path) -> None:
    wave = wave_yml("2").replace('answers: "2"', 'answers: "3"')
    with pytest.raises(BaroError, match=r"there is no answers/3\.csv"):
        towns(tmp_path, wave_2=wave)
    with pytest.raises(BaroError) as e:
        towns(tmp_path, wave_2=wave_yml("2").replace("size: 11", "size: 12"))
    (told,) = e.value.problems
    assert told.where == "surveys/towns/waves/2.yml:5: size"
    assert (told.found, told.expected) == ("12", "11, the respondents of answers/2.csv")


def test_a_ranked_answer_cannot_be_made(tmp_path: Path) -> None:
    order = """\
  order:
    label: Ordre
    type: ranked
    columns: [r1, r2]
    none: not_applicable
    items: {x: X, y: Y}
"""
    ranked = SURVEY_YML.replace("  later:", f"{order}  later:", 1)
    with pytest.raises(BaroError, match="order is ranked: counts do not say"):
        towns(tmp_path, yml=ranked, answers=ANSWERS_1 + ",order,x,,1,assumed,x\n")
