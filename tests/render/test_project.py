"""The project of these tests: what each page holds was written by hand from the specification."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from analysis.errors import BaroError
from analysis.render import RenderResult, render_document, render_project
from tests.render.conftest import PROJECT
from tests.render.outline import inline, outline, root_of

Rendered = tuple[Path, RenderResult, list[str]]
PAGES = ("cellules", "conditions", "prose", "renvois")


@pytest.mark.parametrize("name", PAGES)
def test_content(rendered: Rendered, name: str) -> None:
    expected = (PROJECT / f"{name}.expected.txt").read_text("utf-8").splitlines()
    assert outline(rendered[0] / "out" / f"{name}.html") == expected


def test_head_and_contents(rendered: Rendered) -> None:
    root = root_of(rendered[0] / "out" / "prose.html")
    assert [inline(e) for e in root.findall(".//header/*")] == [
        "Prose *simple*",
        "Ada Martin",
        "Jo Petit",
        "9 mars 2026",
    ]
    assert root.get("lang") == "fr"
    assert [e.text for e in root.findall(".//title")] == ["Prose simple"]
    assert [e.text for e in root.findall(".//nav/h2")] == ["Table des matières"]
    assert [e.get("href") for e in root.findall(".//nav//a")] == ["#titre-suite"]


def test_numbers_in_contents(rendered: Rendered) -> None:
    root = root_of(rendered[0] / "out" / "renvois.html")
    entries = [" ".join("".join(e.itertext()).split()) for e in root.findall(".//nav//a")]
    assert entries == [
        "1 Premier",
        "1.1 Sous-titre",
        "1.2 Autre",
        "À part",
        "1.3 Enfant",
        "2 Dernier",
    ]


def test_files_beside_the_pages(rendered: Rendered) -> None:
    folder, result, said = rendered
    out = folder / "out"
    assert result.renderer == "embedded"
    assert [page.name for page in result.pages] == [f"{name}.html" for name in PAGES]
    assert {file.relative_to(out).as_posix() for file in result.files} == {
        *(f"{name}.html" for name in PAGES),
        "_assets/page.css",
        "_assets/extra.css",
        "_assets/fond.svg",
        "_assets/carre.svg",
        "_assets/annexe.txt",
        "_assets/donnees.csv",
    }
    assert sorted(path.name for path in folder.iterdir()) == ["out", "stage"]
    assert said[0] == "[1/4] cellules.html"
    assert len(said) == 4


def test_no_script_and_no_style(rendered: Rendered) -> None:
    for page in rendered[1].pages:
        root = root_of(page)
        assert not [e for e in root.iter() if e.tag in ("script", "style") or e.get("style")]


def test_the_same_bytes_twice(rendered: Rendered, tmp_path: Path) -> None:
    for page in rendered[1].pages:
        source = rendered[0] / "stage" / f"{page.stem}.qmd"
        again = render_document(source, tmp_path / page.name)
        assert again.read_bytes() == page.read_bytes()


def test_parameters(rendered: Rendered, tmp_path: Path) -> None:
    source = rendered[0] / "stage" / "cellules.qmd"
    page = render_document(source, tmp_path / "x.html", params={"annee": 1999})
    lines = outline(page)
    assert "h2#valeur-1999 Valeur 1999" in lines
    assert "  tr td 2000" in lines


def test_profiles(stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = '::: {.content-visible when-profile="public"}\nPublic.\n:::\n'
    file = stage / "essai.qmd"
    file.write_text(f"---\ntitle: Essai\n---\n\n{body}", "utf-8")
    assert outline(render_document(file, tmp_path / "a.html")) == []
    monkeypatch.setenv("QUARTO_PROFILE", "autre,public")
    assert outline(render_document(file, tmp_path / "b.html")) == ["p Public."]


def test_a_caller_with_a_loop_of_its_own(rendered: Rendered, tmp_path: Path) -> None:
    async def from_a_notebook() -> Path:
        return render_document(rendered[0] / "stage" / "prose.qmd", tmp_path / "prose.html")

    assert asyncio.run(from_a_notebook()).is_file()


def test_a_failed_render_leaves_the_output_as_it_was(rendered: Rendered, tmp_path: Path) -> None:
    stage, out = tmp_path / "stage", tmp_path / "out"
    shutil.copytree(PROJECT, stage)
    (stage / "cellules.qmd").unlink()
    (stage / "prose.qmd").write_text("---\ntitle: A\n---\n\nVoir @fig-nulle.\n", "utf-8")
    (stage / "renvois.qmd").write_text("---\ntitle: A\n---\n\n# Un\n", "utf-8")
    out.mkdir()
    (out / "prose.html").write_text("ancien", "utf-8")
    with pytest.raises(BaroError, match=r"renvois\.qmd:5"):
        render_project(stage, out, renderer="embedded")
    (stage / "renvois.qmd").unlink()
    with pytest.raises(BaroError, match=r"prose\.qmd:5"):
        render_project(stage, out, renderer="embedded")
    assert [file.name for file in out.iterdir()] == ["prose.html"]
    assert (out / "prose.html").read_text("utf-8") == "ancien"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "stage"]


def test_pages_of_an_earlier_render_go(stage: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "vieux.html").write_text("ancien", "utf-8")
    (out / "reste.csv").write_text("a", "utf-8")
    (stage / "neuf.qmd").write_text("---\ntitle: Neuf\n---\n\nTexte.\n", "utf-8")
    render_project(stage, out, renderer="embedded")
    assert {file.name for file in out.iterdir()} == {"neuf.html", "reste.csv", "_assets"}


def test_parameters_of_a_project(stage: Path, tmp_path: Path) -> None:
    (stage / "neuf.qmd").write_text("---\ntitle: Neuf\n---\n\nTexte.\n", "utf-8")
    with pytest.raises(BaroError, match='the parameter "anee" is not one') as caught:
        render_project(stage, tmp_path / "out", renderer="embedded", params={"anee": 1})
    assert "tags: [parameters]" in str(caught.value)
