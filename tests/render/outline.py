"""A page as lines that can be written by hand: one for each block, indented as it nests.

No-break spaces are shown as ``~``, line ends in code as ``⏎``; wrappers without a meaning
(sections around headings, divs of cells, paragraphs in list items) are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "pre",
        "table",
        "caption",
        "figure",
        "figcaption",
        "blockquote",
        "hr",
        "svg",
        "details",
        "summary",
        "thead",
        "tbody",
        "tr",
    ]
)
_OWN = re.compile(r"^(cell.*|quarto-.*|level\d|footnotes.*|figure|csl-.*|references|hanging-.*)$")
_MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**", "code": "`"}
_TEXT_ONLY = frozenset({"p", "h2", "h3", "h4", "dt", "figcaption", "caption", "pre"})


def root_of(page: Path) -> ElementTree.Element:
    return ElementTree.fromstring(page.read_text("utf-8"))


def outline(page: Path) -> list[str]:
    main = root_of(page).find(".//main")
    assert main is not None
    return [line for child in main for line in _block(child, 0)]


def tag_of(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _block(element: ElementTree.Element, depth: int) -> Iterator[str]:
    tag, pad = tag_of(element), "  " * depth
    name = tag + _attributes(element, tag)
    if _heads(element):
        first, *rest = element
        yield f"{pad}{tag_of(first)}#{element.get('id')} {inline(first)}"
        for child in rest:
            yield from _block(child, depth)
        return
    if tag == "svg":
        yield pad + tag
    elif tag == "img":
        yield f"{pad}p {_element(element, in_code=False)}"
    elif tag == "tr":
        cells = (f"{tag_of(cell)} {inline(cell)}" for cell in element)
        yield f"{pad}tr {' | '.join(cells)}"
    elif tag in _TEXT_ONLY or not any(_is_block(child) for child in element):
        yield f"{pad}{name} {inline(element, code=tag == 'pre')}".rstrip()
    elif _is_wrapper(element, name):
        for child in element:
            yield from _block(child, depth)
    elif tag == "li" and [tag_of(child) for child in element] == ["p"]:
        yield f"{pad}{name} {inline(element)}"
    else:
        yield pad + name
        for child in element:
            yield from _block(child, depth + 1)


def _is_block(element: ElementTree.Element) -> bool:
    return tag_of(element) in _BLOCKS


def _is_wrapper(element: ElementTree.Element, name: str) -> bool:
    cell = "cell" in element.get("class", "").split() and element.get("id", "").startswith("cell-")
    return name in ("div", "thead", "tbody") or cell


def _heads(element: ElementTree.Element) -> bool:
    """A section that is there for its heading: its id is the heading's."""
    return element.get("class", "").startswith("level")


def _attributes(element: ElementTree.Element, tag: str) -> str:
    classes = [c for c in element.get("class", "").split() if not _OWN.match(c)]
    identifier = element.get("id", "")
    return (f"#{identifier}" if identifier else "") + "".join(f".{c}" for c in classes)


def inline(element: ElementTree.Element, *, code: bool = False) -> str:
    text = _inline(element, in_code=code)
    text = (
        text.strip("\n").replace("\n", "⏎") if code else re.sub(r"[ \n\t]+", " ", text).strip(" ")
    )
    return text.replace("\u00a0", "~")


def _inline(element: ElementTree.Element, *, in_code: bool = False) -> str:
    parts = [element.text or ""]
    for child in element:
        parts += [_element(child, in_code=in_code), child.tail or ""]
    return "".join(parts)


def _element(child: ElementTree.Element, *, in_code: bool) -> str:
    tag, inner = tag_of(child), _inline(child, in_code=in_code)
    if tag == "a" and child.get("role") == "doc-backlink":
        return ""
    if tag == "a" and child.get("role") == "doc-noteref":
        return f"[^{inner}]"
    if tag == "a":
        return f"[{inner}]({child.get('href')})"
    if tag == "img":
        return f"![{child.get('alt')}]({child.get('src')})"
    if tag == "math":
        notes = [e for e in child.iter() if tag_of(e) == "annotation"]
        return f"${(notes[0].text or '').strip()}$"
    if tag == "span" and child.get("id"):
        return f"span#{child.get('id')} {inner}"
    mark = "" if in_code else _MARKS.get(tag, "")
    return mark + inner + mark
