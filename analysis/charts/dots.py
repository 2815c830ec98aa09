"""Dot and interval: one row a group, panels of rows, a line for the whole population.

The label stands above its dot, so that one layout serves every width and panels can stand
side by side on a wide screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analysis.charts.svg import pct, picture, tag, text, ticks
from analysis.wording import NBSP, NNBSP

ROW, TOP, BOTTOM = 41, 48, 24


@dataclass(frozen=True, slots=True)
class Dot:
    """One row.

    value, low, high : in the unit of the axis; None where not published
    shown : the value as printed, or why there is none
    fragile : drawn hollow and said in words
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    shown: str
    fragile: bool = False


@dataclass(frozen=True, slots=True)
class DotGroup:
    """A panel: its heading and its rows, from top to bottom."""

    label: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class DotChart:
    """Panels with one scale.

    reference : value of the whole population; ``reference_label`` is printed beside its line
    percent : whether values are fractions printed in per cent
    """

    id: str
    title: str
    groups: tuple[DotGroup, ...]
    reference: float | None = None
    reference_label: str = ""
    percent: bool = True
    unit: str = ""

    @property
    def axis(self) -> tuple[float, ...]:
        """Tick values from 0; per cents end at 100."""
        highest = max((d.high or d.value or 0.0 for d in self._drawn), default=0.0)
        top = max(highest, self.reference or 0.0) * 1.08 or 1.0
        return ticks(min(top, 1.0) if self.percent else top, 4)

    @property
    def _drawn(self) -> tuple[Dot, ...]:
        return tuple(d for g in self.groups for d in g.dots if d.value is not None)

    def describe(self, group: DotGroup) -> str:
        """The message of one panel: its extremes, and where all values are."""
        known = sorted((d for d in group.dots if d.value is not None), key=lambda d: d.value or 0.0)
        if not known:
            return "Aucune valeur publiée."
        low, high = known[0], known[-1]
        whole = f"{NNBSP}; {self.reference_label}" if self.reference_label else ""
        return (
            f"De {low.shown} ({low.label}) à {high.shown} ({high.label}){whole}. "
            "Valeurs dans le tableau."
        )

    def svg(self) -> str:
        """One image a panel, in a grid that the stylesheet makes of one column or two."""
        panels = "".join(self._panel(i, g) for i, g in enumerate(self.groups, 1))
        return f'<div class="panels">{panels}</div>'

    def _panel(self, number: int, group: DotGroup) -> str:
        height = TOP + ROW * len(group.dots) + BOTTOM
        rows = [(TOP + ROW * i + 12, d) for i, d in enumerate(group.dots)]
        body = self._frame(group, height)
        body += "".join(text(d.label, y=y) for y, d in rows)
        body += "".join(text(d.shown, y=y + 17, class_="s") for y, d in rows if d.value is None)
        drawn = [(y, d) for y, d in rows if d.value is not None]
        body += tag("g", *(self._interval(y, d) for y, d in drawn), class_="iv")
        body += "".join(self._mark(y, d) for y, d in drawn)
        body += tag("g", *(self._value(y, d) for y, d in drawn), class_="v")
        title = f"{self.title}{NNBSP}: {group.label}" if group.label else self.title
        return picture(body, id_=f"{self.id}-{number}", title=title, class_="dots", height=height,
                       description=self.describe(group))  # fmt: skip

    def _frame(self, group: DotGroup, height: float) -> str:
        axis, low = self.axis, height - BOTTOM + 2
        at = [(pct(t / axis[-1]), t) for t in axis]
        lines = (tag("line", x1=x, x2=x, y1=TOP - 4, y2=low) for x, _ in at)
        names = (text(self._tick(t), x=x, y=height - 6, class_=_anchor(t, axis)) for x, t in at)
        heading = text(group.label, y=15, class_="h") if group.label else ""
        frame = tag("g", *lines, class_="g") + tag("g", *names, class_="s")
        return heading + frame + self._reference(low)

    def _reference(self, low: float) -> str:
        if self.reference is None:
            return ""
        share = self.reference / self.axis[-1]
        right = share > 0.5
        line = tag("line", class_="ref", x1=pct(share), x2=pct(share), y1=TOP - 14, y2=low)
        return line + text(self.reference_label, class_="r e" if right else "r", x=pct(share),
                           y=TOP - 12, dx=-6 if right else 6)  # fmt: skip

    def _share(self, value: float | None) -> str:
        return pct((value or 0.0) / self.axis[-1])

    def _interval(self, y: float, dot: Dot) -> str:
        if dot.low is None or dot.high is None:
            return ""
        return tag("line", x1=self._share(dot.low), x2=self._share(dot.high), y1=y + 12, y2=y + 12)

    def _mark(self, y: float, dot: Dot) -> str:
        return tag("circle", class_="u" if dot.fragile else None, cx=self._share(dot.value),
                   cy=y + 12, r=5.5)  # fmt: skip

    def _value(self, y: float, dot: Dot) -> str:
        left = (dot.high or dot.value or 0.0) / self.axis[-1] > 0.84
        edge = (dot.low if left else dot.high) or dot.value
        shown = f"{dot.shown} (peu fiable)" if dot.fragile else dot.shown
        return text(shown, x=self._share(edge), y=y + 16.5, dx=-10 if left else 10,
                    class_="e" if left else None)  # fmt: skip

    def _tick(self, tick: float) -> str:
        shown = f"{tick * 100:g}" if self.percent else f"{tick:g}"
        last = tick == self.axis[-1]
        return f"{shown}{NBSP}%" if last and self.percent else shown.replace(".", ",")

    def plotly(self) -> dict[str, Any]:
        """The same as a plotly figure, see :mod:`analysis.charts.interactive`."""
        from analysis.charts.interactive import dot_figure

        return dot_figure(self)


def _anchor(tick: float, axis: tuple[float, ...]) -> str | None:
    if tick == axis[0]:
        return None
    return "e" if tick == axis[-1] else "m"
