"""Items of an index or of a battery: whether they are answered, and what they count."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from analysis.definition import Survey
from analysis.expressions import MISSING_KINDS, compile_expression, names, parse
from analysis.validate.asked import kind_expression


def read_by(item: str) -> tuple[str, ...]:
    """The variables of an item: an expression, or one numeric variable."""
    return (item,) if item.isidentifier() else names(parse(item))


def item_answered(survey: Survey, item: str) -> pl.Expr:
    """Boolean: everything that the item reads has a valid answer."""
    kinds = (kind_expression(n, n in survey.numeric) for n in read_by(item))
    return pl.all_horizontal(~k.is_in(list(MISSING_KINDS)).fill_null(value=False) for k in kinds)


def item_value(survey: Survey, item: str) -> pl.Expr:
    """What the item counts: 1 where it is true, or the number; 0 where it is not answered."""
    made = (
        pl.col(item)
        if item.isidentifier()
        else compile_expression(parse(item), survey.numeric).cast(pl.Float64)
    )
    return pl.when(item_answered(survey, item)).then(made).otherwise(0.0)


def count_answered(survey: Survey, items: Iterable[str]) -> pl.Expr:
    """How many of the items are answered."""
    return pl.sum_horizontal(item_answered(survey, i).cast(pl.Float64) for i in items)


def sum_values(survey: Survey, items: Iterable[str]) -> pl.Expr:
    """The sum of what the items count."""
    return pl.sum_horizontal(item_value(survey, i) for i in items)
