"""Variances after calibration where the rows are: what residuals on the margins leave of the sums.

With d_s the weights after step s and x its auxiliary columns (0 or 1: in a category), the score of
a row is e = w z - sum_s d_s x_s' b_s (:mod:`analysis.variance.calibration`), for everybody and not
only for the level that z is of. Of PSU totals E = Z - M'b, where M are the totals of the d_s x_s,

    sum_j E_a E_b = sum_j Z_a Z_b - b_b' sum_j Z_a M - b_a' sum_j Z_b M + b_a' (sum_j M M') b_b

in each stratum. The last does not depend on the measure and is summed once; b comes from the sums
of w z by cell (the crossing of the categories).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import polars as pl
from scipy import sparse

from analysis.design import Floats, Integers
from analysis.engines.frames import Lazy, labelled, levels, number, run
from analysis.engines.passes import LevelSums, Measure, Terms, placed, rounded, unit_plan
from analysis.engines.steps import Sparse, Step, cell, tables
from analysis.engines.strata import Strata


@dataclass(frozen=True, slots=True)
class Known:
    """The calibrated columns of all steps, p in C cells, over everybody.

    cells : (C,) their numbers, sorted ; tables : x of each step, (C, p_s)
    ratios : (C,) of each step ; masses : (C,) weights after each step
    after : (C, p) x d_s / d, d the weights before all steps
    totals : (H, p) of strata ; products : (p, p) sums over strata and PSUs of c_h M M'
    """

    steps: tuple[Step, ...]
    cells: Integers
    tables: list[Sparse]
    ratios: list[Floats]
    masses: list[Floats]
    after: Sparse
    totals: Floats
    products: Floats

    def coefficients(self, sums: Floats) -> Floats:
        """(L, p) coefficients b of L scores, from their weighted sums by cell (L, C)."""
        left, made = sums, []
        parts = zip(self.steps, self.tables, self.ratios, self.masses, strict=True)
        for step, x, ratio, mass in reversed(list(parts)):
            with np.errstate(divide="ignore"):
                back = np.where(ratio != 0, 1 / ratio, 0.0)
            b = np.asarray((left * back) @ x, dtype=np.float64) @ step.inverse
            left = left - np.asarray(b @ x.T, dtype=np.float64) * mass
            made.append(b)
        return np.hstack(made[::-1])


@dataclass(frozen=True, slots=True)
class Residual:
    """What the calibrated totals explain of the scores y - slope x of L levels.

    b, cross : (L, p) coefficients, and sums over strata and PSUs of c_h Z M
    fitted : (H, L) totals of M'b by stratum ; known : whose products there are
    """

    b: Floats
    cross: Floats
    fitted: Floats
    known: Known

    def products(self) -> Floats:
        """(L, L) what sum_h c_h sum_j E_a E_b has beside sum_h c_h sum_j Z_a Z_b."""
        cross = self.cross @ self.b.T
        return np.asarray(self.b @ self.known.products @ self.b.T - cross - cross.T)

    def squares(self) -> Floats:
        """(L,) the diagonal of the same."""
        own = ((self.b @ self.known.products) * self.b).sum(axis=1)
        return np.asarray(own - 2 * (self.cross * self.b).sum(axis=1))

    def sizes(self) -> Floats:
        """(L,) what the terms of the squares add to, each without its sign."""
        b = np.abs(self.b)
        own = ((b @ np.abs(self.known.products)) * b).sum(axis=1)
        return np.asarray(own + 2 * (np.abs(self.cross) * b).sum(axis=1))


@dataclass(frozen=True, slots=True)
class ResidualSums:
    """By name of a sum: (L, C) its parts by level and cell, and (L, p) its products with M."""

    known: Known
    by_cell: dict[str, Floats]
    crossed: dict[str, Floats]

    def of(self, m: Measure, slope: Floats) -> Residual:
        """Of the scores y - slope x, slope (L,)."""
        y, x = m.roles["y"], m.roles["x"]
        sums, cross = (there[y] - slope[:, None] * there[x]
                       for there in (self.by_cell, self.crossed))  # fmt: skip
        b = self.known.coefficients(sums)
        return Residual(b, cross, self.known.totals @ b.T, self.known)


@dataclass(frozen=True, slots=True)
class Place:
    """Where everybody is: the rows, in a domain or not, and what their design is read from.

    keys, cluster : columns of the stratum and of the PSU, if any ; strata : what was read
    """

    rows: Lazy
    keys: Sequence[str]
    cluster: str
    strata: Strata

    def placed(self, table: pl.DataFrame) -> tuple[pl.DataFrame, Integers, Floats]:
        """A table by stratum, with the stratum of each of its rows and the coefficient c_h."""
        table = placed(table, len(self.keys), self.strata)
        place = _whole(table, "place")
        return table, place, self.strata.component.coefficient[place]


def read_known(everybody: Place, steps: tuple[Step, ...]) -> Known:
    """From sums by stratum and cell, and where there are PSUs by stratum and two categories."""
    d = number(steps[0].before)
    rows, given = levels(everybody.rows, everybody.keys, ())
    sums = (d.sum().alias("d"), (d * d).sum().alias("dd"))
    plans = [rows.group_by(*given.values(), cell(steps).alias("cell")).agg(*sums)]
    if everybody.cluster:
        plans.append(_category_pairs(everybody, steps))
    found = run(plans)
    table, place, c = everybody.placed(found[0])
    cells, at = np.unique(_whole(table, "cell"), return_inverse=True)
    mass, size = table["d"].to_numpy(), (len(everybody.strata.component.size), len(cells))
    x = tables(steps, cells)
    ratios = [step.ratio(t) for step, t in zip(steps, x, strict=True)]
    factors = [np.stack(ratios[: k + 1]).prod(axis=0) for k in range(len(steps))]
    after = Sparse(sparse.hstack([_scaled(t, f) for t, f in zip(x, factors, strict=True)]))
    by_stratum = sparse.csr_array((mass, (place, at)), shape=size)
    if everybody.cluster:
        products = _products(everybody, found[1], after.shape[1])
    else:
        squares: Floats = np.zeros(len(cells))
        np.add.at(squares, at, c * table["dd"].to_numpy())
        products = (_scaled(after, squares).T @ after).toarray()
    whole = np.bincount(at, mass, len(cells))
    return Known(steps, cells, x, ratios, [whole * f for f in factors], after,
                 (by_stratum @ after).toarray(), products)  # fmt: skip


def residual_sums(
    everybody: Place, rows: Lazy, known: Known, terms: Terms, measures: Sequence[Measure],
    labels: pl.DataFrame,
) -> ResidualSums:  # fmt: skip
    """Two groupings of the rows of a domain, or one where each row is a PSU."""
    names = sorted({m.roles[r] for m in measures for r in ("y", "x")})
    sums = _of_units if everybody.cluster else _of_rows
    return sums(everybody, rows, known, terms, names, labels)


def _of_rows(
    everybody: Place, rows: Lazy, known: Known, terms: Terms, names: Sequence[str],
    labels: pl.DataFrame,
) -> ResidualSums:  # fmt: skip
    """By stratum, level and cell the sums and their products with d, row by row."""
    d = number(known.steps[0].before)
    sums = {n: terms.rows[n] for n in names} | {f"{n}d": terms.rows[n] * d for n in names}
    (table,) = run([_by_cell(rows, everybody.keys, known, sums, labels)])
    table, _, c = everybody.placed(labelled(table, labels))
    by_cell = _in_cells(table, known, {n: table[n].to_numpy() for n in names}, labels)
    crossed = _in_cells(table, known, {n: c * table[f"{n}d"].to_numpy() for n in names}, labels)
    return ResidualSums(
        known, by_cell, {n: np.asarray(v @ known.after) for n, v in crossed.items()}
    )


def _of_units(
    everybody: Place, rows: Lazy, known: Known, terms: Terms, names: Sequence[str],
    labels: pl.DataFrame,
) -> ResidualSums:  # fmt: skip
    """By level and cell the sums, and by stratum, level and category their products by PSU."""
    parts, crossed = run([
        _by_cell(rows, (), known, {n: terms.rows[n] for n in names}, labels),
        _crossed(everybody, rows, known.steps, terms, names, labels.columns),
    ])  # fmt: skip
    parts = labelled(parts, labels)
    by_cell = _in_cells(parts, known, {n: parts[n].to_numpy() for n in names}, labels)
    table, _, c = everybody.placed(labelled(crossed, labels))
    shape, at = (_size(labels), known.after.shape[1]), (_whole(table, "level"), _whole(table, "p"))
    return ResidualSums(known, by_cell,
                        {n: _added(shape, at, c * table[n].to_numpy()) for n in names})  # fmt: skip


def _by_cell(
    rows: Lazy, keys: Sequence[str], known: Known, sums: dict[str, nw.Expr], labels: pl.DataFrame
) -> Lazy:
    """By stratum (if there are ``keys``), level and cell the sums."""
    rows, given = levels(rows, keys, labels.columns)
    grouped = rows.group_by(*given.values(), cell(known.steps).alias("cell"))
    return grouped.agg(*(e.sum().alias(n) for n, e in sums.items()))


def _in_cells(
    table: pl.DataFrame, known: Known, values: dict[str, Floats], labels: pl.DataFrame
) -> dict[str, Floats]:
    """(L, C) sums over a table's rows of each of the values."""
    at = (_whole(table, "level"), np.searchsorted(known.cells, _whole(table, "cell")))
    return {n: _added((_size(labels), len(known.cells)), at, v) for n, v in values.items()}


