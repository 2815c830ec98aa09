"""One Jupyter kernel for one document. Imported late: it brings nbclient and ZeroMQ."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from queue import Empty
from subprocess import Popen
from types import TracebackType
from typing import Any, cast

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from analysis.errors import BaroError, refuse
from analysis.nursery import Nursery, Request
from analysis.render.cells import Cell
from analysis.render.config import Project
from analysis.render.source import Line

_SILENT = logging.getLogger(__name__)  # what goes wrong is raised
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FRAME = re.compile(r"Cell In\[(\d+)\], line (\d+)")
_FILE = re.compile(r" \((?:\S+\.py|<string>), line \d+\)$")
_SECONDS_A_CELL = 900
_SECONDS_BETWEEN_LOOKS = 0.005
_MILLISECONDS_TO_TRY_AGAIN = 5  # by default 100
# Quarto inserts HTML and Markdown as such, and writes anything else with str(). IPython prints
# the traceback of a failing _repr_html_ and goes on: here it is raised.
# Which pages read the sources of others is noted by what they open and list.
_BOOTSTRAP = """
import os as _baro_os, sys as _baro_sys
_baro_opened, _baro_listed = set(), set()
def _baro_note(event, arguments, opened=_baro_opened, listed=_baro_listed):
    if event == "open" and str(arguments[0]).endswith(".qmd"):
        opened.add(str(arguments[0]))
    elif event in ("os.listdir", "os.scandir"):
        listed.add(arguments[0])
_baro_sys.addaudithook(_baro_note)
def _baro_sources():
    folders = [f for f in [*_baro_listed] if f is None or _baro_os.path.isdir(f)]
    names = (name for folder in folders for name in _baro_os.listdir(folder))
    return bool(_baro_opened) or any(name.endswith(".qmd") for name in names)
class _BaroValue:
    def __init__(self, bundle):
        self.bundle = bundle
    def _repr_mimebundle_(self, include=None, exclude=None):
        return self.bundle
def _baro_inline(value):
    shell, failures = get_ipython(), []
    shell.showtraceback = lambda error=None, *a, **k: failures.append(error[1])
    try:
        bundle, _ = shell.display_formatter.format(value)
    finally:
        del shell.showtraceback
    if failures:
        raise failures[0]
    return _BaroValue({**bundle, "text/plain": str(value)})
"""


class _ThisPython(KernelSpecManager):
    """The kernel is always the interpreter asked for, whatever kernels are installed."""

    python = ""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [self.python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, language="python", display_name=kernel_name)


class _Forked(LocalProvisioner):
    """Takes the kernel from a nursery instead of starting an interpreter."""

    nursery: Nursery

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork it; the command is not used."""
        manager = cast(AsyncKernelManager, self.parent)
        request = Request(manager.connection_file, str(kwargs["cwd"]), kwargs["env"])
        forked = await asyncio.to_thread(self.nursery.kernel, request)
        self.process = cast("Popen[bytes]", forked)
        self.pid = self.pgid = forked.pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End it, and wait: the manager would look again after a tenth of a second."""
        await super().kill(restart)
        while await self.poll() is None:
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)


class _Client(AsyncKernelClient):
    """Ready when a kernel is heard on both lines: the default then waits for 0.2 s of silence."""

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        """Open the lines; where the kernel does not listen yet, they are tried again soon."""
        self.context.RECONNECT_IVL = _MILLISECONDS_TO_TRY_AGAIN
        super().start_channels(*args, **kwargs)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ask until it answers. Raises RuntimeError where it has died, or says nothing in time."""
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        while not await self._heard(self.kernel_info()):
            if not await self._async_is_alive():
                raise RuntimeError("it died before it answered")
            if time.monotonic() > end:
                raise RuntimeError(f"no answer within {timeout} s")

    async def _heard(self, asked: str) -> bool:
        """Whether a request is answered, and anything is heard on the line of outputs.

        That line opens some time after it was asked for: what is told before is lost.
        """
        try:
            reply = await self.shell_channel.get_msg(timeout=1)
            while reply["parent_header"].get("msg_id") != asked:
                reply = await self.shell_channel.get_msg(timeout=1)
            await self.iopub_channel.get_msg(timeout=0.2)
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True


