"""PDF of pages that are made to be printed, by a Chromium where there is one.

A page asks for it with ``imprimable: true`` in its header. Chromium prints the page as it is, with
the print styles, and tags the document (structure, language, reading order); Typst would need a
second drawing of every chart. The same page gives the same bytes, wherever it stands: dates are
set to the epoch, the tags are numbered anew, and links to other files of the site are relative
(Chromium alone would write the folder of this machine into each).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.errors import refuse
from analysis.provenance import write_aside

FOLDER = "pdf"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--disable-extensions", "--no-pdf-header-footer", "--generate-pdf-document-outline",
)  # fmt: skip
_SECONDS = 60
_WANTED = re.compile(r"(?m)^imprimable:\s*true\s*$")
_DATE = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}[^)]*\)")
_BROWSER = re.compile(rb"/Creator \((?:[^()\\]|\\.)*\)")

_NODE = re.compile(rb"\(node(\d{8})\)")
# Stand for the site's folder, and the one above it, while a page is printed (RFC 6761).
_ABOVE = "http://site.invalid/"
_SITE = f"{_ABOVE}-/"
_UP = b"../"  # from FOLDER, where the PDF is, to the site
_LOCAL = re.compile(r'(<a\b[^>]*?\bhref=")(?![A-Za-z][A-Za-z0-9+.-]*:|//|#)')
_LINK = re.compile(rb"\(" + re.escape(_ABOVE.encode()) + rb"(-/)?((?:[^()\\]|\\.)*)\)")


def browser_path() -> str:
    """The Chromium on PATH; "" where there is none, or where BARO_PDF is "none"."""
    if os.environ.get("BARO_PDF") == "none":
        return ""
    return next((found for b in _BROWSERS if (found := shutil.which(b))), "")


def browser_version() -> str:
    """What the Chromium calls itself: "Chromium 142.0.7444.59"; "" where there is none."""
    if not browser_path():
        return ""
    try:
        done = subprocess.run([browser_path(), "--version"], capture_output=True, check=False,
                              timeout=_SECONDS)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return " ".join(done.stdout.decode("utf-8", "replace").split()[:2]) or "unknown"


def printable(stage: Path) -> list[str]:
    """The pages of a folder of sources that ask for a PDF, by name without suffix.

    Each then knows where it will stand: ``pdf: pdf/<name>.pdf`` is added to its header.
    """
    names = []
    for page in sorted(stage.glob("*.qmd")):
        text = page.read_text("utf-8")
        if _WANTED.search(text.split("\n---", 1)[0]):
            page.write_text(_WANTED.sub(f"pdf: {FOLDER}/{page.stem}.pdf", text, count=1), "utf-8")
            (stage / FOLDER).mkdir(exist_ok=True)
            (stage / FOLDER / f"{page.stem}.pdf").touch()  # pages are checked before they print
            names.append(page.stem)
    return names


def print_pages(site: Path, names: Sequence[str], say: Callable[[str], None]) -> None:
    """Print pages of a rendered site into its folder ``pdf``.

    Raises :class:`analysis.errors.BaroError` when Chromium prints nothing.
    """
    for name in names:
        say(f"  {FOLDER}/{name}.pdf")
        (site / FOLDER).mkdir(exist_ok=True)
        write_aside(site / FOLDER / f"{name}.pdf", _portable(site / f"{name}.html"))


def _portable(page: Path) -> bytes:
    """The page printed from a copy beside it, whose links do not depend on where it stands."""
    copy = page.with_name(f".{page.name}")
    try:
        copy.write_text(_LOCAL.sub(rf"\g<1>{_SITE}", page.read_text("utf-8")), "utf-8")
        return _printed(copy, page.name)
    finally:
        copy.unlink(missing_ok=True)


def _printed(page: Path, named: str) -> bytes:
    with TemporaryDirectory(prefix="baro-pdf-") as work:
        made = Path(work) / "page.pdf"
        command = [browser_path(), *_ARGUMENTS, *_as_root(), f"--user-data-dir={work}/profile",
                   f"--print-to-pdf={made}", page.resolve().as_uri()]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
        except subprocess.TimeoutExpired as e:
            raise refuse(f"{named}: PDF", f"Chromium took more than {_SECONDS} s", "",
                         "run the command again") from e  # fmt: skip
        if not made.is_file():
            raise refuse(f"{named}: PDF", "Chromium printed nothing", "a file",
                         "open the page in it, or set BARO_PDF=none")  # fmt: skip
        return undated(made.read_bytes())


def _as_root() -> list[str]:
    """Chromium has no sandbox for root, and says so instead of printing."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ["--no-sandbox"] if root else []


def undated(content: bytes) -> bytes:
    """A PDF without what differs from one printing to the next, of the same length.

    That is the hour, the browser's signature, where Chromium began to number the elements, and
    the name that the site's folder had while the page was printed.
    """
    text = _LINK.sub(_relative, _DATE.sub(_epoch, content))
    return _renumbered(_BROWSER.sub(_signed, text))


def _relative(found: re.Match[bytes]) -> bytes:
    """A link as the PDF follows it; pages in another language lead to those above them."""
    up = _UP if found[1] else 2 * _UP
    return (b"(" + up + found[2] + b")").ljust(len(found[0]))


def _renumbered(content: bytes) -> bytes:
    """Elements named in the tags counted from 0, in the order they had: their index is sorted."""
    rank = {name: i for i, name in enumerate(sorted(set(_NODE.findall(content))))}
    return _NODE.sub(lambda m: b"(node%08d)" % rank[m[1]], content)


def _epoch(found: re.Match[bytes]) -> bytes:
    date = b"/" + found[1] + b" (D:19700101000000+00'00')"
    return date.ljust(len(found[0])) if len(date) <= len(found[0]) else found[0]


def _signed(found: re.Match[bytes]) -> bytes:
    return b"/Creator (Barometre)".ljust(len(found[0]))
