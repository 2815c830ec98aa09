"""A CSV file of units or of counts as lines of texts: nothing in it is trusted or interpreted.

Every fault is told at once, with its line; the same fault on many lines is told once.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import Problem, nearest, quoted, raise_all, refuse

MAX_BYTES = 1 << 29
MAX_COLUMNS = 1_000
_SHOWN = 8
_HINT = re.compile(r'"?sep=([;,])"?\r?\n')  # what Excel writes for itself


@dataclass(frozen=True)
class Lines:
    """A file that is a table of texts.

    shown : how messages call it
    header : names of the columns ; rows : (line, cells as they are), one cell a column
    separator, encoding : how it was read ; sha256 : of the bytes
    """

    shown: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    separator: str
    encoding: str
    sha256: str

    def column(self, name: str) -> list[str]:
        """The cells of a column, without the blanks around them."""
        at = self.header.index(name)
        return [cells[at].strip() for _, cells in self.rows]

    def require(self, names: tuple[str, ...], why: str) -> None:
        """Refuse columns that are not there, all at once."""
        raise_all(
            Problem(f"{self.shown}:1", f"there is no column {quoted(name)}", nearest(name,
                    self.header), f"name a column of the file for {why}")
            for name in dict.fromkeys(names)
            if name not in self.header
        )  # fmt: skip


class Faults:
    """What is wrong in a file: one problem for each kind of fault, with its lines."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self._lines: dict[tuple[str, str, str], list[int]] = {}

    def note(self, line: int, found: str, expected: str, remedy: str) -> None:
        """The same fault on another line joins the first."""
        self._lines.setdefault((found, expected, remedy), []).append(line)

    def problems(self) -> list[Problem]:
        """In the order in which they were met."""
        return [
            Problem(f"{self.shown}:{lines[0]}", found + _also(lines), expected, remedy)
            for (found, expected, remedy), lines in self._lines.items()
        ]

    def raise_all(self) -> None:
        """Raise every fault noted, if any."""
        raise_all(self.problems())


def _also(lines: list[int]) -> str:
    if len(lines) == 1:
        return ""
    shown = ", ".join(str(n) for n in lines[:_SHOWN])
    return f" ({len(lines)} lines: {shown}{', …' if len(lines) > _SHOWN else ''})"


def read_lines(path: Path, shown: str) -> Lines:
    """The CSV file at ``path``: ``;`` or ``,``, UTF-8 (or UTF-16 with its mark, else Windows-1252).

    Raises :class:`analysis.errors.BaroError` with every fault of the header, or of the lines.
    """
    content = _content(path, shown)
    text, encoding = _decoded(content, shown)
    text = text[hint.end() :] if (hint := _HINT.match(text)) else text
    separator = _separator(text)
    faults = Faults(shown)
    found = list(_records(text, separator, 1 if hint else 0, faults))
    if not found:
        faults.raise_all()
        raise refuse(shown, "the file is empty", "a line of names, then one line a unit or stratum",
                     "export the file again")  # fmt: skip
    line, header = found[0][0], tuple(c.strip() for c in found[0][1])
    _check_header(line, header, shown)
    for number, cells in found[1:]:
        if len(cells) != len(header):
            faults.note(number, f"{len(cells)} values", f"{len(header)}, one a column",
                        "complete the line; quote a text that holds the separator")  # fmt: skip
    faults.raise_all()
    if len(found) == 1:
        raise refuse(shown, "a header and no line below it", "one line a unit or stratum",
                     "export the file again")  # fmt: skip
    digest = hashlib.sha256(content).hexdigest()
    return Lines(shown, header, tuple(found[1:]), separator, encoding, digest)


def _content(path: Path, shown: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise refuse(shown, f"{path.stat().st_size} bytes", f"{MAX_BYTES} at most",
                         "keep the columns that the draw needs")  # fmt: skip
        return path.read_bytes()
    except OSError as e:
        raise refuse(shown, f"cannot be read: {e.strerror}", "a CSV file",
                     "name a file that exists") from e  # fmt: skip


def _decoded(content: bytes, shown: str) -> tuple[str, str]:
    """The text and the name of its encoding."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "windows-1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as e:
            at = e.start
            continue
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            raise refuse(f"{shown}:{line}", "a NUL byte", "text", "save the file as CSV UTF-8")
        return text, encoding.removesuffix("-sig")
    line = content.count(b"\n", 0, at) + 1
    raise refuse(f"{shown}:{line}", f"byte {content[at]:#04x} is text in no encoding that is read",
                 "UTF-8, or Windows-1252", "save the file as CSV UTF-8")  # fmt: skip


def _separator(text: str) -> str:
    """Of ``,`` and ``;`` the one that makes more columns of the first line."""
    first = text.lstrip().partition("\n")[0]
    return ";" if _width(first, ";") > _width(first, ",") else ","


def _width(line: str, separator: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=separator), []))
    except csv.Error:
        return 0


def _records(
    text: str, separator: str, before: int, faults: Faults
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line, cells) of each line that is not blank; ``before``: lines that were taken off."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + before + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as e:
            faults.note(line, f"not readable as CSV: {e}", "quotes around whole texts",
                        "close the quote, or remove a lone one")  # fmt: skip
            return
        if any(c.strip() for c in cells):
            yield line, tuple(cells)


def _check_header(line: int, header: tuple[str, ...], shown: str) -> None:
    if len(header) > MAX_COLUMNS:
        raise refuse(f"{shown}:{line}", f"{len(header)} columns", f"{MAX_COLUMNS} at most",
                     "keep the columns that the draw needs")  # fmt: skip
    where = f"{shown}:{line}"
    problems = [
        Problem(where, f"the column {quoted(name)} is there {count} times", "each name once",
                "rename one of them")
        for name, count in Counter(header).items() if count > 1 and name
    ]  # fmt: skip
    problems += [
        Problem(where, f"column {i} has no name", "a name", "name it in the file")
        for i, name in enumerate(header, 1) if not name
    ]  # fmt: skip
    raise_all(problems)
