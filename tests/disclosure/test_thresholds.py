"""A survey's own thresholds of publication: each bound, at it and beyond, and what is not known."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from analysis.definition.publication import Limits, Thresholds
from analysis.disclosure import doubtful, hidden

CELL = {"method": "proportion; linearized; logit; deff=wr", "n": 40, "n_kish": 40.0, "n_eff": 40.0,
        "cv": 0.1, "ci_low": 0.25, "ci_high": 0.5, "estimate": 0.4, "deff": 1.0,
        "df_domain": 39}  # fmt: skip
SCHEMA = {"method": pl.String, "n": pl.Int64, "n_kish": pl.Float64, "n_eff": pl.Float64,
          "cv": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64, "estimate": pl.Float64,
          "deff": pl.Float64, "df_domain": pl.Int64}  # fmt: skip
# bound, its value, what is just within, what is beyond
BOUNDS = [
    ("n", 30, {"n": 30}, {"n": 29}),
    ("n_kish", 30, {"n_kish": 30.0}, {"n_kish": 29.999}),
    ("n_eff", 30, {"n_eff": 30.0}, {"n_eff": 29.999}),
    ("width", 0.25, {"ci_low": 0.25, "ci_high": 0.5}, {"ci_low": 0.25, "ci_high": 0.5001}),
    ("cv", 0.2, {"cv": 0.2}, {"cv": 0.2001}),
]


def judged(profile: Thresholds, **cell: Any) -> tuple[bool, bool]:
    frame = pl.DataFrame([CELL | cell], schema=SCHEMA)
    found = frame.select(h=hidden(profile), m=doubtful(profile)).row(0)
    return bool(found[0]), bool(found[1])


@pytest.mark.parametrize(("key", "bound", "within", "beyond"), BOUNDS)
def test_a_bound_holds_at_its_value(
    key: str, bound: float, within: dict[str, Any], beyond: dict[str, Any]
) -> None:
    hide, mark = (
        Thresholds(hide=Limits.model_validate({key: bound})),
        Thresholds(mark=Limits.model_validate({key: bound})),
    )
    assert judged(hide, **within) == (False, False)
    assert judged(hide, **beyond) == (True, False)
    assert judged(mark, **beyond) == (False, True)
    assert judged(mark, **within) == (False, False)


@pytest.mark.parametrize(
    ("key", "unknown"),
    [("n_kish", {"n_kish": None}), ("n_eff", {"n_eff": None}), ("cv", {"cv": None}),
     ("width", {"ci_low": None, "ci_high": None})],
)  # fmt: skip
def test_what_is_not_known_bounds_nothing(key: str, unknown: dict[str, Any]) -> None:
    """A census has no n_kish; 0 % has neither n_eff nor cv."""
    least = 0.01 if key in ("cv", "width") else 1e9
    assert judged(Thresholds(hide=Limits.model_validate({key: least})), **unknown) == (False, False)
    assert judged(Thresholds(hide=Limits.model_validate({key: least}))) == (True, False)


def test_one_bound_is_enough() -> None:
    both = Thresholds(hide=Limits(n=30, width=0.3), mark=Limits(cv=0.5))
    assert judged(both, n=29) == (True, False)
    assert judged(both, ci_high=0.9) == (True, False)
    assert judged(both, n=29, cv=0.6, n_kish=None) == (True, True)


@pytest.mark.parametrize("method", ["mean; linearized; wald; deff=wr", "quantile; linearized; x"])
def test_the_width_is_that_of_shares(method: str) -> None:
    """The interval of a mean has the unit of the mean: 0.3 points say nothing of it."""
    narrow = Thresholds(hide=Limits(width=0.1))
    assert judged(narrow, method=method, ci_low=10.0, ci_high=20.0) == (False, False)


@pytest.mark.parametrize("method", ["mentions; linearized; logit; deff=wr", "battery; linearized"])
def test_other_shares_have_a_width_too(method: str) -> None:
    assert judged(Thresholds(hide=Limits(width=0.1)), method=method) == (True, False)


def test_no_bounds_publish_everything() -> None:
    cell = {"n": 1, "n_kish": 0.1, "n_eff": 0.1, "cv": 9.0, "ci_low": 0.0, "ci_high": 1.0}
    assert judged(Thresholds(), **cell) == (False, False)


@pytest.mark.parametrize("wrong", [{"n": 0}, {"width": 0}, {"width": 1.1}, {"cv": -1},
                                   {"n_kish": 0}, {"m": 3}])  # fmt: skip
def test_bounds_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Limits.model_validate(wrong)
