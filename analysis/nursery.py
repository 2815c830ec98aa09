"""Processes forked from one that has imported what they need: most of a start is that.

Each page still has a kernel of its own, as in Quarto: nothing that a page does is seen by another.
Nothing of a project is read before the fork. The threads that libraries start when they are
imported (OpenBLAS, the allocator of polars) are idle then, hold no lock of theirs, and are not
needed; polars makes its pool of threads at the first query, which is after the fork.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Generic, NoReturn, TypeVar, cast

from analysis.errors import BaroError
from analysis.language import speaking, spoken

T = TypeVar("T")
# What a kernel imports when it is told to start, what pages import, and what their figures do.
KERNELS = (
    "ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.debugger", "IPython.core.completerlib",
    "IPython.core.debugger", "IPython.extensions.storemagic", "sqlite3", "tornado.platform.asyncio",
    "analysis.briefing", "analysis.charts.interactive", "plotly.graph_objects", "plotly.tools",
    "plotly.graph_objs._figure", "plotly.graph_objs._layout", "plotly.graph_objs._bar",
    "plotly.graph_objs._scatter", "plotly.graph_objs.layout._template",
    "plotly.graph_objs.layout._xaxis", "plotly.graph_objs.layout._yaxis",
    "plotly.graph_objs.layout._shape", "plotly.graph_objs.scatter._marker",
    "plotly.graph_objs.layout.template._data", "plotly.validator_cache",
)  # fmt: skip
# That, and what writes files for download.
BUILDS = (*KERNELS, "analysis.publish")
_HASHES = "PYTHONHASHSEED"
_START = f"from {__name__} import main; main()"


@dataclass(frozen=True, slots=True)
class Request:
    """A kernel that is wanted: its connection file, its folder and its environment."""

    connection: str
    cwd: str
    env: Mapping[str, str]


@dataclass
class Forked:
    """A forked kernel, with what jupyter_client asks of a ``subprocess.Popen``.

    line : open at its other end as long as the process lives
    """

    pid: int
    line: socket.socket
    returncode: int | None = None
    stdin: None = field(default=None, init=False)
    stdout: None = field(default=None, init=False)
    stderr: None = field(default=None, init=False)

    def poll(self) -> int | None:
        """None while it lives. Its exit code is its parent's to know: here it is always 1."""
        if self.returncode is None:
            try:
                gone = not self.line.recv(1, socket.MSG_DONTWAIT)
            except BlockingIOError:
                gone = False
            except OSError:  # reset: it was killed
                gone = True
            if gone:
                self.returncode = 1
                self.line.close()
        return self.returncode

    def wait(self) -> int:
        """Wait for its end."""
        while self.poll() is None:
            self.line.recv(1, socket.MSG_PEEK)
        return 1

    def send_signal(self, number: int) -> None:
        """Signal it, unless it is gone."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


@dataclass(frozen=True)
class Call(Generic[T]):
    """A call in a process of its own."""

    line: socket.socket

    def result(self) -> T:
        """What it returned. Raises :class:`BaroError` where it did; RuntimeError for a fault."""
        with self.line:
            told = _received(self.line)
        if told is None:
            raise RuntimeError("the process of a call has ended without an answer")
        how, value = told
        if how == "refused":
            raise BaroError(value)
        if how == "failed":
            raise RuntimeError(value)
        return cast(T, value)


class Nursery:
    """The process that others are forked from, started when it is first needed; a context.

    preloaded : modules that it imports

    At the end of the context all that was forked ends.
    """

    def __init__(
        self, environment: Mapping[str, str] | None = None, preloaded: tuple[str, ...] = KERNELS
    ) -> None:
        # The order of a set must not change a page: what is forked has the hashes of its parent.
        quiet = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}  # the debugger that ipykernel imports
        self.environment = {_HASHES: "0", **(environment or os.environ), **quiet}
        self._preloaded = preloaded
        self._one = threading.Lock()  # pages are rendered by several threads
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._asked_for = False

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._line and self._process:
            self._line.close()
            if not self._asked_for:  # it may be importing still
                self._process.kill()
            self._process.wait()

    def start(self) -> socket.socket:
        """Start it if it is not, without waiting until it is ready; returns the line to it."""
        if self._line is None:
            self._line, there = socket.socketpair()
            with there:
                command = [sys.executable, "-P", "-c", _START, *self._preloaded]
                self._process = subprocess.Popen(
                    command,
                    stdin=there.fileno(),
                    env=self.environment,
                    process_group=0,  # Ctrl-C is ours: while it starts, it would say a traceback
                )
        return self._line

    def fits(self, environment: Mapping[str, str]) -> bool:
        """Whether a kernel with this environment can be forked: hashes cannot be changed."""
        return environment.get(_HASHES) == self.environment[_HASHES]

    def kernel(self, request: Request) -> Forked:
        """A kernel that listens where its connection file says.

        Raises OSError where the process is gone.
        """
        line = self._forked()
        told = _asked(line, ("kernel", request.connection, request.cwd, dict(request.env)))
        return Forked(told, line)

    def call(self, function: Callable[..., T], *arguments: object) -> Call[T]:
        """Call a function of a module in a process of its own, in the language spoken here.

        Raises OSError where the process is gone.
        """
        line = self._forked()
        _asked(line, ("call", spoken(), function, arguments))
        return Call(line)

    def _forked(self) -> socket.socket:
        """The line to a process that waits to be told what to do."""
        ours, theirs = socket.socketpair()
        with theirs, self._one, _ended(ours):
            self._asked_for = True
            socket.send_fds(self.start(), [b"+"], [theirs.fileno()])
        return ours


@contextmanager
def beside(nursery: Nursery | None) -> Iterator[Callable[..., Future[Any]]]:
    """What makes calls one after the other beside this process; at once without a nursery.

    The block ends when all are made, and raises what they raise.
    """
    if nursery is None or not available():
        yield _at_once
        return
    with ThreadPoolExecutor(max_workers=1) as pool:  # it waits for other processes
        made: list[Future[Any]] = []

        def call(function: Callable[..., object], *arguments: object) -> Future[Any]:
            made.append(pool.submit(lambda: nursery.call(function, *arguments).result()))
            return made[-1]

        yield call
        for done in made:
            done.result()


def _at_once(function: Callable[..., object], *arguments: object) -> Future[Any]:
    done: Future[Any] = Future()
    done.set_result(function(*arguments))
    return done


def available() -> bool:
    """Whether this system can fork and hand over open files."""
    return hasattr(os, "fork") and hasattr(socket, "send_fds")


def _asked(line: socket.socket, job: tuple[Any, ...]) -> int:
    """Tell a forked process what to do; its number, once it has understood."""
    with _ended(line):
        _send(line, job)
        told = _received(line)
        if told is None:
            raise ConnectionResetError("no answer")
    return int(told)


@contextmanager
def _ended(line: socket.socket) -> Iterator[None]:
    """Close the line and say what happened where it leads nowhere."""
    try:
        yield
    except ConnectionError as error:
        line.close()
        raise OSError(f"what processes are forked from has ended ({error})") from error


def _send(line: socket.socket, content: object) -> None:
    """Send something to a process of our own, as multiprocessing does."""
    with Connection(os.dup(line.fileno())) as pipe:
        pipe.send(content)


def _received(line: socket.socket) -> Any:
    """The next thing sent; None where the other end is closed before it is whole."""
    with Connection(os.dup(line.fileno())) as pipe:
        try:
            return pipe.recv()
        except EOFError:
            return None


def main() -> NoReturn:
    """Import what is named, then fork a process for each line that is handed over on stdin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks for the children ends them
    gc.disable()
    for module in sys.argv[1:]:
        import_module(module)
    gc.freeze()  # what is imported stays: no child looks through it, nor copies it by looking
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    control = socket.socket(fileno=os.dup(0))
    while lines := socket.recv_fds(control, 1, 1)[1]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of idle threads, see above
            pid = os.fork()
        if pid == 0:
            control.close()
            _child(socket.socket(fileno=lines[0]))
        os.close(lines[0])
    _end()


