"""A wave's raw rows against its definition: a pandera schema made from it, every failure at once.

Two moments: :func:`validate_raw` before anything is computed, on texts; and
:func:`validate_universes` once answers have their meaning, on who was asked what.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandera.polars as pa

from analysis.definition import Survey, Variable
from analysis.definition.texts import clean_column
from analysis.errors import Problem, nearest, quoted, raise_all, refuse
from analysis.expressions import MISSING_KINDS, compile_expression, parse
from analysis.ingest import ROW

_NUMBER = r"^[+-]?[0-9]+({decimal}[0-9]+)?([eE][+-]?[0-9]+)?$"
_SHOWN_VALUES = 8


@dataclass(frozen=True)
class WaveRows:
    """The rows of one wave, cleaned texts, columns under the names of survey.yml.

    decimal : "." or ",", declared or detected in the weights
    """

    frame: pl.DataFrame
    file: str
    decimal: str


def wave_rows(survey: Survey, wave: str, raw: pl.DataFrame, shown: str) -> WaveRows:
    """Pick the wave's rows and the columns its definition speaks of.

    Raises :class:`analysis.errors.BaroError` naming every declared column that is missing.
    """
    w = survey.waves[wave]
    raise_all(_missing_columns(survey, wave, raw.columns, shown))
    named = {c: w.rename.get(c, c) for c in sorted(_declared_columns(survey))}
    named = {c: n for c, n in named.items() if n in set(raw.columns)}
    mine = pl.col(w.rows.column) == w.rows.value if w.rows else pl.lit(value=True)
    needed = dict.fromkeys([ROW, *named.values(), *([w.rows.column] if w.rows else [])])
    rows = raw.select(*needed).filter(mine)
    if rows.height == 0 and w.rows:
        raise refuse(
            shown,
            f'no row has {w.rows.column} = "{w.rows.value}"',
            f"the rows of {wave}",
            f"correct rows: in waves/{wave}.yml",
        )
    if w.size is not None and rows.height != w.size:
        raise refuse(
            shown,
            f"{rows.height} rows for the wave {wave}",
            f"{w.size}",
            f"the file is not whole; or correct size: in waves/{wave}.yml",
        )
    frame = rows.select(ROW, *(clean_column(n).alias(c) for c, n in named.items()))
    return WaveRows(frame, shown, _decimal(w.dialect.decimal, frame[survey.spec.weight]))


def validate_waves(survey: Survey, file: str, raw: pl.DataFrame) -> None:
    """Check that each row of a file belongs to a declared wave.

    Raises :class:`BaroError` naming the values of the wave column that no wave claims: a new
    wave in a cumulated file must not pass unseen.
    """
    claims = [w.rows for w in survey.waves.values() if w.file == file and w.rows]
    everything = any(w.file == file and w.rows is None for w in survey.waves.values())
    for column in () if everything else sorted({c.column for c in claims} & set(raw.columns)):
        known = [c.value for c in claims if c.column == column]
        counts = raw.filter(~pl.col(column).is_in(known)).get_column(column).value_counts()
        raise_all(
            Problem(
                f"{file}: column {column}",
                f"{count} rows have {quoted(value)}, which no wave claims",
                f"{column} in {', '.join(known)}",
                f"add surveys/{survey.id}/waves/{value}.yml with rows: "
                f'{{column: {column}, value: "{value}"}}',
            )
            for value, count in counts.sort(column).iter_rows()
        )


def validate_raw(survey: Survey, wave: str, rows: WaveRows) -> None:
    """Check identifiers, weights, categories, numbers and columns that should hold nothing.

    Raises one :class:`BaroError` with every failure: file, row, column, value, remedy.
    """
    numbers = number_expressions(survey, wave, rows.decimal)
    frame = rows.frame.with_columns(**numbers)
    failures = _failures(_schema(survey, wave, frame), frame)
    raise_all(
        problem
        for (column, check), found in failures.group_by("column", "check", maintain_order=True)
        for problem in _explain(survey, wave, rows, str(column), str(check), found)
    )


def number_expressions(survey: Survey, wave: str, decimal: str) -> dict[str, pl.Expr]:
    """The weight and every numeric variable as Float64; null where the text is no number.

    A text that is declared to be a kind of missing ("999") is no number.
    """
    numbers = {_as_number(survey.spec.weight): _number(survey.spec.weight, decimal)}
    for name, v in survey.variables_in(wave).items():
        if v.numeric:
            declared = pl.col(v.column).is_in(list(survey.readings(name, wave)))
            numbers[_as_number(name)] = pl.when(~declared).then(_number(v.column, decimal))
    return numbers


def _number(column: str, decimal: str) -> pl.Expr:
    written = pl.col(column).str.contains(_NUMBER.format(decimal=re.escape(decimal)))
    number = pl.col(column).str.replace(decimal, ".", literal=True).cast(pl.Float64, strict=False)
    return pl.when(written & number.is_finite()).then(number)


def _as_number(name: str) -> str:
    return f"{name} as a number"


def _declared_columns(survey: Survey) -> set[str]:
    d = survey.spec.design
    design = {c for c in (d.strata, d.clusters, d.fpc) if c}
    return (
        {v.column for v in survey.spec.variables.values() if v.column}
        | design
        | {survey.spec.id, survey.spec.weight}
    )


def _missing_columns(
    survey: Survey, wave: str, present: list[str], shown: str
) -> Iterator[Problem]:
    w, d = survey.waves[wave], survey.spec.design
    needed = [survey.spec.id, survey.spec.weight, *(c for c in (d.strata, d.clusters, d.fpc) if c)]
    needed += [v.column for v in survey.variables_in(wave).values() if v.column]
    remedies = {
        w.rename.get(c, c): f"under rename: in waves/{wave}.yml, write {c}: <its name in the file>"
        for c in needed
    }
    if w.rows:
        remedies.setdefault(w.rows.column, f"correct rows: in waves/{wave}.yml")
    for name, remedy in remedies.items():
        if name not in present:
            where = f"{shown}: wave {wave}"
            found = f"the column {quoted(name)} is missing"
            yield Problem(where, found, nearest(name, present), remedy)


def _decimal(declared: str, weights: pl.Series) -> str:
    if declared != "auto":
        return declared
    return "," if weights.str.contains(r"^\d+,\d+$").any() else "."


def _schema(survey: Survey, wave: str, frame: pl.DataFrame) -> pa.DataFrameSchema:
    spec = survey.spec
    weight = _as_number(spec.weight)
    columns = {
        spec.id: pa.Column(
            pl.String,
            [pa.Check.str_length(min_value=1, error="empty"), pa.Check.ne("NA", error="absent")],
            unique=True,
        ),
        weight: pa.Column(pl.Float64, pa.Check.ge(0, error="negative"), nullable=False),
    }
    asked = survey.variables_in(wave)
    for name, v in asked.items():
        if v.numeric:
            columns |= _numeric_columns(survey, wave, name, v)
        elif v.column:
            allowed = list(survey.readings(name, wave))
            check = pa.Check.isin(allowed, error=f"category {name}")
            columns[v.column] = pa.Column(pl.String, check)
    for name, v in spec.variables.items():
        if name not in asked and v.column in frame.columns and v.column not in columns:
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

    in_range = pa.Check.in_range(low, high, error=f"range {name}")
    return {
        v.column: pa.Column(pl.String, pa.Check(readable, error=f"number {name}")),
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


def _explain(
    survey: Survey, wave: str, rows: WaveRows, column: str, check: str, found: pl.DataFrame
) -> Iterator[Problem]:
    raw = column.removesuffix(" as a number")
    raw = survey.spec.variables[raw].column if raw in survey.numeric else raw
    if found["index"].null_count():  # a check that could not run at all must not pass for passed
        found_here = f"the check {quoted(check)} could not run"
        yield Problem(f"{rows.file}: column {column}", found_here, "", "report a fault of baro")
        return
    bad = rows.frame[[int(i) for i in found["index"].drop_nulls()]]
    file_column = survey.waves[wave].rename.get(raw, raw)
    values = bad.group_by(raw, maintain_order=True).agg(pl.len(), first=pl.col(ROW).first())
    for value, count, row in values.head(_SHOWN_VALUES).iter_rows():
        where = f"{rows.file}: row {row}, column {file_column}"
        yield _named(survey, wave, where, raw, check, value, f" ({count} rows)" * (count > 1))
    if values.height > _SHOWN_VALUES:
        yield Problem(
            f"{rows.file}: column {file_column}",
            f"{values.height - _SHOWN_VALUES} more values fail the same check",
        )


def _named(
    survey: Survey, wave: str, where: str, column: str, check: str, text: str, again: str
) -> Problem:
    """The failure of one check in the words of a survey analyst."""
    spec, value = survey.spec, quoted(text)
    if column == spec.id:
        found = (
            "is there more than once"
            if "unique" in check or "duplicate" in check
            else "is no identifier"
        )
        return Problem(
            where,
            f"the identifier {value} {found}{again}",
            "one row a respondent",
            "remove the repeated row, or give each respondent an identifier",
        )
    if column == spec.weight:
        fault = "is negative" if "negative" in check else "is not a weight"
        return Problem(
            where,
            f"{value} {fault}{again}",
            "a number, 0 or more",
            "correct the weight in the file, or leave the respondent out of it",
        )
    if check == "design":
        return Problem(
            where,
            f"{value} where the design needs a value{again}",
            "a stratum, a PSU, a population count for everybody",
            "complete the column in the file",
        )
    name = _variable_of(survey, wave, column, check)
    if check.startswith("not asked"):
        return Problem(
            where,
            f"{value}{again}, though {name} is not declared for {wave}",
            "NA",
            f"add {wave} to its waves:, or under filled: in waves/{wave}.yml write {name}: {value}",
        )
    if check.startswith("range"):
        low, high = spec.variables[name].range or (0, 0)
        return Problem(
            where,
            f"{value} is out of range for {name}{again}",
            f"{low:g} to {high:g}",
            f"correct the file, or declare {value} under missing: of {name}",
        )
    if check.startswith("number"):
        return Problem(
            where,
            f"{value} is not a number{again}",
            f"a number for {name}",
            f"correct the file, or declare {value} under missing: of {name}",
        )
    return Problem(
        where,
        f"{value} has no category in {name}{again}",
        nearest(text, survey.readings(name, wave)),
        f"under recode: in waves/{wave}.yml write {name}: {{{value}: <category>}}",
    )


def _variable_of(survey: Survey, wave: str, column: str, check: str) -> str:
    last = check.split(" ")[-1]
    if last in survey.spec.variables:
        return last
    asked = survey.variables_in(wave)
    return next((k for k, v in asked.items() if v.column == column), column)


def validate_universes(survey: Survey, wave: str, frame: pl.DataFrame, shown: str) -> None:
    """Check that those asked, and only those, have an answer.

    frame : the harmonised rows, with ``ROW``. Inside its universe a variable without a
    declared ``skipped`` may not be "not asked"; outside it may not hold an answer.
    """
    problems: list[Problem] = []
    for name, v in survey.variables_in(wave).items():
        if v.type == "derived":
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
        return [
            Problem(
                where,
                f"{bad.height} rows have no value though {universe} were asked {name}",
                "an answer, or a declared filter",
                f"declare skipped: (why) or the universe of {name} for {wave}",
            )
        ]
    return [
        Problem(
            where,
            f"{bad.height} rows answer {name} outside its universe {universe}",
            "NA",
            f"correct universe: of {name} for {wave} in survey.yml",
        )
    ]


__all__ = [
    "MISSING_KINDS",
    "WaveRows",
    "kind_column",
    "kind_expression",
    "number_expressions",
    "population_expression",
    "unasked_expressions",
    "universe_expression",
    "validate_raw",
    "validate_universes",
    "validate_waves",
    "wave_rows",
]
