"""Pearson's correlation of two numeric columns, with its linearized variance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from analysis.design import Floats, SampleDesign
from analysis.estimators.cells import groups, numbers
from analysis.estimators.functional import estimate
from analysis.estimators.inference import chosen, freedom, psus_inside, two_sided
from analysis.estimators.intervals import student
from analysis.estimators.options import Options
from analysis.estimators.results import HypothesisTest, HypothesisTests

CorrelationInterval = Literal["fisher", "wald"]
_EXACT = 1e-12


@dataclass(frozen=True, slots=True)
class Correlation:
    """r of two columns among those inside.

    x, y : (n,), any finite value outside ; inside : (n,) 1 for those in the base, else 0
    """

    x: Floats
    y: Floats
    inside: Floats

    def point(self, weights: Floats) -> Floats:
        """(1,) the correlation; NaN where either column is constant."""
        u, v = self._standardized(weights)
        w = weights * self.inside
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.array([(w * u * v).sum() / w.sum()])

    def scores(self, weights: Floats, point: Floats) -> Floats:
        """(n, 1): (u v - r (u^2 + v^2) / 2) / W, with u and v the standardized columns.

        The delta method on the covariance matrix; the means add nothing at first order.
        """
        u, v = self._standardized(weights)
        z = u * v - point[0] * (u**2 + v**2) / 2
        return np.asarray((z * self.inside / (weights * self.inside).sum())[:, None])

    def _standardized(self, weights: Floats) -> tuple[Floats, Floats]:
        w = weights * self.inside
        made = []
        with np.errstate(divide="ignore", invalid="ignore"):  # a replicate may be empty here
            share = w / w.sum()
            for column in (self.x, self.y):
                apart = (column - share @ column) * self.inside
                made.append(apart / np.sqrt(share @ apart**2))
        return made[0], made[1]


def correlation(
    design: SampleDesign, x: str, y: str | list[str], where: pl.Expr | None,
    ci: CorrelationInterval, o: Options,
) -> HypothesisTest | HypothesisTests:  # fmt: skip
    """Correlation of x with y, or with each of several; each over those who have both.

    The test is t = r / se. Interval: "fisher" (Wald on atanh r, carried back: within -1..1) or
    "wald". Raises :class:`BaroError` for columns unknown or without numbers.
    """
    chosen("correlation: ci", ci, CorrelationInterval)
    if isinstance(y, str):
        return _one(design, x, y, where, ci, o)
    return HypothesisTests(tuple(_one(design, x, name, where, ci, o) for name in y))


def _one(
    design: SampleDesign, x: str, y: str, where: pl.Expr | None, ci: CorrelationInterval, o: Options
) -> HypothesisTest:
    values, known = numbers(design, [x, y])
    inside = known.all(axis=1) & (groups(design, None, where).code == 0) & (design.weights > 0)
    blank = untested(x, y, int(inside.sum()), ci, design.way, o)
    for name, column in ((x, values[inside, 0]), (y, values[inside, 1])):
        if len(column) == 0 or (column == column[0]).all():
            return replace(blank, reason=f'"{name}" is constant in the base')
    df = freedom(design, inside, o.df)
    if df < 1 or psus_inside(design, inside) < 2:
        return replace(blank, reason="no degrees of freedom are left, or the base is one PSU")
    found = estimate(Correlation(values[:, 0], values[:, 1], inside.astype(np.float64)), design)
    return tested(blank, float(found.point[0]), float(found.se[0]), df, ci)


def untested(
    x: str, y: str, n: int, ci: CorrelationInterval, way: str, o: Options
) -> HypothesisTest:
    """The test before it is made."""
    return HypothesisTest(
        null=f'the correlation of "{x}" and "{y}" is 0', name="t", estimated="correlation",
        level=o.level, n=n, method=f"Pearson; {ci}; {way}; df={o.df}",
    )  # fmt: skip


def tested(
    blank: HypothesisTest, r: float, se: float, df: int, ci: CorrelationInterval
) -> HypothesisTest:
    """The test of a correlation r with its standard error."""
    if not np.isfinite(se):
        return replace(blank, estimate=r, reason="a column is constant in some replicate")
    if 1 - abs(r) < _EXACT or se <= 0:
        return replace(blank, estimate=r, reason="one column is a line of the other")
    assert blank.level is not None
    low, high = _interval(r, se, float(student(df, blank.level)), ci)
    p = float(two_sided(np.array(r / se), np.array(df)))
    return replace(
        blank, statistic=r / se, df=float(df), p_value=p, estimate=r, se=se, ci_low=low,
        ci_high=high,
    )  # fmt: skip


def _interval(r: float, se: float, t: float, ci: CorrelationInterval) -> tuple[float, float]:
    """Fisher: z = atanh r has standard error se / (1 - r^2)."""
    if ci == "wald":
        return r - t * se, r + t * se
    z, reach = np.arctanh(r), t * se / (1 - r**2)
    return float(np.tanh(z - reach)), float(np.tanh(z + reach))
