"""The log of corrections: ``reports/corrections.yml``, read as strictly as a definition."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from pydantic import Field

from analysis.briefing.pieces import Html, text
from analysis.briefing.sentences import capital
from analysis.definition.load import read_typed
from analysis.definition.shapes import Model, Texts
from analysis.definition.textchecks import shown_faults
from analysis.definition.wavemodels import Day, FieldDates
from analysis.errors import Problem, raise_all
from analysis.language import say
from analysis.project import find_project

FILE = "corrections.yml"


class Correction(Model):
    """One correction of what was published.

    date : the day it was published, as 2026-03-15
    what : what was wrong, and what was done
    effect : what it changes to the results, in numbers
    figures : the figures and files concerned
    """

    date: Day
    what: str = Field(min_length=1)
    effect: str = Field(min_length=1)
    figures: Texts = Field(min_length=1)


class Log(Model):
    """The file: a list, which may be empty."""

    corrections: tuple[Correction, ...] = ()


def read_log(path: Path, shown: str = f"reports/{FILE}") -> tuple[Correction, ...]:
    """The corrections, the newest first; raises :class:`BaroError` with every fault."""
    document, log = read_typed(path, shown, Log)
    raise_all(shown_faults(document))
    order = [c.date for c in log.corrections]
    raise_all(
        Problem(document.place(("corrections", k, "date")), f"{later} comes after {earlier}",
                "the newest first", "move the entry")
        for k, (earlier, later) in enumerate(pairwise(order), 1)
        if later > earlier
    )  # fmt: skip
    return log.corrections


def corrections() -> Html:
    """The log as a page shows it; that nothing was corrected is said too."""
    return log_html(read_log(find_project().reports / FILE))


def log_html(log: tuple[Correction, ...]) -> Html:
    """An article for each correction."""
    if not log:
        none = say("Aucune correction à ce jour.", "No correction to date.")
        return Html(f'<p class="encadre">{none}</p>')
    return Html("".join(map(_entry, log)))


def _entry(c: Correction) -> str:
    said = capital(str(FieldDates.model_validate({"from": c.date, "to": c.date})))
    day = f'<time datetime="{c.date}">{text(said)}</time>'
    figures = "".join(f"<li>{text(f)}</li>" for f in c.figures)
    told = say("<dd>", '<dd lang="fr">')  # the file is written in French
    what = say("Ce qui a changé", "What changed")
    effect = say("Effet sur les résultats", "Effect on results")
    concerned = say("Chiffres concernés", "Figures concerned")
    return (
        f"<article><h3>{day}</h3><dl><dt>{what}</dt>{told}{text(c.what)}</dd>"
        f"<dt>{effect}</dt>{told}{text(c.effect)}</dd>"
        f"<dt>{concerned}</dt>{told}<ul>{figures}</ul></dd></dl></article>"
    )
