"""An estimator as a function of weights, with its linearized variable: what variance needs.

Whatever is not a plain ratio or total (quantiles, Gini, regression coefficients, ...) is a
:class:`Functional`. Linearization uses ``scores``, replication recomputes ``point`` with each
replicate weight; both give the covariance of all its cells, so that contrasts come for free.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.design import Floats, SampleDesign
from analysis.variance import covariance, replicate_covariance
from analysis.variance.scores import Scores, weighted


class Functional(Protocol):
    """C estimates from n respondents; domains are inside (weights are never subset)."""

    def point(self, weights: Floats) -> Floats:
        """(C,) estimates with weights (n,)."""
        ...

    def scores(self, weights: Floats, point: Floats) -> Scores:
        """(n, C) linearized variables z: V(estimate) is the variance of the total of w z.

        Sparse or combined where most are 0: see :mod:`analysis.variance.scores`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Estimated:
    """C estimates with their covariance.

    point : (C,) ; covariance : (C, C) ; df : degrees of freedom of the design
    """

    point: Floats
    covariance: Floats
    df: int

    @property
    def se(self) -> Floats:
        """(C,) standard errors."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


def estimate(functional: Functional, design: SampleDesign) -> Estimated:
    """Estimates and covariance of a functional, by the design's own way to variance."""
    point = functional.point(design.weights)
    if design.replication is not None:
        weights = design.replication.weights
        replicated = np.stack([functional.point(weights[:, r]) for r in range(weights.shape[1])])
        return Estimated(point, replicate_covariance(replicated, point, design), design.df)
    scores = functional.scores(design.weights, point)
    return Estimated(point, covariance(weighted(scores, design.weights), design), design.df)
