"""Means, proportions, totals and ratios of domains, as frames."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.design import Floats, Integers, SampleDesign
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
from analysis.estimators.ratio import (
    RatioEstimates,
    census_cells,
    degrees,
    estimate_ratios,
    finite,
    standard_errors,
)
from analysis.variance import (
    Membership,
    ratio_totals,
    ratio_variances,
    total_variances,
)
from analysis.variance.rounding import EPS, made_again, without_rounding


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
    variance = total_variances(values, totals, members, design)
    variance = made_again(variance, values, known, totals, members, design,
                          wanted=totals.psus > 1, ratio=False)  # fmt: skip
    n = members.sums(known)
    size = members.sums(design.weights[:, None] * np.abs(values * known))
    variance = without_rounding(variance, size, n, design)
    se = standard_errors(variance, totals.psus, census_cells(known, members, design))
    df = degrees(totals, known, members, design, o)
    low, high = wald(totals.y, se, df, o.level)
    deff = se**2 / _simple_total_variance(values * known, known, members, design, o)
    found = {"estimate": totals.y, "se": se, "ci_low": low, "ci_high": high, "deff": deff,
             "df": df.astype(np.float64), "n": n, "n_weighted": totals.x}  # fmt: skip
    text = method_text(design, f"total; wald; deff={o.deff}")
    return result(names, [""] * len(names), domains, found, text)


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
    found, _ = ratio_cells(y * known, x * known, known, domains.members, design, o)
    text = method_text(design, f"ratio; wald; deff={o.deff}")
    return result(names, [""] * len(names), domains, found, text)


def ratio_cells(
    y: Floats, x: Floats, known: Floats, members: Membership, design: SampleDesign, o: Options
) -> tuple[dict[str, Floats], Integers]:
    """The (L, K) columns of ratios y / x, all (n, K) and 0 where not ``known``.

    Then the degrees of freedom of each cell's own PSUs and strata.
    """
    totals = ratio_totals(y, x, members, design)
    variance = ratio_variances(y, x, totals, members, design)
    variance = made_again(variance, y, x, totals, members, design,
                          wanted=totals.psus > 1, ratio=True)  # fmt: skip
    w, n = design.weights[:, None], members.sums(known)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = totals.y / totals.x
        tops, bottoms = (members.sums(w * np.abs(v)) for v in (y, x))
        size = (tops + np.abs(estimate) * bottoms) / np.abs(totals.x)
        simple = _simple_ratio_variance(y, x, known, estimate, members, design, o)
    variance = without_rounding(variance, size, n, design)
    se = standard_errors(variance, totals.psus, census_cells(known, members, design))
    df = degrees(totals, known, members, design, o)
    low, high = wald(estimate, se, df, o.level)
    found = {"estimate": estimate, "se": se, "ci_low": low, "ci_high": high,
             "deff": se**2 / (simple / totals.x**2), "df": df.astype(np.float64), "n": n,
             "n_weighted": members.sums(w * known)}  # fmt: skip
    return found, totals.psus - totals.strata


def _simple_total_variance(
    values: Floats, known: Floats, members: Membership, design: SampleDesign, o: Options
) -> Floats:
    """(L, K) variances of the totals, had all respondents been a simple random sample.

    N^2 s^2 / n over the whole sample, the value being 0 for whoever is not in the domain: how
    many are in it is itself estimated. NaN where s^2 is 0.
    """
    w, everyone = design.weights[:, None], float((design.weights > 0).sum())
    n, whole = members.sums(known), np.full((members.size, known.shape[1]), design.weights.sum())
    mean = members.sums(w * values) / whole
    rest = np.where(n == everyone, 0.0, whole - members.sums(w * known))
    squares = _residual_squares(values, known, mean, members, design) + rest * mean**2
    simple = whole * squares / (everyone - 1)
    return np.asarray(simple * finite(np.full_like(n, everyone), whole, o))


def _simple_ratio_variance(
    y: Floats, x: Floats, known: Floats, slope: Floats, members: Membership,
    design: SampleDesign, o: Options,
) -> Floats:  # fmt: skip
    """(L, K) variances of X times the ratio, had the n of the domain been a simple random sample.

    N^2 s^2 / n over the n respondents of the domain, who weigh N, s^2 that of y - slope x, whose
    mean is 0. NaN where it is 0.
    """
    n, population = members.sums(known), members.sums(design.weights[:, None] * known)
    squares = _residual_squares(y, x, slope, members, design)
    return population * squares / (n - 1) * finite(n, population, o)


def _residual_squares(
    y: Floats, x: Floats, slope: Floats, members: Membership, design: SampleDesign
) -> Floats:
    """(L, K) sums of w (y - slope x)^2; NaN where they are no more than rounding."""
    row, level = members.row, members.level
    top, fitted, w = y[row], slope[level] * x[row], design.weights[row]
    squares, sizes = (
        np.stack([np.bincount(level, w * e**2, minlength=members.size) for e in parts.T], axis=1)
        for parts in (top - fitted, np.abs(top) + np.abs(fitted))
    )
    known = squares > (4 * len(design.weights) * EPS) ** 2 * sizes
    return np.where(known, squares, np.nan)


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
    first, *rest = text.split("; ")
    return "; ".join([first, design.way, *rest])
