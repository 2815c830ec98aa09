"""What a plan says of itself: known cases, properties, targets, statuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import BaroError
from analysis.sampling import (
    Assumed,
    Domain,
    Expected,
    Plan,
    Rule,
    Strata,
    Stratum,
    by_stratum,
    expected,
    margin,
    whole,
)
from analysis.sampling.plans import Planner
from analysis.sampling.precision import variance
from tests.sampling.makers import TOWNS, strata_of

EXACT = 1e-12
quick = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def plan(N: Any, n: Any, p: Any = 0.5, r: Any = 1.0, **more: Any) -> Plan:
    k = len(N)
    p, r = (np.broadcast_to(np.asarray(x, float), k) for x in (p, r))
    return Plan(strata_of(*N), np.asarray(n), p, r, **more)


def everybody(p: Plan) -> Expected:
    return expected(p, [whole(p.strata)])[0]


# --- known cases ---------------------------------------------------------------------------------


def test_the_margin_everybody_knows() -> None:
    """1,000 of a large population: 3.1 points at 50 %, 1.96 sqrt(0.25 / 1000)."""
    found = everybody(plan([50_000_000], [1_000]))
    assert found.se == pytest.approx(0.0158, abs=5e-5)
    assert found.margin == pytest.approx(0.031, abs=5e-5)
    assert found.cv == pytest.approx(2 * found.se)


def test_the_finite_population_correction() -> None:
    """Cochran (1977), theorem 3.2: V = PQ / n (N - n) / (N - 1)."""
    found = everybody(plan([500], [200], 0.3))
    assert found.se**2 == pytest.approx(0.3 * 0.7 / 200 * 300 / 499, rel=EXACT)


def test_a_domain_counts_its_own_strata_alone() -> None:
    both, alone = plan([500, 900], [200, 30], [0.3, 0.6]), plan([500], [200], 0.3)
    d = Domain("type", "town", (True, False))
    inside = expected(both, [d])[0]
    assert (inside.population, inside.n, inside.p) == (500, 200, 0.3)
    assert inside.se == pytest.approx(everybody(alone).se, rel=EXACT)
    assert inside.df == 199
    # its interval has the degrees of freedom of the whole sample, as those that are published
    assert inside.margin == pytest.approx(inside.se * stats.t.ppf(0.975, 228), rel=EXACT)


def test_strata_of_a_domain_add_up() -> None:
    both = plan([500, 900], [200, 30], [0.3, 0.6])
    parts = [variance(both, d.members) for d in by_stratum(both.strata)]
    added = (500 / 1400) ** 2 * parts[0] + (900 / 1400) ** 2 * parts[1]
    assert variance(both, (True, True)) == pytest.approx(added, rel=EXACT)


def test_a_census_has_no_error() -> None:
    found = everybody(plan([40, 60], [40, 60], 0.4))
    assert (found.se, found.margin, found.cv, found.n_eff) == (0, 0, 0, None)
    assert (found.ci_low, found.ci_high, found.status) == (found.p, found.p, "A")


def test_response_leaves_fewer_respondents_than_units() -> None:
    asked, answering = plan([9_000], [400], 0.3, 0.25), plan([9_000], [100], 0.3)
    assert everybody(asked).respondents == 100
    assert everybody(asked).se == everybody(answering).se
    assert everybody(asked).n == 400


def test_a_pilot_multiplies_the_variance() -> None:
    plain, more = plan([9_000], [400]), plan([9_000], [400], deff=1.5)
    assert everybody(more).se ** 2 == pytest.approx(1.5 * everybody(plain).se ** 2, rel=EXACT)


@pytest.mark.parametrize("deff", [0, -1, float("nan"), float("inf")])
def test_factors_that_are_none(deff: float) -> None:
    with pytest.raises(BaroError, match="--deff"):
        plan([9_000], [400], deff=deff)


# --- statuses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("N", "n", "p", "status", "why"), [
    ([9_000], [400], 0.5, "A", ""),
    ([9_000], [29], 0.5, "Q", "fewer than 30 respondents"),
    ([9_000], [40], 0.5, "Q", "interval too wide"),
    ([9_000], [60], 0.01, "Q", "interval too wide"),
    ([90_000, 30], [100, 2], [0.5, 0.5], "A", ""),
    ([90_000, 30], [100, 1], [0.5, 0.5], "U", "fewer than 2 respondents expected in s2"),
    ([90_000, 30, 5], [100, 1, 1], 0.5, "U", "fewer than 2 respondents expected in s2 and 1 more"),
    ([90_000, 1], [100, 1], 0.5, "A", ""),  # a stratum of one unit that is taken
])  # fmt: skip
def test_what_will_be_too_unreliable(N: Any, n: Any, p: Any, status: str, why: str) -> None:
    found = everybody(plan(N, n, p))
    assert (found.status, found.note) == (status, why)


def test_few_answers_that_weigh_unequally() -> None:
    """80 respondents, of whom 10 speak for nine tenths: effective n is about 12."""
    found = everybody(plan([9_000, 1_000], [10, 70]))
    assert (found.status, found.note) == ("Q", "effective n under 30")
    assert found.n_eff == pytest.approx(0.25 / found.se**2)


def test_a_survey_without_a_rule_keeps_nothing_back() -> None:
    assert everybody(plan([9_000], [29], rule="none")).status == "A"


def test_without_degrees_of_freedom_there_is_no_margin() -> None:
    found = everybody(plan([9_000], [1], rule="none"))
    assert (found.margin, found.ci_low, found.ci_high, found.status) == (None, None, None, "U")


# --- properties ----------------------------------------------------------------------------------

ROWS = st.lists(
    st.tuples(st.integers(2, 9_000), st.floats(0, 1), st.floats(0.02, 0.98), st.floats(0.1, 1)),
    min_size=1, max_size=8,
)  # fmt: skip


def planned_of(rows: list[tuple[int, float, float, float]]) -> Plan:
    N = [r[0] for r in rows]
    n = [max(1, round(r[1] * r[0])) for r in rows]
    return plan(N, n, [r[2] for r in rows], [r[3] for r in rows])


@quick
@given(ROWS, st.integers(0, 7))
def test_another_unit_never_makes_it_worse(rows: list[Any], h: int) -> None:
    p = planned_of(rows)
    h %= len(rows)
    if p.sizes[h] < p.populations[h]:
        more = Plan(p.strata, p.sizes + (np.arange(len(rows)) == h), p.p, p.response)
        for d in [whole(p.strata), *by_stratum(p.strata)]:
            assert margin(more, d.members) <= margin(p, d.members)


@quick
@given(ROWS)
def test_yes_and_no_have_one_error(rows: list[Any]) -> None:
    p = planned_of(rows)
    no = Plan(p.strata, p.sizes, 1 - p.p, p.response)
    assert everybody(no).se == pytest.approx(everybody(p).se, rel=1e-9, abs=1e-15)


@quick
@given(ROWS)
def test_the_interval_holds_the_share(rows: list[Any]) -> None:
    found = everybody(planned_of(rows))
    if found.ci_low is not None and found.ci_high is not None:
        assert 0 <= found.ci_low <= found.p + EXACT
        assert found.p - EXACT <= found.ci_high <= 1


# --- targets -------------------------------------------------------------------------------------


def planner(N: Any, p: Any = 0.5, r: Any = 1.0, rule: Rule | None = None) -> Planner:
    k = len(N)
    strata = Strata("f.csv", ("h",), strata_of(*N), {})
    p, r = (np.broadcast_to(np.asarray(x, float), k) for x in (p, r))
    return Planner(strata, Assumed(p, r, np.full(k, np.nan), ()), rule or Rule("proportional"))


@pytest.mark.parametrize("target", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("rule", [Rule("proportional"), Rule("neyman", 5), Rule("power", 3, 0.3)])
@pytest.mark.parametrize("inside", [(True, True, True), (False, True, True), (False, False, True)])
def test_the_smallest_size_by_trying_all(
    target: float, rule: Rule, inside: tuple[bool, ...]
) -> None:
    made = planner([900, 200, 60], [0.2, 0.5, 0.7], 0.9, rule)
    d = Domain("d", "", inside)
    reached = [size for size in range(3 * rule.minimum, 1_161)
               if margin(made.plan(size), inside) <= target]  # fmt: skip
    if not reached:
        with pytest.raises(BaroError, match="no size reaches it in d"):
            made.reach(target, d)
        return
    found, before = made.reach(target, d)
    assert found.sizes.sum() == reached[0]
    assert reached == list(range(reached[0], 1_161)), "a larger size is never worse"
    assert before is None or before > target >= margin(found, inside)


def test_the_size_of_the_textbook() -> None:
    """Cochran (1977), §4.4: n_0 = t^2 pq / d^2 = 384.16, and n = n_0 / (1 + (n_0 - 1) / N).

    t(df) is a little more than 1.96, so a few more units.
    """
    N, target = 4_000, 0.05
    n0 = 1.96**2 * 0.25 / target**2
    found, _ = planner([N]).reach(target, Domain("d", "", (True,)))
    assert 0 <= found.sizes.sum() - n0 / (1 + (n0 - 1) / N) <= 3


def test_the_minimum_alone_may_be_enough() -> None:
    made = planner([900, 200], rule=Rule("proportional", 20))
    found, before = made.reach(0.5, whole(made.strata.strata))
    assert (found.sizes.tolist(), before) == ([20, 20], None)


def test_a_target_out_of_reach_says_the_best() -> None:
    made = planner([400], 0.5, 0.1)
    with pytest.raises(BaroError) as e:
        made.reach(0.05, whole(made.strata.strata))
    best = margin(made.plan(400), (True,))
    assert str(e.value) == (
        "--target 0.05\n  no size reaches it in ensemble\n"
        f"  expected: {best:.4f} at best, with all 400 units drawn\n"
        f"  -> --target {np.ceil(1e4 * best) / 1e4:g}, or raise the response rate"
    )
    made.reach(np.ceil(1e4 * best) / 1e4, whole(made.strata.strata))  # what it says to type works


@pytest.mark.parametrize("target", [0, 1, 5, -0.1, float("nan")])
def test_targets_that_are_none(target: float) -> None:
    with pytest.raises(BaroError, match="half the width") as e:
        planner([400]).reach(target, Domain("d", "", (True,)))
    assert "-> --target 0.05: 5 points" in str(e.value)


# --- the plan of the notes -----------------------------------------------------------------------


def test_the_survey_of_local_authorities() -> None:
    """Notes on collectivites-ia, §3: standard error of 4.2 points at 36 % in D1, expected."""
    kept = {k: n for k, (_, n) in TOWNS.items()}
    del kept["C<3500"]
    sizes = [28, 36, 12, 40, 13, 24, 12]
    shares = [0.14, 0.54, 0.5, 0.57, 0.62, 0.5, 0.75]  # those published, half where none is
    strata = tuple(Stratum((k,), population=n) for k, n in kept.items())
    found = everybody(Plan(strata, np.array(sizes), np.array(shares), np.ones(7)))
    assert found.population == 4_598
    assert found.se == pytest.approx(0.042, abs=0.0025)
