"""Declared rules: what breaks each kind, with its row; waves that can be compared."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.definition import Survey
from analysis.disclosure import publishable
from analysis.errors import BaroError, Problem
from analysis.harmonise import harmonise
from analysis.ingest import ROW
from analysis.pipeline import build
from analysis.project import Project
from analysis.tabulation import tabulate
from analysis.validate.rules import missing_shares, rule_problems, series_problems
from tests.rich_maker import (
    FILES,
    HEADER,
    RICH_YML,
    ROWS,
    rich_rows,
    rich_survey,
    write_rich,
)
from tests.surveys_maker import changed, csv_bytes

RULES = """\
rules:
  jeunes:
    label: les jeunes dépensent
    when: age < 40
    expect: depense > 0
  jeunes_rares:
    label: les jeunes dépensent, sauf quelques-uns
    severity: warn
    when: age < 40
    expect: depense > 0
    at_most: 0.5
  sans_depense:
    label: peu de dépenses inconnues
    missing: depense
    at_most: 0.1
  poids:
    label: des poids raisonnables
    severity: warn
    weights: {min: 1, max: 1.5, mean: [0.9, 1.1], sum: [8, 8], deff: 1.05}
  trop_vite:
    label: deux heures au moins
    speed: {variable: heures, below: 2}
  alignes:
    label: des réponses variées
    severity: warn
    same_answer: [outils_tel, outils_ordi, outils_autre]
  doublons:
    label: pas deux fois le même questionnaire
    repeated: [sexe, outils_ordi]
"""


def problems_of(
    folder: Path, rules: str = RULES, rows: list[list[str]] | None = None
) -> dict[str, list[Problem]]:
    survey = rich_survey(folder, RICH_YML + rules)
    raw = rich_rows(survey, folder, rows or ROWS)
    frame = harmonise(survey, "2021", raw).with_columns(raw.frame[ROW])
    found: dict[str, list[Problem]] = {}
    for problem in rule_problems(survey, "2021", frame, "a.csv"):
        found.setdefault(problem.rule, []).append(problem)
        assert problem.where.startswith("a.csv: ")
        assert f"rules.{problem.rule}" in problem.expected
        assert problem.remedy
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Problem]]:
    return problems_of(tmp_path_factory.mktemp("rules"))


def test_who_contradicts_an_expectation_is_named(found: dict[str, list[Problem]]) -> None:
    """r6 is 25 and spends 0; r1 and r2 spend."""
    (problem,) = found["jeunes"]
    assert problem.where == "a.csv: row 7"
    assert problem.found.startswith("not (depense > 0): 1 of 3 respondents (depense=0 in the first")
    assert (problem.row, problem.respondent, problem.column) == (7, "r6", "DEP")
    assert problem.severity == "stop"


def test_a_tolerated_share_is_no_problem(found: dict[str, list[Problem]]) -> None:
    assert "jeunes_rares" not in found


def test_too_many_missing_answers(found: dict[str, list[Problem]]) -> None:
    (problem,) = found["sans_depense"]
    assert "depense: 1 of 6 people asked have no answer (16.7%)" in problem.found
    assert problem.column == "DEP"


def test_weights_outside_their_bounds(found: dict[str, list[Problem]]) -> None:
    """Weights 1, 1, 2, 1, 1, 2: mean 4/3, sum 8, Kish's design effect 6 * 12 / 64."""
    texts = [p.found for p in found["poids"]]
    assert texts == [
        "greatest weight: 2", "mean of the weights: 1.33333",
        "design effect of the weights: 1.125",
    ]  # fmt: skip
    assert found["poids"][0].row == 4
    assert {p.severity for p in found["poids"]} == {"warn"}


def test_interviews_that_were_too_short(found: dict[str, list[Problem]]) -> None:
    (problem,) = found["trop_vite"]
    assert "interview under 2: 1 of 6" in problem.found
    assert (problem.row, problem.respondent) == (5, "r4")


def test_a_battery_answered_alike(found: dict[str, list[Problem]]) -> None:
    """r3 ticks nothing; r4 does not know, which is no straight line."""
    (problem,) = found["alignes"]
    assert (problem.row, problem.column) == (4, "OUTILS")


def test_answers_given_twice(found: dict[str, list[Problem]]) -> None:
    """Women with a computer r1 and r5, men without r3 and r6; r4 does not know."""
    (problem,) = found["doublons"]
    assert "4 of 6 respondents" in problem.found
    assert "rows 2, 4, 6, 7" in problem.found


def test_a_rise_of_missing_answers_is_found_between_waves(tmp_path: Path) -> None:
    rules = "rules:\n  hausse: {label: stable, missing: [depense, heures], rise: 0.1}\n"
    survey = rich_survey(tmp_path, RICH_YML + rules)
    frames = {}
    for wave, unknown in (("2021", 0), ("2022", 0), ("2023", 2)):
        rows = [list(r) for r in ROWS]
        for r in rows[:unknown]:
            r[11] = "Nsp"
        frames[wave] = harmonise(survey, wave, rich_rows(survey, tmp_path, rows, wave))
    shares = {w: missing_shares(survey, w, f) for w, f in frames.items()}
    assert shares["2023"] == pytest.approx({"depense": 0.5, "heures": 1 / 6})
    (problem,) = series_problems(survey, shares, lambda w: survey.waves[w].file)
    assert problem.where == "c.csv: wave 2023"
    assert "depense: 50.0% of those asked have no answer, 16.7% in 2022" in problem.found
    assert "10 points" in problem.expected


