"""Words and HTML within a Quarto document: neither can end the place it stands in."""

from __future__ import annotations

import re

from analysis.wording.numbers import typeset

_LINES = re.compile(r"[ \t]*[\r\n]\s*")
_SIGNS = re.compile(r"""([!-&(-/:-@\[-`{-~])""")  # all of ASCII's but ', which typeset curls
_FENCES = re.compile(r"\n(?=[ \t>]*(?:`{3}|~{3}|:{3}))")


def markdown(words: str) -> str:
    """Plain words as Markdown, on one line: nothing in them is markup."""
    return _SIGNS.sub(r"\\\1", _LINES.sub(" ", typeset(words)).strip(" \t"))


def raw_html(html: str) -> str:
    """HTML that a document holds as it is."""
    return f"```{{=html}}\n{unbroken(html)}\n```"


def unbroken(html: str) -> str:
    """The same HTML, of which no line can end the block that it stands in."""
    return _FENCES.sub("&#10;", html)
