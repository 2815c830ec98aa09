"""Where things are: the folders of a project, and the data folder named by ``BARO_DATA``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import refuse


@dataclass(frozen=True, slots=True)
class Project:
    """The folder that holds ``surveys/`` and ``_quarto.yml``, and what lies below it."""

    root: Path

    @property
    def surveys(self) -> Path:
        """Definitions, one folder a survey."""
        return self.root / "surveys"

    @property
    def reports(self) -> Path:
        """Sources of the pages."""
        return self.root / "reports"

    @property
    def build(self) -> Path:
        """Everything that can be made again."""
        return self.root / "build"

    @property
    def kept(self) -> Path:
        """Pages that need not be made again, see :mod:`analysis.store`."""
        return self.build / "kept"

    @property
    def site(self) -> Path:
        """The published pages."""
        return self.root / "_site"

    @property
    def data(self) -> Path:
        """The folder of the real microdata: ``BARO_DATA``, else ``data/``."""
        named = os.environ.get("BARO_DATA", "")
        return Path(named).expanduser().resolve() if named else self.root / "data"

    @property
    def arrived(self) -> Path:
        """The microdata that waves brought with them: ``data/``, beside ``BARO_DATA``."""
        return self.root / "data"

    def arrival(self, survey: str, wave: str) -> Path:
        """The report on the file of a wave, without its ending."""
        return self.build / survey / "arrivals" / wave

    def estimates(self, survey: str) -> Path:
        """The published table of estimates of a survey."""
        return self.build / survey / "estimates.parquet"

    def estimated(self, survey: str, wave: str) -> Path:
        """The estimates of a wave, before the rules of publication."""
        return self.build / survey / "estimates" / f"{wave}.parquet"

    def hidden(self, survey: str) -> Path:
        """Which figures of a survey are confidential, and which are hidden to protect them."""
        return self.build / survey / "hidden.parquet"

    def codebook(self, survey: str) -> Path:
        """What every column of the files holds, as published."""
        return self.build / survey / "codebook.parquet"

    def files(self, survey: str) -> Path:
        """The files for download that are about one survey alone."""
        return self.build / survey / "files"

    def catalogue(self, survey: str, language: str) -> Path:
        """The texts of a definition in another language."""
        return self.surveys / survey / f"{language}.po"

    def page_catalogue(self, page: str, language: str) -> Path:
        """The texts of a page in another language."""
        return self.reports / language / f"{page}.po"

    def register_catalogue(self, register: str, language: str) -> Path:
        """The texts of a register of claims in another language."""
        return self.reports / language / "claims" / f"{register}.po"

    def comparison(self, survey: str, weighting: str) -> Path:
        """The key indicators with the other weights of a declared weighting."""
        return self.build / survey / "weights" / weighting / "estimates.parquet"

    @property
    def claims(self) -> Path:
        """The claims of every register, judged."""
        return self.build / "claims.json"

    def weights(self, survey: str, weighting: str, wave: str) -> Path:
        """What may be told of the weights of one wave."""
        return self.build / survey / "weights" / weighting / f"{wave}.json"

    def shown(self, path: Path) -> str:
        """``path`` as messages show it: below the project without the project's own place."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return str(path)


def find_project(start: Path | None = None) -> Project:
    """The project that holds ``start`` (the working directory): ``BARO_PROJECT`` when set.

    Raises :class:`analysis.errors.BaroError` when no folder above holds ``surveys/``.
    """
    named = os.environ.get("BARO_PROJECT", "")
    here = Path(named) if named else (start or Path.cwd())
    for folder in (here.resolve(), *here.resolve().parents):
        if (folder / "surveys").is_dir() and (folder / "_quarto.yml").is_file():
            return Project(folder)
    raise refuse(
        str(here),
        "no project here or above",
        "a folder with surveys/ and _quarto.yml",
        "change to the project's folder, or set BARO_PROJECT",
    )
