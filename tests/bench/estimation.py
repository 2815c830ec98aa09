"""Estimation against svy, R survey and a floor, in one run: ratios of medians, and agreement.

    python tests/bench/estimation.py [--rows 40000 1000000] [--runs 3]

A generated file: 50 strata of 40 PSUs, 20 binary variables with missing values, 6 domains of 5 to
13 levels; every variable overall and in every domain level (about 1,000 means with standard error
and interval). The same at the smaller size with 80 bootstrap weights. Each tool runs in a process
of its own and reads the same Parquet (R: CSV) before its clock starts. svy is installed from the
package index into an environment of its own, below ``build/bench``; R runs where it is installed,
once a size. The floor is one polars scan and group-by for each domain over the same Parquet, which
no estimator can do without. Last, the whole real barometer (run_real.py), where the data are there.

Prints one table and writes it to ``build/bench/estimation.md``; ends in error where a tool finds
other estimates or standard errors.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

HERE = Path(__file__).resolve().parent
VARIABLES = [f"y{i:02d}" for i in range(20)]
DOMAINS = {"d5": 5, "d6": 6, "d7": 7, "d8": 8, "d9": 9, "d13": 13}
REPLICATES = 80
OURS = "this project"
SECONDS = 3600  # R is stopped after an hour
AGREE = 1e-8  # relative, of estimates and of standard errors
ASKED = {
    ("1000000", "svy"): "at least 20",
    ("1000000", "R survey"): "at least 200",
    ("1000000", "floor"): "at least 0.25",
    ("1000000", OURS): "peak under 1000 MB",
    ("40000-replicates", "svy"): "at least 9",
}
HEADER = ["file", "tool", "time / this project", "asked", "peak MB", "runs",
          "difference of estimates", "of se"]  # fmt: skip
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Largest relative difference of the estimates and of the standard errors of two tools."""

    estimate: float
    se: float

    @property
    def good(self) -> bool:
        """Whether both are rounding."""
        return max(self.estimate, self.se) < AGREE


def main() -> None:
    """Generate, run every tool that is there, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[40_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    tools, lines, faults = available(args.folder), [HEADER], []
    for name, path in files(args.rows, args.folder):
        unasked = ("floor", "R survey") if name.endswith("replicates") else ()
        found = {t: run(c, path, args.runs) for t, c in tools.items() if t not in unasked}
        made, other = compare(name, found)
        lines += made
        faults += other
    table = "\n".join("| " + " | ".join(line) + " |" for line in ruled(lines))
    table += "\n\n" + real(args.runs)
    (args.folder / "estimation.md").write_text(table + "\n", encoding="utf-8")
    print(f"\n{table}")
    sys.exit("\n".join(faults) or None)


def files(sizes: list[int], folder: Path) -> list[tuple[str, Path]]:
    """Name and place of each generated file; the smallest once more with replicate weights."""
    made = []
    for rows in sizes:
        path = folder / f"rows-{rows}.parquet"
        generate(rows, path)
        made.append((str(rows), path))
    name, path = made[0]
    replicated = path.with_name(f"rows-{name}-replicates.parquet")
    if not replicated.exists():
        replicate(pl.read_parquet(path)).write_parquet(replicated)
    return [made[0], (f"{name}-replicates", replicated), *made[1:]]


def generate(rows: int, path: Path) -> None:
    """Write the respondents, the same at every run."""
    if path.exists() and path.with_suffix(".csv").exists():
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
    frame.write_csv(path.with_suffix(".csv"))


def replicate(frame: pl.DataFrame) -> pl.DataFrame:
    """With bootstrap weights: 39 of the 40 PSUs of each stratum, drawn with replacement."""
    rng = np.random.default_rng(2)
    drawn = rng.multinomial(39, [1 / 40] * 40, size=(REPLICATES, 50)).reshape(REPLICATES, -1)
    factors = (drawn * 40 / 39).T[frame["psu"].to_numpy()]
    weights = frame["w"].to_numpy()[:, None] * factors
    names = [f"rw{r}" for r in range(1, REPLICATES + 1)]
    return frame.hstack(pl.DataFrame(weights, schema=names, orient="row"))


def available(folder: Path) -> dict[str, list[str]]:
    """Command of each tool that is there; what is absent is said."""
    tools = {
        OURS: [sys.executable, str(HERE / "run_ours.py")],
        "floor": [sys.executable, str(HERE / "run_floor.py")],
    }
    svy = _svy(folder / "svy")
    if svy:
        tools["svy"] = [str(svy), str(HERE / "run_svy.py")]
    if shutil.which("Rscript"):
        tools["R survey"] = ["Rscript", str(HERE / "run_r.R")]
        print("R survey runs once a size; a million rows take it many minutes")
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


def run(command: list[str], path: Path, runs: int) -> Found | None:
    """What a tool prints: seconds of each run, peak memory, and its estimates."""
    if command[0] == "Rscript":
        path = path.with_suffix(".csv")
    tool = Path(command[-1]).name
    print(f"{tool} {path.name}", flush=True)
    try:
        done = subprocess.run([*command, str(path), str(runs)], check=False, capture_output=True,
                              text=True, timeout=SECONDS)  # fmt: skip
    except subprocess.TimeoutExpired:
        print(f"{tool} was stopped after {SECONDS} seconds: not compared")
        return None
    if done.returncode:
        print(f"{tool} failed: {done.stderr.strip().splitlines()[-1:]}")
        return None
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def compare(name: str, found: dict[str, Found | None]) -> tuple[list[list[str]], list[str]]:
    """Lines of the table for one file, and what does not agree."""
    ours, lines, faults = found[OURS], [], []
    if ours is None:
        return [], [f"{name}: this project failed"]
    for tool, other in found.items():
        if other is None:
            continue
        ratio = np.median(other["seconds"]) / np.median(ours["seconds"])
        agreed = ["", ""]
        if tool != OURS and other["cells"]:
            difference = agreement(dict(ours["cells"]), dict(other["cells"]))
            agreed = [f"{difference.estimate:.1e}", f"{difference.se:.1e}"]
            if not difference.good:
                faults.append(f"{name}: {tool} and this project do not agree")
        told = [str(other["peak_mb"] or ""), str(len(other["seconds"])), *agreed]
        lines.append([name, tool, f"{ratio:.2f}", ASKED.get((name, tool), ""), *told])
    return lines, faults


def agreement(a: dict[str, list[float]], b: dict[str, list[float]]) -> Agreement:
    """Over all cells; infinite where the cells are not the same."""
    if set(a) != set(b):
        return Agreement(np.inf, np.inf)
    x, y = (np.array([v[k] for k in sorted(a)]) for v in (a, b))
    worst = np.max(np.abs(x - y) / np.abs(x), axis=0)
    return Agreement(float(worst[0]), float(worst[1]))


def ruled(lines: list[list[str]]) -> list[list[str]]:
    """Lines of one width a column, with the rule that Markdown wants below the header."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    padded = [[v.ljust(w) for v, w in zip(line, widths, strict=True)] for line in lines]
    return [padded[0], ["-" * w for w in widths], *padded[1:]]


def real(runs: int) -> str:
    """The sentence of run_real.py."""
    done = subprocess.run([sys.executable, str(HERE / "run_real.py"), str(runs)], check=False,
                          capture_output=True, text=True)  # fmt: skip
    return done.stdout.strip() or f"run_real.py failed: {done.stderr.strip().splitlines()[-1:]}"


if __name__ == "__main__":
    main()
