"""A sample whose rows stay where they are: what the columns of the design say, and no row."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import cached_property
from typing import Any, Literal, Self

import narwhals as nw
import polars as pl

from analysis.design import Lonely, Replicates
from analysis.design.replicates import Replication, check_replication
from analysis.design.sample import Columns, FpcAs, Sampling, check_conventions
from analysis.design.sample import listed as columns_of
from analysis.engines import measures as named
from analysis.engines.estimates import Facts
from analysis.engines.frames import Lazy, Progress, engine, kept, known, number, spoken_to
from analysis.engines.passes import Measure, Terms
from analysis.engines.replicates import rank, read_replicates
from analysis.engines.residuals import Known, Place, ResidualSums, read_known, residual_sums
from analysis.engines.steps import Step
from analysis.engines.strata import Strata, read_strata
from analysis.errors import BaroError, refuse
from analysis.estimators.cells import Names, listed, measured, once
from analysis.estimators.measures import Kind

_READ = {"polars": "frame.collect()", "duckdb": "relation.pl()",
         "spark": "pl.from_arrow(frame.toArrow())"}  # fmt: skip


class HeldSample:
    """n rows in files, a database or a cluster; see :class:`analysis.Design` for the columns.

    One stage of selection (strata, the PSUs of the first of ``clusters``, ``fpc``) or replicate
    weights. ``progress(done, all)`` is called as queries end.
    """

    def __init__(
        self,
        frame: object,
        weight: str = "",
        *,
        strata: Columns = "",
        clusters: Columns = "",
        fpc: Columns = "",
        fpc_as: FpcAs = "counts",
        lonely_psu: Lonely = "fail",
        sampling: Sampling = "probability",
        replicate_weights: Columns = "",
        replication: Replication | Literal[""] = "",
        fay: float = 0.3,
        scale: float | None = None,
        rscales: Sequence[float] | None = None,
        replicates: Replicates | None = None,
        pps: str = "",
        pps_squares: str = "",
        progress: Progress | None = None,
    ) -> None:
        """Count strata and PSUs; raises :class:`analysis.errors.BaroError` with every fault."""
        self.rows: Lazy = spoken_to(frame)
        self.progress, self.sampling, self.weight = progress, sampling, weight
        self._weighing = weight
        check_conventions(lonely_psu, sampling, fpc_as)
        groups, units, counts = (columns_of(columns) for columns in (strata, clusters, fpc))
        self._check((groups, units, counts), replicates, pps or pps_squares)
        known(self.rows, [weight, *groups, *units, *counts], "design")
        self.keys, self.cluster = groups[:1], units[0] if units else ""
        check_replication(replicate_weights, replication, fpc, scale, rscales, replicates, fay)
        self.columns = columns_of(replicate_weights)
        self.replication: Replicates | None = None
        if self.columns:
            self.replication = read_replicates(self.rows, self.columns, replication, fay, scale,
                                               rscales)  # fmt: skip
            lonely_psu = "certainty"  # variances are the replicates': strata only count PSUs
        self.steps: tuple[Step, ...] = ()
        self.reports: tuple[Any, ...] = ()
        self._counted = (counts[0] if counts else "", fpc_as == "fractions", lonely_psu)
        self.strata: Strata = self._strata()

    def _strata(self) -> Strata:
        return read_strata(self.rows, self.weight, self.keys, self.cluster, *self._counted)

    def reweighted(
        self, rows: Lazy, weight: str, columns: Sequence[str], positive: bool, step: Step,
        report: object,
    ) -> Self:  # fmt: skip
        """A copy of the design after a step that left its weights in columns of ``rows``.

        positive : whether it left a weight to everybody who had one
        """
        made = copy(self)
        for stale in ("df", "known"):
            made.__dict__.pop(stale, None)
        made.rows, made.weight, made.columns = rows, weight, list(columns)
        made._weighing = self._weighing if positive else weight
        made.steps, made.reports = (*self.steps, step), (*self.reports, report)
        made.strata = made._strata()
        return made

    @cached_property
    def known(self) -> Known:
        """What the calibrated totals are in strata and PSUs; a query or two, the first time."""
        return read_known(self._everybody, self.steps)

    def _check(self, stages: tuple[list[str], ...], replicates: object, pps: str) -> None:
        """Refuse, by name, what is not estimated where the rows are."""
        if not self.weight:
            raise refuse("design: weight", "no weight column",
                         f"one, for rows that stay in {engine(self.rows)}",
                         'name weight="…"')  # fmt: skip
        groups, units, counts = stages
        several = len(groups) > max(len(units), 1) or (len(units) > 1 and bool(counts))
        made = replicates is not None
        for what, there in (("pps", pps), ("several stages with fpc", several),
                            ("replicates made in memory", made)):  # fmt: skip
            if there:
                raise self.absent(what)

    def absent(self, what: str) -> BaroError:
        """The refusal of what is estimated in memory only."""
        where = engine(self.rows)
        return refuse("design", f"{what}: not estimated on rows that stay in {where}",
                      "one of what docs/scale.md lists",
                      f"where the rows fit in memory: Design({_READ[where]}, …)")  # fmt: skip

    @cached_property
    def df(self) -> int:
        """Degrees of freedom: PSUs - strata, or rank of the replicate weights - 1."""
        if self.replication is None:
            return self.strata.df
        return rank(self.rows, self.columns, self.weight) - 1

    @property
    def way(self) -> str:
        """How variances are made: "linearized", or "replication (jk1)", and after which steps."""
        way = f"replication ({self.replication.kind})" if self.replication else "linearized"
        steps = dict.fromkeys(r.step for r in self.reports)
        return f"{way} after {', '.join(steps)}" if steps else way

    @property
    def facts(self) -> Facts:
        """What the algebra asks of the design."""
        return Facts(self.df, self.way, self.replication, not self.cluster, self.strata)

    def residuals(
        self, rows: Lazy, terms: Terms, measures: Sequence[Measure], labels: pl.DataFrame
    ) -> ResidualSums:
        """What residuals on the margins need of the rows of a domain."""
        return residual_sums(self._everybody, rows, self.known, terms, measures, labels)

    @property
    def _everybody(self) -> Place:
        return Place(self.rows, self.keys, self.cluster, self.strata)

    @property
    def counts(self) -> nw.Expr:
        """Whether a row weighs something; by weights that are read where all ratios are positive.

        Conditions are what engines evaluate anew for each sum: ratios had better not stand there.
        """
        return number(self._weighing) > 0

    def uncalibrated(self, what: str) -> None:
        """Refuse what has no residuals on the margins of a calibration here."""
        if self.steps and self.replication is None:
            raise self.absent(f"{what} after calibration, without replicate weights")

    def inside(self, where: Any) -> Lazy:
        """The rows of a domain."""
        return kept(self.rows, where)

    def terms(self) -> Terms:
        """The sums of a pass, none yet."""
        return Terms(number(self.weight), self.counts, not self.cluster)

    def measures(
        self, kind: Kind, variables: Names, denominators: Names | None, terms: Terms
    ) -> list[Measure]:
        """The measures of a call, their sums added to ``terms``."""
        if kind == "ratio":
            tops, bottoms = listed(variables), listed(denominators)
            if not tops or len(tops) != len(bottoms):
                raise refuse("ratio", f"{len(tops)} numerators and {len(bottoms)} denominators",
                             "as many of each", "name them pair by pair")  # fmt: skip
            once([f"{a}/{b}" for a, b in zip(tops, bottoms, strict=True)], "ratio")
            return named.ratio_measures(self.rows, tops, bottoms, terms)
        makers = {"mean": named.mean_measures, "proportion": named.share_measures,
                  "total": named.total_measures}  # fmt: skip
        return makers[kind](self.rows, measured(variables), terms)
