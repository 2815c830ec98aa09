"""Estimation against svy, R survey and a floor, in one run: ratios of medians, and agreement.

    python tests/bench/estimation.py [--rows 40000 1000000] [--runs 3]

A generated file: 50 strata of 40 PSUs, 20 binary variables with missing values, 6 domains of 5 to
13 levels; every variable overall and in every domain level (about 1,000 means with standard error
and interval). Each tool runs in a process of its own and reads the same Parquet (R: CSV) before
its clock starts. svy is installed from the package index into an environment of its own, below
``build/bench``; R runs where it is installed. The floor is one polars scan and group-by for each
domain over the same Parquet, which no estimator can do without.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl

HERE = Path(__file__).resolve().parent
VARIABLES = [f"y{i:02d}" for i in range(20)]
DOMAINS = {"d5": 5, "d6": 6, "d7": 7, "d8": 8, "d9": 9, "d13": 13}


def main() -> None:
    """Generate, run every tool that is there, and print one table a size."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[40_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    tools = available(args.folder)
    for rows in args.rows:
        path = args.folder / f"rows-{rows}.parquet"
        generate(rows, path)
        report(rows, {name: run(tool, path, args.runs) for name, tool in tools.items()})


def generate(rows: int, path: Path) -> None:
    """Write the respondents, the same at every run."""
    if path.exists():
        return
    rng = np.random.default_rng(1)
    stratum = rng.integers(0, 50, rows)
    columns: dict[str, object] = {"h": stratum, "psu": stratum * 40 + rng.integers(0, 40, rows)}
    columns["w"] = rng.lognormal(0, 0.5, rows)
    for name, levels in DOMAINS.items():
        columns[name] = rng.integers(0, levels, rows)
    frame = pl.DataFrame(columns).with_columns(pl.col(list(DOMAINS)).cast(pl.String))
    for k, name in enumerate(VARIABLES):
        answers = (rng.random(rows) < 0.1 + 0.04 * k).astype(np.float64)
        answers[rng.random(rows) < 0.03] = np.nan
        frame = frame.with_columns(pl.Series(name, answers, nan_to_null=True))
    frame.write_parquet(path)
    if rows <= 40_000:
        frame.write_csv(path.with_suffix(".csv"))


def available(folder: Path) -> dict[str, list[str]]:
    """Command of each tool that is there; what is absent is said."""
    tools = {
        "this project": [sys.executable, str(HERE / "run_ours.py")],
        "floor": [sys.executable, str(HERE / "run_floor.py")],
    }
    svy = _svy(folder / "svy")
    if svy:
        tools["svy"] = [str(svy), str(HERE / "run_svy.py")]
    if shutil.which("Rscript"):
        tools["R survey"] = ["Rscript", str(HERE / "run_r.R")]
    else:
        print("R is absent: not compared")
    return tools


def _svy(folder: Path) -> Path | None:
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "-q", "svy"], check=False, capture_output=True
    )
    if done.returncode:
        print("svy cannot be installed here: not compared")
        return None
    return python


def run(command: list[str], path: Path, runs: int) -> dict[str, object] | None:
    """What a tool prints: seconds of each run, peak memory, and its estimates."""
    if command[0] == "Rscript":
        path = path.with_suffix(".csv")
        if not path.exists():
            return None
    done = subprocess.run(
        [*command, str(path), str(runs)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        print(f"{command[-1]} failed: {done.stderr.strip().splitlines()[-1:]}")
        return None
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def report(rows: int, found: dict[str, dict[str, object] | None]) -> None:
    """Ratios to this project, and the largest relative difference of its figures."""
    ours = found["this project"]
    if ours is None:
        return
    mine = float(np.median(np.asarray(ours["seconds"])))
    print(f"\n{rows} rows, {len(list(ours['cells']))} estimates; peak {ours['peak_mb']} MB")  # type: ignore[call-overload]
    print(f"{'tool':14} {'time / this project':>20} {'difference of estimates':>24} {'of se':>10}")
    for name, other in found.items():
        if other is None or name == "this project":
            continue
        ratio = float(np.median(np.asarray(other["seconds"]))) / mine
        agree = _difference(ours, other) if other["cells"] else ("", "")
        print(f"{name:14} {ratio:20.2f} {agree[0]:>24} {agree[1]:>10}")


def _difference(a: dict[str, object], b: dict[str, object]) -> tuple[str, str]:
    mine, theirs = dict(a["cells"]), dict(b["cells"])  # type: ignore[call-overload]
    if set(mine) != set(theirs):
        return (f"{len(set(mine) ^ set(theirs))} cells differ", "")
    x, y = (np.array([v[k] for k in sorted(mine)]) for v in (mine, theirs))
    worst = np.max(np.abs(x - y) / np.abs(x), axis=0)
    return f"{worst[0]:.1e}", f"{worst[1]:.1e}"


if __name__ == "__main__":
    main()
