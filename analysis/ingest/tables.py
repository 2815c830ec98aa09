"""Parquet files and Excel workbooks."""

from __future__ import annotations

import io

import polars as pl

from analysis.errors import refuse
from analysis.ingest.raw import RawFile, number_text, refuse_cells, refuse_texts, text_frame
from analysis.ingest.sheets import refuse_spread


def read_parquet(content: bytes, shown: str) -> RawFile:
    """A Parquet file; nested columns are refused by name."""
    try:
        lazy = pl.scan_parquet(io.BytesIO(content))
        rows = int(lazy.select(pl.len()).collect().item())
        refuse_cells(rows, len(lazy.collect_schema()), shown)
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as e:
        found = f"not readable as Parquet: {str(e).splitlines()[0]}"
        raise refuse(shown, found, "", "export the file again") from e
    nested = [n for n, t in frame.schema.items() if t.is_nested() or t == pl.Binary]
    if nested:
        raise refuse(shown, f"the column {nested[0]} holds {frame.schema[nested[0]]}",
                     "texts, numbers, dates", "leave the column out")  # fmt: skip
    lengths = frame.select(pl.col(pl.String).str.len_bytes().cast(pl.Int64).sum())
    refuse_texts(sum(map(int, lengths.row(0))) if lengths.width else 0, shown)
    columns = (_as_text(frame[name]) for name in frame.columns)
    return RawFile(text_frame(frame.columns, columns, shown), "", "", (f"{shown}: Parquet",))


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype.is_float():
        texts = [None if x is None or x != x else number_text(x) for x in column.to_list()]
        return pl.Series(texts, dtype=pl.String)
    return column.cast(pl.String)


def read_workbook(content: bytes, shown: str) -> RawFile:
    """The first sheet of a workbook that holds rows; its first row is the header."""
    import fastexcel

    refuse_spread(content, shown)
    try:
        book = fastexcel.read_excel(content)
        sheets = {
            name: book.load_sheet(name, header_row=None, dtypes="string").to_polars()
            for name in book.sheet_names
        }
    except (fastexcel.FastExcelError, ValueError, OSError) as e:
        found = f"not readable as a workbook: {str(e).splitlines()[0]}"
        raise refuse(shown, found, "", "save it anew, or as CSV") from e
    filled = {name: sheet for name, sheet in sheets.items() if sheet.height > 1}
    if not filled:
        raise refuse(shown, "no sheet holds a header and rows", "respondents", "check the file")
    name, sheet = next(iter(filled.items()))
    others = ", ".join(n for n in filled if n != name)
    found = f"{shown}: workbook, sheet {name!r}" + (f"; not read: {others}" if others else "")
    header = ["" if x is None else str(x).strip() for x in sheet.row(0)]
    while header and not header[-1] and sheet[sheet.columns[len(header) - 1]].is_null().all():
        header.pop()  # columns that were formatted and never filled
    columns = (sheet[c][1:] for c in sheet.columns[: len(header)])
    return RawFile(text_frame(header, columns, shown), "", "", (found,))
