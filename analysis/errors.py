"""The one error type: where, what was found, what was expected, what to do.

Stages collect every :class:`Problem` of a file before they raise, so that the
analyst mends a file once instead of discovering its faults one run at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    where : file, and place in it (line, row, column, key)
    found : what is there
    expected : what should be there; empty when ``found`` says it all
    remedy : what to type or to do next
    """

    where: str
    found: str
    expected: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        lines = [self.where, f"  {self.found}"]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.remedy:
            lines.append(f"  -> {self.remedy}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, str]:
        """The four parts by name, for ``--json``."""
        return {
            "where": self.where,
            "found": self.found,
            "expected": self.expected,
            "remedy": self.remedy,
        }


class BaroError(Exception):
    """Everything that was found wrong in one step, raised once.

    ``problems`` is never empty. ``str()`` prints the first twenty and counts the rest.
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        if not self.problems:
            raise ValueError("a BaroError needs at least one problem")
        super().__init__(str(self))

    def __str__(self) -> str:
        shown = "\n".join(str(p) for p in self.problems[:_SHOWN])
        hidden = len(self.problems) - _SHOWN
        return shown if hidden <= 0 else f"{shown}\n… and {hidden} more of the same kind or others"


def refuse(where: str, found: str, expected: str = "", remedy: str = "") -> BaroError:
    """A :class:`BaroError` of a single problem, ready to be raised."""
    return BaroError(Problem(where, found, expected, remedy))


def raise_all(problems: Iterable[Problem]) -> None:
    """Raise one :class:`BaroError` with all ``problems``; do nothing when there are none."""
    found = tuple(problems)
    if found:
        raise BaroError(found)


def nearest(name: str, known: Iterable[str]) -> str:
    """A phrase naming the known spelling closest to ``name``, or listing what is known."""
    names = sorted(set(known))
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    return "known: " + (", ".join(names[:12]) + (", …" if len(names) > 12 else "") or "none")
