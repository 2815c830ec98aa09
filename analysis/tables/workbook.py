"""One accessible workbook a survey: cover, contents, notes, then a table a sheet.

It follows the checklist "Making spreadsheets accessible" of the UK Government Analysis Function:
the cover comes first; each sheet has its title in A1 and one table, marked as such, whose header
row stands in a declared line; between the two, single cells of column A say what the table holds.
No cell is merged, hidden or frozen, none of a table is empty, and no meaning rests on colour.

Texts are written as texts, whatever they begin with. The file holds no date of its making: the
same table gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

import analysis
from analysis.definition import Survey
from analysis.spreadsheets import cell_text
from analysis.tables.delimited import file_digits
from analysis.tables.workbook_text import NOT_ESTIMATED, NOTHING, cover, indicators, notes, waves
from analysis.wording import (
    Estimate,
    estimates,
    letters,
    marked,
    origin_word,
    plain_label,
    stamp,
    status_words,
    typeset,
    unit,
)

RECENT = 2  # waves of each indicator of which every group goes in
_EPOCH = datetime(1980, 1, 1)  # the format asks for a date; that of its zip entries
_WIDEST = 60
_FONT = {"font_name": "Arial", "font_size": 12, "font_scheme": "none"}
COLUMNS = (
    "Indicateur", "Réponse", "Vague", "Critère", "Groupe", "Valeur", "Unité", "Borne basse",
    "Borne haute", "Répondants", "Marque", "Statut", "Population", "Données",
)  # fmt: skip

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: title in A1, lines under it, then a table of ``columns``.

    about : what the table of contents says of it
    """

    name: str
    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Styles:
    """The few looks of cells, declared once a workbook."""

    title: Format
    text: Format
    whole: Format
    decimal: Format

    @classmethod
    def of(cls, book: Workbook) -> Styles:
        """The same in every workbook."""
        return cls(
            book.add_format({"bold": True, "font_size": 16}),
            book.add_format({"text_wrap": True, "valign": "top"}),
            book.add_format({"num_format": "#,##0", "valign": "top"}),
            book.add_format({"num_format": "#,##0.0", "valign": "top"}),
        )


