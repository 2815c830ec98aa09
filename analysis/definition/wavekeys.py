"""Keys of a wave's file that say how it differs: rows left out, names listed, open decisions.

A value that ends with `` ?`` is a decision nobody has taken yet: what stands before the sign is
a proposal, `` ?`` alone a blank to fill in. :func:`open_decisions` finds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from analysis.definition.shapes import Model
from analysis.definition.yamltext import Document, Path_

_PROSE = {"note", "title", "ignored"}  # where a question mark is only a question mark
_RANGE = re.compile(r"([0-9]{1,12})(?:\s*[-–]\s*([0-9]{1,12}))?")
_MOST_ROWS = 10_000_000


def _split(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


Names = Annotated[
    tuple[str, ...], BeforeValidator(_split, json_schema_input_type=str | tuple[str, ...])
]


def _rows(text: str) -> str:
    row_numbers(text)
    return text


class Drop(Model):
    """Rows of the raw file that are no respondents, and why.

    rows : their numbers in the file (the header is row 1), as "12, 40-43"
    reason : why they are left out
    """

    rows: Annotated[str, AfterValidator(_rows)]
    reason: str

    @property
    def numbers(self) -> frozenset[int]:
        """The rows, one by one."""
        return row_numbers(self.rows)


def row_numbers(text: str) -> frozenset[int]:
    """``"12, 40-43"`` as numbers; raises ValueError."""
    found: set[int] = set()
    for part in (p.strip() for p in text.split(",") if p.strip()):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ValueError(f'"{part}" is no row or range of rows, as in "12, 40-43"')
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first > _MOST_ROWS:
            raise ValueError(f'"{part}" is no range of rows')
        found |= set(range(first, last + 1))
    return frozenset(found)


def rows_text(rows: Iterator[int] | list[int]) -> str:
    """Row numbers as text, runs as ranges."""
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)


def is_open(value: str) -> bool:
    """Whether a value waits for a decision."""
    return value == "?" or value.endswith(" ?")


def open_decisions(document: Document) -> list[tuple[Path_, str]]:
    """Place and value of each decision that a wave's file leaves open, in its order."""
    return list(_open(document.data, ()))


def _open(value: object, path: Path_) -> Iterator[tuple[Path_, str]]:
    if isinstance(value, str) and is_open(value):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if path or key not in _PROSE:
                yield from _open(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _open(inner, (*path, i))
