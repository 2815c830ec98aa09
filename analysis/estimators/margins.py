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
from typing import Literal

import numpy as np
import polars as pl

from analysis.design import Floats
from analysis.errors import nearest, quoted, refuse
from analysis.estimators.cells import Names, listed
from analysis.estimators.fitted import Fitted
from analysis.estimators.inference import no_variance, two_sided
from analysis.estimators.intervals import logit, wald
from analysis.estimators.modelmatrix import Covariates, category_name
from analysis.variance import covariance, replicate_covariance

Sampled = Literal["fixed", "sampled"]
At = Mapping[str, object]
_TESTED = ("reference", "statistic", "p_value")  # what adjusted means have none of
Quantity = Callable[[Floats], tuple[Floats, Floats]]  # beta -> (m,) values and (m, k) gradients


@dataclass(frozen=True, slots=True)
class Effect:
    """One quantity, and what the table calls it."""

    variable: str
    category: str
    reference: str
    quantity: Quantity


def margins(
    fitted: Fitted, variables: Names | None, at: At | None, covariates: Sampled, level: float
) -> pl.DataFrame:
    """Average marginal effects of ``variables`` (all of the formula by default).

    Numbers: the mean slope; categories: the mean difference from the reference.
    """
    names = listed(variables) if variables is not None else list(fitted.base.formula.columns)
    data = _held(fitted, at or {}, "margins")
    effects = [e for name in names for e in _effects(fitted, data, name)]
    made, spread = averages(fitted, [e.quantity for e in effects], covariates)
    return _table(fitted, effects, made, spread, level, f"margins; covariates {covariates}")


def adjusted(
    fitted: Fitted, variable: str, at: At | None, covariates: Sampled, level: float
) -> pl.DataFrame:
    """Mean prediction, were everybody in the base in each category of ``variable`` in turn."""
    if variable not in fitted.coding.levels:
        raise refuse(f"adjusted: {variable}", "it is not a category of the formula",
                     nearest(variable, fitted.coding.levels), "name a column in C()")  # fmt: skip
    data = _held(fitted, at or {}, "adjusted")
    effects = [
        Effect(variable, name, "", _prediction(fitted, data.holding(variable, code)))
        for code, name in enumerate(fitted.coding.levels[variable])
    ]
    made, spread = averages(fitted, [e.quantity for e in effects], covariates)
    return _table(fitted, effects, made, spread, level, f"adjusted; covariates {covariates}")


def averages(
    fitted: Fitted, quantities: Sequence[Quantity], covariates: Sampled
) -> tuple[Floats, Floats]:
    """(C,) weighted means of quantities, and their (C, C) covariance."""
    if covariates not in ("fixed", "sampled"):
        raise refuse("margins: covariates", f'"{covariates}" is not known', '"fixed" or "sampled"',
                     "name one of them")  # fmt: skip
    w, total = fitted.weights, fitted.weights.sum()
    found = [q(fitted.beta) for q in quantities]
    made = np.array([w @ m for m, _ in found]) / total
    jacobian = np.stack([w @ g for _, g in found]) / total
    if covariates == "fixed":
        return made, jacobian @ fitted.covariance @ jacobian.T
    if fitted.replicated is not None:
        return made, _replicated(fitted, quantities, made)
    assert fitted.influence is not None
    apart = np.column_stack([w * (m - a) for (m, _), a in zip(found, made, strict=True)]) / total
    scores = apart + fitted.influence @ jacobian.T
    return made, covariance(fitted.spread_out(scores), fitted.design)


def _replicated(fitted: Fitted, quantities: Sequence[Quantity], full: Floats) -> Floats:
    """(C, C) covariance from the means with each replicate's weights and coefficients."""
    assert fitted.replicated is not None
    assert fitted.design.replication is not None
    weights = fitted.design.replication.weights[fitted.base.rows]
    again = np.empty((len(fitted.replicated), len(quantities)))
    for r, beta in enumerate(fitted.replicated):
        again[r] = [weights[:, r] @ q(beta)[0] / weights[:, r].sum() for q in quantities]
    return replicate_covariance(again, full, fitted.design)


