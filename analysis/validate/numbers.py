"""Raw texts read as numbers and dates."""

from __future__ import annotations

import re

import polars as pl

from analysis.definition import Survey

_NUMBER = r"^[+-]?[0-9]+({decimal}[0-9]+)?([eE][+-]?[0-9]+)?$"


def number_expressions(survey: Survey, wave: str, decimal: str) -> dict[str, pl.Expr]:
    """The weight (where declared) and every numeric variable as Float64; null where no number.

    Of a date, the same as a Date.

    A text that is declared to be a kind of missing ("999") is no number.
    """
    weight = survey.spec.weight_column
    numbers = {as_number(weight): _number(weight, decimal)} if weight else {}
    for name, v in survey.variables_in(wave).items():
        if v.numeric and v.column:
            declared = pl.col(v.column).is_in(list(survey.readings(name, wave)))
            day = pl.col(v.column).str.to_date(v.format, strict=False) if v.format else None
            number = _number(v.column, decimal) if day is None else day
            numbers[as_number(name)] = pl.when(~declared).then(number)
    return numbers


def _number(column: str, decimal: str) -> pl.Expr:
    written = pl.col(column).str.contains(_NUMBER.format(decimal=re.escape(decimal)))
    number = pl.col(column).str.replace(decimal, ".", literal=True).cast(pl.Float64, strict=False)
    return pl.when(written & number.is_finite()).then(number)


def as_number(name: str) -> str:
    """The column that holds a raw column or a variable as a number."""
    return f"{name} as a number"
