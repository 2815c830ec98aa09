"""Variance of estimates weighted for nonresponse, against its truth: docs/methods/weighting.md.

    python tests/simulation/response.py [--samples N]

A population of N persons in four response groups that explain y; simple random samples without
replacement, of which each person answers with the probability of the group.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import get_args

import numpy as np
import polars as pl

from analysis.estimation import Design
from analysis.weighting.nonresponse import Phases

SEED = 20_250_114
SAMPLES = 4_000
RATES = np.array([0.9, 0.7, 0.5, 0.4])
KINDS: tuple[Phases, ...] = get_args(Phases)


@dataclass(frozen=True)
class Case:
    """A population, the persons drawn, and whether the design is told of the population."""

    name: str
    population: int
    drawn: int
    fpc: bool


CASES = (
    Case("few of many", 100_000, 400, False),
    Case("two in five", 1_000, 400, True),
    Case("all", 400, 400, True),
)


@dataclass(frozen=True)
class Result:
    """Mean of the estimated variances of a total over its variance, and coverage of 95 %."""

    ratio: dict[str, float]
    coverage: dict[str, float]


def simulate(case: Case, samples: int, seed: int = SEED) -> Result:
    """Draw the samples; the generator depends on (seed, case) only."""
    rng = np.random.default_rng([seed, case.population, case.drawn])
    group = rng.integers(0, len(RATES), case.population)
    y = 10 + 2 * group + rng.normal(0, 3, case.population)
    estimates = np.empty(samples)
    variances = {k: np.empty(samples) for k in KINDS}
    held = dict.fromkeys(KINDS, 0)
    for i in range(samples):
        rows = rng.choice(case.population, case.drawn, replace=False)
        frame = pl.DataFrame(
            {"w": case.population / case.drawn, "g": group[rows], "y": y[rows],
             "resp": rng.random(case.drawn) < RATES[group[rows]], "N": case.population}
        )  # fmt: skip
        drawn = Design(frame, "w", fpc="N" if case.fpc else "")
        for kind in KINDS:
            made = drawn.adjust_nonresponse("resp", classes="g", variance=kind)
            found = made.total("y").row(0, named=True)
            estimates[i], variances[kind][i] = found["estimate"], found["se"] ** 2
            held[kind] += found["ci_low"] <= y.sum() <= found["ci_high"]
    truth = estimates.var(ddof=1)
    return Result(
        {k: float(v.mean() / truth) for k, v in variances.items()},
        {k: h / samples for k, h in held.items()},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    samples = parser.parse_args().samples
    print("| case | " + " | ".join(f"{k}: ratio | {k}: coverage" for k in KINDS) + " |")
    print("|---|" + "---:|" * (2 * len(KINDS)))
    for case in CASES:
        found = simulate(case, samples)
        cells = [f"{found.ratio[k]:.3f} | {100 * found.coverage[k]:.1f} %" for k in KINDS]
        print(f"| {case.name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
