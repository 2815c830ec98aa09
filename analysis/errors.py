"""The one error type: where, what was found, what was expected, what to do.

Stages collect every :class:`Problem` of a file before they raise, so that the
analyst mends a file once instead of discovering its faults one run at a time.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Literal

Severity = Literal["stop", "warn"]
_SHOWN = 20
_LONGEST = 80
_UNSEEN = {"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"}  # Unicode categories that draw nothing


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    where : file, and place in it (line, row, column, key)
    found : what is there
    expected : what should be there; empty when ``found`` says it all
    remedy : what to type or to do next
    row, respondent, column, value, rule : the same for programs, where rows of data are at fault:
    the first row, its identifier, the raw column, the text in it, the check that failed
    severity : "stop" ends the work ; "warn" is shown and does not

    Control and invisible characters are kept as escapes: what a raw file or a definition
    holds must not drive the terminal that shows it.
    """

    where: str
    found: str
    expected: str = ""
    remedy: str = ""
    row: int | None = None
    respondent: str = ""
    column: str = ""
    value: str = ""
    rule: str = ""
    severity: Severity = "stop"

    def __post_init__(self) -> None:
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, str):
                object.__setattr__(self, part.name, printable(value))

    def __str__(self) -> str:
        lines = [self.where, f"  {self.found}"]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.remedy:
            lines.append(f"  -> {self.remedy}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, str | int | None]:
        """Every part by name, for ``--json`` and the failure report."""
        return {part.name: getattr(self, part.name) for part in fields(self)}


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
    close = get_close_matches(name[:_LONGEST], names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {quoted(close[0])}?"
    shown = [quoted(n)[1:-1] for n in names[:12]]
    return "known: " + (", ".join(shown) + (", …" if len(names) > 12 else "") or "none")


def quoted(value: str) -> str:
    """``value`` between double quotes, on one line, shortened when long.

    What is not shortened can be typed as it is shown: it is a double-quoted text of YAML.
    """
    short = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    escaped = short.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    more = "" if short == value else f" ({len(value)} characters)"
    return f'"{printable(escaped)}"{more}'


def printable(text: str) -> str:
    """``text`` with its invisible characters as escapes; ends of lines are kept."""
    if text.isprintable():
        return text
    return "".join(
        c if c == "\n" or unicodedata.category(c) not in _UNSEEN else _escape(c) for c in text
    )


def _escape(character: str) -> str:
    code = ord(character)
    letter, width = ("x", 2) if code < 0x100 else ("u", 4) if code < 0x10000 else ("U", 8)
    return f"\\{letter}{code:0{width}x}"
