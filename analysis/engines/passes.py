"""The totals pass as expressions: sums by stratum and domain level, made where the rows are.

The same sums as :func:`analysis.variance.ratio.ratio_totals`. Row by row, with w the weight, v the
measure, x its denominator (1 for a mean), k whether they are known and w > 0, and c a centre:

    z = k (v - c x),  d = k x

Summed by PSU and level first where there are PSUs; then by stratum and level, with the squares of
the totals of the PSUs (of w z and w d where each row is one). What comes back has a row a stratum
and level, whatever the number of respondents and of PSUs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import narwhals as nw
import numpy as np
import polars as pl

from analysis.design import Floats, Integers
from analysis.engines.frames import Lazy, Progress, levels, one, run, where
from analysis.engines.strata import Strata
from analysis.errors import refuse
from analysis.variance.ratio import PairSums, RatioTotals
from analysis.variance.rounding import EPS


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure, and which sum plays which role for it.

    variable, category : as in a frame of results ; share : True for the share of a category
    centre : c ; roles : {role: name of a sum}: y, x, weight, zz, zd, dd (w z, w d, w k, w z^2,
    w z d, w d^2), yy, yx, xx (squares of the totals of PSUs), kish2 (w^2), n (k), yes (those of
    the category, of a share), psus; tops, bottoms (w |v|, w |x|) of totals and ratios
    z, d : the row's own z and d, for other weights than w
    """

    variable: str
    category: str
    share: bool
    centre: float
    roles: dict[str, str]
    z: nw.Expr
    d: nw.Expr


@dataclass(slots=True)
class Terms:
    """The sums that measures need, each once, however many measures share it.

    weight : w ; counts : whether w > 0 ; element : whether each row is a PSU
    rows : {name: expression of a row} ; units : {name: expression of the sums of a PSU}
    """

    weight: nw.Expr
    counts: nw.Expr
    element: bool
    rows: dict[str, nw.Expr] = field(default_factory=dict)
    units: dict[str, nw.Expr] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def numeric(
        self, name: str, v: nw.Expr, x: nw.Expr | None, centre: float, *, sized: bool = False
    ) -> Measure:
        """A mean or total (x None: 1), or a ratio; ``sized``: with tops and bottoms."""
        w, k = self.weight, v.is_finite() & self.counts
        k = k if x is None else k & x.is_finite()
        d = one(k) if x is None else where(k, x)
        z = where(k, v - centre if x is None else v - centre * x)
        weight = self._row(f"weight {name}", w * one(k))
        roles = {
            "y": self._row(f"y {name}", w * z),
            "x": weight if x is None else self._row(f"x {name}", w * d),
            "weight": weight,
            "zz": self._row(f"zz {name}", w * z * z),
            "n": self._row(f"n {name}", one(k)),
            "kish2": self._row(f"kish2 {name}", w * w * one(k)),
        }
        roles["yes"] = roles["n"]  # of shares only
        if x is None:
            roles |= {"zd": roles["y"], "dd": weight, "bottoms": weight}
        else:
            roles["zd"] = self._row(f"zd {name}", w * z * d)
            roles["dd"] = self._row(f"dd {name}", w * d * d)
        if sized:
            roles["tops"] = self._row(f"tops {name}", w * where(k, v.abs()))
        if sized and x is not None:
            roles["bottoms"] = self._row(f"bottoms {name}", w * d.abs())
        return Measure(name, "", False, centre, self._squared(name, roles, (w * z, w * d)), z, d)

    def share(self, name: str, category: str, inside: nw.Expr, answered: nw.Expr) -> Measure:
        """The share of a category: it is 0 or 1, so that its squares are itself."""
        w, known = self.weight, one(answered & self.counts)
        yes = one(inside & self.counts)
        label = f"{name} = {category}"
        y = self._row(f"y {label}", w * yes)
        x = self._row(f"x {name}", w * known)
        roles = {
            "y": y, "x": x, "weight": x, "zz": y, "zd": y, "dd": x, "tops": y, "bottoms": x,
            "n": self._row(f"n {name}", known),
            "yes": self._row(f"yes {label}", yes),
            "kish2": self._row(f"kish2 {name}", w * w * known),
        }  # fmt: skip
        if self.element:
            square = self._row(f"yy {label}", w * w * yes)
            roles |= {"yy": square, "yx": square, "xx": roles["kish2"], "psus": roles["n"]}
        else:
            roles = self._squared(name, roles, None)
        return Measure(name, category, True, 0.0, roles, yes, known)

    def _squared(
        self, name: str, roles: dict[str, str], row: tuple[nw.Expr, nw.Expr] | None
    ) -> dict[str, str]:
        """The roles with those of the squares: of each ``row``, or of the totals of each PSU."""
        y, x, n = roles["y"], roles["x"], roles["n"]
        if self.element:
            assert row is not None
            a, b = row
            return {**roles, "psus": n, "yy": self._row(f"yy {name}", a * a),
                    "yx": self._row(f"yx {name}", a * b),
                    "xx": self._row(f"xx {name}", b * b)}  # fmt: skip
        return {
            **roles,
            "psus": self._unit(f"seen {n}", one(nw.col(n) > 0)),
            "yy": self._unit(f"{y} {y}", nw.col(y) * nw.col(y)),
            "yx": self._unit(f"{y} {x}", nw.col(y) * nw.col(x)),
            "xx": self._unit(f"{x} {x}", nw.col(x) * nw.col(x)),
        }

    def _row(self, what: str, value: nw.Expr) -> str:
        return self._kept(self.rows, f"row {what}", value)

    def _unit(self, what: str, value: nw.Expr) -> str:
        return self._kept(self.units, f"unit {what}", value)

    def _kept(self, there: dict[str, nw.Expr], what: str, value: nw.Expr) -> str:
        if what not in self._names:  # short names of our own: none of the file's can be in the way
            self._names[what] = f"t{len(self._names)}"
            there[self._names[what]] = value
        return self._names[what]


