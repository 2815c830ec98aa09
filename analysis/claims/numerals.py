"""French numbers as people write them: ``2,2``, ``10 000``, ``onze``, ``quatre-vingt-dix``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_UNITS = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
         "septante": 70, "octante": 80, "huitante": 80, "nonante": 90}  # fmt: skip
_DIGITS = re.compile(r"(?P<whole>\d{1,3}(?:[ .]\d{3})+(?!\d)|\d+)(?:[.,](?P<part>\d+))?")
_WORD = re.compile(r"[a-zéèûœ]+(?:-[a-zéèûœ]+)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written.

    value : what it is worth ; half : half a unit of its last significant digit
    end : where it ends in the text ; words : whether it was spelled out
    """

    value: float
    half: float
    end: int
    words: bool = False


def numeral(text: str) -> Numeral | None:
    """The number at the start of ``text``; None where there is none.

    Precision: a decimal counts. Of a whole number under 100 every digit does; from 100 on, zeros
    at the end do not, but two digits always do: 170 is 165 to 175, 10 000 is 9 500 to 10 500.
    """
    found = _DIGITS.match(text)
    if found is None:
        return _spelled(text)
    whole, part = re.sub(r"[ .]", "", found["whole"]), found["part"] or ""
    value = Decimal(f"{whole}.{part}" if part else whole)
    half = float(Decimal(1).scaleb(-len(part)) / 2) if part else _half(whole)
    return Numeral(float(value), half, found.end())


def _half(digits: str) -> float:
    zeros = len(digits) - len(digits.rstrip("0"))
    return 10.0 ** max(0, min(zeros, len(digits) - 2)) / 2


def _spelled(text: str) -> Numeral | None:
    """A number in words, as long as words go on making one."""
    best: Numeral | None = None
    for found in _WORD.finditer(text):
        if best is None and found.start() != 0:
            return None
        if best is not None and text[best.end : found.start()].strip() not in ("", "et"):
            break
        if best is not None and found[0].lower() == "et":
            continue
        value = word_value(text[: found.end()])
        if value is None:
            break
        best = Numeral(float(value), _half(str(value)), found.end(), words=True)
    return best


def word_value(text: str) -> int | None:
    """``"vingt-cinq"`` -> 25; None for what is no number under a thousand."""
    words = text.lower().strip().replace("-et-", " ").replace(" et ", " ").replace("-", " ")
    total = 0
    parts = words.split()
    if not parts or len(parts) > 8:
        return None
    for i, word in enumerate(parts):
        singular = word.removesuffix("s") if word in ("cents", "vingts") else word
        if singular == "une":
            singular = "un"
        if singular == "cent":
            total = (total or 1) * 100
        elif singular == "vingt" and i and parts[i - 1] == "quatre":
            total += 76  # quatre-vingts: 4 is there already
        elif singular in _TENS:
            total += _TENS[singular]
        elif singular in _UNITS:
            total += _UNITS.index(singular)
        else:
            return None
    return total
