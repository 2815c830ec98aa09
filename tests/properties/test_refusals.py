"""Whatever is done to a file, it is read or refused by a BaroError: never anything else."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.definition import load_survey
from analysis.errors import BaroError
from analysis.expressions import ExpressionError, compile_expression, faults, parse
from analysis.harmonise import harmonise
from analysis.tabulation import tabulate
from tests.surveys_maker import (
    HEADER,
    ROWS_2019,
    SURVEY_YML,
    Small,
    csv_bytes,
    small_survey,
    write_survey,
)

quick = settings(max_examples=60, deadline=None, derandomize=True, database=None)
WHOLE = csv_bytes([HEADER, *ROWS_2019])
PIECES = st.sampled_from(
    [b'"', b";", b"\n", b"\r", b"\0", b"\xff", b"\xe9", b",", b" ", b"-", b"1e999", b"NA", b"",
     b"\xef\xbb\xbf", b"\x1f\x8b", b"Oui", b"\x1b[2J", "\u202e".encode(), b"999"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["a", "b", "age", "==", "!=", "<", "in", "and", "or", "not", "(", ")", "{", "}", ",", "x", "3"]
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    folder = tmp_path_factory.mktemp("refusals")
    return Small(small_survey(folder), folder)


@quick
@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 6), PIECES), max_size=4))
def test_a_raw_file_changed_anywhere(small: Small, cuts: list[tuple[int, int, bytes]]) -> None:
    content = WHOLE
    for at, length, piece in cuts:
        content = content[:at] + piece + content[at + length :]
    with suppress(BaroError):
        frame = harmonise(small.survey, "2019", small.read(content))
        tabulate(small.survey, "2019", frame, origin="observed", definition_hash="x")


@pytest.fixture(scope="module")
def surveys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_survey(tmp_path_factory.mktemp("changed"))


LINES = SURVEY_YML.splitlines(keepends=True)


@quick
@given(
    st.integers(0, len(LINES) - 1),
    st.sampled_from(["drop", "twice", "up", "deeper", "empty", "list", "cut", "hash", "swap"]),
    st.integers(0, len(LINES) - 1),
)
def test_a_definition_changed_in_any_line(surveys: Path, at: int, how: str, other: int) -> None:
    lines = list(LINES)
    line = lines[at]
    lines[at] = {
        "drop": "",
        "twice": line * 2,
        "up": line.lstrip(),
        "deeper": "  " + line,
        "empty": line.split(":")[0] + ":\n",
        "list": line.split(":")[0] + ": [x, y]\n",
        "cut": line[: len(line) // 2] + "\n",
        "hash": line.split(":")[0] + ": {x: y}\n",
        "swap": lines[other],
    }[how]
    (surveys / "small" / "survey.yml").write_text("".join(lines), "utf-8")
    with suppress(BaroError):
        load_survey(surveys, "small")


@quick
@given(st.lists(WORDS, max_size=12))
def test_any_words_in_any_order(words: list[str]) -> None:
    with suppress(ExpressionError):
        tree = parse(" ".join(words))
        if not faults(tree, {"a": ("x",), "b": ("x", "3"), "age": None}):
            compile_expression(tree, frozenset({"age"}))
