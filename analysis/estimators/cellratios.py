"""Means, proportions, totals or ratios of cells, with the covariance between any two of them.

The cells of one sample share its PSUs: where two waves or two groups hold people of the same
PSU, the covariance that goes with it comes from the sums by PSU, and where they do not, it is 0
by the same formula.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.design import Floats, Integers, SampleDesign
from analysis.estimators.functional import Estimated, estimate
from analysis.estimators.inference import Flags
from analysis.variance.scores import Sparse, in_cells


@dataclass(frozen=True, slots=True)
class CellRatios:
    """L cells of one measure: Y / X, or Y for totals.

    y, x : (n,) the measure, and its base (1 inside) or denominator; both 0 outside the base
    code : (n,) cell of each respondent, -1 for none ; size : L
    ratio : False for totals
    """

    y: Floats
    x: Floats
    code: Integers
    size: int
    ratio: bool = True

    def point(self, weights: Floats) -> Floats:
        """(L,) estimates; NaN for a mean or ratio over nobody."""
        top = self._sums(weights * self.y)
        if not self.ratio:
            return top
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(top / self._sums(weights * self.x), dtype=np.float64)

    def scores(self, weights: Floats, point: Floats) -> Sparse:
        """(n, L): (y - R x) / X in one's own cell, 0 in the others; y itself for totals."""
        inside, score = self.code >= 0, self.y.copy()
        if self.ratio:
            cell, base = self.code[inside], self._sums(weights * self.x)
            with np.errstate(divide="ignore", invalid="ignore"):
                score[inside] = (self.y[inside] - point[cell] * self.x[inside]) / base[cell]
        return in_cells(np.where(np.isfinite(score), score, 0.0), self.code, self.size)

    def _sums(self, values: Floats) -> Floats:
        inside = self.code >= 0
        sums = np.bincount(self.code[inside], weights=values[inside], minlength=self.size)
        return np.asarray(sums, dtype=np.float64)


def cell_estimates(cells: CellRatios, base: Flags, design: SampleDesign) -> Estimated:
    """Estimates (L,) and their covariance (L, L); a cell on fewer than two PSUs has NaN there.

    base : (n,) True for those who count in their cell

    The linearized variance of a mean that rests on one PSU is 0 whatever the answers.
    """
    found = estimate(cells, design)
    few = cell_psus(design, np.where(base, cells.code, -1), cells.size) < 2
    variance = found.covariance.copy()
    variance[few, :] = np.nan
    variance[:, few] = np.nan
    return Estimated(found.point, variance, found.df)


def cell_psus(design: SampleDesign, code: Integers, size: int) -> Integers:
    """(L,) PSUs with somebody in each cell."""
    inside = code >= 0
    m = len(design.psu_stratum)
    pairs = np.unique(code[inside] * m + design.psu[inside])
    return np.bincount(pairs // m, minlength=size).astype(np.int64)
