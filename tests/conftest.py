"""What every test may ask for."""

from __future__ import annotations

import csv
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from analysis.estimates import read_estimates
from analysis.pipeline import build
from analysis.project import Project

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("BARO_PDF", "none")  # a second a build: tests/test_pdf.py prints its own


@pytest.fixture(autouse=True)
def fields_of_usual_length() -> None:
    """Libraries that only tests read lift this limit of all of Python as they are imported."""
    csv.field_size_limit(131_072)


@pytest.fixture(scope="session")
def project_root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data files; the test is skipped where it is absent."""
    folder = ROOT / os.environ.get("BARO_DATA", "data")
    if not any(folder.glob("barometre-numerique/*.csv.gz")):
        pytest.skip(
            "BARO_DATA names no folder with barometre-numerique/*.csv.gz: "
            "what is checked against the real microdata"
        )
    return folder


def copy_project(target: Path) -> Project:
    """The sources of this project in a folder of its own, without anything built."""
    target.mkdir(parents=True)
    shutil.copytree(ROOT / "surveys", target / "surveys")
    shutil.copytree(ROOT / "reports", target / "reports", ignore=shutil.ignore_patterns("donnees"))
    shutil.copy(ROOT / "_quarto.yml", target)
    return Project(target)


def copy_built(built: Project, target: Path) -> Project:
    """The same project, sources and all that stages made, elsewhere.

    The CSV files (24 MB, twice) are links: a test that changes one deletes it first. Margins,
    which are sources, are not.
    """

    def copy(source: str, copied: str) -> None:
        linked = source.endswith(".csv") and Path(source).parent.name != "margins"
        (os.link if linked else shutil.copy2)(source, copied)

    def ignore(folder: str, _: list[str]) -> list[str]:
        return ["stage", "next"] if Path(folder) == built.build else []

    shutil.copytree(built.root, target, copy_function=copy, ignore=ignore)
    return Project(target)


@contextmanager
def once(folder: Path) -> Iterator[bool]:
    """True for the first of several test processes, which does the work the others wait for."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".done")
        yield not done.exists()
        done.touch()


def _shared(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that all test processes of a run see."""
    base = factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / name


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of this project, built from demonstration data; not to be changed by a test."""
    folder = _shared(tmp_path_factory, "demonstration")
    with once(folder) as first, pytest.MonkeyPatch.context() as patch:
        if first:
            copy_project(folder)
            patch.setenv("BARO_DATA", str(folder / "no-data"))
            patch.delenv("BARO_PROJECT", raising=False)
            build(Project(folder))
    return Project(folder)


@pytest.fixture(scope="session")
def observed(demonstration: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same where the demonstration's files stand in ``data/`` as if they were real."""
    folder = _shared(tmp_path_factory, "observed")
    with once(folder) as first, pytest.MonkeyPatch.context() as patch:
        if first:
            copy_built(demonstration, folder)
            drawn = folder / "build" / "barometre_numerique" / "demonstration"
            shutil.copytree(drawn, folder / "data" / "barometre-numerique")
            patch.delenv("BARO_DATA", raising=False)
            patch.delenv("BARO_PROJECT", raising=False)
            build(Project(folder))
    return Project(folder)


@pytest.fixture(scope="session")
def bilingual(demonstration: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demonstration with English pages beside the French ones; not to be changed by a test."""
    folder = _shared(tmp_path_factory, "bilingual")
    with once(folder) as first, pytest.MonkeyPatch.context() as patch:
        if first:
            copy_built(demonstration, folder)
            patch.setenv("BARO_DATA", str(folder / "no-data"))
            patch.delenv("BARO_PROJECT", raising=False)
            build(Project(folder), languages=("en",))
    return Project(folder)


@pytest.fixture
def own_demonstration(
    demonstration: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """A built copy that a test may change, and the working directory, on demonstration data."""
    return _own(demonstration, tmp_path, monkeypatch)


@pytest.fixture
def own_observed(observed: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The same with files in ``data/`` as if they were real."""
    return _own(observed, tmp_path, monkeypatch)


def _own(built: Project, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    own = copy_built(built, folder / "own")
    monkeypatch.delenv("BARO_DATA", raising=False)
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    monkeypatch.chdir(own.root)
    return own


@pytest.fixture(scope="session")
def built_site(demonstration: Project) -> Path:
    """The flat site made from demonstration data."""
    return demonstration.site


@pytest.fixture(scope="session")
def real_project(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of this project with its estimates from the real microdata."""
    folder = _shared(tmp_path_factory, "real")
    with once(folder) as first, pytest.MonkeyPatch.context() as patch:
        if first:
            copy_project(folder)
            patch.setenv("BARO_DATA", str(real_data))
            build(Project(folder), only_estimates=True)
    return Project(folder)


@pytest.fixture(scope="session")
def real_estimates(real_project: Project) -> pl.DataFrame:
    """The table of estimates of the real microdata."""
    return read_estimates(real_project.estimates("barometre_numerique"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A site built from a survey whose every text is an attack; not to be changed by a test."""
    from tests.hostile.maker import built

    folder = _shared(tmp_path_factory, "hostile") / "project"
    with once(folder.parent) as first, pytest.MonkeyPatch.context() as patch:
        if first:
            folder.mkdir(parents=True)
            built(folder, patch)
    return Project(folder)
