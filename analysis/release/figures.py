"""The figures of a release, as it published them.

This is the only module that knows in which files they are: ``donnees/<survey>.csv``, with
``<survey>_indicateurs.csv`` and ``<survey>_codes.csv`` for the words.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from analysis.errors import refuse
from analysis.estimates import WHOLE
from analysis.release.manifest import MadeFrom, Manifest, hashed, read_manifest

DATA = "donnees"
Key = tuple[str, str, str, str, str]  # wave, indicator, category, domain, group
_KEY = ("vague", "indicateur", "modalite", "domaine", "groupe")
_COLUMNS = (*_KEY, "valeur", "borne_basse", "borne_haute", "erreur_type", "repondants", "statut")


@dataclass(frozen=True, slots=True)
class Figure:
    """A published cell in its unit (25.46 of a per cent); None where nothing is published."""

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    error: Decimal | None
    n: int
    status: str


@dataclass(frozen=True)
class Figures:
    """The figures of one survey, and what their codes mean.

    labels : of an indicator ("indicateur", "", code), a category, a domain, a group
    units : indicator -> "%", "heures"
    """

    survey: str
    cells: dict[Key, Figure]
    labels: dict[tuple[str, str, str], str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def label(self, kind: str, code: str, within: str = "") -> str:
        """What a code means; the code where nobody says."""
        return self.labels.get((kind, within, code), "Ensemble" if code == WHOLE else code)


@dataclass(frozen=True, slots=True)
class Release:
    """A release to be compared: what it was made from, and the folder of its data.

    listed : its manifest, by which files are checked; None for one that is being made
    """

    made: MadeFrom
    data: Path
    listed: Manifest | None = None

    @property
    def surveys(self) -> tuple[str, ...]:
        """Its surveys."""
        return tuple(sorted(self.made.surveys))

    def read(self, name: str) -> str:
        """A file of its data as text; refuses one that is not what the manifest lists."""
        path = self.data / name
        if not path.is_file():
            raise refuse(f"{path.parent.name}/{name}", "the release lacks the file", "",
                         "take the release from where it is whole")  # fmt: skip
        entry = self.listed.files.get(f"{DATA}/{name}") if self.listed else None
        if self.listed and hashed(path) != entry:
            raise refuse(f"{path.parent.name}/{name}", "the file is not the one in manifest.json",
                         "" if entry is None else f"sha256 {entry.sha256}",
                         "see what differs: baro release --verify --no-rebuild")  # fmt: skip
        return path.read_text("utf-8-sig")


def read_release(folder: Path, option: str = "") -> Release:
    """A release from its folder, or from its manifest with ``donnees/`` beside it."""
    manifest = read_manifest(folder, option)
    root = folder.parent if folder.is_file() else folder
    return Release(manifest.made_from, root / DATA, manifest)


def read_figures(release: Release, survey: str) -> Figures:
    """The published figures of a survey; none where the release has no such survey.

    Raises :class:`analysis.errors.BaroError` for a file that is missing, altered, or no such table.
    """
    if survey not in release.made.surveys:
        return Figures(survey, {})
    name = f"{survey}.csv"
    rows = _rows(release.read(name), name, _COLUMNS)
    cells = {tuple(_plain(r[k]) for k in _KEY): _figure(r, f"{name}, line {line}")
             for line, r in enumerate(rows, 2)}  # fmt: skip
    labels, units = _words(release, survey)
    return Figures(survey, cells, labels, units)  # type: ignore[arg-type]  # five texts


def _plain(text: str) -> str:
    """A text without the apostrophe that keeps spreadsheets from running it."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def _figure(row: dict[str, str], where: str) -> Figure:
    try:
        return Figure(
            value=_number(row["valeur"]),
            low=_number(row["borne_basse"]),
            high=_number(row["borne_haute"]),
            error=_number(row["erreur_type"]),
            n=int(row["repondants"]),
            status=row["statut"],
        )
    except (InvalidOperation, ValueError) as e:
        raise refuse(where, "holds what is no number", "a decimal comma") from e


def _number(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if text else None


def _words(release: Release, survey: str) -> tuple[dict[tuple[str, str, str], str], dict[str, str]]:
    """The labels of codes and the units of indicators."""
    codes, indicators = f"{survey}_codes.csv", f"{survey}_indicateurs.csv"
    labels = {
        (r["colonne"], _plain(r["dans"]), _plain(r["code"])): _plain(r["libelle"])
        for r in _rows(release.read(codes), codes, ("colonne", "dans", "code", "libelle"))
    }
    units = {}
    for r in _rows(release.read(indicators), indicators, ("indicateur", "libelle", "unite")):
        labels["indicateur", "", _plain(r["indicateur"])] = _plain(r["libelle"])
        units[_plain(r["indicateur"])] = _plain(r["unite"])
    return labels, units


def _rows(text: str, name: str, columns: Iterable[str]) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    missing = [c for c in columns if c not in (reader.fieldnames or ())]
    if missing:
        raise refuse(name, f"columns missing: {', '.join(missing)}", "a file of baro build",
                     "compare with a release of this version")  # fmt: skip
    for row in reader:
        if None in row or None in row.values():
            raise refuse(f"{name}, line {reader.line_num}", "not one cell for each column")
        yield row
