"""Tiles of a domain: where each level stands in a map made of squares, and its short name.

A map of squares needs no borders, gives a small level as much room as a large one, and can be
read on a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated

from pydantic import Field

from analysis.definition.shapes import Model
from analysis.definition.yamltext import Path_
from analysis.errors import Problem, nearest, quoted

COLUMNS = 5  # as many as leave "100 %" its room at 320 px
ROWS = 10
_LONGEST = 4

Step = Annotated[int, Field(ge=1)]


class Tile(Model):
    """The square of one level.

    at : column and row, [1, 1] at the top left
    short : what is printed in it, four letters at most
    """

    at: tuple[Step, Step]
    short: str


def tile_faults(
    at: Callable[..., str],
    path: Path_,
    tiles: Mapping[str, Tile],
    levels: Mapping[str, str],
    *,
    crossed: bool,
) -> Iterator[Problem]:
    """Every level has one place of its own, and a short name of its own.

    levels : code -> label of each level of the domain
    crossed : whether the domain crosses several variables, which no map can show
    """
    if not tiles:
        return
    if crossed:
        yield Problem(at(*path), "tiles: in a domain that crosses variables", "one variable:",
                      "remove tiles:, or declare them in the domain of that variable")  # fmt: skip
        return
    yield from _level_faults(at, path, tiles, levels)
    places: dict[tuple[int, int], str] = {}
    names: dict[str, str] = {}
    for code, tile in tiles.items():
        first = places.setdefault(tile.at, code)
        yield from _place_faults(at, (*path, code, "at"), tile, first if first != code else "")
        first = names.setdefault(tile.short.strip().casefold(), code)
        yield from _name_faults(at, (*path, code, "short"), tile, first if first != code else "")


def _level_faults(
    at: Callable[..., str], path: Path_, tiles: Mapping[str, Tile], levels: Mapping[str, str]
) -> Iterator[Problem]:
    for code in (c for c in tiles if c not in levels):
        yield Problem(at(*path, code), f'"{code}" is not a level of the domain',
                      nearest(code, levels), "correct the name, or remove it")  # fmt: skip
    absent = [code for code in levels if code not in tiles]
    if absent:
        yield Problem(at(*path), f"no tile for {', '.join(absent)}", "one for each level",
                      f"add {absent[0]}: {{at: [column, row], short: ABC}}")  # fmt: skip


def _place_faults(at: Callable[..., str], path: Path_, tile: Tile, taken: str) -> Iterator[Problem]:
    column, row = tile.at
    if column > COLUMNS or row > ROWS:
        yield Problem(at(*path), f"column {column}, row {row}",
                      f"{COLUMNS} columns and {ROWS} rows at most", "move the tile")  # fmt: skip
    if taken:
        yield Problem(at(*path), f"column {column}, row {row} is the place of {taken}",
                      "a place of its own", "move one of the two")  # fmt: skip


def _name_faults(at: Callable[..., str], path: Path_, tile: Tile, taken: str) -> Iterator[Problem]:
    size = len(tile.short.strip())
    if not 1 <= size <= _LONGEST:
        yield Problem(at(*path), f"{quoted(tile.short)} has {size} letters", f"1 to {_LONGEST}",
                      "shorten it, as: BRE")  # fmt: skip
    if taken:
        yield Problem(at(*path), f"{quoted(tile.short)} is the short name of {taken}",
                      "a name of its own", "change one of the two")  # fmt: skip
