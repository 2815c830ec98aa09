"""What can be said of a document without running it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from analysis.errors import Problem
from analysis.render.cells import Cell
from analysis.render.config import Options, common_problems, missing
from analysis.render.dates import format_date
from analysis.render.inline import EXPRESSION, has_expression
from analysis.render.source import Document, Line

_DIV = re.compile(r"^(?:[ \t>]*|[ \t]*[-*+][ \t]+):{3,}[ \t]*(?P<rest>.*?)[ \t]*:*[ \t]*$")
_IDENTIFIER = re.compile(r"\{[^{}<>]*?#(?P<id>[^\s{}#.\"'=]+)[^{}<>]*\}")
_QMD_LINK = re.compile(r"\]\(([^()\s:]+)\.qmd(#[^()\s]*)?[)\s]")
_OPENED = re.compile(r"(?<!`)`\{python\}")
_NOTE_TEXT = re.compile(r"^ {0,3}\[\^([^\]\s]+)\]:")
_NOTE_MARK = re.compile(r"\[\^([^\]\s]+)\](?!:)")
_H1 = re.compile(r"^#[ \t]+\S|^#$")
_RESERVED = re.compile(
    r"^(lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem|alg|prf|nte|tip|wrn|imp|cau|quarto)-"
)


def document_problems(document: Document, cells: list[Cell], options: Options) -> list[Problem]:
    """Every problem of a document that its text shows, in the order of the lines."""
    prose = [line for line in document.lines if line.zone == "prose"]
    found = [
        *_front_problems(document, options),
        *div_problems(document.lines),
        *_identifier_problems(prose, cells),
        *_line_problems(document.lines),
        *_footnote_problems(prose),
        *_kernel_problems(document, cells, options),
    ]
    return found


def _front_problems(document: Document, options: Options) -> Iterator[Problem]:
    front = document.front
    yield from common_problems(front)
    if not front.data.get("title"):
        yield Problem(
            front.where("title"), "no title", remedy='add `title: "…"` to the front matter'
        )
    for key, value in front.data.items():
        if "{{<" in str(value) or "`{python}" in str(value):
            yield Problem(
                front.where(key),
                f"a shortcode or an expression in {key}",
                remedy="write its value, or print it in the body",
            )
    for key in ("project", "filters"):
        if key in front.data:
            yield Problem(
                front.where(key), f"{key} in a document", remedy="write it in _quarto.yml"
            )
    written, style = options.metadata.get("date"), options.metadata.get("date-format", "iso")
    if written is not None:
        try:
            format_date(str(written), str(style), options.lang)
        except ValueError as error:
            yield Problem(
                front.where("date"),
                str(error),
                "a date and a way to write it",
                "write `date: 2024-12-31` and `date-format: long` or `D MMMM YYYY`",
            )


def file_problems(document: Document, options: Options, root: Path) -> Iterator[Problem]:
    """Bibliographies, styles and stylesheets that are named but not there."""
    front = document.front
    for key in ("bibliography", "csl", "css", "template"):
        deep = key not in front.data and key in front.section("format", "html")
        where = front.where("format", "html", key) if deep else front.where(key)
        for name in options.listed(key):
            if not (root / name).is_file():
                yield missing(where, key, name)


def div_problems(lines: Iterable[Line]) -> Iterator[Problem]:
    """Blocks ``:::`` that are not closed, and closings of nothing."""
    opened: list[Line] = []
    for line in lines:
        found = _DIV.match(line.text) if line.zone == "prose" else None
        if found is None:
            continue
        if found["rest"]:
            opened.append(line)
        elif opened:
            opened.pop()
        else:
            yield Problem(line.where, "::: closes nothing", remedy="take this line out")
    for line in opened:
        yield Problem(
            line.where,
            f"the block {line.text.strip()} is not closed",
            remedy="write ::: on a line of its own where it ends",
        )


def _identifier_problems(prose: Iterable[Line], cells: Iterable[Cell]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, place in sorted(_identifiers(prose, cells), key=lambda pair: _order(pair[1])):
        if name in seen:
            yield Problem(
                place,
                f'the id "{name}" is given twice (first at {seen[name]})',
                remedy=f'write another one, like "{name}-2", in one of the two places',
            )
        elif _RESERVED.match(name):
            yield Problem(
                place,
                f'the id "{name}" is one of Quarto\'s own kinds of cross-reference',
                remedy=f'write another id, like "bloc-{name}"',
            )
        seen.setdefault(name, place)


def _order(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line)


def _identifiers(prose: Iterable[Line], cells: Iterable[Cell]) -> Iterator[tuple[str, str]]:
    for line in prose:
        for match in _IDENTIFIER.finditer(line.bare):
            yield match["id"], line.where
    for cell in cells:
        for name in {str(cell.options.get(key, "")) for key in ("label", "id")} - {""}:
            yield name, cell.opening.where


def _footnote_problems(prose: list[Line]) -> Iterator[Problem]:
    defined = {m[1] for line in prose if (m := _NOTE_TEXT.match(line.text))}
    used: set[str] = set()
    for line in prose:
        marks = [m[1] for m in _NOTE_MARK.finditer(line.bare)]
        used.update(marks)
        for name in marks:
            if name not in defined:
                yield Problem(
                    line.where,
                    f"the footnote [^{name}] is not defined",
                    remedy=f"write `[^{name}]: its text` on a line of its own",
                )
    for line in prose:
        note = _NOTE_TEXT.match(line.text)
        if note and note[1] not in used:
            yield Problem(
                line.where,
                f"the footnote [^{note[1]}] is nowhere in the text: it is not printed",
                remedy=f"write [^{note[1]}] where it belongs, or take it out",
            )


def _line_problems(lines: tuple[Line, ...]) -> Iterator[Problem]:
    previous: Line | None = None
    for number, line in enumerate(lines):
        following = lines[number + 1].text if number + 1 < len(lines) else ""
        if line.zone == "fence" and _OPENED.search(line.text):
            yield Problem(
                line.where,
                "an inline expression in a code block",
                remedy="write it outside the block, or as {{python}}",
            )
        if line.zone == "prose":
            yield from _markup_problems(line, previous, following)
        previous = line


def _markup_problems(line: Line, previous: Line | None, following: str) -> Iterator[Problem]:
    blank_before = previous is None or not previous.text.strip() or previous.zone != "prose"
    if _H1.match(line.text) and blank_before:
        yield Problem(
            line.where,
            f"a heading of level 1: {line.text.strip()}",
            "## or deeper",
            f"write #{line.text.strip()}: the title of the page is its only <h1>",
        )
    if line.text.rstrip() == "---" and blank_before and following.strip():
        yield Problem(
            line.where,
            "--- is taken for the start of a second front matter",
            remedy="leave a blank line after it",
        )
    if _OPENED.search(EXPRESSION.sub("", line.text)):
        yield Problem(
            line.where,
            "an inline expression that is empty or not closed on its line",
            remedy="write `{python} expression` on one line",
        )
    for link in _QMD_LINK.finditer(line.bare):
        yield Problem(
            line.where,
            f"a link to {link[1]}.qmd",
            remedy=f"write {link[1]}.html{link[2] or ''}",
        )


def _kernel_problems(document: Document, cells: list[Cell], options: Options) -> Iterator[Problem]:
    if cells or options.starts_kernel:
        return
    for line in document.lines:
        if has_expression(line):
            yield Problem(
                line.where,
                "an inline expression in a document without a cell",
                remedy="add `jupyter: python3` to the front matter: "
                "without a cell Quarto prints the expression as code",
            )
