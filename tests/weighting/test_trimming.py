"""Trimming, on weights small enough to do by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.estimation import Design
from tests.weighting.samples import design, people, refused, targets

SMALL = pl.DataFrame({"w": [1.0, 2.0, 3.0, 4.0, 10.0, 0.0], "y": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})


def small() -> Design:
    return Design(SMALL, "w")


def test_cut_and_lost() -> None:
    made = small().trim(4, redistribute=False)
    assert made.weights.tolist() == [1, 2, 3, 4, 4, 0]
    assert "1 weights above 4, with 30.00% of all weight" in made.report.notes
    assert "their weight is lost" in made.report.notes


def test_cut_and_given_to_the_others() -> None:
    """4 are cut from 10: the others, 10 in all, get 14 / 10 of theirs; none passes 6."""
    made = small().trim(6)
    np.testing.assert_allclose(made.weights, [1.4, 2.8, 4.2, 5.6, 6, 0], rtol=1e-14)
    assert "their weight went to the others" in made.report.notes


def test_what_is_given_may_have_to_be_cut_in_turn() -> None:
    """At 5: 10 -> 5 and 4 * 15 / 10 = 6 -> 5; then 10 for the first three, who have 6."""
    made = small().trim(5)
    np.testing.assert_allclose(made.weights, [10 / 6, 20 / 6, 5, 5, 5, 0], rtol=1e-12)
    assert made.weights.sum() == pytest.approx(20, rel=1e-14)
    again = made.trim(5)
    np.testing.assert_allclose(again.weights, made.weights, rtol=1e-12)


def test_nothing_to_trim() -> None:
    np.testing.assert_array_equal(small().trim(10).weights, SMALL["w"].to_numpy())


@pytest.mark.parametrize(("rule", "ceiling"), [
    ("median + 1*iqr", 3 + 2), ("median+0.5*iqr", 3 + 1), ("1.5*median", 4.5), ("2 * median", 6),
    ("mean", 4), ("1.5*mean", 6), ("mean + 2*iqr", 8), ("median", 3), (7.5, 7.5), (8, 8),
    (np.float64(6.0), 6), (np.int64(6), 6),
])  # fmt: skip
def test_rules_are_of_the_weights_above_zero(rule: Any, ceiling: float) -> None:
    made = small().trim(rule, redistribute=False)
    np.testing.assert_allclose(made.weights, np.minimum(SMALL["w"].to_numpy(), ceiling))


@pytest.mark.parametrize("upper", [
    0, -1.0, float("nan"), float("inf"), True, "median + iqr*6", "p99", "", "1.2.3*median", None,
    "0*median", "*median",
])  # fmt: skip
def test_odd_ceilings(upper: Any) -> None:
    refused(lambda: small().trim(upper), "trim: upper")


def test_a_ceiling_below_the_mean() -> None:
    refused(lambda: small().trim(3.9), "below the sum of the weights, 20", "more than 4")
    small().trim(3.9, redistribute=False)


def test_what_it_does_to_means_is_shown() -> None:
    made = small().trim(6, compare="y")
    before = (1 + 4 + 9 + 16 + 50) / 20
    after = (1.4 + 5.6 + 12.6 + 22.4 + 30) / 20
    assert f"mean of y: {before:.6g} -> {after:.6g} ({after - before:+.3g})" in made.report.notes
    refused(lambda: small().trim(6, compare="z"), "z")


def test_what_is_left_of_the_margins_is_shown() -> None:
    frame = people()
    margins = targets(frame, "sex", "age")
    once = design().calibrate(margins)
    for made in (once.trim("1.3*median"), once.trim("1.5*median").trim("1.3*median")):
        table = made.report.margins
        women = made.weights[(frame["sex"] == "F").to_numpy()].sum()
        row = table.filter(category="F").row(0, named=True)
        assert row["after"] == pytest.approx(women, rel=1e-12)
        assert row["gap"] == pytest.approx(women / margins["sex"]["F"] - 1, rel=1e-6)
        assert abs(row["gap"]) > 1e-4
    assert design().trim("1.1*median").report.margins.is_empty()


def test_trim_then_calibrate() -> None:
    margins = targets(people(), "sex", "age")
    made = design().calibrate(margins).trim("1.2*median").calibrate(margins)
    assert [r.step for r in made.reports] == ["calibration", "trimming", "calibration"]
    assert np.abs(made.report.margins["gap"].to_numpy()).max() < 1e-9


def test_the_ratio_is_kept_in_replicates_and_variances() -> None:
    """As if the column of weights had been multiplied by it."""
    d = design(strata="h", clusters="psu")
    made = d.trim("1.1*median")
    frame = people().with_columns(w=pl.Series(made.weights))
    same = Design(frame, "w", strata="h", clusters="psu")
    assert made.mean("y")["se"][0] == pytest.approx(same.mean("y")["se"][0], rel=1e-12)
    for kind in ("jkn", "bootstrap"):
        a, b = d.replicates(kind).trim("1.1*median"), same.replicates(kind)
        assert a.mean("y")["se"][0] == pytest.approx(b.mean("y")["se"][0], rel=1e-12)


def test_trimmed_after_calibration_the_residuals_keep_the_ratio() -> None:
    """Linearized, and by replicates that are calibrated and then multiplied by the ratio."""
    d = design(strata="h", clusters="psu")
    margins = targets(people(), "sex", "age", "income")
    upper = "1.3*median"
    linear = d.calibrate(margins).trim(upper).mean(["y", "income"])["se"].to_numpy()
    spread = d.replicates("jkn").calibrate(margins).trim(upper).mean(["y", "income"])["se"]
    np.testing.assert_allclose(spread.to_numpy(), linear, rtol=0.12)
