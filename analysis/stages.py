"""Stages: pieces of work that run again only when what they were made from has changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from analysis.errors import refuse
from analysis.language import SOURCE, speaking
from analysis.project import Project
from analysis.provenance import read_record, staleness, write_record

_SHOWN = 3


@dataclass(frozen=True)
class Stage:
    """One step of a build.

    name : "estimate 2015", unique in the build ; title : what is said while it runs
    inputs : name -> digest, computed when the stage's turn comes
    outputs : files and folders it writes, each whole or not at all
    """

    name: str
    title: str
    inputs: Callable[[], dict[str, str]]
    outputs: tuple[Path, ...]
    run: Callable[[], None]
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageState:
    """A stage as ``baro status`` shows it; ``why`` is empty when it is fresh."""

    name: str
    fresh: bool
    why: str


@dataclass
class Outcome:
    """What a build did: seconds by stage that ran, and the stages that were fresh."""

    seconds: dict[str, float] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)


def run_stages(
    project: Project, stages: list[Stage], say: Callable[[str], None],
    first: Callable[[], object] = lambda: None,
) -> Outcome:  # fmt: skip
    """Run what is stale, in order; say what is done. The caller holds the project (:func:`alone`).

    first : called before the first stage that runs
    A stage that fails keeps no record, and ends the build with its error. Stages speak French
    whatever the caller speaks: what they make must depend on their inputs alone.
    """
    outcome = Outcome()
    for stage in stages:
        inputs = stage.inputs()
        if not staleness(read_record(_record(project, stage)), inputs, project.root):
            outcome.fresh.append(stage.name)
            continue
        if not outcome.seconds:
            first()
        say(stage.title)
        start = perf_counter()
        _record(project, stage).unlink(missing_ok=True)
        with speaking(SOURCE):
            stage.run()
        write_record(_record(project, stage), inputs, stage.outputs, project.root)
        outcome.seconds[stage.name] = perf_counter() - start
    return outcome


def stage_states(project: Project, stages: list[Stage]) -> Iterator[StageState]:
    """Each stage, fresh or stale and why, without running anything."""
    stale: set[str] = set()
    for stage in stages:
        waits = [a for a in stage.after if a in stale]
        why = staleness(read_record(_record(project, stage)), stage.inputs(), project.root)
        if waits:
            why = "; ".join(filter(None, [why, f"waits for {_first(waits)}"]))
        if why:
            stale.add(stage.name)
        yield StageState(stage.name, not why, why)


def _record(project: Project, stage: Stage) -> Path:
    return project.build / "stages" / f"{stage.name.replace(' ', '-').replace('/', '-')}.json"


def _first(names: list[str]) -> str:
    hidden = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {hidden} more" if hidden > 0 else "")


@contextmanager
def alone(project: Project) -> Iterator[None]:
    """Hold the project's build folder: one build at a time.

    Raises :class:`analysis.errors.BaroError` naming the process that holds it. The system lets
    go of it when that process ends, however it ends.
    """
    project.build.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows: no advisory locks
        yield
        return
    with (project.build / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            lock.seek(0)
            raise refuse(
                "build/lock",
                f"another build is running in this project (process {lock.read().strip()})",
                "",
                "wait for it to end",
            ) from e
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
