"""The repository's own promises: locks, addresses, licences, layers, make help."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

TARGETS = (
    "report",
    "test",
    "lint",
    "setup",
    "preview",
    "audit",
    "bench",
    "oracle",
    "damages",
    "simulate",
    "spark",
    "lock",
    "clean",
    "help",
)

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-spark.lock")

# The wall: no module of the first list may import one of the second, once both exist.
SEES_NO_RESPONDENT = {
    "wording",
    "charts",
    "tables",
    "dictionary",
    "opendata",
    "claims",
    "briefing",
    "explorer",
    "downloads",
    "fiches",
    "release",
    "render",
    "publish",
}
SEES_RESPONDENTS = {
    "ingest",
    "validate",
    "harmonise",
    "design",
    "weighting",
    "variance",
    "estimators",
    "facade",
    "engines",
    "estimation",
    "tabulation",
    "contributors",
    "partitions",
    "columns",
    "demonstration",
    "arrival",
    "sampling",
}

# Written in halves, so that this file passes its own test.
REGISTRIES = tuple(
    "".join(halves)
    for halves in (
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("npmjs", ".org"),
        ("npmjs", ".com"),
        ("crates", ".io"),
        ("deb.debian", ".org"),
        ("security.debian", ".org"),
        ("cran.r-project", ".org"),
        ("conda.anaconda", ".org"),
    )
)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:root/|work/|home/\w|Users/\w)")
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[\w,-]+\])?(?:==(?P<version>[\w.+!-]+))?")


@pytest.fixture(scope="module")
def pyproject(project_root: Path) -> dict[str, Any]:
    return tomllib.loads((project_root / "pyproject.toml").read_text("utf-8"))


def committed(root: Path) -> list[Path]:
    """Each file that is in the repository, or will be with the next `git add`."""
    if not (root / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no git repository here: which files are committed is not known")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = (root / name for name in listing.split("\0") if name)
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def lines_with(pattern: re.Pattern[str], root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)}:{number}: {line.strip()[:120]}"
        for path in committed(root)
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def name_and_version(requirement: str) -> tuple[str, str | None]:
    match = REQUIREMENT.match(requirement)
    assert match, f"not a requirement: {requirement}"
    return re.sub(r"[-_.]+", "-", match["name"]).lower(), match["version"]


def locked(path: Path) -> dict[str, tuple[str | None, int]]:
    """Version and number of hashes of each requirement of a lock file."""
    found = {}
    for requirement in path.read_text("utf-8").replace("\\\n", " ").splitlines():
        name, version = name_and_version(requirement)
        found[name] = (version, len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", requirement)))
    return found


def names(requirements: list[Any]) -> set[str]:
    return {name_and_version(r)[0] for r in requirements if isinstance(r, str)}


# --- make ----------------------------------------------------------------------------------------


def make_help(root: Path) -> str:
    if shutil.which("make") is None:
        pytest.skip("no make here: `make help`")
    env = {k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}}
    done = subprocess.run(
        ["make", "help"], cwd=root, env=env, capture_output=True, check=True, text=True
    )
    return done.stdout


def test_make_help_prints_one_line_for_each_target(project_root: Path) -> None:
    lines = make_help(project_root).splitlines()
    assert [line.split()[:2] for line in lines] == [["make", target] for target in TARGETS]
    assert all(len(line.split()) > 3 for line in lines)
    assert max(map(len, lines)) <= 110


def test_every_phony_target_is_in_make_help(project_root: Path) -> None:
    makefile = (project_root / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    assert tuple(phony[1].split()) == TARGETS


# --- lock files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_have_hashes_and_no_address(project_root: Path, name: str) -> None:
    path = project_root / name
    assert "://" not in path.read_text("utf-8")
    assert "#" not in path.read_text("utf-8")
    assert [name for name, (version, _) in locked(path).items() if version is None] == []
    assert [name for name, (_, hashes) in locked(path).items() if hashes == 0] == []


def test_dev_lock_is_the_runtime_lock_and_more(project_root: Path) -> None:
    runtime = locked(project_root / "requirements.lock")
    dev = locked(project_root / "requirements-dev.lock")
    assert runtime.items() <= dev.items(), "`make lock` writes both anew"


def test_spark_lock_upsets_no_version(project_root: Path) -> None:
    dev = locked(project_root / "requirements-dev.lock")
    spark = locked(project_root / "requirements-spark.lock")
    shared = dev.keys() & spark.keys()
    assert {n: spark[n] for n in shared} == {n: dev[n] for n in shared}, "type: make lock"
    assert {"pyspark", "pyarrow"} <= spark.keys()


def test_lock_files_hold_each_dependency_of_pyproject(
    project_root: Path, pyproject: dict[str, Any]
) -> None:
    groups = pyproject["dependency-groups"]
    runtime = names(pyproject["project"]["dependencies"]) | names(groups["build"])
    assert runtime <= locked(project_root / "requirements.lock").keys(), "type: make lock"
    assert names(groups["dev"]) <= locked(project_root / "requirements-dev.lock").keys(), (
        "type: make lock"
    )
    assert names(pyproject["build-system"]["requires"]) == names(groups["build"])


# --- addresses -----------------------------------------------------------------------------------


def test_no_file_names_a_package_registry(project_root: Path) -> None:
    hosts = re.compile("|".join(map(re.escape, REGISTRIES)), re.IGNORECASE)
    assert lines_with(hosts, project_root) == []


def test_no_file_names_a_path_of_one_machine(project_root: Path) -> None:
    assert lines_with(MACHINE_PATH, project_root) == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("see /" + "root/x", True),
        ('"/' + 'home/ana/barometre"', True),
        ("=/" + "work/main", True),
        ("../framework/main", False),
        ("https://example.fr/home/ana", False),
        ("/home page", False),
    ],
)
def test_what_counts_as_a_path_of_one_machine(text: str, is_one: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is is_one


# --- licence -------------------------------------------------------------------------------------


def test_licence_names_that_of_the_code_and_that_of_the_data(project_root: Path) -> None:
    text = (project_root / "LICENSE").read_text("utf-8")
    assert text.startswith("MIT License")
    for word in ("ODbL", "1.0", "CRÉDOC", "Arcep", "CGE", "ANCT", "Arcom"):
        assert word in text


def test_no_microdata_are_committed(project_root: Path) -> None:
    files = committed(project_root)
    assert [p.name for p in files if p.suffix in {".gz", ".parquet", ".sav", ".zip"}] == []
    assert [str(p) for p in files if p.stat().st_size > 2_000_000] == []


# --- layers --------------------------------------------------------------------------------------


def modules(root: Path) -> set[str]:
    """The modules and packages directly under analysis/."""
    here = (root / "analysis").iterdir()
    return {
        path.stem
        for path in here
        if (path.suffix == ".py" and path.stem != "__init__")
        or (path.is_dir() and (path / "__init__.py").exists())
    }


def contract(pyproject: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = (c for c in pyproject["tool"]["importlinter"]["contracts"] if c["type"] == kind)
    return found


def test_the_layers_name_each_module_once(project_root: Path, pyproject: dict[str, Any]) -> None:
    layers = contract(pyproject, "layers")
    named = [layer.strip("()") for layer in layers["layers"]]
    assert layers["exhaustive"]
    assert sorted(named) == sorted(set(named))
    assert modules(project_root) <= set(named)
    required = {layer for layer in layers["layers"] if not layer.startswith("(")}
    assert required <= modules(project_root), "put a layer that may be absent in parentheses"


def test_the_wall_stands_around_each_module(project_root: Path, pyproject: dict[str, Any]) -> None:
    wall = contract(pyproject, "forbidden")
    here = modules(project_root)
    assert set(wall["source_modules"]) == {f"analysis.{m}" for m in SEES_NO_RESPONDENT & here}
    assert set(wall["forbidden_modules"]) == {f"analysis.{m}" for m in SEES_RESPONDENTS & here}
    assert not wall.get("ignore_imports")
