"""The project file, its companions, and the options that hold for one document."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import Problem, raise_all, refuse
from analysis.render import schema
from analysis.render.yamlread import Yaml, read_yaml

# Quarto adds jQuery from another host to these as soon as one cell returns HTML.
_LEAKS = re.compile(
    r"\$(?:if\(|for\()?(header-includes|include-before|include-after|math|styles\.html)\b"
)
_CONTROL = ("project", "execute", "format", "filters", "crossref", "jupyter", "engine")
_TITLES = {
    "fr": ("Figure", "Table", "Section", "Équation", "Table des matières"),
    "en": ("Figure", "Table", "Section", "Equation", "Table of contents"),
}


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with ``_quarto.yml``: what holds for all of its documents.

    variables : ``_variables.yml``
    environment : ``_environment``, added to the caller's environment for the kernels
    """

    root: Path
    settings: Yaml
    variables: dict[str, Any]
    environment: dict[str, str]

    def shown(self, path: Path) -> str:
        """A path as messages name it: relative to the project."""
        return os.path.relpath(path, self.root).replace(os.sep, "/")


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for one document, the project's settings and its own put together."""

    metadata: dict[str, Any]
    execute: dict[str, Any]
    crossref: dict[str, str]
    starts_kernel: bool

    def flag(self, name: str) -> bool:
        """A setting that is true or false; false when it is not given."""
        return self.metadata.get(name) is True

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        return int(self.metadata.get(name, default))

    def listed(self, name: str) -> list[str]:
        """A text or a list of texts, always as a list."""
        value = self.metadata.get(name) or []
        return [str(v) for v in value] if isinstance(value, list) else [str(value)]

    @property
    def lang(self) -> str:
        """Language of the page."""
        return str(self.metadata.get("lang", "en"))


def load_project(root: Path) -> Project:
    """Read ``root/_quarto.yml`` with ``_variables.yml`` and ``_environment`` beside it.

    Raises BaroError on a setting outside the subset, or a file it names that is not there.
    """
    file = root / "_quarto.yml"
    if not file.is_file():
        raise refuse(
            str(file),
            "there is no project file",
            "_quarto.yml beside the documents",
            "copy reports/_quarto.yml there",
        )
    settings = read_yaml(file.read_text("utf-8"), file.name)
    variables = root / "_variables.yml"
    project = Project(
        root=root,
        settings=settings,
        variables=_variables(variables),
        environment=_environment(root / "_environment"),
    )
    raise_all(_project_problems(project))
    return project


def _variables(file: Path) -> dict[str, Any]:
    return read_yaml(file.read_text("utf-8"), file.name).data if file.is_file() else {}


