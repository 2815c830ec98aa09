"""Dates, YAML, lines: the small parts."""

from __future__ import annotations

import pytest

from analysis.errors import BaroError
from analysis.render.dates import format_date
from analysis.render.inline import as_markdown
from analysis.render.source import split_lines
from analysis.render.yamlread import dig, read_yaml


@pytest.mark.parametrize(
    ("written", "style", "lang", "expected"),
    [
        ("2024-12-12", "long", "fr", "12 décembre 2024"),
        ("2024-03-01", "long", "fr-FR", "1 mars 2024"),
        ("2024-03-01", "D MMMM YYYY", "fr", "1 mars 2024"),
        ("2024-02-05", "full", "fr", "lundi 5 février 2024"),
        ("2024-02-05", "short", "fr", "05/02/2024"),
        ("2024-02-05", "iso", "fr", "2024-02-05"),
        ("2024-02-05", "[le] DD MMM YY", "fr", "le 05 févr. 24"),
        ("2024-12-12", "long", "en", "December 12, 2024"),
    ],
)
def test_dates(written: str, style: str, lang: str, expected: str) -> None:
    assert format_date(written, style, lang) == expected


@pytest.mark.parametrize(
    ("written", "style", "lang"),
    [("12/12/2024", "long", "fr"), ("2024-12-12", "D mois", "fr"), ("2024-12-12", "long", "de")],
)
def test_wrong_dates(written: str, style: str, lang: str) -> None:
    with pytest.raises(ValueError, match=r"not|date format"):
        format_date(written, style, lang)


def test_yaml_keeps_scalars_as_they_are_written() -> None:
    found = read_yaml("a: 01\nb: No\nc: 1.10\nd: true\ne:\nf: 'true'\ng: [x, {h: 2}]\n", "f", 10)
    assert found.data == {
        "a": "01", "b": "No", "c": "1.10", "d": True, "e": None, "f": "true",
        "g": ["x", {"h": "2"}],
    }  # fmt: skip
    assert found.where("c") == "f:12"
    assert found.where("g", "2", "h") == "f:16"
    assert found.where("g", "9") == "f:16"
    assert dig(found.data, "g.2.h") == "2"


@pytest.mark.parametrize("key", ["z", "g.3", "g.0", "a.b"])
def test_a_path_that_is_not_there(key: str) -> None:
    with pytest.raises(KeyError):
        dig({"a": "1", "g": ["x", "y"]}, key)


def test_yaml_that_is_no_mapping() -> None:
    with pytest.raises(BaroError, match=r"^f:3\n"):
        read_yaml("- a\n", "f", 3)


def test_plain_values_stay_characters() -> None:
    assert as_markdown({"text/plain": "a*b_|"}) == r"a\*b\_\|"
    assert as_markdown({"text/plain": "a*b"}, in_code=True) == "a*b"
    assert as_markdown({"text/plain": "x", "text/html": "<b>*</b>"}) == "<b>*</b>"


def test_lines_are_those_of_an_editor() -> None:
    assert split_lines("a\r\nb\u2028c\x0cd\n") == ["a", "b\u2028c\x0cd", ""]
