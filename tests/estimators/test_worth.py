"""What a base is worth: the formula, its limits, and that no scale of the weights matters."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.design import SampleDesign
from analysis.estimators.ratio import estimate_ratios, worth
from analysis.variance import Membership

Sample = list[tuple[float, int, bool]]  # weight, stratum, in the base
SAMPLES = st.lists(
    st.tuples(st.floats(0.01, 1e4), st.integers(0, 2), st.booleans()), min_size=2, max_size=30
)
COUNTS = {0: 40, 1: 35, 2: 1000}  # no stratum is taken whole: 30 respondents at most


def design(sample: Sample, *, fpc: bool = True, scale: float = 1.0) -> SampleDesign:
    frame = pl.DataFrame(
        {
            "w": [w * scale for w, _, _ in sample],
            "h": [f"s{h}" for _, h, _ in sample],
            "N": [float(COUNTS[h]) for _, h, _ in sample],
        }
    )
    return SampleDesign(frame, "w", strata="h", fpc="N" if fpc else "", lonely_psu="adjust")


def value(sample: Sample, **kind: object) -> float:
    base = np.array([[float(inside)] for _, _, inside in sample])
    everybody = Membership.of(np.zeros(len(sample), dtype=np.int64))
    return float(worth(base, everybody, design(sample, **kind))[0, 0])  # type: ignore[arg-type]


@given(SAMPLES)
@settings(deadline=None)
def test_the_formula(sample: Sample) -> None:
    """(sum w)^2 / sum w^2 (1 - n_h / N_h), one respondent after the other."""
    taken = {h: sum(g == h for _, g, _ in sample) / n for h, n in COUNTS.items()}
    total = sum(w for w, _, inside in sample if inside)
    squares = sum(w * w * (1 - taken[h]) for w, h, inside in sample if inside)
    expected = total**2 / squares if total else np.nan
    assert value(sample) == pytest.approx(expected, rel=1e-10, nan_ok=True)


@given(SAMPLES)
@settings(deadline=None)
def test_without_fractions_it_is_kish_and_with_them_more(sample: Sample) -> None:
    w = np.array([w for w, _, inside in sample if inside])
    kish = w.sum() ** 2 / (w**2).sum() if w.size else np.nan
    assert value(sample, fpc=False) == pytest.approx(kish, rel=1e-10, nan_ok=True)
    if w.size:
        assert kish <= w.size * (1 + 1e-12)
        assert value(sample) > kish


@given(SAMPLES, st.sampled_from([1e-14, 1e-9, 1e-3, 1e6, 1e12]))
@settings(deadline=None)
def test_the_scale_of_weights_says_nothing(sample: Sample, scale: float) -> None:
    """Weights that add up to 1, to n or to millions."""
    assert value(sample, scale=scale) == pytest.approx(value(sample), rel=1e-9, nan_ok=True)


def test_equal_weights_are_worth_their_number() -> None:
    assert value([(3.0, 0, True)] * 12, fpc=False) == pytest.approx(12)
    assert value([(3.0, 0, True)] * 10) == pytest.approx(10 / (1 - 10 / 40))


def test_a_census_is_worth_no_number() -> None:
    """All 35 of a stratum; a base that holds some of another is worth one again."""
    whole = [(1.0, 1, True)] * 35
    assert np.isnan(value([*whole, (2.0, 0, False), (2.0, 0, False)]))
    mixed = [*whole, (2.0, 0, True), (2.0, 0, True)]
    assert value(mixed) == pytest.approx((35 + 4) ** 2 / (2 * 4 * (1 - 2 / 40)))


def test_nobody_is_worth_nothing_known() -> None:
    assert np.isnan(value([(1.0, 0, False)] * 5))


@given(SAMPLES)
@settings(deadline=None)
def test_it_comes_with_estimates_whatever_people_answer(sample: Sample) -> None:
    base = np.array([[float(inside)] for _, _, inside in sample])
    everybody = Membership.of(np.zeros(len(sample), dtype=np.int64))
    for said in (0.0, 1.0):
        for fpc in (True, False):
            found = estimate_ratios(base * said, base, np.array([True]), everybody,
                                    design(sample, fpc=fpc))  # fmt: skip
            assert found.n_kish[0, 0] == pytest.approx(
                value(sample, fpc=fpc), rel=1e-9, nan_ok=True
            )
