"""Frames, counts and a project for the tests of the sampling side."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from analysis.sampling import Frame, Stratum, read_frame

# collectivites-ia, notes §2: the frame of 2024, type and stratum.
TOWNS = {
    "C<3500": ("commune", 31_710),
    "C3500-9999": ("commune", 2_185),
    "C10k-99k": ("commune", 998),
    "C>=100k": ("commune", 42),
    "EPCI hors métropole": ("epci", 1_233),
    "Métropoles": ("epci", 21),
    "Départements": ("departement", 101),
    "Régions": ("region", 18),
}


def text(rows: Iterable[Sequence[object]], separator: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    return out.getvalue()


def towns(shuffled: int | None = None) -> str:
    """36,308 units in 8 strata; in another order with a seed."""
    rows: list[list[object]] = []
    for stratum, (kind, size) in TOWNS.items():
        rows += [[f"U{len(rows) + i:05d}", f"Unité n° {i}", kind, stratum] for i in range(size)]
    if shuffled is not None:
        np.random.default_rng(shuffled).shuffle(rows)
    return text([["id", "nom", "type", "strate"], *rows], ";")


def town_counts() -> str:
    rows = [[s, kind, n, "ODP", 2024, "collectivités"] for s, (kind, n) in TOWNS.items()]
    return text([["strate", "type", "population", "source", "year", "base"], *rows])


def write(folder: Path, content: str | bytes, name: str = "frame.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def frame_of(folder: Path, content: str | bytes, *columns: str, **more: str) -> Frame:
    path = write(folder, content)
    return read_frame(path, path.name, more.pop("identifier", "id"), columns or ("h",), **more)  # type: ignore[arg-type]


def strata_of(*populations: int) -> tuple[Stratum, ...]:
    return tuple(Stratum((f"s{i}",), population=n) for i, n in enumerate(populations, 1))
