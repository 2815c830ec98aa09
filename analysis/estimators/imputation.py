"""Multiple imputation: m analyses of m completed files, combined by Rubin's rules.

With estimates Q_j and variances U_j: Q = mean Q_j, U = mean U_j, B = sum (Q_j - Q)^2 / (m - 1),
T = U + (1 + 1/m) B. Rubin (1987), Multiple Imputation for Nonresponse in Surveys, ch. 3; degrees
of freedom: Barnard and Rubin (1999), Biometrika 86(4). docs/methods/imputation.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.design import Floats
from analysis.errors import refuse
from analysis.estimators.inference import two_sided
from analysis.estimators.intervals import logit, wald
from analysis.estimators.options import Options
from analysis.estimators.regression import Regression

Analysis = tuple[npt.ArrayLike, npt.ArrayLike, float | None]
_MADE = frozenset(
    ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "n_eff", "df", "n", "n_weighted",
     "method", "statistic", "p_value", "p_adjusted", "odds_ratio", "rate_ratio", "risk_ratio")
)  # fmt: skip
_RATIOS = ("odds_ratio", "rate_ratio", "risk_ratio")


@dataclass(frozen=True, slots=True)
class Imputed:
    """C estimates combined over m imputations.

    estimate : (C,) ; covariance : (C, C) total, T
    within, between : (C, C) U and B ; df : (C,) Barnard and Rubin's
    fmi : (C,) fraction of missing information, (r + 2 / (df + 3)) / (r + 1)
    riv : (C,) relative increase in variance, r = (1 + 1/m) B / U ; m : imputations
    """

    estimate: Floats
    covariance: Floats
    within: Floats
    between: Floats
    df: Floats
    fmi: Floats
    riv: Floats
    m: int

    @property
    def se(self) -> Floats:
        """(C,) standard errors."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


@overload
def combine_imputations(
    analyses: Sequence[pl.DataFrame] | Sequence[Regression], *, ci: str = ..., level: float = ...
) -> pl.DataFrame: ...


@overload
def combine_imputations(
    analyses: Sequence[Analysis], *, ci: str = ..., level: float = ...
) -> Imputed: ...


def combine_imputations(
    analyses: Sequence[pl.DataFrame] | Sequence[Analysis] | Sequence[Regression],
    *,
    ci: str = "wald",
    level: float = 0.95,
) -> pl.DataFrame | Imputed:
    """Combine the same analysis of m completed files.

    analyses : m frames of one estimator of ``Design``, or m regressions, and the result is a
    frame of the same cells with ``fmi`` and ``riv``; or m triples (estimate (C,), covariance
    (C, C), degrees of freedom of the complete data, or None for a large sample), and the result
    is :class:`Imputed`. ci : "wald", or "logit" for proportions (frames).
    Raises :class:`BaroError` for fewer than two, and where the cells are not the same.
    """
    options = Options(level=level)
    if ci not in ("wald", "logit"):
        raise refuse("combine_imputations: ci", f'"{ci}" is not known', '"wald" or "logit"',
                     "name one of them")  # fmt: skip
    given: list[object] = list(analyses)
    if len(given) < 2:
        raise refuse("combine_imputations", f"{len(given)} imputations", "two or more",
                     "give a list with the analysis of each completed file")  # fmt: skip
    kinds = {type(a).__name__ for a in given}
    if len(kinds) > 1:
        raise refuse("combine_imputations", f"a mixture of {', '.join(sorted(kinds))}",
                     "one kind", "make the same analysis of each completed file")  # fmt: skip
    tables = (a.table if isinstance(a, Regression) else a for a in given)
    frames = [a for a in tables if isinstance(a, pl.DataFrame)]
    return _frames(frames, ci, options.level) if frames else rubin(_triples(given))


