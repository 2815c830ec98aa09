"""What the file of a wave can say about itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.definition import Survey, load_survey
from analysis.definition.wavekeys import row_numbers, rows_text
from analysis.errors import BaroError
from tests.surveys_maker import SURVEY_YML, changed, write_survey

WAVE = """\
wave: "2023"
file: small-2023.csv
edition: {title: Vague 2023}
mode: en ligne
field: en 2023
"""


def with_wave(folder: Path, more: str, survey_yml: str = SURVEY_YML) -> Survey:
    surveys = write_survey(folder, survey_yml)
    (surveys / "small" / "waves" / "2023.yml").write_text(WAVE + more, "utf-8")
    return load_survey(surveys, "small")


def test_a_wave_follows_another_in_every_span(tmp_path: Path) -> None:
    survey = with_wave(tmp_path, 'follows: "2021"\n')
    assert survey.span("2021") == ("2021", "2023")
    assert survey.span("2019") == ("2019",)
    assert "tablette" in survey.variables_in("2023")
    assert survey.files["small-2023.csv"].title == "Vague 2023"
    assert "tablette" not in with_wave(tmp_path, "").variables_in("2023")


def test_what_was_not_asked_takes_with_it_what_rests_on_it(tmp_path: Path) -> None:
    survey = with_wave(tmp_path, "not_asked: internet\n")
    assert {"internet", "achat", "usage"}.isdisjoint(survey.variables_in("2023"))
    assert {"internautes", "acheteurs"}.isdisjoint(survey.indicators_in("2023"))
    assert survey.waves_of("internautes") == ("2019", "2021")
    assert survey.waves_of("opinion") == ("2019", "2021", "2023")
    assert "internet" in survey.variables_in("2021")
    domains = with_wave(tmp_path, "not_asked: [sexe]\n").domains_in("2023")
    assert list(domains) == ["classe"]


def test_a_question_asked_again_brings_its_indicators_back(tmp_path: Path) -> None:
    survey = with_wave(tmp_path, "asked: tablette\n")
    assert "tablette" in survey.variables_in("2023")
    assert "tablettes" in survey.indicators_in("2023")
    assert "tablettes" not in with_wave(tmp_path, "without: tablettes\nasked: tablette\n"
                                        ).indicators_in("2023")  # fmt: skip


def test_breaks_texts_for_all_and_universes(tmp_path: Path) -> None:
    more = """\
breaks: {opinion: autre question}
recode: {all: {OUI: oui, "": not_asked}}
universe: {avis: adultes}
"""
    survey = with_wave(tmp_path, more)
    assert [b.wave for b in survey.breaks("opinion")] == ["2021", "2023"]
    assert survey.readings("internet", "2023")["OUI"] == "oui"
    assert "OUI" not in survey.readings("sexe", "2023")
    assert survey.readings("heures", "2023")[""] == "not_asked"
    assert survey.universe("avis", "2023") == "adultes"
    assert survey.universe("avis", "2021") is None


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ('follows: "2025"\n', "no earlier wave"),
        ("not_asked: tablettte\n", "is not a variable"),
        ("universe: {avis: adulte}\n", "is not a population"),
        ("no_break: opinions\n", "is not an indicator"),
        ("drop: [{rows: 5-3, reason: x}]\n", "no range of rows"),
        ("drop: [{rows: abc, reason: x}]\n", "no row or range"),
        ("recode: {all: {OUI: ouii}}\n", "not a category"),
        ("not_asked: achat ?\n", "the decision is open"),
        ('mode2: "?"\n', "the decision is open"),
    ],
)
def test_what_is_refused_says_where(tmp_path: Path, more: str, found: str) -> None:
    with pytest.raises(BaroError) as caught:
        with_wave(tmp_path, more)
    assert any(found in str(p) and "2023.yml:" in p.where for p in caught.value.problems)


def test_an_indicator_not_published_in_a_wave(tmp_path: Path) -> None:
    text = changed(
        "    measure: mean\n    variable: heures\n",
        "    measure: mean\n    variable: heures\n    waves: all\n",
    )
    assert "heures" not in with_wave(tmp_path, "without: heures\n", text).indicators_in("2023")


@pytest.mark.parametrize("text", ["3", "3, 5-7, 9", "12-40", ""])
def test_rows_there_and_back(text: str) -> None:
    assert rows_text(sorted(row_numbers(text))) == text
