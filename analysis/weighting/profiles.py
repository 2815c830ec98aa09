"""Respondents collapsed to the profiles that margins tell apart.

Two respondents of one profile have the same auxiliary columns, hence the same ratio of final to
initial weight. With margins of categories there are few profiles; with the total of a numeric
column each respondent is one, and with a unit (a household) each unit is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from analysis.design import Floats, Integers
from analysis.design.arrays import floats
from analysis.errors import refuse
from analysis.weighting.cells import Cells, Weighed
from analysis.weighting.margin import Margin


@dataclass(frozen=True, slots=True)
class Profiles:
    """n respondents in c profiles of p auxiliary columns.

    code : (n,) ; table : (c, p) ; targets, ridge : (p,), see :mod:`analysis.weighting.solver`
    margin : (p,) position of the margin of each column ; category : (p,) its category there
    size : (p,) what each column (and target) was divided by
    """

    code: Integers
    table: Floats
    targets: Floats
    ridge: Floats
    margin: Integers
    category: Integers
    size: Floats

    def mass(self, weights: Floats) -> Floats:
        """(c,) weights of each profile."""
        sums = np.bincount(self.code, weights=weights, minlength=len(self.table))
        return np.asarray(sums, dtype=np.float64)


def profiles(design: Weighed, margins: list[Margin], cells: Cells, unit: str) -> Profiles:
    """The profiles of checked margins; a unit's members share the mean of their columns.

    Raises :class:`BaroError` for a unit whose members weigh differently.
    """
    own = bool(unit) or any(m.numeric for m in margins)
    code = np.arange(len(design.weights)) if own else cells.code
    columns, targets, ridge, place, sizes = [], [], [], [], []
    for k, m in enumerate(margins):
        for j, (column, target) in enumerate(_columns(design, m, cells, own)):
            size = np.sqrt(np.mean(column**2)) or 1.0  # one size for numbers and categories
            columns.append(column / size)
            targets.append(target / size)
            # a soft gap costs soft * gap^2 / (2 target), as a chi-square of the margin
            ridge.append(abs(target) / (m.soft * size**2) if m.soft else 0.0)
            place.append((k, j))
            sizes.append(size)
    margin, category = np.array(place).T
    made = Profiles(code, np.stack(columns, axis=1), np.array(targets), np.array(ridge),
                    margin, category, np.array(sizes))  # fmt: skip
    return _by_unit(design, made, margins, unit) if unit else made


def _columns(
    design: Weighed, margin: Margin, cells: Cells, own: bool
) -> list[tuple[Floats, float]]:
    """The auxiliary columns of a margin with their targets, by cell or by respondent."""
    if margin.numeric:
        return [(np.nan_to_num(floats(design.frame[margin.columns[0]])), margin.targets[0])]
    at = cells.place(margin) if margin.columns else np.zeros(len(cells.mass), dtype=np.int64)
    at = at[cells.code] if own else at
    return [((at == j).astype(np.float64), t) for j, t in enumerate(margin.targets)]


def _by_unit(design: Weighed, made: Profiles, margins: list[Margin], unit: str) -> Profiles:
    """Each member with the mean of the unit's columns; margins of units share one unit out."""
    code = _numbered_units(design, unit)
    members = np.bincount(code).astype(np.float64)
    weights = design.weights
    low, high = np.full(len(members), np.inf), np.zeros(len(members))
    np.minimum.at(low, code, weights)
    np.maximum.at(high, code, weights)
    uneven = np.flatnonzero(high > low * (1 + 1e-9))
    if len(uneven):
        row = int(np.flatnonzero(code == uneven[0])[0]) + 1
        raise refuse(f"calibrate: unit {unit}, row {row}",
                     f"{len(uneven)} units whose members have different weights",
                     "one weight a unit before calibration",
                     "start from the weights of the units, or leave unit out")  # fmt: skip
    mean = np.zeros((len(members), made.table.shape[1]))
    np.add.at(mean, code, made.table[made.code])
    mean /= members[:, None]
    counted = np.array([margins[k].unit for k in made.margin])
    mean[:, counted] /= members[:, None]
    return replace(made, code=code, table=mean)


def _numbered_units(design: Weighed, unit: str) -> Integers:
    column = design.frame[unit].cast(pl.String)
    if column.null_count():
        row = int(np.flatnonzero(column.is_null().to_numpy())[0]) + 1
        raise refuse(f"calibrate: unit {unit}, row {row}",
                     f"{column.null_count()} respondents without a unit", "one for everybody",
                     "complete the column")  # fmt: skip
    return column.rank("dense").cast(pl.Int64).to_numpy() - 1
