"""What is known of a wave without a figure: parts add up to their whole, unions to their parts.

Two views of the same respondents tell the same of every set of atoms that both can tell.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, pairwise

import numpy as np

from analysis.disclosure.equations import Equations
from analysis.disclosure.measured import Measured, Set
from analysis.disclosure.view import View

_PARTS = 8  # of a whole: unions of more are not looked for


def always_known(view: View, known: Equations) -> None:
    """Write down every such bound."""
    for group in view.by_indicator.values():
        _whole(view, known, group)
    _unions(view, known)
    _links(view, known)


def neighbours(view: View) -> dict[Set, set[Set]]:
    """Of each set those that share a whole with it."""
    near: dict[Set, set[Set]] = defaultdict(set)
    for group in view.by_indicator.values():
        first = group[0]
        if first.kind == "mention" or (first.kind == "share" and first.parts):
            for m in group:
                near[m.who] |= {o.who for o in group}
    return near


def _whole(view: View, known: Equations, group: list[Measured]) -> None:
    """Parts add up to their base, or at most to it; a set is no larger than its base."""
    first = group[0]
    if first.kind not in ("share", "mention"):
        return
    fixed = view.fixed(first)
    for h in range(known.atoms):
        if first.parts:
            _parts(known, group, h, fixed=bool(fixed[h]))
        elif not fixed[h]:
            for m in group:
                if m.who != m.base_who:
                    of = (known.unknown[m.base_who, h], -1.0)
                    known.bound([(known.unknown[m.who, h], 1.0), of], -np.inf, 0.0)


def _parts(known: Equations, group: list[Measured], h: int, *, fixed: bool) -> None:
    first = group[0]
    full = np.array_equal(sum(m.count for m in group), first.base)
    terms = [(known.unknown[m.who, h], 1.0) for m in group]
    if fixed:
        known.bound(terms, float(first.base[h]) if full else 0.0, float(first.base[h]))
    else:
        of = (known.unknown[first.base_who, h], -1.0)
        known.bound([*terms, of], 0.0 if full else -np.inf, 0.0)


def _unions(view: View, known: Equations) -> None:
    """Sets that are the union of parts of another indicator: fingerprints add up."""
    sums: dict[int, list[list[Measured]]] = defaultdict(list)
    for group in view.by_indicator.values():
        parts = [m for m in group if m.parts and m.who[0]]
        sizes = range(2, len(parts)) if len(parts) <= _PARTS else ()
        for union in (s for size in sizes for s in combinations(parts, size)):
            sums[sum(int(m.who[0]) for m in union) % 2**64].append(list(union))
    for who in known.sets:
        for some in sums.get(int(who[0]) if who[0] else -1, []):
            for h in range(known.atoms):
                parts_ = [(known.unknown[m.who, h], -1.0) for m in some]
                whole, constant = known.of(who, [h])
                known.bound([*whole, *parts_], -constant, -constant)


def _links(view: View, known: Equations) -> None:
    """A set of respondents has one sum in all views that can tell it."""
    for who in known.sets:
        for block in view.blocks:
            sides = [known.of(who, atoms) for atoms in block]
            for (one, here), (other, there) in pairwise(sides):
                if one or other:
                    terms = [*one, *((i, -c) for i, c in other)]
                    known.bound(terms, there - here, there - here)
