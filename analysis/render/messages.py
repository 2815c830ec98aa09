"""What the Lua filter and pandoc found, as problems with the line in the .qmd."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from analysis.errors import Problem, nearest
from analysis.render.source import Document, locate

# code: what was found, what to type. {needle} is the text in the document, {detail} the rest.
_MESSAGES = {
    "callout": (
        "the callout .{needle} as it is: Quarto makes a plain blockquote of it",
        "write a block of your own, ::: {{.encadre}}, or rewrite callouts in the project's filter",
    ),
    "panel": (
        ".{needle} needs a script that is not loaded",
        "write <details><summary>…</summary> … </details>, or one section below the other",
    ),
    "margin": (".{needle} has no style of its own", "write a class of your own, or a footnote"),
    "layout": (
        "{needle} becomes an inline style, which a strict policy drops",
        "write a class of your own, like ::: {{.deux-colonnes}}",
    ),
    "condition-unknown": (
        'the condition "{needle}"',
        "write when-format, unless-format, when-meta, unless-meta, when-profile or unless-profile",
    ),
    "condition-count": (
        ".{needle} without exactly one condition",
        "write one; for two conditions, nest two blocks",
    ),
    "condition-bare": (
        ".{needle} with an id or other classes, which are lost",
        "put a block with them inside",
    ),
    "image-missing": (
        'the image "{needle}" is not there',
        "correct the path (relative to _quarto.yml), or add the file",
    ),
    "image-alt": ("an image without a text alternative: {needle}", 'add {{fig-alt="…"}} after it'),
    "figure-alt": ("a figure without a text alternative: {needle}", 'add {{fig-alt="…"}} after it'),
    "heading-1": ("a heading of level 1: {needle}", "write it with ##"),
    "nested": ("{needle} stands within another figure or table", "give each a block of its own"),
    "table-id": ("the attributes {needle}… in a caption", "write {{#tbl-x}} alone at its end"),
    "reference": (
        "the reference {needle} leads nowhere",
        "give its target the id {{#{bare}}}, or correct the reference{near}",
    ),
    "unnumbered": (
        "the reference {needle} to a section without a number",
        "take .unnumbered off the section, or write a link: [its title](#{bare})",
    ),
    "suffix": (
        "what follows {needle} between the brackets is lost",
        "write the number alone in brackets: `figures [-@fig-a] et [-@fig-b]`",
    ),
    "mixed": (
        "references and citations in one bracket, from {needle}",
        "write one bracket for each kind",
    ),
    "no-bibliography": (
        "the citation {needle}, and no bibliography",
        "add `bibliography: file.json` to the front matter, or write \\{needle} for a plain @",
    ),
    "citation": (
        "the citation {needle} is not in the bibliography",
        "add it there, or correct its key",
    ),
    "colons": ("::: in the middle of a paragraph: it is printed", "leave a blank line before it"),
}
_NUMBERED = re.compile(r"(fig|tbl|sec|eq|lst)-")
_CITATION = re.compile(r"citation (\S+) not found")


def filter_problems(found: list[Mapping[str, str]], document: Document) -> Iterator[Problem]:
    """Problems the Lua filter wrote."""
    seen = set()
    for entry in found:
        key = (entry["code"], entry["needle"])
        if key not in seen:
            seen.add(key)
            yield _problem(entry["code"], entry["needle"], entry["detail"], document)


def _problem(code: str, needle: str, detail: str, document: Document) -> Problem:
    found, remedy = _MESSAGES[code]
    bare = needle.lstrip("@")
    known = [name for name in detail.splitlines() if name]
    near = f": {nearest(bare, known)}" if known else ""
    places = (needle, bare, f"label: {bare.lstrip('#')}")
    where = locate(document.lines, document.file, *places)
    names = {"needle": needle, "bare": bare, "near": near}
    return Problem(where, found.format(**names), remedy=remedy.format(**names))


def log_problems(log: list[Mapping[str, Any]], document: Document) -> Iterator[Problem]:
    """What pandoc warned of that makes a wrong page."""
    for entry in log:
        if entry["verbosity"] not in ("WARNING", "ERROR"):
            continue
        pretty = str(entry.get("pretty", entry["type"]))
        unknown = _CITATION.search(pretty)
        if unknown and not _NUMBERED.match(unknown[1]):  # those the filter has reported
            yield _problem("citation", "@" + unknown[1], "", document)
        elif unknown is None:
            contents = str(entry.get("contents", "")).strip().split("\n")[0]
            yield Problem(
                locate(document.lines, document.file, *filter(None, [contents])),
                f"pandoc warns: {pretty.splitlines()[0]}",
                remedy="correct the Markdown or the formula there",
            )
