"""docs/tutorial.md does what it says: its own files and commands, in its own order."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.estimates import cell, read_estimates
from analysis.project import Project

# A block, with the name of the file it is when the line before says so.
_BLOCK = re.compile(
    r"(?:`(?P<file>[\w./-]+)`:\n\n)?(?P<fence>`{3,})(?P<language>\w+)\n(?P<text>.*?)\n(?P=fence)\n",
    re.DOTALL,
)


def steps(text: str) -> list[tuple[str, str]]:
    """("file name", its text) and ("", a command), in order."""
    found: list[tuple[str, str]] = []
    for block in _BLOCK.finditer(text):
        if block["file"]:
            found.append((block["file"], block["text"] + "\n"))
        elif block["language"] == "sh":
            found += [("", line) for line in block["text"].splitlines()]
    return found


def run(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    if program == "python":
        done = subprocess.run(
            [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=True
        )
        return done.stdout
    assert program == "baro", command
    found = CliRunner().invoke(main, arguments)
    assert found.exit_code == 0, found.output
    return found.output


@pytest.mark.slow
def test_the_tutorial_ends_with_a_page_and_its_number(
    own_demonstration: Project, project_root: Path
) -> None:
    folder = own_demonstration.root
    said = {}
    for file, text in steps((project_root / "docs" / "tutorial.md").read_text("utf-8")):
        if file:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, "utf-8")
        else:
            said[text] = run(text, folder)
    assert "quartier: 1 waves, 200 rows, nothing wrong" in said["baro validate quartier"]
    found = cell(
        read_estimates(own_demonstration.estimates("quartier")), "connexion_quartier", "2026"
    )
    percent = round(100 * float(str(found["estimate"])))
    page = (own_demonstration.site / "quartier.html").read_text("utf-8")
    title = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    assert title
    assert re.sub(r"\s|\u202f|\u00a0", " ", title[1]).startswith(f"{percent} % des habitants")
    assert "démonstration" not in page
    assert page.count("<svg") >= 2
    assert "moins_de_60" in said["baro table quartier connexion_quartier --by age"]


def test_every_step_is_found(project_root: Path) -> None:
    found = steps((project_root / "docs" / "tutorial.md").read_text("utf-8"))
    assert [name or text for name, text in found] == [
        "data/quartier/make.py", "python data/quartier/make.py", "surveys/quartier/survey.yml",
        "surveys/quartier/waves/2026.yml", "baro validate quartier", "reports/quartier.qmd",
        "baro build", "baro table quartier connexion_quartier --by age",
    ]  # fmt: skip


def test_a_fault_that_the_tutorial_tries_is_told(tmp_path: Path, project_root: Path) -> None:
    """range: [18, 60]: the older are refused with their row."""
    for file, text in steps((project_root / "docs" / "tutorial.md").read_text("utf-8")):
        if not file:
            continue
        changed = text.replace("range: [18, 110]", "range: [18, 60]")
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(changed, "utf-8")
    run("python data/quartier/make.py", tmp_path)
    (tmp_path / "_quarto.yml").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        patch.delenv("BARO_DATA", raising=False)
        patch.delenv("BARO_PROJECT", raising=False)
        found = CliRunner().invoke(main, ["validate", "quartier"])
    assert found.exit_code == 1
    assert re.search(r"quartier-2026.csv: row \d+, column AGE", found.output)
    assert "is out of range for age" in found.output
