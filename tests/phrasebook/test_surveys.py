"""Definitions in English: every text that pages print, or a refusal that lists what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.definition import load_survey, survey_ids
from analysis.errors import BaroError
from analysis.phrasebook import survey_messages, translated, updated
from analysis.project import Project

ROOT = Path(__file__).parents[2]
OWN = Project(ROOT)


@pytest.mark.parametrize("name", survey_ids(OWN.surveys))
def test_each_survey_of_the_project_is_translated_whole(name: str) -> None:
    survey = load_survey(OWN.surveys, name)
    english = translated(survey, OWN, "en")
    assert english.spec.indicators.keys() == survey.spec.indicators.keys()
    for code, indicator in survey.spec.indicators.items():
        other = english.spec.indicators[code]
        kept = {"label", "phrase", "note", "unit", "breaks", "not_comparable", "comparable"}
        assert indicator.model_dump(exclude=kept) == other.model_dump(exclude=kept)
        assert bool(indicator.phrase) == bool(other.phrase)
        assert bool(indicator.note) == bool(other.note)


@pytest.mark.parametrize("name", survey_ids(OWN.surveys))
def test_a_translation_changes_nothing_that_is_computed(name: str) -> None:
    """Codes, waves, expressions and raw texts are those of the definition."""
    survey = load_survey(OWN.surveys, name)
    english = translated(survey, OWN, "en")
    for domain in survey.spec.domains:
        assert survey.levels(domain).keys() == english.levels(domain).keys()
    for wave in survey.waves:
        assert survey.indicators_in(wave).keys() == english.indicators_in(wave).keys()
    for code in survey.spec.indicators:
        assert survey.reads(code) == english.reads(code)
        assert survey.segments(code) == english.segments(code)
    assert {k: v.column for k, v in survey.spec.variables.items()} == {
        k: v.column for k, v in english.spec.variables.items()
    }


@pytest.mark.parametrize("name", survey_ids(OWN.surveys))
def test_two_groups_of_a_domain_never_get_one_name(name: str) -> None:
    survey = load_survey(OWN.surveys, name)
    english = translated(survey, OWN, "en")
    for domain in survey.spec.domains:
        assert len(set(english.levels(domain).values())) == len(set(survey.levels(domain).values()))


def test_in_french_the_survey_is_the_definition_itself() -> None:
    survey = load_survey(OWN.surveys, "collectivites_ia")
    assert translated(survey, OWN, "fr") is survey


def test_a_survey_without_a_catalogue_is_refused_by_name(tmp_path: Path) -> None:
    survey = load_survey(OWN.surveys, "collectivites_ia")
    with pytest.raises(BaroError, match=r"surveys/collectivites_ia/en\.po(?s:.*)baro translate en"):
        translated(survey, Project(tmp_path), "en")


def test_every_missing_text_is_listed_with_its_key(tmp_path: Path) -> None:
    survey = load_survey(OWN.surveys, "collectivites_ia")
    project = Project(tmp_path)
    path = project.catalogue(survey.id, "en")
    path.parent.mkdir(parents=True)
    text, waiting = updated(path, "x", "en", survey_messages(survey))
    path.write_text(text, "utf-8")
    with pytest.raises(BaroError) as found:
        translated(survey, project, "en")
    keys = {p.where for p in found.value.problems}
    assert waiting == len(survey_messages(survey))
    assert len(keys) >= waiting
    for key in ("title", "units", "populations.hors_petites.short", "waves.2023.mode",
                "indicators.ia_deja.phrase", "variables.strate.categories.epci.label"):  # fmt: skip
        assert f"surveys/collectivites_ia: {key}" in keys
