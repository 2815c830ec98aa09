"""Replicate weights of a frame that stays where it is: checks, and the spread of estimates."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import numpy as np
import polars as pl

from analysis.design import Floats, Integers, Replicates
from analysis.design.replicates import given_scales
from analysis.engines.frames import SUMS, Lazy, Progress, known, levels, number, run
from analysis.engines.passes import Measure
from analysis.engines.scores import symmetric
from analysis.errors import Problem, raise_all, refuse


def read_replicates(
    rows: Lazy, columns: Sequence[str], kind: str, fay: float, scale: float | None,
    rscales: Sequence[float] | None,
) -> Replicates:  # fmt: skip
    """What the columns are; the weights themselves stay where they are (``weights`` is empty)."""
    known(rows, columns, "design: replicate_weights")
    if len(set(columns)) < len(columns) or len(columns) < 2:
        raise refuse("design: replicate_weights", f"{len(columns)} columns, {len(set(columns))} "
                     "different", "two or more, each once", "check the list")  # fmt: skip
    scales = given_scales(len(columns), kind, fay, scale, rscales)
    return Replicates(np.zeros((0, len(columns))), *scales, kind)


def rank(rows: Lazy, columns: Sequence[str], weight: str) -> int:
    """Rank of the replicate weights, from their products; refuses weights that are none.

    As :func:`analysis.design.replicates.replicate_rank`.
    """
    r = len(columns)
    w = [number(c) for c in columns]
    pairs = [(a, b) for a in range(r) for b in range(a, r)]
    upper = _summed(rows, [w[a] * w[b] for a, b in pairs])
    sums = _summed(rows, [*w, number(weight), *(nw.when(~x.is_finite() | (x < 0) | x.is_null())
                                                .then(1.0).otherwise(0.0) for x in w)])  # fmt: skip
    raise_all(_faults(columns, sums[:r], sums[r], sums[r + 1 :]))
    return rank_of(symmetric(upper, r))


def ranks(rows: Lazy, weights: Sequence[nw.Expr], labels: pl.DataFrame) -> Integers:
    """(L,) rank of the replicate weights of the rows of each level, from their products.

    labels : (L,) the levels, by the columns they are of; none: all rows
    """
    return np.array([rank_of(gram) for gram in products(rows, weights, labels)], dtype=np.int64)


def products(rows: Lazy, weights: Sequence[nw.Expr], labels: pl.DataFrame) -> Floats:
    """(L, R, R) sums of the products of replicate weights in each level."""
    r = len(weights)
    names = {f"t{a}_{b}": (weights[a] * weights[b]).sum() for a in range(r) for b in range(a, r)}
    kept, given = levels(rows, (), labels.columns)
    keys = list(given.values())
    pieces = [list(names)[k : k + SUMS] for k in range(0, len(names), SUMS)]
    tables = run([kept.group_by(*keys).agg(*(names[n].alias(n) for n in piece))
                  for piece in pieces])  # fmt: skip
    if not labels.width and not tables[0].height:  # nobody
        return np.zeros((1, r, r))
    ordered = labels.rename({c: f"b{k}" for k, c in enumerate(labels.columns)})
    found = np.hstack([
        (ordered.join(table, on=ordered.columns, how="left") if labels.width else table)
        .select(pl.col(piece).cast(pl.Float64).fill_null(0.0)).to_numpy()
        for table, piece in zip(tables, pieces, strict=True)
    ])  # fmt: skip
    return np.stack([symmetric(upper, r) for upper in found])


def rank_of(gram: Floats) -> int:
    """Rank of replicate weights, from their products, brought to one length."""
    norms = np.sqrt(np.diag(gram))
    scale = np.where(norms > 0, 1 / np.where(norms > 0, norms, 1.0), 0.0)
    return int(np.linalg.matrix_rank(gram * scale[:, None] * scale, hermitian=True))


def replicated(
    rows: Lazy, columns: Sequence[str], measures: Sequence[Measure], labels: pl.DataFrame,
    ratio: bool, progress: Progress | None = None,
) -> Floats:  # fmt: skip
    """(R, L, K) estimates y / x (or y) with each of the R replicate weights.

    labels : (L,) the levels, by the columns they are of
    """
    step = max(1, SUMS // (2 * len(columns)))
    parts = [measures[k : k + step] for k in range(0, len(measures), step)]
    tables = run([_plan(rows, columns, part, labels.columns, ratio) for part in parts], progress)
    made = []
    for part, table in zip(parts, tables, strict=True):
        levels = labels.rename({c: f"b{k}" for k, c in enumerate(labels.columns)})
        ordered = levels.join(table, on=levels.columns, how="left") if labels.width else table
        made.append(_estimates(ordered, len(columns), len(part), ratio))
    return np.concatenate(made, axis=2)


def _plan(
    rows: Lazy, columns: Sequence[str], measures: Sequence[Measure], by: Sequence[str], ratio: bool
) -> Lazy:
    """By level the sums w_r z and w_r d, named by replicate and measure."""
    kept, given = levels(rows, (), by)
    sums = []
    for r, column in enumerate(columns):
        w = number(column)
        for k, m in enumerate(measures):
            sums.append((w * m.z).sum().alias(f"y{r}_{k}"))
            if ratio:
                sums.append((w * m.d).sum().alias(f"x{r}_{k}"))
    return kept.group_by(*given.values()).agg(*sums)


def _estimates(table: pl.DataFrame, n: int, k: int, ratio: bool) -> Floats:
    """(R, L, K) the estimates with each replicate weight."""

    def of(letter: str) -> Floats:
        names = [f"{letter}{r}_{m}" for r in range(n) for m in range(k)]
        numbers = table.select(names).to_numpy().astype(np.float64)
        return numbers.reshape(-1, n, k).transpose(1, 0, 2)

    with np.errstate(divide="ignore", invalid="ignore"):
        return of("y") / of("x") if ratio else of("y")


def _summed(rows: Lazy, values: Sequence[nw.Expr]) -> Floats:
    """(V,) the sums over all rows."""
    parts = [values[k : k + SUMS] for k in range(0, len(values), SUMS)]
    plans = [rows.select(*(v.sum().alias(f"t{k}") for k, v in enumerate(part))) for part in parts]
    return np.concatenate([t.to_numpy()[0] for t in run(plans)]).astype(np.float64)


def _faults(columns: Sequence[str], sums: Floats, weight: float, wrong: Floats) -> list[Problem]:
    found = [
        Problem(f"design: replicate_weights: {c}", f"{int(bad)} weights are missing or negative",
                "numbers, 0 or more", "correct the weights")
        for c, bad in zip(columns, wrong, strict=True) if bad
    ]  # fmt: skip
    if found:
        return found
    found = [
        Problem(f"design: replicate_weights: {c}", "all are 0", "positive weights",
                "name another column")
        for c, total in zip(columns, sums, strict=True) if total == 0
    ]  # fmt: skip
    share = float(np.median(sums) / weight)
    if not found and not 0.2 < share < 5:
        found.append(Problem("design: replicate_weights",
                             f"they sum to {share:.3g} times the weights: they look like factors",
                             "replicate weights that sum to about the population",
                             "multiply each by the weight first"))  # fmt: skip
    return found
