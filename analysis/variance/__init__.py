"""Variance of estimates, by linearization or replication: the only variance code."""

from analysis.variance.blocks import block_sums, suits
from analysis.variance.ratio import (
    Membership,
    RatioTotals,
    ratio_totals,
    ratio_variance,
    replicate_ratio_variance,
    replicate_total_variance,
    total_variance,
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
    "ratio_variance",
    "replicate_covariance",
    "replicate_ratio_variance",
    "replicate_total_variance",
    "suits",
    "total_variance",
    "totals_from_blocks",
    "unit_sums",
]
