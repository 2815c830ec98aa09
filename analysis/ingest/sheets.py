"""How far the cells of a workbook reach, told without opening it.

A reader of workbooks makes a full table up to the last cell: one stray cell in the last corner
of a sheet asks for seventeen thousand million.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from functools import reduce

from analysis.ingest.raw import refuse_cells

_SHEET = re.compile(r"xl/worksheets/[^/]*\.xml")
_CELL = re.compile(rb'\br="([A-Z]{0,3})([0-9]{1,7})"')
_PIECE, _LAP = 1 << 20, 64


def refuse_spread(content: bytes, shown: str) -> None:
    """Refuse a workbook, of Excel since 2007, whose cells reach too far."""
    if not content.startswith(b"PK"):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if _SHEET.fullmatch(name):
                rows, columns = _reach(archive, name)
                refuse_cells(rows, columns, f"{shown}: {name.rsplit('/', 1)[-1]}")


def _reach(archive: zipfile.ZipFile, name: str) -> tuple[int, int]:
    """The last row and the last column that hold a cell."""
    rows = columns = 0
    for piece in _pieces(archive, name):
        for letters, number in _CELL.findall(piece):
            rows = max(rows, int(number))
            columns = max(columns, reduce(lambda n, x: 26 * n + x - 64, letters, 0))
    return rows, columns


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The sheet in pieces that lap over each other by more than a cell's name."""
    end = b""
    with archive.open(name) as f:
        while piece := f.read(_PIECE):
            yield end + piece
            end = piece[-_LAP:]
