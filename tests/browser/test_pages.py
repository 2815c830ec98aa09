"""Every page of a built site, in a real Chromium, opened from its file."""

from __future__ import annotations

import base64
import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.driver import Browser
from tests.browser.statement import WITHOUT_TOOLS

# Budgets of a page before any click, stylesheet included (docs of the project: DESIGN.md).
RAW, ZIPPED, FIGURE, SCRIPT = 98_000, 30_000, 6_000, 5_000
STYLE = {"page.css": 10_000, "figures.css": 4_300, "chiffres.css": 3_400, "explorer.css": 3_000,
         "falc.css": 1_000}  # fmt: skip
EXPLORER = 30_000  # its scripts; its index: tests/test_explorer.py
AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")
PANELS = {"index": 0, "ponderation": 2, "barometre-numerique": 8, "equipement-usages": 5,
          "collectivites-ia": 7, "ia-collectivites": 3, "chiffres": 0, "avis-csnp": 0, "donnees": 0,
          "corrections": 0, "explorer": 0, "illectronisme": 7, "illectronisme-falc": 0, "fiches": 0,
          "methode": 0, "accessibilite": 0, "version": 0, "revisions": 0}  # fmt: skip
# Without a sheet but page.css.
PLAIN = ("index", "donnees", "corrections", "illectronisme", "fiches", "methode", "accessibilite",
         "version", "revisions")  # fmt: skip
FICHE = 40_000  # a page about one group, stylesheet left out: there are many
SAYS_NOTHING_OF_DATA = {"accessibilite"}
SQUARES = {"barometre-numerique": 13}
LOOKS = [(320, False), (320, True), (768, False), (1280, False), (1280, True)]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(built_site: Path) -> list[Path]:
    others = ("codebook", "fiche-")
    found = sorted(p for p in built_site.glob("*.html") if not p.name.startswith(others))
    assert set(PANELS) == {p.stem for p in found}
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
        sheets = 3 if page.stem == "explorer" else 1 if page.stem in PLAIN else 2
        assert found["sheets"] == sheets, "the policy keeps a stylesheet out"
        assert found["styled"] == 0
        assert found["texts"] > (20 if page.stem in ("corrections", "revisions") else 50)
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
    """All that scripts add is tools: interactive versions, filters, copies, sorting.

    The explorer shows what is picked, or without scripts a list: tests/browser/test_explorer.py.
    """
    for page in (p for p in pages if p.stem != "explorer"):
        browser.open(page)
        browser.run(WITHOUT_TOOLS)
        with_scripts = browser.run("return document.body.innerText.replace(/\\s+/g, ' ')")
        browser.open(page, scripts=False)
        tree = browser.devtools("DOMSnapshot.captureSnapshot", computedStyles=[])
        assert len(tree["documents"][0]["layout"]["text"]) > 50
        assert "Version interactive" not in tree["strings"]
        browser.devtools("Emulation.setScriptExecutionDisabled", value=False)
        assert browser.run("return document.body.innerText.replace(/\\s+/g, ' ')") == with_scripts


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
    [("index", 2), ("barometre-numerique", 5), ("equipement-usages", 3), ("ponderation", 3),
     ("collectivites-ia", 5), ("ia-collectivites", 2), ("avis-csnp", 2), ("chiffres", 9),
     ("illectronisme", 2), ("illectronisme-falc", 3)],
)  # fmt: skip
def test_print_is_compact(browser: Browser, built_site: Path, page: str, most: int) -> None:
    browser.open(built_site / f"{page}.html")
    pdf = base64.b64decode(browser.devtools("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= most


def loaded(page: Path, tag: str) -> dict[str, bytes]:
    """What a page loads with an element, before any click."""
    pattern = {"link": r'<link rel="stylesheet" href="([^"]+)"', "script": r'<script src="([^"]+)"'}
    names = re.findall(pattern[tag], page.read_text("utf-8"))
    return {Path(n).name: (page.parent / n).read_bytes() for n in names}


def test_page_budgets(pages: list[Path]) -> None:
    for page in pages:
        sheets, scripts = loaded(page, "link"), loaded(page, "script")
        scripts.pop("index.js", None)
        assert sum(map(len, scripts.values())) <= (EXPLORER if page.stem == "explorer" else SCRIPT)
        for name, content in sheets.items():
            assert len(content) <= STYLE[name]
        every = [page.read_bytes(), *sheets.values(), *scripts.values()]
        assert sum(map(len, every)) <= RAW, page.name
        assert sum(len(gzip.compress(content)) for content in every) <= ZIPPED, page.name


def test_figures_are_small(built_site: Path) -> None:
    """The chart itself, four panels or four series: what stands between subtitle and notes."""
    charts: list[str] = []
    for name in ("barometre-numerique", "equipement-usages"):
        html = (built_site / f"{name}.html").read_text("utf-8")
        pattern = r'<p class="sous">.*?</p>(<div[^>]*>.*?)<div class="notes">'
        found = re.findall(pattern, html, re.S)
        charts += [re.sub(r' data-interactif="[^"]*"', "", chart) for chart in found]
    assert len(charts) == 12
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
