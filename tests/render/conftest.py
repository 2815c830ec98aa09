from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.render import RenderResult, render_project

HERE = Path(__file__).parent
PROJECT = HERE / "project"


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RenderResult, list[str]]:
    """The project of these tests, rendered once without Quarto: folder, result, progress."""
    folder = tmp_path_factory.mktemp("rendered")
    said: list[str] = []
    shutil.copytree(PROJECT, folder / "stage")
    result = render_project(
        folder / "stage",
        folder / "out",
        renderer="embedded",
        progress=said.append,
        policy=True,
    )
    return folder, result, said


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """A stage with the project's settings and assets, and no document."""
    folder = tmp_path / "stage"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("*.qmd", "*.txt"))
    shutil.copy(PROJECT / "_assets" / "_inclus.qmd", folder / "_assets")
    return folder


@pytest.fixture
def write(stage: Path) -> Callable[..., Path]:
    """Write a document into the stage; its body starts at line 5."""

    def make(body: str, name: str = "essai.qmd", title: str = 'title: "Essai"') -> Path:
        file = stage / name
        file.write_text(f"---\n{title}\n---\n\n{body}", "utf-8")
        return file

    return make
