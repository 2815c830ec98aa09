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

_AMOUNT = 0.1  # of a sensitive amount: how far it stays uncertain at least


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
    """Too few in the numerator or the rest of the base, all or nobody; an amount that is one's."""
    at = list(atoms)
    if m.kind in ("amount", "ratio"):
        return bool(m.base[at].sum() < rule.count or _dominated(m, at, rule))
    if m.kind not in ("share", "battery") or m.missing:
        return False
    # Of a battery: who said yes to anything, and who did to all.
    some, base = m.count[at].sum(), m.base[at].sum()
    every = m.full[at].sum() if m.kind == "battery" else some
    few = 0 < some < rule.count or (not m.parts and 0 < base - every < rule.count)
    return bool(
        few or ((some == 0 or every == base) and _answered(view, atoms) >= rule.near_census)
    )


def one_sided(view: View, rule: Confidentiality, printed: Collection[Figure]) -> Iterator[Figure]:
    """Quantiles with too few respondents on a side: they are nearly the answer of one of them."""
    for m in view.measured:
        for level in view.levels if m.kind == "quantile" else ():
            figure, atoms = (m.indicator, m.category, level), view.inside(m, level)
            if atoms and figure in printed and m.below[list(atoms)].sum() < rule.count:
                yield figure


def _dominated(m: Measured, at: list[int], rule: Confidentiality) -> bool:
    """Whether one respondent makes up nearly all, or is known to the second largest too closely.

    (1, k)-dominance, and the p % rule: total - x1 - x2 < p x1. Both in weighted contributions. Of a
    ratio either total can be one's.
    """
    if m.kind == "ratio" and m.below_largest[at].max() > rule.dominance * m.below[at].sum():
        return True
    total, (second, largest) = m.amount[at].sum(), _two_largest(m, at)
    if largest > rule.dominance * total > 0:
        return True
    return rule.p_percent is not None and total - largest - second < rule.p_percent * largest


def _two_largest(m: Measured, at: list[int]) -> tuple[float, float]:
    """The second largest contribution, and the largest, over some atoms."""
    second, largest = np.sort(np.concatenate([m.largest[at], m.second[at]]))[-2:]
    return float(second), float(largest)


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
    if m.kind in ("amount", "ratio"):
        total = float(m.amount[list(atoms)].sum())
        wide = (rule.p_percent or 0.0) * _two_largest(m, list(atoms))[1]
        return Sensitive(index, max(_AMOUNT * total, wide), 0.0, rings)
    width = min(float(rule.protect), float(m.base[list(atoms)].sum()))
    if m.kind == "battery":  # so many who might have said yes to all, or no
        width *= float(m.below[list(atoms)].sum() / m.base[list(atoms)].sum())
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
