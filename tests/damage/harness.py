"""A project with one whole raw file in a folder of its own, and what a command answers there."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from analysis.cli import main
from analysis.definition import load_survey
from analysis.demonstration import draw_wave, encoded
from analysis.provenance import digest_path
from tests.damage.registry import FILE, OTHER, SURVEY, Case, Damage

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 3 << 30  # of addresses: libraries and the reserves of threads take half of it
SECONDS = 30


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def problems(self) -> list[str]:
        """The problems told, each with its lines."""
        parts = re.split(r"\n(?=\S)", self.err.rstrip())
        return [p for p in parts if not re.fullmatch(r"\w+: validating|… and .*", p)]


def drawn() -> bytes:
    """The raw file of 2022 of the demonstration, as text."""
    survey = load_survey(ROOT / "surveys", SURVEY)
    return encoded(draw_wave(survey, "2022"), survey.waves["2022"].dialect)


def lay_out(folder: Path, content: bytes) -> Case:
    """The definition, a site of yesterday, and ``content`` as the raw file of 2022."""
    project, data = folder / "in" / "project", folder / "data" / "barometre-numerique"
    shutil.copytree(ROOT / "surveys", project / "surveys")
    shutil.copy(ROOT / "_quarto.yml", project)
    (project / "_site").mkdir()
    (project / "_site" / "index.html").write_text("le site d’hier", "utf-8")
    data.mkdir(parents=True)
    (data / OTHER).write_bytes(b"")  # only its presence is looked at
    (data / FILE).write_bytes(content)
    (folder / "tmp").mkdir()
    return Case(project, data, content)


def surroundings(case: Case) -> dict[str, str]:
    """What the environment must say for a command to run in that project."""
    folder = case.data.parent
    return {
        "BARO_PROJECT": str(case.project),
        "BARO_DATA": str(folder),
        "TMPDIR": str(folder.parent / "tmp"),
    }


def around(case: Case) -> dict[str, str]:
    """Everything that stands there, but the build folder and the content of the data."""
    project = case.project
    found = {p.name: digest_path(p) for p in project.iterdir() if p != project / "build"}
    others = (project.parent, case.data.parent.parent, case.data.parent.parent / "tmp", case.data)
    return found | {str(p): str(sorted(x.name for x in p.iterdir())) for p in others}


def run(damage: Damage, case: Case) -> Said:
    """Run its command: here, or where the damage asks for it in a process of its own."""
    arguments = case.arguments(damage.command)
    if damage.alone:
        return _alone(arguments, case)
    done = CliRunner().invoke(main, arguments)
    if not isinstance(done.exception, SystemExit | None):
        raise done.exception
    return Said(done.exit_code, done.stdout, done.stderr)


def _alone(arguments: list[str], case: Case) -> Said:
    """In a process that may have neither more memory than ``MEMORY`` nor more time."""
    done = subprocess.run(
        [sys.executable, "-c", "from analysis.cli import main; main()", *arguments],
        cwd=ROOT,
        env=os.environ
        | {"POLARS_MAX_THREADS": "2", "OPENBLAS_NUM_THREADS": "1"}
        | surroundings(case),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    return Said(done.returncode, done.stdout, done.stderr)
