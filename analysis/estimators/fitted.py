"""From a design and a formula to a fitted model with the covariance of its coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.design import Floats, Integers, SampleDesign
from analysis.errors import nearest, quoted, refuse
from analysis.estimators import glm
from analysis.estimators.cells import classes, columns, groups, numbers
from analysis.estimators.formula import Formula, parse, with_categories
from analysis.estimators.inference import freedom, psus_inside
from analysis.estimators.modelmatrix import Coding, Covariates, category_name, value
from analysis.estimators.options import Freedom
from analysis.variance import covariance, replicate_covariance

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Base:
    """Who is in a model: m of the n respondents, in the domain and with every variable known.

    rows : (m,) their places ; data, y : what the model sees of them
    """

    formula: Formula
    rows: Integers
    data: Covariates
    y: Floats
    levels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model; everything margins need.

    x : (m, k) ; beta : (k,) ; covariance : (k, k) ; df : of the design (or domain) - (k - 1)
    influence : (m, k) weighted linearized variables of beta ; None with replicate weights
    replicated : (R, k) coefficients with each replicate weight ; None without
    """

    design: SampleDesign
    base: Base
    coding: Coding
    model: glm.Model
    x: Floats
    beta: Floats
    covariance: Floats
    df: int
    influence: Floats | None
    replicated: Floats | None

    @property
    def weights(self) -> Floats:
        """(m,) weights of those in the base."""
        return self.design.weights[self.base.rows]

    def spread_out(self, weighted: Floats) -> Floats:
        """(n, C) weighted scores (m, C) at their places, 0 for all others."""
        made = np.zeros((self.design.frame.height, weighted.shape[1]))
        made[self.base.rows] = weighted
        return made


def fit(
    design: SampleDesign, text: str, model: glm.Model, where: pl.Expr | None,
    reference: Mapping[str, object], freedom_of: Freedom,
) -> Fitted:  # fmt: skip
    """Read, check, fit; see docs/methods/regression.md."""
    base = _base(design, parse(text), where, reference)
    coding = Coding.of(base.formula, base.levels)
    df = _degrees(design, base, coding.width, freedom_of)
    _fits(base, model, design.weights[base.rows])
    x = coding.matrix(base.data)
    _finite(x, coding)
    w = design.weights[base.rows]
    change = glm.basis(x, w, coding.names)
    z = x @ change
    start = glm.first_fit(z, base.y, w, model)
    first = glm.refine(z, base.y, w, model, start)
    gamma = glm.settled(x, z, base.y, model, first, coding.names)
    beta = change @ gamma
    if design.replication is not None:
        again = _replicated(design, base, z, model, gamma) @ change.T
        spread = replicate_covariance(again, beta, design)
        return Fitted(design, base, coding, model, x, beta, spread, df, None, again)
    moves = glm.influence(z, base.y, w, model, gamma) @ change.T
    made = Fitted(design, base, coding, model, x, beta, np.empty(0), df, moves, None)
    spread = covariance(made.spread_out(moves), design)
    return Fitted(design, base, coding, model, x, beta, spread, df, moves, None)


def _replicated(
    design: SampleDesign, base: Base, z: Floats, model: glm.Model, gamma: Floats
) -> Floats:
    """(R, k) coefficients with each replicate weight, from those of the full sample."""
    assert design.replication is not None
    weights = design.replication.weights
    made = np.empty((weights.shape[1], len(gamma)))
    for r in range(weights.shape[1]):
        found = glm.refine(z, base.y, weights[base.rows, r], model, gamma)
        if found is None or np.abs(found).max() > 1e3 * (1 + np.abs(gamma).max()):
            raise refuse(f"regress: replicate weight {r + 1}", "the model cannot be fitted with it",
                         "a fit with every replicate weight",
                         "merge categories that few respondents have")  # fmt: skip
        made[r] = found
    return made


def _base(
    design: SampleDesign, formula: Formula, where: pl.Expr | None, reference: Mapping[str, object]
) -> Base:
    """Who is in the model, and what it sees of them."""
    columns(design.frame, [formula.response.column, *formula.columns])
    if formula.response.column in formula.columns:
        raise refuse(f"regress: {formula.response.column}", "it stands on both sides",
                     "one side", "take it out of the right side")  # fmt: skip
    categorical = _categorical(design.frame, formula)
    _references_used(reference, categorical)
    known, values = _known(design, formula, categorical, where)
    rows = np.flatnonzero(known).astype(np.int64)
    coded = {n: _codes(design.frame[n], known, reference.get(n)) for n in sorted(categorical)}
    data = Covariates({n: v[rows] for n, v in values.items()},
                      {n: c[rows] for n, (c, _) in coded.items()}, len(rows))  # fmt: skip
    y = value(formula.response.function, data.numbers[formula.response.column])
    if not np.isfinite(y).all():
        raise refuse(f"regress: {formula.response}", "it is not a number for somebody in the base",
                     "numbers", "exclude them with where=")  # fmt: skip
    levels = {n: named for n, (_, named) in coded.items()}
    return Base(with_categories(formula, categorical), rows, data, y, levels)


