"""Weighted generalized linear models: families, links, fit, influence of each respondent.

The estimates solve sum_i w_i x_i (y_i - mu_i) mu'(eta_i) / V(mu_i) = 0 (pseudo maximum
likelihood: Binder 1983, International Statistical Review 51(3)). The first fit is statsmodels';
:func:`refine` carries it to the last digits, and from the full sample to each replicate.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import linalg, special

from analysis.design import Floats
from analysis.errors import BaroError, nearest, refuse

Family = Literal["gaussian", "binomial", "poisson"]
INTERCEPT = "(intercept)"
RANK = 1e-9  # of a column scaled to 1, what is left once the others are taken out of it
ENOUGH, STEPS = 1e-11, 40
FAR = 13.0  # linear predictors beyond which separation is looked for (p = 2e-6)


@dataclass(frozen=True, slots=True)
class Link:
    """mu as a function of eta, with its first two derivatives; all (m,) to (m,)."""

    name: str
    mean: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    curvature: Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Model:
    """A family and its link; ``ratio`` is how exp(coefficient) is called, "" if it is none."""

    family: Family
    link: Link

    @property
    def ratio(self) -> str:
        """odds_ratio, rate_ratio, risk_ratio, or nothing."""
        named = {("binomial", "logit"): "odds_ratio", ("poisson", "log"): "rate_ratio",
                 ("binomial", "log"): "risk_ratio"}  # fmt: skip
        return named.get((self.family, self.link.name), "")

    def spread(self, mu: Floats) -> Floats:
        """(m,) variance function V(mu)."""
        if self.family == "binomial":
            return mu * (1 - mu)
        return mu if self.family == "poisson" else np.ones_like(mu)


def _density(eta: Floats) -> Floats:
    return np.asarray(np.exp(-(eta**2) / 2) / np.sqrt(2 * np.pi), dtype=np.float64)


def _logistic_slope(eta: Floats) -> Floats:
    return np.asarray(special.expit(eta) * special.expit(-eta), dtype=np.float64)


_LINKS = {
    "identity": Link("identity", lambda e: e, np.ones_like, np.zeros_like),
    "log": Link("log", np.exp, np.exp, np.exp),
    "logit": Link("logit", special.expit, _logistic_slope,
                  lambda e: _logistic_slope(e) * (1 - 2 * special.expit(e))),
    "probit": Link("probit", special.ndtr, _density, lambda e: -e * _density(e)),
    "cloglog": Link("cloglog", lambda e: -np.expm1(-np.exp(e)), lambda e: np.exp(e - np.exp(e)),
                    lambda e: np.exp(e - np.exp(e)) * (1 - np.exp(e))),
}  # fmt: skip
_OF_FAMILY: dict[str, tuple[str, ...]] = {
    "gaussian": ("identity", "log"),
    "binomial": ("logit", "probit", "cloglog", "log"),
    "poisson": ("log", "identity"),
}


def model(family: str, link: str | None) -> Model:
    """A family and its link (the canonical one by default); refuses unknown names."""
    if family not in get_args(Family):
        raise refuse("regress: family", f'"{family}" is not known',
                     nearest(family, get_args(Family)), "name one of them")  # fmt: skip
    known = _OF_FAMILY[family]
    chosen = link or known[0]
    if chosen not in known:
        raise refuse("regress: link", f'"{chosen}" is not a link of the {family} family',
                     nearest(chosen, known), "name one of them, or leave it out")  # fmt: skip
    return Model(family, _LINKS[chosen])  # type: ignore[arg-type]


def basis(x: Floats, w: Floats, names: tuple[str, ...]) -> Floats:
    """(k, k) T such that the columns of x T are orthonormal with weights w / sum w.

    Fits and variances are made there, where they lose no digits. Raises :class:`BaroError`
    naming the columns that others determine.
    """
    norms = np.sqrt(w @ x**2)
    scaled = np.sqrt(w)[:, None] * x / np.where(norms > 0, norms, 1.0)
    factor, pivots = linalg.qr(scaled, mode="r", pivoting=True)
    r, order = np.asarray(factor, dtype=np.float64), np.asarray(pivots, dtype=np.int64)
    k = x.shape[1]
    left = np.abs(np.diag(r[:k])) if len(x) >= k else np.zeros(k)
    if not left.min() > RANK:
        rank = int((left > RANK).sum())
        found = np.linalg.lstsq(r[:rank, :rank], r[:rank, rank:], rcond=None)[0]
        weights = np.asarray(found, dtype=np.float64)
        raise collinear([names[int(i)] for i in order], rank, weights, names)
    inverse = linalg.solve_triangular(r[:k], np.eye(k))
    made = np.empty((k, k))
    made[order] = inverse
    return np.asarray(made / norms[:, None] * np.sqrt(w.sum()), dtype=np.float64)


def collinear(ordered: list[str], rank: int, weights: Floats, names: tuple[str, ...]) -> BaroError:
    """Names the columns that are tied, the intercept last.

    ordered : the columns, those that the ``rank`` first determine at the end
    weights : (rank, k - rank) the combinations that make the last, of columns scaled alike
    """
    tied, expected = ordered[rank:], "columns of which none is a combination of the others"
    tied += [ordered[i] for i in range(rank) if np.abs(weights[i]).max() > 1e-6]
    tied.sort(key=lambda name: (name == INTERCEPT, names.index(name)))
    more = len(ordered) - rank
    found = f"{', '.join(tied)}: {more} of them a combination of the others"
    if len(tied) == more:
        found = f"{', '.join(tied)}: 0 for everybody in the base"
    return refuse("regress: collinear columns", found, expected,
                  "take one of them out of the formula, or merge categories")  # fmt: skip


def first_fit(z: Floats, y: Floats, w: Floats, m: Model) -> Floats:
    """(k,) statsmodels' estimates, from nothing.

    z : (m, k) ; w : (m,) weights, as variance weights (their scale is of no matter)
    """
    from statsmodels.genmod import families  # here: a second of import, for those who fit
    from statsmodels.genmod.generalized_linear_model import GLM

    links = {"identity": families.links.Identity, "log": families.links.Log,
             "logit": families.links.Logit, "probit": families.links.Probit,
             "cloglog": families.links.CLogLog}  # fmt: skip
    family = {"gaussian": families.Gaussian, "binomial": families.Binomial,
              "poisson": families.Poisson}[m.family]  # fmt: skip
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what they would say is found out by `settled`
        made = GLM(y, z, family=family(links[m.link.name]()), var_weights=w / w.mean())
        start = _start(z, y, w, m)
        found = made.fit(start_params=start, maxiter=STEPS, tol=1e-9).params
    return np.asarray(found, dtype=np.float64)


def _start(z: Floats, y: Floats, w: Floats, m: Model) -> Floats | None:
    """For links that do not keep mu in its range: everybody at the mean; else statsmodels' own."""
    if (m.family, m.link.name) in (("binomial", "log"), ("poisson", "identity")):
        eta = np.log(np.average(y, weights=w)) if m.link.name == "log" else np.average(y, weights=w)
        return np.asarray(np.linalg.lstsq(z, np.full(len(y), eta), rcond=None)[0])
    return None


