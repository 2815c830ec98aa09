"""Domains as partitions of respondents: what refines what, and what two of them share."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.partitions import Partition, finest

WHOLE = ("ensemble", "ensemble")


def made(**codes: list[int]) -> dict[str, Partition]:
    """Partitions of the domains that are kept; levels are named by their number."""
    n = len(next(iter(codes.values())))
    levels = [WHOLE] + [(d, f"{k}") for d, c in codes.items() for k in range(max(c) + 1)]
    arrays = [np.zeros(n, dtype=np.int64), *(np.array(c) for c in codes.values())]
    return {p.name: p for p in finest(levels, arrays)}


def shared(one: Partition, other: Partition) -> set[frozenset[int]]:
    """The blocks that both have, as sets of respondents."""

    def blocks(p: Partition) -> dict[int, frozenset[int]]:
        named = {b for of in p.blocks for b in of}
        return {b: frozenset(i for i, a in enumerate(p.atom) if b in p.blocks[a]) for b in named}

    ours, theirs = blocks(one), blocks(other)
    assert all(ours[b] == theirs[b] for b in ours.keys() & theirs.keys())
    return {ours[b] for b in ours.keys() & theirs.keys()}


def test_a_crossing_holds_its_margins_and_broader_classes() -> None:
    found = made(sex=[0, 1, 0, 1, 0, 1], age=[0, 0, 1, 1, 2, 2], old=[0, 0, 0, 0, 1, 1],
                 both=[0, 1, 2, 3, 4, 5])  # fmt: skip
    assert list(found) == ["both"]
    assert found["both"].levels[4] == ["ensemble=ensemble", "sex=0", "age=2", "old=1", "both=4"]
    assert found["both"].blocks == [[]] * 6


def test_domains_that_share_only_the_whole_are_linked_by_it() -> None:
    found = made(sex=[0, 1, 0, 1], area=[0, 0, 1, 1])
    assert shared(found["sex"], found["area"]) == {frozenset(range(4))}


def test_two_crossings_are_linked_by_their_common_margin() -> None:
    age = [0] * 4 + [1] * 4
    found = made(age_sex=[2 * a + k % 2 for k, a in enumerate(age)],
                 age_area=[2 * a + k // 2 % 2 for k, a in enumerate(age)], age=age)  # fmt: skip
    assert list(found) == ["age_sex", "age_area"]
    wanted = {frozenset(range(4)), frozenset(range(4, 8))}
    assert shared(found["age_sex"], found["age_area"]) == wanted
    assert "age=1" in found["age_area"].levels[3]


def test_classes_that_meet_at_a_bound_are_linked_though_no_level_says_so() -> None:
    """0-1-2 | 3-4-5 and 0-1 2 | 3 4-5 cut otherwise: together they are the same people."""
    found = made(one=[0, 0, 1, 2, 3, 3], other=[0, 1, 1, 2, 2, 3])
    assert shared(found["one"], found["other"]) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


def test_one_level_alone_may_be_a_union() -> None:
    """The domain as a whole is not refined, since its other levels cut classes in two."""
    found = made(age=[0, 0, 1, 1, 2, 2], minor=[0, 0, 1, 2, 1, 2])
    assert list(found) == ["age", "minor"]
    assert [["minor=0" in of for of in found["age"].levels]] == [[True, False, False]]


def test_equal_partitions_are_one() -> None:
    found = made(one=[0, 1, 1], other=[1, 0, 0])
    assert list(found) == ["one"]
    assert "other=1" in found["one"].levels[0]


@pytest.mark.parametrize("missing", [[-1, 0, 1, 1], [0, 1, -1, -1]])
def test_whoever_has_no_level_is_an_atom_without_name(missing: list[int]) -> None:
    found = made(age=missing)["age"]
    nobody = found.atom[missing.index(-1)]
    assert found.levels[nobody] == ["ensemble=ensemble"]
