"""The density of a variable at a point, which the linearization of a quantile divides by.

Gaussian kernel, bandwidth 0.79 IQR n^(-1/5) (Silverman 1986, Density Estimation, eq. 3.29), n
being Kish's (sum w)^2 / sum w^2. Taking n from the respondents and not from the sum of the weights
keeps the variance the same whatever the weights sum to. Kernel densities in this place: Berger and
Skinner (2003), JRSS C 52(4); Osier (2009), Survey Research Methods 3(3).
"""

from __future__ import annotations

import numpy as np

from analysis.design import Floats, Integers
from analysis.estimators.cdf import Ordered

_QUARTILES = np.array([[0.25, 0.75]])


def bandwidths(ordered: Ordered, weights: Floats) -> Floats:
    """(L,) bandwidth of each level, in the variable's unit; 0 where all values are equal.

    Where the quartiles are equal though the values are not, 1.06 times the standard deviation
    stands in for 0.79 times their distance (Silverman 1986, eq. 3.28).
    """
    quartiles = ordered.inverse(weights, np.repeat(_QUARTILES, ordered.size, axis=0), "math")
    made = np.zeros(ordered.size)
    for level, (values, w) in enumerate(ordered.segments(weights)):
        if not len(values):
            continue
        spread = 0.79 * float(quartiles[level, 1] - quartiles[level, 0])
        if spread == 0:
            mean = np.average(values, weights=w)
            spread = 1.06 * float(np.sqrt(np.average((values - mean) ** 2, weights=w)))
        made[level] = spread * (w.sum() ** 2 / (w**2).sum()) ** -0.2
    return made


def densities(ordered: Ordered, weights: Floats, points: Floats) -> Floats:
    """(L, P) density of each level at its own points (L, P); NaN where all values are equal."""
    widths = bandwidths(ordered, weights)
    level: Integers = np.repeat(np.arange(ordered.size), np.diff(ordered.start))
    w, h = weights[ordered.row], widths[level]
    totals = np.bincount(level, weights=w, minlength=ordered.size)
    found = np.empty(points.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        for j in range(points.shape[1]):
            kernel = np.exp(-(((points[level, j] - ordered.value) / h) ** 2) / 2)
            sums = np.bincount(level, weights=w * kernel, minlength=ordered.size)
            found[:, j] = sums / (totals * widths * np.sqrt(2 * np.pi))
    return np.where((widths > 0)[:, None], found, np.nan)
