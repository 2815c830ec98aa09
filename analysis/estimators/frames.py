"""The one shape of results: a polars DataFrame with a row a cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from analysis.design import Floats
from analysis.estimators.cells import Groups, unclaimed

COLUMNS = (
    "estimate", "se", "ci_low", "ci_high", "cv", "deff", "n_eff", "df", "n", "n_weighted",
)  # fmt: skip


def result(
    variables: Sequence[str],
    categories: Sequence[str],
    domains: Groups,
    numbers: dict[str, Floats],
    method: str,
) -> pl.DataFrame:
    """Rows ordered by variable, category, then domain.

    variables, categories : (K,) of each measure ; numbers : column -> (L, K), NaN for unknown;
    ``cv`` and ``n_eff`` are added. Returns columns variable, category, <by>, estimate, se,
    ci_low, ci_high, cv, deff, n_eff, df, n, n_weighted, method.
    """
    unclaimed(domains.by, ("variable", "category", *COLUMNS, "method"), "by")
    n_levels, k = numbers["estimate"].shape
    with np.errstate(divide="ignore", invalid="ignore"):
        numbers = {
            **numbers,
            "cv": numbers["se"] / np.abs(numbers["estimate"]),
            # without variance nobody is worth less, or more: no number says it
            "n_eff": np.where(numbers["deff"] > 0, numbers["n"] / numbers["deff"], np.nan),
        }
    flat = {c: numbers[c].T.ravel().astype(np.float64) for c in COLUMNS}
    frame = pl.DataFrame(
        {
            "variable": np.repeat(np.array(variables, dtype=object), n_levels).tolist(),
            "category": np.repeat(np.array(categories, dtype=object), n_levels).tolist(),
        }
    )
    if domains.by:
        frame = frame.hstack(pl.concat([domains.labels] * k))
    made = frame.hstack(pl.DataFrame(flat)).with_columns(
        pl.col(COLUMNS).fill_nan(None), method=pl.lit(method)
    )
    return made.with_columns(pl.col("df", "n").cast(pl.Int64, strict=False))
