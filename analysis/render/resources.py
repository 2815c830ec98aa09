"""Files the pages use, copied beside them as Quarto does."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from analysis.render.pages import is_external, local_path, read_page, stylesheet_addresses


def copy_resources(stage: Path, out: Path, patterns: list[str]) -> None:
    """Copy from ``stage`` what the pages in ``out`` name, and what ``patterns`` match.

    What is not in ``stage`` is left for the page checks to report.
    """
    wanted = [file for pattern in patterns for file in sorted(stage.glob(pattern))]
    pages = sorted(out.glob("*.html"))
    urls = dict.fromkeys(r.url for page in pages for r in read_page(page).references)
    wanted += _files(stage, stage, urls)
    done: set[Path] = set()
    while wanted:
        file = wanted.pop().resolve()
        if file in done or not file.is_file() or file.suffix == ".qmd":
            continue
        done.add(file)
        target = out / file.relative_to(stage.resolve())
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copyfile(file, target)
        if file.suffix == ".css":
            wanted += _files(stage, file.parent, stylesheet_addresses(file.read_text("utf-8")))


def _files(stage: Path, base: Path, urls: Iterable[str]) -> Iterator[Path]:
    """Files of the stage among local addresses relative to ``base``."""
    root = stage.resolve()
    for path in dict.fromkeys(local_path(url) for url in urls if not is_external(url)):
        file = (base / path).resolve()
        if path and file.is_relative_to(root):
            yield file
