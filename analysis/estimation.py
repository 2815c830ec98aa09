"""The public estimator API: ``from analysis import Design``.

Methods orchestrate; numbers happen in :mod:`analysis.estimators`. Every estimator returns a
polars DataFrame: variable, category, <by>, estimate, se, ci_low, ci_high, cv, deff, n_eff, df,
n, n_weighted, method.
"""

from __future__ import annotations

import polars as pl

from analysis.design import SampleDesign
from analysis.estimators import means
from analysis.estimators.cells import Names
from analysis.estimators.options import Freedom, Interval, Options, Reference


class Design(SampleDesign):
    """A sample design with its estimators; see :class:`analysis.design.SampleDesign`."""

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
        """Means of numeric columns, in the domains of ``by`` within ``where``; NA out of the base."""
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
