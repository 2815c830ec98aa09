"""How far published figures are rounded where answers are confidential.

**Where small figures are hidden**: a share to two digits of it or of its complement, between a
tenth of a point and a point: 1.1 %, 36 %, 98.6 %. Digits beyond these say nothing to a reader whose
margin is ten points, and much to one who wants to know how a single respondent answered.

**Where counts are rounded to a base** instead: each count to the nearest multiple of it, halves up,
by a rule that everybody knows; a share to a step no finer than what a base is of its respondents.
The step is of 1, 2 or 5 times a power of ten, and follows from the *printed* number of respondents,
so that it tells nothing more of them. docs/decisions/0015 says why so.
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
    ends = np.array([alike(x) for x in (low, high)])
    with np.errstate(divide="ignore"):  # an end that is printed as 0 % or 100 % says nothing
        least, most = np.log(ends / (1.0 - ends)).sum(axis=0) / 2
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


# ------------------------------------------------------------------------- counts rounded to a base
_LADDER = (1.0, 2.0, 5.0)
_WHOLE_STEP = 1.0  # a share so rounded is 0 or 1, and says nothing
_FUZZ = 1e-9  # of a step: 12.5 % to the bit or not is no matter of processors
_OPEN = 1e-4  # of a step: halves are rounded up, so that the upper end of a range is not in it


def rounded_count(count: int, base: int) -> int:
    """The nearest multiple of the base, halves up."""
    return (2 * count + base) // (2 * base) * base


def rounded_counts(column: pl.Expr, base: int) -> pl.Expr:
    """:func:`rounded_count` of a column of whole numbers; null stays null."""
    return (column.cast(pl.Int64) * 2 + base) // (2 * base) * base


def counts_alike(printed: int, base: int) -> tuple[int, int]:
    """The least and the greatest count that are printed so."""
    return max(printed - base // 2, 0), printed + (base - 1) // 2


def nice(least: float) -> float:
    """The first of …, 0.01, 0.02, 0.05, 0.1, … that is no smaller."""
    power = 10.0 ** np.floor(np.log10(least) + _FUZZ)
    steps = (float(f"{k * power:.6g}") for k in (*_LADDER, 10.0))
    return next(s for s in steps if s >= least * (1 - _FUZZ))


def base_step(respondents: int, base: int) -> float:
    """The step of a share of so many respondents, as printed; 1 where it would say nothing."""
    fewest = counts_alike(respondents, base)[0]
    if fewest < 2 * base:
        return _WHOLE_STEP
    return max(nice(base / fewest), FINEST)


def coarse_step(share: float, respondents: int, base: int) -> float:
    """The coarser of two digits and what a rounded count reveals."""
    return max(float(share_step(np.array([share]))[0]), base_step(respondents, base))


def to_step(value: float, step: float, side: int = 0) -> float:
    """The nearest multiple of the step (halves up), or the next below (-1) or above (1)."""
    ratio = value / step
    if side:
        whole = np.ceil(ratio - _FUZZ) if side > 0 else np.floor(ratio + _FUZZ)
    else:
        whole = np.floor(ratio + 0.5 + _FUZZ)
    return float(f"{whole * step:.9g}") + 0.0


def coarse_alike(printed: float, respondents: int, base: int) -> tuple[float, float]:
    """The shares that are printed as this one is, for so many respondents as printed."""
    fine = base_step(respondents, base)
    if fine >= COARSEST:
        return _around(printed, fine, 0.0, 1.0)
    rarer = 10.0**-1  # from there on two digits are the coarser
    parts = [(fine, 0.0, rarer), (COARSEST, rarer, 1.0 - rarer), (fine, 1.0 - rarer, 1.0)]
    ranges = [_around(printed, *p) for p in parts if _is_multiple(printed, p[0])]
    some = [(low, high) for low, high in ranges if low <= high]
    return min(low for low, _ in some), max(high for _, high in some)


def _is_multiple(printed: float, step: float) -> bool:
    return bool(abs(printed / step - np.round(printed / step)) < _OPEN)


def _around(printed: float, step: float, least: float, most: float) -> tuple[float, float]:
    low, high = printed - step / 2, printed + step * (0.5 - _OPEN)
    return max(low, least), min(high, most)


def amount_step(amount: float, respondents: int, base: int) -> float:
    """The step of an amount: two digits, or the part of it that a base is of its respondents."""
    digits = 10.0 ** (np.floor(np.log10(abs(amount)) + _FUZZ) - (_DIGITS - 1)) if amount else 1.0
    share = base_step(respondents, base)
    return max(float(digits), nice(abs(amount) * share) if amount else 0.0)


def amount_alike(printed: float, respondents: int, base: int) -> tuple[float, float]:
    """The amounts that are printed so, as far as they have its step."""
    half = amount_step(printed, respondents, base) / 2
    return printed - half, printed + half * (1 - 2 * _OPEN)
