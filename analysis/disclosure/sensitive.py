"""The cells of a wave that no reader may work out, by the rule of the survey."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from analysis.definition.publication import Confidentiality
from analysis.design.arrays import Integers
from analysis.disclosure.always import neighbours
from analysis.disclosure.equations import Equations, Figure
from analysis.disclosure.measured import Atoms, Measured, Set
from analysis.disclosure.suppress import Sensitive
from analysis.disclosure.view import View


def sensitive(
    view: View, known: Equations, rule: Confidentiality, printed: Collection[Figure]
) -> tuple[list[Sensitive], list[list[Figure]]]:
    """The cells that must stay uncertain, the smallest base first; and the figures they are."""
    found: dict[tuple[Set, Atoms], tuple[float, Sensitive, list[Figure]]] = {}
    near = neighbours(view)
    for m in view.measured:
        for level in view.levels:
            figure, atoms = (m.indicator, m.category, level), view.inside(m, level)
            if not atoms or figure not in printed or not _small(view, m, atoms, rule):
                continue
            if (m.who, atoms) not in found:
                size = float(m.base[list(atoms)].sum())
                within = {int(v) for of in view.everywhere(m, level) for v in view.view[list(of)]}
                rings = tuple(_rings(known, near, m.who, within))
                found[m.who, atoms] = (size, _cell(known, m, atoms, rule, rings), [])
            found[m.who, atoms][2].append(figure)
    ordered = sorted(found.values(), key=lambda f: f[0])
    return [cell for _, cell, _ in ordered], [names for _, _, names in ordered]


def _small(view: View, m: Measured, atoms: Atoms, rule: Confidentiality) -> bool:
    """Too few in the numerator or the rest of the base, all or nobody, one who dominates."""
    at = list(atoms)
    count, base = m.count[at].sum(), m.base[at].sum()
    if m.kind == "amount":
        total = m.amount[at].sum()
        return bool(base < rule.count or m.largest[at].max() > rule.dominance * total > 0)
    if m.kind != "share" or m.missing:
        return False
    few = 0 < count < rule.count or (not m.parts and 0 < base - count < rule.count)
    return bool(few or (count in (0, base) and _answered(view, atoms) >= rule.near_census))


def _answered(view: View, atoms: Atoms) -> float:
    """The part of the population that answered; 0 where nobody counted it."""
    at = list(atoms)
    there = view.population[at].sum()
    return float(view.size[at].sum() / there) if np.isfinite(there) and there > 0 else 0.0


def _cell(
    known: Equations, m: Measured, atoms: Atoms, rule: Confidentiality,
    rings: tuple[Integers | None, ...],
) -> Sensitive:  # fmt: skip
    index = np.array([known.unknown[m.who, h] for h in atoms])
    if m.kind == "amount":
        total = float(m.amount[list(atoms)].sum())
        return Sensitive(index, 0.1 * total, 0.0, rings)
    width = min(float(rule.protect), float(m.base[list(atoms)].sum()))
    return Sensitive(index, width, 0.0, rings)


def _rings(
    known: Equations, near: Mapping[Set, set[Set]], who: Set, views: set[int]
) -> Iterator[Integers | None]:
    """The set alone, then with the other parts of its wholes, then theirs; then everything.

    First within the views that the cell is part of: what they share with others stays.
    """
    seen = [{who}]
    for _ in range(2):
        seen.append(seen[-1] | {o for w in seen[-1] for o in near.get(w, ())})
    for some in seen:
        yield known.within(some, views)
    every = set(range(len(known.view.views)))
    if views < every:
        yield known.within(known.sets, views)
        yield known.within(seen[1], every)
    yield None
