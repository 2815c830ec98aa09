"""Replicate weights given with the data: scales, and everything that is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimation import Design

RANDOM = np.random.default_rng(5)
W = RANDOM.uniform(1, 3, 40)
FRAME = pl.DataFrame(
    {"w": W, "y": RANDOM.normal(size=40), "h": ["a", "b"] * 20, "one": ["c"] + ["d"] * 39, "N": 90}
    | {f"r{i}": W * RANDOM.uniform(0.5, 1.5, 40) for i in range(8)}
)
COLUMNS = [f"r{i}" for i in range(8)]


def spread() -> float:
    means = [np.average(FRAME["y"], weights=FRAME[c]) for c in COLUMNS]
    return float(((np.array(means) - np.average(FRAME["y"], weights=W)) ** 2).sum())


@pytest.mark.parametrize(("kind", "more", "scale"), [
    ("brr", {}, 1 / 8),
    ("fay", {"fay": 0.3}, 1 / (8 * 0.7**2)),
    ("fay", {"fay": 0}, 1 / 8),
    ("jk1", {}, 7 / 8),
    ("jkn", {"rscales": [0.5] * 8}, 0.5),
    ("bootstrap", {}, 1 / 7),
    ("sdr", {}, 4 / 8),
    ("sdr", {"scale": 0.25, "rscales": [2] * 8}, 0.5),
])  # fmt: skip
def test_scales(kind: str, more: dict[str, Any], scale: float) -> None:
    d = Design(FRAME, "w", replicate_weights=COLUMNS, replication=kind, **more)  # type: ignore[arg-type]
    found = d.mean("y")["se"][0]
    assert found == pytest.approx((scale * spread()) ** 0.5, rel=1e-10)
    assert d.df == 7


def test_strata_given_too_only_count_psus() -> None:
    """The variance is the replicates'; a lonely stratum is no obstacle to it."""
    plain = Design(FRAME, "w", replicate_weights=COLUMNS, replication="jk1")
    both = Design(FRAME, "w", strata="one", replicate_weights=COLUMNS, replication="jk1")
    assert both.mean("y").equals(plain.mean("y"))
    clusters = Design(FRAME, "w", clusters="h", replicate_weights=COLUMNS, replication="jk1")
    assert clusters.mean("y", by="h")["se"].to_list() == [None, None]  # one PSU each


GIVEN: dict[str, Any] = {"replicate_weights": COLUMNS, "replication": "jk1"}


@pytest.mark.parametrize(("change", "arguments", "told"), [
    ({}, {"replicate_weights": ["r1", "r22"]}, ["r22", "there is no such column"]),
    ({}, {"replicate_weights": ["r1", "r1"]}, ["named twice"]),
    ({}, {"replicate_weights": "r1"}, ["1 column", "two or more"]),
    ({"r2": pl.lit(None, pl.Float64)}, {}, ["r2, row 1", "40 weights are missing"]),
    ({"r2": -pl.col("r2"), "r3": pl.lit("x")}, {}, ["negative", "r3, row 1", "no number"]),
    ({"r5": pl.lit(0.0)}, {}, ["r5", "all are 0"]),
    ({c: pl.col(c) / 100 for c in COLUMNS}, {}, ["look like factors", "multiply each"]),
    ({}, {"replication": "jk2"}, ['"jk2" is not known', "did you mean"]),
    ({}, {"replication": ""}, ["their kind is not said"]),
    ({}, {"replicate_weights": ""}, ["no replicate_weights for it"]),
    ({}, {"replication": "jkn"}, ["without rscales", "(m_h - 1) / m_h"]),
    ({}, {"replication": "fay", "fay": 1}, ["0 <= fay < 1"]),
    ({}, {"replication": "fay", "fay": -0.1}, ["0 <= fay < 1"]),
    ({}, {"rscales": [1.0] * 7}, ["7 values, for 8"]),
    ({}, {"rscales": [-1.0] * 8}, ["0 or more"]),
    ({}, {"scale": 0.0}, ["a positive number"]),
    ({}, {"fpc": "N"}, ["replicate weights do not use it"]),
])  # fmt: skip
def test_refusals(change: dict[str, pl.Expr], arguments: dict[str, Any], told: list[str]) -> None:
    with pytest.raises(BaroError) as caught:
        Design(FRAME.with_columns(**change), "w", **{**GIVEN, **arguments})
    for part in told:
        assert part in str(caught.value)
    assert all(p.remedy for p in caught.value.problems)


@pytest.mark.parametrize(("arguments", "told"), [
    ({"fpc": "p", "pps": "brewr"}, "did you mean"),
    ({"pps": "brewer"}, "the column of inclusion probabilities"),
    ({"fpc": "p", "pps_squares": "S"}, 'pps="hr"'),
    ({"fpc": "p", "pps": "brewer", "pps_squares": "S"}, 'pps="hr"'),
    ({"fpc": "N", "pps": "brewer"}, "40 units outside (0, 1]"),
    ({"fpc": "y", "clusters": "h", "pps": "brewer"}, "one value a unit"),
    ({"fpc": "p", "pps": "hr", "pps_squares": "y"}, "one value a stratum"),
    ({"fpc": "p", "pps": "hr", "pps_squares": "T"}, "there is no such column"),
])  # fmt: skip
def test_refusals_of_unequal_probabilities(arguments: dict[str, Any], told: str) -> None:
    frame = FRAME.with_columns(p=1 / pl.col("w"), S=pl.lit(3.0))
    with pytest.raises(BaroError) as caught:
        Design(frame, "w", **arguments)
    assert told in str(caught.value)
    assert all(p.remedy for p in caught.value.problems)
