"""What the explorer knows before anything is picked: names of surveys, indicators, groups, waves.

What is particular to an indicator comes with its data, so that a further survey adds little here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.briefing.book import Book
from analysis.estimates import WHOLE
from analysis.explorer.words import fold, words
from analysis.language import say
from analysis.wording import group_label, made, source, stamp, typeset

Json = dict[str, Any]


def index(books: Sequence[Book]) -> Json:
    """The whole index: what the interface says, then each survey."""
    return {"words": words(), "surveys": [_survey(book) for book in books]}


def _survey(book: Book) -> Json:
    """Indicators without any cell in the table are left out: there is nothing to show."""
    spec, themes = book.survey.spec, list(book.survey.spec.themes)
    found, every = set(book.table["indicator"].unique()), say("Ensemble", "All")
    return {
        "id": book.survey.id,
        "short": typeset(spec.short),
        "waves": list(book.survey.waves),
        "origins": _origins(book),
        "domains": [
            [WHOLE, every, [[WHOLE, every]]],
            *([name, book.domain_label(name), _levels(book, name)] for name in spec.domains),
        ],
        "themes": [typeset(label) for label in spec.themes.values()],
        "indicators": [
            [name, book.label(name), themes.index(i.theme)]
            for name, i in spec.indicators.items()
            if name in found
        ],
    }


def _levels(book: Book, domain: str) -> list[list[str]]:
    levels = book.survey.levels(domain)
    return [[code, group_label(book.survey, domain, code)] for code in levels]


def _origins(book: Book) -> list[Json]:
    """Where the microdata of waves are from, with the notices, stamps and sources that say so."""
    waves, by_origin = list(book.survey.waves), dict[str, list[str]]()
    for wave in waves:
        for origin in book.origins((wave,)):
            by_origin.setdefault(origin, []).append(wave)
    return [
        {
            "waves": [waves.index(w) for w in found],
            "notices": [[typeset(o.title), typeset(o.warning)] for o in made([origin])],
            "stamp": stamp([origin]),
            "source": fold(source(book.survey, (found[0], found[0]), [origin]), {"wave": found[0]}),
        }
        for origin, found in by_origin.items()
    ]
