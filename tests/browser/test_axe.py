"""Every page through axe-core: WCAG 2.2 AA and best practice, in light, dark and at 320 px."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.axe import complaints, sampled, why_no_axe
from tests.browser.driver import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def axe() -> None:
    if reason := why_no_axe():
        pytest.skip(reason)


def test_a_fault_is_found(browser: Browser, tmp_path: Path) -> None:
    """What finds nothing must be able to find something."""
    page = tmp_path / "page.html"
    page.write_text(
        "<!DOCTYPE html><html><head><title>x</title></head><body><main><h1>x</h1>"
        '<img src="data:,"><p style="color:#bbb;background:#fff">pale</p></main></body></html>',
        "utf-8",
    )
    browser.open(page)
    found = {c.split(" ")[0] for c in complaints(browser)}
    assert {"html-has-lang", "image-alt", "color-contrast"} <= found


@pytest.mark.slow
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (320, False)])
def test_pages_have_none(browser: Browser, built_site: Path, width: int, *, dark: bool) -> None:
    found: dict[str, list[str]] = {}
    for page in sampled(built_site):
        browser.open(page, width=width, dark=dark)
        found[page.name] = complaints(browser)
    assert len(found) > 10
    assert {name: faults for name, faults in found.items() if faults} == {}
