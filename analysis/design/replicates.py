"""Replicate weights given with the data: what they are, and the scale of each kind.

The variance is V = scale * sum_r rscales_r (t_r - t)^2 around the full-sample estimate t. Scales
by kind, for R replicates: docs/methods/replication.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl

from analysis.design.arrays import Floats, floats
from analysis.errors import Problem, nearest, raise_all, refuse

Replication = Literal["brr", "fay", "jk1", "jkn", "bootstrap", "sdr"]
KINDS: tuple[str, ...] = get_args(Replication)
USUAL_FAY = 0.3


@dataclass(frozen=True, slots=True)
class Replicates:
    """Replicate weights and how their spread becomes a variance.

    weights : (n, R) ; V = scale * sum_r rscales_r (t_r - t)^2, t the full-sample estimate
    kind : "jk1", "jkn", "brr", "fay", "bootstrap", "sdr", for ``method``
    """

    weights: Floats
    scale: float
    rscales: Floats
    kind: str


def default_scale(kind: str, n: int, fay: float) -> float:
    """What multiplies the sum over ``n`` replicates.

    jk1 (n - 1) / n and jkn 1 (Wolter 2007, ch. 4); brr 1 / n (McCarthy 1969); fay
    1 / (n (1 - fay)^2) (Judkins 1990); bootstrap 1 / (n - 1) (Rao, Wu and Yue 1992);
    sdr 4 / n (Fay and Train 1995). Raises for an unknown kind and ``fay`` outside [0, 1).
    """
    known_kind(kind)
    check_fay(fay)
    scales = {"jk1": (n - 1) / n, "jkn": 1.0, "brr": 1 / n, "fay": 1 / (n * (1 - fay) ** 2),
              "bootstrap": 1 / max(n - 1, 1), "sdr": 4 / n}  # fmt: skip
    return scales[kind]


def known_kind(kind: str) -> None:
    """Refuse a kind of replication that is not known."""
    if kind not in KINDS:
        raise refuse("design: replication", f'"{kind}" is not known',
                     nearest(kind, KINDS), 'e.g. replication="jk1"')  # fmt: skip


def check_fay(fay: float) -> None:
    """Refuse a Fay coefficient outside [0, 1)."""
    if not 0 <= fay < 1:
        raise refuse("design: fay", f"{fay:g}", "0 <= fay < 1", "e.g. fay=0.3")


def check_unused_fay(kind: str, fay: float) -> None:
    """Refuse a Fay coefficient that was given (it is not the usual one) and would not be used."""
    if kind != "fay" and fay != USUAL_FAY:
        used = f'replication "{kind}" does not use it' if kind else "no replicate weights for it"
        raise refuse("design: fay", f"fay={fay:g}, and {used}", 'the kind "fay", or no fay',
                     'leave fay out, or name the kind "fay"')  # fmt: skip


def check_replication(
    columns: str | Sequence[str],
    kind: str,
    fpc: str | Sequence[str],
    scale: float | None,
    rscales: Sequence[float] | None,
    replicates: Replicates | None,
    fay: float = USUAL_FAY,
) -> None:
    """Refuse what would not be used: a kind or a fay without its weights, an fpc beside them.

    Refuses replicate weights without their kind as well.
    """
    if not columns:
        if kind or scale is not None or rscales is not None:
            raise refuse("design: replication", "no replicate_weights for it", "their columns",
                         'replicate_weights=["r1", …], or design.replicates("jk1")')  # fmt: skip
        check_unused_fay("", fay)
        return
    if not kind:
        raise refuse("design: replicate_weights", "their kind is not said",
                     ", ".join(KINDS), 'e.g. replication="jk1"')  # fmt: skip
    if replicates is not None:
        raise refuse("design: replicates", "given twice, as columns and as an object", "one",
                     "leave one out")  # fmt: skip
    if fpc:
        raise refuse("design: fpc", "replicate weights do not use it", "an fpc in rscales",
                     "rscales=[…] with (1 - f_h) in each, and no fpc")  # fmt: skip


def given_replicates(
    frame: pl.DataFrame,
    columns: str | Sequence[str],
    kind: str,
    fay: float,
    scale: float | None,
    rscales: Sequence[float] | None,
) -> Replicates:
    """The replicate weights in ``columns`` of ``frame``, complete weights and not factors.

    Raises :class:`BaroError` for unknown, repeated, missing or negative columns, for a "jkn"
    without ``rscales`` (they depend on strata that the weights do not show), and for a ``fay``
    that ``kind`` does not use.
    """
    columns = [columns] if isinstance(columns, str) else list(columns)
    weights = _read(frame, columns)
    return Replicates(weights, *given_scales(len(columns), kind, fay, scale, rscales), kind)


def given_scales(
    n: int, kind: str, fay: float, scale: float | None, rscales: Sequence[float] | None
) -> tuple[float, Floats]:
    """The scale and the (n,) rscales of n replicates: those given, else the usual of the kind.

    Raises as :func:`given_replicates`.
    """
    usual = default_scale(kind, n, fay)
    check_unused_fay(kind, fay)
    if rscales is None:
        if kind == "jkn":
            raise refuse("design: rscales", 'replication="jkn" without rscales',
                         f"{n} numbers, (m_h - 1) / m_h of each replicate's stratum",
                         "rscales=[…]")  # fmt: skip
        rscales = [1.0] * n
    given = np.asarray(rscales, dtype=np.float64)
    _check_scales(given, n, scale)
    return usual if scale is None else float(scale), given


def check_complete(replicates: Replicates, weights: Floats) -> None:
    """Refuse replicate columns that look like factors, to be multiplied by the weight."""
    share = float(np.median(replicates.weights.sum(axis=0)) / weights.sum())
    if not 0.2 < share < 5:
        raise refuse("design: replicate_weights",
                     f"they sum to {share:.3g} times the weights: they look like factors",
                     "replicate weights that sum to about the population",
                     "multiply each by the weight first")  # fmt: skip


def _read(frame: pl.DataFrame, columns: Sequence[str]) -> Floats:
    problems = [
        Problem(f"design: replicate_weights: {c}", "there is no such column",
                nearest(c, frame.columns), "name columns of the frame")
        for c in columns if c not in frame.columns
    ]  # fmt: skip
    if len(set(columns)) < len(columns):
        problems.append(Problem("design: replicate_weights", "a column is named twice",
                                "each once", "check the list"))  # fmt: skip
    if len(columns) < 2:
        problems.append(Problem("design: replicate_weights", f"{len(columns)} column",
                                "two or more", "name all of them"))  # fmt: skip
    raise_all(problems)
    weights = pl.DataFrame({c: floats(frame[c]) for c in columns}).to_numpy(order="c")
    raise_all(_faults(weights, list(columns)))
    return weights


def _faults(weights: Floats, columns: list[str]) -> list[Problem]:
    problems = []
    bad = ~np.isfinite(weights)
    for fault, mask in (("missing or no number", bad), ("negative", ~bad & (weights < 0))):
        for r in np.flatnonzero(mask.any(axis=0)).tolist():
            row = int(np.flatnonzero(mask[:, r])[0]) + 1
            problems.append(Problem(f"design: replicate_weights: {columns[r]}, row {row}",
                                    f"{int(mask[:, r].sum())} weights are {fault}",
                                    "numbers, 0 or more", "correct the weights"))  # fmt: skip
    for r in np.flatnonzero(~(weights != 0).any(axis=0)).tolist():
        problems.append(Problem(f"design: replicate_weights: {columns[r]}", "all are 0",
                                "positive weights", "name another column"))  # fmt: skip
    return problems


def _check_scales(rscales: Floats, n: int, scale: float | None) -> None:
    """Refuse scales that are not one for each of ``n`` replicates, or not positive."""
    if len(rscales) != n or not np.isfinite(rscales).all() or (rscales < 0).any():
        raise refuse("design: rscales", f"{len(rscales)} values, for {n} replicate columns",
                     f"{n} numbers, 0 or more", "one for each replicate")  # fmt: skip
    if scale is not None and not (np.isfinite(scale) and scale > 0):
        raise refuse("design: scale", f"{scale:g}", "a positive number", "scale=None for the usual")


def replicate_rank(weights: Floats) -> int:
    """Rank of replicate weights (n, R), whose rank less one is their degrees of freedom."""
    if not weights.size:
        return 0
    if len(weights) < weights.shape[1]:
        norms = np.linalg.norm(weights, axis=0)
        scaled = weights / np.where(norms > 0, norms, 1.0)
        small = scaled @ scaled.T
    else:  # the columns are brought to one length in their products: no copy of the weights
        gram = weights.T @ weights
        norms = np.sqrt(np.diag(gram))
        scale = np.where(norms > 0, 1 / np.where(norms > 0, norms, 1.0), 0.0)
        small = gram * scale[:, None] * scale
    return int(np.linalg.matrix_rank(small, hermitian=True))
