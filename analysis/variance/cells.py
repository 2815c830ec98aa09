"""The variances of many cells, by whatever the design offers: replicates, residuals or sums."""

from __future__ import annotations

from analysis.design import Floats, SampleDesign
from analysis.variance.calibrated import calibrated_ratio_variance, calibrated_total_variance
from analysis.variance.ratio import (
    Membership,
    RatioTotals,
    ratio_variance,
    replicate_ratio_variance,
    replicate_total_variance,
    total_variance,
)


def ratio_variances(
    values: Floats, base: Floats, totals: RatioTotals, members: Membership, design: SampleDesign
) -> Floats:
    """(L, K) variances of y / x, the totals of ``values`` and ``base`` (n, K); NaN where x is 0."""
    if design.replication is not None:
        return replicate_ratio_variance(values, base, members, design)
    if design.calibrations:
        return calibrated_ratio_variance(values, base, totals, members, design)
    return ratio_variance(totals)


def total_variances(
    values: Floats, totals: RatioTotals, members: Membership, design: SampleDesign
) -> Floats:
    """(L, K) variances of the totals of ``values`` (n, K)."""
    if design.replication is not None:
        return replicate_total_variance(values, values, members, design)
    if design.calibrations:
        return calibrated_total_variance(values, members, design)
    return total_variance(totals)
