"""The stages of confidentiality: who stands behind each cell, and what must be hidden for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from analysis.contributors import contributors
from analysis.definition import Survey
from analysis.definition.publication import Confidentiality
from analysis.disclosure import (
    PATTERN,
    Hidden,
    conceal,
    conceal_rounded,
    conceal_sample,
    find_hidden,
    publishable,
    ruled,
)
from analysis.errors import refuse
from analysis.pipeline.work import (
    STANDING,
    TABLE,
    SurveyBuild,
    write_parquet,
)
from analysis.provenance import digest_code, digest_path, digest_value, digest_versions
from analysis.stages import Stage


def secrecy_stages(work: SurveyBuild) -> Iterator[Stage]:
    """None for a survey that declares no ``confidentiality:``."""
    if work.survey.spec.confidentiality is None:
        return
    for wave in work.survey.waves:
        yield _contributors(work, wave)
    yield _hidden(work)


def secrecy_needed(work: SurveyBuild) -> tuple[str, ...]:
    """The stage that published figures wait for, where there is one."""
    return (f"secrecy {work.survey.id}",) if work.survey.spec.confidentiality else ()


def secrecy_inputs(work: SurveyBuild) -> dict[str, str]:
    """What published figures are made from besides, where there is something."""
    if work.survey.spec.confidentiality is None:
        return {}
    return {"hidden": digest_path(work.project.hidden(work.survey.id))}


def pattern(work: SurveyBuild) -> pl.DataFrame | None:
    """What is hidden of a survey; None where nothing is confidential."""
    if work.survey.spec.confidentiality is None:
        return None
    return pl.read_parquet(work.project.hidden(work.survey.id), schema=PATTERN)


def told(work: SurveyBuild, table: pl.DataFrame) -> pl.DataFrame:
    """Rows of the table of estimates as anybody may see them: reliable, and nobody's secret."""
    hidden = pattern(work)
    if hidden is None:
        return publishable(work.survey, table)
    standing = _standing(work)
    return conceal(ruled(work.survey, table, standing), hidden, standing, work.survey.rounding)


def _standing(work: SurveyBuild) -> dict[str, pl.DataFrame]:
    return {w: pl.read_parquet(work.contributors_path(w)) for w in work.survey.waves}


def as_if(work: SurveyBuild, rule: Confidentiality) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What would be published, and hidden, under another rule: from what the last build left.

    Raises :class:`BaroError` where it left nothing: nothing of the survey is confidential, or it
    was never built.
    """
    if not all(work.contributors_path(w).is_file() for w in work.survey.waves):
        raise refuse(f"surveys/{work.survey.id}", "nobody counted who stands behind its figures",
                     "confidentiality: in survey.yml, and a build",
                     "add it, then run: baro build")  # fmt: skip
    spec = work.survey.spec.model_copy(update={"confidentiality": rule})
    survey = replace(work.survey, spec=spec)
    table, standing = _estimated(work)
    found = _pattern(survey, table, standing)
    return conceal(ruled(survey, table, standing), found, standing, rule.rounding), found


def _estimated(work: SurveyBuild) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    table = pl.concat(pl.read_parquet(work.estimates_path(w)) for w in work.survey.waves)
    return table, _standing(work)


def _pattern(
    survey: Survey, table: pl.DataFrame, standing: dict[str, pl.DataFrame]
) -> pl.DataFrame:
    rule = survey.spec.confidentiality
    if rule is None:
        return Hidden().frame()
    return find_hidden(survey.id, rule, ruled(survey, table, standing), standing).frame()


def told_raw(work: SurveyBuild, table: pl.DataFrame) -> pl.DataFrame:
    """The same for figures made with other weights than those published."""
    hidden, base = pattern(work), work.survey.rounding
    if hidden is not None and base:
        return conceal_rounded(work.survey, table, hidden, base)
    told = publishable(work.survey, table)
    return told if hidden is None else conceal_sample(told, hidden)


def _contributors(work: SurveyBuild, wave: str) -> Stage:
    survey, target = work.survey, work.contributors_path(wave)

    def run() -> None:
        frame = pl.read_parquet(work.wave_path(wave))
        write_parquet(contributors(work.figures, wave, frame), target)

    return Stage(
        f"contributors {survey.id}/{wave}",
        f"{survey.id}: counting who stands behind each figure of {wave}",
        lambda: {
            "wave": digest_path(work.wave_path(wave)),
            "definition": work.figure_digests.wave(wave),
            "code": digest_code(*STANDING),
            "versions": digest_versions("polars", "numpy"),
        },
        (target,),
        run,
        (f"prepare {survey.id}/{wave}",),
    )


def _hidden(work: SurveyBuild) -> Stage:
    survey, target = work.survey, work.project.hidden(work.survey.id)
    waves = list(survey.waves)
    parts = [p for w in waves for p in (work.estimates_path(w), work.contributors_path(w))]

    def run() -> None:
        write_parquet(_pattern(work.figures, *_estimated(work)), target)

    return Stage(
        f"secrecy {survey.id}",
        f"{survey.id}: looking for the fewest figures to hide",
        lambda: {
            "parts": digest_value([digest_path(p) for p in parts]),
            "definition": work.figure_digests.whole,
            "code": digest_code(*TABLE),
            "versions": digest_versions("polars", "numpy", "scipy"),
        },
        (target,),
        run,
        tuple(f"{kind} {survey.id}/{w}" for w in waves for kind in ("estimate", "contributors")),
    )
