"""SDMX-CSV 2.0 (of SDMX 3.0): the rows of the table with the names and codes of its structure."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Iterable

import polars as pl

import analysis
from analysis.definition import Survey
from analysis.estimates import SECRET
from analysis.opendata.codes import unit_name
from analysis.opendata.columns import CELL, COLUMNS
from analysis.opendata.delimited import csv_bytes

AGENCY = "BAROMETRE"
NOT_APPLICABLE = "_Z"
CODED = ("indicator", "category", "domain", "domain_value", "method", "status", "origin")
CONFIDENTIALITY = {
    "F": "Libre de diffusion",
    "N": "Non destiné à la publication",
    "C": "Secret statistique",
}
_YEAR = re.compile(r"[12]\d{3}")


def artefact(survey: Survey) -> str:
    """The dataflow and its structure: agency, id and version."""
    return f"{AGENCY}:{flow_id(survey)}({analysis.__version__})"


def flow_id(survey: Survey) -> str:
    """The id of the dataflow."""
    return sdmx_code(survey.id).upper()


def sdmx_code(code: str) -> str:
    """A code in the characters of SDMX, where it is one of them and no other.

    The dot of crossed groups is "@", any other sign its number between "$"; nothing is "_Z".
    """
    if not code:
        return NOT_APPLICABLE
    crossed = code.replace(".", "@")
    return re.sub(r"[^A-Za-z0-9_@-]", lambda m: f"${ord(m[0]):x}$", crossed)


def by_year(waves: Iterable[str]) -> bool:
    """Whether waves are years, and so periods of time; others are codes."""
    return all(_YEAR.fullmatch(w) for w in waves)


def wave_id(survey: Survey) -> str:
    """The dimension of the waves."""
    return "TIME_PERIOD" if by_year(survey.waves) else "WAVE"


def unit_code(unit: str) -> str:
    """The code of a unit: "heures_par_semaine"."""
    return sdmx_code(unit.replace(" ", "_"))


def dimensions(survey: Survey) -> dict[str, str]:
    """Column -> dimension, in the order of the structure."""
    keys = {c: COLUMNS[c].id for c in CELL if COLUMNS[c].role == "key" and c != "wave"}
    return keys | {"wave": wave_id(survey)}


def attributes() -> dict[str, str]:
    """Column -> attribute, in the order of the table."""
    others = (c for c in CELL if COLUMNS[c].role != "key" and c != "estimate")
    return {c: COLUMNS[c].id for c in others}


def sdmx_rows(survey: Survey, cells: pl.DataFrame) -> pl.DataFrame:
    """A row an observation: structure, action (replace), dimensions, value, attributes."""
    names = dimensions(survey) | {"estimate": COLUMNS["estimate"].id} | attributes()
    coded = [c for c in CODED if c in names] + (["wave"] if names["wave"] == "WAVE" else [])
    unit = {i: unit_code(unit_name(survey, i)) for i in cells["indicator"].unique()}
    withheld = (
        pl.when(pl.col("reason") == SECRET)
        .then(pl.lit("C"))
        .when(pl.col("status") == "Q")
        .then(pl.lit("N"))
        .otherwise(pl.lit("F"))
    )
    return cells.select(
        pl.lit("dataflow").alias("STRUCTURE"),
        pl.lit(artefact(survey)).alias("STRUCTURE_ID"),
        pl.lit("R").alias("ACTION"),
        *(_coded(cells, c, names[c]) if c in coded else pl.col(c).alias(names[c]) for c in names),
        withheld.alias("CONF_STATUS"),
        pl.col("indicator").replace_strict(unit, return_dtype=pl.String).alias("UNIT_MEASURE"),
    )


def _coded(cells: pl.DataFrame, column: str, name: str) -> pl.Expr:
    codes = {c: sdmx_code(c) for c in cells[column].drop_nulls().unique()}
    return pl.col(column).replace_strict(codes, return_dtype=pl.String).alias(name)


def sdmx_bytes(survey: Survey, cells: pl.DataFrame) -> bytes:
    """The message, compressed (it says its structure on each row) without a date."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as file:
        file.write(csv_bytes(sdmx_rows(survey, cells)))
    return out.getvalue()
