"""The samples of tests.R, by name: what the goldens in tests/ were made on."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.estimation import Design

GOLDENS = Path(__file__).parent / "tests"
# R prints 15 digits and the formulas are the same: what is left is the order of the sums.
# Bounds asked for: 1e-8 and 1e-7. p-values of 1e-30 keep fewer digits: they are tails.
EXACT, TAIL = 1e-10, 1e-8


def _replicates(kind: str, n: int) -> dict[str, Any]:
    return {"replicate_weights": [f"r{i + 1}" for i in range(n)], "replication": kind}


DESIGNS: dict[str, tuple[str, dict[str, Any]]] = {
    "strat": ("strat", {"weight": "pw", "strata": "stype", "fpc": "fpc"}),
    "clus1": ("clus1", {"weight": "pw", "clusters": "dnum", "fpc": "fpc"}),
    "clus2": (
        "clus2",
        {"weight": "pw", "clusters": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]},
    ),
    "srs": ("srs", {"weight": "pw", "fpc": "fpc"}),
    "nhanes": ("nhanes", {"weight": "w", "strata": "h", "clusters": "psu"}),
    "panel": ("panel", {"weight": "w", "strata": "h", "clusters": "psu"}),
    "apart": ("panel", {"weight": "w", "strata": "alone", "clusters": "psu"}),
    "panel_brr": ("panel", {"weight": "w", **_replicates("brr", 12)}),
    "clus1_jk1": ("clus1", {"weight": "pw", **_replicates("jk1", 15)}),
    "scd_brr": ("scd", {"weight": "w", **_replicates("brr", 4)}),
}


def goldens(kind: str) -> pl.DataFrame:
    """What R says; every table names the versions that made it."""
    table = pl.read_csv(GOLDENS / f"{kind}.csv", infer_schema_length=None)
    assert set(table["survey"]) == {"4.1.1"}
    return table


@cache
def design(name: str) -> Design:
    data, options = DESIGNS[name]
    return Design(pl.read_csv(GOLDENS / f"{data}.csv", infer_schema_length=None), **options)


def domain(name: str) -> pl.Expr | None:
    return None if name == "all" else pl.col("keep") == 1


def agree(found: float | None, expected: float | None, rel: float = EXACT) -> None:
    if expected is None:
        return
    assert found == pytest.approx(expected, rel=rel, abs=1e-290)
