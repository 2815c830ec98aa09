"""Quantiles of domains: the weighted distribution inverted, with Woodruff's interval.

Woodruff (1952), JASA 47, takes the interval of the share F(q) of the population at or below the
estimated quantile q, and inverts the distribution at both its ends. Formulas, rules and where R
differs: docs/methods/quantiles.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from analysis.design import Floats, SampleDesign
from analysis.errors import refuse
from analysis.estimators.cdf import Ordered, Rule
from analysis.estimators.cells import Groups, Names, groups, listed, measured, numbers
from analysis.estimators.density import densities
from analysis.estimators.frames import result
from analysis.estimators.functional import estimate
from analysis.estimators.inference import chosen
from analysis.estimators.intervals import student, wald
from analysis.estimators.options import Options
from analysis.estimators.ratio import RatioEstimates, estimate_ratios

Way = Literal["woodruff", "replication"]


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Quantiles of one variable in L levels as a functional of L * P cells, level by level.

    ordered : the respondents by level and value ; shares : (P,) in [0, 1] ; n : respondents
    """

    ordered: Ordered
    shares: Floats
    rule: Rule
    n: int

    def point(self, weights: Floats) -> Floats:
        """(L * P,) quantiles."""
        p = np.broadcast_to(self.shares, (self.ordered.size, len(self.shares)))
        return self.ordered.inverse(weights, p, self.rule).ravel()

    def scores(self, weights: Floats, point: Floats) -> Floats:
        """(n, L * P) linearized variables -(1{y <= q} - p) / (N f(q)), Deville (1999), §5.

        f is the kernel density of :mod:`analysis.estimators.density`. For covariances of
        quantiles; their own intervals are Woodruff's, which need no density.
        """
        o, size = self.ordered, len(self.shares)
        q = point.reshape(o.size, size)
        slope = densities(o, weights, q)
        z = np.zeros((self.n, o.size, size))
        for level, (a, b) in enumerate(zip(o.start[:-1], o.start[1:], strict=True)):
            rows, total = o.row[a:b], weights[o.row[a:b]].sum()
            with np.errstate(divide="ignore", invalid="ignore"):
                below = (o.value[a:b, None] <= q[level]) - self.shares
                z[rows, level] = -below / (total * slope[level])
        return np.nan_to_num(z.reshape(self.n, -1))


