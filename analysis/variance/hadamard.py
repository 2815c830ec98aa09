"""Hadamard matrices, for balanced half-samples and successive differences.

A Hadamard matrix of order R has entries 1 and -1 and orthogonal columns. Sylvester's doubling,
Paley's two constructions on a prime q (orders q + 1 and 2 (q + 1)) and their Kronecker products
give every multiple of 4 up to 48, and most beyond. Wolter (2007), Introduction to Variance
Estimation, appendix A.
"""

from __future__ import annotations

import numpy as np

from analysis.design import Floats


def hadamard(minimum: int) -> Floats:
    """(R, R) with R the smallest order at hand >= ``minimum`` ; first row and column are 1."""
    order = max(minimum, 1)
    while (made := _construct(order)) is None:
        order += 1
    made = made * made[:, :1]
    return np.asarray(made * made[:1, :], dtype=np.float64)


def _construct(order: int) -> Floats | None:
    """A Hadamard matrix of exactly this order, or None when no construction here gives it."""
    if order in (1, 2):
        return np.array([[1.0, 1.0], [1.0, -1.0]])[:order, :order]
    if order % 4:
        return None
    if _prime(order - 1):  # q = 3 modulo 4
        return _paley_one(order - 1)
    if order % 8 == 4 and _prime(order // 2 - 1):  # q = 1 modulo 4
        return _paley_two(order // 2 - 1)
    for left in range(2, order // 2 + 1):
        if order % left == 0 and (a := _construct(left)) is not None:
            b = _construct(order // left)
            if b is not None:
                return np.asarray(np.kron(a, b), dtype=np.float64)
    return None


def _prime(q: int) -> bool:
    return q > 1 and all(q % d for d in range(2, int(q**0.5) + 1))


def _jacobsthal(q: int) -> Floats:
    """(q, q) quadratic character of i - j modulo the prime q."""
    character = np.full(q, -1.0)
    character[np.unique(np.arange(q) ** 2 % q)] = 1.0
    character[0] = 0.0
    place = np.arange(q)
    return np.asarray(character[(place[:, None] - place[None, :]) % q], dtype=np.float64)


def _bordered(q: int, corner: float) -> Floats:
    made = np.zeros((q + 1, q + 1))
    made[0, 1:], made[1:, 0], made[1:, 1:] = 1.0, corner, _jacobsthal(q)
    return made


def _paley_one(q: int) -> Floats:
    return np.asarray(np.eye(q + 1) + _bordered(q, -1.0), dtype=np.float64)


def _paley_two(q: int) -> Floats:
    conference = _bordered(q, 1.0)
    return np.asarray(
        np.kron(conference, [[1, 1], [1, -1]]) + np.kron(np.eye(q + 1), [[1, -1], [-1, -1]]),
        dtype=np.float64,
    )
