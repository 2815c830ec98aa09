"""CSV downloads of the table of estimates.

What French Excel opens with a double click: UTF-8 with a byte order mark, ``;`` between columns, a
decimal comma, CRLF. Text that a spreadsheet would run as a formula is neutralised.

One file an indicator can be read by itself. The file of the whole survey has some 40,000 rows, so
it keeps codes and numbers; two small files beside it tell what the codes mean.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from analysis.definition import Survey
from analysis.estimates import STATUS
from analysis.spreadsheets import neutral
from analysis.wording import (
    NBSP,
    Estimate,
    base_note,
    estimates,
    letters,
    marked,
    origin_word,
    plain_label,
    source,
    status_words,
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
CODE_COLUMNS = ("colonne", "dans", "code", "libelle", "donnees")


_Shared = tuple[str, ...]  # value, bounds, standard error, respondents, marks, origin


def csv_bytes(survey: Survey, cells: Iterable[Estimate]) -> bytes:
    """The cells as a CSV file, in the order given; the same bytes for the same cells."""
    return _file(survey, ((c, _shared(survey, c)) for c in cells))


def _file(survey: Survey, cells: Iterable[tuple[Estimate, _Shared]]) -> bytes:
    return _csv(CSV_COLUMNS, (_record(survey, c, shared) for c, shared in cells))


def _whole(cells: Iterable[tuple[Estimate, _Shared]]) -> bytes:
    """The same with codes for words and without what is the same for a whole indicator."""
    return _csv(WHOLE_COLUMNS, (_coded(c, shared) for c, shared in cells))


def _indicators(survey: Survey, cells: Iterable[Estimate]) -> bytes:
    """A line for each indicator and run of waves with one population: all that numbers need."""
    runs: dict[tuple[str, str], list[Estimate]] = {}
    for cell in cells:
        who = survey.population(cell.indicator, cell.wave).label
        runs.setdefault((cell.indicator, who), []).append(cell)
    return _csv(INDICATOR_COLUMNS, (_meaning(survey, who, run) for (_, who), run in runs.items()))


def _codes(survey: Survey, cells: Iterable[Estimate]) -> bytes:
    """A line for each code of the columns domaine, groupe, modalite, statut and marque."""
    known: dict[tuple[str, str, str], Estimate] = {}  # what a code is of -> a cell that has it
    for c in cells:
        known["domaine", "", c.domain] = known["groupe", c.domain, c.domain_value] = c
        known["statut", "", c.status] = c
        if c.category:
            known["modalite", c.indicator, c.category] = c
        for letter in letters(survey, c, file_digits(survey, c.indicator)):
            known["marque", "", letter] = c
    lines = ((*key[:2], *_code(survey, *key), _origin(c)) for key, c in known.items())
    return _csv(CODE_COLUMNS, (list(map(neutral, line)) for line in sorted(lines)))


def _code(survey: Survey, column: str, within: str, code: str) -> tuple[str, str]:
    """A code as the files write it, and what it means."""
    if column == "domaine":
        domain = survey.spec.domains.get(code)
        return code, domain.label if domain else "Ensemble"
    if column == "groupe":
        return code, plain_label(survey, within, code)
    if column == "modalite":
        return code, survey.categories(within)[code].label
    return (f"[{code}]", MEANINGS[code]) if column == "marque" else (code, STATUS.get(code, code))


def _csv(columns: Sequence[str], records: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(records)
    return out.getvalue().encode("utf-8-sig")


def _shared(survey: Survey, cell: Estimate) -> _Shared:
    """What two files say of a cell alike."""
    ends = (_marks(survey, cell), _origin(cell))
    return (*_numbers(survey, cell), str(cell.n), *ends)


def _record(survey: Survey, cell: Estimate, shared: _Shared) -> list[str]:
    i = survey.spec.indicators[cell.indicator]
    domain = survey.spec.domains.get(cell.domain)
    words = (
        cell.survey, cell.wave, cell.indicator, i.label,
        survey.categories(cell.indicator)[cell.category].label if cell.category else "",
        domain.label if domain else "Ensemble",
        plain_label(survey, cell.domain, cell.domain_value),
        survey.population(cell.indicator, cell.wave).label,
    )  # fmt: skip
    *bounds, error, n, marks, origin = shared
    return [
        *map(neutral, words), *bounds, neutral(unit(survey, cell.indicator)), error,
        n, _decimal(cell.deff, 1.0, 3),
        *map(neutral, (cell.method, cell.status, marks, _status(cell), i.note)),
        origin, cell.definition_hash,
    ]  # fmt: skip


def _coded(cell: Estimate, shared: _Shared) -> list[str]:
    codes = (cell.wave, cell.indicator, cell.category, cell.domain, cell.domain_value)
    *numbers, marks, origin = shared
    return [*map(neutral, codes), *numbers, cell.status, marks, origin]


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


def write_downloads(table: pl.DataFrame, survey: Survey, folder: Path) -> tuple[Path, ...]:
    """Write ``<survey>.csv`` with every cell, the two that explain it, and one an indicator.

    Returns the files written; the same table gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cells = estimates(table)
    lines = [(c, _shared(survey, c)) for c in cells]
    by_indicator: dict[str, list[tuple[Estimate, _Shared]]] = {}
    for line in lines:
        by_indicator.setdefault(line[0].indicator, []).append(line)
    files = {
        survey.id: _whole(lines),
        f"{survey.id}_indicateurs": _indicators(survey, cells),
        f"{survey.id}_codes": _codes(survey, cells),
    } | {name: _file(survey, found) for name, found in by_indicator.items()}
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content)
    return tuple(folder / f"{name}.csv" for name in sorted(files))
