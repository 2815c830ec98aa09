"""Rao-Scott and Wald tests of independence against R svychisq (goldens made by tests.R)."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from analysis.errors import BaroError
from analysis.estimation import Design
from analysis.estimators.association import Statistic
from tests.oracle.samples import TAIL, agree, design, domain, goldens

KINDS: tuple[Statistic, Statistic] = ("Chisq", "F")
CASES = goldens("association").partition_by("design", "statistic", as_dict=True)


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_agrees_with_r(case: tuple[str, str]) -> None:
    name, statistic = case
    for r in CASES[case].iter_rows(named=True):
        kind: Any = statistic
        test = design(name).association(
            r["a"], r["b"], domain(r["dom"]), statistic=kind, df="domain"
        )
        agree(test.statistic, r["value"])
        agree(test.df, r["df"])
        agree(test.df_denominator, r["ddf"])
        agree(test.p_value, r["p"], TAIL)


def small(**columns: list[Any]) -> Design:
    n = len(next(iter(columns.values())))
    return Design(pl.DataFrame({"w": [1.0] * n, **columns}), "w")


def test_prints_one_sentence() -> None:
    assert str(design("clus1").association("b", "g")) == (
        'Under the null hypothesis that "b" and "g" are independent, F(1.495, 20.92) = 5.193, '
        "p = 0.022; Cramér's V 0.2554 (n = 183; Rao–Scott F, second order; linearized; df=design)."
    )


def test_is_pearson_on_a_simple_sample() -> None:
    # Alike weights, drawn with replacement: every generalized design effect is n / (n - 1).
    a, b = list("xxxxyyyzzz") * 30, list("uvuvu") * 40 + list("vvvvu") * 20
    table = np.array(
        [[sum(p == (i, j) for p in zip(a, b, strict=True)) for j in "uv"] for i in "xyz"]
    )
    pearson, _, df, _ = stats.chi2_contingency(table, correction=False)
    d = small(a=a, b=b)
    first, second = (d.association("a", "b", statistic=s) for s in KINDS)
    assert first.statistic == pytest.approx(pearson * 299 / 300)
    assert second.statistic == pytest.approx(pearson * 299 / 300 / df)
    assert (second.df, second.df_denominator) == pytest.approx((2, 2 * 299))
    assert first.estimate == pytest.approx(np.sqrt(pearson / 300))


def test_rows_and_levels_in_any_order_give_the_same() -> None:
    rows = design("strat").frame.with_row_index()
    options: dict[str, Any] = {"weight": "pw", "strata": "stype", "fpc": "fpc"}
    for statistic in ("F", "Wald"):
        found = [
            Design(frame, **options).association(*pair, statistic=statistic).p_value
            for frame in (rows, rows.sort("index", descending=True))
            for pair in (("b", "g"), ("g", "b"))
        ]
        assert found == pytest.approx([found[0]] * 4, rel=1e-9)


@pytest.mark.parametrize("statistic", ["F", "Chisq", "adjWald", "Wald"])
def test_one_level_returns_its_reason(statistic: Any) -> None:
    test = small(a=["x"] * 4, b=["u", "v", "u", "v"]).association("a", "b", statistic=statistic)
    assert test.p_value is None
    assert str(test) == (
        'The null hypothesis that "a" and "b" are independent was not tested: '
        'there is only one level of "a".'
    )


def test_a_level_with_nobody_is_no_row_of_the_table() -> None:
    d = design("strat")
    inside = pl.col("g") != "E"
    assert d.association("b", "g", inside).df_denominator is not None
    test = d.association("b", "g", pl.col("g") == "E")
    assert test.reason == 'there is only one level of "g"'


def test_nobody_with_both_returns_its_reason() -> None:
    test = small(a=["x", "y", None, None], b=[None, None, "u", "v"]).association("a", "b")
    assert test.reason == 'there is nobody with "a" and "b"'
    assert test.n == 0


def test_too_few_psus_for_wald_returns_its_reason() -> None:
    frame = pl.DataFrame({"psu": [1, 1, 1, 2, 2, 2] * 4, "w": 1.0, "a": list("xyzxyz") * 4,
                          "b": list("uvwwuvvwuuvw") * 2})  # fmt: skip
    test = Design(frame, "w", clusters="psu").association("a", "b", statistic="Wald")
    assert "4 contrasts and 1 degrees of freedom" in test.reason


def test_refuses_by_name() -> None:
    d = design("strat")
    with pytest.raises(BaroError, match='"Pearson" is not known'):
        d.association("b", "g", statistic="Pearson")  # type: ignore[arg-type]
    with pytest.raises(BaroError, match="there is no such column"):
        d.association("b", "gg")
