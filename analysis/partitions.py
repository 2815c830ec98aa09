"""The domains of a wave as partitions of its respondents: the finest of them, and what they share.

Where all domains together make too many groups to be told apart at once, each domain by itself does
not do: the cells of a crossing add up to those of its margins, classes to broader classes. So the
finest domains are taken, each with every level of any domain that is a union of its groups, found
from the respondents and not from definitions; and two of them are linked by the smallest sets of
respondents that are unions of groups of both (at the least: everybody).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from analysis.design import Integers
from analysis.design.arrays import Flags
from analysis.disclosure.standing import level


@dataclass(frozen=True, slots=True)
class Partition:
    """Respondents divided into A groups, the atoms.

    atom : (n,) the group of each respondent
    levels : of each atom, the levels of domains that it is part of
    blocks : of each atom, the sets that it is part of and that another partition can tell too
    """

    name: str
    atom: Integers
    levels: list[list[str]]
    blocks: list[list[int]]


def finest(levels: list[tuple[str, str]], codes: list[Integers]) -> Iterator[Partition]:
    """The domains that no other domain tells apart, linked to each other.

    levels : (domain, level), the whole first ; codes : of each domain the (n,) level of each
    respondent, -1 where he has none
    """
    domains = list(dict.fromkeys(d for d, _ in levels))
    atoms = [np.unique(code, return_inverse=True)[1].astype(np.int64) for code in codes]
    kept = _kept(atoms)
    blocks = _blocks([atoms[d] for d in kept])
    for place, d in enumerate(kept):
        named = [[level(domain, value) for domain, value in levels if domain == name]
                 for name in domains]  # fmt: skip
        yield Partition(domains[d], atoms[d], _named(named, codes, atoms[d]), blocks[place])


def _together(one: Integers, other: Integers) -> Flags:
    """(A, B) whether somebody is in group a of the one and in group b of the other."""
    met = np.zeros((int(one.max()) + 1, int(other.max()) + 1), dtype=np.bool_)
    met[one, other] = True
    return met


def _kept(atoms: list[Integers]) -> list[int]:
    """Places of the partitions that none of the others refines; of equal ones the first."""

    def refines(a: int, b: int) -> bool:
        return bool((_together(atoms[a], atoms[b]).sum(axis=1) == 1).all())

    def needless(d: int) -> bool:
        finer = (e for e in range(len(atoms)) if e != d and refines(e, d))
        return any(e < d or not refines(d, e) for e in finer)

    return [d for d in range(len(atoms)) if not needless(d)]


def _named(names: list[list[str]], codes: list[Integers], atom: Integers) -> list[list[str]]:
    """Of each atom the levels it is part of, of all levels that are unions of atoms."""
    made: list[list[str]] = [[] for _ in range(int(atom.max()) + 1)]
    for of, code in zip(names, codes, strict=True):
        met = _together(atom, code + 1)[:, 1:]  # the first column: no level of the domain
        whole = _together(atom, code + 1).sum(axis=1) == 1
        for place, name in enumerate(of):
            inside = np.flatnonzero(met[:, place])
            for one in inside if whole[inside].all() else ():
                made[one].append(name)
    return made


def _blocks(atoms: list[Integers]) -> list[list[list[int]]]:
    """Of each partition, of each atom: the numbers of the blocks that it is part of."""
    number: dict[bytes, int] = {}
    made: list[list[list[int]]] = [[[] for _ in range(int(a.max()) + 1)] for a in atoms]
    for u, v in combinations(range(len(atoms)), 2):
        block = _joined(_together(atoms[u], atoms[v]))
        for one in range(int(block.max()) + 1):
            inside = (block == one)[atoms[u]]
            name = number.setdefault(np.packbits(inside).tobytes(), len(number))
            for place in (u, v):
                for atom in np.unique(atoms[place][inside]):
                    if name not in made[place][atom]:
                        made[place][atom].append(name)
    return made


def _joined(met: Flags) -> Integers:
    """(A,) the smallest sets of groups a that are unions of groups b: each a number from 0."""
    reach = met @ met.T
    for _ in range(len(reach)):
        further = reach @ reach
        if np.array_equal(further, reach):
            break
        reach = further
    return np.unique(reach.argmax(axis=1), return_inverse=True)[1].astype(np.int64)
