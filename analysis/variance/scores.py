"""Covariance of estimates from their linearized scores, or from replicate estimates.

An estimate whose linearized variable is z (its influence function on the sample) has the
variance of the estimated total of z. Deville (1999), Survey Methodology 25(2).

Scores of many cells are mostly zeros: n respondents by C cells need not be held whole. They come
as one array, as a sparse one, or as a few sparse columns and what to make of them
(:class:`Combined`); only blocks of units are made dense, around the means of their groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse

from analysis.design import Component, Floats, Integers, Replicates, SampleDesign
from analysis.variance.calibration import credited

Sparse = sparse.csr_array[np.float64]
_BLOCK = 1 << 20  # numbers of a block of units: 8 MB, and a few times that while it is used


@dataclass(frozen=True, slots=True)
class Combined:
    """Scores (n, C) that are ``parts @ mix``, never held whole.

    parts : (n, K), few numbers in a row ; mix : (K, C)
    """

    parts: Sparse
    mix: Floats


Scores = Floats | Sparse | Combined


class Varied(Protocol):
    """A design, for whoever only asks whether a variance is the spread of replicates."""

    @property
    def replication(self) -> Replicates | None:
        """The replicate weights, or None."""
        ...


def in_cells(values: Floats, code: Integers, size: int) -> Sparse:
    """(n, size) each value in the column of its code, 0 in the others; nothing for code -1."""
    inside = code >= 0
    start = np.concatenate([[0], np.cumsum(inside)])
    return sparse.csr_array((values[inside], code[inside], start), shape=(len(code), size))


def weighted(scores: Scores, weights: Floats) -> Scores:
    """The scores w z that :func:`covariance` is of, in the form that z comes in."""
    if isinstance(scores, Combined):
        return Combined(_times(scores.parts, weights), scores.mix)
    return weights[:, None] * scores if isinstance(scores, np.ndarray) else _times(scores, weights)


def covariance(scores: Scores, design: SampleDesign) -> Floats:
    """(C, C) covariance of the totals of *weighted* scores w z, (n, C), by linearization.

    What the design was calibrated on is taken out of them first.
    """
    parts, mix = (scores.parts, scores.mix) if isinstance(scores, Combined) else (scores, None)
    (parts, mix), phases = credited(parts, mix, design)
    width = parts.shape[1] if mix is None else mix.shape[1]
    total = np.zeros((width, width))
    for component in design.components:
        total += _component_covariance(parts, mix, component)
    for factor, (residual, mixed) in phases:
        total += _squares(residual, mixed, factor)
    return total


def replicate_covariance(replicated: Floats, full: Floats, design: Varied) -> Floats:
    """(C, C) covariance from R replicate estimates (R, C) around the full-sample ones (C,)."""
    assert design.replication is not None
    apart = (replicated - full) * np.sqrt(design.replication.rscales)[:, None]
    return np.asarray(design.replication.scale * apart.T @ apart, dtype=np.float64)


def unit_sums(codes: Integers, size: int, values: Floats) -> Floats:
    """(size, C) sums of the rows of ``values`` (n, C) by code."""
    return _dense(_summed(codes, size, values))


def _component_covariance(parts: Floats | Sparse, mix: Floats | None, c: Component) -> Floats:
    units = parts if _own_unit(c) else _summed(c.unit, len(c.group), parts)
    means = _group_means(units, c)
    if mix is None and not isinstance(units, np.ndarray) and _one_a_row(units):
        return _of_apart_cells(units, means, c)
    centre = means if mix is None else means @ mix
    width = centre.shape[1]
    total = np.zeros((width, width))
    for rows in _blocks(len(c.group), width):
        group = c.group[rows]
        apart = _mixed(units[rows], mix) - centre[group]
        if c.share is None:
            apart *= np.sqrt(c.coefficient[group])[:, None]
            total += apart.T @ apart
        else:  # may be negative: no square root
            total += apart.T @ (apart * (c.coefficient[group] * c.share[rows])[:, None])
    return total


def _squares(parts: Floats | Sparse, mix: Floats | None, factor: Floats) -> Floats:
    """(C, C) sums of the products of scores times a factor: a phase of independent draws."""
    width = parts.shape[1] if mix is None else mix.shape[1]
    total = np.zeros((width, width))
    for rows in _blocks(len(factor), width):
        scores = _mixed(parts[rows], mix)
        total += scores.T @ (scores * factor[rows, None])
    return total


def _of_apart_cells(units: Sparse, means: Floats, c: Component) -> Floats:
    """The covariance where no unit has scores in two columns: no product of two scores is left.

    sum_j f_j (e_ja - m_a)(e_jb - m_b) by group, with f the factor of a unit, m the mean that it
    is compared with, F the sum of f and t that of f e, is

        F m_a m_b - m_a t_b - t_a m_b                                 for two columns
        sum over units of the column of f (e - m)^2 + (F - F_a) m^2   for one

    with F_a the sum of f over these units. Nothing is a difference of large squares.
    """
    groups, size = means.shape
    factor = c.coefficient[c.group] * (1.0 if c.share is None else c.share)
    rows = np.flatnonzero(np.diff(units.indptr))
    column, group = units.indices, c.group[rows]
    place = group * size + column
    f, own = factor[rows], means[group, column]

    def by_place(values: Floats) -> Floats:
        sums = np.bincount(place, values, groups * size)
        return np.asarray(sums.reshape(groups, size), dtype=np.float64)

    whole = np.bincount(c.group, factor, groups)[:, None]
    half = means.T @ (whole * means / 2 - by_place(f * units.data))
    inside = np.bincount(column, f * (units.data - own) ** 2, size)
    made = half + half.T
    np.fill_diagonal(made, inside + ((whole - by_place(f)) * means**2).sum(axis=0))
    return np.asarray(made, dtype=np.float64)


def _group_means(units: Floats | Sparse, c: Component) -> Floats:
    """(G, K) what the units of each group are compared with."""
    means = _dense(_summed(c.group, len(c.size), units)) / c.size[:, None]
    if c.alone.any():
        means[c.alone] = units.mean(axis=0)
    return means


def _own_unit(c: Component) -> bool:
    """Whether each respondent is a unit, in the order of the frame."""
    n = len(c.unit)
    return len(c.group) == n and bool((c.unit == np.arange(n)).all())


def _one_a_row(units: Sparse) -> bool:
    return int(np.diff(units.indptr).max(initial=0)) <= 1


def _blocks(size: int, width: int) -> Iterator[slice]:
    step = max(_BLOCK // max(width, 1), 1)
    return (slice(first, first + step) for first in range(0, size, step))


def _dense(values: Floats | Sparse) -> Floats:
    return values if isinstance(values, np.ndarray) else values.toarray()


def _summed(codes: Integers, size: int, values: Floats | Sparse) -> Floats | Sparse:
    """(size, C) sums by code, sparse when the values are."""
    n = len(codes)
    member = sparse.csr_array((np.ones(n), (codes, np.arange(n))), shape=(size, n))
    if isinstance(values, np.ndarray):
        return np.asarray(member @ values, dtype=np.float64)
    return sparse.csr_array(member @ values)


def _mixed(parts: Floats | Sparse, mix: Floats | None) -> Floats:
    return _dense(parts) if mix is None else np.asarray(parts @ mix, dtype=np.float64)


def _times(values: Sparse, weights: Floats) -> Sparse:
    """The rows times their weights; what is zero stays out."""
    data = values.data * np.repeat(weights, np.diff(values.indptr))
    return sparse.csr_array((data, values.indices, values.indptr), shape=values.shape)
