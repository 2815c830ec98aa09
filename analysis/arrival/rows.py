"""Rows that are no respondents: repeated, shifted, cut, without identifier, impossible."""

from __future__ import annotations

import polars as pl

from analysis.arrival.case import Case, as_numbers, cleaned, folded_readings, numbers_of
from analysis.arrival.findings import Finding
from analysis.arrival.likeness import fold
from analysis.definition import Survey
from analysis.definition.leftout import made_of
from analysis.definition.wavekeys import rows_text
from analysis.expressions import names, parse
from analysis.ingest import ROW

_ENOUGH_COLUMNS = 20  # to call two rows without the same identifier one respondent
_FEW = 0.02
_RARE = 0.005
_BAD_CELLS = 3
_SHOWN = 5


def compare_rows(case: Case) -> None:
    """Each kind of fault in turn; a row is listed under the first that it has."""
    seen: set[int] = set()
    for reason, found, evidence in (
        ("nombre de champs différent de l’en-tête", *_unequal(case)),
        ("ligne décalée", *_shifted(case)),
        ("ligne répétée à l’identique", *_repeated(case)),
        ("identifiant absent ou déjà vu", *_identifiers(case)),
        ("mêmes réponses sous un autre identifiant", *_twins(case)),
        ("poids illisible ou négatif", *_weights(case)),
    ):
        new = [r for r in found if r not in seen]
        seen |= set(new)
        _drop(case, reason, new, evidence)
    _impossible(case, seen)


def _drop(case: Case, reason: str, rows: list[int], evidence: str) -> None:
    """One line holds all rows to leave out; the comment above it says why each."""
    if not rows:
        return
    text = rows_text(rows)
    case.draft.ask_rows(rows, reason, f"{text} : {reason} ; {evidence}.")
    case.draft.note(Finding(f"Lignes : {reason}", f"lignes {text}", evidence, "", ("drop", "rows")))


def _mine(case: Case) -> pl.DataFrame:
    """The raw rows of the wave."""
    w = case.draft.wave_file()
    frame = case.raw.frame
    return frame.filter(pl.col(w.rows.column) == w.rows.value) if w.rows else frame


def _column(case: Case, column: str) -> str:
    return case.draft.wave_file().rename.get(column, column)


def _unequal(case: Case) -> tuple[list[int], str]:
    found = case.raw.unequal
    width = len(case.columns)
    said = ", ".join(f"ligne {r} : {n} champs" for r, n in list(found.items())[:_SHOWN])
    return sorted(found), f"{said} au lieu de {width}"


def _repeated(case: Case) -> tuple[list[int], str]:
    frame = _mine(case)
    again = frame.filter(~pl.struct(case.columns).is_first_distinct())
    return again[ROW].to_list(), "tout y est comme dans une ligne plus haut, qui est gardée"


def _identifiers(case: Case) -> tuple[list[int], str]:
    column = _column(case, case.survey.spec.id)
    frame = _mine(case)
    if column not in frame.columns:
        return [], ""
    ids = cleaned(frame[column])
    absent = ids.is_in(["", "NA"])
    again = ~ids.is_first_distinct()
    bad = frame.filter(absent | again)
    known = dict.fromkeys(bad[column].to_list()[:_SHOWN])
    return bad[ROW].to_list(), "identifiants " + ", ".join(f"« {x} »" for x in known)


def _twins(case: Case) -> tuple[list[int], str]:
    column = _column(case, case.survey.spec.id)
    frame = _mine(case)
    others = [c for c in case.columns if c != column and frame[c].n_unique() > 1]
    if len(others) < _ENOUGH_COLUMNS:
        return [], ""
    again = frame.filter(~pl.struct(others).is_first_distinct())
    evidence = f"{len(others)} colonnes comme dans une ligne plus haut, identifiant compris non"
    return again[ROW].to_list(), evidence


def _weights(case: Case) -> tuple[list[int], str]:
    weight = case.survey.spec.weight_column
    column = _column(case, weight)
    frame = _mine(case)
    if not weight or column not in frame.columns:
        return [], ""
    numbers = as_numbers(frame[column])
    bad = frame.filter(
        ~(numbers >= 0).fill_null(value=False) | numbers.is_nan().fill_null(value=False)
    )
    values = ", ".join(f"« {x} »" for x in bad[column].head(_SHOWN))
    return bad[ROW].to_list(), f"poids {values}"


