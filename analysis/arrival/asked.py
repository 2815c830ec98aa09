"""Who was asked what: questions that came, went, or were put to others than the definition says."""

from __future__ import annotations

import polars as pl

from analysis.arrival.case import Case, cleaned, folded_readings
from analysis.arrival.findings import Finding, Place
from analysis.arrival.likeness import fold, mean_of, per_cent, shares
from analysis.definition import Survey
from analysis.definition.wavekeys import rows_text
from analysis.expressions import compile_expression, names, parse
from analysis.harmonise import harmonised
from analysis.ingest import ROW
from analysis.validate import kind_expression, unasked_expressions, universe_expression

_CONSTANT = 0.995
_READABLE = 0.8
_DIRTY = 0.01
_MOVED = 0.25
_ENOUGH = 50


def compare_questions(case: Case) -> None:
    """Columns filled in where nothing was asked, and questions nobody was asked."""
    survey = case.drafted()
    frame = case.rows(survey).frame
    asked = survey.variables_in(case.wave)
    for name, v in survey.spec.variables.items():
        if (
            not v.column
            or v.column not in frame.columns
            or name in survey.waves[case.wave].not_asked
        ):
            continue
        texts = frame[v.column]
        readings = survey.readings(name, case.wave)
        nothing = {"", *(t for t, code in readings.items() if code == "not_asked")}
        found = {t: s for t, s in shares(texts).items() if t not in nothing}
        if name in asked:
            _of_asked(case, survey, name, found)
        elif found:
            _of_unasked(case, survey, name, found)


def _of_asked(case: Case, survey: Survey, name: str, found: dict[str, float]) -> None:
    if not found:
        why = f"{name} : la colonne est vide."
        case.draft.ask_names("not_asked", [name], why)
        case.draft.note(Finding("Question non posée", name, "la colonne est vide", "des réponses",
                                ("not_asked",)))  # fmt: skip
        return
    text, share = max(found.items(), key=lambda x: x[1])
    if share < _CONSTANT or not _varied(case, survey, name):
        return
    seen = f"« {text} » pour {per_cent(share)} des lignes"
    case.draft.ask_names("not_asked", [name], f"{name} : {seen}.")
    case.draft.note(Finding("Remplie sans être posée", name, seen, "des réponses diverses",
                            ("not_asked",)))  # fmt: skip


def _varied(case: Case, survey: Survey, name: str) -> bool:
    """Whether the wave before had more than one answer."""
    if not case.prior or name not in case.prior.frame.columns:
        return True
    return max(shares(case.prior.frame[name].cast(pl.String)).values(), default=0.0) < _CONSTANT


def _of_unasked(case: Case, survey: Survey, name: str, found: dict[str, float]) -> None:
    total = sum(found.values())
    text, share = max(found.items(), key=lambda x: x[1])
    readable = 1.0 if name in survey.numeric else _readable(survey, name, case.wave, found) / total
    waves = survey.spec.variables[name].waves
    if share / total >= _CONSTANT or readable < _READABLE:
        seen = f"« {text} » pour {per_cent(share)} des lignes"
        case.draft.ask_names("not_asked", [name], f"{name} (vagues {waves}) : {seen}.")
        case.draft.note(Finding("Remplie sans être posée", name, seen, f"vide : vagues {waves}",
                                ("not_asked",)))  # fmt: skip
        return
    seen = f"des réponses pour {per_cent(total)} des lignes"
    case.draft.ask_names("asked", [name], f"{name} (vagues {waves}) : {seen}.")
    case.draft.note(Finding("Question reposée", name, seen, f"vagues {waves}", ("asked",)))


def _readable(survey: Survey, name: str, wave: str, found: dict[str, float]) -> float:
    known = folded_readings(survey, name, wave)
    return sum(s for t, s in found.items() if fold(t) in known)


def compare_universes(case: Case) -> pl.DataFrame:
    """Answers against universes; the harmonised rows, with ``ROW``, once proposals are accepted."""
    _ask_universes(case)
    survey = case.drafted()
    frame = harmonised(survey, case.wave, case.rows(survey))
    _ask_without(case, survey, frame)
    return frame


def _ask_universes(case: Case) -> None:
    survey = case.drafted()
    frame = harmonised(survey, case.wave, case.rows(survey))
    for name, v in survey.variables_in(case.wave).items():
        if not v.column:
            continue
        kind = kind_expression(name, v.numeric)
        silent = kind.is_in(["not_asked", "not_applicable"]).fill_null(value=False)
        unasked = kind.eq("not_asked").fill_null(value=False)
        inside = universe_expression(survey, name, case.wave)
        answered, missed, beyond = frame.select(
            answered=~silent, missed=inside & unasked, beyond=~inside & ~silent
        )
        if missed.any() or beyond.any():
            _of_universe(case, survey, frame, name, answered, missed, beyond)
        elif v.skipped:
            _say_filter(case, survey, frame, name, answered)


