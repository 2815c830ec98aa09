"""Variances that the sums cannot tell from 0, made again from the scores of the respondents.

:mod:`analysis.variance.ratio` has a variance as a difference of sums of squares. Where PSUs agree,
what is left of it is rounding; where they nearly agree, its digits are lost. Around the means of
their strata the scores lose none, but take a pass over the respondents for each cell.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.design import Floats, Integers, SampleDesign
from analysis.variance.ratio import Membership, RatioTotals
from analysis.variance.scores import Varied, covariance

Flags = npt.NDArray[np.bool_]
EPS = float(np.finfo(np.float64).eps)


def by_sums(design: SampleDesign) -> bool:
    """Whether variances come from sums, and not from replicates or residuals of a calibration."""
    return design.replication is None and not design.calibrations


def made_again(
    variance: Floats, values: Floats, base: Floats, totals: RatioTotals, members: Membership,
    design: SampleDesign, *, wanted: Flags, ratio: bool, centre: Floats | None = None,
) -> Floats:  # fmt: skip
    """The (L, K) variances of y / x (or of y), from scores where the sums may leave only rounding.

    values, base : (n, K) ; ``totals`` are those of (values - centre) base, or of values
    wanted : (L, K) cells worth a pass
    """
    if not by_sums(design):
        return variance
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = totals.y / totals.x if ratio else np.zeros_like(totals.y)
    scale = totals.x if ratio else np.ones_like(totals.y)
    bound = _of_sums(totals, slope)
    lost = wanted & (bound > 0) & (variance * scale**2 <= bound)
    found = variance.copy()
    for level, k in zip(*np.nonzero(lost), strict=True):
        y, inside = values[:, k], members.row[members.level == level]
        y = y[inside] if centre is None else (y[inside] - centre[k]) * base[inside, k]
        score = design.weights[inside] * (y - slope[level, k] * base[inside, k])
        found[level, k] = _of_score(score / scale[level, k], inside, design)
    return found


def agreeing(
    cells: Flags, values: Floats, base: Floats, centre: Floats, totals: RatioTotals,
    members: Membership, design: SampleDesign, bound: Floats,
) -> Flags:  # fmt: skip
    """(L, K) those of ``cells`` where the PSUs of each stratum have one score, as by chance.

    values, base, centre : as in :func:`made_again` ; bound : (L, K) variance that is rounding
    Elsewhere a variance of 0 by residuals or replicates says that the estimate is a known margin.
    """
    found = np.zeros_like(cells)
    for level, k in zip(*np.nonzero(cells), strict=True):
        inside = members.row[members.level == level]
        mean = totals.y[level, k] / totals.x[level, k]
        score = design.weights[inside] * base[inside, k] * (values[inside, k] - centre[k] - mean)
        units = np.bincount(design.psu[inside], score, len(design.psu_stratum))
        means = np.bincount(design.psu_stratum, units) / design.psu_counts
        apart = (units - means[design.psu_stratum]) / totals.x[level, k]
        found[level, k] = (apart**2).sum() <= bound[level, k]
    return found


def without_rounding(
    variance: Floats, size: Floats, n: Floats | Integers, design: Varied
) -> Floats:
    """(L, K) the variances, 0 where they are no more than the rounding of the totals.

    size : (L, K) what the n terms of the estimate add to, each taken without its sign. Their
    sum is known to n eps times that (Higham 2002, *Accuracy and Stability of Numerical
    Algorithms*, §4.2), a term being a few roundings itself; variances, to the square of it.
    """
    return np.where(variance <= rounding(size, n, design), 0.0, variance)


def rounding(size: Floats, n: Floats | Integers, design: Varied) -> Floats:
    """(L, K) the largest variance that is only rounding, as in :func:`without_rounding`."""
    r = design.replication
    factor = 1.0 if r is None else r.scale * float(r.rscales.sum())
    return np.asarray(factor * (4 * n * EPS * size) ** 2, dtype=np.float64)


def _of_sums(totals: RatioTotals, slope: Floats) -> Floats:
    """(L, K) what rounding may leave of the variance of y - slope x: m eps of what is summed."""
    bound = np.zeros_like(totals.y)
    for part in totals.parts:
        r, c, g = np.abs(slope[part.level]), part.component, part.group
        sizes = np.abs(part.yy) + 2 * r * np.abs(part.yx) + r**2 * np.abs(part.xx)
        sizes += (np.abs(part.y) + r * np.abs(part.x)) ** 2 / c.size[g][:, None]
        factor = 4 * len(c.group) * EPS * np.abs(c.coefficient[g])
        np.add.at(bound, part.level, factor[:, None] * sizes)
    return bound


def _of_score(score: Floats, inside: Integers, design: SampleDesign) -> float:
    """Variance of the total of weighted scores, 0 for whoever is not ``inside``."""
    spread = np.zeros((len(design.weights), 1))
    spread[inside, 0] = score
    return float(covariance(spread, design)[0, 0])
