"""The pages of the codebook as Quarto documents: an index, and light pages by theme.

Documents without a cell, so that they need no kernel: what they hold is HTML made here. A page
holds as many columns as its budget allows; a theme that needs more has several.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analysis.codebook import PROFILE, UNREAD, Entry, entries, entry_theme
from analysis.definition import Survey
from analysis.dictionary.entry import section, slug
from analysis.dictionary.files import links
from analysis.dictionary.words import raw, text, theme_label, waves_text
from analysis.errors import refuse
from analysis.wording import DEMONSTRATION, NBSP, integer, sampling_note, source

PAGE = 62_000  # bytes of sections on a page: with template and stylesheets under 90 kB
INDEX = 84_000
_LETTERS = re.compile(r"[A-Za-z]{1,3}")
_SEARCH = (
    '<div class="recherche" role="search" hidden><label for="recherche">Chercher dans cette page'
    '</label><input id="recherche" type="search" autocomplete="off"><p role="status"></p></div>'
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its file without suffix, its theme and title, and the columns on it."""

    name: str
    theme: str
    title: str
    columns: tuple[Entry, ...]
    body: str


def write_pages(books: Sequence[tuple[Survey, pl.DataFrame]], folder: Path) -> list[Path]:
    """Write ``codebook.qmd`` and the pages of each survey into ``folder``.

    books : surveys with their published codebooks. The same books give the same bytes.
    Raises :class:`analysis.errors.BaroError` where the index passes its budget.
    """
    made: dict[str, str] = {}
    parts = []
    for survey, table in books:
        drawn = bool((table["origin"] == "demonstration").any())
        found = list(sheets(survey, entries(table), drawn=drawn))
        for sheet in found:
            title = f"{sheet.title}, dictionnaire ({survey.spec.short})"
            made[sheet.name] = _document(title, _opened(survey, sheet, drawn=drawn))
        parts.append(_survey_part(survey, found, drawn=drawn))
    if books:
        made["codebook"] = _index(parts, drawn=any(_drawn(t) for _, t in books))
    for name, content in made.items():
        (folder / f"{name}.qmd").write_text(content, "utf-8")
    return [folder / f"{name}.qmd" for name in made]


def _drawn(table: pl.DataFrame) -> bool:
    return bool((table["origin"] == "demonstration").any())


def sheets(survey: Survey, found: Sequence[Entry], *, drawn: bool) -> Iterator[Sheet]:
    """The columns of a survey on pages, by theme; those without a variable by their names."""
    by_theme: dict[str, list[Entry]] = {t: [] for t in (*survey.spec.themes, PROFILE, UNREAD)}
    for entry in found:
        by_theme[entry_theme(survey, entry)].append(entry)
    stamp = _stamp(drawn=drawn)
    for name, columns in by_theme.items():
        made = [(e, section(survey, e, stamp)) for e in columns]
        grouped = _groups(made) if name == UNREAD else [[pair] for pair in made]
        packed = list(_packed(grouped))
        for number, pairs in enumerate(packed, 1):
            more = f" ({number} sur {len(packed)})" if len(packed) > 1 else ""
            title = f"{theme_label(survey, name)}{more}"
            if name == UNREAD:
                title = f"{theme_label(survey, name)}, {_span([e for e, _ in pairs])}"
            file = f"codebook-{survey.id.replace('_', '-')}-{name or 'autres'}"
            file = f"{file}-{number}" if len(packed) > 1 else file
            body = "\n".join(html for _, html in pairs)
            yield Sheet(file, name, title, tuple(e for e, _ in pairs), body)


def _span(columns: Sequence[Entry]) -> str:
    return f"de {columns[0].column} à {columns[-1].column}"


def _groups(made: Sequence[tuple[Entry, str]]) -> Iterator[list[tuple[Entry, str]]]:
    """Columns whose names begin alike, which mostly are items of one question."""
    known = ""
    group: list[tuple[Entry, str]] = []
    for entry, html in made:
        match = _LETTERS.match(entry.column)
        prefix = match[0].casefold() if match else entry.column[:3]
        if group and prefix != known:
            yield group
            group = []
        known = prefix
        group.append((entry, html))
    if group:
        yield group


