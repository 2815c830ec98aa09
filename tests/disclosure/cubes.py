"""Tables with all their margins as the suppression problem sees them; an attacker of our own.

The attacker knows nothing of :mod:`analysis.disclosure.suppress`: two linear programmes for a cell,
over everything that is published, say between which bounds it must lie.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from analysis.design.arrays import Flags, Floats
from analysis.disclosure.suppress import Tables


def with_margins(inner: Floats) -> Floats:
    """Sums over every axis and set of axes, after the last place of the axis."""
    made = inner
    for axis in range(inner.ndim):
        made = np.concatenate([made, made.sum(axis=axis, keepdims=True)], axis=axis)
    return made


def relations(shape: tuple[int, ...]) -> Floats:
    """(R, cells) rows that are 0 for every table: parts less their sum, along each axis."""
    places = np.arange(int(np.prod(shape))).reshape(shape)
    rows = []
    for axis in range(len(shape)):
        for line in np.moveaxis(places, axis, -1).reshape(-1, shape[axis]):
            row = np.zeros(places.size)
            row[line[:-1]], row[line[-1]] = 1.0, -1.0
            rows.append(row)
    return np.array(rows)


def cube(inner: Floats, *, cost: Floats | None = None, whole: bool = False) -> Tables:
    """Every cell and margin a number that is printed, and may be hidden at its cost (its value)."""
    full = with_margins(inner)
    known = relations(full.shape)
    cells = full.size
    rows = np.vstack([known, np.eye(cells)])
    values = np.concatenate([np.zeros(len(known)), full.ravel()])
    return Tables(
        true=full.ravel().astype(float),
        cap=np.full(cells, 2.0 * full.max()),
        whole=np.full(cells, whole),
        rows=csr_matrix(rows),
        low=values,
        high=values,
        fact=np.concatenate([np.full(len(known), -1), np.arange(cells)]),
        cost=full.ravel().astype(float) if cost is None else with_margins(cost).ravel(),
        free=np.zeros(cells, dtype=np.bool_),
        dear=np.zeros(cells, dtype=np.bool_),
    )


def attack(tables: Tables, shape: tuple[int, ...], hidden: Flags, cell: int) -> tuple[float, float]:
    """Bounds of a cell, from the margins that must add up and the cells that are printed."""
    bounds = [(0.0, None) if h else (v, v) for h, v in zip(hidden, tables.true, strict=True)]
    aim = np.zeros(len(tables.true))
    aim[cell] = 1.0
    known = relations(shape)
    found = [linprog(side * aim, A_eq=known, b_eq=np.zeros(len(known)), bounds=bounds)
             for side in (1.0, -1.0)]  # fmt: skip
    least, most = (f.fun for f in found)  # none where there is no bound
    return float(least or 0.0), np.inf if most is None else -float(most)


def safe(
    tables: Tables, shape: tuple[int, ...], hidden: Flags, cells: dict[int, tuple[float, float]]
) -> bool:
    """Whether the attacker is left with what was asked for; cells: cell -> (up, down)."""
    for cell, (up, down) in cells.items():
        low, high = attack(tables, shape, hidden, cell)
        value = tables.true[cell]
        if high < value + up - 1e-6 or low > value - down + 1e-6:
            return False
    return True


def least_loss(
    tables: Tables, shape: tuple[int, ...], cells: dict[int, tuple[float, float]]
) -> float:
    """The cost of the cheapest safe pattern, every pattern tried, the cheapest first.

    A cell that is alone in a sum is known by subtraction: hiding it costs and hides nothing, so
    that a cheapest pattern has no such cell.
    """
    others = [k for k in range(len(tables.true)) if k not in cells]
    patterns = np.zeros((2 ** len(others), len(tables.true)), dtype=np.bool_)
    patterns[:, others] = list(product((False, True), repeat=len(others)))
    patterns[:, list(cells)] = True
    alone = (patterns @ np.abs(relations(shape)).T == 1).any(axis=1)
    patterns = patterns[~alone]
    for place in np.argsort(patterns @ tables.cost, kind="stable"):
        hidden = patterns[place]
        if safe(tables, shape, hidden, cells):
            return float(tables.cost[hidden].sum())
    raise AssertionError("nothing is safe, not even to hide everything")
