"""What every reader returns, and the checks that all of them share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from analysis.errors import Problem, quoted, raise_all, refuse

MAX_COLUMNS = 32_767  # the most that Stata/SE and most exports hold
MAX_CELLS = 1 << 28
MAX_TEXTS = 4 << 30  # bytes, each text counted as often as a cell holds it
ROW = "row of the file"  # no raw column is named like this: it holds blanks and is ours


@dataclass(frozen=True)
class RawFile:
    """A raw file as text.

    frame : every column as String, and ``ROW``, the row's number (the header is row 1)
    encoding, separator : how a text file was read; empty for other formats
    detected : what was not declared but found, as sentences to show
    labels : column -> its label, where the format keeps one
    unequal : row -> its number of fields, where it is not the header's (only if forgiven)
    """

    frame: pl.DataFrame
    encoding: str
    separator: str
    detected: tuple[str, ...]
    labels: dict[str, str] = field(default_factory=dict)
    unequal: dict[int, int] = field(default_factory=dict)


def refuse_width(columns: int, shown: str) -> None:
    """Refuse more columns than any file of a survey has."""
    if columns > MAX_COLUMNS:
        raise refuse(
            f"{shown}: row 1",
            f"{columns} columns",
            f"{MAX_COLUMNS} at most",
            "one line a respondent: the file may be turned on its side, or have lost its lines",
        )


def refuse_cells(rows: int, columns: int, shown: str) -> None:
    """Refuse a table that a small file describes and no memory holds."""
    if rows * max(columns, 1) > MAX_CELLS:
        raise refuse(
            shown,
            f"{rows} rows of {columns} columns",
            f"{MAX_CELLS} cells at most",
            "export the columns that are needed, or save the file anew if it is not so large",
        )


def refuse_texts(size: int, shown: str) -> None:
    """Refuse texts that a file holds once and a table many times."""
    if size > MAX_TEXTS:
        raise refuse(
            shown,
            f"texts of more than {MAX_TEXTS >> 30} GiB, most of them the same",
            "answers",
            "export the columns that are needed, or save the file anew as CSV if you trust it",
        )


def check_names(names: Sequence[str], shown: str) -> None:
    """Refuse columns without a name, with the same name, or with ours."""
    refuse_width(len(names), shown)
    problems = [
        Problem(
            f"{shown}: row 1",
            f"the column {quoted(name)} is there {count} times",
            "each name once",
            "rename one of them in the file",
        )
        for name, count in Counter(names).items()
        if count > 1
    ]
    problems += [
        Problem(f"{shown}: row 1", f"column {i} has no name", "a name", "name it in the file")
        for i, name in enumerate(names, 1)
        if not name.strip()
    ]
    if ROW in names:
        expected = "another name: this one counts the rows"
        problems.append(Problem(f"{shown}: row 1", f'the column "{ROW}"', expected, "rename it"))
    raise_all(problems)


def text_frame(names: Sequence[str], columns: Iterable[pl.Series], shown: str) -> pl.DataFrame:
    """Text columns under their names with ``ROW`` before them; nulls are blanks."""
    check_names(list(names), shown)
    frame = pl.DataFrame([s.alias(n) for n, s in zip(names, columns, strict=True)])
    if frame.height == 0:
        raise refuse(shown, "columns and no row", "respondents", "export the file again")
    return number_rows(frame.with_columns(pl.all().cast(pl.String).fill_null("")))


def number_rows(frame: pl.DataFrame, first: int = 2) -> pl.DataFrame:
    """``frame`` with ``ROW`` before its columns."""
    return frame.with_row_index(ROW, offset=first).with_columns(pl.col(ROW).cast(pl.Int64))


def number_text(value: float) -> str:
    """A number as it is typed: no ``.0``, no digits that binary floats add."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.15g}"
