"""The pass over the microdata as small dense products, block of rows by block of rows.

Rows are put in the order of their PSU (or of their stratum, where each is its own PSU); a block is
a run of rows of one PSU (one stratum). With D the (L, rows) membership of the block, D @ V gives
the sums of all measures over all levels at once, at the speed of matrix products and in the memory
of one block. Same sums as :func:`analysis.variance.ratio.ratio_totals`, to rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.design import Floats, Integers, SampleDesign

ROWS = 4096  # of a block at most
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
    values: Floats, base: Floats, centre: Floats, codes: tuple[Integers, ...], size: int,
    design: SampleDesign,
) -> BlockSums:  # fmt: skip
    """One pass over n respondents.

    values : (n, K) 0 outside the base ; base : (n, K) 0/1 ; centre : (K,)
    codes : for each domain (n,) level 0..size-1, or -1
    """
    component = design.components[0]
    element = len(component.group) == len(component.unit)
    run = component.group[component.unit] if element else component.unit
    order = np.argsort(run, kind="stable")
    k = values.shape[1]
    cube = (len(component.size), size, k)
    by_group = [np.zeros(cube) for _ in range(5)]
    seen = np.zeros(cube)
    counts = [np.zeros((size, k)) for _ in range(4)]
    unit_sums: Floats | None = None
    for rows, group, last in _blocks(order, run, component.group, element):
        columns = _columns(design.weights[rows, None], values[rows], base[rows], centre, element)
        sums = np.split(_member(codes, rows, size) @ np.hstack(columns), len(columns), axis=1)
        for total, part in zip(counts, sums[2:6], strict=True):
            total += part
        if element:
            for target, part in zip(by_group, (*sums[:2], sums[6], sums[7], sums[5]), strict=True):
                target[group] += part
            seen[group] += sums[2]
            continue
        unit = np.stack(sums[:3]) if unit_sums is None else unit_sums + np.stack(sums[:3])
        unit_sums = None if last else unit
        if last:
            y, xs, held = unit
            for target, part in zip(by_group, (y, xs, y * y, y * xs, xs * xs), strict=True):
                target[group] += part
            seen[group] += held > 0
    n, yes, squares, kish2 = counts
    y_h, x_h, yy, yx, xx = by_group
    psus, strata = seen.sum(axis=0), (seen > 0).sum(axis=0)
    return BlockSums(y_h, x_h, yy, yx, xx, psus, strata, n, yes, squares, kish2)


def _columns(
    w: Floats, values: Floats, base: Floats, centre: Floats, element: bool
) -> list[Floats]:
    """What is summed over the rows of a block: w z, w x, x, counted, w z^2, w^2 x (and squares)."""
    x = base * (w > 0)
    z = (values - centre) * x
    columns = [
        w * z,
        w * x,
        x,
        np.not_equal(values * x, 0).astype(np.float64),
        w * z * z,
        w * w * x,
    ]
    return [*columns, (w * z) ** 2, w * w * z] if element else columns


def _blocks(
    order: Integers, run: Integers, group_of: Integers, element: bool
) -> Iterator[tuple[Integers, int, bool]]:
    """Rows of each block, its group, and whether it is the last of its run."""
    ordered = run[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ends = np.r_[starts[1:], len(order)]
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        code = int(ordered[start])
        group = code if element else int(group_of[code])
        for at in range(start, end, ROWS):
            yield order[at : min(at + ROWS, end)], group, at + ROWS >= end


def _member(codes: tuple[Integers, ...], rows: Integers, size: int) -> Floats:
    """(L, rows) 1 where the row belongs to the level."""
    member = np.zeros((size + 1, len(rows)))  # the last line takes those in no level
    here = np.arange(len(rows))
    for code in codes:
        member[code[rows], here] = 1.0
    return member[:size]
