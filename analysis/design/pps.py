"""Units drawn with unequal probabilities, without replacement: approximate variances.

With n_g units drawn in a group, inclusion probabilities p_j and e_j the total of the weighted
scores of unit j,

    V = sum_g n_g / (n_g - 1) sum_j q_j (e_j - mean of e)^2,
    q_j = 1 - p_j                                       Brewer (2002, ch. 9), c = (n-1)/(n-p_j)
    q_j = 1 - p_j + (S_g - sum of p over the sample) / n_g        Hartley and Rao (1962)

with S_g the sum of p^2 over the population, which Hartley and Rao need; estimated from the sample
(by the sum of p) theirs is Brewer's. The joint inclusion probabilities are not needed. Derivation:
docs/methods/pps.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from analysis.design.arrays import Floats, Integers, floats
from analysis.errors import Problem

Approximation = Literal["brewer", "hr"]


@dataclass(frozen=True, slots=True)
class PPS:
    """What the caller says: the approximation, and the column of S_g for "hr" ("" to estimate)."""

    approximation: Approximation
    squares: str = ""


@dataclass(frozen=True, slots=True)
class Unequal:
    """Inclusion probabilities of the U units of a stage.

    probability : (U,) ; squares : (G,) S_g, or None where it is estimated
    """

    probability: Floats
    squares: Floats | None

    def share(self, group: Integers, sampled: Floats) -> Floats:
        """(U,) the factors q_j; ``group`` (U,), ``sampled`` (G,) units drawn."""
        q = 1 - self.probability
        if self.squares is None:
            return q
        seen = np.bincount(group, weights=self.probability, minlength=len(sampled))
        return np.asarray(q + ((self.squares - seen) / sampled)[group], dtype=np.float64)

    def joined(self, place: Integers, size: int) -> Unequal:
        """The same with group g joined into ``place[g]``, of ``size`` groups."""
        if self.squares is None:
            return self
        squares = np.bincount(place, weights=self.squares, minlength=size)
        return Unequal(self.probability, squares.astype(np.float64))


def read_unequal(
    frame: pl.DataFrame, column: str, unit: Integers, group: Integers, pps: PPS,
    problems: list[Problem],
) -> Unequal:  # fmt: skip
    """Probabilities of the units (n,) from a column; its faults go to ``problems``."""
    probability = _one_each(frame[column], unit, "unit", problems)
    if np.isfinite(probability).all() and ((probability <= 0) | (probability > 1)).any():
        out = int(((probability <= 0) | (probability > 1)).sum())
        problems.append(Problem(f"design: {column}", f"{out} units outside (0, 1]",
                                "inclusion probabilities, with pps",
                                "n_h times the share of each unit in the size"))  # fmt: skip
    squares = _one_each(frame[pps.squares], group, "stratum", problems) if pps.squares else None
    return Unequal(probability, squares)


def _one_each(
    column: pl.Series, code: Integers, what: str, problems: list[Problem]
) -> Floats:  # fmt: skip
    """The one value of each code; a problem where it is missing or not one."""
    given = floats(column)
    low = np.full(int(code.max()) + 1, np.inf)
    high = np.full(len(low), -np.inf)
    np.minimum.at(low, code, given)
    np.maximum.at(high, code, given)
    several = int((~(low == high)).sum())
    if several:
        problems.append(Problem(f"design: {column.name}",
                                f"missing values or several, in {several} of {len(low)}",
                                f"one value a {what}", "correct the column"))  # fmt: skip
    return low
