"""The typed shape of ``waves/*.yml``: what is particular to one wave."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from analysis.definition.shapes import Model, Texts, texted
from analysis.definition.wavekeys import Drop, Names
from analysis.language import say


class DataFile(Model):
    """A raw file that waves read, as its publisher names it.

    title : what it is called
    sha256 : of the edition that the definition was tested with
    resource : its name in the catalogue
    """

    title: str
    sha256: str = ""
    resource: str = ""


def _separator(value: object) -> object:
    if value == "auto" or (isinstance(value, str) and re.fullmatch(r"[!-/:-@^`|~\t ]", value)):
        return value
    raise ValueError('one sign (";", ",", "|" or "\\t" as a rule), or auto')


def _encoding(value: object) -> object:
    try:
        if value != "auto":
            "e".encode(str(value)).decode(str(value))
    except (LookupError, ValueError) as e:
        raise ValueError("a text encoding (utf-8, windows-1252 as a rule), or auto") from e
    return value


class Dialect(Model):
    """How a text file is written; ``auto`` is detected and reported.

    encoding : utf-8, windows-1252, …, or auto
    separator : the sign between columns, or auto
    decimal : the sign before decimals, or auto
    """

    encoding: Annotated[str, BeforeValidator(_encoding)] = "auto"
    separator: Annotated[str, BeforeValidator(_separator)] = "auto"
    decimal: Literal["auto", ".", ","] = "auto"


class Rows(Model):
    """The rows of the file that belong to the wave.

    column : the column that names the wave
    value : its text for this wave
    others : texts of waves that are read from another file, or from none
    """

    column: str
    value: str
    others: Texts = ()


class Made(Model):
    """Rows made from declared answers, where a wave has no microdata; nobody gave them.

    kind : reconstructed, from published counts; or scenario, from figures of several origins
    answers : name of ``answers/<name>.csv``
    note : printed with the method, as long as the file is not there
    """

    kind: Literal["reconstructed", "scenario"]
    answers: str
    note: str = ""


_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def _iso(value: object) -> object:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as e:
        raise ValueError("a day, as 2022-06-15") from e


Day = Annotated[str, BeforeValidator(_iso)]


class FieldDates(Model):
    """When people were interviewed; a text alone is ``text``.

    from, to : first and last day, as 2022-06-15
    text : the same in words, made from the days when absent
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    text: str = ""

    @model_validator(mode="after")
    def _said(self) -> FieldDates:
        if self.from_ and self.to and self.from_ > self.to:
            raise ValueError("from: is after to:")
        if not self.text and not (self.from_ and self.to):
            raise ValueError("a text, or from: and to:")
        return self

    def __str__(self) -> str:
        if self.text or not (self.from_ and self.to):
            return self.text
        first, last = date.fromisoformat(self.from_), date.fromisoformat(self.to)
        start = day_words(first)
        if first.year == last.year:
            start = start.removesuffix(f" {first.year}")
        if (first.year, first.month) == (last.year, last.month):
            start = start.split(" ")[0]
        if first == last:
            return say(f"le {day_words(first)}", day_words(first))
        return say(f"du {start} au {day_words(last)}", f"{start} to {day_words(last)}")


def day_words(day: date) -> str:
    """A day in the language being written: "1er novembre 2026", "1 November 2026"."""
    number = "1er" if day.day == 1 else str(day.day)
    return say(
        f"{number} {_MONTHS[day.month - 1]} {day.year}",
        f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}",
    )


class WaveFile(Model):
    """``waves/<wave>.yml``.

    wave : its id, which is the file's name
    file : the raw file
    rows : the rows of it, where several waves share it
    dialect : how the file is written
    mode : how people were asked
    size : number of rows expected
    note : printed with the method
    field : when people were interviewed
    rename : column of survey.yml -> its name in this file
    recode : variable -> raw text of this file -> category or kind of missing; under ``all``, the
        texts of every variable that has the category
    filled : variable -> the text that stands where nothing was asked
    follows : an earlier wave: whatever survey.yml says of it holds for this one too
    not_asked : variables that this wave did not ask, whatever the spans and the file say
    without : indicators that this wave does not have
    asked : variables whose spans have ended and that this wave asked again
    universe : variable -> population asked in this wave
    outside : variables whose answers outside their universe are not read
    drop : rows of the file that are no respondents
    breaks : indicator (or all) -> why this wave is not compared with those before
    no_break : indicators whose jump was looked at and taken for a real change
    ignored : new columns of the file that no variable reads
    edition : the file as it was delivered
    made : how rows are made where the file is not there
    """

    wave: str
    file: str
    rows: Rows | None = None
    dialect: Dialect = Dialect()
    mode: str
    field: Annotated[FieldDates, BeforeValidator(texted, json_schema_input_type=str | FieldDates)]
    size: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    rename: dict[str, str] = Field(default_factory=dict)
    recode: dict[str, dict[str, str]] = Field(default_factory=dict)
    filled: dict[str, Texts] = Field(default_factory=dict)
    follows: str = ""
    not_asked: Names = ()
    without: Names = ()
    asked: Names = ()
    universe: dict[str, str] = Field(default_factory=dict)
    outside: Names = ()
    drop: tuple[Drop, ...] = ()
    breaks: dict[str, str] = Field(default_factory=dict)
    no_break: Names = ()
    ignored: Texts = ()
    edition: DataFile | None = None
    made: Made | None = None
    note: str = ""

    @property
    def dropped(self) -> frozenset[int]:
        """The rows of the file left out, by number."""
        return frozenset(row for d in self.drop for row in d.numbers)
