"""One view of one wave: atoms, levels and measures, which are no secret by themselves."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import polars as pl

from analysis.design.arrays import Floats
from analysis.disclosure.measured import Atoms, Measured, levels_of, measures_of


class View:
    """The rows of :data:`analysis.disclosure.standing.SCHEMA` of one view, read once.

    size, weight, population : (H,) respondents of each atom, their mean weight, how many there are
    levels : the atoms of each level ; measured, by_indicator : every measure
    """

    def __init__(self, standing: pl.DataFrame) -> None:
        atoms = standing.unique("atom", maintain_order=True).sort("atom")
        self.size: Floats = atoms["respondents"].to_numpy().astype(np.float64)
        self.weight: Floats = atoms["weight"].to_numpy()
        self.population: Floats = atoms["population"].cast(pl.Float64).to_numpy()
        self.levels: dict[str, Atoms] = levels_of(atoms)
        self.measured = list(measures_of(standing))
        self.by_indicator: dict[str, list[Measured]] = defaultdict(list)
        for m in self.measured:
            self.by_indicator[m.indicator].append(m)

    def fixed(self, m: Measured) -> bool:
        """Whether the atoms alone decide who is in the base: all or none of each."""
        return bool(np.all((m.base == 0) | (m.base == self.size)))

    def inside(self, m: Measured, level: str) -> Atoms:
        """The atoms of a level that count in the base of a measure."""
        return tuple(h for h in self.levels[level] if m.base[h] > 0 and self.weight[h] > 0)