def _triples(given: list[object]) -> list[tuple[Floats, Floats, Floats]]:
    made = [_analysis(a, number) for number, a in enumerate(given, start=1)]
    size = len(made[0][0])
    for number, (estimate, _, _) in enumerate(made, start=1):
        if len(estimate) != size:
            raise refuse(f"combine_imputations: imputation {number}", f"{len(estimate)} estimates",
                         f"{size}, as in the first", "give the same of each")  # fmt: skip
    return made


def rubin(analyses: Sequence[tuple[Floats, Floats, Floats]]) -> Imputed:
    """Rubin's rules for m triples: estimates (C,), covariance (C, C), complete-data df (C,)."""
    m = len(analyses)
    points = np.stack([q for q, _, _ in analyses])
    within = np.mean([u for _, u, _ in analyses], axis=0)
    apart = points - points.mean(axis=0)
    between = apart.T @ apart / (m - 1)
    total = within + (1 + 1 / m) * between
    complete = np.min([d for _, _, d in analyses], axis=0)
    u, b = np.diag(within), (1 + 1 / m) * np.diag(between)
    df = _degrees(u, b, complete, m)
    with np.errstate(divide="ignore", invalid="ignore"):
        riv = b / u
        fmi = np.where(np.isinf(riv), 1.0, (riv + 2 / (df + 3)) / (riv + 1))
    fmi = np.where(b == 0, 0.0, fmi)
    return Imputed(points.mean(axis=0), total, within, between, df, fmi, riv, m)


def _degrees(u: Floats, b: Floats, complete: Floats, m: int) -> Floats:
    """Barnard and Rubin's degrees of freedom; b is (1 + 1/m) B.

    1/df = 1/df_m + 1/df_obs: df_m = (m - 1) / lambda^2, lambda = b / (u + b), and df_obs =
    (1 - lambda) df_com (df_com + 1) / (df_com + 3).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(u + b > 0, b / (u + b), 0.0)
        inverse = share**2 / (m - 1)
        finite = np.isfinite(complete)
        known = np.where(finite, complete, 1.0)
        observed = (1 - share) * known * (known + 1) / (known + 3)
        return np.asarray(1 / (inverse + np.where(finite, 1 / observed, 0.0)), dtype=np.float64)


def _analysis(given: object, number: int) -> tuple[Floats, Floats, Floats]:
    """Arrays of one triple, checked."""
    where = f"combine_imputations: imputation {number}"
    if not isinstance(given, (tuple, list)) or len(given) != 3:
        raise refuse(where, f"a {type(given).__name__}", "a frame, a regression, or a triple "
                     "(estimate, covariance, df)", "give one of them")  # fmt: skip
    estimate = np.atleast_1d(np.asarray(given[0], dtype=np.float64))
    covariance = np.atleast_2d(np.asarray(given[1], dtype=np.float64))
    df = np.inf if given[2] is None else float(given[2])
    c = len(estimate)
    if estimate.ndim != 1 or covariance.shape != (c, c):
        raise refuse(where, f"estimates {estimate.shape}, covariance {covariance.shape}",
                     "(C,) and (C, C)", "give the whole covariance")  # fmt: skip
    if not (np.isfinite(estimate).all() and np.isfinite(covariance).all() and df > 0):
        raise refuse(where, "values that are not numbers, or no degree of freedom", "numbers",
                     "leave out the cells that cannot be estimated")  # fmt: skip
    return estimate, covariance, np.full(c, df)


def _frames(frames: list[pl.DataFrame], ci: str, level: float) -> pl.DataFrame:
    first = frames[0]
    keys = _keys(first)
    tables = [_aligned(frame, first, keys, j) for j, frame in enumerate(frames, start=1)]
    found = _cells(*(_stacked(tables, c) for c in ("estimate", "se", "df")))
    made = found | _derived(found, first.columns, ci, level)
    made |= {c: _stacked(tables, c).mean(axis=0) for c in ("n", "n_weighted") if c in first.columns}
    method = f"combined over {len(frames)} imputations; {ci}"
    if "method" in first.columns:
        method = f"{first['method'][0].split('; ')[0]}; {method}"
    whole = first.select(keys).hstack(pl.DataFrame(made))
    return whole.with_columns(pl.selectors.float().fill_nan(None), method=pl.lit(method))


def _stacked(tables: list[pl.DataFrame], column: str) -> Floats:
    """(m, C) values of a column, NaN where null."""
    values = [t[column].cast(pl.Float64).fill_null(np.nan).to_numpy() for t in tables]
    return np.stack(values).astype(np.float64)


def _derived(
    found: dict[str, Floats], columns: list[str], ci: str, level: float
) -> dict[str, Floats]:
    """Intervals, and the tests and ratios that the frames have."""
    q, se, df = found["estimate"], found["se"], found["df"]
    low, high = (logit if ci == "logit" else wald)(q, se, df, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        made = {"ci_low": low, "ci_high": high, "cv": se / np.abs(q)}
        if "p_value" in columns:
            made |= {"statistic": q / se, "p_value": two_sided(q / se, df)}
        for ratio in (r for r in _RATIOS if r in columns):
            ends = {f"{ratio}_low": np.exp(low), f"{ratio}_high": np.exp(high)}
            made |= {ratio: np.exp(q), **ends}
    return made


def _cells(points: Floats, ses: Floats, complete: Floats) -> dict[str, Floats]:
    """Rubin's rules cell by cell; each (m, C). NaN where an imputation has no standard error."""
    known = np.asarray(np.isfinite(points + ses + complete).all(axis=0))
    names = ("estimate", "se", "df", "fmi", "riv")
    made = {n: np.full(points.shape[1], np.nan) for n in names}
    for c in range(points.shape[1]):
        made["estimate"][c] = points[:, c].mean()
        if known[c]:
            one = rubin([(q[c : c + 1], np.array([[s[c] ** 2]]), d[c : c + 1])
                         for q, s, d in zip(points, ses, complete, strict=True)])  # fmt: skip
            for name in names:
                made[name][c] = getattr(one, name)[0]
    return made


