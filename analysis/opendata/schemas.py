"""Descriptions of the CSV files for programs: Table Schema (Frictionless) and CSVW (W3C)."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.definition import Survey
from analysis.opendata.codes import Code
from analysis.opendata.columns import CELL, CODE, WAVE, Column, described, having
from analysis.opendata.names import CODES, ESTIMATES, WAVES

_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
_FILES = {ESTIMATES: CELL, WAVES: WAVE, CODES: CODE}
_KEYS = {ESTIMATES: having("key"), WAVES: ("wave",), CODES: ("column", "within", "code")}
_MAY_BE_EMPTY = ("category", "within", "code")  # of the columns that tell rows apart
_LISTED = ("indicator", "domain", "method", "status", "origin")  # their codes need no other column
TABLES = tuple(_FILES)


def table_schema(file: str, title: str, codes: Sequence[Code]) -> dict[str, object]:
    """Columns with type, description and what they may hold; the key of the rows."""
    return {
        "$schema": _PROFILE,
        "title": title,
        "fields": [_field(c, _KEYS[file], codes) for c in described(_FILES[file])],
        "primaryKey": list(_KEYS[file]),
        "missingValues": [""],
    }


def _field(column: Column, key: Sequence[str], codes: Sequence[Code]) -> dict[str, object]:
    rules: dict[str, object] = {"required": True} if _required(column, key) else {}
    if column.name in _LISTED:
        rules["enum"] = [c.code for c in codes if c.column == column.name]
    if column.kind == "integer":
        rules["minimum"] = 0
    said = {"name": column.name, "type": column.kind, "title": column.title}
    return {**said, "description": column.text} | ({"constraints": rules} if rules else {})


def _required(column: Column, key: Sequence[str]) -> bool:
    return column.name in key and column.name not in _MAY_BE_EMPTY


def csvw(survey: Survey, title: str) -> dict[str, object]:
    """The three files as a group of tables; waves are those of the file of waves."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "fr"}],
        "dc:title": title,
        "dc:license": {"@id": survey.spec.licence.url},
        "dc:creator": survey.spec.licence.attribution,
        "dc:source": survey.spec.source,
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True,
                    "lineTerminators": ["\r\n"], "quoteChar": '"', "doubleQuote": True},
        "tables": [_table(file) for file in TABLES],
    }  # fmt: skip


def _table(file: str) -> dict[str, object]:
    key = _KEYS[file]
    schema: dict[str, object] = {
        "columns": [_column(c, key) for c in described(_FILES[file])],
        "primaryKey": list(key),
    }
    if file == ESTIMATES:
        refers = {"resource": WAVES, "columnReference": "wave"}
        schema["foreignKeys"] = [{"columnReference": "wave", "reference": refers}]
    return {"url": file, "tableSchema": schema}


def _column(column: Column, key: Sequence[str]) -> dict[str, object]:
    return {
        "name": column.name,
        "titles": column.name,
        "dc:title": column.title,
        "dc:description": column.text,
        "datatype": column.kind,
        "required": _required(column, key),
    }
