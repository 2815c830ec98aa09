"""The same charts as plotly figures, for the version that a reader asks for with a click.

Figures are plain dicts, made by plotly so that a wrong key is refused, in French, without
the buttons that send data to a cloud.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from analysis.language import SOURCE, say, spoken
from analysis.wording import colon, number, per_cent_sign, percent

if TYPE_CHECKING:
    from analysis.charts.bars import BarChart
    from analysis.charts.dots import DotChart
    from analysis.charts.key import KeyFigure
    from analysis.charts.tiles import Tile, TileMap
    from analysis.charts.trend import Point, TrendChart

INK = "#1c1b1f"
RAMP = "#5aaaaa"  # the darkest shade of the stylesheet, on which ink can still be read
_PERCENT = ",.0%"
_TRIANGLES = {1: " ▲", 0: "", -1: " ▼"}
COLOURS = ("#0a5f5a", "#5a4a9c", "#a53d0b", "#6b5500")  # the stylesheet's, in the order c1 to c4
CONFIG = {
    "locale": "fr",
    "displaylogo": False,
    "responsive": True,
    "displayModeBar": True,  # a bar that only hovering shows cannot be reached by touch
    "modeBarButtonsToRemove": [
        "sendChartToCloud",
        "sendDataToCloud",
        "lasso2d",
        "select2d",
        "autoScale2d",
    ],
    "showSendToCloud": False,
    "showEditInChartStudio": False,
    "plotlyServerURL": "",
    "toImageButtonOptions": {"format": "svg"},  # a picture of dots would need blob: in the policy
}


def dot_figure(chart: DotChart) -> dict[str, Any]:
    """Dots with horizontal error bars; groups one under the other."""
    rows = [(g, d) for g in chart.groups for d in g.dots if d.value is not None]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [d.value for _, d in rows],
        "y": [[plain(g.label) for g, _ in rows], [plain(d.label) for _, d in rows]],
        "error_x": error_bars([(d.value or 0.0, d.low, d.high) for _, d in rows]),
        "marker": {
            "color": COLOURS[0],
            "size": 11,
            "symbol": ["circle-open" if d.fragile else "circle" for _, d in rows],
        },
        "text": [d.shown for _, d in rows],
        "hovertemplate": "%{y}<br>%{text}<extra></extra>",
    }
    layout = {"xaxis": axis(chart.percent, chart.axis[-1]), "yaxis": {"autorange": "reversed"}}
    if chart.reference is not None:
        layout["shapes"] = [_vertical(chart.reference)]  # type: ignore[assignment]
    return figure(chart.title, [trace], layout)


def bar_figure(chart: BarChart) -> dict[str, Any]:
    """Horizontal bars; groups one under the other."""
    rows = [(g, d) for g in chart.groups for d in g.dots if d.value is not None]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [d.value for _, d in rows],
        "y": [[plain(g.label) for g, _ in rows], [plain(d.label) for _, d in rows]],
        "marker": {"color": COLOURS[0]},
        "text": [d.shown for _, d in rows],
        "hovertemplate": "%{y}<br>%{text}<extra></extra>",
    }
    layout = {"xaxis": axis(chart.percent, chart.axis[-1]), "yaxis": {"autorange": "reversed"}}
    return figure(chart.title, [trace], layout)


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
                "name": plain(series.label),
                "x": [p.wave if p else None for p in points],
                "y": [p.value if p else None for p in points],
                "error_y": error_bars(
                    [(p.value, p.low, p.high) if p else (0, 0, 0) for p in points]
                ),
                "line": {"color": COLOURS[i], "width": 2.5},
                "connectgaps": False,
            }
        )
        traces += [_alone(p, COLOURS[i], series.label) for p in series.alone]
    layout = {
        "xaxis": {
            "type": "category",
            "categoryarray": list(chart.waves),
            "range": [-0.5, len(chart.waves) - 0.5],
        },  # by itself it would reach to 2022
        "yaxis": axis(chart.percent, chart.axis[-1]),
        "shapes": [
            _vertical(_before(chart, r.wave))
            | {"label": {"text": f"{say('Rupture', 'Break')} {plain(r.wave)}",
                         "textposition": "end", "textangle": 0}}
            for r in chart.ruptures
        ],
    }  # fmt: skip
    return figure(chart.title, traces, layout)


def key_figure(chart: KeyFigure) -> dict[str, Any]:
    """One dot with its interval."""
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [chart.value],
        "y": [chart.label],
        "error_x": error_bars([(chart.value, chart.low, chart.high)]),
        "marker": {"color": COLOURS[0], "size": 12},
        "text": [chart.shown],
        "hovertemplate": "%{text}<extra></extra>",
    }
    return figure(chart.label, [trace], {"xaxis": axis(chart.top == 1.0, chart.top)})


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
            "symbol": "square",
            "size": 64,
            "color": [chart.shade(t) for t in tiles],
            "cmin": 0,
            "cmax": max(top, 1),
            "colorscale": [[0, "#ffffff"], [1, RAMP]],
            "line": {"width": 1, "color": INK},
        },
        "text": [f"{plain(t.short)}{_TRIANGLES[t.side]}<br>{t.brief}" for t in tiles],
        "textfont": {"color": INK, "shadow": "none"},
        "customdata": [[plain(t.label), _hovered(chart, t)] for t in tiles],
        "hovertemplate": "%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
    }
    hidden = {"visible": False}
    layout = {"xaxis": hidden, "yaxis": hidden | {"autorange": "reversed", "scaleanchor": "x"}}
    return figure(chart.title, [trace], layout)


def _hovered(chart: TileMap, tile: Tile) -> str:
    said = tile.shown + (say(" (peu fiable)", " (low reliability)") if tile.fragile else "")
    if tile.low is None or tile.high is None:
        return said
    ends = (percent(x, 1) if chart.percent else number(x, 1) for x in (tile.low, tile.high))
    lead = say("intervalle à 95 %", "95% interval")
    return f"{said}<br>{lead}{colon()} {say(' à ', ' to ').join(ends)}"


def _alone(point: Point, colour: str, label: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{plain(label)}, {point.wave} ({say('non comparable', 'not comparable')})",
        "x": [point.wave],
        "y": [point.value],
        "marker": {"color": colour, "symbol": "circle-open", "size": 10},
    }


def error_bars(cells: list[tuple[float, float | None, float | None]]) -> dict[str, Any]:
    """Intervals around (value, low, high)."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [(high if high is not None else value) - value for value, _, high in cells],
        "arrayminus": [value - (low if low is not None else value) for value, low, _ in cells],
        "thickness": 4,
        "width": 0,
    }


