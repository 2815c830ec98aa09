"""Reliability rules -> status of each cell; what is too unreliable loses its figures.

The rule is the survey's ``reliability:``. Confidentiality rules join it here.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from analysis.definition import Survey
from analysis.definition.models import Limits, Profile, Thresholds

_FIGURES = ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "n_eff", "n_kish")


FEWEST = 5  # respondents that a published count rests on at least


def untold(counts: Sequence[int]) -> list[bool]:
    """Which counts of the parts of one whole are not published.

    Those under ``FEWEST``, nobody (0) excepted; and where the others would give them away by
    subtraction from the whole, the next smallest: two parts at least are kept back, which hold
    ``FEWEST`` respondents at least.
    """
    rising = sorted((i for i, n in enumerate(counts) if n), key=lambda i: counts[i])
    hidden = [i for i in rising if counts[i] < FEWEST]
    for i in rising[len(hidden) :]:
        if not hidden or (len(hidden) > 1 and sum(counts[k] for k in hidden) >= FEWEST):
            break
        hidden.append(i)
    return [i in hidden for i in range(len(counts))]


def publishable(survey: Survey, table: pl.DataFrame) -> pl.DataFrame:
    """The table as it may be published: statuses set, unreliable figures removed.

    Status Q (removed) comes before U (unreliable), D (another definition), B (break), A.
    """
    suppressed = hidden(survey.spec.reliability)
    unreliable = pl.col("se").is_null() | doubtful(survey.spec.reliability)
    status = (
        pl.when(suppressed)
        .then(pl.lit("Q"))
        .when(unreliable)
        .then(pl.lit("U"))
        .when(_wave_in(survey, "alone"))
        .then(pl.lit("D"))
        .when(_wave_in(survey, "breaks"))
        .then(pl.lit("B"))
        .otherwise(pl.lit("A"))
    )
    marked = table.with_columns(status=status)
    shown = pl.col("status") != "Q"
    return marked.with_columns(pl.when(shown).then(pl.col(c)).alias(c) for c in _FIGURES)


def hidden(profile: Profile) -> pl.Expr:
    """Whether a cell is kept back: of its columns method, n, n_eff, n_kish, cv and interval."""
    if isinstance(profile, Thresholds):
        return _beyond(profile.hide)
    if profile == "none":
        return pl.lit(value=False)
    return (_nchs_2017() & ~_is_mean()) | (_is_mean() & (pl.col("n") < 30))


def doubtful(profile: Profile) -> pl.Expr:
    """Whether a cell is published as unreliable, by the same columns."""
    if isinstance(profile, Thresholds):
        return _beyond(profile.mark)
    return _is_mean() & (pl.col("cv") > 0.20)


def _beyond(limits: Limits) -> pl.Expr:
    """Whether a cell is outside any of the bounds; what is not known of it bounds nothing.

    ``n_kish`` is not known where everybody was taken, ``n_eff`` and ``cv`` of 0 and 100 %.
    """
    low = {c: getattr(limits, c) for c in ("n", "n_kish", "n_eff")}
    outside = [pl.col(c) < bound for c, bound in low.items() if bound is not None]
    if limits.width is not None:
        outside.append(_is_share() & (pl.col("ci_high") - pl.col("ci_low") > limits.width))
    if limits.cv is not None:
        outside.append(pl.col("cv") > limits.cv)
    return pl.any_horizontal(pl.lit(value=False), *(o.fill_null(value=False) for o in outside))


def _nchs_2017() -> pl.Expr:
    """Proportions not published by the NCHS standard (Vital and Health Statistics 2(175), 2017).

    Effective n under 30; or an interval at least 0.30 wide; or wider than 0.05 and wider
    than 130 % of the proportion. Where the estimate is 0 or 1 the effective n is n.
    """
    width = pl.col("ci_high") - pl.col("ci_low")
    small = pl.min_horizontal(pl.col("n"), pl.col("n_eff").fill_null(pl.col("n"))) < 30
    wide = (width >= 0.30) | ((width > 0.05) & (width > 1.3 * pl.col("estimate")))
    return small | wide.fill_null(value=True)


def _is_mean() -> pl.Expr:
    """Whether a cell is anything but a proportion: it has no effective n of a 0/1 variable."""
    return ~pl.col("method").str.starts_with("proportion")


def _is_share() -> pl.Expr:
    """Whether a cell is between 0 and 1 by what it is, a proportion or not."""
    kinds = ("proportion", "mentions", "battery")
    return pl.any_horizontal(pl.col("method").str.starts_with(k) for k in kinds)


def _wave_in(survey: Survey, kind: str) -> pl.Expr:
    """Boolean: the cell's wave is declared a break of its indicator, or not comparable."""
    pairs = [
        f"{name}/{wave}"
        for name, i in survey.spec.indicators.items()
        for wave in ([b.wave for b in i.not_comparable] if kind == "alone" else survey.broken(name))
    ]
    return pl.concat_str("indicator", "wave", separator="/").is_in(pairs)