@dataclass(frozen=True, slots=True)
class LevelSums:
    """Sums over the S pairs of a domain level and a stratum that occur.

    size : L ; labels : a row a level, sorted (none without columns) ; level, group : (S,)
    sums : a column a sum, (S,) each
    """

    size: int
    labels: pl.DataFrame
    level: Integers
    group: Integers
    sums: pl.DataFrame

    def of(self, measures: Sequence[Measure], role: str) -> Floats:
        """(S, K) the sums that play a role, of each measure."""
        return np.column_stack([self.sums[m.roles[role]].to_numpy() for m in measures])

    def levels(self, pairs: Floats) -> Floats:
        """(L, K) sums over the strata of (S, K) numbers."""
        made = np.zeros((self.size, pairs.shape[1]))
        np.add.at(made, self.level, pairs)
        return made


def level_sums(
    rows: Lazy, keys: Sequence[str], cluster: str, strata: Strata, terms: Terms,
    groupings: Sequence[Sequence[str]], progress: Progress | None = None,
) -> list[LevelSums]:  # fmt: skip
    """The sums of every grouping, a list of columns each (none: over everybody)."""
    plans = [totals_plan(rows, keys, cluster, terms, by) for by in groupings]
    found = run(plans, progress)
    return [read(table, len(keys), by, strata) for table, by in zip(found, groupings, strict=True)]


def totals_plan(
    rows: Lazy, keys: Sequence[str], cluster: str, terms: Terms, by: Sequence[str]
) -> Lazy:
    """By stratum (s0) and level (b0, …) the sums of the terms."""
    if not cluster:
        rows, given = levels(rows, keys, by)
        sums = [value.sum().alias(name) for name, value in terms.rows.items()]
        return rows.group_by(*given.values()).agg(*sums)
    again = [nw.col(name).sum() for name in terms.rows]
    squares = [value.sum().alias(name) for name, value in terms.units.items()]
    named = [*levels(rows, keys, by)[1]]
    return unit_plan(rows, keys, cluster, terms, by).group_by(*named).agg(*again, *squares)


