"""The audit of dependencies: what it makes of each answer of pip-audit, above all of empty ones."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests import dependencies
from tests.dependencies import LOCK, Audit, audit, pip_audit

SOUND = {"name": "numpy", "version": "2.0", "vulns": []}
SKIPPED = {"name": "numpy", "skip_reason": "Dependency not found and could not be audited"}
BAD = {"name": "jinja2", "version": "1.0", "vulns": [
    {"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"], "aliases": ["CVE-1"], "description": "x"},
    {"id": "PYSEC-2", "fix_versions": [], "aliases": [], "description": "x"},
]}  # fmt: skip


def made_of(*answers: tuple[int, str, str]) -> tuple[Audit, list[str]]:
    """The audit where pip-audit answers so, and the files that it was asked about."""
    given, asked = list(answers), list[str]()

    def run(lock: Path, seconds: int) -> tuple[int, str, str]:
        assert seconds <= 120
        asked.append(lock.name)
        return given.pop(0)

    return audit(run=run), asked


def found(*packages: dict[str, Any], status: int = 0) -> tuple[int, str, str]:
    return status, json.dumps({"dependencies": list(packages), "fixes": []}), ""


def test_nothing_found_in_packages_that_are_known() -> None:
    made, asked = made_of(found(SOUND), found(SOUND, SOUND))
    assert made == Audit("dependencies: no known vulnerability in 2 packages", sound=True)
    assert asked == ["one.lock", LOCK.name]


def test_a_vulnerability_fails_with_what_mends_it() -> None:
    made, _ = made_of(found(SOUND), found(SOUND, BAD, status=1))
    assert not made.sound
    assert "jinja2 1.0: PYSEC-1, mended in 1.1, 2.0" in made.said
    assert "PYSEC-2, mended in nothing yet" in made.said
    assert "make lock UPGRADE=--upgrade" in made.said


def test_what_was_accepted_is_not_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(dependencies.ACCEPTED, "CVE-1", "no template is made of a text")
    made, _ = made_of(found(SOUND), found(BAD, status=1))
    assert "PYSEC-1" not in made.said
    assert not made.sound
    assert all(reason for reason in dependencies.ACCEPTED.values())


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((1, "", "Traceback\nConnectionError: Failed to resolve"), "Failed to resolve"),
        ((1, "", "no answer in 15 seconds"), "no answer in 15 seconds"),
        ((1, "", ""), "pip-audit says nothing"),
        (found(SKIPPED), "none of the packages is known"),
        (found(), "none of the packages is known"),
    ],
)
def test_without_an_answer_nothing_is_called_sound(answer: tuple[int, str, str], why: str) -> None:
    """pip-audit itself ends with 0 and "No known vulnerabilities" where it knows no package."""
    made, asked = made_of(answer)
    assert made.sound, "work without a network goes on"
    assert made.said.startswith("dependencies NOT AUDITED: ")
    assert why in made.said
    assert asked == ["one.lock"], "nobody is asked a hundred times"


def test_a_package_that_is_not_known_is_said_too() -> None:
    made, _ = made_of(found(SOUND), found(SOUND, SKIPPED))
    assert made.said == "dependencies: no known vulnerability in 1 packages; NOT AUDITED: numpy"
    made, _ = made_of(found(SOUND), found(BAD, SKIPPED, status=1))
    assert not made.sound, "and hides no other"


def test_pip_audit_reads_our_lock(tmp_path: Path) -> None:
    """Without asking anybody: a dry run counts what would be audited."""
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", "-r", str(LOCK), "--disable-pip", "--require-hashes",
         "--dry-run", "--progress-spinner", "off"], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "would have audited" in done.stderr


def test_it_gives_up_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    start = time.monotonic()
    assert pip_audit(LOCK, 1) == (1, "", "no answer in 1 seconds")
    assert time.monotonic() - start < 10


def test_it_is_part_of_make_lint(project_root: Path) -> None:
    text = (project_root / "Makefile").read_text("utf-8")
    recipe = text.partition("\nlint:")[2].partition("\n\n")[0]
    assert "-m tests.dependencies" in recipe
