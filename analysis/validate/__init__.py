"""A wave's raw rows against its definition, in two moments.

:func:`validate_raw` before anything is computed, on texts; :func:`validate_universes` once
answers have their meaning, on who was asked what. Each raises once, with every failure.
"""

from analysis.validate.answered import count_answered, sum_values
from analysis.validate.asked import (
    kind_column,
    kind_expression,
    population_expression,
    unasked_expressions,
    universe_expression,
    validate_universes,
)
from analysis.validate.numbers import number_expressions
from analysis.validate.raw import validate_raw
from analysis.validate.rows import WaveRows, validate_waves, wave_rows

__all__ = [
    "WaveRows",
    "count_answered",
    "kind_column",
    "kind_expression",
    "number_expressions",
    "population_expression",
    "sum_values",
    "unasked_expressions",
    "universe_expression",
    "validate_raw",
    "validate_universes",
    "validate_waves",
    "wave_rows",
]
