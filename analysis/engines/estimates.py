"""From sums to the rows of a result: the algebra of :mod:`analysis.estimators` on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.design import Floats, Integers, Replicates
from analysis.engines.passes import LevelSums, Measure, ratio_totals, rounded
from analysis.engines.strata import Strata
from analysis.estimators.cells import Groups
from analysis.estimators.frames import result
from analysis.estimators.intervals import wald
from analysis.estimators.means import ratio_columns
from analysis.estimators.options import Options
from analysis.estimators.ratio import (
    WHOLE,
    Flags,
    RatioEstimates,
    Sums,
    finite,
    from_sums,
    standard_errors,
)
from analysis.variance.ratio import RatioTotals, ratio_variance, total_variance
from analysis.variance.rounding import without_rounding


@dataclass(frozen=True, slots=True)
class Facts:
    """What the algebra asks of a design.

    df, way : as of :class:`analysis.design.SampleDesign` ; replication : without its weights
    element : whether each row is a PSU
    own : (L, K) degrees of freedom of each cell's replicate weights, where they are asked for
    """

    df: int
    way: str
    replication: Replicates | None
    element: bool
    strata: Strata
    own: Integers | None = None


def mean_rows(
    found: LevelSums, measures: Sequence[Measure], spread: Floats | None, facts: Facts, text: str,
    o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Means or shares, a row a measure and level; ``spread`` (L, K) are variances of replicates."""
    e = mean_estimates(found, measures, spread, facts, o)
    return rows_of(found, measures, ratio_columns(e), facts, text)


def mean_estimates(
    found: LevelSums, measures: Sequence[Measure], spread: Floats | None, facts: Facts, o: Options
) -> RatioEstimates:
    """The same as arrays (L, K)."""
    totals = ratio_totals(found, measures, facts.strata)
    sums = _sums(found, measures, totals, facts, o)

    def variance(wanted: Flags) -> Floats:
        return _ratio_variance(found, measures, totals, spread)

    def agree(cells: Flags, rounded: Floats) -> Flags:
        if spread is None:
            return cells
        return cells & (_apart(totals) <= rounded)

    return from_sums(sums, variance, agree, facts, o)


