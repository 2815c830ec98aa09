"""What a step of weighting leaves for variances: which totals it fixed, and from which weights.

A step moves weights from ``before`` to ``after`` so that the totals of auxiliary columns x meet
their targets. An estimate then varies by the residuals of its scores on x, not by the scores
themselves: :mod:`analysis.variance.calibration`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from analysis.design.arrays import Floats, Integers


@dataclass(frozen=True, slots=True)
class Calibration:
    """One step; n respondents share c profiles of p auxiliary columns.

    code : (n,) profile of each respondent ; profiles : (c, p)
    before, after : (n,) weights on each side of the step, 0 for those it leaves out
    inverse : (p, p) generalized inverse of X' B X (+ the ridge of soft margins), B the weights
    before: what takes X' B z to the coefficients of z on x
    carried : (n,) weights whose own totals of x were the targets (totals estimated from the
    sample itself, as for nonresponse), or None where the targets are known
    phase : (n,) factor of the squares of the residual scores that a second phase (response)
    adds to the variance, or None
    """

    code: Integers
    profiles: Floats
    before: Floats
    after: Floats
    inverse: Floats
    carried: Floats | None = None
    phase: Floats | None = None


_RANK = 1e-11  # eigenvalues below, relative to the largest, are margins said twice


def gram_inverse(profiles: Floats, weights: Floats, ridge: Floats | float = 0.0) -> Floats:
    """(p, p) generalized inverse of sum_c weights_c x_c x_c' + diag(ridge).

    Margins overlap (each sums to the population), so that the matrix has not full rank. Columns
    are brought to one size first: a rare category must not pass for a rounding error.
    """
    gram = (profiles * weights[:, None]).T @ profiles
    gram[np.diag_indices_from(gram)] += ridge
    size = np.sqrt(np.diag(gram))
    scale = np.where(size > 0, 1 / np.where(size > 0, size, 1.0), 0.0)
    inverse = linalg.pinvh(gram * scale[:, None] * scale, rtol=_RANK)
    return np.asarray(inverse * scale[:, None] * scale, dtype=np.float64)
