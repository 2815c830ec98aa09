"""Accessible HTML tables and CSV downloads of the table of estimates.

CSV is what French Excel opens with a double click: UTF-8 with a byte order mark, ``;`` between
columns, a decimal comma, CRLF. Text that a spreadsheet would run as a formula is neutralised.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import polars as pl

from analysis.definition import Survey
from analysis.errors import refuse
from analysis.estimates import STATUS
from analysis.wording import (
    NBSP,
    NNBSP,
    Estimate,
    estimates,
    file_size,
    group_label,
    integer,
    percent,
    plain_label,
    population_name,
    remark,
    shown,
    shown_interval,
    typeset,
)

CSV_COLUMNS = (
    "enquete", "vague", "indicateur", "libelle", "modalite", "domaine", "groupe", "population",
    "valeur", "borne_basse", "borne_haute", "unite", "erreur_type", "repondants", "effet_de_plan",
    "methode", "statut", "remarque", "note", "donnees", "definition",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Row:
    """A line: its header cell, then the others; ``heading`` rows open a group of lines."""

    header: str
    cells: tuple[str, ...] = ()
    heading: bool = False


def html_table(caption: str, head: Sequence[str], rows: Iterable[Row], *, note: str = "") -> str:
    """A table with caption, column and row headers, in a region that scrolls by itself.

    All arguments are plain text. Raises :class:`BaroError` for a table without a caption, or
    whose rows have not one cell for each column.
    """
    if not caption:
        raise refuse("table", "no caption", "what it measures, unit, population, wave")
    columns = "".join(f'<th scope="col">{_text(h)}</th>' for h in head)
    body = "".join(_row(row, len(head), caption) for row in rows)
    small = f"<br><small>{_text(note)}</small>" if note else ""
    return (
        '<div class="scroll" role="group" tabindex="0" aria-label="Tableau"><table>'
        f"<caption>{_text(caption)}{small}</caption><thead><tr>{columns}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: Row, columns: int, caption: str) -> str:
    if row.heading:
        return (
            f'</tbody><tbody><tr><th scope="rowgroup" colspan="{columns}">'
            f"{_text(row.header)}</th></tr>"
        )
    if len(row.cells) != columns - 1:
        raise refuse(f"table: {caption}", f'{len(row.cells)} cells in the row "{row.header}"',
                     f"{columns - 1}, one for each column")  # fmt: skip
    cells = "".join(f"<td>{_text(c)}</td>" for c in row.cells)
    return f'<tr><th scope="row">{_text(row.header)}</th>{cells}</tr>'


def _text(text: str) -> str:
    return escape(text, quote=False)


def groups_table(
    survey: Survey, caption: str, first: str, groups: Sequence[tuple[str, Sequence[Estimate]]],
    *, labels: Sequence[str] = (), populations: bool = False,
) -> str:  # fmt: skip
    """A line for each cell of each group: value, interval, respondents, remark in words.

    labels : headers of the lines when they are not the names of domain values
    populations : whether a column says who each line is about
    """
    named = iter(labels)
    rows: list[Row] = []
    for heading, cells in groups:
        rows += [Row(heading, heading=True)] if heading else []
        for cell in cells:
            label = next(named, "") or group_label(survey, cell.domain, cell.domain_value)
            who = population_name(survey, cell.indicator, cell.wave) if populations else ""
            rows.append(Row(label, (*_columns(survey, cell), who)))
    head = [first, "Valeur", f"Intervalle à 95{NBSP}%", "Répondants", "Remarque", "Population"]
    used = [i for i in range(1, len(head)) if any(r.cells and r.cells[i - 1] for r in rows)]
    kept = [Row(r.header, tuple(r.cells[i - 1] for i in used if r.cells), r.heading) for r in rows]
    return html_table(caption, [first, *(head[i] for i in used)], kept)


def _columns(survey: Survey, cell: Estimate) -> tuple[str, ...]:
    return (
        shown(survey, cell, 1),
        shown_interval(survey, cell),
        integer(cell.n),
        remark(cell) if cell.status not in ("B", "D") else "",
    )


def waves_table(
    survey: Survey, caption: str, waves: Sequence[str], series: Sequence[Sequence[Estimate]]
) -> str:
    """A line for each wave; for each series the value with its interval; respondents."""
    names = [typeset(survey.spec.indicators[s[0].indicator].label) for s in series if s]
    known = [{c.wave: c for c in cells} for cells in series if cells]
    rows = [
        Row(
            wave + _flag(survey, wave),
            (*(_compact(survey, k.get(wave)) for k in known), _bases(known, wave)),
        )
        for wave in waves
    ]
    note = f"Entre crochets{NNBSP}: intervalle à 95{NBSP}%. * Rupture de série, voir la figure."
    return html_table(caption, ["Vague", *names, "Répondants"], rows, note=note)


def _flag(survey: Survey, wave: str) -> str:
    return "*" if any(b.wave == wave for b in survey.spec.breaks) else ""


def _compact(survey: Survey, cell: Estimate | None) -> str:
    if cell is None:
        return "non posée"
    if cell.bounds is None:
        return shown(survey, cell, 1)
    low, high = (percent(x, 1, sign=False) for x in cell.bounds)
    marks = " (définition différente)" if cell.status == "D" else ""
    marks = " (peu fiable)" if cell.fragile else marks
    return f"{shown(survey, cell, 1)} [{low}{NNBSP}; {high}]{marks}"


def _bases(known: Sequence[dict[str, Estimate]], wave: str) -> str:
    sizes = sorted({k[wave].n for k in known if wave in k})
    if len(sizes) < 2:
        return integer(sizes[0]) if sizes else "–"
    return f"{integer(sizes[0])} à {integer(sizes[-1])}"


def csv_bytes(survey: Survey, cells: Iterable[Estimate]) -> bytes:
    """The cells as a CSV file, in the order given; the same bytes for the same cells."""
    return _csv(_record(survey, c) for c in cells)


def _csv(records: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows(records)
    return out.getvalue().encode("utf-8-sig")


def _record(survey: Survey, cell: Estimate) -> list[str]:
    i = survey.spec.indicators[cell.indicator]
    mean = i.measure == "mean"
    scale, digits = (1.0, 4) if mean else (100.0, 2)
    numbers = (cell.estimate, cell.ci_low, cell.ci_high) if cell.published else (None,) * 3
    domain = survey.spec.domains.get(cell.domain)
    words = (
        cell.survey, cell.wave, cell.indicator, i.label,
        survey.categories(cell.indicator)[cell.category].label if cell.category else "",
        domain.label if domain else "Ensemble",
        plain_label(survey, cell.domain, cell.domain_value),
        survey.population(cell.indicator, cell.wave).label,
    )  # fmt: skip
    return [
        *map(neutral, words),
        *(_decimal(x, scale, digits) for x in numbers),
        neutral(survey.spec.variables[i.variable].unit if mean else "%"),
        _decimal(cell.se if cell.published else None, scale, digits),
        str(cell.n),
        _decimal(cell.deff, 1.0, 3),
        *map(neutral, (cell.method, cell.status, _status(cell), i.note)),
        "données de démonstration" if cell.demonstration else "données observées",
        cell.definition_hash,
    ]


def _status(cell: Estimate) -> str:
    return "" if cell.status == "A" else STATUS.get(cell.status, cell.status)


def neutral(text: str) -> str:
    """``text`` on one line, with an apostrophe before what a spreadsheet would run."""
    line = " ".join(text.split()) if "\n" in text or "\r" in text else text
    return "'" + line if line.startswith(_FORMULA) else line


def _decimal(value: float | None, scale: float, digits: int) -> str:
    return "" if value is None else f"{value * scale:.{digits}f}".replace(".", ",")


def csv_link(survey: Survey, cells: Iterable[Estimate], name: str, text: str) -> str:
    """A link to ``donnees/<name>.csv`` that tells type and size."""
    size = file_size(len(csv_bytes(survey, cells)))
    return f'<a href="donnees/{escape(name)}.csv" download>{_text(text)} (CSV, {size})</a>'


def write_downloads(table: pl.DataFrame, survey: Survey, folder: Path) -> tuple[Path, ...]:
    """Write ``<survey>.csv`` with every cell and ``<indicator>.csv`` for each indicator.

    Returns the files written; the same table gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, list[list[str]]] = {survey.id: []}
    for cell in estimates(table):
        record = _record(survey, cell)
        files[survey.id].append(record)
        files.setdefault(cell.indicator, []).append(record)
    written = []
    for name, records in sorted(files.items()):
        path = folder / f"{name}.csv"
        path.write_bytes(_csv(records))
        written.append(path)
    return tuple(written)
