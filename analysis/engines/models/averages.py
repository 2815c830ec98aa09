"""Average marginal effects and adjusted means where the rows are: sums of a fitted model.

The averages and their gradients are sums over the base, one pass; where the covariates are sampled
too, the variance is that of the total of a score of each row, one pass more.
:mod:`analysis.estimators.margins` has the formulas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np

from analysis.design import Floats
from analysis.engines.frames import SUMS, Lazy, gathered, one
from analysis.engines.models.columns import derivative, matrix
from analysis.engines.models.fit import HeldFit
from analysis.engines.models.links import predicted
from analysis.engines.models.newton import Fit, combined, scored
from analysis.engines.ownrows import WEIGHT
from analysis.estimators.margins import Quantity, Sampled
from analysis.variance import replicate_covariance


@dataclass(frozen=True, slots=True)
class _Values:
    """A quantity of each row and its gradient (k,); what must be finite for it, and who says so."""

    rows: Lazy
    value: nw.Expr
    gradient: list[nw.Expr]
    finite: list[tuple[nw.Expr, Quantity]]


def averages(
    fitted: HeldFit, quantities: Sequence[Quantity], covariates: Sampled
) -> tuple[Floats, Floats]:
    """(C,) weighted means of quantities, and their (C, C) covariance."""
    k, w, rows = len(fitted.gamma), nw.col(WEIGHT), fitted.z
    wanted: dict[str, nw.Expr] = {}
    asked: dict[str, Quantity] = {}
    values = []
    for c, q in enumerate(quantities):
        v = _valued(rows, fitted, q, fitted.beta, f"_{c}")
        rows = v.rows
        values.append(v.value)
        wanted[f"m{c}"] = (w * v.value).sum()
        wanted |= {f"g{c}_{j}": (w * g).sum() for j, g in enumerate(v.gradient)}
        for i, (number, owner) in enumerate(v.finite):
            wanted[f"n{c}_{i}"] = (1.0 - one(number.is_finite())).sum()
            asked[f"n{c}_{i}"] = owner
    (found,) = gathered([(rows, wanted)])
    for name, q in asked.items():
        if found[name]:
            raise q.undefined()
    size = range(len(quantities))
    made = np.array([found[f"m{c}"] for c in size]) / fitted.n_weighted
    jacobian = np.array([[found[f"g{c}_{j}"] for j in range(k)] for c in size])
    jacobian /= fitted.n_weighted
    if covariates == "fixed":
        return made, jacobian @ fitted.covariance @ jacobian.T
    if fitted.replicated is not None:
        return made, replicate_covariance(_replicated(fitted, quantities), made, fitted.sample)
    return made, _sampled(fitted, rows, values, made, jacobian)


def _sampled(
    fitted: HeldFit, rows: Lazy, values: Sequence[nw.Expr], made: Floats, jacobian: Floats
) -> Floats:
    """(C, C) covariance of the totals of w [(m - mean) / sum w + J A^-1 u z]."""
    k = len(fitted.gamma)
    influence = jacobian @ fitted.change @ fitted.inverse
    z = [nw.col(f"z{j}") for j in range(k)]
    rows = scored(rows, k, fitted.model, Fit(WEIGHT, fitted.gamma))
    names = [f"c{c}" for c in range(len(values))]
    apart = {
        name: nw.col(WEIGHT) * (value - float(mean)) / fitted.n_weighted
        + nw.col("p") * combined(z, along)
        for name, value, mean, along in zip(names, values, made, influence, strict=True)
    }
    return fitted.total_covariance(rows.with_columns(**apart), names)


def _replicated(fitted: HeldFit, quantities: Sequence[Quantity]) -> Floats:
    """(R, C) means with the weights and the coefficients of each replicate."""
    assert fitted.replicated is not None
    size = len(quantities)
    together = max(1, SUMS // (size + 1))
    parts = []
    for first in range(0, len(fitted.replicated), together):
        rows, wanted = fitted.z, {}
        for r, beta in enumerate(fitted.replicated[first : first + together], start=first):
            w = nw.col(f"r{r}")
            wanted[f"w{r}"] = w.sum()
            for c, q in enumerate(quantities):
                v = _valued(rows, fitted, q, beta, f"_{r}_{c}")
                rows = v.rows
                wanted[f"m{r}_{c}"] = (w * v.value).sum()
        parts.append((rows, wanted))
    found = {name: value for part in gathered(parts) for name, value in part.items()}
    return np.array([[found[f"m{r}_{c}"] / found[f"w{r}"] for c in range(size)]
                     for r in range(len(fitted.replicated))])  # fmt: skip


def _valued(rows: Lazy, fitted: HeldFit, q: Quantity, beta: Floats, name: str) -> _Values:
    """The quantity of each row, with coefficients beta."""
    if q.slope:
        return _slope(rows, fitted, q, beta, name)
    above = _prediction(rows, fitted, q, q.held, beta, f"e{name}")
    if q.below is None:
        return above
    below = _prediction(above.rows, fitted, q, q.below, beta, f"d{name}")
    gradient = [a - b for a, b in zip(above.gradient, below.gradient, strict=True)]
    return _Values(below.rows, above.value - below.value, gradient,
                   [*above.finite, *below.finite])  # fmt: skip


def _prediction(
    rows: Lazy, fitted: HeldFit, q: Quantity, held: Mapping[str, float | int], beta: Floats,
    name: str,
) -> _Values:  # fmt: skip
    x = matrix(fitted.coding, fitted.base.cells.holding(held))
    rows = rows.with_columns(**{name: combined(x, beta)})
    rows, p = predicted(rows, fitted.model.link.name, name)
    return _Values(rows, p.mean, [p.slope * v for v in x], [(nw.col(name), q)])


def _slope(rows: Lazy, fitted: HeldFit, q: Quantity, beta: Floats, name: str) -> _Values:
    """Slopes mu'(x beta) (dx beta)."""
    cells = fitted.base.cells.holding(q.held)
    x, moved = matrix(fitted.coding, cells), derivative(fitted.coding, cells, q.slope)
    eta, rate = nw.col(f"e{name}"), nw.col(f"d{name}")
    rows = rows.with_columns(**{f"e{name}": combined(x, beta), f"d{name}": combined(moved, beta)})
    rows, p = predicted(rows, fitted.model.link.name, f"e{name}")
    gradient = [p.curvature * rate * v + p.slope * m for v, m in zip(x, moved, strict=True)]
    return _Values(rows, p.slope * rate, gradient, [(eta, Quantity(q.held)), (rate, q)])
