"""p-values of a family of tests, adjusted for their number.

An adjusted p-value is compared with the level itself: at or under 5 %, rejected with the error
of the family held at 5 % (Holm, Bonferroni: of one false rejection or more; Benjamini-Hochberg:
of the expected share of false rejections). Tests that could not be made (NaN) do not count in
the family and stay NaN.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from analysis.design import Floats
from analysis.errors import refuse
from analysis.estimators.inference import chosen

Adjustment = Literal["holm", "bh", "bonferroni"]


def adjusted(p: Floats, how: Adjustment) -> Floats:
    """(m,) adjusted p-values in the order of ``p``; monotone in ``p``, equal where ``p`` ties.

    how : "holm" (step-down; Holm 1979, Scandinavian Journal of Statistics 6(2)), "bh" (step-up,
    false discovery rate; Benjamini and Hochberg 1995, JRSS B 57(1)), "bonferroni".
    Raises :class:`BaroError` for another name, or p outside 0..1.
    """
    chosen("adjust", how, Adjustment)
    known = ~np.isnan(p)
    if ((p[known] < 0) | (p[known] > 1)).any():
        raise refuse("adjust", "p-values outside 0 to 1", "p-values", "check what was given")
    made = np.full(len(p), np.nan)
    made[known] = _STEPS[how](p[known])
    return made


def _bonferroni(p: Floats) -> Floats:
    return np.minimum(len(p) * p, 1.0)


def _holm(p: Floats) -> Floats:
    """Max over the j smallest up to this one of (m - j + 1) p_(j)."""
    order = np.argsort(p, kind="stable")
    steps = (len(p) - np.arange(len(p))) * p[order]
    return _placed(np.minimum(np.maximum.accumulate(steps), 1.0), order)


def _benjamini_hochberg(p: Floats) -> Floats:
    """Min over this one and the larger of m / j p_(j)."""
    order = np.argsort(p, kind="stable")
    steps = p[order] * len(p) / np.arange(1, len(p) + 1)
    return _placed(np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0), order)


def _placed(values: Floats, order: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Floats:
    made = np.empty(len(values))
    made[order] = values
    return made


_STEPS = {"holm": _holm, "bh": _benjamini_hochberg, "bonferroni": _bonferroni}
