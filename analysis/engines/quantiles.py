"""Exact weighted quantiles where the rows are: which small bin holds each, then only its values.

The extremes, then the weight of some thousand bins by level, then the distinct values of the bins
that hold a quantile (and of their neighbours): together the distribution function as
:mod:`analysis.estimators.cdf` inverts it, but for bins that no quantile is in. Bins are even in
sign(v) log(1 + |v|): a few very large values do not gather all others in one bin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from analysis.design import Floats, Integers
from analysis.engines.describing import facts_of, spread
from analysis.engines.estimates import mean_estimates
from analysis.engines.frames import Lazy, known, labelled, levels, number, run
from analysis.engines.measures import numeric_columns
from analysis.engines.passes import level_labels, level_sums
from analysis.engines.sample import HeldSample
from analysis.errors import refuse
from analysis.estimators.cdf import POINTS, REACHED, Rule, Runs
from analysis.estimators.cells import Groups, Names, listed, measured, once
from analysis.estimators.intervals import student
from analysis.estimators.options import Options
from analysis.estimators.quantile import (
    Way,
    check_conventions,
    checked_shares,
    method,
    quantile_columns,
    quantile_rows,
)
from analysis.estimators.ratio import RatioEstimates

_BINS, _CELLS, _FEW = 1 << 16, 1 << 20, 1 << 8  # of a variable; of all its levels; of a level


def quantile(
    sample: HeldSample, variables: Names, shares: float | Sequence[float], by: Names | None,
    where: Any, way: Way, rule: Rule, o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Weighted quantiles; as :func:`analysis.estimators.quantile.quantile`."""
    p, names = checked_shares(shares), once(listed(by), "by")
    check_conventions(way, rule, by)
    if way != "woodruff":
        raise sample.absent('ci="replication" of quantiles')
    wanted = numeric_columns(sample.rows, measured(variables))
    known(sample.rows, names, "estimate")
    rows = sample.inside(where)
    labels = level_labels(rows, [names])[0] if names else pl.DataFrame()
    if names and not labels.height:
        raise refuse("estimate: where", "nobody is in the domain", "somebody",
                     "widen the condition")  # fmt: skip
    parts = [held_columns(sample, rows, name, labels, p, rule, o) for name in wanted]
    domains = Groups(tuple(names), labels, np.zeros(0, dtype=np.int64))
    return quantile_rows(parts, wanted, p, domains, method(sample.way, way, rule, o))


def held_columns(
    sample: HeldSample, rows: Lazy, name: str, labels: pl.DataFrame, p: Floats, rule: Rule,
    o: Options,
) -> dict[str, Floats]:  # fmt: skip
    """The columns (L, P) of one variable, with Woodruff's interval."""
    binned = Binned.of(rows, name, sample.weight, labels)
    size = max(labels.height, 1)
    point = binned.inverse(np.broadcast_to(p, (size, len(p))), rule)
    below = _below(sample, rows, name, labels, point, o)
    ends = binned.inverse(np.hstack([below.low, below.high]), rule)
    low, high = np.hsplit(ends, 2)
    se = (high - low) / (2 * student(below.df, o.level))
    return quantile_columns(point, se, (low, high), below, p)


def _below(
    sample: HeldSample, rows: Lazy, name: str, labels: pl.DataFrame, point: Floats, o: Options
) -> RatioEstimates:
    """The (L, P) shares F(q) of each level at or below its quantiles."""
    terms, v = sample.terms(), number(name)
    measures = [
        terms.share(name, str(k), v.is_finite() & (v <= _of_level(labels, q)), v.is_finite())
        for k, q in enumerate(point.T)
    ]
    (found,) = level_sums(rows, sample.keys, sample.cluster, sample.strata, terms,
                          [labels.columns], sample.progress)  # fmt: skip
    varied = spread(sample, rows, terms, found, measures, "proportion")
    facts = facts_of(sample, rows, terms, found, measures, o)
    return mean_estimates(found, measures, varied, facts, o)


def _of_level(labels: pl.DataFrame, numbers: Floats) -> nw.Expr:
    """The number of a row's own level, as an expression."""
    if not labels.width:
        return nw.lit(float(numbers[0]))
    chosen: nw.Expr = nw.lit(None, dtype=nw.Float64)
    for values, q in zip(labels.rows(), numbers, strict=True):
        if np.isfinite(q):
            here = (nw.col(c) == v for c, v in zip(labels.columns, values, strict=True))
            chosen = nw.when(reduce(and_, here)).then(nw.lit(float(q))).otherwise(chosen)
    return chosen


