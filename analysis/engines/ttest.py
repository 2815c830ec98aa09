"""Student's tests of means where the rows are: two cells, or one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from analysis.engines.cells import cell_sums
from analysis.engines.frames import Lazy, number
from analysis.engines.gridcells import domain_degrees, filled, grid, level_estimates
from analysis.engines.measures import PILOT, numeric_columns
from analysis.engines.passes import Measure, Terms, means
from analysis.engines.sample import HeldSample
from analysis.estimators.functional import Estimated
from analysis.estimators.location import (
    Compared,
    check_one,
    one_sample,
    places_of,
    t_test,
    two_samples,
)
from analysis.estimators.options import Options
from analysis.estimators.results import HypothesisTest

_NOBODY = np.zeros(0, dtype=np.int64)  # no respondent is held here


def ttest(
    sample: HeldSample, y: str, by: str | None, paired: str | None, pair: Sequence[object] | None,
    mu: float, where: Any, o: Options,
) -> HypothesisTest:  # fmt: skip
    """Test a mean, or the difference of two; as :func:`analysis.estimators.location.ttest`."""
    check_one(by, paired)
    numeric_columns(sample.rows, [y] if paired is None else [y, paired])
    rows, terms = sample.inside(where), sample.terms()
    value = number(y) if paired is None else number(y) - number(paired)
    m = terms.numeric(y, value, None, float(means(rows, [(value, None)], PILOT)[0]))
    if by is not None:
        return _two_means(sample, rows, terms, m, by, pair, mu, o)
    sums = cell_sums(rows, sample.keys, sample.cluster, sample.strata, terms, m, [])
    n = int(sums.found.of([m], "n").sum())
    blank = one_sample(y, paired, mu, n, sample.way, o)
    if blank.reason:
        return blank
    e = Estimated(*level_estimates(sample, rows, terms, sums, m, "mean"), sample.df)
    df = sample.df
    if o.df == "domain":
        df = int(domain_degrees(sample, rows, terms, m, pl.DataFrame())[0])
    return t_test(blank, e, np.ones(1), mu, df)


def _two_means(
    sample: HeldSample, rows: Lazy, terms: Terms, m: Measure, by: str,
    pair: Sequence[object] | None, mu: float, o: Options,
) -> HypothesisTest:  # fmt: skip
    cells = grid(sample, rows, [by], [])
    labels = [str(v) for v in cells.by[by]]
    places = list(range(len(labels))) if pair is None else places_of(by, labels, pair)
    found = filled(sample, rows, terms, m, cells, ([], [by]), "mean")
    there = [p for p in places if found.n[p]]
    base = Compared(_NOBODY, [labels[p] for p in there], int(found.n[there].sum()))
    blank = two_samples(m.variable, by, base, mu, sample.way, o)
    if blank.reason:
        return blank
    e = Estimated(found.e.point[there], found.e.covariance[np.ix_(there, there)], sample.df)
    df = sample.df
    if o.df == "domain":
        first, second = (np.array([p]) for p in there)
        df = int(found.pair_degrees((first, second))[0])
    return t_test(blank, e, np.array([-1.0, 1.0]), mu, df - 1)
