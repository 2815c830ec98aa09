"""Weights and standard errors after calibration against R survey (weighting.R)."""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.design import Floats
from analysis.estimation import Design
from analysis.variance.scores import covariance, unit_sums

GOLDENS = Path(__file__).parent / "weighting"
# Asked for: 1e-8 and 1e-7. R stops at 1e-12 of the totals, and so do we.
WEIGHT, ESTIMATE, SE = 1e-10, 1e-10, 1e-9
MODEL = 1e-7  # svyglm's bread is that of the iteration before the last
ROUNDED = 1e-9  # a standard error that calibration makes 0, relative to the estimate

CASES = pl.read_csv(GOLDENS / "cases.csv")
ESTIMATES = pl.read_csv(GOLDENS / "estimates.csv")
MARGINS = pl.read_csv(GOLDENS / "margins.csv", schema_overrides={"category": pl.String})

SCHOOLS = {"weight": "pw", "fpc": "fpc"}
PEOPLE: dict[str, Any] = {"weight": "w", "strata": "h", "clusters": "psu"}
DESIGNS: dict[str, tuple[str, dict[str, Any], str]] = {
    "strat": ("strat", {**SCHOOLS, "strata": "stype"}, ""),
    "clus1": ("clus1", {**SCHOOLS, "clusters": "dnum"}, ""),
    "people": ("people", {**PEOPLE, "fpc": "n_psu"}, ""),
    "people_wr": ("people", {**PEOPLE, "clusters": ["psu", "hh"]}, ""),
    "people_hh": ("people", {"weight": "w", "clusters": "hh"}, ""),
    "clus1_jk1": ("clus1", {"weight": "pw", "clusters": "dnum"}, "jk1"),
    "strat_jkn": ("strat", {**SCHOOLS, "strata": "stype"}, "jkn"),
    "people_jkn": ("people", {**PEOPLE, "fpc": "n_psu"}, "jkn"),
    "people_boot": ("people", {"weight": "w", "replication": "bootstrap",
                               "replicate_weights": [f"boot{i + 1}" for i in range(40)]}, ""),
}  # fmt: skip
SCHOOL_PLAN: dict[str, Any] = {
    "mean": ["api00", "ell"], "total": ["students", "ell"],
    "ratio": (["api00", "ell"], ["api99", "meals"]), "proportion": "awards", "by": "stype",
    "model": "api00 ~ ell + meals + C(stype)", "logistic": "yes ~ ell + meals",
}  # fmt: skip
PEOPLE_PLAN: dict[str, Any] = {
    "mean": ["hours", "income"], "total": ["hours", "income"], "ratio": ("hours", "income"),
    "proportion": "uses", "by": "region", "model": "hours ~ C(sex) + C(age) + income",
    "logistic": "yes ~ C(age) + C(sex)",
}  # fmt: skip


def plan(data: str) -> dict[str, Any]:
    return PEOPLE_PLAN if data == "people" else SCHOOL_PLAN


@cache
def base(name: str) -> Design:
    data, arguments, kind = DESIGNS[name]
    frame = pl.read_csv(GOLDENS / f"{data}.csv", infer_schema_length=None)
    answer = pl.col(plan(data)["proportion"]).str.to_lowercase() == "yes"
    made = Design(frame.with_columns(yes=answer.cast(pl.Int8)), **arguments)
    return made.replicates(kind) if kind else made  # type: ignore[arg-type]


def margins(name: str, *, units: bool = False) -> dict[Any, Any]:
    """The margins of a set as calibrate() takes them."""
    found: dict[Any, Any] = {}
    rows = MARGINS.filter(pl.col("set") == name, pl.col("unit") == units)
    for columns, category, target in rows.select("columns", "category", "target").iter_rows():
        key = tuple(columns.split("|"))
        if category is None:
            found[columns] = target
        elif len(key) == 1:
            found.setdefault(columns, {})[category] = target
        else:
            found.setdefault(key, {})[tuple(category.split("|"))] = target
    return found


@cache
def calibrated(case: str) -> Design:
    c = CASES.row(by_predicate=pl.col("case") == case, named=True)
    bounds = None if c["low"] is None else (c["low"], c["high"])
    return base(c["design"]).calibrate(
        margins(c["set"]), c["method"], bounds=bounds, unit=c["unit"],
        unit_margins=margins(c["set"], units=True) or None,
    )  # fmt: skip


