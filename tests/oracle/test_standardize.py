"""Direct standardization against R svystandardize (goldens made by regression.R)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimation import Design

HERE = Path(__file__).parent / "regression"
ESTIMATE, SE = 1e-10, 1e-9  # the same formulas; R prints 15 digits
AGES = {1: 55901, 2: 77670, 3: 72816, 4: 45364}
BOTH = {(age, sex): n * p for age, n in AGES.items() for sex, p in ((1, 0.49), (2, 0.51))}


@cache
def design() -> Design:
    frame = pl.read_csv(HERE / "nhanes.csv")
    return Design(frame, "w", strata="stratum", clusters="psu")


def golden(name: str, **which: str) -> pl.DataFrame:
    made = pl.read_csv(HERE / f"{name}_golden.csv", schema_overrides={"group": pl.String})
    return made.filter(**which) if which else made


@pytest.mark.parametrize(
    ("by", "over", "reference"),
    [
        (["race"], ["age"], AGES),
        (["race", "sex"], ["age"], AGES),
        (["race"], ["age", "sex"], BOTH),
        (["race"], ["sex", "age"], {(s, a): n for (a, s), n in BOTH.items()}),
    ],
)
def test_agrees_with_r(by: list[str], over: list[str], reference: dict[Any, float]) -> None:
    found = design().standardize("chol", by, over, reference)
    r = golden("standards", by="+".join(by), over="+".join(sorted(over))).sort("group")
    assert found["estimate"].to_numpy() == pytest.approx(r["estimate"].to_numpy(), rel=ESTIMATE)
    assert found["se"].to_numpy() == pytest.approx(r["se"].to_numpy(), rel=SE)


def test_differences_carry_their_covariance() -> None:
    found = design().standardize("chol", "race", "age", AGES, difference_from=1)
    r = golden("differences")
    assert found["race"].to_list() == [2, 3, 4]
    assert found["estimate"].to_numpy() == pytest.approx(r["estimate"].to_numpy(), rel=1e-9)
    assert found["se"].to_numpy() == pytest.approx(r["se"].to_numpy(), rel=SE)


def test_a_frame_is_a_reference_and_its_scale_does_not_matter() -> None:
    frame = pl.DataFrame({"age": list(AGES), "population": [v / 1e6 for v in AGES.values()]})
    a, b = (design().standardize("chol", "race", "age", r) for r in (AGES, frame))
    assert a["estimate"].to_numpy() == pytest.approx(b["estimate"].to_numpy(), rel=1e-12)


def test_own_composition_changes_nothing() -> None:
    known = pl.col("chol").is_not_null()
    plain = design().mean("chol", where=known)
    pooled = design().standardize("chol", None, "age", "pooled", where=known)
    assert pooled["estimate"][0] == pytest.approx(plain["estimate"][0], rel=1e-12)
    assert pooled["se"][0] == pytest.approx(plain["se"][0], rel=1e-10)


def test_one_class_changes_nothing() -> None:
    frame = design().frame.with_columns(one=pl.lit("all"))
    whole = Design(frame, "w", strata="stratum", clusters="psu")
    plain, made = whole.mean("chol", "race"), whole.standardize("chol", "race", "one", {"all": 3})
    for column in ("estimate", "se", "n", "n_weighted", "df"):
        assert made[column].to_numpy() == pytest.approx(plain[column].to_numpy(), rel=1e-9)


def test_a_pooled_reference_is_estimated_like_a_jackknife_says() -> None:
    linear = design().standardize("chol", "race", "age", "pooled", difference_from=1)
    jackknife = design().replicates("jkn")
    again = jackknife.standardize("chol", "race", "age", "pooled", difference_from=1)
    assert again["estimate"].to_numpy() == pytest.approx(linear["estimate"].to_numpy(), rel=1e-12)
    assert again["se"].to_numpy() == pytest.approx(linear["se"].to_numpy(), rel=0.02)
    assert again["method"][0].endswith("wald; reference pooled")


def test_a_class_of_no_weight_is_in_no_base() -> None:
    found = design().standardize("chol", "race", "age", {**AGES, 1: 0})
    without = {k: v for k, v in AGES.items() if k != 1}
    older = design().standardize("chol", "race", "age", without, where=pl.col("age") > 1)
    for column in ("estimate", "se", "n"):
        assert found[column].to_numpy() == pytest.approx(older[column].to_numpy(), rel=1e-9)


def test_several_measures_stand_in_one_frame() -> None:
    both = design().standardize(["chol", "sex"], "race", "age", AGES, difference_from=1)
    one = design().standardize("sex", "race", "age", AGES, difference_from=1)
    assert both["variable"].to_list() == ["chol"] * 3 + ["sex"] * 3
    for column in ("estimate", "se", "ci_low"):
        assert both[column][3:].to_numpy() == pytest.approx(one[column].to_numpy(), rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"reference": {k: v for k, v in AGES.items() if k > 1}}, "class 1"),
        ({"reference": {**AGES, 5: 10}}, "nobody is in it"),
        ({"reference": {**AGES, 1: -1}}, "the population is -1"),
        ({"reference": {**AGES, 1: float("nan")}}, "the population is nan"),
        ({"reference": dict.fromkeys(AGES, 0)}, "all populations are 0"),
        ({"reference": [*AGES.items(), ("1", 3)]}, "stands twice"),
        ({"reference": "nobody"}, "pooled"),
        ({"reference": pl.DataFrame({"age": [1]})}, "population"),
        ({"over": ["age", "sex"]}, "1 values in the key"),
        ({"over": []}, "no column"),
        ({"over": "aeg"}, "no such column"),
        ({"difference_from": 9}, "not a group"),
        ({"where": (pl.col("race") != 2) | (pl.col("age") != 3)}, "class 3"),
    ],
)
def test_refusals(arguments: dict[str, Any], words: str) -> None:
    if isinstance(arguments.get("reference"), list):
        arguments = {"reference": dict(arguments["reference"])}
    given: dict[str, Any] = {"by": "race", "over": "age", "reference": AGES, **arguments}
    with pytest.raises(BaroError) as caught:
        design().standardize("chol", **given)
    assert words in str(caught.value)
    assert caught.value.problems[0].remedy


def test_empty_cells_are_named_all_at_once() -> None:
    rule = (pl.col("race") != 2) | ~pl.col("age").is_in([2, 3])
    with pytest.raises(BaroError) as caught:
        design().standardize("chol", "race", "age", AGES, where=rule)
    assert [p.where for p in caught.value.problems] == ["standardize: chol, 2"] * 2
    assert "class 2" in caught.value.problems[0].found


def test_goldens_say_what_made_them() -> None:
    assert set(golden("standards")["survey"]) == set(golden("differences")["survey"]) == {"4.1.1"}
