"""Margins against respondents: categories on one side only, values that are missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from analysis.design import Integers
from analysis.design.arrays import Flags, floats
from analysis.errors import Problem, nearest, quoted
from analysis.weighting.cells import Cells, Weighed
from analysis.weighting.margin import Margin


def unknown(columns: Sequence[str], margin: Margin) -> list[Problem]:
    """The columns that are not there."""
    return [
        Problem(f"margin {margin.name}", f"there is no column {quoted(c)}",
                nearest(c, columns), "name a column of the frame")
        for c in margin.columns if c not in columns
    ]  # fmt: skip


def against(
    design: Weighed, margin: Margin, cells: Cells, people: Integers | None = None
) -> list[Problem]:
    """What does not fit between a margin and the respondents whose weight is not 0.

    people : (n,) respondents of each row where rows are cells, else each is one

    The cells tell whether all is well; only what is not is looked for among respondents.
    """
    if not margin.numeric and _fits(margin, cells):
        return []
    counted = design.weights > 0
    missing = [
        p for c in margin.columns for p in _missing(design.frame[c], margin, counted, people)
    ]
    if missing or margin.numeric:
        return missing
    each = None if people is None else people[counted]
    return _unmatched(design.frame.filter(pl.Series(counted)), margin, each)


def _fits(margin: Margin, cells: Cells) -> bool:
    """Whether everybody is in a category, and every category of a population has somebody."""
    held = np.bincount(cells.place(margin), cells.mass, len(margin.categories) + 1)
    return bool(held[-1] == 0 and ((held[:-1] > 0) == (np.array(margin.targets) > 0)).all())


def _missing(
    column: pl.Series, margin: Margin, counted: Flags, people: Integers | None
) -> list[Problem]:
    where = f"margin {margin.name}"
    if margin.numeric and not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
        return [Problem(where, f"the column is {column.dtype}, its margin one number",
                        "a numeric column, or a population for each category",
                        f'"{margin.name}": {{"…": …}}')]  # fmt: skip
    lost = ~np.isfinite(floats(column)) if margin.numeric else column.is_null().to_numpy()
    lost = lost & counted
    if not lost.any():
        return []
    if people is None:
        where, n = f"{where}, row {int(np.flatnonzero(lost)[0]) + 1}", int(lost.sum())
    else:
        n = int(people[lost].sum())
    return [Problem(where, f"{n} respondents have no value of {quoted(column.name)}",
                    "a value for everybody",
                    "impute it, or leave the margin out")]  # fmt: skip


def _unmatched(frame: pl.DataFrame, margin: Margin, people: Integers | None) -> list[Problem]:
    """Categories on one side only."""
    seen = observed(frame, margin.columns, people)
    known = dict(zip(margin.categories, margin.targets, strict=True))
    where = f"margin {margin.name}"
    spelled = [" x ".join(c) for c in known]
    problems = [
        Problem(f"{where}, {' x '.join(c)}", f"{n} respondents, and no population",
                nearest(" x ".join(c), spelled), "give its population, or recode the respondents")
        for c, n in seen.items() if c not in known
    ]  # fmt: skip
    there = [" x ".join(c) for c in seen]
    problems += [
        Problem(f"{where}, {' x '.join(c)}", f"a population of {t:g}, and no respondent",
                nearest(" x ".join(c), there),
                "merge it with another category on both sides, or leave it out")
        for c, t in known.items() if t > 0 and c not in seen
    ]  # fmt: skip
    problems += [
        Problem(f"{where}, {' x '.join(c)}", f"a population of 0, and {seen[c]} respondents",
                "a positive population, or no respondent",
                "correct the population, or leave the respondents out by a weight of 0")
        for c, t in known.items() if t == 0 and c in seen
    ]  # fmt: skip
    return problems


def observed(
    frame: pl.DataFrame, columns: Sequence[str], people: Integers | None = None
) -> dict[tuple[str, ...], int]:
    """Respondents of each crossed category, as text, in sorted order; ``people`` of each row."""
    texts = {f"c{k}": frame[name].cast(pl.String) for k, name in enumerate(columns)}
    each = np.ones(frame.height, dtype=np.int64) if people is None else people
    counts = pl.DataFrame({**texts, "n": each}).group_by(*texts).agg(pl.col("n").sum())
    return {tuple(row[:-1]): row[-1] for row in counts.sort(*texts).iter_rows()}
