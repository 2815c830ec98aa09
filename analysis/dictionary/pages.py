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
from analysis.dictionary.words import label, raw, text, theme_label, waves_text
from analysis.errors import refuse
from analysis.language import SOURCE, Words, say, speaking, spoken
from analysis.wording import integer, made, sampling_note, source, stamp
from analysis.wording.markup import markdown, raw_html

PAGE = 62_000  # bytes of sections on a page: with template and stylesheets under 90 kB
INDEX = 84_000
_TITLE = Words("Dictionnaire des données", "Data dictionary")
_LETTERS = re.compile(r"[A-Za-z]{1,3}")
_ODD = re.compile(r"[^\w .,;()'’/+=-]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its file without suffix, its theme and title, and the columns on it."""

    name: str
    theme: str
    title: str
    columns: tuple[Entry, ...]
    body: str


def write_pages(
    books: Sequence[tuple[Survey, pl.DataFrame]], folder: Path, declared: Sequence[Survey] = ()
) -> list[Path]:
    """Write ``codebook.qmd``, the index and the pages of each survey into ``folder``.

    books : surveys with their published codebooks. The same books give the same bytes.
    declared : the definitions themselves, where those of ``books`` are translations
    Raises :class:`analysis.errors.BaroError` where an index passes its budget.
    """
    written: dict[str, str] = {}
    parts = []
    sources = declared or [survey for survey, _ in books]
    for (survey, table), own in zip(books, sources, strict=True):
        origins = _origins(table)
        found = list(sheets(survey, entries(table), origins=origins, declared=own))
        for sheet in found:
            dictionary = say("dictionnaire", "dictionary")
            title = f"{sheet.title}, {dictionary} ({survey.spec.short})"
            written[sheet.name] = _document(title, _opened(survey, sheet, origins=origins))
        written[_index_name(survey)] = _index(survey, found, origins=origins)
        parts.append(_survey_part(survey, found, origins=origins))
    if books:
        written["codebook"] = _entry(parts)
    for name, content in written.items():
        (folder / f"{name}.qmd").write_text(content, "utf-8")
    return [folder / f"{name}.qmd" for name in written]


def _origins(table: pl.DataFrame) -> list[str]:
    return table["origin"].unique().sort().to_list()


def sheets(
    survey: Survey, found: Sequence[Entry], *, origins: Sequence[str],
    declared: Survey | None = None,
) -> Iterator[Sheet]:  # fmt: skip
    """The columns of a survey on pages, by theme; those without a variable by their names.

    declared : the definition itself. A column is on the page of one name in every language.
    """
    with speaking(SOURCE):
        planned = list(_planned(declared or survey, found, stamp(origins)))
    stamped = stamp(origins)
    for name, packed in planned:
        for number, pairs in enumerate(packed, 1):
            columns = [e for e, _ in pairs]
            told = pairs
            if spoken() != SOURCE:
                told = [(e, section(survey, e, stamped)) for e in columns]
            more = f" ({number} {say('sur', 'of')} {len(packed)})" if len(packed) > 1 else ""
            title = f"{theme_label(survey, name)}{more}"
            if name == UNREAD:
                title = f"{theme_label(survey, name)}, {_span(columns)}"
            file = f"codebook-{survey.id.replace('_', '-')}-{name or 'autres'}"
            file = f"{file}-{number}" if len(packed) > 1 else file
            body = "\n".join(html for _, html in told)
            yield Sheet(file, name, title, tuple(columns), body)


def _planned(
    survey: Survey, found: Sequence[Entry], stamped: str
) -> Iterator[tuple[str, list[list[tuple[Entry, str]]]]]:
    """Each theme that has columns, and the columns of each of its pages with their HTML."""
    by_theme: dict[str, list[Entry]] = {t: [] for t in (*survey.spec.themes, PROFILE, UNREAD)}
    for entry in found:
        by_theme[entry_theme(survey, entry)].append(entry)
    for name, columns in by_theme.items():
        sections = [(e, section(survey, e, stamped)) for e in columns]
        grouped = _groups(sections) if name == UNREAD else [[pair] for pair in sections]
        yield name, list(_packed(grouped))


def _span(columns: Sequence[Entry]) -> str:
    """From which column to which; signs that a title could not hold as text are left out."""
    first, last = (_ODD.sub("·", e.column) for e in (columns[0], columns[-1]))
    return say(f"de {first} à {last}", f"from {first} to {last}")


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


def _banner(origins: Sequence[str]) -> str:
    return "".join(
        f'<p class="demo" role="note"><strong>{text(o.title)}.</strong> {text(o.warning)}</p>'
        for o in made(origins)
    )


def _opened(survey: Survey, sheet: Sheet, *, origins: Sequence[str]) -> str:
    """What stands above the columns, them, and where they are from."""
    waves = tuple(survey.waves)
    units = survey.spec.units
    said = say(
        "Chaque case donne la part en pour cent parmi les réponses valides, son intervalle à "
        "95 %, et le nombre de répondants. Les absences de réponse sont comptées à part. Un tiret "
        f"remplace ce qui repose sur trop peu de {units}. Un astérisque marque une valeur peu "
        "fiable.",
        "Each cell gives the share in per cent among valid answers, its 95% interval, and the "
        "number of respondents. Missing answers are counted apart. A dash stands for what rests "
        f"on too few {units}. An asterisk marks a value of low reliability.",
    )
    if survey.spec.design.frame:
        said += say(
            " Le nombre de répondants compte aussi les réponses hors de la base de sondage, qui ne "
            "pèsent rien.",
            " The number of respondents includes answers from outside the sampling frame, which "
            "weigh nothing.",
        )
    said += say("", " Texts of the files and questions of the questionnaire are quoted in French.")
    many = integer(len(sheet.columns))
    lead = say(
        f"{many} colonnes des fichiers, vague après vague.",
        f"{many} columns of the files, wave by wave.",
    )
    return (
        f'{_banner(origins)}<p class="kicker"><a href="codebook.html">{_TITLE}</a>, '
        f"{text(survey.spec.title)}</p><h1>{text(sheet.title)}</h1>"
        f'<p class="chapo">{lead}</p><p>{text(said)} {text(sampling_note(survey))}</p>'
        f"{_search()}\n{sheet.body}\n"
        f'<p class="provenance">{text(source(survey, (waves[0], waves[-1]), origins))}'
        "</p>"
    )


def _search() -> str:
    """The field that a script makes work, and shows."""
    words = say("Chercher dans cette page", "Search this page")
    return (
        f'<div class="recherche" role="search" hidden><label for="recherche">{words}</label>'
        '<input id="recherche" type="search" autocomplete="off"><p role="status"></p></div>'
    )


def _index_name(survey: Survey) -> str:
    return f"codebook-{survey.id.replace('_', '-')}"


def _entry(parts: Sequence[str]) -> str:
    """The way in: what each survey's dictionary holds, and where."""
    lead = say(
        "Toutes les colonnes des fichiers, même celles qu’aucune figure du site n’utilise : "
        "leurs réponses, leurs effectifs, qui a répondu, et ce qui change d’une vague à l’autre.",
        "All columns of the files, even those that no figure of the site uses: their answers, "
        "their counts, who answered, and what changes from one wave to the next.",
    )
    heading = say("Ce que contiennent les fichiers", "What the files hold")
    body = (
        f'<p class="kicker">{_TITLE}</p><h1>{heading}</h1>'
        f'<p class="chapo">{text(lead)}</p>\n' + "\n".join(parts)
    )
    return _document(str(_TITLE), body, search=False)


def _index(survey: Survey, found: Sequence[Sheet], *, origins: Sequence[str]) -> str:
    """Every column of one survey, with a search."""
    title = f"{say('Toutes les colonnes', 'All columns')}, {survey.spec.short}"
    lists = "".join(_list(survey, name, found) for name in dict.fromkeys(s.theme for s in found))
    made = _document(
        f"{title}, {say('dictionnaire', 'dictionary')}",
        f'{_banner(origins)}<p class="kicker"><a href="codebook.html">{_TITLE}'
        f"</a>, {text(survey.spec.title)}</p><h1>{text(title)}</h1>{_search()}\n{lists}",
    )
    if len(made.encode()) > INDEX:
        raise refuse(f"{_index_name(survey)}.qmd", f"{len(made.encode())} bytes",
                     f"{INDEX} at most", "cut the index in one page a theme")  # fmt: skip
    return made


def _survey_part(survey: Survey, found: Sequence[Sheet], *, origins: Sequence[str]) -> str:
    """Pages and files of one survey."""
    rows = "".join(
        f'<tr><th scope="row"><a href="{s.name}.html">{text(s.title)}</a></th>'
        f"<td>{integer(len(s.columns))}</td></tr>"
        for s in found
    )
    every = integer(sum(len(s.columns) for s in found))
    search = say(f"Chercher parmi les {every} colonnes", f"Search the {every} columns")
    caption = say("Les pages du dictionnaire", "The pages of the dictionary")
    return (
        f"<h2>{text(survey.spec.title)}</h2>{_banner(origins)}"
        f'<p><a class="bouton" href="{_index_name(survey)}.html">{search}</a></p>'
        '<div class="scroll" role="group" tabindex="0" aria-label="Pages">'
        f'<table class="etroit"><caption>{caption}, {text(survey.spec.short)}'
        f'{stamp(origins)}</caption><thead><tr><th scope="col">Page</th>'
        f'<th scope="col">{say("Colonnes", "Columns")}</th></tr></thead><tbody>{rows}</tbody>'
        f'</table></div><p class="liens">{" ".join(links(survey))}</p>'
    )


def _list(survey: Survey, name: str, found: Sequence[Sheet]) -> str:
    every = tuple(survey.waves)
    items = "".join(
        f'<li><a href="{s.name}.html#{slug(e.column)}">{raw(e.column)}</a>'
        + (f" {text(named)}" if (named := label(survey, e)) else "")
        + f" <small>{waves_text(list(e.waves), every)}</small></li>"
        for s in found
        if s.theme == name
        for e in s.columns
    )
    heading = text(theme_label(survey, name))
    return f'<section class="groupe"><h2>{heading}</h2><ul class="liste">{items}</ul></section>'


def _document(title: str, body: str, *, search: bool = True) -> str:
    """A Quarto document that holds HTML as it is."""
    return (
        f"---\ntitle: {json.dumps(markdown(title), ensure_ascii=False)}\ntitre-calcule: true\n"
        f"ici: {{codebook: true}}\ncodebook: true\nrecherche: {str(search).lower()}\n---\n\n"
        f"{raw_html(body)}\n"
    )
