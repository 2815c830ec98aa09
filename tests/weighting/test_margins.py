"""Margins that do not fit: each is named, with what to do."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.estimation import Design
from tests.weighting.samples import design, people, refused, targets

FRAME = people()
SEX = targets(FRAME, "sex")["sex"]
AGE = targets(FRAME, "age")["age"]
TOTAL = sum(SEX.values())


def times(margin: dict[str, float], factor: float) -> dict[str, float]:
    return {c: t * factor for c, t in margin.items()}


CROSSED = targets(FRAME, ("sex", "age"))[("sex", "age")]
HOSTILE: dict[str, tuple[Any, list[str]]] = {
    "category without a population": (
        {"age": {c: AGE[c] for c in ("18-39", "40-64")}},
        ["margin age, 65+", "respondents, and no population", "or recode the respondents"],
    ),
    "category without a respondent": (
        {"age": AGE | {"80+": 5e3}},
        ["margin age, 80+", "a population of 5000, and no respondent", "merge it with another"],
    ),
    "category spelled otherwise": (
        {"sex": {"F ": SEX["F"], "M": SEX["M"]}}, ['did you mean "F"?', 'did you mean "F "?'],
    ),
    "totals 0.1 % apart": (
        {"sex": SEX, "age": times(AGE, 1.001)},
        ["margins sex and age", "+0.001 relative", f"total={TOTAL:.10g}"],
    ),
    "totals 10 % apart": (
        {"sex": SEX, "age": times(AGE, 1.1)}, ["margins sex and age", "+0.1 relative"],
    ),
    "negative target": ({"sex": SEX | {"F": -1.0}}, ["margin sex, F", "-1", "0 or more"]),
    "population of zero": (
        {"sex": SEX | {"F": 0}}, ["margin sex, F", "a population of 0, and", "a weight of 0"],
    ),
    "crossed cell of zero": (
        {("sex", "age"): CROSSED | {("F", "65+"): 0}}, ["margin sex x age, F x 65+", "of 0, and"],
    ),
    "crossed cell left out": (
        {("sex", "age"): {k: v for k, v in CROSSED.items() if k != ("F", "65+")}},
        ["margin sex x age, F x 65+", "and no population"],
    ),
    "French number as text": (
        {"sex": {"F": "29\u202f600\u202f000,5", "M": "27\xa0900\xa0000"}},
        ['the text "29', "type 29600000.5", "type 27900000"],
    ),
    "text that is no number": ({"sex": SEX | {"F": "beaucoup"}}, ['"beaucoup"', "type a number"]),
    "category twice": ({"sex": {1: 5.0, "1": 6.0}}, ["margin sex, 1", "twice", "add the two"]),
    "column twice": ({("sex", "sex"): {("F", "F"): 1.0}}, ["margin sex x sex", "a column twice"]),
    "no column": ({(): {(): 1.0}}, ["a column twice, or none"]),
    "NaN": ({"sex": SEX | {"F": float("nan")}}, ["margin sex, F", "nan", "give the population"]),
    "infinite": ({"sex": SEX | {"F": np.inf}}, ["margin sex, F", "inf"]),
    "missing": ({"sex": SEX | {"F": None}}, ["margin sex, F", "None", "type a number"]),
    "boolean": ({"sex": SEX | {"F": True}}, ["margin sex, F", "True", "type a number"]),
    "unknown column": ({"sexe": SEX}, ["margin sexe", "there is no column", 'did you mean "sex"?']),
    "name that is no name": ({3: SEX}, ["3 is no name", '("region", "sexe")']),
    "number for categories": ({"sex": TOTAL}, ["margin sex", "the column is String", '"sex": {']),
    "number for crossed ones": ({("sex", "age"): TOTAL}, ["margin sex x age", "crossed columns"]),
    "one name for two columns": (
        {("sex", "age"): {"F": 1.0}}, ["margin sex x age, F", "1 values", "2, one a column"],
    ),
    "no category": ({"sex": {}}, ["margin sex", "no category", "leave it out"]),
    "no margin": ({}, ["there is none", "one or more"]),
    "a list": ([("sex", SEX)], ["it is a list"]),
    "three faults at once": (
        {"sex": SEX | {"X": 5.0}, "sexe": SEX, "age": AGE | {"y": 1.0}},
        ["margin sex, X", "margin sexe", "margin age, y"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_is_refused(name: str) -> None:
    margins, told = HOSTILE[name]
    refused(lambda: design().calibrate(margins), *told)


def test_missing_values_in_a_margin() -> None:
    gone = pl.int_range(FRAME.height).is_in([3, 8])
    frame = FRAME.with_columns(pl.when(~gone).then("sex"), pl.when(~gone).then("income"))
    d = Design(frame, "w")
    told = ["2 respondents have no value of", "impute it, or leave the margin out"]
    refused(lambda: d.calibrate({"sex": SEX}), "margin sex, row 4", *told)
    refused(lambda: d.calibrate({"income": 4e6}), "margin income, row 4", *told)


def test_respondents_of_weight_zero_do_not_count() -> None:
    """Neither their missing values nor their categories: they stay at 0."""
    odd = pl.int_range(FRAME.height) < 2
    frame = FRAME.with_columns(
        w=pl.when(odd).then(0.0).otherwise("w"),
        sex=pl.when(pl.int_range(FRAME.height) == 0).then(None)
        .when(odd).then(pl.lit("?")).otherwise("sex"),
    )  # fmt: skip
    made = Design(frame, "w").calibrate({"sex": SEX})
    assert made.weights[:2].tolist() == [0, 0]
    alone = Design(frame[2:], "w").calibrate({"sex": SEX})
    np.testing.assert_allclose(made.weights[2:], alone.weights, rtol=1e-12)


def test_total_brings_shares_and_other_years_to_one_population() -> None:
    margins = {"sex": {"F": 0.52, "M": 0.48}, "age": times(AGE, 1.1)}
    made = design().calibrate(margins, total=1e6)
    assert made.weights.sum() == pytest.approx(1e6, rel=1e-12)
    women = made.weights[(FRAME["sex"] == "F").to_numpy()].sum()
    assert women == pytest.approx(520_000, rel=1e-9)


def test_total_stands_beside_a_number() -> None:
    made = design().calibrate({"income": targets(FRAME, "income")["income"]}, total=TOTAL)
    assert made.weights.sum() == pytest.approx(TOTAL, rel=1e-9)
    assert "(total)" in made.report.margins["margin"].to_list()


@pytest.mark.parametrize("total", [0, -1.0, float("nan"), float("inf")])
def test_odd_totals(total: float) -> None:
    refused(lambda: design().calibrate({"sex": SEX}, total=total), "calibrate: total")


def test_categories_of_any_type_are_compared_as_text() -> None:
    frame = FRAME.with_columns(
        code=pl.when(pl.col("sex") == "F").then(2).otherwise(1), yes=pl.col("sex") == "F",
        kind=pl.col("sex").cast(pl.Categorical),
    )  # fmt: skip
    d = Design(frame, "w")
    expected = d.calibrate({"sex": SEX}).weights
    for margins in ({"code": {2: SEX["F"], "1": SEX["M"]}}, {"kind": SEX},
                    {"yes": {True: SEX["F"], False: SEX["M"]}}):  # fmt: skip
        np.testing.assert_allclose(d.calibrate(margins).weights, expected, rtol=1e-12)


def test_soft() -> None:
    refused(lambda: design().calibrate({"sex": SEX}, soft={"age": 3}), "no such margin", "sex")
    for cost in (0, -1.0, float("nan"), float("inf")):
        refused(partial(design().calibrate, {"sex": SEX}, soft={"sex": cost}), "a cost of")
    refused(lambda: design().calibrate({"sex": SEX}, soft=3), "calibrate: soft")  # type: ignore[arg-type]
