"""A register as the engine sees it: typed, checked, its figures read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from analysis.claims.formula import Quantity
from analysis.claims.models import Claim, RegisterFile
from analysis.claims.stated import Stated, stated
from analysis.claims.units import Unit, unit
from analysis.language import say
from analysis.wording import typeset

_LETTER = re.compile(r"[^\W\d_]")
_GROUP = re.compile(r"(?<=\d)[\s.](?=\d{3}(?!\d))")  # between thousands


@dataclass(frozen=True)
class Register:
    """A checked register.

    spec : the file, its notes in the language of the page ; file : as shown in messages
    words : figures, units and quotes, which are read in French -> as the page says them
    """

    spec: RegisterFile
    file: str
    words: Mapping[str, str] = field(default_factory=dict)

    def say(self, text: str) -> str:
        """A figure or a quote in the language of the page, ready to be shown."""
        return typeset(self.words[text] if text in self.words else _digits(text))

    def unit(self, text: str) -> Unit:
        """The unit written in ``text``, named in the language of the page."""
        return self._named(unit(text))

    def _named(self, found: Unit) -> Unit:
        return replace(found, name=self.words.get(found.name, found.name))

    @cached_property
    def stated(self) -> dict[tuple[str, str], Stated]:
        """(claim, figure) -> what it commits its speaker to."""
        return {
            (name, figure): self.read(text, claim.unit)
            for name, claim in self.spec.claims.items()
            for figure, text in claim.figures.items()
        }

    def read(self, text: str, named: str) -> Stated:
        """A figure written in French, its unit named in the language of the page."""
        found = stated(text, named)
        return replace(found, unit=self._named(found.unit))

    @cached_property
    def quantities(self) -> dict[str, Quantity]:
        """Every name a formula may read.

        Claims and their figures have the band of their rounding; constants where they ask for it.
        """
        made = {
            f"{name}.{figure}" if figure else name: _quantity(s)
            for (name, figure), s in self.stated.items()
        }
        for name, constant in self.spec.constants.items():
            found = _quantity(stated(constant.value, constant.unit))
            exact = Quantity(found.value, found.value, found.value, found.dims)
            made[name] = found if constant.rounded == "yes" else exact
        return made

    def surveys(self) -> frozenset[str]:
        """The surveys that checks read."""
        return frozenset(c.estimate.survey for x in self.claims() for c in x.checks if c.estimate)

    def claims(self) -> Iterator[Claim]:
        """The claims, in order."""
        yield from self.spec.claims.values()


def is_worded(text: str) -> bool:
    """Whether a figure has words, which have to be translated: digits and signs have not."""
    return _LETTER.search(text) is not None


def _digits(text: str) -> str:
    """A figure of digits and signs, as French writes it, in the language of the page."""
    if is_worded(text):
        return text
    english = re.sub(r"\s+%", "%", _GROUP.sub(" ", text).replace(",", "."))
    return say(text, re.sub(r"(?<=\d) (?=\d{3})", ",", english))


def _quantity(s: Stated) -> Quantity:
    return Quantity(s.value, s.low, s.high, s.unit.dims)


def cited(spec: RegisterFile, names: Mapping[str, Quantity] | tuple[str, ...]) -> tuple[str, ...]:
    """The sources of the constants among some names, each once, in order."""
    known = (spec.constants[n].source for n in names if n in spec.constants)
    return tuple(dict.fromkeys(known))
