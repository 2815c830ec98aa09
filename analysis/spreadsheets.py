"""Texts in files that a spreadsheet opens: none of them may run, hide or be too long."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 32_767  # characters of a cell, as Excel counts them: UTF-16 units
_CUT = " […]"
_KNOWN = 8192  # texts: labels come again on every line
_SIGNS = r"\-=+@" + "\uff1d\uff0b\uff0d\uff20"  # the wide ones run in Japanese editions of Excel
_FORMULA = re.compile(rf"\A[{_SIGNS}\t\r\n]")
# A file whose separator is ; is cut at commas, where that is what a spreadsheet expects.
_WITHIN = re.compile(rf"(?<=[,;\t|])(?=[{_SIGNS}])")


@lru_cache(maxsize=_KNOWN)
def neutral(text: str) -> str:
    """``text`` on one line, with an apostrophe before what a spreadsheet would run."""
    line = " ".join(text.split()) if "\n" in text or "\r" in text else text
    return _WITHIN.sub("'", _FORMULA.sub(r"'\g<0>", line))


@lru_cache(maxsize=_KNOWN)
def cell_text(text: str) -> str:
    """``text`` for a cell of a workbook: no character that draws nothing, no more than fits.

    Control characters and those that turn the direction of writing are left out; what is longer
    than a cell is cut, and ends with "[…]".
    """
    line = " ".join(text.split()) if any(c in text for c in "\n\r\t") else text
    kept = "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    if len(kept.encode("utf-16-le")) // 2 <= LONGEST:
        return kept
    room = kept.encode("utf-16-le")[: 2 * (LONGEST - len(_CUT))]
    return room.decode("utf-16-le", "ignore") + _CUT
