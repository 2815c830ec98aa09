"""Methods of a design that compare: differences, trends, tests, correlations, models.

Methods orchestrate; numbers happen in :mod:`analysis.estimators`. Contrasts and trends are
polars DataFrames, a row a test; a test is a :class:`HypothesisTest`; a model, a
:class:`Regression`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

import polars as pl

from analysis.design import SampleDesign
from analysis.estimators import regression
from analysis.estimators.adjust import Adjustment
from analysis.estimators.association import Statistic, association
from analysis.estimators.cells import Names
from analysis.estimators.contrast import Pairs, contrast
from analysis.estimators.correlation import CorrelationInterval, correlation
from analysis.estimators.glm import Family
from analysis.estimators.location import RankTest, rank_test, ttest
from analysis.estimators.measures import Kind
from analysis.estimators.options import Freedom, Options
from analysis.estimators.regression import Regression
from analysis.estimators.results import HypothesisTest, HypothesisTests
from analysis.estimators.trend import Slopes, trend


class Comparing(SampleDesign):
    """What differs between domains or waves, what goes together, and how surely."""

    def contrast(
        self,
        variable: Names,
        by: Names,
        pairs: Pairs = "all",
        where: pl.Expr | None = None,
        *,
        within: Names | None = None,
        measure: Kind = "mean",
        denominator: str | None = None,
        category: str | Sequence[str] | None = None,
        adjust: Adjustment | None = None,
        df: Freedom = "design",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Differences b - a between levels of ``by``, their covariance counted; a row a pair.

        pairs : "all", "first" (each against the first), "sequential", or [(a, b), …]
        within : the pairs are repeated in each of its levels
        adjust : "holm", "bh" or "bonferroni" over the rows of the call
        """
        return contrast(self, variable, by, pairs, within, where, measure, denominator, category,
                        adjust, Options(df=df, level=level))  # fmt: skip

    def trend(
        self,
        variable: Names,
        by: str = "wave",
        breaks: Sequence[object] = (),
        where: pl.Expr | None = None,
        *,
        slopes: Slopes = "common",
        at: Mapping[Any, float] | None = None,
        within: Names | None = None,
        measure: Kind = "mean",
        denominator: str | None = None,
        category: str | Sequence[str] | None = None,
        adjust: Adjustment | None = None,
        df: Freedom = "design",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Linear trend across waves; ``breaks`` name the first wave after each break in the series.

        slopes : one for all segments ("common"), or one for each ("separate")
        at : position of each wave, where the column holds neither numbers nor dates
        adjust : "holm", "bh" or "bonferroni" over the rows of the call, departures included
        """
        return trend(self, variable, by, breaks, slopes, at, within, where, measure, denominator,
                     category, adjust, Options(df=df, level=level))  # fmt: skip

    def association(
        self,
        a: str,
        b: str,
        where: pl.Expr | None = None,
        *,
        statistic: Statistic = "F",
        df: Freedom = "design",
    ) -> HypothesisTest:
        """Test that two categorical columns are independent: Rao-Scott ("F", "Chisq") or Wald."""
        return association(self, a, b, where, statistic, df)

    def ttest(
        self,
        y: str,
        by: str | None = None,
        where: pl.Expr | None = None,
        *,
        paired: str | None = None,
        groups: Sequence[object] | None = None,
        mu: float = 0.0,
        df: Freedom = "design",
        level: float = 0.95,
    ) -> HypothesisTest:
        """Test that a mean, a mean of y less ``paired``, or the difference of two groups is mu."""
        return ttest(self, y, by, paired, groups, mu, where, Options(df=df, level=level))

    def rank_test(
        self,
        y: str,
        by: str,
        where: pl.Expr | None = None,
        *,
        test: RankTest = "wilcoxon",
        df: Freedom = "design",
        level: float = 0.95,
    ) -> HypothesisTest:
        """Test that a column is distributed alike in each group, by ranks."""
        return rank_test(self, y, by, test, where, Options(df=df, level=level))

    @overload
    def correlation(
        self,
        x: str,
        y: str,
        where: pl.Expr | None = None,
        *,
        ci: CorrelationInterval = "fisher",
        df: Freedom = "design",
        level: float = 0.95,
    ) -> HypothesisTest: ...

    @overload
    def correlation(
        self,
        x: str,
        y: list[str],
        where: pl.Expr | None = None,
        *,
        ci: CorrelationInterval = "fisher",
        df: Freedom = "design",
        level: float = 0.95,
    ) -> HypothesisTests: ...

    def correlation(
        self,
        x: str,
        y: str | list[str],
        where: pl.Expr | None = None,
        *,
        ci: CorrelationInterval = "fisher",
        df: Freedom = "design",
        level: float = 0.95,
    ) -> HypothesisTest | HypothesisTests:
        """Pearson's correlation with one column, or with each of a list (then several tests)."""
        return correlation(self, x, y, where, ci, Options(df=df, level=level))

    def regress(
        self,
        formula: str,
        family: Family = "gaussian",
        where: pl.Expr | None = None,
        *,
        link: str | None = None,
        reference: Mapping[str, object] | None = None,
        df: Freedom = "design",
        level: float = 0.95,
    ) -> Regression:
        """Fit ``y ~ x + C(g)``: coefficients with the design's covariance, tests, margins.

        link : the canonical one by default ; reference : {column: category} compared with
        Raises :class:`BaroError` for collinear columns, separation, a family that y does not
        fit, too few PSUs, and whatever in the formula is no column; docs/methods/regression.md.
        """
        options = Options(df=df, level=level)
        return regression.regress(self, formula, family, where, link, reference, options)
