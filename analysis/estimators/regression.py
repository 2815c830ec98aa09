"""Regression with the design's covariance: coefficients, ratios, tests, margins.

Pseudo maximum likelihood with the sandwich of Binder (1983), International Statistical Review
51(3): V = A^-1 V(U) A^-1, the scores' covariance coming from the design (all stages, lonely
rules, PPS), or from a fit with each replicate weight. docs/methods/regression.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import polars as pl
import scipy

from analysis.design import Floats, SampleDesign
from analysis.errors import nearest, refuse
from analysis.estimators import glm
from analysis.estimators import margins as margin
from analysis.estimators.cells import Names, listed
from analysis.estimators.fitted import Modelled, fit
from analysis.estimators.inference import no_variance, two_sided, wald_statistic
from analysis.estimators.intervals import wald
from analysis.estimators.margins import At, Averaging, Sampled
from analysis.estimators.options import Options
from analysis.estimators.results import HypothesisTest


@dataclass(frozen=True, slots=True)
class Regression:
    """A fitted model.

    formula, family, link, method : in words
    table : a row a coefficient: term, estimate, se, ci_low, ci_high, statistic (t), df, p_value;
    and odds_ratio (binomial, logit), risk_ratio (binomial, log) or rate_ratio (Poisson, log)
    with <ratio>_low and <ratio>_high
    terms : (k,) names of the coefficients ; estimate : (k,) ; covariance : (k, k)
    df : degrees of freedom of the design - (k - 1), as R's svyglm
    n, n_weighted : respondents in the base, and the sum of their weights
    """

    formula: str
    family: str
    link: str
    table: pl.DataFrame
    terms: tuple[str, ...]
    estimate: Floats
    covariance: Floats
    df: int
    n: int
    n_weighted: float
    level: float
    method: str
    _fitted: Modelled = field(repr=False, compare=False)
    _averaging: Averaging = field(repr=False, compare=False)

    def __str__(self) -> str:
        with pl.Config(
            tbl_rows=-1,
            tbl_cols=-1,
            tbl_hide_dataframe_shape=True,
            tbl_width_chars=200,
            float_precision=4,
        ):
            return f"{self.formula} ({self.method}; n = {self.n}, df = {self.df})\n{self.table}"

    def wald_test(self, terms: Names | None = None) -> HypothesisTest:
        """F test that all coefficients of ``terms`` are 0 (all but the intercept by default).

        terms : of the formula ("g", "x:g") or coefficients ("g[b]"); on q and ``df`` degrees of
        freedom. Korn and Graubard (1990), The American Statistician 44(4), without adjustment.
        """
        places = _places(self._fitted, listed(terms))
        beta, spread = self.estimate[places], self.covariance[np.ix_(places, places)]
        found = wald_statistic(beta, spread, self.df)
        names = [self.terms[i] for i in places]
        null = _null(names, listed(terms), self.formula)
        common = {"null": null, "name": "F", "n": self.n, "method": self.method}
        if found.reason:
            return HypothesisTest(**common, reason=found.reason)  # type: ignore[arg-type]
        f = found.statistic / found.k
        return HypothesisTest(
            **common, statistic=f, df=found.k, df_denominator=self.df,  # type: ignore[arg-type]
            p_value=float(scipy.stats.f.sf(f, found.k, self.df)),
        )  # fmt: skip

    def margins(
        self,
        variables: Names | None = None,
        at: At | None = None,
        *,
        covariates: Sampled = "fixed",
        level: float | None = None,
    ) -> pl.DataFrame:
        """Average marginal effects over the weighted base, in the unit of y (delta method).

        A number: the mean slope (per unit). A set of categories: the mean difference of the
        predictions from its reference. at : {column: value} held for everybody
        covariates : "fixed" (those of the sample), or "sampled" (another sample, others).
        Returns variable, category, reference, estimate, se, ci_low, ci_high, statistic, p_value,
        df, n, n_weighted, method. Graubard and Korn (1999), Biometrics 55(2).
        """
        level = _level(level, self.level)
        return margin.margins(self._fitted, self._averaging, variables, at, covariates, level)

    def adjusted(
        self,
        variable: str,
        at: At | None = None,
        *,
        covariates: Sampled = "fixed",
        level: float | None = None,
    ) -> pl.DataFrame:
        """Adjusted means or shares of each category, "toutes choses égales par ailleurs".

        The mean prediction, were everybody in the base in that category, the rest of them as it
        is; for shares the interval is a logit one. Columns as :meth:`margins`, but for the
        reference and the test.
        """
        level = _level(level, self.level)
        return margin.adjusted(self._fitted, self._averaging, variable, at, covariates, level)


def regress(
    design: SampleDesign,
    formula: str,
    family: str,
    where: pl.Expr | None,
    link: str | None,
    reference: Mapping[str, object] | None,
    options: Options,
) -> Regression:
    """Fit a model on a design; raises :class:`BaroError` by name for what cannot be fitted."""
    model = glm.model(family, link)
    fitted = fit(design, formula, model, where, reference or {}, options.df)
    return reported(fitted, partial(margin.averages, fitted), formula, options)


def reported(fitted: Modelled, averaging: Averaging, formula: str, options: Options) -> Regression:
    """The result of a fit, as it was typed."""
    family, link = fitted.model.family, fitted.model.link.name
    method = f"{family} regression; {link} link; {fitted.way}; df={options.df}"
    return Regression(
        formula=formula, family=family, link=link, table=_table(fitted, options.level),
        terms=fitted.coding.names, estimate=fitted.beta, covariance=fitted.covariance,
        df=fitted.df, n=fitted.n, n_weighted=fitted.n_weighted, level=options.level,
        method=method, _fitted=fitted, _averaging=averaging,
    )  # fmt: skip


def _table(fitted: Modelled, level: float) -> pl.DataFrame:
    beta, df = fitted.beta, fitted.df
    se = np.sqrt(np.maximum(np.diag(fitted.covariance), 0.0))
    low, high = wald(beta, se, df, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(no_variance(se, beta), np.nan, beta / se)
    made = {"term": list(fitted.coding.names), "estimate": beta, "se": se, "ci_low": low,
            "ci_high": high, "statistic": t, "df": [df] * len(beta),
            "p_value": two_sided(t, np.full(len(beta), df))}  # fmt: skip
    ratio = fitted.model.ratio
    if ratio:
        with np.errstate(over="ignore"):
            made |= {
                ratio: np.exp(beta),
                f"{ratio}_low": np.exp(low),
                f"{ratio}_high": np.exp(high),
            }
    return pl.DataFrame(made).with_columns(pl.selectors.float().fill_nan(None))


def _places(fitted: Modelled, terms: list[str]) -> list[int]:
    """Positions of the coefficients of terms, by the name of a term or of a coefficient."""
    names, owners = fitted.coding.names, fitted.coding.term_of
    if not terms:
        places = [i for i, name in enumerate(names) if name != glm.INTERCEPT]
        if not places:
            raise refuse("wald_test", "the model has an intercept only", "a term to test",
                         'name "(intercept)", or add a term')  # fmt: skip
        return places
    places = []
    for term in terms:
        wanted = _parts(term)
        found = [i for i in range(len(names)) if names[i] == term or _parts(owners[i]) == wanted]
        if not found:
            raise refuse(f"wald_test: {term}", "neither a term nor a coefficient of the model",
                         nearest(term, [*owners, *names]), "name one of them")  # fmt: skip
        places += [i for i in found if i not in places]
    return places


def _parts(term: str) -> frozenset[str]:
    """The columns of a term, in whatever order and with or without C()."""
    parts = (p.strip() for p in term.split(":"))
    return frozenset(
        p[2:-1].strip() if p.startswith("C(") and p.endswith(")") else p for p in parts
    )


def _null(names: list[str], terms: list[str], formula: str) -> str:
    shown = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    kept = "the other terms held" if terms else "no term matters"
    verb = "the coefficient of {} is 0" if len(names) == 1 else "the coefficients of {} are all 0"
    return f"{verb.format(shown)} in {formula} ({kept})"


def _level(given: float | None, default: float) -> float:
    return default if given is None else Options(level=given).level
