"""The links of :mod:`analysis.estimators.glm` as expressions of an engine.

1 - mu is made on its own, so that no digit is lost where mu is near 1, and nothing overflows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
from scipy import special

from analysis.engines.frames import Lazy
from analysis.estimators.glm import Model

# W. J. Cody's approximations of erf and erfc in the coefficients of the Cephes library (S. L.
# Moshier 1984): numerators and denominators, the highest power first.
_ERF = (
    (9.60497373987051638749e0, 9.00260197203842689217e1, 2.23200534594684319226e3,
     7.00332514112805075473e3, 5.55923013010394962768e4),
    (1.0, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3,
     2.26290000613890934246e4, 4.92673942608635921086e4),
)  # fmt: skip
_NEAR = (
    (2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687e0,
     4.86371970985681366614e1, 1.96520832956077098242e2, 5.26445194995477358631e2,
     9.34528527171957607540e2, 1.02755188689515710272e3, 5.57535335369399327526e2),
    (1.0, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2,
     9.75708501743205489753e2, 1.82390916687909736289e3, 2.24633760818710981792e3,
     1.65666309194161350182e3, 5.57535340817727675546e2),
)  # fmt: skip
_FAR = (
    (5.64189583547755073984e-1, 1.27536670759978104416e0, 5.01905042251180477414e0,
     6.16021097993053585195e0, 7.40974269950448939160e0, 2.97886665372100240670e0),
    (1.0, 2.26052863220117276590e0, 9.39603524938001434673e0, 1.20489539808096656605e1,
     1.70814450747565897222e1, 9.60896809063285878198e0, 3.36907645100081516050e0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Predicted:
    """mu as a function of eta, 1 - mu, and the first two derivatives of mu."""

    mean: nw.Expr
    rest: nw.Expr
    slope: nw.Expr
    curvature: nw.Expr


def predicted(rows: Lazy, link: str, eta: str) -> tuple[Lazy, Predicted]:
    """The rows with what a link makes of the column ``eta``, each number in a column of its own.

    Engines then compute it once, however many sums it is in.
    """
    linear = nw.col(eta)
    if link == "probit":
        rows = rows.with_columns(**{f"{eta}l": _lower(linear)})
        made = _probit(linear, nw.col(f"{eta}l"))
    else:
        made = {"identity": _identity, "log": _log, "logit": _logit, "cloglog": _cloglog}[link](
            linear
        )
    columns = {f"{eta}m": made.mean, f"{eta}r": made.rest, f"{eta}s": made.slope,
               f"{eta}c": made.curvature}  # fmt: skip
    return rows.with_columns(**columns), Predicted(*map(nw.col, columns))


def working(model: Model, y: nw.Expr, p: Predicted) -> tuple[nw.Expr, nw.Expr]:
    """The u and v of a row, as :func:`analysis.estimators.glm.scores` has them."""
    residual = y - p.mean
    if (model.family, model.link.name) in _CANONICAL:  # slope / V is 1
        return residual, p.slope
    spread = {"binomial": p.mean * p.rest, "poisson": p.mean, "gaussian": nw.lit(1.0)}[model.family]
    weight = p.slope / spread
    return residual * weight, p.slope * weight


_CANONICAL = (("gaussian", "identity"), ("binomial", "logit"), ("poisson", "log"))


def starting(model: Model, y: nw.Expr, mean: float) -> nw.Expr:
    """The eta before the first step: that of a mu between y and the middle; as statsmodels.

    mean : of y, without weights
    """
    if model.family == "binomial":
        low, high = (_linked(model.link.name, mu) for mu in (0.25, 0.75))
        return nw.when(y > 0).then(nw.lit(high)).otherwise(nw.lit(low))
    middle = (y + mean) / 2
    return middle.log() if model.link.name == "log" else middle


def constant_start(model: Model, weighted: float) -> float | None:
    """The one eta of everybody before the first step, of links that do not keep mu in its range.

    weighted : mean of y, with weights. None for the others.
    """
    kind = (model.family, model.link.name)
    if kind == ("binomial", "log"):
        return float(np.log(weighted))
    return weighted if kind == ("poisson", "identity") else None


def _linked(link: str, mu: float) -> float:
    if link == "logit":
        return float(special.logit(mu))
    return float(special.ndtri(mu) if link == "probit" else np.log(-np.log1p(-mu)))


def _identity(eta: nw.Expr) -> Predicted:
    return Predicted(eta, 1.0 - eta, nw.lit(1.0), nw.lit(0.0))


def _log(eta: nw.Expr) -> Predicted:
    mu = eta.exp()
    return Predicted(mu, 1.0 - mu, mu, mu)


def _logit(eta: nw.Expr) -> Predicted:
    small = (-eta.abs()).exp()
    near, far = nw.lit(1.0) / (1.0 + small), small / (1.0 + small)
    mean = nw.when(eta >= 0).then(near).otherwise(far)
    rest = nw.when(eta >= 0).then(far).otherwise(near)
    slope = near * far
    return Predicted(mean, rest, slope, slope * (rest - mean))


def _probit(eta: nw.Expr, low: nw.Expr) -> Predicted:
    density = (eta * eta * -0.5).exp() * float(1 / np.sqrt(2 * np.pi))
    mean = nw.when(eta >= 0).then(1.0 - low).otherwise(low)
    rest = nw.when(eta >= 0).then(low).otherwise(1.0 - low)
    return Predicted(mean, rest, density, density * eta * -1.0)


def _lower(eta: nw.Expr) -> nw.Expr:
    """The normal distribution function at -|eta|: erfc(|eta| / sqrt 2) / 2."""
    z = eta.abs() * float(1 / np.sqrt(2))
    square = z * z
    outside = (square * -1.0).exp()
    middle = 1.0 - z * _ratio(_ERF, square)
    tail = nw.when(z < 8).then(outside * _ratio(_NEAR, z)).otherwise(outside * _ratio(_FAR, z))
    return nw.when(z < 1).then(middle).otherwise(tail) * 0.5


def _ratio(both: tuple[Sequence[float], Sequence[float]], x: nw.Expr) -> nw.Expr:
    return _polynomial(both[0], x) / _polynomial(both[1], x)


def _polynomial(coefficients: Sequence[float], x: nw.Expr) -> nw.Expr:
    made = nw.lit(coefficients[0])
    for c in coefficients[1:]:
        made = made * x + c
    return made


def _cloglog(eta: nw.Expr) -> Predicted:
    t = eta.exp()
    rest = (t * -1.0).exp()
    series = t * _polynomial(
        [(-1) ** k / float(special.factorial(k + 1)) for k in range(7, -1, -1)], t
    )
    mean = nw.when(t < 0.02).then(series).otherwise(1.0 - rest)
    slope = t * rest
    return Predicted(mean, rest, slope, slope * (1.0 - t))
