"""A site built from hostile texts: nothing in its pages or files is more than a text.

`tests/browser/test_hostile.py` opens the same pages in Chromium.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from analysis.project import Project
from analysis.render import check_pages
from tests.hostile.maker import MARKUP, UNSEEN, definition

# Elements that our templates and pieces make; a text that became markup would add one.
NEVER = {"img", "iframe", "object", "embed", "form", "base", "style", "math", "template", "svg:a"}
SCRIPT = re.compile(r"(_assets|donnees/explorer)/[\w-]+\.js")
ADDRESS = re.compile(
    r"(https?://|mailto:|#|[\w./-]+\.(html|css|js|csv|json|jsonld|xml|xlsx|txt|parquet|gz|cff)|data:image/)"
)
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?", re.ASCII)
STARTS = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


class Reader(HTMLParser):
    """Every element with its attributes, and every text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def pages(hostile: Project) -> dict[str, Reader]:
    found = sorted(hostile.site.glob("*.html"))
    return {p.stem: Reader(p.read_text("utf-8")) for p in found}


def files(hostile: Project, *suffixes: str) -> list[Path]:
    found = [p for s in suffixes for p in sorted((hostile.site / "donnees").rglob(f"*{s}"))]
    assert found
    return found


def test_no_element_comes_from_a_text(pages: dict[str, Reader]) -> None:
    assert len(pages) > 10
    for name, page in pages.items():
        tags = {tag for tag, _ in page.elements}
        assert not tags & NEVER, name
        for tag, given in page.elements:
            assert not [k for k in given if k.startswith("on") or k == "style"], (name, tag)
            if tag == "script":
                assert SCRIPT.fullmatch(given["src"]), name
            for key in ("href", "src", "xlink:href", "action"):
                assert key not in given or ADDRESS.match(given[key]), (name, given[key])


def test_texts_are_shown_as_they_were_typed(pages: dict[str, Reader]) -> None:
    shown = MARKUP.replace("'", "’")  # as French types it
    for name in ("chiffres", "fiches", "fiche-hostile-sexe-oui", "codebook-hostile", "explorer"):
        assert shown in pages[name].text, name


def test_no_heading_and_no_link_comes_from_markdown(hostile: Project) -> None:
    for page in sorted(hostile.site.glob("*.html")):
        html = page.read_text("utf-8")
        assert not re.search(r"<h[1-6][^>]*>\s*Titre injecté", html), page.name
        assert not re.search(r"<(strong|b|em|sup|del)>\s*(gras|e|s)\s*</", html), page.name


def test_the_environment_is_not_shown(hostile: Project) -> None:
    """A column holds {{< env HOME >}}: it is shown, and not looked up."""
    page = (hostile.site / "codebook-hostile-autres.html").read_text("utf-8")
    assert "&lt; env HOME" in page


def test_pages_pass_the_check_that_a_build_makes(hostile: Project) -> None:
    check_pages(hostile.site, policy=True)


def cells(path: Path, separator: str) -> Iterator[str]:
    text = path.read_text("utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        yield from row


@pytest.mark.parametrize("separator", [";", ","])
def test_no_cell_of_a_csv_runs_in_a_spreadsheet(hostile: Project, separator: str) -> None:
    """Whichever of the two separators the spreadsheet expects."""
    for path in files(hostile, ".csv"):
        for cell in cells(path, separator):
            harmless = not cell.startswith(STARTS) or NUMBER.fullmatch(cell)
            assert harmless, (path.name, cell[:80])


def test_texts_of_a_csv_are_whole(hostile: Project) -> None:
    title = str(definition()["indicators"]["connectes"]["label"])
    found = cells(hostile.site / "donnees" / "hostile_indicateurs.csv", ";")
    disarmed = title.replace(",=1+1;@SUM", ",'=1+1;'@SUM")
    assert disarmed in {c.removeprefix("'") for c in found}


def test_the_workbook_holds_texts_and_no_formula(hostile: Project) -> None:
    with zipfile.ZipFile(hostile.site / "donnees" / "hostile.xlsx") as book:
        parts = {n: book.read(n) for n in book.namelist()}
    sheets = [n for n in parts if n.startswith("xl/worksheets/sheet")]
    assert sheets
    for name, part in parts.items():
        root = ElementTree.fromstring(part)  # control characters would end it here
        assert [e for e in root.iter() if e.tag.rsplit("}", 1)[-1] in ("f", "ddeLink")] == [], name
        text = "".join(root.itertext())
        assert not set(text) & {*UNSEEN, "\x1b", "\x07"}, name
    outside = [n for n, p in parts.items() if b'TargetMode="External"' in p]
    assert all(b"javascript:" not in parts[n] for n in outside)
    assert MARKUP.partition("'")[0] + "'" in "".join(
        "".join(ElementTree.fromstring(parts[n]).itertext()) for n in parts if "shared" in n.lower()
    )


def test_xml_and_json_hold_the_texts_as_data(hostile: Project) -> None:
    label = str(definition()["variables"]["sexe"]["label"])
    tail = label[label.index("L") :].partition("\u2066")[0].strip()
    (ddi,) = files(hostile, ".ddi.xml")
    assert b"<!DOCTYPE" not in ddi.read_bytes()
    assert b"<!ENTITY" not in ddi.read_bytes()
    assert any(tail in (e.text or "") for e in ElementTree.parse(ddi).iter())
    for path in files(hostile, ".json"):
        assert isinstance(json.loads(path.read_text("utf-8")), dict | list), path.name


def test_data_files_of_pages_are_one_call_on_data(hostile: Project) -> None:
    for path in files(hostile, ".js"):
        text = path.read_text("utf-8")
        call = re.fullmatch(r'(?:baroExplorer\("[\w/]+",|figureInteractive\()(.*)\);\n', text)
        assert call, path.name
        assert isinstance(json.loads(call[1]), dict)
        if path.parent.name != "donnees":
            assert "<" not in text


def test_labels_of_interactive_figures_hold_no_markup(hostile: Project) -> None:
    """Plotly reads some HTML in texts: bold, links, pictures of a smaller size."""
    for path in sorted((hostile.site / "donnees").glob("hostile-*.js")):
        texts = list(strings(json.loads(path.read_text("utf-8")[len("figureInteractive(") : -3])))
        kept = [t for t in texts if re.search(r"<(?!br>|extra></extra>|/extra>)", t)]
        assert kept == [], path.name


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def test_names_of_files_are_plain(hostile: Project) -> None:
    made = [p for folder in (hostile.site, hostile.build) for p in folder.rglob("*")]
    assert [p.name for p in made if not re.fullmatch(r"[\w.-]+", p.name, re.ASCII)] == []
    beside = {p.name for p in hostile.root.parent.iterdir()}
    assert beside & {"x", "escaped", "x.csv"} == set()
