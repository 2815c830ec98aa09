"""Units of stated figures: a scale to base units, and what they measure.

Base units are the euro, the second and the metre. Shares, points, multiples and things that are
counted (persons, sites) have no dimension: ``15 %`` is 0.15, ``13 millions de Français`` 1.3e7.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

Kind = Literal["share", "points", "count", "quantity"]
Dims = tuple[tuple[str, int], ...]

_YEAR = 365.25 * 86400
_TIMES = {
    "s": 1.0, "seconde": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "heure": 3600.0,
    "jour": 86400.0, "semaine": 7 * 86400.0, "mois": _YEAR / 12, "trimestre": _YEAR / 4,
    "semestre": _YEAR / 2, "an": _YEAR, "année": _YEAR, "décennie": 10 * _YEAR,
}  # fmt: skip
_LENGTHS = {"m": 1.0, "mètre": 1.0, "km": 1e3, "kilomètre": 1e3, "cm": 0.01, "mm": 0.001}
_MONEY = {"€": 1.0, "euro": 1.0, "k€": 1e3, "M€": 1e6, "Md€": 1e9, "Mds€": 1e9, "Mrd€": 1e9}
_SHARES = {"%": 0.01, "pour cent": 0.01, "‰": 0.001, "pour mille": 0.001}
_POINTS = re.compile(r"(?:points?|pts?|pp)\b")
_PER = re.compile(r"\s*(?:/|\bpar\b)\s*")
_PER_MANY = re.compile(
    r"(?:pour|sur|p\.)\s+(?P<many>1000+|10000+|1 000|10 000|100 000|1 000 000)\b"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit.

    name : as it was written
    scale : how many base units one is worth
    dims : base unit -> exponent, without zeros; empty for shares and counts
    kind : "share" and "points" are read in per cent
    """

    name: str
    scale: float = 1.0
    dims: Dims = ()
    kind: Kind = "count"


NUMBER = Unit("")


def unit(text: str) -> Unit:
    """The unit written in ``text``; a noun that is not a unit of measure is something counted."""
    name = re.sub(r"^(?:d['’]|de |des )", "", text.strip())
    if name in _SHARES or name.split(" ")[0] in ("%", "‰"):
        return Unit(name, _SHARES[name if name in _SHARES else name.split(" ")[0]], (), "share")
    for words, scale in _SHARES.items():
        if name.startswith(f"{words} "):
            return Unit(name, scale, (), "share")
    if _POINTS.match(name):
        return Unit(name, 0.01, (), "points")
    if many := _PER_MANY.match(name):
        return Unit(name, 1 / float(many["many"].replace(" ", "")), (), "share")
    return _quotient(name)


def _quotient(name: str) -> Unit:
    """``km/h``, ``euros par an``; each part one known unit, or something counted."""
    scale, dims = 1.0, Counter[str]()
    for place, part in enumerate(_PER.split(name)):
        sign = -1 if place else 1
        base, worth = _one(part)
        scale *= worth**sign
        if base:
            dims[base] += sign
    kept = tuple(sorted((k, v) for k, v in dims.items() if v))
    return Unit(name, scale, kept, "quantity" if kept else "count")


def _one(part: str) -> tuple[str, float]:
    """The base unit of one word and what it is worth; "" for something counted."""
    word = part.strip().split(" ")[0].rstrip(".") if part.strip() else ""
    for base, table in (("€", _MONEY), ("s", _TIMES), ("m", _LENGTHS)):
        for spelled in (word, word.removesuffix("s")):
            if spelled in table:
                return base, table[spelled]
    return "", 1.0


def times(a: Dims, b: Dims, sign: int = 1) -> Dims:
    """The dimensions of a product, or with ``sign`` -1 of a quotient."""
    made = Counter(dict(a))
    for base, power in b:
        made[base] += sign * power
    return tuple(sorted((k, v) for k, v in made.items() if v))


def dimension_name(dims: Dims) -> str:
    """The dimensions in words, for messages: "€/s", "no unit"."""
    if not dims:
        return "no unit (a share or a count)"
    return "·".join(k if v == 1 else f"{k}^{v}" for k, v in dims)
