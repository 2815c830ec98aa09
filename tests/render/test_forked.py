"""Kernels that are forked: each page alone, as if an interpreter had been started for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analysis.errors import BaroError
from analysis.nursery import Nursery, Request, available
from analysis.render import render_document, render_project
from analysis.render.config import load_project
from analysis.render.kernel import environment_for

pytestmark = pytest.mark.skipif(not available(), reason="this system cannot fork")
Write = Callable[..., Path]
SECONDS = 20  # by when a process that was killed is gone

ALONE = """```{python}
import os, random, sys, analysis
seen = getattr(analysis, "trace", "rien")
analysis.trace = os.environ["TRACE"] = "laissé par une autre page"
parent = os.getppid()
```

Trace `{python} seen`, document `{python} os.environ["QUARTO_DOCUMENT_FILE"]`,
variable `{python} os.environ.get("TRACE_BEFORE", "aucune")`, ordre `{python} hash("a")`,
dossier `{python} os.path.basename(os.getcwd())`, chemin `{python} repr(sys.path[0])`.
"""


@pytest.fixture
def nursery(stage: Path, write: Write) -> Iterator[Nursery]:
    document = write("`x`\n")
    with Nursery(environment_for(load_project(stage), document)) as made:
        yield made


def gone(pid: int) -> bool:
    """Whether a process has ended (one that waits to be reaped has)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat.rsplit(")", 1)[1].split()[0] == "Z"


def wait_until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def test_pages_say_the_same_from_forked_kernels_and_from_fresh_interpreters(
    stage: Path, write: Write, tmp_path: Path
) -> None:
    names = ["a.qmd", "b.qmd", "c.qmd"]
    for name in names:
        write(ALONE, name)
    render_project(stage, tmp_path / "out", renderer="embedded")
    for name in names:
        alone = render_document(stage / name, tmp_path / "alone.html", project=stage)
        page = (tmp_path / "out" / name).with_suffix(".html").read_text("utf-8")
        assert page == alone.read_text("utf-8")
        assert f"Trace rien, document {name}" in page


def test_a_page_that_ends_its_process_leaves_the_others(
    stage: Path, write: Write, tmp_path: Path
) -> None:
    write("```{python}\nimport os; os._exit(3)\n```\n", "a.qmd")
    write("```{python}\nprint(1)\n```\n", "b.qmd")
    with pytest.raises(BaroError) as caught:
        render_project(stage, tmp_path / "out", renderer="embedded")
    assert [p.where for p in caught.value.problems] == ["a.qmd:5"]
    assert "the Python kernel died" in str(caught.value)


def wanted(stage: Path, tmp_path: Path, name: str = "k") -> Request:
    """A kernel that listens in a folder of these tests."""
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    return Request(str(tmp_path / f"{name}.json"), str(stage), environment)


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="no /proc")
def test_kernels_end_with_the_nursery(stage: Path, write: Write, tmp_path: Path) -> None:
    environment = environment_for(load_project(stage), write("`x`\n"))
    with Nursery(environment) as nursery:
        kernels = [nursery.kernel(wanted(stage, tmp_path, name)) for name in ("k", "l")]
        assert len({k.pid for k in kernels}) == len(kernels)
        assert not any(gone(k.pid) for k in kernels)
        assert [k.poll() for k in kernels] == [None, None]
    wait_until(lambda: all(gone(k.pid) and k.poll() == 1 for k in kernels))


def test_the_end_of_a_kernel_is_seen_and_it_is_signalled_no_more(
    nursery: Nursery, stage: Path, tmp_path: Path
) -> None:
    kernel = nursery.kernel(wanted(stage, tmp_path))
    assert kernel.poll() is None
    kernel.kill()
    assert kernel.wait() == 1
    assert kernel.poll() == 1
    kernel.terminate()  # another process may have its number by now


def test_a_nursery_that_died_says_so(nursery: Nursery, stage: Path, tmp_path: Path) -> None:
    nursery.start()
    assert nursery._process is not None
    nursery._process.kill()
    nursery._process.wait()
    with pytest.raises(OSError, match="has ended"):
        nursery.kernel(wanted(stage, tmp_path))
