"""Raw texts compared without the differences nobody means: blanks, apostrophes, composition.

Accents, case and words are kept: a label that differs in those is another label, to be
declared.
"""

from __future__ import annotations

import re
import unicodedata

import polars as pl

_BLANKS = re.compile(r"\s+")


def clean(text: str) -> str:
    """``text`` in NFC, trimmed, runs of blanks as one space, typographic apostrophes as ``'``."""
    plain = unicodedata.normalize("NFC", text).replace("’", "'")
    return _BLANKS.sub(" ", plain).strip()


def clean_column(name: str) -> pl.Expr:
    """The same, for a column of texts."""
    return (
        pl.col(name)
        .str.normalize("NFC")
        .str.replace_all("’", "'", literal=True)
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
    )