def _child(line: socket.socket) -> NoReturn:
    """Leave what is the parent's, and do what one is told."""
    parent = os.getppid()
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    asked = _received(line)
    if asked is None:
        _end()
    what, *job = asked
    _send(line, os.getpid())
    if what == "kernel":
        _become_kernel(*job, parent=parent)
    _answer(line, *job)
    _end()


def _end() -> NoReturn:
    """End at once: to take down all that was imported takes longer than most calls."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _become_kernel(connection: str, cwd: str, env: Mapping[str, str], *, parent: int) -> NoReturn:
    """What ``python -m ipykernel_launcher`` does."""
    from ipykernel.kernelapp import IPKernelApp

    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = ["ipykernel_launcher", "-f", connection]
    more = (
        f"--IPKernelApp.parent_handle={parent}",  # it ends with the nursery
        "--HistoryManager.hist_file=:memory:",
    )
    IPKernelApp.launch_instance(argv=[*sys.argv[1:], *more])
    sys.exit()


def _answer(
    line: socket.socket, language: str, function: Callable[..., object], arguments: tuple[Any, ...]
) -> None:
    told: tuple[str, object]
    try:
        with speaking(language):
            told = ("done", function(*arguments))
    except BaroError as error:
        told = ("refused", error.problems)
    except BaseException:
        told = ("failed", traceback.format_exc())
    _send(line, told)
