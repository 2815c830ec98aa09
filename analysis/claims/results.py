"""What judging gives: plain data, ready for JSON, CSV and pages."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# The verdicts, in the order in which readers are shown them.
VERDICTS = (
    "confirmed", "confirmed_other_population", "compatible", "outdated", "contradicted",
    "arithmetic_right", "arithmetic_wrong", "published_right", "published_other_population",
    "published_close", "published_wrong", "not_checkable", "no_verdict",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """One figure that was tried: what it is, what it makes of the words; ``shown`` in its unit."""

    what: str
    outcome: str
    why: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    kind : estimate, arithmetic, published or quoted
    verdict : one of ``VERDICTS`` ; sentence : the figure found, to paste ; source : of it
    population, period : who and when it is about
    shown : the figure in its unit
    value, low, high : in base units (fractions, persons, euros), None where there is none
    n : respondents ; looks : every figure tried ; doubts : why the evidence is not stronger
    """

    kind: str
    verdict: str
    sentence: str
    source: str = ""
    population: str = ""
    period: str = ""
    shown: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    strength: str = "aucune"
    looks: tuple[Look, ...] = ()
    doubts: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with its verdict.

    source : the document it is from, and its code (document)
    said : the figure as said ; band : what it commits to, in words
    verdict, label, strength : those of the finding that decides, which comes first in findings
    against : claims and constants it contradicts
    """

    id: str
    register: str
    quote: str
    speaker: str
    function: str
    theme: str
    place: str
    occasion: str
    date: str
    source: str
    document: str
    said: str
    band: str
    population: str
    period: str
    named_source: str
    verdict: str
    label: str
    strength: str
    findings: tuple[Finding, ...]
    against: tuple[str, ...] = ()
    note: str = ""

    @property
    def main(self) -> Finding:
        """The finding that decides."""
        return self.findings[0]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A declared contradiction: figures that exclude each other, and who said them."""

    claims: tuple[str, ...]
    said: tuple[str, ...]
    about: str
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Every claim of some registers, judged.

    sources : code -> cited document, as title, date, url, note
    themes : label of each theme, in order
    """

    claims: tuple[Judged, ...]
    conflicts: tuple[Conflict, ...]
    sources: tuple[dict[str, str], ...] = ()
    demonstration: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def from_dict(data: dict[str, Any]) -> Judgement:
    """The judgement that :meth:`Judgement.as_dict` gave."""
    return Judgement(
        tuple(_judged(c) for c in data["claims"]),
        tuple(Conflict(tuple(c["claims"]), tuple(c["said"]), c["about"], c["explanation"])
              for c in data["conflicts"]),
        tuple(data["sources"]),
        bool(data["demonstration"]),
    )  # fmt: skip


def _judged(data: dict[str, Any]) -> Judged:
    findings = tuple(
        Finding(**{**f, "looks": tuple(Look(**x) for x in f["looks"]),
                   "doubts": tuple(f["doubts"])})
        for f in data["findings"]
    )  # fmt: skip
    return Judged(**{**data, "findings": findings, "against": tuple(data["against"])})
