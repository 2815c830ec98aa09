"""Estimates of domain levels with the covariance between any two, from sums made where rows are.

Two levels share PSUs: the products of their totals, PSU by PSU, are summed by stratum like the
squares. Where each row is a PSU it is in one level, and the products are 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import polars as pl

from analysis.design import Floats, Integers
from analysis.engines.frames import Lazy, levels, one, run
from analysis.engines.passes import (
    LevelSums,
    Measure,
    Terms,
    placed,
    read,
    rounded,
    totals_plan,
    unit_plan,
)
from analysis.engines.residuals import ResidualSums
from analysis.engines.scores import around_means
from analysis.engines.strata import Strata

_PRODUCTS = ("yy", "yx", "xy", "xx", "both")


@dataclass(frozen=True, slots=True)
class CellSums:
    """The sums of one measure over L levels, and of the products of two.

    found : sums by level and stratum ; first, second, group : (T,) pairs of different levels that
    share PSUs, and the stratum ; products : {"yy": (T,), …} of Y_a Y_b, Y_a X_b, X_a Y_b, X_a X_b;
    "both": PSUs with somebody in the base of each
    """

    found: LevelSums
    first: Integers
    second: Integers
    group: Integers
    products: dict[str, Floats]

    def degrees(self, m: Measure, pair: tuple[Integers, Integers]) -> Integers:
        """(Q,) PSUs - strata with somebody in the base of either of two levels.

        Level L is one with nobody.
        """
        found, (a, b) = self.found, pair
        psus, size = found.of([m], "psus")[:, 0], found.size + 1
        shared = np.zeros((size, size))
        np.add.at(shared, (self.first, self.second), self.products["both"])
        own = np.append(found.levels(psus[:, None])[:, 0], 0)
        strata = np.zeros((size, int(found.group.max(initial=0)) + 1), dtype=np.bool_)
        strata[found.level, found.group] = psus > 0
        made = own[a] + own[b] - shared[a, b] - (strata[a] | strata[b]).sum(axis=1)
        return np.asarray(made, dtype=np.int64)


def cell_sums(
    rows: Lazy, keys: Sequence[str], cluster: str, strata: Strata, terms: Terms, m: Measure,
    by: Sequence[str],
) -> CellSums:  # fmt: skip
    """One grouping, and where there are PSUs one more that pairs their levels."""
    plans = [totals_plan(rows, keys, cluster, terms, by)]
    paired = bool(cluster and by)
    if paired:
        plans.append(_pairs(rows, keys, cluster, terms, m, by))
    tables = run(plans)
    found = read(tables[0], len(keys), by, strata)
    none = np.zeros(0, dtype=np.int64)
    if not paired:
        return CellSums(found, none, none, none, {p: np.zeros(0) for p in _PRODUCTS})
    given = [f"b{k}" for k in range(len(by))]
    names = found.labels.rename(dict(zip(by, given, strict=True))).with_row_index("a")
    other = names.rename({"a": "b", **{c: f"{c}_b" for c in given}})
    table = (
        placed(tables[1], len(keys), strata).join(names, on=given).join(other, on=other.columns[1:])
    )
    table = table.group_by("a", "b", "place").agg(pl.col(_PRODUCTS).sum()).sort("a", "b", "place")
    first, second, group = (table[c].cast(pl.Int64).to_numpy() for c in ("a", "b", "place"))
    return CellSums(found, first, second, group, {p: table[p].to_numpy() for p in _PRODUCTS})


def _pairs(
    rows: Lazy, keys: Sequence[str], cluster: str, terms: Terms, m: Measure, by: Sequence[str]
) -> Lazy:
    """By stratum and pair of different levels, the products of the totals of each PSU."""
    y, x, n = (m.roles[role] for role in ("y", "x", "n"))
    named = [*levels(rows, keys, by)[1]]
    units = unit_plan(rows, keys, cluster, terms, by)
    on, own = [*named[: len(named) - len(by)], "u"], named[len(named) - len(by) :]
    sums = {"y": nw.col(y), "x": nw.col(x), "n": one(nw.col(n) > 0)}
    left = units.select(*on, *own, **sums)
    right = units.select(*on, **{f"{c}_b": nw.col(c) for c in own},
                         **{f"{k}_b": v for k, v in sums.items()})  # fmt: skip
    both = left.join(right, on=on, how="inner")
    apart = [nw.col(c) != nw.col(f"{c}_b") for c in own]
    both = both.filter(nw.any_horizontal(*apart, ignore_nulls=False))
    pairs = [*on[:-1], *own, *(f"{c}_b" for c in own)]
    return both.group_by(*pairs).agg(
        (nw.col("y") * nw.col("y_b")).sum().alias("yy"),
        (nw.col("y") * nw.col("x_b")).sum().alias("yx"),
        (nw.col("x") * nw.col("y_b")).sum().alias("xy"),
        (nw.col("x") * nw.col("x_b")).sum().alias("xx"),
        (nw.col("n") * nw.col("n_b")).sum().alias("both"),
    )


def cell_covariance(
    sums: CellSums, m: Measure, strata: Strata, ratio: bool, calibrated: ResidualSums | None = None
) -> Floats:
    """(L, L) covariance of the ratios y / x of the levels, or of the totals y.

    The score of a PSU is e = (y - R x) / X (or y).
    """
    found, c = sums.found, strata.component
    y, x = (found.levels(found.of([m], role))[:, 0] for role in ("y", "x"))
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = y / x if ratio else np.zeros(found.size)
        scale = 1 / x if ratio else np.ones(found.size)
    scores = np.zeros((len(c.size), found.size))
    own = [found.of([m], role)[:, 0] for role in ("y", "x", "yy", "yx", "xx")]
    r = slope[found.level]
    scores[found.group, found.level] = own[0] - r * own[1]
    squares = own[2] - 2 * r * own[3] + r**2 * own[4]
    made = np.zeros((found.size, found.size))
    np.add.at(made, (found.level, found.level), c.coefficient[found.group] * squares)
    a, b, p = sums.first, sums.second, sums.products
    cross = p["yy"] - slope[b] * p["yx"] - slope[a] * p["xy"] + slope[a] * slope[b] * p["xx"]
    np.add.at(made, (a, b), c.coefficient[sums.group] * cross)
    if calibrated is not None:
        left = calibrated.of(m, slope)
        size = np.diag(made) + left.sizes()
        made += left.products()
        scores -= left.fitted
    made = around_means(made, scores, c)
    if calibrated is not None:
        near = rounded(found.levels(found.of([m], "n"))[:, 0]) * size
        made = np.where(np.abs(made) <= np.sqrt(np.outer(near, near)), 0.0, made)
    return np.asarray(made * np.outer(scale, scale), dtype=np.float64)
