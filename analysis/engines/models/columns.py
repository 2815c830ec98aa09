"""The columns of a model's matrix as expressions: those of :mod:`analysis.estimators.modelmatrix`.

Names of columns are our own (f0, f1, …), so that none of the file's can be in the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import add, mul

import narwhals as nw

from analysis.engines.frames import one
from analysis.estimators.modelmatrix import Coding


@dataclass(frozen=True, slots=True)
class Cells:
    """What a row has in the columns of a formula.

    numbers : column -> its number ; dummies : column -> 1 or 0 for each of its categories
    """

    numbers: Mapping[str, nw.Expr]
    dummies: Mapping[str, tuple[nw.Expr, ...]]

    @classmethod
    def of(cls, names: Mapping[str, str], values: Mapping[str, list[object]]) -> Cells:
        """From our name of each column, and the values of the categories of some."""
        numbers = {c: nw.col(own) for c, own in names.items() if c not in values}
        dummies = {
            c: tuple(one(nw.col(names[c]) == value) for value in listed)
            for c, listed in values.items()
        }
        return cls(numbers, dummies)

    def holding(self, held: Mapping[str, float | int]) -> Cells:
        """The same rows, all with one value (a number, or the position of a category)."""
        numbers = {c: nw.lit(float(held[c])) if c in held else v for c, v in self.numbers.items()}
        dummies = {
            c: tuple(nw.lit(float(k == held[c])) for k in range(len(v))) if c in held else v
            for c, v in self.dummies.items()
        }
        return Cells(numbers, dummies)


def matrix(coding: Coding, cells: Cells) -> list[nw.Expr]:
    """(k,) the values of a row, in the order of :meth:`Coding.matrix`."""
    made = [nw.lit(1.0)] if coding.intercept else []
    for term in coding.terms:
        made += _products([_values(cells, c.factor.column, c.factor.function, c.first)
                           for c in term])  # fmt: skip
    return made


def derivative(coding: Coding, cells: Cells, column: str) -> list[nw.Expr]:
    """(k,) the derivatives of a row with respect to a column of numbers."""
    made = [nw.lit(0.0)] if coding.intercept else []
    for term in coding.terms:
        values = [_values(cells, c.factor.column, c.factor.function, c.first) for c in term]
        parts = []
        for place, c in enumerate(term):
            if c.factor.column == column:
                moved = [_slope(c.factor.function, cells.numbers[column])]
                parts.append(_products([*values[:place], moved, *values[place + 1 :]]))
        width = len(_products(values))
        made += [reduce(add, row) for row in zip(*parts, strict=True)] or [nw.lit(0.0)] * width
    return made


def _products(parts: list[list[nw.Expr]]) -> list[nw.Expr]:
    """Products of one of each, the last factor varying fastest."""
    return [reduce(mul, factors) for factors in product(*parts)]


def _values(cells: Cells, column: str, function: str, first: int) -> list[nw.Expr]:
    if column in cells.dummies:
        return list(cells.dummies[column][first:])
    return [valued(function, cells.numbers[column])]


def valued(function: str, x: nw.Expr) -> nw.Expr:
    """A function of a formula; no finite number where it is not defined."""
    named = {"log": lambda: x.log(), "exp": lambda: x.exp(), "sqrt": lambda: x.sqrt(),
             "square": lambda: x * x}  # fmt: skip
    return named[function]() if function in named else x


def _slope(function: str, x: nw.Expr) -> nw.Expr:
    named = {"log": lambda: nw.lit(1.0) / x, "exp": lambda: x.exp(),
             "sqrt": lambda: nw.lit(0.5) / x.sqrt(), "square": lambda: x * 2.0}  # fmt: skip
    return named[function]() if function in named else nw.lit(1.0)
