"""What a finished page holds, as far as checks and copies need to know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_URLS = ("href", "src", "poster", "data", "action", "xlink:href")
_SILENT = frozenset({"script", "style", "code", "pre", "template"})
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track")
)
_FRAMES = frozenset({"base", "form", "frame", "iframe", "object", "embed", "applet"})
_WATCHED = _FRAMES | {"img", "script", "style"}  # elements that matter without an attribute
_URLS_KNOWN = 16384  # addresses: those of menus stand on every page
_RUNS = re.compile(r"[\x00-\x20]*j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t\s*:", re.IGNORECASE)
_CSS_URL = re.compile(r"""url\(\s*['"]?([^'")\s]+)|@import\s+['"]([^'"]+)""")


class Reference(NamedTuple):
    """An address in a page: the element it stands on, itself, and its line."""

    tag: str
    url: str
    line: int

    @property
    def loads(self) -> bool:
        """Whether the browser fetches it by itself (a link waits for a click)."""
        return self.tag not in ("a", "area")


@dataclass(slots=True)
class Page:
    """A page read once.

    ids, images, breaches : (what, line); images without alt; what a strict policy would drop
    policies : the policies that it declares, with their lines
    prose, code : (text, line) outside and inside code
    unknown : text of a <strong> that ends in "?", with its line
    tracebacks : lines
    """

    file: Path
    ids: list[tuple[str, int]] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    prose: list[tuple[str, int]] = field(default_factory=list)
    code: list[tuple[str, int]] = field(default_factory=list)
    images: list[tuple[str, int]] = field(default_factory=list)
    breaches: list[tuple[str, int]] = field(default_factory=list)
    policies: list[tuple[str, int]] = field(default_factory=list)
    unknown: list[tuple[str, int]] = field(default_factory=list)
    tracebacks: list[int] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.open: list[str] = []
        self.doubt: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if attrs or tag in _WATCHED:  # most cells of tables have none, and are none
            self._note(tag, {name: value or "" for name, value in attrs})
        if tag not in VOID:
            self.open.append(tag)

    def _note(self, tag: str, given: dict[str, str]) -> None:
        line, addresses = self.getpos()[0], list(_addresses(given))
        if "id" in given:
            self.page.ids.append((given["id"], line))
        self.page.references += [Reference(tag, url, line) for url in addresses]
        if tag == "img" and "alt" not in given:
            self.page.images.append((given.get("src", ""), line))
        if "cell-output-error" in given.get("class", "").split():
            self.page.tracebacks.append(line)
        if tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self.page.policies.append((given.get("content", ""), line))
        self.page.breaches += [(what, line) for what in _breaches(tag, given, addresses)]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        place = (data, self.getpos()[0])
        if self.doubt and data[:1] in (")", ";"):
            self.page.unknown.append(self.doubt)
        in_strong = bool(self.open) and self.open[-1] == "strong"
        self.doubt = place if in_strong and data.endswith("?") else None
        silent = _SILENT.intersection(self.open)
        if not silent and not data.isspace():
            self.page.prose.append(place)
        elif silent & {"code", "pre"}:
            self.page.code.append(place)


def _addresses(given: dict[str, str]) -> Iterator[str]:
    yield from (given[name] for name in _URLS if name in given)
    for candidate in given.get("srcset", "").split(","):
        yield from candidate.split()[:1]


def _breaches(tag: str, given: dict[str, str], addresses: list[str]) -> Iterator[str]:
    if "style" in given:
        yield f'style="{given["style"]}" on <{tag}>'
    if tag == "style":
        yield "a <style> element"
    if tag == "script" and "src" not in given and not given.get("type", "").endswith("json"):
        yield "a script within the page"
    yield from (f"{name} on <{tag}>" for name in given if name.startswith("on"))
    if tag in _FRAMES:
        yield f"<{tag}>"
    if any(_RUNS.match(url) for url in addresses):
        yield "a javascript: address"


def read_page(file: Path) -> Page:
    """Read a page."""
    return replace(_read(file.read_bytes()), file=file)


@lru_cache(maxsize=256)
def _read(html: bytes) -> Page:
    """What is read more than once of the same build: where to copy files from, then to check."""
    page = Page(Path())
    reader = _Reader(page)
    reader.feed(html.decode())
    reader.close()
    return page


@lru_cache(maxsize=_URLS_KNOWN)
def is_external(url: str) -> bool:
    """Whether an address leaves the site (or is no file: mailto:, data:)."""
    parts = urlsplit(url)
    return bool(parts.scheme or parts.netloc)


@lru_cache(maxsize=_URLS_KNOWN)
def local_path(url: str) -> str:
    """The path of a local address, without query and fragment, decoded; empty for ``#x``."""
    return unquote(urlsplit(url).path)


def fragment(url: str) -> str:
    """What follows ``#``, decoded."""
    return unquote(urlsplit(url).fragment)


def stylesheet_addresses(css: str) -> Iterator[str]:
    """Addresses in ``url(…)`` and ``@import`` of a stylesheet."""
    for match in _CSS_URL.finditer(css):
        yield match[1] or match[2]