def estimates(d: Design, data: str) -> pl.DataFrame:
    """estimator, variable, domain, estimate, se of all that the golden holds."""
    p = plan(data)
    parts = []
    for estimator in ("mean", "total", "ratio", "proportion"):
        given = p[estimator] if estimator == "ratio" else (p[estimator],)
        for domain, more in (("all", {}), ("where", {"where": pl.col("keep") == 1}),
                             ("by", {"by": p["by"]})):  # fmt: skip
            found = getattr(d, estimator)(*given, **more)
            if estimator == "proportion":
                found = found.filter(pl.col("category").str.to_lowercase() == "yes")
            label = pl.concat_str(pl.lit("by:"), p["by"]) if domain == "by" else pl.lit(domain)
            variable = pl.col("variable").str.replace_all(" ", "")
            parts.append(found.select(estimator=pl.lit(estimator), variable=variable, domain=label,
                                      estimate="estimate", se="se"))  # fmt: skip
    return pl.concat(parts)


def agree(found: pl.DataFrame, golden: pl.DataFrame, rel: float = SE) -> None:
    both = golden.join(found, on=["estimator", "variable", "domain"], suffix="_ours")
    assert both.height == golden.height
    for r in both.iter_rows(named=True):
        where = (r["estimator"], r["variable"], r["domain"])
        assert r["estimate_ours"] == pytest.approx(r["estimate"], rel=ESTIMATE), where
        if r["se"] is None:
            continue
        nothing = ROUNDED * abs(r["estimate"])
        assert r["se_ours"] == pytest.approx(r["se"], rel=rel, abs=nothing), where


def case_row(case: str) -> dict[str, Any]:
    return CASES.row(by_predicate=pl.col("case") == case, named=True)


def golden(case: str, *estimators: str) -> pl.DataFrame:
    return ESTIMATES.filter(pl.col("case") == case, pl.col("estimator").is_in(estimators))


LINEARIZED = [c for c, d in CASES.select("case", "design").iter_rows() if not DESIGNS[d][2]
              and d != "people_boot"]  # fmt: skip
RAKE = [c for c in LINEARIZED if ".rake." in c and "clus1" not in c]  # clus1: equal weights
SUMS = ("mean", "total", "ratio", "proportion")


@pytest.mark.parametrize("case", CASES["case"])
def test_weights(case: str) -> None:
    data = DESIGNS[case_row(case)["design"]][0]
    expected = pl.read_csv(GOLDENS / f"weights_{data}.csv")[case].to_numpy()
    np.testing.assert_allclose(calibrated(case).weights, expected, rtol=WEIGHT)


@pytest.mark.parametrize("case", [c for c in CASES["case"] if c not in RAKE])
def test_estimates_and_standard_errors(case: str) -> None:
    data = DESIGNS[case_row(case)["design"]][0]
    agree(estimates(calibrated(case), data), golden(case, *SUMS))


@pytest.mark.parametrize("case", [c for c in CASES["case"] if c not in RAKE])
@pytest.mark.parametrize(("which", "family"), [("model", "gaussian"), ("logistic", "binomial")])
def test_regressions(case: str, which: str, family: Any) -> None:
    formula = plan(DESIGNS[case_row(case)["design"]][0])[which]
    fitted = calibrated(case).regress(formula, family)
    expected = golden(case, which)  # in the order of the formula, as ours
    found = expected.with_columns(estimate=pl.Series(fitted.estimate),
                                  se=pl.Series(np.sqrt(np.diag(fitted.covariance))))  # fmt: skip
    agree(found, expected, MODEL)


@pytest.mark.parametrize("case", [c for c in LINEARIZED if c not in RAKE])
def test_medians(case: str) -> None:
    """Woodruff's interval and the standard error drawn from it, at R's rule."""
    variables = plan(DESIGNS[case_row(case)["design"]][0])["mean"]
    found = calibrated(case).quantile(variables, 0.5).select("variable", "estimate", "se")
    found = found.with_columns(estimator=pl.lit("median"), domain=pl.lit("all"))
    agree(found, golden(case, "median"))


