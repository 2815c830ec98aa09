"""People in a row, some of them filled: "1 adulte sur 4" for readers whom axes keep out."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from analysis.charts.svg import tag
from analysis.language import say

_STEP, _HIGH = 60, 110  # CSS pixels, so that a person is as tall in every picture


@dataclass(frozen=True, slots=True)
class People:
    """``some`` of ``every`` people.

    said : the same in words, which is all that a screen reader meets
    """

    id: str
    some: int
    every: int
    said: str

    def svg(self) -> str:
        """One image; those who count are filled, the others hollow: colour says nothing alone."""
        drawn = (self._person(n) for n in range(self.every))
        names = (
            tag("title", escape(self.said, quote=False), id=f"{self.id}-t"),
            tag("desc", f"{self.some} {say('sur', 'in')} {self.every}.", id=f"{self.id}-d"),
        )
        return tag("svg", *names, *drawn, class_="dots gens", role="img",
                   viewBox=f"0 0 {self.every * _STEP} {_HIGH}",
                   width=self.every * _STEP, height=_HIGH,
                   aria_labelledby=f"{self.id}-t", aria_describedby=f"{self.id}-d")  # fmt: skip

    def _person(self, n: int) -> str:
        x, kind = n * _STEP + _STEP // 2, "mk" if n < self.some else "u"
        body = f"M{x - 20} 105v-35a20 20 0 0 1 40 0v35z"
        return tag("circle", class_=kind, cx=x, cy=22, r=16) + tag("path", class_=kind, d=body)
