"""Drawn rows of a finite population: some of each stratum, and never more than there are."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.definition import Survey

POOL = 10  # times as many rows are drawn as are kept
_FEWEST = 2  # of a stratum, so that it has a variance


def fitting(survey: Survey, wave: str, drawn: pl.DataFrame, size: int) -> pl.DataFrame:
    """``size`` of the rows ``drawn``, or as many as the frame of the design allows.

    Alike many of each stratum where there are as many units, then more of the largest; rows of no
    stratum are left out. All of them, where the design has no frame.
    """
    name = survey.spec.design.frame
    if not name:
        return drawn
    table = survey.margin(name, wave)
    share = max(size // len(table.categories), _FEWEST)
    first, more = [], []
    strata = zip(table.populations, table.categories, strict=True)
    for population, cell in sorted(strata, reverse=True):
        here = pl.all_horizontal(
            pl.col(c).cast(pl.String) == code for c, code in zip(table.columns, cell, strict=True)
        )
        places = np.flatnonzero(drawn.select(here.fill_null(value=False)).to_series().to_numpy())
        room = places[: int(population)] if population else places
        first.append(room[:share])
        more.append(room[share:])
    kept = np.concatenate([*first, *more])[: max(size, sum(map(len, first)))]
    return drawn[np.sort(kept)]
