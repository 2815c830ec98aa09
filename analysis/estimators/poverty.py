"""The at-risk-of-poverty rate: the share below a threshold relative to the whole population.

Deville (1999), Survey Methodology 25(2); Berger and Skinner (2003), JRSS C 52(4); Osier (2009),
Survey Research Methods 3(3). docs/methods/inequality.md has the formulas.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from analysis.design import Floats, SampleDesign
from analysis.errors import refuse
from analysis.estimators.cdf import Ordered, Rule
from analysis.estimators.cells import Groups, Names, groups, listed, numbers
from analysis.estimators.density import densities
from analysis.estimators.frames import result
from analysis.estimators.inequality import columns, levels, of_base, standard_errors
from analysis.estimators.inference import Flags, chosen
from analysis.estimators.intervals import korn_graubard, proportion_interval
from analysis.estimators.means import mean
from analysis.estimators.options import Options
from analysis.estimators.quantile import Quantiles, quantile

Centre = Literal["median", "mean"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A share of the median, or of the mean, of a whole population, as a functional.

    ordered : the population, one level ; n : respondents
    """

    ordered: Ordered
    share: float
    of: Centre
    rule: Rule
    n: int

    def point(self, weights: Floats) -> Floats:
        """(1,) the threshold, in the variable's unit."""
        if self.of == "median":
            return self.share * self._median.point(weights)
        w = weights[self.ordered.row]
        return np.array([self.share * (w * self.ordered.value).sum() / w.sum()])

    def scores(self, weights: Floats, point: Floats) -> Floats:
        """(n, 1) the share times the linearized variable of the median, or of the mean."""
        centre = point / self.share
        if self.of == "median":
            return self.share * self._median.scores(weights, centre)
        made = np.zeros((self.n, 1))
        row = self.ordered.row
        made[row, 0] = self.share * (self.ordered.value - centre) / weights[row].sum()
        return made

    @property
    def _median(self) -> Quantiles:
        return Quantiles(self.ordered, np.array([0.5]), self.rule, self.n)


@dataclass(frozen=True, slots=True)
class PovertyRate:
    """Shares of L levels strictly below a threshold that is itself estimated, as a functional.

    ordered : the respondents by level and value ; threshold : of the whole population
    """

    ordered: Ordered
    threshold: Threshold

    def point(self, weights: Floats) -> Floats:
        """(L,) rates, the threshold being that of the same weights."""
        line = self.threshold.point(weights)[0]
        found = np.full(self.ordered.size, np.nan)
        for level, (y, w) in enumerate(self.ordered.segments(weights)):
            if len(y):
                found[level] = _share(y < line, w)
        return found

    def scores(self, weights: Floats, point: Floats) -> Floats:
        """(n, L) linearized variables; see :meth:`blocks`."""
        return next(self.blocks(weights, point, max(len(point), 1)))

    def blocks(self, weights: Floats, point: Floats, width: int) -> Iterator[Floats]:
        """z_k = d_k (1{y_k < T} - R) / N_d + f_d(T) z_k(T), d_k one's own level.

        f_d is the density of the level at the threshold T, z(T) the threshold's own linearized
        variable: everybody in the population has one, inside the level or not.
        """
        o, line = self.ordered, self.threshold.point(weights)
        moved = self.threshold.scores(weights, line)
        at = np.repeat(line[None, :], o.size, axis=0)
        density = np.nan_to_num(densities(o, weights, at)[:, 0])
        for first in range(0, o.size, width):
            last = min(first + width, o.size)
            z = moved * density[first:last]
            for level in range(first, last):
                rows = o.row[o.start[level] : o.start[level + 1]]
                if len(rows):
                    below = o.value[o.start[level] : o.start[level + 1]] < line[0]
                    z[rows, level - first] += (below - point[level]) / weights[rows].sum()
            yield z


def _share(inside: Flags, w: Floats) -> float:
    """Weighted share of True, exact where nobody or everybody is."""
    return float(inside[0]) if inside.all() or not inside.any() else w[inside].sum() / w.sum()


