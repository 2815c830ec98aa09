"""Charts as frozen objects made from rows of the table of estimates.

Each gives ``svg()``, a small inline SVG that takes its colours and type from the stylesheet
(classes only, no style attribute), and ``plotly()``, the same as a plotly figure.

No SVG here has a ``viewBox`` around its text: horizontal places are percentages, type is in
CSS pixels, so that a label is as readable at 320 px as on a large screen.
"""

from analysis.charts.bars import BarChart
from analysis.charts.distribution import DistributionChart, Spread
from analysis.charts.diverging import DivergingChart, DivergingRow
from analysis.charts.dots import Dot, DotChart, DotGroup
from analysis.charts.key import KeyFigure
from analysis.charts.parts import Part
from analysis.charts.people import People
from analysis.charts.slope import End, Slope, SlopeChart
from analysis.charts.stacked import StackedChart, StackedRow
from analysis.charts.tiles import Tile, TileMap
from analysis.charts.trend import Point, Rupture, Series, TrendChart

__all__ = [
    "BarChart",
    "DistributionChart",
    "DivergingChart",
    "DivergingRow",
    "Dot",
    "DotChart",
    "DotGroup",
    "End",
    "KeyFigure",
    "Part",
    "People",
    "Point",
    "Rupture",
    "Series",
    "Slope",
    "SlopeChart",
    "Spread",
    "StackedChart",
    "StackedRow",
    "Tile",
    "TileMap",
    "TrendChart",
]
