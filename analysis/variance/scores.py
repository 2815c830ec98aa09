"""Covariance of estimates from their linearized scores, or from replicate estimates.

An estimate whose linearized variable is z (its influence function on the sample) has the
variance of the estimated total of z. Deville (1999), Survey Methodology 25(2).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from analysis.design import Component, Floats, Integers, SampleDesign


def covariance(scores: Floats, design: SampleDesign) -> Floats:
    """(C, C) covariance of the totals of *weighted* scores w z, (n, C), by linearization."""
    total = np.zeros((scores.shape[1], scores.shape[1]))
    for component in design.components:
        total += _component_covariance(scores, component)
    return total


def replicate_covariance(replicated: Floats, full: Floats, design: SampleDesign) -> Floats:
    """(C, C) covariance from R replicate estimates (R, C) around the full-sample ones (C,)."""
    assert design.replication is not None
    apart = (replicated - full) * np.sqrt(design.replication.rscales)[:, None]
    return np.asarray(design.replication.scale * apart.T @ apart, dtype=np.float64)


def _component_covariance(scores: Floats, c: Component) -> Floats:
    units = unit_sums(c.unit, len(c.group), scores)
    n_groups = len(c.size)
    means = unit_sums(c.group, n_groups, units) / c.size[:, None]
    if c.alone.any():
        means[c.alone] = units.mean(axis=0)
    if c.share is not None:  # may be negative: no square root
        apart = units - means[c.group]
        factor = (c.coefficient[c.group] * c.share)[:, None]
        return np.asarray(apart.T @ (apart * factor), dtype=np.float64)
    apart = (units - means[c.group]) * np.sqrt(c.coefficient[c.group])[:, None]
    return np.asarray(apart.T @ apart, dtype=np.float64)


def unit_sums(codes: Integers, size: int, values: Floats) -> Floats:
    """(size, C) sums of the rows of ``values`` (n, C) by code."""
    n = len(codes)
    member = sparse.csr_array((np.ones(n), (codes, np.arange(n))), shape=(size, n))
    return np.asarray(member @ values, dtype=np.float64)