def level_variances(
    found: LevelSums, measures: Sequence[Measure], sums: ResidualSums, strata: Strata, ratio: bool
) -> Floats:
    """(L, K) variances of y / x (or of y); 0 where the terms leave no more than their rounding."""
    c = strata.component
    g, made = c.coefficient[found.group], []
    for m in measures:
        y, x, yy, yx, xx, n = (found.of([m], r)[:, 0] for r in ("y", "x", "yy", "yx", "xx", "n"))
        top, base, people = (found.levels(v[:, None])[:, 0] for v in (y, x, n))
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = top / base if ratio else np.zeros(found.size)
            scale = 1 / base if ratio else np.ones(found.size)
        r, left = slope[found.level], sums.of(m, slope)
        own = np.bincount(found.level, g * (yy - 2 * r * yx + r**2 * xx), found.size)
        size = np.bincount(found.level, g * (np.abs(yy) + 2 * np.abs(r * yx) + r**2 * np.abs(xx)),
                           found.size)  # fmt: skip
        scores = -left.fitted
        scores[found.group, found.level] += y - r * x
        variance = own + left.squares() - between(scores, strata)
        variance = np.where(variance <= rounded(people) * (size + left.sizes()), 0.0, variance)
        made.append(variance * scale**2)
    return np.column_stack(made)


