"""Inline expressions: `` `{python} part` `` in prose, headings, tables and code spans."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping

from analysis.render.source import Line

EXPRESSION = re.compile(r"(?<!`)`\{python\}[ \t]+([^`]+?)[ \t]*`")
_LONG_SPAN = re.compile(r"(`{2,})(?!`).*?(?<!`)\1(?!`)")
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~^$@&])")
_BLANKS = re.compile(r"[ \t]*\n\s*")
Evaluate = Callable[[str, Line], Awaitable[Mapping[str, str]]]


def has_expression(line: Line) -> bool:
    """Whether a line of prose evaluates something."""
    return line.zone == "prose" and EXPRESSION.search(line.text) is not None


async def evaluated(line: Line, evaluate: Evaluate) -> str:
    """The text of a line, each expression replaced by its value as Markdown, in order."""
    if not has_expression(line):
        return line.text
    spans = [match.span() for match in _LONG_SPAN.finditer(line.text)]
    out, done = "", 0
    for match in EXPRESSION.finditer(line.text):
        bundle = await evaluate(match[1].strip(), line)
        shown = any(start < match.start() < end for start, end in spans)
        out += line.text[done : match.start()] + as_markdown(bundle, in_code=shown)
        done = match.end()
    return out + line.text[done:]


def as_markdown(bundle: Mapping[str, str], *, in_code: bool = False) -> str:
    """A value within a line: HTML and Markdown as such, plain text escaped."""
    for kind in ("text/html", "text/markdown", "text/latex"):
        if kind in bundle:
            return bundle[kind].strip("\n")
    plain = _BLANKS.sub(" ", bundle.get("text/plain", ""))
    return plain if in_code else _MARKUP.sub(r"\\\1", plain)
