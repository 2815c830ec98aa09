"""Figures that people quote: registers in YAML, judged against estimates and cited sources.

A claim is a sentence somebody published with a figure in it. Its verdict is computed from the
table of estimates, from sums over other claims, or from another published figure; it is never
typed. docs/claims.md has the language, docs/methods/claims.md the rules.
"""

from analysis.claims.evidence import Sheet
from analysis.claims.judge import judge
from analysis.claims.load import judge_files, load_registers, project_registers, register_files
from analysis.claims.register import Register
from analysis.claims.results import Conflict, Finding, Judged, Judgement, Look
from analysis.claims.told import register_messages, translated_registers

__all__ = [
    "Conflict",
    "Finding",
    "Judged",
    "Judgement",
    "Look",
    "Register",
    "Sheet",
    "judge",
    "judge_files",
    "load_registers",
    "project_registers",
    "register_files",
    "register_messages",
    "translated_registers",
]
