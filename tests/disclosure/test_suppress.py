"""Complementary suppression against published and exhaustively solved tables."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from analysis.disclosure.suppress import Sensitive, Tables, optimal, protect
from tests.disclosure.cubes import attack, cube, least_loss, safe, with_margins

# Fischetti and Salazar (2001), Management Science 47, table 1: investment by activity and region;
# activity II in region C is sensitive.
INVESTMENT = np.array([[20.0, 50, 10], [8, 19, 22], [17, 32, 12]])
II_C = 1 * 4 + 2


def asked(cells: dict[int, tuple[float, float]]) -> list[Sensitive]:
    return [Sensitive(np.array([c]), up, down) for c, (up, down) in cells.items()]


def test_the_published_example_is_solved_to_its_published_pattern() -> None:
    """Table 2 of the paper hides activities II and III in regions A and C: 8 + 22 + 17 + 12."""
    tables, cells = cube(INVESTMENT), {II_C: (5.0, 5.0)}
    found = optimal(tables, asked(cells))
    assert sorted(np.flatnonzero(found.hidden)) == [4, 6, 8, 10]
    assert tables.cost[found.hidden].sum() == 59.0
    assert attack(tables, (4, 4), found.hidden, II_C) == (5.0, 30.0)


def test_hiding_the_cell_alone_would_tell_it() -> None:
    tables = cube(INVESTMENT)
    alone = np.zeros(16, dtype=np.bool_)
    alone[II_C] = True
    assert attack(tables, (4, 4), alone, II_C) == (22.0, 22.0)


@pytest.mark.parametrize("seed", range(6))
def test_two_way_tables_are_solved_to_the_optimum(seed: int) -> None:
    random = np.random.default_rng(seed)
    inner = random.integers(0, 30, (2, 3)).astype(float)
    tables, shape = cube(inner), (3, 4)
    cells = {int(c): (3.0, min(3.0, inner.ravel()[k])) for k, c in _some(random, inner.shape, 2)}
    found = optimal(tables, asked(cells))
    assert safe(tables, shape, found.hidden, cells)
    hidden = found.hidden | np.isin(np.arange(12), list(cells))
    assert tables.cost[hidden].sum() == pytest.approx(least_loss(tables, shape, cells))


@pytest.mark.parametrize("seed", range(3))
def test_three_way_tables_are_solved_to_the_optimum(seed: int) -> None:
    """2 x 2 x 1 with all margins: 18 cells, those of the last axis twice, as in linked tables."""
    random = np.random.default_rng(100 + seed)
    inner = random.integers(1, 20, (2, 2, 1)).astype(float)
    tables, shape = cube(inner), (3, 3, 2)
    cell = int(np.ravel_multi_index((0, 1, 0), shape))
    cells = {cell: (1.0, 1.0)}
    found = optimal(tables, asked(cells))
    assert safe(tables, shape, found.hidden, cells)
    hidden = found.hidden | np.isin(np.arange(18), list(cells))
    assert tables.cost[hidden].sum() == pytest.approx(least_loss(tables, shape, cells))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_cell_after_the_other_leaves_none_open(seed: int) -> None:
    random = np.random.default_rng(seed)
    inner = random.integers(0, 25, (3, 3)).astype(float)
    tables, shape = cube(inner, whole=True), (4, 4)
    cells = {int(c): (2.0, 0.0) for _, c in _some(random, inner.shape, 3)}
    found = protect(tables, asked(cells))
    assert not found.unsafe
    for cell in cells:
        low, high = attack(tables, shape, found.hidden, cell)
        assert high - low >= 2.0 - 1e-6


def test_alternatives_fit_everything_that_is_still_printed() -> None:
    tables = cube(INVESTMENT, whole=True)
    found = protect(tables, asked({II_C: (3.0, 0.0), 0: (2.0, 0.0)}))
    assert found.tables
    for table in found.tables:
        assert not (tables.broken(table) & ~found.hidden).any()
        assert (table == np.round(table)).all()


def test_a_cell_that_nothing_can_protect_is_named() -> None:
    """One person in all: whatever is hidden, nobody can be two."""
    tables = cube(np.array([[1.0]]))
    short = Tables(tables.true, np.minimum(tables.cap, 1.0), tables.whole, tables.rows, tables.low,
                   tables.high, tables.fact, tables.cost, tables.free, tables.dear)  # fmt: skip
    assert protect(short, asked({0: (3.0, 0.0)})).unsafe == [0]


def test_whole_numbers_tell_what_fractions_would_not() -> None:
    """3 a + 100 b = 306: with fractions a may be anything, with whole numbers it is 2 or 102."""
    tables = Tables(
        true=np.array([2.0, 3.0]), cap=np.array([50.0, 50.0]), whole=np.array([True, True]),
        rows=cube(np.array([[1.0]])).rows[:0], low=np.zeros(0), high=np.zeros(0),
        fact=np.zeros(0, dtype=np.int64), cost=np.zeros(0), free=np.zeros(0, dtype=np.bool_),
        dear=np.zeros(0, dtype=np.bool_),
    )  # fmt: skip
    printed = _with_fact(tables, np.array([3.0, 100.0]), 306.0)
    found = protect(printed, [Sensitive(np.array([0]), 3.0, 0.0)])
    assert found.hidden.tolist() == [True]
    loose = Tables(**{f: getattr(printed, f) for f in printed.__slots__}
                   | {"whole": np.array([False, False])})  # fmt: skip
    assert protect(loose, [Sensitive(np.array([0]), 3.0, 0.0)]).hidden.tolist() == [False]


def _with_fact(tables: Tables, row: np.typing.NDArray[np.float64], value: float) -> Tables:
    one = {"rows": csr_matrix(row), "low": np.array([value]), "high": np.array([value]),
           "fact": np.array([0]), "cost": np.array([1.0]), "free": np.array([False]),
           "dear": np.array([False])}  # fmt: skip
    return Tables(**{f: getattr(tables, f) for f in tables.__slots__} | one)


def _some(random: np.random.Generator, shape: tuple[int, int], count: int) -> list[tuple[int, int]]:
    """Cells of the inner table: place there, and place among cells and margins."""
    picked = random.choice(shape[0] * shape[1], count, replace=False)
    full = with_margins(np.zeros(shape)).shape
    return [(int(k), int(np.ravel_multi_index(np.unravel_index(k, shape), full))) for k in picked]


def test_what_the_solver_prints_is_not_heard(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its C code, which no stream of Python sees; in the middle of the JSON of a command."""
    solve: Any = scipy.optimize.milp
    printed: list[int] = []

    def noisy(*args: Any, **more: Any) -> Any:
        printed.append(ctypes.CDLL(None).puts(b"HighsMipSolverData::transform"))
        return solve(*args, **more)

    monkeypatch.setattr(scipy.optimize, "milp", noisy)
    print("before", flush=True)
    found = optimal(cube(INVESTMENT), asked({II_C: (5.0, 5.0)}))
    print("after", flush=True)
    assert printed
    assert found.hidden.any()
    assert capfd.readouterr().out == "before\nafter\n"
