"""Checks on finished pages: Quarto ends with 0 on pages that are wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from analysis.errors import Problem, raise_all, refuse
from analysis.render.pages import (
    Page,
    fragment,
    is_external,
    local_path,
    read_page,
    stylesheet_addresses,
)
from analysis.render.policy import policy_faults
from analysis.render.source import Line, locate, split_lines

# What stands in the text of a page when something went wrong: pattern, found, what to type.
_SIGNS = (
    (
        re.compile(r"\?@([\w:.-]*\w)"),
        "the reference @{0} leads nowhere",
        "give what it names the id {{#{0}}}, or correct @{0}",
    ),
    (
        re.compile(r"\?(var|meta|env):([\w.-]+)"),
        "the {0} {1} does not exist",
        "define {1} (_variables.yml, the front matter, _environment), or correct its name",
    ),
    (
        re.compile(r"\{\{<\s*([\w-]*)"),
        "a shortcode is printed: {{{{< {0}",
        "correct its name; to show a shortcode, write {{{{{{< … >}}}}}} in a code span",
    ),
    (
        re.compile(r"\[\^([^\]\s]+)\]"),
        "the footnote [^{0}] is not defined",
        "write [^{0}]: and its text on a line of its own",
    ),
    (
        re.compile(r"\{(python)\}"),
        "inline {0} is printed, not run",
        "put it between backticks: `{{python}} …`",
    ),
    (
        re.compile(r"(?m)(?:^|\s)(:::+)"),
        "{0} is printed",
        "leave a blank line before and after every :::",
    ),
)
_ANY_SIGN = re.compile(r"[?{[:]")  # nothing above is without one
_PYTHON = re.compile(r"^\s*\{python\}")


def check_pages(
    out: Path, *, sources: Path | None = None, policy: bool = False, above: Path | None = None
) -> None:
    """Check every page under ``out``; both renderers go through it.

    sources : folder of the .qmd files, to name the line there instead of that of the page
    above : the finished pages that ``../`` leads to, where ``out`` is a part of a site
    policy : every page must carry a strict Content-Security-Policy, and hold nothing that it
        drops: inline styles and scripts, event handlers, and files of other hosts

    Raises BaroError listing unresolved references, citations and shortcodes, inline Python that
    was not run, duplicate ids, images without alt, and local files or anchors that are not there.
    """
    files = sorted(out.rglob("*.html"))
    if not files:
        raise refuse(str(out), "there is no page", remedy="render the documents into it first")
    pages = {file.resolve(): read_page(file) for file in files}
    beside = {f.resolve(): read_page(f) for f in sorted(above.glob("*.html"))} if above else {}
    targets = _Targets(pages | beside, out.resolve(), above)
    problems: list[Problem] = []
    for file, page in pages.items():
        place = _Places(page.file, out, sources)
        problems += _text_problems(page, place)
        problems += _identifier_problems(page, place)
        problems += _address_problems(file, page, targets, place)
        if policy:
            problems += (
                Problem(place.of(line, near), found, remedy=remedy)
                for line, near, found, remedy in policy_faults(page)
            )
    raise_all([*problems, *_stylesheet_problems(out)])


class _Places:
    """Names the place of a fault: in the .qmd when it is found there, else in the page."""

    def __init__(self, page: Path, out: Path, sources: Path | None) -> None:
        self.page = page.relative_to(out).as_posix()
        source = sources / f"{page.stem}.qmd" if sources else None
        self.file = source.name if source else ""
        known = source is not None and source.is_file()
        text = source.read_text("utf-8-sig") if source and known else ""
        self.lines = [Line(t, self.file, n) for n, t in enumerate(split_lines(text), 1)]

    def of(self, line: int, *needles: str) -> str:
        """``x.qmd:line`` of the first needle that is there, else ``x.html:line``."""
        return locate(self.lines, f"{self.page}:{line}", *(n for n in needles if n))


def _text_problems(page: Page, place: _Places) -> Iterator[Problem]:
    for text, line in page.prose:
        for pattern, found, remedy in _SIGNS if _ANY_SIGN.search(text) else ():
            for match in pattern.finditer(text):
                parts = match.groups()
                yield Problem(
                    place.of(line, "@" + parts[0], " ".join(parts), match[0].strip()),
                    found.format(*parts),
                    remedy=remedy.format(*parts),
                )
    for text, line in page.unknown:
        key = text.rstrip("?")
        yield Problem(
            place.of(line, f"@{key}"),
            f"the citation @{key} is not in the bibliography",
            remedy=f"add {key} to the bibliography, or correct @{key}",
        )
    for line in page.tracebacks:
        yield Problem(
            place.of(line),
            "the page shows the traceback of a cell",
            remedy="correct the cell, and take `error: true` out",
        )
    for text, line in page.code:
        if _PYTHON.match(text):
            yield Problem(
                place.of(line, text.strip()),
                f"inline Python is printed: {text.strip()}",
                remedy="add `jupyter: python3` to the front matter, or a cell to the document",
            )


def _identifier_problems(page: Page, place: _Places) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for name, line in page.ids:
        if name in seen:
            yield Problem(
                place.of(line, f"#{name}"),
                f'the id "{name}" is given twice on {place.page}',
                remedy=f"give one of the two another id, like {name}-2",
            )
        seen.setdefault(name, line)
    for source, line in page.images:
        yield Problem(
            place.of(line, source),
            f"an image without a text alternative: {source}",
            remedy='add {fig-alt="…"} after it',
        )


def _address_problems(
    file: Path, page: Page, targets: _Targets, place: _Places
) -> Iterator[Problem]:
    for reference in page.references:
        if not is_external(reference.url):
            found = targets.problem(reference.url, file)
            if found:
                yield Problem(place.of(reference.line, reference.url), found[0], remedy=found[1])


@dataclass
class _Targets:
    """What local addresses of pages lead to; each address of a folder is looked up once.

    pages : by their file ; out : the folder of the site ; above : the site that it is a part of
    """

    pages: Mapping[Path, Page]
    out: Path
    above: Path | None
    _known: dict[tuple[Path, str], tuple[str, str] | None] = field(default_factory=dict)

    @cached_property
    def _ids(self) -> dict[Path, set[str]]:
        return {file: {name for name, _ in page.ids} for file, page in self.pages.items()}

    def problem(self, url: str, page: Path) -> tuple[str, str] | None:
        """What is wrong with a local address on a page and what to type, or None."""
        key = (page.parent if local_path(url) else page, url)
        if key not in self._known:
            self._known[key] = self._problem(url, page)
        return self._known[key]

    def _problem(self, url: str, page: Path) -> tuple[str, str] | None:
        path, anchor, out, start = local_path(url), fragment(url), self.out, page.parent
        if self.above and path.startswith("../") and start == out:
            out = start = self.above.resolve()
            path = path.removeprefix("../")
        target = (start / path).resolve() if path else page
        if path.endswith(".qmd"):
            return f"a link to {url}", f"write {url.replace('.qmd', '.html')}"
        if path.startswith("/") or not target.is_relative_to(out):
            return f"the address {url} leaves the site", "write a path relative to the page"
        if target.is_dir():
            return f"the address {url} is a folder", f"write {path.rstrip('/')}/index.html"
        if not target.is_file():
            return (f"the file {url} is not there",
                    "correct the address, or add the file to the reports")  # fmt: skip
        state = "/" in anchor  # no id of ours holds a slash: a page's own script reads it
        ids = self._ids.get(target)
        if anchor and anchor != "top" and not state and ids is not None and anchor not in ids:
            return (f"nothing on the page has the id of {url}",
                    f"write {{#{anchor}}} where it leads")  # fmt: skip
        return None


def _stylesheet_problems(out: Path) -> Iterator[Problem]:
    for file in sorted(out.rglob("*.css")):
        for url in _local(stylesheet_addresses(file.read_text("utf-8"))):
            if not (file.parent / local_path(url)).is_file():
                yield Problem(
                    file.relative_to(out).as_posix(),
                    f"the file {url} is not there",
                    remedy="correct the address in the stylesheet, or add the file",
                )


def _local(urls: Iterable[str]) -> Iterator[str]:
    return (url for url in urls if not is_external(url) and local_path(url))
