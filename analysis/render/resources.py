"""Files the pages use, copied beside them as Quarto does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from analysis.render.pages import is_external, local_path, read_page, stylesheet_addresses


def copy_resources(stage: Path, out: Path, patterns: list[str]) -> None:
    """Copy from ``stage`` what the pages in ``out`` name, and what ``patterns`` match.

    What is not in ``stage`` is left for the page checks to report.
    """
    wanted = [file for pattern in patterns for file in sorted(stage.glob(pattern))]
    for page in sorted(out.glob("*.html")):
        urls = (reference.url for reference in read_page(page).references)
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


def _files(stage: Path, base: Path, urls: Iterator[str]) -> Iterator[Path]:
    """Files of the stage among local addresses relative to ``base``."""
    for url in urls:
        path = "" if is_external(url) else local_path(url)
        file = (base / path).resolve()
        if path and file.is_relative_to(stage.resolve()):
            yield file
