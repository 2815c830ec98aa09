"""The filters, the copy buttons and the addresses of the page of claims, in a real Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.driver import Browser

pytestmark = pytest.mark.browser
SHOWN = "return [...document.querySelectorAll('.fiche')].filter(c => c.offsetParent).map(c => c.id)"
CHOOSE = """
const s = document.querySelector(`[name={0}]`);
s.value = {1}; s.dispatchEvent(new Event('change'));
"""


@pytest.fixture
def page(browser: Browser, built_site: Path) -> Path:
    path = built_site / "chiffres.html"
    browser.open(path)
    return path


def choose(browser: Browser, name: str, value: str) -> None:
    browser.run(CHOOSE.replace("{0}", name).replace("{1}", repr(value)))


@pytest.mark.usefixtures("page")
def test_cards_are_filtered_by_verdict_speaker_and_theme(browser: Browser) -> None:
    assert len(browser.run(SHOWN)) == 53
    choose(browser, "verdict", "arithmetic_wrong")
    assert browser.run(SHOWN) == ["C39", "C40"]
    assert browser.run("return document.querySelector('.filtres [role=status]').textContent") == (
        "2 affirmations sur 53"
    )
    assert browser.run("return document.querySelectorAll('.groupe:not([hidden])').length") == 1
    choose(browser, "verdict", "")
    choose(browser, "auteur", "Dorie Bruyas")
    assert browser.run(SHOWN) == ["C30", "C31"]
    choose(browser, "auteur", "")
    choose(browser, "theme", "Crédits publics")
    assert set(browser.run(SHOWN)) == {"C06", "C07", "C08", "C11", "C28"}


@pytest.mark.usefixtures("page")
def test_an_address_shows_its_card_though_it_was_filtered_out(browser: Browser) -> None:
    choose(browser, "verdict", "arithmetic_wrong")
    browser.run("window.location.hash = '#C02'; window.dispatchEvent(new Event('hashchange'));")
    assert "C02" in browser.run(SHOWN)
    top = browser.run("return document.getElementById('C02').getBoundingClientRect().top")
    assert 0 <= top < 900


@pytest.mark.usefixtures("page")
def test_each_card_has_a_button_that_copies_its_sentence(browser: Browser) -> None:
    assert browser.run("return document.querySelectorAll('.fiche button').length") == 53
    browser.run(
        "window.kept = ''; navigator.clipboard.writeText = async (t) => { window.kept = t; };"
        "document.querySelector('#C06 button').click();"
    )
    kept = browser.run("return window.kept")
    assert kept.startswith("27\u00a0M€ ÷ 62\u00a0M€")
    assert browser.run("return document.querySelector('#C06 button').ariaLabel") == (
        "Copier la citation, C06"
    )


def test_without_scripts_every_card_is_there_and_no_filter(
    browser: Browser, built_site: Path
) -> None:
    browser.open(built_site / "chiffres.html", scripts=False)
    tree = browser.devtools("DOMSnapshot.captureSnapshot", computedStyles=[])
    strings = "\n".join(tree["strings"])
    assert "Calcul juste" in strings
    assert "Copier la citation" not in strings
