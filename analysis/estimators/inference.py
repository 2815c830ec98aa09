"""What tests share: degrees of freedom, t and Wald statistics, and the words for the variance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt
import scipy

from analysis.design import Floats, SampleDesign
from analysis.errors import nearest, refuse
from analysis.estimators.options import Freedom

Flags = npt.NDArray[np.bool_]
_SINGULAR = 1e-10  # smallest eigenvalue over largest, of a covariance scaled to correlations


@dataclass(frozen=True, slots=True)
class Wald:
    """W = c' V^-1 c of k contrasts; ``reason`` says why it could not be made, else ""."""

    statistic: float
    k: int
    reason: str = ""


def wald_statistic(contrasts: Floats, covariance: Floats, df: int) -> Wald:
    """The quadratic form of contrasts (k,) in the inverse of their covariance (k, k).

    Refused by reason where V has no inverse: a contrast without sampling variance, fewer degrees
    of freedom than contrasts. Koch, Freeman and Freeman (1975), International Statistical
    Review 43(1).
    """
    k = len(contrasts)
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if not np.isfinite(covariance).all():
        return Wald(np.nan, k, "a cell rests on one PSU, or on none in some replicate")
    if (spread <= 0).any():
        return Wald(np.nan, k, "a contrast has no sampling variance")
    if df < k:
        return Wald(np.nan, k, f"{k} contrasts and {df} degrees of freedom of the design")
    scaled = covariance / np.outer(spread, spread)
    values = np.linalg.eigvalsh(scaled)
    if values[0] <= _SINGULAR * values[-1]:
        return Wald(np.nan, k, "the covariance of the contrasts has no inverse")
    z = contrasts / spread
    return Wald(float(z @ np.linalg.solve(scaled, z)), k)


def freedom(design: SampleDesign, inside: Flags, kind: Freedom) -> int:
    """Degrees of freedom: PSUs - strata (or rank of the replicates - 1).

    inside : (n,) True for those in the base; "domain" counts only the PSUs and strata with
    somebody there, "design" counts all.
    """
    if kind == "design":
        return design.df
    if design.replication is not None:
        return _rank(design.replication.weights[inside]) - 1
    psus = np.unique(design.psu[inside])
    return int(len(psus) - len(np.unique(design.psu_stratum[psus])))


def psus_inside(design: SampleDesign, inside: Flags) -> int:
    """PSUs with somebody in the base."""
    return len(np.unique(design.psu[inside]))


def two_sided(statistic: Floats, df: Floats) -> Floats:
    """Two-sided p-values of t statistics; NaN without degrees of freedom."""
    usable = np.where(np.asarray(df) > 0, df, np.nan)
    return np.asarray(2 * scipy.stats.t.sf(np.abs(statistic), usable), dtype=np.float64)


def no_variance(se: Floats, *sizes: Floats) -> Flags:
    """True where a standard error is 0 but for rounding, beside the sizes of what it is of."""
    scale = np.max(np.abs(np.stack(sizes)), axis=0)
    return np.asarray(se <= 1e-12 * scale, dtype=np.bool_)


def chosen(where: str, value: object, kinds: object) -> None:
    """Refuse a ``value`` that is not one of the Literal ``kinds``, with the nearest that is."""
    known = [str(k) for k in get_args(kinds)]
    if value not in get_args(kinds):
        raise refuse(where, f'"{value}" is not known', nearest(str(value), known),
                     "name one of them")  # fmt: skip


def _rank(weights: Floats) -> int:
    norms = np.linalg.norm(weights, axis=0)
    scaled = weights[:, norms > 0] / norms[norms > 0]
    return int(np.linalg.matrix_rank(scaled.T @ scaled, hermitian=True)) if scaled.size else 0
