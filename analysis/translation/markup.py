"""The words in markup: the template of pages, raw HTML, and attributes that are read aloud."""

from __future__ import annotations

import re

from analysis.phrasebook import Message, Say

_TEXT = re.compile(r"(?<=>)[^<>]+(?=<)")
_SILENT = re.compile(r"<(script|style)\b.*?</\1>")
_NAMED = re.compile(r'(?P<before>\b(?:aria-label|alt|title)=")(?P<text>[^"]+)(?=")')
_DIRECTIVE = re.compile(r"\$[^$]*\$")
_LETTER = re.compile(r"[^\W\d_]")


def translated_line(line: str, where: str, say: Say) -> str:
    """A line of markup with its texts and spoken attributes replaced.

    ``$…$`` of a template is carried over; a text is what stands between two tags of one line.
    """

    def text(match: re.Match[str]) -> str:
        return _around(match[0], where, say)

    named = _NAMED.sub(lambda m: m["before"] + say(Message(m["text"], where)), line)
    return _TEXT.sub(text, named) if not _SILENT.search(named) else named


def _around(words: str, where: str, say: Say) -> str:
    """The text between the spaces around it, where there is a word in it."""
    inner = words.strip()
    if not _LETTER.search(_DIRECTIVE.sub("", inner)):
        return words
    start = len(words) - len(words.lstrip())
    return words[:start] + say(Message(inner, where)) + words[start + len(inner) :]


def translated_attributes(attributes: str, where: str, say: Say) -> str:
    """The attributes of a fenced block, ``{.x aria-label="…"}``."""
    return _NAMED.sub(lambda m: m["before"] + say(Message(m["text"], where)), attributes)
