"""Raw texts against a pandera schema made from the definition, every failure at once."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from analysis.definition import Survey
from analysis.errors import Problem, raise_all
from analysis.validate.messages import explain
from analysis.validate.numbers import as_number, number_expressions
from analysis.validate.rows import WaveRows
from analysis.validate.several import several_problems


def validate_raw(survey: Survey, wave: str, rows: WaveRows) -> None:
    """Check identifiers, weights, categories, numbers and columns that should hold nothing.

    Raises one :class:`BaroError` with every failure: file, row, column, value, remedy.
    """
    from analysis.validate.schema import failing  # here: pandera takes half a second to import

    numbers = number_expressions(survey, wave, rows.decimal)
    frame = rows.frame.with_columns(**numbers)
    failures = failing(survey, wave, frame)
    several = several_problems(survey, wave, rows.frame, rows.file)
    failed = (
        problem
        for (column, check), found in failures.group_by("column", "check", maintain_order=True)
        for problem in explain(survey, wave, rows, str(column), str(check), found)
    )
    raise_all([*failed, *several, *_weightless(survey, rows.file, frame)])


def _weightless(survey: Survey, shown: str, frame: pl.DataFrame) -> Iterator[Problem]:
    """Weights that add up to nothing: there is no share of nobody."""
    column = survey.spec.weight_column
    if column and not (frame[as_number(column)].fill_null(1.0) > 0).any():
        yield Problem(
            f"{shown}: column {column}",
            "the weights add up to 0",
            "a weight above 0 for somebody",
            "take the column of the weights: weight: in survey.yml; or equal where there is none",
        )
