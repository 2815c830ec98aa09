"""The covariance of totals of scores, from sums of the products of the totals of PSUs by stratum.

As :func:`analysis.variance.scores.covariance`, of rows that stay where they are. What comes back
has a row a stratum, whatever the number of respondents and of PSUs.
"""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import numpy as np
import polars as pl

from analysis.design import Component, Floats
from analysis.engines.frames import SUMS, Lazy, run
from analysis.engines.passes import placed
from analysis.engines.strata import Strata

STRATUM, PSU = "s0", "u"  # how the rows of a model call the columns of the design


def covariance(
    rows: Lazy, scores: Sequence[str], clustered: bool, stratified: bool, strata: Strata
) -> Floats:
    """(C, C) covariance of the totals of C columns of weighted scores.

    rows : with the scores, and the columns STRATUM and, where ``clustered``, PSU
    """
    c = len(scores)
    rows = rows.select(STRATUM, *([PSU] if clustered else []), *scores)
    if clustered:
        rows = rows.group_by(STRATUM, PSU).agg(*(nw.col(s).sum() for s in scores))
    pairs = [(a, b) for a in range(c) for b in range(a, c)]
    wanted = {f"t{k}": nw.col(s) for k, s in enumerate(scores)}
    wanted |= {f"t{a}_{b}": nw.col(scores[a]) * nw.col(scores[b]) for a, b in pairs}
    names = list(wanted)
    parts = [names[k : k + SUMS] for k in range(0, len(names), SUMS)]
    plans = [rows.group_by(STRATUM).agg(*(wanted[n].sum().alias(n) for n in part))
             for part in parts]  # fmt: skip
    size = len(strata.component.size)
    found = np.hstack([_by_group(t, part, int(stratified), strata, size)
                       for t, part in zip(run(plans), parts, strict=True)])  # fmt: skip
    squares = symmetric(strata.component.coefficient @ found[:, c:], c)
    return around_means(squares, found[:, :c], strata.component)


def _by_group(
    table: pl.DataFrame, names: Sequence[str], n_keys: int, strata: Strata, size: int
) -> Floats:
    """(H, S) sums of each group of the design, 0 where nobody is in it."""
    table = placed(table, n_keys, strata)
    made = np.zeros((size, len(names)))
    np.add.at(made, table["place"].cast(pl.Int64).to_numpy(),
              table.select(names).to_numpy().astype(np.float64))  # fmt: skip
    return made


def symmetric(upper: Floats, k: int) -> Floats:
    """(k, k) from its upper half, row by row."""
    made = np.zeros((k, k))
    made[np.triu_indices(k)] = upper
    return made + np.triu(made, 1).T


def around_means(squares: Floats, sums: Floats, c: Component) -> Floats:
    """(L, L) covariance of totals, sum_h c_h [sum_j e_ja e_jb - S_ha S_hb / m_h].

    squares : (L, L) sum_h c_h sum_j e_ja e_jb ; sums : (H, L) the sums S by stratum
    A stratum of a single PSU that counts is compared with the mean of all instead.
    """
    shared = np.where(c.alone, 0.0, c.coefficient / c.size)
    made = squares - (sums * shared[:, None]).T @ sums
    if c.alone.any():
        made += _alone(sums, c.coefficient * c.alone, len(c.group))
    return np.asarray(made, dtype=np.float64)


def _alone(scores: Floats, coefficient: Floats, psus: int) -> Floats:
    """What (e_a - mean)(e_b - mean) has beside e_a e_b in strata of a single PSU, (L, L)."""
    mean = scores.sum(axis=0) / psus
    part = coefficient @ scores
    squares: Floats = np.outer(mean, mean) * coefficient.sum()
    return squares - np.outer(mean, part) - np.outer(part, mean)
