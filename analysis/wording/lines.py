"""The lines under a figure: "Lecture", "Champ", "Source", and a value in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import log10

import numpy as np

from analysis.definition import Survey
from analysis.definition.survey import quantile_code
from analysis.estimates import STATUS, WHOLE
from analysis.rounding import share_step
from analysis.wording.numbers import NBSP, NNBSP, number, percent, typeset
from analysis.wording.origins import made
from analysis.wording.rows import Estimate

_BASES = {
    "everyone": "Les {units} à qui la question n’a pas été posée comptent comme « non ».",
    "asked": "« Ne sait pas » compte comme « non ».",
    "answered": "Le calcul laisse de côté les {units} sans réponse.",
}
_MEASURES = {
    "share_of_respondents": (
        "Plusieurs réponses possibles : les parts peuvent dépasser 100 % au total."
    ),
    "share_of_mentions": (
        "Plusieurs réponses possibles : part de chaque réponse dans toutes les réponses citées, "
        "par les {units} qui en citent au moins une."
    ),
    "battery": "Moyenne de la part de « oui » parmi les questions auxquelles chacun a répondu.",
    "quantile": "Le calcul laisse de côté les {units} sans réponse.",
    "ratio": "Total rapporté au total, parmi les {units} qui ont répondu aux deux questions.",
}
_AGES = re.compile(r"^\d.*\bans\b")  # "des 70 ans et plus" reads by itself
_SAMPLING = {
    "quota": "Échantillon par quotas : intervalles à 95 % donnés à titre indicatif.",
    "voluntary": "Participation volontaire : intervalles à 95 % donnés à titre indicatif.",
    "probability": "Intervalles de confiance à 95 %.",
}


def shown(survey: Survey, cell: Estimate, digits: int | None = None) -> str:
    """The value in its unit, or "non publié"."""
    if not cell.published or cell.estimate is None:
        return "non publié"
    return _in_unit(survey, cell.indicator, cell.estimate, digits)


def unpublished(cell: Estimate) -> str:
    """Why there is no value: "non publié : moins de 30 réponses"."""
    return f"non publié{NNBSP}: {cell.reason or 'trop peu de réponses'}"


def status_words(cell: Estimate) -> str:
    """The status of a cell, and the reason where there is one."""
    told = STATUS.get(cell.status, cell.status)
    return f"{told.partition(' : ')[0]} : {cell.reason}" if cell.reason else told


def kept_digits(survey: Survey, value: float, digits: int) -> int:
    """Decimals of a percentage that were not rounded away (:mod:`analysis.rounding`)."""
    if survey.spec.confidentiality is None:
        return digits
    return min(digits, max(0, round(-log10(share_step(np.array([value]))[0])) - 2))


def shown_interval(survey: Survey, cell: Estimate, digits: int = 1) -> str:
    """The interval in words: "de 24,0 % à 26,9 %"; empty where there is none."""
    if cell.bounds is None:
        return ""
    low, high = (_in_unit(survey, cell.indicator, x, digits) for x in cell.bounds)
    if not survey.percent(cell.indicator):
        low = low.split(NBSP)[0]  # the unit once: "de 30,9 à 32,8 heures"
    return f"de {low} à {high}"


def unit(survey: Survey, indicator: str) -> str:
    """The unit of an indicator: "%" or the unit of the averaged variable."""
    return survey.unit(indicator)


def _in_unit(survey: Survey, indicator: str, value: float, digits: int | None) -> str:
    if not survey.percent(indicator):
        text = number(value, 1 if digits is None else digits)
        return f"{text}{NBSP}{unit(survey, indicator)}".rstrip()
    return percent(value, kept_digits(survey, value, digits or 0))


def group_label(survey: Survey, domain: str, value: str) -> str:
    """The category of a domain as the reader sees it; "Ensemble" for everybody."""
    return typeset(plain_label(survey, domain, value))


def plain_label(survey: Survey, domain: str, value: str) -> str:
    """The same as the definition spells it, for files that programs read."""
    if domain == WHOLE:
        return "Ensemble"
    return survey.levels(domain).get(value, value)


def population_name(survey: Survey, indicator: str, wave: str, *, short: bool = True) -> str:
    """Who the figure is about: "adultes", or in full "personnes de 18 ans ou plus"."""
    population = survey.population(indicator, wave)
    return typeset((population.short if short else "") or population.label)


def lecture(survey: Survey, cell: Estimate) -> str:
    """How to read one row: date, group, number, measure, interval.

    Short: the population in full is in the "Champ" line beside it.
    """
    bounds = shown_interval(survey, cell)
    margin = f" Intervalle à 95{NBSP}%{NNBSP}: {bounds}." if bounds else ""
    margin += " Valeur peu fiable." if cell.fragile else ""
    group = group_label(survey, cell.domain, cell.domain_value)
    if _AGES.search(group):
        return f"Lecture{NNBSP}: en {cell.wave}, {_statement(survey, cell, group)}.{margin}"
    about = "" if cell.whole else f", groupe «{NBSP}{group}{NBSP}»"
    who = population_name(survey, cell.indicator, cell.wave)
    said = _statement(survey, cell, who)
    return f"Lecture{about}{NNBSP}: en {cell.wave}, {said}.{margin}"


def _statement(survey: Survey, cell: Estimate, who: str) -> str:
    i = survey.spec.indicators[cell.indicator]
    phrase, value = typeset(i.phrase) or typeset(i.label), shown(survey, cell)
    if i.measure in ("battery", "ratio") and not i.phrase:
        return f"«{NBSP}{phrase}{NBSP}» vaut {value} pour les {who}"
    if i.measure in ("mean", "battery", "ratio"):
        return f"les {who} {phrase} {value}"
    if i.measure == "quantile":
        share = next(q for q in i.quantiles if cell.category in ("", quantile_code(q)))
        some = "la moitié" if share == 0.5 else percent(share)
        return f"{some} des {who} {phrase} {value} ou moins"
    if i.measure == "share_of_mentions":
        item = typeset(survey.categories(cell.indicator)[cell.category].label)
        return f"«{NBSP}{item}{NBSP}» représente {value} de ce que citent les {who}"
    if i.measure in ("distribution", "share_of_respondents"):
        answer = typeset(survey.categories(cell.indicator)[cell.category].label)
        phrase += f" «{NBSP}{answer}{NBSP}»"
    return f"{value} des {who} {phrase}"


def subtitle(survey: Survey, indicator: str, wave: str) -> str:
    """The statistical subtitle: measure, unit, population, wave."""
    i = survey.spec.indicators[indicator]
    who = population_name(survey, indicator, wave, short=False)
    words = {
        "mean": "moyenne en ",
        "quantile": "médiane en " if i.quantiles == (0.5,) else "quantiles en ",
        "ratio": f"rapport de totaux, en{NBSP}",
        "battery": f"part moyenne, en{NBSP}",
    }
    scale = f"{words.get(i.measure, f'en{NBSP}')}{unit(survey, indicator)}".rstrip()
    of = "des réponses des" if i.measure == "share_of_mentions" else "des"
    return f"{typeset(i.label)}, {scale} {of} {who}, {wave}"


def champ(survey: Survey, indicator: str, wave: str) -> str:
    """Population, territory, what the base counts, and what the sample allows."""
    who = population_name(survey, indicator, wave, short=False)
    base = base_note(survey, indicator)
    parts = (f"{who}, {typeset(survey.spec.territory)}.", base, sampling_note(survey))
    return f"Champ{NNBSP}: " + " ".join(p for p in parts if p)


def base_note(survey: Survey, indicator: str) -> str:
    """What the base counts; empty where there is nothing to say."""
    i = survey.spec.indicators[indicator]
    if i.measure not in _MEASURES and i.measure != "proportion" and i.base == "asked":
        return ""
    words = _MEASURES.get(i.measure) or _BASES[i.base]
    return typeset(words.format(units=survey.spec.units))


def sampling_note(survey: Survey) -> str:
    """What the kind of sample makes of the intervals."""
    return typeset(_SAMPLING[survey.spec.design.sampling])


def source(survey: Survey, waves: tuple[str, ...], origins: Iterable[str]) -> str:
    """Who made the data, when, under which licence, and who did the sums.

    origins : those of the waves; whatever was not observed is said. Answers drawn at random
    have no source but that.
    """
    origins = tuple(origins)
    said = [f"{o.title[0].lower()}{o.title[1:]}" for o in made(origins)]
    if "demonstration" in origins:
        return f"Source{NNBSP}: {f'{NNBSP}; '.join(said)}."
    when = waves[0] if waves[0] == waves[-1] else f"{waves[0]} à {waves[-1]}"
    spec = survey.spec
    parts = [f"{typeset(spec.source)}, {when} ({spec.licence.name})", *said, "calculs Baromètre."]
    return f"Source{NNBSP}: {f'{NNBSP}; '.join(parts)}"
