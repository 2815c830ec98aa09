"""Respondents weighted for those who did not answer, by homogeneous response groups.

Within a group everybody is taken to answer with one probability, estimated by the weighted share
that did: Särndal, Swensson and Wretman (1992), §15.6; groups from the deciles of a modelled
probability: Little (1986), International Statistical Review 54(2). docs/methods/weighting.md.
"""

from __future__ import annotations

from copy import copy
from typing import Any, Literal, TypeVar, get_args

import numpy as np
import polars as pl
from scipy.special import expit

from analysis.design import Floats, Integers, SampleDesign
from analysis.design.arrays import Flags, floats
from analysis.design.calibration import Calibration
from analysis.errors import Problem, nearest, raise_all, refuse
from analysis.estimators import glm
from analysis.estimators.cells import Names, listed
from analysis.estimators.fitted import fit
from analysis.weighting.calibrate import with_step
from analysis.weighting.report import THIN, WeightReport, describe

Phases = Literal["two_phase", "fixed"]
AnyDesign = TypeVar("AnyDesign", bound=SampleDesign)


def adjust_nonresponse(
    design: AnyDesign, responded: str, classes: Names | None, model: str, groups: int,
    variance: Phases,
) -> AnyDesign:  # fmt: skip
    """A copy of the design whose respondents stand for everybody; see ``Design``."""
    if variance not in get_args(Phases):
        raise refuse("nonresponse: variance", f'"{variance}" is not known',
                     nearest(variance, get_args(Phases)), "name one of them")  # fmt: skip
    if bool(listed(classes)) == bool(model):
        raise refuse("nonresponse", "classes and model both" if model else "no classes, no model",
                     "one of them", 'classes=["age", "region"], or model="resp ~ age"')  # fmt: skip
    answered = _answered(design, responded)
    if model:
        code, names = _modelled(design, responded, model, groups)
    else:
        code, names = _crossed(design.frame, listed(classes))
    before = design.weights * answered
    rate = _rates(design.weights, before, code, names, "")
    weights = np.where(answered, before / rate[code], 0.0)
    step = None if variance == "fixed" else _record(design, code, before, weights, rate)
    ratios = _replicate_ratios(design, answered, code, names)
    report = _report(design, before, weights, code, names, model or ", ".join(listed(classes)))
    return with_step(design, weights, step, ratios, report)


def _answered(design: SampleDesign, name: str) -> Flags:
    if name not in design.frame.columns:
        raise refuse(f"nonresponse: {name}", "there is no such column",
                     nearest(name, design.frame.columns), "name a column of the frame")  # fmt: skip
    value = floats(design.frame[name])
    odd = ~np.isin(value, (0.0, 1.0)) & (design.weights > 0)
    if odd.any():
        raise refuse(f"nonresponse: {name}, row {int(np.flatnonzero(odd)[0]) + 1}",
                     f"{int(odd.sum())} values are neither 0 nor 1", "true or false, 1 or 0",
                     f'pl.col("{name}") == …, as a column')  # fmt: skip
    return np.asarray(value == 1.0, dtype=np.bool_)


def _crossed(frame: pl.DataFrame, names: list[str]) -> tuple[Integers, list[str]]:
    """(n,) response group of each row from crossed columns, and how messages call the groups."""
    problems = [
        Problem(f"nonresponse: {c}", "there is no such column", nearest(c, frame.columns),
                "name a column of the frame")
        for c in names if c not in frame.columns
    ] or [
        Problem(f"nonresponse: {c}", f"{frame[c].null_count()} rows without a value",
                "a value for respondents and nonrespondents", f'fill_null("inconnu") in {c}')
        for c in names if frame[c].null_count()
    ]  # fmt: skip
    raise_all(problems)
    texts = frame.select(pl.col(names).cast(pl.String))
    label = texts.select(pl.concat_str(names, separator=" x ")).to_series()
    levels = label.unique().sort()
    return label.cast(pl.Enum(levels)).to_physical().cast(pl.Int64).to_numpy(), levels.to_list()


