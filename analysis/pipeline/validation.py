"""Definitions and raw rows checked, without anything made in the project."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from analysis.definition import Survey, load_survey, shared_names, survey_ids
from analysis.demonstration import write_demonstration
from analysis.errors import BaroError, Problem, nearest, quoted, raise_all
from analysis.harmonise import harmonise
from analysis.ingest import ROW
from analysis.pipeline.rules import broken_rules
from analysis.pipeline.work import SurveyBuild, survey_build
from analysis.project import Project
from analysis.weighting.declared import declared_design


def validate(
    project: Project,
    survey_id: str,
    waves: tuple[str, ...] = (),
    warn: Callable[[Problem], None] = lambda _: None,
) -> dict[str, int]:
    """Check the raw rows of waves, and the rules declared for what was observed; rows by wave.

    warn : is told of each rule broken whose severity is "warn"

    Raises one :class:`BaroError` with the failures of all waves. Nothing is written in the
    project: where there are no microdata, demonstration data are drawn aside and checked.
    """
    work = survey_build(project, survey_id)
    refuse_unknown(work.survey, waves)
    with TemporaryDirectory(prefix="baro-") as folder:
        write_demonstration(work.survey, Path(folder), work.data.drawn)
        work = replace(work, drawn=Path(folder))
        held = work.survey.spec.rules
        return _check_waves(work, waves or tuple(work.survey.waves), warn if held else None)


def _check_waves(
    work: SurveyBuild, waves: tuple[str, ...], warn: Callable[[Problem], None] | None
) -> dict[str, int]:
    """Every file read once, every wave of a readable file checked, weights too; rows by wave.

    warn : None where rules are not looked at
    """
    frames: dict[str, pl.DataFrame] = {}
    sizes: dict[str, int] = {}
    problems: list[Problem] = []
    for file in dict.fromkeys(work.survey.waves[w].file for w in waves):
        try:
            work.raw[file] = work.read(file).frame
        except BaroError as e:
            problems += e.problems
            continue
        for wave in (w for w in waves if work.survey.waves[w].file == file):
            try:
                rows = work.rows(wave)
                frame = harmonise(work.survey, wave, rows)
                frames[wave] = frame.with_columns(rows.frame[ROW]) if warn else frame
                for name in work.survey.weightings_in(wave):
                    declared_design(work.survey, wave, name, frame)
                sizes[wave] = frame.height
            except BaroError as e:
                problems += e.problems
    real = {w: f for w, f in frames.items() if work.origin(w) == "observed"}
    for problem in broken_rules(work, real) if warn else ():
        if warn and problem.severity == "warn":
            warn(problem)
        else:
            problems.append(problem)
    raise_all(problems)
    return sizes


def clashes(project: Project) -> list[Problem]:
    """Names that surveys must not share; a survey that cannot be read is left out."""
    known = []
    for name in survey_ids(project.surveys):
        with suppress(BaroError):
            known.append(load_survey(project.surveys, name))
    return list(shared_names(known))


def refuse_unknown(survey: Survey, waves: tuple[str, ...]) -> None:
    """Refuse the name of a wave that there is not, with the nearest."""
    raise_all(
        Problem(
            f"surveys/{survey.id}/waves",
            f"there is no wave {quoted(w)}",
            nearest(w, survey.waves),
            "name one of the waves",
        )
        for w in waves
        if w not in survey.waves
    )
