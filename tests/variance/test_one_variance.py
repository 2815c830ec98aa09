"""The two ways to a linearized variance, totals by unit and covariance of scores, are one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.estimation import Design
from analysis.variance import covariance

ORACLE = Path(__file__).parents[1] / "oracle" / "designs"
NESTED: dict[str, Any] = {"weight": "w", "strata": "h", "clusters": "psu"}
TWO: dict[str, Any] = {"strata": ["h", "k"], "clusters": ["psu", "ssu"], "fpc": ["N1", "N2"]}
PPS: dict[str, Any] = {**TWO, "fpc": ["p", "f2"], "fpc_as": "fractions", "pps": "brewer"}
VOTES: dict[str, Any] = {"fpc": "p", "strata": "g"}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("random", NESTED),
    ("random", {"weight": "w", **TWO}),
    *(("lonely", {**NESTED, "fpc": "N1", "lonely_psu": r})
      for r in ("adjust", "average", "certainty", "collapse")),
    ("alone", {"weight": "w", **TWO, "lonely_psu": "adjust"}),
    ("twopps", PPS),
    ("election", {**VOTES, "pps": "brewer"}),
    ("election", {**VOTES, "pps": "hr", "pps_squares": "S"}),
    ("election", {"fpc": "p", "strata": "one", "pps": "brewer", "lonely_psu": "adjust"}),
    ("election", {"fpc": "p", "strata": "one", "pps": "hr", "lonely_psu": "collapse"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_totals_and_scores_agree(name: str, arguments: dict[str, Any]) -> None:
    frame = pl.read_csv(ORACLE / f"{name}.csv")
    if name == "election":
        frame = frame.with_columns(S=pl.lit(1.7), one=pl.int_range(pl.len()) == 7)
    d = Design(frame, **arguments)
    found = d.total(["y", "z"], where=pl.col("g") != "north")
    inside = (frame["g"] != "north").to_numpy()[:, None]
    scores = frame.select(pl.col("y", "z").fill_null(0)).to_numpy() * inside
    variance = np.diag(covariance(d.weights[:, None] * scores, d))
    assert found["se"].to_numpy() == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_hartley_rao_is_the_sum_over_pairs() -> None:
    """The published form, over all pairs of units: sum (A - p_i - p_j) (e_i - e_j)^2 / (n - 1)."""
    frame = pl.read_csv(ORACLE / "election.csv")
    e, p, n = (frame["y"] / frame["p"]).to_numpy(), frame["p"].to_numpy(), frame.height
    both = 1 + frame["S"][0] / n - p[:, None] - p[None, :]
    variance = (np.triu(both, 1) * (e[:, None] - e[None, :]) ** 2).sum() / (n - 1)
    d = Design(frame, fpc="p", pps="hr", pps_squares="S")
    assert d.total("y")["se"][0] == pytest.approx(variance**0.5, rel=1e-10)


def test_units_sure_to_be_drawn_add_nothing_in_their_own_stratum() -> None:
    frame = pl.read_csv(ORACLE / "election.csv").with_columns(sure=pl.lit(value=False))
    sure = frame.head(1).with_columns(p=pl.lit(1.0), sure=pl.lit(value=True))
    with_it = Design(pl.concat([frame, sure]), fpc="p", strata="sure", pps="brewer")
    without = Design(frame, fpc="p", pps="brewer")
    assert with_it.total("y")["se"][0] == pytest.approx(without.total("y")["se"][0], rel=1e-12)
