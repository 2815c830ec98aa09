"""What a contrast or a trend is of: a mean, the share of a category, a total or a ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from analysis.design import Floats, Integers, SampleDesign
from analysis.errors import nearest, refuse
from analysis.estimators.cellratios import CellRatios, cell_estimates
from analysis.estimators.cells import Names, groups, indicators, listed, measured, numbers
from analysis.estimators.functional import Estimated
from analysis.estimators.inference import Flags, chosen

Kind = Literal["mean", "proportion", "total", "ratio"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of n respondents.

    y, x : (n,) the measure and its base (1 inside) or denominator; both 0 outside the base
    base : (n,) who has the measure and weighs something ; ratio : False for totals
    """

    variable: str
    category: str
    y: Floats
    x: Floats
    base: Flags
    ratio: bool


@dataclass(frozen=True, slots=True)
class Cells:
    """W levels of ``within`` by B of ``by``: cell w B + b. Some may hold nobody.

    by, within : (B,) and (W,) rows of labels, sorted ; code : (n,) cell, -1 for none
    """

    by: pl.DataFrame
    within: pl.DataFrame
    code: Integers

    @property
    def size(self) -> int:
        """W B."""
        return self.by.height * max(self.within.height, 1)


def measures(
    design: SampleDesign, variable: Names, kind: Kind, denominator: str | None,
    category: str | Sequence[str] | None,
) -> list[Measure]:  # fmt: skip
    """The measures that a call names; whoever weighs nothing is in no base.

    Raises :class:`BaroError` for an unknown kind or category, and for a denominator or a
    category where the kind has none, or lacks one.
    """
    check_kind(kind, denominator, category)
    counted = (design.weights > 0).astype(np.float64)
    made: list[Measure] = []
    for name in measured(variable):
        if kind == "proportion":
            made += _shares(design, name, category, counted)
        else:
            made.append(_numeric(design, name, kind, denominator, counted))
    return made


def check_kind(kind: Kind, denominator: str | None, category: str | Sequence[str] | None) -> None:
    """Refuse an unknown kind, and a denominator or category where it has none, or lacks one."""
    chosen("measure", kind, Kind)
    if (kind == "ratio") != (denominator is not None):
        raise refuse("denominator", f'measure="{kind}" and denominator={denominator!r}',
                     "a denominator for a ratio, and for nothing else",
                     'measure="ratio", denominator="…"')  # fmt: skip
    if category is not None and kind != "proportion":
        raise refuse("category", f'measure="{kind}" has no categories', "",
                     'measure="proportion"')  # fmt: skip


def check_apart(by: Sequence[str], within: Sequence[str]) -> None:
    """Refuse a comparison by nothing, or within what it is by."""
    if not by or set(by) & set(within):
        raise refuse("by", "no column, or one that is also in within", "other columns",
                     'e.g. by="wave", within="sex"')  # fmt: skip


def wanted(name: str, known: Sequence[str], category: str | Sequence[str] | None) -> Sequence[str]:
    """The categories of a column that a call names, all without; refuses one that is not known."""
    if category is None:
        return known
    for c in listed(category):
        if c not in known:
            raise refuse(f"proportion: {name}", f'there is no category "{c}"', nearest(c, known),
                         "name one that occurs")  # fmt: skip
    return listed(category)


def cells(design: SampleDesign, by: Names, within: Names | None, where: pl.Expr | None) -> Cells:
    """The cells of ``by``, in each level of ``within``; nobody without both is in any."""
    names, others = listed(by), listed(within)
    check_apart(names, others)
    inner, outer = groups(design, names, where), groups(design, within, where)
    both = (inner.code >= 0) & (outer.code >= 0)
    code = np.where(both, outer.code * inner.labels.height + inner.code, -1)
    return Cells(inner.labels, outer.labels, code)


def estimates(design: SampleDesign, measure: Measure, found: Cells) -> Estimated:
    """The measure in each cell (L,), with the covariance of all (L, L)."""
    ratios = CellRatios(measure.y, measure.x, found.code, found.size, measure.ratio)
    return cell_estimates(ratios, measure.base, design)


def cell_counts(measure: Measure, found: Cells) -> Integers:
    """(L,) respondents in the base of each cell."""
    inside = (found.code >= 0) & measure.base
    return np.bincount(found.code[inside], minlength=found.size).astype(np.int64)


def _shares(
    design: SampleDesign, name: str, category: str | Sequence[str] | None, counted: Floats
) -> list[Measure]:
    known, y, x = indicators(design, name)
    places = [known.index(c) for c in wanted(name, known, category)]
    base = x[:, 0] * counted > 0
    return [Measure(name, known[k], y[:, k] * base, x[:, k] * base, base, True) for k in places]


def _numeric(
    design: SampleDesign, name: str, kind: Kind, denominator: str | None, counted: Floats
) -> Measure:
    values, known = numbers(design, [name] if denominator is None else [name, denominator])
    base = known.all(axis=1) * counted
    if denominator is None:
        return Measure(name, "", values[:, 0] * base, base, base > 0, kind != "total")
    y, x = values[:, 0] * base, values[:, 1] * base
    return Measure(f"{name}/{denominator}", "", y, x, base > 0, True)
