"""Figures that were printed elsewhere, compared with the table: ``surveys/<id>/published.csv``."""

from __future__ import annotations

import csv
from pathlib import Path

from analysis.briefing.book import Book
from analysis.errors import refuse
from analysis.language import say
from analysis.project import find_project
from analysis.wording import integer

_ROUNDING, _EXACT = 0.5, 1e-9  # what a figure printed to the unit may differ by, in its unit
_KEY = ("wave", "indicator", "category", "domain", "domain_value")


def reproduced(book: Book, file: Path | None = None) -> str:
    """How many printed figures the table gives to the rounding, in a sentence.

    file : ``published.csv`` of the survey by default. Raises :class:`BaroError` where it is absent
    or holds a figure that the table has not.
    """
    path = file or find_project().surveys / book.survey.id / "published.csv"
    if not path.is_file():
        raise refuse(f"surveys/{book.survey.id}/published.csv", "the file is not there",
                     "one printed figure a line", "add it, or leave reproduced() out")  # fmt: skip
    if not all(o == "observed" for o in book.origins()):
        return say(
            "Ces données ne viennent pas de réponses observées : rien n’est comparé ici.",
            "These data do not come from observed answers: nothing is compared here.",
        )
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    good = sum(_miss(book, row, path.name) <= _ROUNDING + _EXACT for row in rows)
    return say(
        f"{integer(len(rows))} chiffres imprimés par les producteurs ont été recalculés : "
        f"{integer(good)} sont retrouvés à l’arrondi près.",
        f"{integer(len(rows))} figures printed by the producers were computed again: "
        f"{integer(good)} come out the same once rounded.",
    )


def _miss(book: Book, row: dict[str, str], where: str) -> float:
    """By how much the table differs from a printed figure, in its unit."""
    wave, indicator, category, domain, group = (row[k] for k in _KEY)
    found = book.row(indicator, wave, domain, group, category).estimate
    if found is None:
        return float("inf")
    try:
        printed = float(row["published"])
    except ValueError:
        raise refuse(where, f'"{row["published"]}" is no number', "a decimal point",
                     "correct it") from None  # fmt: skip
    return abs((100 * found if row["unit"] == "%" else found) - printed)
