"""t and rank tests against R svyttest and svyranktest (goldens made by tests.R)."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimation import Design
from analysis.estimators.location import midranks
from analysis.estimators.results import HypothesisTest
from tests.oracle.samples import TAIL, agree, design, domain, goldens

CASES = goldens("location").partition_by("design", "test", as_dict=True)
STILL = "the standard error is 0: constant in the base, or one PSU"
RANKS = {"vanderWaerden": "vanderwaerden", "KruskalWallis": "kruskal"}


def made(test: str, r: dict[str, Any]) -> HypothesisTest:
    d, inside = design(r["design"]), domain(r["dom"])
    if test == "two":
        return d.ttest(r["y"], r["by"], inside, df="domain")
    if test == "one":
        return d.ttest(r["y"], where=inside, df="domain")
    if test == "paired":
        return d.ttest("y", paired="x", where=inside, df="domain")
    return d.rank_test(r["y"], r["by"], inside, test=RANKS.get(test, test), df="domain")  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_agrees_with_r(case: tuple[str, str]) -> None:
    for r in CASES[case].iter_rows(named=True):
        test = made(case[1], r)
        agree(test.statistic, r["value"])
        agree(test.df, r["df"])
        agree(test.df_denominator, r["ddf"])
        agree(test.p_value, r["p"], TAIL)
        agree(test.estimate, r["estimate"])
        agree(test.se, r["se"])


def test_ranks_of_ties_do_not_hang_on_the_order_of_rows() -> None:
    # R 4.1-1 averages cumulated weights over a tie in the order of the rows: with unequal
    # weights another order gives another p-value. Here a tie takes the middle of its share.
    values, weights = np.array([2.0, 1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0, 2.0])
    assert midranks(values, weights) == pytest.approx([0.5, 0.125, 0.5, 0.875])
    rows = design("strat").frame.with_row_index()
    assert rows["y"].n_unique() < rows.height
    found = [
        Design(frame, "pw", strata="stype", fpc="fpc").rank_test("y", "b").p_value
        for frame in (rows, rows.sort("index", descending=True), rows.sort("u"))
    ]
    assert found == pytest.approx([found[0]] * 3, rel=1e-9)
    assert found[0] != pytest.approx(3.16747694883e-04, rel=1e-4)  # R, in the order of the file


def test_two_groups_by_any_door_are_one_difference() -> None:
    d = design("panel")
    test = d.ttest("y", "b")
    row = d.contrast("y", "b").row(0, named=True)
    agree(test.estimate, row["difference"])
    agree(test.se, row["se"])
    assert test.df == row["df"] - 1
    assert d.rank_test("y", "b").p_value == d.rank_test("y", "b", test="kruskal").p_value


def test_named_groups_and_their_direction() -> None:
    d = design("panel")
    one = d.ttest("y", "g", groups=("west", "north"))
    other = d.ttest("y", "g", groups=("north", "west"))
    assert one.estimate == pytest.approx(-(other.estimate or 0))
    assert one.null == 'the means of "y" are equal in "west" and "north" of "g"'
    apart = pl.col("g") != "south"
    assert d.ttest("y", "g", apart).p_value == pytest.approx(other.p_value)


def test_mu_is_the_value_under_the_null() -> None:
    test = design("srs").ttest("y", mu=600)
    assert test.null == 'the mean of "y" is 600'
    assert test.estimate is not None
    assert test.se is not None
    assert test.statistic == pytest.approx((test.estimate - 600) / test.se)


def test_prints_one_sentence() -> None:
    assert str(design("clus1").ttest("y", "b")) == (
        'Under the null hypothesis that the means of "y" are equal in "No" and "Yes" of "b", '
        "t(13) = 2.109, p = 0.055; difference of means 41.32, 95 % interval -1.007 to 83.64 "
        "(n = 183; two-sample t; linearized; df=design)."
    )


def test_impossible_tests_return_their_reason() -> None:
    frame = pl.DataFrame({"w": 1.0, "g": ["a", "a", "b", "b"], "y": [1.0, 2.0, 3.0, 5.0],
                          "k": [7.1] * 4, "none": [None] * 4, "psu": [1, 2, 3, 3],
                          "half": [1.0, 2.0, None, None]}).with_columns(
        pl.col("none").cast(pl.Float64))  # fmt: skip
    d = Design(frame, "w")
    one_psu = Design(frame, "w", clusters="psu")
    assert d.ttest("k", "g").reason == STILL
    assert d.ttest("k").reason == STILL
    assert d.ttest("y", "g", pl.col("g") == "a").reason == 'only "a" of "g" has answers'
    assert d.ttest("half", "g").reason == 'only "a" of "g" has answers'
    assert d.ttest("none", "g").reason == "nobody answered"
    assert d.ttest("none").reason == "nobody is in the base"
    assert "one PSU" in one_psu.ttest("y", "g").reason
    assert d.rank_test("k", "g").reason == STILL
    assert d.rank_test("half", "g").reason == 'only "a" of "g" has answers'
    for test in (d.ttest("k"), one_psu.ttest("y", "g"), d.rank_test("k", "g")):
        assert test.p_value is None
        assert test.statistic is None
        assert "was not tested" in str(test)


def test_a_replicate_without_one_of_the_groups_returns_its_reason() -> None:
    rows = design("scd_brr").frame.with_columns(ambulance=pl.Series([1, 2, 1, 2, 1, 2]))
    d = Design(rows, "w", replicate_weights=["r1", "r2", "r3", "r4"], replication="brr")
    assert "none in some replicate" in d.ttest("y", "ambulance").reason


def test_a_replicate_with_nobody_in_the_domain_returns_its_reason() -> None:
    d, first = design("panel_brr"), pl.col("h") == "h1"
    one_psu = first & (pl.col("psu") == 1)  # half of the replicates leave it out
    assert "some replicate" in d.ttest("y", where=one_psu).reason
    assert d.rank_test("y", "b", one_psu).reason == STILL  # ranks are not made anew by replicate
    assert "some replicate" in d.association("wave", "g", one_psu).reason
    assert d.association("wave", "g", one_psu, statistic="Wald").reason
    assert "some replicate" in d.correlation("y", "x", one_psu).reason


def test_refuses_by_name() -> None:
    d = design("panel")
    with pytest.raises(BaroError, match="3 groups: north, south, west"):
        d.ttest("y", "g")
    with pytest.raises(BaroError, match='-> test="kruskal" compares several'):
        d.rank_test("y", "g")
    with pytest.raises(BaroError, match='did you mean "west"'):
        d.ttest("y", "g", groups=("north", "wets"))
    with pytest.raises(BaroError, match="one of them"):
        d.ttest("y", "g", paired="x")
    with pytest.raises(BaroError, match="for shares of categories"):
        d.ttest("b", "g")
    with pytest.raises(BaroError, match="is not known"):
        d.rank_test("y", "b", test="wilcox")  # type: ignore[arg-type]