def scores(z: Floats, y: Floats, m: Model, gamma: Floats) -> tuple[Floats, Floats]:
    """(m,) u with U = sum w u z, and (m,) v with A = sum w v z z' (expected information)."""
    eta = z @ gamma
    with np.errstate(all="ignore"):
        mu, slope = m.link.mean(eta), m.link.slope(eta)
        weight = slope / m.spread(mu)
        return np.asarray((y - mu) * weight), np.asarray(slope * weight)


def refine(z: Floats, y: Floats, w: Floats, m: Model, gamma: Floats) -> Floats | None:
    """(k,) Fisher scoring from ``gamma`` until it moves no more; None where it does not settle."""
    for _ in range(STEPS):
        u, v = scores(z, y, m, gamma)
        if not (np.isfinite(u).all() and np.isfinite(v).all()):
            return None
        try:
            step = _solved(z, w * v, z.T @ (w * u))
        except linalg.LinAlgError:
            return None
        gamma = gamma + step
        if np.abs(step).max() <= ENOUGH * (1 + np.abs(gamma).max()):
            return gamma
    return None


def influence(z: Floats, y: Floats, w: Floats, m: Model, gamma: Floats) -> Floats:
    """(m, k) w_i A^-1 u_i z_i: the weighted linearized variables of the coefficients."""
    u, v = scores(z, y, m, gamma)
    return _solved(z, w * v, ((w * u)[:, None] * z).T).T


