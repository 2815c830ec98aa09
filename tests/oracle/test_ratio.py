"""Means and proportions of domains against R survey (goldens made by ratio.R)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.design import SampleDesign
from analysis.estimators.ratio import RatioEstimates, estimate_ratios
from analysis.variance import Membership

HERE = Path(__file__).parent
# R prints 15 digits. Estimates and standard errors are the same formulas: what is left is
# the order of the sums. The interval passes through R's svyglm, which iterates to 1e-8.
ESTIMATE, SE, INTERVAL = 1e-10, 1e-9, 1e-7

DESIGNS: dict[str, Any] = {
    "element": {},
    "stratified": {"strata": "h"},
    "clustered": {"strata": "h", "clusters": "psu"},
    "fpc_element": {"strata": "h", "fpc": "N_el"},
    "fpc_clustered": {"strata": "h", "clusters": "psu", "fpc": "N_psu"},
}
VARIABLES = ("y", "rare", "big", "hours")
LEVELS = ("a", "b", "c", "d")
GOLDEN = pl.read_csv(HERE / "ratio.csv")


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return pl.read_csv(HERE / "respondents.csv")


def estimates(rows: pl.DataFrame, design: str, by_group: bool) -> RatioEstimates:
    values = rows.select(pl.col(VARIABLES).cast(pl.Float64))
    base = values.select(pl.all().is_not_null().cast(pl.Float64)).to_numpy()
    level = np.zeros(rows.height, dtype=np.int64)
    if by_group:
        level = rows["g"].replace_strict(LEVELS, range(4), return_dtype=pl.Int64).to_numpy()
    proportion = np.array([True, True, False, False])
    return estimate_ratios(
        values.fill_null(0).to_numpy(),
        base,
        proportion,
        Membership.of(level),
        SampleDesign(rows, "w", **DESIGNS[design]),
    )


@pytest.mark.parametrize("level", ["all", *LEVELS])
@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("design", DESIGNS)
def test_agrees_with_r(rows: pl.DataFrame, design: str, variable: str, level: str) -> None:
    found = estimates(rows, design, level != "all")
    at = (0 if level == "all" else LEVELS.index(level), VARIABLES.index(variable))
    r = GOLDEN.row(
        by_predicate=(pl.col("design") == design)
        & (pl.col("variable") == variable)
        & (pl.col("level") == level),
        named=True,
    )
    assert found.n[at] == r["n"]
    assert found.df[at] == r["df"]
    assert found.estimate[at] == pytest.approx(r["estimate"], rel=ESTIMATE)
    if r["se"] == 0:  # R gives 0 or 1 no width; see test_constant_proportion
        assert found.exact[at]
        return
    assert found.se[at] == pytest.approx(r["se"], rel=SE)
    assert found.deff[at] == pytest.approx(r["deff"], rel=SE)
    assert found.low[at] == pytest.approx(r["ci_low"], rel=INTERVAL)
    assert found.high[at] == pytest.approx(r["ci_high"], rel=INTERVAL)


def test_goldens_say_what_made_them() -> None:
    assert set(GOLDEN["survey"]) == {"4.1.1"}
    assert GOLDEN.height == len(DESIGNS) * len(VARIABLES) * 5
