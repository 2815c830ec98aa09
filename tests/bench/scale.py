"""How estimation grows with rows that stay where they are: seconds and memory, by engine.

    python tests/bench/scale.py [--rows 1e5 1e6 1e7 1e8] [--engines polars duckdb] [--design psus]

Registers made by ``baro simulate-register``, kept below ``build/bench`` for the next run: 50
strata, 5,000 PSUs, 20 binary indicators with missing values; every indicator overall and in every
level of 6 domains, with standard errors and intervals. Each run is a process of its own. The floor
is the engine's own scan of the same columns with one group-by (weighted sums by stratum), which no
estimator can do without. The number of levels is the same at all sizes, so that seconds against
rows say what a row costs: the slope is that of log seconds on log rows, 1 being linear. Ratios and
slopes are of seconds of the processors (of both cores), which a busy machine changes least.

Prints one table and writes it, with the curve as a figure, to ``build/bench/scale.md`` and
``scale.svg``. Compare rows of one table only: the machine may be busy.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.demonstration.register import Register, write_register

HERE = Path(__file__).resolve().parent
VARIABLES = [f"y{k:02d}" for k in range(20)]
DOMAINS = ["sexe", "age", "region", "diplome", "taille", "logement"]
DESIGNS: dict[str, dict[str, str]] = {
    "psus": {"strata": "stratum", "clusters": "psu", "fpc": "psu_population"},
    "rows": {"strata": "stratum"},
}
ONE = """
import json, resource, sys
from time import perf_counter
sys.path.insert(0, sys.argv[1])
from scale import once
start = perf_counter()
cells = once(*sys.argv[2:])
seconds = perf_counter() - start
used = resource.getrusage(resource.RUSAGE_SELF)
cpu = used.ru_utime + used.ru_stime
peak = used.ru_maxrss // 1024
print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak, "cells": cells}))
"""


def once(what: str, engine: str, folder: str, design: str) -> int:
    """One run, in this process; returns the number of estimates."""
    from analysis import Design
    from analysis.engines import Engine, opened

    options: dict[str, Any] = {"spark": {"master": "local[2]"}, "duckdb": {"memory": "4GB"}}
    with opened(Path(folder), Engine(engine, **options.get(engine, {}))) as frame:
        if what == "floor":
            return _floor(engine, frame)
        made: Any = Design(frame, "weight", **DESIGNS[design])  # type: ignore[arg-type]
        return int(made.tabulate(VARIABLES, DOMAINS).height)


def _floor(engine: str, frame: Any) -> int:
    if engine == "polars":
        products = [(pl.col(v) * pl.col("weight")).sum() for v in VARIABLES]
        return int(frame.group_by("stratum").agg(*products).collect(engine="streaming").height)
    sums = [f"sum({v} * weight)" for v in VARIABLES]
    if engine == "duckdb":
        return len(frame.aggregate(", ".join(["stratum", *sums]), "stratum").fetchall())
    from pyspark.sql import functions

    return len(frame.groupBy("stratum").agg(*(functions.expr(s) for s in sums)).collect())


def register(rows: int, folder: Path) -> Path:
    """The folder of a register of that size, made where it is not there."""
    made = folder / f"register-{rows}"
    if not made.is_dir():
        write_register(Register(rows), made)
    return made


def measured(what: str, engine: str, folder: Path, design: str) -> dict[str, Any]:
    """Seconds (elapsed, and of the processors), peak memory and estimates of one process."""
    run = subprocess.run(
        [sys.executable, "-c", ONE, str(HERE), what, engine, str(folder), design],
        check=True, capture_output=True, text=True, cwd=HERE.parents[1],
    )  # fmt: skip
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def slope(rows: list[int], seconds: list[float]) -> float:
    """Of log seconds on log rows, over the sizes where reading outweighs starting."""
    large = [(np.log(n), np.log(s)) for n, s in zip(rows, seconds, strict=True) if n >= 1e6]
    if len(large) < 2:
        return float("nan")
    x, y = np.array(large).T
    return float(np.polyfit(x, y, 1)[0])


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", nargs="+", type=float, default=[1e5, 1e6, 1e7])
    parser.add_argument("--engines", nargs="+", default=["polars", "duckdb"])
    parser.add_argument("--design", choices=DESIGNS, default="psus")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    options = parser.parse_args()
    lines = ["engine | rows | seconds | of processors | against the floor | peak MB | estimates",
             "--- | ---: | ---: | ---: | ---: | ---: | ---:"]  # fmt: skip
    curves: dict[str, list[tuple[int, float]]] = {}
    for engine in options.engines:
        for rows in map(int, sorted(options.rows)):
            folder = register(rows, options.folder)
            floor = measured("floor", engine, folder, options.design)
            ours = measured("tabulate", engine, folder, options.design)
            curves.setdefault(engine, []).append((rows, ours["cpu"]))
            ratio = ours["cpu"] / floor["cpu"]
            lines.append(f"{engine} | {rows:,} | {ours['seconds']:.1f} | {ours['cpu']:.1f} | "
                         f"{ratio:.1f} | {ours['peak_mb']:,} | {ours['cells']:,}")  # fmt: skip
            print(lines[-1], flush=True)
    for engine, points in curves.items():
        found = slope([n for n, _ in points], [s for _, s in points])
        lines.append(f"\n{engine}: slope {found:.2f}")
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "scale.md").write_text("\n".join(lines) + "\n", "utf-8")
    (options.folder / "scale.svg").write_text(drawn(curves), "utf-8")
    print("\n".join(lines))


def drawn(curves: dict[str, list[tuple[int, float]]]) -> str:
    """Log seconds against log rows, a line an engine."""
    points = [p for line in curves.values() for p in line]
    low, high = (f(s for _, s in points) for f in (min, max))
    first, last = (f(n for n, _ in points) for f in (min, max))

    def place(n: int, s: float) -> tuple[float, float]:
        x = 60 + 480 * np.log(n / first) / max(np.log(last / first), 1e-9)
        return x, 260 - 220 * np.log(s / low) / max(np.log(high / low), 1e-9)

    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 300" font-size="12">']
    for engine, line in curves.items():
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*p) for p in line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="black"/>')
        x, y = place(*line[-1])
        parts.append(f'<text x="{x + 5:.1f}" y="{y:.1f}">{engine}</text>')
        for n, s in line:
            x, y = place(n, s)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
            parts.append(f'<text x="{x:.1f}" y="{y - 8:.1f}">{n:.0e}: {s:.1f} s</text>')
    return "".join(parts) + "</svg>\n"


if __name__ == "__main__":
    main()
