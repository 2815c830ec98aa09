"""The rows of :mod:`.standing` as measures: one a category of an indicator, in each atom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from analysis.design.arrays import Floats

Set = tuple[str, str]  # fingerprint, or the name of a set of nobody
Atoms = tuple[int, ...]
NUMBERS = ("count", "base", "full", "amount", "largest", "second", "below", "below_largest")
_SUMMED = ("amount", "battery", "ratio")


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure in each of H atoms; see :mod:`.standing`."""

    indicator: str
    category: str
    kind: str
    parts: bool
    missing: bool
    who: Set
    base_who: Set
    count: Floats
    base: Floats
    full: Floats
    amount: Floats
    largest: Floats
    second: Floats
    below: Floats
    below_largest: Floats

    @property
    def summed(self) -> bool:
        """Whether an unknown of it is a weighted sum, and not how many there are."""
        return self.kind in _SUMMED


def levels_of(atoms: pl.DataFrame, column: str) -> dict[str, Atoms]:
    """The atoms that each name of a column of lists stands for."""
    made: dict[str, list[int]] = defaultdict(list)
    for number, of in atoms.select("atom", column).iter_rows():
        for name in of:
            made[name].append(number)
    return {name: tuple(of) for name, of in made.items()}


def measures_of(standing: pl.DataFrame) -> Iterator[Measured]:
    """Every measure of a wave, in the order of its rows."""
    for _, m in standing.group_by("indicator", "category", maintain_order=True):
        rows = m.sort("atom")
        first = rows.row(0, named=True)
        nobody = f"{first['indicator']}.{first['category']}"
        summed = first["kind"] in _SUMMED
        name = f"{nobody}.amount" if summed else str(first["who_count"] or "")
        yield Measured(
            first["indicator"], first["category"], first["kind"], first["parts"],
            first["missing"],
            ("", name) if summed else (name, "" if name else nobody),
            (str(first["who_base"] or ""), "" if first["who_base"] else f"{nobody}.base"),
            *(rows[c].cast(pl.Float64).to_numpy() for c in NUMBERS),
        )  # fmt: skip
