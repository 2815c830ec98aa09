"""The typed shape of ``survey.yml``, one class a section; :mod:`.wavemodels` has ``waves/*.yml``.

Words are those of the standards of the field: *universe* (DDI), *population*, *base*,
kinds of missing, *break*. What a class cannot check alone is checked in
:mod:`analysis.definition.checks`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from analysis.definition.fiches import Fiches
from analysis.definition.publication import Confidentiality, Profile
from analysis.definition.rulemodels import Rule
from analysis.definition.shapes import MissingKind, Model, Texts, labelled, listed
from analysis.definition.tiles import Tile
from analysis.definition.wavemodels import DataFile as DataFile
from analysis.definition.wavemodels import Dialect as Dialect
from analysis.definition.wavemodels import FieldDates as FieldDates
from analysis.definition.wavemodels import Rows as Rows
from analysis.definition.wavemodels import WaveFile as WaveFile

Base = Literal["everyone", "asked", "answered"]
Kinds = Annotated[
    tuple[MissingKind, ...],
    BeforeValidator(listed, json_schema_input_type=MissingKind | tuple[MissingKind, ...]),
]
# Kinds of missing that a base leaves out.
LEFT_OUT: dict[Base, tuple[MissingKind, ...]] = {
    "everyone": ("not_asked",),
    "asked": ("not_asked", "not_applicable"),
    "answered": get_args(MissingKind),
}
Measure = Literal[
    "proportion",
    "distribution",
    "mean",
    "share_of_respondents",
    "share_of_mentions",
    "battery",
    "quantile",
    "ratio",
]
VariableType = Literal[
    "single", "ordinal", "multiple", "ranked", "numeric", "date", "derived", "index"
]
IndexRule = Literal["sum", "mean", "count", "share"]
Sampling = Literal["probability", "quota", "voluntary"]
LonelyPsu = Literal["fail", "adjust", "average", "certainty", "collapse"]
CalibrationMethod = Literal["raking", "linear", "logit", "truncated_linear", "poststratification"]


class Missing(Model):
    """Raw texts that are no answer, by kind.

    not_asked : the question was not put
    not_applicable : a filter passed it over, and so implies the answer
    dont_know : the respondent does not know
    refused : the respondent refuses to say
    nonresponse : no answer, for another reason
    """

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


Labelled = Annotated[Category, BeforeValidator(labelled, json_schema_input_type=str | Category)]


class Item(Model):
    """Something that can be ticked, cited, or counted in an index.

    label : what the reader sees
    column : its raw column, where a multiple answer has one an item
    raw : the texts that mean it; the label itself when absent (``chosen`` where it has a column)
    value : for an index, the expression that counts when true, or a numeric variable
    """

    label: str = ""
    column: str = ""
    raw: Texts = ()
    value: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The raw texts that are read as this item."""
        return self.raw or (self.label,)


Itemized = Annotated[Item, BeforeValidator(labelled, json_schema_input_type=str | Item)]


class Correction(Model):
    """Raw texts that mean another category in some waves, and why.

    waves : where they do
    reason : why we think so
    recode : raw text -> category or kind of missing
    """

    waves: str
    reason: str
    recode: dict[str, str]


class Fill(Model):
    """A value that the file holds where nothing was asked, and why we think so.

    waves : where it does
    value : the text, or several
    reason : why we think so
    """

    waves: str
    value: Texts
    reason: str