def axis(percent: bool, top: float) -> dict[str, Any]:
    """From 0 to ``top``."""
    return {"range": [0, top], "tickformat": _PERCENT if percent else ",", "zeroline": False}


def _in_per_cent(traces: list[dict[str, Any]], layout: dict[str, Any]) -> None:
    """Fractions times 100, with the French "25 %" on their axis: plotly would print "25%"."""
    for xy in ("x", "y"):
        scale = layout.get(f"{xy}axis", {})
        if scale.get("tickformat") != _PERCENT:
            continue
        layout[f"{xy}axis"] = {k: v for k, v in scale.items() if k != "tickformat"} | {
            "range": _hundredfold(scale["range"]), "ticksuffix": per_cent_sign()
        }  # fmt: skip
        for trace in traces:
            trace[xy] = _hundredfold(trace[xy])
            bars = trace.get(f"error_{xy}", {})
            bars |= {k: _hundredfold(bars[k]) for k in ("array", "arrayminus") if k in bars}
        for shape in layout.get("shapes", ()):
            if shape.get(f"{xy}ref") != "paper":
                shape |= {k: 100 * shape[k] for k in (f"{xy}0", f"{xy}1")}


def _hundredfold(values: Sequence[float | None]) -> list[float | None]:
    return [None if v is None else round(100 * v, 8) for v in values]


def plain(words: str) -> str:
    """Words in which plotly finds no markup."""
    return escape(words, quote=False)


def _before(chart: TrendChart, wave: str) -> float:
    """Halfway to the wave before, on an axis that numbers waves: plotly takes "2020" for 2020."""
    return chart.waves.index(wave) - 0.5 if wave in chart.waves else -0.5


def _vertical(value: float) -> dict[str, Any]:
    return {"type": "line", "x0": value, "x1": value, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": COLOURS[2], "dash": "dash", "width": 1.5}}  # fmt: skip


def figure(title: str, traces: list[dict[str, Any]], layout: dict[str, Any]) -> dict[str, Any]:
    """Data, layout and config, with the numbers of the language being written."""
    import plotly.graph_objects as go

    _in_per_cent(traces, layout)
    usual = {
        "title": {"text": plain(title)},
        "separators": say(",\u202f", ".,"),
        "template": "none",
        "showlegend": len(traces) > 1,
        "margin": {"l": 160, "r": 24, "t": 56, "b": 40},
        "legend": {
            "orientation": "h",
            "traceorder": "normal",
            "x": 0,
            "y": -0.12,
            "yanchor": "top",
        },
    }  # fmt: skip
    made: dict[str, Any] = go.Figure(data=traces, layout=usual | layout).to_plotly_json()
    return made | {"config": CONFIG | ({} if spoken() == SOURCE else {"locale": spoken()})}
