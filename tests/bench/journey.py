"""What a reader on slow 3G waits for: bytes, requests and first paint of a page of the built site,
then what one click on "interactive" costs.

    python tests/bench/journey.py [PAGE ...] [--runs 3]

The site is served from this machine as a well-kept server would (gzip, no cache), and Chromium
slows the line to 400 kbit/s with 400 ms to answer ("3G Slow" of WebPageTest). Medians of the runs.
"""

from __future__ import annotations

import argparse
import gzip
import http.server
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.browser.driver import Browser, why_not  # noqa: E402

BYTES_A_SECOND, LATENCY_MS, SECONDS = 400_000 / 8, 400, 120
PAGES = ("index", "barometre-numerique", "illectronisme", "explorer")
BUTTON = "document.querySelector('.outils > button')"
# Of the page and what it asked for: bytes over the line (headers included), and how many files.
COST = """
const all = [...performance.getEntriesByType('navigation'),
             ...performance.getEntriesByType('resource')];
return [all.reduce((sum, e) => sum + e.transferSize, 0), all.length]"""
PAINTED = "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


class Zipped(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, gzip-compressed and never kept."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        body = gzip.compress(path.read_bytes())
        self.send_response(200)
        for name, value in (("Content-Type", self.guess_type(str(path))),
                            ("Content-Encoding", "gzip"), ("Cache-Control", "no-store"),
                            ("Content-Length", str(len(body)))):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing of each request."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a site while it is served."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Zipped, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def wait(what: Callable[[], Any], message: str) -> Any:
    """What is found, once something is."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if (found := what()) is not None:
            return found
        time.sleep(0.05)
    raise TimeoutError(message)


def slow(browser: Browser) -> None:
    """A narrow phone on a slow line with nothing in its cache."""
    browser.devtools("Network.enable")
    browser.devtools("Network.clearBrowserCache")
    browser.devtools(
        "Network.emulateNetworkConditions",
        offline=False,
        latency=LATENCY_MS,
        downloadThroughput=BYTES_A_SECOND,
        uploadThroughput=BYTES_A_SECOND,
    )
    browser.devtools("Emulation.setDeviceMetricsOverride", width=360, height=740,
                     deviceScaleFactor=2, mobile=True)  # fmt: skip


def loaded(browser: Browser, address: str) -> dict[str, float]:
    """Opens a page: first paint and end of loading (ms), bytes, requests."""
    browser.devtools("Page.navigate", url="about:blank")
    browser.devtools("Page.navigate", url=address)
    here = f"location.href === '{address}' && document.readyState === 'complete'"
    wait(lambda: browser.run(f"return {here} || null"), f"{address} did not load")
    paint = wait(lambda: browser.run(PAINTED), f"{address} was not painted")
    end = browser.run("return performance.getEntriesByType('navigation')[0].loadEventStart")
    size, requests = browser.run(COST)
    return {"paint": paint, "load": end, "bytes": size, "requests": requests}


def clicked(browser: Browser) -> dict[str, float] | None:
    """Asks for the first figure's interactive version; None on a page that offers none."""
    if not browser.run(f"return {BUTTON} !== null"):
        return None
    before, start = browser.run(COST), time.monotonic()
    browser.run(f"{BUTTON}.click()")
    drawn = "return document.querySelector('.main-svg') ? true : null"
    wait(lambda: browser.run(drawn), "the figure was not drawn")
    after = browser.run(COST)
    return {"drawn": (time.monotonic() - start) * 1000, "bytes": after[0] - before[0],
            "requests": after[1] - before[1]}  # fmt: skip


def middle(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("pages", nargs="*", default=PAGES)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--site", type=Path, default=ROOT / "_site")
    args = parser.parse_args()
    if reason := why_not():
        sys.exit(f"{reason} is not measured")
    if absent := [p for p in args.pages if not (args.site / f"{p}.html").is_file()]:
        sys.exit(f"not in {args.site}: {', '.join(absent)}\n  -> baro build")
    browser = Browser()
    try:
        with served(args.site) as base:
            for page in args.pages:
                print(line(browser, f"{base}/{page}.html", page, args.runs), flush=True)
    finally:
        browser.close()


def line(browser: Browser, address: str, page: str, runs: int) -> str:
    """One page's journey in words."""
    opened, after = [], []
    for _ in range(runs):
        slow(browser)
        opened.append(loaded(browser, address))
        after.append(clicked(browser))
    first = middle(opened)
    said = (
        f"{page}: {first['bytes'] / 1000:.1f} kB in {first['requests']:.0f} requests, "
        f"first paint {first['paint'] / 1000:.1f} s, loaded {first['load'] / 1000:.1f} s"
    )
    clicks = [c for c in after if c is not None]
    if not clicks:
        return said
    click = middle(clicks)
    return (f"{said}; a click: {click['bytes'] / 1000:.1f} kB in {click['requests']:.0f} requests, "
            f"drawn after {click['drawn'] / 1000:.1f} s")  # fmt: skip


if __name__ == "__main__":
    main()
