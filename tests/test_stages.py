"""Stages of no survey in particular: what runs, what does not, and what is kept of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.errors import BaroError, refuse
from analysis.project import Project
from analysis.stages import Outcome, Stage, StageState, alone, run_stages, stage_states


class Works:
    """Three stages: ``a`` copies the source in capitals, ``b`` adds to it, ``c`` is apart."""

    def __init__(self, root: Path) -> None:
        self.project = Project(root)
        self.project.build.mkdir()
        self.ran: list[str] = []
        self.fails = ""
        self.source = root / "source"
        self.source.write_text("un")
        self.a, self.b, self.c = (root / "build" / n for n in "abc")

    @property
    def stages(self) -> list[Stage]:
        return [
            self.stage("a", self.source, self.a, str.upper),
            self.stage("b", self.a, self.b, lambda t: t + "!", after=("a",)),
            self.stage("c", None, self.c, lambda t: t),
        ]

    def stage(
        self,
        name: str,
        read: Path | None,
        written: Path,
        make: Callable[[str], str],
        after: tuple[str, ...] = (),
    ) -> Stage:
        def run() -> None:
            self.ran.append(name)
            if name == self.fails:
                raise refuse(name, "fails")
            written.write_text(make(read.read_text() if read else "constant"))

        def inputs() -> dict[str, str]:
            there = read is not None and read.exists()
            return {"text": read.read_text() if read and there else ""}

        return Stage(name, f"making {name}", inputs, (written,), run, after)

    def build(self) -> Outcome:
        self.ran = []
        with alone(self.project):
            return run_stages(self.project, self.stages, lambda _: None)

    def status(self) -> dict[str, str]:
        return {s.name: s.why for s in stage_states(self.project, self.stages)}


@pytest.fixture
def works(tmp_path: Path) -> Works:
    return Works(tmp_path)


def test_stages_run_in_order_then_not_again(works: Works) -> None:
    first = works.build()
    assert works.ran == list(first.seconds) == ["a", "b", "c"]
    assert first.fresh == []
    assert (works.b.read_text(), works.c.read_text()) == ("UN!", "constant")
    second = works.build()
    assert works.ran == list(second.seconds) == []
    assert second.fresh == ["a", "b", "c"]


def test_what_runs_is_said_before_it_runs(works: Works) -> None:
    said: list[str] = []
    run_stages(works.project, works.stages[:1], lambda t: said.append(f"{t} {works.ran}"))
    assert said == ["making a []"]


def test_a_changed_input_runs_its_stage_and_those_that_read_its_output(works: Works) -> None:
    works.build()
    works.source.write_text("deux")
    works.build()
    assert works.ran == ["a", "b"]
    assert works.b.read_text() == "DEUX!"


def test_a_change_that_makes_the_same_output_goes_no_further(works: Works) -> None:
    works.build()
    works.source.write_text("Un")
    works.build()
    assert works.ran == ["a"]


@pytest.mark.parametrize("how", ["deleted", "altered"])
def test_an_output_that_is_not_what_was_made_is_made_again(works: Works, how: str) -> None:
    works.build()
    if how == "deleted":
        works.b.unlink()
    else:
        works.b.write_text("UN?")
    assert works.status() == {"a": "", "b": "missing or altered: build/b", "c": ""}
    works.build()
    assert works.ran == ["b"]
    assert works.b.read_text() == "UN!"


def test_a_stage_that_fails_leaves_no_record_and_ends_the_build(works: Works) -> None:
    works.build()
    works.source.write_text("deux")
    works.c.unlink()
    works.fails = "b"
    with pytest.raises(BaroError, match="fails"):
        works.build()
    assert works.ran == ["a", "b"]
    works.fails = ""
    assert works.status()["b"] == "never finished"
    works.build()
    assert works.ran == ["b", "c"], "what ended well before is not done twice"


def test_a_failure_is_not_forgotten_when_the_input_comes_back(works: Works) -> None:
    """The output may be half of the old and half of the new."""
    works.build()
    works.source.write_text("deux")
    works.fails = "a"
    with pytest.raises(BaroError):
        works.build()
    works.source.write_text("un")
    works.fails = ""
    works.build()
    assert works.ran == ["a"]


def test_a_source_changed_while_it_is_read_is_read_again_the_next_time(works: Works) -> None:
    def slow(text: str) -> str:
        works.source.write_text("deux")
        return text.upper()

    stage = works.stage("a", works.source, works.a, slow)
    run_stages(works.project, [stage], lambda _: None)
    assert works.a.read_text() == "UN"
    assert works.status()["a"] == "changed: text"


def test_status_says_what_waits_for_what(works: Works) -> None:
    assert works.status() == {
        "a": "never finished",
        "b": "never finished; waits for a",
        "c": "never finished",
    }
    works.build()
    works.source.write_text("deux")
    states = list(stage_states(works.project, works.stages))
    assert states == [
        StageState("a", fresh=False, why="changed: text"),
        StageState("b", fresh=False, why="waits for a"),
        StageState("c", fresh=True, why=""),
    ]
    assert works.ran == ["a", "b", "c"], "status runs nothing"


def test_status_counts_what_it_does_not_name(works: Works) -> None:
    stages = [works.stage(f"s{i}", None, works.a, str) for i in range(5)]
    last = works.stage("last", None, works.b, str, after=tuple(s.name for s in stages))
    *_, state = stage_states(works.project, [*stages, last])
    assert state.why == "never finished; waits for s0, s1, s2 and 2 more"


# --- one build at a time -------------------------------------------------------------------------


def test_a_second_build_is_refused_by_name(works: Works) -> None:
    works.build()
    with alone(works.project):
        works.source.write_text("deux")
        with pytest.raises(BaroError, match="another build is running") as refused:
            works.build()
        assert f"(process {os.getpid()})" in str(refused.value)
        assert "-> wait for it to end" in str(refused.value)
        assert works.ran == []
        with pytest.raises(BaroError, match=rf"\(process {os.getpid()}\)"):
            works.build()  # the first refusal did not wipe out the number
    works.build()
    assert works.ran == ["a", "b"]


def test_a_build_that_failed_lets_go(works: Works) -> None:
    works.fails = "a"
    with pytest.raises(BaroError, match="fails"):
        works.build()
    works.fails = ""
    works.build()
    assert works.ran == ["a", "b", "c"]


def test_the_lock_names_the_last_process_alone(works: Works) -> None:
    lock = works.project.build / "lock"
    lock.write_text("123456789\n")
    with alone(works.project):
        assert lock.read_text() == f"{os.getpid()}\n"