def quantile(
    design: SampleDesign, variables: Names, shares: float | Sequence[float], by: Names | None,
    where: pl.Expr | None, way: Way, rule: Rule, o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Weighted quantiles; the result has a column ``quantile`` after ``category``.

    o : ``ci`` names the interval of the share at or below the quantile (Woodruff only).
    Raises :class:`BaroError` for shares outside [0, 1], unknown conventions, replication
    without replicates or with a jackknife.
    """
    p = checked_shares(shares)
    check_conventions(way, rule, by)
    if way == "replication":
        _replicable(design)
    names, domains = measured(variables), groups(design, by, where)
    values, known = numbers(design, names)
    parts = [
        quantile_cells(
            values[:, k], known[:, k] * (design.weights > 0), p, domains, design, way, rule, o
        )
        for k in range(len(names))
    ]
    return quantile_rows(parts, names, p, domains, method(design.way, way, rule, o))


def quantile_rows(
    parts: Sequence[dict[str, Floats]], names: Sequence[str], p: Floats, domains: Groups, text: str
) -> pl.DataFrame:
    """The result, from the columns (L, P) of each variable."""
    found = {c: np.hstack([part[c] for part in parts]) for c in parts[0]}
    repeated = [name for name in names for _ in p]
    made = result(repeated, [""] * len(repeated), domains, found, text)
    n_levels = found["estimate"].shape[0]
    column = pl.Series("quantile", np.repeat(np.tile(p, len(names)), n_levels))
    return made.insert_column(made.columns.index("category") + 1, column)


def quantile_cells(
    values: Floats, base: Floats, p: Floats, domains: Groups, design: SampleDesign, way: Way,
    rule: Rule, o: Options,
) -> dict[str, Floats]:  # fmt: skip
    """Columns (L, P) of one variable; no interval for the smallest and the largest value."""
    code = np.where(base > 0, domains.code, -1)
    size = max(domains.labels.height, 1)
    ordered = Ordered.of(values, code, size, design.weights)
    functional = Quantiles(ordered, p, rule, len(values))
    point = functional.point(design.weights).reshape(size, len(p))
    below = _below(values, base, point, domains, design, o)
    if way == "replication":
        se = estimate(functional, design).se.reshape(point.shape)
        se = np.where(np.isnan(below.se), np.nan, se)
        low, high = wald(point, se, below.df, o.level)
    else:
        low = ordered.inverse(design.weights, below.low, rule)
        high = ordered.inverse(design.weights, below.high, rule)
        se = (high - low) / (2 * student(below.df, o.level))
    return quantile_columns(point, se, (low, high), below, p)


def quantile_columns(
    point: Floats, se: Floats, ends: tuple[Floats, Floats], below: RatioEstimates, p: Floats
) -> dict[str, Floats]:
    """The columns (L, P) of one variable, from its quantiles and the shares below them."""
    low, high = ends
    inner = (p > 0) & (p < 1)
    se, low, high, deff = (np.where(inner, v, np.nan) for v in (se, low, high, below.deff))
    return {"estimate": point, "se": se, "ci_low": low, "ci_high": high, "deff": deff,
            "df": below.df.astype(np.float64), "n": below.n.astype(np.float64),
            "n_weighted": below.n_weighted,
            "df_domain": below.df_domain.astype(np.float64)}  # fmt: skip


def _below(
    values: Floats, base: Floats, point: Floats, domains: Groups, design: SampleDesign, o: Options
) -> RatioEstimates:
    """The (L, P) shares F(q) of each level at or below its quantiles."""
    k = point.shape[1]
    reached = (values[:, None] <= point[domains.code]) * base[:, None]
    return estimate_ratios(
        reached.astype(np.float64), np.repeat(base[:, None], k, axis=1),
        np.ones(k, dtype=bool), domains.members, design, o,
    )  # fmt: skip


def checked_shares(shares: float | Sequence[float]) -> Floats:
    """(P,) the shares of a call; refuses what is none, or outside [0, 1]."""
    try:
        given = np.atleast_1d(np.asarray(shares, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise refuse("quantile: shares", f"{shares!r}", "numbers between 0 and 1",
                     "e.g. [0.25, 0.5, 0.75]") from error  # fmt: skip
    wrong = given[~((given >= 0) & (given <= 1))]
    if wrong.size or not given.size:
        found = ", ".join(f"{v:g}" for v in wrong) or "no share"
        raise refuse("quantile: shares", found, "between 0 and 1", "e.g. [0.25, 0.5, 0.75]")
    return given


def check_conventions(way: Way, rule: Rule, by: Names | None) -> None:
    """Refuse unknown conventions, and a domain of the name of a column of the result."""
    chosen("quantile: ci", way, Way)
    chosen("quantile: interpolation", rule, Rule)
    if "quantile" in listed(by):
        raise refuse("quantile: by", 'a column named "quantile"', "another name",
                     'rename it first: frame.rename({"quantile": "…"})')  # fmt: skip


def _replicable(design: SampleDesign) -> None:
    """Refuse what has no replicates, or a jackknife: inconsistent here (Shao and Wu 1989)."""
    if design.replication is None:
        raise refuse('quantile: ci="replication"', "the design has no replicate weights",
                     "replicate weights", 'choose ci="woodruff"')  # fmt: skip
    if design.replication.kind.lower().startswith("jk"):
        raise refuse('quantile: ci="replication"', f"replicates of kind {design.replication.kind}",
                     "brr, fay, bootstrap or sdr: the jackknife variance of a quantile does not "
                     "converge", 'choose ci="woodruff": it uses the same replicates')  # fmt: skip


def method(design_way: str, way: Way, rule: Rule, o: Options) -> str:
    """The conventions of a row."""
    interval = f"woodruff ({o.ci})" if way == "woodruff" else "wald"
    return f"quantile; {design_way}; {interval}; {rule}; deff={o.deff}"
