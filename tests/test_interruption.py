"""A build killed at any moment leaves a whole site, and is no obstacle to the next build."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from analysis import pipeline
from analysis.project import Project
from analysis.provenance import digest_path
from analysis.publish import recover_site
from tests.damage.kill import arriving, kill_many

pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups: how a build is killed")

SURVEY = "barometre_numerique"
BARO = [sys.executable, "-u", "-c", "from analysis.cli import main; main()"]


def start(project: Project) -> subprocess.Popen[str]:
    """``baro build`` in a process group of its own."""
    return subprocess.Popen(
        [*BARO, "build"],
        cwd=project.root,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def kill(build: subprocess.Popen[str]) -> None:
    os.killpg(build.pid, signal.SIGKILL)
    build.communicate()


def kill_at(project: Project, moment: str, delay: float = 0.0) -> None:
    """Kill a build as soon as it says ``moment``, or ``delay`` seconds later."""
    build = start(project)
    assert build.stderr
    said = []
    for line in build.stderr:
        said.append(line)
        if moment in line:
            break
    else:
        pytest.fail(f"the build never said {moment!r}: {''.join(said)}")
    time.sleep(delay)
    kill(build)


def whole(site: Path) -> bool:
    """The site holds what its own manifest lists, and nothing else."""
    listed = json.loads((site / "manifest.json").read_text("utf-8"))["files"]
    files = [p for p in site.rglob("*") if p.is_file() and p != site / "manifest.json"]
    found = {
        p.relative_to(site).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }
    return bool(found == {name: file["sha256"] for name, file in listed.items()})


def edit_label(project: Project) -> None:
    """A change that makes every estimate, file and page anew, and no raw file."""
    survey = project.surveys / SURVEY / "survey.yml"
    text = survey.read_text("utf-8")
    assert text.count("label: Possession d’un smartphone\n") == 1
    survey.write_text(text.replace("label: Possession d’un", "label: Avoir un"), "utf-8")


def add_sentence(project: Project) -> None:
    """A change that makes every page anew."""
    index = project.reports / "index.qmd"
    index.write_text(index.read_text("utf-8") + "\nUne phrase de plus.\n", "utf-8")


# In the order of the build, so that each is killed further on than the one before. Kernels
# outlive a build that is killed while pages are rendered.
MOMENTS = [("writing the CSV files", 0.2), ("pages: rendering", 0.6)]
ABOUT_THE_END = [("rendered by", 0.02)]


@pytest.mark.slow
def test_killed_at_any_moment_the_site_is_whole_and_the_next_build_succeeds(
    own_observed: Project,
) -> None:
    before = digest_path(own_observed.site)
    edit_label(own_observed)
    for moment, delay in MOMENTS:
        kill_at(own_observed, moment, delay)
        assert digest_path(own_observed.site) == before, f"killed at {moment!r}"
    for moment, delay in ABOUT_THE_END:
        kill_at(own_observed, moment, delay)
        assert whole(own_observed.site), "the old one or the new one"
    add_sentence(own_observed)
    assert "pages" in pipeline.build(own_observed).seconds
    assert whole(own_observed.site)
    assert "Une phrase de plus." in (own_observed.site / "index.html").read_text("utf-8")
    assert "Avoir un smartphone" in (own_observed.site / "donnees" / "smartphone.csv").read_text()
    assert pipeline.build(own_observed).seconds == {}
    left = {p.name for p in own_observed.build.iterdir()}
    made = {SURVEY, "collectivites_ia", "claims.json", "kept", "lock", "next", "stage", "stages"}
    assert left == made
    assert list((own_observed.build / "next").iterdir()) == [], "unfinished pages are cleared"


# What a build does last, cut short from within: the process dies at the call itself.
DEADLY = """
import os, signal, sys
from pathlib import Path
from analysis import publish
from analysis.project import Project

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def then_die(act):
    def both(*args):
        act(*args)
        die()
    return both

