"""Domains as partitions of respondents: what refines what, and what two of them share."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

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


def test_classes_that_overlap_are_told_apart_at_once() -> None:
    """0-1-2 | 3-4-5 and 0-1 2 | 3 4-5 cut otherwise: together they are the same people."""
    (found,) = made(one=[0, 0, 1, 2, 3, 3], other=[0, 1, 1, 2, 2, 3]).values()
    assert len(found.levels) == 6
    assert found.levels[1] == ["ensemble=ensemble", "one=0", "other=1"]


def crossed(*sizes: int) -> list[list[int]]:
    """Everybody there can be, one of each: the columns of their table."""
    return [list(column) for column in zip(*product(*map(range, sizes)), strict=True)]


def by(*columns: list[int]) -> list[int]:
    """A crossing, its groups numbered."""
    known = {at: k for k, at in enumerate(sorted(set(zip(*columns, strict=True))))}
    return [known[at] for at in zip(*columns, strict=True)]


def test_three_crossings_that_go_round_are_told_apart_at_once() -> None:
    age, sex, area = crossed(3, 2, 4)
    pairs = {"age_sex": by(age, sex), "sex_area": by(sex, area), "area_age": by(area, age)}
    (found,) = made(**pairs).values()
    assert found.name == "age_sex, sex_area, area_age"
    assert len(found.levels) == 24
    assert list(made(**{k: pairs[k] for k in ("age_sex", "sex_area")})) == ["age_sex", "sex_area"]
    assert list(made(**pairs, all_=by(age, sex, area))) == ["all_"]


def test_a_broader_class_goes_round_too() -> None:
    age, sex, area = crossed(4, 2, 5)
    old = [a // 2 for a in age]
    (found,) = made(age_sex=by(age, sex), sex_area=by(sex, area), area_old=by(area, old)).values()
    assert len(found.levels) == 40


def test_crossings_around_one_variable_hang_together() -> None:
    age, sex, area, job = crossed(3, 2, 4, 3)
    found = made(age_sex=by(age, sex), age_area=by(age, area), age_job=by(age, job), sex=sex)
    assert list(found) == ["age_sex", "age_area", "age_job"]


def test_what_goes_round_apart_from_others_leaves_them() -> None:
    a, b, c, d = crossed(2, 3, 3, 4)
    found = made(ab=by(a, b), bc=by(b, c), ca=by(c, a), d=d)
    assert list(found) == ["ab, bc, ca", "d"]


def test_tables_that_fit_two_by_two_may_have_no_common_one() -> None:
    """Why: of 2 x 2 x 2, each pair of margins alike, and nobody anywhere that makes all three."""
    a, b, c = crossed(2, 2, 2)
    same, other = [1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]
    rows, sums = [], []
    for columns, table in (((a, b), same), ((b, c), same), ((a, c), other)):
        of = by(*columns)
        rows += [[float(g == k) for g in of] for k in range(4)]
        sums += table
    assert linprog(np.zeros(8), A_eq=rows, b_eq=sums, bounds=(0, None)).status == 2
    for skipped in range(3):
        kept = [k for k in range(12) if k // 4 != skipped]
        some = linprog(np.zeros(8), A_eq=[rows[k] for k in kept], b_eq=[sums[k] for k in kept],
                       bounds=(0, None))  # fmt: skip
        assert some.status == 0


def test_one_level_alone_may_be_a_union() -> None:
    """The domain as a whole is not refined, since its other levels cut classes in two."""
    found = made(age=[0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3],
                 minor=[0, 0, 0, 1, 2, 3, 1, 2, 3, 1, 2, 3])  # fmt: skip
    assert list(found) == ["age", "minor"]
    assert [["minor=0" in of for of in found["age"].levels]] == [[True, False, False, False]]
    assert shared(found["age"], found["minor"]) == {frozenset(range(3)), frozenset(range(3, 12))}


def test_equal_partitions_are_one() -> None:
    found = made(one=[0, 1, 1], other=[1, 0, 0])
    assert list(found) == ["one"]
    assert "other=1" in found["one"].levels[0]


@pytest.mark.parametrize("missing", [[-1, 0, 1, 1], [0, 1, -1, -1]])
def test_whoever_has_no_level_is_an_atom_without_name(missing: list[int]) -> None:
    found = made(age=missing)["age"]
    nobody = found.atom[missing.index(-1)]
    assert found.levels[nobody] == ["ensemble=ensemble"]
