"""How alike two texts, or two columns, are."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

import numpy as np
import polars as pl

_APOSTROPHES = re.compile("[’‘ʼ´`′]")
_SIGNS = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """``text`` without accents, case, blanks around, kinds of apostrophe and of dash."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("'", text))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub("[‐-―−]", "-", plain).casefold().replace("œ", "oe").replace("æ", "ae")
    return re.sub(r"\s+", " ", re.sub(r"\s*([-'])\s*", r"\1", plain)).strip()


def skeleton(text: str) -> str:
    """Its letters and digits alone."""
    return _SIGNS.sub("", fold(text))


def alike(a: str, b: str) -> float:
    """0 to 1, on letters and digits."""
    return SequenceMatcher(None, skeleton(a), skeleton(b), autojunk=False).ratio()


def shares(column: pl.Series) -> dict[str, float]:
    """Share of each text."""
    counts = column.value_counts()
    return {str(k): n / max(column.len(), 1) for k, n in counts.iter_rows()}


def total_variation(a: dict[str, float], b: dict[str, float]) -> float:
    """Half the sum of the gaps between two sets of shares: 0 the same, 1 nothing in common."""
    return 0.5 * sum(abs(a.get(k, 0.0) - b.get(k, 0.0)) for k in {*a, *b})


def mean_of(values: pl.Series) -> float:
    """The mean of numbers or truths; 0 where there are none."""
    kept = values.drop_nulls()
    return float(kept.cast(pl.Float64).to_numpy().mean()) if kept.len() else 0.0


def kolmogorov(a: pl.Series, b: pl.Series) -> float:
    """Greatest gap between two empirical distribution functions."""
    x, y = np.sort(a.drop_nulls().to_numpy()), np.sort(b.drop_nulls().to_numpy())
    if not x.size or not y.size:
        return 1.0
    every = np.concatenate([x, y])
    gaps = np.searchsorted(x, every, "right") / x.size - np.searchsorted(y, every, "right") / y.size
    return float(np.abs(gaps).max())


def per_cent(share: float) -> str:
    """A share in French."""
    return f"{100 * share:.1f} %".replace(".", ",")


def number(x: float) -> str:
    """A number in French, four digits."""
    return f"{x:.4g}".replace(".", ",")
