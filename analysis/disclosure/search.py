"""Tables that fit what is printed and differ from the truth by a move: integer programmes of HiGHS.

Only what may move is written down: some unknowns, the bounds on them, the facts that these are part
of and that are not hidden yet. Everything else stands still, at the truth.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy.sparse import block_diag, csr_matrix, hstack, vstack
from scipy.sparse.csgraph import connected_components

from analysis.design.arrays import Flags, Floats, Integers
from analysis.disclosure.problem import CLOSE, Tables

NODES = 400  # of the search for one cell; a full search of small tables takes fewer
_GAP = 0.05  # of the least loss, for one cell of many


@dataclass(frozen=True, slots=True)
class Move:
    """A table in which the sum over ``index`` is at least ``by`` above the truth, or below it."""

    index: Integers
    by: float


@dataclass(frozen=True, slots=True)
class Part:
    """W unknowns of some tables that may move, and what binds them; the others stand still.

    at : (W,) which ones ; true, cap, whole : (W,) as in :class:`Tables`
    rows : (R, W) ; low, high : (R,) less what stands still ; fact : (R,) places in the tables
    """

    tables: Tables
    at: Integers
    true: Floats
    cap: Floats
    whole: Flags
    rows: csr_matrix
    low: Floats
    high: Floats
    fact: Integers

    def full(self, moved: Floats) -> Floats:
        """(V,) the table with these W numbers."""
        made = self.tables.true.copy()
        made[self.at] = np.where(self.whole, np.round(moved), moved)
        return made


class Space:
    """Tables as the search reads them: by unknown, and by what hangs together."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._columns = tables.rows.tocsc()
        self._sums: Floats = tables.rows @ tables.true
        linked = self._columns.T @ self._columns
        found = connected_components(linked, directed=False)[1]
        self._component: Integers = found.astype(np.int64)

    def part(self, ring: Integers | None, index: Integers) -> Part:
        """The unknowns of a ring that hang together with the index; without a ring all that do."""
        t = self.tables
        at = np.arange(len(t.true)) if ring is None else ring
        at = at[np.isin(self._component[at], self._component[index])]
        columns = self._columns[:, at]
        touched = np.unique(columns.indices)
        rows = columns.tocsr()[touched]
        still = self._sums[touched] - rows @ t.true[at]
        return Part(t, at, t.true[at], t.cap[at], t.whole[at], rows,
                    t.low[touched] - still, t.high[touched] - still, t.fact[touched])  # fmt: skip


def search(
    part: Part, moves: Sequence[Move], hidden: Flags, allowed: Flags | None, nodes: int | None
) -> list[Floats] | None:
    """Tables with those moves that need the least hidden; None where there are none.

    hidden : (F,) facts that bind no more ; allowed : (F,) those that may be hidden
    nodes : of the search, which then is not proven to be the best
    """
    low, high = _box(part, moves, near=nodes is not None)
    rows, facts, lows, highs = _fitting(part, hidden, low, high)
    names = _named(part.tables, facts, hidden)
    k, w, f = len(moves), len(part.at), len(names)
    lift = csr_matrix((facts[0], (facts[1], np.searchsorted(names, facts[2]))), (len(lows), f))
    parts = [hstack([block_diag([rows] * k, format="csr"), vstack([lift] * k)])]
    all_low, all_high = [np.tile(lows, k)], [np.tile(highs, k)]
    for place, move in enumerate(moves):
        row, least = _moved(part, move, place * w, k * w + f)
        parts.append(row)
        all_low.append(np.array([least]))
        all_high.append(np.array([np.inf]))
    pairs = _pairs(part.tables, names, hidden, k * w)
    parts.append(pairs)
    all_low.append(np.zeros(pairs.shape[0]))
    all_high.append(np.full(pairs.shape[0], np.inf))
    most = np.ones(f) if allowed is None else allowed[names].astype(np.float64)
    found = _solved(
        np.concatenate([np.zeros(k * w), part.tables.cost[names]]),
        np.concatenate([np.tile(part.whole, k), np.ones(f)]).astype(np.int64),
        (np.concatenate([np.tile(low, k), np.zeros(f)]),
         np.concatenate([np.tile(high, k), most])),
        (vstack(parts, format="csr"), np.concatenate(all_low), np.concatenate(all_high)),
        nodes,
    )  # fmt: skip
    if found is None:
        return None
    return [part.full(x) for x in found[: k * w].reshape(k, w)]


