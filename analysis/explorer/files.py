"""The files of the explorer: scripts that hand one value to the page and do nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from analysis.briefing.book import Book
from analysis.definition import Survey
from analysis.errors import refuse
from analysis.explorer.cells import IndicatorCells
from analysis.explorer.index import index
from analysis.wording import Estimate, estimates, file_size

FOLDER = "explorer"
_NAME = re.compile(r"\w{1,100}")


def write_explorer(survey: Survey, table: pl.DataFrame, folder: Path) -> list[Path]:
    """Write ``explorer/<survey>/<indicator>.js`` below ``folder``.

    table : the published table. The CSV files of the indicators are in ``folder`` already, for
    their sizes. The same table gives the same bytes.
    Raises :class:`analysis.errors.BaroError` for a code that cannot be the name of a file.
    """
    book, made = Book(survey, table), dict[str, str]()
    for indicator, cells in _by_indicator(book).items():
        key = f"{_named(book.survey.id)}/{_named(indicator)}"
        size = (folder / f"{indicator}.csv").stat().st_size
        content = IndicatorCells(book, indicator, cells).data()
        made[key] = script(key, {**content, "size": file_size(size)})
    return _written(made, folder)


def write_explorer_index(tables: Sequence[tuple[Survey, pl.DataFrame]], folder: Path) -> list[Path]:
    """Write ``explorer/index.js``: what there is in all surveys."""
    books = [Book(survey, table) for survey, table in tables]
    return _written({"index": script("index", index(books))}, folder)


def write_explorer_words(books: Sequence[Book], donnees: Path, folder: Path) -> list[Path]:
    """Write what the explorer of another language needs beside the files above, in that language.

    books : translations, with the definitions themselves ; donnees : where the CSV files are
    Numbers stand in the French files alone; the page loads both.
    """
    made = {"index": script("index", index(books))}
    for book in books:
        french = Book(book.filed, book.table)
        for indicator, cells in _by_indicator(book).items():
            key = f"{_named(book.survey.id)}/{_named(indicator)}"
            size = (donnees / f"{indicator}.csv").stat().st_size
            said = IndicatorCells(book, indicator, cells).words(
                IndicatorCells(french, indicator, cells)
            )
            made[key] = script(key, {**said, "size": file_size(size)})
    return _written(made, folder)


def _written(scripts: Mapping[str, str], folder: Path) -> list[Path]:
    for name, text in scripts.items():
        path = folder / FOLDER / f"{name}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return [folder / FOLDER / f"{name}.js" for name in scripts]


def _by_indicator(book: Book) -> dict[str, tuple[Estimate, ...]]:
    found: dict[str, list[Estimate]] = {}
    for cell in estimates(book.table):
        found.setdefault(cell.indicator, []).append(cell)
    return {name: tuple(cells) for name, cells in found.items()}


def _named(code: str) -> str:
    if _NAME.fullmatch(code) is None:
        raise refuse("explorer", f'the code "{code}" cannot be the name of a file',
                     "letters, digits and _, 100 at most", "rename it in survey.yml")  # fmt: skip
    return code


def script(key: str, value: object) -> str:
    """A script that gives ``value`` to the page under ``key``.

    What could end a script element or a line of JavaScript is escaped, so that a label is never
    more than a text wherever the file is put.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f"baroExplorer({json.dumps(key)},{text});\n"
