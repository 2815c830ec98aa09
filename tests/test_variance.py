"""Variances and intervals against sums written out by hand, respondent by respondent."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from scipy import stats

from analysis.design import Floats, SampleDesign
from analysis.estimators.intervals import korn_graubard, logit, wald
from analysis.estimators.ratio import RatioEstimates, estimate_ratios
from analysis.variance import Membership, ratio_totals
from analysis.variance.ratio import ratio_variance

EXACT = 1e-12  # the same sums in another order


def single(
    values: list[float],
    design: SampleDesign,
    base: list[float] | None = None,
    level: list[int] | None = None,
    proportion: bool = True,
) -> RatioEstimates:
    """One measure in the levels of one domain, or in the whole sample."""
    y = np.array(values, dtype=np.float64)[:, None]
    x = np.array(base or [1.0] * len(values))[:, None]
    d = np.array(level or [0] * len(values), dtype=np.int64)
    flags = np.array([proportion], dtype=np.bool_)
    return estimate_ratios(y * x, x, flags, Membership.of(d), design)


def test_an_unweighted_mean_has_the_variance_of_the_textbook() -> None:
    """s²/n with s² = Σ(y - ȳ)²/(n-1): here ȳ = 3, s² = 2.5, n = 5."""
    found = single(
        [1, 2, 3, 4, 5], SampleDesign(pl.DataFrame({"w": [1.0] * 5}), "w"), proportion=False
    )
    assert found.estimate[0, 0] == pytest.approx(3, rel=EXACT)
    assert found.se[0, 0] == pytest.approx(math.sqrt(0.5), rel=EXACT)
    assert found.deff[0, 0] == pytest.approx(1, rel=EXACT)
    assert (found.n[0, 0], found.df[0, 0], found.df_domain[0, 0]) == (5, 4, 4)


def test_an_unweighted_proportion_has_the_variance_of_the_textbook() -> None:
    """p(1-p)/(n-1): two of five."""
    found = single([1, 0, 0, 1, 0], SampleDesign(pl.DataFrame({"w": [2.0] * 5}), "w"))
    assert found.estimate[0, 0] == pytest.approx(0.4, rel=EXACT)
    assert found.se[0, 0] == pytest.approx(math.sqrt(0.4 * 0.6 / 4), rel=EXACT)
    assert found.n_weighted[0, 0] == 10


def test_a_weighted_mean_by_hand() -> None:
    """w = 1, 2, 1; y = 0, 1, 4: R = 6/4 = 1.5; scores (w(y - R))/4 = -.375, -.25, .625.

    Their sum is 0, their squares add to .140625 + .0625 + .390625 = .59375; times 3/2.
    """
    design = SampleDesign(pl.DataFrame({"w": [1.0, 2.0, 1.0]}), "w")
    found = single([0, 1, 4], design, proportion=False)
    assert found.estimate[0, 0] == pytest.approx(1.5, rel=EXACT)
    assert found.se[0, 0] ** 2 == pytest.approx(0.890625, rel=EXACT)


def test_strata_and_finite_populations_by_hand() -> None:
    """Two strata of two, N = 4 and 10, weights 2 and 5: the classical stratified mean.

    ȳ = (4·(1+3)/2 + 10·(2+6)/2)/14 = 48/14. V = Σ (N_h/N)² (1 - n_h/N_h) s_h²/n_h, with
    s² = 2 and 8: (4/14)²·(1/2)·1 + (10/14)²·(8/10)·4.
    """
    frame = pl.DataFrame(
        {"w": [2.0, 2.0, 5.0, 5.0], "h": ["a", "a", "b", "b"], "N": [4, 4, 10, 10]}
    )
    found = single([1, 3, 2, 6], SampleDesign(frame, "w", strata="h", fpc="N"), proportion=False)
    assert found.estimate[0, 0] == pytest.approx(48 / 14, rel=EXACT)
    by_hand = (4 / 14) ** 2 * 0.5 * 1 + (10 / 14) ** 2 * 0.8 * 4
    assert found.se[0, 0] ** 2 == pytest.approx(by_hand, rel=EXACT)
    assert found.df == 2


def test_clusters_by_hand() -> None:
    """PSU totals 1 of 2, 2 of 2, 0 of 1: R = 3/5, e = (1-1.2, 2-1.2, 0-.6)/5 = -.04, .16, -.12.

    Squares add to .0016 + .0256 + .0144 = .0416, times 3/2.
    """
    frame = pl.DataFrame({"w": [1.0] * 5, "psu": ["p", "p", "q", "q", "r"]})
    found = single([1, 0, 1, 1, 0], SampleDesign(frame, "w", clusters="psu"))
    assert found.se[0, 0] ** 2 == pytest.approx(0.0624, rel=EXACT)
    assert (found.df[0, 0], found.df_domain[0, 0]) == (2, 2)


def test_a_domain_keeps_the_whole_design() -> None:
    """Two of four in the domain, both weights 1, one yes: scores ±.25, 0, 0; m = 4.

    V = 4/3 · (2 · .0625) = 1/6, not the 1/4 of a sample of two.
    """
    design = SampleDesign(pl.DataFrame({"w": [1.0] * 4}), "w")
    found = single([1, 0, 1, 1], design, level=[0, 0, -1, -1])
    assert found.estimate[0, 0] == pytest.approx(0.5, rel=EXACT)
    assert found.se[0, 0] ** 2 == pytest.approx(1 / 6, rel=EXACT)
    assert (found.n[0, 0], found.df[0, 0], found.df_domain[0, 0]) == (2, 3, 1)


def test_a_domain_in_one_stratum_has_its_own_degrees_of_freedom() -> None:
    frame = pl.DataFrame({"w": [1.0] * 6, "h": ["a"] * 3 + ["b"] * 3})
    found = single(
        [1, 0, 1, 1, 0, 0], SampleDesign(frame, "w", strata="h"), level=[0, 0, 0, 1, 0, 1]
    )
    assert found.df[:, 0].tolist() == [4, 4]
    assert found.df_domain[:, 0].tolist() == [2, 1]  # 4 PSUs in 2 strata; 2 in 1


@pytest.mark.parametrize("proportion", [True, False])
def test_a_domain_of_one_psu_has_no_standard_error(proportion: bool) -> None:
    frame = pl.DataFrame({"w": [1.0] * 6, "psu": list("ppqqrr")})
    values = [1.0, 0, 1, 0, 1, 0]
    found = single(
        values, SampleDesign(frame, "w", clusters="psu"), level=[0, 0, -1, -1, -1, -1],
        proportion=proportion,
    )  # fmt: skip
    assert found.estimate[0, 0] == pytest.approx(0.5, rel=EXACT)
    assert np.isnan([found.se[0, 0], found.low[0, 0], found.high[0, 0]]).all()


def test_a_psu_without_weight_is_none() -> None:
    design = SampleDesign(pl.DataFrame({"w": [1.0, 0.0, 1.0, 1.0]}), "w")
    found = single([1, 0, 1, 0], design, level=[0, 0, -1, -1])
    assert found.n[0, 0] == 1
    assert np.isnan(found.se[0, 0])


def test_an_empty_domain_has_no_figure() -> None:
    design = SampleDesign(pl.DataFrame({"w": [1.0] * 3}), "w")
    found = single([1, 0, 1], design, level=[1, 1, 1])
    assert found.n[0, 0] == 0
    assert np.isnan([found.estimate[0, 0], found.se[0, 0], found.low[0, 0]]).all()


def test_nobody_in_any_level() -> None:
    design = SampleDesign(pl.DataFrame({"w": [1.0] * 3}), "w")
    assert single([1, 0, 1], design, level=[-1, -1, -1]).estimate.shape == (0, 1)


def test_people_of_zero_weight_are_in_no_base() -> None:
    design = SampleDesign(pl.DataFrame({"w": [1.0, 1.0, 1.0, 0.0]}), "w")
    found = single([1, 1, 1, 0], design)
    assert (found.estimate[0, 0], found.n[0, 0], found.exact[0, 0]) == (1.0, 3, True)


@pytest.mark.parametrize("yes", [0.0, 1.0])
def test_a_constant_has_the_interval_of_clopper_and_pearson(yes: float) -> None:
    """Nobody of n: the upper bound u solves (1-u)^n = 2.5 %. Kish's n: (1+1+2+4)²/22 = 64/22."""
    found = single([yes] * 4, SampleDesign(pl.DataFrame({"w": [1.0, 1.0, 2.0, 4.0]}), "w"))
    edge = 1 - 0.025 ** (22 / 64)
    low, high = (1 - edge, 1) if yes else (0, edge)
    assert (found.estimate[0, 0], found.se[0, 0], found.exact[0, 0]) == (yes, 0.0, True)
    assert found.low[0, 0] == pytest.approx(low, rel=1e-10)
    assert found.high[0, 0] == pytest.approx(high, rel=1e-10)
    assert np.isnan(found.deff[0, 0])


