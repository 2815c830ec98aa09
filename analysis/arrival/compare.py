"""The whole comparison, in the order in which each part needs those before it."""

from __future__ import annotations

from analysis.arrival.asked import compare_questions, compare_universes
from analysis.arrival.case import Case
from analysis.arrival.columns import compare_columns
from analysis.arrival.findings import BLANK, Finding
from analysis.arrival.jumps import compare_indicators
from analysis.arrival.labels import compare_labels
from analysis.arrival.levels import compare_levels
from analysis.arrival.rows import compare_rows


def compare(case: Case) -> None:
    """Fill the case's draft: answers to write in the wave's file, and findings for the report."""
    compare_columns(case)
    if _unreadable(case):
        seen = "la comparaison s’arrête aux colonnes : répondre, puis relancer baro wave add"
        case.draft.note(Finding("Comparaison interrompue", case.wave, seen))
    else:
        compare_rows(case)
        compare_questions(case)
        compare_labels(case)
        frame = compare_universes(case)
        compare_levels(case, frame)
        compare_indicators(case, frame)
    case.draft.complete()


def _unreadable(case: Case) -> bool:
    """Whether the column of an identifier, a weight or the design is still unknown."""
    return any(
        k[0] == "rename" and a.open and a.value == BLANK for k, a in case.draft.answers.items()
    )
