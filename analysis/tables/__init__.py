"""Accessible HTML tables of estimates, and links to the same figures in files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from analysis.definition import Survey
from analysis.errors import refuse
from analysis.language import SOURCE, Words, say, speaking, spoken
from analysis.tables.delimited import csv_bytes
from analysis.wording import (
    NBSP,
    NNBSP,
    ROUNDED_SHARES,
    Estimate,
    bare_bounds,
    file_size,
    group_label,
    integer,
    letters,
    marked,
    marks_note,
    population_name,
    shown,
    typeset,
)

INTERVALS = Words(
    f"Entre parenthèses{NNBSP}: intervalle à 95{NBSP}%.", "Between brackets: 95% interval."
)
_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """A line: its header cell, then the others; ``heading`` rows open a group of lines.

    in_french : whether the header stays French on a page in another language
    original : words below the header, in French on a page in another language
    """

    header: str
    cells: tuple[str, ...] = ()
    heading: bool = False
    in_french: bool = False
    original: str = ""


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
        f'<div class="scroll" role="group" tabindex="0" aria-label="{say("Tableau", "Table")}">'
        "<table>"
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
    lang = f' lang="{SOURCE}"' if row.in_french else ""
    below = f'<br><small lang="{SOURCE}">{_text(row.original)}</small>' if row.original else ""
    return f'<tr><th scope="row"{lang}>{_text(row.header)}{below}</th>{cells}</tr>'


def _text(text: str) -> str:
    return escape(text, quote=False)


def groups_table(
    survey: Survey, caption: str, first: str, groups: Sequence[tuple[str, Sequence[Estimate]]],
    *, labels: Sequence[str] = (), populations: bool = False, shares: bool = False,
) -> str:  # fmt: skip
    """A line for each cell of each group: value with its marks, interval, respondents.

    labels : headers of the lines when they are not the names of domain values
    populations : whether a column says who each line is about
    shares : whether the values of a group are shares of one whole
    """
    named = iter(labels)
    rows: list[Row] = []
    for heading, cells in groups:
        rows += [Row(heading, heading=True)] if heading else []
        for cell in cells:
            label = next(named, "") or group_label(survey, cell.domain, cell.domain_value)
            who = population_name(survey, cell.indicator, cell.wave) if populations else ""
            rows.append(Row(label, (*_columns(survey, cell), who)))
    interval = say(f"Intervalle à 95{NBSP}%", "95% interval")
    head = [first, say("Valeur", "Value"), interval, respondents(), "Population"]
    used = [i for i in range(1, len(head)) if any(r.cells and r.cells[i - 1] for r in rows)]
    kept = [
        Row(r.header, tuple(r.cells[i - 1] or _NOTHING for i in used if r.cells), r.heading)
        for r in rows
    ]
    known = (m for _, cells in groups for c in cells for m in letters(survey, c))
    note = " ".join(filter(None, (marks_note(known), str(ROUNDED_SHARES) if shares else "")))
    return html_table(caption, [first, *(head[i] for i in used)], kept, note=note)


def respondents() -> str:
    """The head of a column of counts of answers."""
    return say("Répondants", "Respondents")


def _columns(survey: Survey, cell: Estimate) -> tuple[str, ...]:
    to = say(" à ", " to ")
    return (with_marks(survey, cell), to.join(bare_bounds(survey, cell)), integer(cell.n))


def with_marks(survey: Survey, cell: Estimate, *, but: str = "", bounds: bool = False) -> str:
    """The value with one decimal, its marks, its interval if wanted: "3,1 % [u] (2,0 à 4,9)".

    but : letters that stand elsewhere
    """
    ends = f" {say('à', 'to')}{NBSP}".join(bare_bounds(survey, cell)) if bounds else ""
    marks = marked(m for m in letters(survey, cell) if m not in but)
    value = shown(survey, cell, 1) + (f"{NBSP}{marks}" if marks else "")
    return f"{value} ({ends})" if ends else value


def waves_table(
    survey: Survey, caption: str, waves: Sequence[str], series: Sequence[Sequence[Estimate]]
) -> str:
    """A line for each wave; for each series the value with its interval; respondents.

    The first wave after a break of the survey is marked once, beside its name.
    """
    names = [typeset(survey.spec.indicators[s[0].indicator].label) for s in series if s]
    known = [{c.wave: c for c in cells} for cells in series if cells]
    broken = {b.wave for b in survey.spec.breaks}
    rows = [
        Row(
            wave + (f"{NBSP}[b]" if wave in broken else ""),
            (*(_compact(survey, k.get(wave), wave in broken) for k in known), _bases(known, wave)),
        )
        for wave in waves
    ]
    found = [m for k in known for c in k.values() for m in letters(survey, c)]
    found += ["b"] if broken.intersection(waves) else []
    note = f"{INTERVALS} {marks_note(found)}".rstrip()
    return html_table(caption, [say("Vague", "Wave"), *names, respondents()], rows, note=note)


def _compact(survey: Survey, cell: Estimate | None, broken: bool) -> str:
    if cell is None:
        return say("non posée", "not asked")
    return with_marks(survey, cell, but="b" if broken else "", bounds=True)


def _bases(known: Sequence[dict[str, Estimate]], wave: str) -> str:
    sizes = sorted({k[wave].n for k in known if wave in k})
    if len(sizes) < 2:
        return integer(sizes[0]) if sizes else "–"
    return f"{integer(sizes[0])} {say('à', 'to')} {integer(sizes[-1])}"


def csv_link(survey: Survey, cells: Iterable[Estimate], name: str, text: str) -> str:
    """A link to ``donnees/<name>.csv`` that tells type and size; the file itself is French."""
    with speaking(SOURCE):
        content = csv_bytes(survey, cells)
    return _link(len(content), name, text)


def csv_file_link(file: Path, text: str) -> str:
    """The same to a file that has been made."""
    return _link(file.stat().st_size, file.stem, text)


def _link(size_in_bytes: int, name: str, text: str) -> str:
    size = file_size(size_in_bytes)
    kind = say("CSV", "CSV in French")
    return f'<a href="{donnees()}{escape(name)}.csv" download>{_text(text)} ({kind}, {size})</a>'


def donnees() -> str:
    """Where the files are, from a page: all languages share those beside the French pages."""
    return "donnees/" if spoken() == SOURCE else "../donnees/"
