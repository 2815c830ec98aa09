"""The site: downloads, rendered and checked pages, manifest; put in place whole or not at all."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, cast

from analysis.briefing.book import Book
from analysis.codebook import read_codebook
from analysis.definition import Survey
from analysis.dictionary import write_pages
from analysis.downloads import join_files, write_files
from analysis.errors import raise_all
from analysis.estimates import read_estimates
from analysis.explorer import write_explorer_words
from analysis.fiches import write_fiches
from analysis.language import SOURCE, speaking, spoken
from analysis.nursery import Nursery, beside
from analysis.pdf import FOLDER, browser_path, browser_version, print_pages, printable
from analysis.phrasebook import translated
from analysis.project import Project
from analysis.release.manifest import MadeFrom, write_manifest
from analysis.release.pages import write_release_pages
from analysis.render import Kept, quarto_version, render_project
from analysis.translation import (
    leftovers,
    mark_translated,
    pages_in,
    place_made,
    stage_language,
)

Printing = Literal["print", "none"]
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def publish_files(project: Project, survey: Survey, nursery: Nursery | None = None) -> None:
    """Put the files of one survey in place; see :mod:`analysis.downloads`."""
    target = project.files(survey.id)
    aside = _fresh(target.with_name(f"{target.name}-next"))
    write_files(project, survey, aside, nursery)
    replace_folder(aside, target)


def publish_downloads(project: Project, surveys: list[Survey]) -> None:
    """Put ``reports/donnees/``, which pages link to, in place: the files of all surveys."""
    aside = _fresh(project.build / "donnees-next")
    join_files(project, surveys, aside)
    replace_folder(aside, project.reports / "donnees")


@dataclass(frozen=True, slots=True)
class Publication:
    """What a site is to be.

    renderer : "embedded" or "quarto"
    earlier : the folder of a former release, with which "Révisions" compares this one
    pdf : "print" what asks for it where there is a Chromium, "none", or a folder of a site whose
    PDF are taken instead
    languages : those besides French, each below a folder of its name
    """

    renderer: str
    earlier: Path | None = None
    pdf: Path | Printing = "print"
    languages: tuple[str, ...] = ()

    def part(self, language: str) -> Publication:
        """The same for the pages of one of its languages: its PDF stand in the folder of that."""
        pdf = self.pdf / language if isinstance(self.pdf, Path) else self.pdf
        return replace(self, pdf=pdf, languages=())


def publish_site(
    project: Project,
    surveys: list[Survey],
    made: MadeFrom,
    publication: Publication,
    say: Callable[[str], None],
    kept: Kept | None = None,
    nursery: Nursery | None = None,
) -> None:
    """Render a staged flat copy of the reports, check every page, and put the site in place.

    made : what goes into its manifest ; kept : pages that need not be made again
    nursery : what kernels are forked from
    Raises :class:`analysis.errors.BaroError`; the site that was there then stays as it was.
    """
    stage = stage_reports(project)
    write = partial(_write_made, project, surveys, made, publication.earlier, nursery)
    names = write(stage, stage)
    others = {lang: _staged(project, write, names, stage, lang) for lang in publication.languages}
    site = _next_site(project)
    _fresh(site.parent)
    _render(stage, site, publication, say, kept, nursery)
    for language, staged in others.items():
        with speaking(language):
            _render(
                staged, site / language, publication.part(language), say, kept, nursery, above=site
            )
        raise_all(leftovers(site / language, language))
    if kept:
        kept.store.tidy()
    write_manifest(made, _context(publication.renderer), site)
    replace_folder(site, project.site)


def _write_made(
    project: Project, surveys: list[Survey], made: MadeFrom, earlier: Path | None,
    nursery: Nursery | None, stage: Path, french: Path,
) -> tuple[str, ...]:  # fmt: skip
    """Write the pages that code makes into the stage of the language spoken; gives their names.

    french : the stage of French pages, which has the files for download
    """
    own = [translated(s, project, spoken()) for s in surveys]
    books = [
        Book(s, read_estimates(project.estimates(s.id)), declared=declared)
        for s, declared in zip(own, surveys, strict=True)
    ]
    codebooks = [(s, read_codebook(project.codebook(s.id))) for s in own]
    with beside(nursery) as call:
        fiches = call(write_fiches, books, stage, french / "donnees")
        columns = write_pages(codebooks, stage, surveys)
        release = write_release_pages(made, own, stage, earlier, french)
    if spoken() != SOURCE and (stage / "explorer.qmd").is_file():
        write_explorer_words(books, french / "donnees", stage / "donnees")
    return (*(path.stem for path in (*columns, *fiches.result())), *release)


def _staged(
    project: Project, write: Callable[[Path, Path], object], made: Sequence[str], stage: Path,
    language: str,
) -> Path:  # fmt: skip
    """The stage of a language beside the French one, whose pages then know of it.

    write : writes the pages that code makes, by name ``made``
    """
    pages = (*pages_in(project, language), *made)
    staged = stage_language(project, stage, language, made)
    with speaking(language):
        write(staged, stage)
    place_made(staged, made, pages, language)
    mark_translated(stage, pages, language)
    return staged


def _render(
    stage: Path, site: Path, publication: Publication, say: Callable[[str], None],
    kept: Kept | None, nursery: Nursery | None, above: Path | None = None,
) -> None:  # fmt: skip
    """Render and print the pages of one language."""
    prints = printable(stage) if _prints(publication) else []
    chosen = cast(Literal["auto", "quarto", "embedded"], publication.renderer)
    result = render_project(
        stage, site, renderer=chosen, policy=True, above=above,
        progress=lambda page: say(f"  {page}"), kept=kept, nursery=nursery,
    )  # fmt: skip
    say(f"  rendered by {result.renderer}")
    shutil.copytree(stage / "donnees", site / "donnees", dirs_exist_ok=True)
    if isinstance(publication.pdf, Path):
        _take_pdf(publication.pdf, site, prints)
    else:
        print_pages(site, prints, say, kept.store if kept else None)
    if not prints:
        say("  no Chromium on PATH, or no page to print: no PDF is made")


def _take_pdf(other: Path, site: Path, names: list[str]) -> None:
    """The PDF of another site; one that it has not is left out."""
    (site / FOLDER).mkdir(exist_ok=True)
    for name in names:
        known, here = (folder / FOLDER / f"{name}.pdf" for folder in (other, site))
        here.unlink(missing_ok=True)
        if known.is_file():
            shutil.copyfile(known, here)


def _prints(publication: Publication) -> bool:
    """Whether pages that ask for a PDF have one."""
    return publication.pdf != "none" and (isinstance(publication.pdf, Path) or bool(browser_path()))


def _context(renderer: str) -> dict[str, str]:
    """What the machine had, apart from what has to be the same: the PDF follow the browser."""
    return {
        "chromium": browser_version(),
        "quarto": quarto_version() if renderer == "quarto" else "",
        "system": " ".join(platform.uname()[k] for k in (0, 4)),  # its name, its processor
    }


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
