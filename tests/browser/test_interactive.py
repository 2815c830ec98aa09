"""The interactive version of figures: drawn on a click under the policy of the pages."""

from __future__ import annotations

import re
import shutil
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.browser.driver import Browser
from tests.browser.plotly_sheet import VENDOR, rules

LIBRARY, LEAST_TYPE, SECONDS = 1_300_000, 12, 20
PAGES = ("barometre-numerique", "equipement-usages", "ponderation", "collectivites-ia",
         "ia-collectivites")  # fmt: skip
FRENCH = {"Télécharger l’image (SVG)", "Zoomer sur une zone", "Déplacer", "Agrandir", "Réduire",
          "Revenir à la vue d’ensemble"}  # fmt: skip

pytestmark = pytest.mark.browser


def press(browser: Browser, n: int, *, enter: bool = False) -> str:
    """What the button of the nth figure says once its click has been dealt with."""
    button = f"document.querySelectorAll('.outils > button')[{n}]"
    if enter:
        browser.run(f"{button}.focus()")
        for kind in ("keyDown", "keyUp"):
            browser.devtools("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter",
                             text="\r", windowsVirtualKeyCode=13)  # fmt: skip
    else:
        browser.run(f"{button}.click()")
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        said = str(browser.run(f"return {button}.textContent"))
        if said != "Chargement…":
            return said
        time.sleep(0.05)
    raise TimeoutError(f"figure {n} was not drawn")


def names(requests: list[str]) -> list[str]:
    return [r.rsplit("/", 1)[1] for r in requests if not r.startswith("data:")]


def test_nothing_is_loaded_before_a_click(browser: Browser, built_site: Path) -> None:
    for page in PAGES:
        browser.open(built_site / f"{page}.html")
        browser.run("return 1")
        asked = sorted(names(browser.requests()))
        assert {*asked} - {"tri.js"} == {f"{page}.html", "page.css", "figures.css", "figures.js"}
        places = browser.run("return document.querySelectorAll('[data-interactif]').length")
        assert places == browser.run("return document.querySelectorAll('.outils > button').length")
        assert places == browser.run("return document.querySelectorAll('figure').length")
    browser.open(built_site / "index.html")
    loaded = browser.run("return [...document.scripts].map(s => s.getAttribute('src'))")
    assert loaded == ["_assets/tri.js"], "a page without figures loads nothing for them"


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (320, True)])
@pytest.mark.parametrize("page", PAGES)
def test_every_figure_draws_under_the_policy(
    browser: Browser, built_site: Path, page: str, width: int, *, dark: bool
) -> None:
    browser.open(built_site / f"{page}.html", width=width, dark=dark)
    count = browser.run("return document.querySelectorAll('.outils > button').length")
    for n in range(count):
        assert press(browser, n) == "Version fixe"
    asked = names(browser.requests())
    assert asked.count("plotly-basic.min.js") == 1, "once, however many figures"
    assert [m["message"] for m in browser.log("browser")] == []
    found: dict[str, Any] = browser.run("""
      const shown = e => e.getBoundingClientRect().width > 0;
      const boxes = [...document.querySelectorAll('.vive')];
      const texts = [...document.querySelectorAll('.vive svg text')].filter(shown);
      return {
        drawn: boxes.filter(b => b.querySelector('.scatterlayer .trace, .barlayer .trace')).length,
        empty: boxes.filter(b => ![...b.querySelectorAll('.point path, path.point')].some(shown))
          .length,
        small: texts.filter(e => parseFloat(getComputedStyle(e).fontSize) < 12)
          .map(e => e.textContent),
        plain: texts.map(e => e.textContent).filter(t => /\\d%|\\d\\.\\d/.test(t)),
        titles: [...document.querySelectorAll('.modebar-btn')].map(e => e.dataset.title),
        keyboard: [...document.querySelectorAll('.modebar-btn')].every(e => e.tagName === 'BUTTON'),
        logo: document.querySelectorAll('.modebar-btn--logo, .plotlyjsicon').length,
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        still: [...document.querySelectorAll('[data-interactif] > [role=img]')].filter(shown)
          .length,
      }""")
    assert (found["drawn"], found["empty"], found["still"]) == (count, 0, 0)
    assert set(found["titles"]) == FRENCH
    assert found["small"] == []
    assert found["plain"] == [], "French writes 20 % with a space, and a decimal comma"
    assert found["keyboard"]
    assert found["logo"] == 0
    assert found["overflow"] <= 0


def test_the_keyboard_asks_and_takes_back(browser: Browser, built_site: Path) -> None:
    browser.open(built_site / "barometre-numerique.html")
    label = browser.run("return document.querySelector('.outils > button').ariaLabel")
    assert re.match(r"Version interactive – Figure.1", label), "a name that begins as it reads"
    assert press(browser, 0, enter=True) == "Version fixe"
    focused = browser.run("return document.activeElement.textContent")
    assert focused == "Version fixe", "focus stays on the button"
    shown = "return [...document.querySelector('[data-interactif]').children]"
    visible = f"{shown}.map(e => getComputedStyle(e).display !== 'none')"
    assert browser.run(visible) == [False, True]
    browser.devtools("Emulation.setEmulatedMedia", media="print")
    assert browser.run(visible) == [True, False], "paper takes the version with values"
    browser.devtools("Emulation.setEmulatedMedia", media="")
    assert press(browser, 0, enter=True) == "Version interactive"
    assert browser.run(visible) == [True, False]
    assert press(browser, 0) == "Version fixe"
    asked = names(browser.requests())
    assert len([a for a in asked if a.startswith("barometre_numerique-")]) == 1, "data come once"


def test_a_failure_is_said_and_leaves_the_chart(
    browser: Browser, built_site: Path, tmp_path: Path
) -> None:
    for name in ("barometre-numerique.html", "_assets", "donnees"):
        source = built_site / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    library = tmp_path / "_assets" / "vendor" / "plotly" / "plotly-basic.min.js"
    library.rename(tmp_path / "away.js")
    browser.open(tmp_path / "barometre-numerique.html")
    assert press(browser, 0) == "Échec, réessayer"
    assert browser.run("return document.querySelectorAll('.vive').length") == 0
    (tmp_path / "away.js").rename(library)
    assert press(browser, 0) == "Version fixe"


def test_the_library_is_what_its_readme_says(project_root: Path) -> None:
    readme = (VENDOR / "README.md").read_text("utf-8")
    for name in ("plotly-basic.min.js", "LICENSE.txt"):
        content = (VENDOR / name).read_bytes()
        assert sha256(content).hexdigest() in readme
        assert len(content) <= LIBRARY
    head = (VENDOR / "plotly-basic.min.js").read_text("utf-8")[:200]
    version = re.search(r"v(\d+\.\d+\.\d+)", head)
    assert version
    assert f"`plotly.js-basic-dist-min` {version[1]}" in readme
    assert "MIT" in (VENDOR / "LICENSE.txt").read_text("utf-8")


def test_the_sheet_is_what_the_library_adds(browser: Browser, tmp_path: Path) -> None:
    """The same selectors in the same order; how values are spelled is the browser's affair."""
    made = rules(browser, tmp_path)
    ours = (VENDOR / "plotly.css").read_text("utf-8")
    assert re.findall(r"(?m)^(.+?) \{", ours) == re.findall(r"(?m)^(.+?) \{", made)
