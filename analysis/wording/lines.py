"""The lines under a figure: "Lecture", "Champ", "Source", and a value in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import log10

import numpy as np

from analysis.definition import Survey
from analysis.definition.survey import quantile_code
from analysis.estimates import STATUS, WHOLE
from analysis.language import SOURCE, Words, say, spoken
from analysis.rounding import coarse_step, share_step
from analysis.wording.numbers import (
    NBSP,
    NNBSP,
    between,
    colon,
    number,
    per_cent_sign,
    percent,
    quoted,
    semicolon,
    typeset,
)
from analysis.wording.origins import made
from analysis.wording.reasons import reason_words
from analysis.wording.rows import Estimate

_LEFT_OUT = Words(
    "Le calcul laisse de côté les {units} sans réponse.", "Leaves out {units} without an answer."
)
_BASES = {
    "everyone": Words(
        "Les {units} à qui la question n’a pas été posée comptent comme « non ».",
        "Counts as “no” all {units} who were not asked.",
    ),
    "asked": Words("« Ne sait pas » compte comme « non ».", "“Don’t know” counts as “no”."),
    "answered": _LEFT_OUT,
}
_MEASURES = {
    "share_of_respondents": Words(
        "Plusieurs réponses possibles : les parts peuvent dépasser 100 % au total.",
        "Several answers possible: shares may add to more than 100%.",
    ),
    "share_of_mentions": Words(
        "Plusieurs réponses possibles : part de chaque réponse dans toutes les réponses citées, "
        "par les {units} qui en citent au moins une.",
        "Several answers possible: share of each answer among all answers given, by {units} that "
        "give at least one.",
    ),
    "battery": Words(
        "Moyenne de la part de « oui » parmi les questions auxquelles chacun a répondu.",
        "Mean of the share of “yes” among the questions that each one answered.",
    ),
    "quantile": _LEFT_OUT,
    "ratio": Words(
        "Total rapporté au total, parmi les {units} qui ont répondu aux deux questions.",
        "One total divided by another, among {units} that answered both questions.",
    ),
}
_PER_CENT = 1e-6
_AGES = re.compile(r"^\d.*\bans\b")  # in French "des 70 ans et plus" reads by itself
_SAMPLING = {
    "quota": Words(
        "Échantillon par quotas : intervalles à 95 % donnés à titre indicatif.",
        "Quota sample: 95% intervals are indicative only.",
    ),
    "voluntary": Words(
        "Participation volontaire : intervalles à 95 % donnés à titre indicatif.",
        "Voluntary participation: 95% intervals are indicative only.",
    ),
    "probability": Words("Intervalles de confiance à 95 %.", "95% confidence intervals."),
}


def shown(survey: Survey, cell: Estimate, digits: int | None = None) -> str:
    """The value in its unit, or "non publié"."""
    if not cell.published or cell.estimate is None:
        return say("non publié", "not published")
    return _in_unit(survey, cell.indicator, cell.estimate, digits)


def unpublished(cell: Estimate) -> str:
    """Why there is no value: "non publié : moins de 30 réponses".

    What stands before the colon is said where there is little room.
    """
    said = say("non publié", "not published")
    few = say("trop peu de réponses", "too few answers")
    return f"{said}{colon()} {reason_words(cell.reason) or few}"


def status_words(cell: Estimate) -> str:
    """The status of a cell, and the reason where there is one: in files, which are French."""
    told = STATUS.get(cell.status, cell.status)
    return f"{told.partition(' : ')[0]} : {cell.reason}" if cell.reason else told


def kept_digits(survey: Survey, value: float, digits: int) -> int:
    """Decimals of a percentage that were not rounded away (:mod:`analysis.rounding`)."""
    if survey.spec.confidentiality is None:
        return digits
    if survey.rounding:  # to a step that the value itself does not tell
        return 0 if abs(100 * value - round(100 * value)) < _PER_CENT else min(digits, 1)
    return min(digits, max(0, round(-log10(share_step(np.array([value]))[0])) - 2))


def told_step(survey: Survey, cell: Estimate) -> float:
    """What a share is rounded to, as a fraction; 0 where it is told as it was estimated."""
    if survey.spec.confidentiality is None or cell.estimate is None:
        return 0.0
    if survey.rounding:
        return coarse_step(cell.estimate, cell.n, survey.rounding)
    return float(share_step(np.array([cell.estimate]))[0])


def shown_interval(survey: Survey, cell: Estimate, digits: int = 1) -> str:
    """The interval in words: "de 24,0 % à 26,9 %"; empty where there is none."""
    ends = bare_bounds(survey, cell, digits)
    return _between(survey, cell.indicator, *ends) if ends else ""


def _between(survey: Survey, indicator: str, low: str, high: str) -> str:
    """Two numbers with their unit: once, "de 30,9 à 32,8 heures", but for per cents."""
    last = _with_unit(survey, indicator, high)
    return between(f"{low}{per_cent_sign()}" if survey.percent(indicator) else low, last)


def unit(survey: Survey, indicator: str) -> str:
    """The unit of an indicator: "%" or the unit of the averaged variable."""
    return survey.unit(indicator)


def bare(survey: Survey, indicator: str, value: float, digits: int) -> str:
    """A number as it is shown, without its unit."""
    if not survey.percent(indicator):
        return number(value, digits)
    return percent(value, kept_digits(survey, value, digits), sign=False)


def bare_bounds(survey: Survey, cell: Estimate, digits: int = 1) -> list[str]:
    """Both ends of an interval as they are shown, without their unit; empty without interval."""
    return [bare(survey, cell.indicator, x, digits) for x in cell.bounds or ()]


def _with_unit(survey: Survey, indicator: str, shown: str) -> str:
    if survey.percent(indicator):
        return f"{shown}{per_cent_sign()}"
    return f"{shown}{NBSP}{unit(survey, indicator)}".rstrip()


def _in_unit(survey: Survey, indicator: str, value: float, digits: int | None) -> str:
    usual = 0 if survey.percent(indicator) else 1
    chosen = usual if digits is None else digits
    return _with_unit(survey, indicator, bare(survey, indicator, value, chosen))


def group_label(survey: Survey, domain: str, value: str) -> str:
    """The category of a domain as the reader sees it; "Ensemble" for everybody."""
    return typeset(plain_label(survey, domain, value))


def plain_label(survey: Survey, domain: str, value: str) -> str:
    """The same as the definition spells it, for files that programs read."""
    if domain == WHOLE:
        return say("Ensemble", "All")
    return survey.levels(domain).get(value, value)


def population_name(survey: Survey, indicator: str, wave: str, *, short: bool = True) -> str:
    """Who the figure is about: "adultes", or in full "personnes de 18 ans ou plus"."""
    population = survey.population(indicator, wave)
    return typeset((population.short if short else "") or population.label)


@dataclass(frozen=True, slots=True)
class Told:
    """What stands in the line of a cell and changes from one cell to the next.

    low, high : without unit, "" where there is no interval
    alone : whether the group reads by itself ("des 70 ans et plus")
    """

    value: str
    low: str
    high: str
    group: str
    wave: str
    alone: bool = False


def told(survey: Survey, cell: Estimate) -> Told:
    """What the line of a cell tells."""
    low, high = bare_bounds(survey, cell) or ("", "")
    group = group_label(survey, cell.domain, cell.domain_value)
    return Told(shown(survey, cell), low, high, group, cell.wave, reads_alone(survey, cell))


def reads_alone(survey: Survey, cell: Estimate) -> bool:
    """Whether the group of a cell names people by itself: ages do, in French."""
    group = group_label(survey, cell.domain, cell.domain_value)
    return spoken() == SOURCE and _AGES.search(group) is not None


def lecture(survey: Survey, cell: Estimate, said: Told | None = None) -> str:
    """How to read one row: date, group, number, measure, interval.

    said : stands for what the cell itself tells
    Short: the population in full is in the "Champ" line beside it.
    """
    said = said or told(survey, cell)
    ends = _between(survey, cell.indicator, said.low, said.high)
    margin = f" {say(f'Intervalle à 95{NBSP}%{NNBSP}:', '95% interval:')} {ends}."
    margin = margin if said.low else ""
    margin += say(" Valeur peu fiable.", " Low reliability.") if cell.fragile else ""
    if said.alone:
        who = _statement(survey, cell, said.value, said.group)
        return f"Lecture{NNBSP}: en {said.wave}, {who}.{margin}"
    named = quoted(said.group)
    about = "" if cell.whole else say(f", groupe {named}", f", group {named}")
    who = population_name(survey, cell.indicator, cell.wave)
    statement = _statement(survey, cell, said.value, who)
    lead, when = say("Lecture", "Reading"), say(f"en {said.wave}", f"in {said.wave}")
    return f"{lead}{about}{colon()} {when}, {statement}.{margin}"


def _statement(survey: Survey, cell: Estimate, value: str, who: str) -> str:
    i = survey.spec.indicators[cell.indicator]
    phrase = typeset(i.phrase) or typeset(i.label)
    if i.measure in ("battery", "ratio") and not i.phrase:
        return f"{quoted(phrase)} {say(f'vaut {value} pour les', f'is {value} for')} {who}"
    if i.measure in ("mean", "battery", "ratio"):
        return f"{say('les ', '')}{who} {phrase} {value}"
    if i.measure == "quantile":
        share = next(q for q in i.quantiles if cell.category in ("", quantile_code(q)))
        some = say("la moitié", "half") if share == 0.5 else percent(share)
        return say(
            f"{some} des {who} {phrase} {value} ou moins",
            f"{some} of {who} {phrase} {value} or less",
        )
    if i.measure == "share_of_mentions":
        item = quoted(typeset(survey.categories(cell.indicator)[cell.category].label))
        return say(
            f"{item} représente {value} de ce que citent les {who}",
            f"{item} makes up {value} of the answers given by {who}",
        )
    if i.measure in ("distribution", "share_of_respondents"):
        answer = typeset(survey.categories(cell.indicator)[cell.category].label)
        phrase += f" {quoted(answer)}"
    return say(f"{value} des {who} {phrase}", f"{value} of {who} {phrase}")


def subtitle(survey: Survey, indicator: str, wave: str) -> str:
    """The statistical subtitle: measure, unit, population, wave."""
    i = survey.spec.indicators[indicator]
    who = population_name(survey, indicator, wave, short=False)
    median = i.quantiles == (0.5,)
    words = {
        "mean": say("moyenne en ", "mean in "),
        "quantile": say("médiane en ", "median in ")
        if median
        else say("quantiles en ", "quantiles in "),
        "ratio": say(f"rapport de totaux, en{NBSP}", "ratio of totals, in "),
        "battery": say(f"part moyenne, en{NBSP}", "mean share, in "),
    }
    scale = f"{words.get(i.measure, say(f'en{NBSP}', 'in '))}{unit(survey, indicator)}".rstrip()
    answers = i.measure == "share_of_mentions"
    of = say("des réponses des", "of the answers of") if answers else say("des", "of")
    return f"{typeset(i.label)}, {scale} {of} {who}, {wave}"


def champ(survey: Survey, indicator: str, wave: str) -> str:
    """Population, territory, what the base counts, and what the sample allows."""
    who = population_name(survey, indicator, wave, short=False)
    base = base_note(survey, indicator)
    parts = (f"{who}, {typeset(survey.spec.territory)}.", base, sampling_note(survey))
    return f"{say('Champ', 'Population')}{colon()} " + " ".join(p for p in parts if p)


def base_note(survey: Survey, indicator: str) -> str:
    """What the base counts; empty where there is nothing to say."""
    i = survey.spec.indicators[indicator]
    if i.measure not in _MEASURES and i.measure != "proportion" and i.base == "asked":
        return ""
    words = _MEASURES.get(i.measure) or _BASES[i.base]
    return typeset(str(words).format(units=survey.spec.units))


def sampling_note(survey: Survey) -> str:
    """What the kind of sample makes of the intervals; and whether counts are rounded."""
    said = typeset(str(_SAMPLING[survey.spec.design.sampling]))
    return f"{said} {rounding_note(survey)}".rstrip()


def rounding_note(survey: Survey) -> str:
    """That counts are rounded, and to what; empty where they are not."""
    base = survey.rounding
    if not base:
        return ""
    return say(
        f"Effectifs arrondis à {base}, parts et intervalles en conséquence{colon()} 0 peut vouloir "
        "dire quelques-uns.",
        f"Counts are rounded to {base}, shares and intervals accordingly: 0 may stand for a few.",
    )


def survey_note(survey: Survey) -> str:
    """The note of a survey, and whether its counts are rounded: for descriptions of its data."""
    said = rounding_note(survey)
    return f"{survey.spec.note} {said}".strip() if said else survey.spec.note


def source(survey: Survey, waves: tuple[str, ...], origins: Iterable[str]) -> str:
    """Who made the data, when, under which licence, and who did the sums.

    origins : those of the waves; whatever was not observed is said. Answers drawn at random
    have no source but that.
    """
    origins = tuple(origins)
    said = [f"{o.title[0].lower()}{o.title[1:]}" for o in made(origins)]
    if "demonstration" in origins:
        return f"Source{colon()} {f'{semicolon()} '.join(said)}."
    spec, when = survey.spec, period(waves[0], waves[-1])
    sums = say("calculs Baromètre.", "own calculations (Baromètre).")
    parts = [f"{typeset(spec.source)}, {when} ({spec.licence.name})", *said, sums]
    return f"Source{colon()} {f'{semicolon()} '.join(parts)}"


def period(first: str, last: str) -> str:
    """From a wave to another, "2007 à 2022"; one alone by its name."""
    return first if first == last else say(f"{first} à {last}", f"{first} to {last}")
