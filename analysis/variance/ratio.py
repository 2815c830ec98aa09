"""Ratios and totals of many domains at once: one pass of sums, then small algebra.

Step 1 (:func:`ratio_totals`) is plain sums over the microdata, by domain level and unit. Step 2
(:func:`ratio_variance`) is algebra on those sums, with no respondent in sight. For R = Y / X and
the totals Y_j, X_j of a unit the score is e_j = (Y_j - R X_j) / X, so that the sums of Y_j^2,
Y_j X_j and X_j^2 by group give the variance of every cell. Units without anybody in the domain
have e_j = 0 and stay in the design. Same estimator as R ``survey::svyratio``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from analysis.design import Component, Floats, Integers, SampleDesign
from analysis.design.arrays import numbered
from analysis.variance.blocks import BlockSums

PIECE = 20_000  # rows whose replicate weights are copied at once


@dataclass(frozen=True)
class Membership:
    """Who belongs to which of L domain levels; somebody may belong to several or to none.

    codes : for each domain, (n,) level 0..L-1 of each respondent, -1 for none
    size : L
    """

    codes: tuple[Integers, ...]
    size: int

    @classmethod
    def of(cls, *codes: Integers) -> Membership:
        """From one (n,) array of codes for each domain, -1 meaning in none of its levels.

        The levels of the second domain are numbered after those of the first, and so on; a
        domain has as many levels as its highest code says.
        """
        shifted, size = [], 0
        for code in codes:
            shifted.append(np.where(code >= 0, code + size, -1))
            size += int(code.max(initial=-1)) + 1
        return cls(tuple(shifted), size)

    @cached_property
    def row(self) -> Integers:
        """(p,) respondents of the pairs (respondent, level)."""
        return np.concatenate([np.flatnonzero(c >= 0) for c in self.codes])

    @cached_property
    def level(self) -> Integers:
        """(p,) levels of the pairs (respondent, level)."""
        return np.concatenate([c[c >= 0] for c in self.codes])

    def sums(self, values: Floats) -> Floats:
        """(L, K) sums over the members of each level of the rows of ``values`` (n, K)."""
        return _member_sums(self.level, self.row, self.size, values)


@dataclass(frozen=True, slots=True)
class PairSums:
    """Sums of one component over the S pairs of a level and a group that occur, each (S, K).

    With a ``share`` q in the component, yy is the sum of q Y_j^2, etc., and qy, qx are the sums
    of q Y_j and q X_j.
    """

    component: Component
    level: Integers
    group: Integers
    y: Floats
    x: Floats
    yy: Floats
    yx: Floats
    xx: Floats
    qy: Floats | None = None
    qx: Floats | None = None


@dataclass(frozen=True, slots=True)
class RatioTotals:
    """Sums over the sample of L domain levels by K measures.

    y, x : (L, K) weighted totals of the measure and of its base
    psus, strata : (L, K) PSUs and strata with somebody in the base
    parts : what the variance needs, a component of the design each
    """

    y: Floats
    x: Floats
    psus: Integers
    strata: Integers
    parts: tuple[PairSums, ...]


def ratio_totals(
    values: Floats, base: Floats, members: Membership, design: SampleDesign
) -> RatioTotals:
    """One pass over n respondents.

    values : (n, K) the measure, 0 outside the base ; base : (n, K) 1 inside (or any
    denominator), else 0
    """
    w = design.weights[:, None]
    y, x = w * values, w * base
    components = [] if design.replication else design.components
    parts = tuple(_component_sums(y, x, members, c) for c in components)
    psus, strata = _occupied(base, members, design)
    return RatioTotals(members.sums(y), members.sums(x), psus, strata, parts)


def totals_from_blocks(found: BlockSums, design: SampleDesign) -> RatioTotals:
    """The same totals from the sums of :func:`analysis.variance.blocks.block_sums`."""
    groups, levels, k = found.y.shape
    group, level = np.divmod(np.arange(groups * levels), levels)
    flat = [a.reshape(-1, k) for a in (found.y, found.x, found.yy, found.yx, found.xx)]
    part = PairSums(design.components[0], level, group, *flat)
    psus, strata = found.psus.astype(np.int64), found.strata.astype(np.int64)
    return RatioTotals(found.y.sum(axis=0), found.x.sum(axis=0), psus, strata, (part,))


def ratio_variance(totals: RatioTotals) -> Floats:
    """(L, K) variances of y / x; NaN where the base is empty."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = totals.y / totals.x
        variance = _variance(totals, ratio) / totals.x**2
    return np.where(totals.x != 0, variance, np.nan)


def total_variance(totals: RatioTotals) -> Floats:
    """(L, K) variances of the totals y."""
    return _variance(totals, np.zeros_like(totals.y))


def replicate_ratio_variance(
    values: Floats, base: Floats, members: Membership, design: SampleDesign
) -> Floats:
    """(L, K) variances of y / x from the spread of the R replicate estimates."""
    return _replicate_variance(values, base, members, design, ratio=True)


def replicate_total_variance(
    values: Floats, base: Floats, members: Membership, design: SampleDesign
) -> Floats:
    """(L, K) variances of the totals y from the spread of the R replicate estimates."""
    return _replicate_variance(values, base, members, design, ratio=False)


