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
from analysis.spreadsheets import neutral
from analysis.wording import (
    NBSP,
    NNBSP,
    Estimate,
    base_note,
    estimates,
    file_size,
    group_label,
    integer,
    number,
    origin_word,
    percent,
    plain_label,
    population_name,
    remark,
    shown,
    source,
    typeset,
    unit,
)

CSV_COLUMNS = (
    "enquete", "vague", "indicateur", "libelle", "modalite", "domaine", "groupe", "population",
    "valeur", "borne_basse", "borne_haute", "unite", "erreur_type", "repondants", "effet_de_plan",
    "methode", "statut", "remarque", "note", "donnees", "definition",
)  # fmt: skip
WHOLE_COLUMNS = (
    "vague", "indicateur", "modalite", "domaine", "groupe", "valeur", "borne_basse",
    "borne_haute", "erreur_type", "repondants", "statut", "donnees",
)  # fmt: skip
INDICATOR_COLUMNS = (
    "indicateur", "libelle", "theme", "premiere_vague", "derniere_vague", "population",
    "territoire", "base", "unite", "note", "source", "donnees",
)  # fmt: skip
CODE_COLUMNS = ("colonne", "dans", "code", "libelle", "donnees")


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
        " à ".join(_ends(survey, cell)),
        integer(cell.n),
        remark(cell) if cell.status not in ("B", "D") else "",
    )


def _ends(survey: Survey, cell: Estimate) -> list[str]:
    """The bounds without the unit, which the column of values gives; empty without interval."""
    mean = not survey.percent(cell.indicator)
    return [number(x, 1) if mean else percent(x, 1, sign=False) for x in cell.bounds or ()]


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
    ends = f"{NNBSP}; ".join(_ends(survey, cell))
    marks = " (définition différente)" if cell.status == "D" else ""
    marks = " (peu fiable)" if cell.fragile else marks
    return f"{shown(survey, cell, 1)} [{ends}]{marks}"


def _bases(known: Sequence[dict[str, Estimate]], wave: str) -> str:
    sizes = sorted({k[wave].n for k in known if wave in k})
    if len(sizes) < 2:
        return integer(sizes[0]) if sizes else "–"
    return f"{integer(sizes[0])} à {integer(sizes[-1])}"


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
    """A line for each code of the columns domaine, groupe, modalite and statut."""
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
        *map(neutral, (cell.method, cell.status, _status(cell), i.note)),
        _origin(cell), cell.definition_hash,
    ]  # fmt: skip


def _coded(survey: Survey, cell: Estimate) -> list[str]:
    codes = (cell.wave, cell.indicator, cell.category, cell.domain, cell.domain_value)
    return [*map(neutral, codes), *_numbers(survey, cell), str(cell.n), cell.status, _origin(cell)]


def _numbers(survey: Survey, cell: Estimate) -> tuple[str, ...]:
    """Value, bounds and standard error; empty where not published."""
    mean = not survey.percent(cell.indicator)
    scale, digits = (1.0, 4) if mean else (100.0, 2)
    known = (cell.estimate, cell.ci_low, cell.ci_high, cell.se)
    return tuple(_decimal(x if cell.published else None, scale, digits) for x in known)


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
    return "" if cell.status == "A" else STATUS.get(cell.status, cell.status)


def _decimal(value: float | None, scale: float, digits: int) -> str:
    return "" if value is None else f"{value * scale:.{digits}f}".replace(".", ",")


def csv_link(survey: Survey, cells: Iterable[Estimate], name: str, text: str) -> str:
    """A link to ``donnees/<name>.csv`` that tells type and size."""
    return _link(csv_bytes(survey, cells), name, text)


def whole_links(survey: Survey, cells: Sequence[Estimate]) -> tuple[str, ...]:
    """Links to the file of the whole survey and to the two that explain it."""
    names = ("Toutes les valeurs", "Indicateurs : population, base, notes", "Codes et libellés")
    files = _whole_files(survey, cells).items()
    return tuple(_link(b, name, typeset(t)) for (name, b), t in zip(files, names, strict=True))


def _link(content: bytes, name: str, text: str) -> str:
    size = file_size(len(content))
    return f'<a href="donnees/{escape(name)}.csv" download>{_text(text)} (CSV, {size})</a>'


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
