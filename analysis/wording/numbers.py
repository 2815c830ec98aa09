"""French numbers and spaces, by the rules of the Imprimerie nationale.

Decimal comma; narrow no-break space (U+202F) between thousands and before ``; : ! ?``;
no-break space (U+00A0) before ``%`` and inside « ». A number is rounded once, from the
unrounded value, halves away from zero: 25.46 % is "25 %".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

NBSP = "\u00a0"
NNBSP = "\u202f"
MINUS = "\u2212"
HYPHEN = "\u2011"  # "60-69 ans" is not cut in two


def number(value: float, digits: int = 0) -> str:
    """``1234.56`` -> "1 234,6" with ``digits=1``."""
    return _written(Decimal(repr(float(value))), digits)


def integer(value: int) -> str:
    """``4184`` -> "4 184"."""
    return number(value)


def printed(value: float, digits: int = 0) -> int:
    """``value`` as :func:`number` prints it, in units of its last digit: ``(31.94, 1)`` -> 319."""
    return int(_rounded(Decimal(repr(float(value))), digits).scaleb(digits))


def percent(fraction: float, digits: int = 0, *, sign: bool = True) -> str:
    """``0.2546`` -> "25 %"; without the sign for table columns that name it once."""
    text = _written(Decimal(repr(float(fraction))) * 100, digits)
    return f"{text}{NBSP}%" if sign else text


def interval(low: float, high: float, digits: int = 1) -> str:
    """``(0.2401, 0.2692)`` -> "de 24,0 % à 26,9 %"."""
    return f"de {percent(low, digits)} à {percent(high, digits)}"


def points(difference: float, digits: int = 0) -> str:
    """``0.196`` -> "20 points"; the plural begins at two."""
    rounded = abs(_rounded(Decimal(repr(float(difference))) * 100, digits))
    return f"{percent(difference, digits, sign=False)}{NBSP}point{'s' if rounded >= 2 else ''}"


def file_size(size: int) -> str:
    """``3210`` -> "3 ko", at least one; ``4_500_000`` -> "4,5 Mo"."""
    if size >= 1_000_000:
        return f"{number(size / 1_000_000, 1)}{NBSP}Mo"
    return f"{integer(max(1, round(size / 1000)))}{NBSP}ko"


def listed(words: Sequence[str]) -> str:
    """``["a", "b", "c"]`` -> "a, b et c"."""
    return " et ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


@lru_cache(maxsize=8192)
def typeset(text: str) -> str:
    """Text of a definition with French apostrophes and no-break spaces."""
    text = text.replace("'", "’")
    text = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", NNBSP, text)
    text = re.sub(r"\s+([;!?:])(?=\s|$|[.»)])", NNBSP + r"\1", text)
    text = re.sub(r"(?<=\d)\s+(?=%|points?\b|ans?\b)", NBSP, text)
    text = re.sub(r"(?<=\d)-(?=\d)", HYPHEN, text)
    return re.sub(r"«\s*", "«" + NBSP, re.sub(r"\s*»", NBSP + "»", text))


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _written(value: Decimal, digits: int) -> str:
    rounded = _rounded(value, digits)
    text = f"{abs(rounded):,f}".replace(",", NNBSP).replace(".", ",")
    return MINUS + text if rounded < 0 else text
