"""Figures made from rows of the table: chart, notes, downloads, table."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.briefing.assembly import (
    answer_label,
    assemble,
    brief,
    dot_of,
    level,
    level_of_tests,
    lowered,
    measured,
    scale,
)
from analysis.briefing.book import Book
from analysis.briefing.pieces import Figure
from analysis.briefing.sentences import sides
from analysis.charts import (
    DotChart,
    DotGroup,
    Point,
    Rupture,
    Series,
    Tile,
    TileMap,
    TrendChart,
)
from analysis.errors import nearest, refuse
from analysis.language import say
from analysis.tables import groups_table, waves_table
from analysis.wording import (
    NBSP,
    Estimate,
    colon,
    group_label,
    listed,
    number,
    points,
    semicolon,
    stamp,
    subtitle,
)


def domain_figure(
    book: Book, key: str, indicator: str, domains: Sequence[str], *, title: str, wave: str = ""
) -> Figure:
    """One indicator, one wave, by the groups of some domains, beside the whole population."""
    when = wave or min(book.latest(indicator, d) for d in domains)
    whole = book.one(indicator, when)
    groups = [(book.domain_label(d), book.groups(indicator, d, when)) for d in domains]
    chart = _dot_chart(book, key, book.label(indicator), [
        (label, [(book.group(c), c) for c in cells]) for label, cells in groups
    ], whole)  # fmt: skip
    said = max((whole, *(c for _, g in groups for c in g if c.published)), key=level)
    measure = subtitle(book.survey, indicator, when)
    caption = measure + book.stamp(when)
    first = say("Groupe", "Group")
    table = groups_table(book.survey, caption, first, [("", [whole]), *groups])
    return assemble(book, key, title, measure, chart, said, [indicator], (when,), table)


def tile_figure(
    book: Book, key: str, indicator: str, domain: str, *, title: str, wave: str = ""
) -> Figure:
    """One indicator, one wave, in the squares that the definition gives the groups of a domain."""
    _mapped(book, domain)
    when = wave or book.latest(indicator, domain)
    whole, cells = book.one(indicator, when), book.groups(indicator, domain, when)
    known = [c for c in cells if c.published]
    if not known:
        raise refuse(f"tiles of {indicator}, {domain}, {when}", "no group is published",
                     "one or more", "name a coarser domain or another indicator")  # fmt: skip
    tested = sum(not c.fragile for c in known)
    name = book.label(indicator) + book.stamp(when)
    chart = TileMap(key, name, _tiles(book, domain, cells, whole),
                    *scale(book, indicator), tested=tested > 0)  # fmt: skip
    measure = subtitle(book.survey, indicator, when)
    label = book.domain_label(domain)
    by = f"{book.label(indicator)}, {say('par', 'by')} {lowered(label)}"
    table = groups_table(book.survey, measure + book.stamp(when), label, [("", [whole, *cells])])
    return assemble(
        book, key, title or by, measure,
        chart, max(known, key=level), [indicator], (when,), table, _tests(chart, tested),
    )  # fmt: skip


def _tests(chart: TileMap, tested: int) -> tuple[str, ...]:
    """What the marks of a map rest on, and how far apart values must be to mean something."""
    compared = (
        say(
            "chaque valeur est comparée à celle du reste de la population,",
            "each value is compared with that of the rest of the population,",
        )
        + f" {level_of_tests(tested)}"
        if tested
        else say(
            "aucune valeur n’est assez fiable pour être comparée au reste de la population",
            "no value is reliable enough to be compared with the rest of the population",
        )
    )
    margin = points(chart.margin, 1) if chart.percent else number(chart.margin, 1)
    width = say(" Marge d’erreur médiane", " Median margin of error")
    width += f"{colon()} {say(f'±{NBSP}', '±')}{margin}{semicolon()} "
    width += say("classes pas plus fines.", "classes are no finer.")
    return (f"{say('Écarts', 'Differences')}{colon()} {compared}.{width if chart.margin else ''}",)


def _mapped(book: Book, domain: str) -> None:
    """Refuses a domain that is unknown or has no tiles."""
    domains = book.survey.spec.domains
    having = [name for name, d in domains.items() if d.tiles]
    if domain not in domains:
        raise refuse(f"domain {domain}", "not in the definition", nearest(domain, having),
                     "correct the name")  # fmt: skip
    if domain not in having:
        raise refuse(f"tiles of domain {domain}", "the definition gives it no tiles",
                     f"one of {', '.join(having)}" if having else "tiles: in the domain",
                     "draw it with by_domain(), or declare its tiles: in survey.yml")  # fmt: skip


def _tiles(book: Book, domain: str, cells: Sequence[Estimate], whole: Estimate) -> tuple[Tile, ...]:
    """Every declared tile, whether or not somebody answered there."""
    found, sided = {c.domain_value: c for c in cells}, sides(book, cells, whole)
    return tuple(
        _tile(book, group_label(book.survey, domain, code), (place.short, place.at),
              found.get(code), sided.get(code, 0))
        for code, place in book.survey.spec.domains[domain].tiles.items()
    )  # fmt: skip


def _tile(
    book: Book, label: str, place: tuple[str, tuple[int, int]], cell: Estimate | None, side: int
) -> Tile:
    if cell is None:
        return Tile(label, *place, None, None, None, say("aucune réponse", "no answer"))
    dot = dot_of(book, label, cell)
    return Tile(label, *place, dot.value, dot.low, dot.high, dot.shown, dot.fragile, side)


def answers_figure(
    book: Book, key: str, indicator: str, *, title: str, wave: str = "", ordered: bool = False
) -> Figure:
    """The answers to one question in one wave, the most frequent first unless ``ordered``."""
    when = wave or book.latest(indicator)
    cells = list(book.answers(indicator, when))
    if not ordered:
        cells.sort(key=level, reverse=True)
    named = [(answer_label(book, c), c) for c in cells]
    chart = _dot_chart(book, key, book.label(indicator), [("", named)], None)
    measure = subtitle(book.survey, indicator, when)
    table = groups_table(book.survey, measure + book.stamp(when), say("Réponse", "Answer"),
                         [("", cells)], labels=[label for label, _ in named],
                         shares=_add_up(book, indicator))  # fmt: skip
    said = max(cells, key=level)
    return assemble(book, key, title, measure, chart, said, [indicator], (when,), table)


def _add_up(book: Book, indicator: str) -> bool:
    """Whether the answers are shares of one whole."""
    measure = book.survey.spec.indicators[indicator].measure
    return measure in ("distribution", "share_of_mentions")


def battery_figure(
    book: Book, key: str, indicators: Sequence[str], *, title: str, measure: str,
    waves: Sequence[str] = (),
) -> Figure:  # fmt: skip
    """Several indicators of the same unit, a panel for each wave (the latest by default)."""
    when = tuple(waves) or (book.wave,)
    groups = [(w, [(book.label(i), book.row(i, w)) for i in indicators]) for w in when]
    chart = _dot_chart(book, key, measure, groups, None)
    full = measured(book, measure, indicators, when[-1], say(" et ", " and ").join(when))
    table = groups_table(
        book.survey, full + book.stamp(*when), say("Indicateur", "Indicator"),
        [(w, [c for _, c in named]) for w, named in groups],
        labels=[label for _, named in groups for label, _ in named],
    )  # fmt: skip
    said = groups[-1][1][0][1]
    return assemble(book, key, title, full, chart, said, list(indicators), when, table)


def trend_figure(
    book: Book, key: str, series: Sequence[tuple[str, str]], *, title: str, measure: str
) -> Figure:
    """Up to four indicators over the waves; ``series`` pairs each with its name in the chart."""
    indicators = [i for i, _ in series]
    cells = [book.over_time(i) for i in indicators]
    waves = tuple(sorted({c.wave for group in cells for c in group}))
    chart = TrendChart(
        key, measure + book.stamp(*waves), waves,
        tuple(_series(book, i, name) for i, name in series),
        _ruptures(book, indicators, waves), *scale(book, indicators[0]),
    )  # fmt: skip
    said = max((c for c in cells[0] if c.published), key=lambda c: c.wave)
    span = say(f"{waves[0]} à {waves[-1]}", f"{waves[0]} to {waves[-1]}")
    full = measured(book, measure, indicators, said.wave, span)
    table = waves_table(book.survey, full + book.stamp(*waves), waves, cells)
    above = f"{full}. {say('Bande', 'Band')}{colon()} "
    above += say(f"intervalle à 95{NBSP}%", "95% interval")
    return assemble(book, key, title, above, chart, said, indicators, (waves[0], waves[-1]),
                   table, cuts(book, indicators))  # fmt: skip


def _series(book: Book, indicator: str, name: str) -> Series:
    known = {c.wave: c for c in book.over_time(indicator) if c.published}
    if not known:
        raise refuse(f"series {indicator}", "no wave is published", "one or more",
                     "take it out of the figure")  # fmt: skip
    declared = book.survey.spec.indicators[indicator].not_comparable
    alone = tuple(_point(known[b.wave]) for b in declared if b.wave in known)
    runs = tuple(tuple(_point(c) for c in run) for run in book.runs(indicator))
    return Series(name, runs, brief(book, known[max(known)]), alone)


def _point(cell: Estimate) -> Point:
    low, high = cell.bounds or (None, None)
    return Point(cell.wave, cell.estimate or 0.0, low, high)


def _ruptures(book: Book, indicators: Sequence[str], waves: Sequence[str]) -> tuple[Rupture, ...]:
    found = {b.wave: b for i in indicators for b in book.survey.breaks(i)}
    return tuple(
        Rupture(
            w, lowered(found[w].label or say("niveaux non comparables", "levels do not compare"))
        )
        for w in sorted(found)
        if waves[0] < w <= waves[-1]
    )


def cuts(book: Book, indicators: Sequence[str]) -> tuple[str, ...]:
    """Why lines are cut, and why a wave stands alone."""
    breaks = {b.wave: b.label or b.reason for i in indicators for b in book.survey.breaks(i)}
    said = [
        f"{say('Rupture en', 'Break in')} {w}{colon()} {lowered(breaks[w]).rstrip('.')}. "
        + say(
            "Les niveaux d’avant et d’après ne se comparent pas.",
            "Levels before and after do not compare.",
        )
        for w in sorted(breaks)
    ]
    alone = say(
        "Vagues comparables entre elles seulement", "Waves that compare only with each other"
    )
    hollow = say("marque vide", "hollow mark")
    spec = book.survey.spec
    groups = {g for i in indicators for g in spec.indicators[i].comparable or spec.comparable}
    for g in sorted(groups, key=lambda g: g.waves):
        waves = listed(list(book.survey.span(g.waves)))
        said.append(f"{alone}{colon()} {waves} ({g.reason})")
    for indicator in indicators:
        for b in book.survey.spec.indicators[indicator].not_comparable:
            said.append(f"{book.label(indicator)}, {b.wave} ({hollow}){colon()} {b.reason}")
    return tuple(said)


def _dot_chart(
    book: Book, key: str, title: str,
    groups: Sequence[tuple[str, Sequence[tuple[str, Estimate]]]], whole: Estimate | None,
) -> DotChart:  # fmt: skip
    some = next(cell for _, named in groups for _, cell in named)
    reserve = say("peu fiable", "low reliability")
    return DotChart(
        key,
        title + stamp(cell.origin for _, named in groups for _, cell in named),
        tuple(
            DotGroup(label, tuple(dot_of(book, n, c) for n, c in named)) for label, named in groups
        ),
        whole.estimate if whole else None,
        f"{say('Ensemble', 'All')} {brief(book, whole)}{f', {reserve}' if whole.fragile else ''}"
        if whole
        else "",
        *scale(book, some.indicator),
    )
