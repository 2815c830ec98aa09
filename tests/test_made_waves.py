"""Waves that nobody delivered: what says so, what reruns, and what a real file changes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from click.testing import CliRunner

from analysis import pipeline
from analysis.arrival import add_wave
from analysis.cli import main
from analysis.codebook import read_codebook
from analysis.data import describe, download, look, survey_data
from analysis.definition import load_survey
from analysis.demonstration import write_demonstration
from analysis.dictionary.ddi import NAMESPACE, ddi_bytes
from analysis.errors import BaroError
from analysis.estimates import read_estimates
from analysis.pipeline import survey_build
from analysis.project import Project
from tests.framed_maker import ANSWERS_1, MARGIN, SURVEY_YML, wave_yml, write_towns

MADE = {"1": "reconstructed", "2": "scenario"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The towns, and no data."""
    root = tmp_path / "project"
    root.mkdir()
    write_towns(root)
    (root / "_quarto.yml").write_text("project: {type: website}\n")
    monkeypatch.delenv("BARO_DATA", raising=False)
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    monkeypatch.chdir(root)
    return Project(root)


def deliver(project: Project, file: str = "t1.csv") -> None:
    """A real file in place of the made one: the same rows, of somebody."""
    survey = load_survey(project.surveys, "towns")
    write_demonstration(survey, project.root / "data" / "towns", [file])


def ran(project: Project) -> set[str]:
    done = pipeline.build(project, only_estimates=True).seconds
    return {s.replace("towns/", "").replace(" towns", "") for s in done}


def origins(project: Project) -> dict[str, str]:
    table = read_estimates(project.estimates("towns"))
    return dict(table.select("wave", "origin").unique().iter_rows())


# --- what is found ------------------------------------------------------------------------------


def test_what_is_not_there_is_made(project: Project) -> None:
    state = survey_data(project, load_survey(project.surveys, "towns"))
    assert (state.found, state.missing, state.made) == ((), (), ("t1.csv", "t2.csv"))
    assert state.drawn == ("t1.csv", "t2.csv")
    assert not state.observed


def test_one_file_may_come_before_the_other(project: Project) -> None:
    deliver(project)
    survey = load_survey(project.surveys, "towns")
    state = survey_data(project, survey)
    assert (state.found, state.missing, state.made) == (("t1.csv",), (), ("t2.csv",))
    files = describe(project, survey)["files"]
    assert isinstance(files, list)
    assert [(f["file"], f["found"], f["made"]) for f in files] == [
        ("t1.csv", True, False), ("t2.csv", False, True),
    ]  # fmt: skip
    deliver(project, "t2.csv")
    assert survey_data(project, survey).observed


def test_a_wave_that_cannot_be_made_is_missing(project: Project) -> None:
    """The second is not made any more: drawn at random alone, refused beside a real file."""
    text = wave_yml("2").replace('made: {kind: scenario, answers: "2"}\n', "")
    (project.surveys / "towns" / "waves" / "2.yml").write_text(text, "utf-8")
    survey = load_survey(project.surveys, "towns")
    state = look(project, survey)
    assert (state.missing, state.made) == (("t2.csv",), ("t1.csv",))
    assert survey_build(project, "towns").origins == {"1": "reconstructed", "2": "demonstration"}
    deliver(project)
    with pytest.raises(BaroError, match=r"t2\.csv\n  the file is missing, others"):
        survey_data(project, survey)


def test_there_is_nothing_to_download(project: Project) -> None:
    told: list[str] = []
    survey = load_survey(project.surveys, "towns")
    assert download(project, survey, told.append, lambda *_: None) == []
    assert told == ["towns: nothing to download; made without a file: t1.csv, t2.csv"]


# --- origins by wave, wherever they are said ----------------------------------------------------


def test_a_real_file_makes_its_wave_observed_and_no_other(project: Project) -> None:
    ran(project)
    assert origins(project) == MADE
    deliver(project)
    again = ran(project)
    assert origins(project) == {"1": "observed", "2": "scenario"}
    assert {"estimate 1", "describe 1", "weight frame/1"} <= again
    assert not {s for s in again if s.split("/")[-1].split()[-1] == "2"}, "the other is as it was"
    book = read_codebook(project.codebook("towns"))
    assert dict(book.select("wave", "origin").unique().iter_rows()) == origins(project)


def test_every_command_says_it(project: Project, tmp_path: Path) -> None:
    run = CliRunner().invoke
    ran(project)
    rebuilt, scenario = "MICRODONNÉES RECONSTITUÉES", "SCÉNARIO"
    for command in (["topline", "towns", "has"], ["codebook", "towns", "has"],
                    ["table", "towns", "has"], ["weights", "towns", "--quiet"]):  # fmt: skip
        said = run(main, command)
        assert said.exit_code == 0, said.output
        assert rebuilt in said.output, command
        assert scenario in said.output, command
    target = tmp_path / "weights.csv"
    assert run(main, ["weights", "towns", "--quiet", "--export", str(target)]).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8"))))
    assert {(r["wave"], r["origin"]) for r in rows} == set(MADE.items())
    assert "made     t1.csv" in run(main, ["data"]).output


def test_the_ddi_says_it_of_each_file(project: Project) -> None:
    deliver(project)
    ran(project)
    survey = load_survey(project.surveys, "towns")
    root = ET.fromstring(ddi_bytes(survey, read_codebook(project.codebook("towns"))))
    told = {
        f.findtext(f".//{{{NAMESPACE}}}fileName"): f.findtext(f".//{{{NAMESPACE}}}fileCont")
        for f in root.findall(f"{{{NAMESPACE}}}fileDscr")
    }
    assert told["t1.csv"] is None
    assert (told["t2.csv"] or "").startswith("Scénario")


