"""Raw texts -> stable categories over waves, numbers, and kinds of missing kept apart.

The harmonised frame of a wave has one row a respondent:

- ``id`` (String), ``weight`` (Float64), and the design columns under their raw names;
- a categorical variable as Enum of its categories and the kinds of missing, never null;
- a numeric variable as Float64 (null when missing) and ``<name>.missing``, its kind.
"""

from __future__ import annotations

import polars as pl

from analysis.definition import Survey, Variable
from analysis.expressions import MISSING_KINDS, compile_expression, names, parse
from analysis.ingest import ROW
from analysis.validate import (
    WaveRows,
    kind_column,
    number_expressions,
    universe_expression,
    validate_universes,
)

KINDS = pl.Enum(list(MISSING_KINDS))


def harmonise(survey: Survey, wave: str, rows: WaveRows) -> pl.DataFrame:
    """The harmonised frame of a wave whose raw rows are valid.

    Raises :class:`analysis.errors.BaroError` where somebody has an answer to a question of
    another universe, or none to a question everybody in the universe was asked.
    """
    spec, d = survey.spec, survey.spec.design
    numbers = number_expressions(survey, wave, rows.decimal)
    weight = next(iter(numbers.values())).alias("weight")
    answers = [
        e
        for k, v in survey.variables_in(wave).items()
        for e in _answers(survey, wave, k, v, numbers)
    ]
    design = [pl.col(c) for c in dict.fromkeys((d.strata, d.clusters, d.fpc)) if c]
    frame = rows.frame.select(ROW, pl.col(spec.id).alias("id"), weight, *design, *answers)
    frame = derived(survey, wave, frame)  # a universe may be made of derived variables
    frame = frame.with_columns(
        _routed(survey, wave, k, v) for k, v in survey.variables_in(wave).items() if v.skipped
    )
    frame = derived(survey, wave, frame)  # what was passed over is now told from what was not asked
    validate_universes(survey, wave, frame, rows.file)
    return frame.drop(ROW)


def categories_type(variable: Variable) -> pl.Enum:
    """The categories of a variable, in the definition's order, then the kinds of missing."""
    return pl.Enum([*variable.categories, *MISSING_KINDS])


def _answers(
    survey: Survey, wave: str, name: str, v: Variable, numbers: dict[str, pl.Expr]
) -> list[pl.Expr]:
    if v.type == "derived":
        return []
    readings = survey.readings(name, wave)
    text = pl.col(v.column)
    if not v.numeric:
        return [
            text.replace_strict(readings, return_dtype=pl.String)
            .cast(categories_type(v))
            .alias(name)
        ]
    kind = text.replace_strict(readings, default=None, return_dtype=pl.String)
    number = numbers[f"{name} as a number"]
    return [
        pl.when(kind.is_null()).then(number).alias(name),
        kind.cast(KINDS).alias(kind_column(name)),
    ]


def derived(survey: Survey, wave: str, frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with the wave's derived variables, made in the order of the definition."""
    for name, v in survey.variables_in(wave).items():
        if v.type == "derived":
            frame = frame.with_columns(derived_expression(survey, name, v))
    return frame


def derived_expression(survey: Survey, name: str, v: Variable) -> pl.Expr:
    """The first category whose expression is true; else what is missing in what it reads."""
    made: pl.Expr = _inherited_kind(survey, v)
    for code, category in reversed(v.categories.items()):
        when = compile_expression(parse(category.when), survey.numeric)
        made = pl.when(when).then(pl.lit(code)).otherwise(made)
    return made.cast(categories_type(v)).alias(name)


def _inherited_kind(survey: Survey, v: Variable) -> pl.Expr:
    """Kind of missing of the first variable read that is missing; else "not_applicable"."""
    read = dict.fromkeys(n for c in v.categories.values() for n in names(parse(c.when)))
    kinds = [
        pl.col(kind_column(n)).cast(pl.String)
        if n in survey.numeric
        else pl.when(pl.col(n).is_in(list(MISSING_KINDS))).then(pl.col(n).cast(pl.String))
        for n in read
    ]
    return pl.coalesce(*kinds, pl.lit("not_applicable"))


def _routed(survey: Survey, wave: str, name: str, v: Variable) -> pl.Expr:
    """Inside the universe, "not asked" means that a declared filter passed the question over."""
    column = kind_column(name) if v.numeric else name
    dtype = KINDS if v.numeric else categories_type(v)
    unasked = pl.col(column).cast(pl.String).eq("not_asked") & universe_expression(
        survey, name, wave
    )
    return (
        pl.when(unasked)
        .then(pl.lit("not_applicable", dtype=dtype))
        .otherwise(pl.col(column))
        .alias(column)
    )
