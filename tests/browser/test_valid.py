"""Every page is valid HTML, by html-validate; npm installs it beside this file (`npm ci`)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
COMMAND = HERE / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"


def validated(*pages: Path) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    if not node or not COMMAND.is_file():
        pytest.skip("html-validate is not installed (npm ci in tests/browser): valid HTML")
    config = HERE / ".html-validate.json"
    return subprocess.run([node, str(COMMAND), "--config", str(config), *map(str, pages)],
                          capture_output=True, text=True, check=False)  # fmt: skip


def test_a_fault_is_found(tmp_path: Path) -> None:
    page = tmp_path / "wrong.html"
    page.write_text("<!DOCTYPE html><html><title>x</title><p id=a><div id=a></p></html>")
    assert validated(page).returncode != 0


def test_pages_are_valid_html(built_site: Path) -> None:
    done = validated(*sorted(built_site.glob("*.html")))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-500:]
