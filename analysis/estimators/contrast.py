"""Differences between cells: groups, waves, categories in each; with their covariance.

docs/methods/contrasts.md says what the covariance holds, and what "family" is adjusted for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import polars as pl

from analysis.design import Floats, Integers, SampleDesign
from analysis.errors import nearest, refuse
from analysis.estimators.adjust import Adjustment, adjusted
from analysis.estimators.cells import Names, unclaimed
from analysis.estimators.functional import Estimated
from analysis.estimators.inference import freedom, no_variance, two_sided
from analysis.estimators.intervals import student
from analysis.estimators.measures import (
    Cells,
    Kind,
    Measure,
    cell_counts,
    cells,
    estimates,
    measures,
)
from analysis.estimators.options import Options

Pairs = Literal["all", "first", "sequential"] | Sequence[tuple[object, object]]
NUMBERS = (
    "estimate_a", "estimate_b", "se_a", "se_b", "difference", "se", "ci_low", "ci_high",
    "statistic", "p_value", "p_adjusted",
)  # fmt: skip


class Named(Protocol):
    """A measure as a row of a result calls it."""

    @property
    def variable(self) -> str:
        """The column, or the two of a ratio."""
        ...

    @property
    def category(self) -> str:
        """The category of a share, else ""."""
        ...


@dataclass(frozen=True, slots=True)
class Difference:
    """Q differences b - a; every array is (Q,), NaN where not known.

    reason : why there is no test, or ""
    """

    estimate: Floats
    se: Floats
    df: Floats
    reason: list[str]


def contrast(
    design: SampleDesign, variable: Names, by: Names, pairs: Pairs, within: Names | None,
    where: pl.Expr | None, kind: Kind, denominator: str | None,
    category: str | Sequence[str] | None, adjust: Adjustment | None, o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Differences between pairs of levels of ``by``, in each level of ``within``.

    One row a variable, category, level of ``within`` and pair: variable, category, <within>,
    <by>_a, <by>_b, estimate_a, estimate_b, se_a, se_b, n_a, n_b, difference, se, ci_low,
    ci_high, statistic, df, p_value, p_adjusted, method, note. The rows of one call are one
    family. Raises :class:`BaroError` for unknown columns, categories, levels and conventions.
    """
    found = cells(design, by, within, where)
    left, right = checked(found, pairs)
    frames = []
    for measure in measures(design, variable, kind, denominator, category):
        e, n = estimates(design, measure, found), cell_counts(measure, found)
        df = _freedoms(design, measure, found, (left, right), o)
        frames.append(difference_rows(measure, found, e, n, (left, right), df, o))
    return finished(pl.concat(frames), adjust, f"difference of {kind}s; {design.way}; df={o.df}")


def difference_rows(
    names: Named, found: Cells, e: Estimated, n: Integers, pair: tuple[Integers, Integers],
    df: Floats, o: Options,
) -> pl.DataFrame:  # fmt: skip
    """The differences of one measure, from its estimates in all cells.

    n : (L,) respondents in the base of each cell ; pair : (Q,) cells a and b ; df : (Q,)
    """
    return _rows(names, found, e, n, pair, _differences(e, pair, df), o.level)


def checked(found: Cells, pairs: Pairs) -> tuple[Integers, Integers]:
    """(Q,) cells a and b of each row; refuses columns that the result could not hold."""
    _unclaimed(found)
    return _pairs(found, pairs)


def _unclaimed(found: Cells) -> None:
    """Refuse columns of ``by`` and ``within`` that the result could not hold beside its own."""
    own = ("variable", "category", *NUMBERS, "n_a", "n_b", "df", "method", "note")
    sides = [f"{name}{side}" for side in ("_a", "_b") for name in found.by.columns]
    unclaimed(sides, own, "by, with _a and _b")
    unclaimed(found.within.columns, (*own, *sides), "within")


