"""Writes the sheet that stands in for the style element of plotly: see the README of the bundle."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.browser.driver import Browser

VENDOR = Path(__file__).parents[2] / "reports" / "_assets" / "vendor" / "plotly"
HEAD = "/* The rules that plotly-basic.min.js adds to a page, written down by tests/browser. */\n"


def rules(browser: Browser, folder: Path) -> str:
    """What plotly writes in a page without a policy, in its order, as CSS."""
    page = folder / "page.html"
    library = (VENDOR / "plotly-basic.min.js").as_uri()
    page.write_text(
        f'<!DOCTYPE html><html lang="fr"><title>x</title><script src="{library}"></script>', "utf-8"
    )
    browser.open(page)
    until = time.monotonic() + 30
    while not browser.run("return !!window.Plotly") and time.monotonic() < until:
        time.sleep(0.1)
    found: list[str] = browser.run(
        "return [...document.getElementById('plotly.js-style-global').sheet.cssRules]"
        ".map(r => r.cssText)"
    )
    return HEAD + "\n".join(found) + "\n"


if __name__ == "__main__":
    chromium = Browser()
    try:
        with tempfile.TemporaryDirectory() as folder:
            (VENDOR / "plotly.css").write_text(rules(chromium, Path(folder)), "utf-8")
    finally:
        chromium.close()