def _solved(
    cost: Floats, whole: Integers, box: tuple[Floats, Floats],
    bounds: tuple[csr_matrix, Floats, Floats], nodes: int | None,
) -> Floats | None:  # fmt: skip
    """The numbers of least cost within a box and bounds on sums; None where there are none.

    cost, whole : (X,) of each number ; box : (X,) ; bounds : (Y, X) sums, (Y,) least, (Y,) most
    nodes : of the search
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # slow to import, seldom needed

    options: dict[str, Any] = {"mip_rel_gap": _GAP if nodes else 0.0}
    if nodes:
        options["node_limit"] = nodes
    with _unheard():
        result = milp(cost, integrality=whole, bounds=Bounds(*box),
                      constraints=LinearConstraint(*bounds),
                      options=cast(Any, options))  # fmt: skip
    return None if result.x is None else np.asarray(result.x, dtype=np.float64)


@contextmanager
def _unheard() -> Iterator[None]:
    """HiGHS prints a line about its own code, where programs read what a command answers."""
    try:
        kept = os.dup(1)
    except OSError:  # nowhere to print to
        yield
        return
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), 1)
        try:
            yield
        finally:
            with suppress(AttributeError, TypeError, OSError):  # Windows
                ctypes.CDLL(None).fflush(None)
            os.dup2(kept, 1)
            os.close(kept)


def _box(part: Part, moves: Sequence[Move], *, near: bool) -> tuple[Floats, Floats]:
    """(W,) bounds of the unknowns: not far from the truth, which keeps the search short."""
    low, high = np.zeros(len(part.at)), part.cap.copy()
    if near:
        far = 4 * max(abs(m.by) for m in moves)
        low, high = np.maximum(low, part.true - far), np.minimum(high, part.true + far)
    return low, high


def _fitting(
    part: Part, hidden: Flags, low: Floats, high: Floats
) -> tuple[csr_matrix, tuple[Floats, Integers, Integers], Floats, Floats]:
    """Bounds that bind on the unknowns, and how far a fact lifts its own when it is hidden.

    The latter as (lift, row, fact). A bound that nothing in the box can break is left out.
    """
    up, down = part.rows.maximum(0), part.rows.minimum(0)
    most, least = up @ high + down @ low, up @ low + down @ high
    seen = (part.fact < 0) | ~hidden[part.fact]
    under = np.flatnonzero(seen & (least < part.low - CLOSE))
    over = np.flatnonzero(seen & (most > part.high + CLOSE))
    by = np.concatenate([(part.low - least)[under], -(most - part.high)[over]])
    of = np.concatenate([part.fact[under], part.fact[over]])
    has = np.flatnonzero(of >= 0)
    return (
        vstack([part.rows[under], part.rows[over]], format="csr"),
        (by[has], has, of[has]),
        np.concatenate([part.low[under], np.full(len(over), -np.inf)]),
        np.concatenate([np.full(len(under), np.inf), part.high[over]]),
    )


def _named(tables: Tables, facts: tuple[Floats, Integers, Integers], hidden: Flags) -> Integers:
    """(f,) the facts that may have to be hidden: those of bounds, and what goes with them."""
    found = set(map(int, facts[2]))
    found |= {a for a, b in tables.with_ if b in found and not hidden[a]}
    return np.array(sorted(found), dtype=np.int64)


def _moved(part: Part, move: Move, before: int, size: int) -> tuple[csr_matrix, float]:
    """The row of a move, and the least that it must be."""
    sign = np.sign(move.by)
    at = before + np.flatnonzero(np.isin(part.at, move.index))
    row = csr_matrix((np.full(len(at), sign), (np.zeros(len(at), int), at)), (1, size))
    return row, float(sign * part.tables.true[move.index].sum() + abs(move.by))


def _pairs(tables: Tables, names: Integers, hidden: Flags, before: int) -> csr_matrix:
    """Rows "a - b >= 0": whoever hides fact b hides fact a."""
    place = {int(name): k for k, name in enumerate(names)}
    some = [(place[a], place[b]) for a, b in tables.with_ if b in place and not hidden[a]]
    a, b = (np.array([p[side] for p in some], dtype=np.int64) + before for side in (0, 1))
    at, ones = np.arange(len(some)), np.ones(len(some))
    shape = (len(some), before + len(names))
    return csr_matrix((np.r_[ones, -ones], (np.r_[at, at], np.r_[a, b])), shape)
