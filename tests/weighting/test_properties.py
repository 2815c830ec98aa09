"""What calibration must do whatever the sample: drawn by hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import BaroError
from analysis.estimation import Design
from tests.weighting.samples import targets

MET = 1e-9  # relative: asked for
SAME = 1e-8  # of weights from the same equations in another order
METHODS = ("raking", "linear", "logit", "truncated_linear")

quick = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass(frozen=True)
class Problem:
    """Respondents, margins that weights within (0.5, 2) of the first meet, and a method."""

    frame: pl.DataFrame
    margins: dict[Any, Any]
    method: Any
    bounds: tuple[float, float] | None

    def solved(self, frame: pl.DataFrame | None = None, **more: Any) -> Design:
        given = {"margins": self.margins, "method": self.method, "bounds": self.bounds} | more
        return Design(self.frame if frame is None else frame, "w").calibrate(**given)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    n = draw(st.integers(30, 120))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    frame = pl.DataFrame(
        {"w": rng.gamma(2, 50, n) + 1, "a": rng.choice(["x", "y", "zz"], n),
         "b": rng.choice(["1", "2"], n), "k": rng.integers(0, 4, n).astype(str),
         "v": np.round(rng.normal(5, 2, n), 2), "id": np.arange(n)}
    )  # fmt: skip
    keys = draw(st.sampled_from([("a",), ("a", "b"), ("a", "b", "k"), (("a", "b"), "k"),
                                 ("a", "v"), (("a", "b"), "v")]))  # fmt: skip
    wanted = frame["w"].to_numpy() * rng.uniform(0.7, 1.5, n)
    method = draw(st.sampled_from(METHODS))
    bounded = method in ("logit", "truncated_linear") or draw(st.booleans())
    # bounds within which the wanted weights are: they exist, whatever was drawn
    bounds = (0.5, 2.0) if bounded else None
    return Problem(frame, targets(frame, *keys, weights=wanted), method, bounds)


def check_met(made: Design, margins: dict[Any, Any]) -> None:
    for key, wanted in margins.items():
        columns = list(key) if isinstance(key, tuple) else [key]
        if not isinstance(wanted, dict):
            reached = float(made.weights @ made.frame[key].to_numpy())
            size = float(made.weights @ np.abs(made.frame[key].to_numpy()))
            assert reached == pytest.approx(wanted, rel=MET, abs=1e-15 * size)
            continue
        sums = made.frame.with_columns(_w=made.weights).group_by(columns).agg(pl.col("_w").sum())
        found = {r[:-1] if isinstance(key, tuple) else r[0]: r[-1] for r in sums.iter_rows()}
        assert found == pytest.approx(wanted, rel=MET)


@quick
@given(problems())
def test_every_margin_is_met_within_the_bounds(problem: Problem) -> None:
    made = problem.solved()
    check_met(made, problem.margins)
    ratio = made.weights / problem.frame["w"].to_numpy()
    low, high = problem.bounds or (0.0, np.inf)
    assert low * (1 - 1e-12) <= ratio.min()
    assert ratio.max() <= high * (1 + 1e-12)
    assert made.report.converged
    assert made.report.margins.filter(pl.col("gap").abs() > MET).height == 0


@quick
@given(problems())
def test_calibrating_again_changes_nothing(problem: Problem) -> None:
    once = problem.solved()
    again = once.calibrate(problem.margins, problem.method, bounds=problem.bounds)
    np.testing.assert_allclose(again.weights, once.weights, rtol=SAME)


@quick
@given(problems(), st.randoms(use_true_random=False))
def test_order_of_rows_columns_and_categories_changes_nothing(
    problem: Problem, random: Any
) -> None:
    expected = problem.solved().weights
    rows = list(range(problem.frame.height))
    random.shuffle(rows)
    found = problem.solved(problem.frame[rows])
    np.testing.assert_allclose(found.weights, expected[rows], rtol=SAME)
    turned = {
        key: dict(reversed(value.items())) if isinstance(value, dict) else value
        for key, value in reversed(problem.margins.items())
    }
    np.testing.assert_allclose(problem.solved(margins=turned).weights, expected, rtol=SAME)


@quick
@given(problems(), st.floats(0.05, 0.95))
def test_a_respondent_split_in_two_changes_nothing(problem: Problem, share: float) -> None:
    w = pl.col("w")
    first = problem.frame.with_columns(pl.when(pl.col("id") < 9).then(w * share).otherwise(w))
    second = problem.frame.filter(pl.col("id") < 9).with_columns(w * (1 - share))
    found = problem.solved(pl.concat([first, second]))
    sums = (
        found.frame.with_columns(g=found.weights).group_by("id").agg(pl.col("g").sum()).sort("id")
    )
    np.testing.assert_allclose(sums["g"].to_numpy(), problem.solved().weights, rtol=SAME)


@quick
@given(problems(), st.floats(1e-6, 1e6))
def test_the_unit_of_the_weights_changes_nothing(problem: Problem, factor: float) -> None:
    scaled = {
        key: {c: t * factor for c, t in value.items()} if isinstance(value, dict)
        else value * factor for key, value in problem.margins.items()
    }  # fmt: skip
    found = problem.solved(problem.frame.with_columns(pl.col("w") * factor), margins=scaled)
    np.testing.assert_allclose(found.weights, problem.solved().weights * factor, rtol=SAME)


@quick
@given(problems())
def test_linear_is_the_regression_estimator(problem: Problem) -> None:
    """sum w y = sum d y + (t_x - sum d x)' B, B the weighted least squares of y on x."""
    frame = problem.frame
    d, y = frame["w"].to_numpy(), frame["v"].to_numpy() ** 2
    columns, totals = [], []
    for key, value in problem.margins.items():
        if not isinstance(value, dict):
            columns.append(frame[key].to_numpy())
            totals.append(value)
            continue
        names = list(key) if isinstance(key, tuple) else [key]
        for category, total in value.items():
            parts = category if isinstance(category, tuple) else (category,)
            inside = pl.all_horizontal(*(pl.col(n) == c for n, c in zip(names, parts, strict=True)))
            columns.append(frame.select(inside.cast(pl.Float64)).to_series().to_numpy())
            totals.append(total)
    x = np.column_stack(columns)
    b = np.linalg.lstsq(np.sqrt(d)[:, None] * x, np.sqrt(d) * y, rcond=1e-10)[0]
    expected = d @ y + (np.array(totals) - d @ x) @ b
    try:
        made = problem.solved(method="linear", bounds=None)
    except BaroError as error:  # the regression estimator may need negative weights
        if "would be negative" in str(error):
            return
        raise
    assert made.weights @ y == pytest.approx(expected, rel=1e-9)


@quick
@given(problems())
def test_poststratification_is_raking_on_one_margin(problem: Problem) -> None:
    margins = targets(problem.frame, "a", weights=problem.frame["w"].to_numpy() * 1.7)
    one, two, three = (problem.solved(margins=margins, method=m, bounds=None).weights
                       for m in ("poststratification", "raking", "linear"))  # fmt: skip
    np.testing.assert_allclose(one, two, rtol=1e-11)
    np.testing.assert_allclose(one, three, rtol=1e-11)
