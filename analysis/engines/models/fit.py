"""A model fitted where the rows are: the fit of :mod:`analysis.estimators.fitted` by iterated sums.

A pass of counts, one for the basis, one a step, and one for the covariance of the scores (two
groupings where there are PSUs). docs/methods/regression.md has the method, docs/scale.md the cost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import narwhals as nw
import numpy as np
from scipy import linalg

from analysis.design import Floats
from analysis.engines import scores
from analysis.engines.frames import Lazy
from analysis.engines.models.base import Base
from analysis.engines.models.columns import matrix
from analysis.engines.models.links import constant_start, starting
from analysis.engines.models.newton import (
    RESPONSE,
    Fit,
    orthogonal,
    orthonormal,
    scored,
    start,
    steps,
)
from analysis.engines.ownrows import WEIGHT
from analysis.engines.sample import HeldSample
from analysis.estimators import glm
from analysis.estimators.fitted import check_response, degrees_left, replicate_fit
from analysis.estimators.formula import Formula
from analysis.estimators.modelmatrix import Coding
from analysis.estimators.options import Freedom
from analysis.variance import replicate_covariance

_PATTERNS = 20_000  # different rows of a model that are brought here to look for separation


@dataclass(frozen=True, slots=True)
class HeldFit:
    """A fitted model; everything margins need.

    z : the rows of the base, with the columns z0, z1, … in which it was fitted
    change : (k, k) x change = z ; gamma : (k,) coefficients of z ; inverse : (k, k) A^-1
    covariance : (k, k) of the coefficients of x ; df : of the design (or domain) - (k - 1)
    replicated : (R, k) coefficients of x with each replicate weight, or None
    """

    sample: HeldSample
    base: Base
    coding: Coding
    model: glm.Model
    z: Lazy
    change: Floats
    gamma: Floats
    inverse: Floats
    covariance: Floats
    df: int
    replicated: Floats | None

    @property
    def formula(self) -> Formula:
        """With ``C()`` around each column of categories."""
        return self.base.formula

    @property
    def beta(self) -> Floats:
        """(k,) coefficients of x."""
        return np.asarray(self.change @ self.gamma, dtype=np.float64)

    @property
    def n(self) -> int:
        """Respondents in the base."""
        return self.base.who.n

    @property
    def n_weighted(self) -> float:
        """The sum of their weights."""
        return self.base.who.n_weighted

    @property
    def way(self) -> str:
        """How variances are made."""
        return self.sample.way

    def total_covariance(self, rows: Lazy, names: list[str]) -> Floats:
        """(C, C) covariance of the totals of columns of weighted scores."""
        sample = self.sample
        return scores.covariance(rows, names, bool(sample.cluster), bool(sample.keys),
                                 sample.strata)  # fmt: skip


def fit(sample: HeldSample, base: Base, model: glm.Model, freedom: Freedom) -> HeldFit:
    """Check, fit; raises as :func:`analysis.estimators.fitted.fit`."""
    coding = Coding.of(base.formula, base.levels)
    k = coding.width
    df = degrees_left(k, base.who.own, sample.df, base.who.psus, freedom)
    check_response(base.formula, model, base.response)
    x = matrix(coding, base.cells)
    change = orthonormal(base.rows, x, coding.names)
    z = orthogonal(base.rows, x, change)
    gamma = _maximum(base, coding, model, z)
    (last,) = steps(z, k, model, [Fit(WEIGHT, gamma)])
    move = last.taken()
    if move is None:
        raise glm.unsettled()
    made = HeldFit(sample, base, coding, model, z, change, gamma + move, linalg.inv(last.a),
                   np.empty(0), df, None)  # fmt: skip
    if sample.replication is not None:
        again = _replicated(made) @ change.T
        spread = replicate_covariance(again, made.beta, sample)
        return replace(made, covariance=spread, replicated=again)
    return replace(made, covariance=_sandwich(made))


def _maximum(base: Base, coding: Coding, model: glm.Model, z: Lazy) -> Floats:
    """(k,) coefficients by Fisher scoring; refuses separation, and a fit without maximum."""
    k, seen = coding.width, base.response
    constant = constant_start(model, seen.mean)
    eta = starting(model, nw.col(RESPONSE), base.mean) if constant is None else constant
    gamma = start(z, k, model, eta)
    if gamma is not None and (model.family, model.link.name) == ("gaussian", "identity"):
        return gamma
    looked = False
    for _ in range(2 * glm.STEPS):
        if gamma is None:
            break
        (step,) = steps(z, k, model, [Fit(WEIGHT, gamma)])
        if not step.far < glm.FAR and not looked:
            _look(base, coding, model)
            looked = True
        move = step.taken()
        gamma = None if move is None else gamma + move
        if gamma is not None and move is not None and _settled(move, gamma):
            return gamma
    if not looked:
        _look(base, coding, model)
    raise glm.unsettled()


def _settled(move: Floats, gamma: Floats) -> bool:
    return bool(np.abs(move).max() <= glm.ENOUGH * (1 + np.abs(gamma).max()))


def _look(base: Base, coding: Coding, model: glm.Model) -> None:
    """Refuse separation, where the rows of the model are few enough to be looked through."""
    if glm.separable(model):
        found = base.patterns(coding, _PATTERNS)
        if found is not None:
            glm.check_separation(*found, model, coding.names)


def _sandwich(made: HeldFit) -> Floats:
    """(k, k) covariance of the coefficients from that of the totals of the scores w u z."""
    k = len(made.gamma)
    rows = scored(made.z, k, made.model, Fit(WEIGHT, made.gamma))
    rows = rows.with_columns(**{f"c{j}": nw.col("p") * nw.col(f"z{j}") for j in range(k)})
    meat = made.total_covariance(rows, [f"c{j}" for j in range(k)])
    bread = made.change @ made.inverse
    return np.asarray(bread @ meat @ bread.T, dtype=np.float64)


def _replicated(made: HeldFit) -> Floats:
    """(R, k) coefficients of z with each replicate weight, from those of the full sample."""
    size, k = len(made.sample.columns), len(made.gamma)
    found: list[Floats | None] = [made.gamma] * size
    moving = list(range(size))
    for _ in range(glm.STEPS):
        fits = [Fit(f"r{r}", _there(found[r])) for r in moving]
        still = []
        for r, step in zip(moving, steps(made.z, k, made.model, fits), strict=True):
            move, before = step.taken(), _there(found[r])
            found[r] = None if move is None else before + move
            if move is not None and not _settled(move, before + move):
                still.append(r)
        moving = still
        if not moving:
            break
    for r in moving:
        found[r] = None
    return np.stack([replicate_fit(r, gamma, made.gamma) for r, gamma in enumerate(found)])


def _there(gamma: Floats | None) -> Floats:
    assert gamma is not None
    return gamma