def _packed(
    groups: Iterable[list[tuple[Entry, str]]],
) -> Iterator[list[tuple[Entry, str]]]:
    """Groups put on a page while it has room; a group too large for one is cut."""
    page: list[tuple[Entry, str]] = []
    size = 0
    for group in groups:
        whole = sum(len(html.encode()) for _, html in group)
        if page and size + whole > PAGE:
            yield page
            page, size = [], 0
        for entry, html in group:
            length = len(html.encode())
            if page and size + length > PAGE:
                yield page
                page, size = [], 0
            page.append((entry, html))
            size += length
    if page:
        yield page


def _stamp(*, drawn: bool) -> str:
    return f"{NBSP}– données de démonstration" if drawn else ""


def _banner(*, drawn: bool) -> str:
    if not drawn:
        return ""
    return (
        f'<p class="demo" role="note"><strong>{text(DEMONSTRATION)}.</strong> '
        "Ces chiffres ne décrivent personne et ne doivent pas être cités.</p>"
    )


def _opened(survey: Survey, sheet: Sheet, *, drawn: bool) -> str:
    """What stands above the columns, them, and where they are from."""
    waves = tuple(survey.waves)
    said = (
        "Chaque case donne la part en pour cent parmi les réponses valides, son intervalle à "
        "95 %, et le nombre de répondants. Les absences de réponse sont comptées à part. Un tiret "
        "remplace ce qui repose sur trop peu de personnes."
    )
    return (
        f'{_banner(drawn=drawn)}<p class="kicker"><a href="codebook.html">Dictionnaire des '
        f"données</a>, {text(survey.spec.title)}</p><h1>{text(sheet.title)}</h1>"
        f'<p class="chapo">{integer(len(sheet.columns))} colonnes des fichiers, vague après vague.'
        f"</p><p>{text(said)} {text(sampling_note(survey))}</p>{_SEARCH}\n{sheet.body}\n"
        f'<p class="provenance">{text(source(survey, (waves[0], waves[-1]), demonstration=drawn))}'
        "</p>"
    )


def _index(parts: Sequence[str], *, drawn: bool) -> str:
    lead = (
        "Toutes les colonnes des fichiers, même celles qu’aucune figure du site n’utilise : "
        "leurs réponses, leurs effectifs, qui a répondu, et ce qui change d’une vague à l’autre."
    )
    body = (
        f'{_banner(drawn=drawn)}<p class="kicker">Dictionnaire des données</p>'
        f'<h1>Ce que contiennent les fichiers</h1><p class="chapo">{text(lead)}</p>{_SEARCH}\n'
        + "\n".join(parts)
    )
    made = _document("Dictionnaire des données", body)
    if len(made.encode()) > INDEX:
        raise refuse("codebook.qmd", f"{len(made.encode())} bytes", f"{INDEX} at most",
                     "cut the index in one page a survey")  # fmt: skip
    return made


def _survey_part(survey: Survey, found: Sequence[Sheet], *, drawn: bool) -> str:
    """Pages, files and every column of one survey."""
    rows = "".join(
        f'<tr><th scope="row"><a href="{s.name}.html">{text(s.title)}</a></th>'
        f"<td>{integer(len(s.columns))}</td></tr>"
        for s in found
    )
    title = text(survey.spec.title)
    lists = "".join(_list(survey, name, found) for name in dict.fromkeys(s.theme for s in found))
    return (
        f'<h2>{title}</h2><div class="scroll" role="group" tabindex="0" aria-label="Pages">'
        f'<table class="etroit"><caption>Les pages du dictionnaire{_stamp(drawn=drawn)}</caption>'
        '<thead><tr><th scope="col">Page</th><th scope="col">Colonnes</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
        f'<p class="liens">{" ".join(links(survey))}</p>{lists}'
    )


def _list(survey: Survey, name: str, found: Sequence[Sheet]) -> str:
    every = tuple(survey.waves)
    items = "".join(
        f'<li><a href="{s.name}.html#{slug(e.column)}">{raw(e.column)}</a>'
        + (f" {text(e.label)}" if e.label else "")
        + f" <small>{waves_text(list(e.waves), every)}</small></li>"
        for s in found
        if s.theme == name
        for e in s.columns
    )
    label = text(theme_label(survey, name))
    return f'<section class="groupe"><h3>{label}</h3><ul class="liste">{items}</ul></section>'


def _document(title: str, body: str) -> str:
    """A Quarto document that holds HTML as it is."""
    return (
        f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\ntitre-calcule: true\n"
        f"ici: {{codebook: true}}\ncodebook: true\n---\n\n```{{=html}}\n{body}\n```\n"
    )
