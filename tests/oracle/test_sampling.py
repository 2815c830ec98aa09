"""The precision expected before the field against R survey (sampling.R)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.sampling import Domain, Expected, Plan, Stratum, by_stratum, expected, whole

GOLDENS = Path(__file__).parent / "sampling"
# R prints 15 digits; the expanded sample has its variance but for rounding. Asked for: 1e-8.
CLOSE = 1e-10
NOTHING = 1e-12  # a standard error that is 0

PLANS = pl.read_csv(GOLDENS / "plans.csv")
EXPECTED = pl.read_csv(GOLDENS / "expected.csv")
ENUMERATED = pl.read_csv(GOLDENS / "enumerated.csv")


@cache
def told(name: str) -> dict[str, Expected]:
    """What we expect of a plan, by the domain's name in the golden."""
    rows = PLANS.filter(pl.col("plan") == name)
    strata = tuple(Stratum((s,), population=n) for s, n in rows.select("stratum", "N").rows())
    plan = Plan(strata, rows["n"].to_numpy(), rows["p"].to_numpy(), np.ones(rows.height))
    unions = [Domain(g, "", tuple(x == g for x in rows["g"])) for g in rows["g"].unique()]
    domains = [whole(strata), *unions, *by_stratum(strata)]
    found = expected(plan, domains)
    return {"all": found[0]} | {e.value or e.domain: e for e in found[1:]}


@pytest.mark.parametrize("golden", EXPECTED.to_dicts(), ids=lambda r: f"{r['plan']}-{r['domain']}")
def test_an_expanded_sample(golden: dict[str, float]) -> None:
    found = told(str(golden["plan"]))[str(golden["domain"])]
    assert found.p == pytest.approx(golden["p"], rel=CLOSE)
    for ours, theirs in (
        (found.se, golden["se"]), (found.margin, golden["margin"]), (found.cv, golden["cv"]),
    ):  # fmt: skip
        assert ours == pytest.approx(theirs, rel=CLOSE, abs=NOTHING)


@pytest.mark.parametrize("golden", EXPECTED.to_dicts(), ids=lambda r: f"{r['plan']}-{r['domain']}")
def test_degrees_of_freedom_of_the_whole_design(golden: dict[str, float]) -> None:
    rows = PLANS.filter(pl.col("plan") == golden["plan"])
    assert rows["n"].sum() - rows.height == golden["df"]


@pytest.mark.parametrize("golden", ENUMERATED.to_dicts(), ids=lambda r: r["domain"])
def test_every_sample_of_a_small_population(golden: dict[str, float]) -> None:
    """The variance over all 1,200 samples, and the mean of the variances estimated in them."""
    found = told("small")[str(golden["domain"])]
    assert found.p == pytest.approx(golden["p"], rel=CLOSE)
    assert found.se**2 == pytest.approx(golden["variance"], rel=CLOSE)
    assert found.se**2 == pytest.approx(golden["mean_of_variances"], rel=CLOSE)
