"""The Gini index where the rows are: distinct values, ordered and cumulated by the engine.

The linearized variable of a row depends on its value alone (:mod:`analysis.estimators.inequality`):
it is made for each distinct value of a level by window functions, and joined to the rows. From
there on it is a total like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from analysis.design import Floats
from analysis.engines.describing import spread
from analysis.engines.estimates import degrees, rows_of
from analysis.engines.frames import SUMS, Lazy, known, levels, number, one, run, unused
from analysis.engines.measures import numeric_columns
from analysis.engines.passes import LevelSums, Measure, level_sums, ratio_totals
from analysis.engines.sample import HeldSample
from analysis.errors import refuse
from analysis.estimators.cells import Names, listed, measured, once
from analysis.estimators.intervals import wald
from analysis.estimators.options import Options
from analysis.variance.ratio import total_variance


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a domain.

    rows : of the domain, inside the levels of ``by`` ; values : those with a value and a weight
    """

    sample: HeldSample
    name: str
    rows: Lazy
    values: Lazy
    by: list[str]


def gini(
    sample: HeldSample, variables: Names, by: Names | None, where: Any, o: Options
) -> pl.DataFrame:
    """Gini indices; as :func:`analysis.estimators.inequality.gini`."""
    names, groups = measured(variables), once(listed(by), "by")
    if o.df == "domain" and sample.replication is not None:
        raise sample.absent('df="domain" with replicate weights')
    known(sample.rows, groups, "estimate")
    numeric_columns(sample.rows, names)
    inside = sample.inside(where)
    _refuse_negative(sample, inside, names, groups)
    parts = [_columns(_variable(sample, inside, name, groups), o) for name in names]
    found, measures = parts[0][0], [m for _, m, _ in parts]
    numbers = {c: np.hstack([columns[c] for *_, columns in parts]) for c in parts[0][2]}
    return rows_of(found, measures, numbers, sample.facts, "gini; wald")


def _refuse_negative(sample: HeldSample, rows: Lazy, names: list[str], by: list[str]) -> None:
    kept, _ = levels(rows, (), by)
    below = [one((number(n) < 0) & sample.counts & number(n).is_finite())
             .sum().alias(f"t{k}") for k, n in enumerate(names)]  # fmt: skip
    (table,) = run([kept.select(*below)])
    for name, negative in zip(names, table.row(0), strict=True):
        if negative:
            raise refuse(f"gini: {name}", f"{int(negative)} values are negative",
                         "0 or more: with negative values the index may exceed 1",
                         f'where=nw.col("{name}") >= 0, or set them to 0 first')  # fmt: skip


def _variable(sample: HeldSample, inside: Lazy, name: str, by: list[str]) -> Variable:
    rows, _ = levels(inside, (), by)
    v = number(name)
    return Variable(sample, name, rows, rows.filter(v.is_finite(), sample.counts), by)


def _columns(variable: Variable, o: Options) -> tuple[LevelSums, Measure, dict[str, Floats]]:
    """The columns (L, 1) of one variable."""
    sample, facts = variable.sample, variable.sample.facts
    rows, z = _scored(variable)
    terms = sample.terms()
    m = terms.numeric(variable.name, nw.col(z), None, 0.0)
    (found,) = level_sums(rows, sample.keys, sample.cluster, sample.strata, terms, [variable.by],
                          sample.progress)  # fmt: skip
    totals = ratio_totals(found, [m], sample.strata)
    (point,) = _indices(variable, [sample.weight], found.labels)
    variance = _replicated(variable, point, found.labels)
    if variance is None:
        variance = spread(sample, rows, terms, found, [m], "total")
    if variance is None:
        variance = total_variance(totals)
    point = point[:, None]
    se = np.sqrt(np.maximum(variance, 0.0))
    se = np.where((totals.psus < 2) | np.isnan(point), np.nan, se)
    df = degrees(totals, facts, o)
    low, high = wald(point, se, df, o.level)
    return found, m, {"estimate": point, "se": se, "ci_low": low, "ci_high": high,
                      "deff": np.full(point.shape, np.nan), "df": df.astype(np.float64),
                      "n": found.levels(found.of([m], "n")), "n_weighted": totals.x}  # fmt: skip


