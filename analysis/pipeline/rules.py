"""Declared rules in a build: a stage that stops it, or says what to look at.

Rows that nobody gave are made without regard to rules, and are not held to them.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import polars as pl

from analysis.errors import Problem, raise_all
from analysis.pipeline.work import LEFT, SurveyBuild
from analysis.provenance import digest_code, digest_path, digest_value, digest_versions, write_aside
from analysis.stages import Stage
from analysis.validate.rules import missing_shares, rule_problems, series_problems


def broken_rules(work: SurveyBuild, frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """What breaks the rules of a survey, wave by wave, then from wave to wave."""
    survey = work.survey
    problems = [
        p
        for wave, frame in frames.items()
        for p in rule_problems(survey, wave, frame, survey.waves[wave].file)
    ]
    shares = {wave: missing_shares(survey, wave, frame) for wave, frame in frames.items()}
    return [*problems, *series_problems(survey, shares, lambda w: survey.waves[w].file)]


def rules_stage(work: SurveyBuild, say: Callable[[str], None]) -> list[Stage]:
    """The stage of a survey that declares rules; none otherwise."""
    survey, target = work.survey, work.folder / "rules.json"
    if not survey.spec.rules:
        return []

    def run() -> None:
        real = [w for w in survey.waves if work.origin(w) == "observed"]
        problems = broken_rules(work, {w: pl.read_parquet(work.wave_path(w)) for w in real})
        warnings = [p for p in problems if p.severity == "warn"]
        for problem in warnings:
            say(f"  to look at: {problem}")
        raise_all(p for p in problems if p.severity == "stop")
        text = json.dumps([p.as_dict() for p in warnings], ensure_ascii=False, indent=1)
        write_aside(target, text.encode("utf-8"))

    def inputs() -> dict[str, str]:
        return {
            "waves": digest_value([digest_path(work.wave_path(w)) for w in survey.waves]),
            "rules": digest_value([survey.spec.model_dump(), list(survey.waves)]),
            "origins": digest_value(work.origins),
            "code": digest_code(*LEFT),
            "versions": digest_versions("polars", "numpy"),
        }

    after = tuple(f"prepare {survey.id}/{w}" for w in survey.waves)
    title = f"{survey.id}: checking rules"
    return [Stage(f"rules {survey.id}", title, inputs, (target,), run, after)]
