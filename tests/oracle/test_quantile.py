"""Quantiles, Gini and poverty rates against R survey (goldens made by quantile.R)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from analysis.design import Replicates
from analysis.estimation import Design
from analysis.estimators.cdf import Rule
from analysis.estimators.options import Interval

HERE = Path(__file__).parent
# Quantiles are observed values, or lines between two of them: the sums differ in their order
# only. Standard errors of Gini and poverty are sums of squares of the same scores.
QUANTILE, SE, INDEX = 1e-10, 1e-8, 1e-10
# A linearized and a jackknife variance of Gini are two estimators of one quantity: with 24 PSUs
# they differ by terms of the order of 1 / (PSUs of a stratum), here 6.
LOOSE = 0.15

GOLDEN = pl.read_csv(HERE / "quantile.csv", infer_schema_length=None)
INEQUALITY = pl.read_csv(HERE / "inequality.csv", infer_schema_length=None)
FACTORS = pl.read_csv(HERE / "quantile_factors.csv", infer_schema_length=None)
API = pl.read_csv(HERE / "quantile_api.csv", infer_schema_length=None)
ROWS = pl.read_csv(HERE / "quantile_rows.csv", infer_schema_length=None)
LINEAR: dict[str, tuple[str, dict[str, Any]]] = {
    "strat": ("strat", {"strata": "stype", "fpc": "fpc1"}),
    "clus1": ("clus1", {"clusters": "dnum", "fpc": "fpc1"}),
    "clus2": ("clus2", {"clusters": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]}),
    "element": ("", {}),
    "clustered": ("", {"strata": "h", "clusters": "psu"}),
    "fpc_clustered": ("", {"strata": "h", "clusters": "psu", "fpc": "N_psu"}),
}
REPLICATED = {"jk1": ("clus1", "dnum"), "jkn": ("", "psu"), "bootstrap": ("", "psu")}
CIS = {"mean": "wald", "xlogit": "logit", "asin": "asin", "beta": "korn_graubard"}
MEASURES: dict[str, dict[str, Any]] = {
    "rate": {"threshold": 0.6}, "rate_mean": {"threshold": 0.5, "of": "mean"},
}  # fmt: skip


def respondents(sample: str) -> tuple[pl.DataFrame, str]:
    if not sample:
        return ROWS, "w"
    return API.filter(pl.col("sample") == sample), "pw"


@cache
def design(name: str) -> Design:
    if name in LINEAR:
        sample, stages = LINEAR[name]
        frame, weight = respondents(sample)
        return Design(frame, weight, **stages)
    sample, unit = REPLICATED[name]
    frame, weight = respondents(sample)
    mine = FACTORS.filter(pl.col("kind") == name)
    wide = mine.pivot("replicate", index="psu", values="factor")
    factors = frame.select(psu=pl.col(unit).cast(pl.String)).join(
        wide, on="psu", how="left", maintain_order="left"
    )
    weights = factors.drop("psu").to_numpy() * frame[weight].to_numpy()[:, None]
    rscales = mine.unique("replicate", maintain_order=True)["rscale"].to_numpy()
    strata: dict[str, Any] = {} if name == "jk1" else {"strata": "h"}
    return Design(frame, weight, clusters=unit, **strata,
                  replicates=Replicates(weights, mine["scale"][0], rscales, name))  # fmt: skip


def found(case: dict[str, Any]) -> pl.DataFrame:
    inside = domain(case)
    shares = [0.25, 0.5, 0.9] if inside is None else [0.255, 0.505, 0.895]
    made = design(case["design"]).quantile(
        case["variable"], shares, by=inside, df=case["freedom"],
        ci="replication" if case["type"] == "quantile" else "woodruff",
        cdf_ci=cast(Interval, CIS.get(case["type"], "wald")),
        interpolation=cast(Rule, case["rule"]),
    )  # fmt: skip
    return made if inside is None else made.filter(pl.col(inside) == case["level"])


def domain(case: dict[str, Any]) -> str | None:
    if case["level"] == "all":
        return None
    return "stype" if "stype" in design(case["design"]).frame.columns else "g"


def smallest(case: dict[str, Any]) -> list[float]:
    """The two smallest observations of a case."""
    frame, by = design(case["design"]).frame, domain(case)
    inside = frame if by is None else frame.filter(pl.col(by) == case["level"])
    return inside[case["variable"]].drop_nulls().sort().head(2).to_list()


KEYS = ["design", "variable", "level", "rule", "type", "freedom"]
CASES = GOLDEN.filter(pl.col("design") != "six").unique(KEYS, maintain_order=True)


@pytest.mark.parametrize("case", CASES.select(KEYS).to_dicts(), ids=lambda c: "-".join(c.values()))
def test_agrees_with_r(case: dict[str, Any]) -> None:
    r = GOLDEN.filter(pl.all_horizontal(pl.col(k) == v for k, v in case.items()))
    ours = found(case)
    first, second = smallest(case)
    assert ours["n"].to_list() == r["n"].to_list()
    assert ours["quantile"].to_list() == pytest.approx(r["p"].to_list())
    for a, b in zip(ours.to_dicts(), r.to_dicts(), strict=True):
        assert known(a["estimate"]) == near(b["estimate"], QUANTILE)
        assert known(a["ci_high"]) == near(b["ci_high"], QUANTILE)
        if a["ci_low"] == first and case["rule"] in ("math", "school"):
            assert b["ci_low"] == second  # 4.1-1 never returns the smallest observation
            continue
        assert known(a["ci_low"]) == near(b["ci_low"], QUANTILE)
        assert known(a["se"]) == near(b["se"], SE)


def known(value: float | None) -> float:
    """NaN for null: R's NaN is written as nothing."""
    return float("nan") if value is None else value


