"""What ``baro disclosure`` tells of a survey that rounds its counts: how many figures, how far."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from analysis.disclosure.coarse import SHARES
from analysis.rounding import coarse_step

_KEY = ("wave", "indicator", "category", "domain", "domain_value")


def rounding_lines(
    told: pl.DataFrame, estimated: pl.DataFrame, pattern: pl.DataFrame, base: int
) -> Iterator[str]:
    """The method and its base, then what it did to counts, to shares and to other figures.

    told : rows of the published table ; estimated : the same figures before anything was rounded
    """
    both = told.join(estimated.select(*_KEY, was="estimate", had="n"), on=_KEY, how="left",
                     maintain_order="left")  # fmt: skip
    yield f"method: counts rounded to {base}, and figures to the step that such counts leave"
    if both.is_empty():
        return
    moved = (both["n"] - both["had"]).abs()
    yield f"  {both.height:6}  counts of respondents, moved by {_far(moved)}"
    share = pl.any_horizontal(pl.col("method").str.starts_with(k) for k in SHARES)
    shown = both.filter(pl.col("estimate").is_not_null())
    yield from _shares(shown.filter(share), base)
    rest = shown.filter(~share & (pl.col("was") != 0))
    if rest.height:
        part = (rest["estimate"] / rest["was"] - 1).abs() * 100
        yield f"  {rest.height:6}  other figures, moved by {_far(part, ' %')}"
    watched = pattern.filter(pl.col("kind") == "rounded").join(told, on=_KEY, how="semi").height
    linked = pattern.filter(pl.col("kind") == "linked").height
    yield f"  {watched:6}  small figures looked at; {linked} hidden so that none can be worked out"


def _shares(shown: pl.DataFrame, base: int) -> Iterator[str]:
    if shown.is_empty():
        return
    moved = (shown["estimate"] - shown["was"]).abs() * 100
    yield f"  {shown.height:6}  shares, moved by {_far(moved, ' points')}"
    steps = shown.select(
        step=pl.struct("was", "n").map_elements(
            lambda r: 100 * coarse_step(r["was"], r["n"], base), return_dtype=pl.Float64
        )
    )
    for step, number in steps.group_by("step").len().sort("step").iter_rows():
        yield f"  {number:6}  of them to {step:g} point{'s' if step > 1 else ''}"


def _far(moved: pl.Series, unit: str = "") -> str:
    values = moved.cast(pl.Float64).to_numpy()
    return f"{values.mean():.1f}{unit} on average, {values.max():.1f}{unit} at most"
