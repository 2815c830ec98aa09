"""``baro wave check``: what is left to decide, then whether the wave can be built."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.data import survey_data
from analysis.definition import load_survey
from analysis.definition.wavekeys import open_decisions
from analysis.definition.yamltext import read_yaml
from analysis.errors import BaroError, nearest, quoted, raise_all, refuse
from analysis.harmonise import harmonise
from analysis.pipeline import SurveyBuild
from analysis.project import Project
from analysis.tabulation import unasked
from analysis.weighting.declared import declared_design


@dataclass(frozen=True, slots=True)
class OpenLine:
    """One line to complete: where it is, what is proposed."""

    where: str
    value: str


def open_lines(project: Project, survey_id: str, wave: str = "") -> dict[str, list[OpenLine]]:
    """Wave -> its open lines: one wave, or every draft and every wave that a file brought."""
    folder = project.surveys / survey_id / "waves"
    files = {p.stem: p for p in sorted(folder.glob("*.yml"))}
    if wave and wave not in files:
        where = f"surveys/{survey_id}/waves"
        raise refuse(where, f"there is no wave {quoted(wave)}", nearest(wave, files), "name one")
    found: dict[str, list[OpenLine]] = {}
    for name in [wave] if wave else files:
        document = read_yaml(files[name], project.shown(files[name]))
        lines = [OpenLine(document.place(p), value) for p, value in open_decisions(document)]
        if lines or wave or "edition" in document.data:
            found[name] = lines
    return found


def check_wave(project: Project, survey_id: str, wave: str) -> int:
    """Check the rows of a wave without open decision, as the build will; their number.

    Raises :class:`analysis.errors.BaroError` with everything that would stop the build.
    """
    survey = load_survey(project.surveys, survey_id)
    work = SurveyBuild(project, survey, survey_data(project, survey))
    if survey.waves[wave].file not in work.data.found:
        file = survey.waves[wave].file
        raise refuse(file, "the file is not there", str(work.data.folder), "run: baro wave add")
    file = survey.waves[wave].file
    work.raw[file] = work.read(file).frame
    frame = harmonise(survey, wave, work.rows(wave))
    problems = list(unasked(survey, wave, frame.lazy()))
    for name in survey.weightings_in(wave):
        try:
            declared_design(survey, wave, name, frame)
        except BaroError as e:
            problems += e.problems
    raise_all(problems)
    return frame.height
