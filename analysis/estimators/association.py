"""Is one categorical variable independent of another? Rao-Scott and Wald tests.

docs/methods/tests.md says which when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
import scipy

from analysis.design import Floats, Integers, SampleDesign
from analysis.errors import refuse
from analysis.estimators.cellratios import CellRatios
from analysis.estimators.cells import groups, listed
from analysis.estimators.functional import Estimated, estimate
from analysis.estimators.inference import Flags, chosen, freedom, wald_statistic
from analysis.estimators.options import Freedom, Options
from analysis.estimators.results import HypothesisTest
from analysis.variance.scores import Combined, in_cells

Statistic = Literal["F", "Chisq", "adjWald", "Wald"]
_METHODS = {
    "F": "Rao–Scott F, second order",
    "Chisq": "Rao–Scott chi-squared, first order",
    "adjWald": "adjusted Wald F",
    "Wald": "Wald F",
}


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares p of the C cells of a table among those in it; they add to 1.

    code : (n,) cell of each respondent, -1 outside the table ; size : C
    """

    code: Integers
    size: int

    def point(self, weights: Floats) -> Floats:
        """(C,) weighted shares."""
        inside = self.code >= 0
        sums = np.bincount(self.code[inside], weights=weights[inside], minlength=self.size)
        with np.errstate(divide="ignore", invalid="ignore"):  # a replicate without anybody here
            return np.asarray(sums / sums.sum(), dtype=np.float64)

    def scores(self, weights: Floats, point: Floats) -> Combined:
        """(n, C): (1[cell] - p) / W, 0 outside the table."""
        cell = in_cells(np.ones(len(self.code)), self.code, self.size)
        total = weights[self.code >= 0].sum()
        return Combined(cell, (np.eye(self.size) - point) / total)


@dataclass(frozen=True, slots=True)
class Table:
    """The r by c levels of two columns that occur together.

    code : (n,) cell of each respondent, row by row, -1 outside ; n : respondents inside
    df : degrees of freedom ; reason : why there is nothing to test, or ""
    """

    code: Integers
    rows: int
    columns: int
    n: int
    df: int
    reason: str


def association(
    design: SampleDesign, a: str, b: str, where: pl.Expr | None, statistic: Statistic, df: Freedom
) -> HypothesisTest:
    """Test that two columns are independent; whoever lacks either is out of the table.

    Raises :class:`BaroError` for unknown columns, and for another ``statistic``. With one level
    left of a column, or no inverse, the result holds the reason.
    """
    check(a, b, statistic, df)
    table = _table(design, a, b, where, df)
    found = untested(a, b, table, statistic, f"{design.way}; df={df}")
    if table.reason:
        return found
    size = table.rows * table.columns
    if statistic in ("F", "Chisq"):
        return rao_scott(estimate(Shares(table.code, size), design), table, statistic, found)
    ones = np.ones(len(table.code))
    totals = CellRatios(ones, ones, table.code, size, ratio=False)
    return wald(estimate(totals, design), table, statistic, found)


def check(a: str, b: str, statistic: Statistic, df: Freedom) -> None:
    """Refuse an unknown statistic or rule for df, and what is not two columns."""
    chosen("association: statistic", statistic, Statistic)
    Options(df=df)
    if len(listed(a)) != 1 or len(listed(b)) != 1:
        raise refuse("association", f"{a!r} and {b!r}", "two columns", 'e.g. "a", "b"')


def untested(a: str, b: str, table: Table, statistic: Statistic, way: str) -> HypothesisTest:
    """The result before the test; all there is to say where ``table.reason`` is not empty."""
    null = f'"{a}" and "{b}" are independent'
    name = "chi2" if statistic == "Chisq" else "F"
    method = f"{_METHODS[statistic]}; {way}"
    return HypothesisTest(null=null, name=name, n=table.n, method=method, reason=table.reason)


def one_level(sizes: Sequence[tuple[str, int]], a: str, b: str) -> str:
    """Why there is no table, where a column has one level or none; else ""."""
    for name, size in sizes:
        if size < 2:
            levels = f'only one level of "{name}"' if size else f'nobody with "{a}" and "{b}"'
            return f"there is {levels}"
    return ""


def _table(design: SampleDesign, a: str, b: str, where: pl.Expr | None, df: Freedom) -> Table:
    one, two = groups(design, a, where), groups(design, b, where)
    inside: Flags = (one.code >= 0) & (two.code >= 0) & (design.weights > 0)
    row, r = _occurring(one.code, inside)
    column, c = _occurring(two.code, inside)
    n = int(inside.sum())
    if reason := one_level(((a, r), (b, c)), a, b):
        return Table(row, r, c, n, 0, reason)
    freedoms = freedom(design, inside, df)
    reason = "" if freedoms > 0 else "no degrees of freedom are left"
    return Table(np.where(inside, row * c + column, -1), r, c, n, freedoms, reason)


def _occurring(code: Integers, inside: Flags) -> tuple[Integers, int]:
    levels = np.unique(code[inside])
    return np.searchsorted(levels, code).astype(np.int64), len(levels)