def _pairs(found: Cells, pairs: Pairs) -> tuple[Integers, Integers]:
    """(Q,) cells a and b of each row, the pairs repeated in each level of ``within``."""
    size = found.by.height
    levels = found.by.rows()
    if isinstance(pairs, str):
        chosen = _named_pairs(pairs, size)
    else:
        given: object = pairs
        if not isinstance(given, Sequence) or any(
            not isinstance(pair, Sequence) or len(pair) != 2 for pair in given
        ):
            raise refuse("contrast: pairs", f"{pairs!r}", "pairs of levels",
                         'pairs="all", or pairs=[(a, b)]')  # fmt: skip
        chosen = [(_level(levels, a), _level(levels, b)) for a, b in pairs]
    if not chosen or any(a == b for a, b in chosen):
        raise refuse("contrast: pairs", f"{size} levels of by, and a pair of one level with itself"
                     if chosen else f"{size} levels of by give no pair", "two different levels",
                     'pairs="all", or pairs=[(a, b)]')  # fmt: skip
    starts = size * np.arange(found.size // size)
    a, b = (np.array(side, dtype=np.int64) for side in zip(*chosen, strict=True))
    return (starts[:, None] + a).ravel(), (starts[:, None] + b).ravel()


def _named_pairs(pairs: str, size: int) -> list[tuple[int, int]]:
    made = {
        "all": [(i, j) for i in range(size) for j in range(i + 1, size)],
        "first": [(0, j) for j in range(1, size)],
        "sequential": [(j - 1, j) for j in range(1, size)],
    }
    if pairs not in made:
        raise refuse("contrast: pairs", f'"{pairs}" is not known', nearest(pairs, made),
                     "name one of them, or pairs=[(a, b)]")  # fmt: skip
    return made[pairs]


def _level(levels: list[tuple[object, ...]], value: object) -> int:
    wanted = value if isinstance(value, tuple) else (value,)
    if wanted in levels:
        return levels.index(wanted)
    shown = [", ".join(map(str, level)) for level in levels]
    raise refuse("contrast: pairs", f"there is no level {', '.join(map(str, wanted))} of by",
                 nearest(", ".join(map(str, wanted)), shown),
                 "name levels as the column holds them, tuples for several columns")  # fmt: skip


def _freedoms(
    design: SampleDesign, measure: Measure, found: Cells, pair: tuple[Integers, Integers],
    o: Options,
) -> Floats:  # fmt: skip
    """(Q,) degrees of freedom of the design, or of the PSUs of the two cells."""
    if o.df == "design":
        return np.full(len(pair[0]), float(design.df))
    return np.array([
        freedom(design, measure.base & ((found.code == i) | (found.code == j)), "domain")
        for i, j in zip(*pair, strict=True)
    ], dtype=np.float64)  # fmt: skip


def _differences(e: Estimated, pair: tuple[Integers, Integers], df: Floats) -> Difference:
    """V(b - a) = V(a) + V(b) - 2 Cov(a, b)."""
    a, b = pair
    variance = np.diag(e.covariance)
    gap = variance[a] + variance[b] - 2 * e.covariance[a, b]
    se = np.sqrt(np.maximum(gap, 0.0))
    reason = [_reason(e, i, j, s, f) for i, j, s, f in zip(a, b, se, df, strict=True)]
    return Difference(e.point[b] - e.point[a], se, df, reason)


def _reason(e: Estimated, a: int, b: int, se: float, df: float) -> str:
    for name, cell in (("a", a), ("b", b)):
        if np.isnan(e.point[cell]):
            return f"nobody is in the base of {name}"
        if np.isnan(e.covariance[cell, cell]):
            return f"{name} rests on fewer than two PSUs, or is empty in a replicate"
    if np.isnan(se):
        return "the covariance is not known"
    if df < 1:
        return "no degrees of freedom are left"
    if no_variance(np.array([se]), np.array([e.point[a]]), np.array([e.point[b]]))[0]:
        return "neither cell varies: no standard error"
    return ""


def _caution(e: Estimated, a: int, b: int) -> str:
    """Where one cell does not vary (0 or 100 %), what the standard error leaves out."""
    still = no_variance(e.se[[a, b]], e.point[[a, b]])
    if not still.any():
        return ""
    return f"{'ab'[int(still[1])]} does not vary: the standard error is that of the other alone"


def _rows(
    measure: Named, found: Cells, e: Estimated, n: Integers, pair: tuple[Integers, Integers],
    d: Difference, level: float,
) -> pl.DataFrame:  # fmt: skip
    a, b = pair
    size = found.by.height
    se = np.where([not reason for reason in d.reason], d.se, np.nan)
    note = [r or _caution(e, i, j) for r, i, j in zip(d.reason, a, b, strict=True)]
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = d.estimate / se
        reach = student(d.df, level) * se
    columns: dict[str, Floats] = {
        "estimate_a": e.point[a], "estimate_b": e.point[b], "se_a": e.se[a], "se_b": e.se[b],
        "n_a": n[a].astype(np.float64), "n_b": n[b].astype(np.float64), "difference": d.estimate,
        "se": se, "ci_low": d.estimate - reach, "ci_high": d.estimate + reach,
        "statistic": statistic, "df": d.df, "p_value": two_sided(statistic, d.df),
    }  # fmt: skip
    names = pl.DataFrame({"variable": measure.variable, "category": measure.category})
    labels = [names[np.zeros(len(a), dtype=np.int64)]]
    if found.within.width:
        labels.append(found.within[a // size])
    labels += [
        found.by[side % size].select(pl.all().name.suffix(suffix))
        for side, suffix in ((a, "_a"), (b, "_b"))
    ]
    return pl.concat([*labels, pl.DataFrame(columns)], how="horizontal").with_columns(
        note=pl.Series(note, dtype=pl.String)
    )


def finished(frame: pl.DataFrame, adjust: Adjustment | None, method: str) -> pl.DataFrame:
    """p-values adjusted over all rows, null for what is not known, whole numbers as such."""
    p = frame["p_value"].to_numpy()
    family = np.full(len(p), np.nan) if adjust is None else adjusted(p, adjust)
    note = frame["note"]
    made = frame.drop("note").with_columns(p_adjusted=pl.Series(family))
    return made.with_columns(pl.col(NUMBERS).fill_nan(None)).with_columns(
        pl.col("n_a", "n_b", "df").cast(pl.Int64),
        method=pl.lit(f"{method}; t; adjust={adjust or 'none'}"),
        note=note,
    )