project = Project(Path(sys.argv[1]))
new = publish._next_site(project)
{how}
publish.replace_folder(new, project.site)
"""
INSTANTS = {
    "before the exchange": ("publish._exchange = die", "old"),
    "after the exchange": ("publish._exchange = then_die(publish._exchange)", "either"),
    "while the old site is deleted": ("publish.shutil.rmtree = die", "either"),
    "without exchange, before the first rename": (
        "publish._exchange = lambda *_: False; Path.rename = die", "old",
    ),
    "without exchange, after the first rename": (
        "publish._exchange = lambda *_: False; Path.rename = then_die(Path.rename)", "none",
    ),
}  # fmt: skip


@pytest.mark.parametrize("instant", INSTANTS)
def test_killed_while_the_site_is_put_in_place(tmp_path: Path, instant: str) -> None:
    """Where folders cannot be exchanged there is one instant without a site: then it comes back."""
    how, expected = INSTANTS[instant]
    project = Project(tmp_path)
    for folder, text in ((project.site, "old"), (project.build / "next" / "site", "new")):
        (folder / "donnees").mkdir(parents=True)
        for name in ("index.html", "donnees/a.csv"):
            (folder / name).write_text(text)
    done = subprocess.run([sys.executable, "-c", DEADLY.format(how=how), tmp_path], check=False)
    assert done.returncode == -signal.SIGKILL
    allowed: dict[str, list[set[str]]] = {
        "old": [{"old"}], "either": [{"old"}, {"new"}], "none": [set()],
    }  # fmt: skip
    assert found_in(project.site) in allowed[expected]
    recover_site(project)
    assert found_in(project.site) in ({"old"}, {"new"})
    assert len([p for p in project.site.rglob("*") if p.is_file()]) == 2


def found_in(site: Path) -> set[str]:
    return {p.read_text() for p in site.rglob("*") if p.is_file()}


def test_a_second_process_is_refused_naming_the_first(own_observed: Project) -> None:
    edit_label(own_observed)
    before = digest_path(own_observed.site)
    first = start(own_observed)
    assert first.stderr
    next(first.stderr)
    second = start(own_observed)
    said = second.communicate(timeout=60)[1]
    assert second.returncode == 1
    assert said.startswith(
        f"build/lock\n  another build is running in this project (process {first.pid})\n"
    )
    assert "Traceback" not in said
    kill(first)
    assert digest_path(own_observed.site) == before


def test_stopped_by_hand_it_says_so_and_leaves_the_site(own_observed: Project) -> None:
    edit_label(own_observed)
    before = digest_path(own_observed.site)
    build = start(own_observed)
    assert build.stderr
    next(build.stderr)
    os.kill(build.pid, signal.SIGINT)
    said = build.communicate(timeout=60)[1]
    assert build.returncode == 1
    assert said.rstrip().endswith("Aborted!")
    assert "Traceback" not in said
    assert digest_path(own_observed.site) == before


IN_POLARS = """
import os, signal, sys
import polars as pl
from polars.io.scan_options.cast_options import ScanCastOptions
from analysis.cli import main

default = ScanCastOptions._default  # polars calls it from Rust, and takes no exception there

def interrupted():
    os.kill(os.getpid(), signal.SIGINT)
    [number for number in range(10_000)]  # where Python would raise
    return default()

@main.command()
def probe():
    ScanCastOptions._default = staticmethod(interrupted)
    pl.scan_parquet(sys.argv[1]).collect()
    while True:
        pass

main(["probe"])
"""


def test_ctrl_c_where_polars_calls_python_is_no_panic(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "a.parquet")
    stopped = subprocess.run(
        [sys.executable, "-c", IN_POLARS, tmp_path / "a.parquet"],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert stopped.returncode == 1
    assert stopped.stderr.strip() == "Aborted!"


@pytest.mark.slow
def test_a_wave_added_and_killed_at_random_leaves_all_whole(own_demonstration: Project) -> None:
    """A handful; ``python tests/damage/kill.py`` does it two hundred times, builds too."""
    arriving(own_demonstration.root)
    tally = kill_many(own_demonstration.root, "add", 4, 1, time.monotonic() + 120)
    assert tally.faults == []
    assert tally.finished == 1
