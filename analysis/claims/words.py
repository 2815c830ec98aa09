"""Findings in French: figures in the unit of the claim, and the sentence to paste.

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
from analysis.wording import (
    NBSP,
    NNBSP,
    Estimate,
    group_label,
    number,
    percent,
    points,
    population_name,
    typeset,
)

LABELS = {
    "confirmed": "Confirmé",
    "confirmed_other_population": "Confirmé pour une autre population",
    "compatible": "Compatible, sans être confirmé",
    "outdated": "Vrai auparavant, plus aujourd’hui",
    "contradicted": "Contredit par les données",
    "arithmetic_right": "Calcul juste",
    "arithmetic_wrong": "Impossible tel que c’est dit",
    "published_right": "Conforme à une source publiée",
    "published_other_population": "Conforme à une source publiée, sur un autre périmètre",
    "published_close": "Proche d’une source publiée",
    "published_wrong": "Contredit par une source publiée",
    "not_checkable": "Non vérifiable ici",
    "no_verdict": "Données de démonstration : pas de verdict",
}
LABELS_EN = {
    "confirmed": "Confirmed",
    "confirmed_other_population": "Confirmed for another population",
    "compatible": "Compatible, not confirmed",
    "outdated": "True before, no longer",
    "contradicted": "Contradicted by the data",
    "arithmetic_right": "The sum is right",
    "arithmetic_wrong": "Impossible as it is said",
    "published_right": "Agrees with a published source",
    "published_other_population": "Agrees with a published source, on another scope",
    "published_close": "Close to a published source",
    "published_wrong": "Contradicted by a published source",
    "not_checkable": "Cannot be checked here",
    "no_verdict": "Demonstration data: no verdict",
}
OUTCOMES: dict[Outcome | None, str] = {
    "confirmed": "confirmé", "compatible": "compatible", "contradicted": "contredit",
    None: "sans comparaison possible",
}  # fmt: skip
_LARGEST = 1e20  # beyond, digits say nothing
_AGES = re.compile(r"^\d.*\bans\b")
_SCALES = ((1e9, "milliard"), (1e6, "million"))
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip


def day(text: str) -> str:
    """``2024-12-12`` -> "12 décembre 2024"."""
    d = date.fromisoformat(text)
    first = "1er" if d.day == 1 else str(d.day)
    return f"{first}{NBSP}{_MONTHS[d.month - 1]}{NBSP}{d.year}"


def in_unit(value: float, named: Unit, digits: int = 1) -> str:
    """A value in base units as it is read in a unit: "25,5 %", "16,1 millions", "510 km/h"."""
    if not isfinite(value):
        return "sans borne"
    if abs(value) > _LARGEST:
        return f"{value:.2g}"
    if named.name == "date":
        return day(date.fromordinal(round(value)).isoformat())
    if named.kind == "points":
        shown, _, word = points(value, digits).partition(NBSP)
        return f"{_short(shown)}{NBSP}{word}"
    if named.name == "fois":
        return f"{_short(number(value, digits))}{NBSP}fois"
    if named.kind == "share" and named.scale == 0.01:
        return _short(percent(value, digits, sign=False)) + f"{NBSP}%"
    if named.dims == (("€", 1),):
        return _money(value, digits)
    scaled = value / named.scale
    name = typeset(named.name)
    if name and abs(scaled) >= _SCALES[-1][0]:
        name = ("d’" if name[0].lower() in "aeéèêiouyh" else "de ") + name
    return f"{_large(scaled, digits)}{f'{NBSP}{name}' if name else ''}"


def _money(euros: float, digits: int) -> str:
    """``27 M€``, ``3 Md€``, ``150 €``."""
    for size, symbol in ((1e9, "Md€"), (1e6, "M€")):
        if abs(euros) >= size:
            return f"{_short(number(euros / size, digits))}{NBSP}{symbol}"
    return f"{_short(number(euros, 0 if abs(euros) >= 1000 else 2))}{NBSP}€"


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
            return f"{_short(shown)}{NBSP}{word}{'s' if abs(x / size) >= 2 else ''}"
    return _short(number(x, 0 if abs(x) >= 1000 else 2 if abs(x) < 10 else digits))


def _short(shown: str) -> str:
    return re.sub(r",?0+$", "", shown) if "," in shown else shown


def span(low: float, high: float, named: Unit) -> str:
    """An interval, its unit told once: "24,0–26,9"; "−57,6 à −55,3" where a sign could mislead."""
    if not (isfinite(low) and isfinite(high)):
        return f"{in_unit(low, named)} à {in_unit(high, named)}"
    join = " à " if low < 0 else "–"
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
    return f"(IC{NBSP}95{NBSP}%{NNBSP}: {span(e.low, e.high, named)}{NNBSP}; {found.check.wave})"


def about(survey: Survey, found: Found, *, group: str = "") -> str:
    """Who a figure is about: "adultes", "70 ans et plus", "adultes (groupe « Rural »)"."""
    cell = found.cells[0]
    who = population_name(survey, cell.indicator, cell.wave)
    value = group or cell.domain_value
    if cell.whole:
        return who
    label = group_label(survey, cell.domain, value)
    return label if _AGES.search(label) else f"{who} du groupe «{NBSP}{label}{NBSP}»"


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
        return f"{shown} des {who} {brackets} ne sont pas dans ce cas{NNBSP}: « {phrase} »."
    if not survey.percent(cell.indicator):
        return f"Les {who} {phrase} {shown} {brackets}."
    if found.check.times:
        return (
            f"{shown} {brackets}{NNBSP}: c’est la part des {who} qui {phrase}, rapportée à la "
            "population citée."
        )
    return f"{shown} des {who} {brackets} {phrase}."


def _unit(survey: Survey, found: Found, said: Stated) -> Unit:
    """The unit of the claim; per cent for a share that was said without one."""
    bare = not said.unit.name and not found.check.times
    return _PERCENT if bare and survey.percent(found.check.indicator) else said.unit


_PERCENT = Unit("%", 0.01, (), "share")
_POINTS = Unit("points", 0.01, (), "points")


def _phrase(survey: Survey, cell: Estimate) -> str:
    i = survey.spec.indicators[cell.indicator]
    phrase = typeset(i.phrase) or f"répondent «{NBSP}{typeset(i.label)}{NBSP}»"
    if cell.category and i.measure in ("distribution", "share_of_respondents"):
        answer = typeset(survey.categories(cell.indicator)[cell.category].label)
        phrase += f" «{NBSP}{answer}{NBSP}»"
    return phrase


def _change(survey: Survey, found: Found, said: Stated) -> str:
    last, first = found.cells
    plain = _plain_unit(survey, found)
    named = said.unit if found.check.quantity == "relative_change" else _POINTS
    if not survey.percent(last.indicator) and found.check.quantity == "change":
        named = said.unit
    move = exact(found.evidence.value, named)
    sign = "+" if found.evidence.value > 0 else ""
    return (
        f"La part des {about(survey, found)} qui {_phrase(survey, last)} passe de "
        f"{exact(first.estimate or 0.0, plain)} en {first.wave} à "
        f"{exact(last.estimate or 0.0, plain)} en {last.wave}{NNBSP}: {sign}{move} "
        f"{aside(found, named)}."
    )


def _plain_unit(survey: Survey, found: Found) -> Unit:
    if survey.percent(found.check.indicator):
        return _PERCENT
    return Unit(survey.unit(found.check.indicator))


def _between(survey: Survey, found: Found, said: Stated) -> str:
    one, than = found.cells
    plain = _plain_unit(survey, found)
    phrase = _phrase(survey, one)
    a, b = (exact(c.estimate or 0.0, plain) for c in (one, than))
    against = about(survey, found, group=than.domain_value)
    if found.check.quantity == "ratio":
        move, brackets = _times(found)
    else:
        named = _POINTS if survey.percent(one.indicator) else said.unit
        move, brackets = exact(found.evidence.value, named), aside(found, named)
    return (f"{a} des {about(survey, found)} {phrase}, contre {b} des {against}{NNBSP}: "
            f"{move} {brackets}.")  # fmt: skip


def _times(found: Found) -> tuple[str, str]:
    """A ratio in words, "3,0 fois moins" under one, and its interval."""
    e, word = found.evidence, "plus"
    value, low, high = e.value, e.low, e.high
    if value < 1:
        value, low, high, word = 1 / value, 1 / high, 1 / low, "moins"
    inside = f"{number(low, 1)}–{number(high, 1)}"
    return (f"{number(value, 1)} fois {word}",
            f"(IC{NBSP}95{NBSP}%{NNBSP}: {inside}{NNBSP}; {found.check.wave})")  # fmt: skip


def _rank(survey: Survey, found: Found) -> str:
    e, own = found.evidence, found.cells[0]
    label = group_label(survey, own.domain, own.domain_value)
    order = "plus élevée" if found.check.order == "highest" else "plus basse"
    place = f"rang {number(e.value)}"
    sure = "" if e.low == e.high else f", entre les rangs {number(e.low)} et {number(e.high)}"
    return (
        f"«{NBSP}{label}{NBSP}»{NNBSP}: {place} sur {len(found.rest) + 1} pour la part la {order} "
        f"de ceux qui {_phrase(survey, own)} ({percent(own.estimate or 0.0, 1)}, {own.wave}){sure} "
        "compte tenu des intervalles."
    )
