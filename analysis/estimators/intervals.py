"""Confidence intervals of means and proportions. All arguments are arrays of one shape."""

from __future__ import annotations

import numpy as np
import scipy
from scipy.special import expit

from analysis.design import Floats, Integers
from analysis.estimators.options import Interval

LEVEL = 0.95


def wald(
    estimate: Floats, se: Floats, df: Floats | Integers | int, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Estimate ± t(df) se."""
    reach = student(df, level) * se
    return estimate - reach, estimate + reach


def logit(
    p: Floats, se: Floats, df: Floats | Integers | int, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Wald on the log-odds, carried back: within (0, 1), asymmetric near its ends.

    As R ``svyciprop(method = "logit")``. NaN at p = 0 and 1: see :func:`korn_graubard`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(p / (1 - p))
        reach = student(df, level) * se / (p * (1 - p))
        return expit(centre - reach), expit(centre + reach)


def arcsine(
    p: Floats, se: Floats, df: Floats | Integers | int, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Wald on arcsin(sqrt(p)), carried back; ends are cut at 0 and 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.arcsin(np.sqrt(p))
        reach = student(df, level) * se / (2 * np.sqrt(p * (1 - p)))
    low, high = np.maximum(centre - reach, 0.0), np.minimum(centre + reach, np.pi / 2)
    return np.sin(low) ** 2, np.sin(high) ** 2


def wilson(
    p: Floats, n_eff: Floats, df: Floats | Integers | int, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Wilson's score interval on ``n_eff`` respondents, with t(df) for the normal quantile."""
    z2 = student(df, level) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (p + z2 / (2 * n_eff)) / (1 + z2 / n_eff)
        reach = np.sqrt(z2 * (p * (1 - p) / n_eff + z2 / (4 * n_eff**2))) / (1 + z2 / n_eff)
    return centre - reach, centre + reach


def korn_graubard(p: Floats, n_eff: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Clopper-Pearson on ``n_eff`` respondents of whom ``p n_eff`` say yes.

    Korn and Graubard (1998), Survey Methodology 24(2). Where the variance is 0 the caller
    gives Kish's (sum w)^2 / sum w^2, since no design effect can be estimated.
    """
    x = p * n_eff
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):  # n_eff is infinite where the variance is 0
        low = np.where(p <= 0, 0.0, scipy.stats.beta.ppf(tail, x, n_eff - x + 1))
        high = np.where(p >= 1, 1.0, scipy.stats.beta.ppf(1 - tail, x + 1, n_eff - x))
    return low, high


def proportion_interval(
    kind: Interval, p: Floats, se: Floats, df: Floats | Integers | int, n: Floats, level: float
) -> tuple[Floats, Floats]:
    """The named interval where 0 < p < 1 and se > 0; n is the number of respondents of each cell.

    Korn and Graubard's effective n is p (1 - p) / V times (t(n - 1) / t(df))^2; Wilson's is
    p (1 - p) / V.
    """
    if kind == "wald":
        return wald(p, se, df, level)
    if kind in ("logit", "xlogit"):
        return logit(p, se, df, level)
    if kind == "asin":
        return arcsine(p, se, df, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        n_eff = p * (1 - p) / se**2
    if kind == "wilson":
        return wilson(p, n_eff, df, level)
    return korn_graubard(p, reduced(n_eff, n, df, level), level)


def reduced(n_eff: Floats, n: Floats, df: Floats | Integers | int, level: float) -> Floats:
    """Korn and Graubard's effective n for few degrees of freedom: times (t(n - 1) / t(df))^2."""
    return n_eff * (student(np.maximum(n - 1, 1), level) / student(df, level)) ** 2


def student(df: Floats | Integers | int, level: float) -> Floats:
    """Quantile of Student's t; NaN without degrees of freedom."""
    different, place = np.unique(np.asarray(df, np.float64), return_inverse=True)  # often one
    usable = np.where(different > 0, different, np.nan)
    return np.asarray(scipy.stats.t.ppf((1 + level) / 2, usable), dtype=np.float64)[place]
