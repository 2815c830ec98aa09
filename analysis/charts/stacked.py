"""Stacked shares: up to four that add to 100 %, one bar a group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from analysis.charts.parts import (
    Part,
    aside,
    bar,
    check_whole,
    named,
    picture,
    published,
    rounding,
    row,
    see_table,
    sentence,
)
from analysis.errors import refuse

MOST = 4
SHADES = ("s1", "s2", "s3", "s4")


@dataclass(frozen=True, slots=True)
class StackedRow:
    """A group and its shares, in the order of the bar; ``apart`` are those outside it."""

    label: str
    parts: tuple[Part, ...]
    apart: tuple[Part, ...] = ()

    @property
    def every(self) -> tuple[Part, ...]:
        """All shares, which add to 100 %."""
        return (*self.parts, *self.apart)


@dataclass(frozen=True, slots=True)
class StackedChart:
    """Bars of one length, each split in the same shares.

    Raises :class:`BaroError` for a fifth share, for shares that do not add to 100 % before
    rounding, and for rows that are not split alike.
    """

    id: str
    title: str
    rows: tuple[StackedRow, ...]

    def __post_init__(self) -> None:
        where = f"stacked chart {self.id}"
        names = {tuple(p.label for p in r.parts) for r in self.rows}
        if len(names) != 1:
            raise refuse(where, f"{len(names)} sets of shares", "the same shares in every row",
                         "draw one chart a question")  # fmt: skip
        if not 2 <= len(self.rows[0].parts) <= MOST:
            raise refuse(where, f"{len(self.rows[0].parts)} shares", "two to four",
                         "join categories in the definition, or draw answers()")  # fmt: skip
        for r in self.rows:
            check_whole(where, r.label, r.every)

    def describe(self) -> str:
        """Each row in words; what rounding does to its total."""
        return " ".join((*map(self._described, self.rows), see_table()))

    def _described(self, r: StackedRow) -> str:
        if not published(r.parts):
            return sentence(r.label, r.every)
        return " ".join(filter(None, [sentence(r.label, r.every), rounding(r.every)]))

    def svg(self) -> str:
        """Name, bar and shares of each row."""
        return picture(self.id, self.title, self.describe(), map(self._row, self.rows))

    def _row(self, r: StackedRow) -> str:
        """No bar where a share is not published: it would tell which."""
        known = published(r.parts)
        shaded = [(s if known else "", p) for s, p in zip(SHADES, r.parts, strict=False)]
        words = named([*shaded, *(("", p) for p in aside(r.apart))])
        return row(r.label, bar(self._segments(r)) if known else "", words)

    def _segments(self, r: StackedRow) -> Iterator[tuple[str, float, float]]:
        widths = [p.value or 0.0 for p in r.parts]
        yield from zip(SHADES, accumulate(widths, initial=0.0), widths, strict=False)

    def plotly(self) -> dict[str, Any]:
        """The same as a plotly figure, see :mod:`analysis.charts.interactive_parts`."""
        from analysis.charts.interactive_parts import stacked_figure

        return stacked_figure(self)
