"""Allocations: published results, an exhaustive search, and what must hold of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import BaroError
from analysis.sampling import Rule, Stratum, allocate, bounds, planned
from analysis.sampling.allocation import Kind, measure, proportion_sd
from analysis.sampling.precision import stratified_variance
from tests.sampling.makers import TOWNS, strata_of

ROUNDED = 1e-6  # published to seven digits
EXACT = 1e-12
ONE = np.ones

quick = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def whole(a: Sequence[float], size: int, lower: Sequence[int], upper: Sequence[int]) -> list[int]:
    found = allocate(np.array(a, float), size, np.array(lower), np.array(upper))
    return [int(n) for n in found]


# --- published -----------------------------------------------------------------------------------

# Cochran (1977), §5.3 and 5.6: inhabitants of 64 large cities in 1930 (thousands), n = 24.
CITIES, CITY_SD = np.array([16.0, 48.0]), np.sqrt([53_843.0, 5_581.0])


def city_variance(sizes: Sequence[int]) -> float:
    """Of the total."""
    return 64**2 * stratified_variance(CITIES, CITY_SD, np.array(sizes, float))


def test_cochran_proportional() -> None:
    assert whole(CITIES.tolist(), 24, [2, 2], [16, 48]) == [6, 18]
    assert city_variance([6, 18]) == pytest.approx(1_882_293, abs=0.5)
    assert city_variance([6, 18]) ** 0.5 == pytest.approx(1_372, abs=0.5)


def test_cochran_optimum_is_the_equal_one() -> None:
    assert whole((CITIES * CITY_SD).tolist(), 24, [2, 2], [16, 48]) == [12, 12]
    assert city_variance([12, 12]) == pytest.approx(1_090_827, abs=0.5)
    assert city_variance([12, 12]) ** 0.5 == pytest.approx(1_044, abs=0.5)


# stratallo (CRAN, README of version 2.2.1): N, S and its real-valued optima.
STRATALLO_N, STRATALLO_S = (3000.0, 4000.0, 5000.0, 2000.0), (48.0, 79.0, 76.0, 16.0)
STRATALLO_A = np.array(STRATALLO_N) * STRATALLO_S
STRATALLO = [
    (190, [1] * 4, [3000] * 4, (31.376147, 68.853211, 82.798165, 6.972477), 3940753053),
    (190, [1] * 4, [100, 90, 70, 80], (35.121951, 77.073171, 70.0, 7.804878), 4018789143),
    (190, [50, 120, 1, 2], [3000] * 4, (50, 120, 18, 2), 9719807556),
    (1284, [100, 90, 500, 50], [300, 400, 800, 90], (228.9496, 400, 604.1727, 50.8777), 538073357),
]  # fmt: skip


@pytest.mark.parametrize(("n", "lower", "upper", "real", "variance"), STRATALLO)
def test_whole_numbers_beside_the_published_optimum(
    n: int, lower: list[int], upper: list[int], real: tuple[float, ...], variance: float
) -> None:
    found = whole(STRATALLO_A.tolist(), n, lower, upper)
    assert np.abs(np.array(found) - real).max() < 1
    assert sum(found) == n
    N, S = np.array(STRATALLO_N), np.array(STRATALLO_S)
    ours = 14_000**2 * stratified_variance(N, S, np.array(found, float))
    assert variance * (1 - ROUNDED) <= ours < variance * 1.001  # never better than the real optimum


@pytest.mark.parametrize(("n", "lower", "upper", "real", "variance"), STRATALLO)
def test_the_published_variances(
    n: int, lower: list[int], upper: list[int], real: tuple[float, ...], variance: float
) -> None:
    N, S = np.array(STRATALLO_N), np.array(STRATALLO_S)
    assert 14_000**2 * stratified_variance(N, S, np.array(real)) == pytest.approx(
        variance, rel=ROUNDED
    )


def test_neyman_of_shares() -> None:
    """An exercise: 1,000 students of 4 halls, of whom N sqrt(pq) is 120, 120, 50 and 80."""
    N, p = np.array([400.0, 300.0, 100.0, 200.0]), np.array([0.9, 0.8, 0.5, 0.2])
    assert N * np.sqrt(p * (1 - p)) == pytest.approx([120, 120, 50, 80])
    found = planned(Rule("neyman"), strata_of(400, 300, 100, 200), 100, p, ONE(4))
    real = 100 * np.array([120, 120, 50, 80]) / 370
    assert np.abs(found - real).max() < 1


# --- measures ------------------------------------------------------------------------------------


def test_the_spread_of_a_share_is_that_of_its_ones_and_zeros() -> None:
    """Cochran's S^2 against the standard deviation of a list with 3 ones and 7 zeros."""
    ones = np.array([1.0] * 3 + [0.0] * 7)
    assert proportion_sd(np.array([10.0]), np.array([0.3]))[0] == pytest.approx(ones.std(ddof=1))
    assert proportion_sd(np.array([1.0]), np.array([0.3]))[0] == 0