# --- what reruns --------------------------------------------------------------------------------


def test_nothing_reruns_where_nothing_changed(project: Project) -> None:
    ran(project)
    path = project.surveys / "towns" / "answers" / "1.csv"
    path.write_bytes(path.read_bytes())
    assert ran(project) == set()


def test_other_answers_rerun_their_wave_alone(project: Project) -> None:
    ran(project)
    path = project.surveys / "towns" / "answers" / "1.csv"
    path.write_text(ANSWERS_1.replace("small,has,oui,1", "small,has,oui,2")
                    .replace("small,has,non,2", "small,has,non,1"), "utf-8")  # fmt: skip
    again = ran(project)
    assert {"demonstrate", "ingest t1.csv", "prepare 1", "weight frame/1", "estimate 1",
            "describe 1", "table"} <= again  # fmt: skip
    assert not {"ingest t2.csv", "prepare 2", "weight frame/2", "estimate 2"} & again


def test_another_source_of_answers_changes_no_figure(project: Project) -> None:
    ran(project)
    path = project.surveys / "towns" / "answers" / "1.csv"
    path.write_text(ANSWERS_1.replace("hypothèse", "une autre hypothèse"), "utf-8")
    again = ran(project)
    assert "demonstrate" in again
    assert not {s for s in again if s.startswith(("ingest", "prepare", "weight", "estimate"))}


def test_another_population_reruns_its_wave_alone(project: Project) -> None:
    ran(project)
    before = read_estimates(project.estimates("towns")).filter(indicator="has", domain="ensemble")
    path = project.surveys / "towns" / "margins" / "strata.csv"
    path.write_text(MARGIN.replace("2,small,44", "2,small,60"), "utf-8")
    again = ran(project)
    assert {"weight frame/2", "compare frame/2", "estimate 2", "describe 2", "table"} <= again
    assert not {"prepare 1", "weight frame/1", "estimate 1", "describe 1", "prepare 2"} & again
    after = read_estimates(project.estimates("towns")).filter(indicator="has", domain="ensemble")
    assert before["n_weighted"].to_list() == pytest.approx([50, 53])
    assert after["n_weighted"].to_list() == pytest.approx([50, 69])


# --- rules --------------------------------------------------------------------------------------

RULE = """\
rules:
  staffed:
    label: tout le monde a plus de 100 agents
    when: size == small
    expect: staff > 100
"""


def test_what_nobody_gave_is_held_to_no_rule(project: Project) -> None:
    """In a build and in validate alike; a real file is held to them, beside a made one."""
    (project.surveys / "towns" / "survey.yml").write_text(SURVEY_YML + RULE, "utf-8")
    assert pipeline.validate(project, "towns") == {"1": 11, "2": 11}
    ran(project)
    deliver(project)
    with pytest.raises(BaroError) as e:
        pipeline.validate(project, "towns")
    assert {p.where.partition(":")[0] for p in e.value.problems} == {"t1.csv"}
    with pytest.raises(BaroError, match="staffed"):
        ran(project)


# --- a wave that arrives ------------------------------------------------------------------------


def arriving(project: Project) -> Path:
    """Answers like those of the second wave, of other towns."""
    survey = load_survey(project.surveys, "towns")
    write_demonstration(survey, project.root.parent, ["t2.csv"])
    path = project.root.parent / "t3.csv"
    frame = pl.read_csv(project.root.parent / "t2.csv", separator=";", infer_schema=False)
    frame.with_columns(pl.col("ID").str.replace("^2", "3")).write_csv(path, separator=";")
    return path


def test_a_file_may_follow_waves_that_were_made(project: Project) -> None:
    added = add_wave(project, "towns", arriving(project), "3")
    draft = added.draft.read_text("utf-8")
    assert 'follows: "2"' in draft
    assert "Vague précédente absente" in added.arrived.kinds, "made rows are nobody's: not compared"
    closed = draft.replace('field: "?"', "field: en 2025").replace(" ?", "")
    added.draft.write_text(closed, "utf-8")
    with pytest.raises(BaroError, match="no line for wave 3"):
        load_survey(project.surveys, "towns")
    margin = project.surveys / "towns" / "margins" / "strata.csv"
    lines = [x.replace("2,", "3,", 1) for x in MARGIN.splitlines() if x.startswith("2,")]
    margin.write_text(MARGIN + "\n".join(lines) + "\n", "utf-8")
    ran(project)
    assert origins(project) == MADE | {"3": "observed"}


def test_a_delivered_wave_can_be_drawn_where_its_file_is_not(project: Project) -> None:
    """A clone without data: 60 rows, 20 of them from outside, 9 of the 9 large towns there are."""
    text = wave_yml("2").replace('made: {kind: scenario, answers: "2"}\n', "")
    (project.surveys / "towns" / "waves" / "2.yml").write_text(text.replace("11", "60"), "utf-8")
    ran(project)
    assert origins(project) == {"1": "reconstructed", "2": "demonstration"}
    table = read_estimates(project.estimates("towns"))
    drawn = table.filter(wave="2", indicator="has", domain="size")
    assert dict(drawn.select("domain_value", "n").iter_rows()) == {"small": 31, "large": 9}
    assert drawn["n_weighted"].to_list() == pytest.approx([9, 44])