def near(value: float | None, tolerance: float) -> Any:
    return pytest.approx(known(value), rel=tolerance, nan_ok=True)


def test_the_smallest_observation_can_be_a_quantile() -> None:
    """Of 1, 2, 2, 3, 5, 8 with equal weights F(1) = 1/6, above 0.05. R survey 4.1-1 says 2."""
    six = Design(pl.DataFrame({"x": [1, 2, 2, 3, 5, 8], "w": [1.0] * 6}), "w")
    wrong = GOLDEN.filter(pl.col("design") == "six")["estimate"][0]
    assert wrong == 2
    assert six.quantile("x", 0.05)["estimate"][0] == 1


@pytest.mark.parametrize("level", ["all", "a", "b", "c"])
@pytest.mark.parametrize("measure", ["gini", *MEASURES])
@pytest.mark.parametrize("name", ["element", "clustered", "fpc_clustered", "jkn", "bootstrap"])
def test_inequality_agrees_with_first_principles(name: str, measure: str, level: str) -> None:
    r = golden(measure, name, level)
    ours = index(measure, name, level)
    assert ours["estimate"][0] == pytest.approx(r["estimate"], rel=INDEX)
    assert ours["se"][0] == pytest.approx(r["se"], rel=SE)


@pytest.mark.parametrize("level", ["all", "a", "b"])
def test_linearized_gini_is_near_the_jackknife(level: str) -> None:
    linearized = index("gini", "clustered", level)["se"][0]
    assert linearized == pytest.approx(golden("gini", "jkn", level)["se"], rel=LOOSE)


@pytest.mark.parametrize("level", ["all", "a", "b"])
def test_linearized_poverty_rate_is_near_the_bootstrap(level: str) -> None:
    """40 replicates: the spread of a standard error is about 1 / sqrt(80), 11 %."""
    linearized = index("rate", "clustered", level)["se"][0]
    assert linearized == pytest.approx(golden("rate", "bootstrap", level)["se"], rel=0.35)


def index(measure: str, name: str, level: str) -> pl.DataFrame:
    by = None if level == "all" else "g"
    if measure == "gini":
        made = design(name).gini("income", by=by)
    else:
        made = design(name).poverty_rate("income", **MEASURES[measure], by=by)
    return made if by is None else made.filter(pl.col("g") == level)


def golden(measure: str, name: str, level: str) -> dict[str, Any]:
    wanted = {"measure": measure, "design": name, "level": level}
    return INEQUALITY.row(
        by_predicate=pl.all_horizontal(pl.col(k) == v for k, v in wanted.items()), named=True
    )


def test_goldens_say_what_made_them() -> None:
    assert set(GOLDEN["survey"]) == set(INEQUALITY["survey"]) == {"4.1.1"}
    assert np.isfinite(INEQUALITY["se"].to_numpy()).all()