def _replicate_variance(
    values: Floats, base: Floats, members: Membership, design: SampleDesign, *, ratio: bool
) -> Floats:
    """By level, one product of all replicate weights with all measures."""
    replicates = design.replication
    assert replicates is not None
    k = values.shape[1]
    stacked = np.hstack([values, base]) if ratio else values
    weights = np.column_stack([design.weights, replicates.weights])

    def theta(sums: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(sums[..., :k] / sums[..., k:]) if ratio else sums

    variance = np.full((members.size, k), np.nan if ratio else 0.0)
    order = np.argsort(members.level.astype(np.min_scalar_type(members.size)), kind="stable")
    ends = np.cumsum(np.bincount(members.level, minlength=members.size))
    for level, inside in enumerate(np.split(members.row[order], ends[:-1])):
        if len(inside):
            estimates = theta(_replicate_sums(weights, stacked, inside))
            apart = estimates[1:] - estimates[0]
            variance[level] = replicates.scale * (replicates.rscales @ apart**2)
    return variance


def _replicate_sums(weights: Floats, stacked: Floats, inside: Integers) -> Floats:
    """(R, K) sums over the rows ``inside``, weighted by each replicate, in pieces of them."""
    sums = np.zeros((weights.shape[1], stacked.shape[1]))
    for start in range(0, len(inside), PIECE):
        rows = inside[start : start + PIECE]
        sums += np.take(weights, rows, axis=0).T @ np.take(stacked, rows, axis=0)
    return sums


def _component_sums(y: Floats, x: Floats, members: Membership, c: Component) -> PairSums:
    row, level, unit = members.row, members.level, c.unit[members.row]
    held = c.unit
    if len(c.group) < len(c.unit):  # several respondents a unit: sum them first
        member, pair = numbered(level * len(c.group) + unit, members.size * len(c.group))
        y, x = (_member_sums(member, row, len(pair), v) for v in (y, x))
        level, unit = np.divmod(pair, len(c.group))
        row, held = np.arange(len(pair)), unit
    place, cell = numbered(level * len(c.size) + c.group[unit], members.size * len(c.size))
    if c.share is None:
        parts = [y, x, y * y, y * x, x * x]
    else:
        qy, qx = (c.share[held][:, None] * v for v in (y, x))
        parts = [y, x, qy * y, qy * x, qx * x, qy, qx]
    sums = _member_sums(place, row, len(cell), np.hstack(parts))
    cell_level, cell_group = np.divmod(cell, len(c.size))
    return PairSums(c, cell_level, cell_group, *np.hsplit(sums, len(parts)))


def _variance(totals: RatioTotals, ratio: Floats) -> Floats:
    """(L, K) variances of the totals of the scores y - ratio x."""
    variance = np.zeros_like(totals.y)
    for part in totals.parts:
        if part.component.share is not None:
            variance += _unequal_variance(totals, ratio, part)
            continue
        r, c, g = ratio[part.level], part.component, part.group
        squares = part.yy - 2 * r * part.yx + r**2 * part.xx
        sums = part.y - r * part.x
        alone = c.alone[g][:, None]
        mean = (totals.y - ratio * totals.x) / len(c.group)
        apart = np.where(
            alone, squares - 2 * mean[part.level] * sums, squares - sums**2 / c.size[g][:, None]
        )
        np.add.at(variance, part.level, c.coefficient[g][:, None] * apart)
        variance += mean**2 * c.coefficient[c.alone].sum()
    return np.maximum(variance, 0.0)


def _unequal_variance(totals: RatioTotals, ratio: Floats, part: PairSums) -> Floats:
    """(L, K) what a component with a share q adds: sum_j c q_j (e_j - centre)^2."""
    r, c, g = ratio[part.level], part.component, part.group
    assert c.share is not None
    assert part.qy is not None
    assert part.qx is not None
    mass = np.bincount(c.group, weights=c.share, minlength=len(c.size))
    mean = (totals.y - ratio * totals.x) / len(c.group)
    alone = c.alone[g][:, None]
    centre = np.where(alone, mean[part.level], (part.y - r * part.x) / c.size[g][:, None])
    apart = part.yy - 2 * r * part.yx + r**2 * part.xx - 2 * centre * (part.qy - r * part.qx)
    apart += np.where(alone, 0.0, centre**2 * mass[g][:, None])
    variance = mean**2 * (c.coefficient * mass)[c.alone].sum()
    np.add.at(variance, part.level, c.coefficient[g][:, None] * apart)
    return np.asarray(variance, dtype=np.float64)


def _occupied(base: Floats, members: Membership, design: SampleDesign) -> tuple[Integers, Integers]:
    """(L, K) PSUs, and strata, with somebody in the base of the level."""
    level, row, seen = members.level, members.row, (base != 0).astype(np.float64)
    unit, psus = design.psu[row], len(design.psu_stratum)
    if psus < len(base):  # several respondents a PSU: one row for each PSU of a level
        place, cell = numbered(level * psus + unit, members.size * psus)
        seen = np.minimum(_member_sums(place, row, len(cell), seen), 1.0)
        level, unit = np.divmod(cell, psus)
        row = np.arange(len(cell))
    strata = len(design.psu_counts)
    place, cell = numbered(level * strata + design.psu_stratum[unit], members.size * strata)
    held = np.minimum(_member_sums(place, row, len(cell), seen), 1.0)
    found = (
        _member_sums(level, row, members.size, seen),
        _member_sums(cell // strata, np.arange(len(cell)), members.size, held),
    )
    return found[0].astype(np.int64), found[1].astype(np.int64)


def _member_sums(code: Integers, row: Integers, size: int, values: Floats) -> Floats:
    """(size, K) sums of ``values[row]`` by code, as one sparse product."""
    member = sparse.csr_array((np.ones(len(row)), (code, row)), shape=(size, len(values)))
    return np.asarray(member @ values.astype(np.float64, copy=False), dtype=np.float64)
