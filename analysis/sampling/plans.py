"""From what is assumed of the strata to a plan: with given sizes, of a size, or for a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.definition.publication import Profile
from analysis.design import Integers
from analysis.errors import Problem, quoted, raise_all, refuse
from analysis.sampling.allocation import Rule, bounds, check_shares, check_sizes, planned
from analysis.sampling.assumptions import Assumed
from analysis.sampling.precision import Plan, margin, smallest_size
from analysis.sampling.strata import Domain, Strata


@dataclass(frozen=True)
class Planner:
    """Makes plans of one population.

    rule : of allocation ; deff, reliability : see :class:`analysis.sampling.precision.Plan`
    """

    strata: Strata
    assumed: Assumed
    rule: Rule
    deff: float = 1.0
    reliability: Profile = "nchs_2017"

    def __post_init__(self) -> None:
        """Refuse shares and rates with which nothing can be planned."""
        check_shares(self.strata.strata, self.assumed.p, self.assumed.response)

    def sizes(self, size: int | None) -> Integers:
        """(H,) the sizes given with the assumptions, else the allocation of ``size``."""
        given = self.assumed.n
        if size is not None and not np.isnan(given).all():
            raise refuse("--size", "sizes are given in the column n too", "one of the two",
                         "leave --size or the column out")  # fmt: skip
        if size is not None:
            return planned(self.rule, self.strata.strata, size, self.assumed.p,
                           self.assumed.response)  # fmt: skip
        if np.isnan(given).all():
            raise refuse("--size", "no planned size", "how many units are drawn",
                         "--size 400, a column n in --assumptions, or --target 0.05")  # fmt: skip
        return self._given()

    def _given(self) -> Integers:
        strata = self.strata.strata
        sure = np.array([s.certain for s in strata])
        n = np.where(sure, [s.population for s in strata], self.assumed.n)
        raise_all(
            Problem("--assumptions: n", f"no size for the stratum {quoted(s.name)}",
                    "one for every stratum", "add it")
            for s, k in zip(strata, n, strict=True) if np.isnan(k)
        )  # fmt: skip
        check_sizes(strata, n.tolist())
        return n.astype(np.int64)

    def plan(self, size: int | None) -> Plan:
        """The plan of a size, or of the sizes given."""
        return Plan(self.strata.strata, self.sizes(size), self.assumed.p, self.assumed.response,
                    self.deff, self.reliability)  # fmt: skip

    def reach(self, target: float, domain: Domain) -> tuple[Plan, float | None]:
        """The smallest plan whose margin in the domain is ``target`` or less.

        With it the margin that one unit less would have; None where the minimum by stratum alone
        reaches the target. Raises :class:`analysis.errors.BaroError` where no size does.
        """
        if not np.isnan(self.assumed.n).all():
            raise refuse("--target", "sizes are given in the column n", "sizes to be found",
                         "leave --target or the column out")  # fmt: skip
        lower, upper = bounds(self.strata.strata, self.rule.minimum)
        fewest = int(lower.sum())
        size = smallest_size(self.plan, fewest, int(upper.sum()), domain, target)
        before = margin(self.plan(size - 1), domain.members) if size > fewest else None
        return self.plan(size), before
