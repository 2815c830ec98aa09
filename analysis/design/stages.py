"""Stages of a sample, and the components of variance they give.

At stage s the units of a *group* (a stratum at stage 1; a stratum within a unit of the stage
above, later) were drawn, m of M. The variance of an estimated total is, over stages,

    V = sum_s sum_g c_g [ sum_j e_j^2 - (sum_j e_j)^2 / m_g ],
    c_g = (f of the stages above) (1 - m_g/M_g) m_g / (m_g - 1)

with e_j the total of the scores in unit j. Stages count as long as every stage above has
population counts; without them the first stage is taken as drawn with replacement. Särndal,
Swensson and Wretman (1992), result 4.3.1 and its generalization to r stages.

Units of the first stage drawn with unequal probabilities, without replacement, each have their own
factor instead of (1 - m_g/M_g): :mod:`analysis.design.pps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from analysis.design.arrays import Flags, Floats, Integers, floats
from analysis.design.pps import PPS, Unequal, read_unequal
from analysis.errors import Problem, raise_all, refuse

Lonely = Literal["fail", "adjust", "average", "certainty", "collapse"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of selection: n respondents in U units, the units in G groups.

    unit : (n,) code of each respondent's unit ; group : (U,) group of each unit
    sampled : (G,) units drawn ; population : (G,) units there were, or None
    names : (G,) how messages call the groups
    unequal : the inclusion probabilities of a PPS sample without replacement, or None
    """

    unit: Integers
    group: Integers
    sampled: Integers
    population: Floats | None
    names: list[str]
    unequal: Unequal | None = None

    @property
    def counted(self) -> bool:
        """Whether the sampling fractions are known, so that the stage below counts."""
        return self.population is not None or self.unequal is not None

    @property
    def probability(self) -> Floats:
        """(U,) inclusion probability of each unit within its group; 0 where it is not known."""
        return self.fraction[self.group] if self.unequal is None else self.unequal.probability

    @property
    def fraction(self) -> Floats:
        """(G,) share of the units that was drawn; 0 without population counts."""
        if self.population is None:
            return np.zeros(len(self.sampled))
        return np.asarray(self.sampled / self.population, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Component:
    """What a stage adds to the variance of a total.

    unit : (n,) ; group : (U,) ; size : (G,) units in each group
    coefficient : (G,) the factor c_g
    alone : (G,) True where the single unit is compared with the mean of all units
    share : (U,) factor of each unit's square in a PPS sample without replacement, else None
    """

    unit: Integers
    group: Integers
    size: Floats
    coefficient: Floats
    alone: Flags
    share: Floats | None = None


def components(stages: list[Stage], lonely: Lonely) -> list[Component]:
    """The components of variance; raises :class:`BaroError` naming the lonely groups refused."""
    made: list[Component] = []
    above = np.ones(0)
    for depth, stage in enumerate(stages):
        upper = np.ones(len(stage.sampled))
        if depth:
            upper = above[stages[depth - 1].unit[_first_rows(stage.group[stage.unit])]]
        made.append(_component(stage, upper, lonely, depth))
        if not stage.counted or depth + 1 == len(stages):
            break
        above = upper[stage.group] * stage.probability
    return made


def _component(stage: Stage, upper: Floats, lonely: Lonely, depth: int) -> Component:
    m, f = stage.sampled.astype(np.float64), stage.fraction
    share = None if stage.unequal is None else stage.unequal.share(stage.group, m)
    certain = f >= 1
    if stage.unequal is not None:
        certain = np.bincount(stage.group, weights=stage.probability, minlength=len(m)) >= m
    single = (m < 2) & ~certain
    if single.any() and (lonely == "fail" or (lonely in ("average", "collapse") and depth)):
        raise_all(_lonely_problems(stage, single, lonely, depth))
    with np.errstate(divide="ignore", invalid="ignore"):
        coefficient = np.where(m > 1, (1 - f) * m / (m - 1), 0.0)
    if lonely == "adjust":
        coefficient = np.where(single, 1 - f, coefficient)
    if lonely == "average" and single.any():
        if single.all():
            raise_all(_lonely_problems(stage, single, lonely, depth))
        coefficient = coefficient * len(m) / (~single).sum()
    alone = single & (lonely == "adjust")
    return Component(stage.unit, stage.group, m, upper * coefficient, alone, share)


def _lonely_problems(stage: Stage, single: Flags, lonely: Lonely, depth: int) -> list[Problem]:
    remedy = 'merge them, or choose lonely_psu="adjust", "certainty"' + (
        ', "average" or "collapse"' if depth == 0 and lonely == "fail" else ""
    )
    what = "a single PSU" if depth == 0 else f"a single unit of stage {depth + 1}"
    return [
        Problem(f"design: stratum {stage.names[g]}", f"{what}: no variance can be estimated",
                "two or more", remedy)
        for g in np.flatnonzero(single)
    ]  # fmt: skip


def build_stages(
    frame: pl.DataFrame, strata: list[str], clusters: list[str], fpc: list[str], fractions: bool,
    pps: PPS | None = None,
) -> list[Stage]:  # fmt: skip
    """The stages that the columns describe.

    strata, clusters, fpc : columns, the first stage first; without clusters, respondents
    pps : the first column of fpc holds the inclusion probabilities of a PPS sample
    Raises :class:`BaroError` with every fault of the counts.
    """
    depth = max(len(clusters), 1)
    for name, columns in (("strata", strata), ("fpc", fpc)):
        if len(columns) > depth:
            raise refuse(f"design: {name}", f"{len(columns)} columns for {depth} stages",
                         "one a stage", f"name {depth} columns, or add clusters")  # fmt: skip
    stages: list[Stage] = []
    upper = np.zeros(frame.height, dtype=np.int64)
    names = [""]
    problems: list[Problem] = []
    for s in range(depth):
        group, names = combine(upper, names, frame, strata[s] if s < len(strata) else "")
        unit = (
            combine(group, names, frame, clusters[s])[0]
            if s < len(clusters)
            else np.arange(frame.height, dtype=np.int64)
        )
        unit_group = group[_first_rows(unit)]
        sampled = np.bincount(unit_group, minlength=len(names))
        population, unequal = None, None
        if pps and s == 0:
            unequal = read_unequal(frame, fpc[0], unit, group, pps, problems)
        elif s < len(fpc):
            population = _population(frame[fpc[s]], group, sampled, names, fractions, problems)
        stages.append(Stage(unit, unit_group, sampled, population, names, unequal))
        upper, names = unit, [""] * len(unit_group)
    raise_all(problems)
    return stages


def collapse_lonely(stage: Stage) -> Stage:
    """Each stratum of one PSU joined with the next in order of name (the last with the one before).

    Joining strata that were alike overstates the variance; Wolter (2007), Introduction to
    Variance Estimation, §2.5.
    """
    place = collapsed_places(stage)
    size = int(place.max()) + 1
    sampled = np.bincount(place, weights=stage.sampled, minlength=size).astype(np.int64)
    population = None
    if stage.population is not None:
        population = np.bincount(place, weights=stage.population, minlength=size).astype(float)
    parts: list[list[str]] = [[] for _ in range(size)]
    for name, j in zip(stage.names, place, strict=True):
        parts[j].append(name)
    names = ["+".join(part) for part in parts]
    unequal = None if stage.unequal is None else stage.unequal.joined(place, size)
    return Stage(stage.unit, place[stage.group], sampled, population, names, unequal)


def collapsed_places(stage: Stage) -> Integers:
    """(G,) the group that each stratum is joined into, as :func:`collapse_lonely` does."""
    order = np.argsort(np.array(stage.names))
    place = np.empty(len(order), dtype=np.int64)
    joined = 0
    count = 0
    rest = int(stage.sampled.sum())
    for g in order:
        place[g] = joined
        count += int(stage.sampled[g])
        rest -= int(stage.sampled[g])
        if count >= 2 and rest != 1:
            joined, count = joined + 1, 0
    return np.minimum(place, place.max() if count else joined - 1)


def combine(
    codes: Integers, names: list[str], frame: pl.DataFrame, column: str
) -> tuple[Integers, list[str]]:
    """Codes of the distinct pairs (code, value of ``column``) in order of appearance, and names."""
    if not column:
        return codes, [n or "(whole sample)" for n in names]
    given = frame[column]
    if given.dtype.is_nested() or given.dtype in (pl.Object, pl.Binary, pl.Duration):
        raise refuse(f"design: {column}", f"the column is {given.dtype}", "text or numbers",
                     "make one value a row of it")  # fmt: skip
    given = given.fill_nan(None) if given.dtype.is_float() else given
    values = given.cast(pl.String)
    if values.null_count():
        first = values.is_null().arg_true()[0] + 1
        raise refuse(f"design: {column}, row {first}", f"{values.null_count()} rows have no value",
                     "a value for everybody", "complete the column")  # fmt: skip
    pairs = pl.DataFrame({"code": codes, "value": values})
    distinct = pairs.unique(maintain_order=True).with_row_index("pair")
    found = pairs.join(distinct, on=["code", "value"], how="left", maintain_order="left")
    labels = [
        f"{names[c]}/{v}" if names[c] and names[c] != "(whole sample)" else v
        for c, v in distinct.select("code", "value").iter_rows()
    ]
    return found["pair"].cast(pl.Int64).to_numpy(), labels


def _first_rows(codes: Integers) -> Integers:
    """For each code 0..U-1, the position of its first respondent."""
    first = np.empty(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]  # the last to be written is the first row
    return first


def _population(
    column: pl.Series, group: Integers, sampled: Integers, names: list[str], fractions: bool,
    problems: list[Problem],
) -> Floats:  # fmt: skip
    """(G,) population counts; what is wrong with them goes to ``problems``."""
    given = floats(column)
    low = np.full(len(sampled), np.inf)
    high = np.full(len(sampled), -np.inf)
    with np.errstate(invalid="ignore"):  # a missing count makes its stratum's bounds missing
        np.minimum.at(low, group, given)
        np.maximum.at(high, group, given)
    where = [f"design: {column.name}, stratum {n}" for n in names]
    equal = (low == high) & np.isfinite(low)
    for g in np.flatnonzero(~equal):
        several = np.unique(given[group == g])
        shown = ", ".join(f"{v:g}" for v in several[:4])
        found = shown if np.isfinite(several).all() else "missing or no number"
        problems.append(Problem(where[g], f"N_h is {found}", "one N_h",
                                "give every respondent of the stratum the same count"))  # fmt: skip
    with np.errstate(divide="ignore"):  # a fraction of 0 is refused below
        counts = sampled / low if fractions else low
    above = counts >= sampled * (1 - 1e-12)
    for g in np.flatnonzero(equal & ~(above & np.isfinite(counts))):
        found = (
            f"fraction {low[g]:g}" if fractions else f"N_h = {low[g]:g} is below n_h = {sampled[g]}"
        )
        problems.append(Problem(where[g], found, "0 < fraction <= 1" if fractions else "N_h >= n_h",
                                "correct the population count"))  # fmt: skip
    return np.asarray(counts, dtype=np.float64)
