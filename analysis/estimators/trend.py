"""Linear trend across waves, with declared breaks, from the covariance of the waves.

The estimates of the T waves are fitted by least squares on the position x of the waves,

    theta_t = alpha + beta x_t + sum_b 1[x_t >= b] (jump_b + change_b (x_t - b)),

all waves alike: each coefficient is then a fixed contrast sum_t c_t theta_t, with variance
c' V c, V the covariance of the waves. docs/methods/contrasts.md says why not weighted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import polars as pl
import scipy

from analysis.design import Floats, SampleDesign
from analysis.errors import nearest, refuse
from analysis.estimators.adjust import Adjustment, adjusted
from analysis.estimators.cells import Names, unclaimed
from analysis.estimators.contrast import Named
from analysis.estimators.functional import Estimated
from analysis.estimators.inference import (
    Flags,
    chosen,
    freedom,
    no_variance,
    two_sided,
    wald_statistic,
)
from analysis.estimators.intervals import student
from analysis.estimators.measures import Cells, Kind, Measure, cells, estimates, measures
from analysis.estimators.options import Options

Slopes = Literal["common", "separate"]
NUMBERS = ("estimate", "se", "ci_low", "ci_high", "statistic", "p_value", "p_adjusted")
OWN = ("variable", "category", "term", *NUMBERS, "df_num", "df", "n_waves", "method", "note")


@dataclass(frozen=True, slots=True)
class Line:
    """The line, or lines, that the waves are fitted with.

    x : (T,) positions ; names : (T,) waves as text ; breaks : positions of the first wave after
    each, increasing ; slopes : one for all segments, or one for each
    """

    x: Floats
    names: list[str]
    breaks: list[float]
    slopes: Slopes

    @property
    def matrix(self) -> Floats:
        """(T, p) columns: level, slope, then a jump and a change of slope for each break."""
        columns = [np.ones(len(self.x)), self.x - self.x[0]]
        for b in self.breaks:
            after = (self.x >= b).astype(np.float64)
            columns.append(after)
            if self.slopes == "separate":
                columns.append(after * (self.x - b))
        return np.stack(columns, axis=1)

    def terms(self) -> list[tuple[str, Floats]]:
        """What is reported, each a combination (p,) of the coefficients."""
        p = self.matrix.shape[1]
        unit = np.eye(p)
        step = 2 if self.slopes == "separate" else 1
        names = [self._at(b) for b in self.breaks]
        jumps = [(f"break {n}", unit[2 + step * k]) for k, n in enumerate(names)]
        if step == 1 or not self.breaks:
            return [("slope", unit[1]), *jumps]
        changes = [unit[3 + step * k] for k in range(len(names))]
        slopes = [unit[1] + sum(changes[:k], np.zeros(p)) for k in range(len(names) + 1)]
        made = [(f"slope {s}", c) for s, c in zip(self._segments(), slopes, strict=True)]
        apart = [(f"change of slope {n}", c) for n, c in zip(names, changes, strict=True)]
        return [*made, *jumps, *apart]

    def _at(self, position: float) -> str:
        return self.names[int(np.flatnonzero(self.x == position)[0])]

    def _segments(self) -> list[str]:
        ends = [-np.inf, *self.breaks, np.inf]
        spans = [np.flatnonzero((self.x >= a) & (self.x < b)) for a, b in pairwise(ends)]
        return [f"{self.names[s[0]]}–{self.names[s[-1]]}" for s in spans]


def trend(
    design: SampleDesign, variable: Names, by: str, breaks: Sequence[object], slopes: Slopes,
    at: Mapping[Any, float] | None, within: Names | None, where: pl.Expr | None, kind: Kind,
    denominator: str | None, category: str | Sequence[str] | None, adjust: Adjustment | None,
    o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Slope, jumps at the breaks, and departure from the line, in each level of ``within``.

    Columns: variable, category, <within>, term, estimate (slope: per unit of ``by``), se,
    ci_low, ci_high, statistic (t; F for "departure"), df_num (F only), df, p_value, p_adjusted,
    n_waves, method, note. The rows of one call are one family, departures included. Waves where
    nobody is in the base, or on one PSU, are left out, with a note. Raises :class:`BaroError`
    for unknown columns and conventions, for waves that have no position and breaks that are no
    wave, or the first.
    """
    found = cells(design, by, within, where)
    line = line_of(found, by, breaks, slopes, at)
    method = method_text(slopes, kind, design.way, o)
    frames = [
        _one(design, measure, found, line, level, o)
        for measure in measures(design, variable, kind, denominator, category)
        for level in range(found.size // len(line.x))
    ]
    return finished(pl.concat(frames), adjust, method)


def method_text(slopes: Slopes, kind: Kind, way: str, o: Options) -> str:
    """The conventions of a row."""
    return f"least squares over waves; {slopes} slope; {kind}; {way}; df={o.df}"


def finished(frame: pl.DataFrame, adjust: Adjustment | None, method: str) -> pl.DataFrame:
    """p-values adjusted over all rows, null for what is not known, whole numbers as such."""
    p = frame["p_value"].fill_null(np.nan).to_numpy()
    family = np.full(len(p), np.nan) if adjust is None else adjusted(p, adjust)
    place = frame.columns.index("p_value") + 1
    made = frame.drop("note").insert_column(place, pl.Series("p_adjusted", family))
    return made.with_columns(pl.col(NUMBERS).fill_nan(None)).with_columns(
        pl.col("df_num").cast(pl.Int64),
        method=pl.lit(f"{method}; adjust={adjust or 'none'}"),
        note=frame["note"],
    )


def line_of(
    found: Cells, by: str, breaks: Sequence[object], slopes: Slopes,
    at: Mapping[Any, float] | None,
) -> Line:  # fmt: skip
    """The line, or lines, of a call; refuses waves without position and breaks that are none."""
    chosen("trend: slopes", slopes, Slopes)
    unclaimed(found.within.columns, OWN, "within")
    waves = found.by[by]
    values = waves.to_list()
    x = _positions(waves, at)
    names = [str(v) for v in values]
    places = []
    for b in breaks:
        if str(b) not in names or x[names.index(str(b))] == x.min():
            raise refuse(f"trend: breaks of {waves.name}", f"{b} is the first wave, or no wave",
                         nearest(str(b), names), "name the first wave after the break")  # fmt: skip
        places.append(float(x[names.index(str(b))]))
    order = np.argsort(x)
    if (order != np.arange(len(x))).any():
        raise refuse(f"trend: {waves.name}", "positions that do not grow with the waves",
                     "the order of the column", "correct at={wave: position}")  # fmt: skip
    return Line(x, names, sorted(set(places)), slopes)


def _positions(waves: pl.Series, at: Mapping[Any, float] | None) -> Floats:
    """(T,) position of each wave: as given, the number it is, or the year and its fraction."""
    if at is not None:
        missing = [str(w) for w in waves if w not in at]
        if missing:
            raise refuse(f"trend: at of {waves.name}", f"no position for {', '.join(missing[:6])}",
                         "one a wave", "at={wave: position}")  # fmt: skip
        return np.array([float(at[w]) for w in waves])
    if waves.dtype.is_temporal() and waves.dtype in (pl.Date, pl.Datetime):
        day = (waves.dt.ordinal_day() - 1) / (365 + waves.dt.is_leap_year().cast(pl.Int64))
        return np.asarray((waves.dt.year() + day).to_numpy(), dtype=np.float64)
    numbers = (waves if waves.dtype.is_numeric() else waves.cast(pl.String)).cast(
        pl.Float64, strict=False
    )
    if numbers.null_count() or numbers.n_unique() < len(numbers):
        raise refuse(f"trend: {waves.name}", f"waves that are no numbers: {waves.to_list()[:4]}",
                     "years, dates or numbers", "give at={wave: position}")  # fmt: skip
    return np.asarray(numbers.to_numpy(), dtype=np.float64)


def _one(
    design: SampleDesign, measure: Measure, found: Cells, line: Line, level: int, o: Options
) -> pl.DataFrame:
    """The rows of one measure in one level of ``within``."""
    inside = (found.code >= 0) & (found.code // len(line.x) == level)
    own = Cells(found.by, pl.DataFrame(), np.where(inside, found.code % len(line.x), -1))
    df = freedom(design, measure.base & inside, o.df)
    return level_rows(measure, found, line, level, (estimates(design, measure, own), df), o)


def level_rows(
    measure: Named, found: Cells, line: Line, level: int, made: tuple[Estimated, int], o: Options
) -> pl.DataFrame:
    """The rows of one measure in one level of ``within``.

    made : the estimates of the waves there, and their degrees of freedom
    """
    estimated, df = made
    used = np.isfinite(np.diag(estimated.covariance)) & np.isfinite(estimated.point)
    rows = _rows(line, estimated, used, df, o.level)
    names: dict[str, object] = {"variable": measure.variable, "category": measure.category}
    if found.within.width:
        names |= found.within.row(level, named=True)
    schema = {"variable": pl.String, "category": pl.String} | dict(found.within.schema)
    return pl.concat(
        [pl.DataFrame([names] * rows.height, schema=schema), rows], how="horizontal"
    ).with_columns(n_waves=pl.lit(int(used.sum()), dtype=pl.Int64))


def _rows(line: Line, e: Estimated, used: Flags, df: int, level: float) -> pl.DataFrame:
    """One row a term, then the departure from the line."""
    terms = line.terms()
    X, theta, V = line.matrix[used], e.point[used], e.covariance[np.ix_(used, used)]
    left_out = ", ".join(n for n, u in zip(line.names, used, strict=True) if not u)
    note = f"left out, without standard error: {left_out}" if left_out else ""
    if len(X) == 0 or np.linalg.matrix_rank(X) < X.shape[1] or df < 1:
        reason = "no degrees of freedom" if df < 1 else "too few waves for these lines"
        return _empty([n for n, _ in terms], df, "; ".join(filter(None, [reason, note])))
    fit = np.stack([c for _, c in terms]) @ np.linalg.pinv(X)
    slope = fit @ theta
    se = np.sqrt(np.maximum(np.einsum("kt,tu,ku->k", fit, V, fit), 0.0))
    se = np.where(no_variance(se, np.abs(fit) @ np.abs(theta)), np.nan, se)
    statistic, reach = slope / se, student(df, level) * se
    made = pl.DataFrame({
        "term": [n for n, _ in terms], "estimate": slope, "se": se, "ci_low": slope - reach,
        "ci_high": slope + reach, "statistic": statistic, "df_num": [None] * len(terms),
        "df": [df] * len(terms), "p_value": two_sided(statistic, np.full(len(terms), df)),
        "note": [note or ("" if s > 0 else "the waves do not vary") for s in se],
    }, schema_overrides={"df_num": pl.Float64, "df": pl.Int64})  # fmt: skip
    return pl.concat([made, _departure(X, theta, V, df, note)])


def _departure(X: Floats, theta: Floats, V: Floats, df: int, note: str) -> pl.DataFrame:
    """Adjusted Wald F that what the line leaves of the waves is 0 but for sampling."""
    left, _, _ = np.linalg.svd(X)
    rest = left[:, X.shape[1] :].T  # contrasts that every line has at 0
    row = _empty(["departure"], df, note)
    if len(rest) == 0:
        return row.with_columns(note=pl.lit("as many waves as coefficients"))
    wald = wald_statistic(rest @ theta, rest @ V @ rest.T, df)
    ddf = df - wald.k + 1
    if wald.reason:
        return row.with_columns(note=pl.lit(wald.reason))
    value = wald.statistic / wald.k * ddf / df
    return row.with_columns(
        statistic=pl.lit(value), df_num=pl.lit(float(wald.k)), df=pl.lit(ddf, dtype=pl.Int64),
        p_value=pl.lit(float(scipy.stats.f.sf(value, wald.k, ddf))),
    )  # fmt: skip


def _empty(terms: list[str], df: int, note: str) -> pl.DataFrame:
    unknown = ["estimate", "se", "ci_low", "ci_high", "statistic", "df_num"]
    return pl.DataFrame({"term": terms}).with_columns(
        *(pl.lit(None, dtype=pl.Float64).alias(c) for c in unknown),
        df=pl.lit(df, dtype=pl.Int64),
        p_value=pl.lit(None, dtype=pl.Float64),
        note=pl.lit(note),
    )