def _modelled(
    design: SampleDesign, responded: str, formula: str, groups: Any
) -> tuple[Integers, list[str]]:
    """Groups of about equal size along the modelled probability of response."""
    if not (isinstance(groups, int) and groups >= 2):
        raise refuse("nonresponse: groups", f"{groups}", "2 or more", "groups=5")
    if formula.partition("~")[0].strip().strip("`") != responded:
        raise refuse("nonresponse: model", f"{formula}", f"the response {responded} on the left",
                     f'model="{responded} ~ …"')  # fmt: skip
    plain = copy(design)
    plain.replication = None  # one fit is enough for the groups
    fitted = fit(plain, formula, glm.model("binomial", None), None, {}, "design")
    outside = np.ones(len(design.weights), dtype=bool)
    outside[fitted.base.rows] = False
    lost = outside & (design.weights > 0)
    if lost.any():
        raise refuse(f"nonresponse: model, row {int(np.flatnonzero(lost)[0]) + 1}",
                     f"{int(lost.sum())} rows without a value of the model's columns",
                     "known for respondents and nonrespondents",
                     "fill the missing values, or leave the column out")  # fmt: skip
    chance = np.zeros(len(design.weights))
    chance[fitted.base.rows] = expit(fitted.x @ fitted.beta)
    edges = np.unique(np.quantile(chance[fitted.base.rows], np.arange(1, groups) / groups))
    code = np.searchsorted(edges, chance, side="right").astype(np.int64)
    return code, [f"{k + 1} of {len(edges) + 1}" for k in range(len(edges) + 1)]


def _rates(full: Floats, answered: Floats, code: Integers, names: list[str], who: str) -> Floats:
    """(G,) weighted share of each group that answered; refuses groups where nobody did."""
    there = np.bincount(code, weights=full, minlength=len(names))
    came = np.bincount(code, weights=answered, minlength=len(names))
    raise_all(
        Problem(f"nonresponse: group {names[g]}{who}", "nobody answered", "one or more",
                "merge it with another group, or ask for fewer groups")
        for g in np.flatnonzero((came <= 0) & (there > 0)).tolist()
    )  # fmt: skip
    return np.where(there > 0, came / np.where(there > 0, there, 1.0), 1.0)


def _record(
    design: SampleDesign, code: Integers, before: Floats, after: Floats, rate: Floats
) -> Calibration:
    """The step as variances see it: totals of the groups carried from everybody drawn."""
    came = np.bincount(code, weights=before, minlength=len(rate))
    inverse = np.diag(np.where(came > 0, 1 / np.where(came > 0, came, 1.0), 0.0))
    # Response varies about the whole population too, by 1 / (chance to be drawn) for each who
    # answered; where no fpc is given the population is taken to be without end, and it does not.
    drawn = np.prod([s.probability[s.unit] for s in design.stages], axis=0)
    phase = (1 - rate[code]) * drawn if drawn.any() else None
    profiles = np.eye(len(rate))
    return Calibration(code, profiles, before, after, inverse, design.weights, phase)


def _replicate_ratios(
    design: SampleDesign, answered: Flags, code: Integers, names: list[str]
) -> Floats | None:
    """(n, R) the same step with each replicate's own rates."""
    if design.replication is None:
        return None
    given = design.replication.weights
    ratios = np.zeros_like(given)
    for r in range(given.shape[1]):
        full = given[:, r]
        rate = _rates(full, full * answered, code, names, f", replicate {r + 1}")
        ratios[:, r] = answered / rate[code]
    return ratios


def _report(
    design: SampleDesign, before: Floats, after: Floats, code: Integers, names: list[str], how: str
) -> WeightReport:
    held = [np.bincount(code, weights=v, minlength=len(names))
            for v in (before, design.weights, after)]  # fmt: skip
    n = np.bincount(code, weights=before > 0, minlength=len(names)).astype(np.int64)
    table = pl.DataFrame(
        {"margin": ["response group"] * len(names), "category": names, "n": n, "before": held[0],
         "target": held[1], "after": held[2], "gap": held[2] / held[1] - 1}
    ).with_columns(soft=pl.lit(None, dtype=pl.Float64))  # fmt: skip
    share = float(before.sum() / design.weights.sum())
    notes = [f"{share:.1%} of the weights answered"]
    notes += [f"group {c}: {k} respondents" for c, k in zip(names, n, strict=True) if k < THIN]
    return describe("nonresponse", f"homogeneous response groups by {how}", before, after,
                    margins=table, notes=tuple(notes))  # fmt: skip
