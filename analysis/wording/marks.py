"""Marks of official tables: letters in brackets beside a value, their meaning in words below.

The letters are those of SDMX observation status (:data:`analysis.estimates.STATUS`), in lower
case, and ``n``, with which Eurostat tells a rounded zero from a true one. What is not a cell of
the table of estimates is not marked here.
"""

from __future__ import annotations

from collections.abc import Iterable

from analysis.definition import Survey
from analysis.estimates import STATUS
from analysis.language import Words, say
from analysis.wording.numbers import NBSP, printed, semicolon, typeset
from analysis.wording.rows import Estimate

ROUNDED_ZERO = "n"
MEANINGS = {letter.lower(): words for letter, words in STATUS.items() if letter != "A"} | {
    ROUNDED_ZERO: "zéro arrondi : valeur non nulle, inférieure à la moitié du dernier chiffre écrit"
}
MEANINGS_EN = {
    "b": "break in series: not comparable with the wave before",
    "d": "different definition: not comparable with the other waves",
    "u": "low reliability: use with caution",
    "q": "not published: too unreliable, or confidential",
    ROUNDED_ZERO: "rounded to zero: not zero, but less than half of the last digit shown",
}
TRUE_ZERO = Words(
    "Un zéro sans cette marque est un vrai zéro.", "A zero without this mark is a true zero."
)
ROUNDED_SHARES = Words(
    f"La somme des arrondis peut différer de 100{NBSP}%.",
    "Rounded values may not add to 100%.",
)


def meanings() -> dict[str, str]:
    """What each mark means, in the language being written."""
    return {mark: say(words, MEANINGS_EN[mark]) for mark, words in MEANINGS.items()}


def status_meanings() -> dict[str, str]:
    """What each observation status means, in the language being written."""
    normal = say(STATUS["A"], "normal value")
    return {code: normal if code == "A" else meanings()[code.lower()] for code in STATUS}


def letters(survey: Survey, cell: Estimate, digits: int = 1) -> tuple[str, ...]:
    """The letters of a cell whose value is written with some decimals: ``("u", "n")``."""
    status = () if cell.status == "A" else (cell.status.lower(),)
    scale = 2 if survey.percent(cell.indicator) else 0  # per cents are stored as fractions
    value = cell.estimate if cell.published else None
    if not value or abs(value) >= 10.0 ** -(digits + scale) or printed(value, digits + scale):
        return status
    return (*status, ROUNDED_ZERO)


def marked(found: Iterable[str]) -> str:
    """``("u", "n")`` -> "[u] [n]"; empty for a normal value."""
    return NBSP.join(f"[{letter}]" for letter in found)


def marks_note(found: Iterable[str]) -> str:
    """What the letters that occur mean, each once, in the order of the list: "[u] peu fiable…"."""
    known = set(found)
    said = [f"[{m}]{NBSP}{typeset(words)}" for m, words in meanings().items() if m in known]
    note = f"{semicolon()} ".join(said) + "." if said else ""
    return f"{note} {TRUE_ZERO}" if ROUNDED_ZERO in known else note
