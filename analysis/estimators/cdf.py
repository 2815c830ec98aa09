"""The weighted distribution function of domains, and its inverse: sort once, then sums.

F(x) is the weight of the values up to x over the weight of all. The rules by which F is
inverted are those of Hyndman and Fan (1996), The American Statistician 50(4), with weights in
place of counts; docs/methods/quantiles.md has the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.design import Floats, Integers

Rule = Literal["math", "school", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]

# Cumulative weights are sums in floating point: F(x) reaches p when it comes this close to it.
REACHED = 1e-11

# The points (p_k, x_k) joined by straight lines: p_k = (C_k - a w_k) / (C_n + b w_n).
POINTS: dict[str, tuple[float, float]] = {
    "hf4": (0, 0), "hf5": (1 / 2, 0), "hf6": (0, 1),
    "hf7": (1, -1), "hf8": (1 / 3, 1 / 3), "hf9": (3 / 8, 1 / 4),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ordered:
    """The m respondents with a value in one of L domain levels, by level then by value.

    row : (m,) position of each respondent ; value : (m,) ; start : (L + 1,) where levels begin
    """

    row: Integers
    value: Floats
    start: Integers

    @classmethod
    def of(cls, values: Floats, code: Integers, size: int, weights: Floats) -> Ordered:
        """From (n,) values and (n,) levels 0..L-1, -1 for nobody's; ties go by weight.

        Breaking ties by weight makes the rules that join respondents independent of the order
        of the rows.
        """
        inside = np.flatnonzero(code >= 0)
        inside = inside[np.lexsort((weights[inside], values[inside], code[inside]))]
        start = np.searchsorted(code[inside], np.arange(size + 1))
        return cls(inside, values[inside], start.astype(np.int64))

    @property
    def size(self) -> int:
        """L, the number of levels."""
        return len(self.start) - 1

    def segments(self, weights: Floats) -> list[tuple[Floats, Floats]]:
        """For each level the sorted values of those who weigh something, and their weights."""
        w = weights[self.row]
        made = []
        for a, b in zip(self.start[:-1], self.start[1:], strict=True):
            some = w[a:b] > 0
            made.append((self.value[a:b][some], w[a:b][some]))
        return made

    def inverse(self, weights: Floats, p: Floats, rule: Rule) -> Floats:
        """(L, P) quantiles at the shares p (L, P); NaN for an empty level or p outside [0, 1]."""
        found = np.full(p.shape, np.nan)
        for level, (values, w) in enumerate(self.segments(weights)):
            if len(values):
                found[level] = invert(values, w, p[level], rule)
        return found


def invert(values: Floats, weights: Floats, p: Floats, rule: Rule) -> Floats:
    """Quantiles at p (P,) of sorted values (m,) with positive weights (m,)."""
    cumulated = np.cumsum(weights)
    if rule in POINTS:
        a, b = POINTS[rule]
        found = _joined(values, cumulated, weights, p, a, b)
    else:
        found = _stepped(values, cumulated, p, halve=rule == "school")
    return np.where((p >= 0) & (p <= 1), found, np.nan)


def _stepped(values: Floats, cumulated: Floats, p: Floats, *, halve: bool) -> Floats:
    """The smallest value where F >= p; halfway to the next where F = p, if ``halve``."""
    total, last = cumulated[-1], len(values) - 1
    target = np.nan_to_num(p) * total
    at = np.minimum(np.searchsorted(cumulated, target - REACHED * total), last)
    at = np.where(p >= 1, last, at)
    found: Floats = values[at]
    if halve:
        flat = np.abs(cumulated[at] - target) <= REACHED * total
        found = np.where(flat, (found + values[np.minimum(at + 1, last)]) / 2, found)
    return found


def _joined(
    values: Floats, cumulated: Floats, weights: Floats, p: Floats, a: float, b: float
) -> Floats:
    """Straight lines through the points (p_k, x_k), level beyond the first and the last."""
    if len(values) == 1:
        return np.full(p.shape, values[0])
    points = (cumulated - a * weights) / (cumulated[-1] + b * weights[-1])
    return np.interp(p, points, values)


@dataclass(frozen=True, slots=True)
class Runs:
    """Respondents in order, those of one value together; all (m,).

    value : increasing, NaN for a run of several values that are not known
    weight : of all of a run ; least, most : the smallest and the largest weight in it
    """

    value: Floats
    weight: Floats
    least: Floats
    most: Floats

    def inverse(self, p: Floats, rule: Rule) -> Floats:
        """(P,) quantiles at p, as :func:`invert` has them of the respondents one by one.

        Those of one value are in the order of their weights: the lines through them are level, and
        only the first and the last is joined with another value. The run of the largest value must
        be known, and those that a quantile is between.
        """
        if rule not in POINTS:
            return invert(self.value, self.weight, p, rule)
        a, b = POINTS[rule]
        end = np.cumsum(self.weight)
        whole = end[-1] + b * self.most[-1]
        if len(end) == 1:
            found = np.full(p.shape, self.value[0])
        else:
            first = (end - self.weight + (1 - a) * self.least) / whole
            last = (end - a * self.most) / whole
            known = ~np.isnan(self.value)
            points = np.column_stack([first, last])[known].ravel()
            found = np.interp(p, points, np.repeat(self.value[known], 2))
        return np.where((p >= 0) & (p <= 1), found, np.nan)
