"""Intervals that follow from what is printed, and tell nothing more.

Where counts are rounded, the end of an interval as estimated would be a second rounding of the same
count, by another grid: both together often leave one count. The interval is therefore made from the
printed share: of all shares that are printed so, and of all ways in which the strata can hold them,
the least certain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from analysis.design.arrays import Floats

_LEVEL = 0.95
_HALVINGS = 60
_NEVER = 1e-9  # variance of a stratum in which everybody answered
_EDGE = 1e-6
_MOST = 1e12


@dataclass(frozen=True, slots=True)
class Strata:
    """What is no secret of the H strata of a base: all or nobody of each is in it.

    part : (H,) share of each in the base, by weight
    each : (H,) variance of the total is the sum of each * p (1 - p)
    """

    part: Floats
    each: Floats

    def worth(self, p: float) -> float:
        """Respondents of a simple sample with as much variance as answers so divided can have."""
        p = min(max(p, _EDGE), 1 - _EDGE)
        return p * (1 - p) / self.variance(p)

    def variance(self, p: float) -> float:
        """The most that sum(each q (1 - q)) can be where sum(part q) = p.

        Each q is 1/2 + x part / each, cut at 0 and 1; the sum rises with x.
        """
        each = np.maximum(self.each, _NEVER * self.part)
        slope = self.part / each
        low, high = -0.5 / slope.min(), 0.5 / slope.min()
        for _ in range(_HALVINGS):
            x = (low + high) / 2
            if self.part @ np.clip(0.5 + x * slope, 0, 1) < p:
                low = x
            else:
                high = x
        q = np.clip(0.5 + high * slope, 0, 1)
        return float(each @ (q * (1 - q)))


def strata(weight: Floats, size: Floats, population: Floats) -> Strata:
    """Of the groups of a base: weight of one, respondents, how many there are (inf: unknown)."""
    part = weight * size / (weight * size).sum()
    left = np.clip(1 - size / population, 0.0, 1.0)
    return Strata(part, part**2 * left / np.maximum(size - 1, 1))


def wilson(p: float, n: float, df: float) -> tuple[float, float]:
    """The interval of a share of n (Wilson 1927, "Probable inference", JASA 22:209-212), with t."""
    n = min(n, _MOST)
    t2 = float(stdtrit(df, 0.5 + _LEVEL / 2)) ** 2
    middle = (p + t2 / (2 * n)) / (1 + t2 / n)
    half = np.sqrt(t2 * (p * (1 - p) / n + t2 / (4 * n * n))) / (1 + t2 / n)
    return max(float(middle - half), 0.0), min(float(middle + half), 1.0)
