"""Dot and interval: one row a group, panels of rows, a line for the whole population.

Name and value stand side by side, to the left of the dot; the stylesheet lifts them above it
where there is no room.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

from analysis.charts.parts import see_table
from analysis.charts.svg import pct, tag, text, ticks
from analysis.language import say
from analysis.wording import between, colon, per_cent_sign


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
    kind: ClassVar[str] = "panels dots"

    @property
    def axis(self) -> tuple[float, ...]:
        """Tick values from 0; per cents end at 100."""
        highest = max((d.high or d.value or 0.0 for d in self._drawn), default=0.0)
        top = max(highest, self.reference or 0.0) * 1.08 or 1.0
        return ticks(min(top, 1.0) if self.percent else top, 4)

    @property
    def _drawn(self) -> tuple[Dot, ...]:
        return tuple(d for g in self.groups for d in g.dots if d.value is not None)

    def describe(self) -> str:
        """The message: the extremes of each panel, and where all values are."""
        said = " ".join(self._described(g) for g in self.groups)
        whole = f" {self.reference_label}." if self.reference_label else ""
        return f"{said}{whole} {see_table()}"

    def _described(self, group: DotGroup) -> str:
        known = sorted((d for d in group.dots if d.value is not None), key=lambda d: d.value or 0.0)
        name = f"{group.label}{colon()} " if group.label else ""
        if not known:
            return name + say("aucune valeur publiée.", "no value is published.")
        reserve = say(", peu fiable", ", low reliability")
        low, high = (
            f"{d.shown} ({d.label}{reserve if d.fragile else ''})" for d in (known[0], known[-1])
        )
        return f"{name}{between(low, high)}."

    def svg(self) -> str:
        """One image to a screen reader: panels of rows, name, value, then a strip of SVG.

        Rows are HTML so that names wrap and grow with the reader's type, and stand above their
        strip where there is no room beside it. No value can touch a line or a mark.
        """
        names = (
            tag("title", escape(self.title, quote=False), id=f"{self.id}-t")
            + tag("desc", escape(self.describe(), quote=False), id=f"{self.id}-d")
            + tag("defs", tag("g", self._lines(), id=f"{self.id}-g"))
        )
        panels = "".join(self._panel(g) for g in self.groups)
        named = tag("svg", names, aria_hidden="true")
        return tag("div", named, panels, class_=self.kind, role="img",
                   aria_labelledby=f"{self.id}-t", aria_describedby=f"{self.id}-d")  # fmt: skip

    def _panel(self, group: DotGroup) -> str:
        behind = tag("svg", tag("use", href=f"#{self.id}-g"), class_="fond")
        rows = "".join(self._row(d) for d in group.dots)
        body = self._head(group) + tag("div", behind, rows, class_="lignes") + self._ticks()
        return tag("div", body, class_="panel", aria_hidden="true")  # the image says it

    def _head(self, group: DotGroup) -> str:
        if self.reference is None:
            return tag("p", escape(group.label), class_="h") if group.label else ""
        share = self.reference / self.axis[-1]
        label = text(self.reference_label, x=pct(share), **_beside(share))
        return tag("p", tag("span", escape(group.label)), tag("svg", label), class_="h")

    def _lines(self) -> str:
        at = [pct(t / self.axis[-1]) for t in self.axis]
        grid = tag("g", *(tag("line", x1=x, x2=x, y2="100%") for x in at), class_="g")
        if self.reference is None:
            return grid
        x = pct(self.reference / self.axis[-1])
        return grid + tag("line", class_="ref", x1=x, x2=x, y1=-13, y2="100%")

    def _ticks(self) -> str:
        axis = self.axis
        names = (text(self._tick(t), x=pct(t / axis[-1]), class_=_anchor(t, axis)) for t in axis)
        return tag("p", tag("svg", *names), class_="axe")

    def _row(self, dot: Dot) -> str:
        name = escape(dot.label, quote=False)
        if dot.value is None:
            return tag("p", tag("span", name), tag("i", escape(dot.shown, quote=False)))
        reserve = say("peu fiable", "low reliability")
        name += f" <small>({reserve})</small>" if dot.fragile else ""
        strip = tag("svg", self._interval(dot), self._mark(dot))
        return tag("p", tag("span", name), tag("b", escape(dot.shown, quote=False)), strip)

    def _share(self, value: float | None) -> str:
        return pct((value or 0.0) / self.axis[-1])

    def _interval(self, dot: Dot) -> str:
        if dot.low is None or dot.high is None:
            return ""
        return tag("line", x1=self._share(dot.low), x2=self._share(dot.high))

    def _mark(self, dot: Dot) -> str:
        return tag("circle", class_="u" if dot.fragile else None, cx=self._share(dot.value), r=5)

    def _tick(self, tick: float) -> str:
        shown = f"{tick * 100:g}" if self.percent else f"{tick:g}"
        last = tick == self.axis[-1]
        decimal = shown.replace(".", say(",", "."))
        return f"{shown}{per_cent_sign()}" if last and self.percent else decimal

    def plotly(self) -> dict[str, Any]:
        """The same as a plotly figure, see :mod:`analysis.charts.interactive`."""
        from analysis.charts.interactive import dot_figure

        return dot_figure(self)


def _anchor(tick: float, axis: tuple[float, ...]) -> str | None:
    if tick == axis[0]:
        return None
    return "e" if tick == axis[-1] else "m"


def _beside(share: float) -> dict[str, str | float]:
    """On which side of its line a label has room."""
    return {"class_": "e", "dx": -6} if share > 0.5 else {"dx": 6}
