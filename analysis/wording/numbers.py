"""Numbers and spaces: in French as the Imprimerie nationale writes, in English as GOV.UK does.

French: decimal comma; narrow no-break space (U+202F) between thousands and before ``; : ! ?``;
no-break space (U+00A0) before ``%`` and inside « ». English: decimal point, comma between
thousands, no space before a sign, “ ”. A number is rounded once, from the unrounded value, halves
away from zero: 25.46 % is "25 %".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from analysis.language import say, spoken

NBSP = "\u00a0"
NNBSP = "\u202f"
MINUS = "\u2212"
HYPHEN = "\u2011"  # "60-69 ans" is not cut in two


def number(value: float, digits: int = 0) -> str:
    """``1234.56`` -> "1 234,6" with ``digits=1``."""
    return _written(float(value), 0, digits, spoken())


def integer(value: int) -> str:
    """``4184`` -> "4 184"."""
    return number(value)


def printed(value: float, digits: int = 0) -> int:
    """``value`` as :func:`number` prints it, in units of its last digit: ``(31.94, 1)`` -> 319."""
    return int(_rounded(Decimal(repr(float(value))), digits).scaleb(digits))


def percent(fraction: float, digits: int = 0, *, sign: bool = True) -> str:
    """``0.2546`` -> "25 %"; without the sign for table columns that name it once."""
    text = _written(float(fraction), 2, digits, spoken())
    return f"{text}{per_cent_sign()}" if sign else text


def per_cent_sign() -> str:
    """What stands after a number in per cent, with its space."""
    return say(f"{NBSP}%", "%")


def interval(low: float, high: float, digits: int = 1) -> str:
    """``(0.2401, 0.2692)`` -> "de 24,0 % à 26,9 %"."""
    return between(percent(low, digits), percent(high, digits))


def between(low: str, high: str) -> str:
    """Two ends in words: "de 24,0 % à 26,9 %", "24.0% to 26.9%"."""
    return say(f"de {low} à {high}", f"{low} to {high}")


def points(difference: float, digits: int = 0) -> str:
    """``0.196`` -> "20 points"; the French plural begins at two."""
    rounded = abs(_rounded(Decimal(repr(float(difference))) * 100, digits))
    shown = percent(difference, digits, sign=False)
    return say(
        f"{shown}{NBSP}point{'s' if rounded >= 2 else ''}",
        f"{shown}{NBSP}percentage point{'' if rounded == 1 else 's'}",
    )


def file_size(size: int) -> str:
    """``3210`` -> "3 ko", at least one; ``4_500_000`` -> "4,5 Mo"."""
    if size >= 1_000_000:
        return f"{number(size / 1_000_000, 1)}{NBSP}{say('Mo', 'MB')}"
    return f"{integer(max(1, round(size / 1000)))}{NBSP}{say('ko', 'kB')}"


def listed(words: Sequence[str]) -> str:
    """``["a", "b", "c"]`` -> "a, b et c"."""
    last = say(" et ", " and ")
    return last.join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def colon() -> str:
    """A colon with the space that French wants before it."""
    return say(f"{NNBSP}:", ":")


def semicolon() -> str:
    """The same for a semicolon."""
    return say(f"{NNBSP};", ";")


def quoted(words: str) -> str:
    """Words in the quotation marks of the language."""
    return say(f"«{NBSP}{words}{NBSP}»", f"“{words}”")


def typeset(text: str) -> str:
    """Text of a definition with the apostrophes and no-break spaces of the language."""
    return _typeset(text, spoken())


@lru_cache(maxsize=8192)
def _typeset(text: str, language: str) -> str:
    text = text.replace("'", "’")
    text = re.sub(r"(?<=\d)-(?=\d)", HYPHEN, text)
    if language == "en":
        return re.sub(r"(?<=\d)\s+(?=percentage points?\b|points?\b|years?\b)", NBSP, text)
    text = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", NNBSP, text)
    text = re.sub(r"\s+([;!?:])(?=\s|$|[.»)])", NNBSP + r"\1", text)
    text = re.sub(r"(?<=\d)\s+(?=%|points?\b|ans?\b)", NBSP, text)
    return re.sub(r"«\s*", "«" + NBSP, re.sub(r"\s*»", NBSP + "»", text))


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@lru_cache(maxsize=16384)
def _written(value: float, scale: int, digits: int, language: str) -> str:
    """``value`` times 10 to the ``scale``: files and sentences write the same numbers."""
    rounded = _rounded(Decimal(repr(value)).scaleb(scale), digits)
    text = f"{abs(rounded):,f}"
    if language != "en":
        text = text.replace(",", NNBSP).replace(".", ",")
    return MINUS + text if rounded < 0 else text
