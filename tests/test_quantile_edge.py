"""Edges and properties of quantiles, Gini and poverty rates: each a refusal or a defined answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import BaroError
from analysis.estimation import Design

RULES = ("math", "school", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9")


def of(values: list[Any], weights: list[float] | None = None, **columns: Any) -> Design:
    w = weights if weights is not None else [1.0] * len(values)
    return Design(pl.DataFrame({"y": values, "w": w, **columns}, strict=False), "w")


def estimates(design: Design, shares: Any, **options: Any) -> list[float]:
    found: list[float] = design.quantile("y", shares, **options)["estimate"].to_list()
    return found


# --- refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize("shares", [-0.1, 1.2, [0.5, 1.0001], [float("nan")], [], [50]])
def test_shares_outside_the_unit_interval_are_refused(shares: Any) -> None:
    with pytest.raises(BaroError, match=r"quantile: shares") as refused:
        of([1, 2, 3]).quantile("y", shares)
    assert "between 0 and 1" in str(refused.value)


def test_an_empty_domain_is_refused() -> None:
    with pytest.raises(BaroError, match="nobody is in the domain"):
        of([1, 2, 3]).quantile("y", 0.5, where=pl.col("y") > 9)
    with pytest.raises(BaroError, match="nobody is in the domain"):
        of([1, 2, 3]).gini("y", where=pl.col("y") > 9)


def test_unknown_conventions_are_refused_with_the_nearest() -> None:
    design = of([1, 2, 3])
    with pytest.raises(BaroError, match='did you mean "math"'):
        design.quantile("y", 0.5, interpolation="maths")  # type: ignore[arg-type]
    with pytest.raises(BaroError, match='did you mean "woodruff"'):
        design.quantile("y", 0.5, ci="woodruf")  # type: ignore[arg-type]
    with pytest.raises(BaroError, match='did you mean "median"'):
        design.poverty_rate("y", of="meadian")  # type: ignore[arg-type]


def test_replication_needs_replicates_that_suit_a_quantile() -> None:
    design = of([1, 2, 3, 4])
    with pytest.raises(BaroError, match='choose ci="woodruff"'):
        design.quantile("y", 0.5, ci="replication")
    with pytest.raises(BaroError, match="does not converge"):
        design.replicates("jk1").quantile("y", 0.5, ci="replication")


def test_text_and_a_clashing_column_are_refused() -> None:
    with pytest.raises(BaroError, match="the column is String"):
        of(["a", "b"]).quantile("y", 0.5)
    with pytest.raises(BaroError, match="rename it first"):
        of([1, 2], quantile=["a", "b"]).quantile("y", 0.5, by="quantile")


def test_inequality_refuses_negative_values_and_thresholds() -> None:
    with pytest.raises(BaroError, match="1 values are negative") as refused:
        of([-1, 2, 3]).gini("y")
    assert 'where=pl.col("y") >= 0' in str(refused.value)
    assert of([-1, 2, 3]).gini("y", where=pl.col("y") >= 0)["n"][0] == 2
    for share in (0.0, -0.6, float("nan")):
        with pytest.raises(BaroError, match="poverty: threshold"):
            of([1, 2, 3]).poverty_rate("y", threshold=share)


# --- defined answers -----------------------------------------------------------------------


def test_rules_by_hand() -> None:
    design = of([8, 1, 3, 2])
    assert estimates(design, [0.5, 0.25, 0.6]) == [2, 1, 3]  # F = p: the lower end; unsorted p
    assert estimates(design, [0.5, 0.25, 0.6], interpolation="school") == [2.5, 1.5, 3]
    assert estimates(design, 0.5, interpolation="hf7") == [2.5]


def test_weights_that_do_not_sum_exactly_reach_a_half() -> None:
    assert estimates(of(list(range(10)), [0.1] * 10), 0.5) == [4]
    assert estimates(of(list(range(10)), [0.1] * 10), 0.5, interpolation="school") == [4.5]


@pytest.mark.parametrize("rule", RULES)
def test_the_ends_are_the_extremes_without_an_interval(rule: str) -> None:
    found = of([5, 3, 9, 1], [1, 2, 3, 0]).quantile("y", [0, 1], interpolation=rule)  # type: ignore[arg-type]
    assert found["estimate"].to_list() == [3, 9]  # whoever weighs nothing is nobody
    assert found.select("se", "ci_low", "ci_high").null_count().row(0) == (2, 2, 2)


@pytest.mark.parametrize("rule", RULES)
def test_all_values_equal(rule: str) -> None:
    found = of([7.0] * 9).quantile("y", [0.25, 0.5], interpolation=rule)  # type: ignore[arg-type]
    for column in ("estimate", "ci_low", "ci_high"):
        assert found[column].to_list() == [7, 7]
    assert found["se"].to_list() == [0, 0]
    assert of([7.0] * 9).gini("y")["estimate"][0] == pytest.approx(0, abs=1e-15)
    assert of([7.0] * 9).poverty_rate("y")["estimate"][0] == 0


def test_one_respondent_in_a_domain_gets_no_standard_error() -> None:
    design = of([1, 2, 3, 4], g=["a", "a", "a", "b"])
    alone = design.quantile("y", 0.5, by="g").row(1, named=True)
    assert (alone["g"], alone["estimate"], alone["n"]) == ("b", 4, 1)
    assert alone["se"] is None
    assert alone["ci_low"] is None
    for found in (design.gini("y", by="g"), design.poverty_rate("y", by="g")):
        assert found["se"][1] is None


def test_a_variable_without_values_has_no_quantile() -> None:
    nothing: list[float | None] = [None] * 3
    design = Design(pl.DataFrame({"y": pl.Series(nothing, dtype=pl.Float64), "w": [1.0] * 3}), "w")
    for found in (design.quantile("y", 0.5), design.gini("y"), design.poverty_rate("y")):
        assert found["n"][0] == 0
        assert found.select("estimate", "se", "ci_low").null_count().row(0) == (1, 1, 1)


def test_missing_values_and_zero_weights_are_out_of_the_base() -> None:
    full = of([1, 2, 3, None, 99], [1, 1, 1, 5, 0]).quantile("y", [0.5, 0.9])
    assert full["estimate"].to_list() == [2, 3]
    assert full["n"].to_list() == [3, 3]
    assert full["n_weighted"].to_list() == [3, 3]


def test_heavy_ties() -> None:
    found = of([1] * 30 + [2] * 50 + [3] * 20).quantile("y", [0.2, 0.3, 0.31, 0.8, 0.95])
    assert found["estimate"].to_list() == [1, 1, 2, 2, 3]
    assert (found["ci_low"] <= found["estimate"]).all()
    assert (found["ci_high"] >= found["estimate"]).all()


def test_very_skewed_weights() -> None:
    design = of([1, 2, 3, 4], [1e-6, 1e6, 1e-6, 1e-6])
    assert estimates(design, [0.01, 0.5, 0.99]) == [2, 2, 2]
    assert estimates(design, [0, 1]) == [1, 4]


def test_an_end_beyond_the_data_is_null() -> None:
    found = of(list(range(10))).quantile("y", 0.1).row(0, named=True)
    assert found["ci_low"] is None
    assert found["se"] is None
    assert found["ci_high"] is not None


def test_the_columns() -> None:
    found = of([1, 2, 3, 4], g=["a", "a", "b", "b"]).quantile(["y", "w"], [0.5, 0.25], by="g")
    assert found.columns[:5] == ["variable", "category", "quantile", "g", "estimate"]
    assert found["variable"].to_list() == ["y"] * 4 + ["w"] * 4
    assert found["quantile"].to_list() == [0.5, 0.5, 0.25, 0.25] * 2
    assert found["g"].to_list() == ["a", "b"] * 4
    assert found["method"][0] == "quantile; linearized; woodruff (wald); math; deff=wr"


def test_the_threshold_is_that_of_everybody() -> None:
    design = of([10, 20, 30, 100, 200], g=["a", "a", "a", "b", None])
    line = design.poverty_threshold("y")
    assert line["estimate"][0] == pytest.approx(18)
    assert line.columns == design.mean("y").columns
    rates = design.poverty_rate("y", by="g")
    assert rates["estimate"].to_list() == pytest.approx([1 / 3, 0])
    assert "0.6 of the median (math)" in rates["method"][0]


def test_poverty_is_strictly_below_the_threshold() -> None:
    assert of([6, 10, 11]).poverty_rate("y")["estimate"][0] == 0
    assert of([5.9, 10, 11]).poverty_rate("y")["estimate"][0] == pytest.approx(1 / 3)
    assert of([0, 5, 10]).poverty_threshold("y", 0.5, of="mean")["estimate"][0] == 2.5


def test_gini_by_hand() -> None:
    assert of([0, 0, 0, 1]).gini("y")["estimate"][0] == pytest.approx(0.75)
    assert of([1, 3]).gini("y")["estimate"][0] == pytest.approx(0.25)
    assert of([0, 0]).gini("y")["estimate"][0] is None  # nothing to share


# --- properties ----------------------------------------------------------------------------

VALUES = st.lists(st.integers(0, 30), min_size=3, max_size=40)
RULE = st.sampled_from(RULES)


def drawn(values: list[int], seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    n = len(values)
    return pl.DataFrame({"y": values, "w": rng.lognormal(0, 1, n), "g": rng.integers(0, 3, n)})


@settings(max_examples=40, deadline=None)
@given(VALUES, st.integers(0, 99), RULE)
def test_quantiles_rise_with_the_share(values: list[int], seed: int, rule: str) -> None:
    found = np.array(
        estimates(Design(drawn(values, seed), "w"), list(np.linspace(0, 1, 21)), interpolation=rule)
    )
    assert (np.diff(found) >= -1e-12).all()
    assert min(values) <= found.min()
    assert found.max() <= max(values)


@settings(max_examples=30, deadline=None)
@given(VALUES, st.integers(0, 99), st.floats(1e-3, 1e3), RULE)
def test_scaled_weights_change_nothing(values: list[int], seed: int, c: float, rule: str) -> None:
    frame = drawn(values, seed)
    columns = ["estimate", "se", "ci_low", "ci_high", "deff"]
    one, other = Design(frame, "w"), Design(frame.with_columns(pl.col("w") * c), "w")
    for ask in (
        lambda d: d.quantile("y", [0.25, 0.5], by="g", interpolation=rule),
        lambda d: d.gini("y", by="g"),
        lambda d: d.poverty_rate("y", by="g"),
    ):
        a, b = (ask(d).select(columns).cast(pl.Float64).to_numpy() for d in (one, other))
        np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(VALUES, st.integers(0, 99), st.floats(0.1, 0.9))
def test_a_respondent_in_two_halves_is_one(values: list[int], seed: int, part: float) -> None:
    frame = drawn(values, seed)
    whole, rest = frame.head(1), frame.tail(-1)
    split = pl.concat([whole.with_columns(pl.col("w") * part), rest,
                       whole.with_columns(pl.col("w") * (1 - part))])  # fmt: skip
    one, two = Design(frame, "w"), Design(split, "w")
    for rule in ("math", "school"):
        shares = [0.1, 0.25, 0.5, 0.9, 1]
        assert estimates(one, shares, interpolation=rule) == estimates(
            two, shares, interpolation=rule
        )
    for ask in (lambda d: d.gini("y"), lambda d: d.poverty_rate("y")):
        a, b = (ask(d).select(pl.col("estimate").cast(pl.Float64)).item() for d in (one, two))
        assert a == pytest.approx(b, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(VALUES, st.integers(0, 99), RULE)
def test_the_order_of_the_rows_is_irrelevant(values: list[int], seed: int, rule: str) -> None:
    frame = drawn(values, seed)
    one, other = Design(frame, "w"), Design(frame.sample(fraction=1, shuffle=True, seed=seed), "w")
    for design_by in (None, "g"):
        a, b = (d.quantile("y", [0.3, 0.5], by=design_by, interpolation=rule) for d in (one, other))  # type: ignore[arg-type]
        assert a["estimate"].to_list() == pytest.approx(b["estimate"].to_list(), rel=1e-9)


# --- variance ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clustered() -> Design:
    rng = np.random.default_rng(7)
    psu = np.repeat(np.arange(80), 10)
    y = np.exp(rng.normal(10, 0.6, 800) + rng.normal(0, 0.2, 80)[psu])
    frame = pl.DataFrame({"y": y, "w": rng.lognormal(0, 0.4, 800), "psu": psu, "h": psu // 20})
    return Design(frame, "w", strata="h", clusters="psu")


@pytest.mark.parametrize("kind", ["jkn", "bootstrap"])
def test_replicates_agree_with_the_design(clustered: Design, kind: Any) -> None:
    """Two estimators of one variance: 10 % for smooth ones, 25 % where a quantile is in it."""
    replicated = clustered.replicates(kind, n=300 if kind == "bootstrap" else None, seed=1)
    for ask, tolerance in (
        (lambda d: d.gini("y"), 0.1),
        (lambda d: d.poverty_threshold("y", of="mean"), 0.1),
        (lambda d: d.quantile("y", [0.25, 0.5, 0.75]), 0.25),
    ):
        a, b = ask(clustered), ask(replicated)
        assert a["estimate"].to_list() == b["estimate"].to_list()
        assert a["se"].to_list() == pytest.approx(b["se"].to_list(), rel=tolerance)


def test_bootstrap_of_what_rests_on_a_quantile(clustered: Design) -> None:
    replicated = clustered.replicates("bootstrap", n=300, seed=1)
    spread = replicated.quantile("y", [0.25, 0.5, 0.75], ci="replication")
    assert "replication (bootstrap); wald" in spread["method"][0]
    woodruff = clustered.quantile("y", [0.25, 0.5, 0.75])
    assert spread["se"].to_list() == pytest.approx(woodruff["se"].to_list(), rel=0.25)
    a, b = clustered.poverty_rate("y")["se"][0], replicated.poverty_rate("y")["se"][0]
    assert a == pytest.approx(b, rel=0.15)


def test_standard_errors_and_coverage_over_samples() -> None:
    """300 samples of 400 from a lognormal: intervals cover as they say, to 4 sd of a binomial.

    True values: median 1, Gini 2 Phi(s / sqrt 2) - 1, rate Phi(log(0.6) / s), s = 0.6.
    """
    truth = {"median": 1.0, "gini": 0.3286268, "rate": 0.1972802}
    rng = np.random.default_rng(3)
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in truth}
    for _ in range(300):
        design = of(list(np.exp(rng.normal(0, 0.6, 400))))
        for name, made in (("median", design.quantile("y", 0.5)), ("gini", design.gini("y")),
                           ("rate", design.poverty_rate("y"))):  # fmt: skip
            found[name].append(made.select("estimate", "se", "ci_low", "ci_high").row(0))
    for name, rows in found.items():
        e, se, low, high = np.array(rows).T
        covered = ((low <= truth[name]) & (truth[name] <= high)).mean()
        assert 0.90 <= covered <= 0.99, (name, covered)
        assert se.mean() == pytest.approx(e.std(), rel=0.12), name
