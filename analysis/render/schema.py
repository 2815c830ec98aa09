"""Which settings exist, and what each may be: the documented subset of Quarto's options."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from analysis.errors import Problem, nearest
from analysis.render.yamlread import Yaml

Kind = Callable[[Any], str]
"""Takes a value, returns what is expected; empty when the value is right."""


def boolean(value: Any) -> str:
    """``true`` or ``false``."""
    return "" if isinstance(value, bool) else "`true` or `false`"


def integer(value: Any) -> str:
    """A whole number."""
    return "" if isinstance(value, str) and value.isdigit() else "a whole number"


def text(value: Any) -> str:
    """One text."""
    return "" if isinstance(value, str) else "a text"


def texts(value: Any) -> str:
    """A text or a list of texts."""
    listed = value if isinstance(value, list) else [value]
    return "" if all(isinstance(v, str) for v in listed) else "a text or a list of texts"


def anything(value: Any) -> str:
    """Not looked at here."""
    return ""


def only(*allowed: Any) -> Kind:
    """One of the given values."""

    def check(value: Any) -> str:
        spelled = [str(a).lower() if isinstance(a, bool) else str(a) for a in allowed]
        return "" if value in allowed else " or ".join(f"`{s}`" for s in spelled)

    return check


EXECUTE: dict[str, Kind] = {
    "echo": boolean,
    "eval": boolean,
    "include": boolean,
    "output": only(True, False, "asis"),
    "warning": boolean,
    "error": only(False),
    "cache": only(False),
    "freeze": only(False),
}
CELL: dict[str, Kind] = {
    **{name: kind for name, kind in EXECUTE.items() if name not in ("cache", "freeze")},
    "label": text,
    "id": text,
    "classes": texts,
    "tags": texts,
    "fig-cap": text,
    "fig-alt": text,
    "tbl-cap": text,
}
CROSSREF: dict[str, Kind] = dict.fromkeys(
    (
        "title-delim",
        "fig-title",
        "tbl-title",
        "fig-prefix",
        "tbl-prefix",
        "sec-prefix",
        "eq-prefix",
    ),
    text,
)
PROJECT: dict[str, Kind] = {
    "type": only("default"),
    "title": text,
    "output-dir": text,
    "render": texts,
    "resources": texts,
    "execute-dir": only("project"),
}
FORMAT: dict[str, Kind] = {
    "template": text,
    "css": texts,
    "toc": boolean,
    "toc-depth": integer,
    "toc-title": text,
    "number-sections": boolean,
    "number-depth": integer,
    "section-divs": boolean,
    "minimal": only(True),
    "theme": only("none"),
    "html-math-method": only("mathml"),
    "html-table-processing": only("none"),
    "syntax-highlighting": only("none"),
    "embed-resources": only(False),
}
REQUIRED: dict[str, str] = {
    "template": "_assets/page.html",
    "minimal": "true",
    "theme": "none",
    "html-math-method": "mathml",
    "html-table-processing": "none",
    "syntax-highlighting": "none",
}
TOP: dict[str, Kind] = {
    **FORMAT,
    "lang": text,
    "date-format": text,
    "bibliography": texts,
    "csl": text,
    "title": text,
    "pagetitle": text,
    "subtitle": text,
    "description": text,
    "jupyter": only("python3"),
    "engine": only("jupyter"),
}
REFUSED: dict[str, str] = {
    **dict.fromkeys(
        ("include-in-header", "include-before-body", "include-after-body", "header-includes"),
        "write it in the template",
    ),
    **dict.fromkeys(
        ("code-fold", "code-tools", "code-line-numbers", "code-copy", "lightbox"),
        "take it out: it needs Quarto's own scripts or styles",
    ),
    **dict.fromkeys(
        ("output-file", "number-offset", "shift-heading-level-by", "self-contained", "standalone"),
        "take it out",
    ),
    "from": "take it out: pages are Pandoc Markdown",
    "comments": "take it out: pages ask nothing of another host",
}


def wrong(
    found: Yaml, path: tuple[str, ...], known: Mapping[str, Kind], *, closed: bool
) -> Iterator[Problem]:
    """Problems of the mapping at ``path``; keys that are not known are wrong when ``closed``."""
    for key, value in found.section(*path).items():
        place = found.where(*path, key)
        if key in REFUSED:
            yield Problem(place, f"the option {key} is outside the subset", remedy=REFUSED[key])
        elif key in known:
            expected = known[key](value)
            if expected:
                typed = re.sub("`(.+?)`", rf"`{key}: \1`", expected)
                remedy = f"write {typed}" if "`" in typed else f"write `{key}:` and {expected}"
                yield Problem(place, f"{key} is {shown(value)}", expected, remedy)
        elif closed:
            yield Problem(
                place,
                f'the option "{key}" is not in the subset',
                remedy=f"{nearest(key, known)} Correct {key}, or take it out",
            )


def shown(value: Any) -> str:
    """A value as it is written in YAML, short."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "a mapping"
    return "empty" if value is None else f'"{value}"'
