"""Means and proportions of domains: estimate, standard error, interval, design effect.

Formulas, symbols and what each column means: docs/methods/proportions-and-means.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.design import Floats, Integers, SampleDesign
from analysis.estimators.intervals import (
    korn_graubard,
    proportion_interval,
    reduced,
    wald,
)
from analysis.estimators.options import DEFAULT, Options
from analysis.variance import (
    Membership,
    RatioTotals,
    block_sums,
    domain_degrees,
    ratio_totals,
    ratio_variances,
    suits,
    totals_from_blocks,
)
from analysis.variance.ratio import ratio_variance
from analysis.variance.rounding import EPS, agreeing, by_sums, made_again, rounding
from analysis.variance.scores import Varied

Flags = npt.NDArray[np.bool_]
PIECE = 20_000  # rows summed at once
Counts = tuple[Integers, Integers, Floats, Floats]
WHOLE = 1e-12  # as near to 1 a sampling fraction is 1, as it was divided or summed


@dataclass(frozen=True, slots=True)
class RatioEstimates:
    """L domain levels by K measures; every array is (L, K) unless said otherwise.

    estimate, se, low, high : NaN where the base is empty ; se NaN where it rests on one PSU, and
    0 with an interval closed on the estimate where everybody in it was certain to be drawn
    deff : against simple random sampling with replacement of the same n (R ``deff="replace"``)
    n : respondents in the base ; n_weighted : sum of their weights
    n_kish : what the base is worth by its weights and sampling fractions, see :func:`worth`
    df : used by the interval ; df_domain : of the cell's own PSUs and strata
    exact : True where the interval is Korn and Graubard's, a proportion having no variance that
    can be estimated: it is 0 or 1, or all PSUs agree
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    deff: Floats
    n: Integers
    n_weighted: Floats
    n_kish: Floats
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
    base, totals, counts = _passed(values, base, centre, members, design)
    census = census_cells(base, members, design)
    value = worth(base, members, design) if counted(design) else counts[3]
    df = degrees(totals, base, members, design, options)

    def variance(wanted: Flags) -> Floats:
        return _variances(values, base, centre, totals, members, design, wanted)

    def agree(cells: Flags, rounded: Floats) -> Flags:
        if by_sums(design):
            return cells
        return agreeing(cells, values, base, centre, totals, members, design, rounded)

    sums = Sums(totals, *counts, census, value, df, centre, proportion)
    return from_sums(sums, variance, agree, design, options)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a pass over the respondents leaves of them; (L, K) unless said otherwise.

    totals : of the measures less their centre ; n, yes : respondents in the base, those counted
    squares : weighted squares around the centre ; kish : Kish's n ; census : everybody was sure to
    be drawn ; worth : see :func:`worth` ; df : of the interval
    centre, proportion : (K,)
    """

    totals: RatioTotals
    n: Integers
    yes: Integers
    squares: Floats
    kish: Floats
    census: Flags
    worth: Floats
    df: Integers
    centre: Floats
    proportion: Flags


def from_sums(
    sums: Sums,
    variances: Callable[[Flags], Floats],
    agree: Callable[[Flags, Floats], Flags],
    design: Varied,
    options: Options,
) -> RatioEstimates:
    """The estimates, with no respondent in sight.

    variances : those of the cells that are wanted ; agree : cells whose PSUs agree by chance,
    among some without variance, given the variance that is rounding
    """
    totals, n, proportion, census = sums.totals, sums.n, sums.proportion, sums.census
    estimate = _estimates(totals, sums.centre, proportion, n, sums.yes)
    constant = proportion & ((estimate == 0) | (estimate == 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        rounded = rounding(np.sqrt(sums.squares / totals.x), n, design)
    wanted = ~constant & ~census & (totals.psus > 1)
    variance = variances(wanted)
    variance = np.where(constant | (variance <= rounded), 0.0, variance)
    se = standard_errors(variance, totals.psus, census)
    nothing = wanted & proportion & (se == 0)
    chance = agree(nothing, rounded)
    exact = (constant & ~census) | chance
    known = census | (nothing & ~chance)
    kinds = (constant, exact, known)
    low, high = _interval(estimate, se, proportion, kinds, sums.kish, n, sums.df, options)
    deff = _deff(se, n, totals, sums.squares, estimate, proportion)
    deff = np.where(exact, np.nan, deff) / finite(n, totals.x, options)
    return RatioEstimates(estimate, se, low, high, deff, n, totals.x, sums.worth, sums.df,
                          totals.psus - totals.strata, exact)  # fmt: skip


def _passed(
    values: Floats, base: Floats, centre: Floats, members: Membership, design: SampleDesign
) -> tuple[Floats, RatioTotals, Counts]:
    """Base, totals and counts, by blocks where the design suits."""
    if suits(design, members.size, values.shape[1]):
        return base, *_by_blocks(values, base, centre, members, design)
    base = base * (design.weights > 0)[:, None]
    centred = (values - centre) * base
    totals = ratio_totals(centred, base, members, design)
    return base, totals, _counts(values, centred, base, members, design)


def _estimates(
    totals: RatioTotals, centre: Floats, proportion: Flags, n: Integers, yes: Integers
) -> Floats:
    """(L, K) y / x + centre; exactly 0 or 1 where nobody or everybody counts.

    Where both are opposite but for rounding, the mean is 0: everybody has 0, as a rule.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = totals.y / totals.x + centre
    estimate = np.where(np.abs(estimate) <= 8 * EPS * np.abs(centre), 0.0, estimate)
    estimate = np.where(proportion & (yes == 0) & (n > 0), 0.0, estimate)
    return np.where(proportion & (yes == n) & (n > 0), 1.0, estimate)


