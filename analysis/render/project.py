"""A whole project: every document checked, rendered aside, checked again, then moved."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from analysis.errors import BaroError, Problem, raise_all, refuse
from analysis.nursery import Nursery, available
from analysis.render.checks import check_pages
from analysis.render.config import Project, load_project
from analysis.render.document import Plan, plan_document, render_plan
from analysis.render.figures import figure_problems
from analysis.render.kept import Keeper, Kept, keeper_of
from analysis.render.pages import read_page
from analysis.render.parameters import names_of, unknown, with_values
from analysis.render.quarto import quarto_path, render_with_quarto
from analysis.render.resources import copy_resources

_KERNELS_AT_ONCE = 4  # of two processors: a kernel and what asks it wait for each other
_FEWEST = 2  # kernels that are worth a process to fork them from
Renderer = Literal["auto", "quarto", "embedded"]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RenderResult:
    """What a render wrote.

    renderer : the one that was used
    pages : the pages, in the order of the documents
    files : every file in the output, pages and what they use
    """

    renderer: Literal["quarto", "embedded"]
    pages: tuple[Path, ...]
    files: tuple[Path, ...]


def render_project(
    stage: Path,
    out: Path,
    *,
    renderer: Renderer = "auto",
    progress: Progress | None = None,
    python: str | None = None,
    params: Mapping[str, Any] | None = None,
    policy: bool = False,
    above: Path | None = None,
    kept: Kept | None = None,
    nursery: Nursery | None = None,
) -> RenderResult:
    """Render the documents of ``stage`` (``_quarto.yml``, ``*.qmd``, ``_assets/``) to ``out``.

    renderer : "auto" takes Quarto when it is on PATH
    progress : told one line for each page (embedded renderer)
    python : interpreter of the cells, by default this one
    params : values for the cells tagged ``parameters`` that assign them
    policy : see :func:`check_pages`; typed figures in the prose are refused too
    above : the pages that ``../`` leads to, where ``out`` is a part of a site
    kept : where pages are kept that need not be rendered again (embedded renderer)
    nursery : what kernels are forked from; one is started where several are needed

    Nothing is moved to ``out`` before every page is right; ``out/*.html`` of documents that are
    gone are then removed. Raises BaroError with every problem found.
    """
    project, python = load_project(stage), python or sys.executable
    plans = _with_params(_plans(project), params or {})
    if policy:
        raise_all(p for plan in plans for p in figure_problems(plan.document))
    names = [_page_name(plan) for plan in plans]
    used = _chosen(renderer)
    keeper = None
    with _folder_beside(out) as made:
        if used == "quarto":
            render_with_quarto(stage, made, names, params or {}, python)
        else:
            keeper = keeper_of(kept, project, python)
            _render_embedded(plans, project, made, python, progress, keeper, nursery)
        check_pages(made, sources=stage, policy=policy, above=above)
        if keeper:
            keeper.keep()
        files = _move(made, out)
    return RenderResult(used, tuple(out / name for name in names), files)


def _chosen(renderer: Renderer) -> Literal["quarto", "embedded"]:
    if renderer == "auto":
        return "quarto" if quarto_path() else "embedded"
    return renderer


@contextmanager
def _folder_beside(out: Path) -> Iterator[Path]:
    """An empty folder on the same disk as ``out``, so that moving there is one step a file."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".render-", dir=out.parent) as name:
        made = Path(name) / "pages"
        made.mkdir()
        yield made


def documents(project: Project) -> list[Path]:
    """The documents ``project.render`` lists, by name; files that start with ``_`` never."""
    patterns = project.settings.section("project").get("render", ["*.qmd"])
    patterns = [patterns] if isinstance(patterns, str) else patterns
    found = []
    for file in sorted(project.root.glob("*.qmd")):
        if file.name.startswith(("_", ".")):
            continue
        chosen = False
        for pattern in patterns:
            if fnmatchcase(file.name, pattern.removeprefix("!")):
                chosen = not pattern.startswith("!")
        if chosen:
            found.append(file)
    if not found:
        raise refuse(
            project.settings.where("project", "render"),
            "no document to render",
            remedy='write `render: ["*.qmd"]` under project:, with documents beside _quarto.yml',
        )
    return found


def _plans(project: Project) -> list[Plan]:
    plans: list[Plan] = []
    problems: list[Problem] = []
    for file in documents(project):
        try:
            plans.append(plan_document(file, project))
        except BaroError as error:
            problems += error.problems
    raise_all(problems)
    return plans


def _with_params(plans: list[Plan], params: Mapping[str, Any]) -> list[Plan]:
    known = [name for plan in plans for name in names_of(plan.pieces)]
    raise_all(unknown("parameters", params, known))
    out = []
    for plan in plans:
        names = names_of(plan.pieces)
        own = {name: value for name, value in params.items() if name in names}
        out.append(replace(plan, pieces=with_values(plan.pieces, own, plan.document.file)))
    return out


def _page_name(plan: Plan) -> str:
    return plan.document.path.with_suffix(".html").name


def _render_embedded(
    plans: list[Plan], project: Project, made: Path, python: str,
    progress: Progress | None, keeper: Keeper | None, nursery: Nursery | None,
) -> None:  # fmt: skip
    every = {_page_name(plan): plan for plan in plans}
    pages = {n: p for n, p in every.items() if not (keeper and keeper.restore(p, made / n))}
    problems: list[Problem] = []
    with (
        _forking(list(pages.values()), project, python, nursery) as fork,
        ThreadPoolExecutor(max_workers=_KERNELS_AT_ONCE) as pool,
    ):
        jobs = {
            name: pool.submit(_rendered, plan, project, made / name, python, fork)
            for name, plan in sorted(pages.items(), key=_cells_first)
        }
        for name in every:
            if name not in pages:  # read for the checks, while kernels are waited for
                pool.submit(read_page, made / name)
        for number, (name, plan) in enumerate(pages.items(), 1):
            try:
                sources = jobs[name].result()
                if keeper:
                    keeper.rendered(plan, made / name, sources=sources)
                if progress:
                    progress(f"[{number}/{len(pages)}] {name}")
            except BaroError as error:
                problems += error.problems
    if progress and len(pages) < len(every):
        progress(f"{len(every) - len(pages)} pages as they were kept")
    raise_all(problems)
    patterns = project.settings.section("project").get("resources", [])
    copy_resources(project.root, made, [patterns] if isinstance(patterns, str) else patterns)


def _cells_first(page: tuple[str, Plan]) -> int:
    """Pages that take longest come first: the last ones would be waited for."""
    return -len(page[1].cells)


def _rendered(
    plan: Plan, project: Project, page: Path, python: str, nursery: Nursery | None
) -> bool:
    """See :func:`render_plan`; the page is read while others wait for their kernels."""
    sources = render_plan(plan, project, page, python, nursery)
    read_page(page)
    return sources


@contextmanager
def _forking(
    plans: list[Plan], project: Project, python: str, nursery: Nursery | None
) -> Iterator[Nursery | None]:
    """Where the kernels of these documents come from; none for an interpreter that is not ours."""
    running = [plan for plan in plans if plan.runs]
    if len(running) < _FEWEST or python != sys.executable or not available():
        yield None
        return
    from analysis.render.kernel import environment_for

    environment = environment_for(project, running[0].document.path)
    if nursery and not project.environment and nursery.fits(environment):
        yield nursery
        return
    with Nursery(environment) as own:
        own.start()
        yield own


def _move(made: Path, out: Path) -> tuple[Path, ...]:
    """Move everything into ``out`` and remove the pages no document makes any more."""
    out.mkdir(parents=True, exist_ok=True)
    files = sorted(file.relative_to(made) for file in made.rglob("*") if file.is_file())
    for name in files:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(made / name, out / name)
    _remove(page for page in out.glob("*.html") if page.relative_to(out) not in files)
    return tuple(out / name for name in files)


def _remove(pages: Iterable[Path]) -> None:
    for page in pages:
        page.unlink()
