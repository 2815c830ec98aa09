"""A battery of ordinal answers around a middle; who does not know stands apart, outside the bar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from analysis.charts.parts import (
    Part,
    aside,
    bar,
    check_whole,
    named,
    picture,
    published,
    row,
    see_table,
    sentence,
)
from analysis.charts.svg import pct, tag
from analysis.errors import refuse
from analysis.language import say
from analysis.wording import NBSP, colon, percent

MOST = 2  # shades on each side
AGAINST, FAVOUR = ("n2", "n1"), ("p1", "p2")


@dataclass(frozen=True, slots=True)
class DivergingRow:
    """One item.

    against : shares left of the middle, the strongest first ; favour : right of it, strongest last
    middle : a share that straddles it, or None ; apart : those that took no side
    """

    label: str
    against: tuple[Part, ...]
    favour: tuple[Part, ...]
    middle: Part | None = None
    apart: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every share, from left to right, then those apart."""
        return (*self.sided, *self.apart)

    @property
    def sided(self) -> tuple[Part, ...]:
        """The shares of the bar."""
        return (*self.against, *((self.middle,) if self.middle else ()), *self.favour)

    @property
    def left(self) -> float:
        """How far the bar reaches to the left of the middle."""
        return _total(self.against) + (_total((self.middle,)) / 2 if self.middle else 0.0)

    @property
    def right(self) -> float:
        """How far it reaches to the right."""
        return _total(self.favour) + (_total((self.middle,)) / 2 if self.middle else 0.0)


@dataclass(frozen=True, slots=True)
class DivergingChart:
    """Bars that share a middle; ``sides`` names what stands left and right of it.

    Raises :class:`BaroError` where a side has none or more than two shares, or shares do not add
    to 100 %.
    """

    id: str
    title: str
    rows: tuple[DivergingRow, ...]
    sides: tuple[str, str]

    def __post_init__(self) -> None:
        where = f"diverging chart {self.id}"
        for r in self.rows:
            if not (1 <= len(r.against) <= MOST and 1 <= len(r.favour) <= MOST):
                raise refuse(
                    f"{where}, {r.label}",
                    f"{len(r.against)} shares against {len(r.favour)}",
                    "one or two on each side",
                    "draw a stacked chart, or answers()",
                )
            check_whole(where, r.label, r.parts)

    @property
    def _drawn(self) -> tuple[DivergingRow, ...]:
        return tuple(r for r in self.rows if published(r.sided))

    @property
    def reach(self) -> tuple[float, float]:
        """Left and right ends of the scale, as fractions of all answers."""
        return (max((r.left for r in self._drawn), default=0.5) or 0.01,
                max((r.right for r in self._drawn), default=0.5) or 0.01)  # fmt: skip

    def describe(self) -> str:
        """Both sides of each item, then its shares."""
        return " ".join((*map(self._described, self.rows), see_table()))

    def _described(self, r: DivergingRow) -> str:
        if not published(r.sided):
            return sentence(r.label, r.parts)
        sides = ", ".join(self._sides(r))
        return f"{r.label}{colon()} {sides}. {sentence(say('En détail', 'In detail'), r.parts)}"

    def _sides(self, r: DivergingRow) -> tuple[str, str]:
        """Totals are summed before they are rounded."""
        values = (percent(_total(side)) for side in (r.against, r.favour))
        left, right = (f"{v}{NBSP}{name}" for v, name in zip(values, self.sides, strict=True))
        return left, right

    def svg(self) -> str:
        """Name, both totals, bar and shares of each item."""
        return picture(self.id, self.title, self.describe(), map(self._row, self.rows))

    def _row(self, r: DivergingRow) -> str:
        if not published(r.sided):
            return row(r.label, named(("", part) for part in r.parts))
        totals = (tag("strong", escape(side, quote=False)) for side in self._sides(r))
        middle = self.reach[0] / sum(self.reach)
        line = tag("line", class_="milieu", x1=pct(middle), x2=pct(middle), y1="-22%", y2="122%")
        return row(r.label, tag("div", *totals, class_="cotes"), bar(self._segments(r), line),
                   named(_shaded(r)))  # fmt: skip

    def _segments(self, r: DivergingRow) -> Iterator[tuple[str, float, float]]:
        left, right = self.reach
        at = left - r.left
        for shade, part in _shaded(r):
            if shade:
                width = part.value or 0.0
                yield shade, at / (left + right), width / (left + right)
                at += width

    def plotly(self) -> dict[str, Any]:
        """The same as a plotly figure, see :mod:`analysis.charts.interactive_parts`."""
        from analysis.charts.interactive_parts import diverging_figure

        return diverging_figure(self)


def _shaded(r: DivergingRow) -> Iterator[tuple[str, Part]]:
    """Every share with its shade, from left to right; "" for those apart."""
    yield from zip(AGAINST[-len(r.against) :], r.against, strict=True)
    if r.middle:
        yield "mi", r.middle
    yield from zip(FAVOUR[: len(r.favour)], r.favour, strict=True)
    yield from (("", part) for part in aside(r.apart))


def _total(parts: tuple[Part, ...]) -> float:
    return sum(p.value or 0.0 for p in parts)
