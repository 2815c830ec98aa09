"""Sentences that say what the table bears out, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.briefing.book import Book
from analysis.errors import refuse
from analysis.language import say
from analysis.wording import (
    NBSP,
    Estimate,
    Gap,
    clearly_wider,
    colon,
    differ,
    gap,
    integer,
    listed,
    made,
    number,
    one_in,
    percent,
    points,
    shown,
    stands_out,
)


def capital(sentence: str) -> str:
    """``sentence`` with its first letter as a capital."""
    return sentence[:1].upper() + sentence[1:]


def change(book: Book, indicator: str, run: int = -1) -> str:
    """What happened over a run of comparable waves, as a predicate.

    "passe de 18 % en 2020 à 25 % en 2022", or "n’évolue pas significativement …". ``run`` is
    the place of the run among those of at least two waves; the latest by default. Raises
    :class:`BaroError` where no two waves can be compared.
    """
    return evolution(book, *_ends(book, indicator, run))


def _ends(book: Book, indicator: str, run: int) -> tuple[Estimate, Estimate]:
    runs = [r for r in book.runs(indicator) if len(r) > 1]
    if not runs or not -len(runs) <= run < len(runs):
        raise refuse(f"{indicator}: change", f"no run {run} of two comparable waves",
                     f"{len(runs)} such runs", "quote one wave")  # fmt: skip
    return runs[run][0], runs[run][-1]


def evolution(book: Book, first: Estimate, last: Estimate, *, verb: bool = True) -> str:
    """What happened between two comparable cells; without a verb it stands after a colon."""
    start, end = shown(book.survey, first), shown(book.survey, last)
    if differ(first, last):
        return say(
            f"{'passe ' if verb else ''}de {start} en {first.wave} à {end} en {last.wave}",
            f"{'went ' if verb else ''}from {start} in {first.wave} to {end} in {last.wave}",
        )
    said = say(
        "n’évolue pas significativement" if verb else "pas d’évolution significative",
        "did not change significantly" if verb else "no significant change",
    )
    return f"{said} {_between(first, last, start, end)}"


def moved(book: Book, indicator: str, run: int = -1) -> str:
    """The same without a verb, after a colon: "de 18 % en 2020 à 25 % en 2022"."""
    first, last = _ends(book, indicator, run)
    return evolution(book, first, last, verb=False)


def _between(first: Estimate, last: Estimate, start: str, end: str) -> str:
    values = start if start == end else say(f"{start}, puis {end}", f"{start}, then {end}")
    return say(
        f"entre {first.wave} et {last.wave} ({values})",
        f"between {first.wave} and {last.wave} ({values})",
    )


def extremes(book: Book, indicator: str, domain: str, wave: str = "") -> str:
    """The extreme groups, "de 16 % (25-39 ans) à 36 % (70 ans et plus)", and if they differ."""
    found = gap(book.groups(indicator, domain, wave))
    when = book.dated(found.lowest, wave)
    low, high = shown(book.survey, found.lowest), shown(book.survey, found.highest)
    if not book.survey.percent(indicator):
        low = low.split(NBSP)[0]
    low, high = f"{low} ({book.group(found.lowest)})", f"{high} ({book.group(found.highest)})"
    said = say(f"de {low} à {high}", f"from {low} to {high}") + _dated(when)
    if found.significant:
        return said
    return f"{said}, {say('différence non significative', 'a difference that is not significant')}"


def _dated(when: str) -> str:
    """What follows a value whose wave has to be named: "en 2020"."""
    return say(f" en {when}", f" in {when}") if when else ""


def width(book: Book, indicator: str, domain: str, wave: str = "") -> str:
    """The widest difference between groups: "20 points", or "10,2" for a mean."""
    found = gap(book.groups(indicator, domain, wave))
    when = book.dated(found.lowest, wave)
    wide = points(found.width) if book.survey.percent(indicator) else number(found.width, 1)
    return wide + _dated(when)


def dividing(book: Book, indicator: str, domains: Mapping[str, str], wave: str = "") -> str:
    """Which criteria divide most: a headline.

    ``domains`` gives each domain with its article ("l’âge"). Criteria are split in two where
    each of the first is significantly wider than each of the others; neutral otherwise.
    """
    gaps = sorted((gap(book.groups(indicator, d, wave)) for d in domains), key=lambda g: -g.width)
    cut = next((k for k in range(len(gaps) - 1, 0, -1) if _split(gaps, k)), 0)
    if len(gaps) == 1:
        by = domains[gaps[0].domain]
        return say(f"Les écarts selon {by}", f"The gaps by {by}")
    if not cut:
        every = listed([domains[d] for d in domains])
        return say(
            f"Entre {every}, aucun critère ne se détache",
            f"Among {every}, no criterion stands out",
        )
    first = listed([domains[g.domain] for g in gaps[:cut]])
    others = listed([domains[g.domain] for g in gaps[cut:]])
    several = cut > 1
    return capital(
        say(
            f"{first} {'séparent' if several else 'sépare'} plus que {others}",
            f"{first} {'divide' if several else 'divides'} people more than {others}",
        )
    )


def _split(gaps: list[Gap], cut: int) -> bool:
    return all(clearly_wider(a, b) and a.significant for a in gaps[:cut] for b in gaps[cut:])


def base(book: Book, cell: Estimate) -> str:
    """Answers, and the units that they speak for where weights add up to a population."""
    said = integer(cell.n) + say(
        f" réponse{'s' if cell.n > 1 else ''}", f" answer{'' if cell.n == 1 else 's'}"
    )
    if book.survey.rounding:
        said = say(f"environ {said}", f"about {said}")
    if not counts_units(book, cell.wave) or cell.n_weighted is None:
        return said
    of = f"{integer(round(cell.n_weighted or 0))} {book.survey.spec.units}"
    return say(f"{said} pour {of}", f"{said} for {of}")


def counts_units(book: Book, wave: str) -> bool:
    """Whether the weights of a wave add up to its population."""
    name = book.survey.published_weighting(wave)
    return bool(name) and book.survey.spec.weighting[name].total == "population"


def reliable(book: Book, indicator: str, domain: str, wave: str = "") -> str:
    """The groups whose figure is published without reserve, each with its value."""
    cells = [c for c in book.groups(indicator, domain, wave) if c.published and not c.fragile]
    named = listed([f"{shown(book.survey, c)} ({book.group(c)})" for c in cells])
    return named or say("aucun groupe", "no group")


NEAR = 0.5  # of a population that answered, from which it is said to be nearly a census


def simple(book: Book, cell: Estimate, nouns: tuple[str, str], said: tuple[str, str]) -> str:
    """A share for readers whom per cents keep out: "Environ 1 adulte sur 3 est loin de …"."""
    some, every = one_in(cell)
    one = some == 1
    stamped = "" if cell.observed else f"{NBSP}({', '.join(o.short for o in made([cell.origin]))})"
    noun, words = (nouns[0], said[0]) if one else (nouns[1], said[1])
    return say(
        f"Environ {some}{NBSP}{noun} sur{NBSP}{every} {words}{stamped}.",
        f"About {some}{NBSP}in{NBSP}{every} {nouns[1]} {words}{stamped}.",
    )


def near_census(book: Book, indicator: str, domain: str, wave: str = "") -> str:
    """The groups of which half or more answered: "18 des 21 métropoles et 10 des 18 régions".

    Only where weights add up to a population, of an indicator that is about all of it (how many
    units are in a part is itself estimated); raises :class:`BaroError` elsewhere, and where no
    group comes near.
    """
    cells = book.groups(indicator, domain, wave)
    if cells and book.survey.population(indicator, cells[0].wave).when:
        raise refuse(f"{indicator}, {domain}: near_census", "it is about a part of the population",
                     "an indicator that is about all of it", "name another")  # fmt: skip
    if not cells or not counts_units(book, cells[0].wave):
        raise refuse(f"{indicator}, {domain}: near_census", "weights that add up to no population",
                     "a published weighting with total: population", "leave it out")  # fmt: skip
    near = [c for c in cells if c.n_weighted and c.n >= NEAR * c.n_weighted]
    if not near:
        raise refuse(f"{indicator}, {domain}: near_census", "no group is nearly a census",
                     f"{percent(NEAR)} of a group", "leave it out")  # fmt: skip
    sizes = ((c, integer(c.n), integer(round(c.n_weighted or 0))) for c in near)
    named = [(n, of, lowered(book.group(c))) for c, n, of in sizes]
    return listed([say(f"{n} des {of} {who}", f"{n} of the {of} {who}") for n, of, who in named])


def lowered(label: str) -> str:
    """``label`` within a sentence; an abbreviation keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def not_compared(book: Book, indicator: str) -> list[str]:
    """Why waves are not compared: each group of waves, and each break, with its reason."""
    survey, spec = book.survey, book.survey.spec
    groups = spec.indicators[indicator].comparable or spec.comparable
    said = [f"{listed(list(survey.span(g.waves)))}{colon()} {g.reason}" for g in groups]
    said += [
        f"{say(f'à partir de {b.wave}', f'from {b.wave} on')}{colon()} {b.reason}"
        for b in survey.breaks(indicator)
    ]
    if not said:
        raise refuse(f"{indicator}: not_compared", "its waves can be compared", "a break or groups",
                     "leave it out")  # fmt: skip
    return [capital(s) for s in said]


