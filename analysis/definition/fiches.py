"""``fiches:`` one page for each level of some domains: which ones, of which wave, about what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from analysis.definition.shapes import Model, Texts
from analysis.errors import Problem, nearest

if TYPE_CHECKING:
    from analysis.definition.survey import Survey

KEYS = 4  # key figures that stand in one row, on a screen and on paper


class Fiches(Model):
    """Pages about groups.

    domains : those whose levels have a page each
    key : the indicators shown large, four at most
    answers : questions whose answers are compared too, beside every indicator that has one value
    wave : the latest, unless named
    """

    domains: Texts
    key: Texts
    answers: Texts = ()
    wave: str = ""


def fiche_faults(at: Callable[..., str], survey: Survey) -> Iterator[Problem]:
    """Every name is declared and in the wave; key figures have one value each."""
    fiches = survey.spec.fiches
    if fiches is None:
        return
    wave = fiches.wave or max(survey.waves)
    if wave not in survey.waves:
        yield Problem(at("fiches", "wave"), f'"{wave}" is not a wave',
                      f"waves: {', '.join(survey.waves)}", "name one of them")  # fmt: skip
        return
    indicators = list(survey.indicators_in(wave))
    known = {"domains": list(survey.domains_in(wave)), "key": indicators, "answers": indicators}
    for part, names in known.items():
        for n, name in enumerate(getattr(fiches, part)):
            if name not in names:
                yield Problem(at("fiches", part, n), f'"{name}" is not in wave {wave}',
                              nearest(name, names), "correct the name, or remove it")  # fmt: skip
            elif part != "domains" and (lost := _not_split(survey, name, fiches.domains)):
                yield Problem(at("fiches", part, n), f"{name} is not published by {lost}",
                              "an indicator that is", f"add {lost} to its domains:, or remove it "
                              "here")  # fmt: skip
            elif part != "domains" and (part == "key") != _has_one_value(survey, name):
                many = "several values" if part == "key" else "one value"
                other = "an indicator of one value" if part == "key" else "a question with answers"
                yield Problem(at("fiches", part, n), f"{name} has {many}", other,
                              "name another, or remove it")  # fmt: skip
    if not 1 <= len(fiches.key) <= KEYS:
        yield Problem(at("fiches", "key"), f"{len(fiches.key)} key figures", f"1 to {KEYS}",
                      "keep the most telling ones")  # fmt: skip


def _not_split(survey: Survey, indicator: str, domains: Texts) -> str:
    """The first domain that the indicator is not published by; "" where it is by all."""
    only = survey.spec.indicators[indicator].domains
    return "" if only is None else next((d for d in domains if d not in only), "")


def _has_one_value(survey: Survey, indicator: str) -> bool:
    return list(survey.categories(indicator)) == [""]
