"""A small WebDriver client: chromedriver over HTTP with the standard library only."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
    "--hide-scrollbars",
]  # fmt: skip
_SECONDS = 30


def why_not() -> str:
    """Why no browser can be started here; empty when one can."""
    browser = next((b for b in ("chromium", "chromium-browser", "google-chrome") if which(b)), "")
    missing = [n for n, found in (("chromium", browser), ("chromedriver", which("chromedriver")))
               if not found]  # fmt: skip
    return f"no {' and no '.join(missing)} on PATH: what the pages look like" if missing else ""


def which(name: str) -> str:
    """The program on PATH, or "" when there is none."""
    return shutil.which(name) or ""


class Browser:
    """One headless Chromium; ``close`` ends it and its driver."""

    def __init__(self) -> None:
        self._driver = subprocess.Popen(
            [which("chromedriver"), "--port=0"], stdout=subprocess.PIPE, text=True
        )
        self._base = f"http://127.0.0.1:{self._port()}"
        binary = next(b for b in map(which, ("chromium", "chromium-browser", "google-chrome")) if b)
        options = {"binary": binary, "args": _ARGUMENTS}
        capabilities = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        try:
            made = self._send("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        except BaseException:
            self._driver.terminate()
            raise
        self._base += f"/session/{made['sessionId']}"

    def _port(self) -> int:
        assert self._driver.stdout is not None
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            line = self._driver.stdout.readline()
            if "started successfully on port" in line:
                return int(line.rstrip(". \n").rsplit(" ", 1)[1])
        raise TimeoutError("chromedriver did not start")

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            self._base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            return json.load(answer)["value"]

    def devtools(self, command: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol."""
        return self._send("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def run(self, script: str) -> Any:
        """What the body of a function returns in the page."""
        return self._send("POST", "/execute/sync", {"script": script, "args": []})

    def open(self, page: Path | str, *, width: int = 1280, dark: bool = False, scripts: bool = True
             ) -> None:  # fmt: skip
        """Show a file, or an address, at a width in a theme; earlier messages are forgotten."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[scheme])
        self.devtools("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=900,
                      deviceScaleFactor=1, mobile=False)  # fmt: skip
        self.log("browser")
        self.log("performance")
        self._send("POST", "/url", {"url": page if isinstance(page, str) else page.as_uri()})

    def images(self) -> tuple[list[tuple[str, str]], list[str]]:
        """(name, description) of each image that a screen reader meets, and the texts it reads."""
        nodes = self.devtools("Accessibility.getFullAXTree")["nodes"]
        role = [(n, n.get("role", {}).get("value")) for n in nodes]
        images = [(n["name"]["value"], n["description"]["value"])
                  for n, r in role if r in ("image", "img")]  # fmt: skip
        return images, [n["name"]["value"] for n, r in role
                        if r == "StaticText" and not n["ignored"]]  # fmt: skip

    def printed_shades(self, selector: str) -> set[str]:
        """``print-color-adjust`` of some elements on paper."""
        self.devtools("Emulation.setEmulatedMedia", media="print")
        kept: list[str] = self.run(f"return [...document.querySelectorAll('{selector}')]"
                                   ".map(e => getComputedStyle(e).printColorAdjust)")  # fmt: skip
        self.devtools("Emulation.setEmulatedMedia", media="")
        return set(kept)

    def log(self, kind: str) -> list[dict[str, Any]]:
        """Messages of the console ("browser") or of the network ("performance") since last time."""
        found: list[dict[str, Any]] = self._send("POST", "/se/log", {"type": kind})
        return found

    def requests(self) -> list[str]:
        """Addresses asked for since the page was opened."""
        events = (json.loads(e["message"])["message"] for e in self.log("performance"))
        return [
            e["params"]["request"]["url"]
            for e in events
            if e["method"] == "Network.requestWillBeSent"
        ]

    def close(self) -> None:
        """End the browser, then its driver."""
        try:
            self._send("DELETE", "")
        finally:
            self._driver.terminate()
            self._driver.wait(_SECONDS)
            if self._driver.stdout is not None:
                self._driver.stdout.close()
