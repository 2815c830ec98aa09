"""A definition in another language: the same survey, its texts looked up in ``<language>.po``.

What pages print is translated: names of indicators, variables, answers and groups, populations,
notes, reasons of breaks. The words of questionnaires and of raw files stay as they were put.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from analysis.definition import Survey
from analysis.definition.margins import MarginTable
from analysis.definition.models import Category, Expanded, Item, Variable
from analysis.errors import raise_all
from analysis.language import SOURCE
from analysis.phrasebook.catalogue import Catalogue, Message, read_catalogue
from analysis.phrasebook.models import Printed, Told
from analysis.project import Project

P = TypeVar("P", Category, Item)
# The texts that pages print, by the class of the definition that holds them.
TEXTS = {
    "SurveyFile": ("title", "short", "territory", "units", "source", "note", "next_wave"),
    "Licence": ("attribution",),
    "Design": ("text",),
    "Population": ("label", "short"),
    "Variable": ("label", "unit", "note"),
    "Category": ("label",),
    "Item": ("label",),
    "Indicator": ("label", "phrase", "unit", "note"),
    "Break": ("reason", "label"),
    "Comparable": ("reason", "label"),
    "Domain": ("label",),
    "Weighting": ("label", "reason", "note"),
    "WaveFile": ("mode", "note"),
    "FieldDates": ("text",),
    "Made": ("note",),
}
_LEFT = (
    *("rules", "fiches", "reliability", "data", "missing", "corrections", "filled", "tiles"),
    *("variables", "multiples"),  # of these only what is printed
)
_MAPPED = {"SurveyFile": ("themes",), "WaveFile": ("breaks",)}  # code -> text
_PRINTED = Printed(TEXTS, _MAPPED, _LEFT)
_model, _changes = _PRINTED.replaced, _PRINTED.changes


def survey_messages(survey: Survey) -> list[Message]:
    """Every text of a definition that pages print, once."""
    found: dict[str, Message] = {}

    def note(key: str, text: str) -> str:
        found.setdefault(text, Message(text, f"surveys/{survey.id}: {key}"))
        return text

    _mapped(survey, note)
    return list(found.values())


def survey_catalogue(project: Project, survey_id: str, language: str) -> Catalogue:
    """The catalogue of a survey; raises :class:`BaroError` where there is none."""
    path = project.catalogue(survey_id, language)
    return read_catalogue(path, project.shown(path), language)


def translated(survey: Survey, project: Project, language: str) -> Survey:
    """The survey in a language; itself in French.

    Raises :class:`BaroError` with every text that has no translation, and every translation of
    what the definition no longer says.
    """
    if language == SOURCE:
        return survey
    catalogue = survey_catalogue(project, survey.id, language)

    def find(key: str, text: str) -> str:
        return catalogue.find(Message(text, f"surveys/{survey.id}: {key}", context=key))

    made = _mapped(survey, find)
    raise_all(catalogue.problems())
    return made


def silent(survey: Survey) -> Survey:
    """The survey without the texts that pages print: all that its figures depend on.

    A label that is itself how the raw files spell an answer is kept as that.
    """
    return _mapped(_spelled(survey), lambda _key, _text: "")


def _spelled(survey: Survey) -> Survey:
    """The survey with the raw texts of answers written out where their labels stand for them."""
    spec = survey.spec
    changes: dict[str, Any] = {"variables": {k: _read(v) for k, v in spec.variables.items()}}
    if isinstance(spec, Expanded):
        changes["multiples"] = {k: _read(v) for k, v in spec.multiples.items()}
    return replace(survey, spec=spec.model_copy(update=changes))


def _read(variable: Variable) -> Variable:
    if variable.made:
        return variable
    told: dict[str, object] = {"categories": _texts_told(variable.categories)}
    if variable.separator or not variable.chosen:  # else ``chosen`` stands for the label
        told["items"] = _texts_told(variable.items)
    return variable.model_copy(update=told)


def _texts_told(parts: Mapping[str, P]) -> dict[str, P]:
    return {k: p.model_copy(update={"raw": p.texts}) for k, p in parts.items()}


def _mapped(survey: Survey, say: Told) -> Survey:
    """The survey with each of its texts replaced by what ``say`` gives."""
    spec = survey.spec
    changes: dict[str, Any] = _changes(spec, "", say)
    parts = ("variables", "multiples") if isinstance(spec, Expanded) else ("variables",)
    for part in parts:
        models = getattr(spec, part)
        changes[part] = {k: _model(v, f"variables.{k}", say) for k, v in models.items()}
    waves = {k: _model(w, f"waves.{k}", say) for k, w in survey.waves.items()}
    margins = {m: _margin(survey.margins[m], f"margins.{m}", say) for m in _weighed(survey)}
    return replace(survey, spec=spec.model_copy(update=changes), waves=waves,
                   margins=survey.margins | margins)  # fmt: skip


def _weighed(survey: Survey) -> list[str]:
    """The margins of every weighting, once each: the page about it shows them."""
    named = (m for w in survey.spec.weighting.values() for m in w.margins)
    return [m for m in dict.fromkeys(named) if m in survey.margins]


def _margin(margin: MarginTable, key: str, say: Told) -> MarginTable:
    by_wave = {w: _margin(m, key, say) for w, m in margin.by_wave.items()}
    base = say(f"{key}.base", margin.base)
    sources, notes = (
        tuple(say(f"{key}.{name}.{n}", t) for n, t in enumerate(texts, 1))
        for name, texts in (("sources", margin.sources), ("notes", margin.notes))
    )
    return replace(margin, base=base, sources=sources, notes=notes, by_wave=by_wave)
