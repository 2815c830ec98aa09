"""What the interactive version of a figure needs: a small file of its own, loaded on a click.

It is a script that calls one function, not JSON: a page that was opened from a file may load a
script beside it, but may not fetch.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from analysis.project import Project
from analysis.provenance import write_aside

if TYPE_CHECKING:
    from analysis.briefing.book import Book


class Chart(Protocol):
    """One chart object, two outputs."""

    @property
    def id(self) -> str:
        """Unique on its page."""

    def svg(self) -> str:
        """The chart that every reader gets."""

    def plotly(self) -> dict[str, Any]:
        """The chart that a reader may ask for."""


def downloads(project: Project) -> Path:
    """The folder of downloads that the page being made will have beside it.

    A build renders in a staged copy of the reports, ``quarto render`` in the project itself.
    """
    staged = Path.cwd() / "donnees"
    return staged if staged.is_dir() else project.reports / "donnees"


def data_file(book: Book, chart: Chart) -> str:
    """Writes the figure's data; returns its address, or "" where there is no page to serve.

    The name holds a digest of the content: two pages may each have a figure of one name.
    """
    if book.downloads is None:
        return ""
    figure = json.dumps(chart.plotly(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    script = f"figureInteractive({figure});\n".encode()
    name = f"{book.survey.id}-{chart.id}-{sha256(script).hexdigest()[:8]}.js"
    write_aside(book.downloads / name, script)
    return f"donnees/{name}"
