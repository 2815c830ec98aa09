"""A failed check in the words of a survey analyst."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from analysis.definition import Survey
from analysis.errors import Problem, nearest, quoted
from analysis.ingest import ROW
from analysis.validate.rows import WaveRows

_SHOWN_VALUES = 8


def explain(
    survey: Survey, wave: str, rows: WaveRows, column: str, check: str, found: pl.DataFrame
) -> Iterator[Problem]:
    """One problem a value that fails a check, the first eight values, with their first row.

    found : the failures of one check on one column, ``index`` being positions in ``rows``
    """
    raw = column.removesuffix(" as a number")
    raw = survey.spec.variables[raw].column if raw in survey.numeric else raw
    if found["index"].null_count():  # a check that could not run at all must not pass for passed
        found_here = f"the check {quoted(check)} could not run"
        yield Problem(f"{rows.file}: column {column}", found_here, "", "report a fault of baro")
        return
    bad = rows.frame[[int(i) for i in found["index"].drop_nulls()]]
    file_column = survey.waves[wave].rename.get(raw, raw)
    first = (pl.col(ROW).first(), pl.col(survey.spec.id).first().alias("who"))
    values = bad.group_by(raw, maintain_order=True).agg(pl.len(), *first)
    for value, count, row, who in values.head(_SHOWN_VALUES).rows():
        where = f"{rows.file}: row {row}, column {file_column}"
        problem = _named(survey, wave, where, raw, check, value, f" ({count} rows)" * (count > 1))
        yield replace(problem, row=row, respondent=who or "", column=file_column,
                      value=value or "", rule=check)  # fmt: skip
    if values.height > _SHOWN_VALUES:
        yield Problem(
            f"{rows.file}: column {file_column}",
            f"{values.height - _SHOWN_VALUES} more values fail the same check",
        )


def _named(
    survey: Survey, wave: str, where: str, column: str, check: str, text: str, again: str
) -> Problem:
    """The failure of one check: what was found, what was expected, what to type."""
    spec, value = survey.spec, quoted(text)
    if column == spec.id:
        repeated = "unique" in check or "duplicate" in check
        found = "is there more than once" if repeated else "is no identifier"
        return Problem(
            where,
            f"the identifier {value} {found}{again}",
            "one row a respondent",
            "remove the repeated row, or give each respondent an identifier",
        )
    if column == spec.weight_column:
        faults = {"negative": "is negative", "too large": "is too large for a weight"}
        fault = next((v for k, v in faults.items() if k in check), "is not a weight")
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
    return _named_answer(survey, wave, where, column, check, text, again)


def _named_answer(
    survey: Survey, wave: str, where: str, column: str, check: str, text: str, again: str
) -> Problem:
    """The same for the answer to a question."""
    value, name = quoted(text), _variable_of(survey, wave, column, check)
    declare = f"correct the file, or declare {value} under missing: of {name}"
    if check.startswith("not asked"):
        return Problem(
            where,
            f"{value}{again}, though {name} is not declared for {wave}",
            "NA",
            f"add {wave} to its waves:, or under filled: in waves/{wave}.yml write {name}: {value}",
        )
    if check.startswith("range"):
        low, high = survey.spec.variables[name].range or (0, 0)
        found = f"{value} is out of range for {name}{again}"
        return Problem(where, found, f"{low:g} to {high:g}", declare)
    if check.startswith("number") and name in survey.dates:
        form = survey.spec.variables[name].format
        return Problem(where, f"{value} is not a day{again}", f"a day written as {form}", declare)
    if check.startswith("number"):
        return Problem(where, f"{value} is not a number{again}", f"a number for {name}", declare)
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
