"""What a workbook will take in memory, told without opening it.

A reader of workbooks makes a full table up to the last cell: one stray cell in the last corner
of a sheet asks for seventeen thousand million. It also copies a text into each cell that names it:
a workbook of 100 kB, whose twenty thousand cells name one long text, asks for twenty gigabytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from copy import copy
from functools import reduce

from analysis.errors import refuse
from analysis.ingest.packed import refuse_length
from analysis.ingest.raw import MAX_TEXTS, refuse_cells, refuse_texts

_CELL = re.compile(rb'\br="([A-Z]{0,3})([0-9]{1,7})"')
_SHARED = re.compile(rb'<(?:\w+:)?c\b[^>]*\bt="s"[^>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})')
_TEXT_ENDS = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")
_TEXTS, _BINARY = "xl/sharedstrings.xml", "xl/workbook.bin"
_PIECE, _LAP = 1 << 20, 4096
_LONGEST = 1 << 20  # of a text with its markup; Excel holds 32,767 characters


def refuse_spread(content: bytes, shown: str) -> None:
    """Refuse a workbook, of Excel since 2007, whose cells reach too far or hold too much.

    A part of the workbook is a sheet wherever it stands in the archive, if it holds cells.
    """
    if not content.startswith(b"PK"):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        refuse_length(sum(i.file_size for i in archive.infolist()), len(content), shown)
        parts = {name: name.replace("\\", "/").lower() for name in archive.namelist()}
        if _BINARY in parts.values():
            raise refuse(shown, "a workbook of the binary kind (xlsb)", "a workbook, or CSV",
                         "save it as .xlsx, or as CSV")  # fmt: skip
        lengths = [n for p in parts if parts[p] == _TEXTS for n in _lengths(archive, p, shown)]
        for name in (p for p in parts if parts[p] != _TEXTS):
            where = f"{shown}: {name.rsplit('/', 1)[-1]}"
            rows, columns = _reach(archive, name)
            refuse_cells(rows, columns, where)
            refuse_texts(_copied(archive, name, lengths), where)


def _reach(archive: zipfile.ZipFile, name: str) -> tuple[int, int]:
    """The last row and the last column that hold a cell."""
    rows = columns = 0
    for piece in _pieces(archive, name):
        for letters, number in _CELL.findall(piece):
            rows = max(rows, int(number))
            columns = max(columns, reduce(lambda n, x: 26 * n + x - 64, letters, 0))
    return rows, columns


def _lengths(archive: zipfile.ZipFile, name: str, shown: str) -> Iterator[int]:
    """The length of each text that cells may name, its markup counted."""
    read = since = 0
    for piece in _pieces(archive, name, lap=0):
        for end in _TEXT_ENDS.finditer(piece):
            yield read + end.end() - since
            since = read + end.end()
        read += len(piece)
        if read - since > _LONGEST:
            raise refuse(shown, f"a text of more than {_LONGEST >> 20} MiB in a cell",
                         "32767 characters at most", "save it anew, or as CSV")  # fmt: skip


def _copied(archive: zipfile.ZipFile, name: str, lengths: Sequence[int]) -> int:
    """What the texts of a sheet take, each as often as it is named; no further than the bound."""
    total, open_ = 0, b""
    for piece in _pieces(archive, name, lap=0):
        text, done = open_ + piece, 0
        for cell in _SHARED.finditer(text):
            place, done = int(cell[1]), cell.end()
            total += lengths[place] if place < len(lengths) else 0
        if total > MAX_TEXTS:
            break
        open_ = text[max(done, len(text) - _LAP) :]
    return total


def _pieces(archive: zipfile.ZipFile, name: str, lap: int = _LAP) -> Iterator[bytes]:
    """A part in pieces that lap over each other by more than a cell's name.

    A part that is longer than the archive says was not counted when its size was looked at.
    """
    part, end, read = copy(archive.getinfo(name)), b"", 0
    said, part.file_size = part.file_size, part.file_size + _PIECE
    with archive.open(part) as f:
        while piece := f.read(_PIECE):
            read += len(piece)
            if read > said:
                raise zipfile.BadZipFile(f"{name} is longer than the archive says")
            yield end + piece
            end = piece[-lap:] if lap else b""
