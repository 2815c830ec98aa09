"""The site: downloads, rendered and checked pages, manifest; put in place whole or not at all."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, cast

from analysis import __version__
from analysis.briefing.book import Book
from analysis.claims import register_files
from analysis.claims.output import read_judgement, write_claims
from analysis.codebook import read_codebook
from analysis.definition import Survey
from analysis.dictionary import write_metadata, write_pages
from analysis.errors import raise_all
from analysis.estimates import read_estimates
from analysis.explorer import write_explorer
from analysis.fiches import write_fiches
from analysis.language import speaking
from analysis.pdf import browser_path, print_pages, printable
from analysis.project import Project
from analysis.provenance import digest_path
from analysis.render import render_project
from analysis.tables import write_downloads
from analysis.tables.package import write_package
from analysis.tables.workbook import write_workbook
from analysis.translation import leftovers, mark_translated, pages_in, stage_language
from analysis.wording import estimates

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def publish_downloads(project: Project, surveys: list[Survey]) -> None:
    """Write ``reports/donnees/``, which pages link to, from the tables of estimates."""
    aside = _fresh(project.build / "donnees-next")
    for survey in surveys:
        table = read_estimates(project.estimates(survey.id))
        write_downloads(table, survey, aside)
        write_workbook(table, survey, aside)
        write_metadata(survey, read_codebook(project.codebook(survey.id)), aside)
        write_package(survey, estimates(table), aside)
    if register_files(project):
        write_claims(read_judgement(project.claims), aside)
    write_explorer([(s, read_estimates(project.estimates(s.id))) for s in surveys], aside)
    replace_folder(aside, project.reports / "donnees")


def publish_site(
    project: Project,
    surveys: list[Survey],
    renderer: str,
    say: Callable[[str], None],
    languages: Sequence[str] = (),
) -> None:
    """Render a staged flat copy of the reports, check every page, and put the site in place.

    languages : those besides French, each below a folder of its name

    Raises :class:`analysis.errors.BaroError`; the site that was there then stays as it was.
    """
    stage = stage_reports(project)
    others = {language: stage_language(project, stage, language) for language in languages}
    for language in languages:
        mark_translated(stage, pages_in(project, language), language)
    write_pages([(s, read_codebook(project.codebook(s.id))) for s in surveys], stage)
    write_fiches([Book(s, read_estimates(project.estimates(s.id))) for s in surveys], stage)
    site = _next_site(project)
    _fresh(site.parent)
    _render(stage, site, renderer, say)
    for language, staged in others.items():
        with speaking(language):
            _render(staged, site / language, renderer, say, above=site)
        raise_all(leftovers(site / language, language))
    _write_manifest(project, surveys, site)
    replace_folder(site, project.site)


def _render(
    stage: Path, site: Path, renderer: str, say: Callable[[str], None], above: Path | None = None
) -> None:
    """Render and print the pages of one language."""
    prints = printable(stage) if browser_path() else []
    chosen = cast(Literal["auto", "quarto", "embedded"], renderer)
    result = render_project(
        stage, site, renderer=chosen, policy=True, above=above,
        progress=lambda page: say(f"  {page}"),
    )  # fmt: skip
    say(f"  rendered by {result.renderer}")
    shutil.copytree(stage / "donnees", site / "donnees", dirs_exist_ok=True)
    print_pages(site, prints, say)
    if not prints:
        say("  no Chromium on PATH, or no page to print: no PDF is made")


def stage_reports(project: Project) -> Path:
    """A flat copy of ``reports/`` with a ``_quarto.yml`` whose paths start there."""
    stage = _fresh(project.build / "stage")
    shutil.copytree(project.reports, stage, dirs_exist_ok=True)
    text = (project.root / "_quarto.yml").read_text("utf-8").replace("reports/", "")
    text = re.sub(r"(?m)^(\s*output-dir:).*$", r"\1 ../site-quarto", text)
    (stage / "_quarto.yml").write_text(text, "utf-8")
    return stage


def replace_folder(new: Path, target: Path) -> None:
    """Put ``new`` where ``target`` is, in one step where the system can exchange two folders.

    Elsewhere ``target`` is away for an instant: killed in it, see :func:`recover_site`.
    """
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        new.rename(target)
        return
    if not _exchange(new, target):
        old = _aside(new)
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
        new.rename(target)
        shutil.rmtree(old)
        return
    shutil.rmtree(new)


def recover_site(project: Project) -> None:
    """Put the last good site back where a build was killed between taking it away and the new."""
    old = _aside(_next_site(project))
    if old.is_dir() and not project.site.exists():
        old.rename(project.site)


def _next_site(project: Project) -> Path:
    """Where a site is made: in a folder of its own, with what the renderer leaves if killed."""
    return project.build / "next" / "site"


def _aside(new: Path) -> Path:
    return new.with_name(f"{new.name}-old")


def _exchange(a: Path, b: Path) -> bool:
    """Exchange two folders atomically (Linux ``renameat2``); False where that cannot be done."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    done: int = renameat2(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE)
    return done == 0


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _write_manifest(project: Project, surveys: list[Survey], site: Path) -> None:
    """What the site was made from and holds, without dates: equal inputs give equal bytes."""
    files = sorted(p for p in site.rglob("*") if p.is_file())
    manifest = {
        "version": __version__,
        "surveys": {
            s.id: {"origin": _origin(project, s), "estimates": digest_path(project.estimates(s.id))}
            for s in surveys
        },
        "files": {p.relative_to(site).as_posix(): digest_path(p) for p in files},
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True)
    (site / "manifest.json").write_text(text + "\n", "utf-8")


def _origin(project: Project, survey: Survey) -> str:
    found = read_estimates(project.estimates(survey.id))["origin"].unique().sort()
    return ", ".join(found)
