"""What is wrong with rows that stay where they are, and what is not estimated there, is said."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimation import Design
from tests.engines.conftest import MACHINE, Opened
from tests.engines.made import rows

on_this_machine = pytest.mark.parametrize("held", MACHINE, indirect=True)


@on_this_machine
@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        ({"weight": pl.lit(None)}, {}, "1500 weights are missing or no number"),
        ({"weight": -pl.col("weight")}, {}, "weights are negative"),
        ({"weight": pl.lit(0.0)}, {}, "all weights are 0"),
        ({"stratum": pl.lit(None).cast(pl.String)}, {"strata": "stratum"}, "rows have no value"),
        ({"psu": pl.when(pl.col("psu") > 3).then("psu")}, {"clusters": "psu"}, "have no value"),
        ({"n_rows": pl.col("size")}, {"strata": "stratum", "fpc": "n_rows"}, "one N_h"),
        ({"n_rows": pl.lit(3.0)}, {"strata": "stratum", "fpc": "n_rows"}, "N_h = 3 is below"),
        ({}, {"strata": "lonely", "clusters": "psu"}, "stratum d"),
        ({}, {"strata": "nowhere"}, "nowhere"),
    ],
)  # fmt: skip
def test_faults_of_the_design(
    change: dict[str, pl.Expr], arguments: dict[str, Any], said: str, held: Opened
) -> None:
    with pytest.raises(BaroError, match=said):
        Design(held(rows().with_columns(**change)), "weight", **arguments)


@on_this_machine
@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda d: d.mean("nowhere"), "no such column"),
        (lambda d: d.mean("answer"), "for shares of categories, call proportion"),
        (lambda d: d.mean("yes", by="nowhere"), "no such column"),
        (lambda d: d.mean("yes", level=2), "between 0 and 1"),
        (lambda d: d.ratio(["yes"], []), "1 numerators and 0 denominators"),
        (lambda d: d.poverty_rate("size"), "poverty_rate: not estimated on rows that stay in"),
        (lambda d: d.quantile("size", ci="replication"), 'ci="replication" of quantiles: not est'),
        (lambda d: d.quantile("size", 1.5), "between 0 and 1"),
        (lambda d: d.rank_test("size", "truth"), "rank_test: not estimated on rows that stay in"),
        (lambda d: d.ttest("yes", "accent"), "3 groups: x, y, é"),
        (lambda d: d.ttest("yes", "accent", groups=["x", "w"]), 'there is no "w" in the domain'),
        (lambda d: d.trend("yes", "accent"), "waves that are no numbers"),
        (lambda d: d.contrast("answer", "accent", measure="proportion", category="peut-être"),
         "there is no category"),
        (lambda d: d.tabulate("yes", "few", measure="median"), '"median" is not known'),
    ],
)  # fmt: skip
def test_refused_by_name(call: Any, said: str, held: Opened) -> None:
    design = Design(held(rows(200)), "weight", strata="stratum")
    with pytest.raises(BaroError, match=said):
        call(design)


@on_this_machine
@pytest.mark.parametrize(
    "arguments",
    [
        {"pps": "brewer", "fpc": "n_psus"},
        {"strata": "stratum", "clusters": ["psu", "few"], "fpc": ["n_psus", "n_rows"]},
        {"strata": ["stratum", "accent"], "clusters": ["psu"]},
    ],
)
def test_designs_of_memory_only(arguments: dict[str, Any], held: Opened) -> None:
    with pytest.raises(BaroError, match="not estimated on rows that stay in"):
        Design(held(rows(200)), "weight", **arguments)


@on_this_machine
def test_nobody_in_the_domain(held: Opened) -> None:
    import narwhals as nw

    design = Design(held(rows(200)), "weight", strata="stratum")
    with pytest.raises(BaroError, match="nobody is in the domain"):
        design.mean("yes", where=nw.col("size") < 0)  # type: ignore[arg-type]


def test_a_domain_in_the_language_of_polars_is_not_read_elsewhere(held: Opened) -> None:
    frame = held(rows(200))
    design = Design(frame, "weight")
    if isinstance(frame, pl.LazyFrame):
        assert design.mean("yes", where=pl.col("size") > 3)["n"][0] > 0
        return
    with pytest.raises(BaroError, match="a narwhals expression"):
        design.mean("yes", where=pl.col("size") > 3)


@on_this_machine
def test_factors_are_no_replicate_weights(held: Opened) -> None:
    frame = rows(200).with_columns(pl.col("^r\\d$") * 0 + 0.01)
    design = Design(held(frame), "weight", replicate_weights=["r0", "r1"], replication="brr")
    with pytest.raises(BaroError, match="they look like factors"):
        design.mean("yes")


def test_other_frames_are_refused() -> None:
    with pytest.raises(BaroError, match="frame"):
        Design([1, 2], "weight")
