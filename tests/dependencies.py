"""Whether a locked dependency has a known vulnerability, or that this could not be asked.

python -m tests.dependencies

Part of `make lint`. pip-audit asks the package index for advisories. Where it cannot be reached,
pip-audit ends in a traceback, or finds no package and so no vulnerability: either is said to be no
audit, in capital letters, and does not fail, since work without a network must go on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements-dev.lock"  # holds the runtime's too
# Advisory -> why it does not concern this project. Empty, and better so.
ACCEPTED: dict[str, str] = {}
_ANSWER, _PROBE, _ALL = 5, 15, 120  # seconds: for an answer, for one package, for all of them
Run = Callable[[Path, int], tuple[int, str, str]]


@dataclass(frozen=True)
class Audit:
    """What came of it: the line to print, and whether `make lint` may go on."""

    said: str
    sound: bool


def pip_audit(lock: Path, seconds: int) -> tuple[int, str, str]:
    """Status, output and errors of pip-audit on a lock file; nothing is installed or resolved."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--disable-pip",
               "--require-hashes", "--format", "json", "--progress-spinner", "off",
               "--timeout", str(_ANSWER)]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return 1, "", f"no answer in {seconds} seconds"
    return done.returncode, done.stdout, done.stderr


def audit(lock: Path = LOCK, run: Run = pip_audit) -> Audit:
    """One package first, which tells in a moment whether there is anybody to ask; then all."""
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "one.lock"
        one.write_text(_first(lock.read_text("utf-8")), "utf-8")
        reason, _ = _answer(run(one, _PROBE))
    found: list[dict[str, object]] = []
    if not reason:
        reason, found = _answer(run(lock, _ALL))
    if reason:
        return Audit(f"dependencies NOT AUDITED: {reason}", sound=True)
    faults = list(_vulnerable(found))
    if faults:
        remedy = "  -> make lock UPGRADE=--upgrade, then: make lint"
        return Audit("\n".join(["vulnerable dependencies:", *faults, remedy]), sound=False)
    unknown = [str(d["name"]) for d in found if "skip_reason" in d]
    said = f"dependencies: no known vulnerability in {len(found) - len(unknown)} packages"
    return Audit(f"{said}; NOT AUDITED: {', '.join(unknown)}" if unknown else said, sound=True)


def _first(text: str) -> str:
    """The first requirement of a lock file that every system installs, with its hashes."""
    blocks = text.replace("\\\n", " ").splitlines()
    return next(b for b in blocks if b.strip() and ";" not in b) + "\n"


def _answer(done: tuple[int, str, str]) -> tuple[str, list[dict[str, object]]]:
    """Why there is no audit, or "" and each package as it was found."""
    _, out, errors = done
    try:
        found = list(json.loads(out)["dependencies"])
    except (ValueError, KeyError, TypeError):
        last = (errors.strip().splitlines() or ["pip-audit says nothing"])[-1]
        return f"the advisory service cannot be reached ({last[:200]})", []
    if all("skip_reason" in d for d in found):
        return "the advisory service cannot be reached (none of the packages is known there)", []
    return "", found


def _vulnerable(found: Sequence[dict[str, object]]) -> list[str]:
    said = []
    for package in found:
        vulns = package.get("vulns")
        for v in vulns if isinstance(vulns, list) else ():
            if not {v["id"], *v.get("aliases", ())} & ACCEPTED.keys():
                fixed = ", ".join(v.get("fix_versions", ())) or "nothing yet"
                name, version = package["name"], package["version"]
                said.append(f"  {name} {version}: {v['id']}, mended in {fixed}")
    return said


if __name__ == "__main__":
    made = audit()
    print(made.said, file=sys.stdout if made.sound else sys.stderr)
    sys.exit(0 if made.sound else 1)
