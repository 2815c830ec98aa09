"""A map of squares: one a level, where the definition puts it, its value printed and shaded.

Shades are no finer than the margin of error: two levels of one shade may differ, and two shades
say little more than the values do. What a test confirms has a mark of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import accumulate, repeat
from operator import mul
from statistics import median
from typing import Any

from analysis.charts.parts import see_table
from analysis.charts.svg import tag
from analysis.language import Words, say
from analysis.wording import NBSP, colon, listed, number, per_cent_sign, printed

SHADES = 5
_MARKS = {1: "▲", -1: "▼"}
_SIDES = {
    1: Words("significativement au-dessus du reste", "significantly above the rest"),
    -1: Words("significativement au-dessous du reste", "significantly below the rest"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One square.

    at : column and row, from 1 at the top left
    value, low, high : fraction or mean, and its interval; None where not published
    shown : the value as printed, or why there is none: "non publié : trop peu de réponses", of
        which the square holds what stands before the colon
    fragile : printed between brackets, and said in words
    side : 1 or -1 where it lies significantly above or below the rest, else 0
    """

    label: str
    short: str
    at: tuple[int, int]
    value: float | None
    low: float | None
    high: float | None
    shown: str
    fragile: bool = False
    side: int = 0

    @property
    def brief(self) -> str:
        """What is printed in the square."""
        if self.value is None:
            return self.shown.partition(colon())[0]
        return f"({self.shown})" if self.fragile else self.shown


