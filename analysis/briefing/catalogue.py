"""Every indicator of every survey, with its file and the pages that show it: links, no script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path

import polars as pl

from analysis.briefing.book import Book
from analysis.briefing.interactive import downloads
from analysis.briefing.pieces import Html, text
from analysis.definition import survey_ids
from analysis.language import SOURCE, say, speaking, spoken
from analysis.project import find_project
from analysis.tables import donnees
from analysis.tables.delimited import csv_bytes
from analysis.wording import file_size, made

_TITLE = re.compile(r'^title: *"?(.*?)"?$', re.MULTILINE)
_QUOTED = re.compile(r"""["'](\w+)(?:, \w+ = \w+)?["']""")


def catalogue() -> Html:
    """A notice for microdata that nobody gave, and a table, for each survey of the project."""
    project = find_project()
    books = [Book.of(s) for s in survey_ids(project.surveys)]
    titles = None if spoken() == SOURCE else _titles(downloads(project).parent)
    known = (pages_of(project.reports, b.survey.id, titles) for b in books)
    return Html("".join(_survey(b, pages) for b, pages in zip(books, known, strict=True)))


def _titles(stage: Path) -> dict[str, str]:
    """Page -> title, of the sources of the language being written."""
    found = ((path.stem, _TITLE.search(source)) for path, source in _sources(stage))
    return {name: title[1] for name, title in found if title}


def notices() -> Html:
    """One notice above everything: the surveys whose microdata were not observed, and how."""
    books = (Book.of(s) for s in survey_ids(find_project().surveys))
    return notice((b.survey.spec.short, b.origins()) for b in books)


def notice(surveys: Iterable[tuple[str, Iterable[str]]]) -> Html:
    """The same for surveys by their short name and the origins of their microdata."""
    found: dict[tuple[str, str], list[str]] = {}
    for short, origins in surveys:
        for o in made(origins):
            found.setdefault((o.title, o.warning), []).append(short)
    said = "<br>".join(
        f"<strong>{text(title)} ({text(', '.join(names))}).</strong> {text(warning)}"
        for (title, warning), names in found.items()
    )
    return Html(f'<p class="demo" role="note">{said}</p>' if said else "")


def _survey(book: Book, pages: Mapping[str, list[tuple[str, str]]]) -> str:
    spec = book.survey.spec
    body = "".join(_theme(book, theme, label, pages) for theme, label in spec.themes.items())
    caption = f"{text(spec.title)}{text(book.stamp(*book.survey.waves))}"
    heads = (say("Indicateur", "Indicator"), say("Vagues", "Waves"), "Pages")
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{escape(spec.short)}">'
        f'<table class="catalogue"><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead>{body}</table></div>"
    )


def _theme(book: Book, theme: str, label: str, pages: Mapping[str, list[tuple[str, str]]]) -> str:
    known = set(book.table["indicator"].unique())
    rows = "".join(
        _row(book, name, pages.get(name, []))
        for name, i in book.survey.spec.indicators.items()
        if i.theme == theme and name in known
    )
    heading = f'<tr><th scope="rowgroup" colspan="3">{text(label)}</th></tr>'
    return f"<tbody>{heading}{rows}</tbody>" if rows else ""


def _row(book: Book, name: str, pages: list[tuple[str, str]]) -> str:
    waves = book.table.filter(pl.col("indicator") == name)["wave"].unique().sort()
    period = waves[0] if len(waves) == 1 else f"{waves[0]} {say('à', 'to')} {waves[-1]}"
    shown = ", ".join(f'<a href="{escape(file)}">{text(title)}</a>' for file, title in pages)
    link = (
        f'<a href="{donnees()}{escape(name)}.csv" download>{text(book.label(name))} '
        f"({say('CSV', 'CSV in French')}, {file_size(_bytes(book, name))})</a>"
    )
    return f'<tr><th scope="row">{link}</th><td>{period}</td><td>{shown or "–"}</td></tr>'


def _bytes(book: Book, name: str) -> int:
    """The size of an indicator's file, which is made before the pages."""
    path = find_project().reports / "donnees" / f"{name}.csv"
    if path.is_file():
        return path.stat().st_size
    with speaking(SOURCE):
        return len(csv_bytes(book.filed, book.related([name])))


def pages_of(
    reports: Path, survey: str, titles: Mapping[str, str] | None = None
) -> dict[str, list[tuple[str, str]]]:
    """Indicator -> (file, title) of the pages whose source names it, for one survey.

    A page is about the surveys that its source opens; a name is what stands there in quotes.
    titles : of the pages that another language has; the others are then left out
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for path, source in _sources(reports):
        names = set(_QUOTED.findall(source))
        own = _TITLE.search(source)
        title = titles.get(path.stem) if titles is not None else own and own[1]
        if survey in names and title:
            for name in sorted(names):
                found.setdefault(name, []).append((f"{path.stem}.html", title))
    return found


def _sources(reports: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(reports.glob("*.qmd")):
        if not path.name.startswith("_"):
            yield path, path.read_text("utf-8")