def test_wald_is_estimate_and_t_times_se() -> None:
    """t(4) at 97.5 % is 2.776445 (any table)."""
    low, high = wald(np.array([10.0]), np.array([2.0]), 4)
    assert low[0] == pytest.approx(10 - 2 * 2.7764451, abs=1e-6)
    assert high[0] == pytest.approx(10 + 2 * 2.7764451, abs=1e-6)


def test_logit_is_wald_on_the_log_odds() -> None:
    """p = .2: log odds -1.386294; se .05/.16 = .3125; t(1e6) = 1.959966."""
    low, high = logit(np.array([0.2]), np.array([0.05]), 1_000_000)
    bounds = [-1.3862944 - 1.959966 * 0.3125, -1.3862944 + 1.959966 * 0.3125]
    by_hand = [1 / (1 + math.exp(-b)) for b in bounds]
    assert [low[0], high[0]] == pytest.approx(by_hand, abs=1e-6)


def test_logit_of_an_enormous_error_is_the_whole_line_and_no_warning() -> None:
    low, high = logit(np.array([1e-6]), np.array([1.0]), 1)
    assert (low[0], high[0]) == (0.0, 1.0)


@pytest.mark.parametrize(("p", "n"), [(0.0, 1.0), (0.0, 50.0), (1.0, 3.5), (0.3, 10.0)])
def test_korn_graubard_against_the_binomial(p: float, n: float) -> None:
    """At the bounds, the binomial tail is 2.5 %, where the count is whole."""
    low, high = korn_graubard(np.array([p]), np.array([n]))
    assert 0 <= low[0] < high[0] <= 1
    if n == int(n):
        x = round(p * n)
        if p < 1:
            assert stats.binom.cdf(x, n, high[0]) == pytest.approx(0.025, rel=1e-8)
        if p > 0:
            assert stats.binom.sf(x - 1, n, low[0]) == pytest.approx(0.025, rel=1e-8)


