"""The typed shape of a register of claims, one class a section; docs/claims.md explains it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from analysis.definition.shapes import Model, Texts, texted
from analysis.estimates import WHOLE

Quantity = Literal["level", "change", "relative_change", "difference", "ratio", "rank"]
Reported = Literal["probability", "quota", "voluntary", "unknown"]


class Source(Model):
    """A document that is cited.

    title : as a reader would look it up, with its author
    date : of publication
    url : where it is
    note : what must be known to use it
    """

    title: str
    date: str = ""
    url: str = ""
    note: str = ""


class Speaker(Model):
    """Who makes claims.

    name : of the person or body
    function : as given in the source
    """

    name: str
    function: str = ""


class Occasion(Model):
    """When and where the claims were made.

    name : of the meeting, the report, the avis
    date : its day, as 2024-12-12
    place : where it was
    source : the document quoted, one of sources
    """

    name: str
    date: str
    place: str = ""
    source: str


class Group(Model):
    """A population that claims are about, and what it is in surveys.

    label : as speakers say it
    surveys : survey -> the code of its population that comes closest; none where nothing does
    """

    label: str
    surveys: dict[str, str] = Field(default_factory=dict)


class Constant(Model):
    """A cited figure that is no claim.

    label : what it is
    value : the figure with its unit, as "51,2 millions" or "2013"
    unit : of the figure, where the value does not give it
    source : one of sources
    rounded : whether its rounding counts; a constant is exact otherwise
    """

    label: str
    value: str
    unit: str = ""
    source: str
    rounded: Literal["yes", "no"] = "no"


class Cell(Model):
    """Which cells of a table of estimates; what is left out is that of the check.

    wave, from : the wave, and the one a change starts from
    indicator, category, domain, group : the cell
    than : the group that a difference or a ratio is taken from
    why : why this cell is worth a look
    """

    wave: str = ""
    start: str = Field(default="", alias="from")
    indicator: str = ""
    category: str = ""
    domain: str = ""
    group: str = ""
    than: str = ""
    why: str = ""


class EstimateCheck(Model):
    """Compare with an estimate.

    survey, indicator, category : what is estimated
    wave : the latest when absent; a wave that the claim names, otherwise
    from : the wave that a change starts from
    domain, group : a part of the population; the whole when absent
    than : the group that a difference or a ratio is taken from
    quantity : level, change (in points), relative_change, difference, ratio, or rank (of the group
        among those of the domain)
    order : of a rank, whether the first is the highest or the lowest
    complement : yes where the claim is about those who are not in the numerator
    times : a formula the estimate is multiplied by, as adultes for persons
    figure : which figure of the claim, where it has several
    alternatives : other cells, tried in order
    note : what must be known to read the comparison
    """

    survey: str
    indicator: str
    category: str = ""
    wave: str = ""
    start: str = Field(default="", alias="from")
    domain: str = WHOLE
    group: str = WHOLE
    than: str = ""
    quantity: Quantity = "level"
    order: Literal["highest", "lowest"] = "highest"
    complement: Literal["yes", "no"] = "no"
    times: str = ""
    figure: str = ""
    alternatives: tuple[Cell, ...] = ()
    note: str = ""


class Variant(Model):
    """The same sum on other figures, or another one on the same.

    formula : in the language of arithmetic
    why : what it would mean
    unit : of the result, where it is not that of the claim
    """

    formula: str
    why: str
    unit: str = ""


class ArithmeticCheck(Model):
    """Compare with a sum over claims and constants, or ask whether a relation can hold.

    formula : compared with the figure of the claim; with a relation, as "A + B <= 100 %", asked
    meaning : what it means that the relation holds or fails, for the reader
    figure : which figure of the claim, where it has several
    unit : in which the result is shown; that of the claim when absent
    alternatives : the same sum on other figures, shown beside
    note : what must be known to read it
    """

    formula: str
    meaning: str = ""
    figure: str = ""
    unit: str = ""
    alternatives: tuple[Variant, ...] = ()
    note: str = ""


class PublishedCheck(Model):
    """Compare with a figure that another source gives.

    value : the figure, with its unit
    label : what it measures
    population : who it is about, in words
    same_population : no where that is not who the claim is about
    period : when
    source : one of sources
    n : respondents it rests on
    sampling : how they came into the sample
    figure : which figure of the claim, where it has several
    note : what must be known to read the comparison
    """

    value: str
    label: str
    population: str = ""
    same_population: Literal["yes", "no"] = "yes"
    period: str = ""
    source: str
    n: int | None = Field(default=None, ge=1)
    sampling: Reported = "unknown"
    figure: str = ""
    note: str = ""


class QuotedCheck(Model):
    """Nothing to check against, and why.

    text : the reason
    """

    text: str


Quoted = Annotated[QuotedCheck, BeforeValidator(texted, json_schema_input_type=str | QuotedCheck)]


class Check(Model):
    """One way to check a claim: exactly one of the keys.

    estimate : against a survey of the project
    arithmetic : against a sum over other claims and constants
    published : against a figure of another source
    quoted : against nothing, and why
    """

    estimate: EstimateCheck | None = None
    arithmetic: ArithmeticCheck | None = None
    published: PublishedCheck | None = None
    quoted: Quoted | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The keys that are there."""
        return tuple(k for k in type(self).model_fields if getattr(self, k) is not None)


class Claim(Model):
    """A sentence somebody published with a figure in it.

    quote : verbatim, 15 words at most
    speaker : one of speakers
    theme : one of themes
    place : where it stands in the source
    source : where it is from, when not from the source of the occasion
    says : the figure as said, "25 %", "plus de 60 %"; several by name
    unit : of the figure, where it does not give it
    population : one of populations; who the claim is about as worded
    period : when, as said; where it is a wave, that one is judged
    named_source : the source that the speaker names
    checks : in order of authority
    note : what a reader must know
    """

    quote: str
    speaker: str
    theme: str
    place: str = ""
    source: str = ""
    says: str | dict[str, str]
    unit: str = ""
    population: str = ""
    period: str = ""
    named_source: str = ""
    checks: tuple[Check, ...] = Field(min_length=1)
    note: str = ""

    @property
    def figures(self) -> dict[str, str]:
        """Name -> the figure as said; one without a name where there is one."""
        return {"": self.says} if isinstance(self.says, str) else self.says


class Contradiction(Model):
    """Claims that cannot all be true of the same thing.

    claims : which
    about : what they disagree on
    explanation : what is known about why
    """

    claims: Texts
    about: str
    explanation: str = ""


class RegisterFile(Model):
    """A register: the claims of one occasion.

    register : the name of its file
    title : of the register
    occasion : when and where
    themes : code -> label
    speakers : code -> who speaks
    sources : code -> a cited document
    populations : code -> who claims are about
    constants : code -> a cited figure
    claims : code -> a claim; codes are unique over all registers
    contradictions : declared between claims
    note : about the whole
    """

    name: str = Field(alias="register")
    title: str
    occasion: Occasion
    themes: dict[str, str]
    speakers: dict[str, Speaker]
    sources: dict[str, Source]
    populations: dict[str, Group] = Field(default_factory=dict)
    constants: dict[str, Constant] = Field(default_factory=dict)
    claims: dict[str, Claim]
    contradictions: tuple[Contradiction, ...] = ()
    note: str = ""
