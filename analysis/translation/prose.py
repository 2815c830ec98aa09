"""A page's source in another language: each paragraph, heading, item and title by itself.

What is computed stands in a paragraph as ``{1}``, ``{2}``, and is carried over; lines keep their
numbers, so that what a renderer says of the copy is true of the source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import yaml

from analysis.errors import Problem
from analysis.phrasebook import Message, Say
from analysis.translation.code import translated_code
from analysis.translation.markup import translated_attributes, translated_line

_KEY = re.compile(r"^(?P<key>(?:#\| )?(?:title|subtitle|description|fig-cap|tbl-cap|fig-alt)): "
                  r"(?P<value>.+)$")  # fmt: skip
_FENCE = re.compile(r"^(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_DIV = re.compile(r"^\s*:{3,}")
_HEADING = re.compile(r"^(?P<before>#{1,6} +)(?P<text>.*?)(?P<after>(?: +\{[^{}]*\})?\s*)$")
_ITEM = re.compile(r"^(?P<before>\s*(?:[-*+]|\d+[.)]|:|>)\s+)(?P<text>.*)$")
_FOREIGN = re.compile(r"^\s*(?:\||\{\{<)")  # tables and inclusions, which are not read here
_EXPRESSION = re.compile(r"(?<!`)`\{python\}[ \t]+([^`]+?)[ \t]*`")
_LETTER = re.compile(r"[^\W\d_]")
_CODE_PLACE = re.compile(r"\{(\d+)\}")


class _Page:
    """One source on its way: where it is, what it says, and what cannot be translated in it."""

    def __init__(self, source: str, file: str, say: Say) -> None:
        self.lines = source.replace("\r\n", "\n").split("\n")
        self.file, self.say, self.problems = file, say, list[Problem]()

    def where(self, at: int) -> str:
        """The place of a line, counted from 0."""
        return f"{self.file}:{at + 1}"


def translated_page(source: str, file: str, say: Say) -> tuple[str, list[Problem]]:
    """The source with every text replaced by what ``say`` gives, and what could not be read."""
    page = _Page(source, file, say)
    return "\n".join(_rewritten(page)), page.problems


def _rewritten(page: _Page) -> Iterator[str]:
    at = 0
    if page.lines[:1] == ["---"]:
        end = next((n for n in range(1, len(page.lines)) if page.lines[n] == "---"), 0)
        yield from (_field(page, n) for n in range(end + 1))
        at = end + 1
    while at < len(page.lines):
        line = page.lines[at]
        fence = _FENCE.match(line)
        if fence:
            end = _closing(page.lines, at, fence["mark"])
            yield from _fenced(page, at, end, fence["info"])
        elif line.lstrip().startswith("<!--"):
            end = next((n for n in range(at, len(page.lines)) if "-->" in page.lines[n]), at)
            yield from page.lines[at : end + 1]
        else:
            end = _block_end(page.lines, at)
            yield from _block(page, at, end)
        at = end + 1


def _field(page: _Page, at: int) -> str:
    """A line of the front matter, or an option of a cell."""
    found = _KEY.match(page.lines[at])
    if found is None:
        return page.lines[at]
    text = str(yaml.safe_load(found["value"]))
    said = page.say(Message(text, page.where(at)))
    return f"{found['key']}: {json.dumps(said, ensure_ascii=False)}"


def _closing(lines: list[str], at: int, mark: str) -> int:
    closes = re.compile(rf"^{mark[0]}{{{len(mark)},}}\s*$")
    return next((n for n in range(at + 1, len(lines)) if closes.match(lines[n])), len(lines) - 1)


def _fenced(page: _Page, at: int, end: int, info: str) -> Iterator[str]:
    inside = range(at + 1, end)
    yield page.lines[at]
    if info.strip().startswith("{python"):
        options = [n for n in inside if page.lines[n].startswith("#|")]
        code = "\n".join("" if n in options else page.lines[n] for n in inside)
        made = translated_code(code, lambda n: page.where(at + n), page.say).split("\n")
        for n, line in zip(inside, made, strict=True):
            yield _field(page, n) if n in options else line
    elif info.strip() == "{=html}":
        yield from (translated_line(page.lines[n], page.where(n), page.say) for n in inside)
    else:
        yield from (page.lines[n] for n in inside)
    if end > at:
        yield page.lines[end]


def _block_end(lines: list[str], at: int) -> int:
    """The last line of what begins at ``at``: a paragraph or an item may take several."""
    alone = (_HEADING, _DIV)
    if not lines[at].strip() or any(p.match(lines[at]) for p in alone):
        return at
    end = at
    while end + 1 < len(lines):
        following = lines[end + 1]
        starts = any(p.match(following) for p in (*alone, _ITEM, _FENCE, _FOREIGN))
        if not following.strip() or starts:
            break
        end += 1
    return end


def _block(page: _Page, at: int, end: int) -> Iterator[str]:
    first = page.lines[at]
    if not first.strip():
        yield first
    elif _DIV.match(first):
        yield translated_attributes(first, page.where(at), page.say)
    elif _FOREIGN.match(first):
        page.problems.append(_unread(page.where(at)))
        yield from page.lines[at : end + 1]
    else:
        found = _HEADING.match(first) or _ITEM.match(first)
        indent = first[: len(first) - len(first.lstrip())]
        before, head = (found["before"], found["text"]) if found else (indent, first)
        after = (found.groupdict().get("after", "") or _anchor(first)) if found else ""
        whole = " ".join([head, *(line.strip() for line in page.lines[at + 1 : end + 1])])
        yield before + _said(whole.strip(), page.where(at), page.say) + after
        yield from [""] * (end - at)


def _anchor(line: str) -> str:
    """The id that a heading without one has from its text, so that links to it lead there still."""
    found = _HEADING.match(line)
    if found is None or not _LETTER.search(found["text"]) or "`" in line:
        return ""
    words = re.sub(r"[^\w\s.-]", "", found["text"]).lower().split()
    return f" {{#{'-'.join(words)}}}"


def _unread(where: str) -> Problem:
    return Problem(
        where,
        "a table or an inclusion, on a page that is translated",
        "paragraphs, lists, headings and cells",
        "print it from a cell",
    )


def _said(text: str, where: str, say: Say) -> str:
    """A paragraph in the other language, its expressions in place."""
    expressions: list[str] = []

    def taken(match: re.Match[str]) -> str:
        expressions.append(match[1])
        return f"{{{len(expressions)}}}"

    template = _EXPRESSION.sub(taken, text)
    computed = [translated_code(e, lambda _: where, say) for e in expressions]
    said = template
    if _LETTER.search(_CODE_PLACE.sub("", template)):
        said = say(Message(template, where, tuple(expressions)))
    return _CODE_PLACE.sub(lambda m: _expression(computed, m), said)


def _expression(computed: list[str], match: re.Match[str]) -> str:
    number = int(match[1])
    return f"`{{python}} {computed[number - 1]}`" if number <= len(computed) else match[0]
