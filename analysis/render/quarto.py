"""The real Quarto, where it is installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.errors import refuse
from analysis.render.config import utf8_environment

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_DOCUMENT = re.compile(r"^\[\s*\d+/\d+\]\s+(\S+\.qmd)", re.M)
# A filter that calls error() is printed, and the page written all the same, with status 0.
_LUA_ERROR = re.compile(r"^.*(?:Error running filter|\.lua:\d+:).*$", re.M)
_SHOWN = 30


def quarto_path() -> str | None:
    """The ``quarto`` command on PATH, or None."""
    return shutil.which("quarto")


def quarto_version() -> str:
    """The version of that command; "" without one."""
    quarto = quarto_path()
    if quarto is None:
        return ""
    done = subprocess.run([quarto, "--version"], capture_output=True, check=False)
    return done.stdout.decode(errors="replace").strip() or "unknown"


def render_with_quarto(
    stage: Path, out: Path, names: list[str], params: Mapping[str, Any], python: str
) -> None:
    """Render the project in ``stage`` to ``out``.

    names : pages that must be there afterwards

    Raises BaroError when Quarto fails, a filter fails, or a page is missing.
    """
    quarto = quarto_path()
    if quarto is None:
        raise refuse(
            "PATH", "there is no quarto command", remedy="install Quarto, or take the embedded one"
        )
    with tempfile.TemporaryDirectory(prefix="baro-") as work:
        given = Path(work) / "params.yml"
        given.write_text(json.dumps(dict(params)), "utf-8")  # JSON is YAML
        target = os.path.relpath(out.resolve(), stage.resolve())
        command = [quarto, "render", ".", "--output-dir", target]
        command += ["--execute-params", str(given)] if params else []
        done = subprocess.run(
            command,
            cwd=stage,
            env={**utf8_environment(), "QUARTO_PYTHON": python},
            capture_output=True,
            check=False,
        )
    _raise_failures(done, [name for name in names if not (out / name).is_file()])


def _raise_failures(done: subprocess.CompletedProcess[bytes], absent: list[str]) -> None:
    said = _ANSI.sub("", (done.stdout + done.stderr).decode(errors="replace"))
    document = (_DOCUMENT.findall(said) or ["_quarto.yml"])[-1]
    tail = "\n  ".join([line for line in said.splitlines() if line.strip()][-_SHOWN:])
    if done.returncode:
        raise refuse(
            document,
            f"quarto render ends with status {done.returncode}:\n  {tail}",
            remedy="correct what it names; the embedded renderer says the line",
        )
    fault = _LUA_ERROR.search(said)
    if fault:
        raise refuse(document, f"a filter fails: {fault[0].strip()}", remedy="correct the filter")
    if absent:
        raise refuse(
            document,
            f"quarto wrote no {', '.join(absent)}:\n  {tail}",
            remedy="look at project.render in _quarto.yml",
        )
