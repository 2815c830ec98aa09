"""Who was asked what: universes, populations, and answers that contradict them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from analysis.definition import Survey
from analysis.errors import Problem, raise_all
from analysis.expressions import compile_expression, parse
from analysis.ingest import ROW


def validate_universes(survey: Survey, wave: str, frame: pl.DataFrame, shown: str) -> None:
    """Check that those asked, and only those, have an answer.

    frame : the harmonised rows, with ``ROW``. Inside its universe a variable without a
    declared ``skipped`` may not be "not asked"; outside it may not hold an answer.
    """
    problems: list[Problem] = []
    for name, v in survey.variables_in(wave).items():
        if v.made:
            continue
        inside = universe_expression(survey, name, wave)
        kind = kind_expression(name, v.numeric)
        unasked = kind.eq("not_asked").fill_null(value=False)
        silent = unasked | kind.eq("not_applicable").fill_null(value=False)
        problems += _rows_where(frame, inside & unasked, survey, wave, shown, name, inside=True)
        problems += _rows_where(frame, ~inside & ~silent, survey, wave, shown, name, inside=False)
    raise_all(problems)


def universe_expression(survey: Survey, variable: str, wave: str) -> pl.Expr:
    """Boolean: the row belongs to those asked in that wave."""
    population = survey.universe(variable, wave)
    when = survey.spec.populations[population].when if population else ""
    return compile_expression(parse(when), survey.numeric) if when else pl.lit(value=True)


def population_expression(survey: Survey, indicator: str, wave: str) -> pl.Expr:
    """Boolean: the row belongs to the indicator's population in that wave."""
    when = survey.population(indicator, wave).when
    return compile_expression(parse(when), survey.numeric) if when else pl.lit(value=True)


def unasked_expressions(survey: Survey, wave: str) -> dict[tuple[str, str], pl.Expr]:
    """(indicator, variable it reads) -> Boolean: in its population, yet never asked."""
    return {
        (i, v): population_expression(survey, i, wave)
        & kind_expression(v, v in survey.numeric).eq("not_asked").fill_null(value=False)
        for i in survey.indicators_in(wave)
        for v in survey.reads(i)
    }


def kind_expression(variable: str, numeric: bool) -> pl.Expr:
    """The kind of missing of a harmonised variable as text; a category or null otherwise."""
    return pl.col(kind_column(variable) if numeric else variable).cast(pl.String)


def kind_column(variable: str) -> str:
    """The column that holds the kind of missing of a numeric variable."""
    return f"{variable}.missing"


def _rows_where(
    frame: pl.DataFrame,
    mask: pl.Expr,
    survey: Survey,
    wave: str,
    shown: str,
    name: str,
    *,
    inside: bool,
) -> list[Problem]:
    bad = frame.filter(mask)
    if bad.is_empty():
        return []
    column = survey.column(name, wave)
    where = f"{shown}: row {bad[ROW][0]}, column {column}"
    universe = survey.universe(name, wave) or "all"
    if inside:
        problem = Problem(
            where,
            f"{bad.height} rows have no value though {universe} were asked {name}",
            "an answer, or a declared filter",
            f"declare skipped: (why) or the universe of {name} for {wave}",
        )
    else:
        problem = Problem(
            where,
            f"{bad.height} rows answer {name} outside its universe {universe}",
            "NA",
            f"correct universe: of {name} for {wave} in survey.yml",
        )
    rule = "asked, no answer" if inside else "answer, not asked"
    return [replace(problem, row=int(bad[ROW][0]), column=column, rule=f"{rule}: {name}")]
