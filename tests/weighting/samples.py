"""A small survey whose margins agree by construction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimation import Design

N = 240


def people(n: int = N, seed: int = 7) -> pl.DataFrame:
    """Two members a household; weights of the household, strata, PSUs and what is asked."""
    rng = np.random.default_rng(seed)
    hh = np.arange(n) // 2
    return pl.DataFrame(
        {
            "w": np.round(rng.uniform(50, 150, n), 3)[hh],
            "hh": hh,
            "psu": hh // 5,
            "h": hh // 5 % 3,
            "sex": rng.choice(["F", "M"], n),
            "age": rng.choice(["18-39", "40-64", "65+"], n, p=[0.4, 0.4, 0.2]),
            "region": rng.choice(["E", "N", "S"], n),
            "tenure": rng.choice(["own", "rent"], n)[hh],
            "income": np.round(rng.gamma(3, 600, n), 2),
            "y": np.round(rng.normal(20, 5, n), 3),
        }
    )


def lean(frame: pl.DataFrame) -> np.ndarray:
    """Weights of a population that differs from the sample."""
    factor = 1 + 0.3 * (frame["sex"] == "F") - 0.2 * (frame["age"] == "65+")
    return (frame["w"] * factor * (1 + 0.1 * (frame["income"] > 1500))).to_numpy()


def targets(frame: pl.DataFrame, *keys: Any, weights: np.ndarray | None = None) -> dict[Any, Any]:
    """Margins of these columns, single, crossed (a tuple) or numeric, under ``lean`` weights."""
    weights = lean(frame) if weights is None else weights
    found: dict[Any, Any] = {}
    for key in keys:
        columns = list(key) if isinstance(key, tuple) else [key]
        if frame[columns[0]].dtype.is_numeric():
            found[key] = float(weights @ frame[columns[0]].to_numpy())
            continue
        sums = frame.with_columns(_t=weights).group_by(columns).agg(pl.col("_t").sum()).rows()
        found[key] = {r[:-1] if isinstance(key, tuple) else r[0]: r[-1] for r in sorted(sums)}
    return found


def design(**more: Any) -> Design:
    return Design(people(), "w", **more)


def refused(call: Callable[[], object], *told: str) -> BaroError:
    """The refusal, after a look at what it tells; each of its problems names a remedy."""
    with pytest.raises(BaroError) as caught:
        call()
    text = str(caught.value)
    for part in told:
        assert part in text, text
    assert all(p.remedy for p in caught.value.problems)
    return caught.value
