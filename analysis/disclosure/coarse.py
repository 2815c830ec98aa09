"""The table of estimates where counts are rounded to a base: every row as it may be printed.

Everything here follows from what is printed and from the design: the number of respondents is
rounded first, the step of the share follows from it, the interval from both (:mod:`.reach`). What
would be another equation about the same answers is left out: design effects; of a base that answers
decide the weighted size and, where the strata are known, the interval. Statuses are given
afterwards, by the figures as printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from analysis.definition import Survey
from analysis.disclosure.reach import Strata, strata, wilson
from analysis.disclosure.reliability import publishable, without_figures
from analysis.disclosure.standing import level
from analysis.rounding import (
    amount_step,
    base_step,
    coarse_alike,
    coarse_step,
    rounded,
    rounded_count,
    rounded_counts,
    to_step,
)

SHARES = ("proportion", "mentions", "battery")
TOO_COARSE = "trop peu de réponses pour des effectifs arrondis à {}"
_GROUP = ("wave", "domain", "domain_value")
_MADE = ("estimate", "se", "ci_low", "ci_high", "cv", "n_kish", "n_weighted", "df_domain")
_UNKNOWN_DF = 1e9
Row = dict[str, Any]
Figure = tuple[str, str, str, str]  # wave, indicator, category, level


@dataclass(frozen=True, slots=True)
class Behind:
    """Who stands behind a figure, as far as it is no secret.

    strata : of its base; None where answers decide who is in it
    atoms : groups of respondents that the level is made of
    counted : whether their populations are known, so that the strata explain the variance
    """

    strata: Strata | None
    atoms: int
    counted: bool


def coarse(
    survey: Survey, table: pl.DataFrame, standing: Mapping[str, pl.DataFrame], base: int
) -> pl.DataFrame:
    """The table rounded, then under the survey's rule of reliability.

    standing : of each wave, see :mod:`analysis.disclosure.standing`
    A figure whose step would be 100 points is not published (status Q).
    """
    return _ruled(survey, rounded_table(table, standing, base), base)


def raw_coarse(survey: Survey, table: pl.DataFrame, base: int) -> pl.DataFrame:
    """The same for shares with equal weights: each is the quotient of two rounded counts.

    Both are in the codebook; the share itself, rounded, would be another rounding of the first.
    """
    share = pl.col("method").str.starts_with("proportion")
    count = rounded_counts((pl.col("estimate") * pl.col("n")).round(0), base)
    quotient = (count / rounded_counts(pl.col("n"), base)).clip(0.0, 1.0).fill_nan(0.0)
    told = table.with_columns(
        estimate=pl.when(share).then(quotient).otherwise("estimate"),
        se=pl.when(~share).then("se"),
    )
    return _ruled(survey, rounded_table(told, {}, base), base)


def _ruled(survey: Survey, table: pl.DataFrame, base: int) -> pl.DataFrame:
    ruled = publishable(survey, table)
    least = pl.col("n").map_elements(lambda n: base_step(n, base) >= 1, return_dtype=pl.Boolean)
    said = (
        pl.when(pl.col("status") == "Q").then("reason").otherwise(pl.lit(TOO_COARSE.format(base)))
    )
    hidden = ruled.with_columns(
        status=pl.when(least).then(pl.lit("Q")).otherwise("status"),
        reason=pl.when(least).then(said).otherwise("reason"),
    )
    return without_figures(hidden, pl.col("status") == "Q")


def rounded_table(
    table: pl.DataFrame, standing: Mapping[str, pl.DataFrame], base: int
) -> pl.DataFrame:
    """Every row with its counts rounded, and its figures to the step that these leave."""
    behind = {f: b for wave, rows in standing.items() for f, b in _behind(wave, rows)}
    told = table.with_columns(
        n=rounded_counts(pl.col("n"), base), df=rounded_counts(pl.col("df"), base),
        deff=pl.lit(None, dtype=pl.Float64), n_eff=pl.lit(None, dtype=pl.Float64),
    )  # fmt: skip
    everybody = table.group_by(_GROUP).agg(pl.col("n", "n_kish").sort_by("n").last())
    groups = {key: (rounded_count(n, base), kish) for *key_, n, kish in everybody.iter_rows()
              for key in [tuple(key_)]}  # fmt: skip
    made = [
        _row(r, behind.get((r["wave"], r["indicator"], r["category"],
                            level(r["domain"], r["domain_value"]))),
             groups[tuple(r[k] for k in _GROUP)], base)
        for r in told.iter_rows(named=True)
    ]  # fmt: skip
    columns = pl.DataFrame(made, schema={k: table.schema[k] for k in _MADE}, orient="row")
    return told.with_columns(columns.with_columns(rounded(pl.col(c)) for c in ("cv", "n_kish")))


def _row(
    r: Row, behind: Behind | None, group: tuple[int, float | None], base: int
) -> tuple[float | None, ...]:
    """The columns ``_MADE`` of a row whose n is rounded already."""
    n, fixed = int(r["n"]), behind is not None and behind.strata is not None
    kish = r["n_kish"] if fixed else _part(group, n)
    figures = _figures(r, behind, kish, base) if r["estimate"] is not None else (None,) * 4
    estimate, se = figures[:2]
    cv = se / abs(estimate) if estimate and se is not None else None
    worth = r["n_weighted"] if fixed else None
    return (*figures, cv, kish, worth, _degrees(r, behind, n, base))


def _part(group: tuple[int, float | None], n: int) -> float | None:
    """What a base is worth that answers decide: as if they were spread over the group evenly."""
    people, worth = group
    return worth * n / people if worth is not None and people else None


def _degrees(r: Row, behind: Behind | None, n: int, base: int) -> int:
    """Respondents less strata; of a design with clusters their number, rounded down."""
    own = int(r["df_domain"] or 0) // base * base
    if behind is None:
        return own
    most = max(n - behind.atoms, 0)
    return most if behind.counted else min(most, own)


def _figures(
    r: Row, behind: Behind | None, kish: float | None, base: int
) -> tuple[float | None, ...]:
    """estimate, se, ci_low, ci_high, to the step of the row."""
    n, method = int(r["n"]), str(r["method"])
    share, one = method.startswith(SHARES), method.startswith("proportion")
    step_of = coarse_step if share else amount_step
    told = to_step(r["estimate"], step_of(r["estimate"], n, base))
    told = min(max(told, 0.0), 1.0) if share else told
    step = step_of(told, n, base)  # of what is printed: that of the value may tell its side of 10 %
    if behind and behind.counted and behind.strata is None and method.startswith(SHARES[:2]):
        return told, None, None, None
    error, ends = r["se"], (r["ci_low"], r["ci_high"])
    error, ends = _remade(r, behind, kish, told, base) if one else (error, ends)
    low, high = (None if x is None else to_step(x, step, side)
                 for x, side in zip(ends, (-1, 1), strict=True))  # fmt: skip
    if share:
        low, high = (None if x is None else min(max(x, 0.0), 1.0) for x in (low, high))
    return told, None if error is None else to_step(error, step, 1), low, high


def _remade(
    r: Row, behind: Behind | None, kish: float | None, told: float, base: int
) -> tuple[float, tuple[float, float]]:
    """Standard error and interval of the least certain share that is printed so."""
    low, high = coarse_alike(told, int(r["n"]), base)
    middle = min(max(0.5, low), high)
    worths = {p: _worth(r, behind, kish, p) for p in (low, middle, high)}
    error = max(float(np.sqrt(p * (1 - p) / n)) for p, n in worths.items())
    df = float(r["df"] or _UNKNOWN_DF)
    ends = wilson(low, worths[low], df)[0], wilson(high, worths[high], df)[1]
    return error, ends


def _worth(r: Row, behind: Behind | None, kish: float | None, p: float) -> float:
    """Respondents of a simple sample that are as uncertain as the base of a row can be."""
    worth = kish if kish is not None else np.inf
    if behind is not None and behind.strata is not None:
        within = worth * float(behind.strata.each.sum())  # weights that differ in an atom
        worth = behind.strata.worth(p) * (min(1.0, within) if np.isfinite(within) else 1.0)
    if (behind is None or not behind.counted) and r["se"]:
        share = r["estimate"]
        worth = min(worth, share * (1 - share) / r["se"] ** 2)
    return float(max(worth, 1.0))


def _behind(wave: str, standing: pl.DataFrame) -> Iterator[tuple[Figure, Behind]]:
    """Of each figure of a wave; of several views the first, which is said last."""
    views = standing.partition_by("view", maintain_order=True)
    for view in reversed(views):
        known: dict[tuple[int, ...], Behind] = {}
        for (_, indicator, category), cells in view.group_by(
            "view", "indicator", "category", maintain_order=True
        ):
            atoms = cells.sort("atom")
            base, size = (atoms[c].to_numpy() for c in ("base", "respondents"))
            decided = bool(((base == 0) | (base == size)).all())
            for at, of in _levels(atoms).items():
                inside = tuple(h for h in of if base[h] > 0)
                if decided and inside and inside not in known:
                    known[inside] = _strata(atoms, list(inside), len(of))
                other = Behind(None, len(of), _counted(atoms, of))
                told = known[inside] if decided and inside else other
                yield (wave, str(indicator), str(category), at), told


def _strata(atoms: pl.DataFrame, of: list[int], number: int) -> Behind:
    weight, size, population = (
        atoms[c].cast(pl.Float64).to_numpy()[of] for c in ("weight", "respondents", "population")
    )
    there = np.where(np.isfinite(population), population, np.inf)
    return Behind(strata(weight, size, there), number, _counted(atoms, of))


def _counted(atoms: pl.DataFrame, of: list[int]) -> bool:
    return atoms["population"][of].null_count() == 0


def _levels(atoms: pl.DataFrame) -> dict[str, list[int]]:
    """Places of the atoms of each level that weigh something."""
    made: dict[str, list[int]] = {}
    for place, (of, weight) in enumerate(atoms.select("levels", "weight").iter_rows()):
        for one in of if weight > 0 else ():
            made.setdefault(one, []).append(place)
    return made