def test_a_row_unknown_is_an_identifier(tmp_path: Path) -> None:
    survey = rich_survey(tmp_path, RICH_YML + RULES)
    frame = harmonise(survey, "2021", rich_rows(survey, tmp_path))
    first = next(rule_problems(survey, "2021", frame, "a.csv"))
    assert first.where == "a.csv: respondent r6"
    assert first.row is None


# --- comparable waves ---------------------------------------------------------------------------

GROUPS = 'comparable:\n  - {waves: "2021, 2023", reason: question A}\n'


def test_waves_of_a_group_are_compared_over_another(tmp_path: Path) -> None:
    survey = rich_survey(tmp_path, RICH_YML + GROUPS)
    assert survey.segments("indice") == (("2021", "2023"), ("2022",))
    assert survey.broken("indice") == ("2022", "2023")


def test_a_break_cuts_a_group(tmp_path: Path) -> None:
    text = RICH_YML + GROUPS + 'breaks: [{wave: "2023", reason: mode}]\n'
    assert rich_survey(tmp_path, text).segments("indice") == (("2021",), ("2022",), ("2023",))


def test_an_indicator_may_have_groups_of_its_own(tmp_path: Path) -> None:
    text = changed(
        "variable: usages, population: all}",
        'variable: usages, population: all,\n     comparable: [{waves: "2022, 2023", reason: B}]}',
        RICH_YML + GROUPS,
    )
    survey = rich_survey(tmp_path, text)
    assert survey.segments("indice") == (("2021",), ("2022", "2023"))
    assert survey.segments("batterie") == (("2021", "2023"), ("2022",))


def test_a_change_of_group_is_a_break_in_the_table(tmp_path: Path) -> None:
    survey: Survey = rich_survey(tmp_path, RICH_YML + GROUPS + "reliability: none\n")
    tables = []
    for wave in survey.waves:
        frame = harmonise(survey, wave, rich_rows(survey, tmp_path, ROWS, wave))
        tables.append(tabulate(survey, wave, frame, origin="observed", definition_hash="a"))
    table = publishable(survey, pl.concat(tables))
    whole = table.filter(domain="ensemble", indicator="priorites_personnes", category="aide").sort(
        "wave"
    )
    assert whole["status"].to_list() == ["A", "B", "B"]


# --- in commands and builds ----------------------------------------------------------------------

STOPS = "rules:\n  jeunes: {label: L, when: age < 40, expect: depense > 0}\n"
WARNS = STOPS.replace("label: L,", "label: L, severity: warn,")
ROUGH = "  brut: {label: B, missing: depense, at_most: 0.1}\n"


def rich_project(
    folder: Path, monkeypatch: pytest.MonkeyPatch, rules: str, *, data: bool = True
) -> Project:
    write_rich(folder, RICH_YML + rules)
    (folder / "_quarto.yml").touch()
    if data:
        (folder / "data" / "riche").mkdir(parents=True)
        for file in FILES.values():
            (folder / "data" / "riche" / file).write_bytes(csv_bytes([HEADER, *ROWS], ","))
    monkeypatch.chdir(folder)
    monkeypatch.delenv("BARO_DATA", raising=False)
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    return Project(folder)


def test_validate_prints_warnings_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich_project(tmp_path, monkeypatch, WARNS)
    found = CliRunner().invoke(main, ["validate", "riche"])
    assert found.exit_code == 0
    assert "to look at: a.csv: row 7" in found.output
    assert "riche: 3 waves, 18 rows, 3 to look at" in found.output


def test_validate_in_json_gives_every_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rich_project(tmp_path, monkeypatch, WARNS)
    found = CliRunner().invoke(main, ["validate", "riche", "--json", "--wave", "2021"])
    (problem,) = json.loads(found.output)["problems"]
    assert (problem["row"], problem["rule"], problem["severity"]) == (7, "jeunes", "warn")


def test_validate_stops_on_a_stop_and_tells_the_warnings_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich_project(tmp_path, monkeypatch, WARNS + ROUGH)
    found = CliRunner().invoke(main, ["validate", "riche", "--wave", "2021", "--report", "out"])
    assert found.exit_code == 1
    assert "[rules.brut: B]" in found.output
    assert "not (depense > 0)" in found.output
    report = json.loads((tmp_path / "out" / "failures.json").read_text("utf-8"))
    assert (report["stops"], report["warnings"]) == (1, 1)


def test_a_build_says_warnings_and_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = rich_project(tmp_path, monkeypatch, WARNS)
    said: list[str] = []
    build(project, said.append, only_estimates=True)
    assert sum("to look at: a.csv: respondent r6" in s for s in said) == 1
    kept = json.loads((project.build / "riche" / "rules.json").read_text("utf-8"))
    assert [p["rule"] for p in kept] == ["jeunes"] * 3
    assert project.estimates("riche").is_file()
    assert build(project, only_estimates=True).seconds == {}


def test_a_build_ends_at_a_stop_without_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = rich_project(tmp_path, monkeypatch, STOPS)
    with pytest.raises(BaroError, match=r"rules\.jeunes"):
        build(project, only_estimates=True)
    assert not project.estimates("riche").exists()


def test_demonstration_data_are_not_held_to_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = rich_project(tmp_path, monkeypatch, STOPS, data=False)
    build(project, only_estimates=True)
    assert CliRunner().invoke(main, ["validate", "riche"]).exit_code == 0
