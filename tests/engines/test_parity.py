"""Every estimator that runs where the rows are gives the numbers of the one in memory.

Those in memory are held to R survey in tests/oracle; those here to 1e-10 of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analysis.engines import HeldDesign
from analysis.estimation import Design
from analysis.estimators.cdf import POINTS
from analysis.estimators.results import HypothesisTest
from tests.engines.conftest import MACHINE, Opened
from tests.engines.made import REPLICATES, rows

SAME = 1e-10
ROUNDED = 1e-14  # of the largest estimate: what rounding leaves of a difference that is near 0
# One of a kind with Spark, which plans and compiles for seconds what it runs in one.
SPARK = {
    "strata, fpc": ("mean of a domain", "proportion", "ratio"),
    "psus, fpc": ("tabulate", "total", "contrast within", "Rao-Scott F"),
    "replicates": ("mean by", "quantiles"),
}
_REPLICATES = {"replicate_weights": [f"r{k}" for k in range(REPLICATES)], "replication": "brr"}
_NESTED: dict[str, Any] = {"strata": "stratum", "clusters": "psu"}
_LONELY = {"strata": "lonely", "clusters": "psu"}
DESIGNS: dict[str, dict[str, Any]] = {
    "element": {},
    "strata": {"strata": "stratum"},
    "strata, fpc": {"strata": "stratum", "fpc": "n_rows"},
    "psus": _NESTED,
    "psus, fpc": {**_NESTED, "fpc": "n_psus"},  # stratum c is a census of its PSUs
    "psus alone": {"clusters": "psu"},
    "two stages": {"strata": "stratum", "clusters": ["psu", "accent"]},
    "replicates": _REPLICATES,
    "replicates, psus": {**_NESTED, **_REPLICATES},
    **{f"lonely: {rule}": {**_LONELY, "lonely_psu": rule}
       for rule in ("adjust", "average", "certainty", "collapse")},
}  # fmt: skip


def same(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    """Every number to 1e-10, or to the rounding of the numbers that it is the difference of."""
    columns = [c for c in expected.columns if c.startswith("estimate")]
    size = expected.select(pl.max_horizontal(pl.col(columns).abs().max())).item()
    assert_frame_equal(
        found, expected, rel_tol=SAME, abs_tol=ROUNDED * (size or 0), check_dtypes=False
    )


def large(design: Any) -> Any:
    """A domain, in the language of each."""
    column = nw.col if isinstance(design, HeldDesign) else pl.col
    return column("size") > 3


DESCRIBED: dict[str, Any] = {
    "mean": lambda d: d.mean(["shift", "yes", "size", "truth", "always"]),
    "mean by": lambda d: d.mean(["shift", "yes"], by="few"),
    "mean of a domain": lambda d: d.mean(["shift", "yes"], by=["few", "accent"], where=large(d)),
    "mean by day": lambda d: d.mean("yes", by=["day", "truth"], level=0.9),
    "without replacement": lambda d: d.mean("yes", by="accent", deff="wor"),
    "proportion": lambda d: d.proportion(["answer", "yes", "truth", "always"], by="accent"),
    "proportion, wilson": lambda d: d.proportion("day", ci="wilson"),
    "total": lambda d: d.total(["shift", "yes", "size"], by="few"),
    "ratio": lambda d: d.ratio(["shift", "size"], ["size", "yes"], by="accent"),
    "quantiles": lambda d: d.quantile(["size", "shift", "tail", "always"], [0, 0.1, 0.5, 1]),
    "quantiles of domains": lambda d: d.quantile(
        ["yes", "tail"], by=["few", "truth"], where=large(d), interpolation="school", cdf_ci="logit"
    ),
    "tabulate": lambda d: d.tabulate(["shift", "yes"], ["few", "accent", "day"]),
    "tabulate shares": lambda d: d.tabulate(["answer"], ["few", "truth"], measure="proportion"),
}
COMPARED: dict[str, Any] = {
    "contrast": lambda d: d.contrast(["shift", "yes"], "accent"),
    "contrast within": lambda d: d.contrast("yes", "accent", "first", within="few"),
    "contrast of shares": lambda d: d.contrast("answer", "accent", where=large(d),
                                               measure="proportion", category="oui"),
    "contrast of totals": lambda d: d.contrast("size", "accent", measure="total"),
    "contrast of ratios": lambda d: d.contrast("shift", "accent", "sequential", measure="ratio",
                                               denominator="size", adjust="holm"),
    "contrast, df of the cells": lambda d: d.contrast(
        ["yes", "rare"], ["few", "truth"], "first", within="accent", where=large(d), df="domain"
    ),
    "trend": lambda d: d.trend(["shift", "yes"], "few", [1], adjust="bh"),
    "trend within": lambda d: d.trend("answer", "day", within="accent", where=large(d),
                                      slopes="separate", measure="proportion", df="domain"),
    "mean, df of the domain": lambda d: d.mean(["shift", "rare"], "few", df="domain"),
    "quantile, df of the domain": lambda d: d.quantile("size", by="accent", where=large(d),
                                                       df="domain"),
}  # fmt: skip
TESTED: dict[str, Any] = {
    "Rao-Scott F": lambda d: d.association("answer", "accent"),
    "Rao-Scott chi-squared": lambda d: d.association("few", "accent", statistic="Chisq"),
    "Wald": lambda d: d.association("few", "truth", where=large(d), statistic="Wald"),
    "one level": lambda d: d.association("always", "truth"),
    "Rao-Scott, df of the table": lambda d: d.association("rare", "few", df="domain"),
    "t, one mean": lambda d: d.ttest("shift", mu=2001, where=large(d), df="domain"),
    "t, nobody": lambda d: d.ttest("unknown"),
    "t, paired": lambda d: d.ttest("size", paired="tail", level=0.9),
    "t, two groups": lambda d: d.ttest("shift", "truth"),
    "t, two of three": lambda d: d.ttest("rare", "accent", groups=["é", "x"], df="domain"),
    "t, one group": lambda d: d.ttest("yes", "always"),
}
CORRELATED: dict[str, Any] = {
    "correlation": lambda d: d.correlation("shift", "size"),
    "correlation in a domain": lambda d: d.correlation(
        "yes", "tail", where=large(d), ci="wald", df="domain"
    ),
    "correlation with itself": lambda d: d.correlation("size", "size"),
    "correlation with one value": lambda d: d.correlation("size", "always"),
    "correlation with nothing": lambda d: d.correlation("size", "unknown"),
}


@pytest.mark.parametrize(
    ("held", "name"),
    [(engine, name) for engine in MACHINE for name in DESIGNS],
    indirect=["held"],
)
def test_the_same_numbers(held: Opened, name: str) -> None:
    _compare(held, name, [*DESCRIBED, *COMPARED, *TESTED, *CORRELATED])


@pytest.mark.parametrize("name", SPARK)
@pytest.mark.parametrize("held", ["spark"], indirect=True)
def test_the_same_numbers_with_spark(held: Opened, name: str) -> None:
    _compare(held, name, SPARK[name])


def _compare(held: Opened, name: str, calls: Iterable[str]) -> None:
    frame = rows()
    here, there = (
        Design(frame, "weight", **DESIGNS[name]),
        Design(held(frame), "weight", **DESIGNS[name]),
    )
    compared(here, there, calls, name)


def compared(here: Any, there: Any, calls: Iterable[str], name: str) -> None:
    """The calls by name (or {name: call}) of two designs that must say the same."""
    assert there.df == here.df
    own = calls if isinstance(calls, dict) else {**DESCRIBED, **COMPARED, **TESTED, **CORRELATED}
    for call in calls:
        expected, found = own[call](here), own[call](there)
        if isinstance(expected, HypothesisTest):
            _test_the_same(call, found, expected)
            continue
        try:
            same(found, expected)
        except AssertionError as error:
            raise AssertionError(f"{name}: {call}") from error


def _test_the_same(call: str, there: HypothesisTest, here: HypothesisTest) -> None:
    found = there.as_dict()
    for k, v in here.as_dict().items():
        same = pytest.approx(v, rel=SAME) if isinstance(v, float) else v
        assert found[k] == same, (call, k)


@pytest.mark.parametrize("rule", POINTS)
@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_rules_that_join_respondents(held: Opened, rule: Any) -> None:
    """With ties, and some respondents who weigh more than a bin of values."""
    heavy = pl.int_range(pl.len()) % 17 == 3
    frame = rows(300).with_columns(weight=pl.when(heavy).then(30).otherwise(1) * pl.col("weight"))
    shares = [0, 0.03, 0.2, 0.5, 0.97, 1]
    expected, found = (
        Design(f, "weight", strata="stratum").quantile(
            ["size", "tail", "few", "always"], shares, by="accent", interpolation=rule
        )
        for f in (frame, held(frame))
    )
    same(found, expected)


@pytest.mark.parametrize(
    "name", ["strata", "strata, fpc", "psus", "psus, fpc", "two stages", "replicates, psus"]
)
@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_degrees_of_freedom_of_a_domain(name: str, held: Opened) -> None:
    frame = rows()
    here, there = (Design(f, "weight", **DESIGNS[name]) for f in (frame, held(frame)))
    for call in ("mean", "total", "proportion"):
        expected, found = (getattr(d, call)("yes", by="few", df="domain") for d in (here, there))
        same(found, expected)


@pytest.mark.parametrize("name", ["element", "psus"])
@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_levels_in_which_nobody_differs_have_no_variance(held: Opened, name: str) -> None:
    """0.1, 0.7 and 0.3 for all of a level: rounding of the sums is no standard error."""
    value = pl.col("accent").replace_strict({"x": 0.1, "y": 0.7, "é": 0.3})
    there = Design(held(rows().with_columns(flat=value)), "weight", **DESIGNS[name])
    assert there.mean("flat", by="accent")["se"].to_list() == [0, 0, 0]
    found = there.contrast("flat", "accent")
    assert found["difference"].to_list() == pytest.approx([0.6, 0.2, -0.4])
    assert found["p_value"].to_list() == [None] * 3
    assert found["note"].unique().to_list() == ["neither cell varies: no standard error"]


@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_columns_named_as_our_own(held: Opened) -> None:
    """No column of the file is mistaken for a sum, a key or a level."""
    names = {"stratum": "s0", "psu": "u", "weight": "t0", "accent": "b0", "yes": "t1", "few": "s",
             "size": "level", "shift": "place"}  # fmt: skip
    frame = rows().rename(names)
    here, there = (Design(f, "t0", strata="s0", clusters="u") for f in (frame, held(frame)))
    for call in (lambda d: d.tabulate(["t1", "level", "place"], ["b0", "s"]),
                 lambda d: d.contrast("t1", "b0", within="s")):  # fmt: skip
        same(call(there), call(here))


@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_categories_in_their_own_order(held: Opened) -> None:
    """Text that is sorted otherwise by a collation: levels stay in the order of memory."""
    frame = pl.DataFrame({"g": ["b", "A", "é", "a", "Z", "10", "9"] * 6, "y": range(42), "w": 1.0})
    here, there = (Design(f, "w").mean("y", by="g") for f in (frame, held(frame)))
    assert there["g"].to_list() == here["g"].to_list()
    assert there["estimate"].to_list() == pytest.approx(here["estimate"].to_list(), rel=SAME)
