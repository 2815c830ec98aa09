"""estimates.csv, waves.csv and codes.csv: RFC 4180, UTF-8, comma, decimal point, CRLF."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple

import polars as pl

from analysis.opendata.codes import Code
from analysis.opendata.columns import CODE
from analysis.spreadsheets import neutral


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as CSV; an empty text and nothing are both an empty cell.

    Texts are on one line, with an apostrophe before what a spreadsheet would run.
    """
    texts = [c for c, t in frame.schema.items() if t == pl.String]
    ready = frame.with_columns(_safe(frame[c]) for c in texts)
    return ready.write_csv(line_terminator="\r\n").encode()


def _safe(column: pl.Series) -> pl.Series:
    """The texts of a column as cells, each distinct one looked at once."""
    known = {text: neutral(text) or None for text in column.unique() if text is not None}
    return column.replace_strict(known, default=None, return_dtype=pl.String)


def code_rows(codes: Iterable[Code]) -> pl.DataFrame:
    """Codes as a frame."""
    return pl.DataFrame([astuple(c) for c in codes], dict.fromkeys(CODE, pl.String()), orient="row")
