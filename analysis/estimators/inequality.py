"""The Gini index of domains, with its linearized variance.

Deville (1999), Survey Methodology 25(2); Langel and Tillé (2013), JRSS A 176(2), who set out the
formulas that are equal. docs/methods/inequality.md has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from analysis.design import Floats, Integers, SampleDesign
from analysis.errors import refuse
from analysis.estimators.cdf import Ordered
from analysis.estimators.cells import Groups, Names, groups, measured, numbers
from analysis.estimators.frames import result
from analysis.estimators.functional import Functional
from analysis.estimators.intervals import wald
from analysis.estimators.options import Options
from analysis.estimators.ratio import degrees
from analysis.variance import covariance, ratio_totals, replicate_covariance

_BLOCK = 4_000_000  # scores held at once: 32 MB


class Blocks(Functional, Protocol):
    """A functional of L levels that gives the scores of a few levels at a time."""

    def blocks(self, weights: Floats, point: Floats, width: int) -> Iterator[Floats]:
        """Scores (n, at most ``width``) of consecutive levels."""
        ...


@dataclass(frozen=True, slots=True)
class Gini:
    """The Gini index of L levels as a functional.

    ordered : the respondents by level and value ; n : respondents
    """

    ordered: Ordered
    n: int

    def point(self, weights: Floats) -> Floats:
        """(L,) indices sum_ij w_i w_j |y_i - y_j| / (2 N Y); NaN where Y is 0."""
        found = np.full(self.ordered.size, np.nan)
        for level, (y, w) in enumerate(self.ordered.segments(weights)):
            total = (w * y).sum()
            if total > 0:
                ranks = 2 * np.cumsum(w) - w
                found[level] = (ranks * w * y).sum() / (w.sum() * total) - 1
        return found

    def scores(self, weights: Floats, point: Floats) -> Floats:
        """(n, L) linearized variables; see :meth:`blocks`."""
        return next(self.blocks(weights, point, max(len(point), 1)))

    def blocks(self, weights: Floats, point: Floats, width: int) -> Iterator[Floats]:
        """z_k = [A_k - G (Y + N y_k)] / (N Y), A_k = sum_j w_j |y_k - y_j|, in one's own level.

        A_k = y_k (2 C_k - N) + Y - 2 S_k, C_k and S_k being the sums of w and of w y up to k.
        """
        o = self.ordered
        z = np.zeros(len(o.row))
        for level, (a, b) in enumerate(zip(o.start[:-1], o.start[1:], strict=True)):
            z[a:b] = _gini_scores(o.value[a:b], weights[o.row[a:b]], point[level])
        for first in range(0, o.size, width):
            last = min(first + width, o.size)
            yield _spread(o, z, self.n, first, last)


def _gini_scores(y: Floats, w: Floats, gini: float) -> Floats:
    size, total = w.sum(), (w * y).sum()
    if not total > 0:
        return np.zeros(len(y))
    apart = y * (2 * np.cumsum(w) - size) + total - 2 * np.cumsum(w * y)
    return np.asarray((apart - gini * (total + size * y)) / (size * total), dtype=np.float64)


def _spread(ordered: Ordered, scores: Floats, n: int, first: int, last: int) -> Floats:
    """(n, last - first) scores (m,) in the column of their own level, 0 in the others."""
    made = np.zeros((n, last - first))
    a, b = ordered.start[first], ordered.start[last]
    level = np.repeat(np.arange(last - first), np.diff(ordered.start[first : last + 1]))
    made[ordered.row[a:b], level] = scores[a:b]
    return made


def standard_errors(functional: Blocks, point: Floats, design: SampleDesign) -> Floats:
    """(L,) standard errors by the design's own way, a block of levels at a time."""
    if design.replication is not None:
        w = design.replication.weights
        replicated = np.stack([functional.point(w[:, r]) for r in range(w.shape[1])])
        spread = np.diag(replicate_covariance(replicated, point, design))
        return np.asarray(np.sqrt(spread), dtype=np.float64)
    weights = design.weights
    width = max(1, min(len(point), _BLOCK // len(weights)))
    variance = [
        np.diag(covariance(weights[:, None] * z, design))
        for z in functional.blocks(weights, point, width)
    ]
    return np.sqrt(np.maximum(np.concatenate(variance), 0.0))


def gini(
    design: SampleDesign, variables: Names, by: Names | None, where: pl.Expr | None, o: Options
) -> pl.DataFrame:
    """Gini indices of numeric columns without negative values; no design effect is given.

    Raises :class:`BaroError` for negative values inside ``where``.
    """
    names, domains = measured(variables), groups(design, by, where)
    values, known = numbers(design, names)
    known = known * (design.weights > 0)[:, None]
    parts = [_gini(name, values[:, k], known[:, k], domains, design, o)
             for k, name in enumerate(names)]  # fmt: skip
    found = {c: np.hstack([part[c] for part in parts]) for c in parts[0]}
    return result(names, [""] * len(names), domains, found, f"gini; {design.way}; wald")


def _gini(
    name: str, values: Floats, base: Floats, domains: Groups, design: SampleDesign, o: Options
) -> dict[str, Floats]:
    code = np.where(base > 0, domains.code, -1)
    negative = int((values[code >= 0] < 0).sum())
    if negative:
        raise refuse(f"gini: {name}", f"{negative} values are negative",
                     "0 or more: with negative values the index may exceed 1",
                     f'where=pl.col("{name}") >= 0, or set them to 0 first')  # fmt: skip
    functional = Gini(Ordered.of(values, code, levels(domains), design.weights), len(values))
    point = functional.point(design.weights)
    se = standard_errors(functional, point, design)
    base_found = of_base(base, domains, design, o)
    se = np.where((base_found["psus"] < 2) | np.isnan(point), np.nan, se)
    low, high = wald(point, se, base_found["df"][:, 0], o.level)
    return columns(point, se, low, high, base_found)


def levels(domains: Groups) -> int:
    """L, one without ``by``."""
    return max(domains.labels.height, 1)


def of_base(base: Floats, domains: Groups, design: SampleDesign, o: Options) -> dict[str, Floats]:
    """What the base (n,) of each level says: df, n, n_weighted (L, 1), and psus (L,)."""
    x, members = base[:, None], domains.members
    totals = ratio_totals(np.zeros_like(x), x, members, design)
    df: Integers = degrees(totals, x, members, design, o)
    return {"df": df.astype(np.float64), "n": members.sums(x), "n_weighted": totals.x,
            "psus": totals.psus[:, 0].astype(np.float64)}  # fmt: skip


def columns(
    point: Floats, se: Floats, low: Floats, high: Floats, base: dict[str, Floats]
) -> dict[str, Floats]:
    """Columns (L, 1) of one variable, without a design effect."""
    found = {"estimate": point, "se": se, "ci_low": low, "ci_high": high,
             "deff": np.full(point.shape, np.nan)}  # fmt: skip
    shaped = {name: v[:, None] for name, v in found.items()}
    return shaped | {name: base[name] for name in ("df", "n", "n_weighted")}
