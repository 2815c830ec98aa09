"""The same charts as plotly figures, for the version that a reader asks for with a click.

Figures are plain dicts, made by plotly so that a wrong key is refused, in French, without
the buttons that send data to a cloud.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.wording import NNBSP, number, percent

if TYPE_CHECKING:
    from analysis.charts.bars import BarChart
    from analysis.charts.dots import DotChart
    from analysis.charts.key import KeyFigure
    from analysis.charts.tiles import Tile, TileMap
    from analysis.charts.trend import Point, TrendChart

INK = "#1c1b1f"
RAMP = "#5aaaaa"  # the darkest shade of the stylesheet, on which ink can still be read
_TRIANGLES = {1: " ▲", 0: "", -1: " ▼"}
COLOURS = ("#0a5f5a", "#a8410f", "#5a4a9c", "#7a6300")
CONFIG = {
    "locale": "fr",
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["sendDataToCloud", "lasso2d", "select2d"],
    "showEditInChartStudio": False,
    "plotlyServerURL": "",
}


def dot_figure(chart: DotChart) -> dict[str, Any]:
    """Dots with horizontal error bars; groups one under the other."""
    rows = [(g, d) for g in chart.groups for d in g.dots if d.value is not None]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [d.value for _, d in rows],
        "y": [[g.label for g, _ in rows], [d.label for _, d in rows]],
        "error_x": _bars([(d.value or 0.0, d.low, d.high) for _, d in rows]),
        "marker": {
            "color": COLOURS[0],
            "size": 11,
            "symbol": ["circle-open" if d.fragile else "circle" for _, d in rows],
        },
        "text": [d.shown for _, d in rows],
        "hovertemplate": "%{y}<br>%{text}<extra></extra>",
    }
    layout = {"xaxis": _axis(chart.percent, chart.axis[-1]), "yaxis": {"autorange": "reversed"}}
    if chart.reference is not None:
        layout["shapes"] = [_vertical(chart.reference)]  # type: ignore[assignment]
    return _figure(chart.title, [trace], layout)


def bar_figure(chart: BarChart) -> dict[str, Any]:
    """Horizontal bars; groups one under the other."""
    rows = [(g, d) for g in chart.groups for d in g.dots if d.value is not None]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [d.value for _, d in rows],
        "y": [[g.label for g, _ in rows], [d.label for _, d in rows]],
        "marker": {"color": COLOURS[0]},
        "text": [d.shown for _, d in rows],
        "hovertemplate": "%{y}<br>%{text}<extra></extra>",
    }
    layout = {"xaxis": _axis(chart.percent, chart.axis[-1]), "yaxis": {"autorange": "reversed"}}
    return _figure(chart.title, [trace], layout)


def trend_figure(chart: TrendChart) -> dict[str, Any]:
    """One trace a series; None between two runs cuts the line."""
    traces = []
    for i, series in enumerate(chart.series):
        points: list[Point | None] = []
        for run in series.runs:
            points += [*run, None]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": series.label,
                "x": [p.wave if p else None for p in points],
                "y": [p.value if p else None for p in points],
                "error_y": _bars([(p.value, p.low, p.high) if p else (0, 0, 0) for p in points]),
                "line": {"color": COLOURS[i], "width": 2.5},
                "connectgaps": False,
            }
        )
        traces += [_alone(p, COLOURS[i], series.label) for p in series.alone]
    layout = {
        "xaxis": {"type": "category", "categoryarray": list(chart.waves)},
        "yaxis": _axis(chart.percent, chart.axis[-1]),
        "annotations": [
            {"x": r.wave, "y": 1, "yref": "paper", "text": r.label, "showarrow": False}
            for r in chart.ruptures
        ],
    }
    return _figure(chart.title, traces, layout)


def key_figure(chart: KeyFigure) -> dict[str, Any]:
    """One dot with its interval."""
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [chart.value],
        "y": [chart.label],
        "error_x": _bars([(chart.value, chart.low, chart.high)]),
        "marker": {"color": COLOURS[0], "size": 12},
        "text": [chart.shown],
        "hovertemplate": "%{text}<extra></extra>",
    }
    return _figure(chart.label, [trace], {"xaxis": _axis(chart.top == 1.0, chart.top)})


def tile_figure(chart: TileMap) -> dict[str, Any]:
    """Squares at their places, the name and the value in each; the interval on demand."""
    tiles = chart.tiles
    top = max((chart.shade(t) for t in tiles), default=0)
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [t.at[0] for t in tiles],
        "y": [t.at[1] for t in tiles],
        "marker": {
            "symbol": ["square-open" if t.value is None else "square" for t in tiles],
            "size": 64,
            "color": [chart.shade(t) for t in tiles],
            "cmin": 0,
            "cmax": max(top, 1),
            "colorscale": [[0, "#ffffff"], [1, RAMP]],
            "line": {"width": 1, "color": INK},
        },
        "text": [f"{t.short}{_TRIANGLES[t.side]}<br>{t.brief}" for t in tiles],
        "textfont": {"color": INK},
        "customdata": [[t.label, _hovered(chart, t)] for t in tiles],
        "hovertemplate": "%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
    }
    hidden = {"visible": False}
    layout = {"xaxis": hidden, "yaxis": hidden | {"autorange": "reversed", "scaleanchor": "x"}}
    return _figure(chart.title, [trace], layout)


def _hovered(chart: TileMap, tile: Tile) -> str:
    said = tile.shown + (" (peu fiable)" if tile.fragile else "")
    if tile.low is None or tile.high is None:
        return said
    ends = (percent(x, 1) if chart.percent else number(x, 1) for x in (tile.low, tile.high))
    return f"{said}<br>intervalle à 95 %{NNBSP}: {' à '.join(ends)}"


def _alone(point: Point, colour: str, label: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{label}, {point.wave} (non comparable)",
        "x": [point.wave],
        "y": [point.value],
        "marker": {"color": colour, "symbol": "circle-open", "size": 10},
    }


def _bars(cells: list[tuple[float, float | None, float | None]]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [(high if high is not None else value) - value for value, _, high in cells],
        "arrayminus": [value - (low if low is not None else value) for value, low, _ in cells],
        "thickness": 4,
        "width": 0,
    }


def _axis(percent: bool, top: float) -> dict[str, Any]:
    return {"range": [0, top], "tickformat": ",.0%" if percent else ",", "zeroline": False}


def _vertical(value: float) -> dict[str, Any]:
    return {"type": "line", "x0": value, "x1": value, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": COLOURS[1], "dash": "dash", "width": 1.5}}  # fmt: skip


def _figure(title: str, traces: list[dict[str, Any]], layout: dict[str, Any]) -> dict[str, Any]:
    import plotly.graph_objects as go

    plain = {
        "title": {"text": title},
        "separators": ",\u202f",
        "template": "none",
        "showlegend": len(traces) > 1,
        "margin": {"l": 160, "r": 24, "t": 56, "b": 40},
    }
    figure: dict[str, Any] = go.Figure(data=traces, layout=plain | layout).to_plotly_json()
    return figure | {"config": CONFIG}
