"""What must hold of estimates whatever the sample: drawn by hypothesis, small and awkward."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.design import Floats, Integers, SampleDesign
from analysis.estimators.ratio import RatioEstimates, estimate_ratios
from analysis.variance import Membership

# The same sums in another order, or scaled: what is lost is rounding only. Variances are
# differences of sums of squares, where a little more is lost.
CLOSE, CLOSE_SE = 1e-9, 1e-7
LEVELS = 3

quick = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass(frozen=True)
class Sample:
    """n respondents: weights, two strata of PSUs, one 0/1 measure, one number, a domain."""

    frame: pl.DataFrame
    yes: Floats
    number: Floats
    base: Floats
    level: Integers

    def design(self, factor: float = 1.0) -> SampleDesign:
        frame = self.frame.with_columns(pl.col("w") * factor)
        return SampleDesign(frame, "w", strata="h", clusters="psu")

    def take(self, rows: npt.NDArray[np.int64]) -> Sample:
        yes, number, base = self.yes[rows], self.number[rows], self.base[rows]
        return Sample(self.frame[rows], yes, number, base, self.level[rows])

    def estimates(
        self, design: SampleDesign | None = None, *, whole: bool = False
    ) -> RatioEstimates:
        level = np.zeros(len(self.level), dtype=np.int64) if whole else self.level
        values = np.column_stack([self.yes, self.number]) * self.base[:, None]
        base = np.column_stack([self.base, self.base])
        members = Membership((level,), 1 if whole else LEVELS)
        return estimate_ratios(
            values, base, np.array([True, False]), members, design or self.design()
        )


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    n = draw(st.integers(8, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = draw(st.sampled_from(["equal", "gamma", "some zero"]))
    share = draw(st.sampled_from([0.0, 0.05, 0.5, 1.0]))
    per_psu = draw(st.integers(1, 3))
    w = np.ones(n) if weights == "equal" else rng.gamma(1.5, 1.0, n) + 1e-3
    if weights == "some zero":
        w[rng.random(n) < 0.2] = 0.0
        w[0] = 1.0
    place = np.arange(n)
    frame = pl.DataFrame({"w": w, "h": place % 2, "psu": place // (2 * per_psu)})
    return Sample(
        frame,
        (rng.random(n) < share).astype(float),
        np.round(rng.normal(35, 12, n), 1),
        (rng.random(n) < draw(st.sampled_from([0.6, 1.0]))).astype(float),
        rng.integers(-1, LEVELS, n),
    )


def same(a: RatioEstimates, b: RatioEstimates, *columns: str) -> None:
    """The figures named agree, NaN where NaN."""
    for column in columns:
        loose = CLOSE if column in ("estimate", "n_weighted") else CLOSE_SE
        np.testing.assert_allclose(
            getattr(a, column), getattr(b, column), rtol=loose, atol=loose, err_msg=column
        )


@quick
@given(samples(), st.sampled_from([1e-6, 0.5, 3.0, 1e6]))
def test_weights_times_a_constant_leave_every_figure(sample: Sample, factor: float) -> None:
    scaled, plain = sample.estimates(sample.design(factor)), sample.estimates()
    same(scaled, plain, "estimate", "se", "low", "high", "deff", "n", "df_domain", "exact")
    np.testing.assert_allclose(scaled.n_weighted, plain.n_weighted * factor, rtol=CLOSE)


@quick
@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(sample: Sample, random: object) -> None:
    rows = np.arange(sample.frame.height)
    random.shuffle(rows)  # type: ignore[attr-defined]
    same(
        sample.take(rows).estimates(), sample.estimates(),
        "estimate", "se", "low", "high", "deff", "n", "n_weighted", "df_domain",
    )  # fmt: skip


@quick
@given(samples())
def test_intervals_hold_their_estimate_and_proportions_stay_between_0_and_1(
    sample: Sample,
) -> None:
    found = sample.estimates()
    known = ~np.isnan(found.se)
    assert (found.low[known] <= found.estimate[known] + CLOSE).all()
    assert (found.estimate[known] <= found.high[known] + CLOSE).all()
    p = known[:, 0]
    assert (found.low[p, 0] >= 0).all()
    assert (found.high[p, 0] <= 1).all()


@quick
@given(samples())
def test_nothing_and_everything_have_an_interval_with_a_width(sample: Sample) -> None:
    found = sample.estimates()
    p = found.estimate[:, 0]
    constant = (p == 0) | (p == 1)
    assert (found.exact[:, 0] == constant).all()
    known = constant & ~np.isnan(found.se[:, 0])
    assert (found.se[known, 0] == 0).all()
    assert (found.high[known, 0] - found.low[known, 0] > 1e-3).all()


@quick
@given(samples())
def test_a_cell_of_one_psu_has_no_standard_error_and_others_have_one(sample: Sample) -> None:
    found = sample.estimates()
    weighs = (sample.frame["w"].to_numpy() > 0) & (sample.base > 0)
    for level in range(LEVELS):
        inside = sample.frame.filter(pl.Series(weighs & (sample.level == level)))
        psus = inside.select("h", "psu").n_unique() if inside.height else 0
        assert np.isnan(found.se[level]).all() == (psus < 2)
        assert found.n[level].tolist() == [inside.height] * 2


@quick
@given(samples())
def test_domains_recombine_to_the_whole(sample: Sample) -> None:
    """Σ w_d p_d / Σ w_d over domains that cover everybody is the overall estimate."""
    covered = Sample(sample.frame, sample.yes, sample.number, sample.base, sample.level % LEVELS)
    parts, whole = covered.estimates(), covered.estimates(whole=True)
    if whole.n[0, 0] == 0:
        return
    weight = parts.n_weighted
    mean = np.nansum(weight * np.nan_to_num(parts.estimate), axis=0) / weight.sum(axis=0)
    np.testing.assert_allclose(mean, whole.estimate[0], rtol=CLOSE, atol=CLOSE)
    np.testing.assert_allclose(weight.sum(axis=0), whole.n_weighted[0], rtol=CLOSE)
    assert parts.n.sum(axis=0).tolist() == whole.n[0].tolist()


@quick
@given(samples())
def test_a_domain_is_the_ratio_with_zero_outside(sample: Sample) -> None:
    """The domain as part of the base gives the same figures: no row was dropped."""
    found = sample.estimates()
    for level in range(LEVELS):
        inside = sample.base * (sample.level == level)
        alone = Sample(sample.frame, sample.yes, sample.number, inside, sample.level)
        row = alone.estimates(whole=True)
        for column in ("estimate", "se", "low", "high", "deff", "n", "df_domain"):
            np.testing.assert_allclose(
                getattr(found, column)[level], getattr(row, column)[0],
                rtol=CLOSE_SE, atol=CLOSE_SE, err_msg=column,
            )  # fmt: skip


@quick
@given(samples())
def test_shares_of_one_variable_add_to_1(sample: Sample) -> None:
    category = np.floor(sample.number).astype(int) % 4
    values = np.column_stack([category == k for k in range(4)]) * sample.base[:, None]
    base = np.column_stack([sample.base] * 4)
    members = Membership.of(np.zeros(len(category), dtype=np.int64), sample.level)
    found = estimate_ratios(values, base, np.ones(4, dtype=np.bool_), members, sample.design())
    sums = found.estimate.sum(axis=1)
    assert sums[found.n[:, 0] > 0] == pytest.approx(1, abs=CLOSE)


@quick
@given(samples())
def test_a_census_has_no_variance(sample: Sample) -> None:
    frame = sample.frame.with_columns(N=pl.struct("h", "psu").n_unique().over("h"))
    design = SampleDesign(frame, "w", strata="h", clusters="psu", fpc="N")
    found = sample.estimates(design)
    known = ~np.isnan(found.se)
    assert (found.se[known] == 0).all()


@quick
@given(samples(), st.sampled_from([-1e6, 1e3, 1e6]))
def test_adding_a_constant_moves_the_mean_and_nothing_else(sample: Sample, shift: float) -> None:
    moved = Sample(
        sample.frame, sample.yes, sample.number + shift, sample.base, sample.level
    ).estimates()
    plain = sample.estimates()
    np.testing.assert_allclose(
        moved.estimate[:, 1] - shift, plain.estimate[:, 1], rtol=0, atol=1e-12 * abs(shift) * 100
    )
    np.testing.assert_allclose(moved.se[:, 1], plain.se[:, 1], rtol=1e-6, atol=1e-7)


@quick
@given(samples())
def test_yes_and_no_mirror_each_other(sample: Sample) -> None:
    plain = sample.estimates()
    mirrored = Sample(
        sample.frame, 1 - sample.yes, sample.number, sample.base, sample.level
    ).estimates()
    for a, b in (("estimate", "estimate"), ("low", "high"), ("high", "low")):
        np.testing.assert_allclose(
            getattr(mirrored, a)[:, 0], 1 - getattr(plain, b)[:, 0], atol=CLOSE_SE
        )
    np.testing.assert_allclose(mirrored.se[:, 0], plain.se[:, 0], atol=CLOSE_SE)


@quick
@given(samples())
def test_a_call_in_bulk_is_the_calls_one_by_one(sample: Sample) -> None:
    rng = np.random.default_rng(sample.frame.height)
    n, k = sample.frame.height, 5
    base = (rng.random((n, k)) < 0.8).astype(float)
    values = np.column_stack([sample.yes, sample.number, *rng.normal(size=(3, n))]) * base
    flags = np.array([True, False, False, False, False])
    members, design = Membership.of(np.zeros(n, np.int64), sample.level), sample.design()
    bulk = estimate_ratios(values, base, flags, members, design)
    for j in range(k):
        cut = np.s_[j : j + 1]
        one = estimate_ratios(values[:, cut], base[:, cut], flags[cut], members, design)
        for column in ("estimate", "se", "low", "high", "deff", "n", "n_weighted", "exact"):
            np.testing.assert_allclose(  # sums of other lengths are rounded in another order
                getattr(bulk, column)[:, j], getattr(one, column)[:, 0],
                rtol=CLOSE, atol=CLOSE, err_msg=column,
            )  # fmt: skip


@quick
@given(samples())
def test_several_domains_at_once_are_the_domains_one_by_one(sample: Sample) -> None:
    whole = np.zeros(len(sample.level), dtype=np.int64)
    values = sample.yes[:, None] * sample.base[:, None]
    flags, design = np.array([True]), sample.design()
    base = sample.base[:, None]
    both = estimate_ratios(values, base, flags, Membership.of(whole, sample.level), design)
    size = int(sample.level.max(initial=-1)) + 1
    apart = [
        estimate_ratios(values, base, flags, Membership.of(level), design)
        for level in (whole, sample.level)
    ]
    for column in ("estimate", "se", "low", "high", "n"):
        joined = np.concatenate([getattr(a, column) for a in apart])
        np.testing.assert_allclose(getattr(both, column), joined, rtol=1e-12, atol=1e-12)
    assert both.estimate.shape == (1 + size, 1)


def test_polars_frames_refuse_a_column_name_twice() -> None:
    """A design cannot be given two columns of one name: its frame does not exist."""
    with pytest.raises(pl.exceptions.DuplicateError):
        pl.DataFrame([pl.Series("w", [1.0]), pl.Series("w", [2.0])])
