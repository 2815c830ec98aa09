"""Rows under names of our own, for sums of what no measure of a pass is; and who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import polars as pl

from analysis.engines.frames import Lazy, number, run
from analysis.engines.passes import Measure, Terms, read, totals_plan
from analysis.engines.replicates import ranks
from analysis.engines.sample import HeldSample
from analysis.engines.scores import PSU, STRATUM
from analysis.errors import refuse

WEIGHT = "w"


@dataclass(frozen=True, slots=True)
class Occupied:
    """Who rows are: respondents, their weights, their degrees of freedom, their PSUs."""

    n: int
    n_weighted: float
    own: int
    psus: int


def own_rows(sample: HeldSample, rows: Lazy, columns: Mapping[str, nw.Expr]) -> Lazy:
    """WEIGHT, STRATUM, PSU (where there are some), replicate weights r0, r1, …, and ``columns``."""
    kept = {WEIGHT: number(sample.weight), **columns}
    kept |= {f"r{r}": number(c) for r, c in enumerate(sample.columns)}
    if sample.cluster:
        kept[PSU] = nw.col(sample.cluster)
    kept[STRATUM] = nw.col(sample.keys[0]) if sample.keys else nw.lit(0)
    return rows.select(**kept)


def occupied_plan(sample: HeldSample, rows: Lazy) -> Lazy:
    """What :func:`occupied` reads, of rows under our names."""
    terms, _ = _everyone(sample)
    keys, cluster = [STRATUM][: len(sample.keys)], PSU if sample.cluster else ""
    return totals_plan(rows, keys, cluster, terms, [])


def occupied(sample: HeldSample, rows: Lazy, table: pl.DataFrame) -> Occupied:
    """Who the rows are; with replicate weights a pass for their rank. Refuses nobody."""
    _, m = _everyone(sample)
    found = read(table, len(sample.keys), [], sample.strata)
    psus = found.of([m], "psus")
    size = int(psus.sum())
    own = size - int((psus > 0).sum())
    if sample.replication is not None:
        weights = [nw.col(f"r{r}") for r in range(len(sample.columns))]
        own = int(ranks(rows, weights, pl.DataFrame())[0]) - 1
    return Occupied(int(found.of([m], "n").sum()), float(found.of([m], "weight").sum()), own, size)


def somebody(sample: HeldSample, where: Any) -> None:
    """Refuse a domain with nobody in it."""
    (table,) = run([sample.inside(where).select(nw.len().alias("n"))])
    if not table.item():
        raise refuse("estimate: where", "nobody is in the domain", "somebody",
                     "widen the condition")  # fmt: skip


def _everyone(sample: HeldSample) -> tuple[Terms, Measure]:
    w = nw.col(WEIGHT)
    terms = replace(sample.terms(), weight=w, counts=w > 0)
    return terms, terms.numeric("", nw.lit(1.0), None, 0.0)
