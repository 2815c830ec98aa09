"""Distances between weights before and after, through the ratio g = F(u) that each one gives.

Deville and Särndal (1992), Journal of the American Statistical Association 87(418), with
F(0) = F'(0) = 1: u = x' lambda is the linear combination of a respondent's auxiliary columns.
Calibration minimizes the convex ``integral(u)`` summed over weights, less lambda' targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from analysis.design import Floats
from analysis.errors import nearest, refuse

Method = Literal["raking", "linear", "logit", "truncated_linear", "poststratification"]
METHODS: tuple[str, ...] = get_args(Method)
USUAL = (0.4, 2.5)  # bounds of the methods that need some
STEEP = 500.0  # exp() beyond is no weight


@dataclass(frozen=True, slots=True)
class Distance:
    """Ratios of final to initial weight as a function of u, within [low, high]."""

    kind: Literal["exponential", "linear", "logit"]
    low: float
    high: float

    @property
    def bounded(self) -> bool:
        """Whether a bound was asked for."""
        return self.low > -np.inf or self.high < np.inf

    def ratio(self, u: Floats) -> Floats:
        """F(u)."""
        if self.kind == "logit":
            return self._logit(u)[0]
        raw = 1 + u if self.kind == "linear" else np.exp(np.minimum(u, STEEP))
        return np.clip(raw, self.low, self.high)

    def slope(self, u: Floats) -> Floats:
        """F'(u); 0 beyond a bound."""
        if self.kind == "logit":
            return self._logit(u)[1]
        raw = 1 + u if self.kind == "linear" else np.exp(np.minimum(u, STEEP))
        slope = np.ones_like(u) if self.kind == "linear" else raw
        return np.where((raw > self.low) & (raw < self.high), slope, 0.0)

    def integral(self, u: Floats) -> Floats:
        """An antiderivative of F, for the search along a step."""
        if self.kind == "logit":
            return self._logit(u)[2]
        if self.kind == "linear":
            inner = np.clip(u, self.low - 1, self.high - 1)
            whole = inner + inner**2 / 2
        else:
            with np.errstate(divide="ignore"):
                ends = np.log(np.maximum([self.low, self.high], 0.0))
            inner = np.clip(np.minimum(u, STEEP), *ends)
            whole = np.exp(inner)
        return whole + np.where(u != inner, self.ratio(u) * (u - inner), 0.0)

    def _logit(self, u: Floats) -> tuple[Floats, Floats, Floats]:
        low, high = self.low, self.high
        a = (high - low) / ((1 - low) * (high - 1))
        odds = (1 - low) / (high - 1)  # high side over low side at u = 0
        z = np.clip(a * u, -STEEP, STEEP) + np.log(odds)
        share = 1 / (1 + np.exp(-z))
        ratio = low + (high - low) * share
        integral = low * u + (high - low) / a * np.logaddexp(0.0, z)
        return ratio, (high - low) * a * share * (1 - share), integral


def distance(method: str, bounds: tuple[float, float] | None) -> Distance:
    """The distance of a method; raises :class:`BaroError` for unknown methods and odd bounds."""
    if method not in METHODS:
        raise refuse("calibrate: method", f'"{method}" is not known', nearest(method, METHODS),
                     "name one of them")  # fmt: skip
    if bounds is not None:
        _check_bounds(method, bounds)
    low, high = (-np.inf, np.inf) if bounds is None else map(float, bounds)
    if method in ("logit", "truncated_linear"):
        low, high = USUAL if bounds is None else (low, high)
    if method == "logit":
        return Distance("logit", low, high)
    return Distance("exponential" if method == "raking" else "linear", low, high)


def _check_bounds(method: str, bounds: Any) -> None:
    if method == "poststratification":
        raise refuse("calibrate: bounds", "post-stratification has one ratio a cell, and no choice",
                     "no bounds", 'leave them out, or method="logit"')  # fmt: skip
    pair = isinstance(bounds, tuple | list) and len(bounds) == 2
    if not (pair and 0 <= bounds[0] < 1 < bounds[1]):
        raise refuse("calibrate: bounds", f"{bounds}", "0 <= lower < 1 < upper",
                     f"e.g. bounds={USUAL}")  # fmt: skip
    if method == "logit" and not np.isfinite(bounds[1]):
        raise refuse("calibrate: bounds", "an upper bound without end", "a number",
                     f"e.g. bounds={USUAL}")  # fmt: skip