class Variable(Model):
    """One harmonised variable; a multiple or ranked one becomes several (:mod:`.expand`).

    label : what the reader sees
    column : its name in the raw files (a wave may rename it); none when derived
    type : what its values are
    question : the words of the questionnaire
    categories : code -> label, or label with raw or when
    items : what can be ticked (multiple), cited (ranked), or is counted (index)
    columns : for a ranked answer, the raw columns of rank 1, 2, …
    separator : the sign between items, where a multiple or ranked answer is one column
    ranks : how many may be cited, where a ranked answer is one column
    chosen : the texts of an item's own column that mean it was ticked
    not_chosen : those that mean it was not; an empty cell when absent
    none : what it means that nothing was ticked or cited: a kind of missing, or answer
    format : of a date, as "%d/%m/%Y"
    rule : of an index: sum, mean, count of true items, or share of them
    at_least : answered items an index needs; all of them when absent
    unit : of a number
    waves : those that asked it
    universe : population asked; a mapping of waves to populations where it changed
    skipped : why people of the universe may have no value (a filter), else they may not
    missing : raw texts of this variable that are no answer
    range : lowest and highest plausible number
    corrections : labels that mean something else in some waves
    filled : what stands where nothing was asked
    note : printed where the variable is described
    """

    label: str
    column: str = ""
    type: VariableType = "single"
    question: str = ""
    categories: dict[str, Labelled] = Field(default_factory=dict)
    items: dict[str, Itemized] = Field(default_factory=dict)
    columns: Texts = ()
    separator: str = ""
    ranks: int | None = Field(default=None, ge=1)
    chosen: Texts = ()
    not_chosen: Texts = ()
    none: MissingKind | Literal["answer", ""] = ""
    format: str = ""
    rule: IndexRule | Literal[""] = ""
    at_least: int | None = Field(default=None, ge=1)
    unit: str = ""
    range: tuple[float, float] | None = None
    waves: str = "all"
    universe: str | dict[str, str] = "all"
    skipped: str = ""
    missing: Missing = Missing()
    corrections: tuple[Correction, ...] = ()
    filled: tuple[Fill, ...] = ()
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _values(cls, data: Any) -> Any:
        """In an index, a text alone is what an item counts."""
        items = data.get("items") if isinstance(data, dict) else None
        if not isinstance(items, dict) or data.get("type") != "index":
            return data
        return data | {
            "items": {k: {"value": v} if isinstance(v, str) else v for k, v in items.items()}
        }

    @property
    def numeric(self) -> bool:
        """Whether values are numbers or dates, kept beside their kind of missing."""
        return self.type in ("numeric", "date", "index")

    @property
    def made(self) -> bool:
        """Whether it is made from other variables rather than read."""
        return self.type in ("derived", "index")

    @property
    def several(self) -> bool:
        """Whether it stands for several variables."""
        return self.type in ("multiple", "ranked")


class Population(Model):
    """Who a figure is about.

    label : "personnes de 18 ans ou plus"
    when : expression over the variables; empty for everybody in the sample
    short : "adultes", for titles and cards; the label when empty
    """

    label: str
    short: str = ""
    when: str = ""


Share = Annotated[float, Field(gt=0, lt=1)]
Shares = Annotated[
    tuple[Share, ...],
    BeforeValidator(listed, json_schema_input_type=Share | tuple[Share, ...]),
]


class Break(Model):
    """The first wave that cannot be compared with the one before, and why.

    wave : the first wave after the break, or the one that stands alone
    reason : what changed
    label : a short name, for charts
    """

    wave: str
    reason: str
    label: str = ""


class Comparable(Model):
    """Waves that can be compared among themselves and with no others, and why.

    waves : the group, as "2010, 2014, 2018"
    reason : what sets it apart
    label : a short name
    """

    waves: str
    reason: str
    label: str = ""


class Indicator(Model):
    """One published measure.

    label : what it measures
    theme : one of themes
    phrase : the verb phrase of a sentence, "possèdent un smartphone"
    measure : what is estimated
    numerator : for a proportion, the expression counted; for a ratio, a numeric variable
    denominator : for a ratio, a numeric variable
    variable : for a distribution (every category), a mean or a quantile; for the shares of a
        multiple answer or a battery, a multiple or ranked variable
    items : of a battery that is no multiple variable, its expressions
    at_least : answered items that a respondent needs to count in a battery
    shares : of a quantile, "0.5" the median; one row each where there are several
    unit : of a ratio; "%" prints it in per cent
    population : who it is about; a mapping of waves to populations where it changed
    base : ``everyone`` in the population (those a filter skipped count as no),
        ``asked`` (don't know counts as no), ``answered`` (valid answers only)
    show : of a distribution, the kinds of missing that are shown beside the categories
    waves : those it is published for
    domains : those it is published by, where not by all of them; [] for the whole only
    breaks : besides those of the survey
    not_comparable : single waves whose figure stands alone
    comparable : groups of waves, in place of those of the survey
    note : printed under the figure
    """

    label: str
    theme: str
    phrase: str = ""
    measure: Measure = "proportion"
    numerator: str = ""
    denominator: str = ""
    variable: str = ""
    items: Texts = ()
    at_least: int | None = Field(default=None, ge=1)
    shares: Shares = ()
    unit: str = ""
    population: str | dict[str, str]
    base: Base = "asked"
    show: Kinds = ()
    waves: str = "all"
    domains: tuple[str, ...] | None = None
    breaks: tuple[Break, ...] = ()
    not_comparable: tuple[Break, ...] = ()
    comparable: tuple[Comparable, ...] = ()
    note: str = ""

    @property
    def quantiles(self) -> tuple[float, ...]:
        """The shares of a quantile, in order."""
        return tuple(sorted(self.shares))


