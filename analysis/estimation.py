"""The public estimator API: ``from analysis import Design``.

Methods orchestrate; numbers happen in :mod:`analysis.estimators`. Every estimator returns a
polars DataFrame: variable, category, <by>, estimate, se, ci_low, ci_high, cv, deff, n_eff, df,
n, n_weighted, method.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, Literal, overload

import polars as pl

from analysis.design import Lonely, Replicates, SampleDesign
from analysis.design.pps import Approximation
from analysis.design.replicates import (
    Replication,
    check_complete,
    check_replication,
    given_replicates,
)
from analysis.design.sample import Columns, FpcAs, Sampling, collected
from analysis.estimators import bulk, inequality, means, poverty, quantile, regression
from analysis.estimators.adjust import Adjustment
from analysis.estimators.association import Statistic, association
from analysis.estimators.cdf import Rule
from analysis.estimators.cells import Names
from analysis.estimators.contrast import Pairs, contrast
from analysis.estimators.correlation import CorrelationInterval, correlation
from analysis.estimators.glm import Family
from analysis.estimators.location import RankTest, rank_test, ttest
from analysis.estimators.measures import Kind
from analysis.estimators.options import Freedom, Interval, Options, Reference
from analysis.estimators.poverty import Centre
from analysis.estimators.quantile import Way
from analysis.estimators.regression import Regression
from analysis.estimators.results import HypothesisTest, HypothesisTests
from analysis.estimators.standardize import Population, standardize
from analysis.estimators.trend import Slopes, trend
from analysis.variance import make_replicates


class Design(SampleDesign):
    """A sample design with its estimators; see :class:`analysis.design.SampleDesign`.

    replicate_weights : columns of complete weights (not factors), one a replicate, of the kind
    ``replication``; ``fay`` is the coefficient of "fay", ``scale`` and ``rscales`` replace the
    usual ones (docs/methods/replication.md). Variances then come from their spread.
    pps : "brewer" or "hr" for PSUs drawn with unequal probabilities without replacement, given
    by the first column of fpc (docs/methods/pps.md).
    """

    def __init__(
        self,
        frame: pl.DataFrame | pl.LazyFrame,
        weight: str = "",
        *,
        strata: Columns = "",
        clusters: Columns = "",
        fpc: Columns = "",
        fpc_as: FpcAs = "counts",
        lonely_psu: Lonely = "fail",
        sampling: Sampling = "probability",
        replicate_weights: Columns = "",
        replication: Replication | Literal[""] = "",
        fay: float = 0.3,
        scale: float | None = None,
        rscales: Sequence[float] | None = None,
        replicates: Replicates | None = None,
        pps: Approximation | Literal[""] = "",
        pps_squares: str = "",
    ) -> None:
        """Read the design columns; raises :class:`analysis.errors.BaroError` with every fault."""
        frame = collected(frame)
        check_replication(replicate_weights, replication, fpc, scale, rscales, replicates)
        if replicate_weights:
            replicates = given_replicates(
                frame, replicate_weights, replication, fay, scale, rscales
            )
        super().__init__(frame, weight, strata=strata, clusters=clusters, fpc=fpc, fpc_as=fpc_as,
                         lonely_psu=lonely_psu, sampling=sampling, replicates=replicates, pps=pps,
                         pps_squares=pps_squares)  # fmt: skip
        if replicate_weights and self.replication is not None:
            check_complete(self.replication, self.weights)

    def mean(
        self,
        variables: Names,
        by: Names | None = None,
        where: pl.Expr | None = None,
        *,
        df: Freedom = "design",
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Means of numeric columns, by domains of ``by`` within ``where``; NA out of the base."""
        options = Options(df=df, deff=deff, level=level)
        return means.mean(self, variables, by, where, options)

    def proportion(
        self,
        variables: Names,
        by: Names | None = None,
        where: pl.Expr | None = None,
        *,
        df: Freedom = "design",
        ci: Interval = "logit",
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Shares of the categories of columns, among those with an answer."""
        return means.proportion(self, variables, by, where, Options(df, ci, deff, level))

    def total(
        self,
        variables: Names,
        by: Names | None = None,
        where: pl.Expr | None = None,
        *,
        df: Freedom = "design",
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Totals of numeric columns; a missing value adds nothing."""
        options = Options(df=df, deff=deff, level=level)
        return means.total(self, variables, by, where, options)

    def ratio(
        self,
        numerator: Names,
        denominator: Names,
        by: Names | None = None,
        where: pl.Expr | None = None,
        *,
        df: Freedom = "design",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Ratios of totals, ``numerator / denominator`` pair by pair, where both are known."""
        return means.ratio(self, numerator, denominator, by, where, Options(df=df, level=level))

    def replicates(
        self,
        kind: Replication,
        *,
        n: int | None = None,
        seed: int = 0,
        fay: float = 0.3,
        random_groups: bool = False,
    ) -> Design:
        """The same design with replicate weights made from its PSUs; the variances then use them.

        n : replicates of "bootstrap" (500) and, at least, of "sdr" ; seed : of its draws
        fay : coefficient of "fay" ; random_groups : "brr" and "fay" where strata have not two
        PSUs. Raises :class:`BaroError` where the kind does not suit the design;
        docs/methods/replication.md.
        """
        made = copy(self)
        made.__dict__.pop("df", None)
        made.replication = make_replicates(self, kind, n, seed, fay, random_groups)
        return made

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
        df: Freedom = "design",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Linear trend across waves; ``breaks`` name the first wave after each break in the series.

        slopes : one for all segments ("common"), or one for each ("separate")
        at : position of each wave, where the column holds neither numbers nor dates
        """
        return trend(self, variable, by, breaks, slopes, at, within, where, measure, denominator,
                     category, Options(df=df, level=level))  # fmt: skip

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

    def quantile(
        self,
        variables: Names,
        shares: float | Sequence[float] = (0.25, 0.5, 0.75),
        by: Names | None = None,
        where: pl.Expr | None = None,
        *,
        ci: Way = "woodruff",
        cdf_ci: Interval = "wald",
        interpolation: Rule = "math",
        df: Freedom = "design",
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Quantiles of numeric columns; a column ``quantile`` follows ``category``.

        ci : Woodruff's interval (``cdf_ci``: that of the share below, R's "mean" being "wald")
        or the spread of the replicates ; interpolation : the rule, as R's ``qrule``;
        docs/methods/quantiles.md.
        """
        options = Options(df, cdf_ci, deff, level)
        return quantile.quantile(self, variables, shares, by, where, ci, interpolation, options)

    def gini(
        self,
        variables: Names,
        by: Names | None = None,
        where: pl.Expr | None = None,
        *,
        df: Freedom = "design",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Gini indices, 0 (all equal) to 1, of columns without negative values."""
        return inequality.gini(self, variables, by, where, Options(df=df, level=level))

    def poverty_rate(
        self,
        variables: Names,
        threshold: float = 0.6,
        of: Centre = "median",
        by: Names | None = None,
        where: pl.Expr | None = None,
        *,
        ci: Interval = "logit",
        interpolation: Rule = "math",
        df: Freedom = "design",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Shares strictly below ``threshold`` times the median (or mean) of all of ``where``.

        The threshold is estimated, and its variance counted; docs/methods/inequality.md.
        """
        options = Options(df=df, ci=ci, level=level)
        return poverty.poverty_rate(
            self, variables, threshold, of, by, where, interpolation, options
        )

    def poverty_threshold(
        self,
        variables: Names,
        threshold: float = 0.6,
        of: Centre = "median",
        where: pl.Expr | None = None,
        *,
        interpolation: Rule = "math",
        df: Freedom = "design",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """``threshold`` times the median (or mean) of all of ``where``, in the column's unit."""
        options = Options(df=df, ci="wald", level=level)
        return poverty.poverty_threshold(
            self, variables, threshold, of, where, interpolation, options
        )

    def standardize(
        self,
        variables: Names,
        by: Names | None,
        over: Names,
        reference: Population,
        where: pl.Expr | None = None,
        *,
        difference_from: object = None,
        df: Freedom = "design",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Means of groups, had they all the same composition by the classes of ``over``.

        reference : {class: population} (keys (age, sex) for several columns), a frame of these
        columns and "population", or "pooled": the sample's own composition, all groups together
        difference_from : a group of ``by``; rows are then the others' differences from it
        Raises :class:`BaroError` naming empty classes; docs/methods/standardization.md.
        """
        options = Options(df=df, level=level)
        return standardize(self, variables, by, over, reference, where, difference_from, options)

    def tabulate(
        self,
        variables: Names,
        domains: Names,
        where: pl.Expr | None = None,
        *,
        measure: Literal["mean", "proportion"] = "mean",
        df: Freedom = "design",
        ci: Interval = "logit",
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Every variable over the whole and in each level of each domain, from one pass.

        Columns ``domain`` and ``domain_value`` take the place of ``by``.
        """
        options = Options(df, ci, deff, level)
        return bulk.tabulate(self, variables, domains, where, measure, options)
