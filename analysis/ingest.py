"""Any raw file -> a frame of text columns. Nothing is interpreted here, ``NA`` included."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analysis.definition.models import Dialect
from analysis.errors import BaroError, Problem, quoted, raise_all, refuse

ROW = "row of the file"  # no raw column is named like this: it holds blanks and is ours
MAX_BYTES = 4 << 30
_SEPARATORS = ";,\t|"
_SAMPLE = 200
_ASCII = bytes(range(128))


@dataclass(frozen=True)
class RawFile:
    """A raw file as text.

    frame : every column as String, and ``ROW``, the row's number (the header is row 1)
    encoding, separator : how it was read
    detected : what was not declared but found, as sentences to show
    """

    frame: pl.DataFrame
    encoding: str
    separator: str
    detected: tuple[str, ...]


def read_raw(path: Path, dialect: Dialect, shown: str) -> RawFile:
    """Read a CSV file, gzipped or not.

    Raises :class:`analysis.errors.BaroError` naming the file and the row for a missing,
    truncated, empty or wrongly encoded file, unequal rows and repeated column names.
    """
    content = _content(path, shown)
    text, encoding = _decode(content, dialect.encoding, shown)
    _check_line_ends(text, shown)
    text = text.rstrip("\r\n") + "\n"  # as many rows as lines; a last blank column is kept
    separator = _separator(text, dialect.separator, shown)
    _check_header(text, separator, shown)
    frame = _parse(text, separator, shown)
    detected = [
        f"{shown}: {name} detected: {value!r}"
        for name, value, declared in (
            ("encoding", encoding, dialect.encoding),
            ("separator", separator, dialect.separator),
        )
        if declared == "auto"
    ]
    return RawFile(frame, encoding, separator, tuple(detected))


def _content(path: Path, shown: str) -> bytes:
    try:
        with path.open("rb") as f:
            zipped = f.read(2) == b"\x1f\x8b"
        opener = gzip.open if zipped else Path.open
        with opener(path, "rb") as f:
            content = f.read(MAX_BYTES + 1)
    except FileNotFoundError as e:
        raise refuse(shown, "the file is not there", "", "run: baro data") from e
    except (EOFError, zlib.error, gzip.BadGzipFile) as e:
        raise refuse(
            shown,
            f"the compressed file is damaged or cut short ({e})",
            "a whole gzip file",
            "download it again: baro data get",
        ) from e
    except OSError as e:
        raise refuse(shown, f"cannot be read: {e.strerror or e}", "", "check the file") from e
    if len(content) > MAX_BYTES:
        raise refuse(
            shown, f"more than {MAX_BYTES >> 30} GiB of text", "a smaller file", "split it"
        )
    if not content.strip():
        raise refuse(shown, "the file is empty", "a header and rows", "download it again")
    return content


def _decode(content: bytes, declared: str, shown: str) -> tuple[str, str]:
    as_utf8 = _try_decode(content, "utf-8-sig")
    if declared == "auto":
        if isinstance(as_utf8, str):
            return _without_nul(as_utf8, shown), "utf-8"
        declared = "windows-1252"
    if codecs.lookup(declared).name in ("utf-8", "utf-8-sig"):
        found: str | UnicodeDecodeError = as_utf8
    else:
        found = _try_decode(content, declared)
        if isinstance(as_utf8, str) and not as_utf8.isascii():
            row = content.count(b"\n", 0, len(content) - len(content.lstrip(_ASCII))) + 1
            raise refuse(
                f"{shown}: row {row}",
                f"the file is UTF-8, the wave declares {declared}",
                "one of the two",
                "write dialect: {encoding: utf-8} in the wave's file",
            )
    if isinstance(found, UnicodeDecodeError):
        row = content.count(b"\n", 0, found.start) + 1
        raise refuse(
            f"{shown}: row {row}",
            f"byte {content[found.start]:#04x} is not {declared}",
            f"text in {declared}",
            "correct dialect.encoding in the wave's file, or save the file anew",
        )
    return _without_nul(found, shown), declared


def _try_decode(content: bytes, encoding: str) -> str | UnicodeDecodeError:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as e:
        return e


def _without_nul(text: str, shown: str) -> str:
    at = text.find("\0")
    if at >= 0:
        row = text.count("\n", 0, at) + 1
        raise refuse(
            f"{shown}: row {row}",
            "a NUL byte",
            "text",
            "download the file again, or write dialect: {encoding: utf-16} if that is what it is",
        )
    return text


def _check_line_ends(text: str, shown: str) -> None:
    lone = re.search(r"\r(?!\n|\Z)", text)
    if lone:
        raise refuse(
            f"{shown}: row {text.count(chr(10), 0, lone.start()) + 1}",
            "a carriage return within a line, or a file of an old Macintosh",
            "lines that end with \\n or \\r\\n",
            "save the file anew as CSV",
        )


def _separator(text: str, declared: str, shown: str) -> str:
    header = text.split("\n", 1)[0]
    if declared != "auto":
        if declared not in header:
            raise refuse(
                f"{shown}: row 1",
                f"the separator {declared!r} is not in the header",
                "",
                "correct dialect.separator in the wave's file",
            )
        return declared
    sample = "\n".join(text.split("\n", _SAMPLE)[:_SAMPLE])
    found = max(_SEPARATORS, key=lambda s: _regularity(sample, s))
    if found not in header:
        raise refuse(
            f"{shown}: row 1",
            "no separator among ; , tab | was found",
            "",
            "write dialect: {separator: …} in the wave's file",
        )
    return found


def _regularity(sample: str, separator: str) -> tuple[float, int]:
    """Share of rows as wide as the header, then its width: what makes a separator credible."""
    try:
        rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=separator))
    except csv.Error:
        return (0.0, 0)
    width = len(rows[0])
    alike = sum(len(r) == width for r in rows[1:]) / max(len(rows) - 1, 1)
    return (alike if width > 1 else 0.0, width)


def _check_header(text: str, separator: str, shown: str) -> None:
    header = next(_records(text, separator, shown))
    problems = [
        Problem(
            f"{shown}: row 1",
            f"the column {quoted(name)} is there {header.count(name)} times",
            "each name once",
            "rename one of them in the file",
        )
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    problems += [
        Problem(f"{shown}: row 1", f"column {i} has no name", "a name", "name it in the file")
        for i, name in enumerate(header, 1)
        if not name.strip()
    ]
    if ROW in header:
        expected = "another name: this one counts the rows"
        problems.append(Problem(f"{shown}: row 1", f'the column "{ROW}"', expected, "rename it"))
    raise_all(problems)


def _records(text: str, separator: str, shown: str) -> Iterator[list[str]]:
    """The rows one by one, with the slow exact reader; refuses by row what is not CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    row = 0
    try:
        for record in reader:
            row += 1
            yield record
    except csv.Error as e:
        raise _malformed(f"{shown}: row {row + 1}", str(e)) from e


