"""The Gini index where the rows are is that of memory, which tests/oracle holds to R."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimation import Design
from tests.engines.conftest import MACHINE, Opened
from tests.engines.made import rows
from tests.engines.test_calibration import WAYS
from tests.engines.test_parity import DESIGNS, compared, large

ON_DUCKDB = ("element", "psus, fpc", "replicates", "lonely: collapse")


def given() -> pl.DataFrame:
    """Ties, holes, a level where nobody has a value, one where all values are 0."""
    ties = pl.col("size").round(0)
    nothing = pl.when(pl.col("accent") != "x").then("size").otherwise(0.0)
    hole = pl.when(pl.col("few") != 1, pl.col("yes") == 1).then("size")
    return rows().with_columns(ties=ties, nothing=nothing, hole=hole)


CALLS: dict[str, Any] = {
    "whole": lambda d: d.gini(["size", "ties"]),
    "by": lambda d: d.gini(["hole", "nothing", "yes"], by=["few", "accent"], level=0.9),
    "of a domain": lambda d: d.gini("ties", by="truth", where=large(d)),
}


@pytest.mark.parametrize(
    ("held", "design"),
    [("polars", name) for name in DESIGNS] + [("duckdb", name) for name in ON_DUCKDB],
    indirect=["held"],
)
def test_the_same_numbers(held: Opened, design: str) -> None:
    frame = given()
    here, there = (Design(f, "weight", **DESIGNS[design]) for f in (frame, held(frame)))
    compared(here, there, CALLS, design)
    levels = there.gini("hole", by="few")
    assert levels["estimate"].is_null().to_list() == [False, True, False]


@pytest.mark.parametrize("design", ["strata", "psus", "replicates"])
@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_after_calibration(held: Opened, design: str) -> None:
    frame = given()
    here, there = (
        WAYS["logit"](Design(f, "weight", **DESIGNS[design])) for f in (frame, held(frame))
    )
    compared(here, there, {"by": CALLS["by"]}, design)


@pytest.mark.parametrize("held", ["spark"], indirect=True)
def test_with_spark(held: Opened) -> None:
    frame = given()
    here, there = (Design(f, "weight", **DESIGNS["psus"]) for f in (frame, held(frame)))
    compared(here, there, {"by": lambda d: d.gini("hole", by="accent")}, "psus")


@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_degrees_of_freedom_of_a_domain(held: Opened) -> None:
    frame = given()
    here, there = (Design(f, "weight", **DESIGNS["psus"]) for f in (frame, held(frame)))
    compared(here, there, {"own": lambda d: d.gini("hole", by="accent", df="domain")}, "psus")


@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_columns_named_as_our_own(held: Opened) -> None:
    names = {"stratum": "s0", "psu": "u", "weight": "w0", "accent": "b0", "size": "v", "few": "z0",
             "yes": "c0", "shift": "g"}  # fmt: skip
    frame = rows().rename(names)
    here, there = (Design(f, "w0", strata="s0", clusters="u") for f in (frame, held(frame)))
    call = {"own": lambda d: d.gini(["v", "g", "c0"], by=["b0", "z0"])}
    compared(here, there, call, "own names")


@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_negative_values_are_refused(held: Opened) -> None:
    said = []
    for frame in (rows(), held(rows())):
        with pytest.raises(BaroError, match="are negative") as told:
            Design(frame, "weight").gini("tail", by="few")
        said.append(told.value.problems[0].found)
    assert said[0] == said[1]
