"""The arrays that designs and estimates are made of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_TABLE = 4_000_000  # codes up to which a table of them is quicker than a sort


def floats(column: pl.Series) -> Floats:
    """(n,) the numbers of a column; NaN for what is missing or no number (a date, a list, text)."""
    dtype = column.dtype
    if isinstance(dtype, pl.Categorical | pl.Enum):
        column = column.cast(pl.String)
    elif not (dtype.is_numeric() or dtype in (pl.String, pl.Boolean, pl.Null)):
        return np.full(len(column), np.nan)
    return np.asarray(column.cast(pl.Float64, strict=False).to_numpy(), dtype=np.float64)


def numbered(code: Integers, size: int) -> tuple[Integers, Integers]:
    """Codes of 0..size-1 numbered without gaps, and the codes that occur; no sort where few."""
    if size > _TABLE:
        kept, place = np.unique(code, return_inverse=True)
        return place.astype(np.int64), kept
    there = np.bincount(code, minlength=size) > 0
    return (np.cumsum(there) - 1)[code], np.flatnonzero(there)
