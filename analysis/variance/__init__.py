"""Variance of estimates, by linearization or replication: the only variance code."""

from analysis.variance.blocks import block_sums, suits
from analysis.variance.cells import ratio_variances, total_variances
from analysis.variance.ratio import (
    Membership,
    RatioTotals,
    ratio_totals,
    totals_from_blocks,
)
from analysis.variance.replication import domain_degrees, make_replicates
from analysis.variance.scores import covariance, replicate_covariance, unit_sums

__all__ = [
    "Membership",
    "RatioTotals",
    "block_sums",
    "covariance",
    "domain_degrees",
    "make_replicates",
    "ratio_totals",
    "ratio_variances",
    "replicate_covariance",
    "suits",
    "total_variances",
    "totals_from_blocks",
    "unit_sums",
]
