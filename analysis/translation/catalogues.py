"""Which pages are in a language, and the catalogues that say so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from analysis.claims import Register, project_registers, register_messages
from analysis.definition import load_survey, survey_ids
from analysis.errors import Problem, nearest, raise_all, refuse
from analysis.language import LANGUAGES, NAMES, SOURCE
from analysis.phrasebook import Message, Say, survey_messages, updated
from analysis.project import Project
from analysis.provenance import write_aside
from analysis.translation.markup import translated_line
from analysis.translation.prose import translated_page

SITE = "_site"  # the catalogue of what stands on every page
_CLAIMS = re.compile(r"\bClaims\b")  # what a page names that shows claims
TEMPLATE = "_assets/page.html"


def languages_of(names: Iterable[str]) -> tuple[str, ...]:
    """The languages besides French among those asked for, each once, in a fixed order.

    Raises :class:`BaroError` for one that no page can be written in.
    """
    asked = set(names)
    raise_all(
        Problem(f"--lang {n}", "no pages are written in it", nearest(n, LANGUAGES), "name another")
        for n in sorted(asked - set(LANGUAGES))
    )
    return tuple(n for n in LANGUAGES if n in asked and n != SOURCE)


def shown(language: str, name: str) -> str:
    """A catalogue as messages name it."""
    return f"reports/{language}/{name}.po"


def pages_in(project: Project, language: str) -> tuple[str, ...]:
    """The pages that are translated, by name without suffix.

    Raises :class:`BaroError` where there is none, and for a catalogue of a page that is not there.
    """
    found = sorted(p.stem for p in (project.reports / language).glob("*.po"))
    pages = tuple(n for n in found if not n.startswith("_"))
    if not pages:
        raise refuse(f"--lang {language}", f"no page is translated into {NAMES[language]}",
                     f"a catalogue a page, as {shown(language, 'index')}",
                     f"run: baro translate {language} index")  # fmt: skip
    known = [SITE, *page_names(project), *include_names(project)]
    raise_all(
        Problem(
            shown(language, n),
            f"there is no page reports/{n}.qmd",
            nearest(n, known),
            "rename the catalogue, or remove it",
        )
        for n in found
        if n not in known
    )
    return pages


def page_names(project: Project) -> list[str]:
    """Every page that has a source."""
    return sorted(p.stem for p in project.reports.glob("*.qmd") if not p.name.startswith("_"))


def include_names(project: Project) -> list[str]:
    """The parts that pages made by code include: every language has them all."""
    return sorted(p.stem for p in project.reports.glob("_*.qmd"))


def registers_on(project: Project, pages: Iterable[str]) -> list[Register]:
    """The registers whose claims some pages show: all of them, or none."""
    shows = any(_CLAIMS.search(_source(project, name)) for name in pages)
    return project_registers(project)[0] if shows else []


def _source(project: Project, name: str) -> str:
    return (project.reports / f"{name}.qmd").read_text("utf-8-sig")


def page_messages(project: Project, name: str) -> list[Message]:
    """Every text of a page, in its order."""
    found: list[Message] = []
    translated_page(_source(project, name), f"reports/{name}.qmd", _noting(found))
    return found


def site_messages(project: Project) -> list[Message]:
    """Every text of the template."""
    found: list[Message] = []
    lines = (project.reports / TEMPLATE).read_text("utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        translated_line(line, f"reports/{TEMPLATE}:{number}", _noting(found))
    return found


def _noting(found: list[Message]) -> Say:
    """Notes each message, and leaves the text as it is."""

    def note(message: Message) -> str:
        found.append(message)
        return message.text

    return note


def bring_up_to_date(
    project: Project, language: str, begun: Sequence[str] = ()
) -> Iterator[tuple[str, int]]:
    """Write every catalogue of a language anew: those that are there, and those of ``begun``.

    Yields each file as it is written, and how many of its texts wait for a translation.
    """
    known = page_names(project)
    raise_all(
        Problem(
            f"baro translate {language} {n}",
            f"there is no page reports/{n}.qmd",
            nearest(n, known),
            "correct the name",
        )
        for n in begun
        if n not in known
    )
    there = {p.stem for p in (project.reports / language).glob("*.po")}
    pages = sorted(there.intersection(known) | set(begun)) + include_names(project)
    for survey in survey_ids(project.surveys):
        messages = survey_messages(load_survey(project.surveys, survey))
        yield _written(project, f"surveys/{survey}/{language}.po", language, messages)
    yield _written(project, shown(language, SITE), language, site_messages(project))
    for name in pages:
        yield _written(project, shown(language, name), language, page_messages(project, name))
    for register in registers_on(project, pages):
        path = project.register_catalogue(register.spec.name, language)
        yield _written(project, project.shown(path), language, register_messages(register))


def _written(
    project: Project, name: str, language: str, messages: Iterable[Message]
) -> tuple[str, int]:
    path: Path = project.root / name
    text, waiting = updated(path, name, language, messages)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_aside(path, text.encode())
    return name, waiting
