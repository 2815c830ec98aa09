"""Raw texts -> stable categories over waves, numbers, and kinds of missing kept apart.

The harmonised frame of a wave has one row a respondent:

- ``id`` (String), ``weight`` (Float64; 1 for everybody where it is "equal"), and the design
  columns under their raw names;
- a categorical variable as Enum of its categories and the kinds of missing, never null;
- a numeric variable or an index as Float64, a date as Date (null when missing), and
  ``<name>.missing``, its kind.
"""

from __future__ import annotations

import polars as pl

from analysis.definition import Survey, Variable
from analysis.definition.wavechecks import reads_of
from analysis.expressions import MISSING_KINDS, compile_expression, parse
from analysis.ingest import ROW
from analysis.validate import (
    WaveRows,
    count_answered,
    kind_column,
    number_expressions,
    sum_values,
    universe_expression,
    validate_universes,
)

KINDS = pl.Enum(list(MISSING_KINDS))


def harmonise(survey: Survey, wave: str, rows: WaveRows) -> pl.DataFrame:
    """The harmonised frame of a wave whose raw rows are valid.

    Raises :class:`analysis.errors.BaroError` where somebody has an answer to a question of
    another universe, or none to a question everybody in the universe was asked.
    """
    frame = harmonised(survey, wave, rows)
    validate_universes(survey, wave, frame, rows.file)
    return frame.drop(ROW)


def harmonised(survey: Survey, wave: str, rows: WaveRows) -> pl.DataFrame:
    """The same with ``ROW``, and before anybody has checked who was asked what."""
    spec, d = survey.spec, survey.spec.design
    numbers = number_expressions(survey, wave, rows.decimal)
    weight = numbers[f"{spec.weight_column} as a number"] if spec.weight_column else pl.lit(1.0)
    answers = [
        e
        for k, v in survey.variables_in(wave).items()
        for e in _answers(survey, wave, k, v, numbers)
    ]
    design = [pl.col(c) for c in dict.fromkeys((d.strata, d.clusters, d.fpc)) if c]
    frame = rows.frame.select(
        ROW, pl.col(spec.id).alias("id"), weight.alias("weight"), *design, *answers
    )
    frame = derived(survey, wave, frame)  # a universe may be made of derived variables
    frame = derived(survey, wave, _without_outside(survey, wave, frame))
    frame = frame.with_columns(
        _routed(survey, wave, k, v) for k, v in survey.variables_in(wave).items() if v.skipped
    )
    frame = derived(survey, wave, frame)  # what was passed over is now told from what was not asked
    return frame


def _without_outside(survey: Survey, wave: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Answers outside their universe as not asked, where the wave's file says so."""
    made = {}
    for name in survey.waves[wave].outside:
        inside = universe_expression(survey, name, wave)
        kind = kind_column(name) if name in survey.numeric else name
        blank = pl.lit("not_asked", dtype=frame.schema[kind])
        made[kind] = pl.when(inside).then(pl.col(kind)).otherwise(blank)
        if name in survey.numeric:
            made[name] = pl.when(inside).then(pl.col(name))
    return frame.with_columns(**made)


def categories_type(variable: Variable) -> pl.Enum:
    """The categories of a variable, in the definition's order, then the kinds of missing."""
    return pl.Enum([*variable.categories, *MISSING_KINDS])


def _answers(
    survey: Survey, wave: str, name: str, v: Variable, numbers: dict[str, pl.Expr]
) -> list[pl.Expr]:
    if v.made:
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
        if v.type == "index":
            frame = frame.with_columns(index_expressions(survey, name, v))
    return frame


def derived_expression(survey: Survey, name: str, v: Variable) -> pl.Expr:
    """The first category whose expression is true; else what is missing in what it reads."""
    made: pl.Expr = _inherited_kind(survey, v)
    for code, category in reversed(v.categories.items()):
        when = compile_expression(parse(category.when), survey.numeric)
        made = pl.when(when).then(pl.lit(code)).otherwise(made)
    return made.cast(categories_type(v)).alias(name)


def index_expressions(survey: Survey, name: str, v: Variable) -> list[pl.Expr]:
    """An index and its kind of missing, where fewer items than ``at_least`` are answered.

    Items without an answer count neither in the sum nor among those that a mean divides by.
    """
    items = [item.value for item in v.items.values()]
    answered = count_answered(survey, items)
    enough = answered >= (v.at_least or len(items))
    total = sum_values(survey, items)
    made = total / answered if v.rule in ("mean", "share") else total
    return [
        pl.when(enough).then(made).alias(name),
        pl.when(~enough).then(_inherited_kind(survey, v)).cast(KINDS).alias(kind_column(name)),
    ]


def _inherited_kind(survey: Survey, v: Variable) -> pl.Expr:
    """Kind of missing of the first variable read that is missing; else "not_applicable"."""
    read = reads_of(v)
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
