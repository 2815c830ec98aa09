"""From a formula and columns to a matrix: codings of categories, terms, derivatives.

Categories are coded against a reference (treatment contrasts). Where the term without a
category is not in the model, the category keeps all its levels, as in R and patsy: ``y ~ g + 0``,
``y ~ x:g``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from analysis.design import Floats, Integers
from analysis.estimators.formula import Factor, Formula, Term


@dataclass(frozen=True, slots=True)
class Covariates:
    """The columns of m respondents in the base.

    numbers : column -> (m,) values ; codes : column -> (m,) position of the category
    """

    numbers: Mapping[str, Floats]
    codes: Mapping[str, Integers]
    size: int

    def holding(self, column: str, value: float | int) -> Covariates:
        """The same respondents, all with one value (a number, or the code of a category)."""
        if column in self.codes:
            same = np.full(self.size, value, dtype=np.int64)
            return Covariates(self.numbers, {**self.codes, column: same}, self.size)
        return Covariates(
            {**self.numbers, column: np.full(self.size, float(value))}, self.codes, self.size
        )


@dataclass(frozen=True, slots=True)
class _Coded:
    """A factor in a term: numbers, or the levels from ``first`` (0 all, 1 without reference)."""

    factor: Factor
    first: int = 0


@dataclass(frozen=True, slots=True)
class Coding:
    """How a formula becomes k columns.

    levels : column -> its categories, the reference first
    terms : coded factors of each term ; ``labels`` their names in the formula
    """

    levels: Mapping[str, tuple[str, ...]]
    terms: tuple[tuple[_Coded, ...], ...]
    intercept: bool

    @classmethod
    def of(cls, formula: Formula, levels: Mapping[str, tuple[str, ...]]) -> Coding:
        """Choose full or contrast coding for each category of each term."""
        covered: set[frozenset[str]] = {frozenset()} if formula.intercept else set()
        terms = tuple(_coded(term, levels, covered) for term in formula.terms)
        return cls(levels, terms, formula.intercept)

    @property
    def names(self) -> tuple[str, ...]:
        """(k,) names of the coefficients: "(intercept)", "x", "g[b]", "x:g[b]"."""
        made = ["(intercept)"] if self.intercept else []
        for term in self.terms:
            made += reduce(
                lambda a, b: [f"{x}:{y}" if x else y for x in a for y in b],
                (self._labels(c) for c in term),
                [""],
            )
        return tuple(made)

    @property
    def term_of(self) -> tuple[str, ...]:
        """(k,) the term of the formula each coefficient belongs to, "1" for the intercept."""
        made = ["1"] if self.intercept else []
        for term in self.terms:
            made += [label(tuple(c.factor for c in term))] * self._width(term)
        return tuple(made)

    @property
    def width(self) -> int:
        """k, without making the matrix."""
        return int(self.intercept) + sum(self._width(t) for t in self.terms)

    def matrix(self, data: Covariates) -> Floats:
        """(m, k) values."""
        parts = [np.ones((data.size, 1))] if self.intercept else []
        parts += [_product([self._values(c, data) for c in term]) for term in self.terms]
        return np.hstack(parts) if parts else np.empty((data.size, 0))

    def derivative(self, data: Covariates, column: str) -> Floats:
        """(m, k) derivative of :meth:`matrix` with respect to a column of numbers."""
        parts = [np.zeros((data.size, 1))] if self.intercept else []
        for term in self.terms:
            made = np.zeros((data.size, self._width(term)))
            for place, coded in enumerate(term):
                if coded.factor.column == column:
                    values = [self._values(c, data) for c in term]
                    values[place] = slope(coded.factor.function, data.numbers[column])[:, None]
                    made = made + _product(values)
            parts.append(made)
        return np.hstack(parts)

    def _width(self, term: tuple[_Coded, ...]) -> int:
        return int(np.prod([len(self._labels(c)) for c in term]))

    def _labels(self, coded: _Coded) -> list[str]:
        if coded.factor.column not in self.levels:
            return [str(coded.factor)]
        kept = self.levels[coded.factor.column][coded.first :]
        return [f"{coded.factor.column}[{level}]" for level in kept]

    def _values(self, coded: _Coded, data: Covariates) -> Floats:
        column = coded.factor.column
        if column not in self.levels:
            return value(coded.factor.function, data.numbers[column])[:, None]
        codes = np.arange(coded.first, len(self.levels[column]))
        return np.asarray(data.codes[column][:, None] == codes, dtype=np.float64)


def label(term: Term) -> str:
    """A term as it is called in tests and tables: "x", "g", "x:g" (C() is left out)."""
    return ":".join(f.column if f.function == "C" else str(f) for f in term)


def category_name(value: object) -> str:
    """How a category is called: whole numbers without point, Booleans as polars writes them."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def value(function: str, x: Floats) -> Floats:
    """A function of a formula; infinite or NaN where it is not defined."""
    with np.errstate(all="ignore"):
        if function == "square":
            return np.asarray(x**2, dtype=np.float64)
        named = {"log": np.log, "exp": np.exp, "sqrt": np.sqrt}
        return np.asarray(named[function](x) if function in named else x, dtype=np.float64)


def slope(function: str, x: Floats) -> Floats:
    """Its derivative."""
    with np.errstate(all="ignore"):
        if function == "log":
            return np.asarray(1 / x, dtype=np.float64)
        if function == "exp":
            return np.asarray(np.exp(x), dtype=np.float64)
        if function == "sqrt":
            return np.asarray(0.5 / np.sqrt(x), dtype=np.float64)
        return 2 * x if function == "square" else np.ones_like(x)


def _coded(
    term: Term, levels: Mapping[str, tuple[str, ...]], covered: set[frozenset[str]]
) -> tuple[_Coded, ...]:
    """Contrasts where the term without the factor is in the model already, else all levels."""
    whole = frozenset(map(str, term))  # every column of categories is written C(column) by now
    made = []
    for factor in term:
        without = whole - {str(factor)}
        full = factor.column in levels and without not in covered
        if full:
            covered.add(without)
        made.append(_Coded(factor, int(factor.column in levels and not full)))
    covered.add(whole)
    return tuple(made)


def _product(parts: list[Floats]) -> Floats:
    """(m, a b ...) row by row products, the last factor varying fastest."""
    return reduce(lambda a, b: (a[:, :, None] * b[:, None, :]).reshape(len(a), -1), parts)
