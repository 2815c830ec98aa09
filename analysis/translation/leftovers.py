"""Finished pages of a language on which French was left: nobody is to find it before we do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from analysis.errors import Problem, quoted
from analysis.language import NAMES
from analysis.render.pages import VOID

# Words that stand in most French sentences and in no English one, and signs set as in French.
_FRENCH = re.compile(
    r"«|»|\d[\s\u00a0\u202f]%|\b(?:[Aa]ucune?|aux|avec|[Cc]es|[Cc]ette|[Dd]ans|[Dd]es|[Ee]lles?|est|leurs?|[Ll]es|ont|"
    r"[Pp]our|qui|[Ss]elon|sont|[Uu]ne|[Vv]agues?)\b"
)
_NAME = re.compile(r"\b[A-ZÀ-Þ][\w’-]* des [A-ZÀ-Þ]")  # Banque des Territoires
_SILENT = frozenset({"script", "style", "code", "pre"})
_SPOKEN = ("aria-label", "alt", "title", "content")


def leftovers(pages: Path, language: str) -> list[Problem]:
    """French texts on the pages of a folder, outside what is marked as French (``lang="fr"``)."""
    return [
        Problem(
            f"{language}/{file.name}:{line}",
            f"French is left: {quoted(' '.join(text.split()))}",
            f"its {NAMES[language]}",
            "translate it (baro translate); a quotation or a name: […]{lang=fr}",
        )
        for file in sorted(pages.glob("*.html"))
        for text, line in _french(file.read_text("utf-8"))
    ]


def _french(page: str) -> Iterator[tuple[str, int]]:
    reader = _Reader()
    reader.feed(page)
    yield from ((text, line) for text, line in reader.read if _FRENCH.search(_NAME.sub("", text)))


class _Reader(HTMLParser):
    """Collects what a reader of the page's language meets, spoken attributes included."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read: list[tuple[str, int]] = []
        self._open: list[tuple[str, bool]] = []  # tag, whether what is in it is left out

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        foreign = given.get("lang", "").startswith("fr")
        out = self._out or foreign or tag in _SILENT
        if not out:
            self.read += [(given[n], self.getpos()[0]) for n in _SPOKEN if given.get(n)]
        if tag not in VOID:
            self._open.append((tag, out))

    def handle_endtag(self, tag: str) -> None:
        while any(t == tag for t, _ in self._open) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._out:
            self.read.append((data, self.getpos()[0]))

    @property
    def _out(self) -> bool:
        return bool(self._open) and self._open[-1][1]
