"""The open data package of a survey: one table, in the formats that programs read.

Everything is made from the table of estimates, rounded as it is published; what columns and codes
mean is said once (:mod:`analysis.opendata.columns`, :mod:`analysis.opendata.codes`) and told in
each format.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import analysis
from analysis.definition import Survey
from analysis.opendata import names
from analysis.opendata.codes import Code, codes
from analysis.opendata.columns import described
from analysis.opendata.dcat import notice
from analysis.opendata.delimited import code_rows, csv_bytes
from analysis.opendata.package import package, resource, resources
from analysis.opendata.rows import cell_rows, wave_rows, whole_rows
from analysis.opendata.schemas import csvw, table_schema
from analysis.opendata.sdmx import sdmx_bytes
from analysis.opendata.structure import structure_bytes
from analysis.opendata.terms import citation_file, licence_text
from analysis.tables.workbook_text import citation
from analysis.wording import estimates
from analysis.wording.citation import Citation

__all__ = ["describe_files", "write_open_data", "write_open_tables"]


@dataclass(frozen=True, slots=True)
class OpenTables:
    """What the files of the open table were written from: how they are cited, and their codes."""

    cited: Citation
    codes: tuple[Code, ...]


def write_open_data(survey: Survey, table: pl.DataFrame, folder: Path) -> tuple[Path, ...]:
    """Write ``<survey>/`` below the folder of downloads, then what describes the survey's files.

    The other files of the survey are already there. The same table gives the same bytes.
    """
    describe_files(survey, write_open_tables(survey, table, folder), folder)
    return tuple(sorted((folder / survey.id).iterdir()))


def write_open_tables(survey: Survey, table: pl.DataFrame, folder: Path) -> OpenTables:
    """Write the open table in its formats, with what is said of it alone."""
    own = folder / survey.id
    own.mkdir(parents=True, exist_ok=True)
    rows, cited = whole_rows(table), citation(survey, estimates(table), analysis.__version__)
    known = codes(survey, rows)
    for name, content in _contents(survey, rows, known, cited).items():
        (own / name).write_bytes(content)
    _write_parquet(rows, cited, own / names.PARQUET)
    return OpenTables(cited, known)


def describe_files(survey: Survey, made: OpenTables, folder: Path) -> None:
    """Write what tells the size and the hash of each file of the survey, all of which are there."""
    files = resources(survey, made.cited, made.codes, folder)
    described_by = names.package_name(survey)
    (folder / described_by).write_bytes(_json(package(survey, made.cited, files)))
    files.append(resource(folder, described_by, "Data Package"))
    (folder / survey.id / names.DCAT).write_bytes(_json(notice(survey, made.cited, files)))


def _contents(
    survey: Survey, rows: pl.DataFrame, known: tuple[Code, ...], cited: Citation
) -> dict[str, bytes]:
    """The files of the folder that do not tell of others."""
    cells = cell_rows(rows)
    return {
        names.ESTIMATES: csv_bytes(cells),
        names.WAVES: csv_bytes(wave_rows(survey, rows)),
        names.CODES: csv_bytes(code_rows(known)),
        names.CSVW: _json(csvw(survey, cited.title)),
        names.SCHEMA_FILE: _json(table_schema(names.ESTIMATES, cited.title, known)),
        names.SDMX: sdmx_bytes(survey, cells),
        names.STRUCTURE: structure_bytes(survey, cited.title, known),
        names.LICENCE: licence_text(survey, cited).encode(),
        names.CITATION: citation_file(survey, cited).encode(),
    }


def _json(said: object) -> bytes:
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def _write_parquet(rows: pl.DataFrame, cited: Citation, path: Path) -> None:
    """The whole table; what it is and what its columns hold are in the metadata of the file."""
    licence = cited.survey.spec.licence
    said = {
        "title": cited.title,
        "citation": cited.text(),
        "license": f"{licence.name}, {licence.url}",
        "attribution": licence.attribution,
    } | {f"column.{c.name}": c.text for c in described(rows.columns)}
    rows.write_parquet(path, compression="zstd", metadata=said)
