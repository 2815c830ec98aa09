"""The public estimator API: ``from analysis import Design``.

A design is made here; what it estimates is in :mod:`analysis.facade.describing` and
:mod:`analysis.facade.comparing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, Literal

from analysis.design import Lonely, Replicates
from analysis.design.pps import Approximation
from analysis.design.replicates import (
    Replication,
    check_complete,
    check_replication,
    given_replicates,
)
from analysis.design.sample import Columns, FpcAs, Sampling, collected
from analysis.engines import HeldDesign, stays
from analysis.errors import refuse
from analysis.estimators.cells import Names
from analysis.facade import Comparing, Describing
from analysis.variance import make_replicates
from analysis.weighting import Margins, Method, WeightReport, calibrate, trim
from analysis.weighting.nonresponse import Phases, adjust_nonresponse


class Design(Describing, Comparing):
    """A sample design with its estimators; see :class:`analysis.design.SampleDesign`.

    replicate_weights : columns of complete weights (not factors), one a replicate, of the kind
    ``replication``; ``fay`` is the coefficient of "fay", ``scale`` and ``rscales`` replace the
    usual ones (docs/methods/replication.md). Variances then come from their spread.
    pps : "brewer" or "hr" for PSUs drawn with unequal probabilities without replacement, given
    by the first column of fpc (docs/methods/pps.md).

    Of a polars LazyFrame, a DuckDB relation or a Spark DataFrame the rows stay where they are, and
    what is made is a :class:`analysis.engines.HeldDesign`: fewer estimators, the same numbers, any
    number of rows (docs/scale.md).
    """

    def __new__(cls, frame: object = None, *args: Any, **options: Any) -> Any:
        """A design in memory, or one whose rows stay where they are."""
        if cls is Design and frame is not None and stays(frame):
            return HeldDesign(frame, *args, **options)
        return super().__new__(cls)

    def __init__(
        self,
        frame: Any,
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
        pps: Approximation | Literal[""] = "",
        pps_squares: str = "",
    ) -> None:
        """Read the design columns; raises :class:`analysis.errors.BaroError` with every fault."""
        frame = collected(frame)
        check_replication(replicate_weights, replication, fpc, scale, rscales, replicates, fay)
        if replicate_weights:
            replicates = given_replicates(
                frame, replicate_weights, replication, fay, scale, rscales
            )
        super().__init__(frame, weight, strata=strata, clusters=clusters, fpc=fpc, fpc_as=fpc_as,
                         lonely_psu=lonely_psu, sampling=sampling, replicates=replicates, pps=pps,
                         pps_squares=pps_squares)  # fmt: skip
        if replicate_weights and self.replication is not None:
            check_complete(self.replication, self.weights)

    def replicates(
        self,
        kind: Replication,
        *,
        n: int | None = None,
        seed: int = 0,
        fay: float = 0.3,
        random_groups: bool = False,
    ) -> Design:
        """The same design with replicate weights made from its PSUs; the variances then use them.

        n : replicates of "bootstrap" (500) and, at least, of "sdr" ; seed : of its draws
        fay : coefficient of "fay" ; random_groups : "brr" and "fay" where strata have not two
        PSUs. Raises :class:`BaroError` where the kind does not suit the design;
        docs/methods/replication.md.
        """
        if self.reports:
            raise refuse(f"replicates: {kind}", "the weights were adjusted already, and each "
                         "replicate must be adjusted as well", "replicates first",
                         f'design.replicates("{kind}").calibrate(…)')  # fmt: skip
        made = copy(self)
        made.__dict__.pop("df", None)
        made.replication = make_replicates(self, kind, n, seed, fay, random_groups)
        return made

    def calibrate(
        self,
        margins: Margins,
        method: Method = "raking",
        *,
        bounds: tuple[float, float] | None = None,
        unit: str | None = None,
        unit_margins: Margins | None = None,
        total: float | None = None,
        soft: Mapping[Any, float] | None = None,
    ) -> Design:
        """The same design with weights that meet population margins; variances credit it.

        margins : {"sexe": {"Femme": 29.6e6, …}} counts of categories, {("region", "sexe"):
        {("IDF", "Femme"): …}} of crossed ones, {"revenu": 1.2e12} the total of a number
        bounds : least and greatest ratio of final to initial weight, with "raking" and "linear"
        too; (0.4, 2.5) where "logit" and "truncated_linear" are given none
        unit : a column, "menage": its members get one weight ; unit_margins : counts of units
        total : every margin of categories is scaled to it, so that shares will do
        soft : {"region": 10.0} margins that may be missed, at that cost
        Raises :class:`BaroError` with every fault of the margins, and where they contradict each
        other or the bounds are too tight, saying which; docs/methods/weighting.md.
        """
        return calibrate(self, margins, method, bounds, unit or "", unit_margins, total, soft)

    def adjust_nonresponse(
        self,
        responded: str,
        classes: Names | None = None,
        model: str = "",
        *,
        groups: int = 5,
        variance: Phases = "two_phase",
    ) -> Design:
        """The same design, nonrespondents at weight 0 and the others weighted for them.

        responded : column of true and false ; classes : columns whose crossing makes the response
        groups, or model : "resp ~ age + region", a weighted logistic model whose probabilities
        are cut into ``groups``
        variance : "two_phase" counts that response rates are estimated and response is random;
        "fixed" takes the adjusted weights as given. docs/methods/weighting.md.
        """
        return adjust_nonresponse(self, responded, classes, model, groups, variance)

    def trim(
        self, upper: float | str, *, redistribute: bool = True, compare: Names | None = None
    ) -> Design:
        """The same design with no weight above ``upper``; margins then hold no longer.

        upper : a weight (5.0), or "median + 6*iqr", "5*median", "5*mean"
        redistribute : what is cut goes to the other weights, in proportion
        compare : numeric columns whose means before and after the report shows
        """
        return trim(self, upper, redistribute, compare)

    @property
    def report(self) -> WeightReport:
        """What the last step of weighting did; ``reports`` holds all of them."""
        if not self.reports:
            raise refuse("design: report", "the weights are those of the frame", "adjusted ones",
                         "design.calibrate(…).report")  # fmt: skip
        report: WeightReport = self.reports[-1]
        return report
