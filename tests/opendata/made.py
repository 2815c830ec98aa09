"""The open data package of a small survey, in a folder as the site has it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analysis.definition import Survey
from analysis.opendata import write_open_data
from analysis.tables.delimited import write_downloads
from tests.sample import survey, table


def package_of(folder: Path, of: Survey | None = None, rows: pl.DataFrame | None = None) -> Path:
    """Write everything but the dictionary; the folder of the open files."""
    known = of or survey()
    data = table() if rows is None else rows
    write_downloads(data, known, folder)
    write_open_data(known, data, folder)
    return folder / known.id
