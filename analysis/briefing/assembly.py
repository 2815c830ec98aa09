"""What every figure of a survey is made with: numbers in its unit, notes, links, the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.briefing.book import Book
from analysis.briefing.interactive import Chart, data_file
from analysis.briefing.pieces import Figure
from analysis.charts import Dot
from analysis.errors import refuse
from analysis.language import say
from analysis.tables import csv_file_link, csv_link
from analysis.wording import (
    NBSP,
    Estimate,
    champ,
    colon,
    lecture,
    population_name,
    shown,
    source,
    typeset,
    unpublished,
)


def measured(book: Book, measure: str, indicators: Sequence[str], wave: str, period: str) -> str:
    """The subtitle of several indicators: the population is named where they share one."""
    percent, unit = scale(book, *indicators)
    names = {population_name(book.survey, i, wave, short=False) for i in indicators}
    who = f" {say('des', 'of')} {names.pop()}" if len(names) == 1 else ""
    return f"{measure}, {say(f'en{NBSP}', 'in ')}{'%' if percent else unit}{who}, {period}"


def scale(book: Book, *indicators: str) -> tuple[bool, str]:
    """Whether values are per cents, and else their unit; refuses indicators that differ."""
    means = [i for i in indicators if not book.survey.percent(i)]
    units = {book.survey.unit(i) for i in means}
    if means and (len(means) < len(indicators) or len(units) > 1):
        raise refuse(f"figure of {', '.join(indicators)}", "different units on one scale",
                     "one unit", "draw two figures")  # fmt: skip
    return not means, next(iter(units), "")


def lowered(text: str) -> str:
    """``text`` within a sentence."""
    return typeset(text[:1].lower() + text[1:])


def dot_of(book: Book, label: str, cell: Estimate) -> Dot:
    """A cell as a row of a chart."""
    low, high = cell.bounds or (None, None)
    value = cell.estimate if cell.published else None
    said = brief(book, cell) if cell.published else unpublished(cell)
    return Dot(label, value, low, high, said, cell.fragile)


def level_of_tests(tested: int) -> str:
    """The level of each of several tests: "au seuil de 5 % divisé par 12 (Bonferroni)"."""
    several = tested > 1
    return say(
        f"au seuil de 5{NBSP}%" + (f" divisé par {tested} (Bonferroni)" if several else ""),
        "at the 5% level" + (f" divided by {tested} (Bonferroni)" if several else ""),
    )


def brief(book: Book, cell: Estimate) -> str:
    """The value without the long unit of a mean, for the inside of a chart."""
    full = shown(book.survey, cell)
    return full if book.survey.percent(cell.indicator) else full.split(NBSP)[0]


def level(cell: Estimate) -> float:
    """The estimate, for sorting."""
    return cell.estimate or 0.0


def answer_label(book: Book, cell: Estimate) -> str:
    """The answer that a cell counts."""
    return typeset(book.survey.categories(cell.indicator)[cell.category].label)


def _notes(book: Book, indicators: Sequence[str]) -> Iterator[str]:
    """Each note once, with the indicators it is about where the figure shows several."""
    about: dict[str, list[str]] = {}
    for indicator in indicators:
        about.setdefault(book.survey.spec.indicators[indicator].note, []).append(indicator)
    for note, concerned in about.items():
        names = ", ".join(book.label(i) for i in concerned)
        if note:
            yield f"Note{f' ({names})' if len(indicators) > 1 else ''}{colon()} {note}"


def _csv(book: Book, indicator: str, words: str) -> str:
    """A link to the indicator's file, as it was made, or as it would be."""
    made = book.downloads / f"{indicator}.csv" if book.downloads else None
    if made is not None and made.is_file():
        return csv_file_link(made, words)
    return csv_link(book.filed, book.related([indicator]), indicator, words)


def assemble(
    book: Book, key: str, title: str, measure: str, chart: Chart, said: Estimate,
    indicators: Sequence[str], waves: tuple[str, ...], table: str, more: tuple[str, ...] = (),
) -> Figure:  # fmt: skip
    """The figure: chart, notes ("Lecture" about the cell ``said``), links, table.

    more : notes between the "Lecture" and the "Champ"
    """
    lines = list(dict.fromkeys(champ(book.survey, i, waves[-1]) for i in indicators))
    links = " ".join(
        _csv(book, i, say("Données", "Data") if len(indicators) == 1 else book.label(i))
        for i in indicators
    )
    return Figure(
        key, title, measure + book.stamp(*waves), chart.svg(),
        (lecture(book.survey, said), *more, *lines, *_notes(book, indicators),
         source(book.survey, waves, book.origins(waves))),
        f'<p class="liens">{links}</p>', table, interactive=data_file(book, chart),
    )  # fmt: skip
