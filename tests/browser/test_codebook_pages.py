"""The pages of the codebook in a real Chromium: legible, and searched without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.driver import Browser

AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")
TYPED = """
    const field = document.querySelector('#recherche');
    field.value = arguments[0] || WORDS;
    field.dispatchEvent(new Event('input', {bubbles: true}));
"""
COUNT = """
    const items = [...document.querySelectorAll('.var, .liste li')];
    return [items.filter((e) => !e.hidden).length,
    document.querySelector('.recherche [role=status]').textContent]"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(built_site: Path) -> list[Path]:
    found = sorted(built_site.glob("codebook*.html"))
    assert len(found) > 4
    return found


@pytest.mark.parametrize(("width", "dark"), [(320, False), (320, True), (1280, False)])
def test_pages_can_be_read(browser: Browser, pages: list[Path], width: int, *, dark: bool) -> None:
    for page in pages:
        browser.open(page, width=width, dark=dark)
        found: dict[str, Any] = browser.run(AUDIT)
        for complaint in ("faint", "small", "outside", "jumps", "twice", "dangling", "landmarks"):
            assert found[complaint] == [], f"{page.name} at {width} px: {complaint}"
        assert found["overflow"] <= 0, f"{page.name} scrolls sideways at {width} px"
        assert found["levels"].count(1) == 1
        assert found["sheets"] == 2, "the policy keeps a stylesheet out"
        assert browser.log("browser") == []
        assert [u for u in browser.requests() if not u.startswith(("file:", "data:"))] == []


def typed(browser: Browser, words: str) -> tuple[int, str]:
    """Items left and what is announced, after the pause of somebody who types."""
    browser.run(TYPED.replace("WORDS", repr(words)).replace("arguments[0] ||", ""))
    browser.devtools("Runtime.evaluate", expression="new Promise((r) => setTimeout(r, 400))",
                     awaitPromise=True)  # fmt: skip
    kept, said = browser.run(COUNT)
    return kept, said


def test_the_search_filters_and_says_how_many_are_left(browser: Browser, pages: list[Path]) -> None:
    index = next(p for p in pages if p.name == "codebook-barometre-numerique.html")
    browser.open(index)
    whole, said = browser.run(COUNT)
    assert said == ""
    assert browser.run("return document.querySelector('.recherche').hidden") is False
    kept, said = typed(browser, "ENCEINTE connectee")
    assert 0 < kept < whole
    assert said.startswith(f"{kept} colonne")
    assert said.endswith(f"sur {whole}")
    assert typed(browser, "zzzz")[0] == 0
    assert typed(browser, "")[0] == whole


def test_without_scripts_the_field_is_not_there_and_all_columns_are(
    browser: Browser, pages: list[Path]
) -> None:
    page = pages[0]
    browser.open(page, scripts=False)
    tree = browser.devtools("DOMSnapshot.captureSnapshot", computedStyles=[])
    words = " ".join(tree["strings"])
    assert "Ont répondu" in words
    assert "Chercher dans cette page" not in [
        tree["strings"][t] for t in tree["documents"][0]["layout"]["text"] if t >= 0
    ]
    browser.open(page)
