"""Engines against R survey itself, on the goldens of tests/oracle, and not by way of memory."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl
import pytest

from analysis.estimation import Design
from tests.engines.conftest import MACHINE, Opened
from tests.oracle.test_designs import DESIGNS, ESTIMATE, GOLDEN, NOTHING, SE, data

HELD = [
    "strat", "strat_wr", "clus1", "srs", "nhanes", "fpc", "hospital", "random_wr", "random_fpc",
    "election_wr", "scd_brr", "clus1_jk1", "pairs_fay", "pairs_jkn", "pairs_bootstrap",
    "lonely_wr", "lonely_fpc",
]  # fmt: skip
CALLS: dict[str, Any] = {
    "mean": lambda d, **k: d.mean(["y", "z"], **k),
    "total": lambda d, **k: d.total(["y", "z"], **k),
    "ratio": lambda d, **k: d.ratio("z", "x", **k),
    "proportion": lambda d, **k: d.proportion("a", **k),
}


def estimated(d: Any, columns: list[str], estimator: str) -> pl.DataFrame:
    """The domains of the golden; each a call where rows stay."""
    call = CALLS[estimator]
    parts = [call(d).with_columns(domain=pl.lit("all"))]
    if "g" in columns:
        level = pl.lit("g:") + pl.col("g").cast(pl.String)
        parts.append(call(d, by="g").with_columns(domain=level).drop("g"))
    if "keep" in columns:
        inside = call(d, where=nw.col("keep") == 1)
        parts.append(inside.with_columns(domain=pl.lit("where")))
    return pl.concat(parts)


@pytest.mark.parametrize("held", MACHINE, indirect=True)
@pytest.mark.parametrize("name", HELD)
def test_agrees_with_r(held: Opened, name: str) -> None:
    table, arguments = DESIGNS[name]
    frame = held(data(table))
    compared = 0
    for lonely, estimator in (
        GOLDEN.filter(design=name).select("lonely", "estimator").unique().rows()
    ):
        if lonely == "average" or (lonely == "adjust" and estimator == "total"):
            continue  # where we differ from R, and say so: tests/oracle/test_designs.py
        d = Design(frame, lonely_psu=lonely, **arguments)
        ours = estimated(d, data(table).columns, estimator)
        golden = GOLDEN.filter(design=name, lonely=lonely, estimator=estimator)
        both = golden.with_columns(pl.col("category").fill_null("")).join(
            ours, on=["variable", "category", "domain"], suffix="_ours"
        )
        assert both.height == golden.height
        compared += both.height
        for r in both.iter_rows(named=True):
            where = (lonely, estimator, r["variable"], r["category"], r["domain"])
            assert r["estimate_ours"] == pytest.approx(r["estimate"], rel=ESTIMATE), where
            assert (r["n_ours"], r["df_ours"]) == (r["n"], r["df"]), where
            if r["se_ours"] is None:  # one PSU: R has a number there, see tests/oracle
                assert r["df_domain"] == 0, where
                continue
            tiny = NOTHING * abs(r["estimate"])
            assert r["se_ours"] == pytest.approx(r["se"], rel=SE, abs=tiny), where
    assert compared
