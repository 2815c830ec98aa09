"""Raking on four margins against svy and R survey, in one run: ratios of medians, and agreement.

    python tests/bench/raking.py [--rows 1000000] [--runs 5]

The respondents of ``estimation.py`` on margins of 5, 6, 8 and 13 categories, each target up to
10 % away from the sample's total. All tools are asked for margins met to 1e-9. ``pycarus`` is not
on the package index under this name: it is tried, and its absence said.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
from estimation import (  # type: ignore[import-not-found]
    HERE,
    OURS,
    Found,
    agreement,
    available,
    generate,
    ruled,
    run,
)

MARGINS = ("d5", "d6", "d8", "d13")
SCRIPTS = {OURS: "rake_ours.py", "svy": "rake_svy.py", "R survey": "rake_r.R"}


def main() -> None:
    """Generate, run every tool that is there, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    path = args.folder / f"rows-{args.rows}.parquet"
    generate(args.rows, path)
    targets(pl.read_parquet(path), args.folder / "margins.csv")
    commands = available(args.folder)
    found = {name: run([*commands[name][:-1], str(HERE / script)], path, args.runs)
             for name, script in SCRIPTS.items() if name in commands}  # fmt: skip
    print(f"pycarus: {'there, not measured' if _installs(args.folder) else 'not on the index'}")
    table = "\n".join("| " + " | ".join(line) + " |" for line in ruled(lines(found)))
    (args.folder / "raking.md").write_text(table + "\n", encoding="utf-8")
    print(f"\n{table}")


def targets(frame: pl.DataFrame, path: Path) -> None:
    """Write margin, category, population: each total of the sample moved, then all to one sum."""
    rng = np.random.default_rng(3)
    parts = []
    for name in MARGINS:
        held = frame.group_by(category=name).agg(pl.col("w").sum()).sort("category")
        moved = held["w"].to_numpy() * (1 + 0.1 * rng.random(held.height))
        population = moved / moved.sum() * 6e7
        parts.append(held.select(pl.lit(name).alias("margin"), "category",
                                 population=pl.Series(population)))  # fmt: skip
    pl.concat(parts).write_csv(path)


def lines(found: dict[str, Found | None]) -> list[list[str]]:
    """The table: time beside ours, and the largest relative difference of the weights."""
    ours = found[OURS]
    if ours is None:
        sys.exit("this project failed")
    made = [["tool", "time / this project", "runs", "peak MB", "difference of weights"]]
    for name, other in found.items():
        if other is not None:
            ratio = np.median(other["seconds"]) / np.median(ours["seconds"])
            apart = agreement(dict(ours["cells"]), dict(other["cells"])).estimate
            made.append([name, f"{ratio:.2f}", str(len(other["seconds"])),
                         str(other["peak_mb"] or ""), f"{apart:.1e}"])  # fmt: skip
    return made


def _installs(folder: Path) -> bool:
    python = folder / "svy" / "bin" / "python"
    done = subprocess.run([str(python), "-m", "pip", "install", "-q", "pycarus"], check=False,
                          capture_output=True)  # fmt: skip
    return done.returncode == 0


if __name__ == "__main__":
    main()
