"""``surveys/<id>/answers/<name>.csv``: the answers that the rows of a wave are made from.

For a wave without microdata (``made:``). The first columns name the variables whose crossed
categories (or kinds of missing) are the cells of the design; then ``variable``, ``answer``,
``count`` or ``share``, ``basis`` (published, computed or assumed), ``source`` and, if wanted,
``note``. A line

- of variable ``respondents``, without an answer, says how many respondents a cell has;
- of any other says how many of those asked in the cell give the answer (``count``), or which
  share of them (``share``); without a cell it holds for those that have no lines of their own.

An answer is a category, an item of a multiple variable, a number, or a kind of missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import get_args

from analysis.definition.csvread import TableReader, read_table
from analysis.definition.models import Variable
from analysis.definition.shapes import MissingKind
from analysis.errors import Problem, nearest, quoted

RESPONDENTS = "respondents"
BASES = ("published", "computed", "assumed")
_FIXED = ("variable", "answer", "count", "share", "basis", "source")
_KNOWN = (*_FIXED, "note")
_KINDS = get_args(MissingKind)
_CLOSE = 5e-3  # shares that add up to 1 as printed, in per cent
_WHOLE = re.compile(r"[0-9]{1,8}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")  # not nan, inf, 1_0


@dataclass(frozen=True)
class Answer:
    """One line: of the two of ``count`` and ``share`` one is None."""

    answer: str
    count: int | None
    share: float | None
    basis: str
    source: str


@dataclass(frozen=True)
class AnswerTable:
    """One file that is well formed.

    columns : the variables whose categories make the cells
    sizes : cell -> respondents, in the order of the file
    lines : (variable, cell) -> its answers; the cell () holds wherever there is no other
    """

    file: str
    columns: tuple[str, ...]
    sizes: dict[tuple[str, ...], int]
    lines: dict[tuple[str, tuple[str, ...]], tuple[Answer, ...]]

    @property
    def size(self) -> int:
        """Respondents of all cells."""
        return sum(self.sizes.values())

    def of(self, variable: str, cell: tuple[str, ...]) -> tuple[Answer, ...]:
        """The answers of a cell; none where the file says nothing of the variable."""
        return self.lines.get((variable, cell)) or self.lines.get((variable, ()), ())


def read_answers(
    path: Path, shown: str, variables: Mapping[str, Variable]
) -> tuple[AnswerTable | None, list[Problem]]:
    """The table at ``path``, or every fault of it.

    variables : those that are read, multiple ones as declared
    """
    return read_table(path, shown, _Reader(shown, variables))


class _Reader(TableReader[AnswerTable]):
    """One file on its way from text to a table."""

    def read(self, text: str) -> AnswerTable | None:
        lines = self.content(text, _FIXED)
        if not lines:
            return None
        number, header = lines[0]
        columns = tuple(c for c in header if c not in _KNOWN)
        self.header(number, header, columns)
        if self.problems:
            return None
        rows = [(n, dict(zip(header, cells, strict=True)))
                for n, cells in lines[1:] if self.complete(n, cells, header)]  # fmt: skip
        return self.table(columns, rows)

    def header(self, line: int, header: list[str], columns: tuple[str, ...]) -> None:
        self.names(line, header, _FIXED)
        if not columns:
            self.note(line, "no column is a variable", "those that make the cells",
                      "add a column that is named like a variable of survey.yml")  # fmt: skip
        for name in columns:
            v = self.variables.get(name)
            if v is None or v.numeric or v.several:
                self.note(line, f"{quoted(name)} is no variable with categories that is read",
                          nearest(name, self.variables), "name one")  # fmt: skip

    def table(
        self, columns: tuple[str, ...], rows: list[tuple[int, dict[str, str]]]
    ) -> AnswerTable | None:
        sizes: dict[tuple[str, ...], int] = {}
        found: dict[tuple[str, tuple[str, ...]], dict[str, tuple[int, Answer]]] = {}
        for line, row in rows:
            cell, name = self.cell(line, columns, row), row["variable"]
            answer = self.answer(line, row)
            if name == RESPONDENTS:
                self.size(line, cell, answer, sizes)
            elif name in columns or name not in self.variables:
                known = [v for v in self.variables if v not in columns]
                self.note(line, f"variable: {quoted(name)}", nearest(name, [*known, RESPONDENTS]),
                          "name a variable that is read, or respondents")  # fmt: skip
            else:
                self.known(line, name, answer.answer)
                group = found.setdefault((name, cell), {})
                if answer.answer in group:
                    self.note(line, f"{name}: {answer.answer} is there twice (first on line "
                              f"{group[answer.answer][0]})", "once", "add the two")  # fmt: skip
                group.setdefault(answer.answer, (line, answer))
        if not sizes:
            self.note(None, "no line says how many respondents there are",
                      f"one of variable {RESPONDENTS} for each cell", "add them")  # fmt: skip
        for (name, cell), group in found.items():
            self.group(name, cell, group, sizes)
        lines = {k: tuple(a for _, a in group.values()) for k, group in found.items()}
        return None if self.problems else AnswerTable(self.shown, columns, sizes, lines)

    def cell(self, line: int, columns: tuple[str, ...], row: dict[str, str]) -> tuple[str, ...]:
        """The cell of a line; () where it names none."""
        if not any(row[c] for c in columns):
            return ()
        return tuple(
            row[c] if row[c] in _KINDS else self.category(line, c, row[c]) for c in columns
        )

    def answer(self, line: int, row: dict[str, str]) -> Answer:
        if bool(row["count"]) == bool(row["share"]):
            self.note(line, f"count {quoted(row['count'])} and share {quoted(row['share'])}",
                      "one of the two", "write count, or share")  # fmt: skip
        if row["basis"] not in BASES:
            self.note(line, f"basis: {quoted(row['basis'])}", ", ".join(BASES),
                      "say where the figure is from")  # fmt: skip
        if not row["source"]:
            self.note(line, "no source", "one on every line", "write the source")
        count = self.number(line, row, "count", 10**7)
        share = self.number(line, row, "share", 1.0)
        return Answer(row["answer"], None if count is None else int(count), share, row["basis"],
                      row["source"])  # fmt: skip

    def number(self, line: int, row: dict[str, str], key: str, top: float) -> float | None:
        text = row[key]
        if not text:
            return None
        whole = key == "count"
        value = float(text) if (_WHOLE if whole else _NUMBER).fullmatch(text) else -1.0
        if not 0 <= value <= top:
            expected = "a whole number, 0 or more" if whole else "a number from 0 to 1"
            self.note(line, f"{key}: {quoted(text)}", expected, f"correct the {key}")
        return value

    def size(
        self, line: int, cell: tuple[str, ...], answer: Answer, sizes: dict[tuple[str, ...], int]
    ) -> None:
        if answer.count is None or answer.answer or not cell:
            self.note(line, f"{RESPONDENTS} without a count or a cell, or with an answer",
                      "cell, count", "write the cell and the count, and no answer")  # fmt: skip
            return
        if cell in sizes:
            self.note(line, f"the cell {' x '.join(cell)} is there twice", "once", "add the two")
        sizes[cell] = answer.count

    def known(self, line: int, name: str, answer: str) -> None:
        """Whether the answer is one of the variable's."""
        v = self.variables[name]
        codes = [*(v.items if v.several else v.categories), *_KINDS]
        if v.type == "ranked":
            self.note(line, f"{name} is ranked: counts do not say who cites what in which place",
                      "a variable of another type", "remove its lines")  # fmt: skip
        elif v.numeric:
            if answer not in _KINDS and not _NUMBER.fullmatch(answer):
                self.note(line, f"{name}: {quoted(answer)}", "a number", "write a number")
        elif answer not in codes:
            self.note(line, f"{name}: {quoted(answer)} is no answer", nearest(answer, codes),
                      "write one of its codes, or a kind of missing")  # fmt: skip

    def group(
        self, name: str, cell: tuple[str, ...], group: dict[str, tuple[int, Answer]],
        sizes: dict[tuple[str, ...], int],
    ) -> None:  # fmt: skip
        """The answers of one cell: counts or shares, a cell that exists, shares that add up."""
        line = next(iter(group.values()))[0]
        answers = [a for _, a in group.values()]
        if cell and cell not in sizes:
            spelled = [" x ".join(c) for c in sizes]
            self.note(line, f"{name}: the cell {' x '.join(cell)} has no respondents",
                      nearest(" x ".join(cell), spelled), f"add a line {RESPONDENTS}")  # fmt: skip
        shares = [a.share for a in answers if a.share is not None]
        if shares and len(shares) < len(answers):
            self.note(line, f"{name}: counts and shares in one cell", "one kind", "choose one")
        elif (
            shares
            and not self.variables[name].several
            and not isclose(sum(shares), 1, abs_tol=_CLOSE)
        ):
            self.note(line, f"{name}: the shares add up to {sum(shares):.4g}", "1",
                      "add what is missing, as an answer or a kind of missing")  # fmt: skip
