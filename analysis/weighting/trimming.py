"""Weights above a ceiling brought down to it: less variance, bought with a bias that is shown.

Potter (1990), Proceedings of the Survey Research Methods Section, American Statistical
Association. The ratio of each weight is then held fixed in variances and replicates.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import numpy as np
import polars as pl

from analysis.design import Floats, SampleDesign
from analysis.errors import refuse
from analysis.estimators.cells import Names, listed, numbers
from analysis.weighting.calibrate import with_step
from analysis.weighting.report import describe

AnyDesign = TypeVar("AnyDesign", bound=SampleDesign)
_NUMBER = r"\d+\.?\d*|\.\d+"
_RULE = re.compile(rf"(?:(?P<times>{_NUMBER})\s*\*\s*)?(?P<centre>median|mean)"
                   rf"(?:\s*\+\s*(?P<spread>{_NUMBER})\s*\*\s*iqr)?")  # fmt: skip
_ROUNDS = 1000


def trim(
    design: AnyDesign, upper: float | str, redistribute: bool, compare: Names | None
) -> AnyDesign:
    """A copy of the design with no weight above ``upper``; see ``Design.trim``."""
    before = design.weights
    ceiling = _ceiling(upper, before[before > 0])
    after = _redistributed(before, ceiling) if redistribute else np.minimum(before, ceiling)
    ratio = np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)
    ratios = None if design.replication is None else ratio[:, None]
    trimmed = before > ceiling
    lost = float((before - np.minimum(before, ceiling)).sum() / before.sum())
    notes = [
        f"{int(trimmed.sum())} weights above {ceiling:.6g}, with {lost:.2%} of all weight",
        "their weight went to the others" if redistribute else "their weight is lost",
        *_moved(design, after, listed(compare)),
    ]
    left = _margins(design, after)
    report = describe(
        "trimming", f"at most {upper}", before, after, margins=left, notes=tuple(notes)
    )
    return with_step(design, after, None, ratios, report)


def _ceiling(upper: Any, weights: Floats) -> float:
    """The largest weight allowed."""
    if isinstance(upper, str):
        found = _RULE.fullmatch(upper.strip())
        times, spread = (found["times"] or "1", found["spread"] or "0") if found else ("0", "0")
        if found is None or float(times) == 0:
            raise refuse("trim: upper", f'"{upper}"', "a number, or a rule",
                         '"median + 6*iqr", "5*median" or "5*mean"')  # fmt: skip
        low, middle, high = np.quantile(weights, (0.25, 0.5, 0.75))
        centre = middle if found["centre"] == "median" else weights.mean()
        return float(float(times) * centre + float(spread) * (high - low))
    number = isinstance(upper, int | float | np.number) and not isinstance(upper, bool)
    if not (number and np.isfinite(upper) and upper > 0):
        raise refuse("trim: upper", f"{upper!r}", "a positive number, or a rule",
                     'upper=5.0, or "median + 6*iqr"')  # fmt: skip
    return float(upper)


def _redistributed(before: Floats, ceiling: float) -> Floats:
    """Weights of the same sum, none above the ceiling, the others raised in proportion."""
    total, held = before.sum(), before > 0
    if ceiling * held.sum() < total:
        reach = f"{ceiling:.6g} for everybody is {ceiling * held.sum():.6g}"
        raise refuse(
            "trim: upper", f"{reach}, below the sum of the weights, {total:.6g}",
            f"more than {total / held.sum():.6g}", "redistribute=False, or more",
        )  # fmt: skip
    after = before
    for _ in range(_ROUNDS):
        top = after >= ceiling
        rest = after[~top].sum()
        if not (after > ceiling).any() or rest == 0:
            break
        after = np.where(top, ceiling, after * (total - ceiling * top.sum()) / rest)
    return np.minimum(after, ceiling)


def _moved(design: SampleDesign, after: Floats, names: list[str]) -> list[str]:
    """What trimming does to the means of some columns: the bias, if the weights were right."""
    if not names:
        return []
    values, base = numbers(design, names)
    first, last = ((w @ values) / (w @ base) for w in (design.weights, after))
    return [f"mean of {name}: {a:.6g} -> {b:.6g} ({b - a:+.3g})"
            for name, a, b in zip(names, first, last, strict=True)]  # fmt: skip


def _margins(design: SampleDesign, after: Floats) -> pl.DataFrame | None:
    """The margins of the last calibration, and what is left of them."""
    tables = [r.margins for r in design.reports if r.step == "calibration"]
    if not tables:
        return None
    step = [c for c in design.calibrations if c.carried is None][-1]
    kept, held, now = (
        np.bincount(step.code, weights=w, minlength=len(step.profiles)) @ step.profiles
        for w in (step.after, design.weights, after)
    )
    size = np.where(kept != 0, kept, 1.0)
    first, last = (pl.Series(np.where(kept != 0, total / size, 1.0)) for total in (held, now))
    after_it: pl.DataFrame = tables[-1].with_columns(
        before=pl.col("after") * first, after=pl.col("after") * last
    )
    gap = pl.when(pl.col("target") != 0).then(pl.col("after") / pl.col("target") - 1)
    return after_it.with_columns(gap=gap)
