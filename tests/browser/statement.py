"""Check every page of the built site in Chromium and record it: ``make audit``.

Writes ``reports/audit.json``, from which ``reports/accessibilite.qmd`` is generated. What a person
found (``expert``) is kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from analysis import __version__
from analysis.briefing.audit import CHECKS
from analysis.errors import BaroError, refuse
from analysis.language import LANGUAGES, SOURCE
from analysis.project import Project, find_project
from analysis.provenance import write_aside
from tests.browser.driver import Browser, why_not

AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")
LOOKS = ((320, False), (320, True), (1280, False), (1280, True))
IN_PAGE = ("unnamed", "faint", "pale", "twice", "jumps", "landmarks", "small", "dangling")
SPACED = """
    for (const e of document.querySelectorAll('main *')) {
      e.style.setProperty('line-height', '1.5', 'important');
      e.style.setProperty('letter-spacing', '.12em', 'important');
      e.style.setProperty('word-spacing', '.16em', 'important');
    }
    return document.documentElement.scrollWidth - document.documentElement.clientWidth"""
# What scripts add without adding content: buttons, filters, and the explorer, in whose place the
# page without scripts says where everything that it shows is.
TOOLS = ".outils > button, .filtres, .fiche button, #explorateur"
WITHOUT_TOOLS = f"document.querySelectorAll('{TOOLS}').forEach(tool => tool.remove());"
Fault = dict[str, str]


def audit(browser: Browser, pages: Sequence[Path]) -> list[Fault]:
    """Every fault of some pages: page, check, what."""
    found = [fault for page in pages for fault in _faults(browser, page)]
    titles: dict[str, str] = {}
    for page in pages:
        browser.open(page)
        title = str(browser.run("return document.title")).strip()
        other = titles.setdefault(title, page.name)
        if not title or other != page.name:
            found.append(_fault(page, "title", title or "none"))
    return found


def _faults(browser: Browser, page: Path) -> Iterator[Fault]:
    for width, dark in LOOKS:
        browser.open(page, width=width, dark=dark)
        told: dict[str, Any] = browser.run(AUDIT)
        for check in IN_PAGE:
            yield from (_fault(page, check, str(what)) for what in told[check])
        if told["levels"].count(1) != 1:
            yield _fault(page, "jumps", f"{told['levels'].count(1)} titres de premier niveau")
        if told["overflow"] > 0 and width == min(w for w, _ in LOOKS):
            yield _fault(page, "overflow", f"{told['overflow']} px")
    if told["lang"] != (page.parent.name if page.parent.name in LANGUAGES else SOURCE):
        yield _fault(page, "lang", told["lang"])
    yield from _behaviour(browser, page)


def _behaviour(browser: Browser, page: Path) -> Iterator[Fault]:
    browser.open(page, width=320)
    if (wide := browser.run(SPACED)) > 0:
        yield _fault(page, "spacing", f"{wide} px")
    browser.open(page)
    first = browser.run("return document.querySelector('a[href]').getAttribute('href')")
    if first != "#contenu":
        yield _fault(page, "skip", str(first))
    said = browser.run(f"{WITHOUT_TOOLS} return document.querySelector('main').innerText")
    shown = "".join(str(said).split())
    browser.open(page, scripts=False)
    tree = browser.devtools("DOMSnapshot.captureSnapshot", computedStyles=[])
    texts = (tree["strings"][t] for t in tree["documents"][0]["layout"]["text"] if t >= 0)
    if len("".join("".join(texts).split())) < len(shown):
        yield _fault(page, "scripts", "moins de texte sans script")


def _fault(page: Path, check: str, what: str) -> Fault:
    assert check in CHECKS
    return {"page": page.name, "check": check, "what": what[:120]}


def record(project: Project) -> Path:
    """Audit the built site and write what was found; refuses where there is none."""
    pages = sorted(project.site.glob("*.html"))
    reason = why_not() if pages else "no page in _site"
    if reason:
        raise refuse("make audit", reason, "a built site and a browser",
                     "run `baro build`, and install chromium and chromedriver")  # fmt: skip
    target = project.reports / "audit.json"
    known = json.loads(target.read_text("utf-8")) if target.is_file() else {}
    browser = Browser()
    try:
        agent = str(browser.devtools("Browser.getVersion")["product"]).replace("Headless", "")
        found = audit(browser, pages)
    finally:
        browser.close()
    result = {
        "date": date.today().isoformat(),
        "browser": agent.replace("/", " "),
        "version": __version__,
        "pages": [p.name for p in pages],
        "looks": [f"{w} pixels de large, thème {'sombre' if d else 'clair'}" for w, d in LOOKS],
        "violations": found,
        "expert": known.get("expert"),
    }
    write_aside(target, (json.dumps(result, indent=1, ensure_ascii=False) + "\n").encode())
    return target


if __name__ == "__main__":
    try:
        print(record(find_project()))
    except BaroError as error:
        sys.exit(str(error))
