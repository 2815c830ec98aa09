"""Do two groups differ in mean, or in rank? t tests and rank tests on a complex sample.

docs/methods/tests.md says which when.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
import scipy

from analysis.design import Floats, Integers, SampleDesign
from analysis.errors import nearest, refuse
from analysis.estimators.cellratios import CellRatios, cell_estimates, cell_psus
from analysis.estimators.cells import groups, numbers
from analysis.estimators.functional import Estimated, estimate
from analysis.estimators.inference import (
    Flags,
    chosen,
    freedom,
    no_variance,
    two_sided,
    wald_statistic,
)
from analysis.estimators.intervals import student
from analysis.estimators.options import Options
from analysis.estimators.results import HypothesisTest
from analysis.variance.scores import Sparse

RankTest = Literal["wilcoxon", "vanderwaerden", "median", "kruskal"]


@dataclass(frozen=True, slots=True)
class Compared:
    """Who is compared: L groups of those in the base.

    code : (n,) group of each respondent, -1 for none ; labels : (L,) as text ; n : in the base
    """

    code: Integers
    labels: list[str]
    n: int

    @property
    def inside(self) -> Flags:
        """(n,) True for those who are compared."""
        return np.asarray(self.code >= 0, dtype=np.bool_)


def ttest(
    design: SampleDesign, y: str, by: str | None, paired: str | None,
    pair: Sequence[object] | None, mu: float, where: pl.Expr | None, o: Options,
) -> HypothesisTest:  # fmt: skip
    """Test a mean (y alone), a mean difference (``paired``) or a difference of means (``by``).

    by : groups, two of them, or those named by ``pair`` ; mu : the value under the null
    Degrees of freedom nu for one mean, nu - 1 for the difference of two (a slope takes one, as
    in a regression). Raises :class:`BaroError` for three groups or more.
    """
    check_one(by, paired)
    if by is not None:
        return _two_means(design, y, by, pair, mu, where, o)
    return _one_mean(design, y, paired, mu, where, o)


def check_one(by: str | None, paired: str | None) -> None:
    """Refuse groups and a paired column at once."""
    if by is not None and paired is not None:
        raise refuse("ttest", "both groups and a paired column", "one of them",
                     'ttest("y", "g") or ttest("y", paired="x")')  # fmt: skip


def _one_mean(
    design: SampleDesign, y: str, paired: str | None, mu: float, where: pl.Expr | None, o: Options
) -> HypothesisTest:
    values, known = numbers(design, [y] if paired is None else [y, paired])
    values = values[:, 0] - values[:, 1] if paired is not None else values[:, 0]
    inside = (groups(design, None, where).code == 0) & known.all(axis=1) & (design.weights > 0)
    base = Compared(np.where(inside, 0, -1), [""], int(inside.sum()))
    blank = one_sample(y, paired, mu, base.n, design.way, o)
    if blank.reason:
        return blank
    means = _means(design, values, base)
    return t_test(blank, means, np.ones(1), mu, freedom(design, inside, o.df))


def one_sample(
    y: str, paired: str | None, mu: float, n: int, way: str, o: Options
) -> HypothesisTest:
    """The test of one mean before it is made; all there is to say where it has a reason."""
    what = f'of "{y}"' if paired is None else f'of "{y}" less "{paired}"'
    return HypothesisTest(
        null=f"the mean {what} is {mu:g}", name="t", estimated="mean", level=o.level, n=n,
        method=f"{'one-sample' if paired is None else 'paired'} t; {way}; df={o.df}",
        reason="" if n else "nobody is in the base",
    )  # fmt: skip


def _two_means(
    design: SampleDesign, y: str, by: str, pair: Sequence[object] | None, mu: float,
    where: pl.Expr | None, o: Options,
) -> HypothesisTest:  # fmt: skip
    values, known = numbers(design, [y])
    base = _compared(design, by, known[:, 0] > 0, where, pair)
    blank = two_samples(y, by, base, mu, design.way, o)
    if blank.reason:
        return blank
    means = _means(design, values[:, 0], base)
    return t_test(blank, means, np.array([-1.0, 1.0]), mu, freedom(design, base.inside, o.df) - 1)


def two_samples(y: str, by: str, base: Compared, mu: float, way: str, o: Options) -> HypothesisTest:
    """The test of two means before it is made, all there is to say where it has a reason.

    Refuses three groups or more.
    """
    if len(base.labels) > 2:
        raise refuse(f"ttest: {by}", f"{len(base.labels)} groups: {', '.join(base.labels[:6])}",
                     "two", "name two in groups=(a, b), or call contrast")  # fmt: skip
    apart = f"differ by {mu:g} between" if mu else "are equal in"
    return HypothesisTest(
        null=f'the means of "{y}" {apart} {_named(by, base)}', name="t", level=o.level,
        estimated="difference of means", n=base.n, method=f"two-sample t; {way}; df={o.df}",
        reason=_too_few(by, base),
    )  # fmt: skip


def rank_test(
    design: SampleDesign, y: str, by: str, test: RankTest, where: pl.Expr | None, o: Options
) -> HypothesisTest:
    """Test that the distribution of ``y`` is the same in each group, by the mean rank score.

    Ranks are those of the estimated population, midranks where answers tie; their scores are
    then compared like answers. Lumley and Scott (2013), Biometrika 100(4). Two groups: t with
    nu - 1 degrees of freedom. k groups: F(k - 1, nu - k + 1) of the Wald statistic over k - 1.
    """
    chosen("rank_test: test", test, RankTest)
    values, known = numbers(design, [y])
    base = _compared(design, by, known[:, 0] > 0, where, None)
    if test == "wilcoxon" and len(base.labels) > 2:
        raise refuse(f"rank_test: {by}", f"{len(base.labels)} groups", "two",
                     'test="kruskal" compares several')  # fmt: skip
    null = HypothesisTest(
        null=f'"{y}" has the same distribution in {_named(by, base)}', n=base.n, level=o.level,
        name="t" if len(base.labels) == 2 else "F", method=f"{test}; {design.way}; df={o.df}",
    )  # fmt: skip
    reason = _too_few(by, base)
    if reason:
        return replace(null, reason=reason)
    scores = np.zeros(len(values))
    inside = base.inside
    scores[inside] = _SCORES[test](midranks(values[inside, 0], design.weights[inside]))
    means, df = _mean_scores(design, scores, base), freedom(design, inside, o.df)
    if len(base.labels) == 2:
        null = replace(null, estimated="difference of mean rank scores")
        return t_test(null, means, np.array([-1.0, 1.0]), 0.0, df - 1)
    return _f_test(null, means, df)


def midranks(values: Floats, weights: Floats) -> Floats:
    """(n,) estimated share of the population below each value, plus half the share at it."""
    _, place = np.unique(values, return_inverse=True)
    at = np.bincount(place, weights=weights)
    return np.asarray(((np.cumsum(at) - at / 2) / at.sum())[place], dtype=np.float64)


def _identity(u: Floats) -> Floats:
    return u


def _normal(u: Floats) -> Floats:
    return np.asarray(scipy.stats.norm.ppf(u), dtype=np.float64)


def _above_half(u: Floats) -> Floats:
    return (u > 0.5 + 1e-12).astype(np.float64)  # whoever stands at the median is not above it


_SCORES: dict[str, Callable[[Floats], Floats]] = {
    "wilcoxon": _identity,
    "kruskal": _identity,
    "vanderwaerden": _normal,
    "median": _above_half,
}


def _compared(
    design: SampleDesign, by: str, known: Flags, where: pl.Expr | None,
    pair: Sequence[object] | None,
) -> Compared:  # fmt: skip
    """The groups with somebody in the base, in the order of their values or of ``pair``."""
    found = groups(design, by, where)
    all_labels = [str(v) for v in found.labels[by]]
    places = list(range(len(all_labels))) if pair is None else places_of(by, all_labels, pair)
    number = np.full(len(all_labels) + 1, -1)  # the last is that of code -1, nobody's
    base = (found.code >= 0) & known & (design.weights > 0)
    present = [p for p in places if (base & (found.code == p)).any()]
    number[present] = np.arange(len(present))
    code = np.where(base, number[found.code], -1).astype(np.int64)
    return Compared(code, [all_labels[p] for p in present], int((code >= 0).sum()))


def places_of(by: str, labels: list[str], pair: Sequence[object]) -> list[int]:
    """The groups that a call names; refuses what is none, or not two."""
    wanted = [str(v) for v in pair]
    for value in wanted:
        if value not in labels:
            raise refuse(f"ttest: groups of {by}", f'there is no "{value}" in the domain',
                         nearest(value, labels), "name two that are there")  # fmt: skip
    if len(wanted) != 2 or wanted[0] == wanted[1]:
        raise refuse(f"ttest: groups of {by}", ", ".join(wanted), "two different groups",
                     "groups=(a, b)")  # fmt: skip
    return [labels.index(v) for v in wanted]


def _named(by: str, base: Compared) -> str:
    if len(base.labels) == 2:
        return f'"{base.labels[0]}" and "{base.labels[1]}" of "{by}"'
    return f'the groups of "{by}"'


def _too_few(by: str, base: Compared) -> str:
    if len(base.labels) >= 2:
        return ""
    return f'only "{base.labels[0]}" of "{by}" has answers' if base.labels else "nobody answered"


def _means(design: SampleDesign, values: Floats, base: Compared) -> Estimated:
    inside = base.inside.astype(np.float64)
    cells = CellRatios(values * inside, inside, base.code, len(base.labels))
    return cell_estimates(cells, base.inside, design)


@dataclass(frozen=True, slots=True)
class _Total:
    """Totals of fixed linearized variables z (n, L), around the estimates they are of (L,)."""

    z: Sparse
    around: Floats

    def point(self, weights: Floats) -> Floats:
        return np.asarray(self.around + weights @ self.z, dtype=np.float64)

    def scores(self, weights: Floats, point: Floats) -> Sparse:
        return self.z


def _mean_scores(design: SampleDesign, scores: Floats, base: Compared) -> Estimated:
    """Mean rank scores; replication also gives the variance of their linearized variables.

    The theory of the test is that of these, the ranks being held fixed.
    """
    cells = CellRatios(scores, base.inside.astype(np.float64), base.code, len(base.labels))
    point = cells.point(design.weights)
    variance = estimate(_Total(cells.scores(design.weights, point), point), design).covariance
    few = cell_psus(design, base.code, len(base.labels)) < 2
    return Estimated(point, np.where(few[:, None] | few, np.nan, variance), design.df)


def t_test(
    blank: HypothesisTest, means: Estimated, contrast: Floats, mu: float, df: int
) -> HypothesisTest:
    """Statistic, p-value and interval of contrast' means = mu."""
    found = float(contrast @ means.point)
    variance = float(contrast @ means.covariance @ contrast)
    reason = _impossible(variance, means.point, df)
    if reason:
        return replace(blank, estimate=found, reason=reason)
    se = float(np.sqrt(variance))
    t = (found - mu) / se
    assert blank.level is not None
    reach = float(student(df, blank.level)) * se
    return replace(
        blank, statistic=t, df=float(df), p_value=float(two_sided(np.array(t), np.array(df))),
        estimate=found, se=se, ci_low=found - reach, ci_high=found + reach,
    )  # fmt: skip


def _impossible(variance: float, means: Floats, df: int) -> str:
    if np.isnan(variance):
        return "a group rests on one PSU, or on none in some replicate"
    if df < 1:
        return "no degrees of freedom are left"
    if no_variance(np.sqrt(np.array([variance])), np.array([np.abs(means).max()]))[0]:
        return "the standard error is 0: constant in the base, or one PSU"
    return ""


def _f_test(blank: HypothesisTest, means: Estimated, df: int) -> HypothesisTest:
    """Wald test that the k means are equal."""
    k = len(means.point)
    contrast = np.hstack([-np.ones((k - 1, 1)), np.eye(k - 1)])
    wald = wald_statistic(contrast @ means.point, contrast @ means.covariance @ contrast.T, df)
    ddf = df - k + 1
    if wald.reason or ddf < 1:
        return replace(blank, reason=wald.reason or "no degrees of freedom are left")
    value = wald.statistic / wald.k
    return replace(
        blank, statistic=value, df=float(wald.k), df_denominator=float(ddf),
        p_value=float(scipy.stats.f.sf(value, wald.k, ddf)),
    )  # fmt: skip
