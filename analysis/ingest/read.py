"""What kind of file it is, and which reader reads it."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Container
from pathlib import Path

from analysis.definition.models import Dialect
from analysis.errors import refuse
from analysis.ingest.limesurvey import as_limesurvey
from analysis.ingest.packed import is_workbook, unpacked
from analysis.ingest.raw import RawFile
from analysis.ingest.statistical import read_statistical, statistical_family
from analysis.ingest.tables import read_parquet, read_workbook
from analysis.ingest.text import read_text

_COMPANIONS = (".sas7bcat", ".lss")  # labels that a format keeps in a file of their own
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_raw(
    path: Path, dialect: Dialect, shown: str, forgiven: Container[int] | None = frozenset()
) -> RawFile:
    """Read a file of respondents: CSV, Parquet, Excel, SPSS, Stata, SAS, a LimeSurvey export.

    Value labels take the place of their codes. gzip and zip are opened.
    forgiven : rows of a text file that may have too few or too many fields; None: every row

    Raises :class:`analysis.errors.BaroError` naming the file and the row for a missing,
    truncated, empty or wrongly encoded file, unequal rows and repeated column names.
    """
    content = unpacked(path, shown)
    labels = {p.suffix: p for p in companions(path)}
    raw = _read(content, dialect, shown, labels.get(".sas7bcat"), forgiven)
    return as_limesurvey(raw, labels.get(".lss"), shown)


def companions(path: Path) -> tuple[Path, ...]:
    """The files of the same name that hold labels: a SAS catalogue, a LimeSurvey structure."""
    stem = path.name.removesuffix(".gz").removesuffix(".zip").rsplit(".", 1)[0]
    here = (path.with_name(stem + suffix) for suffix in _COMPANIONS)
    return tuple(p for p in here if p.is_file() and p != path)


def _read(
    content: bytes,
    dialect: Dialect,
    shown: str,
    catalogue: Path | None,
    forgiven: Container[int] | None,
) -> RawFile:
    family = statistical_family(content)
    if family:
        return read_statistical(content, family, shown, catalogue)
    if content.startswith(b"PAR1"):
        return read_parquet(content, shown)
    try:
        if content.startswith(_OLD_EXCEL) or is_workbook(content):
            return read_workbook(content, shown)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as e:
        raise refuse(shown, f"a damaged workbook ({e})", "", "save it anew") from e
    return read_text(content, dialect, shown, forgiven)
