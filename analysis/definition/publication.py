"""The typed shape of ``reliability:`` and ``confidentiality:``, which figures are published."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from analysis.definition.shapes import Model

Share = Annotated[float, Field(gt=0, le=1)]
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

    count : fewest respondents in the numerator of a share and in the rest of its base
    protect : a figure hidden for that stays uncertain by so many respondents at least
    near_census : share of a population that answered from which on 0 % and 100 % are hidden too
    dominance : largest part of an amount that one respondent may make up
    """

    count: Annotated[int, Field(ge=2, le=50)] = 3
    protect: Annotated[int, Field(ge=1, le=50)] = 2
    near_census: Share = 0.5
    dominance: Share = 0.85
