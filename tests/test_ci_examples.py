"""The workflows of docs/ci: their commands are run here, as they are written there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from analysis.cli import main
from analysis.project import Project

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "ci"
FILES = ["github-actions.yml", "gitlab-ci.yml"]
BARO = ".venv/bin/baro "


def commands(file: str) -> list[str]:
    """What a workflow runs, in order."""
    found: Any = yaml.safe_load((FOLDER / file).read_text("utf-8"))["barometre" if "gitlab" in file
                                                                    else "jobs"]  # fmt: skip
    if "gitlab" in file:
        return list(found["script"])
    return [step["run"] for step in found["barometre"]["steps"] if "run" in step]


def test_both_workflows_run_the_same_commands() -> None:
    first, second = (commands(file) for file in FILES)
    assert first == second
    assert [c for c in first if not c.startswith(BARO)] == ["make setup"]
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert "setup" in targets


def test_the_commands_pass_on_a_project(own_demonstration: Project) -> None:
    for command in commands(FILES[0]):
        if command.startswith(BARO):
            done = CliRunner().invoke(main, shlex.split(command.removeprefix(BARO)))
            assert done.exit_code == 0, f"{command}\n{done.output}"
    assert (own_demonstration.root / "failures" / "failures.json").exists()
    assert (own_demonstration.site / "index.html").exists()


@pytest.mark.parametrize("file", FILES)
def test_a_failure_stops_the_workflow(file: str, own_observed: Project) -> None:
    raw = own_observed.root / "data" / "barometre-numerique" / "barometre-du-numerique-2022.csv.gz"
    raw.write_bytes(b"IDENT,SEXE,ANNEE\n1,Femme,2022\n")
    command = next(c for c in commands(file) if "validate" in c)
    done = CliRunner().invoke(main, shlex.split(command.removeprefix(BARO)))
    assert done.exit_code == 1
    assert Path("failures/failures.html").exists()
