"""The stage that judges the registers of claims, and says which verdicts changed."""

from __future__ import annotations

from collections.abc import Callable

from analysis.claims import judge_files, register_files
from analysis.claims.output import changes, read_judgement, write_judgement
from analysis.errors import BaroError
from analysis.pipeline.work import DEFINITION, SurveyBuild
from analysis.project import Project
from analysis.provenance import digest_code, digest_path, digest_value, digest_versions
from analysis.stages import Stage

CLAIMS = (
    *DEFINITION,
    "rounding",
    "estimates",
    "codebook",
    "wording",
    "spreadsheets",
    "tables",
    "phrasebook",
    "claims",
)


def claims_stage(
    project: Project, works: list[SurveyBuild], say: Callable[[str], None]
) -> list[Stage]:
    """The stage of a project that has registers; none otherwise."""
    files = register_files(project)
    if not files:
        return []

    def run() -> None:
        judged = judge_files(project)
        try:
            before = read_judgement(project.claims)
        except BaroError:
            before = judged  # never judged, or by other code: nothing to compare with
        for change in changes(before, judged):
            say(f"  verdict of {change}")
        write_judgement(judged, project.claims)

    def inputs() -> dict[str, str]:
        return {
            "registers": digest_value({f.name: digest_path(f) for f in files}),
            "tables": digest_value([digest_path(project.estimates(w.survey.id)) for w in works]),
            "definitions": digest_value([w.digests.whole for w in works]),
            "code": digest_code(*CLAIMS),
            "versions": digest_versions("polars", "scipy"),
        }

    after = tuple(f"table {w.survey.id}" for w in works)
    return [Stage("claims", "judging the claims", inputs, (project.claims,), run, after)]
