"""Pages that quote what the new wave does not have: they would go on quoting an older one."""

from __future__ import annotations

from pathlib import Path

from analysis.arrival.case import Case
from analysis.arrival.findings import Finding
from analysis.arrival.prior import wave_before


def compare_pages(case: Case, reports: Path) -> None:
    """Name the lines of ``reports/*.qmd`` with an indicator that this wave has lost."""
    before = wave_before(case.survey, case.wave)
    if not before:
        return
    lost = case.survey.indicators_in(before).keys() - case.drafted().indicators_in(case.wave).keys()
    for page in sorted(reports.glob("*.qmd")):
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
            for name in sorted(n for n in lost if f'"{n}"' in line):
                where = f"{page.name}:{number}"
                seen = f"cite {name}, que la vague {case.wave} n’a pas : ce sera {before}, daté"
                expected = f'si la phrase ne convient plus : wave="{before}", ou la retirer'
                case.draft.note(Finding("Page à revoir", where, seen, expected))