N3, P3, R3 = np.array([900.0, 400.0, 100.0]), np.array([0.1, 0.5, 0.8]), np.array([0.25, 1, 0.5])


def a_h(kind: Kind, exponent: float = 0.5, response: Any = None) -> Any:
    spread = np.sqrt(P3 * (1 - P3))
    return measure(Rule(kind, exponent=exponent), N3, spread, P3, ONE(3) if response is None
                   else response)  # fmt: skip


def test_bankier_between_equal_cv_and_neyman_like() -> None:
    """a_h = N_h^q S_h / mean_h: with q = 0 and no fpc every stratum has the same cv."""
    cv = np.sqrt((1 - P3) / P3)
    assert a_h("power", 0.0) == pytest.approx(cv)
    assert a_h("power", 1.0) == pytest.approx(N3 * cv)
    assert a_h("power", 0.5) == pytest.approx(np.sqrt(N3) * cv)


def test_response_counts_where_a_variance_is_minimised() -> None:
    assert a_h("neyman", response=R3) == pytest.approx(a_h("neyman") / np.sqrt(R3))
    assert a_h("power", response=R3) == pytest.approx(a_h("power") / np.sqrt(R3))
    assert a_h("proportional", response=R3).tolist() == N3.tolist()


def test_with_one_share_neyman_is_proportional() -> None:
    strata = strata_of(31_710, 2_185, 998, 4_200)
    half = np.full(4, 0.5)
    kinds: tuple[Kind, ...] = ("neyman", "proportional")
    neyman, proportional = (
        planned(Rule(k), strata, 500, half, ONE(4)).tolist() for k in kinds
    )  # fmt: skip
    assert neyman == proportional


# --- whatever the strata ------------------------------------------------------------------------

SMALL = st.lists(
    st.tuples(st.floats(0, 50, allow_subnormal=False), st.integers(1, 4), st.integers(0, 5)),
    min_size=1, max_size=4,
)  # fmt: skip


@quick
@given(SMALL, st.floats(0, 1))
def test_no_whole_allocation_is_better(strata: list[tuple[float, int, int]], part: float) -> None:
    a = np.array([s[0] for s in strata])
    lower = np.array([s[1] for s in strata])
    upper = lower + [s[2] for s in strata]
    size = int(lower.sum() + round(part * (upper - lower).sum()))
    found = allocate(a, size, lower, upper)
    ranges = [range(lo, up + 1) for lo, up in zip(lower, upper, strict=True)]
    best = min((a**2 / np.array(n)).sum() for n in product(*ranges) if sum(n) == size)
    assert found.sum() == size
    assert ((lower <= found) & (found <= upper)).all()
    assert (a**2 / found).sum() <= best * (1 + EXACT)


LARGE = st.lists(
    st.tuples(st.integers(1, 40_000), st.floats(0.01, 0.99), st.floats(0.05, 1)),
    min_size=1, max_size=12,
)  # fmt: skip
KINDS: Any = st.sampled_from(["neyman", "proportional", "power"])


def reach(strata: Sequence[Stratum], minimum: int, part: float) -> int:
    lower, upper = bounds(strata, minimum)
    return int(lower.sum() + round(part * (upper - lower).sum()))


@quick
@given(LARGE, KINDS, st.integers(1, 30), st.floats(0, 1), st.floats(0, 1))
def test_sizes_sum_within_bounds_and_never_fall(
    rows: list[tuple[int, float, float]], kind: Kind, minimum: int, part: float, exponent: float
) -> None:
    strata = strata_of(*(r[0] for r in rows))
    p, response = np.array([r[1] for r in rows]), np.array([r[2] for r in rows])
    rule = Rule(kind, minimum, exponent)
    size = reach(strata, minimum, part)
    found = planned(rule, strata, size, p, response)
    assert found.sum() == size
    for n, s in zip(found, strata, strict=True):
        assert min(minimum, s.population) <= n <= s.population
    if size < sum(s.population for s in strata):
        more = planned(rule, strata, size + 1, p, response)
        assert sorted((more - found).tolist()) == [0] * (len(strata) - 1) + [1]


