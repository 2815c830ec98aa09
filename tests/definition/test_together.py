"""Two surveys of one project whose indicators would be written to one file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis import pipeline
from analysis.definition import Survey, load_survey, shared_names, survey_ids
from analysis.definition.together import survey_files
from analysis.errors import BaroError
from analysis.opendata.names import listed
from analysis.publish import Publication
from tests.conftest import copy_project
from tests.surveys_maker import small_survey


def named(survey: Survey, other: str) -> Survey:
    return replace(survey, spec=survey.spec.model_copy(update={"survey": other}))


def test_an_indicator_of_two_surveys_is_refused_at_the_second(tmp_path: Path) -> None:
    first = small_survey(tmp_path)
    problems = list(shared_names([first, named(first, "other")]))
    assert [p.where for p in problems] == [
        f"surveys/other/survey.yml: indicators.{name}" for name in first.spec.indicators
    ]
    assert all(f"the file of surveys/{first.id}" in p.found for p in problems)


def test_an_indicator_does_not_take_the_file_of_the_claims(tmp_path: Path) -> None:
    first = small_survey(tmp_path)
    (indicator,) = list(first.spec.indicators.values())[:1]
    spec = first.spec.model_copy(update={"indicators": {"affirmations": indicator}})
    (problem,) = shared_names([replace(first, spec=spec)])
    assert "donnees/affirmations.csv is already the file of the claims" in problem.found


def with_indicator(survey: Survey, name: str) -> Survey:
    (indicator,) = list(survey.spec.indicators.values())[:1]
    spec = survey.spec.model_copy(update={"indicators": {name: indicator}})
    return replace(survey, spec=spec)


@pytest.mark.parametrize("ending", ["", "_indicateurs", "_codes", "_dictionnaire"])
def test_an_indicator_does_not_take_a_file_of_a_whole_survey(tmp_path: Path, ending: str) -> None:
    """Its own survey, one that comes before it, or one that comes after it."""
    own = small_survey(tmp_path)
    taking = with_indicator(own, f"small{ending}")
    elsewhere = with_indicator(named(own, "other"), f"small{ending}")
    for surveys in ([taking], [own, elsewhere], [elsewhere, own]):
        (problem,) = shared_names(surveys)
        assert problem.where.endswith(f"/survey.yml: indicators.small{ending}")
        assert f"donnees/small{ending}.csv is already the file of all of" in problem.found
        assert "surveys/small" in problem.found
        assert "rename it" in problem.remedy


def test_a_survey_does_not_take_a_file_of_another_nor_of_the_claims(tmp_path: Path) -> None:
    first = with_indicator(small_survey(tmp_path), "x")
    codes = with_indicator(named(first, "small_codes"), "y")
    (problem,) = shared_names([first, codes])
    assert problem.where == "surveys/small_codes/survey.yml: survey"
    assert "donnees/small_codes.csv is already the file of all of surveys/small" in problem.found
    (problem,) = shared_names([named(first, "affirmations")])
    assert "donnees/affirmations.csv is already the file of the claims" in problem.found


def test_every_file_of_a_whole_survey_is_known(tmp_path: Path) -> None:
    survey = small_survey(tmp_path)
    files = {f.path.removesuffix(".csv") for f in listed(survey)
             if "/" not in f.path and f.path.endswith(".csv")}  # fmt: skip
    assert files == set(survey_files(survey.id))


def test_the_surveys_of_this_project_share_none(project_root: Path) -> None:
    surveys = project_root / "surveys"
    assert list(shared_names(load_survey(surveys, s) for s in survey_ids(surveys))) == []


def test_a_project_with_two_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    file = project.surveys / "collectivites_ia" / "survey.yml"
    text = file.read_text("utf-8")
    assert "\n  agents:\n" in text
    file.write_text(text.replace("\n  agents:\n", "\n  smartphone:\n"), "utf-8")
    assert said(pipeline.clashes(project)) == ["indicators.smartphone"], "baro validate"
    with pytest.raises(BaroError) as e:
        pipeline.plan(project, lambda _: None, Publication("embedded"))
    assert said(e.value.problems) == ["indicators.smartphone"]


def said(problems: object) -> list[str]:
    assert isinstance(problems, list | tuple)
    return [p.where.rpartition(" ")[2] for p in problems]
