"""CSV files beside a definition: read strictly, every fault told at once with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from analysis.definition.models import Variable
from analysis.definition.textchecks import unsafe
from analysis.errors import Problem, nearest, quoted

T = TypeVar("T")
_LONGEST = 64 << 20  # a frame of all French communes takes 4


def _text(path: Path, shown: str) -> tuple[str, list[Problem]]:
    """The text of a file, or why there is none; ``shown`` is how messages call the file."""
    try:
        if path.stat().st_size > _LONGEST:
            longest = f"{_LONGEST >> 20} MiB at most"
            return "", [Problem(shown, "the file is too long", longest, "put back the right file")]
        return path.read_text("utf-8-sig"), []
    except UnicodeDecodeError as e:
        line = e.object.count(b"\n", 0, e.start) + 1
        found = f"byte {e.object[e.start]:#04x} is not UTF-8"
        return "", [Problem(f"{shown}:{line}", found, "", "save the file as UTF-8")]
    except OSError as e:
        return "", [Problem(shown, f"cannot be read: {e.strerror}", "a file", f"mend {shown}")]


def read_table(path: Path, shown: str, reader: TableReader[T]) -> tuple[T | None, list[Problem]]:
    """The table that ``reader`` makes of the file at ``path``, or every fault of it."""
    text, problems = _text(path, shown)
    if problems:
        return None, problems
    table = reader.read(text)
    return (None if reader.problems else table), reader.problems


class TableReader(Generic[T]):
    """One file on its way from text to a table, faults noted on the way; ``read`` is the kind's."""

    def __init__(self, shown: str, variables: Mapping[str, Variable]) -> None:
        self.shown, self.variables = shown, variables
        self.problems: list[Problem] = []

    def note(self, line: int | None, found: str, expected: str, remedy: str) -> None:
        """Keep a fault."""
        where = f"{self.shown}:{line}" if line else self.shown
        self.problems.append(Problem(where, found, expected, remedy))

    def read(self, text: str) -> T | None:
        """The table of a text; None where its faults leave none."""
        raise NotImplementedError

    def content(self, text: str, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
        """Every line, the one with the names first; none where the file is faulty or empty."""
        lines = list(self.lines(text))
        if self.problems:
            return []
        if not lines:
            self.note(None, "the file is empty", ", ".join(("<variable>", *columns)),
                      "write the names of the columns in its first line")  # fmt: skip
        return lines

    def names(self, line: int, header: list[str], needed: Sequence[str]) -> None:
        """Note the columns that a header lacks or has twice."""
        for name in (n for n in needed if n not in header):
            self.note(line, f'there is no column "{name}"', ", ".join(needed),
                      f"add the column {name}")  # fmt: skip
        for name in dict.fromkeys(n for n in header if header.count(n) > 1):
            self.note(line, f"the column {quoted(name)} is there twice", "each once",
                      "remove one of the two")  # fmt: skip

    def lines(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """(line, cells) of each line that is not blank."""
        first = text.lstrip().partition("\n")[0]
        separator = ";" if ";" in first else ","
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        try:
            for cells in reader:
                for text, (fault, remedy) in ((c, unsafe(c)) for c in cells):
                    if fault:
                        self.note(reader.line_num, f"{quoted(text)} holds {fault}", "words", remedy)
                if any(c.strip() for c in cells):
                    yield reader.line_num, [c.strip() for c in cells]
        except csv.Error as e:
            self.note(reader.line_num, f"not CSV: {e}", "one line a category", "mend the line")

    def complete(self, line: int, cells: list[str], header: list[str]) -> bool:
        """Whether a line has a value for each column."""
        if len(cells) == len(header):
            return True
        self.note(line, f"{len(cells)} values", f"{len(header)}, one a column",
                  "complete the line; quote a text that holds the separator")  # fmt: skip
        return False

    def category(self, line: int, column: str, value: str) -> str:
        """The code of a category, noted where it is none."""
        known = self.variables[column].categories
        if value in known:
            return value
        labelled = [code for code, c in known.items() if value in (c.label, *c.raw)]
        if labelled:
            self.note(line, f"{column}: {quoted(value)} is the label of a category", "its code",
                      f"type {labelled[0]}")  # fmt: skip
        else:
            self.note(line, f"{column}: {quoted(value)} is not a category", nearest(value, known),
                      "write one of its categories, as in survey.yml")  # fmt: skip
        return value
