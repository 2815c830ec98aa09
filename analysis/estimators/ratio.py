"""Means and proportions of domains: estimate, standard error, interval, design effect.

Formulas, symbols and what each column means: docs/methods/proportions-and-means.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.design import Floats, Integers, SampleDesign
from analysis.estimators.intervals import korn_graubard, proportion_interval, wald
from analysis.estimators.options import DEFAULT, Options
from analysis.variance import (
    Membership,
    RatioTotals,
    block_sums,
    domain_degrees,
    ratio_totals,
    ratio_variance,
    replicate_ratio_variance,
    suits,
    totals_from_blocks,
)

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RatioEstimates:
    """L domain levels by K measures; every array is (L, K) unless said otherwise.

    estimate, se, low, high : NaN where the base is empty, se NaN where it rests on one PSU
    deff : against simple random sampling with replacement of the same n (R ``deff="replace"``)
    n : respondents in the base ; n_weighted : sum of their weights
    df : used by the interval ; df_domain : of the cell's own PSUs and strata
    exact : True where the interval is Korn and Graubard's, the estimate being 0 or 1
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    deff: Floats
    n: Integers
    n_weighted: Floats
    df: Integers
    df_domain: Integers
    exact: Flags


def estimate_ratios(
    values: Floats,
    base: Floats,
    proportion: Flags,
    members: Membership,
    design: SampleDesign,
    options: Options = DEFAULT,
) -> RatioEstimates:
    """Means of K measures in L domain levels, from one pass over n respondents.

    values : (n, K) 0 outside the base ; base : (n, K) 0/1
    proportion : (K,) True where the measure is 0/1 and its interval a proportion's

    Values are centred first (the mean of ``values - c`` is the mean less c), so that the
    sums of squares of step 2 do not cancel. Whoever weighs nothing is in no base.
    """
    centre = _overall_means(values, base, design)
    if suits(design, members.size, values.shape[1]):
        totals, counts = _by_blocks(values, base, centre, members, design)
    else:
        base = base * (design.weights > 0)[:, None]
        totals = ratio_totals((values - centre) * base, base, members, design)
        counts = _counts(values, (values - centre) * base, base, members, design)
    n, yes, squares, kish = counts
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = totals.y / totals.x + centre
    estimate = np.where(proportion & (yes == 0) & (n > 0), 0.0, estimate)
    estimate = np.where(proportion & (yes == n) & (n > 0), 1.0, estimate)
    constant = proportion & ((estimate == 0) | (estimate == 1))
    if design.replication is None:
        variance = ratio_variance(totals)
    else:
        variance = replicate_ratio_variance((values - centre) * base, base, members, design)
    se = np.where(constant, 0.0, np.sqrt(variance))
    se = np.where(totals.psus < 2, np.nan, se)
    df_domain = totals.psus - totals.strata
    df = degrees(totals, base, members, design, options)
    low, high = _interval(estimate, se, proportion, constant, kish, n, df, options)
    deff = _deff(se, n, totals, squares, estimate, proportion)
    if options.deff == "wor":
        with np.errstate(divide="ignore", invalid="ignore"):
            deff = deff / (1 - n / totals.x)
    return RatioEstimates(estimate, se, low, high, deff, n, totals.x, df, df_domain, constant)


def degrees(
    totals: RatioTotals, base: Floats, members: Membership, design: SampleDesign, options: Options
) -> Integers:
    """(L, K) degrees of freedom of the whole design, or of each cell's own base (n, K).

    A cell's own: PSUs - strata, or the rank of its replicate weights - 1.
    """
    if options.df == "design":
        return np.full(totals.psus.shape, design.df)
    if design.replication is not None:
        return domain_degrees(base, members, design)
    return totals.psus - totals.strata


def _overall_means(values: Floats, base: Floats, design: SampleDesign) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        means: Floats = (design.weights @ values) / (design.weights @ base)
    return np.nan_to_num(means)


Counts = tuple[Integers, Integers, Floats, Floats]


def _by_blocks(
    values: Floats, base: Floats, centre: Floats, members: Membership, design: SampleDesign
) -> tuple[RatioTotals, Counts]:
    """Totals and counts from the same pass."""
    found = block_sums(values, base, centre, members.codes, members.size, design)
    totals = totals_from_blocks(found, design)
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = totals.x**2 / found.kish2
    counts = (found.n.astype(np.int64), found.yes.astype(np.int64), found.squares, kish)
    return totals, counts


def _counts(
    values: Floats, centred: Floats, base: Floats, members: Membership, design: SampleDesign
) -> Counts:
    """By cell: respondents, those counted, weighted squares around the centre, Kish's n."""
    w, k = design.weights[:, None], base.shape[1]
    stacked = np.hstack(
        [base, base * (values != 0), w * centred**2, w * base, w**2 * base], dtype=np.float64
    )
    sums = members.sums(stacked)
    n, yes, squares, first, second = (sums[:, i * k : (i + 1) * k] for i in range(5))
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = first**2 / second
    return n.astype(np.int64), yes.astype(np.int64), squares, kish


def _interval(
    estimate: Floats,
    se: Floats,
    proportion: Flags,
    constant: Flags,
    kish: Floats,
    n: Integers,
    df: Integers,
    options: Options,
) -> tuple[Floats, Floats]:
    level = options.level
    symmetric = wald(estimate, se, df, level)
    within = proportion_interval(options.ci, estimate, se, df, n.astype(np.float64), level)
    exact = korn_graubard(np.where(constant, estimate, 0.0), kish, level)
    low, high = (
        np.where(constant, e, np.where(proportion, o, s))
        for s, o, e in zip(symmetric, within, exact, strict=True)
    )
    unknown = np.isnan(se)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def _deff(
    se: Floats,
    n: Integers,
    totals: RatioTotals,
    squares: Floats,
    estimate: Floats,
    proportion: Flags,
) -> Floats:
    """V over s^2 / n, s^2 the weighted variance of the cell with n / (n - 1); NaN if constant."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = squares / totals.x - (totals.y / totals.x) ** 2
        spread = np.where(proportion, estimate * (1 - estimate), spread)
        deff: Floats = se**2 / (spread / (n - 1))
    return np.where(spread > 0, deff, np.nan)
