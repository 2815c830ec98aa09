"""How many units each stratum gets: whole numbers that sum to the size, between their bounds.

Beyond its lower bound a unit goes, one at a time, to the stratum with the largest
a_h / sqrt(n_h (n_h + 1)), n_h what it has. That is the exact minimum over whole numbers of
sum a_h^2 / n_h (Wright 2012, The American Statistician 66(4); Wright 2017, Survey Methodology
43(2)), with a_h the measure of the allocation. So nothing is rounded; a stratum that is full is a
take-all stratum, and what it leaves goes to the others; and a larger size never takes a unit away.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np

from analysis.design import Floats, Integers
from analysis.errors import Problem, quoted, raise_all, refuse
from analysis.sampling.strata import Stratum

Kind = Literal["neyman", "proportional", "power"]
FEWEST = 2  # units a stratum needs for a variance


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to allocate.

    kind : neyman (a_h = N_h S_h), proportional (N_h), power (N_h^exponent S_h / mean_h)
    minimum : units a stratum gets at least (all of it where it has fewer)
    exponent : of power, from 0 to 1 (Bankier 1988, The American Statistician 42(3))
    """

    kind: Kind
    minimum: int = FEWEST
    exponent: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what is no allocation."""
        if self.minimum < 1:
            raise refuse("--minimum", f"{self.minimum}", "1 or more: a stratum without a unit is "
                         "left out of every estimate", "--minimum 2, for a variance")  # fmt: skip
        if not 0 <= self.exponent <= 1:
            raise refuse("--power", f"{self.exponent:g}", "from 0 to 1", "--power 0.5")


def proportion_sd(populations: Floats, p: Floats) -> Floats:
    """S_h of a variable that is 1 for a share p and else 0: sqrt(N p (1 - p) / (N - 1)).

    Cochran (1977), §3.2. One unit has no spread.
    """
    return np.sqrt(populations * p * (1 - p) / np.maximum(populations - 1, 1)) * (populations > 1)


def measure(
    rule: Rule, populations: Floats, spread: Floats, mean: Floats, response: Floats
) -> Floats:
    """a_h of the allocation, (H,).

    spread, mean : S_h and the mean in each stratum ; response : share of the units that answer
    What neyman and power minimise is a variance of respondents n_h r_h, so they divide by
    sqrt(r_h).
    """
    if rule.kind == "proportional":
        return populations
    if rule.kind == "neyman":
        return populations * spread / np.sqrt(response)
    return populations**rule.exponent * spread / mean / np.sqrt(response)


def bounds(strata: Sequence[Stratum], minimum: int) -> tuple[Integers, Integers]:
    """Fewest and most units of each stratum, (H,) each; of a stratum of certainty all."""
    upper = np.array([s.population for s in strata], dtype=np.int64)
    sure = np.array([s.certain for s in strata])
    return np.where(sure, upper, np.minimum(minimum, upper)), upper


def allocate(a: Floats, size: int, lower: Integers, upper: Integers) -> Integers:
    """(H,) units by stratum: sum ``size``, between ``lower`` (1 or more) and ``upper``.

    The minimum of sum a_h^2 / n_h; of equal priorities the earlier stratum comes first.
    Raises ValueError where the size is out of reach: see :func:`refuse_size`.
    """
    if not lower.sum() <= size <= upper.sum() or (lower < 1).any() or (upper < lower).any():
        raise ValueError("the size is out of the reach of the bounds")
    sizes = _start(a, size, lower, upper)
    heap = [(-_priority(float(a[h]), int(sizes[h])), h)
            for h in range(len(a)) if sizes[h] < upper[h]]  # fmt: skip
    heapq.heapify(heap)
    for _ in range(size - int(sizes.sum())):
        _, h = heapq.heappop(heap)
        sizes[h] += 1
        if sizes[h] < upper[h]:
            heapq.heappush(heap, (-_priority(float(a[h]), int(sizes[h])), h))
    return sizes


def _priority(a: float, n: int) -> float:
    return a / float(np.sqrt(n * (n + 1)))


def _start(a: Floats, size: int, lower: Integers, upper: Integers) -> Integers:
    """Most of the way at once: all units whose priority is surely among the first.

    Those above a threshold, which bisection lowers as long as they are not too many; it is then
    raised a little, so that rounding cannot let in a unit out of turn.
    """
    if not (a > 0).any():
        return lower.copy()
    high = float(a.max())  # nobody is above: the first priority is a / sqrt(2)
    smallest = max(float(a[a > 0].min()), 1e-9 * high)  # no threshold that floats cannot hold
    low = smallest / (int(upper.max()) + 1)
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        few = _above(a, middle, lower, upper).sum() <= size
        low, high = (low, middle) if few else (middle, high)
    return _above(a, high * (1 + 1e-9), lower, upper)


def _above(a: Floats, threshold: float, lower: Integers, upper: Integers) -> Integers:
    """Units by stratum whose priority is at least the threshold: n (n + 1) <= (a / threshold)^2."""
    last = np.floor((np.sqrt(1 + 4 * (a / threshold) ** 2) - 1) / 2)
    return np.clip(np.minimum(last, 1e15).astype(np.int64) + 1, lower, upper)


def planned(
    rule: Rule, strata: Sequence[Stratum], size: int, p: Floats, response: Floats
) -> Integers:
    """(H,) units by stratum for a proportion that is p in each stratum.

    Raises :class:`analysis.errors.BaroError` where the size cannot be met.
    """
    lower, upper = bounds(strata, rule.minimum)
    refuse_size(size, strata, lower, rule.minimum)
    N = upper.astype(np.float64)
    return allocate(measure(rule, N, proportion_sd(N, p), p, response), size, lower, upper)


def refuse_size(size: int, strata: Sequence[Stratum], lower: Integers, minimum: int) -> None:
    """Refuse a size that the strata cannot give, or that their minimum is over."""
    most, fewest = sum(s.population for s in strata), int(lower.sum())
    if size > most:
        raise refuse("--size", f"{size}", f"at most the {most} units of the frame",
                     f"--size {most} takes them all")  # fmt: skip
    if size >= fewest:
        return
    sure = sum(s.population for s in strata if s.certain)
    small = sum(s.population < minimum and not s.certain for s in strata)
    parts = [f"{sum(not s.certain for s in strata)} strata x {minimum}"]
    parts += [f"{small} of them smaller than that"] if small else []
    parts += [f"{sure} units of certainty"] if sure else []
    raise refuse("--size", f"{size}, and the minimum takes {fewest} ({', '.join(parts)})",
                 f"{fewest} or more",
                 f"--size {fewest}, a lower --minimum, or fewer strata")  # fmt: skip


def check_shares(strata: Sequence[Stratum], p: Floats, response: Floats) -> None:
    """Refuse shares of 0 and 1, and response rates of 0: nothing can be planned with them."""
    problems = []
    for s, share, rate in zip(strata, p, response, strict=True):
        if not 0 < share < 1:
            problems.append(
                Problem(
                    f"--p {s.base}={share:g}",
                    "certain knowledge",
                    "above 0 and below 1",
                    "write the rarest share to be ready for, e.g. 0.01",
                )
            )
        if not 0 < rate <= 1:
            problems.append(
                Problem(
                    f"--response {s.base}={rate:g}",
                    "no response rate",
                    "above 0, 1 at most",
                    "write the share of the units that will answer",
                )
            )
    raise_all(problems)


def check_sizes(strata: Sequence[Stratum], sizes: Sequence[float]) -> None:
    """Refuse planned sizes that no draw can have: none, parts of a unit, more than there are."""
    problems = []
    for s, n in zip(strata, sizes, strict=True):
        if not 1 <= n < inf or n != int(n) or n > s.population:
            problems.append(Problem(f"n of {quoted(s.name)}", f"{n:g} of {s.population} units",
                            f"a whole number from 1 to {s.population}", "correct it"))  # fmt: skip
    raise_all(problems)
