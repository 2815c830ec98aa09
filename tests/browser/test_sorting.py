"""Tables sorted in a real Chromium: within groups, by number, with the keyboard, and announced."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from analysis.tables import Row, html_table
from analysis.wording import NBSP, NNBSP
from tests.browser.driver import Browser

LARGEST = 2_000  # bytes
VALUES = (f"9,5{NBSP}%", f"non publié{NBSP}[q]", f"1{NNBSP}200,0{NBSP}%", f"−2,0{NBSP}%",
          f"30,1{NBSP}%{NBSP}(28,0 à 32,1){NBSP}[u]")  # fmt: skip
NAMES = ("60-69 ans", "Élus", "9 ans", "autres", "12-17 ans")
ORDER = "return [...document.querySelectorAll('tbody tr')].map(r => r.cells[0].textContent)"
BUTTON = "document.querySelectorAll('thead button')[%d]"

pytestmark = pytest.mark.browser


@pytest.fixture
def page(tmp_path: Path, project_root: Path) -> Path:
    """A table of one free line and two groups of five."""
    groups = [
        line
        for heading in ("Premier", "Second")
        for line in (
            Row(heading, heading=True),
            *(Row(f"{n}{heading[0]}", (v,)) for n, v in zip(NAMES, VALUES, strict=True)),
        )
    ]
    made = html_table("T", ["Groupe", "Valeur"], [Row("Ensemble", ("5,0",)), *groups])
    target = tmp_path / "page.html"
    target.write_text(
        '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>T</title>'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        'script-src \'self\'; style-src \'self\'"><link rel="stylesheet" href="page.css">'
        '<script src="tri.js" defer></script></head>'
        f"<body><main>{made}</main></body></html>",
        "utf-8",
    )
    for asset in ("tri.js", "page.css"):
        shutil.copy(project_root / "reports" / "_assets" / asset, tmp_path)
    return target


def order(browser: Browser) -> list[str]:
    found: list[str] = browser.run(ORDER)
    return found


def press(browser: Browser, column: int, key: str = "Enter", code: int = 13) -> dict[str, Any]:
    """Focus a header and type; what the headers and the announcement then say."""
    browser.run(f"{BUTTON % column}.focus()")
    for kind in ("keyDown", "keyUp"):
        more = {"text": "\r" if key == "Enter" else " "} if kind == "keyDown" else {}
        browser.devtools("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                         windowsVirtualKeyCode=code, **more)  # fmt: skip
    found: dict[str, Any] = browser.run(
        "return {sort: [...document.querySelectorAll('thead th')].map(t => t.ariaSort),"
        "said: document.querySelector('[role=status]').textContent}"
    )
    return found


def grouped(*names: str) -> list[str]:
    return ["Ensemble"] + [
        line
        for heading in ("Premier", "Second")
        for line in (heading, *(f"{n}{heading[0]}" for n in names))
    ]


def test_numbers_are_sorted_as_numbers_within_their_group(browser: Browser, page: Path) -> None:
    browser.open(page)
    before = order(browser)
    assert before == grouped(*NAMES)
    said = press(browser, 1)
    assert order(browser) == grouped("autres", "60-69 ans", "12-17 ans", "9 ans", "Élus")
    assert said == {"sort": [None, "ascending"], "said": "Tri croissant, Valeur"}
    said = press(browser, 1, " ", 32)
    assert order(browser) == grouped("9 ans", "12-17 ans", "60-69 ans", "autres", "Élus")
    assert said == {"sort": [None, "descending"], "said": "Tri décroissant, Valeur"}
    said = press(browser, 1)
    assert order(browser) == before
    assert said == {"sort": [None, None], "said": "Ordre initial"}


def test_names_are_sorted_as_people_do(browser: Browser, page: Path) -> None:
    browser.open(page)
    press(browser, 1)
    said = press(browser, 0)
    assert order(browser) == grouped("9 ans", "12-17 ans", "60-69 ans", "autres", "Élus")
    assert said["sort"] == ["ascending", None], "one column at a time"


def test_headers_keep_their_name_and_focus_is_seen(browser: Browser, page: Path) -> None:
    browser.open(page)
    nodes = browser.devtools("Accessibility.getFullAXTree")["nodes"]
    roles = {n["role"]["value"]: n["name"]["value"] for n in nodes if n.get("name")}
    assert roles["button"] == "Valeur", "the arrow is not read"
    names = [n["name"]["value"] for n in nodes if n["role"]["value"] == "columnheader"]
    assert names == ["Groupe", "Valeur"]
    press(browser, 0)
    assert browser.run(f"return getComputedStyle({BUTTON % 0}).outlineStyle") == "solid"
    assert browser.run(f"return {BUTTON % 0}.getBoundingClientRect().height") >= 24
    assert browser.log("browser") == [], "the policy lets the script and its style in"


def test_without_scripts_and_on_paper_nothing_changes(browser: Browser, page: Path) -> None:
    browser.open(page, scripts=False)
    tree = browser.devtools("DOMSnapshot.captureSnapshot", computedStyles=[])
    assert "BUTTON" not in tree["strings"]
    assert "Élus" in " ".join(tree["strings"])
    browser.open(page)
    assert "↕" in browser.run(f"return getComputedStyle({BUTTON % 0}, '::after').content")
    browser.devtools("Emulation.setEmulatedMedia", media="print")
    printed = browser.run(f"return getComputedStyle({BUTTON % 0}, '::after').content")
    browser.devtools("Emulation.setEmulatedMedia", media="")
    assert printed == "none"


def test_a_table_of_two_lines_is_left_alone(browser: Browser, page: Path) -> None:
    table = html_table("T", ["Groupe", "Valeur"], [Row("a", ("1",)), Row("b", ("2",))])
    html = page.read_text("utf-8")
    page.write_text(html[: html.index("<main>") + 6] + table + "</main></body></html>", "utf-8")
    browser.open(page)
    assert browser.run("return document.querySelectorAll('button').length") == 0


def test_the_script_is_small(project_root: Path) -> None:
    script = (project_root / "reports" / "_assets" / "tri.js").stat().st_size
    assert script <= LARGEST
