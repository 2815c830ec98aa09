"""Average marginal effects and adjusted means: a model read in the unit of y.

For a quantity m_i(beta) of each respondent (a slope, a predicted value, a difference of two) the
estimate is sum w m / sum w over the base. Its covariance is J V J' with J the weighted mean of
the gradients ("fixed": the covariates of the sample are taken as given), or that of the total of
the linearized variable (m_i - estimate) / sum w + J influence_i ("sampled": another sample would
have other covariates too). Graubard and Korn (1999), Biometrics 55(2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import polars as pl

from analysis.design import Floats
from analysis.errors import BaroError, nearest, quoted, refuse
from analysis.estimators.cells import Names, listed
from analysis.estimators.fitted import Fitted, Modelled
from analysis.estimators.inference import no_variance, two_sided
from analysis.estimators.intervals import logit, wald
from analysis.estimators.modelmatrix import Covariates, category_name
from analysis.variance import covariance, replicate_covariance

Sampled = Literal["fixed", "sampled"]
At = Mapping[str, object]
_TESTED = ("reference", "statistic", "p_value")  # what adjusted means have none of
_Function = Callable[[Floats], tuple[Floats, Floats]]  # beta -> (m,) values and (m, k) gradients


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is averaged over the base: predictions mu(x beta), or slopes d mu / d x.

    held : {column: a number, or the position of a category} that everybody has
    below : what they have in the predictions that are taken off, None for nothing
    slope : the column of numbers that the slopes are along, "" for predictions
    what : the method that asks, for refusals
    """

    held: Mapping[str, float | int]
    below: Mapping[str, float | int] | None = None
    slope: str = ""
    what: str = "margins"

    def undefined(self) -> BaroError:
        """The refusal of values at which the model, or the slope, is not defined."""
        if self.slope:
            return refuse(f"margins: {self.slope}", "the slope is not defined for somebody in "
                          "the base", "values inside the range of log() or sqrt()",
                          f'hold it: at={{"{self.slope}": …}}')  # fmt: skip
        return refuse(f"{self.what}: at", "the model is not defined there",
                      "values inside the range of log() or sqrt()",
                      "hold other values")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Effect:
    """One quantity, and what the table calls it."""

    variable: str
    category: str
    reference: str
    quantity: Quantity


class Averaging(Protocol):
    """How quantities are averaged: (C,) weighted means, and their (C, C) covariance."""

    def __call__(
        self, quantities: Sequence[Quantity], covariates: Sampled
    ) -> tuple[Floats, Floats]:
        """Averages over the base."""
        ...


def margins(
    model: Modelled, averaging: Averaging, variables: Names | None, at: At | None,
    covariates: Sampled, level: float,
) -> pl.DataFrame:  # fmt: skip
    """Average marginal effects of ``variables`` (all of the formula by default).

    Numbers: the mean slope; categories: the mean difference from the reference.
    """
    names = listed(variables) if variables is not None else list(model.formula.columns)
    held = _held(model, at or {}, "margins")
    effects = [e for name in names for e in _effects(model, held, name)]
    made = _averaged(averaging, effects, covariates)
    return _table(model, effects, *made, level, f"margins; covariates {covariates}")


def adjusted(
    model: Modelled, averaging: Averaging, variable: str, at: At | None, covariates: Sampled,
    level: float,
) -> pl.DataFrame:  # fmt: skip
    """Mean prediction, were everybody in the base in each category of ``variable`` in turn."""
    if variable not in model.coding.levels:
        raise refuse(f"adjusted: {variable}", "it is not a category of the formula",
                     nearest(variable, model.coding.levels), "name a column in C()")  # fmt: skip
    held = _held(model, at or {}, "adjusted")
    effects = [
        Effect(variable, name, "", Quantity({**held, variable: code}, what="adjusted"))
        for code, name in enumerate(model.coding.levels[variable])
    ]
    made = _averaged(averaging, effects, covariates)
    return _table(model, effects, *made, level, f"adjusted; covariates {covariates}")


def _averaged(
    averaging: Averaging, effects: Sequence[Effect], covariates: Sampled
) -> tuple[Floats, Floats]:
    if covariates not in ("fixed", "sampled"):
        raise refuse("margins: covariates", f'"{covariates}" is not known', '"fixed" or "sampled"',
                     "name one of them")  # fmt: skip
    return averaging([e.quantity for e in effects], covariates)


def averages(
    fitted: Fitted, quantities: Sequence[Quantity], covariates: Sampled
) -> tuple[Floats, Floats]:
    """(C,) weighted means of quantities, and their (C, C) covariance."""
    functions = [_function(fitted, q) for q in quantities]
    w, total = fitted.weights, fitted.weights.sum()
    found = [f(fitted.beta) for f in functions]
    made = np.array([w @ m for m, _ in found]) / total
    jacobian = np.stack([w @ g for _, g in found]) / total
    if covariates == "fixed":
        return made, jacobian @ fitted.covariance @ jacobian.T
    if fitted.replicated is not None:
        return made, _replicated(fitted, functions, made)
    assert fitted.influence is not None
    apart = np.column_stack([w * (m - a) for (m, _), a in zip(found, made, strict=True)]) / total
    scores = apart + fitted.influence @ jacobian.T
    return made, covariance(fitted.spread_out(scores), fitted.design)


