"""Figures of how answers are shared and spread: stacked, diverging, quantiles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analysis.briefing.assembly import (
    answer_label,
    assemble,
    brief,
    dot_of,
    measured,
    scale,
)
from analysis.briefing.book import Book
from analysis.briefing.pieces import Figure
from analysis.charts import (
    DistributionChart,
    DivergingChart,
    DivergingRow,
    DotGroup,
    Part,
    Spread,
    StackedChart,
    StackedRow,
)
from analysis.definition.survey import KIND_LABELS
from analysis.errors import refuse
from analysis.estimates import WHOLE
from analysis.language import Words, say
from analysis.tables import groups_table
from analysis.wording import (
    NNBSP,
    Estimate,
    balance,
    colon,
    gap,
    headline,
    leading,
    listed,
    percent,
    quoted,
    subtitle,
    told_step,
    unpublished,
    winners,
)

_ROUNDED = Words(
    f"Note{NNBSP}: parts arrondies une à une{NNBSP}; intervalles dans le tableau.",
    "Note: shares are rounded one by one; intervals are in the table.",
)
_QUANTILES = 5
Group = tuple[str, list[Estimate]]


def stacked_figure(
    book: Book, key: str, indicator: str, *, domain: str = "", title: str = "", wave: str = ""
) -> Figure:
    """The answers to one question as shares of a bar, for everybody and by the groups of a domain.

    The kinds of missing that the indicator shows stand beside the bar.
    """
    _distribution(book, key, indicator)
    when = wave or book.latest(indicator, domain or WHOLE)
    groups = _groups(book, indicator, domain, when)
    rows = tuple(
        StackedRow(label, _parts(book, _taken(cells)), _parts(book, _missing(cells)))
        for label, cells in groups
    )
    name = book.label(indicator)
    chart = StackedChart(key, name + book.stamp(when), rows)
    first = leading(groups[0][1])
    found = _led(book, first) if first else ""
    return assemble(
        book, key, title or headline(name, found), subtitle(book.survey, indicator, when), chart,
        first or groups[0][1][0], [indicator], (when,), _table(book, [indicator], when, groups),
        (str(_ROUNDED),),
    )  # fmt: skip


def _led(book: Book, cell: Estimate) -> str:
    """The answer that leads; "plus de la moitié" where the interval says so."""
    half = cell.bounds is not None and cell.bounds[0] > 0.5
    lead = (
        say("plus de la moitié répondent", "more than half answer")
        if half
        else say("en tête,", "first comes")
    )
    return f"{lead} {quoted(answer_label(book, cell))} ({brief(book, cell)})"


def diverging_figure(
    book: Book, key: str, indicators: Sequence[str], *, sides: tuple[str, str], measure: str,
    names: Sequence[str] = (), title: str = "", wave: str = "", favourable_first: bool = True,
) -> Figure:  # fmt: skip
    """Ordinal questions with the same answers, around their middle.

    sides : what stands left and right of it, "pas compétents" and "compétents"
    names : of the items in the chart; their labels by default
    favourable_first : whether the definition lists answers from the most favourable
    """
    for indicator in indicators:
        _distribution(book, key, indicator)
    when = wave or min(book.latest(i) for i in indicators)
    labels = list(names) or [book.label(i) for i in indicators]
    groups = [(n, list(book.answers(i, when))) for n, i in zip(labels, indicators, strict=True)]
    split = [_split(cells, favourable_first) for _, cells in groups]
    rows = tuple(
        DivergingRow(label, _parts(book, against), _parts(book, favour),
                     _parts(book, middle)[0] if middle else None, _parts(book, _missing(cells)))
        for (label, cells), (against, middle, favour) in zip(groups, split, strict=True)
    )  # fmt: skip
    chart = DivergingChart(key, measure + book.stamp(when), rows, sides)
    won = [(label, balance(against, favour, among=len(rows)))
           for (label, _), (against, _, favour) in zip(groups, split, strict=True)]  # fmt: skip
    full = measured(book, measure, indicators, when, when)
    return assemble(
        book, key, title or headline(measure, winners(won, sides)), full, chart,
        max(groups[0][1], key=lambda c: c.estimate or 0.0), list(indicators), (when,),
        _table(book, indicators, when, groups, full), (str(_ROUNDED),),
    )  # fmt: skip


def _split(
    cells: Sequence[Estimate], favourable_first: bool
) -> tuple[list[Estimate], list[Estimate], list[Estimate]]:
    """Against, in the middle, in favour: from the left to the right of the bar."""
    taken = _taken(cells)[:: -1 if favourable_first else 1]
    half, odd = divmod(len(taken), 2)
    return taken[:half], taken[half : half + odd], taken[half + odd :]


def distribution_figure(
    book: Book, key: str, indicator: str, *, domain: str = "", title: str = "", wave: str = ""
) -> Figure:
    """Five quantiles, for everybody and by the groups of a domain; or the classes of an answer."""
    when = wave or book.latest(indicator, domain or WHOLE)
    groups = _groups(book, indicator, domain, when)
    name = book.label(indicator)
    quantiles = book.survey.spec.indicators[indicator].quantiles
    if not quantiles:
        return _classes(book, key, indicator, groups, title, when)
    if len(quantiles) != _QUANTILES:
        raise refuse(f"distribution {key}: {indicator}", f"{len(quantiles)} quantiles", "five",
                     "shares: [0.1, 0.25, 0.5, 0.75, 0.9] in the definition")  # fmt: skip
    spreads = tuple(_spread(book, label, cells) for label, cells in groups)
    chart = DistributionChart(key, name + book.stamp(when), (DotGroup("", spreads),), None, "",
                              *scale(book, indicator))  # fmt: skip
    medians = [cells[2] for _, cells in groups[1:]]
    measure = subtitle(book.survey, indicator, when)
    most = percent(quantiles[-1] - quantiles[0])
    measure += say(
        f". Point{NNBSP}: médiane. Trait épais{NNBSP}: la moitié du milieu. "
        f"Trait fin{NNBSP}: {most} du milieu",
        f". Dot: median. Thick line: the middle half. Thin line: the middle {most}",
    )
    return assemble(
        book, key, title or headline(name, _medians(book, medians)), measure,
        chart, groups[0][1][2], [indicator], (when,), _table(book, [indicator], when, groups),
    )  # fmt: skip


def _medians(book: Book, medians: Sequence[Estimate]) -> str:
    """Between which groups medians differ; "" where no test tells."""
    known = [c for c in medians if c.published and not c.fragile]
    found = gap(known) if len(known) > 1 else None
    if found is None or not found.significant:
        return ""
    low, high = (_tied(book, c, known) for c in (found.lowest, found.highest))
    return say(f"médiane de {low} à {high}", f"median from {low} to {high}")


def _tied(book: Book, cell: Estimate, cells: Sequence[Estimate]) -> str:
    """A value with every group that has it: people answer in round numbers."""
    names = [book.group(c) for c in cells if brief(book, c) == brief(book, cell)]
    return f"{brief(book, cell)} ({listed(names)})"


def _spread(book: Book, label: str, cells: Sequence[Estimate]) -> Spread:
    """A row; without a value where one of its quantiles is not published."""
    dot = dot_of(book, label, cells[2])
    values = [c.estimate for c in cells if c.published and c.estimate is not None]
    if len(values) < _QUANTILES:
        gone = next((c for c in cells if not c.published), cells[2])
        return Spread(label, None, None, None, unpublished(gone))
    low, first, median, third, high = values
    names = [brief(book, c) for c in cells]
    said = say(
        f"la moitié de {names[1]} à {names[3]}, médiane {names[2]}",
        f"half from {names[1]} to {names[3]}, median {names[2]}",
    )
    fragile = any(c.fragile for c in cells)
    return Spread(label, median, low, high, dot.shown, fragile, (first, third), said)


def _classes(
    book: Book, key: str, indicator: str, groups: Sequence[Group], title: str, when: str
) -> Figure:
    """The classes of one answer in their order, a panel a group."""
    _distribution(book, key, indicator)
    panels = tuple(
        DotGroup(label if len(groups) > 1 else "", tuple(_class(book, c) for c in cells))
        for label, cells in groups
    )
    name = book.label(indicator)
    chart = DistributionChart(key, name + book.stamp(when), panels)
    first = leading(groups[0][1])
    return assemble(
        book, key, title or headline(name, _led(book, first) if first else ""),
        subtitle(book.survey, indicator, when), chart, first or groups[0][1][0], [indicator],
        (when,), _table(book, [indicator], when, groups),
    )  # fmt: skip


def _class(book: Book, cell: Estimate) -> Spread:
    dot = dot_of(book, answer_label(book, cell), cell)
    return Spread(dot.label, dot.value, dot.low, dot.high, dot.shown, dot.fragile)


# --------------------------------------------------------------------------------- what they share
def _distribution(book: Book, key: str, indicator: str) -> None:
    """Refuses an indicator whose rows are no shares of one question."""
    i = book.survey.spec.indicators.get(indicator)
    if i is None or i.measure != "distribution":
        found = i.measure if i else "not in the definition"
        raise refuse(f"figure {key}: {indicator}", found, "an indicator with measure: distribution",
                     "name one, or draw by_domain()")  # fmt: skip


def _groups(book: Book, indicator: str, domain: str, wave: str) -> list[Group]:
    """Everybody, then each group of the domain, with its cells in the order of the definition."""
    order = list(book.survey.categories(indicator))
    every = say("Ensemble", "All")
    found: dict[str, list[Estimate]] = {every: list(book.answers(indicator, wave))}
    for cell in book.groups(indicator, domain, wave) if domain else ():
        found.setdefault(book.group(cell), []).append(cell)
    return [(g, sorted(cells, key=lambda c: order.index(c.category))) for g, cells in found.items()]


def _taken(cells: Iterable[Estimate]) -> list[Estimate]:
    """Answers proper."""
    return [c for c in cells if c.category not in KIND_LABELS]


def _missing(cells: Iterable[Estimate]) -> list[Estimate]:
    """Kinds of missing that are shown."""
    return [c for c in cells if c.category in KIND_LABELS]


def _parts(book: Book, cells: Iterable[Estimate]) -> tuple[Part, ...]:
    dots = ((dot_of(book, answer_label(book, c), c), told_step(book.survey, c)) for c in cells)
    return tuple(
        Part(d.label, d.value, d.shown.partition(colon())[0], d.fragile, step) for d, step in dots
    )


def _table(
    book: Book, indicators: Sequence[str], wave: str, groups: Sequence[Group], measure: str = ""
) -> str:
    caption = measure or subtitle(book.survey, indicators[0], wave)
    return groups_table(
        book.survey, caption + book.stamp(wave), say("Réponse", "Answer"),
        [(label if len(groups) > 1 else "", cells) for label, cells in groups],
        labels=[answer_label(book, c) for _, cells in groups for c in cells],
    )  # fmt: skip
