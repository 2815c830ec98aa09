"""Calibration of a design on margins: checks, ratios, replicates, record for variances, report.

Deville and Särndal (1992); Lemaître and Dufour (1987), Survey Methodology 13(2), for units;
docs/methods/weighting.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from analysis.design import Floats, Integers, SampleDesign
from analysis.design.calibration import Calibration, gram_inverse
from analysis.errors import nearest, refuse
from analysis.weighting.contradictions import explain
from analysis.weighting.distances import Distance, distance
from analysis.weighting.margin import Margin
from analysis.weighting.margins import Margins, read_margins
from analysis.weighting.profiles import Profiles, profiles
from analysis.weighting.report import calibration_report
from analysis.weighting.solver import Solution, solve

AnyDesign = TypeVar("AnyDesign", bound=SampleDesign)


def calibrate(
    design: AnyDesign,
    margins: Margins,
    method: str,
    bounds: tuple[float, float] | None,
    unit: str,
    unit_margins: Margins | None,
    total: float | None,
    soft: Mapping[Any, float] | None,
) -> AnyDesign:
    """A copy of the design whose weights meet the margins; see ``Design.calibrate``."""
    chosen = distance(method, bounds)
    if unit and unit not in design.frame.columns:
        raise refuse(f"calibrate: unit {unit}", "there is no such column",
                     nearest(unit, design.frame.columns), "name a column of the frame")  # fmt: skip
    if unit_margins and not unit:
        raise refuse("calibrate: unit_margins", "no unit is named", "the column of the units",
                     'unit="menage"')  # fmt: skip
    read, cells = read_margins(design, margins, total, soft, unit_margins)
    check_partition(method, read, unit)
    made = profiles(design, read, cells, unit)
    mass = made.mass(design.weights)
    found = solved(made, mass, chosen, read, None)
    people = (design.weights > 0).astype(np.int64)
    refuse_negative(made, found.ratio * (mass > 0), method, people)
    weights = design.weights * found.ratio[made.code]
    step = Calibration(made.code, made.table, design.weights, weights,
                       gram_inverse(made.table, mass, made.ridge))  # fmt: skip
    ratios = None
    if design.replication is not None:
        given = design.replication.weights
        ratios = np.empty_like(given)
        for r, each in enumerate(replicate_solutions(given, made, chosen, read, found)):
            ratios[:, r] = each.ratio[made.code]
    report = calibration_report(design.weights, weights, read, made, found, method, chosen)
    return with_step(design, weights, step, ratios, report)


def with_step(
    design: AnyDesign, weights: Floats, step: Calibration | None, ratios: Floats | None, report: Any
) -> AnyDesign:
    """A copy of the design after a step; ``ratios`` (n, R) multiply its replicate weights."""
    made = copy(design)
    made.__dict__.pop("df", None)
    made.weights = weights
    if step is not None:
        made.calibrations = (*design.calibrations, step)
    if design.replication is not None and ratios is not None:
        moved = design.replication.weights * ratios
        made.replication = replace(design.replication, weights=moved)
    made.reports = (*design.reports, report)
    return made


def solved(
    made: Profiles, mass: Floats, chosen: Distance, margins: list[Margin], start: Floats | None,
    who: str = "",
) -> Solution:  # fmt: skip
    """The ratios of the profiles; raises :class:`BaroError` that explains why there are none."""
    found = solve(made.table, mass, made.targets, chosen, made.ridge, start)
    if not found.met:
        raise explain(made, mass, chosen, margins, found, who)
    return found


def replicate_solutions(
    weights: Floats, made: Profiles, chosen: Distance, margins: list[Margin], full: Solution
) -> Iterator[Solution]:
    """Each of the replicates (n, R) calibrated on the same margins."""
    for r in range(weights.shape[1]):
        mass = made.mass(weights[:, r])
        yield solved(made, mass, chosen, margins, full.multipliers, f"replicate {r + 1}")


def check_partition(method: str, margins: list[Margin], unit: str) -> None:
    """Refuse, of post-stratification, what is not one margin of categories."""
    if method != "poststratification":
        return
    if len(margins) > 1 or margins[0].numeric or margins[0].soft or unit:
        raise refuse("calibrate: poststratification", ", ".join(m.name for m in margins),
                     "one margin of categories, crossed where there are several columns",
                     'cross them in one margin, or method="raking"')  # fmt: skip


def refuse_negative(made: Profiles, ratio: Floats, method: str, people: Integers) -> None:
    """Refuse ratios (c,) below 0; ``people`` (n,) of a row weigh something."""
    low = ratio < 0
    if low.any():
        n = int(people[low[made.code]].sum())
        raise refuse(f"calibrate: {method}", f"{n} weights would be negative (lowest ratio "
                     f"{ratio.min():.3g})", "0 or more",
                     'method="raking", or bounds=(0.4, 2.5)')  # fmt: skip
