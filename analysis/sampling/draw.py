"""The draw: simple random without replacement in each stratum, the same for the same seed.

Each unit gets a random number of 64 bits and the smallest are taken (Särndal et al. 1992, §3.3).
The numbers of a stratum come from a generator of its own, seeded with the seed and the stratum's
codes, and are given to its units in the order of their identifiers: neither the order of the file
nor the other strata matter. They are the raw output of numpy's PCG64 and SeedSequence, which stay
the same in later versions (NEP 19), where the methods of ``Generator`` may not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from analysis.design import Integers
from analysis.errors import refuse
from analysis.sampling.frame import Frame
from analysis.sampling.strata import Stratum

MAX_SEED = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """Units in random order: the sample of a stratum first, then its reserve.

    unit : place in the frame ; stratum : place among the strata
    order : 1, 2, … within the stratum ; reserve : whether it only replaces another
    """

    unit: int
    stratum: int
    order: int
    reserve: bool


def default_seed(survey: str, wave: str) -> int:
    """A seed that nobody chose: made from the names of survey and wave, 32 bits."""
    return int.from_bytes(hashlib.sha256(f"{survey} {wave}".encode()).digest()[:4])


def draw(
    frame: Frame, sizes: Integers | Sequence[int], seed: int, reserve: float = 0.0
) -> list[Drawn]:
    """The sample of ``sizes`` (H,) units, and ``reserve`` times as many to replace them.

    Sorted by stratum, then in the order drawn. Raises :class:`analysis.errors.BaroError` for a seed
    or a reserve out of range.
    """
    if not 0 <= seed <= MAX_SEED:
        raise refuse("--seed", f"{seed}", f"a whole number from 0 to {MAX_SEED}", "--seed 2025")
    if not reserve >= 0 or reserve == float("inf"):
        raise refuse("--reserve", f"{reserve:g}", "0 or more", "--reserve 0.5: half as many again")
    members: list[list[int]] = [[] for _ in sizes]
    place = {(s.codes, s.certain): i for i, s in enumerate(frame.strata.strata)}
    for unit, key in enumerate(zip(frame.keys, frame.certain, strict=True)):
        members[place[key]].append(unit)
    found = []
    for h, (stratum, n) in enumerate(zip(frame.strata.strata, sizes, strict=True)):
        ordered = sorted(members[h], key=lambda unit: frame.ids[unit])
        order = _random_order(seed, stratum)
        last = min(len(ordered), int(n) + ceil(round(reserve * int(n), 9)))
        found += [Drawn(ordered[i], h, rank, rank > int(n))
                  for rank, i in enumerate(order[:last].tolist(), 1)]  # fmt: skip
    return found


def _random_order(seed: int, stratum: Stratum) -> Integers:
    """(N_h,) the places of the stratum's units in random order."""
    named = json.dumps([*stratum.codes, stratum.certain], ensure_ascii=False)
    words = int.from_bytes(hashlib.sha256(named.encode()).digest())
    numbers = np.random.PCG64(np.random.SeedSequence([seed, words])).random_raw(stratum.population)
    return np.argsort(numbers, kind="stable").astype(np.int64)
