"""Calibration where the rows are: collapsed to cells in one query, solved here on the cells.

What comes back is a row for each crossing of the values of the margins' columns, with its weights;
:mod:`analysis.weighting` sees cells in place of respondents. What goes out is an expression: the
new weight of a row, a function of its categories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import narwhals as nw
import numpy as np
import polars as pl

from analysis.design import Floats, Integers
from analysis.design.calibration import gram_inverse
from analysis.engines.frames import SUMS, Lazy, number, one, run, unused
from analysis.engines.lookup import Known, looked_up
from analysis.engines.sample import HeldSample
from analysis.engines.steps import Step, ratio_of_row, too_many
from analysis.errors import raise_all, refuse
from analysis.weighting.calibrate import (
    check_partition,
    refuse_negative,
    replicate_solutions,
    solved,
)
from analysis.weighting.cells import Cells
from analysis.weighting.distances import Distance, distance
from analysis.weighting.margin import Margin
from analysis.weighting.margins import Margins, matched_margins, parsed_margins
from analysis.weighting.matching import unknown
from analysis.weighting.profiles import Profiles, profiles
from analysis.weighting.report import calibration_words
from analysis.weighting.solver import Solution

AnyHeld = TypeVar("AnyHeld", bound=HeldSample)


@dataclass(frozen=True, slots=True)
class Collapsed:
    """C crossings of values, in place of respondents.

    frame : their values ; weights : (C,) ; squares : (C,) sums of squared weights
    people : (C,) rows of a positive weight ; replicates : (C, R)
    """

    frame: pl.DataFrame
    weights: Floats
    squares: Floats
    people: Integers
    replicates: Floats


@dataclass(frozen=True, slots=True)
class HeldReport:
    """What a step did: as :class:`analysis.weighting.WeightReport`, without a list of weights."""

    step: str
    method: str
    converged: bool
    iterations: int
    margins: pl.DataFrame
    deff: tuple[float, float]
    n_eff: tuple[float, float]
    notes: tuple[str, ...]


def calibrated(
    sample: AnyHeld, margins: Margins, method: str, bounds: tuple[float, float] | None,
    unit: str, unit_margins: Margins | None, total: float | None, soft: Mapping[Any, float] | None,
) -> AnyHeld:  # fmt: skip
    """A copy of the design whose weights meet the margins; see ``Design.calibrate``."""
    chosen = distance(method, bounds)
    if unit or unit_margins:
        raise sample.absent("calibrate with a unit")
    given = _readable(sample, margins)
    collapsed = _collapsed(sample, given)
    read, cells = matched_margins(collapsed, given, total, soft, collapsed.people)
    check_partition(method, read, "")
    made = profiles(collapsed, read, cells, "")
    mass = made.mass(collapsed.weights)
    found = solved(made, mass, chosen, read, None)
    refuse_negative(made, found.ratio * (mass > 0), method, collapsed.people)
    each = [found, *replicate_solutions(collapsed.replicates, made, chosen, read, found)]
    numbers = [s.multipliers / made.size for s in each]
    known = [_known(m, cells, collapsed.frame) for m in read]
    widths = tuple(len(m.categories) for m in read)
    ratios = [_ratio(sample.rows, read, known, widths, n, chosen) for n in numbers]
    rows, codes = _numbered(sample.rows, read, known)
    rows, names = _weighted(sample, rows, ratios)
    inverse = gram_inverse(made.table, mass, made.ridge) / np.outer(made.size, made.size)
    step = Step(codes, widths, inverse, numbers[0], chosen, sample.weight, names[0])
    if too_many([*sample.steps, step]):
        raise refuse("calibrate", "too many crossed categories", "fewer than 4e18 of them",
                     "fewer margins")  # fmt: skip
    report = _report(collapsed, read, made, found, method, chosen)
    positive = bool((found.ratio[mass > 0] > 0).all())
    return sample.reweighted(rows, names[0], names[1:], positive, step, report)


def _readable(sample: HeldSample, margins: Margins) -> list[Margin]:
    """The margins, all of categories of columns that there are."""
    given = parsed_margins(margins, None)
    columns = sample.rows.collect_schema().names()
    raise_all([p for m in given for p in unknown(columns, m)])
    for margin in given:
        if margin.numeric:
            raise sample.absent(f'calibrate on the total of a number, "{margin.name}",')
    return given


def _collapsed(sample: HeldSample, margins: Sequence[Margin]) -> Collapsed:
    """The rows by the values of the columns of the margins; one query, or a few for replicates."""
    columns = list(dict.fromkeys(c for m in margins for c in m.columns))
    keys = {f"c{k}": name for k, name in enumerate(columns)}
    w = number(sample.weight)
    sums = {"mass": w.sum(), "squares": (w * w).sum(), "people": one(w > 0).sum()}
    sums |= {f"r{r}": number(c).sum() for r, c in enumerate(sample.columns)}
    named = [e.alias(k) for k, e in sums.items()]
    groups = [nw.col(name).alias(k) for k, name in keys.items()]
    plans = [sample.rows.group_by(*groups).agg(*named[k : k + SUMS])
             for k in range(0, len(named), SUMS)]  # fmt: skip
    tables = [t.sort(*keys, nulls_last=True) for t in run(plans, sample.progress)]
    table = pl.concat([tables[0], *(t.drop(*keys) for t in tables[1:])], how="horizontal")
    frame = table.select(*keys).rename(keys)
    texts = [c for c, t in frame.schema.items() if t in (pl.Categorical, pl.Enum)]
    return Collapsed(
        frame.with_columns(pl.col(texts).cast(pl.String), pl.selectors.float().fill_nan(None)),
        table["mass"].to_numpy(),
        table["squares"].to_numpy(),
        table["people"].cast(pl.Int64).to_numpy(),
        table.select(pl.col("^r[0-9]+$")).to_numpy().reshape(table.height, -1),
    )


def _numbered(
    rows: Lazy, margins: Sequence[Margin], known: Sequence[Known]
) -> tuple[Lazy, tuple[str, ...]]:
    """The rows with the number of their category in each margin, and the names of these columns."""
    names = unused(rows, len(margins), "k")
    made = [looked_up(rows, m.columns, k).cast(nw.Int64).alias(name)
            for m, k, name in zip(margins, known, names, strict=True)]  # fmt: skip
    return rows.with_columns(*made), tuple(names)


def _ratio(
    rows: Lazy, margins: Sequence[Margin], known: Sequence[Known], widths: Sequence[int],
    multipliers: Floats, chosen: Distance,
) -> nw.Expr:  # fmt: skip
    """The ratio of a row, straight from its values: engines write the numbers out where used."""
    parts, largest, first = [], 0.0, 0
    for margin, values, width in zip(margins, known, widths, strict=True):
        numbers = [*multipliers[first : first + width].tolist(), 0.0]  # 0 without a category
        parts.append(looked_up(rows, margin.columns, [(v, numbers[int(k)]) for v, k in values]))
        largest, first = largest + max(numbers), first + width
    return ratio_of_row(parts, largest, chosen)


def _weighted(sample: HeldSample, rows: Lazy, ratios: Sequence[nw.Expr]) -> tuple[Lazy, list[str]]:
    """The rows with the weights times their ratios, and the names of these columns."""
    names = unused(rows, len(ratios), "w")
    given = zip([sample.weight, *sample.columns], ratios, names, strict=True)
    return rows.with_columns(*((number(w) * ratio).alias(n) for w, ratio, n in given)), names


def _known(margin: Margin, cells: Cells, frame: pl.DataFrame) -> Known:
    """The values of a margin's columns that occur, with the number of their category."""
    if not margin.columns:
        return [((), 0)]
    at = cells.place(margin)[cells.code]
    values = frame.select(margin.columns).rows()
    known = dict(zip(values, at.tolist(), strict=True))
    return [(v, k) for v, k in known.items() if all(x is not None for x in v)]


def _report(
    collapsed: Collapsed, margins: list[Margin], made: Profiles, found: Solution, method: str,
    chosen: Distance,
) -> HeldReport:  # fmt: skip
    """What the step did, from sums by cell."""
    mass, live = made.mass(collapsed.weights), made.mass(collapsed.people.astype(np.float64))
    text, table, notes = calibration_words(mass, live, margins, made, found, method, chosen)
    squares = made.mass(collapsed.squares)

    def kish(ratio: Floats) -> tuple[float, float]:
        worth = float((mass * ratio).sum() ** 2 / (squares * ratio**2).sum())
        return float(live[ratio > 0].sum()) / worth, worth

    (deff, n_eff), (deff_after, n_after) = kish(np.ones(len(mass))), kish(found.ratio)
    return HeldReport("calibration", text, True, found.iterations, table, (deff, deff_after),
                      (n_eff, n_after), notes)  # fmt: skip