def _solved(z: Floats, weights: Floats, right: Floats) -> Floats:
    """A^-1 ``right`` with A = z' diag(weights) z."""
    bread = linalg.cho_factor(z.T @ (weights[:, None] * z))
    return np.asarray(linalg.cho_solve(bread, right), dtype=np.float64)


def settled(x: Floats, z: Floats, y: Floats, m: Model, gamma: Floats | None,
            names: tuple[str, ...]) -> Floats:  # fmt: skip
    """``gamma``, where it is a maximum; raises :class:`BaroError` for separation, or no maximum."""
    if gamma is not None and np.abs(z @ gamma).max() < FAR:
        return gamma
    check_separation(x, y, m, names)
    if gamma is None or not np.isfinite(z @ gamma).all():
        raise unsettled()
    return gamma


def unsettled() -> BaroError:
    """The refusal of a fit without a maximum."""
    return refuse("regress: fit", f"no maximum after {STEPS} steps", "a fit that settles",
                  "try another link, or fewer terms")  # fmt: skip


def separable(m: Model) -> bool:
    """Whether a direction may exist along which the likelihood grows for ever."""
    return m.family != "gaussian" and m.link.name != "identity"


def check_separation(x: Floats, y: Floats, m: Model, names: tuple[str, ...]) -> None:
    """Refuse columns that tell y apart without error, by name."""
    guilty = separating(x, y, m.family, names) if separable(m) else []
    if guilty:
        raise refuse("regress: separation", f"{', '.join(guilty)}: tells y apart without error",
                     "y both 0 and 1 (counts both 0 and above) wherever columns go",
                     "merge categories, or take the column out of the formula")  # fmt: skip


def separating(x: Floats, y: Floats, family: Family, names: tuple[str, ...]) -> list[str]:
    """Names of the columns of a direction along which the likelihood grows for ever.

    A linear program: Konis (2007), thesis, Oxford (binomial); Correia, Guimarães and Zylkin
    (2019), arXiv 1903.01633 (Poisson).
    """
    norms = np.abs(x).max(axis=0)
    rows = np.unique(np.column_stack([x / np.where(norms > 0, norms, 1), y > 0]), axis=0)
    x, positive = rows[:, :-1], rows[:, -1] > 0
    toward = np.where(positive, 1.0, -1.0)[:, None] * x
    equal = positive if family == "poisson" else np.zeros(len(x), dtype=bool)
    direction = _direction(toward[~equal], x[equal])
    found = [n for n, b in zip(names, direction, strict=True) if abs(b) > 1e-9]
    return [n for n in found if n != INTERCEPT] or found


def _direction(toward: Floats, equal: Floats) -> Floats:
    """(k,) b with toward b >= 0, not all 0, equal b = 0 and the fewest columns; 0 if none is."""
    k, mean = toward.shape[1], toward.mean(axis=0) if len(toward) else np.zeros(toward.shape[1])
    both = np.vstack([mean[None, :], equal])  # b is the difference of two positive parts
    from scipy.optimize import linprog  # slow to import, seldom needed

    found = linprog(
        np.ones(2 * k), A_ub=np.hstack([-toward, toward]), b_ub=np.zeros(len(toward)),
        A_eq=np.hstack([both, -both]), b_eq=np.eye(1, len(both))[0], method="highs",
    )  # fmt: skip
    if not found.success or found.x is None:
        return np.zeros(k)
    return np.asarray(found.x[:k] - found.x[k:], dtype=np.float64)
