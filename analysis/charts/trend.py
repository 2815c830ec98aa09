"""Up to four series over the waves: line, interval band, breaks drawn, labels at the end.

The line is cut wherever waves cannot be compared; a wave that stands alone is a hollow mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from analysis.charts.parts import see_table
from analysis.charts.svg import pct, picture, short, tag, text, ticks
from analysis.errors import refuse
from analysis.language import say
from analysis.wording import NBSP, colon, number, per_cent_sign, percent

MOST, HEIGHT, BOTTOM, STRIP, LINE = 4, 290, 24, 20, 18
GUTTER = 0.08  # of the width, where the names of the ticks stand
GLYPHS = "●■▲◆"


@dataclass(frozen=True, slots=True)
class Point:
    """A wave of a series; low and high may be None."""

    wave: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Series:
    """Runs of comparable waves, oldest first; ``alone`` are waves that compare with none."""

    label: str
    runs: tuple[tuple[Point, ...], ...]
    shown: str
    alone: tuple[Point, ...] = ()

    @property
    def points(self) -> tuple[Point, ...]:
        """Every point, runs and lone waves."""
        return tuple(p for run in (*self.runs, self.alone) for p in run)

    @property
    def last(self) -> Point:
        """The latest point, where the label stands."""
        return max(self.points, key=lambda p: p.wave)


@dataclass(frozen=True, slots=True)
class Rupture:
    """The first wave after a break, and what is written beside its line."""

    wave: str
    label: str


@dataclass(frozen=True, slots=True)
class TrendChart:
    """One vertical scale from 0; ``waves`` gives the horizontal one.

    Raises :class:`BaroError` for more than four series: nobody reads a fifth.
    """

    id: str
    title: str
    waves: tuple[str, ...]
    series: tuple[Series, ...]
    ruptures: tuple[Rupture, ...] = ()
    percent: bool = True
    unit: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.series) <= MOST:
            raise refuse(f"trend chart {self.id}", f"{len(self.series)} series", "one to four",
                         "draw two charts")  # fmt: skip

    @property
    def axis(self) -> tuple[float, ...]:
        """Tick values from 0; per cents end at 100."""
        points = [p for s in self.series for p in s.points]
        top = max(p.high or p.value for p in points) or 1.0
        return ticks(min(top, 1.0) if self.percent else top, 4)

    @property
    def top(self) -> float:
        """Where the plot begins, below the names of the breaks."""
        return 14 + STRIP * max(1, len(self.ruptures))

    @property
    def height(self) -> float:
        """Of the whole image."""
        return self.top + HEIGHT + BOTTOM

    def x(self, wave: str) -> float:
        """The place of a wave, 0 to 1: by year where waves are years, else evenly."""
        if all(w.isdigit() for w in self.waves):
            first, last = int(self.waves[0]), int(self.waves[-1])
            share = (int(wave) - first) / max(1, last - first)
        else:
            share = self.waves.index(wave) / max(1, len(self.waves) - 1)
        return GUTTER + (1 - GUTTER) * share

    def y(self, value: float) -> float:
        """The height of a value, in pixels from the top of the image."""
        return self.top + HEIGHT * (1 - value / self.axis[-1])

    def describe(self) -> str:
        """Each series from its first to its last wave, and the breaks."""
        said = " ".join(self._described(s) for s in self.series)
        cuts = " ".join(
            say(f"Série coupée en {r.wave} : {r.label}.", f"Series cut in {r.wave}: {r.label}.")
            for r in self.ruptures
        )
        return f"{said} {cuts} {see_table()}".replace("  ", " ")

    def _described(self, series: Series) -> str:
        first = min(series.points, key=lambda p: p.wave)
        when, last = say("en", "in"), f"{series.shown} {say('en', 'in')} {series.last.wave}."
        start = f"{self._number(first.value)} {when} {first.wave}, "
        alone = first.wave == series.last.wave
        return f"{series.label}{say(' :', ':')} {'' if alone else start}{last}"

    def _number(self, value: float) -> str:
        return percent(value) if self.percent else f"{number(value, 1)}{NBSP}{self.unit}"

    def svg(self) -> str:
        """The key (shown where there is no room for names at the line ends) and the image."""
        plot = tag("svg", self._grid() + self._paths() + self._marks(), class_="plot",
                   width="74%", height=self.height)  # fmt: skip
        ends = tag("svg", self._labels(), class_="ends", x="76%", width="24%", height=self.height)
        image = picture(plot + ends, id_=self.id, title=self.title, class_="trend",
                        description=self.describe(), height=self.height)  # fmt: skip
        key = "".join(
            f'<li class="c{i}">{GLYPHS[i - 1]} {escape(s.label)}</li>'
            for i, s in enumerate(self.series, 1)
        )
        return f'<ul class="cle" aria-hidden="true">{key}</ul>{image}'

    def _grid(self) -> str:
        out = ""
        for tick in self.axis:
            y = self.y(tick)
            sign = per_cent_sign() if self.percent and tick == self.axis[-1] else ""
            out += tag("line", class_="g", x2="100%", y1=y, y2=y)
            shown = f"{tick * 100:g}" if self.percent else f"{tick:g}"
            out += text(shown.replace(".", say(",", ".")) + sign, class_="s", y=y - 4)
        for wave in self._dated():
            share = self.x(wave)
            out += text(wave, class_="s m", x=pct(share), y=self.height - 5)
        return out + "".join(self._rupture(i, r) for i, r in enumerate(self.ruptures))

    def _dated(self) -> tuple[str, ...]:
        """Waves named on the axis: the latest, then as evenly as waves allow."""
        step = max(0.15, (1 - GUTTER) / 5) - 0.01
        out: list[str] = []
        for wave in reversed(self.waves):
            if not out or self.x(out[-1]) - self.x(wave) >= step:
                out.append(wave)
        return tuple(out)

    def _rupture(self, row: int, rupture: Rupture) -> str:
        before = max((w for w in self.waves if w < rupture.wave), default=rupture.wave)
        x, y = (self.x(before) + self.x(rupture.wave)) / 2, 13 + STRIP * row
        right = x > 0.5
        line = tag("line", class_="cut", x1=pct(x), x2=pct(x), y1=y - 10, y2=self.top + HEIGHT)
        reason = tag("tspan", f"{colon()} {escape(rupture.label)}", class_="nm")
        name = f"{say('Rupture', 'Break')} {rupture.wave}{reason}"
        return line + tag("text", name, class_="b e" if right else "b",
                          x=pct(x), y=y, dx=-6 if right else 6)  # fmt: skip

    def _paths(self) -> str:
        drawn = ([r for r in s.runs if len(r) > 1] for s in self.series)
        body = "".join(
            tag("g", *(self._band(run) + self._line(run) for run in runs), class_=f"c{i}")
            for i, runs in enumerate(drawn, 1)
            if runs
        )
        return tag("svg", body, viewBox=f"0 0 1000 {short(self.height)}", width="100%",
                   height=self.height, preserveAspectRatio="none")  # fmt: skip

    def _at(self, wave: str, value: float) -> str:
        return f"{self.x(wave) * 1000:.0f} {short(self.y(value))}"

    def _line(self, run: tuple[Point, ...]) -> str:
        return tag("path", class_="ln", d="M" + "L".join(self._at(p.wave, p.value) for p in run))

    def _band(self, run: tuple[Point, ...]) -> str:
        upper = [self._at(p.wave, p.high) for p in run if p.high is not None]
        lower = [self._at(p.wave, p.low) for p in reversed(run) if p.low is not None]
        if len(upper) < 2 or len(lower) < 2:
            return ""
        return tag("path", class_="bd", d="M" + "L".join(upper + lower) + "Z")

    def _marks(self) -> str:
        return "".join(
            tag("g", self._bars(s), *(self._mark(i, p, hollow=h) for p, h in self._marked(s)),
                class_=f"c{i}")
            for i, s in enumerate(self.series, 1)
        )  # fmt: skip

    def _marked(self, series: Series) -> Iterator[tuple[Point, bool]]:
        for run in series.runs:
            yield run[0], False
            if len(run) > 1:
                yield run[-1], False
        yield from ((p, True) for p in series.alone)

    def _bars(self, series: Series) -> str:
        bars = [
            tag("line", x1=x, x2=x, y1=self.y(p.low), y2=self.y(p.high))
            for p, _ in self._marked(series)
            if p.low is not None and p.high is not None
            for x in (pct(self.x(p.wave)),)
        ]
        return tag("g", *bars, class_="iv") if bars else ""

    def _mark(self, number: int, point: Point, *, hollow: bool) -> str:
        x, y, class_ = pct(self.x(point.wave)), self.y(point.value), "u" if hollow else None
        if number == 1:
            return tag("circle", class_=class_, cx=x, cy=y, r=5)
        shape = {2: "M-5-5H5V5H-5Z", 3: "M0-6 6 5H-6Z", 4: "M0-7 7 0 0 7-7 0Z"}[number]
        return tag("svg", tag("path", class_="mk u" if hollow else "mk", d=shape), x=x, y=y)

    def _labels(self) -> str:
        wanted = [self.y(s.last.value) for s in self.series]
        out = ""
        for (i, s), y in zip(enumerate(self.series, 1), apart(wanted, LINE), strict=True):
            name = tag("tspan", f" {escape(s.label)}", class_="nm")
            out += tag("text", tag("tspan", escape(s.shown), class_="v"), name, class_=f"c{i}",
                       y=min(y, self.height - 6) + 4.5)  # fmt: skip
        return out

    def plotly(self) -> dict[str, Any]:
        """The same as a plotly figure, see :mod:`analysis.charts.interactive`."""
        from analysis.charts.interactive import trend_figure

        return trend_figure(self)


def apart(wanted: list[float], distance: float) -> list[float]:
    """Places in the same order, as near as can be to those wanted and ``distance`` apart.

    Neighbours that collide share a block centred on the mean of what they wanted (pool adjacent
    violators), so that no label travels further than it must.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[list[int]] = []
    for i in order:
        blocks.append([i])
        while len(blocks) > 1 and _start(blocks[-1], wanted, distance) < (
            _start(blocks[-2], wanted, distance) + distance * len(blocks[-2])
        ):
            last = blocks.pop()
            blocks[-1] = blocks[-1] + last
    out = [0.0] * len(wanted)
    for block in blocks:
        for rank, i in enumerate(block):
            out[i] = _start(block, wanted, distance) + rank * distance
    return out


def _start(block: list[int], wanted: list[float], distance: float) -> float:
    centre = sum(wanted[i] for i in block) / len(block)
    return centre - distance * (len(block) - 1) / 2
