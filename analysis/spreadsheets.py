"""Texts in CSV files that a spreadsheet opens: none of them may run."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutral(text: str) -> str:
    """``text`` on one line, with an apostrophe before what a spreadsheet would run."""
    line = " ".join(text.split()) if "\n" in text or "\r" in text else text
    return "'" + line if line.startswith(_FORMULA) else line
