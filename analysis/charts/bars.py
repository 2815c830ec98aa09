"""Bars from 0: how something is spread over classes, one row a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from analysis.charts.dots import Dot, DotChart, DotGroup
from analysis.charts.svg import tag
from analysis.wording import colon


@dataclass(frozen=True, slots=True)
class BarChart(DotChart):
    """Panels of rows as in :class:`DotChart`, the values as bars; intervals are not drawn."""

    kind: ClassVar[str] = "panels dots bars"

    def _described(self, group: DotGroup) -> str:
        name = f"{group.label}{colon()} " if group.label else ""
        return name + ", ".join(f"{d.label} {d.shown}" for d in group.dots) + "."

    def _interval(self, dot: Dot) -> str:
        return tag("line", x1="0", x2=self._share(dot.value))

    def _mark(self, dot: Dot) -> str:
        return ""

    def plotly(self) -> dict[str, Any]:
        """The same as a plotly figure, see :mod:`analysis.charts.interactive`."""
        from analysis.charts.interactive import bar_figure

        return bar_figure(self)
