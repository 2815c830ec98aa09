"""The stage of estimates: in memory, or with the sums made by an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analysis.pipeline.work import ESTIMATE, SurveyBuild, write_parquet
from analysis.provenance import digest_code, digest_path, digest_versions
from analysis.stages import Stage
from analysis.tabulation import tabulate, tabulate_held

if TYPE_CHECKING:
    from analysis.engines import Engine


def estimate_stage(work: SurveyBuild, wave: str, engine: Engine | None) -> Stage:
    """All indicators over all domains of a wave, before the rules of publication."""
    survey, target, origin = work.survey, work.estimates_path(wave), work.origin(wave)

    def run() -> None:
        if engine is None:
            frame = pl.read_parquet(work.wave_path(wave))
            made = tabulate(work.figures, wave, frame, origin=origin, definition_hash="")
        else:
            made = tabulate_held(work.figures, wave, work.wave_path(wave), engine, origin=origin,
                                 definition_hash="")  # fmt: skip
        write_parquet(made, target)

    return Stage(
        f"estimate {survey.id}/{wave}",
        f"{survey.id}: estimating {wave}" + (f" with {engine.name}" if engine else ""),
        lambda: {
            "wave": digest_path(work.wave_path(wave)),
            "definition": work.figure_digests.wave(wave),
            "origin": origin,
            # Its sums are added in another order: the last digits are not those of memory.
            **({"engine": engine.name} if engine else {}),
            "code": digest_code(*ESTIMATE),
            "versions": digest_versions("polars", "numpy", "scipy"),
        },
        (target,),
        run,
        (f"prepare {survey.id}/{wave}",),
    )
