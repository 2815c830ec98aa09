"""Correlation against the delta method on R svyvar, or its replicates (goldens by tests.R)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimation import Design
from tests.oracle.samples import agree, design, domain, goldens

CASES = goldens("correlation").partition_by("design", as_dict=True)


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_agrees_with_r(case: tuple[str]) -> None:
    for r in CASES[case].iter_rows(named=True):
        test = design(case[0]).correlation(r["x"], r["y"], domain(r["dom"]), df="domain")
        agree(test.estimate, r["estimate"])
        agree(test.se, r["se"])
        assert (test.df, test.n) == (r["df"], r["n"])


def test_units_and_order_are_irrelevant() -> None:
    rows = design("panel").frame.with_columns(far=1e6 + pl.col("x") / 1000, down=-pl.col("y"))
    d = Design(rows, "w", strata="h", clusters="psu")
    r, far, down = (d.correlation(*pair) for pair in (("y", "x"), ("far", "y"), ("x", "down")))
    assert far.estimate == pytest.approx(r.estimate, rel=1e-6)
    assert far.se == pytest.approx(r.se, rel=1e-6)
    assert down.estimate == pytest.approx(-(r.estimate or 0))


def test_fisher_stays_within_one() -> None:
    d = design("strat")
    fisher, wald = d.correlation("y", "x"), d.correlation("y", "x", ci="wald")
    assert fisher.estimate is not None
    assert fisher.ci_low is not None
    assert fisher.ci_high is not None
    assert wald.ci_high is not None
    assert fisher.ci_low < fisher.estimate < fisher.ci_high < 1
    reach = np.arctanh(fisher.ci_high) - np.arctanh(fisher.estimate)
    assert np.arctanh(fisher.estimate) - np.arctanh(fisher.ci_low) == pytest.approx(reach)
    assert reach == pytest.approx((wald.ci_high - fisher.estimate) / (1 - fisher.estimate**2))


def test_several_print_a_sentence_each_and_make_a_frame() -> None:
    several = design("strat").correlation("y", ["x", "m"])
    assert len(str(several).splitlines()) == 2
    assert several.frame["n"].to_list() == [t.n for t in several] == [200, 182]
    assert several[1].null == 'the correlation of "y" and "m" is 0'


def test_impossible_ones_return_their_reason() -> None:
    frame = pl.DataFrame({"w": 1.0, "x": [1.0, 2, 4, 8], "k": 0.1, "psu": 1, "u": [1, 2, 1, 3]})
    d = Design(frame.with_columns(line=3 - 2 * pl.col("x")), "w")
    assert d.correlation("x", "k").reason == '"k" is constant in the base'
    assert d.correlation("x", "line").reason == "one column is a line of the other"
    assert d.correlation("x", "line").estimate == pytest.approx(-1)
    assert d.correlation("x", "u", pl.col("x") < 2).reason == '"x" is constant in the base'
    assert "one PSU" in Design(frame, "w", clusters="psu", lonely_psu="certainty").correlation(
        "x", "u").reason  # fmt: skip


def test_refuses_by_name() -> None:
    with pytest.raises(BaroError, match="there is no such column"):
        design("strat").correlation("y", "yy")
    with pytest.raises(BaroError, match='"spearman" is not known'):
        design("strat").correlation("y", "x", ci="spearman")  # type: ignore[call-overload]