def _known(
    design: SampleDesign, formula: Formula, categorical: frozenset[str], where: pl.Expr | None
) -> tuple[Flags, dict[str, Floats]]:
    """(n,) True for those in the domain with every variable, and the columns of numbers (n,)."""
    known = (groups(design, None, where).code == 0) & (design.weights > 0)
    values: dict[str, Floats] = {}
    for name in (formula.response.column, *formula.columns):
        if name in categorical:
            column = classes(design.frame[name])
            column = column.fill_nan(None) if column.dtype.is_float() else column
            known = known & column.is_not_null().to_numpy()
            continue
        number, there = numbers(design, [name])
        values[name], known = number[:, 0], known & (there[:, 0] > 0)
    if not known.any():
        raise refuse("regress", "nobody in the domain has all variables", "somebody",
                     "widen the condition, or take a variable out of the formula")  # fmt: skip
    return known, values


def _categorical(frame: pl.DataFrame, formula: Formula) -> frozenset[str]:
    """Columns in ``C()``, and those that are not numbers; refuses functions of categories."""
    factors = [f for term in formula.terms for f in term]
    named = {f.column for f in factors if f.function == "C"}
    named |= {f.column for f in factors if not frame[f.column].dtype.is_numeric()}
    for factor in factors:
        if factor.column in named and factor.function != "C" and (
            factor.function or frame[factor.column].dtype.is_numeric()
        ):  # fmt: skip
            raise refuse(f"regress: {factor}", f"{quoted(factor.column)} is a set of categories "
                         "here, and a number there", "one or the other",
                         "write C() around it everywhere, or nowhere")  # fmt: skip
    return frozenset(named)


def _codes(column: pl.Series, known: Flags, first: object) -> tuple[Integers, tuple[str, ...]]:
    """(n,) positions among the categories that occur in the base, the reference first."""
    dtype = column.dtype
    seen = column.filter(pl.Series(known)).unique()
    ordered = seen.sort() if dtype != pl.Categorical else seen.cast(pl.String).sort()
    names = [category_name(v) for v in ordered.to_list()]
    if first is not None:
        if category_name(first) not in names:
            raise refuse(
                f"regress: reference of {column.name}",
                f"{quoted(category_name(first))} does not occur in the base",
                nearest(category_name(first), names),
                "name another one",
            )
        names = [category_name(first), *(n for n in names if n != category_name(first))]
    place = {v: names.index(category_name(v)) for v in ordered.to_list()}
    codes = column.replace_strict(list(place), list(place.values()), default=-1,
                                  return_dtype=pl.Int64)  # fmt: skip
    return codes.fill_null(-1).to_numpy(), tuple(names)


def _references_used(reference: Mapping[str, object], categorical: frozenset[str]) -> None:
    for name in reference:
        if name not in categorical:
            raise refuse(
                f"regress: reference of {name}",
                "it is not a category of the formula",
                nearest(name, categorical),
                "name a column that stands in C()",
            )


def _degrees(design: SampleDesign, base: Base, k: int, kind: Freedom) -> int:
    """Degrees of freedom left; refuses a model with too many columns for the PSUs."""
    inside = np.zeros(design.frame.height, dtype=bool)
    inside[base.rows] = True
    if k == 0:
        raise refuse("regress: formula", "no term at all", "an intercept or a column",
                     'type for instance "y ~ 1"')  # fmt: skip
    own = freedom(design, inside, "domain")
    if min(own, design.df) - (k - 1) <= 0:
        raise refuse(
            "regress: too few PSUs",
            f"{k} coefficients, and {own} degrees of freedom among the "
            f"{psus_inside(design, inside)} PSUs of the base",
            f"{k} degrees of freedom or more", "name fewer terms, or merge categories",
        )  # fmt: skip
    return freedom(design, inside, kind) - (k - 1)


def _fits(base: Base, model: glm.Model, w: Floats) -> None:
    """Refuse values of y that the family does not know."""
    name, y = f"regress: {base.formula.response}", base.y
    none = "there is nothing to explain: widen the condition"
    odd = y[~np.isin(y, (0, 1))]
    if model.family == "binomial" and len(odd):
        raise refuse(name, f'the value {odd[0]:g}, and family="binomial"', "0 and 1 (or Boolean)",
                     'make 0/1 of it, or choose family="gaussian" or "poisson"')  # fmt: skip
    if model.family == "binomial" and y.min() == y.max():
        raise refuse(name, f"everybody in the base has {y[0]:g}", "both 0 and 1", none)
    if model.family == "poisson" and y.min() < 0:
        raise refuse(name, f'the value {y.min():g}, and family="poisson"', "counts, 0 or more",
                     'choose family="gaussian"')  # fmt: skip
    if model.family == "poisson" and y.max() == 0:
        raise refuse(name, "everybody in the base has 0", "some counts above 0", none)
    if model.family == "gaussian" and model.link.name == "log" and np.average(y, weights=w) <= 0:
        raise refuse(name, 'a mean of 0 or less, and link="log"', "a positive mean",
                     'choose link="identity"')  # fmt: skip


def _finite(x: Floats, coding: Coding) -> None:
    bad = ~np.isfinite(x)
    if bad.any():
        j = int(np.flatnonzero(bad.any(axis=0))[0])
        raise refuse(f"regress: {coding.names[j]}",
                     f"it is not defined for {int(bad[:, j].sum())} respondents of the base",
                     "numbers (log() of more than 0, sqrt() of 0 or more)",
                     "exclude them with where=, or compute another column")  # fmt: skip
