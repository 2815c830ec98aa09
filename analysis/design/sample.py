"""A sample as estimation sees it: weights, and what its variance can be made from.

What a design refuses, it refuses by name: unknown columns, missing or negative weights,
strata of a single PSU, population counts below the sample's or unequal within a stratum.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from analysis.design.arrays import Floats, Integers, floats
from analysis.design.calibration import Calibration
from analysis.design.pps import PPS, Approximation
from analysis.design.replicates import Replicates, replicate_rank
from analysis.design.stages import (
    Component,
    Lonely,
    Stage,
    build_stages,
    collapse_lonely,
    components,
)
from analysis.errors import nearest, refuse

Sampling = Literal["probability", "quota", "voluntary"]
FpcAs = Literal["counts", "fractions"]
Columns = str | Sequence[str]


class SampleDesign:
    """n respondents, their weights, and either stages of selection or replicate weights.

    frame : the respondents ; weights : (n,), summing to the population (or to n)
    stages, components : see :mod:`analysis.design.stages`
    replication : the replicate weights, used for variances when given; strata and clusters then
    only tell on how many PSUs a domain rests
    pps : the fpc of the first stage holds inclusion probabilities; see docs/methods/pps.md
    sampling : "quota" and "voluntary" samples get intervals as if they were random
    calibrations : steps of weighting whose totals variances count as known, the first step first
    reports : what each step did (:class:`analysis.weighting.WeightReport`)
    """

    def __init__(
        self,
        frame: pl.DataFrame | pl.LazyFrame,
        weight: str = "",
        *,
        strata: Columns = "",
        clusters: Columns = "",
        fpc: Columns = "",
        fpc_as: FpcAs = "counts",
        lonely_psu: Lonely = "fail",
        sampling: Sampling = "probability",
        replicates: Replicates | None = None,
        pps: Approximation | Literal[""] = "",
        pps_squares: str = "",
    ) -> None:
        """Read the design columns; raises :class:`analysis.errors.BaroError` with every fault."""
        self.frame = collected(frame)
        check_conventions(lonely_psu, sampling, fpc_as)
        lists = {"strata": listed(strata), "clusters": listed(clusters), "fpc": listed(fpc)}
        named = [*listed(weight), *(c for v in lists.values() for c in v), *listed(pps_squares)]
        _known(self.frame, named)
        unequal = _pps(pps, pps_squares, lists["fpc"])
        self.stages = build_stages(self.frame, **lists, fractions=fpc_as == "fractions",
                                   pps=unequal)  # fmt: skip
        if lonely_psu == "collapse":
            self.stages[0] = collapse_lonely(self.stages[0])
        self.lonely_psu, self.sampling, self.replication = lonely_psu, sampling, replicates
        self.calibrations: tuple[Calibration, ...] = ()
        self.reports: tuple[Any, ...] = ()
        self.weights = (
            _weights(self.frame[weight]) if weight else _from_fractions(self.stages, self.frame)
        )
        if replicates is None:
            _ = self.components  # lonely strata are refused now, not at the first estimate

    @cached_property
    def components(self) -> list[Component]:
        """The components of variance of the stages."""
        return components(self.stages, self.lonely_psu)

    @cached_property
    def df(self) -> int:
        """Degrees of freedom: PSUs - strata, or rank of the replicate weights - 1.

        PSUs and strata in which everybody weighs 0 are not counted (R ``survey::degf``).
        """
        if self.replication is not None:
            return replicate_rank(self.replication.weights) - 1
        counted = np.unique(self.psu[self.weights > 0])
        return int(len(counted) - len(np.unique(self.psu_stratum[counted])))

    @property
    def way(self) -> str:
        """How variances are made: "linearized", or "replication (jk1)", and after which steps."""
        way = f"replication ({self.replication.kind})" if self.replication else "linearized"
        steps = dict.fromkeys(r.step for r in self.reports)
        return f"{way} after {', '.join(steps)}" if steps else way

    @property
    def element(self) -> bool:
        """Whether every respondent is their own PSU."""
        return len(self.psu_stratum) == len(self.psu)

    @property
    def stratum(self) -> Integers:
        """(n,) stratum of each respondent."""
        return self.psu_stratum[self.psu]

    @property
    def stratum_names(self) -> list[str]:
        """(H,) how messages call the strata."""
        return self.stages[0].names

    @property
    def population_counts(self) -> Floats | None:
        """(H,) PSUs there were in each stratum, or None without ``fpc``."""
        return self.stages[0].population

    @property
    def psu(self) -> Integers:
        """(n,) code of each respondent's PSU."""
        return self.stages[0].unit

    @property
    def psu_stratum(self) -> Integers:
        """(m,) stratum of each PSU."""
        return self.stages[0].group

    @property
    def psu_counts(self) -> Integers:
        """(H,) PSUs of each stratum."""
        return self.stages[0].sampled


