"""Pages by other people's audits: axe-core (WCAG 2.2 AA, best practice) and html-validate.

Both come from npm: ``npm ci --prefix tests/browser``. Without them what they check is skipped.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.driver import Browser, why_not

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
VALIDATE = HERE / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [(1280, False), (1280, True), (320, False)]
MANY = re.compile(r"^(codebook-.+|fiche-.+)-[^-]+$")  # pages of one make: a few of them
FEW = 3

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    absent = "" if AXE.is_file() else "no axe-core: npm ci --prefix tests/browser; what axe finds"
    reason = why_not() or absent
    if reason:
        pytest.skip(reason)
    browser = Browser()
    yield browser
    browser.close()


def sampled(site: Path) -> list[Path]:
    """Every page, but a few of those that one template makes."""
    kept: list[Path] = []
    seen: dict[str, int] = {}
    for page in sorted(site.glob("*.html")):
        made = MANY.match(page.stem)
        kind = made[1].split("-")[0] if made else page.stem
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= FEW:
            kept.append(page)
    return kept


def violations(browser: Browser) -> list[list[str]]:
    """Rule, number of elements, the first of them and why, of each violation."""
    browser.devtools("Runtime.evaluate", expression=AXE.read_text("utf-8"))
    run = (
        f"axe.run(document, {{runOnly: {json.dumps(TAGS)}}}).then(r => JSON.stringify("
        "r.violations.map(v => [v.id, String(v.nodes.length), v.nodes[0].html.slice(0, 200),"
        "v.nodes[0].failureSummary])))"
    )
    found = browser.devtools(
        "Runtime.evaluate", expression=run, awaitPromise=True, returnByValue=True
    )
    return list(json.loads(found["result"]["value"]))


@pytest.mark.slow
@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_axe_finds_no_violation(
    browser: Browser, built_site: Path, width: int, *, dark: bool
) -> None:
    pages = sampled(built_site)
    assert len(pages) >= 6
    for page in pages:
        browser.open(page, width=width, dark=dark)
        assert violations(browser) == [], f"{page.name} at {width} px"


def test_axe_does_find_what_is_wrong(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "wrong.html"
    page.write_text("<!DOCTYPE html><title>x</title><img src=x.png><p style='color:#ccc'>faint</p>")
    browser.open(page)
    assert {v[0] for v in violations(browser)} >= {"html-has-lang", "image-alt", "color-contrast"}


def test_pages_are_valid_html(built_site: Path) -> None:
    node = shutil.which("node")
    if not node or not VALIDATE.is_file():
        pytest.skip("no html-validate: run npm ci --prefix tests/browser; whether HTML is valid")
    pages = [str(p) for p in sorted(built_site.glob("*.html"))]
    config = HERE / ".html-validate.json"
    done = subprocess.run([node, str(VALIDATE), "--config", str(config), *pages],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-500:]