def _malformed(where: str, fault: str) -> BaroError:
    return refuse(
        where,
        f"not readable as CSV: {fault}",
        'quotes around whole texts, and "" for a quote within',
        "close the quote, remove a lone one, or save the file with \\n at the ends of its lines",
    )


def _parse(text: str, separator: str, shown: str) -> pl.DataFrame:
    try:
        frame = pl.read_csv(
            text.encode(), separator=separator, infer_schema=False, empty_string_is_null=False
        )
    except pl.exceptions.PolarsError as e:
        _refuse_unequal_rows(text, separator, shown)
        raise _malformed(f"{shown}: row {_lone_quote(text)}", str(e).splitlines()[0]) from e
    if frame.height == 0:
        raise refuse(shown, "a header and no row", "respondents", "download the file again")
    if (frame.get_column(frame.columns[-1]) == "").any():
        _refuse_unequal_rows(text, separator, shown)  # polars fills a short row with blanks
    return frame.with_row_index(ROW, offset=2).with_columns(pl.col(ROW).cast(pl.Int64))


def _lone_quote(text: str) -> int:
    """The first line with an odd number of quotes, else the first with any: where to look."""
    lines = text.split("\n")
    odd = (i for i, line in enumerate(lines, 1) if line.count('"') % 2)
    return next(odd, next((i for i, line in enumerate(lines, 1) if '"' in line), 1))


def _refuse_unequal_rows(text: str, separator: str, shown: str) -> None:
    """Name the first row whose number of fields is not the header's."""
    rows = _records(text, separator, shown)
    width = len(next(rows))
    for number, row in enumerate(rows, 2):
        if len(row) != width:
            raise refuse(
                f"{shown}: row {number}",
                f"{len(row)} fields",
                f"{width} as in the header",
                "the row is cut, or a text holds an unquoted separator: mend the file",
            )