def _environment(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise refuse(f"{file.name}:{number}", f'"{line}"', "NAME=value", "write NAME=value")
        found[name.strip()] = value.strip().strip("\"'")
    return found


def _project_problems(project: Project) -> Iterator[Problem]:
    settings = project.settings
    html = settings.section("format", "html")
    yield from schema.wrong(settings, ("project",), schema.PROJECT, closed=True)
    yield from common_problems(settings)
    for name, value in schema.REQUIRED.items():
        if name not in html:
            yield Problem(
                settings.where("format", "html"),
                f"format.html has no {name}",
                remedy=f"add `{name}: {value}` under html: without it Quarto makes another page",
            )
    yield from _companion_problems(project)
    yield from _filter_problems(project)
    yield from _template_problems(project, html.get("template"))


def common_problems(settings: Yaml) -> Iterator[Problem]:
    """Problems of the settings that stand in the project file and in documents alike."""
    yield from schema.wrong(settings, (), schema.TOP, closed=False)
    yield from schema.wrong(settings, ("execute",), schema.EXECUTE, closed=True)
    yield from schema.wrong(settings, ("crossref",), schema.CROSSREF, closed=True)
    formats = settings.data.get("format", "html")
    for name in [formats] if isinstance(formats, str) else formats or {}:
        if name != "html":
            place = settings.where("format", str(name))
            yield Problem(place, f"the format {name}", "html", "write `format: html`")
    yield from schema.wrong(settings, ("format", "html"), schema.FORMAT, closed=True)


def profiles() -> list[str]:
    """The active profiles, as Quarto takes them from ``QUARTO_PROFILE``."""
    given = os.environ.get("QUARTO_PROFILE", "")
    return [name.strip() for name in given.split(",") if name.strip()]


def utf8_environment() -> dict[str, str]:
    """The caller's environment for a programme of the renderer, its locale one that writes UTF-8.

    pandoc takes the encoding of file names and of what it reads from the locale: in ``C`` it
    cannot open a folder called "été".
    """
    known = {"LC_ALL": "C.UTF-8"} if sys.platform == "linux" else {}
    return {**os.environ, **known}


def _companion_problems(project: Project) -> Iterator[Problem]:
    """Files that Quarto merges into the settings, and that are not read here."""
    names = ["_metadata.yml", "_quarto.yml.local", *(f"_quarto-{name}.yml" for name in profiles())]
    for name in names:
        if (project.root / name).is_file():
            yield Problem(
                name,
                "settings outside _quarto.yml",
                remedy=f"write them in _quarto.yml, and remove {name}",
            )


def _filter_problems(project: Project) -> Iterator[Problem]:
    given = project.settings.data.get("filters") or []
    for number, entry in enumerate(given if isinstance(given, list) else [given], 1):
        place = project.settings.where("filters", str(number))
        if not isinstance(entry, dict) or entry.get("at") != "pre-ast" or "path" not in entry:
            yield Problem(
                place,
                "a filter that does not run at pre-ast",
                remedy="write `- path: _assets/report.lua` and below it `at: pre-ast`",
            )
        elif not (project.root / entry["path"]).is_file():
            yield missing(place, "filter", entry["path"])


def _template_problems(project: Project, template: Any) -> Iterator[Problem]:
    if not isinstance(template, str):
        return
    file = project.root / template
    if not file.is_file():
        yield missing(project.settings.where("format", "html", "template"), "template", template)
        return
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        for leak in _LEAKS.finditer(line):
            yield Problem(
                f"{template}:{number}",
                f"the template prints ${leak[1]}$",
                remedy="take it out: Quarto fills it with scripts of another host",
            )


def missing(place: str, what: str, path: str) -> Problem:
    """The problem of a file that is named but not there."""
    return Problem(
        place,
        f'the {what} "{path}" is not there',
        remedy="correct the path (relative to _quarto.yml), or add the file",
    )


def filters(project: Project) -> list[Path]:
    """The project's own Lua filters, in order."""
    return [project.root / entry["path"] for entry in project.settings.data.get("filters") or []]


def options_for(project: Project, front: Yaml) -> Options:
    """Put together the settings of the project and of a document; the document's own win."""
    layers = [
        project.settings.data,
        project.settings.section("format", "html"),
        front.data,
        front.section("format", "html"),
    ]
    merged: dict[str, Any] = {}
    for layer in layers:
        merged.update({k: v for k, v in layer.items() if k not in _CONTROL})
    execute: dict[str, Any] = {"echo": True, "eval": True, "include": True, "output": True}
    execute |= {"warning": True, **project.settings.section("execute")}
    names = _TITLES.get(str(merged.get("lang", "en")).split("-")[0], _TITLES["en"])
    merged.setdefault("toc-title", names[4])
    return Options(
        metadata=merged,
        execute={**execute, **front.section("execute")},
        crossref=_crossref(names, project.settings.section("crossref"), front.section("crossref")),
        starts_kernel="jupyter" in front.data,
    )


def _crossref(names: tuple[str, ...], *layers: Mapping[str, str]) -> dict[str, str]:
    figure, table, section, equation, _ = names
    found = {
        "title-delim": ":",
        "fig-title": figure,
        "tbl-title": table,
        "fig-prefix": figure,
        "tbl-prefix": table,
        "sec-prefix": section,
        "eq-prefix": equation,
    }
    for layer in layers:
        found |= layer
    return found
