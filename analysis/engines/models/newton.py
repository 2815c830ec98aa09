"""Weighted generalized linear models by iterated sums: a query a step, of the rows where they are.

A step needs U = sum w u z, k numbers, and A = sum w v z z', k (k + 1) / 2 of them, with u and v of
:func:`analysis.estimators.glm.scores`. The columns z are made orthonormal first, as in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import narwhals as nw
import numpy as np
from scipy import linalg

from analysis.design import Floats, Integers
from analysis.design.arrays import Flags
from analysis.engines.frames import SUMS, Lazy, gathered, one
from analysis.engines.models.links import predicted, working
from analysis.engines.ownrows import WEIGHT
from analysis.engines.scores import symmetric
from analysis.errors import BaroError
from analysis.estimators import glm
from analysis.estimators.fitted import check_defined

RESPONSE = "y"  # how the rows of a model call it
_RESOLVED = 1e-5  # of a column, what products of columns tell apart from rounding
_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Step:
    """What a pass brings back: U (k,), A (k, k), and the largest |eta|."""

    u: Floats
    a: Floats
    far: float

    def taken(self) -> Floats | None:
        """(k,) A^-1 U; None where it is not known, or A has no inverse."""
        if not (np.isfinite(self.u).all() and np.isfinite(self.a).all()):
            return None
        try:
            return np.asarray(linalg.cho_solve(linalg.cho_factor(self.a), self.u))
        except linalg.LinAlgError:
            return None


@dataclass(frozen=True, slots=True)
class Fit:
    """One fit of several to the same rows: the column of its weights, its coefficients (k,)."""

    weight: str
    gamma: Floats


def combined(columns: Sequence[nw.Expr], by: Floats) -> nw.Expr:
    """The combination of columns with the coefficients (k,), those that are 0 left out."""
    parts = [c * float(b) for c, b in zip(columns, by, strict=True) if b]
    return reduce(add, parts) if parts else nw.lit(0.0)


def orthonormal(rows: Lazy, x: Sequence[nw.Expr], names: tuple[str, ...]) -> Floats:
    """(k, k) T such that the columns of x T are orthonormal with weights w / sum w.

    From the products of the columns, by pivoted Cholesky factors (LAPACK's pstrf). Products lose
    twice the digits that columns do: what they leave of a column is summed anew, row by row, until
    it is told apart from the others or from 0. Raises as :func:`analysis.estimators.glm.basis`.
    """
    k = len(x)
    gram, undefined, weight = _products(rows, x, np.eye(k))
    check_defined(undefined, names)
    norms = np.sqrt(np.diag(gram))
    lengths = np.where(norms > 0, norms, 1.0)  # columns are compared once brought to one
    found = _factored(gram / np.outer(lengths, lengths), 0)
    change, order, left = found.change / lengths[:, None], found.order, found.left
    for _ in range(_ROUNDS):
        if (left[found.rank :] <= glm.RANK).all():
            break
        found = _factored(_products(rows, x, change)[0], found.rank)
        change, order, left = change @ found.change, order[found.order], found.left
    tied = (left <= glm.RANK) | (np.arange(k) >= found.rank)
    if tied.any():
        raise _tied(change * lengths[:, None], order, tied, names)
    return np.asarray(change * np.sqrt(weight), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Factored:
    """Columns in the order of pivots: ``rank`` made orthonormal, the others less these.

    change : (k, k) of the columns ; left : (k,) length of each before it was brought to 1
    """

    change: Floats
    order: Integers
    left: Floats
    rank: int


def _factored(gram: Floats, before: int) -> _Factored:
    """The pivoted factor of products, those of the ``before`` first columns taken first."""
    k = len(gram)
    norms = np.sqrt(np.maximum(np.diag(gram), 0.0))
    length = np.where((np.arange(k) < before) | (before == 0), 1.0, 0.5)
    scale = length / np.where(norms > 0, norms, 1.0)
    factor, pivots, _, _ = linalg.lapack.dpstrf(gram * np.outer(scale, scale), tol=0.0)
    order = np.asarray(pivots, dtype=np.int64) - 1
    r, scale, norms = np.triu(factor), scale[order], norms[order]
    own = np.abs(np.diag(r)) / length[order]
    rank = int((own > _RESOLVED).cumprod().sum())
    kept, rest = order[:rank], order[rank:]
    inverse = linalg.solve_triangular(r[:rank, :rank], np.eye(rank))
    made = np.zeros((k, k))
    made[kept, :rank] = scale[:rank, None] * inverse
    made[kept, rank:] = -scale[:rank, None] * (inverse @ r[:rank, rank:]) / scale[rank:]
    made[rest, np.arange(rank, k)] = 1.0
    left = np.where(np.arange(k) < rank, own * norms, norms)
    return _Factored(made, order, left, rank)


def _tied(scaled: Floats, order: Integers, tied: Flags, names: tuple[str, ...]) -> BaroError:
    """The refusal of columns that others determine, from the combinations that leave nothing."""
    gone, kept = np.flatnonzero(tied), np.flatnonzero(~tied)
    weights = scaled[np.ix_(order[kept], gone)] / scaled[order[gone], gone]
    ordered = [names[int(i)] for i in (*order[kept], *order[gone])]
    return glm.collinear(ordered, len(kept), weights, names)


def _products(rows: Lazy, x: Sequence[nw.Expr], change: Floats) -> tuple[Floats, Integers, float]:
    """(k, k) sums w z z' of z = x ``change``, (k,) rows where z is no number, and sum w."""
    k, w = len(x), nw.col(WEIGHT)
    z = orthogonal(rows, x, change)
    bad = {f"b{j}": (1.0 - one(nw.col(f"z{j}").is_finite())).sum() for j in range(k)}
    (found,) = gathered([(z, {**bad, "w": w.sum(), **_crossed(k, w)})])
    undefined = np.array([found[f"b{j}"] for j in range(k)], dtype=np.int64)
    return _square(found, k), undefined, found["w"]


def orthogonal(rows: Lazy, x: Sequence[nw.Expr], change: Floats) -> Lazy:
    """The rows with columns z0, z1, … = x ``change``."""
    return rows.with_columns(**{f"z{j}": combined(x, c) for j, c in enumerate(change.T)})


def _crossed(k: int, weight: nw.Expr, fit: str = "") -> dict[str, nw.Expr]:
    """The sums of the products of two columns z with a weight, the upper half row by row."""
    return {f"a{i}_{j}{fit}": (weight * nw.col(f"z{i}") * nw.col(f"z{j}")).sum()
            for i in range(k) for j in range(i, k)}  # fmt: skip


def _along(k: int, weight: nw.Expr, fit: str = "") -> dict[str, nw.Expr]:
    return {f"u{j}{fit}": (weight * nw.col(f"z{j}")).sum() for j in range(k)}


def _square(found: Mapping[str, float], k: int, fit: str = "") -> Floats:
    half = [found[f"a{i}_{j}{fit}"] for i in range(k) for j in range(i, k)]
    return symmetric(np.array(half), k)


def start(z: Lazy, k: int, model: glm.Model, eta: nw.Expr | float) -> Floats | None:
    """(k,) the first coefficients, from a linear predictor of each row, or one of all.

    z : rows with WEIGHT, RESPONSE, z0, z1, …
    """
    w = nw.col(WEIGHT)
    if isinstance(eta, nw.Expr):
        rows, made = predicted(z.with_columns(e=eta), model.link.name, "e")
        u, v = working(model, nw.col(RESPONSE), made)
        rows = rows.with_columns(p=w * (u + v * nw.col("e")), q=w * v)
    else:
        rows = z.with_columns(p=w * eta, q=w)
    (found,) = gathered([(rows, {**_along(k, nw.col("p")), **_crossed(k, nw.col("q"))})])
    return _step(found, k, "").taken()


def steps(z: Lazy, k: int, model: glm.Model, fits: Sequence[Fit]) -> list[Step]:
    """What the next step of each fit is made of: a query for as many of them as it can hold."""
    together = max(1, SUMS // (k + k * (k + 1) // 2))
    groups = [fits[f : f + together] for f in range(0, len(fits), together)]
    found = gathered([_wanted(z, k, model, group) for group in groups])
    return [
        _step(numbers, k, f"_{f}")
        for numbers, group in zip(found, groups, strict=True)
        for f in range(len(group))
    ]


def _wanted(
    z: Lazy, k: int, model: glm.Model, fits: Sequence[Fit]
) -> tuple[Lazy, dict[str, nw.Expr]]:
    """The rows with what each fit makes of them, and the sums of it."""
    wanted: dict[str, nw.Expr] = {}
    for f, fit in enumerate(fits):
        name = f"_{f}"
        z = scored(z, k, model, fit, name)
        wanted |= _along(k, nw.col(f"p{name}"), name)
        wanted |= _crossed(k, nw.col(f"q{name}"), name)
        wanted[f"far{name}"] = nw.col(f"e{name}").abs().max()
    return z, wanted


def scored(z: Lazy, k: int, model: glm.Model, fit: Fit, name: str = "") -> Lazy:
    """The rows with e = eta, p = w u and q = w v of a fit."""
    columns = [nw.col(f"z{j}") for j in range(k)]
    rows = z.with_columns(**{f"e{name}": combined(columns, fit.gamma)})
    rows, made = predicted(rows, model.link.name, f"e{name}")
    u, v = working(model, nw.col(RESPONSE), made)
    w = nw.col(fit.weight)
    return rows.with_columns(**{f"p{name}": w * u, f"q{name}": w * v})


def _step(found: Mapping[str, float], k: int, fit: str) -> Step:
    u = np.array([found[f"u{j}{fit}"] for j in range(k)])
    return Step(u, _square(found, k, fit), found.get(f"far{fit}", 0.0))
