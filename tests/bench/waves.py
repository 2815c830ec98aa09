"""A whole wave tabulated in memory and by engines: seconds and memory as its rows grow.

    python tests/bench/waves.py [--rows 1e4 1e5 1e6] [--how memory polars duckdb]

The demonstration rows of the barometer's last wave, repeated; all its indicators over all its
domains. Each run is a process of its own; "memory" is left out above 1,000,000 rows, where its
matrices would take more than a machine may have. Compare rows of one table only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import polars as pl

from analysis.definition import load_survey
from analysis.demonstration import draw_wave
from analysis.engines import Engine
from analysis.harmonise import harmonise
from analysis.ingest import ROW
from analysis.tabulation import tabulate, tabulate_held
from analysis.validate import wave_rows

ROOT = Path(__file__).resolve().parents[2]
SURVEY, MOST = "barometre_numerique", 1_000_000
ONE = """
import json, resource, sys
from time import perf_counter
sys.path.insert(0, sys.argv[1])
from waves import once
start = perf_counter()
cells = once(*sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": perf_counter() - start, "cpu": used.ru_utime + used.ru_stime,
                  "peak": used.ru_maxrss / 1024, "cells": cells}))
"""


def once(how: str, path: str) -> int:
    """One run, in this process; returns the number of cells."""
    survey = load_survey(ROOT / "surveys", SURVEY)
    wave = list(survey.waves)[-1]
    if how == "memory":
        frame = pl.read_parquet(path)
        return tabulate(survey, wave, frame, origin="x", definition_hash="x").height
    engine = Engine(how)
    return tabulate_held(survey, wave, Path(path), engine, origin="x", definition_hash="x").height


def stacked(rows: int, folder: Path) -> Path:
    """The harmonised wave, repeated until it has that many rows."""
    path = folder / f"wave-{rows}.parquet"
    if not path.exists():
        survey = load_survey(ROOT / "surveys", SURVEY)
        wave = list(survey.waves)[-1]
        texts = draw_wave(survey, wave).with_row_index(ROW, offset=2)
        raw = wave_rows(survey, wave, texts, survey.waves[wave].file)
        one = harmonise(survey, wave, raw)
        times = -(-rows // one.height)
        pl.concat([one.lazy()] * times).head(rows).sink_parquet(path)
    return path


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="+", type=float, default=[1e4, 1e5])
    parser.add_argument("--how", nargs="+", default=["memory", "polars", "duckdb"])
    asked = parser.parse_args()
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    print(
        "| how | rows | cells | seconds | of processors | peak MB |\n|---|---:|---:|---:|---:|---:|"
    )
    for rows in map(int, asked.rows):
        path = stacked(rows, folder)
        for how in asked.how:
            if how == "memory" and rows > MOST:
                continue
            command = [sys.executable, "-c", ONE, str(Path(__file__).parent), how, str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
            r = json.loads(done.stdout)
            print(f"| {how} | {rows:,} | {r['cells']:,} | {r['seconds']:.1f} | {r['cpu']:.1f} "
                  f"| {r['peak']:,.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
