"""Regression where the rows are gives the coefficients, tests, margins and refusals of memory.

Those in memory are held to R survey in tests/oracle.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest

from analysis.engines import HeldDesign
from analysis.engines.frames import run
from analysis.engines.models.links import predicted
from analysis.errors import BaroError
from analysis.estimation import Design
from analysis.estimators import glm
from analysis.estimators.regression import Regression
from tests.engines.conftest import MACHINE, Opened
from tests.engines.made import rows
from tests.engines.test_parity import DESIGNS, large

SAME = 1e-10  # of a number, or of its standard error: a coefficient may be near 0
on_this_machine = pytest.mark.parametrize("held", MACHINE, indirect=True)
MODELS: dict[str, Any] = {
    "linear": lambda d: d.regress(
        "shift ~ size + square(size) + C(few)*accent + truth", reference={"accent": "y"}
    ),
    "logistic, in a domain": lambda d: d.regress(
        "yes ~ log(size) + answer + day", "binomial", df="domain", where=large(d)
    ),
    "Poisson": lambda d: d.regress("few ~ size + answer", "poisson", level=0.9),
}
LINKS: dict[str, Any] = {
    "no intercept": lambda d: d.regress("size ~ accent + shift:few + 0"),
    "gaussian log": lambda d: d.regress("size ~ accent + exp(yes)", link="log"),
    "probit": lambda d: d.regress("yes ~ size + accent", "binomial", link="probit"),
    "cloglog": lambda d: d.regress("yes ~ size + accent", "binomial", link="cloglog"),
    "risk ratio": lambda d: d.regress("yes ~ accent", "binomial", link="log"),
    "Poisson identity": lambda d: d.regress("few ~ size + accent", "poisson", link="identity"),
}


def _near(found: Any, expected: Any, se: Any) -> None:
    found, expected, se = (np.asarray(v, dtype=np.float64) for v in (found, expected, se))
    assert (np.isnan(found) == np.isnan(expected)).all()
    apart = np.abs(found - expected)
    assert np.nan_to_num(apart / np.maximum(np.abs(expected), se)).max() <= SAME


def _frames(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    """Every number, and every word."""
    assert found.columns == expected.columns
    for column in expected.columns:
        if not expected[column].dtype.is_float():
            assert found[column].to_list() == expected[column].to_list(), column
        elif column == "p_value":  # far in a tail it has fewer digits than its statistic
            assert found[column].to_list() == pytest.approx(expected[column].to_list(), rel=1e-8)
        else:
            _near(found[column], expected[column], expected["se"])


def _same(found: Regression, expected: Regression) -> None:
    assert (found.terms, found.n, found.df) == (expected.terms, expected.n, expected.df)
    assert (found.method, found.formula) == (expected.method, expected.formula)
    assert found.n_weighted == pytest.approx(expected.n_weighted, rel=SAME)
    _frames(found.table, expected.table)
    se = np.sqrt(np.diag(expected.covariance))
    assert np.abs((found.covariance - expected.covariance) / np.outer(se, se)).max() <= SAME
    test, known = found.wald_test(), expected.wald_test()
    assert (test.null, test.reason) == (known.null, known.reason)
    assert (test.statistic or 0) == pytest.approx(known.statistic or 0, rel=1e-9)


def _fitted(d: Any, call: Any) -> Regression | str:
    try:
        made: Regression = call(d)
        return made
    except BaroError as error:  # too few half-samples for so many coefficients
        return str(error)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", DESIGNS)
@on_this_machine
def test_the_same_fit(held: Opened, name: str, model: str) -> None:
    frame = rows()
    here, there = (Design(f, "weight", **DESIGNS[name]) for f in (frame, held(frame)))
    expected, found = (_fitted(d, MODELS[model]) for d in (here, there))
    if isinstance(expected, str) or isinstance(found, str):
        assert found == expected
        assert model == "linear"  # the others are fitted with every design
        return
    _same(found, expected)


@pytest.mark.parametrize("model", LINKS)
@on_this_machine
def test_every_link(held: Opened, model: str) -> None:
    frame = rows()
    here, there = (Design(f, "weight", **DESIGNS["psus"]) for f in (frame, held(frame)))
    _same(LINKS[model](there), LINKS[model](here))


@pytest.mark.parametrize("name", ["psus, fpc", "replicates", "lonely: adjust"])
@on_this_machine
def test_the_same_margins(held: Opened, name: str) -> None:
    """Slopes, differences and adjusted shares, for fixed covariates and sampled ones."""
    frame = rows()
    here, there = (
        Design(f, "weight", **DESIGNS[name]).regress("yes ~ square(size)*accent", "binomial")
        for f in (frame, held(frame))
    )
    for covariates in ("fixed", "sampled"):
        common: dict[str, Any] = {"covariates": covariates}
        _frames(there.margins(**common), here.margins(**common))
        _frames(there.margins("accent", {"size": 4}, **common),
                here.margins("accent", {"size": 4}, **common))  # fmt: skip
        _frames(there.adjusted("accent", level=0.8, **common),
                here.adjusted("accent", level=0.8, **common))  # fmt: skip


@pytest.mark.parametrize("held", ["spark"], indirect=True)
def test_the_same_fit_with_spark(held: Opened) -> None:
    frame = rows()
    here, there = (
        Design(f, "weight", strata="stratum", clusters="psu").regress(
            "yes ~ log(size) + answer", "binomial"
        )
        for f in (frame, held(frame))
    )
    _same(there, here)


@on_this_machine
def test_columns_named_as_our_own(held: Opened) -> None:
    """No column of the file is mistaken for one of ours."""
    names = {"stratum": "u", "psu": "s0", "weight": "y", "accent": "f1", "yes": "w", "size": "z0",
             "answer": "p", "few": "e"}  # fmt: skip
    plain, renamed = rows(), rows().rename(names)
    here = Design(plain, "weight", strata="stratum", clusters="psu")
    there = Design(held(renamed), "y", strata="u", clusters="s0")
    expected = here.regress("yes ~ size + accent*few + answer", "binomial")
    found = there.regress("w ~ z0 + f1*e + p", "binomial")
    _near(found.estimate, expected.estimate, expected.table["se"])
    _near(found.table["se"], expected.table["se"], 0)


def test_categories_in_the_order_of_their_column(tmp_path: Any) -> None:
    """Of an Enum its own; what nobody has is no category."""
    kind = pl.Enum(["é", "unused", "y", "x"])
    frame = rows().with_columns(pl.col("accent").cast(kind))
    frame.write_parquet(tmp_path / "rows.parquet")
    here, there = (
        Design(f, "weight").regress("size ~ accent")
        for f in (frame, pl.scan_parquet(tmp_path / "rows.parquet"))
    )
    assert here.terms == ("(intercept)", "accent[y]", "accent[x]")
    _same(there, here)


def _odd() -> pl.DataFrame:
    """Columns that no model can be fitted with, and some that nearly cannot."""
    return rows().with_columns(
        far=pl.col("size") * 1e6 + 1e9,
        near=pl.col("size") + 1e-7 * pl.col("yes"),
        same=pl.col("size") + 1e-11 * pl.col("yes"),
        line=2 * pl.col("size") - 3 * pl.col("few") + 1,
        copy=pl.col("accent").replace_strict({"x": "p", "y": "q", "é": "r"}),
        zero=pl.lit(0.0),
        split=(pl.col("size") > 6).cast(pl.Int8),
        never=pl.when(pl.col("accent") == "x").then(0).otherwise(pl.col("yes")),
        none=pl.when(pl.col("accent") == "x").then(0).otherwise(pl.col("few")),
        below=pl.col("size") - 5,
    )


REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("size ~ always + shift", {}, "always, (intercept): 1 of them"),
    ("yes ~ size + same", {}, "size, same: 1 of them"),
    ("yes ~ size + few + line", {}, "size, few, line, (intercept): 1 of them"),
    ("yes ~ accent*copy", {}, "6 of them a combination"),
    ("size ~ few + zero", {}, "zero: 0 for everybody"),
    ("split ~ size + accent", {"family": "binomial"}, "size, accent[é]: tells y apart"),
    ("never ~ accent", {"family": "binomial", "link": "probit"}, "tells y apart"),
    ("none ~ accent + size", {"family": "poisson"}, "tells y apart"),
    ("few ~ size", {"family": "binomial"}, "the value 2"),
    ("always ~ size", {"family": "binomial"}, "everybody in the base has 1"),
    ("below ~ size", {"family": "poisson"}, 'and family="poisson"'),
    ("zero ~ size", {"family": "poisson"}, "everybody in the base has 0"),
    ("size ~ log(below)", {}, "it is not defined for"),
    ("log(below) ~ size", {}, "it is not a number for somebody"),
    ("yes ~ nowhere", {}, "there is no such column"),
    ("yes ~ yes", {}, "it stands on both sides"),
    ("yes ~ C(few) + few", {}, "is a set of categories here"),
    ("answer ~ yes", {}, "the column is String"),
    ("yes ~ C(few)", {"reference": {"few": 9}}, "does not occur in the base"),
    ("yes ~ 0", {}, "no term at all"),
    ("yes ~ size", {"family": "gamma"}, "is not known"),
    ("yes ~ C(psu)*accent + C(psu)*C(few)", {}, "87 degrees of freedom among the 90 PSUs"),
)


@pytest.mark.parametrize(("formula", "options", "said"), REFUSED)
@on_this_machine
def test_the_same_refusals(held: Opened, formula: str, options: dict[str, Any], said: str) -> None:
    frame = _odd()
    words = []
    for f in (frame, held(frame)):
        design = Design(f, "weight", strata="stratum", clusters="psu")
        with pytest.raises(BaroError) as error:
            design.regress(formula, **options)
        words.append(str(error.value))
    assert said in words[0]
    if "String" in said:  # each engine calls types by its own name
        words = [text.replace("object", "String") for text in words]
    assert words[1] == words[0]


@pytest.mark.parametrize("formula", ["shift ~ far + size:yes", "yes ~ far + square(far)"])
@on_this_machine
def test_columns_far_from_zero(held: Opened, formula: str) -> None:
    """A mean of 1e9: sums of squares as they come would lose all digits."""
    frame = _odd()
    here, there = (Design(f, "weight", strata="stratum") for f in (frame, held(frame)))
    _same(there.regress(formula), here.regress(formula))


@on_this_machine
def test_columns_that_are_nearly_tied_are_fitted(held: Opened) -> None:
    """1e-7 apart: 1e-16 of a number is 1e-9 of what tells them apart, in memory too."""
    frame = _odd()
    here, there = (
        Design(f, "weight", strata="stratum").regress("shift ~ near + size")
        for f in (frame, held(frame))
    )
    apart = np.abs(there.estimate - here.estimate) / here.table["se"].to_numpy()
    assert apart.max() < 1e-6
    assert there.table["se"].to_list() == pytest.approx(here.table["se"].to_list(), rel=1e-6)


@pytest.mark.parametrize("link", ["identity", "log", "logit", "probit", "cloglog"])
@on_this_machine
def test_links_as_expressions(held: Opened, link: str) -> None:
    """Mean, slope and curvature are those of memory, far in both tails.

    Exponents are up to 200 there: their rounding is 200 times that of the number.
    """
    eta = np.linspace(-20, 3 if link == "cloglog" else 20, 400)
    lazy = nw.from_native(held(pl.DataFrame({"e": eta})))
    plan, p = predicted(lazy, link, "e")
    (made,) = run([plan.select("e", mean=p.mean, rest=p.rest, slope=p.slope, bend=p.curvature)])
    made = made.sort("e")
    known = glm._LINKS[link]
    for column, expected in (("mean", known.mean(eta)), ("slope", known.slope(eta)),
                             ("bend", known.curvature(eta))):  # fmt: skip
        assert made[column].to_numpy() == pytest.approx(expected, rel=1e-12, abs=1e-300)
    assert (made["rest"] + made["mean"]).to_numpy() == pytest.approx(np.ones(400), rel=1e-15)


def test_a_runaway_fit_of_many_different_rows_is_refused() -> None:
    """Separation is looked for among 20,000 different rows; beyond, there is no maximum."""
    n = 30_000
    x = np.arange(n) / n
    frame = pl.LazyFrame({"x": x, "y": x > 0.5, "w": np.ones(n)})
    assert isinstance(Design(frame, "w"), HeldDesign)
    with pytest.raises(BaroError, match="no maximum after"):
        Design(frame, "w").regress("y ~ x", "binomial")


@on_this_machine
def test_after_calibration(held: Opened) -> None:
    """With replicate weights as in memory; without them residuals are not made here: refused."""
    frame = rows()
    margins = {"accent": {"x": 1000.0, "y": 1100.0, "é": 900.0}}
    here, there = (
        Design(f, "weight", **DESIGNS["replicates"]).calibrate(margins)
        for f in (frame, held(frame))
    )
    _same(there.regress("size ~ yes + truth"), here.regress("size ~ yes + truth"))
    plain = Design(held(frame), "weight", strata="stratum").calibrate(margins)
    for call in (lambda d: d.regress("size ~ yes"), lambda d: d.correlation("size", "yes")):
        with pytest.raises(BaroError, match="after calibration, without replicate weights"):
            call(plain)


@on_this_machine
def test_t_tests_and_trends_after_calibration(held: Opened) -> None:
    frame = rows()
    margins = {"accent": {"x": 1000.0, "y": 1100.0, "é": 900.0}}
    here, there = (
        Design(f, "weight", **DESIGNS["psus"]).calibrate(margins) for f in (frame, held(frame))
    )
    for arguments in (("size",), ("size", "truth")):
        expected, found = (d.ttest(*arguments, df="domain") for d in (here, there))
        assert found.se == pytest.approx(expected.se, rel=SAME)
        assert (found.df, found.method) == (expected.df, expected.method)
    _frames(there.trend("size", "few"), here.trend("size", "few"))
