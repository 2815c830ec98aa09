"""The values under which a stated figure is true, and how words widen, cut or turn them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from analysis.claims.numerals import Numeral
from analysis.claims.units import NUMBER, Unit

Relation = Literal[
    "exact", "about", "nearly", "more", "at_least", "less", "at_most", "range", "rank", "date"
]
TENTH = 0.1  # how far words ("un quart", "environ") and the equivalence test reach


class StatedError(ValueError):
    """The text is no figure that is understood; the message says what would be."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A stated figure, in base units (shares as fractions; dates as days).

    value : what was said ; low, high : ends of the band in which the words are true
    near_low, near_high : the region of equivalence, which holds the band
    open_low, open_high : whether the end itself makes the words false
    relation : how the value is meant ; words : whether it was said in words
    """

    text: str
    relation: Relation
    value: float
    low: float
    high: float
    near_low: float
    near_high: float
    unit: Unit = NUMBER
    open_low: bool = False
    open_high: bool = False
    words: bool = False

    def holds(self, value: float) -> bool:
        """Whether ``value`` makes the words true."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below

    def meets(self, low: float, high: float) -> bool:
        """Whether some value of the interval makes the words true."""
        above = high > self.low if self.open_low else high >= self.low
        below = low < self.high if self.open_high else low <= self.high
        return above and below

    def equivalent(self, low: float, high: float) -> bool:
        """Whether the whole interval lies in the region of equivalence."""
        return self.near_low <= low and high <= self.near_high

    @property
    def fraction(self) -> bool:
        """Whether it is a share of a whole."""
        return self.unit.kind == "share"


def banded(found: Numeral, scale: float, named: Unit) -> Stated:
    """A number as written: the values that round to it; a tenth around them is equivalent."""
    value = found.value * scale * named.scale
    half = 0.5 if named.kind in ("share", "points") and found.half >= 0.5 else found.half
    around = half * scale * named.scale
    made = Stated("", "exact", value, value - around, value + around, 0.0, 0.0, named,
                  open_high=True, words=found.words)  # fmt: skip
    wide = reach(made)
    return replace(made, near_low=value - wide, near_high=value + wide)


def worded(value: float, named: Unit) -> Stated:
    """A share or a multiple in words: to within a tenth."""
    made = Stated("", "exact", value, value, value, value, value, named, words=True)
    around = TENTH * _side(made)
    return replace(made, low=value - around, high=value + around, near_low=value - around,
                   near_high=value + around)  # fmt: skip


def related(s: Stated, relation: Relation) -> Stated:
    """A plain figure as "plus de", "environ" and the like widen or cut it."""
    wide = max(TENTH * _side(s), (s.high - s.low) / 2)
    low, high, open_low, open_high = {
        "more": (s.value, inf, True, False),
        "at_least": (s.value, inf, False, False),
        "less": (-inf, s.value, False, True),
        "at_most": (-inf, s.value, False, False),
        "about": (s.value - wide, s.value + wide, False, False),
        "nearly": (s.value - wide, s.value if s.words else s.high, False, not s.words),
        "exact": (s.low, s.high, s.open_low, s.open_high),
    }[relation]
    near = (s.near_low, s.near_high) if relation == "exact" else (low, high)
    return replace(s, relation=relation, low=low, high=high, open_low=open_low,
                   open_high=open_high, near_low=near[0], near_high=near[1])  # fmt: skip


def as_change(s: Stated, sign: int) -> Stated:
    """The band of a change: of a fall it lies below zero; its tenth is that of the change."""
    s = replace(s, near_low=s.value - reach(s, share=False), near_high=s.value
                + reach(s, share=False)) if s.relation == "exact" else s  # fmt: skip
    if sign > 0:
        return s
    return replace(s, value=-s.value, low=-s.high, high=-s.low, near_low=-s.near_high,
                   near_high=-s.near_low, open_low=s.open_high, open_high=s.open_low)  # fmt: skip


def _side(s: Stated, *, share: bool = True) -> float:
    """Of a share the smaller of it and its complement, of anything else the value."""
    whole = s.fraction and share and 0 <= s.value <= 1
    return min(s.value, 1 - s.value) if whole else abs(s.value)


def reach(s: Stated, *, share: bool = True) -> float:
    """Half the region of equivalence of a number: half its band, and a tenth."""
    return (s.high - s.low) / 2 + TENTH * _side(s, share=share)
