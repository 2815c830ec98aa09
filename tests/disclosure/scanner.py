"""Looks through every file of a site for the value of a hidden figure beside the name of its group.

A number is a leak where it is the hidden one as it would be printed, and no figure that is
published of a group named beside it explains it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<!--.*?-->", re.DOTALL)
_ATTRIBUTE = re.compile(r'\s(?:aria-label|alt|title|content|data-[\w-]+|value)="([^"]*)"')
_BLOCK = re.compile(r"</(?:p|li|td|th|tr|text|h\d|dd|dt|figcaption|title|desc|caption|div)>|<br/?>")
_RULE = re.compile(r"(?:moins|plus) de \d+|\b[0-9a-f]{16}\b")  # a reason, a fingerprint: no figure
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)[\s\u00a0\u202f]*(?:%|\|)?")


@dataclass(frozen=True)
class Secret:
    """group : as pages name it ; printed : the ways its value would be written"""

    figure: tuple[str, ...]
    group: str
    printed: frozenset[str]


def written(share: float) -> frozenset[str]:
    """``0.3`` -> 30, 30,0, 30.0 and so on."""
    percent = 100 * share
    texts = {f"{percent:.{d}f}" for d in (0, 1, 2)} | {f"{percent:.10g}"}
    return frozenset({t for text in texts for t in (text, text.replace(".", ","))})


def leaks(
    site: Path, secrets: list[Secret], published: dict[str, set[str]]
) -> list[tuple[str, Secret, str]]:
    """(file, secret, text) of each leak. published : group -> numbers that are printed of it."""
    by_group: dict[str, list[Secret]] = {}
    for secret in secrets:
        by_group.setdefault(secret.group, []).append(secret)
    found = []
    for path, text in texts(site):
        named = [g for g in published if re.search(rf"\b{re.escape(g)}(?!\w)", text)]
        mine = [s for g in named for s in by_group.get(g, ()) if _about(path, text, s)]
        if not mine:
            continue
        explained = set().union(*(published[g] for g in named))
        numbers = set(_PERCENT.findall(_RULE.sub("", text))) - explained
        found += [(path, s, text) for s in mine if s.printed & numbers]
    return found


def _about(path: str, text: str, secret: Secret) -> bool:
    """A row of a table of data says itself which wave and indicator it is of."""
    return not path.endswith(".csv") or {*secret.figure[:2]} <= {*text.split(";")}


def texts(site: Path) -> Iterator[tuple[str, str]]:
    """Every piece of text of every file that people and programs read, with its file."""
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if name.startswith("_assets") or not path.is_file():
            continue
        readers = {".html": _page, ".js": _script, ".json": _json, ".csv": _lines, ".xlsx": _sheets}
        for text in readers.get(path.suffix, _nothing)(path):
            yield name, text


def _page(path: Path) -> Iterator[str]:
    raw = _TAG.sub(" ", path.read_text("utf-8"))
    yield from (html.unescape(a) for a in _ATTRIBUTE.findall(raw))
    for row in re.split(r"</tr>", raw):  # a row of a table is one piece: its head names the group
        for piece in [row] if "<td" in row else _BLOCK.split(row):
            yield html.unescape(re.sub(r"<[^>]*>", " ", piece))


def _script(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    yield from _values(json.loads(text[text.index("{") : text.rindex("}") + 1]))


def _json(path: Path) -> Iterator[str]:
    yield from _values(json.loads(path.read_text("utf-8")))


def _values(data: Any) -> Iterator[str]:
    """Strings; and lists beside each other (x, y, text of a chart) place by place."""
    if isinstance(data, dict):
        lists = [v for v in data.values() if isinstance(v, list)]
        lists += [inner for v in lists for inner in v if isinstance(inner, list)]
        longest = max((len(v) for v in lists), default=0)
        for k in range(longest):
            beside = (v[k] for v in lists if k < len(v))
            yield " | ".join(str(x) for x in beside if not isinstance(x, dict | list))
        for value in data.values():
            yield from _values(value)
    elif isinstance(data, list):
        for value in data:
            yield from _values(value)
    elif isinstance(data, str):
        yield data


def _lines(path: Path) -> Iterator[str]:
    yield from path.read_text("utf-8-sig").splitlines()


def _sheets(path: Path) -> Iterator[str]:
    book = fastexcel.read_excel(path)
    for sheet in book.sheet_names:
        frame: pl.DataFrame = book.load_sheet(sheet, header_row=None).to_polars()
        for row in frame.iter_rows():
            yield " | ".join(str(v) for v in row if v is not None)


def _nothing(path: Path) -> Iterator[str]:
    return iter(())