def rao_scott(
    shares: Estimated, t: Table, statistic: Statistic, blank: HypothesisTest
) -> HypothesisTest:
    """Pearson's X^2 over the mean of the generalized design effects, or the F of their spread.

    With delta the eigenvalues of the generalized design effects: X^2 / mean(delta) against
    chi-squared (first order), X^2 / sum(delta) against F(d, d nu), d = (sum delta)^2 /
    sum(delta^2) (second order). Rao and Scott (1984), Annals of Statistics 12(1), §3; Thomas
    and Rao (1987), JASA 82(398), for F.
    """
    if not np.isfinite(shares.covariance).all():
        return replace(blank, reason="nobody is in the table in some replicate")
    deffs = _design_effects(t, shares)
    if deffs is None:
        return replace(blank, reason="too many cells of the table are empty")
    trace, squares = float(np.trace(deffs)), float(np.trace(deffs @ deffs))
    if trace <= 1e-12:
        return replace(blank, reason="the table has no sampling variance")
    pearson, v = _pearson(t, shares.point)
    k = (t.rows - 1) * (t.columns - 1)
    if statistic == "Chisq":
        value, df = pearson / (trace / k), float(k)
        return _made(blank, value, df, None, float(scipy.stats.chi2.sf(value, df)), v)
    df = trace**2 / squares
    value, ddf = pearson / trace, df * t.df
    return _made(blank, value, df, ddf, float(scipy.stats.f.sf(value, df, ddf)), v)


def _design_effects(t: Table, shares: Estimated) -> Floats | None:
    """(k, k) generalized design effects A^-1 B; None where A has no inverse.

    A = C' D^-1 C, B = n C' D^-1 V D^-1 C, with D the shares, V their covariance and C contrasts
    orthogonal to the main effects. An empty cell adds nothing to either.
    """
    occupied = shares.point > 0
    inverse = np.where(occupied, 1 / np.where(occupied, shares.point, 1.0), 0.0)
    contrast = np.kron(_sum_contrasts(t.rows), _sum_contrasts(t.columns))
    scaled = inverse[:, None] * contrast
    a = contrast.T @ scaled
    b = t.n * scaled.T @ shares.covariance @ scaled
    if np.linalg.matrix_rank(a, hermitian=True) < len(a):
        return None
    return np.asarray(np.linalg.solve(a, b), dtype=np.float64)


def _sum_contrasts(levels: int) -> Floats:
    """(levels, levels - 1) contrasts of each level with the last."""
    return np.vstack([np.eye(levels - 1), -np.ones(levels - 1)])


def _pearson(t: Table, shares: Floats) -> tuple[float, float]:
    """Pearson's X^2 of the shares counted n times, and Cramér's V."""
    p = shares.reshape(t.rows, t.columns)
    expected = np.outer(p.sum(axis=1), p.sum(axis=0))
    phi2 = float(((p - expected) ** 2 / expected).sum())
    return t.n * phi2, float(np.sqrt(phi2 / (min(t.rows, t.columns) - 1)))


def wald(
    totals: Estimated, t: Table, statistic: Statistic, blank: HypothesisTest
) -> HypothesisTest:
    """W of the departures N_ij - N_i. N_.j / N of the totals (i < r, j < c) against F.

    "Wald": W / k against F(k, nu). "adjWald": (nu - k + 1) / (nu k) W against F(k, nu - k + 1),
    k = (r - 1)(c - 1). Koch, Freeman and Freeman (1975); Fellegi (1980), JASA 75(370); Thomas
    and Rao (1987).
    """
    departures, jacobian = _departures(totals.point.reshape(t.rows, t.columns))
    wald = wald_statistic(departures, jacobian @ totals.covariance @ jacobian.T, t.df)
    if wald.reason:
        return replace(blank, reason=wald.reason)
    k, nu = wald.k, t.df
    ddf = nu if statistic == "Wald" else nu - k + 1
    value = wald.statistic / k * ddf / nu
    p = float(scipy.stats.f.sf(value, k, ddf))
    v = _pearson(t, totals.point / totals.point.sum())[1]
    return _made(blank, value, float(k), float(ddf), p, v)


def _departures(totals: Floats) -> tuple[Floats, Floats]:
    """(k,) departures from independence of totals (r, c), and (k, r c) their derivatives."""
    r, c = totals.shape
    row, column, n = totals.sum(axis=1), totals.sum(axis=0), totals.sum()
    expected = np.outer(row, column) / n
    by_row = np.kron(np.eye(r), np.ones(c))  # (r, r c), the derivative of the row totals
    by_column = np.kron(np.ones(r), np.eye(c))
    derivative = np.eye(r * c) + np.outer(expected.ravel() / n, np.ones(r * c))
    derivative -= np.kron(np.eye(r), column[:, None] / n) @ by_row
    derivative -= np.kron(row[:, None] / n, np.eye(c)) @ by_column
    kept = np.arange(r * c).reshape(r, c)[:-1, :-1].ravel()
    return (totals - expected).ravel()[kept], derivative[kept]


def _made(
    blank: HypothesisTest, value: float, df: float, ddf: float | None, p: float, cramer: float
) -> HypothesisTest:
    return replace(
        blank, statistic=value, df=df, df_denominator=ddf, p_value=p, estimated="Cramér's V",
        estimate=cramer,
    )  # fmt: skip
