"""The one error type: what it prints, and that no value it shows can harm who reads it."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
import yaml

from analysis.errors import BaroError, Problem, nearest, printable, quoted, raise_all, refuse

FULL = Problem("survey.yml:3: id", "the column is missing", "ID", "write id: ID")
HOSTILE = "\x1b[2J\x07\x00\r\x85\u202e\u200b\ud800\U000e0001"


def test_a_problem_prints_place_finding_expectation_and_remedy() -> None:
    assert str(FULL) == (
        "survey.yml:3: id\n  the column is missing\n  expected: ID\n  -> write id: ID"
    )


def test_a_problem_leaves_out_what_it_has_not() -> None:
    assert str(Problem("here", "nothing")) == "here\n  nothing"


def test_a_problem_as_a_dict_has_all_its_parts() -> None:
    assert FULL.as_dict() == {
        "where": "survey.yml:3: id",
        "found": "the column is missing",
        "expected": "ID",
        "remedy": "write id: ID",
        "row": None,
        "respondent": "",
        "column": "",
        "value": "",
        "rule": "",
        "severity": "stop",
    }


@pytest.mark.parametrize("part", ["where", "found", "expected", "remedy"])
def test_no_part_of_a_problem_holds_what_drives_a_terminal(part: str) -> None:
    parts: dict[str, Any] = {"where": "w", "found": "f", part: f"before{HOSTILE}after"}
    problem = Problem(**parts)
    for text in (str(problem), json.dumps(problem.as_dict(), ensure_ascii=False)):
        assert "before\\x1b" in text.replace("\\\\", "\\")
        assert all(c == "\n" or unicodedata.category(c)[0] != "C" for c in text), text
        text.encode("utf-8")  # a lone surrogate would not


def test_french_text_is_printed_as_it_is() -> None:
    text = "L’été : 3 100 € – « œuvre »\u202f!\u00a0"
    assert printable(text) == text


@pytest.mark.parametrize(
    "value",
    ["Oui", 'dit "non"', "a\\b", "deux\nlignes", "\x1b[31m", "\u202egauche", "'", "é\u2028"],
)
def test_a_quoted_value_is_one_line_that_yaml_reads_back(value: str) -> None:
    shown = quoted(value)
    assert "\n" not in shown
    assert yaml.safe_load(shown) == value


def test_a_long_value_is_shortened_and_measured() -> None:
    shown = quoted("x" * 100_000)
    assert len(shown) < 120
    assert "(100000 characters)" in shown


def test_an_error_needs_a_problem() -> None:
    with pytest.raises(ValueError, match="at least one"):
        BaroError([])


def test_raise_all_does_nothing_without_problems() -> None:
    raise_all([])


def test_raise_all_raises_every_problem_once() -> None:
    with pytest.raises(BaroError) as caught:
        raise_all(Problem(f"file:{i}", "wrong") for i in range(5))
    assert [p.where for p in caught.value.problems] == [f"file:{i}" for i in range(5)]
    assert str(caught.value).count("wrong") == 5


def test_the_first_twenty_are_printed_and_the_rest_counted() -> None:
    error = BaroError(Problem(f"file:{i}", "wrong") for i in range(23))
    assert str(error).count("wrong") == 20
    assert "and 3 more" in str(error)
    assert len(error.problems) == 23


def test_refuse_makes_an_error_of_one_problem() -> None:
    error = refuse("survey.yml:3: id", "the column is missing", "ID", "write id: ID")
    assert error.problems == (FULL,)


@pytest.mark.parametrize(
    ("name", "known", "phrase"),
    [
        ("poid", ["poids", "sexe"], 'did you mean "poids"?'),
        ("zzz", ["poids", "sexe"], "known: poids, sexe"),
        ("zzz", [], "known: none"),
        ("zzz", [f"k{i:02d}" for i in range(20)], "k11, …"),
        ("y" * 100_000, ["poids"], "known: poids"),
    ],
)
def test_nearest_names_what_is_close_or_what_is_known(
    name: str, known: list[str], phrase: str
) -> None:
    assert phrase in nearest(name, known)
    assert len(nearest(name, known)) < 200