def _replicated(fitted: Fitted, functions: Sequence[_Function], full: Floats) -> Floats:
    """(C, C) covariance from the means with each replicate's weights and coefficients."""
    assert fitted.replicated is not None
    assert fitted.design.replication is not None
    weights = fitted.design.replication.weights[fitted.base.rows]
    again = np.empty((len(fitted.replicated), len(functions)))
    for r, beta in enumerate(fitted.replicated):
        again[r] = [weights[:, r] @ f(beta)[0] / weights[:, r].sum() for f in functions]
    return replicate_covariance(again, full, fitted.design)


def _effects(model: Modelled, held: Mapping[str, float | int], name: str) -> list[Effect]:
    if name not in model.formula.columns:
        raise refuse(f"margins: {name}", "it is not in the formula",
                     nearest(name, model.formula.columns), "name a column of it")  # fmt: skip
    if name not in model.coding.levels:
        return [Effect(name, "", "", Quantity(held, slope=name))]
    first, *others = model.coding.levels[name]
    return [
        Effect(name, other, first, Quantity({**held, name: code}, {**held, name: 0}))
        for code, other in enumerate(others, start=1)
    ]


def _function(fitted: Fitted, q: Quantity) -> _Function:
    """The values of the base as a function of the coefficients."""
    if q.slope:
        return _slope(fitted, q)
    above = _prediction(fitted, q, q.held)
    return above if q.below is None else _minus(above, _prediction(fitted, q, q.below))


def _prediction(fitted: Fitted, q: Quantity, held: Mapping[str, float | int]) -> _Function:
    """Predicted values mu(x beta)."""
    x, link = fitted.coding.matrix(_holding(fitted, held)), fitted.model.link
    if not np.isfinite(x).all():
        raise q.undefined()

    def quantity(beta: Floats) -> tuple[Floats, Floats]:
        eta = x @ beta
        return link.mean(eta), link.slope(eta)[:, None] * x

    return quantity


def _minus(above: _Function, below: _Function) -> _Function:
    def quantity(beta: Floats) -> tuple[Floats, Floats]:
        (m1, g1), (m0, g0) = above(beta), below(beta)
        return m1 - m0, g1 - g0

    return quantity


def _slope(fitted: Fitted, q: Quantity) -> _Function:
    """Slopes d mu / d x = mu'(x beta) (dx beta)."""
    data = _holding(fitted, q.held)
    x, link = fitted.coding.matrix(data), fitted.model.link
    if not np.isfinite(x).all():
        raise Quantity(q.held).undefined()
    moved = fitted.coding.derivative(data, q.slope)
    if not np.isfinite(moved).all():
        raise q.undefined()

    def quantity(beta: Floats) -> tuple[Floats, Floats]:
        eta, rate = x @ beta, moved @ beta
        slope = link.slope(eta)
        gradient = (link.curvature(eta) * rate)[:, None] * x + slope[:, None] * moved
        return slope * rate, gradient

    return quantity


def _holding(fitted: Fitted, held: Mapping[str, float | int]) -> Covariates:
    """The covariates of the base, those held at one value for everybody."""
    data = fitted.base.data
    for name, given in held.items():
        data = data.holding(name, given)
    return data


def _held(model: Modelled, at: At, where: str) -> dict[str, float | int]:
    """What everybody has, as numbers and positions of categories."""
    for name in at:
        if name not in model.formula.columns:
            raise refuse(
                f"{where}: at {name}",
                "it is not in the formula",
                nearest(name, model.formula.columns),
                "name a column of it",
            )
    return {name: _value(model, name, given, where) for name, given in at.items()}


def _value(model: Modelled, name: str, held: object, where: str) -> float | int:
    if name in model.coding.levels:
        levels, text = model.coding.levels[name], category_name(held)
        if text not in levels:
            raise refuse(f"{where}: at {name}", f"{quoted(text)} is not a category of the base",
                         nearest(text, levels), "name one of them")  # fmt: skip
        return levels.index(text)
    if not isinstance(held, (int, float)) or not np.isfinite(held):
        raise refuse(f"{where}: at {name}", f"{held!r}", "a number", f"at={{{name!r}: 0}}")
    return float(held)


def _table(
    model: Modelled, effects: list[Effect], made: Floats, spread: Floats, level: float, method: str
) -> pl.DataFrame:
    se = np.sqrt(np.maximum(np.diag(spread), 0.0))
    shares = method.startswith("adjusted") and model.model.family == "binomial"
    low, high = (logit if shares else wald)(made, se, model.df, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(no_variance(se, made), np.nan, made / se)
    tested = {"statistic": statistic, "p_value": two_sided(statistic, np.full(len(se), model.df))}
    made_of = {"variable": [e.variable for e in effects], "category": [e.category for e in effects],
               "reference": [e.reference for e in effects], "estimate": made, "se": se,
               "ci_low": low, "ci_high": high, **tested}  # fmt: skip
    return (
        pl.DataFrame(made_of)
        .with_columns(
            pl.selectors.float().fill_nan(None),
            df=pl.lit(model.df, pl.Int64),
            n=pl.lit(model.n, pl.Int64),
            n_weighted=pl.lit(model.n_weighted),
            method=pl.lit(f"{method}; {model.way}; {'logit' if shares else 'wald'}"),
        )
        .drop(_TESTED if method.startswith("adjusted") else ())
    )
