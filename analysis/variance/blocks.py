"""The pass over the microdata as small sparse products, block of rows by block of rows.

Rows are taken in the order of their PSU (or of their stratum, where each is its own PSU), as many
at a time as a cache holds. A run is the rows of one PSU (one stratum); a cell is a run and a level.
With D the (cells, rows) membership of the block, its ones times w^p, D @ V gives the sums of w^p v
of all measures in all cells at once. Same sums as :func:`analysis.variance.ratio.ratio_totals`, to
rounding. Sparse, though dense products are as fast on an idle machine: on a busy one the threads of
a dense product wait for each other at every block, and the pass took ten times longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import add, itemgetter

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analysis.design import Floats, Integers, SampleDesign
from analysis.design.arrays import Flags

NUMBERS = 80_000  # answers of a block: what a cache holds
ROWS = 512  # of a block at least: with fewer, adding the blocks up would cost more than they do
FEW = 8  # respondents a PSU, below which blocks would be too small to pay
CELLS = 20_000_000  # groups x levels x measures held at once at most


@dataclass(frozen=True, slots=True)
class BlockSums:
    """Sums over L levels by K measures, by group of the first stage (G).

    y, x, yy, yx, xx : (G, L, K), see :mod:`analysis.variance.ratio`
    psus, strata, n, yes : (L, K) counts ; squares, kish2 : (L, K) sums of w z^2 and of w^2
    """

    y: Floats
    x: Floats
    yy: Floats
    yx: Floats
    xx: Floats
    psus: Floats
    strata: Floats
    n: Floats
    yes: Floats
    squares: Floats
    kish2: Floats


def suits(design: SampleDesign, n_levels: int, n_measures: int) -> bool:
    """Whether a design is one stage without replicates, with PSUs large enough."""
    if design.replication is not None or len(design.components) != 1:
        return False
    component = design.components[0]
    n, units, groups = len(design.weights), len(component.group), len(component.size)
    large = units == n or n >= FEW * units
    return component.share is None and large and groups * n_levels * n_measures <= CELLS


def block_sums(
    values: Floats, base: Floats | Flags, centre: Floats, codes: tuple[Integers, ...], size: int,
    design: SampleDesign,
) -> BlockSums:  # fmt: skip
    """One pass over n respondents.

    values : (n, K) 0 outside the base ; base : (n, K) 0/1 ; centre : (K,)
    codes : for each domain (n,) level 0..size-1, or -1
    """
    component, k = design.components[0], values.shape[1]
    element = len(component.group) == len(component.unit)
    run = component.group[component.unit] if element else component.unit
    level = np.stack(codes, axis=1, dtype=np.int32, casting="same_kind")
    level[level < 0] = size
    rows = _Rows(values, base, centre, level, size, design.weights, element)
    by_group = np.zeros((len(component.size), 6, size, k))
    counts = np.zeros((4, size, k))
    for code, pieces in groupby(_pieces(rows, run), key=itemgetter(0)):
        y, x, *counted = reduce(add, (part for _, part in pieces))
        counts += counted[:4]
        if element:
            group, squares = code, (*counted[4:], counted[3], counted[0])
        else:  # the totals of the PSU are squared, not the answers
            group, squares = int(component.group[code]), (y * y, y * x, x * x, x > 0)
        by_group[group] += np.stack((y, x, *squares))
    y, x, yy, yx, xx, seen = by_group.transpose(1, 0, 2, 3)
    n, yes, around, kish2 = counts
    psus, strata = seen.sum(axis=0), (seen > 0).sum(axis=0)
    return BlockSums(y, x, yy, yx, xx, psus, strata, n, yes, around, kish2)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The arguments of the pass; level : (n, domains), L for none."""

    values: Floats
    base: Floats | Flags
    centre: Floats
    level: npt.NDArray[np.int32]
    size: int
    weights: Floats
    element: bool

    def sums(self, rows: Integers, place: Integers) -> Floats:
        """(runs, C, L, K) sums over some rows; place : (rows,) the run of each, from 0.

        C : w z, w x, x, counted, w z^2, w^2 x; for elements (w z)^2 and w^2 z too.
        """
        w, values = self.weights[rows], np.take(self.values, rows, axis=0)
        counted = np.logical_and(np.take(self.base, rows, axis=0), (w > 0)[:, None])
        yes = np.logical_and(values, counted).astype(np.float64)
        x = counted.astype(np.float64)
        z = (values - self.centre) * x
        one, first, second = self._members(rows, place, w)
        made = [first @ z, first @ x, one @ x, one @ yes, first @ (z * z), second @ x]
        if self.element:
            made += [second @ (z * z), second @ z]
        shape = (len(made), -1, self.size + 1, values.shape[1])
        return np.stack(made).reshape(shape)[:, :, :-1].transpose(1, 0, 2, 3)

    def _members(self, rows: Integers, place: Integers, w: Floats) -> list[sparse.csc_array]:
        """(cells, rows) 1, w and w^2 of each row in its cells; a run's last cell is no level."""
        cells = self.size + 1
        cell = self.level[rows] + place.astype(np.int32)[:, None] * np.int32(cells)
        ends = np.arange(0, cell.size + 1, cell.shape[1], dtype=np.int32)
        shape = ((int(place[-1]) + 1) * cells, len(rows))
        powers = (np.repeat(p, cell.shape[1]) for p in (np.ones_like(w), w, w * w))
        return [sparse.csc_array((p, cell.ravel(), ends), shape=shape) for p in powers]


def _pieces(rows: _Rows, run: Integers) -> Iterator[tuple[int, Floats]]:
    """Code of a run, and its sums (C, L, K): of the whole run, or of parts one after another."""
    order = np.argsort(run.astype(np.min_scalar_type(int(run.max()))), kind="stable")
    cells = 1 + rows.size * len(np.unique(run)) // len(run)  # a row: many where runs are short
    step = max(ROWS, NUMBERS // (rows.values.shape[1] * cells))
    for start in range(0, len(run), step):
        here = order[start : start + step]
        new = np.r_[True, np.diff(run[here]) != 0]
        sums = rows.sums(here, np.cumsum(new) - 1)
        yield from zip(run[here[new]].tolist(), sums, strict=True)