def _effects(fitted: Fitted, data: Covariates, name: str) -> list[Effect]:
    if name not in fitted.base.formula.columns:
        raise refuse(f"margins: {name}", "it is not in the formula",
                     nearest(name, fitted.base.formula.columns), "name a column of it")  # fmt: skip
    if name not in fitted.coding.levels:
        return [Effect(name, "", "", _slope(fitted, data, name))]
    first, *others = fitted.coding.levels[name]
    below = _prediction(fitted, data.holding(name, 0))
    return [
        Effect(name, other, first, _minus(_prediction(fitted, data.holding(name, code)), below))
        for code, other in enumerate(others, start=1)
    ]


def _prediction(fitted: Fitted, data: Covariates) -> Quantity:
    """Predicted values mu(x beta)."""
    x, link = fitted.coding.matrix(data), fitted.model.link

    def quantity(beta: Floats) -> tuple[Floats, Floats]:
        eta = x @ beta
        return link.mean(eta), link.slope(eta)[:, None] * x

    return quantity


def _minus(above: Quantity, below: Quantity) -> Quantity:
    def quantity(beta: Floats) -> tuple[Floats, Floats]:
        (m1, g1), (m0, g0) = above(beta), below(beta)
        return m1 - m0, g1 - g0

    return quantity


def _slope(fitted: Fitted, data: Covariates, name: str) -> Quantity:
    """Slopes d mu / d x = mu'(x beta) (dx beta)."""
    x, link = fitted.coding.matrix(data), fitted.model.link
    moved = fitted.coding.derivative(data, name)
    if not np.isfinite(moved).all():
        raise refuse(f"margins: {name}", "the slope is not defined for somebody in the base",
                     "values inside the range of log() or sqrt()",
                     f'hold it: at={{"{name}": …}}')  # fmt: skip

    def quantity(beta: Floats) -> tuple[Floats, Floats]:
        eta, rate = x @ beta, moved @ beta
        slope = link.slope(eta)
        gradient = (link.curvature(eta) * rate)[:, None] * x + slope[:, None] * moved
        return slope * rate, gradient

    return quantity


def _held(fitted: Fitted, at: At, where: str) -> Covariates:
    """The covariates of the base, those of ``at`` at one value for everybody."""
    data = fitted.base.data
    for name, held in at.items():
        if name not in fitted.base.formula.columns:
            raise refuse(
                f"{where}: at {name}",
                "it is not in the formula",
                nearest(name, fitted.base.formula.columns),
                "name a column of it",
            )
        data = data.holding(name, _value(fitted, name, held, where))
    if not np.isfinite(fitted.coding.matrix(data)).all():
        raise refuse(f"{where}: at", "the model is not defined there", "values inside the range of "
                     "log() or sqrt()", "hold other values")  # fmt: skip
    return data


def _value(fitted: Fitted, name: str, held: object, where: str) -> float | int:
    if name in fitted.coding.levels:
        levels, text = fitted.coding.levels[name], category_name(held)
        if text not in levels:
            raise refuse(f"{where}: at {name}", f"{quoted(text)} is not a category of the base",
                         nearest(text, levels), "name one of them")  # fmt: skip
        return levels.index(text)
    if not isinstance(held, (int, float)) or not np.isfinite(held):
        raise refuse(f"{where}: at {name}", f"{held!r}", "a number", f"at={{{name!r}: 0}}")
    return float(held)


def _table(
    fitted: Fitted, effects: list[Effect], made: Floats, spread: Floats, level: float, method: str
) -> pl.DataFrame:
    se = np.sqrt(np.maximum(np.diag(spread), 0.0))
    shares = method.startswith("adjusted") and fitted.model.family == "binomial"
    low, high = (logit if shares else wald)(made, se, fitted.df, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(no_variance(se, made), np.nan, made / se)
    tested = {"statistic": statistic, "p_value": two_sided(statistic, np.full(len(se), fitted.df))}
    made_of = {"variable": [e.variable for e in effects], "category": [e.category for e in effects],
               "reference": [e.reference for e in effects], "estimate": made, "se": se,
               "ci_low": low, "ci_high": high, **tested}  # fmt: skip
    return (
        pl.DataFrame(made_of)
        .with_columns(
            pl.selectors.float().fill_nan(None),
            df=pl.lit(fitted.df, pl.Int64),
            n=pl.lit(len(fitted.base.rows), pl.Int64),
            n_weighted=pl.lit(float(fitted.weights.sum())),
            method=pl.lit(f"{method}; {fitted.design.way}; {'logit' if shares else 'wald'}"),
        )
        .drop(_TESTED if method.startswith("adjusted") else ())
    )
