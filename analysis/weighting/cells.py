"""Respondents numbered by the crossed categories of the margins, in one pass over the columns.

What follows (checks, profiles, ratios) is about a few hundred cells and no longer about
respondents. A value that no margin names is in the category "other" of its column, whose place is
the last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from analysis.design import Floats, Integers
from analysis.design.arrays import numbered
from analysis.weighting.margin import Margin

_NUMBERS = 1 << 40  # crossed categories up to which each has a number


class Weighed(Protocol):
    """Rows and their weights: respondents, or cells of respondents that margins do not tell apart.

    frame : n rows ; weights : (n,)
    """

    @property
    def frame(self) -> pl.DataFrame:
        """The columns that margins may name."""
        ...

    @property
    def weights(self) -> Floats:
        """(n,) weights, of a cell the sum of its respondents'."""
        ...


@dataclass(frozen=True, slots=True)
class Cells:
    """n respondents in c cells.

    code : (n,) cell of each respondent ; mass : (c,) their weights
    levels : column -> its categories in the margins ; at : column -> (c,) place of the cell's
    category among them, len(levels) for another or none
    """

    code: Integers
    mass: Floats
    levels: dict[str, tuple[str, ...]]
    at: dict[str, Integers]

    def place(self, margin: Margin) -> Integers:
        """(c,) category of each cell in a margin; len(categories) for another or none."""
        width = [len(self.levels[c]) + 1 for c in margin.columns]
        table = np.full(width, len(margin.categories), dtype=np.int64)
        for j, category in enumerate(margin.categories):
            pairs = zip(margin.columns, category, strict=True)
            table[tuple(self.levels[c].index(text) for c, text in pairs)] = j
        return np.asarray(table[tuple(self.at[c] for c in margin.columns)], dtype=np.int64)


def cells_of(frame: pl.DataFrame, weights: Floats, margins: Iterable[Margin]) -> Cells:
    """The cells of all columns of the margins of categories."""
    levels = _levels(margins)
    code, count, at = np.zeros(frame.height, dtype=np.int64), 1, dict[str, Integers]()
    for run in _runs(levels):
        width = math.prod(len(levels[c]) + 1 for c in run)
        crossed = _crossed(frame, {c: levels[c] for c in run})
        code = crossed if count == 1 else code * width + crossed
        code, kept = numbered(code, count * width)
        at = {c: places[kept // width] for c, places in at.items()}
        for column in reversed(run):
            kept, at[column] = np.divmod(kept, len(levels[column]) + 1)
        count = int(code.max(initial=-1)) + 1
    mass = np.bincount(code, weights=weights, minlength=1).astype(np.float64)
    return Cells(code, mass, levels, at)


def _levels(margins: Iterable[Margin]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for margin in margins:
        for k, column in enumerate(margin.columns if not margin.numeric else ()):
            found.setdefault(column, {}).update(dict.fromkeys(c[k] for c in margin.categories))
    return {column: tuple(texts) for column, texts in found.items()}


def _runs(levels: dict[str, tuple[str, ...]]) -> Iterator[list[str]]:
    """The columns in runs whose crossed categories, all respondents apart, have a number each."""
    run: list[str] = []
    size = 1
    for column, texts in levels.items():
        if run and size * (len(texts) + 1) > _NUMBERS:
            yield run
            run, size = [], 1
        run.append(column)
        size *= len(texts) + 1
    if run:
        yield run


def _crossed(frame: pl.DataFrame, levels: dict[str, tuple[str, ...]]) -> Integers:
    """(n,) the number of each respondent's crossed categories."""
    code = pl.lit(0, dtype=pl.Int64)
    for column, texts in levels.items():
        known = pl.col(column).cast(pl.String).cast(pl.Enum(texts), strict=False).to_physical()
        code = code * (len(texts) + 1) + known.cast(pl.Int64).fill_null(len(texts))
    return frame.select(code).to_series().to_numpy()
