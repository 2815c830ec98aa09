"""The guard of our own prose: figures that were typed instead of looked up.

A percentage, an amount or a count in the text of a ``.qmd`` goes stale unseen. It is refused with
its line, unless it is marked as somebody's: between « », in a block quote, in ``[25 %]{.cite}`` or
in a XX
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analysis.errors import Problem, quoted
from analysis.render.source import Document, Line

_SPACE = r"[ \t\u00a0\u202f]"
_NUMBER = rf"[+−-]?\d{{1,3}}(?:{_SPACE}\d{{3}})+(?:,\d+)?|[+−-]?\d+(?:[.,]\d+)?"
_MEASURE = (
    r"%|‰|pour{s}cent\b|pour{s}mille\b|points?\b|€|[kM]€|Mds?€|Mrd€|euros?\b|mille\b|milliers?\b|"
    r"millions?\b|milliards?\b|fois\b|"
    r"per{s}cent\b|percentage{s}points?\b|thousands?\b|billions?\b|times\b"  # in English
).replace("{s}", _SPACE)
_PASSES = (  # what is no finding, in the order in which it is looked for
    rf"\b(?:intervalles?|IC)(?:{_SPACE}de{_SPACE}confiance)?(?:{_SPACE}à)?{_SPACE}9\d{_SPACE}?%",
    rf"\b(?:niveau|seuil|risque){_SPACE}de{_SPACE}\d+{_SPACE}?%",
    r"\b(?:1[5-9]|20)\d\d(?:[-–/](?:1[5-9]|20)?\d\d)?\b(?![ \u00a0\u202f]?[%€])",  # years
    rf"\b\d{{1,2}}(?:er)?{_SPACE}(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|"
    r"octobre|novembre|décembre)\b",
    rf"(?<![\d,.])\d{{1,3}}(?:(?:{_SPACE}(?:à|et|ou){_SPACE}|[-‑–])\d{{1,3}})?{_SPACE}(?:ans?|mois)\b",
    rf"\b9\d%{_SPACE}(?:confidence{_SPACE})?intervals?\b",
    rf"\b\d{{1,2}}{_SPACE}(?:January|February|March|April|May|June|July|August|September|October|"
    r"November|December)\b",
    rf"\baged?{_SPACE}\d{{1,3}}(?:{_SPACE}to{_SPACE}\d{{1,3}}|{_SPACE}(?:or|and){_SPACE}over)?\b",
)
_PASS = re.compile("|".join(_PASSES), re.IGNORECASE)
_MEASURED = re.compile(rf"(?<![\w#./-])(?:{_NUMBER}){_SPACE}*(?:{_MEASURE})", re.IGNORECASE)
_COUNTED = re.compile(
    rf"(?<![\w#.,/-])(?:\d{{1,3}}(?:{_SPACE}\d{{3}})+|\d{{2,}}(?:,\d+)?|\d+,\d+){_SPACE}+(?=[^\W\d_])"
    rf"|(?<![\w#.,/-])[2-9]{_SPACE}+(?=[^\W\d_]+[sx]\b)",
)
_COUNT_WORDS = (
    "une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente|quarante|"
    "cinquante|soixante|cent"
)
_COUNT_WORDS_EN = "one|two|three|four|five|six|seven|eight|nine|ten"
_SPELLED = re.compile(
    rf"\b(?:(?:{_COUNT_WORDS}){_SPACE}(?:\w+{_SPACE}){{1,3}}sur{_SPACE}(?:deux|trois|quatre|cinq|"
    rf"six|sept|huit|neuf|dix)|(?:un|le|deux|les{_SPACE}deux|trois){_SPACE}(?:quarts?|tiers)"
    rf"{_SPACE}d(?:es|u|e)\b|la{_SPACE}moitié{_SPACE}d(?:es|u)\b"
    rf"|(?<!\ben{_SPACE})(?:{_COUNT_WORDS}){_SPACE}"
    rf"(?:pour{_SPACE}cent|millions?|milliards?|points|fois{_SPACE}(?:plus|moins))\b"
    rf"|(?:{_COUNT_WORDS_EN}){_SPACE}(?:in|out{_SPACE}of){_SPACE}(?:{_COUNT_WORDS_EN})\b"
    rf"|(?:one|a|two|three){_SPACE}(?:third|quarter)s?{_SPACE}of\b|half{_SPACE}of\b)",
    re.IGNORECASE,
)
_SKIPPED = re.compile(
    r"\[[^\[\]]*\]\{[^{}]*\.(?:cite|seuil)\b[^{}]*\}"  # marked
    r"|«[^»]*»|“[^”]*”"  # quoted
    r"|\{[^{}]*\}|<[^<>]*>|\]\([^()]*\)|\$[^$]+\$|https?://\S+|\{\{<.*?>\}\}"  # not read
)
_CITED = re.compile(r"^:{3,}\s*(?:\{[^{}]*\.cite\b[^{}]*\}|cite)\s*$")
_FENCED = re.compile(r"^:{3,}\s*(?P<opens>\S.*)?$")


def figure_problems(document: Document) -> list[Problem]:
    """Every typed figure of a document, with its line."""
    return [
        Problem(
            line.where,
            f"a typed figure: {quoted(found)}",
            "a figure that is looked up, or marked as somebody's",
            "look it up: `{python} b.value(…)`; quoted: « … » or "
            f"[{found}]{{.cite}}; a threshold: [{found}]{{.seuil}} (docs/reports-subset.md)",
        )
        for line, found in _typed(list(_prose(document)))
    ]


def _typed(lines: Sequence[tuple[Line, str]]) -> Iterator[tuple[Line, str]]:
    for line, text in lines:
        rest = _PASS.sub(_blank, text)
        spans = {m.span(): m[0] for p in (_MEASURED, _SPELLED, _COUNTED) for m in p.finditer(rest)}
        end = 0
        for (start, stop), found in sorted(spans.items(), key=lambda s: (s[0][0], -s[0][1])):
            if start >= end:
                yield line, found.strip()
                end = stop


def _prose(document: Document) -> Iterator[tuple[Line, str]]:
    """Lines of prose without what is quoted or marked, which may go on over several lines."""
    kept = [line for line in document.lines if line.zone == "prose"]
    inside: list[bool] = []  # open blocks: whether each is one of citation
    paragraph: list[tuple[Line, str]] = []
    for line in kept:
        fence = _FENCED.match(line.text.strip())
        ends = not line.text.strip() or fence or line.text.lstrip().startswith(">")
        if ends:
            yield from _unquoted(paragraph)
            paragraph = []
        if fence and fence["opens"]:
            inside.append(bool(_CITED.match(line.text.strip())))
        elif fence and inside:
            inside.pop()
        elif not ends and not any(inside):
            paragraph.append((line, line.bare))
    yield from _unquoted(paragraph)


def _unquoted(paragraph: Sequence[tuple[Line, str]]) -> Iterator[tuple[Line, str]]:
    """A paragraph's lines, what is skipped blanked, its ends of lines in place."""
    whole = "\n".join(text for _, text in paragraph)
    lines = _SKIPPED.sub(_blank, whole).split("\n")
    if paragraph:
        yield from ((line, text) for (line, _), text in zip(paragraph, lines, strict=True))


def _blank(match: re.Match[str]) -> str:
    """A stop for every sign, so that nothing is read across what was taken out."""
    return "".join(c if c == "\n" else "|" for c in match[0])
