"""Paired change: a line a group from one wave to another that it can be compared with.

What a test confirms is said in words, drawn thick and printed bold; the rest is thin and dashed.
Labels are wrapped here, so that they stand beside their points at any width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any

from analysis.charts.parts import see_table
from analysis.charts.svg import pct, tag, text, ticks
from analysis.charts.trend import apart
from analysis.errors import refuse
from analysis.language import Words, say
from analysis.wording import colon, listed, number, points

MOST, LINE, TOP, LEAST = 6, 16, 26, 240  # groups; pixels: a line of type, the head, the plot
WORDS = 20  # characters of a line of a label
LANE = 0.05  # of the width: what keeps apart intervals that would cover each other
SIDES = {1: Words("hausse de", "up"), -1: Words("baisse de", "down")}


@dataclass(frozen=True, slots=True)
class End:
    """One wave of a group; value, low, high in the unit of the axis, None where not published."""

    value: float | None
    low: float | None
    high: float | None
    shown: str
    fragile: bool = False


@dataclass(frozen=True, slots=True)
class Slope:
    """A group, before and after.

    side : 1 or -1 where it rose or fell significantly, 0 where no test tells
    """

    label: str
    before: End
    after: End
    side: int = 0

    @property
    def known(self) -> bool:
        """Whether both ends are published."""
        return self.before.value is not None and self.after.value is not None

    @property
    def fragile(self) -> bool:
        """Whether an end must be used with caution."""
        return self.before.fragile or self.after.fragile

    @property
    def gain(self) -> float:
        """The later value less the earlier one, before either is rounded."""
        return (self.after.value or 0.0) - (self.before.value or 0.0)


@dataclass(frozen=True, slots=True)
class SlopeChart:
    """Up to six groups or indicators in two comparable waves, on one scale from 0.

    Raises :class:`BaroError` for more: their lines cannot be told apart.
    """

    id: str
    title: str
    waves: tuple[str, str]
    slopes: tuple[Slope, ...]
    percent: bool = True
    unit: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.slopes) <= MOST:
            raise refuse(f"slope chart {self.id}", f"{len(self.slopes)} groups", "one to six",
                         "name fewer, or draw two charts")  # fmt: skip

    @property
    def known(self) -> tuple[Slope, ...]:
        """The groups that are drawn."""
        return tuple(s for s in self.slopes if s.known)

    @property
    def axis(self) -> tuple[float, ...]:
        """Tick values from 0; per cents end at 100."""
        ends = [e for s in self.known for e in (s.before, s.after)]
        top = max((e.high or e.value or 0.0 for e in ends), default=0.0) or 1.0
        return ticks(min(top, 1.0) if self.percent else top, 4)

    @property
    def _block(self) -> int:
        """Height of the tallest label."""
        return LINE * max((len(self.label(s)) for s in self.known), default=1) + 4

    @property
    def plot(self) -> float:
        """Height between the two ends of the scale: room for every label."""
        return max(LEAST, self._block * len(self.known))

    def y(self, value: float) -> float:
        """The height of a value, in pixels from the top of the image."""
        return TOP + self.plot * (1 - value / self.axis[-1])

    # -------------------------------------------------------------------------------- in words
    def describe(self) -> str:
        """Each group from one wave to the other, with what the test says."""
        first, last = self.waves
        said = [
            f"{s.label}{colon()} {s.before.shown} {say('en', 'in')} {first}, "
            f"{s.after.shown} {say('en', 'in')} {last} ({self.said(s)})."
            for s in self.known
        ] or [say("Aucune valeur publiée.", "No value is published.")]
        return " ".join((*said, *filter(None, [self._missing()]), see_table()))

    def said(self, s: Slope) -> str:
        """What the test says: "hausse de 7 points", "pas d’écart significatif", "peu fiable"."""
        if s.fragile:
            return say("peu fiable", "low reliability")
        if not s.side:
            return say("pas d’écart significatif", "no significant change")
        size = points(abs(s.gain)) if self.percent else number(abs(s.gain), 1)
        size = size.replace("percentage ", "")  # short: it stands beside a point
        return f"{SIDES[s.side]} {size}"

    def label(self, s: Slope) -> list[str]:
        """The lines beside the later point: value and name, then what the test says."""
        return [*wrap(f"{s.after.shown} {s.label}", WORDS), self.said(s)]

    def _missing(self) -> str:
        names = [s.label for s in self.slopes if not s.known]
        return f"{say('Non publié', 'Not published')}{colon()} {listed(names)}." if names else ""

    # ---------------------------------------------------------------------------------- markup
    def svg(self) -> str:
        """One image to a screen reader: values before, lines with intervals, labels after.

        Three pictures side by side, so that the outer two keep the width of their type and lines
        take what is left.
        """
        height = TOP + self.plot + self._block / 2
        names = tag("title", escape(self.title, quote=False), id=f"{self.id}-t") + tag(
            "desc", escape(self.describe(), quote=False), id=f"{self.id}-d"
        )
        parts = (self._before(), self._drawn(), self._after())
        columns = (tag("svg", *part, aria_hidden="true", height=height) for part in parts)
        inner = tag("svg", names, aria_hidden="true") + tag("div", *columns, class_="pentes")
        missing = self._missing()
        if missing:
            inner += tag("p", escape(missing, quote=False), aria_hidden="true")
        return tag("div", inner, class_="panels slope", role="img",
                   aria_labelledby=f"{self.id}-t", aria_describedby=f"{self.id}-d")  # fmt: skip

    def _before(self) -> Iterator[str]:
        wanted = [self.y(s.before.value or 0.0) for s in self.known]
        yield text(self.waves[0], class_="s", y=13)
        for s, y in zip(self.known, apart(wanted, LINE), strict=True):
            yield text(s.before.shown, y=y + 4.5, class_="v" if s.side else None)

    def _after(self) -> Iterator[str]:
        half = self._block / 2
        wanted = [self.y(s.after.value or 0.0) for s in self.known]
        places = within(apart(wanted, self._block), half, TOP + self.plot)
        yield text(self.waves[1], class_="s", y=13)
        for s, centre in zip(self.known, places, strict=True):
            lines = self.label(s)
            y = centre - LINE * (len(lines) - 1) / 2 + 4.5
            for i, line in enumerate(lines):
                yield text(line, y=y + LINE * i, class_=_weight(s, last=line is lines[-1]))

    def _drawn(self) -> Iterator[str]:
        for x in ("0", "100%"):
            yield tag("line", class_="g", x1=x, x2=x, y1=TOP, y2=TOP + self.plot)
        left = lanes([(s.before.low, s.before.high) for s in self.known])
        right = lanes([(s.after.low, s.after.high) for s in self.known])
        for s, i, j in zip(self.known, left, right, strict=True):
            at = (pct(LANE * i), pct(1 - LANE * j))
            yield tag(
                "g", self._line(s, at), *self._ends(s, at), class_="net" if s.side else "net0"
            )

    def _line(self, s: Slope, at: tuple[str, str]) -> str:
        y1, y2 = (self.y(e.value or 0.0) for e in (s.before, s.after))
        return tag("line", class_="ln", x1=at[0], x2=at[1], y1=y1, y2=y2)

    def _ends(self, s: Slope, at: tuple[str, str]) -> Iterator[str]:
        for end, x in zip((s.before, s.after), at, strict=True):
            if end.low is not None and end.high is not None:
                yield tag("line", class_="iv", x1=x, x2=x, y1=self.y(end.low), y2=self.y(end.high))
            yield tag("circle", class_="u" if end.fragile else None, cx=x,
                      cy=self.y(end.value or 0.0), r=4.5)  # fmt: skip

    def plotly(self) -> dict[str, Any]:
        """The same as a plotly figure, see :mod:`analysis.charts.interactive_parts`."""
        from analysis.charts.interactive_parts import slope_figure

        return slope_figure(self)


def _weight(s: Slope, *, last: bool) -> str | None:
    """Bold for what a test confirms; what the test says of the rest is softer."""
    return "v" if s.side else "s" if last else None


def within(centres: Sequence[float], half: float, bottom: float) -> list[float]:
    """The same places, moved together where the first or the last would leave the plot."""
    if not centres:
        return []
    low = min(centres) - half - TOP
    high = max(centres) + half - bottom - half
    move = -low if low < 0 else -high if high > 0 else 0.0
    return [c + move for c in centres]


def lanes(intervals: Sequence[tuple[float | None, float | None]]) -> list[int]:
    """For each interval the first lane in which it covers no other."""
    taken: list[tuple[int, float, float]] = []
    out = []
    for low, high in intervals:
        a, b = (low or 0.0, high if high is not None else low or 0.0)
        busy = {lane for lane, c, d in taken if a <= d and c <= b and (low, high) != (None, None)}
        lane = next(i for i in range(len(taken) + 1) if i not in busy)
        taken.append((lane, a, b))
        out.append(lane)
    return out
