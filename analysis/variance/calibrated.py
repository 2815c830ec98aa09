"""Variances of many cells in a calibrated design: residuals of the scores, level by level.

A calibrated estimate of a domain varies with everybody, in the domain or not, so that the sums of
:mod:`analysis.variance.ratio` do not tell its variance; the scores do.
"""

from __future__ import annotations

import numpy as np

from analysis.design import Floats, SampleDesign
from analysis.variance.ratio import Membership, RatioTotals
from analysis.variance.scores import covariance

_AT_ONCE = 32  # measures whose scores are spread over the n respondents at once


def calibrated_ratio_variance(
    values: Floats, base: Floats, totals: RatioTotals, members: Membership, design: SampleDesign
) -> Floats:
    """(L, K) variances of y / x, of ``values`` and ``base`` (n, K); NaN where the base is empty."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, size = totals.y / totals.x, 1 / totals.x
        return np.where(totals.x != 0, _variances(values, base, ratio, size, members, design),
                        np.nan)  # fmt: skip


def calibrated_total_variance(values: Floats, members: Membership, design: SampleDesign) -> Floats:
    """(L, K) variances of the totals of ``values`` (n, K)."""
    shape = (members.size, values.shape[1])
    return _variances(values, values, np.zeros(shape), np.ones(shape), members, design)


def _variances(
    values: Floats, base: Floats, ratio: Floats, size: Floats, members: Membership,
    design: SampleDesign,
) -> Floats:  # fmt: skip
    """(L, K) variances of the totals of size (y - ratio x) over each level."""
    made = np.zeros(ratio.shape)
    order = np.argsort(members.level, kind="stable")
    ends = np.cumsum(np.bincount(members.level, minlength=members.size))[:-1]
    for level, inside in enumerate(np.split(members.row[order], ends)):
        w = design.weights[inside, None]
        for start in range(0, values.shape[1], _AT_ONCE):
            k = slice(start, start + _AT_ONCE)
            apart = values[inside, k] - ratio[level, k] * base[inside, k]
            scores = np.zeros((len(values), apart.shape[1]))
            scores[inside] = w * apart * size[level, k]
            made[level, k] = np.diag(covariance(scores, design))
    return made
