"""The pages in English, in a real Chromium: the same checks as the French ones."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from analysis.project import Project
from tests.browser.axe import complaints, why_no_axe
from tests.browser.driver import Browser
from tests.browser.statement import audit
from tests.browser.test_valid import validated

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def pages(bilingual: Project) -> list[Path]:
    found = sorted((bilingual.site / "en").glob("*.html"))
    assert found
    return found


def test_pages_pass_the_audit_of_the_statement(browser: Browser, pages: list[Path]) -> None:
    """One page of each template: all fiches come from one, all pages of a codebook too."""
    of_template = {re.sub(r"^(fiche|codebook)-.*", r"\1", p.stem): p for p in pages}
    assert audit(browser, list(of_template.values())) == []


def test_axe_has_no_complaint(browser: Browser, pages: list[Path]) -> None:
    if reason := why_no_axe():
        pytest.skip(reason)
    for page in pages:
        browser.open(page, width=320)
        assert complaints(browser) == [], page.name


def test_pages_are_valid_html(pages: list[Path]) -> None:
    done = validated(*pages)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-500:]


def test_claims_are_filtered_and_copied_in_english(browser: Browser, pages: list[Path]) -> None:
    browser.open(next(p for p in pages if p.stem == "chiffres"))
    choose = """
        const s = document.querySelector('[name=verdict]');
        s.value = 'arithmetic_wrong'; s.dispatchEvent(new Event('change'));
        return document.querySelector('.filtres [role=status]').textContent"""
    assert browser.run(choose) == "2 claims of 53"
    button = "return [document.querySelector('#C39 button').textContent, "
    button += "document.querySelector('#C39 button').ariaLabel]"
    assert browser.run(button) == ["Copy the quote", "Copy the quote, C39"]
    browser.run(
        "window.kept = ''; navigator.clipboard.writeText = async (t) => { window.kept = t; };"
        "document.querySelector('#C39 button').click();"
    )
    assert browser.run("return window.kept").startswith("50% + 70% = 120%, more than 100%.")


def test_buttons_speak_english(browser: Browser, pages: list[Path]) -> None:
    """What scripts add: the offer of an interactive version, and sorting by the numbers."""
    page = next(p for p in pages if p.stem == "barometre-numerique")
    browser.open(page)
    assert browser.run("return document.querySelector('.outils > button').textContent") == (
        "Interactive version"
    )
    sort = """
        const table = document.querySelector('main table');
        const column = [...table.tHead.rows[0].cells].length - 1;
        table.closest('details')?.setAttribute('open', '');
        table.tHead.rows[0].cells[column].querySelector('button').click();
        const body = [...table.tBodies].find((b) => b.rows.length > 3);
        return [[...body.rows].filter((r) => r.cells[column])
                  .map((r) => +r.cells[column].textContent.replaceAll(',', '')),
                document.querySelector('#tri').textContent]"""
    values, said = browser.run(sort)
    assert values == sorted(values)
    assert len(set(values)) > 2
    assert said == "Sorted ascending, Respondents"


# --------------------------------------------------------------------------------- the explorer
AGE = "barometre_numerique/smartphone/age/2022"
CHOICES = (AGE, "barometre_numerique/smartphone/ensemble/*", "collectivites_ia/agents/strate/2024")


def chosen(browser: Browser, page: Path, choice: str, **how: Any) -> str:
    """The explorer with a choice made, and what it announces."""
    browser.open(page, **how)
    browser.run(f"location.hash = '#{choice}'")
    until = time.monotonic() + 20
    while time.monotonic() < until:
        said: str = browser.run("return document.querySelector('#annonce').textContent")
        if said.startswith("Result shown: "):
            return said
        time.sleep(0.05)
    raise AssertionError(f"{choice} is never shown")


@pytest.fixture
def explorer(pages: list[Path]) -> Path:
    return next(p for p in pages if p.stem == "explorer")


@pytest.mark.parametrize("choice", CHOICES)
def test_the_explorer_speaks_english(browser: Browser, explorer: Path, choice: str) -> None:
    for width, dark in ((320, True), (1280, False)):
        chosen(browser, explorer, choice, width=width, dark=dark)
        assert browser.log("browser") == []
        seen = browser.run("return document.querySelector('main').innerText")
        french = "[«»]|\u202f[:;!?]|\\d\u202f\\d|\\d,\\d(?!\\d\\d)"
        assert not re.search(french, seen), "French signs and numbers"
        wide = "return document.documentElement.scrollWidth - innerWidth"
        assert browser.run(wide) <= 0
        if why_no_axe() is None:
            assert complaints(browser) == []


def test_the_explorer_takes_words_and_numbers_from_two_files(
    browser: Browser, explorer: Path
) -> None:
    said = chosen(browser, explorer, AGE)
    assert said.startswith("Result shown: Ownership of a smartphone, by age")
    site = explorer.parents[1].as_uri()
    data = [u.removeprefix(site) for u in browser.requests() if "/explorer/" in u]
    assert sorted(data) == [
        "/donnees/explorer/barometre_numerique/smartphone.js",
        "/en/donnees/explorer/barometre_numerique/smartphone.js",
        "/en/donnees/explorer/index.js",
    ]
    rows = """return [...document.querySelectorAll('#resultat tbody tr')]
        .map((r) => [...r.cells].slice(1, 4).map((c) => c.textContent))"""
    english = browser.run(rows)
    link = browser.run("return document.querySelector('#resultat .liens a').getAttribute('href')")
    assert link == "../donnees/smartphone.csv"
    browser.open(explorer.parents[1] / "explorer.html")
    browser.run(f"location.hash = '#{AGE}'")
    until = time.monotonic() + 20
    while not (french := browser.run(rows)) and time.monotonic() < until:
        time.sleep(0.05)
    assert len(french) > 5
    plain = str.maketrans({",": ".", "\u202f": ",", "\u00a0": ""})
    assert english == [[c.translate(plain).replace(" à ", " to ") for c in row] for row in french]


def test_what_cannot_be_loaded_is_said_in_english(browser: Browser, explorer: Path) -> None:
    browser.open(explorer)
    browser.run("location.hash = '#barometre_numerique/nothing'")
    time.sleep(0.3)
    said = browser.run("return document.querySelector('#annonce').textContent")
    assert said == "This link leads to no result. Choose an indicator from the list."


def test_the_search_of_the_dictionary_speaks_english(browser: Browser, pages: list[Path]) -> None:
    page = next(p for p in pages if p.stem == "codebook-barometre-numerique")
    browser.open(page)
    browser.run(
        "const field = document.querySelector('#recherche'); field.value = 'smartphone';"
        "field.dispatchEvent(new Event('input'))"
    )
    time.sleep(0.5)
    said = browser.run("return document.querySelector('.recherche [role=status]').textContent")
    found = re.fullmatch(r"(\d+) of (\d+) columns found", said)
    assert found
    assert 0 < int(found[1]) < int(found[2])
