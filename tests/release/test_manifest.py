"""The manifest: what it holds, what it leaves out, and which manifests are refused."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import BaroError
from analysis.pipeline import build
from analysis.pipeline.inputs import environment
from analysis.project import Project
from analysis.release.folder import files_apart, hash_files
from analysis.release.making import made_apart
from analysis.release.manifest import MadeFrom, files_below, hashed, read_manifest
from tests.conftest import ROOT
from tests.release.maker import facts, lay_out, small_project

ROW = "2022;net;;ensemble;ensemble;50,00;45,00;55,00;2,50;400;A"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BARO_DATA", raising=False)
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return small_project(tmp_path / "project")


# --- what it holds -------------------------------------------------------------------------------


def test_it_names_every_input_by_its_content(project: Project) -> None:
    build(project)
    made = read_manifest(project.site).made_from
    read = [
        "_quarto.yml", "reports/_assets/page.css", "reports/_assets/page.html",
        "reports/_assets/report.lua", "reports/index.qmd", "surveys/towns/answers/1.csv",
        "surveys/towns/answers/2.csv", "surveys/towns/margins/strata.csv",
        "surveys/towns/survey.yml", "surveys/towns/waves/1.yml", "surveys/towns/waves/2.yml",
    ]  # fmt: skip
    assert made.project == {name: sha256(project.root / name) for name in read}
    raw = project.root / "data" / "towns" / "t1.csv"
    (name, file), *others = made.surveys["towns"].microdata.items()
    assert (name, file.sha256, file.bytes) == ("t1.csv", sha256(raw), raw.stat().st_size)
    assert others == [], "wave 2 has no file that somebody delivered"
    assert {w: f.origin for w, f in made.surveys["towns"].waves.items()} == {
        "1": "observed", "2": "scenario",
    }  # fmt: skip
    assert made.environment.lock == sha256(ROOT / "requirements.lock")


def test_what_is_no_input_changes_nothing(project: Project) -> None:
    build(project)
    before = read_manifest(project.site)
    (project.surveys / "towns" / "README.md").write_text("À lire.")
    (project.reports / ".DS_Store").write_bytes(b"x")
    assert build(project).seconds.keys() <= {"pages"}
    assert read_manifest(project.site) == before


def test_the_edition_is_declared_or_there_is_none(project: Project) -> None:
    build(project)
    assert read_manifest(project.site).made_from.edition.name == ""
    page = (project.site / "version.html").read_text("utf-8")
    assert "Édition</dt>" not in page
    (project.reports / "edition.yml").write_text('name: "2026-1"\ndate: 2026-03-15\n')
    build(project)
    edition = read_manifest(project.site).made_from.edition
    assert (edition.name, edition.date) == ("2026-1", "2026-03-15")
    page = (project.site / "version.html").read_text("utf-8")
    assert "<dd>2026\u20111</dd>" in page
    (project.reports / "edition.yml").write_text("nom: x\n")
    with pytest.raises(BaroError, match=r"reports/edition.yml"):
        build(project)


def test_it_holds_no_hour_no_place_and_no_answer(project: Project) -> None:
    build(project)
    raw = (project.root / "data" / "towns" / "t1.csv").read_text("utf-8").splitlines()
    text = (project.site / "manifest.json").read_text("utf-8")
    for trace in (str(project.root), str(ROOT), str(Path.home())):
        assert trace not in text
    assert not re.search(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}", text)
    assert not [line for line in raw if line in text]


def test_libraries_are_those_the_code_needs_and_not_those_beside_it() -> None:
    libraries = environment().libraries
    assert {"polars", "numpy", "pandera", "xlsxwriter"} <= set(libraries)
    assert not {"pytest", "ruff", "mypy", "barometre"} & set(libraries)


def test_the_fingerprint_follows_what_it_is_made_from() -> None:
    made = MadeFrom.model_validate(facts())
    other = MadeFrom.model_validate(facts(renderer="quarto"))
    assert MadeFrom.model_validate(facts()).fingerprint == made.fingerprint
    assert other.fingerprint != made.fingerprint


# --- which are refused ---------------------------------------------------------------------------


def spoiled(folder: Path, **changed: Any) -> Path:
    path = lay_out(folder, ROW) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changed), "utf-8")
    return folder


FILE = {"bytes": 1, "sha256": "0" * 64}


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/../../x", "C:/x", "a\\b", "", "a//b", "./x", "a/."]
)
def test_a_path_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BaroError, match=r"no path below the folder"):
        read_manifest(spoiled(tmp_path / "r", files={name: FILE}))


def test_a_survey_that_is_no_name_is_refused(tmp_path: Path) -> None:
    """Files are called after it."""
    surveys = {"../../secret": facts()["surveys"]["essai"]}
    with pytest.raises(BaroError, match=r"made_from.surveys.../../secret"):
        read_manifest(spoiled(tmp_path / "r", made_from=facts(surveys=surveys)))


def test_another_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BaroError) as refused:
        read_manifest(spoiled(tmp_path / "r", format=2, files={"a": {"bytes": -1, "sha256": "x"}}))
    said = str(refused.value)
    assert "manifest.json: format" in said
    assert "files.a.bytes" in said, "every fault at once"
    assert "-> make the release again" in said


def test_a_folder_without_one_and_one_that_is_no_json(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match=r"no manifest.json can be read there"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(BaroError, match=r"manifest.json"):
        read_manifest(tmp_path)


# --- files against it ----------------------------------------------------------------------------


def test_what_was_altered_added_or_is_missing_is_named(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "r", ROW)
    listed = read_manifest(folder).files
    assert not files_apart(listed, hash_files(folder, lambda _: None))
    (folder / "donnees" / "essai.csv").write_text("x")
    (folder / "donnees" / "essai_codes.csv").unlink()
    (folder / "neuf.html").write_text("x")
    found = files_apart(listed, hash_files(folder, lambda _: None))
    assert found.altered == ("donnees/essai.csv",)
    assert found.missing == ("donnees/essai_codes.csv",)
    assert found.added == ("neuf.html",)


def test_a_link_in_place_of_a_file_is_an_altered_file(tmp_path: Path) -> None:
    """Its target may change, or be a file of the reader's own."""
    folder = lay_out(tmp_path / "r", ROW)
    whole = folder / "donnees" / "essai.csv"
    whole.rename(tmp_path / "elsewhere.csv")
    whole.symlink_to(tmp_path / "elsewhere.csv")
    listed = read_manifest(folder).files
    assert hashed(tmp_path / "elsewhere.csv") == listed["donnees/essai.csv"]
    found = files_apart(listed, hash_files(folder, lambda _: None))
    assert found.altered == ("donnees/essai.csv",)
    assert list(files_below(folder)) == sorted(files_below(folder))


# --- what two were made from ---------------------------------------------------------------------


def test_every_difference_of_two_makings_is_told_in_words() -> None:
    old = MadeFrom.model_validate(facts())
    survey = facts()["surveys"]["essai"] | {
        "microdata": {"e.csv": {"bytes": 1, "sha256": "1" * 64}}
    }
    new = MadeFrom.model_validate(
        facts(
            surveys={"essai": survey},
            project={"surveys/essai/survey.yml": "f" * 64, "reports/a.qmd": "0" * 64},
            code={"version": "1.1", "digest": "", "modules": {"charts": "c2"}},
            environment={"python": "CPython 3.13.0", "libraries": {"polars": "2.1"}, "lock": ""},
            seeds={"x": 7},
        )
    )
    assert [m.said() for m in made_apart(old, new)] == [
        "microdata essai/e.csv: only now",
        "definition surveys/essai/survey.yml: not the same content",
        "source of a page reports/a.qmd: only now",
        "version of the code: 1.0 before, 1.1 now",
        "code charts: not the same content",
        "Python: CPython 3.12.1 before, CPython 3.13.0 now",
        "library polars: 2.0 before, 2.1 now",
        "seed x: none before, 7 now",
    ]
    assert made_apart(old, old) == ()
