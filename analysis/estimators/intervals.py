"""Confidence intervals of means and proportions. All arguments are arrays of one shape."""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.special import expit

from analysis.design import Floats

LEVEL = 0.95


def wald(estimate: Floats, se: Floats, df: int) -> tuple[Floats, Floats]:
    """Estimate ± t(df) se."""
    reach = stats.t.ppf((1 + LEVEL) / 2, df) * se
    return estimate - reach, estimate + reach


def logit(p: Floats, se: Floats, df: int) -> tuple[Floats, Floats]:
    """Wald on the log-odds, carried back: within (0, 1), asymmetric near its ends.

    As R ``svyciprop(method = "logit")``. NaN at p = 0 and 1: see :func:`korn_graubard`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(p / (1 - p))
        reach = stats.t.ppf((1 + LEVEL) / 2, df) * se / (p * (1 - p))
        return expit(centre - reach), expit(centre + reach)


def korn_graubard(p: Floats, n_eff: Floats) -> tuple[Floats, Floats]:
    """Clopper-Pearson on ``n_eff`` respondents of whom ``p n_eff`` say yes.

    Used where p is 0 or 1 and the linearized variance says nothing. Korn and Graubard
    (1998), Survey Methodology 24(2); n_eff is then Kish's (sum w)^2 / sum w^2, since the
    design effect of a constant cannot be estimated.
    """
    x = p * n_eff
    tail = (1 - LEVEL) / 2
    low = np.where(p <= 0, 0.0, stats.beta.ppf(tail, x, n_eff - x + 1))
    high = np.where(p >= 1, 1.0, stats.beta.ppf(1 - tail, x + 1, n_eff - x))
    return low, high
