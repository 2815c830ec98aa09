"""Findings in words: figures in the unit of the claim, and the sentence to paste.

« 25,5 % des adultes (IC 95 % : 24,0–26,9 ; 2022) citent … »: value, population, interval, wave,
then the source; rounded once, from the unrounded value.
"""

from __future__ import annotations

import re
from datetime import date
from math import isfinite

from analysis.claims.evidence import Found
from analysis.claims.rules import Outcome
from analysis.claims.stated import Stated
from analysis.claims.units import Unit
from analysis.definition import Survey
from analysis.language import SOURCE, Words, say, spoken
from analysis.wording import (
    NBSP,
    NNBSP,
    Estimate,
    colon,
    group_label,
    number,
    per_cent_sign,
    percent,
    points,
    population_name,
    quoted,
    typeset,
)
from analysis.wording.numbers import MINUS

_VERDICTS = {
    "confirmed": Words("Confirmé", "Confirmed"),
    "confirmed_other_population": Words(
        "Confirmé pour une autre population", "Confirmed for another population"
    ),
    "compatible": Words("Compatible, sans être confirmé", "Compatible, but not confirmed"),
    "outdated": Words("Vrai auparavant, plus aujourd’hui", "True before, no longer true"),
    "contradicted": Words("Contredit par les données", "Contradicted by the data"),
    "arithmetic_right": Words("Calcul juste", "Calculation correct"),
    "arithmetic_wrong": Words("Impossible tel que c’est dit", "Impossible as stated"),
    "published_right": Words("Conforme à une source publiée", "Agrees with a published source"),
    "published_other_population": Words(
        "Conforme à une source publiée, sur un autre périmètre",
        "Agrees with a published source, for another scope",
    ),
    "published_close": Words("Proche d’une source publiée", "Close to a published source"),
    "published_wrong": Words(
        "Contredit par une source publiée", "Contradicted by a published source"
    ),
    "not_checkable": Words("Non vérifiable ici", "Cannot be checked here"),
    "no_verdict": Words(
        "Données de démonstration : pas de verdict", "Demonstration data: no verdict"
    ),
}
LABELS = {verdict: words.fr for verdict, words in _VERDICTS.items()}  # for files and commands
LABELS_EN = {verdict: words.en for verdict, words in _VERDICTS.items()}
OUTCOMES: dict[Outcome | None, Words] = {
    "confirmed": Words("confirmé", "confirmed"),
    "compatible": Words("compatible", "compatible"),
    "contradicted": Words("contredit", "contradicted"),
    None: Words("sans comparaison possible", "cannot be compared"),
}
_LARGEST = 1e20  # beyond, digits say nothing
_AGES = re.compile(r"^\d.*\bans\b")  # in French "des 70 ans et plus" reads by itself
_SCALES = ((1e9, Words("milliard", "billion")), (1e6, Words("million", "million")))
_MONTHS = (
    Words("janvier", "January"), Words("février", "February"), Words("mars", "March"),
    Words("avril", "April"), Words("mai", "May"), Words("juin", "June"), Words("juillet", "July"),
    Words("août", "August"), Words("septembre", "September"), Words("octobre", "October"),
    Words("novembre", "November"), Words("décembre", "December"),
)  # fmt: skip


def label(verdict: str) -> str:
    """A verdict in words."""
    return str(_VERDICTS[verdict])


def day(text: str) -> str:
    """``2024-12-12`` -> "12 décembre 2024"."""
    d = date.fromisoformat(text)
    first = say("1er", "1") if d.day == 1 else str(d.day)
    return f"{first}{NBSP}{_MONTHS[d.month - 1]}{NBSP}{d.year}"


def in_unit(value: float, named: Unit, digits: int = 1) -> str:
    """A value in base units as it is read in a unit: "25,5 %", "16,1 millions", "510 km/h"."""
    if not isfinite(value):
        return say("sans borne", "no limit")
    if abs(value) > _LARGEST:
        return f"{value:.2g}"
    if named.name == "date":
        return day(date.fromordinal(round(value)).isoformat())
    if named.kind == "points":
        shown, _, word = points(value, digits).partition(NBSP)
        return f"{_short(shown)}{NBSP}{word}"
    if named.name == "fois":
        return f"{_short(number(value, digits))}{NBSP}{say('fois', 'times')}"
    if named.kind == "share" and named.scale == 0.01:
        return _short(percent(value, digits, sign=False)) + per_cent_sign()
    if named.dims == (("€", 1),):
        return _money(value, digits)
    scaled = value / named.scale
    name = typeset(named.name)
    if name and abs(scaled) >= _SCALES[-1][0]:
        name = say(f"{'d’' if name[0].lower() in 'aeéèêiouyh' else 'de '}{name}", name)
    return f"{_large(scaled, digits)}{f'{NBSP}{name}' if name else ''}"


