"""A frame that stays where it is: in files, in a database, on a cluster. Only sums come back.

polars (a LazyFrame, run by its streaming engine), DuckDB (a relation) and Spark (a DataFrame, also
of Spark Connect) are spoken to in one language, narwhals' expressions. Each does what it does
best; nothing here depends on which one it is but how plans are run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from analysis.errors import nearest, refuse

Lazy = nw.LazyFrame[Any]
Progress = Callable[[int, int], None]
SUMS = 600  # of one query: engines plan many more, and slowly
_POLARS = nw.Implementation.POLARS
_SPOKEN = {
    _POLARS: "polars",
    nw.Implementation.DUCKDB: "duckdb",
    nw.Implementation.PYSPARK: "spark",
    nw.Implementation.PYSPARK_CONNECT: "spark",
}


def stays(frame: object) -> bool:
    """Whether a frame is left where it is, and not brought into memory."""
    if isinstance(frame, pl.DataFrame):
        return False
    return isinstance(nw.from_native(frame, pass_through=True), nw.LazyFrame)


def spoken_to(frame: object) -> Lazy:
    """The frame as narwhals sees it; refuses the engines that no test holds to the same numbers."""
    rows = nw.from_native(frame, pass_through=True)
    if not isinstance(rows, nw.LazyFrame) or rows.implementation not in _SPOKEN:
        raise refuse("design: frame", f"it is a {type(frame).__name__}",
                     "a frame of polars, DuckDB or Spark",
                     "pl.scan_parquet(…), duckdb.read_parquet(…) or spark.read")  # fmt: skip
    return rows


def engine(rows: Lazy) -> str:
    """Name of what holds the rows: polars, duckdb or spark."""
    return _SPOKEN[rows.implementation]


def run(plans: Sequence[Lazy], progress: Progress | None = None) -> list[pl.DataFrame]:
    """The few rows that each plan ends with.

    polars runs all of them over one scan of the files; the others one after the other.
    """
    told = progress or (lambda done, whole: None)
    told(0, len(plans))
    if plans and all(plan.implementation is _POLARS for plan in plans):
        made = pl.collect_all([plan.to_native() for plan in plans], engine="streaming")
        told(len(plans), len(plans))
        return made
    found = []
    for k, plan in enumerate(plans):
        found.append(_plain(_brought(plan)))
        told(k + 1, len(plans))
    return found


def gathered(parts: Sequence[tuple[Lazy, Mapping[str, nw.Expr]]]) -> list[dict[str, float]]:
    """The numbers that the rows of each part are brought to; NaN where one is not known."""
    plans, owners = [], []
    for part, (rows, wanted) in enumerate(parts):
        named = [value.alias(name) for name, value in wanted.items()]
        for k in range(0, len(named), SUMS):
            plans.append(rows.select(*named[k : k + SUMS]))
            owners.append(part)
    found: list[dict[str, float]] = [{} for _ in parts]
    for part, table in zip(owners, run(plans), strict=True):
        numbers = table.select(pl.all().cast(pl.Float64).fill_null(float("nan")))
        found[part].update(numbers.row(0, named=True))
    return found


def _brought(plan: Lazy) -> pl.DataFrame:
    native = plan.to_native()
    if engine(plan) == "spark":  # by way of Arrow, which Spark needs pyarrow for
        return pl.DataFrame(pl.from_arrow(native.toArrow()))
    return pl.DataFrame(native)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Sums of whole numbers come back as decimals or 128 bits from some engines."""
    wide = (pl.selectors.decimal(), pl.selectors.by_dtype(pl.Int128))
    return frame.with_columns(*(s.cast(pl.Int64) for s in wide))


def kept(rows: Lazy, where: object) -> Lazy:
    """The rows of a domain, for sums over it: the design was counted before, over all rows."""
    if where is None:
        return rows
    if isinstance(where, nw.Expr):
        return rows.filter(where)
    if isinstance(where, pl.Expr) and rows.implementation is _POLARS:
        filtered: Lazy = nw.from_native(rows.to_native().filter(where))
        return filtered
    found = "a polars expression" if isinstance(where, pl.Expr) else f"a {type(where).__name__}"
    raise refuse("estimate: where", f"{found}, which {engine(rows)} does not read",
                 "a narwhals expression", 'e.g. where=narwhals.col("age") >= 18')  # fmt: skip


def known(rows: Lazy, names: Iterable[str], what: str) -> None:
    """Refuse names that are no columns, the first of them."""
    columns = rows.collect_schema().names()
    for name in names:
        if name not in columns:
            raise refuse(f"{what}: {name}", "there is no such column", nearest(name, columns),
                         "name a column of the frame")  # fmt: skip


def number(name: str) -> nw.Expr:
    """A column as a number, null where it is none."""
    return nw.col(name).cast(nw.Float64)


def one(condition: nw.Expr) -> nw.Expr:
    """1 where a condition holds, 0 where it does not or is not known."""
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def where(condition: nw.Expr, value: nw.Expr) -> nw.Expr:
    """A number where a condition holds, else 0."""
    return nw.when(condition).then(value).otherwise(nw.lit(0.0))


def levels(rows: Lazy, keys: Sequence[str], by: Sequence[str]) -> tuple[Lazy, dict[str, nw.Expr]]:
    """Rows with a value in every column of ``by``, and the keys s0, …, b0, … to group them by."""
    kept = [complete(rows, c) for c in by]
    rows = rows.filter(*kept) if kept else rows
    named = {f"s{k}": c for k, c in enumerate(keys)} | {f"b{k}": c for k, c in enumerate(by)}
    if not named:  # one group: everybody
        (alone,) = unused(rows, 1, "s")
        rows, named = rows.with_columns(nw.lit(0).alias(alone)), {"s0": alone}
    return rows, {k: nw.col(c).alias(k) for k, c in named.items()}


def complete(rows: Lazy, column: str) -> nw.Expr:
    """Whether a column has a value."""
    there = ~nw.col(column).is_null()
    return there & ~nw.col(column).is_nan() if rows.collect_schema()[column].is_float() else there


def unused(rows: Lazy, n: int, prefix: str) -> list[str]:
    """Names of n columns that the rows do not have."""
    there = {c.lower() for c in rows.collect_schema().names()}  # SQL does not tell A from a
    while any(f"{prefix}{k}" in there for k in range(n)):
        prefix += "_"
    return [f"{prefix}{k}" for k in range(n)]


def labelled(table: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """The table with the number of the level of each row, 0 where there are no domains."""
    if not labels.width:
        return table.with_columns(level=pl.lit(0))
    given = {c: f"b{k}" for k, c in enumerate(labels.columns)}
    return table.join(labels.rename(given).with_row_index("level"), on=list(given.values()))
