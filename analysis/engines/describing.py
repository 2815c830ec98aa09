"""Means, shares, totals and ratios of the levels of domains, from one pass where the rows are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from analysis.design import Floats
from analysis.engines.estimates import Facts, mean_rows, ratio_rows, total_rows
from analysis.engines.frames import Lazy, known, number
from analysis.engines.passes import LevelSums, Measure, Terms, level_sums
from analysis.engines.replicates import ranks, replicated
from analysis.engines.residuals import level_variances
from analysis.engines.sample import HeldSample
from analysis.estimators.bulk import WHOLE
from analysis.estimators.cells import Names, listed, once
from analysis.estimators.measures import Kind
from analysis.estimators.options import Options

_FINISH = {"mean": mean_rows, "proportion": mean_rows, "total": total_rows, "ratio": ratio_rows}


def described(
    sample: HeldSample, kind: Kind, variables: Names, denominators: Names | None,
    groupings: Sequence[Sequence[str]], where: Any, o: Options,
) -> list[pl.DataFrame]:  # fmt: skip
    """A result for each grouping: one pass for all of them, and one more each for replicates."""
    known(sample.rows, [c for by in groupings for c in by], "estimate")
    terms, rows = sample.terms(), sample.inside(where)
    measures = sample.measures(kind, variables, denominators, terms)
    sums = level_sums(rows, sample.keys, sample.cluster, sample.strata, terms, groupings,
                      sample.progress)  # fmt: skip
    rule = o.ci if kind == "proportion" else "wald"
    text = f"{kind}; {rule}; deff={o.deff}"
    return [
        _FINISH[kind](found, measures, spread(sample, rows, terms, found, measures, kind),
                      facts_of(sample, rows, terms, found, measures, o), text, o)
        for found in sums
    ]  # fmt: skip


def facts_of(
    sample: HeldSample, rows: Lazy, terms: Terms, found: LevelSums, measures: Sequence[Measure],
    o: Options,
) -> Facts:  # fmt: skip
    """What the algebra asks of the design; the rank of each cell's replicate weights if ``o`` does.

    As :func:`analysis.variance.replication.domain_degrees`: a pass for each different base.
    """
    if o.df == "design" or sample.replication is None:
        return sample.facts
    weights = [number(c) for c in sample.columns]
    of_base = {
        name: np.maximum(ranks(rows.filter(terms.rows[name] > 0), weights, found.labels) - 1, 0)
        for name in dict.fromkeys(m.roles["n"] for m in measures)
    }
    own = np.stack([of_base[m.roles["n"]] for m in measures], axis=1)
    return replace(sample.facts, own=own)


def tabulated(
    sample: HeldSample, kind: Kind, variables: Names, domains: Names, where: Any, o: Options
) -> pl.DataFrame:
    """Every variable over the whole and in each level of each domain."""
    names = once(listed(domains), "domains")
    tables = described(sample, kind, variables, None, [[], *([n] for n in names)], where, o)
    parts = []
    for place, (table, name) in enumerate(zip(tables, [WHOLE, *names], strict=True)):
        value = pl.col(name).cast(pl.String) if place else pl.lit(WHOLE)
        made = table.with_columns(domain=pl.lit(name), domain_value=value)
        parts.append(made.drop(name) if place else made)
    return _stacked(parts, tables[0].columns)


def _stacked(parts: list[pl.DataFrame], columns: list[str]) -> pl.DataFrame:
    """The results under one another: by measure, then in the order of the parts."""
    shape = ["variable", "category", "domain", "domain_value"]
    rest = [c for c in columns if c not in shape]
    order = parts[0].select("variable", "category").with_row_index("measure")
    whole = pl.concat([part.select(*shape, *rest) for part in parts]).with_row_index("row")
    both = whole.join(order, on=["variable", "category"])
    return both.sort("measure", "row").drop("measure", "row")


def spread(
    sample: HeldSample, rows: Lazy, terms: Terms, found: LevelSums, measures: Sequence[Measure],
    kind: Kind,
) -> Floats | None:  # fmt: skip
    """(L, K) variances of what the sums do not tell: from replicates, or after calibration.

    None where the sums do. Those of totals are of y alone.
    """
    if sample.replication is None:
        if not sample.steps:
            return None
        sums = sample.residuals(rows, terms, measures, found.labels)
        return level_variances(found, measures, sums, sample.strata, kind != "total")
    y, x = (found.levels(found.of(measures, role)) for role in ("y", "x"))
    ratio = kind != "total"
    with np.errstate(divide="ignore", invalid="ignore"):
        full = y / x if ratio else y
    apart = replicated(rows, sample.columns, measures, found.labels, ratio, sample.progress) - full
    return sample.replication.scale * np.tensordot(sample.replication.rscales, apart**2, axes=1)
