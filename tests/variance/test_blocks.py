"""The pass by blocks of rows against the pass by sparse products: two ways to the same sums."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis import Design
from analysis.design import Floats, SampleDesign
from analysis.variance import (
    Membership,
    block_sums,
    blocks,
    ratio_totals,
    suits,
    totals_from_blocks,
)

# Sums of the same numbers in another order.
ORDER = 1e-11


def respondents(rows: int, psus: int) -> pl.DataFrame:
    """Respondents in 5 strata, some of weight 0, some without an answer or a group."""
    rng = np.random.default_rng(7)
    stratum = rng.integers(0, 5, rows)
    yes = (rng.random(rows) < 0.3).astype(np.float64)
    yes[rng.random(rows) < 0.1] = np.nan
    frame = pl.DataFrame(
        {
            "h": stratum,
            "psu": stratum * psus + rng.integers(0, psus, rows),
            "N": 10_000 + stratum,
            "w": np.where(rng.random(rows) < 0.02, 0.0, rng.lognormal(0, 0.5, rows)),
            "yes": yes,
            "big": 1e6 + rng.normal(0, 3, rows),
            "none": np.zeros(rows),
            "g": rng.integers(0, 4, rows),
            "k": rng.integers(0, 7, rows),
        }
    )
    return frame.with_columns(pl.col("yes").fill_nan(None), pl.when(pl.col("g") < 3).then("g"))


def by_level(sums: Any, part: str) -> Floats:
    """Sums over the groups of a component, a row a level."""
    values = getattr(sums, part)
    return np.array([values[sums.level == i].sum(axis=0) for i in range(6)])


DESIGNS: dict[str, Any] = {
    "elements": {},
    "strata": {"strata": "h"},
    "finite": {"strata": "h", "fpc": "N"},
    "clusters": {"strata": "h", "clusters": "psu"},
}


@pytest.mark.parametrize("name", DESIGNS)
def test_both_passes_give_the_same_sums(name: str) -> None:
    design = SampleDesign(respondents(3_000, 6), "w", **DESIGNS[name])
    rng = np.random.default_rng(3)
    answered = (rng.random((3_000, 3)) < 0.8) & (design.weights > 0)[:, None]
    base = answered.astype(np.float64)
    values = np.where(answered, rng.normal(2, 1, (3_000, 3)), 0.0)
    centre = np.array([2.0, 1.5, 0.0])
    members = Membership.of(rng.integers(-1, 4, 3_000), rng.integers(-1, 2, 3_000))
    assert suits(design, members.size, 3)
    fast = totals_from_blocks(
        block_sums(values, base, centre, members.codes, members.size, design), design
    )
    slow = ratio_totals((values - centre) * base, base, members, design)
    for part in ("y", "x", "psus", "strata"):
        np.testing.assert_allclose(getattr(fast, part), getattr(slow, part), rtol=ORDER, atol=ORDER)
    for part in ("yy", "yx", "xx"):
        ours, theirs = (by_level(t.parts[0], part) for t in (fast, slow))
        np.testing.assert_allclose(ours, theirs, rtol=ORDER)


@pytest.mark.parametrize("rows", [1, 7, 600])
@pytest.mark.parametrize("name", DESIGNS)
def test_the_sums_do_not_depend_on_the_size_of_blocks(
    name: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PSUs and strata are cut anywhere, or several are in one block; flags are as good as 0/1."""
    design = SampleDesign(respondents(1_500, 6), "w", **DESIGNS[name])
    rng = np.random.default_rng(4)
    base = rng.random((1_500, 2)) < 0.9
    values = np.where(base, rng.integers(0, 2, (1_500, 2)), 0.0)
    members = Membership.of(rng.integers(-1, 3, 1_500), rng.integers(0, 2, 1_500))
    centre = np.array([0.4, 0.5])
    whole = block_sums(values, base.astype(float), centre, members.codes, members.size, design)
    monkeypatch.setattr(blocks, "ROWS", rows)
    monkeypatch.setattr(blocks, "NUMBERS", 1)
    cut = block_sums(values, base, centre, members.codes, members.size, design)
    for field in fields(whole):
        ours, theirs = getattr(cut, field.name), getattr(whole, field.name)
        np.testing.assert_allclose(ours, theirs, rtol=ORDER, atol=ORDER, err_msg=field.name)


@pytest.mark.parametrize("measure", ["mean", "proportion"])
@pytest.mark.parametrize("name", DESIGNS)
def test_a_table_is_its_single_calls(name: str, measure: str) -> None:
    design = Design(respondents(3_000, 6), "w", **DESIGNS[name])
    variables = ["yes", "big", "none"] if measure == "mean" else ["yes", "k"]
    table: Any = design.tabulate
    made = table(variables, ["g", "k"], measure=measure)
    single = getattr(design, measure)
    numbers = ["estimate", "se", "ci_low", "ci_high", "deff", "n", "df"]
    for domain in ("ensemble", "g", "k"):
        rows = made.filter(pl.col("domain") == domain)
        alone = single(variables, by=None if domain == "ensemble" else domain)
        assert rows.height == alone.height
        for column in numbers:
            np.testing.assert_allclose(
                rows[column].to_numpy(), alone[column].to_numpy(), rtol=1e-9, err_msg=column
            )


def test_designs_that_blocks_do_not_suit() -> None:
    frame = respondents(600, 200)
    few = SampleDesign(frame, "w", strata="h", clusters="psu", lonely_psu="certainty")
    assert not suits(few, 5, 3)  # under a respondent a PSU: one product for all is quicker
    replicated = Design(respondents(3_000, 6), "w", strata="h", clusters="psu").replicates("jkn")
    assert not suits(replicated, 5, 3)