def environment_for(project: Project, document: Path) -> dict[str, str]:
    """The environment of a cell: ``_environment``, the caller's, and what Quarto adds."""
    folder = str(project.root.resolve())
    return {
        "PYTHONHASHSEED": "0",  # the order of a set must not change the page
        **project.environment,
        **os.environ,
        "QUARTO_PROJECT_DIR": folder,
        "QUARTO_DOCUMENT_PATH": folder,
        "QUARTO_DOCUMENT_FILE": document.name,
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _forked_from(nursery: Nursery, manager: AsyncKernelManager) -> LocalProvisioner:
    made = _Forked(kernel_id="page", kernel_spec=manager.kernel_spec, parent=manager)
    made.nursery = nursery
    return made


class Session:
    """A running kernel; use it as an asynchronous context."""

    def __init__(
        self, project: Project, document: Path, python: str, nursery: Nursery | None = None
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="baro-")
        self._document, self._python = document, python
        self._cwd = str(project.root.resolve())
        self._environment = environment_for(project, document)
        self._environment["IPYTHONDIR"] = self._folder.name  # no personal start-up files
        specs = _ThisPython()
        specs.python = python
        manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
        manager.client_factory = _Client
        manager.connection_file = os.path.join(self._folder.name, "kernel.json")
        if os.name == "posix":
            manager.transport = "ipc"  # no port to fight over when two renders run
            manager.ip = os.path.join(self._folder.name, "k")
        if nursery is not None:
            manager.provisioner = _forked_from(nursery, manager)
        notebook = NotebookNode(  # type: ignore[no-untyped-call]
            cells=[], metadata={}, nbformat=4, nbformat_minor=5
        )
        self._client = NotebookClient(
            notebook, km=manager, timeout=_SECONDS_A_CELL, startup_timeout=120
        )
        self._client.log = _SILENT

    async def __aenter__(self) -> Session:
        try:
            await self._client.async_start_new_kernel(cwd=self._cwd, env=self._environment)
            await self._client.async_start_new_kernel_client()
            await self._reply(_BOOTSTRAP)
        except BaseException as error:
            await self.__aexit__(None, None, None)
            if isinstance(error, RuntimeError | OSError):
                raise refuse(
                    self._document.name,
                    f"the Python kernel does not start: {error}",
                    remedy=f"install ipykernel for {self._python}",
                ) from None
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client.km is not None:
            self._client.shutdown_kernel = "immediate"
            await self._client._async_cleanup_kernel()
        self._folder.cleanup()

    async def run(self, cell: Cell) -> list[dict[str, Any]]:
        """Run a cell; its outputs as nbformat writes them.

        Raises BaroError with the line of the statement that failed.
        """
        node = NotebookNode(  # type: ignore[no-untyped-call]
            cell_type="code", metadata={}, outputs=[], source=cell.code
        )
        self._client.nb.cells.append(node)
        try:
            await self._client.async_execute_cell(node, len(self._client.nb.cells) - 1)
        except CellExecutionError:
            pass  # its traceback is among the outputs
        except DeadKernelError:
            raise _died(cell.opening.where, "this cell ends the Python process") from None
        except CellTimeoutError:
            raise refuse(
                cell.opening.where,
                f"the cell takes more than {_SECONDS_A_CELL} s",
                remedy="compute it before the report, and read the result here",
            ) from None
        for output in node.outputs:
            if output["output_type"] == "error":
                raise _failed(cell, output, node.get("execution_count"))
        return [dict(output) for output in node.outputs]

    async def evaluate(self, expression: str, line: Line) -> Mapping[str, str]:
        """The MIME bundle of an inline expression; BaroError with its line when it fails."""
        try:
            reply = await self._reply("", {"value": f"_baro_inline(({expression}\n))"})
        except DeadKernelError:
            raise _died(line.where, f"{expression} ends the Python process") from None
        result = reply["user_expressions"]["value"]
        if result["status"] == "error":
            raise refuse(
                line.where,
                f"`{{python}} {expression}` fails: {_said(result)}",
                remedy="correct the expression, or define what it uses in a cell above it",
            )
        data: dict[str, str] = result["data"]
        return data

    async def read_sources(self) -> bool:
        """Whether the page read the sources of pages, or listed a folder that holds them."""
        reply = await self._reply("", {"value": "_baro_sources()"})
        return bool(reply["user_expressions"]["value"]["data"]["text/plain"] != "False")

    async def _reply(self, code: str, expressions: Mapping[str, str] | None = None) -> Any:
        client = self._client.kc
        assert client is not None
        message = client.execute(
            code, silent=True, user_expressions=dict(expressions or {}), stop_on_error=False
        )
        reply = await self._client.async_wait_for_reply(message)
        if reply is None:
            raise DeadKernelError("no reply")
        return reply["content"]


def _said(error: Mapping[str, Any]) -> str:
    return f"{error['ename']}: {_FILE.sub('', error['evalue'])}"


def _failed(cell: Cell, error: Mapping[str, Any], count: int | None) -> BaroError:
    """The error of a cell, at the last of its own lines that the traceback names."""
    frames = _FRAME.findall(_ANSI.sub("", "\n".join(error["traceback"])))
    here = [int(line) for number, line in frames if number == str(count)]
    code = cell.code.splitlines()
    line = min(here[-1] if here else len(code), len(code))  # none: its result cannot be shown
    return refuse(
        cell.where(line),
        f"the cell fails: {_said(error)}",
        remedy=f"correct `{code[line - 1].strip()}` (the cell starts at {cell.opening.where})",
    )


def _died(place: str, why: str) -> BaroError:
    return refuse(
        place,
        f"the Python kernel died: {why}",
        remedy="take out what ends the process (os._exit, sys.exit, too much memory)",
    )