def brute_force(
    y: Floats, x: Floats, inside: npt.NDArray[np.bool_], design: SampleDesign
) -> tuple[float, float]:
    """The formula of the docstring, with loops over strata and PSUs."""
    w = design.weights * inside
    Y, X = float((w * y).sum()), float((w * x).sum())
    R, variance = Y / X, 0.0
    for h, m in enumerate(design.psu_counts):
        psus = [p for p, s in enumerate(design.psu_stratum) if s == h]
        scores = [float((w * (y - R * x))[design.psu == p].sum()) / X for p in psus]
        spread = sum((e - sum(scores) / m) ** 2 for e in scores)
        N = np.inf if design.population_counts is None else design.population_counts[h]
        variance += (1 - m / N) * m / (m - 1) * spread
    return R, variance


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"strata": "h"},
        {"strata": "h", "clusters": "p"},
        {"strata": "h", "clusters": "p", "fpc": "N"},
    ],
    ids=["simple", "stratified", "clustered", "finite"],
)
def test_the_bulk_pass_is_the_formula_with_loops(columns: dict[str, str]) -> None:
    rng = np.random.default_rng(11)
    n = 90
    h = rng.integers(0, 3, n)
    frame = pl.DataFrame(
        {"w": rng.gamma(2, 1, n), "h": h, "p": rng.integers(0, 6, n), "N": 20 + 5 * h}
    )
    design = SampleDesign(frame, "w", **columns)  # type: ignore[arg-type]
    y, x = rng.normal(50, 9, (n, 2)), (rng.random((n, 2)) < 0.8).astype(float)
    level = rng.integers(-1, 3, n)
    totals = ratio_totals(y * x, x, Membership.of(np.zeros(n, np.int64), level), design)
    variance = ratio_variance(totals)
    for row, inside in enumerate([level > -2, level == 0, level == 1, level == 2]):
        for k in range(2):
            R, by_hand = brute_force(y[:, k] * x[:, k], x[:, k], inside, design)
            assert totals.y[row, k] / totals.x[row, k] == pytest.approx(R, rel=EXACT)
            assert variance[row, k] == pytest.approx(by_hand, rel=1e-9)


def test_a_membership_numbers_the_levels_of_domains_one_after_the_other() -> None:
    members = Membership.of(np.array([0, 0, 0]), np.array([1, -1, 0]), np.array([-1, -1, -1]))
    assert members.size == 3
    sums = members.sums(np.array([[1.0], [10.0], [100.0]]))
    assert sums[:, 0].tolist() == [111.0, 100.0, 1.0]