def _keys(frame: pl.DataFrame) -> list[str]:
    """The columns that say which cell a row is: all but numbers made by an estimator."""
    for name in ("estimate", "se", "df"):
        if name not in frame.columns:
            raise refuse("combine_imputations", f"a frame without {name}", "estimate, se and df",
                         "give what an estimator of Design returned")  # fmt: skip
    ratio = tuple(f"{r}_{end}" for r in _RATIOS for end in ("low", "high"))
    return [c for c in frame.columns if c not in _MADE and c not in ratio]


def _aligned(
    frame: pl.DataFrame, first: pl.DataFrame, keys: list[str], number: int
) -> pl.DataFrame:
    """The rows of a frame in the order of the first's; refuses other cells."""
    where = f"combine_imputations: imputation {number}"
    if frame.columns != first.columns:
        raise refuse(where, f"columns {', '.join(frame.columns)}", ", ".join(first.columns),
                     "make the same call on each completed file")  # fmt: skip
    cells = first.select(keys)
    if cells.equals(frame.select(keys)):
        return frame
    lacking = cells.join(frame, on=keys, how="anti", nulls_equal=True)
    more = frame.select(keys).join(cells, on=keys, how="anti", nulls_equal=True)
    odd = lacking if lacking.height else more
    if odd.height or frame.height != first.height:
        cell = ", ".join(f"{k} = {v}" for k, v in zip(keys, odd.row(0), strict=True)) \
            if odd.height else "a repeated cell"  # fmt: skip
        raise refuse(where, f"{'it lacks' if lacking.height else 'only it has'} {cell}",
                     "the same cells in each", "estimate the same categories and domains in all "
                     "files, or leave this one out")  # fmt: skip
    return cells.join(frame, on=keys, how="left", nulls_equal=True, maintain_order="left")
