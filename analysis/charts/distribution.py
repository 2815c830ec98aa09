"""How answers are spread: five quantiles a group, or the shares of ordered classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from analysis.charts.dots import Dot, DotChart, DotGroup
from analysis.charts.svg import tag
from analysis.language import say
from analysis.wording import colon, semicolon


@dataclass(frozen=True, slots=True)
class Spread(Dot):
    """Five quantiles of a group, or the share of one class.

    value : the median ; low, high : the outer quantiles ; inner : the two between; for a class
    the share, its interval, and ``inner`` is None
    said : the quantiles in words
    """

    inner: tuple[float, float] | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class DistributionChart(DotChart):
    """Rows as in :class:`DotChart`: spreads as a thin and a thick line, classes as bars from 0."""

    kind: ClassVar[str] = "panels dots etendue"

    def _described(self, group: DotGroup) -> str:
        name = f"{group.label}{colon()} " if group.label else ""
        return name + f"{semicolon()} ".join(self._said(d) for d in group.dots) + "."

    def _said(self, dot: Dot) -> str:
        words = dot.said if isinstance(dot, Spread) and dot.said else dot.shown
        reserve = say(" (peu fiable)", " (low reliability)")
        return f"{dot.label} {words}{reserve if dot.fragile else ''}"

    def _interval(self, dot: Dot) -> str:
        inner = dot.inner if isinstance(dot, Spread) else None
        if inner is None:
            whisker = DotChart._interval(self, dot).replace("<line ", '<line class="iv" ')
            return tag("line", class_="col", x1="0", x2=self._share(dot.value)) + whisker
        outer = tag("line", class_="fin", x1=self._share(dot.low), x2=self._share(dot.high))
        return outer + tag("line", x1=self._share(inner[0]), x2=self._share(inner[1]))

    def _mark(self, dot: Dot) -> str:
        if isinstance(dot, Spread) and dot.inner is not None:
            return DotChart._mark(self, dot)
        return ""

    def plotly(self) -> dict[str, Any]:
        """The same as a plotly figure, see :mod:`analysis.charts.interactive_parts`."""
        from analysis.charts.interactive_parts import distribution_figure

        return distribution_figure(self)