def between(scores: Floats, strata: Strata) -> Floats:
    """(L,) what the squares around the means of strata lack; of totals (H, L) by stratum."""
    c = strata.component
    shared = np.where(c.alone, 0.0, c.coefficient / c.size)
    made = (scores**2 * shared[:, None]).sum(axis=0)
    if c.alone.any():  # a single PSU is compared with the mean of all
        mean, alone = scores.sum(axis=0) / len(c.group), c.coefficient * c.alone
        made -= mean**2 * alone.sum() - 2 * mean * (alone @ scores)
    return np.asarray(made, dtype=np.float64)


def _categories(everybody: Place, steps: Sequence[Step]) -> Lazy:
    """By stratum (s0), PSU (u) and category (p) of all steps the weights after the step (m)."""
    rows, given = levels(everybody.rows, everybody.keys, ())
    groups = [*given.values(), nw.col(everybody.cluster).alias("u")]
    parts, first = [], 0
    for step in steps:
        for name, width in zip(step.codes, step.widths, strict=True):
            grouped = rows.group_by(*groups, nw.col(name).alias("p"))
            part = grouped.agg(number(step.after).sum().alias("m")).filter(nw.col("p") < width)
            parts.append(part.with_columns((nw.col("p") + first).alias("p")))
            first += width
    every: Lazy = nw.concat(parts)
    return every.select(*_own(everybody.keys), "p", "m")


def _own(keys: Sequence[str]) -> list[str]:
    """The columns that say which PSU it is."""
    return ["s0", "u"] if keys else ["u"]


def _category_pairs(everybody: Place, steps: Sequence[Step]) -> Lazy:
    """By stratum and two categories (p <= q) the products of their weights, PSU by PSU."""
    on = _own(everybody.keys)
    left = _categories(everybody, steps)
    right = left.select(*on, nw.col("p").alias("q"), nw.col("m").alias("n"))
    both = left.join(right, on=on, how="inner").filter(nw.col("p") <= nw.col("q"))
    return both.group_by(*on[:-1], "p", "q").agg((nw.col("m") * nw.col("n")).sum().alias("mm"))


def _crossed(
    everybody: Place, rows: Lazy, steps: Sequence[Step], terms: Terms, names: Sequence[str],
    by: Sequence[str],
) -> Lazy:  # fmt: skip
    """By stratum, level and category the products of sums and weights, PSU by PSU."""
    on, given = _own(everybody.keys), [f"b{k}" for k in range(len(by))]
    units = unit_plan(rows, everybody.keys, everybody.cluster, terms, by)
    both = units.select(*on, *given, *names).join(_categories(everybody, steps), on=on, how="inner")
    sums = [(nw.col(n) * nw.col("m")).sum().alias(n) for n in names]
    return both.group_by(*on[:-1], *given, "p").agg(*sums)


def _products(everybody: Place, table: pl.DataFrame, size: int) -> Floats:
    """(p, p) sums over strata of c_h times the products of two categories."""
    table, _, c = everybody.placed(table)
    at = _whole(table, "p"), _whole(table, "q")
    made = _added((size, size), at, c * table["mm"].to_numpy())
    return made + np.triu(made, 1).T


def _size(labels: pl.DataFrame) -> int:
    """L, one without domains."""
    return max(labels.height, 1)


def _whole(table: pl.DataFrame, column: str) -> Integers:
    return table[column].cast(pl.Int64).to_numpy()


def _added(shape: tuple[int, int], at: tuple[Integers, Integers], values: Floats) -> Floats:
    made = np.zeros(shape)
    np.add.at(made, at, values)
    return made


def _scaled(table: Sparse, factor: Floats) -> Sparse:
    return sparse.csr_array(sparse.diags_array(factor) @ table)
