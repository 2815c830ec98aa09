"""Which figures to hide so that no hidden cell can be worked out: complementary suppression.

A reader knows facts: linear bounds on counts that are never printed themselves. Hiding a fact takes
its bound away. A sensitive cell is safe when two tables that fit everything still printed differ in
it by the protection asked for; these tables are found with it, so that safety is shown and not
assumed. Counts are whole numbers: a reader who knows that is the one defended against.

Integer programmes are solved by HiGHS (``scipy.optimize.milp``). :func:`optimal` hides the least
there is (Fischetti and Salazar 2001, "Solving the cell suppression problem on tabular data with
linear constraints", Management Science 47:1008-1027); :func:`protect` takes one cell after the
other, each at its least further loss, for tables too large for that. Bounded by nodes and not by
seconds: the same tables give the same pattern on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from analysis.design.arrays import Flags, Floats
from analysis.disclosure.problem import CLOSE, Pattern, Sensitive, Tables
from analysis.disclosure.search import NODES, Move, Part, Space, search

__all__ = ["Pattern", "Sensitive", "Tables", "optimal", "protect"]

_MANY = 200  # unknowns: so many are searched only where nothing nearer was found


def optimal(tables: Tables, cells: Sequence[Sensitive]) -> Pattern:
    """The pattern of least loss, all cells at once. For small tables."""
    moves = [Move(c.index, by) for c in cells for by in (c.up, -c.down) if by]
    part = Space(tables).part(None, np.arange(len(tables.true)))
    found = search(part, moves, tables.free, None, None)
    if found is None:
        return Pattern(tables.free.copy(), [], list(range(len(cells))))
    return Pattern(_needed(tables, found, tables.free), found)


def protect(tables: Tables, cells: Sequence[Sensitive]) -> Pattern:
    """A pattern of little loss, one cell after the other."""
    pattern, space = Pattern(tables.free.copy()), Space(tables)
    for place, cell in enumerate(cells):
        low, high = pattern.reach(tables, cell.index)
        if high - low >= cell.up + cell.down - CLOSE:
            continue
        found = _cheapest(space, cell, pattern.hidden)
        if found is None:
            pattern.unsafe.append(place)
            continue
        pattern.tables += found
        pattern.hidden = _needed(tables, found, pattern.hidden)
    return pattern


def _needed(tables: Tables, found: Iterable[Floats], hidden: Flags) -> Flags:
    made = hidden.copy()
    for table in found:
        made |= tables.broken(table)
    return made


def _cheapest(space: Space, cell: Sensitive, hidden: Flags) -> list[Floats] | None:
    """Alternatives for one cell: near it and without hiding what many read, where that can be."""
    for ring in cell.rings:
        _, found = _in_ring(space.part(ring, cell.index), cell, hidden, dear=False)
        if found is not None:
            return found
    best, least = None, np.inf
    for ring in cell.rings[1:] or (None,):
        part = space.part(ring, cell.index)
        if best is not None and len(part.at) > _MANY:
            break
        loss, found = _in_ring(part, cell, hidden, dear=True)
        if loss < least:
            best, least = found, loss
    return best


def _in_ring(
    part: Part, cell: Sensitive, hidden: Flags, *, dear: bool
) -> tuple[float, list[Floats] | None]:
    """The least loss found, and the alternatives that cost it."""
    best, least, tables = None, np.inf, part.tables
    for moves in _ways(tables, cell):
        found = _one_by_one(part, moves, hidden, dear)
        if found is None:
            continue
        loss = float(tables.cost[_needed(tables, found, hidden) & ~hidden].sum())
        if loss < least - CLOSE:
            best, least = found, loss
        if least <= 0:
            break
    return least, best


def _ways(tables: Tables, cell: Sensitive) -> Iterator[list[Move]]:
    """How the range asked for may lie about the truth: as high, then as low as possible."""
    true = float(tables.true[cell.index].sum())
    room, width = float(tables.cap[cell.index].sum()) - true, cell.up + cell.down
    made = []
    for up in dict.fromkeys((min(width, room), width - min(width, true))):
        moves = [Move(cell.index, up), Move(cell.index, up - width)]
        made.append([m for m in moves if abs(m.by) > CLOSE])
    yield from made


def _one_by_one(part: Part, moves: list[Move], hidden: Flags, dear: bool) -> list[Floats] | None:
    made: list[Floats] = []
    for move in moves:
        now = _needed(part.tables, made, hidden)
        allowed = None if dear else ~part.tables.dear
        found = search(part, [move], now, allowed, NODES)
        if found is None:
            return None
        made += found
    return made
