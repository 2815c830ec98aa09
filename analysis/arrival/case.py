"""What is compared: the new file, the definition with the wave in it, and the wave before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from analysis.arrival.findings import Draft
from analysis.arrival.likeness import fold
from analysis.definition import Survey, Variable
from analysis.definition.models import WaveFile
from analysis.definition.texts import clean
from analysis.ingest import ROW, RawFile
from analysis.validate import WaveRows, wave_rows


@dataclass
class Prior:
    """The wave before.

    raw : its file ; rows : its texts under the names of survey.yml
    frame : its harmonised rows
    """

    wave: str
    raw: pl.DataFrame
    rows: WaveRows
    frame: pl.DataFrame

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its file."""
        return tuple(c for c in self.raw.columns if c != ROW)

    def texts(self, variable: str, survey: Survey) -> set[str]:
        """The texts of a variable as its file writes them."""
        column = survey.column(variable, self.wave)
        return set(self.raw[column].unique().to_list()) if column in self.raw.columns else set()


@dataclass
class Case:
    """One comparison.

    survey : the definition without the wave ; draft : what is drawn up
    prior : None where the wave before has no data here
    """

    survey: Survey
    wave: str
    raw: RawFile
    prior: Prior | None
    draft: Draft

    def drafted(self) -> Survey:
        """The survey with the wave as drafted so far, every proposal accepted."""
        w: WaveFile = self.draft.wave_file()
        waves = dict(sorted({**self.survey.waves, self.wave: w}.items()))
        return Survey(self.survey.spec, waves, self.survey.margins, self.survey.answers)

    def rows(self, survey: Survey) -> WaveRows:
        """The rows of the wave, those dropped so far left out."""
        return wave_rows(survey, self.wave, self.raw.frame, survey.waves[self.wave].file)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file."""
        return tuple(c for c in self.raw.frame.columns if c != ROW)

    @cached_property
    def numbers_by_comma(self) -> bool:
        """Whether the file writes decimals with a comma: the sign that most decimals have."""
        counts = {"decimal ,": 0, "decimal .": 0}
        for name in self.columns:
            texts = self.raw.frame[name].head(2000)
            counts["decimal ,"] += int(texts.str.contains(r"^-?\d+,\d+$").sum())
            counts["decimal ."] += int(texts.str.contains(r"^-?\d+\.\d+$").sum())
        return counts["decimal ,"] > counts["decimal ."]


def folded_readings(survey: Survey, variable: str, wave: str) -> dict[str, str]:
    """Folded text -> category or kind of missing; texts that fold alike and differ are left out."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for text, code in survey.readings(variable, wave).items():
        key = fold(text)
        if found.setdefault(key, code) != code:
            twice.add(key)
    return {k: v for k, v in found.items() if k not in twice}


def as_numbers(texts: pl.Series) -> pl.Series:
    """Numbers written with a point or a comma; null for other texts."""
    plain = texts.str.strip_chars().str.replace(",", ".", literal=True)
    return plain.cast(pl.Float64, strict=False)


def numbers_of(survey: Survey, variable: str, texts: pl.Series) -> pl.Series:
    """The same for a variable: a date is the number of its day."""
    if variable not in survey.dates:
        return as_numbers(texts)
    form = survey.spec.variables[variable].format
    return texts.str.strip_chars().str.to_date(form, strict=False).cast(pl.Int32).cast(pl.Float64)


def raw_variables(survey: Survey) -> dict[str, Variable]:
    """The variables that a raw column is read into."""
    return {k: v for k, v in survey.spec.variables.items() if v.column}


def cleaned(texts: pl.Series) -> pl.Series:
    """Texts compared as the build compares them."""
    known = {t: clean(t) for t in texts.unique().to_list()}
    return texts.replace_strict(known, return_dtype=pl.String)