def collected(frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """The rows of a polars frame; refuses anything else."""
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame
    raise refuse("design: frame", f"it is a {type(frame).__name__}", "a polars frame",
                 "pl.DataFrame(…), or pl.from_pandas(…)")  # fmt: skip


def check_conventions(lonely_psu: str, sampling: str, fpc_as: str) -> None:
    """Refuse unknown conventions of a design, with the nearest known one."""
    for name, value, known in (("lonely_psu", lonely_psu, Lonely), ("sampling", sampling,
                               Sampling), ("fpc_as", fpc_as, FpcAs)):  # fmt: skip
        if value not in get_args(known):
            raise refuse(f"design: {name}", f'"{value}" is not known',
                         nearest(str(value), get_args(known)), "name one of them")  # fmt: skip


def listed(columns: Columns) -> list[str]:
    """One column or several, as a list."""
    if isinstance(columns, str):
        return [columns] if columns else []
    return list(columns)


def _known(frame: pl.DataFrame, columns: list[str]) -> None:
    for column in columns:
        if column not in frame.columns:
            raise refuse(f"design: {column}", "there is no such column",
                         nearest(column, frame.columns), "name a column of the frame")  # fmt: skip
    if frame.height == 0:
        raise refuse("design", "no respondent", "at least two", "check the rows")


def _pps(approximation: str, squares: str, fpc: list[str]) -> PPS | None:
    if not approximation:
        if squares:
            raise refuse("design: pps_squares", "without pps", 'pps="hr"', "leave it out")
        return None
    if approximation not in get_args(Approximation):
        raise refuse("design: pps", f'"{approximation}" is not known',
                     nearest(approximation, get_args(Approximation)), 'pps="brewer"')  # fmt: skip
    if not fpc:
        raise refuse("design: pps", "no fpc", "the column of inclusion probabilities",
                     'fpc="p", or leave pps out: drawn with replacement')  # fmt: skip
    if squares and approximation != "hr":
        raise refuse("design: pps_squares", f'with pps="{approximation}"', 'pps="hr"',
                     "leave it out")  # fmt: skip
    return PPS("hr" if approximation == "hr" else "brewer", squares)


def _weights(column: pl.Series) -> Floats:
    weights = floats(column)
    for fault, mask in (("missing or no number", ~np.isfinite(weights)), ("negative", weights < 0)):
        if mask.any():
            raise refuse(f"design: weight {column.name}, row {int(np.flatnonzero(mask)[0]) + 1}",
                         f"{int(mask.sum())} weights are {fault}", "numbers, 0 or more",
                         "correct the weights")  # fmt: skip
    with np.errstate(over="ignore"):
        total = weights.sum()
    if not np.isfinite(total):
        raise refuse(f"design: weight {column.name}", "the weights have no finite sum",
                     "smaller weights", "divide the weights by a constant")  # fmt: skip
    if total <= 0:
        raise refuse(f"design: weight {column.name}", "all weights are 0", "positive weights",
                     "name another column")  # fmt: skip
    return weights


def _from_fractions(stages: list[Stage], frame: pl.DataFrame) -> Floats:
    """(n,) product over stages of M / m or 1 / p, where every stage has them."""
    weights = np.ones(frame.height)
    for stage in stages:
        if not stage.counted:
            raise refuse("design: weight", "no weight column, and a stage without fpc",
                         "weights, or an fpc at every stage", 'name weight="…"')  # fmt: skip
        weights = weights / stage.probability[stage.unit]
    return weights
