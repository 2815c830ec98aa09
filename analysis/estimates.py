"""The table of estimates: its columns, its file, and how one cell is looked up.

Everything published is read from this table; nothing to the right of it sees a respondent.
One row a cell. Proportions are fractions (0 to 1), means in the unit of their variable.

==============  ============================================================================
survey          id of the survey
wave            id of the wave
indicator       id of the indicator
category        category of a distribution; "" for a proportion or a mean
domain          id of the domain; "ensemble" for the whole population
domain_value    category of the domain; "ensemble" for the whole population
estimate        null where suppressed (status Q)
se              linearized standard error; null where it cannot be estimated
ci_low ci_high  interval at 95 %
cv              se / estimate
deff            design effect; its reference is given by ``method``; null where counts are rounded
n_eff           n / deff
n_kish          respondents of equal weights, drawn at random from a large population, that the
                base is worth by its weights and sampling fractions alone; null in a census
df              degrees of freedom of the interval: PSUs - strata of the whole design
df_domain       the same, of the domain alone (for the reliability rule)
n               respondents in the base of the cell
n_weighted      sum of their weights; null where counts are rounded and answers decide the base
method          how estimate, se and interval were made
status          SDMX observation status, see ``STATUS``
reason          of status U and Q, in words; else ""
origin          of the microdata: "observed"; or nobody gave them: "demonstration" (drawn at
                random), "reconstructed" (from published counts), "scenario" (synthetic)
definition_hash the definition the cell was computed with
==============  ============================================================================
"""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from analysis.errors import nearest, refuse

WHOLE = "ensemble"

SCHEMA: dict[str, pl.DataType] = {
    "survey": pl.String(),
    "wave": pl.String(),
    "indicator": pl.String(),
    "category": pl.String(),
    "domain": pl.String(),
    "domain_value": pl.String(),
    "estimate": pl.Float64(),
    "se": pl.Float64(),
    "ci_low": pl.Float64(),
    "ci_high": pl.Float64(),
    "cv": pl.Float64(),
    "deff": pl.Float64(),
    "n_eff": pl.Float64(),
    "n_kish": pl.Float64(),
    "df": pl.Int64(),
    "df_domain": pl.Int64(),
    "n": pl.Int64(),
    "n_weighted": pl.Float64(),
    "method": pl.String(),
    "status": pl.String(),
    "reason": pl.String(),
    "origin": pl.String(),
    "definition_hash": pl.String(),
}
DIGITS = 9  # significant ones that the table keeps
KEY = ("survey", "wave", "indicator", "category", "domain", "domain_value")

# SDMX code list CL_OBS_STATUS, the letters this project uses.
STATUS = {
    "A": "valeur normale",
    "B": "rupture de série : non comparable à la vague précédente",
    "D": "définition différente : non comparable aux autres vagues",
    "U": "peu fiable : à utiliser avec précaution",
    "Q": "non publié : trop peu fiable, ou secret statistique",
}

SECRET = "secret statistique"  # the reason of a figure hidden to keep answers confidential


def status_mark(status: str) -> str:
    """The mark that tables print beside a value: ``"U"`` -> "[u]"; empty for a normal one."""
    return "" if status == "A" else f"[{status.lower()}]"


def conform(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with exactly the columns and types of the table, sorted by key.

    Raises :class:`analysis.errors.BaroError` when a column is missing or a key occurs twice.
    """
    missing = [c for c in SCHEMA if c not in frame.columns]
    if missing:
        raise refuse("table of estimates", f"columns missing: {', '.join(missing)}")
    table = frame.select(pl.col(c).cast(t) for c, t in SCHEMA.items()).sort(KEY)
    twice = table.filter(table.select(KEY).is_duplicated())
    if twice.height:
        cell = ", ".join(map(str, twice.select(KEY).row(0)))
        raise refuse("table of estimates", f"the cell ({cell}) occurs {twice.height} times", "once")
    return table


def write_estimates(frame: pl.DataFrame, path: Path) -> None:
    """Write the table, :func:`steady`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    steady(conform(frame)).write_parquet(aside, compression="zstd")
    aside.replace(path)


def steady(table: pl.DataFrame) -> pl.DataFrame:
    """The table with nine significant digits: those that every processor agrees on.

    Sums are added in another order by processors with other vector units, which moves the
    sixteenth digit: another file, and another printed number where a share is 12.5 % to the bit.
    """
    floats = [name for name, kind in table.schema.items() if kind == pl.Float64]
    return table.with_columns(pl.col(floats).round_sig_figs(DIGITS))


def read_estimates(path: Path) -> pl.DataFrame:
    """The table stored at ``path``; refuses by name when it was never built."""
    if not path.is_file():
        raise refuse(path.name, "the table of estimates has not been built", "", "run: baro build")
    try:
        table = pl.read_parquet(path)
        return table if table.schema == SCHEMA else conform(table)  # sorted when it was written
    except (pl.exceptions.PolarsError, OSError) as e:
        fault = str(e).splitlines()[0]
        raise refuse(path.name, f"cannot be read: {fault}", "", "run: baro build") from e


def cells(
    table: pl.DataFrame,
    indicator: str,
    *,
    waves: tuple[str, ...] = (),
    domain: str = WHOLE,
) -> pl.DataFrame:
    """Rows of one indicator and domain, all waves unless some are named.

    Raises :class:`BaroError` naming what does not exist and the nearest that does.
    """
    rows = table.filter((pl.col("indicator") == indicator) & (pl.col("domain") == domain))
    if rows.is_empty():
        _having(_having(table, "indicator", indicator), "domain", domain)
    known = set(rows["wave"]) if waves else set()
    for wave in waves:
        if wave not in known:
            _having(rows, "wave", wave)
    return rows.filter(pl.col("wave").is_in(list(waves))) if waves else rows


def cell(
    table: pl.DataFrame,
    indicator: str,
    wave: str,
    domain: str = WHOLE,
    value: str = WHOLE,
    category: str = "",
) -> dict[str, object]:
    """One row as a dict; refuses what does not exist and what is suppressed (status Q)."""
    rows = cells(table, indicator, waves=(wave,), domain=domain)
    rows = _having(_having(rows, "domain_value", value), "category", category)
    row = rows.row(0, named=True)
    if row["status"] == "Q":
        raise refuse(
            f"{indicator}, {wave}, {domain} = {value}",
            f"the cell is not published: {row['reason']}",
            STATUS["Q"],
            "quote a larger group",
        )
    return row


def _having(table: pl.DataFrame, column: str, value: str) -> pl.DataFrame:
    rows = table.filter(pl.col(column) == value)
    if rows.is_empty():
        raise refuse(
            f"table of estimates: {column}",
            f'there is no "{value}" here',
            nearest(value, table[column].unique().to_list()),
            "correct the name",
        )
    return rows
