"""Columns that are new, gone, or renamed; a new name is proposed by what the column holds."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analysis.arrival.case import Case, cleaned, folded_readings, numbers_of
from analysis.arrival.findings import BLANK, Finding
from analysis.arrival.likeness import (
    alike,
    fold,
    kolmogorov,
    mean_of,
    per_cent,
    shares,
    skeleton,
    total_variation,
)
from analysis.definition import Survey
from analysis.ingest import ROW

_READABLE = 0.8  # of the filled cells, for a column to hold what a variable reads
_MISFIT = 0.5
_CLOSE = 0.9
_SURE = 0.6
_NAMED = 0.72
_SHOWN = 6
_MOST_IGNORED = 60  # more are in the report alone
_TECHNICAL = {"id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp",
              "ipaddr", "refurl", "token"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """How well a column of the file fits what survey.yml calls ``column``."""

    column: str
    candidate: str
    score: float
    readable: float
    closeness: float
    name: float

    @property
    def why(self) -> str:
        """The evidence in words."""
        return (
            f"{self.candidate} : {per_cent(self.readable)} de contenu lisible, répartition "
            f"proche à {per_cent(self.closeness)}, nom proche à {per_cent(self.name)}"
        )


def compare_columns(case: Case) -> None:
    """Find each declared column; ask about those that are not there."""
    survey = case.drafted()
    wanted = wanted_columns(survey, case.wave)
    found = _present(case, survey, wanted)
    lost = [c for c in wanted if c not in found]
    free = [c for c in case.columns if c not in found.values()]
    waves_column = survey.waves[case.wave].rows
    used = {waves_column.column} if waves_column else set()
    free = [c for c in free if c not in used and c not in _elsewhere(survey, case.wave)]
    known = set(case.prior.columns) if case.prior else set()
    fresh = [c for c in free if c not in known]  # what was there before is another question
    matches = _matches(case, survey, {c: wanted[c] for c in lost}, fresh)
    for column in lost:
        _settle(case, column, wanted[column], matches.get(column))
    taken = {m.candidate for m in matches.values()}
    _say_new(case, [c for c in free if c not in taken])
    _say_gone(case, survey, taken)


def wanted_columns(survey: Survey, wave: str) -> dict[str, str]:
    """Column of survey.yml that the wave needs -> the variable read from it, or its part."""
    spec, d = survey.spec, survey.spec.design
    needed = {spec.id: "id"} | ({spec.weight_column: "weight"} if spec.weight_column else {})
    needed |= {c: "design" for c in (d.strata, d.clusters, d.fpc) if c}
    asked = survey.variables_in(wave).items()
    cut = survey.cut_columns  # the parts of a multiple answer share a column
    read = {cut.get(v.column, v.column): k for k, v in reversed(asked) if v.column}
    return needed | {c: k for c, k in reversed(read.items()) if c not in needed}


def _elsewhere(survey: Survey, wave: str) -> set[str]:
    """Columns of variables that the wave is not said to ask."""
    w = survey.waves[wave]
    columns = (v.column for v in survey.spec.variables.values() if v.column)
    raw = (survey.cut_columns.get(c, c) for c in columns)
    return {w.rename.get(c, c) for c in raw}


def _present(case: Case, survey: Survey, wanted: dict[str, str]) -> dict[str, str]:
    """Declared column -> its column in the file, where that is there and holds what it should."""
    rename = dict(survey.waves[case.wave].rename)
    before = case.survey.waves[case.prior.wave].rename if case.prior else {}
    found = {}
    for column, variable in wanted.items():
        here = rename.get(column, column)
        if column not in rename and before.get(column) in case.columns:
            here = before[column]
            case.draft.do(("rename", column), here, "comme à la vague précédente")
        given = ("rename", column) in case.draft.given
        if here in case.columns and (given or not _misfit(case, survey, variable, here)):
            found[column] = here
    return found


def _misfit(case: Case, survey: Survey, variable: str, column: str) -> bool:
    """A column of the right name whose content is another's."""
    v = survey.spec.variables.get(variable)
    if variable in ("id", "design") or (v and v.column in survey.cut_columns):
        return False
    texts = _filled(case, column)
    if texts.is_empty():
        return False
    return _readable(case, survey, variable, texts) < _MISFIT and any(
        _readable(case, survey, variable, _filled(case, other)) > _READABLE
        for other in case.columns
        if other != column and alike(other, column) > _NAMED
    )


def _filled(case: Case, column: str) -> pl.Series:
    blank = {"", "NA", *case.survey.spec.missing.not_asked}
    texts = cleaned(case.raw.frame[column])
    return texts.filter(~texts.is_in(sorted(blank)))


def _readable(case: Case, survey: Survey, variable: str, texts: pl.Series) -> float:
    if texts.is_empty():
        return 0.0
    if variable == "weight" or variable in survey.numeric:
        numbers = numbers_of(survey, variable, texts)
        low, high = (0.0, 1e9) if variable == "weight" else (
            survey.spec.variables[variable].range or (-1e300, 1e300)
        )  # fmt: skip
        return mean_of(numbers.is_between(low, high).fill_null(value=False))
    known = folded_readings(survey, variable, case.wave)
    return mean_of(texts.map_elements(fold, return_dtype=pl.String).is_in(list(known)))


def _matches(case: Case, survey: Survey, lost: dict[str, str], free: list[str]) -> dict[str, Match]:
    """The best pairs first, each column of the file once."""
    pairs = [
        m
        for column, variable in lost.items()
        for candidate in free
        if (m := _match(case, survey, column, variable, candidate)) is not None
    ]
    made: dict[str, Match] = {}
    for m in sorted(pairs, key=lambda m: -m.score):
        if m.column not in made and m.candidate not in {x.candidate for x in made.values()}:
            made[m.column] = m
    return made


