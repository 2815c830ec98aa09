"""The problem of complementary suppression: numbers, facts about them; its answer: what is hidden.

Stated once for any tables: counts of answers, or the cells of published examples (tests).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix

from analysis.design.arrays import Flags, Floats, Integers

CLOSE = 1e-7


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
        off = (found < self.low - CLOSE) | (found > self.high + CLOSE)
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
