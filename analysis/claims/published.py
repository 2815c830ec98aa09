"""Checks against a figure of another source, and claims that nothing can be held against."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from analysis.claims.models import PublishedCheck
from analysis.claims.register import Register
from analysis.claims.results import Finding
from analysis.claims.rules import strength
from analysis.claims.stated import Stated, stated
from analysis.language import Words, say
from analysis.wording import colon, integer, typeset

_SAMPLINGS = {
    "quota": Words("échantillon par quotas", "quota sample"),
    "voluntary": Words("participation volontaire", "voluntary participation"),
    "unknown": Words("méthode de la source non connue", "method of the source not known"),
}
_FEW = 500


def published_finding(
    register: Register, check: PublishedCheck, said: Stated, named: str
) -> Finding:
    """Right where both figures can be one, rounding counted; close where they are to a tenth."""
    other = stated(check.value, named)
    source = register.spec.sources[check.source]
    doubts = tuple(_doubts(check, survey=other.unit.kind in ("share", "points")))
    asked = f"{integer(check.n)} {say('répondants', 'respondents')}" if check.n else ""
    details = (check.population, check.period, asked)
    value = register.say(check.value)
    who = ", ".join(typeset(d) for d in details if d)
    aside = f" ({who})" if who else ""
    return Finding(
        "published", _verdict(check, said, other),
        f"{typeset(check.label)}{colon()} {value}{aside}.",
        typeset(source.title) + (f", {source.date}" if source.date else ""),
        typeset(check.population), typeset(check.period), value, other.value,
        _finite(other.low), _finite(other.high), check.n, strength(doubts), (), doubts,
        typeset(check.note),
    )  # fmt: skip


def _finite(x: float) -> float | None:
    return x if isfinite(x) else None


def _verdict(check: PublishedCheck, said: Stated, other: Stated) -> str:
    if said.meets(other.low, other.high) and not _touch(said, other):
        same = check.same_population == "yes"
        return "published_right" if same else "published_other_population"
    near = said.near_low <= other.high and other.low <= said.near_high
    return "published_close" if near else "published_wrong"


def _touch(said: Stated, other: Stated) -> bool:
    """Whether the bands share no more than an end that one of them leaves out."""
    return (other.open_high and other.high == said.low) or (
        other.open_low and other.low == said.high
    )


def _doubts(check: PublishedCheck, *, survey: bool) -> Iterator[str]:
    if not survey and check.n is None:
        yield say(
            "chiffre repris de la source, sans recalcul",
            "the figure is taken from the source, not recomputed",
        )
        return
    if check.sampling in _SAMPLINGS:
        yield str(_SAMPLINGS[check.sampling])
    if check.n is None:
        yield say("nombre de répondants non donné", "number of respondents not given")
    elif check.n < _FEW:
        yield say(f"moins de {_FEW} répondants", f"fewer than {_FEW} respondents")


def quoted_finding(reason: str) -> Finding:
    """Nothing to check against, and why."""
    return Finding("quoted", "not_checkable", typeset(reason))
