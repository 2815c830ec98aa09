"""Variance of ratios of totals by Taylor linearization: the only variance code.

Step 1 of the estimation (:func:`ratio_totals`) is plain sums over the microdata, by domain
level and PSU. Step 2 (:func:`ratio_variance`) is algebra on those sums, with no respondent
in sight. For the ratio R = Y / X, PSU totals Y_i, X_i and scores e_i = (Y_i - R X_i) / X:

    V(R) = sum_h (1 - m_h/M_h) m_h/(m_h - 1) [ sum_i e_i^2 - (sum_i e_i)^2 / m_h ]

over *all* m_h PSUs of stratum h: those without anybody in the domain have e_i = 0 and stay
in the design. Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, §5.6-5.8;
the same estimator as R ``survey::svyratio``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.design import Design, Floats, Integers


@dataclass(frozen=True, slots=True)
class RatioTotals:
    """Sums over the sample of L domain levels by K measures, in H strata.

    y, x : (L, K) weighted totals of the measure and of its base
    yh, xh : (L, K, H) the same by stratum
    yy, yx, xx : (L, K, H) sums over the PSUs of a stratum of Y_i^2, Y_i X_i, X_i^2
    psus : (L, K) PSUs with somebody in the base
    strata : (L, K) strata with somebody in the base
    """

    y: Floats
    x: Floats
    yh: Floats
    xh: Floats
    yy: Floats
    yx: Floats
    xx: Floats
    psus: Integers
    strata: Integers


@dataclass(frozen=True, slots=True)
class Membership:
    """Who belongs to which of L domain levels; somebody may belong to several or to none.

    row, level : (p,) pairs of a respondent's position and a level 0..L-1
    size : L
    """

    row: Integers
    level: Integers
    size: int

    @classmethod
    def of(cls, *codes: Integers) -> Membership:
        """From one (n,) array of codes for each domain, -1 meaning in none of its levels.

        The levels of the second domain are numbered after those of the first, and so on; a
        domain has as many levels as its highest code says.
        """
        rows, levels, size = [], [], 0
        for code in codes:
            inside = np.flatnonzero(code >= 0)
            rows.append(inside)
            levels.append(code[inside] + size)
            size += int(code.max(initial=-1)) + 1
        return cls(np.concatenate(rows), np.concatenate(levels), size)

    def sums(self, values: Floats) -> Floats:
        """(L, K) sums over the members of each level of the rows of ``values`` (n, K)."""
        return _member_sums(self.level, self.row, self.size, values)


def ratio_totals(values: Floats, base: Floats, members: Membership, design: Design) -> RatioTotals:
    """One pass over n respondents.

    values : (n, K) the measure, 0 outside the base ; base : (n, K) 1 inside, else 0
    """
    w = design.weights[:, None]
    y, x, row, level, psu = w * values, w * base, members.row, members.level, design.psu
    seen = base
    if not design.element:
        m = len(design.psu_stratum)
        pair, member = np.unique(level * m + psu[row], return_inverse=True)
        y, x, seen = (_member_sums(member, row, len(pair), v) for v in (y, x, base))
        level, psu = np.divmod(pair, m)
        row = np.arange(len(pair))
    n_strata, k = len(design.psu_counts), values.shape[1]
    cell = level * n_strata + design.psu_stratum[psu[row]]
    stacked = np.hstack([y, x, y * y, y * x, x * x, seen > 0])
    found = _member_sums(cell, row, members.size * n_strata, stacked)
    cube = found.reshape(members.size, n_strata, 6, k).transpose(2, 0, 3, 1)
    yh, xh, yy, yx, xx, occupied = cube
    psus, strata = occupied.sum(axis=2), (occupied > 0).sum(axis=2)
    return RatioTotals(
        yh.sum(axis=2), xh.sum(axis=2), yh, xh, yy, yx, xx, psus.astype(np.int64), strata
    )


def ratio_variance(totals: RatioTotals, design: Design) -> Floats:
    """(L, K) variances of y / x; NaN where a base is empty."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (totals.y / totals.x)[:, :, None]
        squares = totals.yy - 2 * ratio * totals.yx + ratio**2 * totals.xx
        sums = totals.yh - ratio * totals.xh
        m = design.psu_counts.astype(np.float64)
        factor = m / (m - 1)
        if design.population_counts is not None:
            factor = factor * (1 - m / design.population_counts)
        by_stratum = factor * (squares - sums**2 / m)
        variance: Floats = by_stratum.sum(axis=2) / totals.x**2
        return np.where(totals.x > 0, np.maximum(variance, 0.0), np.nan)


def _member_sums(code: Integers, row: Integers, size: int, values: Floats) -> Floats:
    """(size, K) sums of ``values[row]`` by code, as one sparse product."""
    member = sparse.csr_array((np.ones(len(row)), (code, row)), shape=(size, len(values)))
    return np.asarray(member @ values, dtype=np.float64)
