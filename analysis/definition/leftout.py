"""What a wave does not have because its own file says so, and all that rests on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysis.definition.models import Population, SurveyFile, Variable, WaveFile
from analysis.expressions import ExpressionError, names, parse


@dataclass(frozen=True)
class LeftOut:
    """Names that the spans of survey.yml hold, and the wave does not."""

    variables: frozenset[str] = frozenset()
    indicators: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()


def left_out(
    spec: SurveyFile,
    wave: WaveFile,
    universes: Mapping[str, str | None],
    populations: Mapping[str, Population],
    read: Mapping[str, Iterable[str]],
) -> LeftOut:
    """The variables not asked, those that rest on them, and what reads either.

    universes : variable -> population asked in the wave
    populations : indicator -> whom it is about in the wave
    read : indicator -> the variables its measure reads
    """
    gone = set(wave.not_asked)
    needs = {k: made_of(v) | _universe(spec, universes.get(k)) for k, v in spec.variables.items()}
    grown = True
    while gone and grown:
        more = {k for k, n in needs.items() if n & gone} - gone
        gone |= more
        grown = bool(more)
    indicators = set(wave.without) | {
        k for k in spec.indicators if (set(read[k]) | _when(populations[k].when)) & gone
    }
    domains = {k for k, d in spec.domains.items() if set(d.crossed) & gone}
    return LeftOut(frozenset(gone), frozenset(indicators), frozenset(domains))


def made_of(v: Variable) -> set[str]:
    """The variables that a derived one reads."""
    texts = [c.when for c in v.categories.values()]
    texts += [i.value for i in v.items.values()]
    return set().union(*(_when(t) for t in texts)) if texts else set()


def _universe(spec: SurveyFile, population: str | None) -> set[str]:
    declared = spec.populations.get(population or "")
    return _when(declared.when) if declared else set()


def _when(text: str) -> set[str]:
    """The names an expression reads, or the one name it is; a faulty one is said elsewhere."""
    if not text:
        return set()
    if text.isidentifier():
        return {text}
    try:
        return set(names(parse(text)))
    except ExpressionError:
        return set()
