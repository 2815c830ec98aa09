"""The bytes of a file, out of gzip or zip, bounded: a small archive can hold a huge file."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import Path
from typing import IO

from analysis.errors import BaroError, refuse
from analysis.ingest.foreign import refuse_foreign
from analysis.ingest.statistical import statistical_family

MAX_BYTES = 4 << 30
MAX_ROW = 4 << 20
MAX_RATIO = 200  # of surveys: 15 to 60; of a file made to exhaust memory: 1000
_UNSUSPECTED = 64 << 20
_PIECE = 1 << 20
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_EXCEL = "[Content_Types].xml"
_NOT_LINES = (b"PAR1", b"\xd0\xcf\x11\xe0")  # Parquet, the old Excel


def unpacked(path: Path, shown: str) -> bytes:
    """The content of a file, of a gzip file, or of the one file of a zip archive.

    No name inside an archive is used. Raises :class:`analysis.errors.BaroError` for a missing,
    damaged, empty, encrypted or endless file, and for an archive of several files; what is too
    long is refused while it is read, before it fills the memory.
    """
    try:
        _refuse_place(path, shown)
        with path.open("rb") as f:
            start = f.read(4)
        if start.startswith(_ZIP):
            content = _unzipped(path, shown)
        else:
            opener = gzip.open if start.startswith(_GZIP) else Path.open
            with opener(path, "rb") as f:
                content = _read(f, path.stat().st_size, shown)
    except FileNotFoundError as e:
        raise refuse(shown, "the file is not there", "", "run: baro data") from e
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as e:
        kind = "zip" if start.startswith(_ZIP) else "gzip"
        raise refuse(
            shown,
            f"the compressed file is damaged or cut short ({e})",
            f"a whole {kind} file",
            "download it again: baro data get",
        ) from e
    except OSError as e:
        raise refuse(shown, f"cannot be read: {e.strerror or e}", "", "check the file") from e
    if not content.strip():
        raise refuse(shown, "the file is empty", "a header and rows", "download it again")
    refuse_foreign(content, shown)
    return content


def _refuse_place(path: Path, shown: str) -> None:
    """Refuse what would be read without end, and what is too long by its size alone."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise refuse(shown, "a device or a pipe, no file", "a file", "name the file itself")
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        raise _too_long(shown)


def _too_long(shown: str) -> BaroError:
    return refuse(shown, f"more than {MAX_BYTES >> 30} GiB", "a smaller file", "split it")


def _read(f: IO[bytes] | gzip.GzipFile, size: int, shown: str) -> bytes:
    """The whole of an open file, piece by piece; ``size`` is what it takes on the disk."""
    out, row, open_ = io.BytesIO(), 1, 0
    while piece := f.read(_PIECE):
        out.write(piece)
        refuse_length(out.tell(), size, shown)
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        row += piece.count(b"\n")
        open_ = len(piece) - end - 1 if end >= 0 else open_ + len(piece)
        if open_ > MAX_ROW and _in_lines(out.getbuffer()[:32].tobytes()):
            raise refuse(
                f"{shown}: row {row}",
                f"the row is longer than {MAX_ROW >> 20} MiB",
                "one line a respondent",
                "the file is damaged, or has no ends of lines: download or save it anew",
            )
    return out.getvalue()


def refuse_length(length: int, size: int, shown: str) -> None:
    """Refuse what is too long, or takes far more than ``size``, its place on the disk."""
    if length > MAX_BYTES:
        raise _too_long(shown)
    if length > max(_UNSUSPECTED, MAX_RATIO * size):
        raise refuse(
            shown,
            f"it unpacks to more than {MAX_RATIO} times as much",
            "a file of respondents",
            "unpack it yourself if you trust it, and add what was in it",
        )


def _in_lines(start: bytes) -> bool:
    """Whether the rows of a file that starts so are lines."""
    return not statistical_family(start) and not start.startswith(_NOT_LINES)


def is_workbook(content: bytes) -> bool:
    """A zip archive that is a workbook of Excel or LibreOffice."""
    if not content.startswith(_ZIP):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return _workbook(archive)


def _workbook(archive: zipfile.ZipFile) -> bool:
    names = set(archive.namelist())
    return _EXCEL in names or {"mimetype", "content.xml"} <= names


def _unzipped(path: Path, shown: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        members = [i for i in archive.infolist() if not i.is_dir() and not _hidden(i.filename)]
        if _workbook(archive):
            refuse_length(sum(i.file_size for i in members), path.stat().st_size, shown)
            return path.read_bytes()
        if len(members) != 1:
            raise refuse(
                shown,
                f"an archive of {len(members)} files",
                "one file in it",
                "unpack it, then add the file of the respondents",
            )
        if members[0].flag_bits & 1:
            raise refuse(shown, "an encrypted archive", "one without a password", "unpack it")
        try:
            with archive.open(members[0]) as f:
                return _read(f, path.stat().st_size, shown)
        except NotImplementedError as e:
            raise refuse(shown, f"a kind of zip that cannot be read ({e})", "", "unpack it") from e


def _hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")
