"""Every variable in every domain at once: one pass for a whole set of tables.

The same numbers as a call for each domain, to the last digits; the pass is shared.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Literal, cast

import numpy as np
import polars as pl

from analysis.design import Floats, Integers, SampleDesign
from analysis.errors import nearest, refuse
from analysis.estimators.cells import (
    Groups,
    Names,
    groups,
    indicators,
    known_numbers,
    listed,
    measured,
    once,
)
from analysis.estimators.frames import result
from analysis.estimators.means import method_text, ratio_columns
from analysis.estimators.options import Options
from analysis.estimators.ratio import Flags, RatioEstimates, estimate_ratios
from analysis.variance import Membership, suits

WHOLE = "ensemble"
BLOCK = 4_000_000  # numbers of a (respondents x measures) array held at once


def tabulate(
    design: SampleDesign,
    variables: Names,
    domains: Names,
    where: pl.Expr | None,
    measure: Literal["mean", "proportion"],
    o: Options,
) -> pl.DataFrame:
    """Means, or shares of categories, over the whole and in each level of each domain.

    Rows by variable, category, then domain ("ensemble" first) and its sorted values as text.
    """
    labels, members = _levels(design, once(listed(domains), "domains"), where)
    names, codes, values, base = _measures(design, measured(variables), measure)
    flags = np.full(len(names), measure == "proportion")
    found = _in_blocks(values, base, flags, members, design, o)
    cells = Groups(("domain", "domain_value"), labels, np.zeros(0, dtype=np.int64))
    text = f"proportion; {o.ci}; deff={o.deff}" if flags.any() else f"mean; wald; deff={o.deff}"
    return result(names, codes, cells, ratio_columns(found), method_text(design, text))


def _levels(
    design: SampleDesign, domains: list[str], where: pl.Expr | None
) -> tuple[pl.DataFrame, Membership]:
    """One row a level, and who belongs to each."""
    whole = groups(design, None, where)
    labels, codes = [pl.DataFrame({"domain": [WHOLE], "domain_value": [WHOLE]})], [whole.code]
    for name in domains:
        found = groups(design, name, where)
        value = found.labels.select(domain=pl.lit(name), domain_value=pl.col(name).cast(pl.String))
        labels.append(value)
        codes.append(found.code)
    return pl.concat(labels), Membership.of(*codes)


def _measures(
    design: SampleDesign, variables: list[str], measure: str
) -> tuple[list[str], list[str], Floats, Flags]:
    """Variable and category of each column, (n, K) values and (n, K) bases."""
    if measure == "mean":
        values, base = known_numbers(design, variables)
        return variables, [""] * len(variables), values, base
    if measure != "proportion":
        raise refuse("tabulate: measure", f'"{measure}" is not known',
                     nearest(measure, ("mean", "proportion")), "name one of them")  # fmt: skip
    made = {v: indicators(design, v) for v in variables}
    names = [v for v, (categories, _, _) in made.items() for _ in categories]
    codes = [c for categories, _, _ in made.values() for c in categories]
    return (
        names,
        codes,
        np.hstack([y for _, y, _ in made.values()]),
        np.hstack([x > 0 for _, _, x in made.values()]),
    )


def _in_blocks(
    values: Floats, base: Flags, flags: Flags, members: Membership, design: SampleDesign,
    o: Options,
) -> RatioEstimates:  # fmt: skip
    """Columns a few at a time: measures do not depend on each other, and memory stays bounded."""
    if suits(design, members.size, values.shape[1]):  # that pass is by blocks of rows already
        numbers = cast(Floats, base)  # it makes numbers of the flags block by block
        return estimate_ratios(values, numbers, flags, members, design, o)
    step = max(1, BLOCK // len(values))
    parts = [
        estimate_ratios(
            values[:, k : k + step],
            base[:, k : k + step].astype(np.float64),
            flags[k : k + step],
            members,
            design,
            o,
        )
        for k in range(0, values.shape[1], step)
    ]
    joined: list[Floats | Integers] = [
        np.hstack([getattr(p, f.name) for p in parts]) for f in fields(RatioEstimates)
    ]
    return RatioEstimates(*joined)  # type: ignore[arg-type]
