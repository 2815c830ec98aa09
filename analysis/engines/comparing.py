"""Differences between domain levels, and tests of independence, where the rows are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import narwhals as nw
import numpy as np
import polars as pl

from analysis.design import Floats, Integers
from analysis.engines.cells import CellSums, cell_covariance, cell_sums
from analysis.engines.estimates import alike
from analysis.engines.frames import Lazy, complete, known
from analysis.engines.passes import Measure, Terms, level_labels
from analysis.engines.replicates import replicated
from analysis.engines.sample import HeldSample
from analysis.estimators.adjust import Adjustment
from analysis.estimators.association import (
    Statistic,
    Table,
    check,
    one_level,
    rao_scott,
    untested,
    wald,
)
from analysis.estimators.cells import Names, listed, measured
from analysis.estimators.contrast import Pairs, checked, difference_rows, finished
from analysis.estimators.functional import Estimated
from analysis.estimators.measures import Cells, Kind, check_apart, check_kind, wanted
from analysis.estimators.options import Freedom, Options
from analysis.estimators.results import HypothesisTest

_Cell = Kind | Literal["share", "count"]  # of a table: each cell counts, however few its PSUs
_RATIOS = ("mean", "proportion", "ratio")


def contrast(
    sample: HeldSample, variable: Names, by: Names, pairs: Pairs, within: Names | None, where: Any,
    kind: Kind, denominator: str | None, category: str | Sequence[str] | None,
    adjust: Adjustment | None, o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Differences between pairs of levels; as :func:`analysis.estimators.contrast.contrast`."""
    if o.df == "domain":
        raise sample.absent('contrast with df="domain"')
    check_kind(kind, denominator, category)
    rows = sample.inside(where)
    grid = _grid(sample, rows, listed(by), listed(within))
    pair = checked(grid, pairs)
    freedom = np.full(len(pair[0]), float(sample.df))
    frames = []
    for name in measured(variable):
        terms = sample.terms()
        there = {m.category: m for m in sample.measures(kind, name, denominator, terms)}
        for m in (there[c] for c in wanted(name, list(there), category)):
            e, n = _cells(sample, rows, terms, m, grid, (listed(within), listed(by)), kind)
            frames.append(difference_rows(m, grid, e, n, pair, freedom, o))
    return finished(pl.concat(frames), adjust, f"difference of {kind}s; {sample.way}; df={o.df}")


def association(
    sample: HeldSample, a: str, b: str, where: Any, statistic: Statistic, df: Freedom
) -> HypothesisTest:
    """Independence of two columns; as :func:`analysis.estimators.association.association`."""
    check(a, b, statistic, df)
    if df == "domain":
        raise sample.absent('association with df="domain"')
    known(sample.rows, [a, b], "estimate")
    rows = sample.inside(where)
    rows = rows.filter(sample.counts, complete(rows, a), complete(rows, b))
    terms = sample.terms()
    m = terms.numeric("", nw.lit(1.0), None, 0.0)
    grid = _grid(sample, rows, [b], [a])
    sizes = (grid.within.height, grid.by.height)
    reason = one_level(((a, sizes[0]), (b, sizes[1])), a, b)
    e, n = Estimated(np.zeros(0), np.zeros((0, 0)), 0), np.zeros(0, dtype=np.int64)
    if grid.size:
        kind: _Cell = "share" if statistic in ("F", "Chisq") else "count"
        e, n = _cells(sample, rows, terms, m, grid, ([a], [b]), kind)
    reason = reason or ("" if sample.df > 0 else "no degrees of freedom are left")
    table = Table(np.zeros(0, dtype=np.int64), *sizes, int(n.sum()), sample.df, reason)
    blank = untested(a, b, table, statistic, f"{sample.way}; df={df}")
    if reason:
        return blank
    if statistic in ("F", "Chisq"):
        return rao_scott(e, table, statistic, blank)
    return wald(e, table, statistic, blank)


def _grid(sample: HeldSample, rows: Lazy, by: list[str], within: list[str]) -> Cells:
    """The levels of ``by`` in each of ``within``, as :func:`analysis.estimators.measures.cells`."""
    check_apart(by, within)
    known(sample.rows, [*by, *within], "estimate")
    groupings = [names for names in (by, within) if names]
    labels = level_labels(rows, groupings)
    return Cells(labels[0], labels[1] if within else pl.DataFrame(), np.zeros(0, dtype=np.int64))


def _cells(
    sample: HeldSample, rows: Lazy, terms: Terms, m: Measure, grid: Cells,
    names: tuple[list[str], list[str]], kind: _Cell,
) -> tuple[Estimated, Integers]:  # fmt: skip
    """The measure in each cell of the grid with the covariance of all, and respondents by cell."""
    by = [*names[0], *names[1]]
    sums = cell_sums(rows, sample.keys, sample.cluster, sample.strata, terms, m, by)
    found = sums.found
    point, covariance = _estimated(sample, rows, terms, sums, m, kind)
    table = kind in ("share", "count")
    if not table:
        few = found.levels(found.of([m], "psus"))[:, 0] < 2
        covariance[few, :] = covariance[:, few] = np.nan
    place = _places(found.labels, grid)
    whole = np.full(grid.size, np.nan if kind in _RATIOS else 0.0)
    whole[place] = point + m.centre
    spread = np.full((grid.size, grid.size), 0.0 if table else np.nan)
    spread[np.ix_(place, place)] = covariance
    counts = np.zeros(grid.size, dtype=np.int64)
    counts[place] = found.levels(found.of([m], "n"))[:, 0]
    return Estimated(whole, spread, sample.df), counts


def _estimated(
    sample: HeldSample, rows: Lazy, terms: Terms, sums: CellSums, m: Measure, kind: _Cell
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
    apart = (estimates - point) * np.sqrt(sample.replication.rscales)[:, None]
    return point, sample.replication.scale * apart.T @ apart


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
