"""A design whose rows stay where they are: the estimators of :class:`analysis.Design` on sums.

The method does not change: a pass of sums, then small algebra. The pass is handed to the engine
that holds the rows; the algebra is that of :mod:`analysis.estimators`. docs/scale.md says what is
estimated this way, and what crosses the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, overload

import narwhals as nw
import polars as pl

from analysis.engines.calibrating import HeldReport, calibrated
from analysis.engines.comparing import association, contrast, trend
from analysis.engines.correlating import correlation
from analysis.engines.describing import described, tabulated
from analysis.engines.inequality import gini
from analysis.engines.models.regression import regress
from analysis.engines.quantiles import quantile
from analysis.engines.sample import HeldSample
from analysis.engines.ttest import ttest
from analysis.errors import refuse
from analysis.estimators.adjust import Adjustment
from analysis.estimators.association import Statistic
from analysis.estimators.cdf import Rule
from analysis.estimators.cells import Names, listed, once
from analysis.estimators.contrast import Pairs
from analysis.estimators.correlation import CorrelationInterval
from analysis.estimators.glm import Family
from analysis.estimators.inference import chosen
from analysis.estimators.measures import Kind
from analysis.estimators.options import Freedom, Interval, Options, Reference
from analysis.estimators.quantile import Way
from analysis.estimators.regression import Regression
from analysis.estimators.results import HypothesisTest, HypothesisTests
from analysis.estimators.trend import Slopes
from analysis.weighting import Margins, Method

Where = pl.Expr | nw.Expr | None


class HeldDesign(HeldSample):
    """The estimators there are for rows that stay where they are; others are refused by name."""

    def __getattr__(self, name: str) -> Any:
        """Refuse by name the estimators of :class:`analysis.Design` that there are not here."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise self.absent(name)

    def mean(
        self,
        variables: Names,
        by: Names | None = None,
        where: Where = None,
        *,
        df: Freedom = "design",
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Means of numeric columns; as :meth:`analysis.Design.mean`."""
        return self._one("mean", variables, None, by, where, Options(df=df, deff=deff, level=level))

    def proportion(
        self,
        variables: Names,
        by: Names | None = None,
        where: Where = None,
        *,
        df: Freedom = "design",
        ci: Interval = "logit",
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Shares of the categories of columns; as :meth:`analysis.Design.proportion`."""
        return self._one("proportion", variables, None, by, where, Options(df, ci, deff, level))

    def total(
        self,
        variables: Names,
        by: Names | None = None,
        where: Where = None,
        *,
        df: Freedom = "design",
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Totals of numeric columns; as :meth:`analysis.Design.total`."""
        options = Options(df=df, deff=deff, level=level)
        return self._one("total", variables, None, by, where, options)

    def ratio(
        self,
        numerator: Names,
        denominator: Names,
        by: Names | None = None,
        where: Where = None,
        *,
        df: Freedom = "design",
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Ratios of totals, pair by pair; as :meth:`analysis.Design.ratio`."""
        options = Options(df=df, deff=deff, level=level)
        return self._one("ratio", numerator, denominator, by, where, options)

    def quantile(
        self,
        variables: Names,
        shares: float | Sequence[float] = (0.25, 0.5, 0.75),
        by: Names | None = None,
        where: Where = None,
        *,
        ci: Way = "woodruff",
        cdf_ci: Interval = "wald",
        interpolation: Rule = "math",
        df: Freedom = "design",
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Quantiles of numeric columns, exact; as :meth:`analysis.Design.quantile`.

        All rules, Woodruff's interval; five scans a variable (docs/scale.md).
        """
        options = Options(df, cdf_ci, deff, level)
        return quantile(self, variables, shares, by, where, ci, interpolation, options)

    def gini(
        self,
        variables: Names,
        by: Names | None = None,
        where: Where = None,
        *,
        df: Freedom = "design",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Gini indices of numeric columns; as :meth:`analysis.Design.gini`."""
        return gini(self, variables, by, where, Options(df=df, level=level))

    def tabulate(
        self,
        variables: Names,
        domains: Names,
        where: Where = None,
        *,
        measure: Literal["mean", "proportion"] = "mean",
        df: Freedom = "design",
        ci: Interval = "logit",
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Every variable over the whole and in each level of each domain.

        As :meth:`analysis.Design.tabulate`; a grouping each, over one scan where the engine
        shares it.
        """
        chosen("tabulate: measure", measure, Literal["mean", "proportion"])
        return tabulated(self, measure, variables, domains, where, Options(df, ci, deff, level))

    def contrast(
        self,
        variable: Names,
        by: Names,
        pairs: Pairs = "all",
        where: Where = None,
        *,
        within: Names | None = None,
        measure: Kind = "mean",
        denominator: str | None = None,
        category: str | Sequence[str] | None = None,
        adjust: Adjustment | None = None,
        df: Freedom = "design",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Differences between levels of ``by``; as :meth:`analysis.Design.contrast`."""
        return contrast(self, variable, by, pairs, within, where, measure, denominator, category,
                        adjust, Options(df=df, level=level))  # fmt: skip

    def trend(
        self,
        variable: Names,
        by: str = "wave",
        breaks: Sequence[object] = (),
        where: Where = None,
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
        """Linear trend across waves; as :meth:`analysis.Design.trend`."""
        return trend(self, variable, by, breaks, slopes, at, within, where, measure, denominator,
                     category, adjust, Options(df=df, level=level))  # fmt: skip

    def ttest(
        self,
        y: str,
        by: str | None = None,
        where: Where = None,
        *,
        paired: str | None = None,
        groups: Sequence[object] | None = None,
        mu: float = 0.0,
        df: Freedom = "design",
        level: float = 0.95,
    ) -> HypothesisTest:
        """Test a mean, or the difference of two; as :meth:`analysis.Design.ttest`."""
        return ttest(self, y, by, paired, groups, mu, where, Options(df=df, level=level))

    @overload
    def correlation(
        self,
        x: str,
        y: str,
        where: Where = None,
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
        where: Where = None,
        *,
        ci: CorrelationInterval = "fisher",
        df: Freedom = "design",
        level: float = 0.95,
    ) -> HypothesisTests: ...

    def correlation(
        self,
        x: str,
        y: str | list[str],
        where: Where = None,
        *,
        ci: CorrelationInterval = "fisher",
        df: Freedom = "design",
        level: float = 0.95,
    ) -> HypothesisTest | HypothesisTests:
        """Pearson's correlation with one column, or each of several; as in memory."""
        return correlation(self, x, y, where, ci, Options(df=df, level=level))

    def association(
        self,
        a: str,
        b: str,
        where: Where = None,
        *,
        statistic: Statistic = "F",
        df: Freedom = "design",
    ) -> HypothesisTest:
        """Test that two columns are independent; as :meth:`analysis.Design.association`."""
        return association(self, a, b, where, statistic, df)

    def calibrate(
        self,
        margins: Margins,
        method: Method = "raking",
        *,
        bounds: tuple[float, float] | None = None,
        unit: str | None = None,
        unit_margins: Margins | None = None,
        total: float | None = None,
        soft: Mapping[Any, float] | None = None,
    ) -> HeldDesign:
        """The same design with weights that meet margins of categories.

        As :meth:`analysis.Design.calibrate`: the rows are collapsed to the cells that the margins
        tell apart, and the new weight is an expression. Totals of numbers and units are refused.
        """
        return calibrated(self, margins, method, bounds, unit or "", unit_margins, total, soft)

    @property
    def report(self) -> HeldReport:
        """What the last step of weighting did; ``reports`` holds all of them."""
        if not self.reports:
            raise refuse("design: report", "the weights are those of the frame", "adjusted ones",
                         "design.calibrate(…).report")  # fmt: skip
        report: HeldReport = self.reports[-1]
        return report

    def regress(
        self,
        formula: str,
        family: Family = "gaussian",
        where: Where = None,
        *,
        link: str | None = None,
        reference: Mapping[str, object] | None = None,
        df: Freedom = "design",
        level: float = 0.95,
    ) -> Regression:
        """Fit ``y ~ x + C(g)`` by iterated sums; as :meth:`analysis.Design.regress`."""
        options = Options(df=df, level=level)
        return regress(self, formula, family, where, link, reference, options)

    def _one(
        self, kind: Kind, variables: Names, denominators: Names | None, by: Names | None,
        where: Where, o: Options,
    ) -> pl.DataFrame:  # fmt: skip
        groupings = [once(listed(by), "by")]
        return described(self, kind, variables, denominators, groupings, where, o)[0]
