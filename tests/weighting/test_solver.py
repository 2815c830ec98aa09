"""Distances and Newton's steps: derivatives, ends, step control."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.weighting.distances import Distance, distance
from analysis.weighting.solver import solve

ALL = {
    "linear": distance("linear", None),
    "raking": distance("raking", None),
    "truncated": distance("truncated_linear", (0.5, 3.0)),
    "bounded raking": distance("raking", (0.5, 3.0)),
    "one-sided": distance("linear", (0.5, np.inf)),
    "logit": distance("logit", (0.5, 3.0)),
    "logit from 0": distance("logit", (0.0, 1.2)),
}
U = np.linspace(-3, 3, 601) + 1e-4  # off the corners


@pytest.mark.parametrize("name", ALL)
def test_one_and_slope_one_at_zero(name: str) -> None:
    zero = np.zeros(1)
    assert ALL[name].ratio(zero)[0] == pytest.approx(1, abs=1e-15)
    assert ALL[name].slope(zero)[0] == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("name", ALL)
def test_slope_and_integral_are_those_of_the_ratio(name: str) -> None:
    d, step = ALL[name], 1e-5
    slope = (d.ratio(U + step) - d.ratio(U - step)) / (2 * step)
    np.testing.assert_allclose(d.slope(U), slope, atol=1e-7)
    ratio = (d.integral(U + step) - d.integral(U - step)) / (2 * step)
    np.testing.assert_allclose(d.ratio(U), ratio, atol=1e-7)


@pytest.mark.parametrize("name", ALL)
def test_within_the_bounds_and_rising(name: str) -> None:
    d = ALL[name]
    far = np.array([-1e6, -1e3, *U, 1e3, 1e6])
    ratio = d.ratio(far)
    assert (ratio >= d.low).all()
    assert (ratio <= d.high).all()
    assert (np.diff(ratio) >= 0).all()
    assert np.isfinite(d.slope(far)).all()
    assert d.bounded == (name not in ("linear", "raking"))


def test_logit_by_its_formula() -> None:
    """Deville and Särndal (1992), their case 6."""
    low, high = 0.5, 3.0
    a = (high - low) / ((1 - low) * (high - 1))
    e = np.exp(a * U)
    expected = (low * (high - 1) + high * (1 - low) * e) / (high - 1 + (1 - low) * e)
    np.testing.assert_allclose(ALL["logit"].ratio(U), expected, rtol=1e-13)


X = np.array([[1.0, 0, 0], [0, 1, 0], [0, 1, 1], [1, 0, 1]])
MASS = np.array([10.0, 20, 30, 40])


@pytest.mark.parametrize("name", ALL)
def test_arrives(name: str) -> None:
    targets = (MASS * np.array([1.1, 0.9, 1.05, 1.02])) @ X
    found = solve(X, MASS, targets, ALL[name], np.zeros(3))
    assert found.met
    assert found.iterations < 30
    np.testing.assert_allclose((MASS * found.ratio) @ X, targets, rtol=1e-11)


def test_a_margin_said_twice_changes_nothing() -> None:
    targets = (MASS * np.array([1.1, 0.9, 1.05, 1.02])) @ X
    once = solve(X, MASS, targets, ALL["raking"], np.zeros(3))
    twice = solve(np.hstack([X, X]), MASS, np.r_[targets, targets], ALL["raking"], np.zeros(6))
    np.testing.assert_allclose(twice.ratio, once.ratio, rtol=1e-12)


def test_far_targets_need_shorter_steps() -> None:
    """A whole first step of Newton would go to exp(5e5)."""
    targets = (MASS * np.array([1e-3, 5e3, 1e-2, 1e3])) @ X
    found = solve(X, MASS, targets, Distance("exponential", -np.inf, np.inf), np.zeros(3))
    assert found.met
    np.testing.assert_allclose((MASS * found.ratio) @ X, targets, rtol=1e-9)


def test_nowhere_to_go_is_said_and_not_raised() -> None:
    found = solve(X, MASS, np.array([-5.0, 10, 10]), ALL["raking"], np.zeros(3))
    assert not found.met
    assert np.abs(found.gaps).max() > 0.1


def test_profiles_without_mass_do_not_count() -> None:
    targets = (MASS * np.array([1.1, 0.9, 1.05, 1.02])) @ X
    more = np.vstack([X, [1.0, 1, 1]])
    found = solve(more, np.r_[MASS, 0.0], targets, ALL["linear"], np.zeros(3))
    alone = solve(X, MASS, targets, ALL["linear"], np.zeros(3))
    np.testing.assert_allclose(found.ratio[:4], alone.ratio, rtol=1e-12)
