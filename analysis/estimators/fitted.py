"""From a design and a formula to a fitted model with the covariance of its coefficients."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.design import Floats, Integers, SampleDesign
from analysis.errors import BaroError, nearest, quoted, refuse
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


class Modelled(Protocol):
    """A fitted model as its tables and tests see it, wherever the respondents are."""

    @property
    def formula(self) -> Formula:
        """With ``C()`` around each column of categories."""
        ...

    @property
    def coding(self) -> Coding:
        """Its columns."""
        ...

    @property
    def model(self) -> glm.Model:
        """Its family and link."""
        ...

    @property
    def beta(self) -> Floats:
        """(k,) coefficients."""
        ...

    @property
    def covariance(self) -> Floats:
        """(k, k) their covariance."""
        ...

    @property
    def df(self) -> int:
        """Degrees of freedom left."""
        ...

    @property
    def n(self) -> int:
        """Respondents in the base."""
        ...

    @property
    def n_weighted(self) -> float:
        """The sum of their weights."""
        ...

    @property
    def way(self) -> str:
        """How variances are made."""
        ...


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
    def formula(self) -> Formula:
        """With ``C()`` around each column of categories."""
        return self.base.formula

    @property
    def n(self) -> int:
        """Respondents in the base, m."""
        return len(self.base.rows)

    @property
    def n_weighted(self) -> float:
        """The sum of the weights."""
        return float(self.weights.sum())

    @property
    def way(self) -> str:
        """How variances are made."""
        return self.design.way

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
    check_response(base.formula, model, Response.of(base.y, design.weights[base.rows]))
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
        made[r] = replicate_fit(r, found, gamma)
    return made


def replicate_fit(r: int, found: Floats | None, full: Floats) -> Floats:
    """The coefficients with replicate weight r; refuses a fit that is none, or far away."""
    if found is None or np.abs(found).max() > 1e3 * (1 + np.abs(full).max()):
        raise refuse(f"regress: replicate weight {r + 1}", "the model cannot be fitted with it",
                     "a fit with every replicate weight",
                     "merge categories that few respondents have")  # fmt: skip
    return found


def _base(
    design: SampleDesign, formula: Formula, where: pl.Expr | None, reference: Mapping[str, object]
) -> Base:
    """Who is in the model, and what it sees of them."""
    columns(design.frame, [formula.response.column, *formula.columns])
    numeric = {c for c in formula.columns if design.frame[c].dtype.is_numeric()}
    categorical = categories_of(formula, numeric, reference)
    known, values = _known(design, formula, categorical, where)
    rows = np.flatnonzero(known).astype(np.int64)
    coded = {n: _codes(design.frame[n], known, reference.get(n)) for n in sorted(categorical)}
    data = Covariates({n: v[rows] for n, v in values.items()},
                      {n: c[rows] for n, (c, _) in coded.items()}, len(rows))  # fmt: skip
    y = value(formula.response.function, data.numbers[formula.response.column])
    if not np.isfinite(y).all():
        raise no_number(formula)
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
        raise nobody()
    return known, values


def nobody() -> BaroError:
    """The refusal of a base without anybody."""
    return refuse("regress", "nobody in the domain has all variables", "somebody",
                  "widen the condition, or take a variable out of the formula")  # fmt: skip


def no_number(formula: Formula) -> BaroError:
    """The refusal of a response that its function does not know for everybody in the base."""
    return refuse(f"regress: {formula.response}", "it is not a number for somebody in the base",
                  "numbers", "exclude them with where=")  # fmt: skip


def categories_of(
    formula: Formula, numeric: Collection[str], reference: Mapping[str, object]
) -> frozenset[str]:
    """Columns in ``C()``, and those that are not numbers.

    numeric : the columns of the right side that hold numbers
    Refuses a response on both sides, functions of categories, references of other columns.
    """
    if formula.response.column in formula.columns:
        raise refuse(f"regress: {formula.response.column}", "it stands on both sides",
                     "one side", "take it out of the right side")  # fmt: skip
    factors = [f for term in formula.terms for f in term]
    named = {f.column for f in factors if f.function == "C"}
    named |= {f.column for f in factors if f.column not in numeric}
    for factor in factors:
        if factor.column in named and factor.function != "C" and (
            factor.function or factor.column in numeric
        ):  # fmt: skip
            raise refuse(f"regress: {factor}", f"{quoted(factor.column)} is a set of categories "
                         "here, and a number there", "one or the other",
                         "write C() around it everywhere, or nowhere")  # fmt: skip
    _references_used(reference, frozenset(named))
    return frozenset(named)


def _codes(column: pl.Series, known: Flags, first: object) -> tuple[Integers, tuple[str, ...]]:
    """(n,) positions among the categories that occur in the base, the reference first."""
    place, names = ordered_categories(column.filter(pl.Series(known)).unique(), first)
    codes = column.replace_strict(list(place), list(place.values()), default=-1,
                                  return_dtype=pl.Int64)  # fmt: skip
    return codes.fill_null(-1).to_numpy(), names


def ordered_categories(seen: pl.Series, first: object) -> tuple[dict[object, int], tuple[str, ...]]:
    """The place of each value among the categories, and their names, the reference first.

    seen : each value that occurs in the base, once
    """
    ordered = seen.sort() if seen.dtype != pl.Categorical else seen.cast(pl.String).sort()
    names = [category_name(v) for v in ordered.to_list()]
    if first is not None:
        if category_name(first) not in names:
            raise refuse(
                f"regress: reference of {seen.name}",
                f"{quoted(category_name(first))} does not occur in the base",
                nearest(category_name(first), names),
                "name another one",
            )
        names = [category_name(first), *(n for n in names if n != category_name(first))]
    return {v: names.index(category_name(v)) for v in ordered.to_list()}, tuple(names)


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
    """Degrees of freedom left."""
    inside = np.zeros(design.frame.height, dtype=bool)
    inside[base.rows] = True
    own = freedom(design, inside, "domain") if k else 0
    return degrees_left(k, own, design.df, psus_inside(design, inside), kind)


def degrees_left(k: int, own: int, whole: int, psus: int, kind: Freedom) -> int:
    """Degrees of freedom after k coefficients; refuses too many of them for the PSUs.

    own, whole : degrees of freedom of the base, and of the design ; psus : with somebody there
    """
    if k == 0:
        raise refuse("regress: formula", "no term at all", "an intercept or a column",
                     'type for instance "y ~ 1"')  # fmt: skip
    if min(own, whole) - (k - 1) <= 0:
        raise refuse(
            "regress: too few PSUs",
            f"{k} coefficients, and {own} degrees of freedom among the {psus} PSUs of the base",
            f"{k} degrees of freedom or more", "name fewer terms, or merge categories",
        )  # fmt: skip
    return (whole if kind == "design" else own) - (k - 1)


@dataclass(frozen=True, slots=True)
class Response:
    """What families ask of y in the base.

    low, high : its extremes ; odd : a value that is neither 0 nor 1, or None
    mean : weighted
    """

    low: float
    high: float
    odd: float | None
    mean: float

    @classmethod
    def of(cls, y: Floats, w: Floats) -> Response:
        """From the respondents of the base."""
        odd = y[~np.isin(y, (0, 1))]
        first = float(odd[0]) if len(odd) else None
        return cls(float(y.min()), float(y.max()), first, float(np.average(y, weights=w)))


def check_response(formula: Formula, model: glm.Model, y: Response) -> None:
    """Refuse values of y that the family does not know."""
    name = f"regress: {formula.response}"
    none = "there is nothing to explain: widen the condition"
    if model.family == "binomial" and y.odd is not None:
        raise refuse(name, f'the value {y.odd:g}, and family="binomial"', "0 and 1 (or Boolean)",
                     'make 0/1 of it, or choose family="gaussian" or "poisson"')  # fmt: skip
    if model.family == "binomial" and y.low == y.high:
        raise refuse(name, f"everybody in the base has {y.low:g}", "both 0 and 1", none)
    if model.family == "poisson" and y.low < 0:
        raise refuse(name, f'the value {y.low:g}, and family="poisson"', "counts, 0 or more",
                     'choose family="gaussian"')  # fmt: skip
    if model.family == "poisson" and y.high == 0:
        raise refuse(name, "everybody in the base has 0", "some counts above 0", none)
    if model.family == "gaussian" and model.link.name == "log" and y.mean <= 0:
        raise refuse(name, 'a mean of 0 or less, and link="log"', "a positive mean",
                     'choose link="identity"')  # fmt: skip


def _finite(x: Floats, coding: Coding) -> None:
    check_defined((~np.isfinite(x)).sum(axis=0), coding.names)


def check_defined(undefined: Integers, names: tuple[str, ...]) -> None:
    """Refuse a column (k,) that is not defined for somebody in the base, the first."""
    if undefined.any():
        j = int(np.flatnonzero(undefined)[0])
        raise refuse(f"regress: {names[j]}",
                     f"it is not defined for {int(undefined[j])} respondents of the base",
                     "numbers (log() of more than 0, sqrt() of 0 or more)",
                     "exclude them with where=, or compute another column")  # fmt: skip
