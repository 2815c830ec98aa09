"""The wave before: which one it is, and its rows where its file is here."""

from __future__ import annotations

from analysis.arrival.case import Prior
from analysis.data import look
from analysis.definition import Survey
from analysis.errors import BaroError
from analysis.harmonise import harmonise
from analysis.pipeline import SurveyBuild
from analysis.project import Project


def wave_before(survey: Survey, wave: str) -> str:
    """The latest wave before ``wave``; "" for the first."""
    return max((w for w in survey.waves if w < wave), default="")


def read_prior(project: Project, survey: Survey, wave: str) -> Prior | None:
    """Its rows, raw and harmonised; None where its file is not here or is not valid any more."""
    state = look(project, survey)
    if not wave or survey.waves[wave].file not in state.found:
        return None
    work = SurveyBuild(project, survey, state)
    try:
        raw = work.read(survey.waves[wave].file)
        work.raw[survey.waves[wave].file] = raw.frame
        rows = work.rows(wave)
        frame = harmonise(survey, wave, rows)
    except BaroError:
        return None
    return Prior(wave, raw.frame, rows, frame)
