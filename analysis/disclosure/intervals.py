"""Intervals that do not tell how hidden groups answered.

The variance of a total holds p (1 - p) of each of its strata: printed, it is an equation for those
that are hidden, and a few large strata make it a sharp one. In totals with hidden parts these parts
therefore count with the largest variance that they can have, 1/4: the interval is wider than it
would be, never narrower, and the same whatever the hidden parts are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from analysis.design.arrays import Flags, Floats
from analysis.disclosure.standing import level

_MOST = 0.25  # variance of anything between 0 and 1
_LOST = ("deff", "n_eff")


@dataclass(frozen=True, slots=True)
class _Parts:
    """A share in the atoms of a level: counts, bases, sizes, weights, populations, (H,) each."""

    count: Floats
    base: Floats
    size: Floats
    weight: Floats
    population: Floats

    def widening(self, hidden: Flags) -> float:
        """Standard error with hidden parts at their largest, over the standard error."""
        worth = float((self.weight * self.base).sum())
        p = float((self.weight * self.count).sum()) / worth
        plain = self.count * (1 - p) ** 2 + (self.base - self.count) * p**2
        spread = plain / self.size - ((self.count - p * self.base) / self.size) ** 2
        left = np.clip(1 - self.size / self.population, 0.0, 1.0)  # unknown: all of it
        each = (self.weight * self.size / worth) ** 2 * left / np.maximum(self.size - 1, 1)
        true, most = each * spread, each * np.where(hidden, _MOST, spread)
        return float(np.sqrt(most.sum() / true.sum())) if true.sum() > 0 else np.inf


def widen(table: pl.DataFrame, standing: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The table with the intervals of totals that have hidden parts; no other row changes.

    table : hidden figures null, statuses Q ; standing : of each wave
    An amount, or a share without a variance, with hidden parts is told without an interval.
    """
    factors = [f for wave, rows in standing.items() for f in _factors(table, wave, rows)]
    key = ["wave", "indicator", "category", "domain", "domain_value"]
    found = pl.DataFrame(
        factors, schema=[*((k, pl.String) for k in key), ("factor", pl.Float64)], orient="row"
    )
    widest = found.group_by(key, maintain_order=True).agg(pl.col("factor").max())  # of all views
    wider = table.join(widest, on=key, how="left", maintain_order="left")
    return _applied(wider).drop("factor")


def _factors(
    table: pl.DataFrame, wave: str, standing: pl.DataFrame
) -> list[tuple[str, str, str, str, str, float]]:
    rows = table.filter(pl.col("wave") == wave)
    told = {
        (i, c, level(d, v)): (d, v, s)
        for i, c, d, v, s in rows.select(
            "indicator", "category", "domain", "domain_value", "status"
        ).iter_rows()
    }
    made = []
    for (_, indicator, category), cells in standing.group_by(
        "view", "indicator", "category", maintain_order=True
    ):
        atoms = cells.sort("atom")
        within = _levels(atoms)
        alone = {of[0]: at for at, of in within.items() if len(of) == 1}
        gone = [told.get((indicator, category, alone.get(h, "")), ("", "", ""))[2] == "Q"
                for h in range(atoms.height)]  # fmt: skip
        hidden = np.array(gone, dtype=np.bool_)
        for at, of in within.items():
            domain, value, status = told.get((indicator, category, at), ("", "", "Q"))
            if len(of) > 1 and status != "Q" and hidden[of].any():
                factor = _factor(atoms, of, hidden)
                made.append((wave, str(indicator), str(category), domain, value, factor))
    return made


def _factor(atoms: pl.DataFrame, of: list[int], hidden: Flags) -> float:
    if atoms["kind"][0] != "share":
        return np.inf
    columns = ("count", "base", "respondents", "weight", "population")
    values = [atoms[c].cast(pl.Float64).to_numpy()[of] for c in columns]
    values[4] = np.where(np.isfinite(values[4]), values[4], np.inf)
    return _Parts(*values).widening(hidden[of])


def _levels(atoms: pl.DataFrame) -> dict[str, list[int]]:
    """Places of the atoms of each level that weigh something and hold somebody of the base."""
    made: dict[str, list[int]] = {}
    kept = atoms.select("levels", "weight", "base").iter_rows()
    for place, (of, weight, base) in enumerate(kept):
        for one in of if weight > 0 and base > 0 else ():
            made.setdefault(one, []).append(place)
    return made


def _applied(table: pl.DataFrame) -> pl.DataFrame:
    factor, p = pl.col("factor"), pl.col("estimate")
    wide = factor.is_not_null()
    none = wide & factor.is_infinite()
    inside = (p > 0) & (p < 1)
    middle = (p / (1 - p)).log()

    def end(column: str) -> pl.Expr:
        bound = pl.col(column)
        half = ((bound / (1 - bound)).log() - middle) * factor
        moved = 1 / (1 + (-(middle + half)).exp())
        return pl.when(none).then(None).when(wide & inside).then(moved).otherwise(bound)

    def error(column: str) -> pl.Expr:
        scaled = pl.col(column) * factor
        return pl.when(none).then(None).when(wide).then(scaled).otherwise(pl.col(column))

    ends: dict[str, Any] = {c: end(c) for c in ("ci_low", "ci_high")}
    errors = {c: error(c) for c in ("se", "cv")}
    lost = {c: pl.when(~wide).then(pl.col(c)) for c in _LOST}
    return table.with_columns(**ends, **errors, **lost)
