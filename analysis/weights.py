"""What may be known of weights to the right of the wall: sums and counts, no respondent.

One :class:`WeightSummary` for each declared weighting and wave, kept as JSON beside the table of
estimates. The weights themselves stay to the left.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analysis.errors import refuse
from analysis.provenance import write_aside

_SUMS = ("start", "published", "target", "after")
FEWEST = 5  # respondents of a bin of ratios; smaller bins join their neighbour


@dataclass(frozen=True, slots=True)
class MarginRow:
    """One category of one margin; weights summed over its n respondents.

    start, published, after : with the starting, the published and the final weights
    target : the population, on the scale of the weights ; soft : the margin may be missed
    """

    margin: str
    category: tuple[str, ...]
    n: int
    start: float
    published: float
    target: float
    after: float
    soft: bool


@dataclass(frozen=True, slots=True)
class RatioBin:
    """Respondents whose ratio of final to starting weight is in [low, high); None: no limit."""

    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class LargeWeight:
    """One of the largest weights, of mean 1; n respondents carry it, None where fewer than five."""

    weight: float
    ratio: float
    n: int | None


@dataclass(frozen=True, slots=True)
class Spread:
    """What unequal weights cost: Kish's deff, and the respondents that the sample is worth."""

    deff: float
    n_eff: float


@dataclass(frozen=True, slots=True)
class WeightSummary:
    """One weighting of one wave.

    n : respondents whose starting weight is not 0 ; largest : at most ten
    start, published, after : spread of these weights ; ratios : share -> quantile of the ratio
    """

    survey: str
    wave: str
    weighting: str
    origin: str
    n: int
    iterations: int
    at_low: int
    at_high: int
    margins: tuple[MarginRow, ...]
    bins: tuple[RatioBin, ...]
    largest: tuple[LargeWeight, ...]
    ratios: Mapping[str, float]
    start: Spread
    published: Spread
    after: Spread

    def __str__(self) -> str:
        lines = [f"{self.weighting}, {self.wave}: {self.n} respondents, "
                 f"{self.iterations} iterations"]  # fmt: skip
        lines.append(f"{'margin':46} {'n':>6} {'start':>7} {'publ.':>7} {'target':>7} {'after':>7}")
        totals: dict[str, dict[str, float]] = {}
        for r in self.margins:
            known = totals.setdefault(r.margin, dict.fromkeys(_SUMS, 0.0))
            for k in _SUMS:
                known[k] += getattr(r, k)
        for r in self.margins:
            shares = [100 * getattr(r, k) / (totals[r.margin][k] or 1.0) for k in _SUMS]
            label = " x ".join(r.category) + (" (soft)" if r.soft else "")
            lines.append(f"{label:46} {r.n:6}" + "".join(f" {s:6.2f}%" for s in shares))
        lines.append("ratio of final to starting weight")
        for b in self.bins:
            low, high = ("" if x is None else f"{x:g}" for x in (b.low, b.high))
            lines.append(f"  {low:>6} to {high:6} {b.n:6} {100 * b.n / self.n:5.1f}%")
        at = {k: self.ratios[k] for k in ("0", "0.01", "0.5", "0.99", "1")}
        lines.append("  quantiles " + ", ".join(f"{k}: {v:.3f}" for k, v in at.items()))
        if self.at_low or self.at_high:
            lines.append(f"  {self.at_low} at the lower bound, {self.at_high} at the upper")
        lines.append("largest weights (mean 1): " + ", ".join(
            f"{w.weight:g} (ratio {w.ratio:g})" for w in self.largest[:5]))  # fmt: skip
        for k in ("start", "published", "after"):
            s = getattr(self, k)
            lines.append(f"{k:10} deff {s.deff:.3f}  n_eff {s.n_eff:.0f}")
        return "\n".join(lines)


def write_summary(summary: WeightSummary, path: Path) -> None:
    """Write one summary, whole or not at all."""
    text = json.dumps(asdict(summary), indent=1, ensure_ascii=False, sort_keys=True)
    write_aside(path, (text + "\n").encode())


def read_summary(path: Path) -> WeightSummary:
    """The summary at ``path``; refuses by name when it was never built."""
    try:
        given: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return WeightSummary(**given | {
            "margins": tuple(MarginRow(**r | {"category": tuple(r["category"])})
                             for r in given["margins"]),
            "bins": tuple(RatioBin(**b) for b in given["bins"]),
            "largest": tuple(LargeWeight(**w) for w in given["largest"]),
            **{k: Spread(**given[k]) for k in ("start", "published", "after")},
        })  # fmt: skip
    except OSError as e:
        raise refuse(path.name, "the weights have not been computed", "", "run: baro build") from e
    except (ValueError, TypeError, KeyError) as e:
        raise refuse(path.name, f"cannot be read: {e}", "", "run: baro build") from e
