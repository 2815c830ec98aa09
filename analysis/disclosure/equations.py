"""The unknowns of a wave and what bounds them, as it is written down: a bound after the other.

An unknown is how many of an atom are in a set of people: those who gave an answer, or who were in a
base. Sets that are the same people under two names are one unknown; a base that its atoms alone
decide is no unknown, since who was asked is no secret.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from analysis.design.arrays import Flags, Floats, Integers
from analysis.disclosure.measured import Measured, Set
from analysis.disclosure.suppress import Tables
from analysis.disclosure.view import View

Figure = tuple[str, str, str]  # indicator, category, level


@dataclass
class Facts:
    """Facts by what they tell, and the figures that print them."""

    place: dict[tuple[Any, ...], int] = field(default_factory=dict)
    cost: list[float] = field(default_factory=list)
    dear: list[bool] = field(default_factory=list)
    figures: dict[int, list[Figure]] = field(default_factory=lambda: defaultdict(list))

    def of(self, key: tuple[Any, ...], cost: float, *, dear: bool = False) -> tuple[int, bool]:
        """The fact of that key, and whether it is new."""
        if key in self.place:
            return self.place[key], False
        self.place[key] = len(self.cost)
        self.cost.append(cost)
        self.dear.append(dear)
        return self.place[key], True


class Equations:
    """Unknowns by (set, atom), bounds on their sums, and the facts that bounds are part of.

    known : what (set, atom) is that is no unknown: of bases that the atoms of a view decide
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.atoms = len(view.size)
        self.unknown: dict[tuple[Set, int], int] = {}
        self.known: dict[tuple[Set, int], float] = {}
        self.true: list[float] = []
        self.cap: list[float] = []
        self.whole: list[bool] = []
        self.rows: list[tuple[dict[int, float], float, float, int]] = []
        self.facts = Facts()
        self._atoms_of: dict[Set, list[tuple[int, int]]] = defaultdict(list)
        for m in view.measured:
            self._of(m, view)

    @property
    def sets(self) -> list[Set]:
        """Every set that has unknowns, in the order of the measures."""
        return list(dict.fromkeys(who for who, _ in self.unknown))

    def of(self, who: Set, atoms: Iterable[int]) -> tuple[list[tuple[int, float]], float]:
        """The sum of a set over some atoms: unknowns, and what is known of it."""
        terms, constant = [], 0.0
        for h in atoms:
            if (who, h) in self.unknown:
                terms.append((self.unknown[who, h], 1.0))
            else:
                constant += self.known.get((who, h), 0.0)
        return terms, constant

    def total(self, who: Set) -> float:
        """How many are in a set."""
        terms, constant = self.of(who, self.view.views[0])
        return sum(self.true[i] for i, _ in terms) + constant

    def within(self, sets: Collection[Set], views: Collection[int]) -> Integers:
        """The unknowns of some sets in some views."""
        by = self._by_set()
        return np.array(
            sorted(i for who in sets for h, i in by[who] if int(self.view.view[h]) in views)
        )

    def _by_set(self) -> dict[Set, list[tuple[int, int]]]:
        """(atom, unknown) of each set; made once, since every unknown is there from the start."""
        if not self._atoms_of:
            for (who, h), i in self.unknown.items():
                self._atoms_of[who].append((h, i))
        return self._atoms_of

    def bound(
        self, terms: Iterable[tuple[int, float]], low: float, high: float, fact: int = -1
    ) -> None:
        """A sum of unknowns lies between two numbers; fact : -1 where that is known anyway."""
        self.rows.append((_summed(terms), low, high, fact))

    def tables(self, free: Flags, pairs: tuple[tuple[int, int], ...]) -> Tables:
        """All of it for the search; free : facts that are hidden already, see :class:`Tables`."""
        lines = [(r, i, c) for r, (terms, *_) in enumerate(self.rows) for i, c in terms.items()]
        row, column, value = (np.array(x) for x in zip(*lines, strict=True))
        bounds = np.array([(low, high) for _, low, high, _ in self.rows])
        return Tables(
            np.array(self.true), np.array(self.cap), np.array(self.whole),
            csr_matrix((value, (row, column)), (len(self.rows), len(self.true))),
            bounds[:, 0], bounds[:, 1], np.array([fact for *_, fact in self.rows]),
            np.array(self.facts.cost), free, np.array(self.facts.dear), pairs,
        )  # fmt: skip

    def _of(self, m: Measured, view: View) -> None:
        if m.kind == "quantile":  # no sum of anything
            return
        fixed, every = view.fixed(m), np.ones(self.atoms, dtype=np.bool_)
        self._add(m.base_who, m.base, view.size, ~fixed, whole=True)
        self.known |= {(m.base_who, int(h)): float(m.base[h]) for h in np.flatnonzero(fixed)}
        if m.summed:
            cap = m.below if m.kind == "battery" else 10 * m.amount
            self._add(m.who, m.amount, cap, every, whole=False)
            return
        self._add(m.who, m.count, np.where(fixed, m.base, view.size), every, whole=True)

    def _add(self, who: Set, true: Floats, cap: Floats, where: Flags, *, whole: bool) -> None:
        for h in map(int, np.flatnonzero(where)):
            if (who, h) not in self.unknown:
                self.unknown[who, h] = len(self.true)
                self.true.append(float(true[h]))
                self.cap.append(float(cap[h]))
                self.whole.append(whole)


def _summed(terms: Iterable[tuple[int, float]]) -> dict[int, float]:
    made: dict[int, float] = defaultdict(float)
    for index, coefficient in terms:
        made[index] += float(coefficient)
    return dict(made)