def _money(euros: float, digits: int) -> str:
    """``27 M€``, ``3 Md€``, ``150 €``; "€27 million", "−€150"."""
    for (size, word), symbol in zip(_SCALES, ("Md€", "M€"), strict=True):
        if abs(euros) >= size:
            shown = _short(number(euros / size, digits))
            return say(f"{shown}{NBSP}{symbol}", f"{_euros(shown)}{NBSP}{word}")
    shown = _short(number(euros, 0 if abs(euros) >= 1000 else 2))
    return say(f"{shown}{NBSP}€", _euros(shown))


def _euros(shown: str) -> str:
    """The sign before the symbol, and both before the number, as English has them."""
    return f"{MINUS * shown.startswith(MINUS)}€{shown.removeprefix(MINUS)}"


def exact(value: float, named: Unit) -> str:
    """The same, a share always with its decimal: "9,0 %"."""
    if named.kind == "points":
        return points(value, 1)
    whole = named.kind == "share" and named.scale == 0.01
    return percent(value, 1) if whole else in_unit(value, named)


def _large(x: float, digits: int) -> str:
    """Millions and milliards in words; decimals where they say something."""
    for size, word in _SCALES:
        if abs(x) >= size:
            shown = number(x / size, digits)
            plural = say("s" if abs(x / size) >= 2 else "", "")
            return f"{_short(shown)}{NBSP}{word}{plural}"
    return _short(number(x, 0 if abs(x) >= 1000 else 2 if abs(x) < 10 else digits))


def _short(shown: str) -> str:
    """Without decimals that say nothing."""
    mark = say(",", ".")
    return shown.rstrip("0").rstrip(mark) if mark in shown else shown


def span(low: float, high: float, named: Unit) -> str:
    """An interval, its unit told once: "24,0–26,9"; "−57,6 à −55,3" where a sign could mislead."""
    if not (isfinite(low) and isfinite(high)):
        return f"{in_unit(low, named)} {say('à', 'to')} {in_unit(high, named)}"
    join = say(" à ", " to ") if low < 0 else "–"
    if named.kind in ("share", "points") and named.scale == 0.01:
        return join.join(percent(x, 1, sign=False) for x in (low, high))
    for digits in (1, 2, 3):  # as many as tell the ends apart
        ends = [in_unit(x, named, digits) for x in (low, high)]
        if ends[0] != ends[1]:
            break
    tail = ends[1].partition(NBSP)[2]
    first = ends[0].removesuffix(f"{NBSP}{tail}") if tail else ends[0]
    return f"{first}{join}{ends[1]}"


def aside(found: Found, named: Unit) -> str:
    """What stands in brackets after a figure: interval and wave."""
    e = found.evidence
    return _bracketed(span(e.low, e.high, named), found)


def _bracketed(inside: str, found: Found) -> str:
    wave = found.check.wave
    return say(
        f"(IC{NBSP}95{NBSP}%{NNBSP}: {inside}{NNBSP}; {wave})", f"(95% interval: {inside}; {wave})"
    )


def about(survey: Survey, found: Found, *, level: str = "") -> str:
    """Who a figure is about: "adultes", "70 ans et plus", "adultes (groupe « Rural »)"."""
    cell = found.cells[0]
    who = population_name(survey, cell.indicator, cell.wave)
    value = level or cell.domain_value
    if cell.whole:
        return who
    group = group_label(survey, cell.domain, value)
    if spoken() == SOURCE and _AGES.search(group):
        return group
    return f"{who} {say('du groupe', 'in group')} {quoted(group)}"


def sentence(survey: Survey, found: Found, said: Stated) -> str:
    """The figure in a sentence that can be pasted, without its source."""
    quantity = found.check.quantity
    if quantity == "rank":
        return _rank(survey, found)
    if quantity in ("change", "relative_change"):
        return _change(survey, found, said)
    if quantity in ("difference", "ratio"):
        return _between(survey, found, said)
    return _level(survey, found, said)