@dataclass(frozen=True, slots=True)
class TileMap:
    """Squares in a grid, shaded by classes of the values as they are printed.

    percent : whether values are fractions printed in per cent; else they have one decimal
    tested : whether each was compared with the rest, so that a map without marks says so
    """

    id: str
    title: str
    tiles: tuple[Tile, ...]
    percent: bool = True
    unit: str = ""
    tested: bool = True

    @property
    def step(self) -> int:
        """Width of a class, in units of the last printed digit.

        The least of 1, 2, 5, 10, 20, … that is no narrower than the median half-width of the
        intervals, and leaves five classes at most.
        """
        margin = self.margin * (100 if self.percent else 10)
        lowest, highest = self._ends
        steps = (m * ten for ten in accumulate(repeat(10), mul, initial=1) for m in (1, 2, 5))
        return next(s for s in steps if s >= margin and highest // s - lowest // s < SHADES)

    @property
    def margin(self) -> float:
        """Median half-width of the intervals, in the unit of the values; 0 without any."""
        known = [(t.low, t.high) for t in self.tiles]
        halves = [(high - low) / 2 for low, high in known if low is not None and high is not None]
        return median(halves or [0.0])

    @property
    def known(self) -> tuple[Tile, ...]:
        """The tiles that have a value."""
        return tuple(t for t in self.tiles if t.value is not None)

    @property
    def _ends(self) -> tuple[int, int]:
        units = [self._units(t) for t in self.known]
        return min(units, default=0), max(units, default=0)

    def _units(self, tile: Tile) -> int:
        return printed(tile.value or 0.0, 2 if self.percent else 1)

    def shade(self, tile: Tile) -> int:
        """The class of a tile, from 1, or 0 where it has no value."""
        step = self.step
        return 0 if tile.value is None else 1 + self._units(tile) // step - self._ends[0] // step

    @property
    def classes(self) -> tuple[str, ...]:
        """The limits of each class in words: "20 à 24 %"."""
        step, (lowest, highest) = self.step, self._ends
        starts = range(lowest // step * step, highest + 1, step) if self.known else ()
        return tuple(self._class(start, start + step - 1) for start in starts)

    def _class(self, first: int, last: int) -> str:
        last = min(last, 100) if self.percent else last
        ends = [number(u if self.percent else u / 10, 0 if self.percent else 1)
                for u in dict.fromkeys((first, last))]  # fmt: skip
        unit = per_cent_sign() if self.percent else f"{NBSP}{self.unit}"
        return f"{say(' à ', ' to ').join(ends)}{unit}".rstrip()

    # ----------------------------------------------------------------------------------- words
    def describe(self) -> str:
        """The message: extremes, what a test sets apart, what is missing."""
        reserve = say("Peu fiable", "Low reliability")
        said = [self._range(), self.finding(), self._listed(reserve, fragile=True)]
        gone: dict[str, list[str]] = {}
        for tile in (t for t in self.tiles if t.value is None):
            gone.setdefault(tile.brief, []).append(tile.label)
        said += [f"{_capital(why)}{colon()} {listed(names)}." for why, names in gone.items()]
        return " ".join([*filter(None, said), see_table()])

    def _range(self) -> str:
        if not self.known:
            return say("Aucune valeur publiée.", "No value is published.")
        low, high = self._ends
        if low == high:
            return f"{self.known[0].shown} {say('partout', 'everywhere')}."
        least, most = self._at(low), self._at(high)
        return say(f"De {least} à {most}.", f"From {least} to {most}.")

    def _at(self, units: int) -> str:
        tiles = [t for t in self.known if self._units(t) == units]
        return f"{tiles[0].shown} ({listed([t.label for t in tiles])})"

    def finding(self) -> str:
        """What the tests say, in words; empty where none was made."""
        if not self.tested or not self.known:
            return ""
        of = say(" de la population", " of the population")
        said = [self._listed(f"{_capital(str(_SIDES[s]))}{of}", side=s) for s in (1, -1)]
        return " ".join(filter(None, said)) or f"{_none()}."

    def _listed(self, lead: str, *, side: int = 0, fragile: bool = False) -> str:
        found = [t for t in self.known if (t.fragile if fragile else t.side == side)]
        names = listed([f"{t.label} ({t.shown})" for t in found])
        return f"{lead}{colon()} {names}." if found else ""

    # ---------------------------------------------------------------------------------- markup
    def svg(self) -> str:
        """One image to a screen reader: rows of squares, then the key.

        HTML, like the rows of dots, so that squares and type keep their size where the page is
        narrow. Empty squares hold the places of the grid. All of it is hidden from the reader
        but the name and the description of the whole: some would read every square.
        """
        names = tag("title", escape(self.title, quote=False), id=f"{self.id}-t") + tag(
            "desc", escape(self.describe(), quote=False), id=f"{self.id}-d"
        )
        parts = (("svg", (names,)), ("div", self._rows()), ("ul", self._key()))
        inner = (tag(name, *content, aria_hidden="true") for name, content in parts)
        return tag("div", *inner, class_="panels tuiles", role="img",
                   aria_labelledby=f"{self.id}-t", aria_describedby=f"{self.id}-d")  # fmt: skip

    def _rows(self) -> Iterable[str]:
        placed = {t.at: t for t in self.tiles}
        columns, rows = (max((t.at[i] for t in self.tiles), default=0) for i in (0, 1))
        for row in range(1, rows + 1):
            squares = (self._square(placed.get((c, row))) for c in range(1, columns + 1))
            yield tag("p", *squares)

    def _square(self, tile: Tile | None) -> str:
        if tile is None:
            return "<i></i>"
        name, shown = escape(tile.short, quote=False), escape(tile.brief, quote=False)
        name += f" {_MARKS[tile.side]}" if tile.side else ""
        shade = f"q{self.shade(tile)}{' u' if tile.fragile else ''}"
        value = shown if tile.value is not None else tag("small", shown)
        return tag("b", tag("small", name), value, class_=shade)

    def _key(self) -> Iterable[str]:
        """The message first, then the shades, then what the short names stand for."""
        sides = sorted({t.side for t in self.known if t.side}, reverse=True)
        for side in sides:
            yield _entry(f"{_MARKS[side]} {_SIDES[side]}")
        if self.tested and self.known and not sides:
            yield _entry(_none())
        for shade, words in enumerate(self.classes, 1):
            yield _entry(words, f"q{shade}")
        if any(t.fragile for t in self.known):
            yield _entry(say("(…) peu fiable", "(…) low reliability"), "u")
        for why in dict.fromkeys(t.shown for t in self.tiles if t.value is None):
            yield _entry(why, "q0")
        yield tag("li", tag("small", escape(self._names(), quote=False)))

    def _names(self) -> str:
        """What the short names stand for: tables are not printed."""
        names = sorted((t.short, t.label) for t in self.tiles)
        return ", ".join(f"{short}{NBSP}{label}" for short, label in names)

    def plotly(self) -> dict[str, Any]:
        """The same as a plotly figure, see :mod:`analysis.charts.interactive`."""
        from analysis.charts.interactive import tile_figure

        return tile_figure(self)


def _none() -> str:
    """What is said where no test sets a tile apart."""
    return say(
        "Aucun écart significatif avec le reste de la population",
        "No significant difference from the rest of the population",
    )


def _entry(words: str, shade: str = "") -> str:
    square = f'<b class="{shade}"></b>' if shade else ""
    return tag("li", square, escape(words, quote=False))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
