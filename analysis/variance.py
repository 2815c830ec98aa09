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


def ratio_totals(
    values: Floats, base: Floats, level: Integers, n_levels: int, design: Design
) -> RatioTotals:
    """One pass over n respondents.

    values : (n, K) the measure, 0 outside the base ; base : (n, K) 1 inside, else 0
    level : (n,) domain level 0..L-1, or -1 for nobody's
    """
    inside = np.flatnonzero(level >= 0)
    w = design.weights[inside, None]
    x = w * base[inside]
    y = w * values[inside]
    seen = base[inside]
    group, psu = level[inside], design.psu[inside]
    if not design.element:
        pair, member = np.unique(group * len(design.psu_stratum) + psu, return_inverse=True)
        x, y, seen = (group_sum(member, len(pair), v) for v in (x, y, seen))
        group, psu = np.divmod(pair, len(design.psu_stratum))
    n_strata = len(design.psu_counts)
    cell = group * n_strata + design.psu_stratum[psu]
    shape = (n_levels, n_strata, values.shape[1])

    def sums(v: Floats) -> Floats:
        return group_sum(cell, n_levels * n_strata, v).reshape(shape).transpose(0, 2, 1)

    occupied = sums((seen > 0).astype(np.float64))
    yh, xh = sums(y), sums(x)
    return RatioTotals(
        yh.sum(axis=2),
        xh.sum(axis=2),
        yh,
        xh,
        sums(y * y),
        sums(y * x),
        sums(x * x),
        occupied.sum(axis=2).astype(np.int64),
        (occupied > 0).sum(axis=2),
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


def group_sum(codes: Integers, size: int, values: Floats) -> Floats:
    """(size, K) sums of the rows of ``values`` (n, K) by their code."""
    n = len(codes)
    member = sparse.csr_array((np.ones(n), (codes, np.arange(n))), shape=(size, n))
    return np.asarray(member @ values, dtype=np.float64)


__all__ = ["RatioTotals", "group_sum", "ratio_totals", "ratio_variance"]
