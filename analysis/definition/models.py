"""The typed shape of ``survey.yml`` and ``waves/*.yml``, one class a section.

Words are those of the standards of the field: *universe* (DDI), *population*, *base*,
kinds of missing, *break*. What a class cannot check alone is checked in
:mod:`analysis.definition.checks`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MissingKind = Literal["not_asked", "not_applicable", "dont_know", "refused", "nonresponse"]
Base = Literal["everyone", "asked", "answered"]
Measure = Literal["proportion", "distribution", "mean"]
Sampling = Literal["probability", "quota", "voluntary"]


class Model(BaseModel):
    """Frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _labelled(value: object) -> object:
    return {"label": value} if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Missing(Model):
    """Raw texts that are no answer, by kind."""

    not_asked: Texts = ()
    not_applicable: Texts = ()
    dont_know: Texts = ()
    refused: Texts = ()
    nonresponse: Texts = ()


class Category(Model):
    """One stable category.

    label : what the reader sees
    raw : the texts that mean it in the files; the label itself when absent
    when : for a derived variable, the expression that makes it true
    """

    label: str
    raw: Texts = ()
    when: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The raw texts that are read as this category."""
        return self.raw or (self.label,)


class Correction(Model):
    """Raw texts that mean another category in some waves, and why."""

    waves: str
    reason: str
    recode: dict[str, str]


class Fill(Model):
    """A value that the file holds where nothing was asked, and why we think so."""

    waves: str
    value: Texts
    reason: str


class Variable(Model):
    """One harmonised variable.

    column : its name in the raw files (a wave may rename it); none when derived
    universe : population asked; a mapping of waves to populations where it changed
    skipped : why people of the universe may have no value (a filter), else they may not
    range : lowest and highest plausible number
    """

    label: str
    column: str = ""
    type: Literal["single", "ordinal", "numeric", "derived"] = "single"
    question: str = ""
    categories: dict[str, Annotated[Category, BeforeValidator(_labelled)]] = Field(
        default_factory=dict
    )
    unit: str = ""
    range: tuple[float, float] | None = None
    waves: str = "all"
    universe: str | dict[str, str] = "all"
    skipped: str = ""
    missing: Missing = Missing()
    corrections: tuple[Correction, ...] = ()
    filled: tuple[Fill, ...] = ()
    note: str = ""

    @property
    def numeric(self) -> bool:
        """Whether values are numbers rather than categories."""
        return self.type == "numeric"


class Population(Model):
    """Who a figure is about.

    label : "personnes de 18 ans ou plus"
    when : expression over the variables; empty for everybody in the sample
    short : "adultes", for titles and cards; the label when empty
    """

    label: str
    short: str = ""
    when: str = ""


class Break(Model):
    """The first wave that cannot be compared with the one before, and why."""

    wave: str
    reason: str
    label: str = ""


class Indicator(Model):
    """One published measure.

    phrase : the verb phrase of a sentence, "possèdent un smartphone"
    numerator : for a proportion, the expression counted
    variable : for a distribution (every category) or a mean
    base : ``everyone`` in the population (those a filter skipped count as no),
        ``asked`` (don't know counts as no), ``answered`` (valid answers only)
    breaks : besides those of the survey
    not_comparable : single waves whose figure stands alone
    """

    label: str
    theme: str
    phrase: str = ""
    measure: Measure = "proportion"
    numerator: str = ""
    variable: str = ""
    population: str | dict[str, str]
    base: Base = "asked"
    waves: str = "all"
    breaks: tuple[Break, ...] = ()
    not_comparable: tuple[Break, ...] = ()
    note: str = ""


class Domain(Model):
    """A variable whose categories split every indicator."""

    label: str
    variable: str
    waves: str = "all"


class Design(Model):
    """How people came into the sample.

    Columns are raw names. ``text`` is the sentence printed under quota and voluntary figures.
    """

    sampling: Sampling
    strata: str = ""
    clusters: str = ""
    fpc: str = ""
    text: str = ""


class DataFile(Model):
    """A raw file that waves read, as its publisher names it."""

    title: str
    sha256: str = ""
    resource: str = ""


class Data(Model):
    """Where the microdata are: below ``BARO_DATA``, and at their publisher.

    folder : below the data folder
    dataset : the publisher's name of the data set; slug : its name in addresses
    """

    folder: str
    dataset: str
    slug: str
    publisher: str
    files: dict[str, DataFile]


class Licence(Model):
    """Under which terms the microdata may be used, and who must be named."""

    name: str
    url: str
    attribution: str


class SurveyFile(Model):
    """``survey.yml``."""

    survey: str
    title: str
    short: str
    territory: str
    source: str
    licence: Licence
    data: Data
    id: str
    weight: str
    design: Design
    missing: Missing
    themes: dict[str, str]
    populations: dict[str, Population]
    variables: dict[str, Variable]
    indicators: dict[str, Indicator]
    domains: dict[str, Domain]
    breaks: tuple[Break, ...] = ()
    reliability: Literal["nchs_2017", "none"] = "nchs_2017"
    note: str = ""


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
    """How a text file is written; ``auto`` is detected and reported."""

    encoding: Annotated[str, BeforeValidator(_encoding)] = "auto"
    separator: Annotated[str, BeforeValidator(_separator)] = "auto"
    decimal: Literal["auto", ".", ","] = "auto"


class Rows(Model):
    """The rows of the file that belong to the wave."""

    column: str
    value: str


class WaveFile(Model):
    """``waves/<wave>.yml``.

    rename : column of survey.yml -> its name in this file
    recode : variable -> raw text of this file -> category or kind of missing
    filled : variable -> the text that stands where nothing was asked
    """

    wave: str
    file: str
    rows: Rows | None = None
    dialect: Dialect = Dialect()
    mode: str
    field: str
    size: int | None = None
    rename: dict[str, str] = Field(default_factory=dict)
    recode: dict[str, dict[str, str]] = Field(default_factory=dict)
    filled: dict[str, Texts] = Field(default_factory=dict)
    note: str = ""
