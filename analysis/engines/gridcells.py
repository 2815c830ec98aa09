"""A measure in each cell of a grid of domain levels, with what a comparison of cells takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from analysis.design import Floats, Integers
from analysis.engines.cells import CellSums, cell_covariance, cell_sums
from analysis.engines.estimates import alike
from analysis.engines.frames import Lazy, known, number, run
from analysis.engines.passes import Measure, Terms, level_labels, read, totals_plan
from analysis.engines.replicates import products, rank_of, ranks, replicated
from analysis.engines.sample import HeldSample
from analysis.estimators.functional import Estimated
from analysis.estimators.measures import Cells, Kind, check_apart
from analysis.variance import replicate_covariance

CellKind = Kind | Literal["share", "count"]  # of a table: each cell counts, however few its PSUs
_OWN = "degrees of freedom"
_TABLE = ("share", "count")
_RATIOS = ("mean", "proportion", "ratio")


@dataclass(frozen=True, slots=True)
class Filled:
    """The cells of a grid, and the L levels that were found among them.

    rows, terms, m, by : what was summed ; e : estimates of all cells ; n : (C,) in the base
    sums : of the levels found ; place : (L,) the cell that each is
    """

    sample: HeldSample
    rows: Lazy
    terms: Terms
    m: Measure
    e: Estimated
    n: Integers
    sums: CellSums
    place: Integers

    def pair_degrees(self, pair: tuple[Integers, Integers]) -> Floats:
        """(Q,) degrees of freedom of those in the base of either of two cells."""
        if self.sample.replication is None:
            return self._by_psus(pair).astype(np.float64)
        weights = [number(c) for c in self.sample.columns]
        inside = self.rows.filter(self.terms.rows[self.m.roles["n"]] > 0)
        grams = np.zeros((len(self.n), len(weights), len(weights)))
        grams[self.place] = products(inside, weights, self.sums.found.labels)
        return np.array([rank_of(grams[a] + grams[b]) - 1.0 for a, b in zip(*pair, strict=True)])

    def _by_psus(self, pair: tuple[Integers, Integers]) -> Integers:
        """A cell with nobody has no PSU: the level after the last stands for it."""
        size = self.sums.found.size
        level = np.full(len(self.n), size)
        level[self.place] = np.arange(size)
        a, b = (level[side] for side in pair)
        return self.sums.degrees(self.m, (a, b))


def grid(sample: HeldSample, rows: Lazy, by: list[str], within: list[str]) -> Cells:
    """The levels of ``by`` in each of ``within``, as :func:`analysis.estimators.measures.cells`."""
    check_apart(by, within)
    known(sample.rows, [*by, *within], "estimate")
    groupings = [names for names in (by, within) if names]
    labels = level_labels(rows, groupings)
    return Cells(labels[0], labels[1] if within else pl.DataFrame(), np.zeros(0, dtype=np.int64))


def filled(
    sample: HeldSample, rows: Lazy, terms: Terms, m: Measure, grid: Cells,
    names: tuple[Sequence[str], Sequence[str]], kind: CellKind,
) -> Filled:  # fmt: skip
    """The measure in each cell of the grid with the covariance of all, and respondents by cell.

    names : the columns of ``within``, and of ``by``
    """
    by = [*names[0], *names[1]]
    sums = cell_sums(rows, sample.keys, sample.cluster, sample.strata, terms, m, by)
    found = sums.found
    point, covariance = level_estimates(sample, rows, terms, sums, m, kind)
    place = _places(found.labels, grid)
    whole = np.full(grid.size, np.nan if kind in _RATIOS else 0.0)
    whole[place] = point
    spread = np.full((grid.size, grid.size), 0.0 if kind in _TABLE else np.nan)
    spread[np.ix_(place, place)] = covariance
    counts = np.zeros(grid.size, dtype=np.int64)
    counts[place] = found.levels(found.of([m], "n"))[:, 0]
    e = Estimated(whole, spread, sample.df)
    return Filled(sample, rows, terms, m, e, counts, sums, place)


def domain_degrees(
    sample: HeldSample, rows: Lazy, terms: Terms, m: Measure, labels: pl.DataFrame
) -> Integers:
    """(L,) degrees of freedom of those in the base of each level, as "domain" has them.

    labels : (L,) the levels, by the columns they are of; none: everybody
    """
    inside, by = rows.filter(terms.rows[m.roles["n"]] > 0), labels.columns
    if sample.replication is not None:
        return ranks(inside, [number(c) for c in sample.columns], labels) - 1
    (table,) = run([totals_plan(inside, sample.keys, sample.cluster, terms, by)])
    if not table.height:
        return np.zeros(max(labels.height, 1), dtype=np.int64)
    found = read(table, len(sample.keys), by, sample.strata)
    psus = found.of([m], "psus")
    own = (found.levels(psus) - found.levels((psus > 0).astype(np.float64)))[:, 0]
    if not labels.width:
        return own.astype(np.int64)
    made = found.labels.with_columns(pl.Series(_OWN, own))
    both = labels.join(made, on=by, how="left", maintain_order="left")
    return both[_OWN].fill_null(0).cast(pl.Int64).to_numpy()


def level_estimates(
    sample: HeldSample, rows: Lazy, terms: Terms, sums: CellSums, m: Measure, kind: CellKind
) -> tuple[Floats, Floats]:
    """(L,) estimates and their (L, L) covariance, NaN for those on fewer than two PSUs."""
    point, covariance = _estimated(sample, rows, terms, sums, m, kind)
    if kind not in _TABLE:
        few = sums.found.levels(sums.found.of([m], "psus"))[:, 0] < 2
        covariance[few, :] = covariance[:, few] = np.nan
    return point + m.centre, covariance


def _estimated(
    sample: HeldSample, rows: Lazy, terms: Terms, sums: CellSums, m: Measure, kind: CellKind
) -> tuple[Floats, Floats]:
    """(L,) estimates and their (L, L) covariance: from the sums, or the spread of replicates."""
    found, ratio = sums.found, kind in _RATIOS
    y, x = (found.levels(found.of([m], role))[:, 0] for role in ("y", "x"))
    with np.errstate(divide="ignore", invalid="ignore"):
        point = y / x if ratio else y / y.sum() if kind == "share" else y
    if sample.replication is None:
        left = sample.residuals(rows, terms, [m], found.labels) if sample.steps else None
        covariance = cell_covariance(sums, m, sample.strata, ratio, left)
        if ratio:
            same = alike(found, [m], y[:, None], x[:, None])[:, 0]
            covariance[same, :] = covariance[:, same] = 0.0
        if kind == "share":
            slope = (np.eye(len(y)) - point[:, None]) / y.sum()
            covariance = slope @ covariance @ slope.T
        return point, covariance
    estimates = replicated(rows, sample.columns, [m], found.labels, ratio)[:, :, 0]
    if kind == "share":
        estimates = estimates / estimates.sum(axis=1, keepdims=True)
    return point, replicate_covariance(estimates, point, sample)


def _places(labels: pl.DataFrame, grid: Cells) -> Integers:
    """(L,) the cell of the grid that each level found is."""
    inner = grid.by.with_row_index("b ")
    placed = labels.join(inner, on=grid.by.columns, how="left", maintain_order="left")
    if not grid.within.width:
        return placed["b "].cast(pl.Int64).to_numpy()
    outer = grid.within.with_row_index("w ")
    placed = placed.join(outer, on=grid.within.columns, how="left", maintain_order="left")
    cell = pl.col("w ").cast(pl.Int64) * grid.by.height + pl.col("b ").cast(pl.Int64)
    return placed.select(cell).to_series().to_numpy()
