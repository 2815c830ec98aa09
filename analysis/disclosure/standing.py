"""Who stands behind each cell: counts by the smallest groups of respondents that tables tell apart.

What confidentiality needs and the table of estimates does not say. A *view* divides all respondents
into groups, its *atoms*; each of its levels is a union of atoms. Several views are linked: a level,
and any other *block* of respondents, can be a union of atoms of two of them. One row a measure ×
atom:

====================  =========================================================================
view                  "" where all domains are told apart at once; else the domain whose levels
                      are its atoms (a survey of thousands of crossings: its finest domains)
atom                  number of the atom in its view
levels                levels that the atom is part of, "domain=value" each
blocks                numbers of the smallest unions of atoms of this view that are unions of atoms
                      of another view too, as far as the atom is part of them
respondents           of the atom; weight: their mean weight, 0 outside the frame
population            how many there are in the population; null where nobody counted them
indicator category    the measure
kind                  "share"; "mention" (of all answers given); "amount" (a mean); "battery" (the
                      mean of a share); "ratio" (of two amounts); "quantile"
parts                 whether the categories of the indicator are the parts of one whole
missing               whether the category is a kind of missing answer
count base            respondents in the numerator, and in the base
full                  of a battery those who answered yes to all
amount largest second of what is summed (amount, battery, ratio): the weighted total of the atom,
                      its two largest contributions
below below_largest   what that is divided by, and the largest contribution to it: the weights of
                      the base, or a ratio's second total; of a quantile the respondents on its
                      shorter side
who_count who_base    fingerprint of these people over the whole wave: equal ones are the same
                      people under another name; 0 is nobody
====================  =========================================================================

Made to the left of the wall by :mod:`analysis.contributors`; never published.
"""

from __future__ import annotations

import polars as pl

SCHEMA: dict[str, pl.DataType] = {
    "view": pl.String(),
    "atom": pl.Int64(),
    "levels": pl.List(pl.String()),
    "blocks": pl.List(pl.Int64()),
    "respondents": pl.Int64(),
    "weight": pl.Float64(),
    "population": pl.Float64(),
    "indicator": pl.String(),
    "category": pl.String(),
    "kind": pl.String(),
    "parts": pl.Boolean(),
    "missing": pl.Boolean(),
    "count": pl.Int64(),
    "base": pl.Int64(),
    "full": pl.Int64(),
    "amount": pl.Float64(),
    "largest": pl.Float64(),
    "second": pl.Float64(),
    "below": pl.Float64(),
    "below_largest": pl.Float64(),
    "who_count": pl.UInt64(),
    "who_base": pl.UInt64(),
}


def level(domain: str, value: str) -> str:
    """How ``levels`` names a level of a domain."""
    return f"{domain}={value}"
