"""A register of any size, made up: rows, strata, PSUs, weights and answers, in Parquet files.

For measuring how estimation grows with the number of rows, and for trying a cluster before real
data are on it. Written a piece at a time: memory does not grow with the rows. Each file has its own
stream of random numbers, so that the same options give the same rows, whatever the machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from analysis.errors import BaroError, Problem, raise_all, refuse

PIECE = 1_000_000  # rows of a file
INDICATORS = 20
REPLICATES = 80
DOMAINS = {"sexe": 2, "age": 5, "region": 13, "diplome": 4, "taille": 3, "logement": 6}
_MISSING = 0.05  # share of each answer that is missing
_FIRST = 0.9  # share of the rows in the first stratum of a skewed register


@dataclass(frozen=True, slots=True)
class Register:
    """What is made: ``rows`` in ``strata``, of which each has ``psus / strata`` PSUs.

    levels : of the column ``commune``, a domain that may be large
    skewed : 90 % of the rows are in one stratum ; replicates : with 80 replicate weights (sdr)
    """

    rows: int
    strata: int = 50
    psus: int = 5_000
    levels: int = 1_000
    skewed: bool = False
    replicates: bool = False
    seed: int = 2024

    def check(self) -> None:
        """Refuse, all at once, sizes that make no register."""
        wrong = [
            Problem(f"--{name}", f"{value}", f"{least} or more", f"--{name} {least}")
            for name, value, least in (
                ("rows", self.rows, 1), ("strata", self.strata, 1),
                ("psus", self.psus, 2 * self.strata), ("levels", self.levels, 1),
                ("seed", self.seed, 0),
            ) if value < least
        ]  # fmt: skip
        raise_all(wrong)


def write_register(
    register: Register, folder: Path, progress: Callable[[int, int], None] | None = None
) -> int:
    """Write the files, and return their size in bytes; nothing is there before all is.

    Raises :class:`analysis.errors.BaroError` where something stands at ``folder`` already.
    """
    register.check()
    if folder.exists():
        raise refuse(f"--out {folder}", "something stands there", "a folder that does not exist",
                     "name another, or remove it")  # fmt: skip
    aside = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        aside.mkdir(parents=True)
        written = 0
        for piece, (start, rows) in enumerate(_pieces(register.rows)):
            pieced(register, piece, start, rows).write_parquet(aside / f"part-{piece:05d}.parquet")
            written += (aside / f"part-{piece:05d}.parquet").stat().st_size
            if progress is not None:
                progress(start + rows, register.rows)
        aside.rename(folder)
    except OSError as error:
        raise BaroError([Problem(f"--out {folder}", str(error), "a folder that can be written",
                                 "name another")]) from error  # fmt: skip
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return written


def _pieces(rows: int) -> Iterator[tuple[int, int]]:
    for start in range(0, rows, PIECE):
        yield start, min(PIECE, rows - start)


def pieced(register: Register, piece: int, start: int, rows: int) -> pl.DataFrame:
    """The rows of one file."""
    rng = np.random.default_rng([register.seed, piece])
    stratum, psu = _drawn(register, rng, rows)
    pull = np.sin(psu)  # people of a PSU are alike: a design effect above 1
    columns: dict[str, object] = {
        "id": np.arange(start, start + rows),
        "stratum": stratum.astype(np.int32),
        "psu": psu.astype(np.int32),
        "psu_population": (40.0 * _psus(register)[stratum]).astype(np.float64),
        "weight": rng.gamma(4.0, 5.0, rows) * (1 + stratum % 3),
        "commune": rng.integers(0, register.levels, rows).astype(np.int32),
    }
    for name, size in DOMAINS.items():
        columns[name] = rng.integers(0, size, rows).astype(np.int8)
    for k in range(INDICATORS):
        yes = rng.random(rows) < (k + 0.5) / INDICATORS * (1 + 0.2 * pull)
        answered = rng.random(rows) >= _MISSING
        columns[f"y{k:02d}"] = pl.Series(yes.astype(np.int8)).set(~pl.Series(answered), None)
    columns["revenu"] = np.round(np.exp(rng.normal(7.4 + 0.1 * pull, 0.6, rows)), 2)
    if register.replicates:
        columns |= _replicates(np.asarray(columns["weight"]), psu)
    return pl.DataFrame(columns)


def _psus(register: Register) -> np.ndarray:
    """(H,) PSUs of each stratum; the first strata have one more where they do not share evenly."""
    each, more = divmod(register.psus, register.strata)
    return each + (np.arange(register.strata) < more)


def _drawn(
    register: Register, rng: np.random.Generator, rows: int
) -> tuple[np.ndarray, np.ndarray]:
    """(n,) stratum and PSU of each row; PSUs are numbered through all strata."""
    h = register.strata
    share = np.full(h, 1 / h)
    if register.skewed and h > 1:
        share = np.r_[_FIRST, np.full(h - 1, (1 - _FIRST) / (h - 1))]
    stratum = rng.choice(h, size=rows, p=share)
    size = _psus(register)
    first = np.cumsum(size) - size
    return stratum, first[stratum] + (rng.random(rows) * size[stratum]).astype(np.int64)


def _replicates(weight: np.ndarray, psu: np.ndarray) -> dict[str, np.ndarray]:
    """Successive-difference weights: factors 1, 1.7 or 0.3 by the PSU's place in each replicate."""
    made = {}
    for r in range(REPLICATES):
        sign = np.where((psu * (2 * r + 1) // 3) % 2 == 0, 1.0, -1.0)
        other = np.where((psu // 2 * (2 * r + 3)) % 2 == 0, 1.0, -1.0)
        made[f"r{r + 1:02d}"] = weight * (1 + 2**-1.5 * (sign - other))
    return made
