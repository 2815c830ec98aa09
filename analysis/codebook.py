"""The codebook: what each raw column of each wave holds, without a respondent.

Made to the left of the wall (:mod:`analysis.columns`), under the rules of publication; pages, files
and commands read it. One row a wave × column × part:

===================  ==========================================================================
survey wave          ids
column               name in the file; the variable's own name where it is made from others
variable label       of survey.yml; "" where no variable reads the column
type                 categorical, numeric, unlisted (too many texts), identifier, weight, design,
                     wave
guessed              whether the type was guessed from the texts and not declared
part                 "column", "answer", "missing", "number" or "change", see below
code text            category of the variable, and the text in the file
kind                 of a missing answer, of a number (mean, p50, …), of a change
n                    respondents; null where fewer than :data:`analysis.disclosure.FEWEST`, or
                     where subtraction would tell such a number
base                 respondents that n is a part of
value                share of the valid answers (fraction), number, or age
se ci_low ci_high    of a share or a mean, at 95 %
n_weighted           sum of weights of n
other                of a change: what was there before
status               SDMX observation status, see :data:`analysis.estimates.STATUS`
origin               as in the table of estimates
definition_hash      the definition it was made with
===================  ==========================================================================

- **column**: n answers (valid ones), base the respondents of the wave, value the age of the fifth
  youngest who answers (so that it rests on five people), null without ages;
- **answer**: one text; ``text`` "" counts those too rare to be told, ``other`` how many they are;
- **missing**: one text of a kind of missing; base the respondents of the wave;
- **number**: mean and quantiles of a numeric column;
- **change**: drift since the column's wave before (``CHANGES``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from analysis.definition import Survey
from analysis.errors import BaroError, nearest, refuse
from analysis.expressions import MISSING_KINDS, names, parse

SCHEMA: dict[str, pl.DataType] = {
    "survey": pl.String(),
    "wave": pl.String(),
    "column": pl.String(),
    "variable": pl.String(),
    "label": pl.String(),
    "type": pl.String(),
    "guessed": pl.Boolean(),
    "part": pl.String(),
    "code": pl.String(),
    "text": pl.String(),
    "kind": pl.String(),
    "n": pl.Int64(),
    "base": pl.Int64(),
    "value": pl.Float64(),
    "se": pl.Float64(),
    "ci_low": pl.Float64(),
    "ci_high": pl.Float64(),
    "n_weighted": pl.Float64(),
    "other": pl.String(),
    "status": pl.String(),
    "origin": pl.String(),
    "definition_hash": pl.String(),
}
# Not kinds of survey.yml: an empty cell, and a number of nines far above the others.
KINDS = (*MISSING_KINDS, "blank", "nines")
QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
CHANGES = ("new", "gone", "respelled", "asked", "answering", "youngest", "constant")
PROFILE = "profil"  # theme of variables that no indicator reads
UNREAD = ""  # theme of columns that no variable reads
TECHNICAL = ("identifier", "weight", "design", "wave")


@dataclass(frozen=True, slots=True)
class Answer:
    """One text of one wave; n, value None where they may not be told."""

    code: str
    text: str
    n: int | None
    value: float | None
    low: float | None
    high: float | None
    n_weighted: float | None
    others: int
    status: str


@dataclass(frozen=True, slots=True)
class Missing:
    """One text of a kind of missing."""

    kind: str
    text: str
    n: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """What is not as in the wave before."""

    wave: str
    kind: str
    text: str
    other: str


@dataclass(slots=True)
class WaveEntry:
    """A column in one wave.

    n : valid answers, None where fewer than may be told ; respondents : of the wave
    youngest : age ; numbers : mean, p5, … -> value, low, high
    unreliable : those of them that are published with status U
    """

    wave: str
    n: int | None
    respondents: int
    youngest: float | None
    answers: list[Answer] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    numbers: dict[str, tuple[float | None, float | None, float | None]] = field(
        default_factory=dict
    )
    unreliable: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Entry:
    """A column over its waves, oldest first."""

    column: str
    variable: str
    label: str
    type: str
    guessed: bool
    waves: dict[str, WaveEntry] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    @property
    def technical(self) -> bool:
        """Whether it says who, when or with what weight, and is never listed."""
        return self.type in TECHNICAL

    @property
    def texts(self) -> list[str]:
        """Every text that is told, in the order of first appearance."""
        found = {a.text for w in self.waves.values() for a in w.answers if a.text}
        first = (a.text for w in reversed(self.waves.values()) for a in w.answers if a.text)
        return [t for t in dict.fromkeys(first) if t in found]


def entries(table: pl.DataFrame) -> list[Entry]:
    """The rows of a codebook as one entry a column, in the order of the table."""
    found: dict[str, Entry] = {}
    for r in table.iter_rows(named=True):
        known = found.get(r["column"])
        if known is None:
            made = (r["column"], r["variable"], r["label"], r["type"], r["guessed"])
            known = found[r["column"]] = Entry(*made)
        if r["variable"] and not known.variable:
            known.variable, known.label = r["variable"], r["label"]
        _add(known, r)
    return list(found.values())


def _add(entry: Entry, r: dict[str, Any]) -> None:
    wave = r["wave"]
    if r["part"] == "column":
        entry.waves[wave] = WaveEntry(wave, r["n"], r["base"], r["value"])
    elif r["part"] == "answer":
        entry.waves[wave].answers.append(
            Answer(r["code"], r["text"], r["n"], r["value"], r["ci_low"], r["ci_high"],
                   r["n_weighted"], int(r["other"] or 0), r["status"])
        )  # fmt: skip
    elif r["part"] == "missing":
        entry.waves[wave].missing.append(Missing(r["kind"], r["text"], r["n"]))
    elif r["part"] == "number":
        entry.waves[wave].numbers[r["kind"]] = (r["value"], r["ci_low"], r["ci_high"])
        entry.waves[wave].unreliable |= {r["kind"]} if r["status"] == "U" else set()
    else:
        entry.changes.append(Change(wave, r["kind"], r["text"], r["other"]))


def entry_theme(survey: Survey, entry: Entry) -> str:
    """The theme of a column; who, when and with what weight belong to who answered."""
    return PROFILE if entry.technical else theme(survey, entry.variable)


def theme(survey: Survey, variable: str) -> str:
    """The theme of the first indicator that reads the variable, itself or through another."""
    if not variable:
        return UNREAD
    wanted = {variable}
    for name, v in survey.spec.variables.items():  # made variables stand after what they read
        read = {n for c in v.categories.values() if c.when for n in names(parse(c.when))}
        if read & wanted and name not in survey_domains(survey):
            wanted.add(name)
    for name, i in survey.spec.indicators.items():
        if wanted & {*survey.reads(name)}:
            return i.theme
    return PROFILE


def survey_domains(survey: Survey) -> set[str]:
    """The variables that split others."""
    return {v for d in survey.spec.domains.values() for v in d.crossed}


def find(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """The rows of a column, or of the columns that a variable reads.

    Raises :class:`analysis.errors.BaroError` naming the nearest of all columns and variables.
    """
    rows = table.filter(pl.col("column") == name)
    if rows.is_empty():
        rows = table.filter((pl.col("variable") == name) & (pl.col("variable") != ""))
    if rows.is_empty():
        raise unknown(name, [*table["column"].unique(), *table["variable"].unique()])
    return rows


def unknown(name: str, known: Iterable[str]) -> BaroError:
    """The refusal of a name that is neither a column nor a variable."""
    return refuse(f"codebook: {name}", "neither a column of the files nor a variable",
                  nearest(name, [k for k in known if k]), "correct the name")  # fmt: skip


def read_codebook(path: Path) -> pl.DataFrame:
    """The codebook stored at ``path``; refuses by name when it was never built."""
    if not path.is_file():
        raise refuse(path.name, "the codebook has not been built", "", "run: baro build")
    try:
        return pl.read_parquet(path).select(pl.col(c).cast(t) for c, t in SCHEMA.items())
    except (pl.exceptions.PolarsError, OSError) as e:
        fault = str(e).splitlines()[0]
        raise refuse(path.name, f"cannot be read: {fault}", "", "run: baro build") from e
