"""Methods of a design that describe: means, shares, totals, quantiles, inequality, tables.

Methods orchestrate; numbers happen in :mod:`analysis.estimators`. Every estimator returns a
polars DataFrame: variable, category, <by>, estimate, se, ci_low, ci_high, cv, deff, n_eff, df,
n, n_weighted, method.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from analysis.design import SampleDesign
from analysis.estimators import bulk, inequality, means, poverty, quantile
from analysis.estimators.cdf import Rule
from analysis.estimators.cells import Names
from analysis.estimators.options import Freedom, Interval, Options, Reference
from analysis.estimators.poverty import Centre
from analysis.estimators.quantile import Way
from analysis.estimators.standardize import Population, standardize


class Describing(SampleDesign):
    """What the population is like, over the whole and in each domain."""

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
        deff: Reference = "wr",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Ratios of totals, ``numerator / denominator`` pair by pair, where both are known."""
        options = Options(df=df, deff=deff, level=level)
        return means.ratio(self, numerator, denominator, by, where, options)

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