@dataclass(frozen=True, slots=True)
class Binned:
    """The weight of L levels in bins of a variable.

    rows : those with a value and a weight ; value, place : the value, and its bin
    level, bin, weight, most : (T,) bins that hold somebody, by level and bin; the weight there, and
    the largest of one respondent
    """

    rows: Lazy
    labels: pl.DataFrame
    value: nw.Expr
    weight_of: nw.Expr
    place: nw.Expr
    level: Integers
    bin: Integers
    weight: Floats
    most: Floats

    @classmethod
    def of(cls, rows: Lazy, name: str, weight: str, labels: pl.DataFrame) -> Binned:
        """Two scans: the extremes, then the weights."""
        v, w = number(name), number(weight)
        rows = rows.filter(v.is_finite(), w > 0)
        (ends,) = run([rows.select(v.min().alias("low"), v.max().alias("high"))])
        low, high = (float(end or 0.0) for end in ends.row(0))
        first, last = (float(np.sign(x) * np.log1p(abs(x))) for x in (low, high))
        bins = min(_BINS, max(_FEW, _CELLS // max(labels.height, 1)))
        step = bins / (last - first) if last > first else 0.0
        even = (v.abs() + 1.0).log()
        even = nw.when(v < 0).then(-even).otherwise(even)
        place = ((even - first) * step).floor().cast(nw.Int64)
        plan = _grouped(rows, labels, {"bin": place}, w)
        table = labelled(run([plan])[0], labels).sort("level", "bin")
        level, bin_ = (table[c].cast(pl.Int64).to_numpy() for c in ("level", "bin"))
        weights = (table[c].to_numpy() for c in ("weight", "most"))
        return cls(rows, labels, v, w, place, level, bin_, *weights)

    def inverse(self, p: Floats, rule: Rule) -> Floats:
        """(L, P) quantiles at the shares p (L, P), from one scan of the bins that they are in."""
        wanted = {level: self._near(level, p[level], rule) for level in range(len(p))}
        union = sorted({int(b) for bins in wanted.values() for b in bins})
        if not union:
            return np.full(p.shape, np.nan)
        inside = self.rows.filter(self.place.is_in(union))
        plan = _grouped(inside, self.labels, {"bin": self.place, "value": self.value},
                        self.weight_of)  # fmt: skip
        table = labelled(run([plan])[0], self.labels)
        found = np.full(p.shape, np.nan)
        for level, bins in wanted.items():
            runs = self._joined(table.filter(level=level), level, bins)
            if len(runs.value):
                found[level] = runs.inverse(p[level], rule)
        return found

    def _near(self, level: int, p: Floats, rule: Rule) -> Integers:
        """The bins of a level that its quantiles are in, and their neighbours that hold anybody.

        Some rules count the last respondent more than once or not at all; who that is, the last
        bin says. The points of a bin are between its ends by all of them.
        """
        bins: Integers = self.bin[self.level == level]
        weight = self.weight[self.level == level]
        if not len(bins):
            return bins
        cumulated = np.cumsum(weight)
        more = POINTS[rule][1] * self.most[self.level == level][-1] if rule in POINTS else 0.0
        low, high = sorted((cumulated[-1], cumulated[-1] + more))
        share = np.nan_to_num(p)
        first = np.searchsorted(cumulated, share * low - REACHED * cumulated[-1]) - 1
        last = np.searchsorted(cumulated, share * high - REACHED * cumulated[-1]) + 1
        near = [np.arange(a, b + 1) for a, b in zip(first, last, strict=True)]
        if rule in POINTS:
            near.append(np.array([len(bins) - 1]))
        found: Integers = np.unique(bins[np.clip(np.concatenate(near), 0, len(bins) - 1)])
        return found

    def _joined(self, table: pl.DataFrame, level: int, bins: Integers) -> Runs:
        """Values in order: each of the bins looked into, one run for any other."""
        own = self.level == level
        other = own & ~np.isin(self.bin, bins)
        nothing = np.full(int(other.sum()), np.nan)
        most = self.most[other]
        rest = pl.DataFrame({"bin": self.bin[other], "value": nothing, "weight": self.weight[other],
                             "least": most, "most": most})  # fmt: skip
        seen = table.filter(pl.col("bin").is_in(bins.tolist())).select(
            pl.col("bin").cast(pl.Int64), pl.col(rest.columns[1:]).cast(pl.Float64)
        )
        both = pl.concat([rest, seen]).sort("bin", "value")
        return Runs(*(both[c].to_numpy() for c in rest.columns[1:]))


def _grouped(rows: Lazy, labels: pl.DataFrame, more: dict[str, nw.Expr], weight: nw.Expr) -> Lazy:
    """The weights by level and by what else; the names of columns are our own."""
    rows, given = levels(rows, (), labels.columns)
    keys = [*given.values(), *(e.alias(k) for k, e in more.items())]
    sums = {"weight": weight.sum(), "least": weight.min(), "most": weight.max()}
    return rows.group_by(*keys).agg(*(value.alias(name) for name, value in sums.items()))
