"""Every page of a built site, in a real Chromium, opened from its file."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.driver import Browser, why_not

# Budgets of a page before any click, stylesheet included (docs of the project: DESIGN.md).
RAW, ZIPPED, STYLE, FIGURE = 96_000, 25_000, 11_600, 6_000
AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")
PANELS = {"index": 0, "ponderation": 2, "barometre-numerique": 14, "collectivites-ia": 7,
          "ia-collectivites": 3, "illectronisme": 7, "illectronisme-falc": 0, "fiches": 0,
          "methode": 0, "accessibilite": 0}  # fmt: skip
FICHE = 40_000  # a page about one group, stylesheet left out: there are many
OWN_SHEET = {"illectronisme-falc"}
SAYS_NOTHING_OF_DATA = {"accessibilite"}
SQUARES = {"barometre-numerique": 13}
LOOKS = [(320, False), (320, True), (768, False), (1280, False), (1280, True)]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    reason = why_not()
    if reason:
        pytest.skip(reason)
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def pages(built_site: Path) -> list[Path]:
    others = ("codebook", "fiche-")
    found = sorted(p for p in built_site.glob("*.html") if not p.name.startswith(others))
    assert {f"{name}.html" for name in PANELS} == {p.name for p in found}
    return found


@pytest.fixture(scope="module")
def fiches(built_site: Path) -> list[Path]:
    found = sorted(built_site.glob("fiche-*.html"))
    assert 20 < len(found) <= 60
    return found


@pytest.mark.parametrize(("width", "dark"), [(320, False), (1280, True)])
def test_fiches_can_be_read(
    browser: Browser, fiches: list[Path], width: int, *, dark: bool
) -> None:
    for page in fiches:
        browser.open(page, width=width, dark=dark)
        found: dict[str, Any] = browser.run(AUDIT)
        for complaint in ("faint", "pale", "small", "outside", "crossed", "askew", "jumps",
                          "twice", "dangling", "unnamed", "landmarks"):  # fmt: skip
            assert found[complaint] == [], f"{page.name} at {width} px: {complaint}"
        assert found["overflow"] <= 0, f"{page.name} scrolls sideways at {width} px"
        assert found["levels"].count(1) == 1
        assert browser.log("browser") == []


def test_fiches_are_light_and_differ(fiches: list[Path]) -> None:
    titles = set()
    for page in fiches:
        html = page.read_text("utf-8")
        assert len(html.encode()) <= FICHE, page.name
        assert html.count('aria-current="page"') == 1
        assert 'class="demo"' in html
        titles.add(re.findall(r"<title>([^<]+)</title>", html)[0])
    assert len(titles) == len(fiches)


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_pages_can_be_read(browser: Browser, pages: list[Path], width: int, *, dark: bool) -> None:
    for page in pages:
        browser.open(page, width=width, dark=dark)
        found: dict[str, Any] = browser.run(AUDIT)
        for complaint in ("faint", "pale", "small", "outside", "collisions", "crossed", "askew",
                          "spilled", "uneven", "jumps", "twice", "dangling", "unnamed",
                          "landmarks"):  # fmt: skip
            assert found[complaint] == [], f"{page.name} at {width} px: {complaint}"
        assert found["overflow"] <= 0, f"{page.name} scrolls sideways at {width} px"
        assert found["levels"].count(1) == 1
        assert found["lang"] == "fr"
        assert found["sheets"] == 1 + (page.stem in OWN_SHEET), "the policy keeps a sheet out"
        assert found["styled"] == 0
        assert found["texts"] > 50
        assert found["panels"] >= PANELS[page.stem]
        assert found["squares"] == SQUARES.get(page.stem, 0)


def test_pages_ask_nothing_of_another_host(browser: Browser, pages: list[Path]) -> None:
    for page in pages:
        browser.open(page)
        browser.run("return 1")
        asked = [u for u in browser.requests() if not u.startswith(("file:", "data:"))]
        assert asked == []
        assert browser.log("browser") == []


def test_pages_are_whole_without_scripts(browser: Browser, pages: list[Path]) -> None:
    for page in pages:
        browser.open(page)
        with_scripts = browser.run("return document.body.innerText.length")
        browser.open(page, scripts=False)
        tree = browser.devtools("DOMSnapshot.captureSnapshot", computedStyles=[])
        assert len(tree["documents"][0]["layout"]["text"]) > 50
        browser.open(page)
        assert browser.run("return document.body.innerText.length") == with_scripts


def test_text_spacing_does_not_break_the_page(browser: Browser, pages: list[Path]) -> None:
    """WCAG 1.4.12; the policy of the page forbids a style element, so rules are set one by one."""
    for page in pages:
        browser.open(page, width=320)
        overflow = browser.run("""
            for (const e of document.querySelectorAll('main *')) {
              e.style.setProperty('line-height', '1.5', 'important');
              e.style.setProperty('letter-spacing', '.12em', 'important');
              e.style.setProperty('word-spacing', '.16em', 'important');
            }
            return document.documentElement.scrollWidth - document.documentElement.clientWidth""")
        assert overflow <= 0, page.name


def test_keyboard_reaches_the_content_first(browser: Browser, pages: list[Path]) -> None:
    for page in pages:
        browser.open(page)
        for kind in ("keyDown", "keyUp"):
            browser.devtools("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab",
                             windowsVirtualKeyCode=9)  # fmt: skip
        assert browser.run("return document.activeElement.getAttribute('href')") == "#contenu"
        box = browser.run("const b = document.activeElement.getBoundingClientRect();"
                          "return [b.left, b.top]")  # fmt: skip
        assert min(box) >= 0


@pytest.mark.parametrize(
    ("page", "most"),
    [("index", 2), ("barometre-numerique", 5), ("ponderation", 3), ("collectivites-ia", 5),
     ("ia-collectivites", 2), ("illectronisme", 2), ("illectronisme-falc", 3)],
)  # fmt: skip
def test_print_is_compact(browser: Browser, built_site: Path, page: str, most: int) -> None:
    browser.open(built_site / f"{page}.html")
    pdf = base64.b64decode(browser.devtools("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= most


def test_page_budgets(pages: list[Path]) -> None:
    for page in pages:
        html = page.read_bytes()
        sheets = [
            (page.parent / name).read_bytes()
            for name in re.findall(rb'<link rel="stylesheet" href="([^"]+)"', html)
            for name in [name.decode()]
        ]
        assert len(sheets[0]) <= STYLE
        assert len(html) + sum(map(len, sheets)) <= RAW, page.name
        assert len(gzip.compress(html)) + sum(len(gzip.compress(s)) for s in sheets) <= ZIPPED


def test_figures_are_small(built_site: Path) -> None:
    """The chart itself, four panels or four series: what stands between subtitle and notes."""
    html = (built_site / "barometre-numerique.html").read_text("utf-8")
    charts = re.findall(r'<p class="sous">.*?</p>(<div>.*?)<div class="notes">', html, re.S)
    assert len(charts) >= 8
    assert max(c.count('class="panel"') for c in charts) == 4
    for chart in charts:
        assert len(chart.encode()) <= FIGURE, chart[:300]


def test_titles_are_unique_and_one_page_is_current(pages: list[Path]) -> None:
    texts = [p.read_text("utf-8") for p in pages]
    titles = [re.findall(r"<title>([^<]+)</title>", t)[0] for t in texts]
    assert len(set(titles)) == len(titles)
    for text in texts:
        assert text.count('aria-current="page"') == 1


def test_every_page_says_that_data_are_drawn(pages: list[Path]) -> None:
    for page in (p for p in pages if p.stem not in SAYS_NOTHING_OF_DATA):
        text = page.read_text("utf-8")
        made = "Microdonnées reconstituées" if "collectivites" in page.name else "Données de démo"
        assert made in text
        assert 'class="demo"' in text
