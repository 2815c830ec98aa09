"""Coverage of the default interval, and why Wald's is not it: a short run of coverage.py.

The samples are independent, so that the number of intervals that hold p is binomial. The bounds
are 4 of its standard errors: a right interval would fail one run in 16,000, and the seed is fixed.
"""

from __future__ import annotations

import numpy as np
import pytest

from analysis.estimators.options import DEFAULT
from tests.simulation.coverage import (
    KINDS,
    LEVEL,
    NAKED,
    PLANS,
    STRATUM_RATIO,
    STRATUM_SHARE,
    monte_carlo_error,
    simulate,
)

SAMPLES = 3_000
BOUND = 4 * monte_carlo_error(SAMPLES)  # 1.6 points


@pytest.mark.parametrize("design", PLANS)
def test_the_default_interval_holds_p_95_times_in_100(design: str) -> None:
    assert DEFAULT.ci == "logit"
    found = simulate(design, 300, 0.3, SAMPLES)
    assert found.constant == 0
    assert abs(found.coverage["logit"] - LEVEL) < BOUND


@pytest.mark.parametrize("design", PLANS)
def test_wald_without_the_exact_interval_at_zero_undercovers_a_rare_answer(design: str) -> None:
    found = simulate(design, 100, 0.01, SAMPLES)
    assert found.constant > 0.2  # nobody says yes: the textbook's interval has no width
    assert found.coverage[NAKED] < 1 - found.constant + 1e-12 < LEVEL - BOUND
    assert found.coverage["logit"] > LEVEL - BOUND


@pytest.mark.parametrize("design", PLANS)
def test_wald_undercovers_a_rare_answer_that_some_give(design: str) -> None:
    found = simulate(design, 1000, 0.01, SAMPLES)
    assert found.coverage["wald"] < LEVEL - BOUND
    assert found.coverage["wald"] < found.coverage["logit"]


def test_a_run_repeats_itself_and_serves_each_interval() -> None:
    first, again = (simulate("clustered", 30, 0.05, 200) for _ in range(2))
    assert first == again
    assert set(KINDS) < set(first.coverage)
    assert all(0 <= share <= 1 for share in first.coverage.values())
    assert np.isfinite(list(first.width.values())).all()


def test_the_stratified_population_has_the_share_it_says() -> None:
    assert pytest.approx(1, abs=1e-12) == STRATUM_SHARE @ STRATUM_RATIO
