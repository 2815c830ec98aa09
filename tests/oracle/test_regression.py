"""Regression and its margins against R survey (goldens made by regression.R)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimation import Design
from analysis.estimators.formula import parse
from analysis.estimators.regression import Regression

HERE = Path(__file__).parent / "regression"
# Estimates and variances are the same formulas; R stops at 1e-14 of the deviance. Margins in R
# are numeric derivatives (Richardson), their gradients good to about 1e-9.
ESTIMATE, SE, MARGIN, MARGIN_SE = 1e-8, 1e-7, 1e-8, 1e-8

STRAT: dict[str, Any] = {"weight": "pw", "strata": "stype", "fpc": "fpc"}
DESIGNS: dict[str, tuple[str, dict[str, Any]]] = {
    "strat": ("strat", STRAT),
    "clus2": ("clus2", {"clusters": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]}),
    "nhanes": ("nhanes", {"weight": "w", "strata": "stratum", "clusters": "psu"}),
    "boot": ("strat", {"weight": "pw", "replication": "bootstrap", "scale": 1 / 39,
                       "replicate_weights": [f"b{i:02d}" for i in range(1, 41)]}),
}  # fmt: skip
DISTRICTS = pl.col("meals") > 20
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "strat_gaussian": ("api00 ~ ell + meals + stype", {}),
    "strat_missing": ("api00 ~ mobility * stype + ell", {}),
    "strat_slopes": ("api00 ~ ell:stype + log(enroll)", {}),
    "strat_levels": ("api00 ~ 0 + stype + sqrt(ell) + meals", {}),
    "strat_logit": ("wide ~ ell + meals * C(stype)", {"family": "binomial"}),
    "strat_domain": ("wide ~ ell + stype", {"family": "binomial", "where": DISTRICTS}),
    "strat_probit": ("wide ~ ell + meals", {"family": "binomial", "link": "probit"}),
    "strat_cloglog": ("wide ~ ell + meals", {"family": "binomial", "link": "cloglog"}),
    "strat_poisson": ("absent ~ log(enroll) + stype + meals", {"family": "poisson"}),
    "clus2_gaussian": ("api00 ~ ell + meals + mobility", {}),
    "clus2_logit": ("wide ~ ell + meals", {"family": "binomial"}),
    "clus2_poisson": ("absent ~ log(enroll) + meals", {"family": "poisson"}),
    "nhanes_logit": ("chol ~ C(age) + C(race) * C(sex)", {"family": "binomial"}),
    "nhanes_domain": (
        "chol ~ C(age) + C(race)",
        {"family": "binomial", "where": (pl.col("sex") == 1) & (pl.col("age") > 1)},
    ),
    "nhanes_poisson": ("chol ~ age + square(age) + C(race)", {"family": "poisson"}),
    "jkn_gaussian": ("api00 ~ ell + meals + stype", {}),
    "jkn_logit": ("wide ~ ell + meals", {"family": "binomial"}),
    "boot_logit": ("wide ~ ell + meals", {"family": "binomial"}),
    "boot_poisson": ("absent ~ log(enroll) + stype + meals", {"family": "poisson"}),
}
TESTS = {"ell+meals": ["ell", "meals"]}


def golden(name: str) -> pl.DataFrame:
    return pl.read_csv(HERE / f"{name}_golden.csv", schema_overrides={"category": pl.String})


@cache
def design(name: str) -> Design:
    if name == "jkn":
        frame = pl.read_csv(HERE / "strat.csv")
        return Design(frame, "pw", strata="stype").replicates("jkn")
    data, arguments = DESIGNS[name]
    return Design(pl.read_csv(HERE / f"{data}.csv"), **arguments)


@cache
def model(name: str) -> Regression:
    formula, arguments = MODELS[name]
    return design(name.split("_")[0]).regress(formula, df="domain", **arguments)


@pytest.mark.parametrize("name", MODELS)
def test_coefficients_agree_with_r(name: str) -> None:
    found = model(name)
    r = golden("coefficients").filter(pl.col("model") == name)
    assert found.table["estimate"].to_numpy() == pytest.approx(
        r["estimate"].to_numpy(), rel=ESTIMATE
    )
    assert found.table["se"].to_numpy() == pytest.approx(r["se"].to_numpy(), rel=SE)
    assert set(r["df"]) == {found.df}
    assert found.table["p_value"].to_numpy() == pytest.approx(r["p"].to_numpy(), rel=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_covariances_agree_with_r(name: str) -> None:
    found = model(name)
    r = golden("covariances").filter(pl.col("model") == name)
    k = len(found.terms)
    scale = np.sqrt(np.outer(np.diag(found.covariance), np.diag(found.covariance)))
    expected = r.sort("i", "j")["covariance"].to_numpy().reshape(k, k)
    assert found.covariance / scale == pytest.approx(expected / scale, abs=SE)


@pytest.mark.parametrize("row", golden("tests").rows(named=True), ids=lambda r: r["terms"])
def test_wald_tests_agree_with_reg_term_test(row: dict[str, Any]) -> None:
    found = model(row["model"]).wald_test(TESTS.get(row["terms"], row["terms"]))
    assert (found.df, found.df_denominator) == (row["q"], row["df"])
    assert found.statistic == pytest.approx(row["f"], rel=1e-7)
    assert found.p_value == pytest.approx(row["p"], rel=1e-5)


@pytest.mark.parametrize(
    "row", golden("margins").rows(named=True), ids=lambda r: f"{r['model']}-{r['variable']}"
)
def test_margins_agree_with_numeric_derivatives(row: dict[str, Any]) -> None:
    held = [pair.split("=") for pair in (row["at"] or "").split(";") if pair]
    at = {name: float(v) if v.isdigit() and name == "meals" else v for name, v in held}
    for covariates, se in (("fixed", row["se_fixed"]), ("sampled", row["se_sampled"])):
        method = getattr(model(row["model"]), row["kind"])
        table = method(row["variable"], at, covariates=covariates)
        found = table.row(by_predicate=pl.col("category") == (row["category"] or ""), named=True)
        assert found["estimate"] == pytest.approx(row["estimate"], rel=MARGIN)
        if se is not None:
            assert found["se"] == pytest.approx(se, rel=MARGIN_SE)


def test_adjusted_shares_are_those_of_svypredmeans() -> None:
    found = design("nhanes").regress("chol ~ C(age) + C(sex) + C(race)", "binomial")
    ours = found.adjusted("race", covariates="sampled")
    r = golden("predictive").cast({"category": pl.String}).sort("category")
    assert ours["estimate"].to_numpy() == pytest.approx(r["estimate"].to_numpy(), rel=ESTIMATE)
    # R adds two variances without their covariance; the jackknife sides with ours (method page)
    assert ours["se"].to_numpy() == pytest.approx(r["se"].to_numpy(), rel=0.05)
    again = (
        design("nhanes").replicates("jkn").regress("chol ~ C(age) + C(sex) + C(race)", "binomial")
    )
    jackknife = again.adjusted("race", covariates="sampled")["se"].to_numpy()
    assert ours["se"].to_numpy() == pytest.approx(jackknife, rel=0.01)
    assert (ours["ci_low"] > 0).all()


def test_degrees_of_freedom_are_the_design_s_by_default() -> None:
    found = design("strat").regress("api00 ~ mobility", where=DISTRICTS)
    assert found.df == 197 - 1
    assert design("strat").regress("api00 ~ mobility", where=DISTRICTS, df="domain").df < 196


def test_an_intercept_alone_is_the_mean() -> None:
    found = design("nhanes").regress("chol ~ 1")
    mean = design("nhanes").mean("chol")
    assert found.table["estimate"][0] == pytest.approx(mean["estimate"][0], rel=1e-12)
    assert found.table["se"][0] == pytest.approx(mean["se"][0], rel=1e-10)


def test_saturated_model_gives_back_the_shares_of_groups() -> None:
    shares = design("nhanes").mean("chol", by="race")
    adjusted = design("nhanes").regress("chol ~ C(race)", "binomial").adjusted("race")
    assert adjusted["estimate"].to_numpy() == pytest.approx(shares["estimate"].to_numpy(), rel=1e-9)
    assert adjusted["se"].to_numpy() == pytest.approx(shares["se"].to_numpy(), rel=1e-8)


def test_units_rows_and_weights_times_a_constant_do_not_matter() -> None:
    plain = model("strat_logit")
    frame = design("strat").frame.with_columns(pl.col("pw") * 1e-6, ell=pl.col("ell") * 1e7)
    other = Design(frame.sample(fraction=1, shuffle=True, seed=3), **STRAT)
    found = other.regress(*MODELS["strat_logit"][:1], **MODELS["strat_logit"][1])
    scale = np.where(np.array(plain.terms) == "ell", 1e7, 1.0)
    assert found.estimate * scale == pytest.approx(plain.estimate, rel=1e-9)
    se = np.sqrt(np.diag(found.covariance)) * scale
    assert se == pytest.approx(np.sqrt(np.diag(plain.covariance)), rel=1e-8)


def test_large_numbers_lose_no_digits() -> None:
    frame = design("strat").frame.with_columns(year=1990 + pl.col("meals") / 10)
    short = Design(frame.with_columns(pl.col("year") - 1990), **STRAT)
    a = Design(frame, **STRAT).regress("api00 ~ year + square(year)").table.tail(1)
    b = short.regress("api00 ~ year + square(year)").table.tail(1)
    assert a["estimate"][0] == pytest.approx(b["estimate"][0], rel=1e-6)
    assert a["se"][0] == pytest.approx(b["se"][0], rel=1e-6)


def test_reference_and_names() -> None:
    found = design("strat").regress("api00 ~ stype:ell + stype", reference={"stype": "M"})
    assert found.terms == ("(intercept)", "stype[E]", "stype[H]", "stype[M]:ell",
                           "stype[E]:ell", "stype[H]:ell")  # fmt: skip
    assert "odds_ratio" not in found.table.columns
    logit = model("strat_logit").table
    assert logit["odds_ratio"].to_numpy() == pytest.approx(np.exp(logit["estimate"].to_numpy()))
    assert "rate_ratio_low" in model("strat_poisson").table.columns
    assert "stype" in str(found)


def test_the_null_hypothesis_is_a_sentence() -> None:
    text = str(model("strat_gaussian").wald_test("stype"))
    assert "null hypothesis that the coefficients of stype[H] and stype[M] are all 0" in text
    assert "F(2, 193)" in text


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('true')",
        "y ~ __import__('os').system('true')",
        "y ~ x.__class__",
        "y ~ np.log(x)",
        "y ~ C(x, Treatment('a'))",
        "y ~ C(__import__('os'))",
        "y ~ I(x**2)",
        "y ~ eval(x)",
        "y ~ log(log(x))",
        "y ~ x[0]",
        "y ~ {x}",
        "y ~ x; import os",
        "y ~ x ~ z",
        "y ~ (x + z)",
        "y ~ lambda: 0",
        "y ~ 2*x",
        "y ~ 1e9",
        "y ~ x - z",
        "y ~ x +",
        "y ~ `x",
        "C(y) ~ x",
        "y + z ~ x",
        "~ x",
        "y ~",
        "",
        "y ~ a*b*c*d*e*f*g",
        "y ~ " + "+".join(f"x{i}" for i in range(9999)),
    ],
)
def test_hostile_formulas_are_refused(formula: str) -> None:
    with pytest.raises(BaroError) as caught:
        parse(formula)
    assert caught.value.problems[0].remedy


def test_what_the_grammar_reads() -> None:
    formula = parse("log(y) ~ a*b:`c d` + 0 + C(é)")
    assert [":".join(map(str, t)) for t in formula.terms] == ["a", "C(é)", "b:`c d`", "a:b:`c d`"]
    assert not formula.intercept
    assert str(formula.response) == "log(y)"


def small() -> Design:
    frame = pl.DataFrame(
        {
            "y": [0, 0, 0, 0, 1, 1, 1, 1] * 4,
            "wrong": [0, 2, 1, 1] * 8,
            "x": [1.0, 2, 3, 4, 5, 6, 7, 8] * 4,
            "z": [1.0, 5, 3, 2, 2, 4, 3, 1] * 4,
            "g": ["a", "b", "a", "b", "a", "b", "c", "c"] * 4,
            "id": [str(i) for i in range(32)],
            "psu": [i // 4 for i in range(32)],
            "w": [1.0] * 32,
        }
    ).with_columns(twice=2 * pl.col("x") + 1, nothing=pl.lit(None, pl.Float64))
    return Design(frame, "w", clusters="psu")


@pytest.mark.parametrize(
    ("formula", "arguments", "words"),
    [
        ("y ~ x", {"family": "binomial"}, "separation"),
        ("y ~ z + C(g)", {"family": "binomial"}, "g[c]"),
        ("y ~ z + C(g)", {"family": "poisson"}, ""),
        ("wrong ~ z", {"family": "binomial"}, "the value 2"),
        ("y ~ z", {"family": "binomial", "where": pl.col("y") == 1}, "everybody in the base has 1"),
        ("y ~ x + twice", {}, "collinear"),
        ("y ~ C(g) + C(g):z + z + C(id)", {}, "too few PSUs"),
        ("y ~ nothing", {}, "nobody in the domain"),
        ("y ~ missing", {}, "no such column"),
        ("y ~ log(id)", {}, "categories here"),
        ("y ~ z + log(x) + C(x)", {}, "categories here"),
        ("y ~ sqrt(lower)", {}, "no such column"),
        ("id ~ x", {}, "numbers"),
        ("y ~ y", {}, "both sides"),
        ("y ~ 0", {}, "no term"),
        ("y ~ z", {"family": "gamma"}, "family"),
        ("y ~ z", {"link": "logit"}, "link"),
        ("y ~ z", {"reference": {"z": 1}}, "reference of z"),
        ("y ~ C(g)", {"reference": {"g": "zz"}}, "does not occur"),
    ],
)
def test_refusals(formula: str, arguments: dict[str, Any], words: str) -> None:
    if not words:  # a rate of 0 separates for counts; here all groups have counts
        small().regress(formula, **arguments)
        return
    with pytest.raises(BaroError) as caught:
        small().regress(formula, **arguments)
    assert words in str(caught.value)
    assert caught.value.problems[0].remedy


def test_separated_counts_are_refused() -> None:
    frame = small().frame.with_columns(count=pl.when(pl.col("g") == "a").then(0).otherwise(3))
    with pytest.raises(BaroError, match="separation"):
        Design(frame, "w", clusters="psu").regress("count ~ z + C(g)", "poisson")


def test_undefined_functions_are_refused_by_name() -> None:
    frame = small().frame.with_columns(below=pl.col("x") - 3)
    with pytest.raises(BaroError, match="not defined for 12 respondents"):
        Design(frame, "w", clusters="psu").regress("z ~ log(below)")


def test_margins_refuse_what_they_cannot_hold() -> None:
    found = small().regress("z ~ x + C(g)")
    for call in (
        lambda: found.margins("w"),
        lambda: found.margins("x", {"g": "zz"}),
        lambda: found.margins("x", {"x": "old"}),
        lambda: found.adjusted("x"),
        lambda: found.margins("x", covariates="any"),  # type: ignore[arg-type]
        lambda: found.wald_test("w"),
    ):
        with pytest.raises(BaroError):
            call()


def test_goldens_say_what_made_them() -> None:
    for name in ("coefficients", "covariances", "tests", "margins", "predictive"):
        assert set(golden(name)["survey"]) == {"4.1.1"}
    assert set(golden("coefficients")["model"]) == set(MODELS)


def test_refusals_name_the_columns_at_fault() -> None:
    frame = small().frame.with_columns(constant=pl.lit(3.0), s=pl.col("y").cast(pl.String))
    whole = Design(frame, "w", clusters="psu")
    with pytest.raises(BaroError) as tied:
        whole.regress("y ~ z + constant")
    assert tied.value.problems[0].found.startswith("constant, (intercept): 1 of them")
    with pytest.raises(BaroError) as apart:
        whole.regress("y ~ z + s", "binomial")
    assert apart.value.problems[0].found.startswith("s[1]: tells y apart")


def test_categories_of_any_type() -> None:
    frame = small().frame.with_columns(
        enum=pl.col("g").cast(pl.Enum(["c", "b", "a"])),
        cat=pl.col("g").cast(pl.Categorical),
        flag=pl.col("g") == "a",
        number=pl.when(pl.col("g") == "a").then(float("nan")).otherwise(pl.col("z")),
    )
    whole = Design(frame, "w", clusters="psu")
    assert whole.regress("z ~ enum").terms == ("(intercept)", "enum[b]", "enum[a]")
    assert whole.regress("z ~ cat").terms == ("(intercept)", "cat[b]", "cat[c]")
    assert whole.regress("z ~ flag").terms == ("(intercept)", "flag[true]")
    numbers = whole.regress("y ~ C(number)")
    assert numbers.terms == ("(intercept)", *(f"number[{i}]" for i in range(2, 6)))
    assert numbers.n == 20


def test_a_perfect_fit_has_no_statistic() -> None:
    made = small().regress("twice ~ x").table
    assert made["estimate"].to_list() == pytest.approx([1, 2])
    assert made["statistic"].to_list() == [None, None]