def unit_plan(
    rows: Lazy, keys: Sequence[str], cluster: str, terms: Terms, by: Sequence[str]
) -> Lazy:
    """By stratum, level and PSU (u) the sums of the terms of rows."""
    rows, given = levels(rows, keys, by)
    sums = [value.sum().alias(name) for name, value in terms.rows.items()]
    return rows.group_by(*given.values(), nw.col(cluster).alias("u")).agg(*sums)


def read(table: pl.DataFrame, n_keys: int, by: Sequence[str], strata: Strata) -> LevelSums:
    """The sums as arrays; refuses a domain with nobody in it."""
    if not table.height:
        raise refuse("estimate: where", "nobody is in the domain", "somebody",
                     "widen the condition")  # fmt: skip
    names = [c for c in table.columns if c.startswith("t")]
    table = placed(table, n_keys, strata)
    given = [f"b{k}" for k in range(len(by))]
    levels = table.select(given).unique().sort(given) if by else pl.DataFrame()
    if by:
        table = table.join(levels.with_row_index("level"), on=given, how="left")
    else:
        table = table.with_columns(level=pl.lit(0))
    pairs = table.group_by("level", "place").agg(pl.col(names).sum()).sort("level", "place")
    return LevelSums(levels.height or 1, levels.rename(dict(zip(given, by, strict=True))),
                     pairs["level"].cast(pl.Int64).to_numpy(),
                     pairs["place"].cast(pl.Int64).to_numpy(), pairs.select(names))  # fmt: skip


def placed(table: pl.DataFrame, n_keys: int, strata: Strata) -> pl.DataFrame:
    """The table with the group of the design that each row's stratum counts in."""
    if not n_keys:
        return table.with_columns(place=pl.lit(0))
    return table.join(strata.labels, on="s0", how="left")


def ratio_totals(found: LevelSums, measures: Sequence[Measure], strata: Strata) -> RatioTotals:
    """What the algebra of variances takes."""
    psus = found.of(measures, "psus")
    sums = (found.of(measures, role) for role in ("y", "x", "yy", "yx", "xx"))
    part = PairSums(strata.component, found.level, found.group, *sums)
    return RatioTotals(
        found.levels(part.y),
        found.levels(part.x),
        found.levels(psus).astype(np.int64),
        found.levels((psus > 0).astype(np.float64)).astype(np.int64),
        (part,),
    )


def rounded(n: Floats) -> Floats:
    """(L,) share of its terms that rounding leaves of a sum over n rows (Higham 2002, §4.6)."""
    return np.asarray(8 * np.sqrt(n) * EPS, dtype=np.float64)


def level_labels(rows: Lazy, groupings: Sequence[Sequence[str]]) -> list[pl.DataFrame]:
    """The levels of each grouping, sorted: a row of values each."""
    plans = []
    for names in groupings:
        kept, given = levels(rows, (), names)
        plans.append(kept.group_by(*given.values()).agg(nw.len().alias("n")).select(*given))
    return [
        table.sort(table.columns).rename(dict(zip(table.columns, names, strict=True)))
        for table, names in zip(run(plans), groupings, strict=True)
    ]


def means(rows: Lazy, parts: Iterable[tuple[nw.Expr, nw.Expr | None]], first: int) -> Floats:
    """Unweighted means (or ratios) of measures over the first rows: centres, not estimates.

    Any centre gives the same estimates; one near the mean keeps the sums of squares from
    cancelling (analysis/estimators/ratio.py).
    """
    sums = []
    for k, (v, x) in enumerate(parts):
        there = v.is_finite() if x is None else v.is_finite() & x.is_finite()
        sums.append(where(there, v).sum().alias(f"t{2 * k}"))
        sums.append((one(there) if x is None else where(there, x)).sum().alias(f"t{2 * k + 1}"))
    if not sums:
        return np.zeros(0)
    (table,) = run([rows.head(first).select(*sums)])
    numbers = table.to_numpy()[0].astype(np.float64).reshape(-1, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.nan_to_num(numbers[:, 0] / numbers[:, 1], posinf=0.0, neginf=0.0)
    return found
