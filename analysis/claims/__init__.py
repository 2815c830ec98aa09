"""Figures that people quote: registers in YAML, judged against estimates and cited sources.

A claim is a sentence somebody published with a figure in it. Its verdict is computed from the
table of estimates, from sums over other claims, or from another published figure; it is never
typed. docs/claims.md has the language, docs/methods/claims.md the rules.
"""

from analysis.claims.evidence import Sheet
from analysis.claims.judge import judge
from analysis.claims.load import judge_files, load_registers, register_files
from analysis.claims.results import Conflict, Finding, Judged, Judgement, Look

__all__ = [
    "Conflict",
    "Finding",
    "Judged",
    "Judgement",
    "Look",
    "Sheet",
    "judge",
    "judge_files",
    "load_registers",
    "register_files",
]
