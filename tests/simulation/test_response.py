"""The variance of estimates weighted for nonresponse, by a short run of response.py.

The ratio of variances has a standard error of about sqrt(2 / samples), 7 % here, and the coverage
of 1.1 points: the bounds are three and a half of them, and the seed is fixed.
"""

from __future__ import annotations

import pytest

from tests.simulation.response import CASES, Case, simulate

SAMPLES = 400


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_two_phases_are_counted(case: Case) -> None:
    found = simulate(case, SAMPLES)
    assert found.ratio["two_phase"] == pytest.approx(1, abs=0.25)
    assert found.coverage["two_phase"] == pytest.approx(0.95, abs=0.04)
    if case.name == "all":  # "fixed" sees a census where every other person is silent
        assert found.ratio["fixed"] == found.coverage["fixed"] == 0
    else:  # and elsewhere the number of those who answer as if it were chance what they stand for
        assert found.ratio["fixed"] > 5
