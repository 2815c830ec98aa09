"""Scores less what the calibrated totals explain of them.

After a step of weighting that fixes the totals of x, an estimate varies by the residuals
e = z - x' b of its scores, b their coefficients on x with the weights before the step (Deville and
Särndal 1992, formula 3.4; as R survey). Where the targets were themselves totals of the sample,
with weights d (nonresponse), the part x' b still varies with it: the scores become w e + d x' b.
Steps are undone from the last to the first. docs/methods/weighting.md.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from analysis.design import Calibration, Floats, SampleDesign

Sparse = sparse.csr_array[np.float64]
Form = tuple[Floats | Sparse, Floats | None]  # scores (n, C): parts, or parts @ mix
Phase = tuple[Floats, Form]


def credited(
    parts: Floats | Sparse, mix: Floats | None, design: SampleDesign
) -> tuple[Form, list[Phase]]:
    """Weighted scores after every step, in the form they come in.

    And, for each step with a second phase, the factor (n,) of the squares of its residuals.
    """
    phases: list[Phase] = []
    for step in reversed(design.calibrations):
        b = _coefficients(parts, mix, step)
        parts, mix = _plus(parts, mix, step, step.after, -b)
        if step.phase is not None:
            phases.append((step.phase, (parts, mix)))
        if step.carried is not None:
            parts, mix = _plus(parts, mix, step, step.carried, b)
    return (parts, mix), phases


def _coefficients(parts: Floats | Sparse, mix: Floats | None, step: Calibration) -> Floats:
    """(p, C) coefficients of z on x, from the weighted scores w z."""
    some = step.after != 0
    back = np.divide(step.before, step.after, out=np.zeros_like(step.after), where=some)
    n, c = len(step.code), len(step.profiles)
    member = sparse.csr_array((back, (step.code, np.arange(n))), shape=(c, n))
    sums = member @ parts
    sums = sums if isinstance(sums, np.ndarray) else sums.toarray()
    sums = step.profiles.T @ sums
    return np.asarray(step.inverse @ (sums if mix is None else sums @ mix), dtype=np.float64)


def _plus(
    parts: Floats | Sparse, mix: Floats | None, step: Calibration, weights: Floats, b: Floats
) -> Form:
    """The scores and weights * x' b; x is put beside sparse parts, never spread over C columns."""
    if isinstance(parts, np.ndarray) and mix is None:
        return parts + weights[:, None] * (step.profiles @ b)[step.code], None
    x = sparse.csr_array(sparse.csr_array(step.profiles)[step.code] * weights[:, None])
    beside = sparse.csr_array(sparse.hstack([sparse.csr_array(parts), x]))
    kept = np.eye(parts.shape[1]) if mix is None else mix
    return beside, np.vstack([kept, b])
