"""The stages of declared weightings, and what is read of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analysis.definition import Survey
from analysis.disclosure import publishable
from analysis.disclosure.counts import rounded_summary
from analysis.errors import Problem, nearest, quoted, raise_all, refuse
from analysis.estimates import WHOLE, steady, write_estimates
from analysis.pipeline.secrecy import secrecy_inputs, secrecy_needed, told_raw
from analysis.pipeline.work import (
    ESTIMATE,
    SUMMARY,
    TABLE,
    SurveyBuild,
    write_parquet,
)
from analysis.provenance import digest_code, digest_path, digest_value, digest_versions
from analysis.stages import Stage
from analysis.tabulation import tabulate
from analysis.weighting.declared import declared_design, start_design, summarise, weight_rows
from analysis.weights import WeightSummary, read_summary, write_summary


@dataclass(frozen=True)
class WeightsFound:
    """A weighting of a wave as computed.

    summary : margins, ratios, spread ; rows : id, base_weight, final_weight, ratio
    key : indicator, category, published and other estimate with interval, whole population
    """

    summary: WeightSummary
    rows: pl.DataFrame
    key: pl.DataFrame


def weight_stages(work: SurveyBuild, wave: str) -> Iterator[Stage]:
    """For each weighting of the wave: its weights, then its key indicators."""
    for name, w in work.survey.weightings_in(wave).items():
        yield _weight(work, name, wave)
        if w.key:
            yield _compare(work, name, wave)


def _weight(work: SurveyBuild, name: str, wave: str) -> Stage:
    survey = work.survey

    def run() -> None:
        frame = pl.read_parquet(work.wave_path(wave))
        before = start_design(survey, wave, name, frame)
        after = declared_design(survey, wave, name, frame)
        summary = summarise(survey, wave, name, before, after, work.origin(wave))
        write_parquet(weight_rows(frame, before, after), work.weights_path(name, wave))
        base = survey.rounding
        told = rounded_summary(summary, base) if base else summary
        write_summary(told, work.summary_path(name, wave))

    return Stage(
        f"weight {survey.id}/{name}/{wave}",
        f"{survey.id}: weighting {wave} ({name})",
        lambda: (
            _made_from(work, name, wave)
            | {"code": digest_code(*SUMMARY), "rounding": str(survey.rounding)}
        ),
        (work.weights_path(name, wave), work.summary_path(name, wave)),
        run,
        (f"prepare {survey.id}/{wave}",),
    )


def _compare(work: SurveyBuild, name: str, wave: str) -> Stage:
    survey, target = work.survey, work.other_path(name, wave)

    def run() -> None:
        frame = pl.read_parquet(work.wave_path(wave))
        made = tabulate(work.figures, wave, frame, origin=work.origin(wave), weighting=name,
                        definition_hash="")  # fmt: skip
        write_parquet(made, target)

    return Stage(
        f"compare {survey.id}/{name}/{wave}",
        f"{survey.id}: estimating {wave} with other weights ({name})",
        lambda: (
            _made_from(work, name, wave)
            | {"definition": work.figure_digests.wave(wave), "code": digest_code(*ESTIMATE)}
        ),
        (target,),
        run,
        (f"weight {survey.id}/{name}/{wave}",),
    )


def _made_from(work: SurveyBuild, name: str, wave: str) -> dict[str, str]:
    spec = work.survey.spec
    published = work.survey.published_weighting(wave)
    meaning = [spec.weighting[name].model_dump(), spec.design.model_dump(), spec.weight, published]
    margins = [work.margins(n, wave) for n in (name, published)]
    return {
        "wave": digest_path(work.wave_path(wave)),
        "weighting": digest_value(meaning),
        "margins": digest_value(margins),
        "origin": work.origin(wave),
        "versions": digest_versions("polars", "numpy", "scipy"),
    }


def comparison(work: SurveyBuild, name: str) -> Stage:
    """The key indicators of all waves by the rules of publication, in a table of their own."""
    survey, target = work.survey, work.project.comparison(work.survey.id, name)
    waves = survey.span(survey.spec.weighting[name].waves)
    parts = [work.other_path(name, w) for w in waves]

    def run() -> None:
        made = work.named(waves, lambda w: work.other_path(name, w))
        write_estimates(told_raw(work, made), target)

    return Stage(
        f"comparison {survey.id}/{name}",
        f"{survey.id}: rules of publication, key figures with other weights ({name})",
        lambda: {
            "estimates": digest_value([digest_path(p) for p in parts]),
            "definition": work.digests.whole,
            "code": digest_code(*TABLE),
            "versions": digest_versions("polars"),
            **secrecy_inputs(work),
        },
        (target,),
        run,
        (*(f"compare {survey.id}/{name}/{w}" for w in waves), *secrecy_needed(work)),
    )


def published_weights(work: SurveyBuild) -> Iterator[Path]:
    """Everything about weights that pages read."""
    for name, w in work.survey.spec.weighting.items():
        yield from (work.summary_path(name, wave) for wave in work.survey.span(w.waves))
        if w.key:
            yield work.project.comparison(work.survey.id, name)


def wanted(survey: Survey, names: tuple[str, ...], waves: tuple[str, ...]) -> list[tuple[str, str]]:
    """The (weighting, wave) asked for, all without names; refuses what is not declared."""
    declared = survey.spec.weighting
    if not declared:
        raise refuse(f"surveys/{survey.id}/survey.yml", "it declares no weighting", "weighting:",
                     "see docs/definition.md")  # fmt: skip
    raise_all(
        Problem(f"surveys/{survey.id}/survey.yml: weighting", f"there is no {quoted(n)}",
                nearest(n, declared), "name one of the weightings")
        for n in names if n not in declared
    )  # fmt: skip
    pairs = [(n, w) for n in names or declared for w in survey.span(declared[n].waves)
             if not waves or w in waves]  # fmt: skip
    if not pairs:
        known = ", ".join(f"{n}: {declared[n].waves}" for n in names or declared)
        raise refuse(f"surveys/{survey.id}/survey.yml: weighting",
                     f"none in wave {', '.join(waves)}", f"waves of {known}",
                     "name one of these waves, or extend waves:")  # fmt: skip
    return pairs


def weights_needed(survey: Survey, name: str, wave: str) -> tuple[str, ...]:
    """The names of the stages that :func:`weights_found` reads from."""
    made = (f"weight {survey.id}/{name}/{wave}",)
    if not survey.spec.weighting[name].key:
        return made
    return (*made, f"compare {survey.id}/{name}/{wave}", f"estimate {survey.id}/{wave}")


def weights_found(work: SurveyBuild, name: str, wave: str) -> WeightsFound:
    """One weighting of one wave, as computed."""
    return WeightsFound(
        read_summary(work.summary_path(name, wave)),
        pl.read_parquet(work.weights_path(name, wave)),
        _key_figures(work, name, wave),
    )


def _key_figures(work: SurveyBuild, name: str, wave: str) -> pl.DataFrame:
    """Published and other estimates of the key indicators over their whole population."""
    shown = ["indicator", "category", "estimate", "ci_low", "ci_high", "n", "method"]
    if not work.survey.spec.weighting[name].key:
        return pl.DataFrame(schema=[*shown, "other", "other_low", "other_high"])
    published, other = (
        steady(publishable(work.survey, pl.read_parquet(p)).filter(pl.col("domain") == WHOLE))
        for p in (work.estimates_path(wave), work.other_path(name, wave))
    )
    other = other.select(
        "indicator", "category", other="estimate", other_low="ci_low", other_high="ci_high"
    )
    order = pl.Enum(list(dict.fromkeys(work.survey.spec.weighting[name].key)))
    found = other.join(published.select(shown), on=["indicator", "category"], how="left")
    return found.sort(pl.col("indicator").cast(order), maintain_order=True).select(
        *shown, "other", "other_low", "other_high"
    )
