"""From the names of a call to the measures that the totals pass sums."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from analysis.engines.frames import Lazy, complete, known, number, run
from analysis.engines.passes import Measure, Terms, means
from analysis.errors import refuse
from analysis.estimators.cells import classes, measured

PILOT = 10_000  # rows that a centre is the mean of


def mean_measures(rows: Lazy, variables: str | Sequence[str], terms: Terms) -> list[Measure]:
    """Means of numeric columns, centred by their first rows."""
    names = numeric_columns(rows, measured(variables))
    values = [number(name) for name in names]
    centres = means(rows, [(v, None) for v in values], PILOT)
    return [
        terms.numeric(name, v, None, float(c))
        for name, v, c in zip(names, values, centres, strict=True)
    ]


def total_measures(rows: Lazy, variables: str | Sequence[str], terms: Terms) -> list[Measure]:
    """Totals of numeric columns: nothing is taken off them."""
    return [
        terms.numeric(name, number(name), None, 0.0, sized=True)
        for name in numeric_columns(rows, measured(variables))
    ]


def ratio_measures(
    rows: Lazy, tops: Sequence[str], bottoms: Sequence[str], terms: Terms
) -> list[Measure]:
    """Ratios of numeric columns, pair by pair, centred by the ratios of the first rows."""
    numeric_columns(rows, [*tops, *bottoms])
    pairs = [(number(a), number(b)) for a, b in zip(tops, bottoms, strict=True)]
    centres = means(rows, pairs, PILOT)
    return [
        terms.numeric(f"{a}/{b}", y, x, float(c), sized=True)
        for a, b, (y, x), c in zip(tops, bottoms, pairs, centres, strict=True)
    ]


def share_measures(rows: Lazy, variables: str | Sequence[str], terms: Terms) -> list[Measure]:
    """Shares of the categories of columns, in the sorted order of their text."""
    names = measured(variables)
    known(rows, names, "estimate")
    tables = run([rows.group_by(nw.col(name).alias("t")).agg(nw.len().alias("n"))
                  for name in names])  # fmt: skip
    made = []
    for name, table in zip(names, tables, strict=True):
        answered = complete(rows, name)
        for text, value in _categories(name, table["t"]):
            made.append(terms.share(name, text, answered & (nw.col(name) == value), answered))
    return made


def _categories(name: str, values: pl.Series) -> list[tuple[str, object]]:
    """The text of each category and its value, by text; refuses a column that nobody answered."""
    values = classes(values.rename(name))
    values = (values.fill_nan(None) if values.dtype.is_float() else values).drop_nulls()
    if not len(values):
        raise refuse(f"estimate: {name}", "nobody has a value", "one category or more",
                     "leave the column out, or name another")  # fmt: skip
    table = pl.DataFrame({"text": values.cast(pl.String), "value": values}).sort("text")
    return list(zip(table["text"].to_list(), table["value"].to_list(), strict=True))


def numeric_columns(rows: Lazy, names: list[str]) -> list[str]:
    """The names, when all are columns of numbers; refuses the first that is not."""
    known(rows, names, "estimate")
    schema = rows.collect_schema()
    for name in names:
        dtype = schema[name]
        if not (dtype.is_numeric() or dtype == nw.Boolean):
            raise refuse(f"estimate: {name}", f"the column is {dtype}", "numbers",
                         "for shares of categories, call proportion")  # fmt: skip
    return names
