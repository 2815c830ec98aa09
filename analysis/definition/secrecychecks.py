"""What must hold of ``confidentiality:``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analysis.definition.survey import Survey
from analysis.errors import Problem


def secrecy_faults(at: Callable[..., str], survey: Survey) -> Iterator[Problem]:
    """A base that rounds nothing, or too little to protect anybody.

    A count that is printed as 0 is one of 0, 1, … (base - 1) // 2, as every reader knows.
    """
    rule = survey.spec.confidentiality
    if rule is None:
        return
    place = at("confidentiality", "base")
    if rule.base is not None and not rule.rounding:
        yield Problem(place, "counts are not rounded: figures are hidden", "method: round",
                      "add method: round, or remove base:")  # fmt: skip
    if rule.rounding and (rule.rounding - 1) // 2 < rule.protect:
        least = 2 * rule.protect + 1
        yield Problem(place, f"{rule.rounding}: a count that is printed as 0 is known to "
                      f"{(rule.rounding - 1) // 2}, and protect: is {rule.protect}",
                      f"{least} or more", f"write base: {least}")  # fmt: skip
