"""The pages in English, in a real Chromium: the same checks as the French ones."""

from __future__ import annotations

from pathlib import Path

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
    assert audit(browser, pages) == []


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
