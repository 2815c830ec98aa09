"""The views of one wave: atoms, levels and measures, which are no secret by themselves."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import polars as pl

from analysis.design.arrays import Flags, Floats, Integers
from analysis.disclosure.measured import Atoms, Measured, levels_of, measures_of


class View:
    """The rows of :data:`analysis.disclosure.standing.SCHEMA` of one wave, read once.

    Atoms are numbered through all V views.
    size, weight, population : (H,) respondents of each atom, their mean weight, how many there are
    view : (H,) the view that each atom is part of
    levels : the atoms of each level, in each view that has it
    blocks : those of each set of respondents that several views share
    measured, by_indicator : every measure
    """

    def __init__(self, standing: pl.DataFrame) -> None:
        rows = _numbered(standing)
        atoms = rows.unique("atom", maintain_order=True).sort("atom")
        self.size: Floats = atoms["respondents"].to_numpy().astype(np.float64)
        self.weight: Floats = atoms["weight"].to_numpy()
        self.population: Floats = atoms["population"].cast(pl.Float64).to_numpy()
        names = atoms["view"].to_list()
        order = {name: place for place, name in enumerate(dict.fromkeys(names))}
        self.view: Integers = np.array([order[name] for name in names])
        self.levels: dict[str, list[Atoms]] = self._parted(levels_of(atoms, "levels"))
        self.blocks: list[list[Atoms]] = list(self._parted(levels_of(atoms, "blocks")).values())
        self.measured = list(measures_of(rows))
        self.by_indicator: dict[str, list[Measured]] = defaultdict(list)
        for m in self.measured:
            self.by_indicator[m.indicator].append(m)

    @property
    def views(self) -> list[Atoms]:
        """The atoms of each view."""
        return [tuple(np.flatnonzero(self.view == v)) for v in range(int(self.view.max()) + 1)]

    def fixed(self, m: Measured) -> Flags:
        """(H,) whether the atoms of that view alone decide who is in the base: all or none."""
        decided = (m.base == 0) | (m.base == self.size)
        views = np.array([decided[self.view == v].all() for v in range(int(self.view.max()) + 1)])
        return np.asarray(views[self.view])

    def inside(self, m: Measured, level: str) -> Atoms:
        """The atoms of a level that count in the base of a measure, in the first view that can."""
        return self.everywhere(m, level)[0]

    def everywhere(self, m: Measured, level: str) -> list[Atoms]:
        """Those in each view that has the level."""
        counts = (m.base > 0) & (self.weight > 0)
        return [tuple(h for h in atoms if counts[h]) for atoms in self.levels[level]]

    def _parted(self, named: dict[str, Atoms]) -> dict[str, list[Atoms]]:
        """The atoms of each name, view by view."""
        made: dict[str, list[Atoms]] = {}
        for name, atoms in named.items():
            of = self.view[list(atoms)]
            made[name] = [tuple(h for h, w in zip(atoms, of, strict=True) if w == v)
                          for v in np.unique(of)]  # fmt: skip
        return made


def _numbered(standing: pl.DataFrame) -> pl.DataFrame:
    """The rows with atoms numbered through all views, these in the order of their rows."""
    views = standing.select("view").unique(maintain_order=True).with_row_index("of")
    known = standing.join(views, on="view", how="left", maintain_order="left")
    return known.with_columns(
        atom=pl.struct("of", "atom").rank("dense").cast(pl.Int64) - 1
    ).drop("of")  # fmt: skip
