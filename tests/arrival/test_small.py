"""The small survey made by hand: one defect at a time, hostile files, a kill at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.arrival import Added, add_wave, check_wave, open_lines
from analysis.cli import main
from analysis.data import survey_data
from analysis.definition import load_survey
from analysis.definition.yamltext import read_yaml
from analysis.demonstration import draw_wave, write_demonstration
from analysis.errors import BaroError
from analysis.project import Project
from analysis.provenance import digest_path
from tests.surveys_maker import csv_bytes, write_survey

HEADER_2021 = ["ID", "ANNEE", "W", "SEXE", "AGE", "INTERNET", "ACHAT", "AVIS", "HEURES", "TAB"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The small survey with its two waves' files in ``data/``."""
    root = tmp_path / "project"
    root.mkdir()
    surveys = write_survey(root)
    (root / "_quarto.yml").write_text("project: {type: website}\n")
    monkeypatch.delenv("BARO_DATA", raising=False)
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    monkeypatch.chdir(root)
    write_demonstration(load_survey(surveys, "small"), root / "data" / "small")
    return Project(root)


def rows_2023(project: Project) -> list[list[str]]:
    """Rows like those of 2021, of other people."""
    frame = draw_wave(load_survey(project.surveys, "small"), "2021")
    rows = [list(r) for r in frame.select(HEADER_2021).iter_rows()]
    for i, row in enumerate(rows):
        row[0], row[1] = f"2023{i:04d}", "2023"
    return rows


def add(project: Project, rows: list[list[str]], header: list[str] = HEADER_2021,
        name: str = "small-2023.csv", wave: str = "") -> Added:  # fmt: skip
    file = project.root.parent / name
    file.write_bytes(csv_bytes([header, *rows]))
    return add_wave(project, "small", file, wave)


def kinds(added: Added) -> dict[str, str]:
    return {k: " ".join(f"{f.where} {f.seen}" for f in v) for k, v in added.arrived.kinds.items()}


def test_a_file_like_the_last_asks_for_its_mode_and_dates(project: Project) -> None:
    added = add(project, rows_2023(project))
    assert set(added.arrived.draft.open) == {("mode",), ("field",)}
    text = added.draft.read_text("utf-8").replace("en ligne ?", "en ligne")
    added.draft.write_text(text.replace('field: "?"', "field: en 2023"), "utf-8")
    assert open_lines(project, "small") == {"2023": []}
    assert check_wave(project, "small", "2023") == 60
    survey = load_survey(project.surveys, "small")
    assert survey.waves["2023"].follows == "2021"
    assert "tablette" in survey.variables_in("2023"), "its span is 2021 alone, and 2023 follows it"
    assert survey_data(project, survey).observed


def test_without_the_data_of_before_the_definition_alone_is_compared(project: Project) -> None:
    rows = rows_2023(project)
    (project.root / "data" / "small" / "small-2021.csv.gz").unlink()
    added = add(project, rows)
    assert "Vague précédente absente" in kinds(added)


@pytest.mark.parametrize(
    ("wave", "found"),
    [("../../evil", "cannot name a wave"), ("a/b", "cannot name"), ("é", "cannot name"),
     (".", "cannot name"), ("x" * 200, "cannot name"), ("2021", "complete")],
)  # fmt: skip
def test_a_wave_name_is_no_path(project: Project, wave: str, found: str) -> None:
    before = digest_path(project.root)
    with pytest.raises(BaroError, match=found):
        add(project, rows_2023(project), wave=wave)
    assert digest_path(project.root) == before


def test_hostile_names_and_labels(project: Project) -> None:
    rows = rows_2023(project)
    evil = '<script>alert(1)</script>\x1b[2J: "x" # ? {a: *b}'
    rows[0][6] = rows[1][6] = evil
    header = [*HEADER_2021, "=cmd|' /C calc'!A0 <img src=x onerror=alert(1)>"]
    added = add(project, [[*r, "1"] for r in rows], header, "..<b> 2023 ‮.csv")
    page = added.report.read_text("utf-8")
    assert "<script>" not in page
    assert "<img" not in page
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert "\x1b" not in page + added.draft.read_text("utf-8")
    draft = read_yaml(added.draft, "draft")
    assert evil in [*draft.data["recode"]["achat"]]
    assert draft.data["ignored"] == [header[-1]]
    stored = draft.data["file"]
    assert stored.isascii()
    assert "<" not in stored
    assert (project.root / "data" / "small" / stored).is_file()
    assert list(project.root.parent.glob("*.csv")) == [project.root.parent / "..<b> 2023 ‮.csv"]