def highest(book: Book, indicator: str, domain: str, wave: str = "") -> str:
    """The group with the highest value when it is significantly above the lowest, else ""."""
    found = gap(book.groups(indicator, domain, wave))
    return book.group(found.highest) if found.significant else ""


# Means over the weights of their base: the whole is the weighted mean of its groups.
_WEIGHTED = ("proportion", "mean", "battery")


def sides(book: Book, cells: Sequence[Estimate], whole: Estimate) -> dict[str, int]:
    """Group -> 1 above the rest of the population, -1 below, 0 where no test tells.

    Each reliable group is compared with the rest; the level is divided by how many there are
    (Bonferroni). Where the whole is no weighted mean of its groups, or its variance is that of
    calibrated weights, the covariance of the two is left out, which is conservative.
    """
    tried = [c for c in cells if c.published and not c.fragile]
    return {
        c.domain_value: stands_out(c, whole, among=len(tried), share=weight_in(book, c, whole))
        for c in tried
    }


def weight_in(book: Book, cell: Estimate, whole: Estimate) -> float:
    """The share of a group in the whole, for the covariance of the two; 0 leaves that out."""
    nested = whole.method.startswith(_WEIGHTED) and not book.survey.published_weighting(whole.wave)
    return (cell.n_weighted or 0.0) / (whole.n_weighted or 1.0) if nested else 0.0


def apart(book: Book, indicator: str, domain: str, wave: str = "") -> str:
    """Which groups differ from the rest of the population: what follows "Selon la région, ".

    "aucun écart avec le reste de la population n’est significatif", or "l’écart avec le reste
    de la population est significatif pour Corse (12 %, au-dessous)".
    """
    when = wave or book.latest(indicator, domain)
    cells, whole = book.groups(indicator, domain, when), book.one(indicator, when)
    found = sides(book, cells, whole)
    above, below = say("au-dessus", "above"), say("au-dessous", "below")
    names = [
        f"{book.group(c)} ({shown(book.survey, c)}, {above if side > 0 else below})"
        for c in cells
        if (side := found.get(c.domain_value, 0))
    ]
    rest = say("le reste de la population", "the rest of the population")
    about = rest + _dated(book.dated(whole, wave))
    if not names:
        return say(
            f"aucun écart avec {about} n’est significatif",
            f"no difference from {about} is significant",
        )
    return say(
        f"l’écart avec {about} est significatif pour {listed(names)}",
        f"the difference from {about} is significant for {listed(names)}",
    )
