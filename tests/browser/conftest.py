"""The browser of the tests of pages: one for each module, absent where there is no Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.driver import Browser, why_not


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    reason = why_not()
    if reason:
        pytest.skip(reason)
    browser = Browser()
    yield browser
    browser.close()
