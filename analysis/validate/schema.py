"""The pandera schema of a definition. Imported late: it brings pandera, which brings pandas."""

from __future__ import annotations

import warnings

import polars as pl

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandera.polars as pa

from analysis.definition import Survey, Variable
from analysis.validate.numbers import as_number

_HEAVIEST = 1e12  # beyond, sums lose the other respondents


def failing(survey: Survey, wave: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Columns column, check, index (position in ``frame``); empty when all is well."""
    try:
        _schema(survey, wave, frame).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as e:
        cases: pl.DataFrame = e.failure_cases
        return cases.select("column", "check", "index")
    return pl.DataFrame(schema={"column": pl.String, "check": pl.String, "index": pl.Int32})


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
        columns[as_number(spec.weight_column)] = pa.Column(pl.Float64, bounds, nullable=False)
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
        number = pl.col(as_number(name)).is_not_null()
        return data.lazyframe.select(number | pl.col(v.column).is_in(declared))

    column = pa.Column(pl.String, pa.Check(readable, error=f"number {name}"))
    if v.type == "date":
        return {v.column: column, as_number(name): pa.Column(pl.Date, nullable=True)}
    in_range = pa.Check.in_range(low, high, error=f"range {name}")
    return {
        v.column: column,
        as_number(name): pa.Column(pl.Float64, in_range, nullable=True),
    }
