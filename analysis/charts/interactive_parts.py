"""Slopes, shares and spreads as plotly figures, see :mod:`analysis.charts.interactive`."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from analysis.charts.distribution import Spread
from analysis.charts.interactive import COLOURS, axis, error_bars, figure, plain
from analysis.language import say

if TYPE_CHECKING:
    from analysis.charts.distribution import DistributionChart
    from analysis.charts.diverging import DivergingChart
    from analysis.charts.parts import Part
    from analysis.charts.slope import SlopeChart
    from analysis.charts.stacked import StackedChart

# Two more digits of a colour, its opacity: unlike that of a marker, a legend shows it.
_OPACITY = {"s1": "", "s2": "99", "s3": "40", "s4": "10", "n2": "", "n1": "99", "p1": "99",
            "p2": "", "mi": "66"}  # fmt: skip
_NEAR = 0.08  # of the scale: labels of points that are closer move apart
_HOVER = "%{customdata}<extra></extra>"


def slope_figure(chart: SlopeChart) -> dict[str, Any]:
    """A line a group; thick where the change is significant, dashed where it is not."""
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers+text",
            "name": plain(s.label),
            "x": list(chart.waves),
            "y": [e.value for e in (s.before, s.after)],
            "error_y": error_bars([(e.value or 0.0, e.low, e.high) for e in (s.before, s.after)]),
            "line": {"color": COLOURS[0], "width": 4 if s.side else 1.5,
                     "dash": "solid" if s.side else "dash"},
            "marker": {"size": 9, "symbol": ["circle-open" if e.fragile else "circle"
                                             for e in (s.before, s.after)]},
            "text": ["", plain(s.label)],
            "textposition": f"{place} right",
            "cliponaxis": False,
            "customdata": [plain(f"{s.label}{_after()} {s.before.shown}"),
                           plain(f"{s.label}{_after()} {s.after.shown}, {chart.said(s)}")],
            "hovertemplate": _HOVER,
        }
        for s, place in zip(chart.known, _places(chart), strict=True)
    ]  # fmt: skip
    layout = {
        "xaxis": {"type": "category", "range": [-0.1, 1.9], "fixedrange": True},
        "yaxis": axis(chart.percent, chart.axis[-1]),
        "showlegend": False,
    }
    return figure(chart.title, traces, layout)


def _places(chart: SlopeChart) -> list[str]:
    """Beside each later point, or above and below it where another is near."""
    known = [s.after.value or 0.0 for s in chart.known]
    order = sorted(range(len(known)), key=lambda i: -known[i])
    places = ["middle"] * len(known)
    for above, below in pairwise(order):
        if known[above] - known[below] < _NEAR * chart.axis[-1]:
            places[above] = "top" if places[above] == "middle" else places[above]
            places[below] = "bottom"
    return places


def stacked_figure(chart: StackedChart) -> dict[str, Any]:
    """Horizontal bars, a trace a share."""
    rows = [(r.label, r.parts) for r in chart.rows if all(p.value is not None for p in r.parts)]
    columns = zip(*(parts for _, parts in rows), strict=True)
    names = [label for label, _ in rows]
    traces = [
        _bars(f"s{i}", names, list(column), [p.value or 0.0 for p in column], COLOURS[0])
        for i, column in enumerate(columns, 1)
    ]
    return figure(chart.title, traces, _layout(axis(True, 1.0)))


def diverging_figure(chart: DivergingChart) -> dict[str, Any]:
    """Horizontal bars from the middle; what stands against is negative, and printed as it is."""
    from analysis.charts.diverging import AGAINST, FAVOUR

    rows = [r for r in chart.rows if all(p.value is not None for p in r.sided)]
    names = [r.label for r in rows]
    traces = []
    if any(r.middle for r in rows):
        traces += [_straddling(rows, names, sign) for sign in (-1, 1)]
    for side, shades, sign, colour in (("against", AGAINST[::-1], -1, COLOURS[2]),
                                       ("favour", FAVOUR, 1, COLOURS[0])):  # fmt: skip
        sides = [list(getattr(r, side))[::sign] for r in rows]
        for i, shade in enumerate(shades):
            column = [s[i] for s in sides if len(s) > i]
            if len(column) == len(rows) and rows:
                values = [sign * (p.value or 0.0) for p in column]
                traces.append(_bars(shade, names, column, values, colour))
    left, right = chart.reach
    scale = {"range": [-left, right], "showticklabels": False, "zeroline": True}
    return figure(chart.title, traces, _layout(scale) | {"barmode": "relative"})


def _straddling(rows: list[Any], names: list[str], sign: int) -> dict[str, Any]:
    """Half of the shares in the middle, on one side of it."""
    values = [sign * ((r.middle.value if r.middle else 0.0) or 0.0) / 2 for r in rows]
    return _bars("mi", names, [r.middle or r.favour[0] for r in rows], values, COLOURS[1])


def distribution_figure(chart: DistributionChart) -> dict[str, Any]:
    """Spreads as lines with a dot at the median, or bars with intervals for classes."""
    rows = [d for g in chart.groups for d in g.dots if d.value is not None]
    spreads = [d for d in rows if isinstance(d, Spread) and d.inner is not None]
    names = [plain(d.label) for d in rows]
    layout = {"xaxis": axis(chart.percent, chart.axis[-1]), "yaxis": {"autorange": "reversed"},
              "showlegend": False}  # fmt: skip
    if not spreads:
        trace = _bars("s1", [d.label for d in rows], rows, [d.value or 0.0 for d in rows],
                      COLOURS[0])  # fmt: skip
        trace["error_x"] = error_bars([(d.value or 0.0, d.low, d.high) for d in rows])
        return figure(chart.title, [trace], layout)
    ends = [(d.value or 0.0, d.low, d.high) for d in spreads]
    inner = [(d.value or 0.0, *(d.inner or (None, None))) for d in spreads]
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [v for v, _, _ in cells],
            "y": names,
            "error_x": error_bars(cells) | {"thickness": thick, "color": COLOURS[0] + alpha},
            "marker": {"color": COLOURS[0], "size": 10},
            "customdata": [plain(f"{d.label}{_after()} {d.said}") for d in spreads],
            "hovertemplate": _HOVER,
        }
        for cells, thick, alpha in ((inner, 9, "66"), (ends, 2, ""))
    ]
    return figure(chart.title, traces, layout)


def _bars(
    shade: str, names: list[str], parts: list[Part] | list[Any], values: list[float], colour: str
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": plain(parts[0].label),
        "x": values,
        "y": [plain(n) or " " for n in names],
        "marker": {"color": colour + _OPACITY[shade], "line": {"color": colour, "width": 1}},
        "customdata": [plain(f"{p.label}{_after()} {p.shown}") for p in parts],
        "hovertemplate": _HOVER,
    }  # fmt: skip


def _after() -> str:
    """The colon after a name, in a box where lines are not broken."""
    return say(" :", ":")


def _layout(scale: dict[str, Any]) -> dict[str, Any]:
    return {"barmode": "stack", "bargap": 0.5, "xaxis": scale, "yaxis": {"autorange": "reversed"}}
