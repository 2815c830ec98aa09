"""Differences between domain levels, trends and tests of independence, where the rows are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from analysis.engines.frames import complete, known
from analysis.engines.gridcells import CellKind, Filled, domain_degrees, filled, grid
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
from analysis.estimators.measures import Cells, Kind, check_kind, wanted
from analysis.estimators.options import Freedom, Options
from analysis.estimators.results import HypothesisTest
from analysis.estimators.trend import Slopes, level_rows, line_of, method_text
from analysis.estimators.trend import finished as trends


def contrast(
    sample: HeldSample, variable: Names, by: Names, pairs: Pairs, within: Names | None, where: Any,
    kind: Kind, denominator: str | None, category: str | Sequence[str] | None,
    adjust: Adjustment | None, o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Differences between pairs of levels; as :func:`analysis.estimators.contrast.contrast`."""
    check_kind(kind, denominator, category)
    cells = grid(sample, sample.inside(where), listed(by), listed(within))
    pair = checked(cells, pairs)
    frames = []
    for f in _measured(sample, variable, where, kind, denominator, category, cells):
        df = np.full(len(pair[0]), float(sample.df)) if o.df == "design" else f.pair_degrees(pair)
        frames.append(difference_rows(f.m, cells, f.e, f.n, pair, df, o))
    return finished(pl.concat(frames), adjust, f"difference of {kind}s; {sample.way}; df={o.df}")


def trend(
    sample: HeldSample, variable: Names, by: str, breaks: Sequence[object], slopes: Slopes,
    at: Mapping[Any, float] | None, within: Names | None, where: Any, kind: Kind,
    denominator: str | None, category: str | Sequence[str] | None, adjust: Adjustment | None,
    o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Linear trend across waves; as :func:`analysis.estimators.trend.trend`."""
    check_kind(kind, denominator, category)
    cells = grid(sample, sample.inside(where), listed(by), listed(within))
    line = line_of(cells, by, breaks, slopes, at)
    size, frames = len(line.x), []
    for f in _measured(sample, variable, where, kind, denominator, category, cells):
        df = np.full(max(cells.within.height, 1), sample.df)
        if o.df == "domain":
            rows = f.rows.filter(complete(f.rows, by))
            df = domain_degrees(sample, rows, f.terms, f.m, cells.within)
        for level in range(cells.size // size):
            own = slice(level * size, (level + 1) * size)
            e = Estimated(f.e.point[own], f.e.covariance[own, own], f.e.df)
            frames.append(level_rows(f.m, cells, line, level, (e, int(df[level])), o))
    return trends(pl.concat(frames), adjust, method_text(slopes, kind, sample.way, o))


def _measured(
    sample: HeldSample, variable: Names, where: Any, kind: Kind, denominator: str | None,
    category: str | Sequence[str] | None, cells: Cells,
) -> Iterator[Filled]:  # fmt: skip
    """Each measure of a call in all cells."""
    rows, names = sample.inside(where), (cells.within.columns, cells.by.columns)
    for name in measured(variable):
        terms = sample.terms()
        there = {m.category: m for m in sample.measures(kind, name, denominator, terms)}
        for c in wanted(name, list(there), category):
            yield filled(sample, rows, terms, there[c], cells, names, kind)


def association(
    sample: HeldSample, a: str, b: str, where: Any, statistic: Statistic, df: Freedom
) -> HypothesisTest:
    """Independence of two columns; as :func:`analysis.estimators.association.association`."""
    check(a, b, statistic, df)
    known(sample.rows, [a, b], "estimate")
    rows = sample.inside(where)
    rows = rows.filter(sample.counts, complete(rows, a), complete(rows, b))
    terms = sample.terms()
    m = terms.numeric("", nw.lit(1.0), None, 0.0)
    cells = grid(sample, rows, [b], [a])
    sizes = (cells.within.height, cells.by.height)
    reason = one_level(((a, sizes[0]), (b, sizes[1])), a, b)
    e, n = Estimated(np.zeros(0), np.zeros((0, 0)), 0), np.zeros(0, dtype=np.int64)
    freedom = sample.df
    if cells.size:
        kind: CellKind = "share" if statistic in ("F", "Chisq") else "count"
        found = filled(sample, rows, terms, m, cells, ([a], [b]), kind)
        e, n = found.e, found.n
        if df == "domain":
            freedom = int(domain_degrees(sample, rows, terms, m, pl.DataFrame())[0])
    reason = reason or ("" if freedom > 0 else "no degrees of freedom are left")
    table = Table(np.zeros(0, dtype=np.int64), *sizes, int(n.sum()), freedom, reason)
    blank = untested(a, b, table, statistic, f"{sample.way}; df={df}")
    if reason:
        return blank
    if statistic in ("F", "Chisq"):
        return rao_scott(e, table, statistic, blank)
    return wald(e, table, statistic, blank)
