"""Means, proportions, totals and ratios of domains, as frames."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.design import Floats, SampleDesign
from analysis.errors import refuse
from analysis.estimators.cells import (
    Groups,
    Names,
    groups,
    indicators,
    listed,
    measured,
    numbers,
    once,
)
from analysis.estimators.frames import result
from analysis.estimators.intervals import wald
from analysis.estimators.options import Options
from analysis.estimators.ratio import RatioEstimates, degrees, estimate_ratios
from analysis.variance import (
    ratio_totals,
    ratio_variance,
    replicate_ratio_variance,
    replicate_total_variance,
    total_variance,
)


def mean(
    design: SampleDesign, variables: Names, by: Names | None, where: pl.Expr | None, o: Options
) -> pl.DataFrame:
    """Weighted means; see docs/methods/proportions-and-means.md."""
    names, domains = measured(variables), groups(design, by, where)
    values, base = numbers(design, names)
    found = estimate_ratios(
        values, base, np.zeros(len(names), dtype=bool), domains.members, design, o
    )
    return _frame(design, names, [""] * len(names), domains, found, f"mean; wald; deff={o.deff}")


def proportion(
    design: SampleDesign, variables: Names, by: Names | None, where: pl.Expr | None, o: Options
) -> pl.DataFrame:
    """Shares of each category; categories in sorted order, null out of the base."""
    domains = groups(design, by, where)
    names: list[str] = []
    codes: list[str] = []
    values, bases = [], []
    for name in measured(variables):
        categories, made, answered = indicators(design, name)
        names += [name] * len(categories)
        codes += categories
        values.append(made)
        bases.append(answered)
    y, x = np.hstack(values), np.hstack(bases)
    found = estimate_ratios(y, x, np.ones(len(names), dtype=bool), domains.members, design, o)
    return _frame(design, names, codes, domains, found, f"proportion; {o.ci}; deff={o.deff}")


def total(
    design: SampleDesign, variables: Names, by: Names | None, where: pl.Expr | None, o: Options
) -> pl.DataFrame:
    """Weighted totals; whoever weighs nothing is in no base."""
    names, domains = measured(variables), groups(design, by, where)
    values, known = numbers(design, names)
    known = known * (design.weights > 0)[:, None]
    members = domains.members
    totals = ratio_totals(values, known, members, design)
    if design.replication is None:
        variance = total_variance(totals)
    else:
        variance = replicate_total_variance(values, known, members, design)
    se = np.where(totals.psus < 2, np.nan, np.sqrt(variance))
    df = degrees(totals, known, members, design, o)
    low, high = wald(totals.y, se, df, o.level)
    found = {"estimate": totals.y, "se": se, "ci_low": low, "ci_high": high,
             "deff": np.full(se.shape, np.nan), "df": df,
             "n": members.sums(known), "n_weighted": totals.x}  # fmt: skip
    return result(names, [""] * len(names), domains, found, method_text(design, "total; wald"))


def ratio(
    design: SampleDesign, numerator: Names, denominator: Names, by: Names | None,
    where: pl.Expr | None, o: Options,
) -> pl.DataFrame:  # fmt: skip
    """Ratios of weighted totals; a pair counts where both values are known."""
    tops, bottoms, domains = listed(numerator), listed(denominator), groups(design, by, where)
    if not tops or len(tops) != len(bottoms):
        raise refuse("ratio", f"{len(tops)} numerators and {len(bottoms)} denominators",
                     "as many of each", "name them pair by pair")  # fmt: skip
    names = once([f"{a}/{b}" for a, b in zip(tops, bottoms, strict=True)], "ratio")
    y, known_y = numbers(design, tops)
    x, known_x = numbers(design, bottoms)
    known = known_y * known_x * (design.weights > 0)[:, None]
    y, x, members = y * known, x * known, domains.members
    totals = ratio_totals(y, x, members, design)
    if design.replication is None:
        variance = ratio_variance(totals)
    else:
        variance = replicate_ratio_variance(y, x, members, design)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = totals.y / totals.x
    se = np.where(totals.psus < 2, np.nan, np.sqrt(variance))
    df = degrees(totals, known, members, design, o)
    low, high = wald(estimate, se, df, o.level)
    found = {"estimate": estimate, "se": se, "ci_low": low, "ci_high": high,
             "deff": np.full(se.shape, np.nan), "df": df, "n": members.sums(known),
             "n_weighted": members.sums(design.weights[:, None] * known)}  # fmt: skip
    return result(names, [""] * len(names), domains, found, method_text(design, "ratio; wald"))


def _frame(
    design: SampleDesign, names: list[str], categories: list[str], domains: Groups,
    e: RatioEstimates, method: str,
) -> pl.DataFrame:  # fmt: skip
    return result(names, categories, domains, ratio_columns(e), method_text(design, method))


def ratio_columns(e: RatioEstimates) -> dict[str, Floats]:
    """The (L, K) columns of a frame."""
    return {
        "estimate": e.estimate, "se": e.se, "ci_low": e.low, "ci_high": e.high, "deff": e.deff,
        "df": e.df.astype(np.float64), "n": e.n.astype(np.float64), "n_weighted": e.n_weighted,
    }  # fmt: skip


def method_text(design: SampleDesign, text: str) -> str:
    """The conventions of a row: how the variance was made, then the rest."""
    way = f"replication ({design.replication.kind})" if design.replication else "linearized"
    first, *rest = text.split("; ")
    return "; ".join([first, way, *rest])
