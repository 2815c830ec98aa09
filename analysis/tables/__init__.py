"""Accessible HTML tables and CSV downloads of the table of estimates.

CSV is what French Excel opens with a double click: UTF-8 with a byte order mark, ``;`` between
columns, a decimal comma, CRLF. Text that a spreadsheet would run as a formula is neutralised.

One file an indicator can be read by itself. The file of the whole survey has some 40,000 rows, so
it keeps codes and numbers; two small files beside it tell what the codes mean.
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
from analysis.language import SOURCE, Words, say, speaking, spoken
from analysis.spreadsheets import neutral
from analysis.wording import (
    NBSP,
    NNBSP,
    ROUNDED_SHARES,
    Estimate,
    base_note,
    estimates,
    file_size,
    group_label,
    integer,
    kept_digits,
    letters,
    marked,
    marks_note,
    number,
    origin_word,
    percent,
    plain_label,
    population_name,
    shown,
    source,
    status_words,
    typeset,
    unit,
)
from analysis.wording.marks import MEANINGS

CSV_COLUMNS = (
    "enquete", "vague", "indicateur", "libelle", "modalite", "domaine", "groupe", "population",
    "valeur", "borne_basse", "borne_haute", "unite", "erreur_type", "repondants", "effet_de_plan",
    "methode", "statut", "marque", "remarque", "note", "donnees", "definition",
)  # fmt: skip
WHOLE_COLUMNS = (
    "vague", "indicateur", "modalite", "domaine", "groupe", "valeur", "borne_basse",
    "borne_haute", "erreur_type", "repondants", "statut", "marque", "donnees",
)  # fmt: skip
INDICATOR_COLUMNS = (
    "indicateur", "libelle", "theme", "premiere_vague", "derniere_vague", "population",
    "territoire", "base", "unite", "note", "source", "donnees",
)  # fmt: skip
INTERVALS = Words(
    f"Entre parenthèses{NNBSP}: intervalle à 95{NBSP}%.", "Between brackets: 95% interval."
)
_NOTHING = "–"
CODE_COLUMNS = ("colonne", "dans", "code", "libelle", "donnees")


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
    return (with_marks(survey, cell), to.join(_ends(survey, cell)), integer(cell.n))


def with_marks(survey: Survey, cell: Estimate, *, but: str = "", bounds: bool = False) -> str:
    """The value with one decimal, its marks, its interval if wanted: "3,1 % [u] (2,0 à 4,9)".

    but : letters that stand elsewhere
    """
    ends = f" {say('à', 'to')}{NBSP}".join(_ends(survey, cell)) if bounds else ""
    marks = marked(m for m in letters(survey, cell) if m not in but)
    value = shown(survey, cell, 1) + (f"{NBSP}{marks}" if marks else "")
    return f"{value} ({ends})" if ends else value


def _ends(survey: Survey, cell: Estimate) -> list[str]:
    """The bounds without the unit, which the column of values gives; empty without interval."""
    mean = not survey.percent(cell.indicator)
    return [
        number(x, 1) if mean else percent(x, kept_digits(survey, x, 1), sign=False)
        for x in cell.bounds or ()
    ]


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


def csv_bytes(survey: Survey, cells: Iterable[Estimate]) -> bytes:
    """The cells as a CSV file, in the order given; the same bytes for the same cells."""
    return _csv(CSV_COLUMNS, (_record(survey, c) for c in cells))


def whole_bytes(survey: Survey, cells: Iterable[Estimate]) -> bytes:
    """The same with codes for words and without what is the same for a whole indicator."""
    return _csv(WHOLE_COLUMNS, (_coded(survey, c) for c in cells))


def indicators_bytes(survey: Survey, cells: Iterable[Estimate]) -> bytes:
    """A line for each indicator and run of waves with one population: all that numbers need."""
    runs: dict[tuple[str, str], list[Estimate]] = {}
    for cell in cells:
        who = survey.population(cell.indicator, cell.wave).label
        runs.setdefault((cell.indicator, who), []).append(cell)
    return _csv(INDICATOR_COLUMNS, (_meaning(survey, who, run) for (_, who), run in runs.items()))


def codes_bytes(survey: Survey, cells: Iterable[Estimate]) -> bytes:
    """A line for each code of the columns domaine, groupe, modalite, statut and marque."""
    found: dict[tuple[str, str, str, str], str] = {}
    for c in cells:
        domain = survey.spec.domains.get(c.domain)
        found["domaine", "", c.domain, domain.label if domain else "Ensemble"] = _origin(c)
        group = plain_label(survey, c.domain, c.domain_value)
        found["groupe", c.domain, c.domain_value, group] = _origin(c)
        if c.category:
            label = survey.categories(c.indicator)[c.category].label
            found["modalite", c.indicator, c.category, label] = _origin(c)
        found["statut", "", c.status, STATUS.get(c.status, c.status)] = _origin(c)
        for letter in letters(survey, c, file_digits(survey, c.indicator)):
            found["marque", "", f"[{letter}]", MEANINGS[letter]] = _origin(c)
    return _csv(CODE_COLUMNS, ([*map(neutral, key), found[key]] for key in sorted(found)))


def _csv(columns: Sequence[str], records: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(records)
    return out.getvalue().encode("utf-8-sig")


def _record(survey: Survey, cell: Estimate) -> list[str]:
    i = survey.spec.indicators[cell.indicator]
    domain = survey.spec.domains.get(cell.domain)
    words = (
        cell.survey, cell.wave, cell.indicator, i.label,
        survey.categories(cell.indicator)[cell.category].label if cell.category else "",
        domain.label if domain else "Ensemble",
        plain_label(survey, cell.domain, cell.domain_value),
        survey.population(cell.indicator, cell.wave).label,
    )  # fmt: skip
    *bounds, error = _numbers(survey, cell)
    return [
        *map(neutral, words), *bounds, neutral(unit(survey, cell.indicator)), error,
        str(cell.n), _decimal(cell.deff, 1.0, 3),
        *map(neutral, (cell.method, cell.status, _marks(survey, cell), _status(cell), i.note)),
        _origin(cell), cell.definition_hash,
    ]  # fmt: skip


def _coded(survey: Survey, cell: Estimate) -> list[str]:
    codes = (cell.wave, cell.indicator, cell.category, cell.domain, cell.domain_value)
    ends = (cell.status, _marks(survey, cell), _origin(cell))
    return [*map(neutral, codes), *_numbers(survey, cell), str(cell.n), *ends]


def _numbers(survey: Survey, cell: Estimate) -> tuple[str, ...]:
    """Value, bounds and standard error; empty where not published."""
    scale = 100.0 if survey.percent(cell.indicator) else 1.0
    digits = file_digits(survey, cell.indicator)
    known = (cell.estimate, cell.ci_low, cell.ci_high, cell.se)
    return tuple(_decimal(x if cell.published else None, scale, digits) for x in known)


def file_digits(survey: Survey, indicator: str) -> int:
    """Decimals of a value in files: two of a per cent, four of anything else."""
    return 2 if survey.percent(indicator) else 4


def _marks(survey: Survey, cell: Estimate) -> str:
    """The marks as a program reads them: "[u] [n]"."""
    return marked(letters(survey, cell, file_digits(survey, cell.indicator))).replace(NBSP, " ")


def _meaning(survey: Survey, population: str, run: Sequence[Estimate]) -> list[str]:
    name, waves = run[0].indicator, [c.wave for c in run]
    i = survey.spec.indicators[name]
    origin = source(survey, (min(waves), max(waves)), (c.origin for c in run))
    words = (
        name, i.label, survey.spec.themes[i.theme], min(waves), max(waves), population,
        survey.spec.territory, base_note(survey, name), unit(survey, name), i.note,
        origin.partition(": ")[2],
    )  # fmt: skip
    return [*map(neutral, words), _origin(run[0])]


def _origin(cell: Estimate) -> str:
    return origin_word(cell.origin)


def _status(cell: Estimate) -> str:
    return "" if cell.status == "A" else status_words(cell)


def _decimal(value: float | None, scale: float, digits: int) -> str:
    return "" if value is None else f"{value * scale:.{digits}f}".replace(".", ",")


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


def _whole_files(survey: Survey, cells: Sequence[Estimate]) -> dict[str, bytes]:
    return {
        survey.id: whole_bytes(survey, cells),
        f"{survey.id}_indicateurs": indicators_bytes(survey, cells),
        f"{survey.id}_codes": codes_bytes(survey, cells),
    }


def write_downloads(table: pl.DataFrame, survey: Survey, folder: Path) -> tuple[Path, ...]:
    """Write ``<survey>.csv`` with every cell, the two that explain it, and one an indicator.

    Returns the files written; the same table gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    every = estimates(table)
    by_indicator: dict[str, list[Estimate]] = {}
    for cell in every:
        by_indicator.setdefault(cell.indicator, []).append(cell)
    files = _whole_files(survey, every)
    files |= {name: csv_bytes(survey, cells) for name, cells in by_indicator.items()}
    written = []
    for name, content in sorted(files.items()):
        path = folder / f"{name}.csv"
        path.write_bytes(content)
        written.append(path)
    return tuple(written)