def _variances(
    values: Floats, base: Floats, centre: Floats, totals: RatioTotals, members: Membership,
    design: SampleDesign, wanted: Flags,
) -> Floats:  # fmt: skip
    """(L, K) variances; the sums need no centred copy of the values, the other ways do."""
    if by_sums(design):
        return made_again(ratio_variance(totals), values, base, totals, members, design,
                          wanted=wanted, ratio=True, centre=centre)  # fmt: skip
    return ratio_variances((values - centre) * base, base, totals, members, design)


def census_cells(base: Floats, members: Membership, design: SampleDesign) -> Flags:
    """(L, K) True where everybody in the base (n, K) was certain to be drawn, at every stage.

    What is known by the design, and not by a variance that happens to be 0.
    """
    size = (members.size, base.shape[1])
    sure = np.all([s.probability[s.unit] > 1 - WHOLE for s in design.stages], axis=0)
    for step in design.calibrations:  # certain to be drawn is not certain to answer
        sure = sure if step.phase is None else sure & (step.phase == 0)
    if not sure.any():
        return np.zeros(size, dtype=np.bool_)
    counted = (base != 0) & (design.weights > 0)[:, None]
    others = members.sums((counted & ~sure[:, None]).astype(np.float64))
    some = members.sums(counted.astype(np.float64))
    return np.asarray((others == 0) & (some > 0), dtype=np.bool_)


def counted(design: SampleDesign) -> bool:
    """Whether the sampling fractions of respondents, who are the PSUs, are known."""
    return design.replication is None and design.element and design.stages[0].counted


def worth(base: Floats, members: Membership, design: SampleDesign) -> Floats:
    """(L, K) (sum w)^2 / sum w^2 (1 - f): Kish's n, sampling fractions f counted where known.

    The size of a simple random sample of a large population that gives the variance which
    weights and fractions imply where spread is the same everywhere; NaN where everybody was taken.
    """
    w = design.weights
    left = 1.0 - design.stages[0].probability[design.psu] if counted(design) else 1.0
    inside = (base != 0).astype(np.float64)
    total, squares, whole = (members.sums(inside * v[:, None]) for v in (w, w**2 * left, w**2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squares > WHOLE * whole, total**2 / squares, np.nan)


def standard_errors(variance: Floats, psus: Integers, census: Flags) -> Floats:
    """(L, K) square roots: 0 in a census, NaN where the cell otherwise rests on one PSU."""
    se = np.sqrt(np.where(census, 0.0, variance))
    return np.where((psus < 2) & ~census, np.nan, se)


def finite(n: Floats | Integers, population: Floats, options: Options) -> Floats:
    """1, or the 1 - n / N of a sample without replacement; NaN where N is not above n."""
    if options.deff == "wr":
        return np.ones_like(population)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n < (1 - WHOLE) * population, 1 - n / population, np.nan)


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
    """(K,) some rows at a time: a product of flags makes numbers of them all first."""
    sums = np.zeros((2, values.shape[1]))
    for start in range(0, len(values), PIECE):
        rows = slice(start, start + PIECE)
        sums += [design.weights[rows] @ values[rows], design.weights[rows] @ base[rows]]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num(sums[0] / sums[1]))


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
    kinds: tuple[Flags, Flags, Flags],
    kish: Floats,
    n: Integers,
    df: Integers,
    options: Options,
) -> tuple[Floats, Floats]:
    """The usual interval, the exact one of a proportion without variance, or the known point.

    kinds : (constant, exact, known), each (L, K). PSUs that agree on a share between 0 and 1 do
    so by chance, the more easily the fewer they are: their Kish's n is reduced by their df.
    """
    constant, exact, known = kinds
    level, people = options.level, n.astype(np.float64)
    symmetric = wald(estimate, se, df, level)
    within = proportion_interval(options.ci, estimate, se, df, people, level)
    few = np.minimum(reduced(kish, people, df, level), kish)
    sure = korn_graubard(np.where(exact, estimate, 0.0), np.where(constant, kish, few), level)
    low, high = (
        np.where(known, estimate, np.where(exact, e, np.where(proportion, o, s)))
        for s, o, e in zip(symmetric, within, sure, strict=True)
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
        spread = np.where(spread > 4 * n * EPS * squares / totals.x, spread, 0.0)
        spread = np.where(proportion, estimate * (1 - estimate), spread)
        deff: Floats = se**2 / (spread / (n - 1))
    return np.where(spread > 0, deff, np.nan)