def _cumulated(variable: Variable, weights: list[str]) -> tuple[Lazy, list[str]]:
    """A row a level (b0, …) and distinct value (v), with for each weight what its index is of.

    w its weight there, c the sum of w up to v, cv that of w v, n and y those of all the level.
    """
    rows, given = levels(variable.values, (), variable.by)
    sums = [number(w).sum().alias(f"w{r}") for r, w in enumerate(weights)]
    table = rows.group_by(*given.values(), number(variable.name).alias("v")).agg(*sums)
    keys, size = list(given), range(len(weights))
    table = table.with_columns(*((nw.col(f"w{r}") * nw.col("v")).alias(f"wv{r}") for r in size))
    whole = [(f"w{r}", f"c{r}", f"n{r}") for r in size]
    whole += [(f"wv{r}", f"cv{r}", f"y{r}") for r in size]
    made = []
    for column, up_to, of_all in whole:
        made.append(nw.col(column).cum_sum().over(*keys, order_by="v").alias(up_to))
        made.append(nw.col(column).sum().over(*keys).alias(of_all))
    return table.with_columns(*made), keys


def _index(r: int) -> tuple[nw.Expr, nw.Expr]:
    """What sums to sum_ij w_i w_j |y_i - y_j| / 2 + N Y, and N Y."""
    ranks = nw.col(f"c{r}") * 2.0 - nw.col(f"w{r}")
    return ranks * nw.col(f"wv{r}"), nw.col(f"n{r}") * nw.col(f"y{r}")


def _indices(variable: Variable, weights: list[str], labels: pl.DataFrame) -> list[Floats]:
    """For each weight the (L,) indices; NaN where everything is 0, or there is nobody."""
    step = SUMS // 6
    parts = [weights[k : k + step] for k in range(0, len(weights), step)]
    plans = []
    for part in parts:
        table, keys = _cumulated(variable, part)
        named = [(f"top{r}", f"bottom{r}", *_index(r)) for r in range(len(part))]
        sums = [top.sum().alias(a) for a, _, top, _ in named]
        sums += [bottom.max().alias(b) for _, b, _, bottom in named]
        plans.append(table.group_by(*keys).agg(*sums))
    made: list[Floats] = []
    for brought, part in zip(run(plans, variable.sample.progress), parts, strict=True):
        placed = _placed(brought, labels)
        for r in range(len(part)):
            top, bottom = (placed[f"{c}{r}"].cast(pl.Float64).fill_null(0.0).to_numpy()
                           for c in ("top", "bottom"))  # fmt: skip
            with np.errstate(divide="ignore", invalid="ignore"):
                index: Floats = np.where(bottom > 0, top / bottom - 1, np.nan)
            made.append(index)
    return made


def _placed(table: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """A row a level, in their order; null for a level without anybody in the base."""
    if not labels.width:
        return table if table.height else table.clear(1)
    given = {c: f"b{k}" for k, c in enumerate(labels.columns)}
    return labels.rename(given).join(table, on=list(given.values()), how="left",
                                     maintain_order="left")  # fmt: skip


def _replicated(variable: Variable, point: Floats, labels: pl.DataFrame) -> Floats | None:
    """(L, 1) variances from the replicates, or None."""
    replication = variable.sample.replication
    if replication is None:
        return None
    apart = np.stack(_indices(variable, variable.sample.columns, labels)) - point
    return np.asarray(replication.scale * (replication.rscales @ apart**2))[:, None]


def _scored(variable: Variable) -> tuple[Lazy, str]:
    """The rows with their linearized variable, null for who is in no base; its column."""
    table, keys = _cumulated(variable, [variable.sample.weight])
    top, bottom = _index(0)
    table = table.with_columns((top.sum().over(*keys) / bottom - 1.0).alias("g"))
    n, y, v = nw.col("n0"), nw.col("y0"), nw.col("v")
    apart = v * (nw.col("c0") * 2.0 - n) + y - nw.col("cv0") * 2.0
    z = (apart - nw.col("g") * (y + n * v)) / (n * y)
    value, score, *others = unused(variable.rows, 2 + len(variable.by), "z")
    given = [f"b{k}" for k in range(len(variable.by))]
    table = table.select(
        v.alias(value), *(nw.col(b).alias(o) for b, o in zip(given, others, strict=True)),
        nw.when(y > 0).then(z).otherwise(nw.lit(0.0)).alias(score),
    )  # fmt: skip
    rows = variable.rows.with_columns(number(variable.name).alias(value))
    return rows.join(
        table, left_on=[*variable.by, value], right_on=[*others, value], how="left"
    ), score
