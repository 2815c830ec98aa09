"""What fiches and their index share: the groups of a survey, and how a document is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from analysis.briefing import Briefing
from analysis.briefing.book import Book
from analysis.briefing.files import main_links
from analysis.briefing.pieces import text
from analysis.fiches.group import Group, groups_of
from analysis.tables import csv_link
from analysis.wording.markup import markdown


@dataclass(frozen=True)
class Shelf:
    """The fiches of one survey; ``donnees`` holds the files that they link to."""

    book: Book
    groups: tuple[Group, ...]
    donnees: Path

    @classmethod
    def of(cls, book: Book, donnees: Path) -> Shelf:
        """Every group that the definition asks for, in its order."""
        declared = book.survey.spec.fiches
        assert declared is not None
        wave = declared.wave or book.wave
        groups = tuple(g for d in declared.domains for g in groups_of(book, d, wave))
        return cls(book, groups, donnees)

    @cached_property
    def briefing(self) -> Briefing:
        """The pieces that every page has."""
        return Briefing(self.book)

    @property
    def key(self) -> tuple[str, ...]:
        """The indicators shown large."""
        declared = self.book.survey.spec.fiches
        return declared.key if declared else ()

    @cached_property
    def downloads(self) -> str:
        """Links to the files of the key figures, then to those of the whole survey."""
        some = (
            csv_link(self.book.filed, self.book.related([i]), i, self.book.label(i))
            for i in self.key
        )
        return f'<p class="liens">{" ".join(some)}</p>{main_links(self.book, self.donnees)}'

    def beside(self, group: Group) -> tuple[Group, ...]:
        """The other groups of its domain."""
        return tuple(g for g in self.groups if g.domain == group.domain and g is not group)


def page_name(group: Group) -> str:
    """The file of a fiche, without its ending."""
    parts = ("fiche", group.book.survey.id, group.domain, group.level)
    return "-".join(p.replace("_", "-").replace(".", "-") for p in parts)


def section(key: str, title: str, body: str) -> str:
    """A section that its heading names."""
    return f'<section aria-labelledby="{key}"><h2 id="{key}">{text(title)}</h2>{body}</section>'


def document(
    title: str, description: str, parts: Sequence[str], meta: Mapping[str, str | bool]
) -> str:
    """A Quarto document without a cell."""
    front = {"title": markdown(title), "description": markdown(description)}
    lines = [*_front(front), "titre-calcule: true", "ici: {fiches: true}"]
    if meta:
        lines += ["fiche:", *(f"  {line}" for line in _front(meta))]
    return "---\n" + "\n".join(lines) + "\n---\n\n" + "\n\n".join(parts) + "\n"


def _front(values: Mapping[str, str | bool]) -> Iterator[str]:
    return (f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in values.items())
