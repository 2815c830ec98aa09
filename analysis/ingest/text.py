"""Text files: CSV of any usual dialect and encoding."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Container, Iterator

import polars as pl

from analysis.definition.models import Dialect
from analysis.errors import BaroError, refuse
from analysis.ingest.raw import RawFile, check_names, number_rows, refuse_width

_SEPARATORS = ";,\t|"
_SAMPLE = 200
_SAMPLE_SIGNS = 4 << 20
_ASCII = bytes(range(128))
_FRENCH = frozenset("éèêëàâäçùûüôöîïœÉÈÊÀÂÇÙÔÎŒ’«»€°–— …²")
_OTHERS = ("mac-roman", "cp850")
_ENOUGH = 20  # signs beyond ASCII, to tell one old encoding from another


def read_text(
    content: bytes, dialect: Dialect, shown: str, forgiven: Container[int] | None
) -> RawFile:
    """A CSV file as text columns.

    forgiven : rows that may have another number of fields than the header; None: every row
    """
    text, encoding = _decode(content, dialect.encoding, shown)
    _check_line_ends(text, shown)
    if not text.endswith("\n") or text.endswith(("\n\n", "\n\r\n")):
        text = text.rstrip("\r\n") + "\n"  # as many rows as lines; a last blank column is kept
    text, written = _without_hint(text)
    separator = _separator(text, written or dialect.separator, shown)
    _check_header(text, separator, shown)
    frame, unequal = _parse(text, separator, shown, forgiven)
    detected = [
        f"{shown}: {name} detected: {value!r}"
        for name, value, declared in (
            ("encoding", encoding, dialect.encoding),
            ("separator", separator, dialect.separator),
        )
        if declared == "auto"
    ]
    return RawFile(frame, encoding, separator, tuple(detected), unequal=unequal)


def _without_hint(text: str) -> tuple[str, str]:
    """Without the line ``sep=;`` that Excel writes for itself, and what it says."""
    hint = re.match(r'"?sep=([;,\t|])"?\r?\n', text)
    return (text[hint.end() :], hint[1]) if hint else (text, "")


def _decode(content: bytes, declared: str, shown: str) -> tuple[str, str]:
    as_utf8 = _try_decode(content, "utf-8-sig")
    if content.startswith(codecs.BOM_UTF8) and isinstance(as_utf8, UnicodeDecodeError):
        # the mark at the start is not in the bytes that were decoded
        at = as_utf8.start + len(codecs.BOM_UTF8)
        row = content.count(b"\n", 0, at) + 1
        raise refuse(
            f"{shown}: row {row}",
            f"the file starts with the mark of UTF-8, and byte {content[at]:#04x} is not UTF-8",
            "one encoding",
            "two files were put together, or a sign was damaged: save the file anew as UTF-8",
        )
    if declared == "auto":
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            declared = "utf-16"
        elif isinstance(as_utf8, str):
            return _without_nul(as_utf8, shown), "utf-8"
        else:
            declared = _old_encoding(content)
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


def _old_encoding(content: bytes) -> str:
    """Windows-1252, unless enough signs are French in another encoding and in that one not."""
    signs = content.translate(None, _ASCII)

    def french(encoding: str) -> float:
        read = signs.decode(encoding, errors="replace")
        return sum(c in _FRENCH for c in read) / len(read)

    if len(signs) < _ENOUGH or french("windows-1252") > 0.5:
        return "windows-1252"
    best = max(_OTHERS, key=french)
    return best if french(best) > 0.9 else "windows-1252"


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
    if "\r" not in text or text.count("\r") == text.count("\r\n"):  # quicker than the search
        return
    lone = re.search(r"\r(?!\n|\Z)", text)
    if lone:
        raise refuse(
            f"{shown}: row {text.count(chr(10), 0, lone.start()) + 1}",
            "a carriage return within a line, or a file of an old Macintosh",
            "lines that end with \\n or \\r\\n",
            "save the file anew as CSV",
        )


def _separator(text: str, declared: str, shown: str) -> str:
    header = text[: text.find("\n")]
    signs = _SEPARATORS if declared == "auto" else declared
    refuse_width(max(header.count(s) for s in signs) + 1, shown)
    if declared != "auto":
        if declared not in header:
            raise refuse(
                f"{shown}: row 1",
                f"the separator {declared!r} is not in the header",
                "",
                "correct dialect.separator in the wave's file",
            )
        return declared
    sample = "\n".join(text[:_SAMPLE_SIGNS].split("\n", _SAMPLE)[:_SAMPLE])
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
    check_names(next(_records(text[:_SAMPLE_SIGNS], separator, shown)), shown)


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


def _parse(
    text: str, separator: str, shown: str, forgiven: Container[int] | None
) -> tuple[pl.DataFrame, dict[int, int]]:
    content = text.encode()
    try:
        frame = pl.read_csv(
            content, separator=separator, infer_schema=False, empty_string_is_null=False
        )
    except pl.exceptions.PolarsError as e:
        unequal = _unequal_rows(text, separator, shown, forgiven)
        if unequal:
            return _parse_slowly(text, separator, shown), unequal
        row = _lone_quote(text)
        raise _malformed(f"{shown}: row {row}", "a quote is never closed, or stands alone") from e
    if frame.height == 0:
        raise refuse(shown, "a header and no row", "respondents", "download the file again")
    unequal = {}
    if _suspicious(frame, content, separator):
        unequal = _unequal_rows(text, separator, shown, forgiven)
    return number_rows(frame.with_columns(pl.all().fill_null(""))), unequal


def _suspicious(frame: pl.DataFrame, content: bytes, separator: str) -> bool:
    """Whether polars may have been lenient: it fills a short row, and drops a lone quote."""
    if (frame.get_column(frame.columns[-1]).fill_null("") == "").any():
        return True
    kinds = bytearray(b"t" * 256)  # of signs: q a quote, e what ends a text, t the rest
    for sign in f"\n\r{separator}".encode():
        kinds[sign] = ord("e")
    kinds[ord('"')] = ord("q")
    return b"tqt" in content.translate(kinds)


def _parse_slowly(text: str, separator: str, shown: str) -> pl.DataFrame:
    """The same with short rows filled and long ones cut."""
    rows = _records(text, separator, shown)
    names = next(rows)
    cut = [(row + [""] * len(names))[: len(names)] for row in rows]
    return number_rows(pl.DataFrame(cut, schema=dict.fromkeys(names, pl.String), orient="row"))


def _lone_quote(text: str) -> int:
    """The first line with an odd number of quotes, else the first with any: where to look."""
    lines = text.split("\n")
    odd = (i for i, line in enumerate(lines, 1) if line.count('"') % 2)
    return next(odd, next((i for i, line in enumerate(lines, 1) if '"' in line), 1))


def _unequal_rows(
    text: str, separator: str, shown: str, forgiven: Container[int] | None
) -> dict[int, int]:
    """Rows whose number of fields is not the header's; the first not forgiven is refused."""
    rows = _records(text, separator, shown)
    width = len(next(rows))
    found = {n: len(row) for n, row in enumerate(rows, 2) if len(row) != width}
    for number, fields in found.items():
        if forgiven is not None and number not in forgiven:
            raise refuse(
                f"{shown}: row {number}",
                f"{fields} fields",
                f"{width} as in the header",
                "the row is cut, or a text holds an unquoted separator: mend the file",
            )
    return found
