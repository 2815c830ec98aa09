"""Means and proportions of domains: estimate, standard error, interval, design effect.

Formulas, symbols and what each column means: docs/methods/proportions-and-means.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.design import Design, Floats, Integers
from analysis.estimators.intervals import korn_graubard, logit, wald
from analysis.variance import RatioTotals, group_sum, ratio_totals, ratio_variance

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RatioEstimates:
    """L domain levels by K measures; every array is (L, K) unless said otherwise.

    estimate, se, low, high : NaN where the base is empty, se NaN where it rests on one PSU
    deff : against simple random sampling with replacement of the same n (R ``deff="replace"``)
    n : respondents in the base ; n_weighted : sum of their weights
    df : of the whole design ; df_domain : of the cell's own PSUs and strata
    exact : True where the interval is Korn and Graubard's, the estimate being 0 or 1
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    deff: Floats
    n: Integers
    n_weighted: Floats
    df: int
    df_domain: Integers
    exact: Flags


def estimate_ratios(
    values: Floats,
    base: Floats,
    proportion: Integers,
    level: Integers,
    n_levels: int,
    design: Design,
) -> RatioEstimates:
    """Means of K measures in L domain levels, from one pass over n respondents.

    values : (n, K) 0 outside the base ; base : (n, K) 0/1
    proportion : (K,) 1 where the measure is 0/1 and its interval a proportion's
    level : (n,) domain level 0..L-1, or -1

    Values are centred first (the mean of ``values - c`` is the mean less c), so that the
    sums of squares of step 2 do not cancel.
    """
    centre = _overall_means(values, base, design)
    totals = ratio_totals((values - centre) * base, base, level, n_levels, design)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = totals.y / totals.x + centre
    n, yes, squares, kish = _counts(values, base, centre, level, n_levels, design)
    estimate = _constant_exactly(estimate, proportion, yes, n)
    se = np.sqrt(ratio_variance(totals, design))
    se = np.where(totals.psus < 2, np.nan, se)
    constant = (proportion > 0) & ((estimate == 0) | (estimate == 1))
    se = np.where(constant & (totals.psus >= 2), 0.0, se)
    low, high = _interval(estimate, se, proportion > 0, constant, kish, design.df)
    deff = _deff(se, n, totals, squares, proportion > 0, constant, estimate)
    return RatioEstimates(
        estimate, se, low, high, deff, n, totals.x, design.df, totals.psus - totals.strata, constant
    )


def _overall_means(values: Floats, base: Floats, design: Design) -> Floats:
    w = design.weights[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        means: Floats = (w * values * base).sum(axis=0) / (w * base).sum(axis=0)
    return np.nan_to_num(means)


def _counts(
    values: Floats, base: Floats, centre: Floats, level: Integers, n_levels: int, design: Design
) -> tuple[Integers, Integers, Floats, Floats]:
    """By cell: respondents, those counted, weighted squares around the centre, Kish's n."""
    inside = level >= 0
    w, x, v = design.weights[inside, None], base[inside], values[inside]
    k = x.shape[1]
    stacked = np.hstack([x, x * (v != 0), w * x * (v - centre) ** 2, w * x, w**2 * x])
    sums = group_sum(level[inside], n_levels, stacked)
    n, yes, squares, first, second = (sums[:, i * k : (i + 1) * k] for i in range(5))
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = first**2 / second
    return n.astype(np.int64), yes.astype(np.int64), squares, kish


def _constant_exactly(estimate: Floats, proportion: Integers, yes: Integers, n: Integers) -> Floats:
    """0 and 1 without rounding error where nobody or everybody is counted."""
    none, every = (proportion > 0) & (n > 0) & (yes == 0), (proportion > 0) & (n > 0) & (yes == n)
    return np.where(none, 0.0, np.where(every, 1.0, estimate))


def _interval(
    estimate: Floats, se: Floats, proportion: Flags, constant: Flags, kish: Floats, df: int
) -> tuple[Floats, Floats]:
    symmetric, log_odds = wald(estimate, se, df), logit(estimate, se, df)
    exact = korn_graubard(np.where(constant, estimate, 0.0), kish)
    low, high = (
        np.where(constant, e, np.where(proportion, o, s))
        for s, o, e in zip(symmetric, log_odds, exact, strict=True)
    )
    unknown = np.isnan(se)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def _deff(
    se: Floats,
    n: Integers,
    totals: RatioTotals,
    squares: Floats,
    proportion: Flags,
    constant: Flags,
    estimate: Floats,
) -> Floats:
    """V over s^2 / n, s^2 the weighted variance of the cell with n / (n - 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_square = squares / totals.x - (totals.y / totals.x) ** 2
        mean_square = np.where(proportion, estimate * (1 - estimate), mean_square)
        deff = se**2 / (mean_square * n / (n - 1) / n)
    return np.where(constant, np.nan, deff)
