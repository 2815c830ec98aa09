"""Figures of change: the same groups, or the same indicators, in two waves that compare."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.briefing.assembly import (
    assemble,
    dot_of,
    level_of_tests,
    lowered,
    measured,
    scale,
)
from analysis.briefing.book import Book
from analysis.briefing.pieces import Figure
from analysis.charts import End, Slope, SlopeChart
from analysis.errors import nearest, refuse
from analysis.language import say
from analysis.tables import groups_table
from analysis.wording import Estimate, changes, colon, headline, moved

Pair = tuple[str, Estimate, Estimate]


def slope_figure(
    book: Book, key: str, indicators: Sequence[str], *, domain: str = "",
    waves: Sequence[str] = (), title: str = "", measure: str = "",
) -> Figure:  # fmt: skip
    """One indicator by the groups of a domain, or several indicators of a whole population.

    waves : two that can be compared; by default the ends of the latest run of waves
    """
    if domain and len(indicators) != 1:
        raise refuse(f"slope {key}", f"{len(indicators)} indicators by {domain}", "one",
                     "draw one figure an indicator")  # fmt: skip
    when = _waves(book, indicators, waves)
    named = _pairs(book, indicators, domain, when)
    tested = sum(_testable(a, b) for _, a, b in named)
    sides = [moved(a, b, among=max(1, tested)) for _, a, b in named]
    subject = measure or book.label(indicators[0])
    chart = SlopeChart(key, subject + book.stamp(*when), when, tuple(
        _slope(book, pair, side) for pair, side in zip(named, sides, strict=True)
    ), *scale(book, *indicators))  # fmt: skip
    who = measured(book, subject, indicators, when[1], say(" et ", " and ").join(when))
    key_line = say("Trait épais", "Thick line") + colon()
    key_line += say(" évolution significative", " significant change")
    said = next((b for (_, _, b), side in zip(named, sides, strict=True) if side), named[0][2])
    return assemble(
        book, key, title or _title(subject, named, sides, domain, when),
        f"{who}. {key_line}", chart, said, list(indicators), when,
        _table(book, who + book.stamp(*when), named, domain, when), (_test(tested),),
    )  # fmt: skip


def _title(
    subject: str, named: Sequence[Pair], sides: Sequence[int], domain: str, when: tuple[str, str]
) -> str:
    names = [n if domain else lowered(n) for n, _, _ in named]
    units = say("groupes", "groups") if domain else say("indicateurs", "indicators")
    found = changes(list(zip(names, sides, strict=True)), units)
    neutral = say(
        f"{subject}, en {when[0]} et en {when[1]}", f"{subject}, in {when[0]} and in {when[1]}"
    )
    return headline(subject, found) if found else neutral


def _table(
    book: Book, caption: str, named: Sequence[Pair], domain: str, when: tuple[str, str]
) -> str:
    waves = [(when[0], [a for _, a, _ in named]), (when[1], [b for _, _, b in named])]
    first = say("Groupe", "Group") if domain else say("Indicateur", "Indicator")
    return groups_table(book.survey, caption, first, waves, labels=[n for n, _, _ in named] * 2)


def _test(tested: int) -> str:
    lead = say("Écarts", "Differences") + colon()
    if not tested:
        none = say(
            "aucune valeur n’est assez fiable pour que l’évolution soit testée.",
            "no value is reliable enough for its change to be tested.",
        )
        return f"{lead} {none}"
    every = say("chaque évolution est testée", "each change is tested")
    bars = f"{say('Barres', 'Bars')}{colon()} {say('intervalles.', 'intervals.')}"
    return f"{lead} {every} {level_of_tests(tested)}. {bars}"


def _testable(before: Estimate, after: Estimate) -> bool:
    return all(c.published and not c.fragile and c.se is not None for c in (before, after))


def _waves(book: Book, indicators: Sequence[str], waves: Sequence[str]) -> tuple[str, str]:
    """Two waves that every indicator has in one run; refuses others, naming the break."""
    runs = [r for r in book.runs(indicators[0]) if len(r) > 1]
    if not waves and not runs:
        raise refuse(f"slope of {indicators[0]}", "no two waves can be compared", "a run of two",
                     "quote one wave")  # fmt: skip
    if waves and (len(waves) != 2 or not waves[0] < waves[1]):
        raise refuse(f"slope of {indicators[0]}", f"waves {', '.join(waves)}",
                     "two, the earlier first", "name two waves")  # fmt: skip
    first, last = waves or (runs[-1][0].wave, runs[-1][-1].wave)
    for indicator in indicators:
        _comparable(book, indicator, first, last)
    return first, last


def _comparable(book: Book, indicator: str, first: str, last: str) -> None:
    known = book.survey.waves_of(indicator)
    for wave in (first, last):
        if wave not in known:
            raise refuse(f"{indicator}, {wave}", "it has not this wave", nearest(wave, known),
                         "name one of its waves")  # fmt: skip
    runs = book.survey.segments(indicator)
    if not any({first, last} <= set(run) for run in runs):
        several = [" to ".join((r[0], r[-1])) for r in runs if len(r) > 1]
        raise refuse(
            f"slope of {indicator}, {first} and {last}",
            f"waves that cannot be compared: {_why(book, indicator, first, last)}",
            f"two waves of one run: {', '.join(several) or 'there is none'}",
            "name two waves of one run, or draw the series with trend(), which cuts it",
        )


def _why(book: Book, indicator: str, first: str, last: str) -> str:
    """The break between two waves, or why one of them stands alone."""
    i, spec = book.survey.spec.indicators[indicator], book.survey.spec
    cuts = [b for b in book.survey.breaks(indicator) if first < b.wave <= last]
    alone = [b for b in i.not_comparable if b.wave in (first, last)]
    said = [f"{b.wave}, {b.label or b.reason}" for b in (*cuts, *alone)]
    groups = i.comparable or spec.comparable
    said += [g.reason for g in groups if {first, last} & set(book.survey.span(g.waves))]
    return "; ".join(dict.fromkeys(said))


def _pairs(book: Book, indicators: Sequence[str], domain: str, when: tuple[str, str]) -> list[Pair]:
    """Each group or indicator in both waves; a group that one wave has not is left out."""
    if not domain:
        return [(book.label(i), book.row(i, when[0]), book.row(i, when[1])) for i in indicators]
    first, last = ({c.domain_value: c for c in book.groups(indicators[0], domain, w)} for w in when)
    found = [(book.group(last[v]), first[v], last[v]) for v in last if v in first]
    if not found:
        raise refuse(f"slope of {indicators[0]}, {domain}",
                     f"no group in both {' and '.join(when)}", "one or more",
                     "name another domain")  # fmt: skip
    return found


def _slope(book: Book, pair: Pair, side: int) -> Slope:
    label, before, after = pair
    return Slope(label, _end(book, before), _end(book, after), side)


def _end(book: Book, cell: Estimate) -> End:
    dot = dot_of(book, "", cell)
    return End(dot.value, dot.low, dot.high, dot.shown, dot.fragile)
