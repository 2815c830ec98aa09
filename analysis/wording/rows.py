"""One row of the table of estimates with types, as the right side of the house uses it."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from analysis.estimates import WHOLE


class Estimate(NamedTuple):
    """One cell; see :data:`analysis.estimates.SCHEMA` for the columns.

    estimate, se, ci_low, ci_high : None where suppressed or not estimable
    reason : why it is not published, or unreliable
    """

    survey: str
    wave: str
    indicator: str
    category: str
    domain: str
    domain_value: str
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    deff: float | None
    n: int
    n_weighted: float | None
    method: str
    status: str
    reason: str
    origin: str
    definition_hash: str

    @property
    def published(self) -> bool:
        """Whether there is a value to show."""
        return self.status != "Q" and self.estimate is not None

    @property
    def fragile(self) -> bool:
        """Whether the value must be used with caution."""
        return self.status == "U"

    @property
    def demonstration(self) -> bool:
        """Whether the microdata were drawn at random."""
        return self.origin == "demonstration"

    @property
    def observed(self) -> bool:
        """Whether somebody gave these answers."""
        return self.origin == "observed"

    @property
    def whole(self) -> bool:
        """Whether the cell is about the whole population."""
        return self.domain == WHOLE

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The interval, or None where there is none."""
        if not self.published or self.ci_low is None or self.ci_high is None:
            return None
        return self.ci_low, self.ci_high


def estimates(table: pl.DataFrame) -> tuple[Estimate, ...]:
    """The rows of the table, in its order."""
    return tuple(map(Estimate._make, table.select(Estimate._fields).rows()))
