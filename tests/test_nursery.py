"""Calls in processes of their own: what they return, refuse and fail with."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.errors import BaroError, Problem, refuse
from analysis.language import speaking, spoken
from analysis.nursery import Nursery, available, beside

pytestmark = pytest.mark.skipif(not available(), reason="this system cannot fork")


def place(_: bytes = b"") -> tuple[int, str]:
    return os.getpid(), spoken()


def doubled(content: bytes) -> bytes:
    return content * 2


def noted(file: Path, text: str) -> int:
    with file.open("a") as out:
        out.write(text)
    return os.getpid()


def refused() -> None:
    raise refuse("a.yml:3", "nothing", "something", "write it")


def failing() -> None:
    raise ZeroDivisionError("by nought")


def ending() -> None:
    os._exit(3)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery(preloaded=()) as made:
        yield made


def test_calls_have_processes_of_their_own_and_speak_the_same_language(nursery: Nursery) -> None:
    with speaking("en"):
        calls = [nursery.call(place), nursery.call(place, b"x" * 3_000_000)]
    (one, language), (two, _) = (c.result() for c in calls)
    assert len({one, two, os.getpid()}) == 3
    assert (language, spoken()) == ("en", "fr")


def test_much_is_told_and_answered_whole(nursery: Nursery) -> None:
    content = bytes(range(256)) * 20_000
    assert nursery.call(doubled, content).result() == content * 2


def test_what_a_call_refuses_is_refused_here(nursery: Nursery) -> None:
    with pytest.raises(BaroError) as caught:
        nursery.call(refused).result()
    assert caught.value.problems == (Problem("a.yml:3", "nothing", "something", "write it"),)


def test_what_a_call_fails_with_is_told(nursery: Nursery) -> None:
    with pytest.raises(RuntimeError, match="by nought"):
        nursery.call(failing).result()
    with pytest.raises(RuntimeError, match="ended without an answer"):
        nursery.call(ending).result()
    assert nursery.call(doubled, b"a").result() == b"aa"


def test_a_kernel_of_other_hashes_cannot_be_forked(nursery: Nursery) -> None:
    assert nursery.fits({"PYTHONHASHSEED": nursery.environment["PYTHONHASHSEED"]})
    assert not nursery.fits({"PYTHONHASHSEED": "12345"})


def test_one_that_nobody_asked_ends_with_the_build_though_it_imports_still(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("import time\ntime.sleep(600)\n")
    with Nursery({**os.environ, "PYTHONPATH": str(tmp_path)}, preloaded=("long",)) as made:
        made.start()
        started = made._process
    assert started is not None
    assert started.returncode == -signal.SIGKILL


def test_calls_beside_a_block_are_made_one_after_the_other_and_ended_with_it(
    nursery: Nursery, tmp_path: Path
) -> None:
    with beside(nursery) as call:
        first = call(noted, tmp_path / "order", "a")
        second = call(noted, tmp_path / "order", "b")
    assert (tmp_path / "order").read_text("utf-8") == "ab"
    assert os.getpid() not in {first.result(), second.result()}


def test_without_a_nursery_they_are_made_here(tmp_path: Path) -> None:
    with beside(None) as call:
        assert call(noted, tmp_path / "order", "a").result() == os.getpid()


def test_a_block_raises_what_a_call_beside_it_refuses(nursery: Nursery) -> None:
    with pytest.raises(BaroError, match="write it"), beside(nursery) as call:
        call(refused)


def test_ctrl_c_does_not_reach_it(nursery: Nursery) -> None:
    """A terminal interrupts a group of processes: one that starts would say a traceback."""
    nursery.start()
    assert nursery._process is not None
    assert os.getpgid(nursery._process.pid) != os.getpgid(0)
