"""The metadata a template prints, as Quarto prepares it."""

from __future__ import annotations

from typing import Any

from analysis.render.config import Options
from analysis.render.dates import format_date

_NOT_PRINTED = (
    *("css", "template", "minimal", "theme", "html-math-method", "html-table-processing"),
    *("syntax-highlighting", "section-divs", "embed-resources", "number-sections"),
    *("number-depth", "toc", "toc-depth", "date-format"),
)


def page_metadata(options: Options) -> dict[str, Any]:
    """Keys for the template: author names as a list, the date in words, and all the rest."""
    found = {k: v for k, v in options.metadata.items() if k not in _NOT_PRINTED}
    authors = _authors(found.get("author"))
    if authors:
        found["author"] = [author["name"]["literal"] for author in authors]
        found["by-author"] = authors
    if "date" in found:
        written = str(found["date"])
        style = str(options.metadata.get("date-format", "iso"))
        found["date-meta"] = written
        found["date"] = format_date(written, style, options.lang)
    return found


def _authors(given: Any) -> list[dict[str, Any]]:
    listed = given if isinstance(given, list) else [given] if given else []
    return [_author(entry) for entry in listed]


def _author(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        return {"name": {"literal": str(entry)}}
    name = entry.get("name", "")
    if isinstance(name, dict):
        parts = (str(name[key]) for key in ("given", "family") if key in name)
        name = name.get("literal") or " ".join(parts)
    rest = {key: value for key, value in entry.items() if key != "name"}
    return {**rest, "name": {"literal": str(name)}}
