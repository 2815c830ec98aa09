"""The typed shape of ``reliability:`` and ``confidentiality:``, which figures are published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field, model_serializer

from analysis.definition.shapes import Model

Share = Annotated[float, Field(gt=0, le=1)]
USUAL_BASE = 5
_OF_ROUNDING = ("method", "base")
Named = Literal["nchs_2017", "dhs", "statcan", "eu_silc", "ine_chile", "none"]


class Limits(Model):
    """Bounds of a figure; those that are absent bind nothing.

    n : fewest respondents in its base
    n_kish : fewest respondents of equal weights that its base is worth (docs/methods)
    n_eff : least effective n, its design effect counted
    df : fewest degrees of freedom of the domain
    width : widest interval of a share, as 0.3 for 30 points
    cv : largest coefficient of variation, as 0.2
    """

    n: Annotated[int, Field(ge=1)] | None = None
    n_kish: Annotated[float, Field(gt=0)] | None = None
    n_eff: Annotated[float, Field(gt=0)] | None = None
    df: Annotated[int, Field(ge=1)] | None = None
    width: Share | None = None
    cv: Annotated[float, Field(gt=0)] | None = None


class Thresholds(Model):
    """A survey's own rules of publication.

    hide : beyond these a figure is not published
    mark : beyond these it is published as unreliable
    """

    hide: Limits = Limits()
    mark: Limits = Limits()


Profile = Named | Thresholds


class Confidentiality(Model):
    """What no reader may work out of a survey's figures. The thresholds are the survey's choice.

    method : small figures are hidden ("suppress"), or every count is rounded to the base and
    everything else told no finer than such counts ("round")
    base : what counts are rounded to, 5 without it; 2 protect + 1 at least
    count : fewest respondents in the numerator of a share and in the rest of its base
    protect : such a figure stays uncertain by so many respondents at least
    near_census : share of a population that answered from which on 0 % and 100 % are hidden too
    dominance : largest part of an amount that one respondent may make up
    p_percent : how closely the second largest contributor may know the largest, as 0.1 for 10 %:
    the others must make up that part of the largest at least (the p % rule); not asked without it
    """

    method: Literal["suppress", "round"] = "suppress"
    base: Annotated[int, Field(ge=3, le=100)] | None = None
    count: Annotated[int, Field(ge=2, le=50)] = 3
    protect: Annotated[int, Field(ge=1, le=50)] = 2
    near_census: Share = 0.5
    dominance: Share = 0.85
    p_percent: Share | None = None

    @property
    def rounding(self) -> int | None:
        """What counts are rounded to; None where figures are hidden instead."""
        return (self.base or USUAL_BASE) if self.method == "round" else None

    @model_serializer(mode="wrap")
    def dumped(self, dump: Callable[[Confidentiality], dict[str, Any]]) -> dict[str, Any]:
        """Without what only some surveys say: fingerprints of the others stay the same."""
        made = dump(self)
        if self.p_percent is None:
            made.pop("p_percent", None)
        return made if self.rounding else {k: made[k] for k in made if k not in _OF_ROUNDING}
