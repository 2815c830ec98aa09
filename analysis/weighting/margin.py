"""One margin: columns, the categories that they cross, and the population of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EVERYBODY = "(total)"


@dataclass(frozen=True, slots=True)
class Margin:
    """One margin: columns, their categories as text, and the population of each.

    columns : one, several if crossed, none for the count of everybody
    categories : ((value of each column), …), or () for the total of a numeric column
    targets : one a category, or the one total
    soft : 0 for a margin to be met, else what a gap costs (docs/methods/weighting.md)
    unit : True where the margin counts units (households) and not respondents
    """

    columns: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    targets: tuple[float, ...]
    soft: float = 0.0
    unit: bool = False

    @property
    def name(self) -> str:
        """How messages and reports call it."""
        return " x ".join(self.columns) or EVERYBODY

    @property
    def numeric(self) -> bool:
        """Whether it is the total of a numeric column."""
        return bool(self.columns) and not self.categories

    @property
    def total(self) -> float:
        """The population that its categories add up to."""
        return float(np.sum(self.targets))
