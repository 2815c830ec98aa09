"""Weights for nonresponse: rates by hand, the variance against a jackknife made by hand."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.estimation import Design
from tests.weighting.samples import refused

HAND = pl.DataFrame(
    {
        "w": [10.0, 20.0, 30.0, 40.0, 10.0, 10.0, 20.0],
        "g": ["a", "a", "a", "b", "b", "b", "b"],
        "resp": [True, True, False, False, True, True, True],
        "y": [1.0, 4.0, None, None, 2.0, 3.0, 7.0],
    }
)


def sample(n: int = 300, seed: int = 3) -> pl.DataFrame:
    """Response and y both go with the group g; strata h, PSUs of five, N_h PSUs there were."""
    rng = np.random.default_rng(seed)
    g = rng.integers(0, 4, n)
    resp = rng.random(n) < np.array([0.9, 0.7, 0.5, 0.4])[g]
    psu = np.arange(n) // 5
    y = np.round(10 + 2 * g + rng.normal(0, 3, n), 3)
    return pl.DataFrame(
        {"w": np.round(rng.uniform(50, 150, n), 2), "h": psu % 3, "psu": psu,
         "g": g.astype(str), "resp": resp, "x": rng.normal(size=n) + g, "N": 200, "n_h": 20}
    ).with_columns(y=pl.when(pl.Series(resp)).then(pl.Series(y)))  # fmt: skip


def test_rates_and_weights_by_hand() -> None:
    """Group a: 30 of 60 answered; b: 40 of 80."""
    made = Design(HAND, "w").adjust_nonresponse("resp", classes="g")
    assert made.weights.tolist() == [20, 40, 0, 0, 20, 20, 40]
    assert made.mean("y")["estimate"][0] == pytest.approx((20 + 160 + 40 + 60 + 280) / 140)
    table = made.report.margins
    assert table["category"].to_list() == ["a", "b"]
    assert table["n"].to_list() == [2, 3]
    assert table["before"].to_list() == [30, 40]
    assert table["target"].to_list() == table["after"].to_list() == [60, 80]
    assert "50.0% of the weights answered" in made.report.notes
    assert "group a: 2 respondents" in made.report.notes


def test_groups_are_crossed() -> None:
    frame = HAND.with_columns(k=pl.Series([1, 1, 1, 1, 1, 2, 2]))
    made = Design(frame, "w").adjust_nonresponse("resp", classes=["g", "k"])
    assert made.weights.tolist() == [20, 40, 0, 0, 50, 10, 20]
    assert made.report.margins["category"].to_list() == ["a x 1", "b x 1", "b x 2"]


def test_everybody_answered() -> None:
    frame = HAND.with_columns(resp=pl.lit(1), y=pl.lit(2.0))
    made = Design(frame, "w").adjust_nonresponse("resp", classes="g")
    np.testing.assert_array_equal(made.weights, HAND["w"].to_numpy())


def test_groups_of_a_model_are_cut_along_its_probabilities() -> None:
    frame = sample()
    made = Design(frame, "w").adjust_nonresponse("resp", model="resp ~ x", groups=5)
    table = made.report.margins
    assert table["category"].to_list() == [f"{k} of 5" for k in range(1, 6)]
    rate = (table["before"] / table["target"]).to_numpy()
    assert rate[0] > rate[-1] or rate[-1] > rate[0]
    order = frame["x"].rank().to_numpy()
    factor = np.round(made.weights / frame["w"].to_numpy(), 9)
    for level in np.unique(factor[factor > 0]):  # each group is an interval of x
        inside = order[factor == level]
        between = (order > inside.min()) & (order < inside.max()) & (factor > 0)
        assert set(factor[between]) == {level}
    two = Design(frame, "w").adjust_nonresponse("resp", model="resp ~ C(g)", groups=4)
    crossed = Design(frame, "w").adjust_nonresponse("resp", classes="g")
    assert two.weights.sum() == pytest.approx(crossed.weights.sum(), rel=1e-12)


def test_the_groups_of_a_model_do_not_move_with_replicates() -> None:
    d = Design(sample(), "w", strata="h", clusters="psu").replicates("jkn")
    made = d.adjust_nonresponse("resp", model="resp ~ x")
    assert made.mean("y")["se"][0] > 0
    assert d.replication is not None  # the fit left it in place


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknown response": ({"responded": "rep", "classes": "g"}, ["rep", "no such column"]),
    "not yes or no": ({"responded": "w", "classes": "g"}, ["w, row 1", "neither 0 nor 1"]),
    "neither": ({}, ["no classes, no model"]),
    "both": ({"classes": "g", "model": "resp ~ x"}, ["classes and model both", "one of them"]),
    "unknown class": ({"classes": ["g", "hh"]}, ["nonresponse: hh", "no such column"]),
    "class not known of all": ({"classes": "y"}, ["nonresponse: y", "rows without a value"]),
    "group without respondents": ({"classes": "none"}, ["group z", "nobody answered", "merge it"]),
    "one group": ({"model": "resp ~ x", "groups": 1}, ["nonresponse: groups", "2 or more"]),
    "other response": ({"model": "g ~ x"}, ["nonresponse: model", "resp on the left"]),
    "model not known of all": ({"model": "resp ~ lost"}, ["nonresponse: model, row 2", "1 rows"]),
    "unknown variance": ({"classes": "g", "variance": "both"}, ['"both" is not known']),
}


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(name: str) -> None:
    given, told = REFUSED[name]
    first = pl.int_range(300) < 4
    frame = sample().with_columns(
        none=pl.when(first).then(pl.lit("z")).otherwise("g"),
        resp=pl.col("resp") & ~first, lost=pl.when(pl.int_range(300) != 1).then("x"),
    )  # fmt: skip
    d = Design(frame, "w")
    refused(lambda: d.adjust_nonresponse(**({"responded": "resp"} | given)), *told)


def test_a_group_that_nobody_is_left_in_in_a_replicate() -> None:
    odd = pl.int_range(300) < 5  # one PSU, where one answered
    frame = sample().with_columns(g=pl.when(odd).then(pl.lit("z")).otherwise("g"))
    frame = frame.with_columns(g=pl.when(pl.int_range(300) == 7).then(pl.lit("z")).otherwise("g"),
                               resp=pl.when(pl.int_range(300) == 7).then(False)
                               .otherwise(pl.col("resp") | (pl.int_range(300) == 0)))  # fmt: skip
    d = Design(frame, "w", strata="h", clusters="psu")
    d.adjust_nonresponse("resp", classes="g")
    refused(lambda: d.replicates("jkn").adjust_nonresponse("resp", classes="g"),
            "group z, replicate ", "nobody answered")  # fmt: skip


# ---- variance ----------------------------------------------------------------------------------


def weights_of(frame: pl.DataFrame, w: np.ndarray) -> np.ndarray:
    """The adjusted weights, from the definition."""
    resp, g = frame["resp"].to_numpy(), frame["g"].to_numpy()
    made = np.zeros(len(w))
    for level in np.unique(g):
        inside = g == level
        rate = w[inside & resp].sum() / w[inside].sum()
        made[inside & resp] = w[inside & resp] / rate
    return made


def jackknife(frame: pl.DataFrame, estimate: Any) -> float:
    """Each PSU left out of its stratum in turn, the response rates made anew."""
    w, psu, h = (frame[c].to_numpy() for c in ("w", "psu", "h"))
    full, variance = estimate(weights_of(frame, w)), 0.0
    for stratum in np.unique(h):
        units = np.unique(psu[h == stratum])
        m = len(units)
        for unit in units:
            factor = np.where(psu == unit, 0.0, np.where(h == stratum, m / (m - 1), 1.0))
            variance += (m - 1) / m * (estimate(weights_of(frame, w * factor)) - full) ** 2
    return float(variance**0.5)


def test_two_phases_against_a_jackknife_made_by_hand() -> None:
    frame = sample()
    y = frame["y"].fill_null(0.0).to_numpy()
    d = Design(frame, "w", strata="h", clusters="psu")
    made = d.adjust_nonresponse("resp", classes="g")
    np.testing.assert_allclose(made.weights, weights_of(frame, frame["w"].to_numpy()), rtol=1e-13)
    again = d.replicates("jkn").adjust_nonresponse("resp", classes="g")
    for call, estimate in (
        ("mean", lambda w: w @ y / w.sum()), ("total", lambda w: w @ y)
    ):  # fmt: skip
        by_hand = jackknife(frame, estimate)
        assert getattr(again, call)("y")["se"][0] == pytest.approx(by_hand, rel=1e-10)
        # 60 PSUs: the jackknife and the linearized variance differ by terms of order 1 / m
        assert getattr(made, call)("y")["se"][0] == pytest.approx(by_hand, rel=0.02)


def test_two_phases_by_the_formula() -> None:
    """Scores w (z - zbar_g) + d zbar_g of everybody drawn, without fpc."""
    frame = sample()
    d, g = frame["w"].to_numpy(), frame["g"].to_numpy()
    y = frame["y"].fill_null(0.0).to_numpy()
    w = weights_of(frame, d)
    z = np.where(w > 0, (y - w @ y / w.sum()) / w.sum(), 0.0)
    score = np.zeros(len(d))
    for level in np.unique(g):
        inside = g == level
        answered = inside & (w > 0)
        mean = d[answered] @ z[answered] / d[answered].sum()
        score[inside] = w[inside] * (z[inside] - mean) + d[inside] * mean
    sums = frame.with_columns(e=score).group_by("h", "psu").agg(pl.col("e").sum())
    v = sum(len(e) * np.var(e, ddof=1) for e in (p["e"].to_numpy() for p in sums.partition_by("h")))
    made = Design(frame, "w", strata="h", clusters="psu").adjust_nonresponse("resp", classes="g")
    assert made.mean("y")["se"][0] == pytest.approx(v**0.5, rel=1e-12)


def test_an_fpc_leaves_the_chance_of_response() -> None:
    """Everybody drawn: what is left is sum over respondents of (1 - p) (w (z - zbar_g))^2."""
    frame = sample().with_columns(one=pl.lit(1.0))
    census = Design(frame, "one", strata="h", clusters="psu", fpc="n_h")
    assert census.mean("x")["se"][0] == 0
    made = census.adjust_nonresponse("resp", classes="g")
    y, g = frame["y"].fill_null(0.0).to_numpy(), frame["g"].to_numpy()
    w = weights_of(frame, np.ones(len(y)))
    variance = 0.0
    for level in np.unique(g):
        inside = (g == level) & (w > 0)
        p = 1 / w[inside][0]
        z = (y[inside] - w @ y / w.sum()) / w.sum()
        variance += ((1 - p) * (w[inside] * (z - z.mean())) ** 2).sum()
    assert made.mean("y")["se"][0] == pytest.approx(variance**0.5, rel=1e-12)
    fixed = census.adjust_nonresponse("resp", classes="g", variance="fixed")
    assert fixed.mean("y")["se"][0] == 0


@pytest.mark.parametrize("fpc", ["", "N"])
def test_the_unit_of_the_weights_does_not_matter(fpc: str) -> None:
    """Weights that sum to the respondents, not to the population, give the same errors."""
    frame = sample()
    scaled = frame.with_columns(pl.col("w") / frame["w"].sum() * frame.height)
    a, b = (
        Design(f, "w", strata="h", clusters="psu", fpc=fpc).adjust_nonresponse("resp", classes="g")
        for f in (frame, scaled)
    )
    assert a.mean("y")["se"][0] == pytest.approx(b.mean("y")["se"][0], rel=1e-12)


def test_fixed_takes_the_weights_as_given() -> None:
    frame = sample()
    d = Design(frame, "w", strata="h", clusters="psu")
    made = d.adjust_nonresponse("resp", classes="g", variance="fixed")
    given = Design(frame.with_columns(w=pl.Series(made.weights)), "w", strata="h", clusters="psu")
    assert made.mean("y")["se"][0] == pytest.approx(given.mean("y")["se"][0], rel=1e-12)
    counted = d.adjust_nonresponse("resp", classes="g")
    assert counted.mean("y")["se"][0] < made.mean("y")["se"][0]  # g explains y: it helps


def test_nonresponse_then_calibration() -> None:
    """The steps are undone from the last; the jackknife makes both anew in each replicate."""
    frame = sample()
    d = Design(frame, "w", strata="h", clusters="psu")
    k = pl.when(pl.col("x") > 1).then(pl.lit("high")).otherwise(pl.lit("low"))
    d.frame, margins = frame.with_columns(k=k), {"k": {"high": 18_000.0, "low": 12_000.0}}
    both = [made.adjust_nonresponse("resp", classes="g").calibrate(margins)
            for made in (d, d.replicates("jkn"))]  # fmt: skip
    one, two = (made.mean("y")["se"][0] for made in both)
    assert one == pytest.approx(two, rel=0.03)
    first = copy(both[0])
    first.calibrations = first.calibrations[1:]
    assert first.mean("y")["se"][0] != pytest.approx(one, rel=0.01)
