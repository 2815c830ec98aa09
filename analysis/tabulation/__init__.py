"""Every indicator × domain of a wave in bulk: one pass, then the rows of the table of estimates."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from analysis.definition import Survey
from analysis.errors import raise_all
from analysis.estimates import SCHEMA
from analysis.tabulation.measures import Measure, base_expression, measures, unasked
from analysis.tabulation.passes import domain_levels, matrices, memory_cells
from analysis.tabulation.rows import Cells, rows, split, weighted
from analysis.weighting.declared import other_design, wave_design

if TYPE_CHECKING:
    from analysis.engines import Engine

__all__ = [
    "Measure", "base_expression", "domain_levels", "matrices", "measures", "tabulate",
    "tabulate_held", "unasked",
]  # fmt: skip


def tabulate(
    survey: Survey, wave: str, frame: pl.DataFrame, *, origin: str, definition_hash: str,
    weighting: str = "",
) -> pl.DataFrame:  # fmt: skip
    """The wave's rows of the table of estimates, before any rule of publication.

    frame : the harmonised rows of the wave (:mod:`analysis.harmonise`)
    weighting : the key indicators of that declared weighting, with the weights that its page
    compares with the published ones; all indicators with the published weights without it

    Raises :class:`analysis.errors.BaroError` naming the indicators whose population holds
    people who were not asked.
    """
    raise_all(unasked(survey, wave, frame.lazy()))
    columns = _chosen(survey, wave, weighting)
    if not columns:
        return pl.DataFrame(schema=SCHEMA)
    design = (
        other_design(survey, wave, weighting, frame)
        if weighting
        else wave_design(survey, wave, frame)
    )
    found = memory_cells(survey, wave, frame, columns, design)
    return _table(survey, wave, found, origin, definition_hash, weighting)


def tabulate_held(
    survey: Survey, wave: str, path: Path, engine: Engine, *, origin: str, definition_hash: str
) -> pl.DataFrame:
    """The same of rows that stay in a Parquet file: an engine makes the sums (docs/scale.md).

    path : the harmonised rows; what is measured of them is written beside it for the engine, and
    removed at the end. The numbers are those of :func:`tabulate` to 1e-10.

    Raises :class:`analysis.errors.BaroError` as :func:`tabulate` does, and for designs that are
    estimated in memory only.
    """
    from analysis.tabulation.held import held_cells  # only builds that ask for an engine need it

    frame = pl.scan_parquet(path)
    raise_all(unasked(survey, wave, frame))
    columns = _chosen(survey, wave, "")
    if not columns:
        return pl.DataFrame(schema=SCHEMA)
    found = held_cells(survey, wave, frame, columns, path, engine)
    return _table(survey, wave, found, origin, definition_hash, "")


def _chosen(survey: Survey, wave: str, weighting: str) -> list[Measure]:
    """What is estimated of the wave with those weights."""
    key = _indicators(survey, weighting)
    return [m for m in measures(survey, wave) if m.indicator in key]


def _indicators(survey: Survey, weighting: str) -> tuple[str, ...]:
    return survey.spec.weighting[weighting].key if weighting else tuple(survey.spec.indicators)


def _table(
    survey: Survey, wave: str, found: Iterable[Cells], origin: str, definition_hash: str,
    weighting: str,
) -> pl.DataFrame:  # fmt: skip
    return (
        pl.concat(rows(cells) for cells in found)
        .filter(split(survey, _indicators(survey, weighting)))
        .with_columns(
            survey=pl.lit(survey.id),
            wave=pl.lit(wave),
            status=pl.lit("A"),
            reason=pl.lit(""),
            origin=pl.lit(origin),
            definition_hash=pl.lit(definition_hash),
            method=pl.concat_str("method", pl.lit(weighted(survey, wave, weighting))),
        )
        .select(pl.col(c).cast(t) for c, t in SCHEMA.items())
    )
