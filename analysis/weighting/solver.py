"""The ratios that meet the targets: Newton's method on the profiles, with step control.

Respondents with the same auxiliary columns get the same ratio, so that the solver sees each
profile once, with the sum of its weights: raking a million respondents on four margins is an
equation on a few hundred profiles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.design import Floats
from analysis.design.calibration import gram_inverse
from analysis.weighting.distances import Distance

CLOSE = 1e-12  # relative distance to the targets at which Newton stops
MET = 1e-9  # and at which the targets count as met
_FLAT = 1e-6  # slope kept beyond a bound, so that a ratio can leave it again
_STEPS = 200
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Solution:
    """What Newton ended with.

    ratio : (c,) of each profile ; multipliers : (p,) ; gaps : (p,) what the targets still lack,
    relative to their size ; met : whether every gap is below 1e-9
    """

    ratio: Floats
    multipliers: Floats
    gaps: Floats
    iterations: int
    met: bool


def solve(
    profiles: Floats,
    mass: Floats,
    targets: Floats,
    distance: Distance,
    ridge: Floats,
    start: Floats | None = None,
) -> Solution:
    """Ratios F(x' lambda) with sum_c mass_c F(x_c' lambda) x_c + ridge * lambda = targets.

    profiles : (c, p) ; mass : (c,) weights of each profile, 0 or more ; targets : (p,)
    ridge : (p,) 0 for a margin to be met, more for one that may be missed
    start : (p,) multipliers to begin with, for one replicate after another
    """
    lam = np.zeros(len(targets)) if start is None else start
    size = _sizes(profiles, mass, targets)
    iteration = 0
    for iteration in range(_STEPS):  # noqa: B007
        u = profiles @ lam
        gap = targets - ((mass * distance.ratio(u)) @ profiles + ridge * lam)
        if np.max(np.abs(gap) / size) <= CLOSE:
            break
        slope = mass * np.maximum(distance.slope(u), _FLAT)
        direction = gram_inverse(profiles, slope, ridge) @ gap
        step = _step(profiles, mass, targets, distance, ridge, lam, direction, gap)
        if step == 0.0:
            break
        lam = lam + step * direction
    u = profiles @ lam
    gaps = (targets - ((mass * distance.ratio(u)) @ profiles + ridge * lam)) / size
    return Solution(distance.ratio(u), lam, gaps, iteration, bool(np.max(np.abs(gaps)) <= MET))


def _sizes(profiles: Floats, mass: Floats, targets: Floats) -> Floats:
    """(p,) by what a gap is measured: the target, or for one near 0 what could add up to it."""
    return np.maximum(np.abs(targets), 1e-6 * (mass @ np.abs(profiles)) + 1e-300)


def _step(
    profiles: Floats, mass: Floats, targets: Floats, distance: Distance, ridge: Floats,
    lam: Floats, direction: Floats, gap: Floats,
) -> float:  # fmt: skip
    """The longest of 1, 1/2, 1/4… that goes down enough (Armijo), or 0 where none does."""

    def height(at: Floats) -> float:
        with np.errstate(over="ignore", invalid="ignore"):  # a step too long is shortened
            integral = distance.integral(profiles @ at)
            return float(mass @ integral + ridge @ at**2 / 2 - targets @ at)

    def left(at: Floats) -> float:
        reached = (mass * distance.ratio(profiles @ at)) @ profiles + ridge * at
        return float(np.abs(targets - reached).max())

    here, fall, step = height(lam), float(gap @ direction), 1.0
    if fall <= 0:
        return 0.0
    for _ in range(_HALVINGS):
        at = lam + step * direction
        lower = height(at) <= here - 1e-4 * step * fall
        # near the end the height no longer changes in floating point, the gap still does
        if lower or left(at) < 0.5 * float(np.abs(gap).max()):
            return step
        step /= 2
    return 0.0
