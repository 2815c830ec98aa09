"""The design of a frame that stays where it is: one query, a row a stratum.

How many PSUs each stratum has, all rows counted (a domain never drops a PSU), what the population
counts say, and whether weights and keys are complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import polars as pl

from analysis.design import Component, Floats, Integers, Lonely, Stage
from analysis.design.stages import collapse_lonely, collapsed_places, components
from analysis.engines.frames import Lazy, levels, number, one, run
from analysis.errors import Problem, raise_all, refuse


@dataclass(frozen=True, slots=True)
class Strata:
    """H strata, or H groups of them after "collapse".

    labels : a row a stratum: ``s0``, its value, and ``place``, the group (H,) it counts in
    component : of the variance ; df : PSUs - strata among those with a positive weight
    weighing, population : rows with a positive weight, and the sum of the weights
    fraction : (H,) share of its PSUs that was drawn, 0 without fpc ; counted : whether there is one
    """

    labels: pl.DataFrame
    component: Component
    df: int
    weighing: int
    population: float
    fraction: Floats
    counted: bool


def read_strata(
    rows: Lazy, weight: str, strata: Sequence[str], cluster: str, fpc: str,
    fractions: bool, lonely: Lonely,
) -> Strata:  # fmt: skip
    """Count PSUs by stratum; raises :class:`analysis.errors.BaroError` with every fault."""
    (table,) = run([_counted(rows, weight, strata, cluster, fpc)])
    if not table.height or not table["rows"].sum():
        raise refuse("design", "no respondent", "at least two", "check the rows")
    raise_all(_faults(table, weight, strata, cluster))
    whole = pl.lit("(whole sample)")
    table = table.with_columns(name=pl.col("s0").cast(pl.String) if strata else whole)
    stage = _stage(table, fpc, fractions)
    place: Integers = np.arange(table.height, dtype=np.int64)
    if lonely == "collapse":
        place = collapsed_places(stage)
        stage = collapse_lonely(stage)
    (component,) = components([stage], lonely)
    weighing = np.bincount(place, weights=table["weighing"].to_numpy())
    df = int(weighing.sum() - (weighing > 0).sum())
    labels = table.select("s0").with_columns(place=pl.Series(place))
    return Strata(labels, component, df, int(table["positive"].sum()), float(table["total"].sum()),
                  stage.fraction, stage.counted)  # fmt: skip


def _counted(rows: Lazy, weight: str, strata: Sequence[str], cluster: str, fpc: str) -> Lazy:
    """By stratum: PSUs, those that weigh something, rows, faults, and the bounds of the fpc."""
    w = number(weight)
    sums = {
        "rows": nw.len(),
        "lost": (1.0 - one(w.is_finite())).sum(),
        "negative": one(w < 0).sum(),
        "positive": one(w > 0).sum(),
        "total": nw.when(w.is_finite()).then(w).otherwise(nw.lit(0.0)).sum(),
    }
    ends = {}
    if fpc:
        given = number(fpc)
        sums["unknown"] = (1.0 - one(given.is_finite())).sum()
        ends = {"low": given.min(), "high": given.max()}
    rows, keys = levels(rows, strata, ())
    made = [e.alias(k) for k, e in {**sums, **ends}.items()]
    if not cluster:
        counted = rows.group_by(*keys.values()).agg(*made)
        return counted.with_columns(psus=nw.col("rows"), weighing=nw.col("positive"),
                                    astray=nw.lit(0.0))  # fmt: skip
    units = rows.group_by(*keys.values(), nw.col(cluster).alias("u")).agg(*made)
    missing = nw.col("u").is_null()
    again = {k: nw.col(k).sum() for k in sums}
    if fpc:
        again |= {"low": nw.col("low").min(), "high": nw.col("high").max()}
    return units.group_by(*keys).agg(
        *(e.alias(k) for k, e in again.items()),
        nw.len().alias("psus"),
        one(nw.col("positive") > 0).sum().alias("weighing"),
        (one(missing) * nw.col("rows")).sum().alias("astray"),
    )


def _faults(table: pl.DataFrame, weight: str, strata: Sequence[str], cluster: str) -> list[Problem]:
    """What is wrong with the weights and the keys, with how many rows have it."""
    faults = []
    for column, fault in (("lost", "missing or no number"), ("negative", "negative")):
        if found := int(table[column].sum()):
            faults.append(Problem(f"design: weight {weight}", f"{found} weights are {fault}",
                                  "numbers, 0 or more", "correct the weights"))  # fmt: skip
    if not faults and not table["total"].sum() > 0:
        faults.append(Problem(f"design: weight {weight}", "all weights are 0", "positive weights",
                              "name another column"))  # fmt: skip
    for name in strata:
        given = table["s0"]
        empty = given.is_null() | given.is_nan() if given.dtype.is_float() else given.is_null()
        if found := int(table.filter(empty)["rows"].sum()):
            faults.append(Problem(f"design: {name}", f"{found} rows have no value",
                                  "a value for everybody", "complete the column"))  # fmt: skip
    if found := int(table["astray"].sum()):
        faults.append(Problem(f"design: {cluster}", f"{found} rows have no value",
                              "a value for everybody", "complete the column"))  # fmt: skip
    return faults


def _stage(table: pl.DataFrame, fpc: str, fractions: bool) -> Stage:
    """The first stage; its arrays by respondent and by PSU are not held (they have no size)."""
    sampled = table["psus"].cast(pl.Int64).to_numpy()
    names = table["name"].to_list()
    population = None
    if fpc:
        raise_all(_uneven(table, fpc))
        low = table["low"].to_numpy()
        population = sampled / low if fractions else low.astype(np.float64)
        raise_all(_impossible(fpc, names, sampled, low, population, fractions))
    unit = np.broadcast_to(np.int64(0), (int(table["rows"].sum()),))
    group = np.broadcast_to(np.int64(0), (int(sampled.sum()),))
    return Stage(unit, group, sampled, population, names)


def _uneven(table: pl.DataFrame, fpc: str) -> list[Problem]:
    wrong = table.filter((pl.col("low") != pl.col("high")) | (pl.col("unknown") > 0)
                         | pl.col("low").is_null())  # fmt: skip
    return [
        Problem(f"design: {fpc}, stratum {row['name']}",
                f"N_h is {row['low']} to {row['high']}, or missing", "one N_h",
                "give every respondent of the stratum the same count")
        for row in wrong.iter_rows(named=True)
    ]  # fmt: skip


def _impossible(
    fpc: str, names: list[str], sampled: Integers, given: Floats, population: Floats,
    fractions: bool,
) -> list[Problem]:  # fmt: skip
    above = (population >= sampled * (1 - 1e-12)) & np.isfinite(population)
    return [
        Problem(f"design: {fpc}, stratum {names[h]}",
                f"fraction {given[h]:g}" if fractions
                else f"N_h = {given[h]:g} is below n_h = {sampled[h]}",
                "0 < fraction <= 1" if fractions else "N_h >= n_h", "correct the population count")
        for h in np.flatnonzero(~above)
    ]  # fmt: skip
