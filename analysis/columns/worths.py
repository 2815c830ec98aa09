"""What those who answer a column are worth, whatever they answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from analysis.design import SampleDesign
from analysis.estimators.ratio import worth
from analysis.variance import Membership


def worths(
    design: SampleDesign, answers: Sequence[pl.Series], levels: pl.Series
) -> list[dict[str, float | None]]:
    """For each column (n,) of answers, level -> ``n_kish`` of those of the level who answer.

    levels : (n,) the level of each respondent, null for none. None where everybody was taken, as
    in :func:`analysis.estimators.ratio.worth`.
    """
    names = levels.drop_nulls().unique().sort().to_list()
    if not answers or not names:
        return [{} for _ in answers]
    codes = levels.replace_strict(names, list(range(len(names))), default=-1,
                                  return_dtype=pl.Int64).to_numpy()  # fmt: skip
    base = np.column_stack([a.is_not_null().to_numpy() for a in answers]).astype(np.float64)
    found = worth(base, Membership.of(codes), design)
    return [
        {name: float(x) if np.isfinite(x) else None for name, x in zip(names, column, strict=True)}
        for column in found.T
    ]
