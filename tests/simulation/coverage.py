"""How often each 95 % interval of a proportion holds the true one: docs/methods/coverage.md.

    python tests/simulation/coverage.py [--samples N] [--out FILE]

The K measures of one call of the estimator are K independent samples from one design, so that
the estimates, standard errors and degrees of freedom are those of the package itself. The same
samples serve each interval. The table replaces what follows MARK in FILE.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl
from numpy.random import Generator
from scipy import stats

from analysis.design import Floats, SampleDesign
from analysis.estimators.intervals import proportion_interval, wald
from analysis.estimators.options import Interval
from analysis.estimators.ratio import estimate_ratios
from analysis.variance import Membership

SEED = 20_241_003
SAMPLES = 20_000
LEVEL = 0.95
SHARES = (0.01, 0.05, 0.3, 0.5)
SIZES = (30, 100, 300, 1000, 3000)
KINDS: tuple[Interval, ...] = get_args(Interval)
NAKED = "wald, no exact"  # the textbook's: of no width where nobody, or everybody, says yes
COLUMNS = (*KINDS, NAKED)
CELLS_AT_ONCE = 3_000_000  # of the array respondents x samples
OUT = Path(__file__).parents[2] / "docs" / "methods" / "coverage.md"
MARK = "<!-- What follows is written by `make simulate`. -->"

SPREAD = 0.6  # of the log of the weights of the first design
STRATUM_SHARE = np.array([0.35, 0.25, 0.20, 0.12, 0.08])  # of the population
STRATUM_RATIO = np.array([0.70, 1.00, 1.20, 1.30, 1.3625])  # share of the stratum over p
CORRELATION = 0.05  # within clusters


@dataclass(frozen=True)
class Plan:
    """A design of n respondents, and ``draw(p, k, rng)``: the (n, k) answers of k samples."""

    design: SampleDesign
    draw: Callable[[float, int, Generator], Floats]


def unequal(n: int) -> Plan:
    """Simple random, the weights (quantiles of a log-normal) independent of the answers."""
    weights = np.exp(SPREAD * stats.norm.ppf((np.arange(n) + 0.5) / n))

    def draw(p: float, k: int, rng: Generator) -> Floats:
        return (rng.random((n, k)) < p).astype(np.float64)

    return Plan(SampleDesign(pl.DataFrame({"w": weights}), "w"), draw)


def stratified(n: int) -> Plan:
    """As many respondents from each of five strata of unequal sizes and unequal shares."""
    stratum = np.repeat(np.arange(5), n // 5)
    frame = pl.DataFrame({"w": STRATUM_SHARE[stratum], "h": stratum})

    def draw(p: float, k: int, rng: Generator) -> Floats:
        return (rng.random((n, k)) < p * STRATUM_RATIO[stratum][:, None]).astype(np.float64)

    return Plan(SampleDesign(frame, "w", strata="h"), draw)


def clustered(n: int) -> Plan:
    """PSUs of ten respondents (of five where n = 30), whose shares are a beta's around p."""
    size = 5 if n < 100 else 10
    psu = np.repeat(np.arange(n // size), size)
    concentration = (1 - CORRELATION) / CORRELATION

    def draw(p: float, k: int, rng: Generator) -> Floats:
        own = rng.beta(p * concentration, (1 - p) * concentration, (n // size, k))
        return (rng.random((n, k)) < own[psu]).astype(np.float64)

    frame = pl.DataFrame({"w": np.ones(n), "psu": psu})
    return Plan(SampleDesign(frame, "w", clusters="psu"), draw)


PLANS = {"unequal weights": unequal, "stratified": stratified, "clustered": clustered}


@dataclass(frozen=True)
class Result:
    """Of one design, n and p, by interval: share of the samples whose interval holds p, and its
    mean width (an interval that is not a number holds nothing, and counts as of no width);
    ``constant``: share of the samples where nobody, or everybody, says yes.
    """

    design: str
    n: int
    p: float
    constant: float
    coverage: dict[str, float]
    width: dict[str, float]


def simulate(name: str, n: int, p: float, samples: int, seed: int = SEED) -> Result:
    """Draw the samples and their intervals; the generator depends on (seed, design, n, p) only."""
    plan = PLANS[name](n)
    rng = np.random.default_rng([seed, list(PLANS).index(name), n, round(p * 1000)])
    held, width, constant = dict.fromkeys(COLUMNS, 0), dict.fromkeys(COLUMNS, 0.0), 0
    left = samples
    while left:
        k = min(left, max(1, CELLS_AT_ONCE // n))
        left -= k
        low, high, ends = intervals(plan, p, k, rng)
        constant += ends
        for kind in COLUMNS:
            held[kind] += int(((low[kind] <= p) & (p <= high[kind])).sum())
            width[kind] += float(np.nansum(high[kind] - low[kind]))
    return Result(
        name,
        n,
        p,
        constant / samples,
        {kind: count / samples for kind, count in held.items()},
        {kind: total / samples for kind, total in width.items()},
    )


def intervals(
    plan: Plan, p: float, k: int, rng: Generator
) -> tuple[dict[str, Floats], dict[str, Floats], int]:
    """Ends of each kind of interval, (k,) each; how many estimates are 0 or 1."""
    values = plan.draw(p, k, rng)
    everyone = Membership.of(np.zeros(len(values), dtype=np.int64))
    found = estimate_ratios(
        values, np.ones_like(values), np.ones(k, dtype=np.bool_), everyone, plan.design
    )
    n = found.n.astype(np.float64)
    low: dict[str, Floats] = {}
    high: dict[str, Floats] = {}
    for kind in KINDS:
        with np.errstate(invalid="ignore"):  # equal PSUs: se of 1e-18, and an effective n of 1e35
            a, b = proportion_interval(kind, found.estimate, found.se, found.df, n, LEVEL)
        low[kind] = np.where(found.exact, found.low, a)[0]  # at 0 and 1, as the package does
        high[kind] = np.where(found.exact, found.high, b)[0]
    a, b = wald(found.estimate, found.se, found.df, LEVEL)
    low[NAKED], high[NAKED] = a[0], b[0]
    return low, high, int(found.exact.sum())


def monte_carlo_error(samples: int) -> float:
    """Standard error of a simulated coverage, where the true one is 95 %."""
    return float(np.sqrt(LEVEL * (1 - LEVEL) / samples))


def row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def table(results: list[Result], samples: int) -> str:
    """Both tables, in Markdown; bold: beyond 3 Monte Carlo errors, and half a point, below 95 %."""
    error = monte_carlo_error(samples)
    bound = LEVEL - max(3 * error, 0.005)
    lines = [
        f"Seed {SEED}; {samples:,} samples for each row; Monte Carlo error of a coverage of 95 %: "
        f"{100 * error:.2f} points.",
        f"Bold: under {100 * bound:.1f} %.",
        "",
        "## Coverage, %",
        row("design", "n", "p", "p̂ is 0 or 1", *COLUMNS),
        "|---|" + "---:|" * (3 + len(COLUMNS)),
    ]
    for r in results:
        cells = [f"{100 * r.coverage[kind]:.1f}" for kind in COLUMNS]
        low = [r.coverage[kind] < bound for kind in COLUMNS]
        shown = [f"**{cell}**" if flag else cell for cell, flag in zip(cells, low, strict=True)]
        lines.append(row(r.design, str(r.n), f"{r.p:g}", f"{100 * r.constant:.1f}", *shown))
    lines += [
        "",
        "## Mean width, points of percentage, over the three designs",
        row("n", "p", *COLUMNS),
        "|" + "---:|" * (2 + len(COLUMNS)),
    ]
    for n in SIZES:
        for p in SHARES:
            same = [r for r in results if (r.n, r.p) == (n, p)]
            means = [100 * float(np.mean([r.width[kind] for r in same])) for kind in COLUMNS]
            lines.append(row(str(n), f"{p:g}", *(f"{mean:.2f}" for mean in means)))
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="of each design, n and p")
    parser.add_argument("--out", type=Path, default=OUT, help="file the table is written in")
    arguments = parser.parse_args()
    start = time.perf_counter()
    results = []
    for name in PLANS:
        for n in SIZES:
            results += [simulate(name, n, p, arguments.samples) for p in SHARES]
            print(f"{name}, n = {n}: {time.perf_counter() - start:.0f} s", flush=True)
    out: Path = arguments.out
    prose = out.read_text("utf-8").partition(MARK)[0] if out.exists() else ""
    out.write_text(f"{prose}{MARK}\n\n{table(results, arguments.samples)}", "utf-8")
    print(f"written: {out}")


if __name__ == "__main__":
    main()