def poverty_rate(
    design: SampleDesign, variable: Names, share: float, of: Centre, by: Names | None,
    where: pl.Expr | None, rule: Rule, o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Shares of each domain below ``share`` of the median (or mean) of everybody in ``where``.

    o : ``ci`` names the interval, as of a proportion. No design effect is given.
    Raises :class:`BaroError` for a share that is not positive.
    """
    _conventions(share, of, rule)
    names, domains, whole = listed(variable), groups(design, by, where), groups(design, None, where)
    values, known = numbers(design, names)
    known = known * (design.weights > 0)[:, None]
    parts = [_rates(values[:, k], known[:, k], domains, whole, share, of, rule, design, o)
             for k in range(len(names))]  # fmt: skip
    found = {c: np.hstack([part[c] for part in parts]) for c in parts[0]}
    method = f"poverty rate; {design.way}; {o.ci}; below {_line(share, of, rule)}"
    return result(names, [""] * len(names), domains, found, method)


def poverty_threshold(
    design: SampleDesign, variable: Names, share: float, of: Centre, where: pl.Expr | None,
    rule: Rule, o: Options,
) -> pl.DataFrame:  # fmt: skip
    """``share`` of the median (Woodruff's interval) or of the mean of everybody in ``where``."""
    _conventions(share, of, rule)
    if of == "median":
        made = quantile(design, variable, 0.5, None, where, "woodruff", rule, o).drop("quantile")
    else:
        made = mean(design, variable, None, where, o)
    method = f"poverty threshold; {_line(share, of, rule)}; "
    return made.with_columns(
        pl.col("estimate", "se", "ci_low", "ci_high") * share, method=method + pl.col("method")
    )


def _rates(
    values: Floats, base: Floats, domains: Groups, whole: Groups, share: float, of: Centre,
    rule: Rule, design: SampleDesign, o: Options,
) -> dict[str, Floats]:  # fmt: skip
    weights, n = design.weights, len(values)
    everybody = Ordered.of(values, np.where(base > 0, whole.code, -1), 1, weights)
    own = Ordered.of(values, np.where(base > 0, domains.code, -1), levels(domains), weights)
    functional = PovertyRate(own, Threshold(everybody, share, of, rule, n))
    point = functional.point(weights)
    se = standard_errors(functional, point, design)
    found = of_base(base, domains, design, o)
    se = np.where((found["psus"] < 2) | np.isnan(point), np.nan, se)
    low, high = _interval(point, se, base, domains, found, design, o)
    return columns(point, se, low, high, found)


def _interval(
    point: Floats, se: Floats, base: Floats, domains: Groups, found: dict[str, Floats],
    design: SampleDesign, o: Options,
) -> tuple[Floats, Floats]:  # fmt: skip
    """The named interval; Korn and Graubard's on Kish's n where nobody or everybody is below."""
    low, high = proportion_interval(o.ci, point, se, found["df"][:, 0], found["n"][:, 0], o.level)
    constant = (point == 0) | (point == 1)
    squares = domains.members.sums((design.weights**2 * base)[:, None])[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = found["n_weighted"][:, 0] ** 2 / squares
    exact = korn_graubard(np.where(constant, point, 0.0), kish, o.level)
    unknown = np.isnan(se)
    low, high = (
        np.where(unknown, np.nan, np.where(constant, e, v))
        for e, v in zip(exact, (low, high), strict=True)
    )
    return low, high


def _conventions(share: float, of: Centre, rule: Rule) -> None:
    chosen("poverty: of", of, Centre)
    chosen("poverty: interpolation", rule, Rule)
    if not (np.isfinite(share) and share > 0):
        raise refuse("poverty: threshold", f"{share:g}", "a positive share", "e.g. threshold=0.6")


def _line(share: float, of: Centre, rule: Rule) -> str:
    return f"{share:g} of the {of}" + (f" ({rule})" if of == "median" else "")
