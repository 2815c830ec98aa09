"""From names to arrays: variables, domains (`by`, `where`) and bases of one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.design import Floats, Integers, SampleDesign
from analysis.design.arrays import Flags
from analysis.errors import nearest, refuse
from analysis.variance import Membership

Names = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Groups:
    """The domains of a call.

    by : names of the grouping columns ; labels : one row of values a level
    code : (n,) level of each respondent, -1 outside ``where`` or with a missing group
    """

    by: tuple[str, ...]
    labels: pl.DataFrame
    code: Integers

    @property
    def members(self) -> Membership:
        """The same for the fast path."""
        return Membership.of(self.code)

    def inside(self, level: int) -> Floats:
        """(n,) 1 for the members of a level, else 0."""
        return np.asarray(self.code == level, dtype=np.float64)


def groups(design: SampleDesign, by: Names | None, where: pl.Expr | None) -> Groups:
    """Levels in the sorted order of their values; rows outside stay in the design, at weight 0.

    Raises :class:`BaroError` for unknown columns, and where nobody is left.
    """
    names = once(listed(by), "by")
    frame = design.frame.select(columns(design.frame, names))
    for name in names:
        classes(frame[name])
    frame = frame.with_columns(pl.selectors.float().fill_nan(None))
    kept = _kept(design.frame, where)
    if names:
        kept = kept & frame.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    if not kept.any():
        raise refuse(
            "estimate: where", "nobody is in the domain", "somebody", "widen the condition"
        )
    if not names:
        return Groups((), pl.DataFrame(), np.where(kept.to_numpy(), 0, -1).astype(np.int64))
    labels = (frame if kept.all() else frame.filter(kept)).unique().sort(names)
    index = "level of " + "".join(names)  # longer than any of the names
    numbered = frame.join(labels.with_row_index(index), on=names, how="left",
                          maintain_order="left")[index]  # fmt: skip
    code = np.where(kept.to_numpy(), numbered.fill_null(0).cast(pl.Int64).to_numpy(), -1)
    return Groups(tuple(names), labels, code)


def _kept(frame: pl.DataFrame, where: pl.Expr | None) -> pl.Series:
    if where is None:
        return pl.Series(np.ones(frame.height, dtype=bool))
    if not isinstance(where, pl.Expr):
        raise refuse("estimate: where", f"it is a {type(where).__name__}",
                     "a polars expression", 'e.g. where=pl.col("age") >= 18')  # fmt: skip
    try:
        found = frame.select(where)
    except pl.exceptions.PolarsError as error:
        first = str(error).partition("\n")[0]
        raise refuse("estimate: where", first, "a condition on columns of the frame",
                     'e.g. where=pl.col("age") >= 18') from error  # fmt: skip
    kept = found.to_series() if found.width == 1 else pl.Series([], dtype=pl.Null)
    if kept.dtype not in (pl.Boolean, pl.Null) or kept.len() not in (1, frame.height):
        raise refuse("estimate: where", f"{found.width} columns of {found.height} values, "
                     f"{', '.join(map(str, found.dtypes))}", "true or false for each respondent",
                     'e.g. where=pl.col("age") >= 18')  # fmt: skip
    kept = kept.cast(pl.Boolean).fill_null(value=False)
    return kept if kept.len() == frame.height else kept.new_from_index(0, frame.height)


def numbers(design: SampleDesign, names: Sequence[str]) -> tuple[Floats, Floats]:
    """(n, K) values with 0 where missing, and (n, K) 1 where there is a value.

    Raises :class:`BaroError` for a column that is not numeric or Boolean.
    """
    values, known = known_numbers(design, names)
    return values, known.astype(np.float64)


def known_numbers(design: SampleDesign, names: Sequence[str]) -> tuple[Floats, Flags]:
    """The same with flags, an eighth of the memory."""
    columns(design.frame, list(names))
    frame = design.frame.select(pl.col(c).alias(str(k)) for k, c in enumerate(names))
    for k, name in enumerate(names):
        if not (frame[str(k)].dtype.is_numeric() or frame[str(k)].dtype == pl.Boolean):
            raise refuse(f"estimate: {name}", f"the column is {frame[str(k)].dtype}", "numbers",
                         "for shares of categories, call proportion")  # fmt: skip
    values = frame.select(pl.all().cast(pl.Float64)).to_numpy(order="c", writable=True)
    known = np.isfinite(values)  # null has become NaN
    np.copyto(values, 0.0, where=~known)
    return values, known


def indicators(design: SampleDesign, name: str) -> tuple[list[str], Floats, Floats]:
    """Categories of a column in sorted order, (n, K) 0/1 indicators, (n, K) 1 where answered.

    Raises :class:`BaroError` where nobody answered: there is no category then.
    """
    given = classes(design.frame[columns(design.frame, [name])[0]])
    column = (given.fill_nan(None) if given.dtype.is_float() else given).cast(pl.String)
    categories = [c for c in column.unique().sort().to_list() if c is not None]
    if not categories:
        raise refuse(f"estimate: {name}", "nobody has a value", "one category or more",
                     "leave the column out, or name another")  # fmt: skip
    size = len(categories)
    code = column.cast(pl.Enum(categories)).to_physical().to_numpy()  # null becomes NaN
    place = np.where(np.isnan(code), size, code).astype(np.int64)
    made = np.zeros((len(column), size + 1))  # the last column takes those without an answer
    made[np.arange(len(column)), place] = 1.0
    answered = 1.0 - made[:, size:]
    return categories, made[:, :size], np.broadcast_to(answered, (len(column), size))


def columns(frame: pl.DataFrame, names: list[str]) -> list[str]:
    """``names`` when all are columns; refuses the first that is not."""
    for name in names:
        if name not in frame.columns:
            raise refuse(f"estimate: {name}", "there is no such column",
                         nearest(name, frame.columns), "name a column of the frame")  # fmt: skip
    return names


def listed(names: Names | None) -> list[str]:
    """One name or several, as a list."""
    if names is None:
        return []
    if isinstance(names, str):
        return [names]
    given: object = names
    if not isinstance(given, Sequence) or not all(isinstance(name, str) for name in given):
        raise refuse("estimate", f"{given!r} is no name", "a name of a column, or several",
                     'e.g. "y", or ["y1", "y2"]')  # fmt: skip
    return list(names)


def measured(variables: Names) -> list[str]:
    """The variables of a call: one or more, each once."""
    names = listed(variables)
    if not names:
        raise refuse("estimate: variables", "no variable", "one or more", 'e.g. "y"')
    return once(names, "variables")


def once(names: list[str], what: str) -> list[str]:
    """``names`` when each is there once; refuses the first that is repeated."""
    for place, name in enumerate(names):
        if name in names[:place]:
            raise refuse(f"estimate: {what}", f'"{name}" is named twice', "each once",
                         "leave one out")  # fmt: skip
    return names


def unclaimed(names: Sequence[str], claimed: Sequence[str], what: str) -> None:
    """Refuse columns that would stand beside a column of the result of the same name."""
    for name in names:
        if name in claimed:
            remedy = f'rename it first: frame.rename({{"{name}": "…"}})'
            raise refuse(f"estimate: {what}", f'the result has a column "{name}" of its own',
                         "another name", remedy)  # fmt: skip


def classes(column: pl.Series) -> pl.Series:
    """``column`` when its values can be classes: text, numbers, truth values, categories, dates."""
    dtype = column.dtype
    if dtype.is_nested() or dtype in (pl.Object, pl.Binary, pl.Duration):
        raise refuse(f"estimate: {column.name}", f"the column is {dtype}", "categories",
                     "make text or numbers of it")  # fmt: skip
    return column
