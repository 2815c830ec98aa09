"""One document from .qmd to page: read, check, run, convert."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from analysis.errors import Problem, raise_all
from analysis.nursery import Nursery
from analysis.render.cells import Cell, read_cell
from analysis.render.config import Options, Project, load_project, options_for
from analysis.render.convert import convert
from analysis.render.inline import evaluated
from analysis.render.lint import document_problems, file_problems
from analysis.render.outputs import cell_markdown
from analysis.render.parameters import with_values
from analysis.render.shortcodes import Values, expand
from analysis.render.source import Document, Fence, Line, Prose, read_document

Piece = tuple[Line, ...] | Cell
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """A document that was read and found right: what is left is to run and convert it."""

    document: Document
    options: Options
    pieces: tuple[Piece, ...]

    @property
    def cells(self) -> list[Cell]:
        """The cells, in order."""
        return [piece for piece in self.pieces if isinstance(piece, Cell)]

    @property
    def runs(self) -> bool:
        """Whether a kernel is needed."""
        return bool(self.cells) or self.options.starts_kernel


def render_document(
    qmd: Path,
    page: Path,
    *,
    project: Project | Path | None = None,
    params: Mapping[str, Any] | None = None,
    python: str | None = None,
) -> Path:
    """Render one document to ``page`` with the embedded renderer; stylesheets are not copied.

    project : a loaded project, or its folder; by default the folder of the document
    params : values given after the cell tagged ``parameters``
    python : the interpreter of the kernel; by default this one

    Returns ``page``. Raises BaroError with file and line of everything that is wrong.
    """
    if not isinstance(project, Project):
        project = load_project(project or qmd.parent)
    plan = plan_document(qmd, project)
    pieces = with_values(plan.pieces, params or {}, plan.document.file)
    render_plan(replace(plan, pieces=pieces), project, page, python or sys.executable)
    return page


def plan_document(qmd: Path, project: Project) -> Plan:
    """Read and check a document without running it. Raises BaroError with all its problems."""
    document = read_document(qmd, project.root, project.shown(qmd))
    problems = list(document.problems)
    options = options_for(project, document.front)
    values = Values(options.metadata, project.variables, {**project.environment, **os.environ})
    read = [_piece(p, options, values, problems) for p in document.pieces]
    pieces = tuple(piece for piece in read if piece is not None)
    cells = [piece for piece in pieces if isinstance(piece, Cell)]
    problems += file_problems(document, options, project.root)
    problems += document_problems(document, cells, options)
    raise_all(sorted(dict.fromkeys(problems), key=_place))
    return Plan(document, options, pieces)


def _piece(
    piece: Prose | Fence, options: Options, values: Values, problems: list[Problem]
) -> Piece | None:
    if isinstance(piece, Fence):
        return read_cell(piece, options.execute, problems)
    return tuple(expand(line, values, problems) for line in piece.lines)


def _place(problem: Problem) -> tuple[str, int]:
    file, _, line = problem.where.rpartition(":")
    return (file, int(line)) if line.isdigit() else (problem.where, 0)


def render_plan(
    plan: Plan, project: Project, page: Path, python: str, nursery: Nursery | None = None
) -> bool:
    """Run the cells of a planned document and write its page.

    nursery : where its kernel is forked from; an interpreter is started without it

    Returns whether its cells read the sources of pages.
    """
    markdown, sources = _in_own_loop(lambda: _executed(plan, project, python, nursery))
    convert(markdown, plan.document, project, plan.options, page)
    return sources


def _in_own_loop(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in a thread of its own: the caller may have a loop running."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(lambda: asyncio.run(make())).result()


async def _executed(
    plan: Plan, project: Project, python: str, nursery: Nursery | None
) -> tuple[str, bool]:
    """The whole document as Markdown, and whether its cells read the sources of pages."""
    if not plan.runs:
        return _joined([line.text for line in _prose(plan)]), False
    from analysis.render.kernel import Session

    parts: list[str] = []
    async with Session(project, plan.document.path, python, nursery) as session:
        for piece in plan.pieces:
            if isinstance(piece, Cell):
                runs = piece.on("eval") and piece.code
                shown = cell_markdown(piece, await session.run(piece) if runs else [])
                parts += ["", shown, ""]  # a block starts after a blank line
            else:
                parts += [await evaluated(line, session.evaluate) for line in piece]
        return _joined(parts), await session.read_sources()


def _prose(plan: Plan) -> list[Line]:
    return [line for piece in plan.pieces if not isinstance(piece, Cell) for line in piece]


def _joined(parts: list[str]) -> str:
    return "\n" + "\n".join(parts) + "\n"
