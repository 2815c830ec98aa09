"""From arrays of estimates to rows of the table of estimates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.definition import Survey
from analysis.estimates import WHOLE
from analysis.estimators.ratio import RatioEstimates
from analysis.tabulation.measures import Measure

_PROPORTION = "proportion; linearized; logit; deff=wr"
_CONSTANT = "proportion; linearized; korn-graubard; deff=none"
_MEAN = "mean; linearized; wald; deff=wr"


@dataclass(frozen=True, slots=True)
class Cells:
    """Estimates of K measures in L levels, (domain, level) each."""

    estimates: RatioEstimates
    columns: list[Measure]
    levels: list[tuple[str, str]]


def rows(cells: Cells) -> pl.DataFrame:
    """One row a cell with somebody in its base."""
    e, columns, levels = cells.estimates, cells.columns, cells.levels
    level, column = (a.ravel() for a in np.indices(e.estimate.shape))
    exact, proportion = e.exact.ravel(), np.array([m.proportion for m in columns])[column]
    plain = np.where(proportion, _PROPORTION, _MEAN)
    special = np.array([m.method for m in columns])[column]
    with np.errstate(divide="ignore", invalid="ignore"):
        cv, n_eff = (e.se / np.abs(e.estimate)).ravel(), (e.n / e.deff).ravel()
    frame = pl.DataFrame(
        {
            "indicator": np.array([m.indicator for m in columns])[column],
            "category": np.array([m.category for m in columns])[column],
            "domain": np.array([d for d, _ in levels])[level],
            "domain_value": np.array([v for _, v in levels])[level],
            "estimate": e.estimate.ravel(),
            "se": e.se.ravel(),
            "ci_low": e.low.ravel(),
            "ci_high": e.high.ravel(),
            "cv": cv,
            "deff": e.deff.ravel(),
            "n_eff": n_eff,
            "n_kish": e.n_kish.ravel(),
            "df": e.df.ravel(),
            "df_domain": e.df_domain.ravel(),
            "n": e.n.ravel(),
            "n_weighted": e.n_weighted.ravel(),
            "method": np.where(exact, _CONSTANT, np.where(special == "", plain, special)),
        }
    )
    numbers = pl.col("estimate", "se", "ci_low", "ci_high", "cv", "deff", "n_eff", "n_kish")
    finite = pl.when(numbers.is_finite()).then(numbers)
    return frame.filter(pl.col("n") > 0).with_columns(finite)


def split(survey: Survey, indicators: Iterable[str]) -> pl.Expr:
    """Boolean: the cell's indicator is published by its domain (all of them, or those it names)."""
    some = {
        name: [WHOLE, *only]
        for name in indicators
        if (only := survey.spec.indicators[name].domains) is not None
    }
    pairs = [f"{name}/{domain}" for name, domains in some.items() for domain in domains]
    limited = pl.col("indicator").is_in(list(some))
    return ~limited | pl.concat_str("indicator", "domain", separator="/").is_in(pairs)


def _weighted(survey: Survey, wave: str, weighting: str) -> str:
    """What ``method`` says of weights that were declared and not read."""
    published = survey.published_weighting(wave)
    if weighting and weighting == published:
        return f"; weights=start of {weighting}"
    return f"; weights={weighting or published}" if weighting or published else ""


def weighted(survey: Survey, wave: str, weighting: str) -> str:
    """What ``method`` says of weights that were declared and not read."""
    published = survey.published_weighting(wave)
    if weighting and weighting == published:
        return f"; weights=start of {weighting}"
    return f"; weights={weighting or published}" if weighting or published else ""
