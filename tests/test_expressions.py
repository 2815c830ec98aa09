"""The language of ``when:`` and ``numerator:``: grammar, three-valued answers, messages."""

from __future__ import annotations

import polars as pl
import pytest

from analysis.expressions import (
    Both,
    Compare,
    Either,
    ExpressionError,
    Not,
    compile_expression,
    explain,
    faults,
    names,
    parse,
)

A, B, C = Compare("a", "==", ("x",)), Compare("b", "==", ("y",)), Compare("c", "==", ("z",))
CODES = {"a": ("x", "y"), "age": None, "code": ("01", "1")}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a == x", A),
        ("a==x", A),
        ("  a ==\n x ", A),
        ("not a == x", Not(A)),
        ("not not a == x", Not(Not(A))),
        ("a == x or b == y and c == z", Either(A, Both(B, C))),
        ("a == x and b == y or c == z", Either(Both(A, B), C)),
        ("(a == x or b == y) and c == z", Both(Either(A, B), C)),
        ("not a == x and b == y", Both(Not(A), B)),
        ("a in {x}", Compare("a", "in", ("x",))),
        ("a in {x, y,z}", Compare("a", "in", ("x", "y", "z"))),
        ("age >= 18.5", Compare("age", ">=", ("18.5",))),
        ("age < -3", Compare("age", "<", ("-3",))),
        ("androide == ouïe", Compare("androide", "==", ("ouïe",))),
    ],
)
def test_the_grammar(text: str, tree: object) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "a name or value is missing at the end"),
        ("a", 'a comparison is missing after "a"'),
        ("a ==", "a name or value is missing at the end"),
        ("a = x", '"=" is not part of the language'),
        ("a == x b", '"b" stands where'),
        ("a == x == y", '"==" stands where'),
        ("a in x", '"{" is missing'),
        ("a in {}", '"}" stands where a name or value should be'),
        ("a in {x,}", '"}" stands where a name or value should be'),
        ("a in {x y}", '"}" is missing'),
        ("(a == x", '")" is missing at the end'),
        ("a == x)", '")" stands where'),
        ("and == x", '"and" stands where'),
        ("a == 'x'", "\"'x'\" stands where a name or value should be"),
        ("not", "a name or value is missing at the end"),
        ("(" * 5000, "more than 200 words"),
        ("not " * 5000 + "a == x", "more than 200 words"),
    ],
)
def test_what_is_no_expression_is_said_where(text: str, fault: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert fault in str(caught.value)


def test_nothing_is_evaluated_as_python() -> None:
    with pytest.raises(ExpressionError):
        parse("__import__('os').system('true') == x")


def test_names_are_given_once_in_order() -> None:
    assert names(parse("b == y or (a == x and not b == z)")) == ("b", "a")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("sex == x", '"sex" is not a variable'),
        ("a == z", '"z" is not a category of a (known: x, y)'),
        ("a in {x, z}", '"z" is not a category of a'),
        ("a > x", "a has categories: compare it with ==, != or in, not >"),
        ("age == x", '"x" is not a number (age is numeric)'),
        ("age < nan", '"nan" is not a number'),
        ("age in {1, inf}", '"inf" is not a number'),
        ("a == dont_know", '"dont_know" is not a category of a'),
        ("code == 001", '"001" is not a category of code (known: 01, 1)'),
    ],
)
def test_faults_name_what_is_not_declared(text: str, fault: str) -> None:
    (found,) = faults(parse(text), CODES)
    assert fault in found


def test_every_fault_of_an_expression_is_found() -> None:
    assert len(faults(parse("sex == x or a == z and age == old"), CODES)) == 3


@pytest.mark.parametrize("text", ["a == x", "age >= 18 and a in {x, y}", "code != 01"])
def test_what_is_declared_has_no_fault(text: str) -> None:
    assert faults(parse(text), CODES) == []


# x, y, missing of two kinds; 17, 18, unknown, 40
FRAME = pl.DataFrame(
    {
        "a": pl.Series(["x", "y", "dont_know", "not_asked"], dtype=pl.Enum(
            ["x", "y", "not_asked", "dont_know"]
        )),
        "age": [17.0, 18.0, None, 40.0],
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("a == x", [1, 0, 0, 0]),
        ("a != x", [0, 1, 0, 0]),  # a missing answer is not "another answer"
        ("not a == x", [0, 1, 1, 1]),
        ("not a != x", [1, 0, 1, 1]),
        ("a in {x, y}", [1, 1, 0, 0]),
        ("not a in {x, y}", [0, 0, 1, 1]),
        ("age >= 18", [0, 1, 0, 1]),
        ("age < 18", [1, 0, 0, 0]),
        ("age != 18", [1, 0, 0, 1]),
        ("not age >= 18", [1, 0, 1, 0]),
        ("age in {17, 40}", [1, 0, 0, 1]),
        ("age == 17 or a == y", [1, 1, 0, 0]),
        ("age <= 18 and a == y", [0, 1, 0, 0]),
        ("age > 17", [0, 1, 0, 1]),
    ],
)
def test_a_comparison_is_never_unknown(text: str, truth: list[int]) -> None:
    made = FRAME.select(compile_expression(parse(text), frozenset({"age"}))).to_series()
    assert made.null_count() == 0
    assert made.cast(pl.Int8).to_list() == truth


def test_the_problem_of_an_expression_shows_what_to_type() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("age = 18")
    problem = explain("survey.yml:4: when", "age = 18", caught.value)
    assert problem.where == "survey.yml:4: when"
    assert '"age = 18"' in problem.found
    assert "age >= 18" in problem.expected
    assert problem.remedy