def _match(case: Case, survey: Survey, column: str, variable: str, candidate: str) -> Match | None:
    name = max(alike(column, candidate), alike(column, case.raw.labels.get(candidate, "")))
    if skeleton(column) and skeleton(column) in skeleton(candidate):
        name = max(name, 0.8)
    readable, closeness = _content(case, survey, column, variable, candidate)
    if readable < _READABLE or not (closeness > _CLOSE or name > _NAMED):
        return None
    score = 0.6 * closeness + 0.4 * name
    return Match(column, candidate, score, readable, closeness, name) if score > _SURE else None


def _content(
    case: Case, survey: Survey, column: str, variable: str, candidate: str
) -> tuple[float, float]:
    """Share readable, and closeness of its distribution to that of the wave before."""
    texts = _filled(case, candidate)
    if texts.is_empty():
        return 0.0, 0.0
    before = case.prior.rows.frame if case.prior else None
    known = before is not None and column in before.columns
    if variable == "design":
        return 1.0, 0.5
    if variable == "id":
        decimals = mean_of(texts.str.contains(r"\d[.,]\d"))
        unique = texts.n_unique() / case.raw.frame.height
        return unique, unique - decimals
    readable = _readable(case, survey, variable, texts)
    if readable < _READABLE or before is None or not known:
        return readable, 0.0
    if variable == "weight" or variable in survey.numeric:
        a, b = (numbers_of(survey, variable, t) for t in (texts, before[column]))
        whole = mean_of(a == a.round()) - mean_of(b == b.round())
        return readable, 1.0 - max(kolmogorov(a, b), abs(whole))
    codes = folded_readings(survey, variable, case.wave)
    now, then = (_codes(t, codes) for t in (case.raw.frame[candidate], before[column]))
    return readable, 1.0 - total_variation(now, then)


def _codes(texts: pl.Series, codes: dict[str, str]) -> dict[str, float]:
    made: dict[str, float] = {}
    for text, share in shares(cleaned(texts)).items():
        code = codes.get(fold(text), "")
        made[code] = made.get(code, 0.0) + share
    return made


def _settle(case: Case, column: str, variable: str, match: Match | None) -> None:
    place = ("rename", column)
    who = {"id": "l’identifiant", "weight": "le poids", "design": "le plan"}.get(variable, variable)
    if match:
        case.draft.ask(
            place, match.candidate, f"{column} ({who}) n’est pas dans le fichier.", match.why
        )
        case.draft.note(Finding("Colonne renommée", column, match.why, f"lue par {who}", place))
    elif variable in ("id", "weight", "design"):
        case.draft.ask(place, BLANK, f"{column} ({who}) n’est pas dans le fichier : son nom ?")
        case.draft.note(Finding("Colonne disparue", column, "absente", f"lue par {who}", place))
    elif variable not in case.draft.given.get(("not_asked",), ""):
        case.draft.ask_names("not_asked", [variable], f"{variable} : pas de colonne {column}.")
        found = "absente, et aucune autre n’a son contenu"
        case.draft.note(
            Finding("Colonne disparue", column, found, f"lue par {who}", ("not_asked",))
        )


def _say_new(case: Case, free: list[str]) -> None:
    before = set(case.prior.columns) if case.prior else set()
    new = [c for c in free if c not in before]
    if not new:
        return
    technical = [c for c in new if c.lower() in _TECHNICAL]
    for i, column in enumerate(new):
        if len(new) <= _MOST_IGNORED:
            case.draft.do(("ignored", str(i)), column)
        if column not in technical:
            label = case.raw.labels.get(column, "")
            seen = f"{label + ' : ' if label else ''}{_content_of(case.raw.frame[column])}"
            case.draft.note(Finding("Colonne nouvelle", column, seen, "lue par aucune variable"))
    if technical:
        case.draft.note(Finding("Colonne nouvelle", ", ".join(technical), "technique (LimeSurvey)"))


def _content_of(texts: pl.Series) -> str:
    counts = texts.value_counts(sort=True)
    if counts.height > _SHOWN * 4:
        return f"{counts.height} valeurs, dont « {counts[texts.name][0]} »"
    shown = ", ".join(f"« {t} » {n}" for t, n in counts.head(_SHOWN).iter_rows())
    return shown + (", …" if counts.height > _SHOWN else "")


def _say_gone(case: Case, survey: Survey, taken: set[str]) -> None:
    """Columns of the file before that no variable reads, and that are not there any more."""
    if not case.prior:
        return
    read = {survey.column(k, case.prior.wave) for k in survey.spec.variables}
    w = case.survey.waves[case.prior.wave]
    read |= {w.rename.get(c, c) for c in wanted_columns(survey, case.wave)}
    read |= {w.rows.column} if w.rows else set()
    gone = [c for c in case.prior.columns if c not in {*read, *case.columns, ROW}]
    by_shape = {skeleton(c): c for c in case.columns if c not in case.prior.columns}
    for column in [c for c in gone if skeleton(c) in by_shape]:
        seen = f"{by_shape[skeleton(column)]}"
        case.draft.note(Finding("Colonne renommée", column, seen, "lue par aucune variable"))
    gone = [c for c in gone if skeleton(c) not in by_shape]
    if gone:
        seen = f"{len(gone)} colonnes : {', '.join(gone[:60])}" + (" …" if len(gone) > 60 else "")
        case.draft.note(Finding("Colonne disparue", "non lues", seen, "lues par aucune variable"))