class Domain(Model):
    """A variable whose categories split every indicator, or several that are crossed.

    label : what the reader sees
    variable : one with categories
    variables : or several, whose categories are crossed; codes are joined with ``.``
    proper : of these, the variables whose labels keep their capital (names of places)
    waves : those in which it can be formed
    tiles : level -> its place and short name in a map of squares
    """

    label: str
    variable: str = ""
    variables: Texts = ()
    proper: Texts = ()
    waves: str = "all"
    tiles: dict[str, Tile] = Field(default_factory=dict)

    @property
    def crossed(self) -> tuple[str, ...]:
        """The variables, one or several."""
        return self.variables or (self.variable,)


class Design(Model):
    """How people came into the sample.

    sampling : probability, quota or voluntary
    strata : raw column of the stratum
    clusters : raw column of the primary sampling unit
    fpc : raw column of the population count of the stratum
    frame : name of ``margins/<name>.csv`` whose cells are the strata and whose populations are
        their counts, in place of strata and fpc; a population of 0 is outside the frame
    lonely_psu : what is done with a stratum of one PSU; "fail" refuses it
    text : the sentence printed under quota and voluntary figures
    """

    sampling: Sampling
    strata: str = ""
    clusters: str = ""
    fpc: str = ""
    frame: str = ""
    lonely_psu: LonelyPsu = "fail"
    text: str = ""


class Weighting(Model):
    """A calibration of the weights on population margins.

    label : what it is, in words
    role : "published" takes the place of ``weight`` in every estimate; "alternative" is
        computed beside it, for the indicators of ``key``
    start : "equal", "weight" (that of the survey), or a numeric variable that holds base weights
    total : "respondents" scales every margin to the sum of the starting weights; "population"
        takes its counts as they are
    margins : names of ``margins/<name>.csv``
    method : of calibration, or poststratification
    bounds : least and greatest ratio of final to starting weight
    soft : margin -> cost of missing it
    waves : those that have it; where not all, ``reason`` says why
    reason : why the other waves have not
    key : indicators that are compared with the published ones
    note : printed on its page
    """

    label: str
    role: Literal["alternative", "published"] = "alternative"
    start: str = "equal"
    method: CalibrationMethod = "raking"
    bounds: tuple[float, float] | None = None
    total: Literal["respondents", "population"] = "respondents"
    margins: Texts
    soft: dict[str, float] = Field(default_factory=dict)
    waves: str = "all"
    reason: str = ""
    key: Texts = ()
    note: str = ""


class Data(Model):
    """Where the microdata are: below ``BARO_DATA``, and at their publisher.

    folder : below the data folder
    dataset : the publisher's name of the data set
    slug : its name in addresses
    publisher : the catalogue that holds it
    files : name of a raw file -> what it is
    """

    folder: str
    dataset: str
    slug: str
    publisher: str
    files: dict[str, DataFile]


class Licence(Model):
    """Under which terms the microdata may be used, and who must be named.

    name : of the licence
    url : its text
    attribution : who must be named
    """

    name: str
    url: str
    attribution: str


class SurveyFile(Model):
    """``survey.yml``.

    survey : the name of its folder
    title : of the survey
    short : the same, for headings
    territory : where the people live
    units : what answers, as a plural noun: personnes, collectivités
    source : printed under every figure
    licence : terms of the microdata
    data : where the raw files are
    id : raw column of the respondent's identifier
    weight : raw column of the weights, or equal where everybody weighs 1
    design : how people came into the sample
    missing : raw texts that are no answer, whatever the variable
    themes : code -> label
    populations : code -> who a figure is about; one of them is all
    variables : code -> what a raw column means
    indicators : code -> what is published
    domains : code -> what every indicator is split by
    breaks : waves that cannot be compared with those before
    comparable : groups of waves that can be compared among themselves and with no others
    rules : code -> what must hold in the answers
    weighting : code -> a calibration of the weights
    reliability : which figures are published: a profile, none for all of them, or own thresholds
    confidentiality : what nobody may work out of the figures; without it only reliability counts
    fiches : which groups have a page of their own
    note : printed with the method
    next_wave : when the next wave is to be published, in words, where that is announced
    """

    survey: str
    title: str
    short: str
    territory: str
    units: str = "personnes"
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
    comparable: tuple[Comparable, ...] = ()
    rules: dict[str, Rule] = Field(default_factory=dict)
    weighting: dict[str, Weighting] = Field(default_factory=dict)
    reliability: Profile = "nchs_2017"
    confidentiality: Confidentiality | None = None
    fiches: Fiches | None = None
    note: str = ""
    next_wave: str = ""

    @property
    def weight_column(self) -> str:
        """The raw column of the weights; "" where everybody weighs 1."""
        return "" if self.weight == "equal" else self.weight


class Expanded(SurveyFile):
    """``survey.yml`` with each multiple or ranked variable as the variables it stands for.

    multiples : the declarations of those, by name
    """

    multiples: dict[str, Variable] = Field(default_factory=dict)
