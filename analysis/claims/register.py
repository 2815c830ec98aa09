"""A register as the engine sees it: typed, checked, its figures read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from analysis.claims.formula import Quantity
from analysis.claims.models import Claim, RegisterFile
from analysis.claims.stated import Stated, stated


@dataclass(frozen=True)
class Register:
    """A checked register.

    spec : the file ; file : as shown in messages
    """

    spec: RegisterFile
    file: str

    @cached_property
    def stated(self) -> dict[tuple[str, str], Stated]:
        """(claim, figure) -> what it commits its speaker to."""
        return {
            (name, figure): stated(text, claim.unit)
            for name, claim in self.spec.claims.items()
            for figure, text in claim.figures.items()
        }

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


def _quantity(s: Stated) -> Quantity:
    return Quantity(s.value, s.low, s.high, s.unit.dims)


def cited(spec: RegisterFile, names: Mapping[str, Quantity] | tuple[str, ...]) -> tuple[str, ...]:
    """The sources of the constants among some names, each once, in order."""
    known = (spec.constants[n].source for n in names if n in spec.constants)
    return tuple(dict.fromkeys(known))
