"""What a reader of everything published knows of a wave, as bounds on counts (one view of it).

An unknown is how many of an atom are in a set of people: those who gave an answer, or who were in a
base. Sets that are the same people under two names are one unknown; a base that its atoms alone
decide is no unknown, since who was asked is no secret. A fact is a printed figure: the share of a
set in a union of atoms, to the digits printed (:mod:`analysis.rounding`), its number of
respondents, or a count over the whole sample. What is always known: the parts of a whole add up to
it, and no part is larger than its base.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix

from analysis.definition.publication import Confidentiality
from analysis.design.arrays import Floats, Integers
from analysis.disclosure.measured import Atoms, Measured, Set, levels_of, measures_of
from analysis.disclosure.reliability import FEWEST
from analysis.disclosure.suppress import Sensitive, Tables
from analysis.rounding import alike_amount, counts_alike, rounded_count

WHOLE = "ensemble=ensemble"
# What a figure is worth to readers, in respondents: of the whole, of several groups, reliable.
_WHOLE, _GROUPS, _RELIABLE = 30.0, 3.0, 10.0
_PARTS = 8  # of a whole: unions of more are not looked for
Figure = tuple[str, str, str]  # indicator, category, level
Range = tuple[float, float]


@dataclass
class _Facts:
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


@dataclass(frozen=True)
class Knowledge:
    """One view of one wave.

    tables : the facts ; cells : what must stay uncertain, the smallest base first
    figures : of each fact, the printed (indicator, category, level) that show it; category "n" is
    the number of respondents of all figures of that indicator and level
    samples : of each fact that is a count over the whole sample, the set
    called : of each set, the (indicator, category) that it is the numerator of
    """

    tables: Tables
    cells: list[Sensitive]
    names: list[list[Figure]]
    figures: dict[int, list[Figure]]
    samples: dict[int, Set]
    called: dict[Set, list[tuple[str, str]]]


class Reader:
    """Builds the knowledge of one view.

    standing : rows of :data:`analysis.disclosure.standing.SCHEMA`, of one view
    printed : (indicator, category, level) there are, each with the values that are printed so
    gone : those hidden already
    doubtful : those that are marked as unreliable, which readers miss least
    """

    def __init__(
        self, standing: pl.DataFrame, rule: Confidentiality, printed: Mapping[Figure, Range],
        gone: Collection[Figure], doubtful: Collection[Figure] = (),
    ) -> None:  # fmt: skip
        self.rule, self.printed, self.gone = rule, printed, gone
        self.doubtful = doubtful
        atoms = standing.unique("atom", maintain_order=True).sort("atom")
        self.size = atoms["respondents"].to_numpy().astype(np.float64)
        self.weight = atoms["weight"].to_numpy()
        self.population = atoms["population"].cast(pl.Float64).to_numpy()
        self.levels: dict[str, Atoms] = levels_of(atoms)
        self.measured = list(measures_of(standing))
        self.by_indicator: dict[str, list[Measured]] = defaultdict(list)
        for m in self.measured:
            self.by_indicator[m.indicator].append(m)
        self.unknown: dict[tuple[Set, int], int] = {}
        self.true: list[float] = []
        self.cap: list[float] = []
        self.whole: list[bool] = []
        self.rows: list[tuple[dict[int, float], float, float, int]] = []
        self.facts = _Facts()
        self.near: dict[Set, set[Set]] = defaultdict(set)

    def read(self) -> Knowledge:
        """Everything that is printed, and what must not be found out from it."""
        for m in self.measured:
            self._unknowns(m)
        for group in self.by_indicator.values():
            self._known_anyway(group)
        self._unions()
        for m in self.measured:
            self._figures(m)
        pairs = self._numbers_of_respondents()
        samples = self._samples()
        cells, names = self._sensitive()
        called: dict[Set, list[tuple[str, str]]] = defaultdict(list)
        for m in self.measured:
            called[m.who].append((m.indicator, m.category))
            called[m.base_who].append((m.indicator, m.category))
        figures = dict(self.facts.figures)
        return Knowledge(self._tables(pairs), cells, names, figures, samples, dict(called))

    # ------------------------------------------------------------------------------- unknowns
    def fixed(self, m: Measured) -> bool:
        """Whether the atoms alone decide who is in the base: all or none of each."""
        return bool(np.all((m.base == 0) | (m.base == self.size)))

    def _unknowns(self, m: Measured) -> None:
        if m.kind == "other":
            return
        if not self.fixed(m):
            self._add(m.base_who, m.base, self.size, whole=True)
        if m.kind == "amount":
            self._add(m.who, m.amount, 10 * m.amount, whole=False)
            return
        self._add(m.who, m.count, m.base if self.fixed(m) else self.size, whole=True)

    def _add(self, who: Set, true: Floats, cap: Floats, *, whole: bool) -> None:
        for h in range(len(self.size)):
            if (who, h) not in self.unknown:
                self.unknown[who, h] = len(self.true)
                self.true.append(float(true[h]))
                self.cap.append(float(cap[h]))
                self.whole.append(whole)

    def _row(self, terms: dict[int, float], low: float, high: float, fact: int = -1) -> None:
        self.rows.append((terms, low, high, fact))

    # ---------------------------------------------------------------------- always known
    def _known_anyway(self, group: list[Measured]) -> None:
        """Parts add up to their base, or at most to it; a set is no larger than its base."""
        first = group[0]
        if first.kind not in ("share", "mention"):
            return
        if first.parts or first.kind == "mention":
            for m in group:
                self.near[m.who] |= {o.who for o in group}
        fixed = self.fixed(first)
        full = first.parts and np.array_equal(sum(m.count for m in group), first.base)
        for h in range(len(self.size)):
            if first.parts:
                terms = _summed((self.unknown[m.who, h], 1.0) for m in group)
                least = 0.0 if full else -np.inf
                if fixed:
                    self._row(terms, first.base[h] if full else 0.0, first.base[h])
                else:
                    terms = _summed([*terms.items(), (self.unknown[first.base_who, h], -1.0)])
                    self._row(terms, least, 0.0)
            elif not fixed:
                for m in group:
                    if m.who != m.base_who:
                        terms = {self.unknown[m.who, h]: 1.0, self.unknown[m.base_who, h]: -1.0}
                        self._row(terms, -np.inf, 0.0)

    def _unions(self) -> None:
        """Sets that are the union of parts of another indicator: fingerprints add up."""
        sums: dict[int, list[list[Measured]]] = defaultdict(list)
        for group in self.by_indicator.values():
            parts = [m for m in group if m.parts and m.who[0]]
            sizes = range(2, len(parts)) if len(parts) <= _PARTS else ()
            for union in (s for size in sizes for s in combinations(parts, size)):
                sums[sum(int(m.who[0]) for m in union) % 2**64].append(list(union))
        for who in dict.fromkeys(who for who, _ in self.unknown):
            for some in sums.get(int(who[0]) if who[0] else -1, []):
                for h in range(len(self.size)):
                    terms = [(self.unknown[m.who, h], -1.0) for m in some]
                    self._row(_summed([(self.unknown[who, h], 1.0), *terms]), 0.0, 0.0)

    # ---------------------------------------------------------------------------- printed
    def inside(self, m: Measured, level: str) -> Atoms:
        """The atoms of a level that count in the base of a measure."""
        return tuple(h for h in self.levels[level] if m.base[h] > 0 and self.weight[h] > 0)

    def _figures(self, m: Measured) -> None:
        if m.kind == "other":
            return
        for level in self.levels:
            figure, atoms = (m.indicator, m.category, level), self.inside(m, level)
            if not atoms or figure not in self.printed:
                continue
            respondents = float(m.base[list(atoms)].sum())
            dear = len(atoms) > 1
            cost = respondents * (_WHOLE if level == WHOLE else _GROUPS if dear else 1.0)
            cost *= 1.0 if figure in self.doubtful else _RELIABLE
            key = ("figure", m.who, m.base_who, m.kind, atoms)
            fact, new = self.facts.of(key, cost, dear=dear)
            self.facts.figures[fact].append(figure)
            if new:
                self._share(m, atoms, fact, self.printed[figure])

    def _share(self, m: Measured, atoms: Atoms, fact: int, known: Range) -> None:
        """The bounds that a printed share or mean sets: to its last digit."""
        scale = 1.0 / self.weight[atoms[0]]
        top = [(self.unknown[m.who, h], self._each(m, h) * scale) for h in atoms]
        below = self._below(m, atoms, scale)
        total = sum(c * self.true[i] for i, c in below) if below else float(
            sum(self.weight[h] * m.base[h] for h in atoms) * scale
        )  # fmt: skip
        if total <= 0 or not np.isfinite(known).all():
            return
        value = sum(c * self.true[i] for i, c in top) / total
        low, high = min(known[0], value), max(known[1], value)  # weights may differ in an atom
        if not below:
            self._row(_summed(top), low * total, high * total, fact)
            return
        for bound, side in ((low, 1), (high, -1)):
            terms = _summed([*top, *((i, -bound * c) for i, c in below)])
            self._row(terms, 0.0 if side > 0 else -np.inf, np.inf if side > 0 else 0.0, fact)

    def _each(self, m: Measured, h: int) -> float:
        """What one of an unknown weighs: amounts are weighted already."""
        return 1.0 if m.kind == "amount" else float(self.weight[h])

    def _below(self, m: Measured, atoms: Atoms, scale: float) -> list[tuple[int, float]]:
        """The denominator where it is unknown itself: a base, or all answers given."""
        if m.kind == "mention":
            others = self.by_indicator[m.indicator]
            return [(self.unknown[o.who, h], self.weight[h] * scale) for o in others for h in atoms]
        if self.fixed(m):
            return []
        return [(self.unknown[m.base_who, h], self.weight[h] * scale) for h in atoms]

    def _numbers_of_respondents(self) -> tuple[tuple[int, int], ...]:
        """How many are in a base that answers decide; without it, no share of that base."""
        pairs = []
        for m in self.measured:
            if m.kind == "other" or self.fixed(m):
                continue
            for level in self.levels:
                atoms, figure = self.inside(m, level), (m.indicator, m.category, level)
                if not atoms or figure not in self.printed:
                    continue
                fact = self._number(m, level, atoms)
                share = self.facts.place[("figure", m.who, m.base_who, m.kind, atoms)]
                pairs.append((share, fact))
        return tuple(dict.fromkeys(pairs))

    def _number(self, m: Measured, level: str, atoms: Atoms) -> int:
        n = float(m.base[list(atoms)].sum())
        fact, new = self.facts.of(("n", m.base_who, atoms), n, dear=len(atoms) > 1)
        figure = (m.indicator, "n", level)
        if figure not in self.facts.figures[fact]:
            self.facts.figures[fact].append(figure)
        if new:
            at = {h: self.unknown[m.base_who, h] for h in atoms}
            self._row(dict.fromkeys(at.values(), 1.0), *self._counted(n), fact)
            if self.rule.rounding:  # and its weighted size is not told
                return fact
            weighed = float(sum(self.weight[h] * m.base[h] for h in atoms))
            low, high = alike_amount(weighed)
            self._row({i: float(self.weight[h]) for h, i in at.items()}, low, high, fact)
        return fact

    def _counted(self, n: float) -> Range:
        """The counts that are printed as this one is."""
        base = self.rule.rounding
        return counts_alike(rounded_count(int(n), base), base) if base else (n, n)

    def _samples(self) -> dict[int, Set]:
        """Counts over all who answered, as a codebook prints them."""
        found: dict[int, Set] = {}
        for who in dict.fromkeys(w for w, _ in self.unknown):
            at = [self.unknown[who, h] for h in range(len(self.size))]
            if not self.whole[at[0]]:
                continue
            total = sum(self.true[i] for i in at)
            fact, _ = self.facts.of(("sample", who), 5 * (20 + total), dear=total >= FEWEST)
            self._row(dict.fromkeys(at, 1.0), *self._counted(total), fact)
            found[fact] = who
        return found

    # -------------------------------------------------------------------------- sensitive
    def _sensitive(self) -> tuple[list[Sensitive], list[list[Figure]]]:
        """The cells that must stay uncertain, the smallest base first; and the figures they are."""
        found: dict[tuple[Set, Atoms], tuple[float, Sensitive, list[Figure]]] = {}
        for m in self.measured:
            for level in self.levels:
                figure, atoms = (m.indicator, m.category, level), self.inside(m, level)
                if not atoms or figure not in self.printed or not self._small(m, atoms):
                    continue
                if (m.who, atoms) not in found:
                    size = float(m.base[list(atoms)].sum())
                    found[m.who, atoms] = (size, self._cell(m, atoms), [])
                found[m.who, atoms][2].append(figure)
        ordered = sorted(found.values(), key=lambda f: f[0])
        return [cell for _, cell, _ in ordered], [names for _, _, names in ordered]

    def _small(self, m: Measured, atoms: Atoms) -> bool:
        """Too few in the numerator or the rest of the base, all or nobody, one who dominates."""
        at, rule = list(atoms), self.rule
        count, base = m.count[at].sum(), m.base[at].sum()
        if m.kind == "amount":
            total = m.amount[at].sum()
            return bool(base < rule.count or m.largest[at].max() > rule.dominance * total > 0)
        if m.kind != "share" or m.missing:
            return False
        few = 0 < count < rule.count or (not m.parts and 0 < base - count < rule.count)
        return bool(few or (count in (0, base) and self._answered(atoms) >= rule.near_census))

    def _answered(self, atoms: Atoms) -> float:
        """The part of the population that answered; 0 where nobody counted it."""
        at = list(atoms)
        there = self.population[at].sum()
        return float(self.size[at].sum() / there) if np.isfinite(there) and there > 0 else 0.0

    def _cell(self, m: Measured, atoms: Atoms) -> Sensitive:
        index = np.array([self.unknown[m.who, h] for h in atoms])
        rings = (*self._rings(m.who), None)
        if m.kind == "amount":
            total = float(m.amount[list(atoms)].sum())
            return Sensitive(index, 0.1 * total, 0.0, rings)
        width = min(float(self.rule.protect), float(m.base[list(atoms)].sum()))
        return Sensitive(index, width, 0.0, rings)

    def _rings(self, who: Set) -> Iterator[Integers]:
        """The set alone, then with the other parts of its wholes, then theirs."""
        seen = {who}
        for _ in range(3):
            yield np.array([i for (w, _), i in self.unknown.items() if w in seen])
            seen = seen | {o for w in seen for o in self.near[w]}

    # ------------------------------------------------------------------------------- result
    def _tables(self, pairs: tuple[tuple[int, int], ...]) -> Tables:
        lines = [(r, i, c) for r, (terms, *_) in enumerate(self.rows) for i, c in terms.items()]
        row, column, value = (np.array(x) for x in zip(*lines, strict=True))
        bounds = np.array([(low, high) for _, low, high, _ in self.rows])
        return Tables(
            np.array(self.true), np.array(self.cap), np.array(self.whole),
            csr_matrix((value, (row, column)), (len(self.rows), len(self.true))),
            bounds[:, 0], bounds[:, 1], np.array([fact for *_, fact in self.rows]),
            np.array(self.facts.cost), self._free, np.array(self.facts.dear), pairs,
        )  # fmt: skip

    @cached_property
    def _free(self) -> np.typing.NDArray[np.bool_]:
        """Facts that no figure shows: all of them hidden already, or counts too small to print."""
        free = np.zeros(len(self.facts.cost), dtype=np.bool_)
        small = {who for who in dict.fromkeys(w for w, _ in self.unknown) if self._untold(who)}
        for key, fact in self.facts.place.items():
            if key[0] == "figure":
                free[fact] = all(f in self.gone for f in self.facts.figures[fact])
            elif key[0] == "sample":
                free[fact] = key[1] in small
        return free

    def _untold(self, who: Set) -> bool:
        if self.rule.rounding:
            return False
        return sum(self.true[i] for (w, _), i in self.unknown.items() if w == who) < FEWEST


def _summed(terms: Any) -> dict[int, float]:
    made: dict[int, float] = defaultdict(float)
    for index, coefficient in terms:
        made[index] += float(coefficient)
    return dict(made)
