"""The sample's file, and beside it how it was made: the same command gives the same bytes.

The CSV keeps the columns and the separator of the frame and adds those of ``ADDED``; it is UTF-8
with a byte order mark, decimal points. What a spreadsheet would run is neutralised, numbers
excepted. ``<name>.json`` holds the seed, the allocation, the strata and the digests of both files.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis import __version__
from analysis.design import Integers
from analysis.errors import refuse
from analysis.provenance import write_aside
from analysis.sampling.draw import Drawn
from analysis.sampling.frame import ADDED, Frame
from analysis.spreadsheets import neutral

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_METHOD = (
    "simple random sampling without replacement in each stratum: units in the order of their "
    "identifiers get 64-bit numbers of PCG64(SeedSequence([seed, SHA-256 of the stratum])), and "
    "the n_h smallest are drawn"
)


@dataclass(frozen=True)
class Files:
    """What is written.

    table : the CSV ; record : the JSON ; neutralised : cells changed so that they cannot run
    """

    table: bytes
    record: bytes
    neutralised: int


def sample_files(
    frame: Frame, sizes: Integers, drawn: Sequence[Drawn], how: dict[str, object]
) -> Files:
    """Both files of a sample; ``how`` is what the record says of seed, allocation, assumptions."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=frame.lines.separator, lineterminator="\n")
    header, changed = _safe([*frame.lines.header, *ADDED])
    writer.writerow(header)
    for unit in drawn:
        cells, more = _safe([*frame.lines.rows[unit.unit][1], *_added(frame, sizes, unit)])
        changed += more
        writer.writerow(cells)
    table = out.getvalue().encode("utf-8-sig")
    record = {
        "made_by": f"barometre {__version__}",
        "method": _METHOD,
        **how,
        "frame": {
            "file": Path(frame.lines.shown).name,
            "sha256": frame.lines.sha256,
            "encoding": frame.lines.encoding,
            "units": len(frame.ids),
        },
        "strata": [
            {"stratum": s.name, "N_h": s.population, "n_h": int(n),
             "reserve": sum(d.stratum == h and d.reserve for d in drawn),
             "inclusion_probability": int(n) / s.population, "design_weight": s.population / int(n)}
            for h, (s, n) in enumerate(zip(frame.strata.strata, sizes, strict=True))
        ],
        "neutralised_cells": changed,
        "sample_sha256": hashlib.sha256(table).hexdigest(),
    }  # fmt: skip
    text = json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    return Files(table, text.encode(), changed)


def _added(frame: Frame, sizes: Integers, unit: Drawn) -> list[str]:
    """The columns of ADDED; a unit in reserve has no probability until it is called up."""
    stratum, n = frame.strata.strata[unit.stratum], int(sizes[unit.stratum])
    role = "reserve" if unit.reserve else "certainty" if stratum.certain else "sample"
    known = [] if unit.reserve else [n / stratum.population, stratum.population / n]
    return [stratum.name, str(stratum.population), str(n), role, str(unit.order),
            *(repr(x) for x in known), *[""] * (2 - len(known))]  # fmt: skip


def _safe(cells: Sequence[str]) -> tuple[list[str], int]:
    """The cells as they may be opened, and how many of them were changed for it."""
    safe = [c if _NUMBER.fullmatch(c) else neutral(c) for c in cells]
    return safe, sum(a != b for a, b in zip(cells, safe, strict=True))


def write_sample(path: Path, files: Files, shown: str, *, overwrite: bool = False) -> Path:
    """Write the CSV at ``path`` and the record beside it; returns the record's path.

    The record is taken away first and written last: without one, the write was interrupted.
    Raises :class:`analysis.errors.BaroError` where another sample stands there, and where the
    folder cannot be written to.
    """
    record = path.with_name(f"{path.name}.json")
    where = f"--output {shown}"
    try:
        if path.exists() and not overwrite and path.read_bytes() != files.table:
            raise refuse(where, "the file is there, and holds something else than this sample",
                         "a new name", "name another file, or say --overwrite")  # fmt: skip
        record.unlink(missing_ok=True)
        write_aside(path, files.table)
        write_aside(record, files.record)
    except OSError as e:
        raise refuse(where, f"cannot be written: {e.strerror}", "a file in a folder of yours",
                     "name another file") from e  # fmt: skip
    return record
