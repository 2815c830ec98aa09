"""What a reader of all that is published knows of a wave, as bounds on counts.

The unknowns are counts (:mod:`.equations`). Some bounds on them are known without a figure
(:mod:`.always`), the others are printed (:mod:`.printed`); which sums of them must stay uncertain
is the survey's choice (:mod:`.sensitive`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.definition.publication import Confidentiality
from analysis.design.arrays import Flags
from analysis.disclosure.always import always_known
from analysis.disclosure.equations import Equations, Figure
from analysis.disclosure.measured import Set
from analysis.disclosure.printed import Printed, Told
from analysis.disclosure.reliability import FEWEST
from analysis.disclosure.sensitive import one_sided, sensitive
from analysis.disclosure.suppress import Sensitive, Tables
from analysis.disclosure.view import View


@dataclass(frozen=True)
class Knowledge:
    """One wave.

    tables : the facts ; cells : what must stay uncertain, the smallest base first
    names : the figures that each cell is
    figures : of each fact, the printed (indicator, category, level) that show it; category "n" is
    the number of respondents of all figures of that indicator and level
    samples : of each fact that is a count over the whole sample, the set
    called : of each set, the (indicator, category) that it is the numerator of
    alone : figures that must not be told, and that nothing else tells
    """

    tables: Tables
    cells: list[Sensitive]
    names: list[list[Figure]]
    figures: dict[int, list[Figure]]
    samples: dict[int, Set]
    called: dict[Set, list[tuple[str, str]]]
    alone: list[Figure]


def read(
    standing: pl.DataFrame, rule: Confidentiality, printed: Mapping[Figure, Told],
    gone: Collection[Figure], doubtful: Collection[Figure] = (),
) -> Knowledge:  # fmt: skip
    """Everything that is printed of one wave, and what must not be found out from it.

    standing : rows of :data:`analysis.disclosure.standing.SCHEMA`
    printed : (indicator, category, level) there are, each with the values that are printed so
    gone : those hidden already
    doubtful : those that are marked as unreliable, which readers miss least
    """
    view = View(standing)
    known = Equations(view)
    always_known(view, known)
    told = Printed(view, known, printed, doubtful, rule.rounding)
    told.shares()
    pairs, samples = told.numbers(), told.samples()
    cells, names = sensitive(view, known, rule, printed)
    free = _free(known, gone, rounded=bool(rule.rounding))
    figures = dict(known.facts.figures)
    alone = list(one_sided(view, rule, printed))
    tables = known.tables(free, pairs)
    return Knowledge(tables, cells, names, figures, samples, _called(view), alone)


def _called(view: View) -> dict[Set, list[tuple[str, str]]]:
    called: dict[Set, list[tuple[str, str]]] = defaultdict(list)
    for m in view.measured:
        called[m.who].append((m.indicator, m.category))
        called[m.base_who].append((m.indicator, m.category))
    return dict(called)


def _free(known: Equations, gone: Collection[Figure], *, rounded: bool) -> Flags:
    """Facts that no figure shows: all of them hidden already, or counts too small to print."""
    facts = known.facts
    free = np.zeros(len(facts.cost), dtype=np.bool_)
    for key, fact in facts.place.items():
        if key[0] == "figure":
            free[fact] = all(f in gone for f in facts.figures[fact])
        elif key[0] == "sample":
            free[fact] = not rounded and known.total(key[1]) < FEWEST
    return free