def _of_universe(
    case: Case, survey: Survey, frame: pl.DataFrame, name: str,
    answered: pl.Series, missed: pl.Series, beyond: pl.Series,
) -> None:  # fmt: skip
    now = survey.universe(name, case.wave) or "all"
    seen = (
        f"{int(missed.sum())} personnes de « {now} » sans réponse, "
        f"{int(beyond.sum())} réponses hors de « {now} »"
    )
    skipped = bool(survey.spec.variables[name].skipped)
    best, faults = _best_population(case, survey, frame, name, answered, skipped)
    constant = _constant(case, survey, frame, name, beyond)
    if best != now and faults <= _DIRTY * frame.height and not constant:
        place: Place = ("universe", name)
        case.draft.ask(
            place,
            best,
            f"{seen} ; « {best} » convient à {frame.height - faults} lignes sur {frame.height}.",
        )
        case.draft.note(Finding("Univers changé", name, f"{seen} ; posée à « {best} »", now, place))
        return
    if beyond.any():
        text = f" ; toutes « {constant} »" if constant else ""
        case.draft.ask_names("outside", [name], f"{name} : {seen}{text}.")
        kind = "Remplie sans être posée" if constant else "Univers changé"
        rows = rows_text(frame.filter(beyond)[ROW].head(20).to_list())
        case.draft.note(Finding(kind, name, f"{seen}{text} (lignes {rows})", now, ("outside",)))
    if missed.any():
        texts = case.rows(survey).frame.filter(missed)[survey.spec.variables[name].column]
        rows = rows_text(frame.filter(missed)[ROW].head(20).to_list())
        for text in texts.unique(maintain_order=True).to_list()[:3]:
            place = ("recode", name, text)
            case.draft.ask(place, "nonresponse", f"{seen}.")
            case.draft.note(Finding("Univers changé", name, f"{seen} (lignes {rows})", now, place))
        if now != "all" and not beyond.any():
            case.draft.ask_names("outside", [name], f"{name} : {seen}.")


def _constant(case: Case, survey: Survey, frame: pl.DataFrame, name: str, beyond: pl.Series) -> str:
    """The one text outside the universe, where there is one and it fills most of it."""
    outside = frame.filter(
        ~frame.select(universe_expression(survey, name, case.wave)).to_series()
    ).height
    if beyond.sum() < _ENOUGH or beyond.sum() < outside / 2:
        return ""
    texts = cleaned(case.rows(survey).frame.filter(beyond)[survey.spec.variables[name].column])
    text, share = max(shares(texts).items(), key=lambda x: x[1])
    return text if share >= _CONSTANT else ""


def _best_population(
    case: Case, survey: Survey, frame: pl.DataFrame, name: str, answered: pl.Series, skipped: bool
) -> tuple[str, int]:
    """The declared population that those who answered are, and in how many rows they are not."""
    here = survey.variables_in(case.wave).keys()
    found = {}
    for code, p in survey.spec.populations.items():
        read = set(names(parse(p.when))) if p.when else set()
        if name in read or not read <= here:
            continue
        member = frame.select(
            compile_expression(parse(p.when), survey.numeric)
            if p.when
            else pl.repeat(True, frame.height, dtype=pl.Boolean)
        ).to_series()
        faults = (~member & answered) if skipped else (member != answered)
        found[code] = (int(faults.sum()), int((member != answered).sum()))
    best = min(found, key=lambda k: found[k])
    return best, found[best][0]


def _say_filter(
    case: Case, survey: Survey, frame: pl.DataFrame, name: str, answered: pl.Series
) -> None:
    """A filtered question whose share of answers moved in a population: the filter has changed."""
    prior = case.prior
    if not prior or name not in prior.frame.columns:
        return
    numeric = name in survey.numeric
    before = prior.frame.select(
        ~kind_expression(name, numeric)
        .is_in(["not_asked", "not_applicable"])
        .fill_null(value=False)
    ).to_series()
    here = survey.variables_in(case.wave).keys() & survey.variables_in(prior.wave).keys()
    for code, p in survey.spec.populations.items():
        read = set(names(parse(p.when))) if p.when else {name}
        if name in read or not read <= here:
            continue
        when = compile_expression(parse(p.when), survey.numeric)
        for side, member in (("", when), ("hors de ", ~when)):
            now, then = (
                a.filter(f.select(member).to_series())
                for a, f in ((answered, frame), (before, prior.frame))
            )
            if min(now.len(), then.len()) < _ENOUGH:
                continue
            a, b = mean_of(now), mean_of(then)
            if abs(a - b) > _MOVED:
                seen = f"{side}« {code} » : {per_cent(a)} ont répondu"
                case.draft.note(
                    Finding("Filtre changé", name, seen, f"{per_cent(b)} en {prior.wave}")
                )
                return


def _ask_without(case: Case, survey: Survey, frame: pl.DataFrame) -> None:
    """Indicators whose population holds people that this wave did not ask."""
    masks = {f"{i}|{v}": e for (i, v), e in unasked_expressions(survey, case.wave).items()}
    if not masks:
        return
    counts = frame.select(e.sum().alias(k) for k, e in masks.items()).row(0, named=True)
    for key, count in counts.items():
        if not count:
            continue
        indicator, variable = key.split("|")
        seen = f"{count} personnes de sa population n’ont pas eu la question ({variable})"
        case.draft.ask_names("without", [indicator], f"{indicator} : {seen}.")
        case.draft.note(Finding("Indicateur impossible", indicator, seen, "", ("without",)))
