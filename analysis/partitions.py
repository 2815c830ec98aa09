"""The domains of a wave as partitions of its respondents: the finest of them, and what they share.

Where all domains together make too many groups to be told apart at once, each domain by itself does
not do: the cells of a crossing add up to those of its margins, classes to broader classes. So the
finest domains are taken, each with every level of any domain that is a union of its groups, found
from the respondents and not from definitions; and two of them are linked by the smallest sets of
respondents that are unions of groups of both (at the least: everybody).

Linked two by two they say all that a common table would say, where they hang together as a tree:
what any two share is then shared by all between them (Beeri, Fagin, Maier and Yannakakis 1983, "On
the desirability of acyclic database schemes", Journal of the ACM 30:479-513). Three crossings that
go round (age by sex, sex by region, region by age) do not: tables that fit each other two by two
may be the margins of no common one. Nor do classes of one thing that overlap (under 40, 25 to 59):
who is under 25 is under 40. Such domains are told apart at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from analysis.design import Integers
from analysis.design.arrays import Flags
from analysis.disclosure.standing import level

View = tuple[str, Integers]  # name, the group of each respondent


@dataclass(frozen=True, slots=True)
class Partition:
    """Respondents divided into A groups, the atoms.

    atom : (n,) the group of each respondent
    levels : of each atom, the levels of domains that it is part of
    blocks : of each atom, the sets that it is part of and that another partition can tell too
    joined : whether it is several domains, told apart at once
    """

    name: str
    atom: Integers
    levels: list[list[str]]
    blocks: list[list[int]]
    joined: bool = False


def finest(levels: list[tuple[str, str]], codes: list[Integers]) -> Iterator[Partition]:
    """The domains that no other domain tells apart, linked to each other.

    levels : (domain, level), the whole first ; codes : of each domain the (n,) level of each
    respondent, -1 where he has none
    """
    domains = list(dict.fromkeys(d for d, _ in levels))
    atoms = [np.unique(code, return_inverse=True)[1].astype(np.int64) for code in codes]
    kept = _kept(atoms)
    views = _straightened([(domains[d], atoms[d]) for d in kept])
    blocks = _blocks([atom for _, atom in views])
    for place, (view, atom) in enumerate(views):
        named = [[level(domain, value) for domain, value in levels if domain == name]
                 for name in domains]  # fmt: skip
        yield Partition(view, atom, _named(named, codes, atom), blocks[place], view not in domains)


def _together(one: Integers, other: Integers) -> Flags:
    """(A, B) whether somebody is in group a of the one and in group b of the other."""
    met = np.zeros((int(one.max()) + 1, int(other.max()) + 1), dtype=np.bool_)
    met[one, other] = True
    return met


def _kept(atoms: list[Integers]) -> list[int]:
    """Places of the partitions that none of the others refines; of equal ones the first."""

    def needless(d: int) -> bool:
        finer = (e for e in range(len(atoms)) if e != d and _finer(atoms[e], atoms[d]))
        return any(e < d or not _finer(atoms[d], atoms[e]) for e in finer)

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


def _straightened(views: list[View]) -> list[View]:
    """The partitions, with those that overlap or go round told apart at once."""
    while some := _overlapping([a for _, a in views]) or _round([a for _, a in views]):
        joint = _met([views[v][1] for v in some])
        name = ", ".join(views[v][0] for v in some)
        views = [(name, joint), *(view for v, view in enumerate(views) if v not in some)]
        views = [views[v] for v in _kept([atom for _, atom in views])]
    return views


def _met(atoms: list[Integers]) -> Integers:
    """(n,) the groups of several partitions at once."""
    together = np.unique(np.stack(atoms, axis=1), axis=0, return_inverse=True)[1]
    return together.astype(np.int64).reshape(-1)


def _overlapping(atoms: list[Integers]) -> list[int]:
    """Two partitions of one thing, cut otherwise: so few of their groups meet; none where none do.

    Bounds in a row make fewer groups together than apart; two things that cross make many more.
    """
    for u, v in combinations(range(len(atoms)), 2):
        apart = int(atoms[u].max()) + int(atoms[v].max()) + 2
        if int(_together(atoms[u], atoms[v]).sum()) < apart:
            return [u, v]
    return []


def _round(atoms: list[Integers]) -> list[int]:
    """The places of some partitions that do not hang together as a tree; none where all do.

    A tree of the largest common parts shows whether there is one: what two partitions share is then
    shared by each pair on the way from the one to the other.
    """
    shared = {(u, v): _joined(_together(atoms[u], atoms[v]))[atoms[u]]
              for u, v in combinations(range(len(atoms)), 2)}  # fmt: skip
    ways = _ways(len(atoms), {pair: int(block.max()) for pair, block in shared.items()})
    for (u, v), block in shared.items():
        way = ways[u, v]
        steps = (shared[min(a, b), max(a, b)] for a, b in pairwise(way))
        if not all(_finer(step, block) for step in steps):
            return sorted(way)
    return []


def _ways(size: int, parts: dict[tuple[int, int], int]) -> dict[tuple[int, int], list[int]]:
    """From each partition to each along the tree of pairs that share most (Prim's)."""
    ways: dict[tuple[int, int], list[int]] = {}
    inside, rest = [0], set(range(1, size))
    while rest:
        a, b = max(
            ((a, b) for a in inside for b in sorted(rest)),
            key=lambda pair: parts[min(pair), max(pair)],
        )
        for c in inside:
            way = [*(ways[c, a] if c != a else [a]), b]
            ways[c, b], ways[b, c] = way, way[::-1]
        inside.append(b)
        rest.remove(b)
    return ways


def _finer(one: Integers, other: Integers) -> bool:
    """Whether each group of the one is within a group of the other."""
    return bool((_together(one, other).sum(axis=1) == 1).all())


def _joined(met: Flags) -> Integers:
    """(A,) the smallest sets of groups a that are unions of groups b: each a number from 0."""
    reach = met @ met.T
    for _ in range(len(reach)):
        further = reach @ reach
        if np.array_equal(further, reach):
            break
        reach = further
    return np.unique(reach.argmax(axis=1), return_inverse=True)[1].astype(np.int64)
