"""The rules of publication at their edges, worked out by hand from the NCHS standard of 2017."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.definition import Survey
from analysis.disclosure import publishable
from tests.surveys_maker import changed, small_survey

PROPORTION, MEAN = "proportion; linearized; logit", "mean; linearized; wald"
FIGURES = ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "n_eff", "n_kish")
# A proportion that passes every rule: n_eff 100, interval 0.45 to 0.55, width 20 % of it.
GOOD: dict[str, Any] = {
    "indicator": "internautes", "wave": "2019", "method": PROPORTION, "n": 100, "n_weighted": 90.0,
    "estimate": 0.5, "se": 0.025, "ci_low": 0.45, "ci_high": 0.55, "cv": 0.05, "deff": 1.0,
    "n_eff": 100.0,
    "n_kish": 100.0,
}  # fmt: skip
GOOD_MEAN = GOOD | {"indicator": "heures", "method": MEAN, "estimate": 20.0, "cv": 0.1, "n": 30}


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    return small_survey(tmp_path_factory.mktemp("disclosure"))


def row(survey: Survey, **cell: Any) -> dict[str, Any]:
    schema = dict.fromkeys(FIGURES, pl.Float64())
    frame = pl.DataFrame([cell], schema_overrides=schema)
    return publishable(survey, frame).row(0, named=True)


def interval(low: float, high: float, estimate: float) -> dict[str, float]:
    return {"ci_low": low, "ci_high": high, "estimate": estimate}


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ({}, "A"),
        # fewer than 30: of people, or of people in effect
        ({"n": 29}, "Q"),
        ({"n": 30}, "A"),
        ({"n_eff": 29.99}, "Q"),
        ({"n_eff": 30.0}, "A"),
        ({"n": 29, "n_eff": 200.0}, "Q"),
        # 0 % and 100 %: no design effect, the people themselves
        ({"n": 30, "n_eff": None, **interval(0.0, 0.04, 0.0)}, "A"),
        ({"n": 29, "n_eff": None, **interval(0.0, 0.04, 0.0)}, "Q"),
        # PSUs that agree: no design effect either, and the width of the exact interval
        (
            {
                "n": 100,
                "se": 0.0,
                "cv": 0.0,
                "deff": None,
                "n_eff": None,
                **interval(0.4, 0.6, 0.5),
            },
            "A",
        ),
        (
            {
                "n": 100,
                "se": 0.0,
                "cv": 0.0,
                "deff": None,
                "n_eff": None,
                **interval(0.3, 0.7, 0.5),
            },
            "Q",
        ),
        # a census: nothing is uncertain, and 29 people are still few
        (
            {"n": 30, "se": 0.0, "cv": 0.0, "deff": 0.0, "n_eff": None, **interval(0.5, 0.5, 0.5)},
            "A",
        ),
        (
            {"n": 29, "se": 0.0, "cv": 0.0, "deff": 0.0, "n_eff": None, **interval(0.5, 0.5, 0.5)},
            "Q",
        ),
        # 0.30 wide or more
        (interval(0.25, 0.5625, 0.4), "Q"),
        (interval(0.25, 0.55, 0.4), "Q"),
        (interval(0.25, 0.546875, 0.4), "A"),
        # wider than 0.05 and than 130 % of the proportion: 0.13 at 10 %
        (interval(0.05, 0.1875, 0.1), "Q"),
        (interval(0.05, 0.1796875, 0.1), "A"),
        # wide beside a small proportion, yet at most 0.05
        (interval(0.0, 0.046875, 0.01), "A"),
        (interval(0.0, 0.0625, 0.01), "Q"),
        # nothing is known of the interval
        ({"ci_low": None, "ci_high": None, "se": None}, "Q"),
    ],
)
def test_a_proportion_at_the_edges_of_the_rule(
    survey: Survey, cell: dict[str, Any], status: str
) -> None:
    assert row(survey, **GOOD | cell)["status"] == status


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ({}, "A"),
        ({"n": 29}, "Q"),
        ({"cv": 0.2}, "A"),
        ({"cv": 0.21}, "U"),
        ({"se": None, "cv": None}, "U"),
        ({"n": 29, "cv": 0.21}, "Q"),
        ({"se": 0.0, "cv": 0.0, "deff": 0.0, "n_eff": None, "ci_low": 20.0, "ci_high": 20.0}, "A"),
        ({"n_eff": 5.0}, "A"),  # the rule of a mean is on people
        ({"ci_low": 0.0, "ci_high": 100.0}, "A"),
    ],
)
def test_a_mean_at_the_edges_of_the_rule(survey: Survey, cell: dict[str, Any], status: str) -> None:
    assert row(survey, **GOOD_MEAN | cell)["status"] == status


def test_a_suppressed_cell_carries_no_figure(survey: Survey) -> None:
    found = row(survey, **GOOD | {"n": 29})
    assert [found[c] for c in FIGURES] == [None] * len(FIGURES)
    assert (found["n"], found["n_weighted"]) == (29, 90.0)  # why it is not published


@pytest.mark.parametrize("cell", [{}, {"wave": "2021"}])
def test_a_published_cell_keeps_its_figures(survey: Survey, cell: dict[str, Any]) -> None:
    found = row(survey, **GOOD | cell)
    assert {c: found[c] for c in FIGURES} == {c: GOOD[c] for c in FIGURES}


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    """The same, with hours of 2021 not comparable: a break and another definition at once."""
    text = changed(
        "    measure: mean\n",
        '    measure: mean\n    not_comparable: [{wave: "2021", reason: autre question}]\n',
    )
    return small_survey(tmp_path_factory.mktemp("apart"), text)


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ({"wave": "2019"}, "A"),
        ({"wave": "2021"}, "D"),  # before B: the wave is also after a break
        ({"wave": "2021", "indicator": "internautes"}, "B"),
        ({"wave": "2021", "cv": 0.21}, "U"),  # before D
        ({"wave": "2021", "cv": 0.21, "n": 29}, "Q"),  # before all
        ({"wave": "2021", "indicator": "tablettes"}, "A"),  # its first wave: nothing to compare
    ],
)
def test_which_status_comes_first(apart: Survey, cell: dict[str, Any], status: str) -> None:
    assert row(apart, **GOOD_MEAN | cell)["status"] == status


def test_without_a_rule_nothing_is_suppressed(survey: Survey) -> None:
    spec = survey.spec.model_copy(update={"reliability": "none"})
    free = replace(survey, spec=spec)
    assert row(free, **GOOD | {"n": 2, "n_eff": 1.5})["status"] == "A"
    assert row(free, **GOOD | {"n": 2, "se": None})["status"] == "U"


def test_rows_are_judged_one_by_one(survey: Survey, tmp_path: Path) -> None:
    frame = pl.DataFrame([GOOD, GOOD | {"n": 1}, GOOD])
    assert publishable(survey, frame)["status"].to_list() == ["A", "Q", "A"]
