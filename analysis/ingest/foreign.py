"""Files of other kinds in place of a file of respondents, known by their first bytes."""

from __future__ import annotations

import re

from analysis.errors import refuse

_UNPACK = "unpack it, then add what was in it"
_STARTS = {
    b"\x1f\x8b": ("a gzip file within another: compressed twice", "unpack it once"),
    b"BZh": ("a file compressed with bzip2", _UNPACK),
    b"\xfd7zXZ\0": ("a file compressed with xz", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("an archive of 7-Zip", _UNPACK),
    b"Rar!": ("an archive of RAR", _UNPACK),
    b"\x28\xb5\x2f\xfd": ("a file compressed with Zstandard", _UNPACK),
    b"%PDF-": ("a document (PDF)", "ask for the file of the respondents"),
    b"{\\rtf": ("a document (RTF)", "ask for the file of the respondents"),
}
_PAGE = re.compile(rb"\s*(<!--.{0,2000}?-->\s*)?<(!doctype\s+html|html)\b", re.I | re.S)
_JSON = re.compile(rb"\s*\[?\s*\{\s*\"")


def refuse_foreign(content: bytes, shown: str) -> None:
    """Refuse what no reader reads, by its name."""
    start = content[:4096].removeprefix(b"\xef\xbb\xbf")
    expected = "a file of respondents: CSV, Parquet, Excel, SPSS, Stata, SAS, LimeSurvey"
    for sign, (found, remedy) in _STARTS.items():
        if start.startswith(sign):
            raise refuse(shown, found, expected, remedy)
    if _PAGE.match(start):
        found = "a page of a website (HTML)"
        raise refuse(shown, found, expected, "download the file itself: baro data get")
    if _JSON.match(start):
        raise refuse(shown, "a file of JSON", expected, "export it as CSV")