def total_rows(
    found: LevelSums, measures: Sequence[Measure], spread: Floats | None, facts: Facts, text: str,
    o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Totals, a row a measure and level."""
    totals = ratio_totals(found, measures, facts.strata)
    variance = total_variance(totals) if spread is None else spread
    n, tops = (found.levels(found.of(measures, role)) for role in ("n", "tops"))
    variance = without_rounding(variance, tops, n, facts)
    se = standard_errors(variance, totals.psus, _census(found, measures, facts))
    df = degrees(totals, facts, o)
    low, high = wald(totals.y, se, df, o.level)
    simple = _simple_total(found, measures, totals, facts, o)
    numbers = {"estimate": totals.y, "se": se, "ci_low": low, "ci_high": high,
               "deff": se**2 / simple, "df": df.astype(np.float64), "n": n,
               "n_weighted": totals.x}  # fmt: skip
    return rows_of(found, measures, numbers, facts, text)


def ratio_rows(
    found: LevelSums, measures: Sequence[Measure], spread: Floats | None, facts: Facts, text: str,
    o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Ratios of totals, a row a pair and level."""
    numbers = ratio_numbers(found, measures, spread, facts, o)
    return rows_of(found, measures, numbers, facts, text)


def ratio_numbers(
    found: LevelSums, measures: Sequence[Measure], spread: Floats | None, facts: Facts, o: Options
) -> dict[str, Floats]:
    """The same as columns (L, K)."""
    totals = ratio_totals(found, measures, facts.strata)
    variance = _ratio_variance(found, measures, totals, spread)
    n, tops, bottoms, weight = (
        found.levels(found.of(measures, role)) for role in ("n", "tops", "bottoms", "weight")
    )
    centre = np.array([m.centre for m in measures])
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = totals.y / totals.x
        estimate = np.where(tops == 0, 0.0, slope + centre)  # the centre would leave rounding
        size = (tops + np.abs(estimate) * bottoms) / np.abs(totals.x)
        squares = _around(found, measures, slope)
        simple = weight * squares / (n - 1) * finite(n, weight, o)
        variance = without_rounding(variance, size, n, facts)
        se = standard_errors(variance, totals.psus, _census(found, measures, facts))
        df = degrees(totals, facts, o)
        low, high = wald(estimate, se, df, o.level)
        deff = se**2 / (simple / totals.x**2)
    return {"estimate": estimate, "se": se, "ci_low": low, "ci_high": high, "deff": deff,
            "df": df.astype(np.float64), "n": n, "n_weighted": weight}  # fmt: skip


def _ratio_variance(
    found: LevelSums, measures: Sequence[Measure], totals: RatioTotals, spread: Floats | None
) -> Floats:
    """(L, K) variances of y / x: 0 where everybody has the same, and the sums leave rounding."""
    if spread is not None:
        return spread
    same = alike(found, measures, totals.y, totals.x)
    return np.where(same, 0.0, ratio_variance(totals))


def alike(found: LevelSums, measures: Sequence[Measure], y: Floats, x: Floats) -> Flags:
    """(L, K) cells in which everybody has the ratio y / x: what the sums vary by is rounding."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.isnan(_around(found, measures, y / x)) & (x != 0))


def rows_of(
    found: LevelSums, measures: Sequence[Measure], numbers: dict[str, Floats], facts: Facts,
    text: str,
) -> pl.DataFrame:  # fmt: skip
    """A row a measure and level, from columns of (L, K) numbers."""
    cells = Groups(tuple(found.labels.columns), found.labels, np.zeros(0, dtype=np.int64))
    first, *rest = text.split("; ")
    method = "; ".join([first, facts.way, *rest])
    return result([m.variable for m in measures], [m.category for m in measures], cells, numbers,
                  method)  # fmt: skip


def _sums(
    found: LevelSums, measures: Sequence[Measure], totals: RatioTotals, facts: Facts, o: Options
) -> Sums:
    n, yes, zz = (found.levels(found.of(measures, r)) for r in ("n", "yes", "zz"))
    by_group = found.of(measures, "kish2")
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = totals.x**2 / found.levels(by_group)
    worth = kish
    if facts.replication is None and facts.element and facts.strata.counted:
        left = (1.0 - facts.strata.fraction[found.group])[:, None]
        whole, squares = found.levels(by_group), found.levels(by_group * left)
        with np.errstate(divide="ignore", invalid="ignore"):
            worth = np.where(squares > WHOLE * whole, totals.x**2 / squares, np.nan)
    return Sums(
        totals, n.astype(np.int64), yes.astype(np.int64), zz, kish,
        _census(found, measures, facts), worth, degrees(totals, facts, o),
        np.array([m.centre for m in measures]), np.array([m.share for m in measures]),
    )  # fmt: skip


def _census(found: LevelSums, measures: Sequence[Measure], facts: Facts) -> Flags:
    """(L, K) cells where everybody in the base was certain to be drawn."""
    sure = facts.strata.fraction > 1 - WHOLE
    n = found.of(measures, "n")
    others = found.levels(n * ~sure[found.group][:, None])
    return np.asarray((others == 0) & (found.levels(n) > 0), dtype=np.bool_)


def degrees(totals: RatioTotals, facts: Facts, o: Options) -> Integers:
    """(L, K) degrees of freedom of the design, or of each cell's own PSUs."""
    if o.df == "design":
        return np.full(totals.psus.shape, facts.df)
    if facts.own is not None:
        return facts.own
    return totals.psus - totals.strata


def _apart(totals: RatioTotals) -> Floats:
    """(L, K) squares of the scores of PSUs around the means of their strata."""
    made = np.zeros_like(totals.y)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = totals.y / totals.x
        for part in totals.parts:
            r, size = ratio[part.level], part.component.size[part.group][:, None]
            squares = part.yy - 2 * r * part.yx + r**2 * part.xx
            np.add.at(made, part.level, squares - (part.y - r * part.x) ** 2 / size)
        return np.asarray(made / totals.x**2, dtype=np.float64)


def _around(found: LevelSums, measures: Sequence[Measure], slope: Floats) -> Floats:
    """(L, K) sums of w (z - slope d)^2; NaN where they are no more than rounding.

    The n terms of a sum are added in an order that is the engine's: their rounding grows as the
    square root of n (Higham 2002, §4.6).
    """
    zz, zd, dd, n = (found.levels(found.of(measures, role)) for role in ("zz", "zd", "dd", "n"))
    squares = zz - 2 * slope * zd + slope**2 * dd
    sizes = np.abs(zz) + 2 * np.abs(slope * zd) + slope**2 * np.abs(dd)
    return np.where(squares > rounded(n) * sizes, squares, np.nan)


def _simple_total(
    found: LevelSums, measures: Sequence[Measure], totals: RatioTotals, facts: Facts, o: Options
) -> Floats:
    """(L, K) variances of the totals under simple random sampling; NaN where s^2 is 0.

    As in :mod:`analysis.estimators.means`: over the whole sample, 0 for whoever is not in the
    domain.
    """
    everyone, population = facts.strata.weighing, facts.strata.population
    whole = np.full_like(totals.y, population)
    n, weight = (found.levels(found.of(measures, role)) for role in ("n", "weight"))
    mean = totals.y / whole
    rest = np.where(n == everyone, 0.0, whole - weight)
    squares = _around(found, measures, mean) + rest * mean**2
    simple = whole * squares / (everyone - 1)
    return np.asarray(simple * finite(np.full_like(n, everyone), whole, o))
