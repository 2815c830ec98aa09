"""What a step did to the weights, for the person who must sign them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from analysis.design import Floats
from analysis.weighting.distances import Distance
from analysis.weighting.margin import Margin
from analysis.weighting.profiles import Profiles
from analysis.weighting.solver import Solution

THIN = 10  # respondents of a category below which its weights rest on few people
LARGEST = 10  # weights that the report names
SHARES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)


@dataclass(frozen=True)
class WeightReport:
    """One step of weighting.

    step : "calibration", "nonresponse", "trimming" ; method : in words
    margins : margin, category, n, before, target, after, gap (after / target - 1), soft
    before, after : (n,) weights on each side of the step
    notes : sentences on what deserves a look (thin categories, shares at a bound…)
    ratios, deff, n_eff, largest are made when they are read: nobody waits for what is not.
    """

    step: str
    method: str
    converged: bool
    iterations: int
    margins: pl.DataFrame
    before: Floats
    after: Floats
    notes: tuple[str, ...] = ()

    @cached_property
    def ratios(self) -> pl.DataFrame:
        """share, ratio, weight: quantiles of final / initial weight and of the final weights."""
        held = self.before > 0
        ratio = self.after[held] / self.before[held]
        return pl.DataFrame({"share": SHARES, "ratio": np.quantile(ratio, SHARES),
                             "weight": np.quantile(self.after[held], SHARES)})  # fmt: skip

    @cached_property
    def deff(self) -> tuple[float, float]:
        """Kish's design effect before and after, over those whose weight is not 0."""
        return kish(self.before)[0], kish(self.after)[0]

    @cached_property
    def n_eff(self) -> tuple[float, float]:
        """The respondents that the weights are worth, before and after."""
        return kish(self.before)[1], kish(self.after)[1]

    @cached_property
    def largest(self) -> pl.DataFrame:
        """Row (from 1), before, after, ratio of the largest weights."""
        before, after = self.before, self.after
        top = np.argpartition(-after, min(LARGEST, len(after) - 1))[:LARGEST]
        top = top[np.lexsort((top, -after[top]))]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = after[top] / before[top]
        return pl.DataFrame({"row": top + 1, "before": before[top], "after": after[top],
                             "ratio": ratio})  # fmt: skip

    def __str__(self) -> str:
        head = f"{self.step}: {self.method}"
        if self.iterations:
            head += f"; converged after {self.iterations} iterations"
        with pl.Config(tbl_rows=200, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True,
                       fmt_str_lengths=60, float_precision=4):  # fmt: skip
            tables = [str(t) for t in (self.margins, self.ratios, self.largest) if t.height]
        spread = (
            f"deff of weighting {self.deff[0]:.3f} -> {self.deff[1]:.3f}; "
            f"n_eff {self.n_eff[0]:.0f} -> {self.n_eff[1]:.0f}"
        )
        return "\n".join([head, *tables, spread, *(f"note: {n}" for n in self.notes)])


def kish(weights: Floats) -> tuple[float, float]:
    """Design effect 1 + cv^2 of unequal weights, and the respondents they are worth.

    Kish (1965), Survey Sampling, §11.2; respondents of weight 0 are not counted.
    """
    held = weights[weights > 0]
    n_eff = float(held.sum() ** 2 / (held**2).sum())
    return len(held) / n_eff, n_eff


def describe(
    step: str, method: str, before: Floats, after: Floats, *, margins: pl.DataFrame | None = None,
    iterations: int = 0, notes: tuple[str, ...] = (),
) -> WeightReport:  # fmt: skip
    """The report of any step, from the weights on each side of it."""
    table = _no_margins() if margins is None else margins
    return WeightReport(step, method, True, iterations, table, before, after, notes)


def calibration_report(
    before: Floats, after: Floats, margins: list[Margin], made: Profiles, found: Solution,
    method: str, chosen: Distance,
) -> WeightReport:  # fmt: skip
    """The report of a calibration."""
    held = made.code if (before > 0).all() else made.code[before > 0]
    live = np.bincount(held, minlength=len(made.table)).astype(np.float64)
    text, table, notes = calibration_words(made.mass(before), live, margins, made, found, method,
                                           chosen)  # fmt: skip
    return describe("calibration", text, before, after, margins=table,
                    iterations=found.iterations, notes=notes)  # fmt: skip


def calibration_words(
    mass: Floats, live: Floats, margins: list[Margin], made: Profiles, found: Solution,
    method: str, chosen: Distance,
) -> tuple[str, pl.DataFrame, tuple[str, ...]]:  # fmt: skip
    """The method in words, the table of margins, notes; of (c,) weights and people by profile."""
    table = _margin_table(mass, live, found.ratio, margins, made)
    text = method
    if chosen.bounded:
        text += f", ratios within {chosen.low:g} and {chosen.high:g}"
    return text, table, _thin(table) + _at_bounds(found.ratio, live, chosen)


def _margin_table(
    mass: Floats, live: Floats, ratio: Floats, margins: list[Margin], made: Profiles
) -> pl.DataFrame:
    """One row a category: respondents, population before, target, after, relative gap.

    mass, live : (c,) weights and respondents of each profile
    """
    counts, first, last = (v @ made.table for v in (live, mass, mass * ratio))
    rows = []
    for j, (k, c) in enumerate(zip(made.margin, made.category, strict=True)):
        margin = margins[k]
        target = margin.targets[c]
        size = made.size[j]
        label = " x ".join(margin.categories[c]) if margin.categories else ""
        n = None if margin.numeric else round(counts[j] * size)
        rows.append((margin.name, label, n, first[j] * size, target, last[j] * size,
                     margin.soft or None))  # fmt: skip
    names = ["margin", "category", "n", "before", "target", "after", "soft"]
    types = [pl.String, pl.String, pl.Int64, pl.Float64, pl.Float64, pl.Float64, pl.Float64]
    frame = pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")
    gap = pl.when(pl.col("target") != 0).then(pl.col("after") / pl.col("target") - 1)
    return frame.with_columns(gap=gap).select(*names[:-1], "gap", "soft")


def _no_margins() -> pl.DataFrame:
    numbers = ("before", "target", "after", "gap", "soft")
    texts = [("margin", pl.String), ("category", pl.String), ("n", pl.Int64)]
    return pl.DataFrame(schema=[*texts, *((name, pl.Float64) for name in numbers)])


def _thin(table: pl.DataFrame) -> tuple[str, ...]:
    thin = table.filter(pl.col("n") < THIN, pl.col("n") > 0)
    return tuple(
        f"{margin}, {category}: {n} respondents carry {target:,.0f}"
        for margin, category, n, target in thin.select("margin", "category", "n", "target").rows()
    )


def _at_bounds(ratio: Floats, live: Floats, chosen: Distance) -> tuple[str, ...]:
    if not chosen.bounded:
        return ()
    close = 1e-6 * max(chosen.low, 1.0)
    low, high = (live @ end for end in (ratio <= chosen.low + close, ratio >= chosen.high - close))
    if not (low or high):
        return ()
    return (f"{low:.0f} respondents at the lower bound, {high:.0f} at the upper",)
