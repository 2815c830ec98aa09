"""Two builds of the same inputs give the same bytes, whatever the machine is set to.

One build is that of the whole run (``demonstration``: in this process, as it is). The other is a
command of its own on a copy that differs in everything a machine may differ in. It takes half a
minute alone; PDF have a test of their own in tests/test_pdf.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.project import Project
from analysis.release.manifest import read_manifest
from tests.conftest import ROOT

OTHER = {
    "TZ": "Pacific/Kiritimati",  # UTC+14: another day than here for most of the day
    "LC_ALL": "C",  # neither UTF-8 nor French
    "LANG": "tr_TR.UTF-8",  # where "I" is not the capital of "i"
    "PYTHONHASHSEED": "77",
    "POLARS_MAX_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENBLAS_CORETYPE": "Nehalem",  # a processor of 2008 adds in another order
}


def backwards(source: Path) -> Iterator[Path]:
    """The sources of the project in an order that no file system would list them in."""
    made = ("donnees", "__pycache__")
    for folder in (source / "surveys", source / "reports"):
        files = (p for p in folder.rglob("*") if p.is_file())
        yield from sorted((p for p in files if not set(made) & set(p.parts)), reverse=True)
    yield source / "_quarto.yml"


def copied(root: Path) -> Project:
    for path in backwards(ROOT):
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return Project(root)


def built_elsewhere(folder: Path) -> Project:
    before = os.umask(0o077)
    try:
        project = copied(folder / "un autre dossier, été")
        left_out = ("BARO_PROJECT", "PYTHONUTF8")
        env = {k: v for k, v in os.environ.items() if k not in left_out} | OTHER
        env |= {"BARO_DATA": str(folder / "rien"), "BARO_PDF": "none"}
        command = [
            sys.executable,
            "-c",
            "from analysis.cli import main; main()",
            "build",
            "--quiet",
        ]
        done = subprocess.run(command, cwd=project.root, env=env, capture_output=True, check=False)
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return project


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes_on_another_machine(
    demonstration: Project, tmp_path: Path
) -> None:
    other = built_elsewhere(tmp_path)
    here, there = read_manifest(demonstration.site), read_manifest(other.site)
    apart = [n for n in {*here.files, *there.files} if here.files.get(n) != there.files.get(n)]
    assert sorted(apart) == []
    assert {Path(n).suffix for n in here.files} >= {".html", ".csv", ".xlsx", ".json", ".js"}
    manifests = [(p.site / "manifest.json").read_bytes() for p in (demonstration, other)]
    assert manifests[0] == manifests[1]