def _level(survey: Survey, found: Found, said: Stated) -> str:
    cell, who = found.cells[0], about(survey, found)
    named = _unit(survey, found, said)
    shown, brackets = exact(found.evidence.value, named), aside(found, named)
    phrase = _phrase(survey, cell)
    if found.check.complement == "yes":
        return say(
            f"{shown} des {who} {brackets} ne sont pas dans ce cas{NNBSP}: « {phrase} ».",
            f"For {shown} of {who} {brackets} this is not the case: {quoted(phrase)}.",
        )
    if not survey.percent(cell.indicator):
        return f"{say(f'Les {who}', _capital(who))} {phrase} {shown} {brackets}."
    if found.check.times:
        return say(
            f"{shown} {brackets}{NNBSP}: c’est la part des {who} qui {phrase}, rapportée à la "
            "population citée.",
            f"{shown} {brackets}: the share of {who} that {phrase}, applied to the population "
            "cited.",
        )
    return f"{shown} {say('des', 'of')} {who} {brackets} {phrase}."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _unit(survey: Survey, found: Found, said: Stated) -> Unit:
    """The unit of the claim; per cent for a share that was said without one."""
    bare = not said.unit.name and not found.check.times
    return _PERCENT if bare and survey.percent(found.check.indicator) else said.unit


_PERCENT = Unit("%", 0.01, (), "share")
_POINTS = Unit("points", 0.01, (), "points")


def _phrase(survey: Survey, cell: Estimate) -> str:
    i = survey.spec.indicators[cell.indicator]
    answer = say("répondent", "answer")
    phrase = typeset(i.phrase) or f"{answer} {quoted(typeset(i.label))}"
    if cell.category and i.measure in ("distribution", "share_of_respondents"):
        category = typeset(survey.categories(cell.indicator)[cell.category].label)
        phrase += f" {quoted(category)}"
    return phrase


def _change(survey: Survey, found: Found, said: Stated) -> str:
    last, first = found.cells
    plain = _plain_unit(survey, found)
    named = said.unit if found.check.quantity == "relative_change" else _POINTS
    if not survey.percent(last.indicator) and found.check.quantity == "change":
        named = said.unit
    move = exact(found.evidence.value, named)
    sign = "+" if found.evidence.value > 0 else ""
    who, phrase = about(survey, found), _phrase(survey, last)
    a, b = (exact(c.estimate or 0.0, plain) for c in (first, last))
    start, end = say(f"{a} en {first.wave}", f"{a} in {first.wave}"), f"{b} {say('en', 'in')}"
    moved = say(
        f"La part des {who} qui {phrase} passe de {start} à {end} {last.wave}",
        f"The share of {who} that {phrase} moved from {start} to {end} {last.wave}",
    )
    return f"{moved}{colon()} {sign}{move} {aside(found, named)}."


def _plain_unit(survey: Survey, found: Found) -> Unit:
    if survey.percent(found.check.indicator):
        return _PERCENT
    return Unit(survey.unit(found.check.indicator))


def _between(survey: Survey, found: Found, said: Stated) -> str:
    one, than = found.cells
    plain = _plain_unit(survey, found)
    phrase = _phrase(survey, one)
    a, b = (exact(c.estimate or 0.0, plain) for c in (one, than))
    who, against = about(survey, found), about(survey, found, level=than.domain_value)
    if found.check.quantity == "ratio":
        move, brackets = _times(found)
    else:
        named = _POINTS if survey.percent(one.indicator) else said.unit
        move, brackets = exact(found.evidence.value, named), aside(found, named)
    return (
        say(
            f"{a} des {who} {phrase}, contre {b} des {against}",
            f"{a} of {who} {phrase}, against {b} of {against}",
        )
        + f"{colon()} {move} {brackets}."
    )


def _times(found: Found) -> tuple[str, str]:
    """A ratio in words, "3,0 fois moins" under one, and its interval."""
    e, more = found.evidence, True
    value, low, high = e.value, e.low, e.high
    if value < 1:
        value, low, high, more = 1 / value, 1 / high, 1 / low, False
    times = number(value, 1)
    said = say(
        f"{times} fois {'plus' if more else 'moins'}",
        f"{'higher' if more else 'lower'} by a factor of {times}",
    )
    return said, _bracketed(f"{number(low, 1)}–{number(high, 1)}", found)


def _rank(survey: Survey, found: Found) -> str:
    e, own = found.evidence, found.cells[0]
    group = quoted(group_label(survey, own.domain, own.domain_value))
    first = found.check.order == "highest"
    place, of, phrase = number(e.value), len(found.rest) + 1, _phrase(survey, own)
    shown = f"({percent(own.estimate or 0.0, 1)}, {own.wave})"
    ends = (number(e.low), number(e.high))
    sure = say(", entre les rangs {} et {}", ", between ranks {} and {}").format(*ends)
    sure = "" if e.low == e.high else sure
    return say(
        f"{group}{NNBSP}: rang {place} sur {of} pour la part la plus "
        f"{'élevée' if first else 'basse'} de ceux qui {phrase} {shown}{sure} compte tenu des "
        "intervalles.",
        f"{group}: rank {place} of {of} by the share that {phrase}, the "
        f"{'highest' if first else 'lowest'} first {shown}{sure} given the intervals.",
    )
