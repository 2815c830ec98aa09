"""How far published figures are rounded where answers are confidential.

A share to two digits of it or of its complement, between a tenth of a point and a point: 1.1 %,
36 %, 98.6 %. Digits beyond these say nothing to a reader whose margin is ten points, and much to
one who wants to know how a single respondent answered.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FINEST, COARSEST = 0.001, 0.01
_DIGITS = 2


def share_step(share: Floats) -> Floats:
    """The step that shares are rounded to."""
    rarer = np.minimum(np.abs(share), np.abs(1.0 - share))
    with np.errstate(divide="ignore"):
        step = 10.0 ** (np.floor(np.log10(rarer) + 1e-9) - (_DIGITS - 1))
    return np.clip(np.nan_to_num(step, nan=FINEST), FINEST, COARSEST)


def rounded_share(share: Floats) -> Floats:
    """Shares as they are published."""
    step = share_step(share)
    return np.round(np.round(share / step) * step, 3)


def alike(share: float) -> tuple[float, float]:
    """The shares that are printed as this one is."""
    one = np.array([share])
    shown, half = float(rounded_share(one)[0]), float(share_step(one)[0]) / 2
    return max(shown - half, 0.0), min(shown + half, 1.0)


def alike_amount(amount: float) -> tuple[float, float]:
    """The amounts of the same first digits."""
    half = 0.5 * 10.0 ** (np.floor(np.log10(abs(amount))) - (_DIGITS - 1)) if amount else 0.5
    return amount - half, amount + half


def between(low: float, high: float) -> tuple[float, float]:
    """Where the share must be whose interval is printed so: its middle, on the scale of logits."""
    ends = [alike(x) for x in (low, high)]
    with np.errstate(divide="ignore"):
        least, most = (sum(np.log(e[side] / (1.0 - e[side])) for e in ends) / 2 for side in (0, 1))
    return float(1 / (1 + np.exp(-least))), float(1 / (1 + np.exp(-most)))


def rounded(column: pl.Expr, digits: int = _DIGITS) -> pl.Expr:
    """Amounts, counts and standard errors: so many significant digits."""
    return column.round_sig_figs(digits)


def shares(column: pl.Expr) -> pl.Expr:
    """:func:`rounded_share` of a column; null stays null."""
    return column.map_batches(
        lambda s: pl.Series(rounded_share(s.to_numpy()), nan_to_null=True),
        return_dtype=pl.Float64,
    )
