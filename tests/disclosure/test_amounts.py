"""Amounts: who dominates a total is hidden, and the fewest others with it, over linked tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from analysis.definition.publication import Confidentiality
from analysis.disclosure.knowledge import Knowledge, read
from analysis.disclosure.printed import Told
from analysis.disclosure.standing import SCHEMA
from analysis.disclosure.suppress import protect
from analysis.rounding import alike_amount

# Spending of the respondents of four groups; the first group is nearly all of one of them.
GROUPS: dict[str, list[float]] = {
    "a": [95.0, 3.0, 2.0], "b": [25.0, 30.0, 30.0], "c": [22.0, 31.0, 28.0],
    "d": [40.0, 45.0, 50.0, 38.0],
}  # fmt: skip
HALVES = {"a": "ab", "b": "ab", "c": "cd", "d": "cd"}


def standing(groups: dict[str, list[float]]) -> pl.DataFrame:
    """One view: groups, halves made of them, the whole; everybody weighs 1."""
    rows = []
    for atom, (group, each) in enumerate(groups.items()):
        amounts = sorted(each)
        rows.append(
            {"view": "", "atom": atom, "respondents": len(each), "weight": 1.0,
             "levels": ["ensemble=ensemble", f"groupe={group}", f"moitie={HALVES[group]}"],
             "blocks": [], "population": None, "indicator": "depense", "category": "",
             "kind": "amount", "parts": False, "missing": False, "count": len(each),
             "base": len(each), "amount": sum(each), "largest": amounts[-1], "second": amounts[-2],
             "who_count": 7, "who_base": 7}
        )  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA)


def known(rule: Confidentiality, groups: dict[str, list[float]] = GROUPS) -> Knowledge:
    """Every mean is printed, to two digits."""
    levels = {f"groupe={g}": e for g, e in groups.items()}
    for half in ("ab", "cd"):
        levels[f"moitie={half}"] = [x for g, e in groups.items() if HALVES[g] == half for x in e]
    levels["ensemble=ensemble"] = [x for e in groups.values() for x in e]
    means = {at: sum(e) / len(e) for at, e in levels.items()}
    printed = {("depense", "", at): Told(*alike_amount(m), m) for at, m in means.items()}
    return read(standing(groups), rule, printed, ())


def bounds(found: Knowledge, hidden: Sequence[bool]) -> tuple[float, float]:
    """Of the first group's total, by linear programming over what is still printed."""
    t = found.tables
    seen = np.array([f < 0 or not hidden[f] for f in t.fact])
    a, low, high = t.rows.toarray()[seen], t.low[seen], t.high[seen]
    up, down = np.isfinite(high), np.isfinite(low)
    rows, ends = np.vstack([a[up], -a[down]]), np.concatenate([high[up], -low[down]])
    aim = np.zeros(len(t.true))
    aim[found.cells[0].index] = 1.0
    reach = []
    for side in (1.0, -1.0):
        solved = linprog(side * aim, A_ub=rows, b_ub=ends + 1e-9, bounds=(0, 1e6))
        assert solved.x is not None, "the truth itself does not fit"
        reach.append(float(aim @ solved.x))
    return reach[0], reach[1]


def names(found: Knowledge) -> list[str]:
    return [level for cell in found.names for _, _, level in cell]


def test_the_total_of_one_is_hidden_with_the_fewest_others() -> None:
    """Alone it would be its half less the other group: something of that half goes with it."""
    found = known(Confidentiality(dominance=0.9))
    assert names(found) == ["groupe=a"]
    pattern = protect(found.tables, found.cells)
    hidden = {level for f in np.flatnonzero(pattern.hidden) for *_, level in found.figures[int(f)]}
    assert "groupe=a" in hidden
    assert hidden & {"groupe=b", "moitie=ab"}
    assert "ensemble=ensemble" not in hidden
    low, high = bounds(found, list(pattern.hidden))
    assert high - low >= 10.0 - 1e-6  # a tenth of 100


def test_hiding_the_total_alone_leaves_it_known() -> None:
    """Planted: the others printed after all; two digits of their means are close enough."""
    found = known(Confidentiality(dominance=0.9))
    alone = [any(level == "groupe=a" for *_, level in found.figures[f])
             for f in range(len(found.tables.cost))]  # fmt: skip
    low, high = bounds(found, alone)
    assert high - low < 10.0


@pytest.mark.parametrize(
    ("p", "hidden"),
    [(None, []), (0.02, []), (0.03, ["groupe=a"]), (0.5, ["groupe=a"]), (0.61, ["groupe=a"])],
)
def test_the_p_rule_asks_who_stands_beside_the_largest(p: float | None, hidden: list[str]) -> None:
    """95, 3 and 2: the second knows the first to 2 of 95, which is 2.1 %."""
    assert names(known(Confidentiality(dominance=1.0, p_percent=p))) == hidden


def test_the_two_largest_of_a_union_may_stand_in_one_group() -> None:
    """40 and 38 beside 1 and 1: not 40 and 1, which would leave 39 to hide the largest."""
    groups = {"a": [40.0, 38.0, 0.5], "b": [1.0, 1.0, 0.5], "c": [9.0] * 9, "d": [9.0] * 9}
    assert "moitie=ab" in names(known(Confidentiality(dominance=1.0, p_percent=0.2), groups))
