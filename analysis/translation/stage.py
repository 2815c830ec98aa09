"""The staged copy of the reports in another language, beside the French one.

It has the translated pages, a template whose links lead to what there is, and no downloads: the
files of ``donnees/`` stand once, beside the French pages, one folder up. Pages that code makes
whole (fiches…) are written into it by who makes them, then placed: :func:`place_made`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from analysis.claims import translated_registers
from analysis.definition import load_survey, survey_ids
from analysis.errors import BaroError, Problem, raise_all
from analysis.language import NAMES, SOURCE
from analysis.phrasebook import read_catalogue, translated
from analysis.project import Project
from analysis.translation.catalogues import (
    SITE,
    TEMPLATE,
    include_names,
    pages_in,
    registers_on,
    shown,
)
from analysis.translation.markup import translated_line
from analysis.translation.prose import translated_page

_CROSSREF = {
    "en": {"title-delim": ":", "tbl-title": "Table", "fig-prefix": "figure", "tbl-prefix": "table",
           "sec-prefix": "section", "eq-prefix": "equation"},
}  # fmt: skip
_FRENCH = {"en": "(in French)"}  # after a link that leads to a French page
# Every page is refused that has no policy: what stands in for one has the strictest.
_STAND_IN = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; base-uri 'none'; form-action 'none'\">\n"
)
_PLACE = re.compile(r"^ici: \{", re.M)
_RESOURCES = re.compile(r"(?m)^(\s*resources: \[)")
_ITEM = re.compile(r'\s*<li><a href="([\w-]+\.html)"')
_LINK = re.compile(r'<a href="([\w-]+\.html)"([^>]*)>(.*?)</a>')
_MARKDOWN_LINK = re.compile(r"\]\(([\w-]+\.html)(#[\w-]+)?\)(?:\{([^{}]*)\})?")


def mark_translated(stage: Path, pages: Iterable[str], language: str) -> None:
    """Tell French pages of a stage where they stand in another language, for the template.

    Something stands there already: pages are checked before those of the language are made.
    """
    (stage / language).mkdir(exist_ok=True)
    settings = stage / "_quarto.yml"
    text = _RESOURCES.sub(rf'\1"{language}/*.html", ', settings.read_text("utf-8"))
    settings.write_text(text, "utf-8")
    for name in pages:
        (stage / language / f"{name}.html").write_text(_STAND_IN, "utf-8")
        path = stage / f"{name}.qmd"
        path.write_text(_placed(path.read_text("utf-8"), language, f"{language}/{name}.html"),
                        "utf-8")  # fmt: skip


def _placed(source: str, language: str, address: str) -> str:
    """The source of a page with the address of the same page in a language in its header."""
    told = f"traduction: {{langue: {language}, nom: {NAMES[language]}, adresse: {address}}}"
    if _PLACE.search(source.split("\n---", 1)[0]):
        return _PLACE.sub(f"ici: {{{told}, ", source, count=1)
    return source.replace("\n", f"\nici: {{{told}}}\n", 1)


def stage_language(project: Project, stage: Path, language: str, made: Sequence[str] = ()) -> Path:
    """Write the stage of a language, from the sources and the ``_quarto.yml`` of the French one.

    made : the pages that code will write into it
    Raises :class:`BaroError` with every text of a page, of the template and of the definitions it
    shows that has no translation, and every translation of what is no longer said.
    """
    translated_pages = pages_in(project, language)
    pages = (*translated_pages, *made)
    target = stage.with_name(f"{stage.name}-{language}")
    shutil.rmtree(target, ignore_errors=True)
    (target / "donnees").mkdir(parents=True)
    shutil.copytree(project.reports / "_assets", target / "_assets")
    problems = _survey_problems(project, language)
    problems += _register_problems(project, translated_pages, language)
    problems += _write_template(project, target, pages, language)
    for name in (*translated_pages, *include_names(project)):
        problems += _write_page(project, target, name, pages, language)
    raise_all(problems)
    settings = _settings(stage / "_quarto.yml", language)
    (target / "_quarto.yml").write_text(settings, "utf-8")
    return target


def place_made(stage: Path, made: Iterable[str], pages: Sequence[str], language: str) -> None:
    """Give the pages that code wrote into the stage their links: to French, and to what is French.

    pages : all that the language has
    """
    for name in made:
        path = stage / f"{name}.qmd"
        text = _linked(path.read_text("utf-8"), pages, language)
        path.write_text(_placed(text, SOURCE, f"../{name}.html"), "utf-8")


def _survey_problems(project: Project, language: str) -> list[Problem]:
    """What the surveys of the project have no words for."""
    problems: list[Problem] = []
    for survey in survey_ids(project.surveys):
        try:
            translated(load_survey(project.surveys, survey), project, language)
        except BaroError as e:
            problems += e.problems
    return problems


def _register_problems(project: Project, pages: Sequence[str], language: str) -> list[Problem]:
    """What the registers of claims on these pages have no words for."""
    try:
        translated_registers(registers_on(project, pages), project, language)
    except BaroError as e:
        return list(e.problems)
    return []


def _settings(path: Path, language: str) -> str:
    """``_quarto.yml`` in the language: without the filter, which sets French typography."""
    settings: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    settings["lang"] = language
    settings["crossref"] = settings.get("crossref", {}) | _CROSSREF[language]
    settings.pop("filters", None)
    project = settings.get("project", {})
    if "output-dir" in project:
        project["output-dir"] += f"-{language}"
    return str(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False))


def _write_template(
    project: Project, target: Path, pages: Sequence[str], language: str
) -> list[Problem]:
    """The template in the language: items of navigation to what it has, other links marked."""
    name = shown(language, SITE)
    catalogue = read_catalogue(project.root / name, name, language)
    lines = (project.reports / TEMPLATE).read_text("utf-8").splitlines()
    made = [
        translated_line(line, f"reports/{TEMPLATE}:{number}", catalogue.find)
        for number, line in enumerate(lines, 1)
    ]
    kept = (line for line in made if _there(line, pages))
    text = "\n".join(_linked(line, pages, language) for line in kept) + "\n"
    (target / TEMPLATE).write_text(text, "utf-8")
    return catalogue.problems()


def _there(line: str, pages: Sequence[str]) -> bool:
    """Whether a line is no item of navigation, or leads to a page of the language."""
    item = _ITEM.match(line)
    return item is None or item[1].removesuffix(".html") in pages


def _linked(line: str, pages: Sequence[str], language: str) -> str:
    def link(match: re.Match[str]) -> str:
        if match[1].removesuffix(".html") in pages:
            return match[0]
        return (
            f'<a href="../{match[1]}" hreflang="{SOURCE}"{match[2]}>{match[3]}</a> '
            f"{_FRENCH[language]}"
        )

    return _LINK.sub(link, line)


def _write_page(
    project: Project, target: Path, name: str, pages: Sequence[str], language: str
) -> list[Problem]:
    catalogue = read_catalogue(
        project.root / shown(language, name), shown(language, name), language
    )
    source = (project.reports / f"{name}.qmd").read_text("utf-8-sig")
    text, problems = translated_page(source, f"reports/{name}.qmd", catalogue.find)
    text = _relinked(text, pages, language)
    if name in pages:
        text = _placed(text, SOURCE, f"../{name}.html")
    (target / f"{name}.qmd").write_text(text, "utf-8")
    return [*problems, *catalogue.problems()]


def _relinked(text: str, pages: Sequence[str], language: str) -> str:
    """Links of the prose to pages that are French only lead there, and say so."""

    def link(match: re.Match[str]) -> str:
        if match[1].removesuffix(".html") in pages:
            return match[0]
        more = f" {match[3]}" if match[3] else ""
        address = f"../{match[1]}{match[2] or ''}"
        return f']({address}){{hreflang="{SOURCE}"{more}}} {_FRENCH[language]}'

    return _MARKDOWN_LINK.sub(link, text)
