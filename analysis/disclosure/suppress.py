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
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, csr_matrix, hstack, vstack

from analysis.design.arrays import Flags, Floats, Integers

NODES = 400  # of the search for one cell; a full search of small tables takes fewer
_CLOSE = 1e-7
_GAP = 0.05  # of the least loss, for one cell of many


@dataclass(frozen=True, slots=True)
class Tables:
    """V unknown numbers, R bounds on them, F facts that may be hidden.

    true, cap : (V,) the numbers themselves and the most they can be (the least is 0)
    whole : (V,) counts
    rows : (R, V) ; low, high : (R,) bounds ; fact : (R,) the fact that a bound is part of, -1 where
    it is known anyway
    cost : (F,) loss when hidden ; free : (F,) hidden already
    dear : (F,) hidden only when nothing else helps: what most people read
    with_ : pairs (a, b): whoever hides fact b hides fact a
    """

    true: Floats
    cap: Floats
    whole: Flags
    rows: csr_matrix
    low: Floats
    high: Floats
    fact: Integers
    cost: Floats
    free: Flags
    dear: Flags
    with_: tuple[tuple[int, int], ...] = ()

    def broken(self, table: Floats) -> Flags:
        """(F,) facts that the table does not fit; hidden, they no longer exclude it."""
        found = self.rows @ table
        off = (found < self.low - _CLOSE) | (found > self.high + _CLOSE)
        facts = np.zeros(len(self.cost), dtype=np.bool_)
        facts[self.fact[off & (self.fact >= 0)]] = True
        for a, b in self.with_:
            facts[a] |= facts[b]
        return facts


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A sum of unknowns that must stay uncertain.

    index : the unknowns ; up, down : how far above and below the truth a table must reach
    rings : sets of unknowns to move, from the nearest to all (None)
    """

    index: Integers
    up: float
    down: float
    rings: tuple[Integers | None, ...] = (None,)


@dataclass(slots=True)
class Pattern:
    """What is hidden, and the tables that show it to be enough.

    hidden : (F,) ; tables : alternatives to the truth, each fitting every fact that is not hidden
    unsafe : places in the list of those for which there is no alternative whatever is hidden
    """

    hidden: Flags
    tables: list[Floats] = field(default_factory=list)
    unsafe: list[int] = field(default_factory=list)

    def reach(self, tables: Tables, index: Integers) -> tuple[float, float]:
        """Least and greatest value of a sum in the tables known to fit."""
        values = [float(t[index].sum()) for t in (tables.true, *self.tables)]
        return min(values), max(values)


@dataclass(frozen=True, slots=True)
class _Move:
    """A table in which the sum over ``index`` is at least ``by`` above the truth, or below it."""

    index: Integers
    by: float


def optimal(tables: Tables, cells: Sequence[Sensitive]) -> Pattern:
    """The pattern of least loss, all cells at once. For small tables."""
    moves = [_Move(c.index, by) for c in cells for by in (c.up, -c.down) if by]
    found = _search(tables, moves, tables.free, None, None, None)
    if found is None:
        return Pattern(tables.free.copy(), [], list(range(len(cells))))
    return Pattern(_needed(tables, found, tables.free), found)


def protect(tables: Tables, cells: Sequence[Sensitive]) -> Pattern:
    """A pattern of little loss, one cell after the other."""
    pattern = Pattern(tables.free.copy())
    for place, cell in enumerate(cells):
        low, high = pattern.reach(tables, cell.index)
        if high - low >= cell.up + cell.down - _CLOSE:
            continue
        found = _cheapest(tables, cell, pattern.hidden)
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


def _cheapest(tables: Tables, cell: Sensitive, hidden: Flags) -> list[Floats] | None:
    """Alternatives for one cell: near it and without hiding what many read, where that can be."""
    for ring in cell.rings:
        _, found = _in_ring(tables, cell, hidden, ring, dear=False)
        if found is not None:
            return found
    tried = [_in_ring(tables, cell, hidden, r, dear=True) for r in cell.rings[1:] or (None,)]
    return min(tried, key=lambda t: t[0])[1]


def _in_ring(
    tables: Tables, cell: Sensitive, hidden: Flags, ring: Integers | None, *, dear: bool
) -> tuple[float, list[Floats] | None]:
    """The least loss found, and the alternatives that cost it."""
    best, least = None, np.inf
    for moves in _ways(tables, cell):
        found = _one_by_one(tables, moves, hidden, ring, dear)
        if found is None:
            continue
        loss = float(tables.cost[_needed(tables, found, hidden) & ~hidden].sum())
        if loss < least - _CLOSE:
            best, least = found, loss
        if least <= 0:
            break
    return least, best


def _ways(tables: Tables, cell: Sensitive) -> Iterator[list[_Move]]:
    """How the range asked for may lie about the truth: as high, then as low as possible."""
    true = float(tables.true[cell.index].sum())
    room, width = float(tables.cap[cell.index].sum()) - true, cell.up + cell.down
    made = []
    for up in dict.fromkeys((min(width, room), width - min(width, true))):
        moves = [_Move(cell.index, up), _Move(cell.index, up - width)]
        made.append([m for m in moves if abs(m.by) > _CLOSE])
    yield from made


def _one_by_one(
    tables: Tables, moves: list[_Move], hidden: Flags, ring: Integers | None, dear: bool
) -> list[Floats] | None:
    made: list[Floats] = []
    for move in moves:
        now = _needed(tables, made, hidden)
        allowed = None if dear else ~tables.dear
        found = _search(tables, [move], now, ring, allowed, NODES)
        if found is None:
            return None
        made += found
    return made


def _search(
    tables: Tables,
    moves: list[_Move],
    hidden: Flags,
    ring: Integers | None,
    allowed: Flags | None,
    nodes: int | None,
) -> list[Floats] | None:
    """Tables with those moves that need the least hidden; None where there are none.

    ring : unknowns that may differ from the truth ; allowed : (F,) facts that may be hidden
    """
    v, f, k = len(tables.true), len(tables.cost), len(moves)
    low, high = _box(tables, moves, ring, near=nodes is not None)
    fits = _fitting(tables, hidden, low, high)
    blocks = block_diag([fits[0]] * k, format="csr")
    parts = [hstack([blocks, vstack([fits[1]] * k)])]
    lows, highs = [np.tile(fits[2], k)], [np.tile(fits[3], k)]
    for place, move in enumerate(moves):
        sign = np.sign(move.by)
        at = place * v + move.index
        row = csr_matrix((np.full(len(at), sign), (np.zeros(len(at), int), at)), (1, k * v + f))
        parts.append(row)
        lows.append(np.array([sign * float(tables.true[move.index].sum()) + abs(move.by)]))
        highs.append(np.array([np.inf]))
    if tables.with_:
        parts.append(_pairs(tables.with_, k * v, f))
        lows.append(np.zeros(len(tables.with_)))
        highs.append(np.full(len(tables.with_), np.inf))
    most = np.ones(f) if allowed is None else (allowed | hidden).astype(np.float64)
    options: dict[str, Any] = {"mip_rel_gap": _GAP if nodes else 0.0}
    if nodes:
        options["node_limit"] = nodes
    result = milp(
        np.concatenate([np.zeros(k * v), np.where(hidden, 0.0, tables.cost)]),
        integrality=np.concatenate([np.tile(tables.whole, k), np.ones(f)]),
        bounds=Bounds(
            np.concatenate([np.tile(low, k), hidden.astype(np.float64)]),
            np.concatenate([np.tile(high, k), most]),
        ),
        constraints=LinearConstraint(
            vstack(parts, format="csr"), np.concatenate(lows), np.concatenate(highs)
        ),
        options=cast(Any, options),
    )
    if result.x is None:
        return None
    made = result.x[: k * v].reshape(k, v)
    return list(np.where(tables.whole, np.round(made), made))


def _box(
    tables: Tables, moves: list[_Move], ring: Integers | None, *, near: bool
) -> tuple[Floats, Floats]:
    """(V,) bounds of the unknowns: only some move, and not far, which keeps the search short."""
    low, high = np.zeros(len(tables.true)), tables.cap.copy()
    if near:
        far = 4 * max(abs(m.by) for m in moves)
        low, high = np.maximum(low, tables.true - far), np.minimum(high, tables.true + far)
    if ring is not None:
        still = np.ones(len(low), dtype=np.bool_)
        still[ring] = False
        low[still], high[still] = tables.true[still], tables.true[still]
    return low, high


def _fitting(
    tables: Tables, hidden: Flags, low: Floats, high: Floats
) -> tuple[csr_matrix, csr_matrix, Floats, Floats]:
    """Bounds that bind, on the unknowns and on the facts (which lift theirs when hidden).

    A bound that nothing in the box can break is left out.
    """
    up, down = tables.rows.maximum(0), tables.rows.minimum(0)
    most, least = up @ high + down @ low, up @ low + down @ high
    seen = (tables.fact < 0) | ~hidden[tables.fact]
    under = np.flatnonzero(seen & (least < tables.low - _CLOSE))
    over = np.flatnonzero(seen & (most > tables.high + _CLOSE))
    lift = _lift(tables, under, tables.low - least), _lift(tables, over, most - tables.high)
    return (
        vstack([tables.rows[under], tables.rows[over]], format="csr"),
        vstack([lift[0], -lift[1]], format="csr"),
        np.concatenate([tables.low[under], np.full(len(over), -np.inf)]),
        np.concatenate([np.full(len(under), np.inf), tables.high[over]]),
    )


def _lift(tables: Tables, at: Integers, by: Floats) -> csr_matrix:
    facts = tables.fact[at]
    has = facts >= 0
    shape = (len(at), len(tables.cost))
    return csr_matrix((by[at][has], (np.flatnonzero(has), facts[has])), shape)


def _pairs(pairs: tuple[tuple[int, int], ...], before: int, facts: int) -> csr_matrix:
    """Rows "a - b >= 0" of pairs of facts."""
    a, b = (np.array(side) + before for side in zip(*pairs, strict=True))
    at = np.arange(len(pairs))
    ones = np.ones(len(pairs))
    return csr_matrix(
        (np.r_[ones, -ones], (np.r_[at, at], np.r_[a, b])), (len(pairs), before + facts)
    )