def kept_by_rake(design: Design, columns: list[str], scores: Floats) -> Floats:
    """What R leaves of the scores after rake(): ten rounds of plain means, not weighted ones."""
    w = design.weights[:, None]
    for _ in range(10):
        for c in columns:
            code = design.frame[c].cast(pl.String).rank("dense").to_numpy().astype(np.int64) - 1
            means = unit_sums(code, code.max() + 1, scores / w) / np.bincount(code)[:, None]
            scores = scores - w * means[code]
    return scores


@pytest.mark.parametrize("case", RAKE)
def test_rake_has_other_standard_errors_in_r(case: str) -> None:
    """The weights are calibrate's; its errors are ours only where the first weights are equal."""
    row = case_row(case)
    data, d = DESIGNS[row["design"]][0], calibrated(case)
    expected, found = golden(case, *SUMS), estimates(d, data)
    without = pl.lit(None, pl.Float64)
    agree(found.with_columns(se=without), expected.with_columns(se=without))
    cells = expected.filter(estimator="proportion").iter_rows(named=True)
    y = d.frame["yes"].to_numpy().astype(np.float64)
    group = d.frame[plan(data)["by"]].to_numpy()
    for cell in (c for c in cells if c["domain"] != "where"):
        inside = (group == cell["domain"][3:]) | (cell["domain"] == "all")
        w = d.weights * inside
        scores = w * (y - w @ y / w.sum()) / w.sum()
        left = kept_by_rake(d, list(margins(row["set"])), scores[:, None])
        theirs = covariance(left, base(row["design"]))[0, 0] ** 0.5
        assert theirs == pytest.approx(cell["se"], rel=SE, abs=ROUNDED), cell["domain"]
    if data == "strat":  # a margin: nothing is left to vary, and R does not see it
        share = {"estimator": "proportion", "variable": "awards", "domain": "all"}
        assert found.filter(**share)["se"][0] < ROUNDED
        assert expected.filter(**share)["se"][0] > 1e-6  # ten rounds, not all


def twice(d: Design) -> Design:
    first = d.calibrate(margins("people_one"), "linear")
    return first.calibrate(margins("people_mixed"), "linear")


def test_calibrated_twice_has_other_standard_errors_in_r() -> None:
    """R undoes the steps from the first to the last. The jackknife says from the last."""
    made = twice(base("people"))
    ours = estimates(made, "people").filter(domain="all")
    expected = golden("twice", *SUMS)
    turned = copy(made)
    turned.calibrations = made.calibrations[::-1]
    agree(estimates(turned, "people").filter(domain="all"), expected)
    jackknife = estimates(twice(base("people_jkn")), "people").filter(domain="all")
    for our, r, jkn in zip(ours["se"], expected["se"], jackknife["se"], strict=True):
        assert abs(our - jkn) < abs(r - jkn)
    # income is a margin of the second step: nothing is left to vary, and R does not see it
    known = pl.col("variable") == "income", pl.col("estimator") == "total"
    total = ours.filter(known).row(0, named=True)
    assert total["se"] < ROUNDED * total["estimate"]
    assert jackknife.filter(known)["se"][0] < ROUNDED * total["estimate"]
    assert expected.filter(known)["se"][0] > 1e-4 * total["estimate"]


@pytest.mark.parametrize(("name", "columns", "method", "bounds"), [
    ("strat", "schools_three", "raking", (0.813, 1.077)),
    ("clus1", "schools_two", "logit", (0.9, 1.836)),
])  # fmt: skip
def test_arrives_where_r_does_not(name: str, columns: str, method: Any, bounds: Any) -> None:
    """R: "Calibration failed", though it has weights for another method within the bounds."""
    d = base(name)
    made = d.calibrate(margins(columns), method, bounds=bounds)
    assert np.abs(made.report.margins["gap"].to_numpy()).max() < 1e-9
    ratio = made.weights / d.weights
    assert bounds[0] - 1e-12 <= ratio.min() <= ratio.max() <= bounds[1] + 1e-12


def test_goldens_say_what_made_them() -> None:
    for path in GOLDENS.glob("*.csv"):
        table = pl.read_csv(path, infer_schema_length=None)
        if path.stem not in ("strat", "clus1", "people"):
            assert set(table["survey"]) == {"4.1.1"}, path
    assert set(CASES["design"]) == set(DESIGNS)
