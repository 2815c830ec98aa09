"""What a reader learns of a wave from what is printed: shares, numbers of respondents, counts.

A fact is a printed figure: the share of a set in a union of atoms, to the digits printed
(:mod:`analysis.rounding`), its number of respondents, or a count over the whole sample.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from analysis.disclosure.equations import Equations, Figure
from analysis.disclosure.measured import Atoms, Measured, Set
from analysis.disclosure.reliability import FEWEST
from analysis.disclosure.view import View
from analysis.rounding import alike_amount, counts_alike, rounded_count

WHOLE = "ensemble=ensemble"
# What a figure is worth to readers, in respondents: of the whole, of several groups, reliable.
_WHOLE, _GROUPS, _RELIABLE = 30.0, 3.0, 10.0
Range = tuple[float, float]


class Told(NamedTuple):
    """The values that a figure is printed as; and its own, where these are around it."""

    low: float
    high: float
    value: float | None = None

    def around(self, value: float) -> Range:
        """As far from a value, made with the mean weight of each atom, as from the figure's own.

        Weights differ within an atom: what is printed bounds how far counts may move from where
        they are. Where only the rounded value is known, the value is let in.
        """
        if self.value is None:
            return min(self.low, value), max(self.high, value)
        under, over = max(self.value - self.low, 0.0), max(self.high - self.value, 0.0)
        return value - under, value + over


class Printed:
    """Writes down what the figures of a wave tell.

    printed : (indicator, category, level) there are, each with the values that are printed so
    doubtful : those that are marked as unreliable, which readers miss least
    base : what counts are rounded to; None where they are told as they are
    """

    def __init__(
        self, view: View, known: Equations, printed: Mapping[Figure, Told],
        doubtful: Collection[Figure], base: int | None,
    ) -> None:  # fmt: skip
        self.view, self.known, self.base = view, known, base
        self.printed, self.doubtful = printed, doubtful

    def shares(self) -> None:
        """Every share and mean that is printed."""
        for m in self.view.measured:
            if m.kind != "quantile":
                for level in self.view.levels:
                    self._figure(m, level)

    def _figure(self, m: Measured, level: str) -> None:
        figure, atoms = (m.indicator, m.category, level), self.view.inside(m, level)
        if not atoms or figure not in self.printed:
            return
        respondents = float(m.base[list(atoms)].sum())
        dear = len(atoms) > 1
        cost = respondents * (_WHOLE if level == WHOLE else _GROUPS if dear else 1.0)
        cost *= 1.0 if figure in self.doubtful else _RELIABLE
        key = ("figure", m.who, m.base_who, m.kind, atoms)
        fact, new = self.known.facts.of(key, cost, dear=dear)
        self.known.facts.figures[fact].append(figure)
        for of in self.view.everywhere(m, level) if new else ():
            self._share(m, of, fact, self.printed[figure])

    def _share(self, m: Measured, atoms: Atoms, fact: int, told: Told) -> None:
        """The bounds that a printed share or mean sets: to its last digit."""
        known, weight = self.known, self.view.weight
        scale = 1.0 / weight[atoms[0]]
        top = [(known.unknown[m.who, h], self._each(m, h) * scale) for h in atoms]
        below = self._below(m, atoms, scale)
        total = sum(c * known.true[i] for i, c in below) if below else float(
            sum(self._over(m, h) for h in atoms) * scale
        )  # fmt: skip
        if total <= 0 or not np.isfinite(told[:2]).all():
            return
        value = sum(c * known.true[i] for i, c in top) / total
        low, high = told.around(value)
        if not below:
            known.bound(top, low * total, high * total, fact)
            return
        known.bound([*top, *((i, -low * c) for i, c in below)], 0.0, np.inf, fact)
        known.bound([*top, *((i, -high * c) for i, c in below)], -np.inf, 0.0, fact)

    def _each(self, m: Measured, h: int) -> float:
        """What one of an unknown weighs: amounts are weighted already."""
        return 1.0 if m.summed else float(self.view.weight[h])

    def _over(self, m: Measured, h: int) -> float:
        """What an atom adds to a denominator that is known; that of a ratio is taken to be."""
        return float(m.below[h] if m.kind == "ratio" else self.view.weight[h] * m.base[h])

    def _below(self, m: Measured, atoms: Atoms, scale: float) -> list[tuple[int, float]]:
        """The denominator where it is unknown itself: a base, or all answers given."""
        unknown, weight = self.known.unknown, self.view.weight
        if m.kind == "mention":
            others = self.view.by_indicator[m.indicator]
            return [(unknown[o.who, h], weight[h] * scale) for o in others for h in atoms]
        if m.kind == "ratio" or self.view.fixed(m)[atoms[0]]:
            return []
        return [(unknown[m.base_who, h], weight[h] * scale) for h in atoms]

    def numbers(self) -> tuple[tuple[int, int], ...]:
        """How many are in a base that answers decide; without it, no share of that base.

        The pairs (share, number) of facts.
        """
        pairs = []
        for m in self.view.measured:
            fixed = self.view.fixed(m)
            for level in () if m.kind == "quantile" else self.view.levels:
                parts, figure = self.view.everywhere(m, level), (m.indicator, m.category, level)
                atoms = parts[0]
                if not atoms or figure not in self.printed or any(fixed[of[0]] for of in parts):
                    continue
                fact = self._number(m, level, atoms)
                share = self.known.facts.place["figure", m.who, m.base_who, m.kind, atoms]
                pairs.append((share, fact))
        return tuple(dict.fromkeys(pairs))

    def _number(self, m: Measured, level: str, atoms: Atoms) -> int:
        known, weight = self.known, self.view.weight
        n = float(m.base[list(atoms)].sum())
        fact, new = known.facts.of(("n", m.base_who, atoms), n, dear=len(atoms) > 1)
        figure = (m.indicator, "n", level)
        if figure not in known.facts.figures[fact]:
            known.facts.figures[fact].append(figure)
        for of in self.view.everywhere(m, level) if new else ():
            at = {h: known.unknown[m.base_who, h] for h in of}
            known.bound(((i, 1.0) for i in at.values()), *self._counted(n), fact)
            if self.base:  # and its weighted size is not told
                continue
            low, high = alike_amount(float(sum(weight[h] * m.base[h] for h in of)))
            known.bound(((i, float(weight[h])) for h, i in at.items()), low, high, fact)
        return fact

    def samples(self) -> dict[int, Set]:
        """Counts over all who answered, as a codebook prints them: of each fact, its set."""
        found: dict[int, Set] = {}
        known = self.known
        for who in known.sets:
            sides = [known.of(who, atoms) for atoms in self.view.views]
            if not all(terms and known.whole[terms[0][0]] and not own for terms, own in sides):
                continue
            total = known.total(who)
            fact, _ = known.facts.of(("sample", who), 5 * (20 + total), dear=total >= FEWEST)
            for terms, _ in sides:
                known.bound(terms, *self._counted(total), fact)
            found[fact] = who
        return found

    def _counted(self, n: float) -> Range:
        """The counts that are printed as this one is."""
        base = self.base
        return counts_alike(rounded_count(int(n), base), base) if base else (n, n)
