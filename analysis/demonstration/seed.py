"""Random numbers that are the same at every run."""

from __future__ import annotations

import hashlib

import numpy as np

SEED = 20070622


def generator(*names: str) -> np.random.Generator:
    """A generator that depends on the seed and on names alone, not on the order of calls."""
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return np.random.default_rng([SEED, int.from_bytes(digest[:8], "big")])
