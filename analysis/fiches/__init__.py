"""Fiches: a page for each level of the domains that a definition names under ``fiches:``.

They are documents without a cell, made where the site is staged: no kernel is started for them.
Their prose about how to read them is ``reports/_fiche.qmd``, which every one includes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.briefing.book import Book
from analysis.errors import refuse
from analysis.fiches.document import Shelf, page_name
from analysis.fiches.group import Compared, Group, groups_of
from analysis.fiches.index import index
from analysis.fiches.pages import fiche

__all__ = ["MOST", "Compared", "Group", "groups_of", "page_name", "write_fiches"]

MOST = 60  # pages of groups on a site


def write_fiches(books: Sequence[Book], folder: Path, donnees: Path | None = None) -> list[Path]:
    """Write ``fiche-<survey>-<domain>-<level>.qmd`` and the index ``fiches.qmd`` into ``folder``.

    donnees : where the files that they link to are; in ``folder`` unless named
    The same books give the same bytes. Links to the explorer are made where ``folder`` has one.
    Raises :class:`analysis.errors.BaroError` past :data:`MOST` pages, or for two of one name.
    """
    shelves = [
        Shelf.of(book, donnees or folder / "donnees") for book in books if book.survey.spec.fiches
    ]
    groups = [(shelf, group) for shelf in shelves for group in shelf.groups]
    names = [page_name(group) for _, group in groups]
    _refuse(names)
    explorer = (folder / "explorer.qmd").is_file()
    written = {
        name: fiche(shelf, group, explorer=explorer)
        for name, (shelf, group) in zip(names, groups, strict=True)
    }
    if shelves:
        written["fiches"] = index(shelves)
    for name, content in written.items():
        (folder / f"{name}.qmd").write_text(content, "utf-8")
    return [folder / f"{name}.qmd" for name in written]


def _refuse(names: Sequence[str]) -> None:
    if len(names) > MOST:
        raise refuse("fiches", f"{len(names)} pages", f"{MOST} at most",
                     "name fewer domains under fiches: in survey.yml")  # fmt: skip
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise refuse("fiches", f"two pages {twice[0]}", "one name each",
                     "rename a level or a domain")  # fmt: skip
