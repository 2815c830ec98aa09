"""A step of calibration where the rows are: weights as an expression of the categories of a row.

The ratio of final to initial weight is F(u), u the sum over the margins of a number of the row's
category. Rows carry the number of their category in each margin; what sums by *cell*, the crossing
of these, say of residuals is small algebra here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, prod

import narwhals as nw
import numpy as np
from scipy import sparse

from analysis.design import Floats, Integers
from analysis.weighting.distances import STEEP, Distance

Sparse = sparse.csr_array[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """One step on M margins that have p categories in all.

    codes : (M,) columns of the number of a row's category ; widths : (M,) categories of each
    inverse : (p, p) as of :class:`analysis.design.Calibration`, of columns that are 0 or 1
    multipliers : (p,) ; distance : F ; before, after : columns of the weights on each side
    """

    codes: tuple[str, ...]
    widths: tuple[int, ...]
    inverse: Floats
    multipliers: Floats
    distance: Distance
    before: str
    after: str

    def ratio(self, table: Sparse) -> Floats:
        """(C,) ratios of the cells with auxiliary columns ``table`` (C, p)."""
        return self.distance.ratio(np.asarray(table @ self.multipliers, dtype=np.float64))


def ratio_of_row(parts: Sequence[nw.Expr], largest: float, distance: Distance) -> nw.Expr:
    """The ratio of final to initial weight of a row, from its number in each margin.

    largest : no sum of them is larger
    """
    u: nw.Expr = nw.lit(0.0)
    for part in parts:
        u = u + part
    if distance.kind == "exponential" and largest > STEEP:
        u = _within(u, -np.inf, STEEP)
    return _ratio(distance, u)


def _ratio(distance: Distance, u: nw.Expr) -> nw.Expr:
    """F(u), as :meth:`analysis.weighting.distances.Distance.ratio`; no exp of u is too large."""
    low, high = distance.low, distance.high
    if distance.kind == "logit":
        a = (high - low) / ((1 - low) * (high - 1))
        z = _within(u * a, -STEEP, STEEP) + log((1 - low) / (high - 1))
        return 1 / ((-z).exp() + 1.0) * (high - low) + low
    raw = u + 1.0 if distance.kind == "linear" else u.exp()
    return _within(raw, low, high)


def _within(value: nw.Expr, low: float, high: float) -> nw.Expr:
    """The value, or the bound that it passes: written once, where a condition would repeat it."""
    if low > -np.inf and high < np.inf:
        return value.clip(low, high)
    if high < np.inf:
        return value.clip(upper_bound=high)
    return value.clip(low) if low > -np.inf else value


def cell(steps: Sequence[Step]) -> nw.Expr:
    """The number of a row's cell."""
    made: nw.Expr = nw.lit(0)
    for name, stride, _ in _places(steps):
        made = made + nw.col(name) * stride
    return made.cast(nw.Int64)


def tables(steps: Sequence[Step], cells: Integers) -> list[Sparse]:
    """For each step the auxiliary columns (C, p) of numbered cells (C,)."""
    places = {name: cells // stride % radix for name, stride, radix in _places(steps)}
    made = []
    for step in steps:
        ends = np.cumsum([0, *step.widths])
        at = [(places[c], first, w) for c, first, w in
              zip(step.codes, ends[:-1], step.widths, strict=True)]  # fmt: skip
        row = np.concatenate([np.flatnonzero(k < w) for k, _, w in at])
        column = np.concatenate([k[k < w] + first for k, first, w in at])
        ones = np.ones(len(row))
        made.append(sparse.csr_array((ones, (row, column)), shape=(len(cells), ends[-1])))
    return made


def too_many(steps: Sequence[Step]) -> bool:
    """Whether the crossed categories have no numbers of their own."""
    return prod(radix for _, _, radix in _places(steps)) > 2**62


def _places(steps: Sequence[Step]) -> list[tuple[str, int, int]]:
    """For each margin its column, and the stride and the radix of its category in a cell."""
    made, stride = [], 1
    for step in steps:
        for name, width in zip(step.codes, step.widths, strict=True):
            made.append((name, stride, width + 1))  # one more for no category
            stride *= width + 1
    return made
