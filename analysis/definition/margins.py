"""``surveys/<id>/margins/<name>.csv``: populations of categories, read strictly.

One column for each variable that the margin crosses (its categories by their codes), then
``population``, ``source``, ``year``, ``base`` (who is counted, in words) and, if wanted, ``note``.
Where the population changes from wave to wave, a column ``wave`` says which each line is about.
Every fault of a file is told at once, with its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite, isinf
from pathlib import Path

from analysis.definition.csvread import TableReader, read_table
from analysis.definition.models import Variable
from analysis.errors import Problem, nearest, quoted

FIGURES = ("population", "source", "year", "base")
KNOWN = (*FIGURES, "note", "wave")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"\d{1,3}([ ,.'’\u00a0\u202f]\d{3})+")


@dataclass(frozen=True)
class MarginTable:
    """One file that is well formed.

    columns : the variables that it crosses ; categories : (one a variable), one entry a row
    populations : one a row ; sources, notes : each once, in the order of the file
    by_wave : wave -> the lines about it, as a table; empty where the file has no column ``wave``.
    Then the whole is that of the latest wave.
    """

    file: str
    columns: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    populations: tuple[float, ...]
    year: str
    base: str
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    by_wave: dict[str, MarginTable] = field(default_factory=dict)

    def at(self, wave: str) -> MarginTable:
        """The margin of one wave; that of all of them where the file does not tell waves apart."""
        return self.by_wave.get(wave, self)

    @property
    def total(self) -> float:
        """The population that its categories add up to."""
        return sum(self.populations)

    @property
    def name(self) -> str:
        """How the report of weighting calls it."""
        return " x ".join(self.columns)


def read_margin(
    path: Path, shown: str, variables: Mapping[str, Variable]
) -> tuple[MarginTable | None, list[Problem]]:
    """The margin at ``path``, or every fault of it; ``shown`` is how messages call the file."""
    return read_table(path, shown, _Reader(shown, variables))


class _Reader(TableReader[MarginTable]):
    """One file on its way from text to a table, faults noted on the way."""

    def read(self, text: str) -> MarginTable | None:
        lines = self.content(text, FIGURES)
        if not lines:
            return None
        number, header = lines[0]
        if not self.header(number, header):
            return None
        whole = [(n, dict(zip(header, cells, strict=True)))
                 for n, cells in lines[1:] if self.complete(n, cells, header)]  # fmt: skip
        if not lines[1:]:
            self.note(None, "no category", "one line a category", "add them, or leave it out")
        return self.table([c for c in header if c not in KNOWN], whole)

    def header(self, line: int, header: list[str]) -> bool:
        """Whether the names of the columns are those of a margin."""
        self.names(line, header, FIGURES)
        for name in dict.fromkeys(n for n in header if n not in KNOWN):
            self.variable(line, name)
        if not set(header) - set(KNOWN):
            self.note(line, "no column is a variable", "one, or several to cross",
                      "add a column that is named like a variable of survey.yml")  # fmt: skip
        return not self.problems

    def variable(self, line: int, name: str) -> None:
        v = self.variables.get(name)
        if v is None:
            self.note(line, f"{quoted(name)} is not a variable", nearest(name, self.variables),
                      "name a variable of survey.yml with categories")  # fmt: skip
        elif v.numeric:
            self.note(line, f"{quoted(name)} is of type {v.type}", "a variable with categories",
                      "derive classes from it in survey.yml, and name these")  # fmt: skip

    def table(
        self, columns: list[str], rows: list[tuple[int, dict[str, str]]]
    ) -> MarginTable | None:
        by_wave: dict[str, list[tuple[int, dict[str, str]]]] = {}
        for line, row in rows:
            if "wave" in row and not row["wave"]:
                self.note(line, "no wave", "one on every line, or no column wave",
                          "write the wave")  # fmt: skip
            by_wave.setdefault(row.get("wave", ""), []).append((line, row))
        tables = {wave: self.one_wave(columns, group) for wave, group in by_wave.items()}
        if self.problems or not tables:
            return None
        made = {wave: t for wave, t in sorted(tables.items()) if t}
        latest = made[max(made)]
        return latest if "" in made else replace(latest, by_wave=made)

    def one_wave(
        self, columns: list[str], rows: list[tuple[int, dict[str, str]]]
    ) -> MarginTable | None:
        """The lines of one wave, or of the file where it does not tell waves apart."""
        categories = [tuple(self.category(n, c, row[c]) for c in columns) for n, row in rows]
        amounts = [self.population(n, row["population"]) for n, row in rows]
        first: dict[tuple[str, ...], int] = {}
        for (line, _), category in zip(rows, categories, strict=True):
            if category in first:
                self.note(line, f"the category {' x '.join(category)} is there twice "
                          f"(first on line {first[category]})", "once",
                          "add the two, or leave one out")  # fmt: skip
            first.setdefault(category, line)
        for line, row in rows:
            self.described(line, row)
        for name in ("year", "base"):
            self.same(name, rows)
        if not self.problems and not sum(amounts) > 0:
            self.note(None, "its populations sum to 0", "a positive population", "correct them")
        if self.problems:
            return None
        return MarginTable(
            self.shown, tuple(columns), tuple(categories), tuple(amounts), rows[0][1]["year"],
            rows[0][1]["base"], _each(rows, "source"), _each(rows, "note"),
        )  # fmt: skip

    def population(self, line: int, text: str) -> float:
        if _NUMBER.fullmatch(text):
            value = float(text)
            if isfinite(value) and value >= 0:
                return value
            self.note(line, f"population: {text}", "0 or more" if not isinf(value) else "a number",
                      "correct the population")  # fmt: skip
        else:
            self.note(line, f"population: the text {quoted(text)}" if text else "no population",
                      "a number", _typed(text))  # fmt: skip
        return 0.0

    def described(self, line: int, row: dict[str, str]) -> None:
        """Where the figure is from, which year, and who is counted."""
        for name in ("source", "year", "base"):
            if not row[name]:
                self.note(line, f"no {name}", "one on every line", f"write the {name}")
        if row["year"] and not re.fullmatch(r"\d{4}", row["year"]):
            self.note(line, f"year: {quoted(row['year'])}", "four digits", "e.g. 2018")

    def same(self, name: str, rows: list[tuple[int, dict[str, str]]]) -> None:
        found: dict[str, int] = {}
        for line, row in rows:
            found.setdefault(row[name], line)
        values = [v for v in found if v]
        if len(values) > 1:
            self.note(found[values[1]], f"{name}: {quoted(values[1])}, and {quoted(values[0])} on "
                      f"line {found[values[0]]}", f"one {name} in a margin",
                      "take all figures from one population of one year")  # fmt: skip


def _typed(text: str) -> str:
    """What to type in place of a text that is no number."""
    plain = "".join(text.split())
    if _GROUPED.fullmatch(text):
        return f"type {re.sub(r'[^0-9]', '', text)}"
    if _NUMBER.fullmatch(plain.replace(",", ".")):
        return f"type {plain.replace(',', '.')}"
    return "type a number"


def _each(rows: list[tuple[int, dict[str, str]]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row[name] for _, row in rows if row.get(name)))
