"""From names to arrays: variables, domains (`by`, `where`) and bases of one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.design import Floats, Integers, SampleDesign
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
    names = listed(by)
    frame = design.frame.select(columns(design.frame, names))
    kept = (
        _kept(design.frame, where)
        & frame.select(
            pl.all_horizontal(pl.all().is_not_null()) if names else pl.lit(value=True)
        ).to_series()
    )
    if kept.len() == 1 and design.frame.height != 1:
        kept = pl.Series([bool(kept[0])] * design.frame.height)
    if not kept.any():
        raise refuse(
            "estimate: where", "nobody is in the domain", "somebody", "widen the condition"
        )
    if not names:
        return Groups((), pl.DataFrame(), np.where(kept.to_numpy(), 0, -1).astype(np.int64))
    labels = frame.filter(kept).unique().sort(names)
    numbered = frame.join(labels.with_row_index("level of by"), on=names, how="left",
                          maintain_order="left")["level of by"]  # fmt: skip
    code = np.where(kept.to_numpy(), numbered.fill_null(0).cast(pl.Int64).to_numpy(), -1)
    return Groups(tuple(names), labels, code)


def _kept(frame: pl.DataFrame, where: pl.Expr | None) -> pl.Series:
    if where is None:
        return pl.Series(np.ones(frame.height, dtype=bool))
    return frame.select(where.fill_null(value=False)).to_series()


def numbers(design: SampleDesign, names: Sequence[str]) -> tuple[Floats, Floats]:
    """(n, K) values with 0 where missing, and (n, K) 1 where there is a value.

    Raises :class:`BaroError` for a column that is not numeric or Boolean.
    """
    frame = design.frame.select(columns(design.frame, list(names)))
    for name in names:
        if not (frame[name].dtype.is_numeric() or frame[name].dtype == pl.Boolean):
            raise refuse(f"estimate: {name}", f"the column is {frame[name].dtype}", "numbers",
                         "for shares of categories, call proportion")  # fmt: skip
    number = pl.all().cast(pl.Float64)
    known = number.is_finite().fill_null(value=False)
    base = frame.select(known.cast(pl.Float64)).to_numpy(order="c")
    values = frame.select(number.fill_nan(None).fill_null(0.0)).to_numpy(order="c")
    return np.where(base > 0, values, 0.0) if np.isinf(values).any() else values, base


def indicators(design: SampleDesign, name: str) -> tuple[list[str], Floats, Floats]:
    """Categories of a column in sorted order, (n, K) 0/1 indicators, (n, K) 1 where answered."""
    column = design.frame.select(columns(design.frame, [name])).to_series().cast(pl.String)
    categories = column.drop_nulls().unique().sort().to_list()
    answered = column.is_not_null().to_numpy().astype(np.float64)[:, None]
    made = np.stack([column.eq(c).fill_null(value=False).to_numpy() for c in categories], axis=1)
    return categories, made.astype(np.float64), np.repeat(answered, len(categories), axis=1)


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
    return [names] if isinstance(names, str) else list(names)
