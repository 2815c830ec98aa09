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
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.errors import refuse
from analysis.provenance import digest_code, sha256_file, write_aside
from analysis.store import Store

FOLDER = "pdf"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--disable-extensions", "--no-pdf-header-footer", "--generate-pdf-document-outline",
)  # fmt: skip
_SECONDS = 60
_AT_ONCE = 2
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
    return _version(browser_path()) if browser_path() else ""


@cache
def _version(browser: str) -> str:
    try:
        done = subprocess.run([browser, "--version"], capture_output=True, check=False,
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


def print_pages(
    site: Path, names: Sequence[str], say: Callable[[str], None], store: Store | None = None
) -> None:
    """Print pages of a rendered site into its folder ``pdf``.

    store : where PDF are kept, by the page and everything that it may load
    Raises :class:`analysis.errors.BaroError` when Chromium prints nothing.
    """
    if not names:
        return
    (site / FOLDER).mkdir(exist_ok=True)
    printed = _Printed(site, store) if store else None
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        pages = [site / f"{name}.html" for name in names]
        made = pool.map(printed.pdf if printed else _portable, pages)
        for name, content in zip(names, made, strict=True):
            say(f"  {FOLDER}/{name}.pdf")
            write_aside(site / FOLDER / f"{name}.pdf", content)


class _Printed:
    """The PDF of pages of a site, each printed where it is not kept.

    It is kept by the browser, this code, the page, and every file that the page may load: all of
    the site but other pages, and of the downloads those that the page names.
    """

    def __init__(self, site: Path, store: Store) -> None:
        self._store = store
        files = {p.relative_to(site).as_posix(): p for p in sorted(site.rglob("*")) if p.is_file()}
        parts = ("donnees/", f"{FOLDER}/")
        common = {n: p for n, p in files.items() if not n.startswith(parts) and p.suffix != ".html"}
        self._named = {n: p for n, p in files.items() if n.startswith("donnees/")}
        self._common = (browser_version(), digest_code("pdf"), _digests(common))

    def pdf(self, page: Path) -> bytes:
        text = page.read_text("utf-8")
        named = _digests({n: p for n, p in self._named.items() if n in text})
        key = sha256(repr((self._common, named, page.name, text)).encode()).hexdigest()
        found = self._store.find(key)
        if found is None:
            found = _portable(page)
            self._store.keep(key, found)
        return found


def _digests(files: dict[str, Path]) -> list[tuple[str, str]]:
    return [(name, sha256_file(path)) for name, path in files.items()]


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
