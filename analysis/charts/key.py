"""A key figure: the interval drawn on a scale from 0 to 100 %, under the number in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analysis.charts.svg import pct, tag, text
from analysis.wording import per_cent_sign


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number with its interval; ``top`` is the end of the scale."""

    label: str
    shown: str
    value: float
    low: float | None
    high: float | None
    top: float = 1.0

    def svg(self) -> str:
        """The scale; hidden from screen readers, since number and interval are text beside it."""
        x = pct(self.value / self.top)
        out = tag("line", class_="g", x2="100%", y1=8, y2=8)
        if self.low is not None and self.high is not None:
            out += tag("line", class_="iv", x1=pct(self.low / self.top),
                       x2=pct(self.high / self.top), y1=8, y2=8)  # fmt: skip
        out += tag("line", class_="pt", x1=x, x2=x, y1=2, y2=14)
        out += text("0", class_="s", y=27)
        out += text(f"100{per_cent_sign()}", class_="s e", x="100%", y=27)
        return tag("svg", out, aria_hidden="true", class_="dots key", width="100%", height=30)

    def plotly(self) -> dict[str, Any]:
        """The same as a plotly figure, see :mod:`analysis.charts.interactive`."""
        from analysis.charts.interactive import key_figure

        return key_figure(self)
