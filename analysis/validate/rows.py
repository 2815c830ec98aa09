"""The rows of one wave, picked from a raw file, texts cleaned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from analysis.definition import Survey
from analysis.definition.texts import clean_column
from analysis.errors import Problem, nearest, quoted, raise_all, refuse
from analysis.ingest import ROW
from analysis.validate.several import cut_several

_SOME = 5


@dataclass(frozen=True)
class WaveRows:
    """The rows of one wave, cleaned texts, columns under the names of survey.yml.

    decimal : "." or ",", declared or detected in the weights
    """

    frame: pl.DataFrame
    file: str
    decimal: str


def wave_rows(survey: Survey, wave: str, raw: pl.DataFrame, shown: str) -> WaveRows:
    """Pick the wave's rows and the columns its definition speaks of.

    Raises :class:`analysis.errors.BaroError` naming every declared column that is missing.
    """
    w = survey.waves[wave]
    present = [c for c in raw.columns if c != ROW]
    raise_all(_missing_columns(survey, wave, present, shown))
    named = {c: w.rename.get(c, c) for c in sorted(_declared_columns(survey))}
    named = {c: n for c, n in named.items() if n in set(raw.columns)}
    mine = pl.col(w.rows.column) == w.rows.value if w.rows else pl.lit(value=True)
    dropped = pl.col(ROW).is_in(sorted(w.dropped))
    needed = dict.fromkeys([ROW, *named.values(), *([w.rows.column] if w.rows else [])])
    rows = raw.select(*needed).filter(mine)
    if rows.height == 0 and w.rows:
        raise refuse(
            shown,
            f'no row has {w.rows.column} = "{w.rows.value}"',
            f"the rows of {wave}",
            f"correct rows: in waves/{wave}.yml",
        )
    if w.size is not None and rows.height != w.size:
        raise refuse(
            shown,
            f"{rows.height} rows for the wave {wave}",
            f"{w.size}",
            f"the file is not whole; or correct size: in waves/{wave}.yml",
        )
    rows = rows.filter(~dropped)
    frame = rows.select(ROW, *(clean_column(n).alias(c) for c, n in named.items()))
    frame = cut_several(survey, wave, frame)
    numbers = (
        frame[survey.spec.weight_column]
        if survey.spec.weight_column
        else pl.Series([], dtype=pl.String)
    )
    return WaveRows(frame, shown, _decimal(w.dialect.decimal, numbers))


def validate_waves(survey: Survey, file: str, raw: pl.DataFrame) -> None:
    """Check that each row of a file belongs to a declared wave.

    Raises :class:`BaroError` naming the values of the wave column that no wave claims: a new
    wave in a cumulated file must not pass unseen.
    """
    claims = [w.rows for w in survey.waves.values() if w.file == file and w.rows]
    everything = any(w.file == file and w.rows is None for w in survey.waves.values())
    for column in () if everything else sorted({c.column for c in claims} & set(raw.columns)):
        known = [t for c in claims if c.column == column for t in (c.value, *c.others)]
        counts = raw.filter(~pl.col(column).is_in(known)).get_column(column).value_counts()
        raise_all(
            Problem(
                f"{file}: column {column}",
                f"{count} rows have {quoted(value)}, which no wave claims",
                f"{column} in {', '.join(known)}",
                f"add surveys/{survey.id}/waves/{value}.yml with rows: "
                f'{{column: {column}, value: "{value}"}}'
                if value != column
                else "remove the second header from the file, and export it again",
            )
            for value, count in counts.sort(column).iter_rows()
        )


def _declared_columns(survey: Survey) -> set[str]:
    d = survey.spec.design
    design = {c for c in (d.strata, d.clusters, d.fpc) if c}
    return (
        {survey.cut_columns.get(v.column, v.column) for v in survey.spec.variables.values()} - {""}
        | design
        | ({survey.spec.id, survey.spec.weight_column} - {""})
    )


def _missing_columns(
    survey: Survey, wave: str, present: list[str], shown: str
) -> Iterator[Problem]:
    w, d = survey.waves[wave], survey.spec.design
    own = (survey.spec.id, survey.spec.weight_column, d.strata, d.clusters, d.fpc)
    needed = [c for c in own if c]
    read = (v.column for v in survey.variables_in(wave).values() if v.column)
    needed += [survey.cut_columns.get(c, c) for c in read]
    remedies = {
        w.rename.get(c, c): f"under rename: in waves/{wave}.yml, write {c}: <its name in the file>"
        for c in needed
    }
    if w.rows:
        remedies.setdefault(w.rows.column, f"correct rows: in waves/{wave}.yml")
    missing = [name for name in remedies if name not in present]
    where = f"{shown}: wave {wave}"
    if len(missing) > max(_SOME, len(remedies) // 2):
        yield Problem(
            where,
            f"{len(missing)} of the {len(remedies)} columns read are missing: "
            + ", ".join(missing[:_SOME]) + ", …",
            f"the file of {wave} with its header; here: "
            + ", ".join(quoted(c)[1:-1] for c in present[:_SOME]),
            f"put the right file there, or correct file: in waves/{wave}.yml",
        )  # fmt: skip
        return
    for name in missing:
        found = f"the column {quoted(name)} is missing"
        yield Problem(where, found, nearest(name, present), remedies[name])


def _decimal(declared: str, weights: pl.Series) -> str:
    if declared != "auto":
        return declared
    return "," if weights.str.contains(r"^\d+,\d+$").any() else "."