@quick
@given(LARGE, st.integers(1, 30), st.floats(0, 1))
def test_neyman_is_at_least_as_good_as_the_others(
    rows: list[tuple[int, float, float]], minimum: int, part: float
) -> None:
    strata = strata_of(*(r[0] for r in rows))
    N, p, r = (np.array([x[i] for x in rows], float) for i in range(3))
    size = reach(strata, minimum, part)

    def variance(kind: Kind) -> float:
        sizes = planned(Rule(kind, minimum), strata, size, p, r)
        # without fpc: what is left out is the same for all, sum N_h S_h^2 / N^2
        spread = N * proportion_sd(N, p) / N.sum()
        return float((spread**2 / (sizes * r)).sum())

    assert variance("neyman") <= variance("proportional") * (1 + EXACT)
    assert variance("neyman") <= variance("power") * (1 + EXACT)


@quick
@given(LARGE, KINDS, st.floats(0, 1), st.randoms(use_true_random=False))
def test_the_order_of_distinct_strata_is_irrelevant(
    rows: list[tuple[int, float, float]], kind: Kind, part: float, random: Any
) -> None:
    rows = list({r[0]: r for r in rows}.values())
    order = list(range(len(rows)))
    random.shuffle(order)
    strata = strata_of(*(r[0] for r in rows))
    p, r = np.array([x[1] for x in rows]), np.array([x[2] for x in rows])
    size = reach(strata, 2, part)
    found = planned(Rule(kind), strata, size, p, r)
    turned = planned(Rule(kind), [strata[i] for i in order], size, p[order], r[order])
    N = np.array([x[0] for x in rows], float)
    spread = measure(Rule(kind), N, proportion_sd(N, p), p, r)
    # strata with the same priority may change places; what is minimised may not
    assert (spread**2 / found).sum() == pytest.approx(
        (spread[order] ** 2 / turned).sum(), rel=EXACT
    )


def test_full_strata_are_taken_and_the_rest_goes_to_the_others() -> None:
    strata = strata_of(*(n for _, n in TOWNS.values()))
    found = planned(Rule("power", 10, 0.0), strata, 400, np.full(8, 0.5), ONE(8))
    # equal sizes, but for strata of 42, 21 and 18: (400 - 42 - 21 - 18) / 5 = 63.8
    assert sorted(found.tolist()) == [18, 21, 42, 63, 64, 64, 64, 64]


def test_certainty_is_taken_whole_and_counted() -> None:
    strata = (Stratum(("a",), False, 100), Stratum(("a",), True, 7), Stratum(("b",), False, 50))
    assert planned(Rule("proportional"), strata, 22, np.full(3, 0.5), ONE(3)).tolist() == [10, 7, 5]


def test_a_population_of_persons_is_no_burden() -> None:
    strata = strata_of(40_000_000, 26_000_000, 2)
    assert planned(Rule("proportional"), strata, 1_002, np.full(3, 0.5), ONE(3)).tolist() == [
        606, 394, 2,
    ]  # fmt: skip


# --- refusals ------------------------------------------------------------------------------------


def refused(size: int, rule: Rule, *strata: Stratum) -> str:
    k = len(strata)
    with pytest.raises(BaroError) as e:
        planned(rule, strata, size, np.full(k, 0.5), ONE(k))
    return str(e.value)


def test_more_than_the_frame() -> None:
    assert refused(101, Rule("neyman"), *strata_of(60, 40)) == (
        "--size\n  101\n  expected: at most the 100 units of the frame\n"
        "  -> --size 100 takes them all"
    )


def test_less_than_the_minimum_of_each_stratum() -> None:
    sure = Stratum(("z",), True, 4)
    assert refused(20, Rule("power", 10), *strata_of(60, 40, 3), sure) == (
        "--size\n  20, and the minimum takes 27 (3 strata x 10, 1 of them smaller than that, "
        "4 units of certainty)\n  expected: 27 or more\n"
        "  -> --size 27, a lower --minimum, or fewer strata"
    )


@pytest.mark.parametrize("size", [0, -5])
def test_sizes_that_are_none(size: int) -> None:
    assert "the minimum takes 4" in refused(size, Rule("neyman"), *strata_of(60, 40))


@pytest.mark.parametrize(("rule", "said"), [
    ({"minimum": 0}, "--minimum"), ({"exponent": 1.5}, "--power"), ({"exponent": -0.1}, "--power"),
    ({"exponent": float("nan")}, "--power"),
])  # fmt: skip
def test_rules_that_are_none(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(BaroError, match=said):
        Rule("power", **rule)


@pytest.mark.parametrize("bad", [
    ([1.0], 3, [1], [2]), ([1.0], 0, [1], [2]), ([1.0], 1, [0], [2]), ([1.0], 2, [2], [1]),
])  # fmt: skip
def test_bounds_out_of_reach_are_no_allocation(bad: Any) -> None:
    with pytest.raises(ValueError, match="bounds"):
        whole(*bad)