def _shifted(case: Case) -> tuple[list[int], str]:
    """Rows where answers stand one or two columns away from where they can be read."""
    survey = case.drafted()
    frame = _mine(case)
    wrong = _unreadable(case, survey, frame)
    if not wrong:
        return [], ""
    count = pl.DataFrame(wrong).select(pl.sum_horizontal(pl.all().cast(pl.Int32))).to_series()
    found, said = [], []
    for position in count.arg_sort(descending=True):
        bad = int(count[position])
        if bad < max(_BAD_CELLS, len(wrong) // 10):
            break
        row = int(frame[ROW][position])
        cells = list(frame.drop(ROW).row(position))
        step = _step(case, survey, cells, [c for c, w in wrong.items() if w[position]])
        found.append(row)
        said.append(
            f"ligne {row} : {bad} réponses illisibles"
            + (f", lisibles décalées de {step}" if step else "")
        )
    return found, " ; ".join(said[:_SHOWN])


def _unreadable(case: Case, survey: Survey, frame: pl.DataFrame) -> dict[str, pl.Series]:
    """File column -> the rows whose text is neither readable nor frequent enough to be a label."""
    made = {}
    for name, v in survey.variables_in(case.wave).items():
        column = survey.column(name, case.wave)
        if not v.column or column not in frame.columns or v.column in survey.cut_columns:
            continue
        texts = cleaned(frame[column])
        known = folded_readings(survey, name, case.wave)
        good = {t for t in texts.unique().to_list() if fold(t) in known or t == ""}
        if v.numeric:
            bad = numbers_of(survey, name, texts).is_null() & ~texts.is_in(sorted(good))
        else:
            counts = texts.value_counts()
            few = counts.filter(pl.col("count") <= max(2, _RARE * frame.height))[
                texts.name
            ].to_list()
            bad = texts.is_in([t for t in few if t not in good])
        made[column] = bad
    return made


def _step(case: Case, survey: Survey, cells: list[str], bad: list[str]) -> int:
    """By how many columns the answers from the first unreadable one on have moved; 0 if unclear."""
    at = {c: i for i, c in enumerate(case.columns)}
    variables = {survey.column(k, case.wave): k for k in survey.variables_in(case.wave)}
    start = min(at[c] for c in bad)

    def readable(step: int) -> int:
        return sum(
            0 <= at[c] + step < len(cells)
            and _reads(survey, variables[c], case.wave, cells[at[c] + step])
            for c in variables
            if c in at and at[c] >= start
        )

    best = max((-2, -1, 1, 2), key=readable)
    return best if readable(best) > readable(0) else 0


def _reads(survey: Survey, variable: str, wave: str, text: str) -> bool:
    if fold(text) in folded_readings(survey, variable, wave):
        return True
    if variable not in survey.numeric:
        return survey.spec.variables[variable].column in survey.cut_columns  # not its own texts
    return numbers_of(survey, variable, pl.Series([text]))[0] is not None


def _impossible(case: Case, seen: set[int]) -> None:
    """Numbers out of range: the row goes where much rests on them, else they are no answer."""
    survey = case.drafted()
    frame = _mine(case).filter(~pl.col(ROW).is_in(sorted(seen)))
    leaned = _leaned_on(survey)
    for name, v in survey.variables_in(case.wave).items():
        column = survey.column(name, case.wave)
        if not v.numeric or not v.column or column not in frame.columns:
            continue
        texts = cleaned(frame[column])
        numbers = numbers_of(survey, name, texts)
        low, high = v.range or (-1e300, 1e300)
        known = texts.is_in(sorted(survey.readings(name, case.wave)))
        blank = texts == ""
        bad = frame.filter(~known & ~blank & ~numbers.is_between(low, high).fill_null(value=False))
        if bad.is_empty():
            continue
        values = list(dict.fromkeys(bad[column].to_list()))
        shown = ", ".join(f"« {x} »" for x in values[:_SHOWN])
        expected = f"{low:g} à {high:g}" if v.range else "un nombre"
        if name in leaned and bad.height <= _FEW * frame.height:
            reason = f"valeur impossible de {name}"
            _drop(case, reason, bad[ROW].to_list(), f"{shown}, attendu {expected}")
            continue
        for value in values[:20]:
            place = ("recode", name, value)
            rows = bad.filter(pl.col(column) == value)[ROW].to_list()
            case.draft.ask(place, "nonresponse", f"{len(rows)} lignes, attendu {expected}.")
        case.draft.note(
            Finding(
                "Valeur impossible",
                name,
                f"{shown} : {bad.height} lignes ({rows_text(bad[ROW].to_list()[:20])})",
                expected,
                ("recode", name),
            )
        )


def _leaned_on(survey: Survey) -> set[str]:
    """Variables that populations, universes and derived variables are made of."""
    found = {n for p in survey.spec.populations.values() if p.when for n in names(parse(p.when))}
    return found.union(*(made_of(v) for v in survey.spec.variables.values()))