def test_one_defect_at_a_time(project: Project) -> None:
    rows = rows_2023(project)
    rows[3][2] = "-1"
    rows[5][4] = "207"
    rows[7][0] = ""
    rows[9][0] = rows[8][0]
    rows.append(list(rows[10]))
    added = add(project, rows)
    assert added.arrived.draft.open[("drop", "rows")].value == "5, 7, 9, 11, 62"


def test_cut_rows_are_listed_and_can_be_left_out(project: Project) -> None:
    rows = rows_2023(project)
    rows[4] = rows[4][:6]
    rows[6] = [*rows[6], "trop"]
    added = add(project, rows)
    assert (
        "ligne 6 : 6 champs, ligne 8 : 11 champs"
        in kinds(added)["Lignes : nombre de champs différent de l’en-tête"]
    )
    text = added.draft.read_text("utf-8").replace(" ?", "").replace('"?"', "en 2023")
    added.draft.write_text(text, "utf-8")
    assert check_wave(project, "small", "2023") == 58


def test_a_weight_that_cannot_be_found_stops_the_comparison(project: Project) -> None:
    header = [h if h != "W" else "SEXE_CM" for h in HEADER_2021]
    rows = [[*r[:2], "Femme", *r[3:]] for r in rows_2023(project)]
    added = add(project, rows, header)
    assert added.arrived.draft.open[("rename", "W")].value == "?"
    assert "Comparaison interrompue" in kinds(added)


def test_messages_of_the_commands(project: Project) -> None:
    run = CliRunner().invoke
    add(project, rows_2023(project))
    left = run(main, ["wave", "check", "small"])
    assert left.exit_code == 1
    assert "small 2023: 2 lines to fill in or confirm" in left.output
    built = run(main, ["validate", "small"])
    assert built.exit_code == 1
    assert "2023.yml" in built.output
    assert "remove the ? to confirm" in built.output
    absent = run(main, ["wave", "add", "small", "no-such-2023.csv"])
    assert absent.exit_code == 1
    assert "the file is not there" in absent.output


DEADLY = """
import os, signal, sys
from pathlib import Path
from analysis.arrival import add as module
from analysis.project import Project

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

{how}
module.add_wave(Project(Path(sys.argv[1])), "small", Path(sys.argv[2]))
"""
MOMENTS = {
    "before anything": "module.compare = die",
    "before the file is copied": "module._copy = die",
    "while the file is copied": "module.shutil.copyfile = lambda a, b: "
    "(open(b, 'wb').write(b'x'), die())",
    "before the report": "module.write_aside = die",
    "before the draft": "module._write_draft = die",
    "while the draft is put in place": "Path.replace = lambda s, t, r=Path.replace: "
    "die() if str(t).endswith('.yml') else r(s, t)",
}  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="how a process is killed")
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_the_survey_is_whole_and_the_next_run_succeeds(
    project: Project, moment: str
) -> None:
    file = project.root.parent / "small-2023.csv"
    file.write_bytes(csv_bytes([HEADER_2021, *rows_2023(project)]))
    surveys = {p: p.read_bytes() for p in project.surveys.rglob("*.yml")}
    code = DEADLY.format(how=MOMENTS[moment])
    done = subprocess.run([sys.executable, "-c", code, project.root, file], check=False)
    assert done.returncode == -signal.SIGKILL
    assert {p: p.read_bytes() for p in project.surveys.rglob("*.yml")} == surveys
    assert len(load_survey(project.surveys, "small").waves) == 2
    added = add_wave(project, "small", file)
    assert added.draft.is_file()
    hidden = [p.name for f in (project.surveys, project.arrived) for p in f.rglob(".*")]
    assert hidden == []
