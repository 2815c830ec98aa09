"""Rows with everything that estimation meets: missing values, NaN, zero weights, lonely PSUs."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

REPLICATES = 8


def rows(n: int = 1500, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    stratum = rng.choice(["a", "b", "c"], n)
    psu = rng.integers(0, 30, n)
    made = pl.DataFrame(
        {
            "stratum": stratum,
            "psu": psu,
            "weight": rng.gamma(2, 1, n) * (rng.random(n) > 0.02),
            "few": pl.Series(rng.integers(0, 4, n)).replace(3, None),
            "accent": rng.choice(["x", "y", "é"], n),
            "truth": rng.random(n) > 0.3,
            "day": pl.Series([date(2024, 1, 1 + int(k)) for k in rng.integers(0, 3, n)]),
            "shift": np.where(rng.random(n) < 0.1, np.nan, rng.normal(2000, 5, n)),
            "yes": rng.integers(0, 2, n),
            "answer": pl.Series(rng.choice(["oui", "non", "nsp"], n)).replace("nsp", None),
            "size": rng.gamma(3, 2, n),
            "tail": np.where(rng.random(n) < 0.02, rng.gamma(3, 2, n) ** 9, rng.integers(-9, 9, n)),
            "rare": pl.Series(rng.random(n)).set(pl.Series(psu > 8), None),
            "always": np.ones(n, dtype=np.int64),
        }
    )
    lone = pl.col("psu") == 3
    made = made.with_columns(
        unknown=pl.lit(None, dtype=pl.Float64),
        n_rows=pl.col("stratum").replace_strict({"a": 1e4, "b": 2e4, "c": 5e4}),
        n_psus=pl.col("stratum").replace_strict({"a": 60, "b": 80, "c": 30}).cast(pl.Int64),
        lonely=pl.when(lone).then(pl.lit("d")).otherwise("stratum"),
    )
    for r in range(REPLICATES):
        factor = pl.Series(rng.choice([0.0, 2.0], n))
        made = made.with_columns((pl.col("weight") * factor).alias(f"r{r}"))
    return made