def write_workbook(table: pl.DataFrame, survey: Survey, folder: Path) -> Path:
    """Write ``<survey>.xlsx``; the same table gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{survey.id}.xlsx"
    path.write_bytes(workbook_bytes(survey, estimates(table)))
    return path


def workbook_bytes(survey: Survey, cells: Sequence[Estimate]) -> bytes:
    """The workbook of a survey: whole populations in every wave, groups in the latest two."""
    out = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "default_format_properties": dict(_FONT),
    }  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({
            "title": cell_text(f"{survey.spec.title} : résultats"),
            "author": cell_text(survey.spec.licence.attribution),
            "comments": cell_text(f"Licence : {survey.spec.licence.name}"),
            "created": _EPOCH,
        })  # fmt: skip
        styles = Styles.of(book)
        sheets = _sheets(survey, cells)
        _cover(book, styles, cover(survey, cells, analysis.__version__, len(sheets)))
        for sheet in sheets:
            _write(book, styles, sheet, linked=sheet is sheets[0])
    return out.getvalue()


def _sheets(survey: Survey, cells: Sequence[Estimate]) -> list[Sheet]:
    chosen = tuple(_chosen(survey, cells))
    found = [
        Sheet("Notes", "Notes", "marques, arrondis, intervalles, méthode",
              ("Objet", "Note"), tuple(notes(survey, chosen))),
        Sheet("Indicateurs", "Indicateurs", "population, base, unité et source de chacun",
              *indicators(survey, cells)),
        Sheet("Vagues", "Vagues", "dates, mode et origine des réponses", *waves(survey, cells)),
        *_themes(survey, chosen),
    ]  # fmt: skip
    rows = tuple((s.name, s.about, len(s.rows)) for s in found)
    first = Sheet("Sommaire", "Sommaire", "", ("Feuille", "Contenu", "Lignes"), rows)
    return [first, *found]


def _chosen(survey: Survey, cells: Sequence[Estimate]) -> Iterator[Estimate]:
    """Cells in the order of the definition, the newest wave first."""
    known: dict[str, set[str]] = {}
    for c in cells:
        known.setdefault(c.indicator, set()).add(c.wave)
    recent = {i: set(sorted(w)[-RECENT:]) for i, w in known.items()}
    names = {name: k for k, name in enumerate(survey.spec.indicators)}
    domains = {name: k for k, name in enumerate(survey.spec.domains)}
    levels = {d: {v: k for k, v in enumerate(survey.levels(d))} for d in domains}
    ordered = sorted(
        (c for c in cells if c.whole or c.wave in recent[c.indicator]),
        key=lambda c: (
            domains.get(c.domain, -1),
            levels.get(c.domain, {}).get(c.domain_value, -1),
            list(survey.categories(c.indicator)).index(c.category) if c.category else -1,
        ),
    )
    ordered.sort(key=lambda c: c.wave, reverse=True)
    yield from sorted(ordered, key=lambda c: names[c.indicator])


def _themes(survey: Survey, cells: Sequence[Estimate]) -> Iterator[Sheet]:
    for number, (theme, label) in enumerate(survey.spec.themes.items(), 1):
        mine = [c for c in cells if survey.spec.indicators[c.indicator].theme == theme]
        if mine:
            about = f"{len({c.indicator for c in mine})} indicateurs"
            title = f"{survey.spec.short} : {label}{stamp(c.origin for c in mine)}"
            yield Sheet(
                f"T{number}_{theme}"[:31], title,
                f"{label}, {about}", COLUMNS, tuple(_row(survey, c) for c in mine),
                (f"Estimations pondérées, {_span(mine)}, pour la population que dit chaque ligne.",
                 "Les lettres entre crochets sont expliquées dans la feuille Notes."),
            )  # fmt: skip


def _span(cells: Sequence[Estimate]) -> str:
    first, last = (f(c.wave for c in cells) for f in (min, max))
    return f"vague {first}" if first == last else f"vagues de {first} à {last}"


def _row(survey: Survey, cell: Estimate) -> tuple[Value, ...]:
    i, domain = survey.spec.indicators[cell.indicator], survey.spec.domains.get(cell.domain)
    digits = file_digits(survey, cell.indicator)
    found = letters(survey, cell, digits)
    scale = 100.0 if survey.percent(cell.indicator) else 1.0
    value, low, high = (
        _number(x, scale, digits, published=cell.published)
        for x in (cell.estimate, cell.ci_low, cell.ci_high)
    )
    answer = survey.categories(cell.indicator)[cell.category].label if cell.category else NOTHING
    return (
        i.label, answer, cell.wave, domain.label if domain else "Ensemble",
        plain_label(survey, cell.domain, cell.domain_value), value,
        unit(survey, cell.indicator) or NOTHING, low, high, cell.n,
        marked(found) or "aucune", status_words(cell),
        survey.population(cell.indicator, cell.wave).label, origin_word(cell.origin),
    )  # fmt: skip


def _number(value: float | None, scale: float, digits: int, *, published: bool) -> Value:
    """A number; a mark where it is not published, or cannot be estimated."""
    if not published:
        return "[q]"
    return NOT_ESTIMATED if value is None else round(value * scale, digits)


def _cover(book: Workbook, styles: Styles, lines: Sequence[str]) -> None:
    """Everything in column A, a cell a line, the title first."""
    sheet = book.add_worksheet("Couverture")
    sheet.set_column(0, 0, 100)
    _text(sheet, 0, 0, typeset(lines[0]), styles.title)
    for number, line in enumerate(lines[1:], 1):
        _text(sheet, number, 0, typeset(line), styles.text)


def _write(book: Workbook, styles: Styles, sheet: Sheet, *, linked: bool) -> None:
    """A title, lines in column A, then the table; ``linked``: names of its rows are sheets."""
    page, total = book.add_worksheet(sheet.name), len(sheet.rows)
    start = len(sheet.lines) + 2
    _text(page, 0, 0, typeset(sheet.title), styles.title)
    said = f"Cette feuille contient un tableau de {total} lignes, dont les en-têtes sont à la "
    for number, line in enumerate((f"{said}ligne {start + 1}.", *sheet.lines), 1):
        _text(page, number, 0, line, None)
    page.add_table(start, 0, start + total, len(sheet.columns) - 1, {
        "name": f"tableau_{sheet.name}", "style": "Table Style Light 1",
        "columns": [{"header": c} for c in sheet.columns],
    })  # fmt: skip
    for number, row in enumerate(sheet.rows, start + 1):
        for column, value in enumerate(row):
            _value(page, number, column, value, styles)
        if linked:
            page.write_url(number, 0, f"internal:'{row[0]}'!A1", string=str(row[0]))
    for column, width in enumerate(_widths(sheet)):
        page.set_column(column, column, width)


def _value(page: Worksheet, row: int, column: int, value: Value, styles: Styles) -> None:
    if isinstance(value, str):
        _text(page, row, column, value, styles.text)
    else:
        form = styles.whole if isinstance(value, int) else styles.decimal
        page.write_number(row, column, value, form)


def _text(page: Worksheet, row: int, column: int, text: str, form: Format | None) -> None:
    """Text and nothing else, even if it begins with a sign of formulas."""
    page.write_string(row, column, cell_text(text) or NOTHING, form)


def _widths(sheet: Sheet) -> Iterable[int]:
    """Of each column: what its longest text takes, within bounds; the header has a button."""
    for column, header in enumerate(sheet.columns):
        longest = max((len(str(row[column])) for row in sheet.rows), default=0)
        yield min(max(longest + 2, len(header) + 5), _WIDEST)
