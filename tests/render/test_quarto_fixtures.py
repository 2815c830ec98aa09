"""What real Quarto made of 18 documents, where that set is at hand; nothing of it is kept here."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from analysis.errors import BaroError
from analysis.render import load_project, render_document

_GIVEN = os.environ.get("BARO_DATA", "")
FIXTURES = Path(_GIVEN).parent / "quarto" / "fixtures" if _GIVEN else Path("nowhere")
pytestmark = pytest.mark.skipif(
    not FIXTURES.is_dir(),
    reason="Quarto's own pages are beside the folder that BARO_DATA names; there are none there",
)
# Callouts and tab sets as they are: outside the subset, with the line (docs/reports-subset.md).
OUTSIDE = {"08-encarts": 5, "10-onglets-panneaux": 5}
# The line each of the 21 wrong documents is refused at.
LINES = {
    "autre-langage": 5,
    "bibliographie-absente": 3,
    "bloc-non-ferme": 5,
    "cellule-echoue": 8,
    "cellule-non-fermee": 5,
    "citation-inconnue": 5,
    "cle-mal-typee": 5,
    "code-court-inconnu": 5,
    "entete-invalide": 2,
    "etiquette-double": 11,
    "expression-echoue": 10,
    "expression-sans-cellule": 5,
    "identifiant-double": 7,
    "image-absente": 5,
    "inclusion-absente": 5,
    "noyau-meurt": 5,
    "option-inconnue": 7,
    "renvoi-inconnu": 5,
    "renvoi-section-sans-numero": 12,
    "syntaxe-cellule": 6,
    "variable-absente": 5,
}


@pytest.fixture(scope="module")
def normaliser() -> ModuleType:
    spec = importlib.util.spec_from_file_location("normalise", FIXTURES / "normalise.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wrong documents beside the project file, where they were rendered."""
    stage = tmp_path_factory.mktemp("wrong")
    shutil.copytree(FIXTURES / "_assets", stage / "_assets")
    files = [*FIXTURES.glob("_*.yml"), *(FIXTURES / "errors").glob("*.qmd")]
    for file in files:
        shutil.copyfile(file, stage / file.name)
    return stage


def _right() -> list[str]:
    return sorted(f.stem for f in FIXTURES.glob("[0-9]*.qmd") if f.stem not in OUTSIDE)


@pytest.mark.parametrize("name", _right())
def test_the_same_page_as_quarto(name: str, normaliser: ModuleType, tmp_path: Path) -> None:
    page = render_document(FIXTURES / f"{name}.qmd", tmp_path / f"{name}.html")
    expected = json.loads((FIXTURES / f"{name}.expected.json").read_text("utf-8"))
    assert normaliser.normalise(page.read_text("utf-8")) == expected


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_the_subset(name: str, tmp_path: Path) -> None:
    with pytest.raises(BaroError) as caught:
        render_document(FIXTURES / f"{name}.qmd", tmp_path / "page.html")
    assert caught.value.problems[0].where == f"{name}.qmd:{OUTSIDE[name]}"
    assert all(problem.remedy for problem in caught.value.problems)


@pytest.mark.parametrize("name", LINES)
def test_wrong_documents_are_refused(name: str, wrong: Path, tmp_path: Path) -> None:
    with pytest.raises(BaroError) as caught:
        render_document(wrong / f"{name}.qmd", tmp_path / "page.html", project=load_project(wrong))
    assert f"{name}.qmd:{LINES[name]}" in [problem.where for problem in caught.value.problems]
    assert all(problem.remedy for problem in caught.value.problems)
    assert not (tmp_path / "page.html").exists()


def test_every_wrong_document_is_looked_at() -> None:
    assert {file.stem for file in (FIXTURES / "errors").glob("*.qmd")} == set(LINES)
