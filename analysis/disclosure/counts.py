"""The summary of a weighting where counts are rounded: how many of each category, ratio, weight."""

from __future__ import annotations

from dataclasses import replace

from analysis.rounding import rounded_count
from analysis.weights import MarginRow, Spread, WeightSummary


def rounded_summary(summary: WeightSummary, base: int) -> WeightSummary:
    """Every count of respondents to the base; sums of starting weights in proportion to theirs.

    Weights themselves are kept: of a stratum they are its population over its respondents, and who
    was asked is taken as known (docs/methods/disclosure.md).
    """

    def spread(known: Spread) -> Spread:
        return replace(known, n_eff=float(rounded_count(round(known.n_eff), base)))

    def margin(row: MarginRow) -> MarginRow:
        n = rounded_count(row.n, base)
        return replace(row, n=n, start=row.start * n / row.n if row.n else row.start)

    return replace(
        summary,
        n=rounded_count(summary.n, base),
        at_low=rounded_count(summary.at_low, base),
        at_high=rounded_count(summary.at_high, base),
        margins=tuple(map(margin, summary.margins)),
        bins=tuple(replace(b, n=rounded_count(b.n, base)) for b in summary.bins),
        largest=tuple(
            w if w.n is None else replace(w, n=rounded_count(w.n, base)) for w in summary.largest
        ),
        start=spread(summary.start),
        published=spread(summary.published),
        after=spread(summary.after),
    )
