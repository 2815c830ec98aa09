"""``kill -9`` at random moments of ``baro build`` and ``baro wave add``, and what stands after it.

    python tests/damage/kill.py [TIMES] [--minutes 10] [--seed 1] [--command build|add]

After each kill: the site is the old one or the new one, whole; the definition is as it was, or has
the whole draft; and every fifth time the command is run to its end, which must succeed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SURVEY, FILE = "barometre_numerique", "arrived-2023.csv"
BARO = [sys.executable, "-c", "from analysis.cli import main; main()"]
COMMANDS = {
    "build": ["build", "--quiet"],
    "add": ["wave", "add", SURVEY, FILE, "--wave", "2023"],
}
_EACH = 5


@dataclass
class Tally:
    """What was seen: kills, runs that ended before their kill, runs to the end; what was wrong."""

    killed: int = 0
    ended: int = 0
    finished: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.killed} killed, {self.ended} ended before the kill, "
            f"{self.finished} run to the end after kills, {len(self.faults)} faults"
        )


def whole(site: Path) -> bool:
    """The site holds what its own manifest lists, and nothing else."""
    listed = json.loads((site / "manifest.json").read_text("utf-8"))["files"]
    files = [p for p in site.rglob("*") if p.is_file() and p != site / "manifest.json"]
    found = {
        p.relative_to(site).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }
    return bool(found == {name: file["sha256"] for name, file in listed.items()})


def sources(project: Path) -> dict[str, bytes]:
    """The definition, file by file."""
    return {
        p.relative_to(project).as_posix(): p.read_bytes()
        for p in (project / "surveys").rglob("*")
        if p.is_file() and not p.name.startswith(".")
    }


def run(project: Path, command: str, after: float | None) -> int | None:
    """Run a command, killed ``after`` seconds with all that it started; None where it was."""
    done = subprocess.Popen(
        [*BARO, *COMMANDS[command]],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, said = done.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        os.killpg(done.pid, signal.SIGKILL)
        done.communicate()
        return None
    if done.returncode:
        sys.stderr.write(said.decode("utf-8", "replace"))
    return done.returncode


def disturb(project: Path, command: str, n: int) -> None:
    """Give the command something to do."""
    if command == "build":
        index = project / "reports" / "index.qmd"
        index.write_text(index.read_text("utf-8") + f"\nPhrase {n}.\n", "utf-8")
        survey = project / "surveys" / SURVEY / "waves" / "2022.yml"
        text = survey.read_text("utf-8").split("\n# ")[0].rstrip("\n")
        survey.write_text(f"{text}\n# {n}\n", "utf-8")
        if n % 3 == 0:  # all that stands between the raw files and the site
            for stage in sorted((project / "build" / "stages").glob("*2022*")):
                stage.unlink()
        return
    for made in (project / "surveys" / SURVEY / "waves").glob("2023.yml"):
        made.unlink()
    shutil.rmtree(project / "build" / SURVEY / "arrivals", ignore_errors=True)
    shutil.rmtree(project / "data", ignore_errors=True)


def check(project: Path, command: str, before: dict[str, bytes], drafts: set[bytes]) -> list[str]:
    """What a kill broke."""
    found = []
    if not (project / "_site").is_dir():
        found.append("no site (the next build puts it back)")
    elif not whole(project / "_site"):
        found.append("the site is not whole")
    now = sources(project)
    draft = now.pop(f"surveys/{SURVEY}/waves/2023.yml", None)
    if now != before:
        found.append("the definition changed")
    if draft is not None and (command == "build" or (drafts and draft not in drafts)):
        found.append("half a draft")
    return found


def kill_many(
    project: Path,
    command: str,
    times: int,
    seed: int,
    until: float,
    say: Callable[[str], None] = lambda _: None,
) -> Tally:
    """Kill ``command`` at ``times`` random moments, or as many as fit before ``until``."""
    tally, rng = Tally(), random.Random(seed)
    disturb(project, command, 0)
    start = time.monotonic()
    if run(project, command, None) != 0:
        tally.faults.append(f"{command} fails before any kill")
        return tally
    length = time.monotonic() - start
    draft = project / "surveys" / SURVEY / "waves" / "2023.yml"
    drafts = {draft.read_bytes()} if draft.exists() else set()
    for n in range(1, times + 1):
        if time.monotonic() > until:
            break
        disturb(project, command, n)
        before = sources(project)
        killed = run(project, command, rng.uniform(0.0, length)) is None
        tally.killed += killed
        tally.ended += not killed
        tally.faults += [f"kill {n}: {f}" for f in check(project, command, before, drafts)]
        if n % _EACH == 0 or n == times:
            if run(project, command, None) != 0:
                tally.faults.append(f"kill {n}: the next run fails")
            tally.finished += 1
            tally.faults += [f"run {n}: {f}" for f in check(project, command, before, drafts)]
        if n % 20 == 0:
            say(f"{command}: {tally}")
    return tally


def arriving(project: Path) -> None:
    """A file of 2023: that of 2022 under another year."""
    import gzip

    drawn = project / "build" / SURVEY / "demonstration" / "barometre-du-numerique-2022.csv.gz"
    text = gzip.decompress(drawn.read_bytes()).decode("windows-1252")
    (project / FILE).write_text(text.replace(",2022\n", ",2023\n"), "utf-8")


def main() -> int:
    """Kill in a copy of this project, on demonstration data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("times", type=int, nargs="?", default=200)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", choices=sorted(COMMANDS))
    given = parser.parse_args()
    commands = [given.command] if given.command else list(COMMANDS)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="baro-kill-") as folder:
        project = Path(folder) / "project"
        project.mkdir()
        shutil.copytree(ROOT / "surveys", project / "surveys")
        shutil.copytree(
            ROOT / "reports", project / "reports", ignore=shutil.ignore_patterns("donnees")
        )
        shutil.copy(ROOT / "_quarto.yml", project)
        os.environ["BARO_DATA"] = str(project / "no-data")
        if run(project, "build", None) != 0:
            print("the build fails before any kill")
            return 1
        arriving(project)
        for command in commands:
            until = time.monotonic() + 60 * given.minutes / len(commands)
            tally = kill_many(project, command, given.times // len(commands), given.seed, until,
                              lambda line: print(line, flush=True))  # fmt: skip
            print(f"{command}: {tally}", *tally.faults, sep="\n  ", flush=True)
            wrong += len(tally.faults)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
