"""Pages made of attacks in a real browser, from their files and from the preview: nothing runs.

That the policy of the pages is alive is seen by planting what it must stop.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.preview import serve
from analysis.project import Project
from tests.browser.driver import Browser
from tests.browser.test_interactive import press

pytestmark = pytest.mark.browser

PLANT = (
    "<script>window.hacked = 1</script><img src=x alt='' onerror='window.hacked = 2'>"
    "<p id=p style='position: fixed'>x</p><script src='data:text/javascript,window.hacked=3'>"
    "</script><iframe srcdoc='<script>top.hacked = 4</script>'></iframe>"
    "<a id=a href='javascript:window.hacked=5'>x</a><form id=f action='x.html'></form>"
)
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.fixture(params=["file", "preview"])
def site(request: pytest.FixtureRequest, hostile: Project) -> Iterator[str]:
    """Where the hostile site is: an address that ends with ``/``."""
    if request.param == "file":
        yield f"{hostile.site.as_uri()}/"
        return
    with serve(hostile, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def messages(browser: Browser) -> list[str]:
    """What the console says; that an icon was looked for at a server's root is not about pages."""
    return [m["message"] for m in browser.log("browser") if "favicon.ico" not in m["message"]]


def provoke(browser: Browser) -> None:
    """Move over and focus everything, open what is folded."""
    browser.run("""
      for (const e of document.querySelectorAll('*')) {
        if (e.tagName === 'DETAILS') e.open = true;
        for (const kind of ['mouseover', 'mouseenter', 'focus']) e.dispatchEvent(new Event(kind));
      }""")


def test_nothing_runs_and_nothing_is_dropped(browser: Browser, site: str, hostile: Project) -> None:
    """No text runs; no script, style or picture of ours is refused by the policy."""
    for page in sorted(hostile.site.glob("*.html")):
        browser.open(f"{site}{page.name}")
        provoke(browser)
        assert browser.run("return typeof window.hacked") == "undefined", page.name
        added = "return document.querySelectorAll('main img, iframe, form, base, style').length"
        assert browser.run(added) == 0, page.name
        links = browser.run("return [...document.links].map((a) => a.protocol)")
        assert set(links) <= {"file:", "http:", "https:", "mailto:"}, page.name
        assert browser.run("return getComputedStyle(document.body).fontFamily") != "", page.name
        assert messages(browser) == [], page.name


def test_interactive_figures_draw_texts(browser: Browser, site: str) -> None:
    """Plotly, its data and its sheet are loaded; labels are drawn as they were typed."""
    browser.open(f"{site}chiffres.html")
    count = browser.run("return document.querySelectorAll('.outils > button').length")
    assert count >= 6
    for n in range(count):
        assert press(browser, n) == "Version fixe", n
    assert browser.run("return typeof window.hacked") == "undefined"
    assert browser.run("return document.querySelectorAll('.vive a[href*=hacked]').length") == 0
    drawn = browser.run("return document.querySelector('.vive svg').textContent")
    assert "<script>hacked=1</script>" in drawn
    assert messages(browser) == []


@pytest.mark.parametrize("choice", ["connectes/sexe/2023", "avis/ensemble/2023", "duree/sexe/*"])
def test_the_explorer_shows_texts(browser: Browser, site: str, choice: str) -> None:
    browser.open(f"{site}explorer.html#hostile/{choice}")
    until = time.monotonic() + 20
    ready = "return !document.querySelector('#resultat').hidden"
    while not browser.run(ready) and time.monotonic() < until:
        time.sleep(0.05)
    provoke(browser)
    shown = browser.run("return document.querySelector('#resultat').textContent")
    assert "<img src=x onerror=hacked=1>" in shown
    assert browser.run("return document.querySelectorAll('#explorateur img').length") == 0
    assert browser.run("return typeof window.hacked") == "undefined"
    assert messages(browser) == []


@pytest.mark.parametrize("policy", [True, False])
def test_what_gets_into_a_page_is_stopped_by_its_policy(
    browser: Browser, hostile: Project, tmp_path: Path, *, policy: bool
) -> None:
    """The same plant runs where the policy is taken out, so that it is the policy that stops it."""
    html = (hostile.site / "methode.html").read_text("utf-8")
    if not policy:
        html = POLICY.sub("", html)
    (tmp_path / "page.html").write_text(html.replace("</main>", f"{PLANT}</main>"), "utf-8")
    browser.open(tmp_path / "page.html")
    browser.run("document.querySelector('#a').click()")
    time.sleep(0.3)
    ran = browser.run("return typeof window.hacked")
    placed = browser.run("return getComputedStyle(document.querySelector('#p')).position")
    assert (ran, placed) == (("undefined", "static") if policy else ("number", "fixed"))
    dropped = [m for m in messages(browser) if "Content Security Policy" in m]
    assert len(dropped) >= 5 if policy else dropped == []
