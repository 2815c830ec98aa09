"""Raw figures, as they were printed, beside those that speak for a population."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from analysis.briefing.book import Book
from analysis.briefing.pieces import Html
from analysis.briefing.weights import Weights
from analysis.errors import refuse
from analysis.estimates import WHOLE
from analysis.language import say
from analysis.tables import INTERVALS, Row, html_table, with_marks
from analysis.wording import (
    NBSP,
    Estimate,
    bare,
    bare_bounds,
    integer,
    letters,
    marked,
    marks_note,
    percent,
    sampling_note,
    shown,
    typeset,
)


def printed_table(weights: Weights, indicators: Sequence[str], columns: Mapping[str, str]) -> Html:
    """A line for each answer of some questions: raw count and share, then weighted shares.

    columns : heading -> "ensemble" or "domain = group", a column of weighted figures each

    Raises :class:`BaroError` for indicators that are not among the key ones of the weighting.
    """
    rows = [row for i in indicators for row in _question(weights, i, list(columns.values()))]
    raw = say("Répondants, sans poids", "Respondents, unweighted")
    head = [say("Réponse", "Answer"), raw, *columns]
    said = [str(INTERVALS), marks_note(_letters(weights, indicators, list(columns.values())))]
    note = " ".join([*filter(None, said), sampling_note(weights.book.survey)])
    caption = say(f"Chiffres bruts et pondérés, en{NBSP}%", "Raw and weighted figures, in %")
    caption += f", {weights.summary.wave}{weights.stamp}"
    return Html(html_table(caption, head, rows, note=note))


def _question(weights: Weights, indicator: str, places: Sequence[str]) -> Iterator[Row]:
    book, wave = weights.book, weights.summary.wave
    if weights.other is None or indicator not in weights.declared.key:
        raise refuse(f"weighting {weights.summary.weighting}: {indicator}", "no key indicator",
                     "one of key:", f"add {indicator} to key: in survey.yml")  # fmt: skip
    yield Row(book.label(indicator), heading=True)
    for code, category in book.survey.categories(indicator).items():
        raw = weights.other.row(indicator, wave, category=code)
        cells = [_at(book, indicator, wave, code, place) for place in places]
        yield Row(typeset(category.label), (_raw(book, raw), *(_weighted(book, c) for c in cells)))


def _letters(weights: Weights, indicators: Sequence[str], places: Sequence[str]) -> Iterator[str]:
    """The marks that occur in the weighted columns."""
    book, wave = weights.book, weights.summary.wave
    for i in indicators:
        for code in book.survey.categories(i):
            for place in places:
                yield from letters(book.survey, _at(book, i, wave, code, place))


def _at(book: Book, indicator: str, wave: str, category: str, place: str) -> Estimate:
    domain, _, group = (part.strip() for part in place.partition("="))
    return book.row(indicator, wave, domain, group or WHOLE, category)


def _raw(book: Book, cell: Estimate) -> str:
    """How many say so, of how many: "27 % (51 sur 191)"."""
    if not cell.published or cell.estimate is None:
        return say("non publié", "not published")
    if book.survey.rounding:  # the product of two rounded numbers is no number of answers
        return shown(book.survey, cell)
    some, of = integer(round(cell.estimate * cell.n)), say("sur", "of")
    return f"{percent(cell.estimate)} ({some} {of} {integer(cell.n)})"


def _weighted(book: Book, cell: Estimate) -> str:
    if cell.bounds is None:
        return with_marks(book.survey, cell)
    value = bare(book.survey, cell.indicator, cell.estimate or 0.0, 1)
    low, high = bare_bounds(book.survey, cell)
    marks = marked(letters(book.survey, cell))
    value += f"{NBSP}{marks}" if marks else ""
    return f"{value}{NBSP}({low}{NBSP}{say('à', 'to')}{NBSP}{high})"
