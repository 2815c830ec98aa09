"""axe-core on pages: installed by npm beside this file (`npm ci`), absent where npm is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.browser.driver import Browser

SCRIPT = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
MADE = re.compile(r"(codebook|fiche)-")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def why_no_axe() -> str:
    """Why pages cannot be put through axe-core here; empty when they can."""
    if SCRIPT.is_file():
        return ""
    return "axe-core is not installed (npm ci in tests/browser): its audit of the pages"


def sampled(site: Path) -> list[Path]:
    """Every page of a site, but three of those that one template makes."""
    kept: list[Path] = []
    seen: dict[str, int] = {}
    for page in sorted(site.glob("*.html")):
        kind = MADE.match(page.stem)
        name = kind[1] if kind else page.stem
        seen[name] = seen.get(name, 0) + 1
        kept += [page] if seen[name] <= 3 else []
    return kept


def complaints(browser: Browser) -> list[str]:
    """What axe-core finds wrong in the page that is open: rule, impact and place of each fault.

    DevTools bring the script in, so that the policy of the page stays as it is.
    """
    evaluate(browser, f"{SCRIPT.read_text('utf-8')};0")
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = evaluate(browser, f"axe.run(document, {json.dumps(options)}).then((r) => r.violations)")
    return [
        f"{v['id']} ({v['impact']}): {' '.join(map(str, node['target']))}"
        for v in found
        for node in v["nodes"]
    ]


def evaluate(browser: Browser, expression: str) -> list[dict[str, Any]]:
    """The value of an expression in the page, waited for."""
    answer = browser.devtools(
        "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
    )
    if "exceptionDetails" in answer:
        raise AssertionError(answer["exceptionDetails"]["exception"]["description"])
    value: list[dict[str, Any]] = answer["result"].get("value")
    return value
