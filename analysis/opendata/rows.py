"""The rows of the open files: rounded as published, empty where a cell is not published."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

import polars as pl

from analysis.definition import Survey
from analysis.opendata.columns import CELL, COLUMNS, WAVE, having


def whole_rows(table: pl.DataFrame) -> pl.DataFrame:
    """The table of estimates with the decimals that are published.

    Figures of a cell that is not published are emptied here too: whatever hides them, no open
    file tells them.
    """
    shown = (pl.col("status") != "Q") & pl.col("estimate").is_not_null()
    hidden = [pl.when(shown).then(pl.col(c)).alias(c) for c in having("figure")]
    # + 0.0 makes 0.0 of -0.0
    rounded = [pl.col(c.name).round(c.digits) + 0.0 for c in COLUMNS.values() if c.digits]
    return table.select(*COLUMNS).with_columns(hidden).with_columns(rounded)


def cell_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The same without what is told by wave, methods as codes."""
    codes = method_codes(rows["method"])
    return rows.select(CELL).with_columns(pl.col("method").replace_strict(codes))


def method_codes(methods: Iterable[str | None]) -> dict[str, str]:
    """Method -> its initials: "proportion; linearized; logit; deff=wr" is "PLLW".

    A number tells those with the same initials apart.
    """
    codes: dict[str, str] = {}
    for method in sorted({m for m in methods if m}):
        short = "".join(part.rpartition("=")[2][:1] for part in method.split("; ")).upper()
        names = (short if k == 1 else f"{short}{k}" for k in count(1))
        codes[method] = next(n for n in names if n not in codes.values())
    return codes


def wave_rows(survey: Survey, rows: pl.DataFrame) -> pl.DataFrame:
    """A line a wave: what is the same in all its cells, when and how people were asked."""
    same = (c for c in WAVE if c in COLUMNS and c != "wave")
    found = rows.group_by("wave").agg(pl.col(c).unique().sort().str.join(" ") for c in same)
    files = {name: survey.waves[name] for name in found["wave"].sort()}
    said = pl.DataFrame(
        {
            "wave": list(files),
            "field": [str(f.field) for f in files.values()],
            "mode": [f.mode for f in files.values()],
            "note": [f.note for f in files.values()],
        }
    )
    return said.join(found, on="wave").select(WAVE).sort("wave")
