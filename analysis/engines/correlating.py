"""Pearson's correlation where the rows are: moments, then the variance of its scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np

from analysis.design import Floats
from analysis.engines import scores
from analysis.engines.frames import Lazy, gathered, number, run
from analysis.engines.measures import numeric_columns
from analysis.engines.ownrows import WEIGHT, occupied, occupied_plan, own_rows, somebody
from analysis.engines.sample import HeldSample
from analysis.estimators.correlation import CorrelationInterval, tested, untested
from analysis.estimators.inference import chosen
from analysis.estimators.options import Options
from analysis.estimators.results import HypothesisTest, HypothesisTests
from analysis.variance import replicate_covariance


def correlation(
    sample: HeldSample, x: str, y: str | list[str], where: Any, ci: CorrelationInterval, o: Options
) -> HypothesisTest | HypothesisTests:
    """Correlation of x with y; as :func:`analysis.estimators.correlation.correlation`."""
    sample.uncalibrated("correlation")
    chosen("correlation: ci", ci, CorrelationInterval)
    if isinstance(y, str):
        return _one(sample, x, y, where, ci, o)
    return HypothesisTests(tuple(_one(sample, x, name, where, ci, o) for name in y))


def _one(
    sample: HeldSample, x: str, y: str, where: Any, ci: CorrelationInterval, o: Options
) -> HypothesisTest:
    numeric_columns(sample.rows, [x, y])
    a, b = number(x), number(y)
    rows = sample.inside(where).filter(sample.counts, a.is_finite(), b.is_finite())
    rows = own_rows(sample, rows, {"x": a, "y": b})
    w = nw.col(WEIGHT)
    ends = [e for c in ("x", "y") for e in (nw.col(c).min().alias(f"{c}0"),
            nw.col(c).max().alias(f"{c}1"), (w * nw.col(c)).sum().alias(f"{c}2"))]  # fmt: skip
    counted, table = run([occupied_plan(sample, rows), rows.select(nw.len().alias("n"), *ends)])
    seen = table.row(0, named=True)
    blank = untested(x, y, seen["n"], ci, sample.way, o)
    if not seen["n"]:
        somebody(sample, where)
    for name, c in ((x, "x"), (y, "y")):
        if seen[f"{c}0"] == seen[f"{c}1"]:
            return replace(blank, reason=f'"{name}" is constant in the base')
    who = occupied(sample, rows, counted)
    df = sample.df if o.df == "design" else who.own
    if df < 1 or who.psus < 2:
        return replace(blank, reason="no degrees of freedom are left, or the base is one PSU")
    middle = [seen[f"{c}2"] / who.n_weighted for c in ("x", "y")]
    rows = rows.with_columns(x=nw.col("x") - middle[0], y=nw.col("y") - middle[1])
    r, se = _estimated(sample, rows)
    return tested(blank, r, se, df, ci)


@dataclass(frozen=True, slots=True)
class _Moments:
    """Weighted means of x and y, and of their squares and product."""

    x: float
    y: float
    xx: float
    yy: float
    xy: float

    @classmethod
    def of(cls, found: Mapping[str, float], name: str) -> _Moments:
        with np.errstate(divide="ignore", invalid="ignore"):
            return cls(*(np.float64(found[f"{c}{name}"]) / found[f"n{name}"]
                         for c in ("x", "y", "xx", "yy", "xy")))  # fmt: skip

    @property
    def spreads(self) -> tuple[float, float]:
        """Standard deviations."""
        return float(np.sqrt(self.xx - self.x**2)), float(np.sqrt(self.yy - self.y**2))

    @property
    def correlation(self) -> float:
        """NaN where either column is constant."""
        a, b = self.spreads
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.float64(self.xy - self.x * self.y) / (a * b))


def _wanted(weight: str, name: str) -> dict[str, nw.Expr]:
    w, x, y = nw.col(weight), nw.col("x"), nw.col("y")
    parts = {"n": w, "x": w * x, "y": w * y, "xx": w * x * x, "yy": w * y * y, "xy": w * x * y}
    return {f"{c}{name}": value.sum() for c, value in parts.items()}


def _estimated(sample: HeldSample, rows: Lazy) -> tuple[float, float]:
    """The correlation and its standard error, of columns less their means."""
    names = [f"r{r}" for r in range(len(sample.columns))]
    wanted = _wanted(WEIGHT, "")
    for name in names:
        wanted |= _wanted(name, name)
    (found,) = gathered([(rows, wanted)])
    full = _Moments.of(found, "")
    r = full.correlation
    if sample.replication is not None:
        again = np.array([[_Moments.of(found, name).correlation] for name in names])
        spread = replicate_covariance(again, np.array([r]), sample)
    else:
        spread = _linearized(sample, rows, full, r, found["n"])
    return r, float(np.sqrt(np.maximum(spread[0, 0], 0.0)))


def _linearized(sample: HeldSample, rows: Lazy, full: _Moments, r: float, weight: float) -> Floats:
    """(1, 1) variance of the total of w (u v - r (u^2 + v^2) / 2) / W."""
    a, b = full.spreads
    u, v = (nw.col("x") - full.x) / a, (nw.col("y") - full.y) / b
    score = nw.col(WEIGHT) * (u * v - (u * u + v * v) * (r / 2)) / weight
    return scores.covariance(rows.with_columns(c=score), ["c"], bool(sample.cluster),
                             bool(sample.keys), sample.strata)  # fmt: skip
