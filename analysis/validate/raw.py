"""Raw texts against a pandera schema made from the definition, every failure at once."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

import polars as pl

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandera.polars as pa

from analysis.definition import Survey, Variable
from analysis.errors import Problem, raise_all
from analysis.validate.messages import explain
from analysis.validate.rows import WaveRows
from analysis.validate.several import several_problems

_HEAVIEST = 1e12  # beyond, sums lose the other respondents
_NUMBER = r"^[+-]?[0-9]+({decimal}[0-9]+)?([eE][+-]?[0-9]+)?$"


def validate_raw(survey: Survey, wave: str, rows: WaveRows) -> None:
    """Check identifiers, weights, categories, numbers and columns that should hold nothing.

    Raises one :class:`BaroError` with every failure: file, row, column, value, remedy.
    """
    numbers = number_expressions(survey, wave, rows.decimal)
    frame = rows.frame.with_columns(**numbers)
    failures = _failures(_schema(survey, wave, frame), frame)
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
    if column and not (frame[_as_number(column)].fill_null(1.0) > 0).any():
        yield Problem(
            f"{shown}: column {column}",
            "the weights add up to 0",
            "a weight above 0 for somebody",
            "take the column of the weights: weight: in survey.yml; or equal where there is none",
        )


def number_expressions(survey: Survey, wave: str, decimal: str) -> dict[str, pl.Expr]:
    """The weight (where declared) and every numeric variable as Float64; null where no number.

    Of a date, the same as a Date.

    A text that is declared to be a kind of missing ("999") is no number.
    """
    weight = survey.spec.weight_column
    numbers = {_as_number(weight): _number(weight, decimal)} if weight else {}
    for name, v in survey.variables_in(wave).items():
        if v.numeric and v.column:
            declared = pl.col(v.column).is_in(list(survey.readings(name, wave)))
            day = pl.col(v.column).str.to_date(v.format, strict=False) if v.format else None
            number = _number(v.column, decimal) if day is None else day
            numbers[_as_number(name)] = pl.when(~declared).then(number)
    return numbers


def _number(column: str, decimal: str) -> pl.Expr:
    written = pl.col(column).str.contains(_NUMBER.format(decimal=re.escape(decimal)))
    number = pl.col(column).str.replace(decimal, ".", literal=True).cast(pl.Float64, strict=False)
    return pl.when(written & number.is_finite()).then(number)


def _as_number(name: str) -> str:
    return f"{name} as a number"


def _schema(survey: Survey, wave: str, frame: pl.DataFrame) -> pa.DataFrameSchema:
    spec = survey.spec
    columns = {
        spec.id: pa.Column(
            pl.String,
            [pa.Check.str_length(min_value=1, error="empty"), pa.Check.ne("NA", error="absent")],
            unique=True,
        ),
    }
    if spec.weight_column:
        bounds = [pa.Check.ge(0, error="negative"), pa.Check.le(_HEAVIEST, error="too large")]
        columns[_as_number(spec.weight_column)] = pa.Column(pl.Float64, bounds, nullable=False)
    asked = survey.variables_in(wave)
    for name, v in asked.items():
        if v.numeric and v.column:
            columns |= _numeric_columns(survey, wave, name, v)
        elif v.column:
            allowed = list(survey.readings(name, wave))
            check = pa.Check.isin(allowed, error=f"category {name}")
            columns[v.column] = pa.Column(pl.String, check)
    stated = {*asked, *survey.waves[wave].not_asked}  # what is not read may hold anything
    for name, v in spec.variables.items():
        if name not in stated and v.column in frame.columns and v.column not in columns:
            readings = survey.readings(name, wave)
            empty = [text for text, code in readings.items() if code == "not_asked"]
            columns[v.column] = pa.Column(
                pl.String, pa.Check.isin(empty, error=f"not asked {name}")
            )
    nothing = pa.Check.notin(["", "NA", *spec.missing.not_asked], error="design")
    for column in (c for c in (spec.design.strata, spec.design.clusters, spec.design.fpc) if c):
        read = columns[column].checks if column in columns else []  # by a variable, too
        columns[column] = pa.Column(pl.String, [*read, nothing])
    return pa.DataFrameSchema(columns)


def _numeric_columns(survey: Survey, wave: str, name: str, v: Variable) -> dict[str, pa.Column]:
    declared = list(survey.readings(name, wave))
    low, high = v.range or (-float("inf"), float("inf"))

    def readable(data: pa.PolarsData) -> pl.LazyFrame:
        number = pl.col(_as_number(name)).is_not_null()
        return data.lazyframe.select(number | pl.col(v.column).is_in(declared))

    column = pa.Column(pl.String, pa.Check(readable, error=f"number {name}"))
    if v.type == "date":
        return {v.column: column, _as_number(name): pa.Column(pl.Date, nullable=True)}
    in_range = pa.Check.in_range(low, high, error=f"range {name}")
    return {
        v.column: column,
        _as_number(name): pa.Column(pl.Float64, in_range, nullable=True),
    }


def _failures(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> pl.DataFrame:
    """Columns column, check, index (position in ``frame``); empty when all is well."""
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as e:
        cases: pl.DataFrame = e.failure_cases
        return cases.select("column", "check", "index")
    return pl.DataFrame(schema={"column": pl.String, "check": pl.String, "index": pl.Int32})
