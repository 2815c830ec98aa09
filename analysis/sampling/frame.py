"""The sampling frame: a CSV file of units, read strictly and never trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from analysis.definition import Variable
from analysis.errors import Problem, quoted, raise_all
from analysis.sampling.lines import Faults, Lines, read_lines
from analysis.sampling.strata import CERTAINTY, Strata, check_codes, counted

# What the sample's file adds to the columns of the frame.
ADDED = ("stratum", "N_h", "n_h", "role", "draw_order", "inclusion_probability", "design_weight")
_YES = {"1", "oui", "yes", "true", "vrai", "x"}
_NO = {"", "0", "non", "no", "false", "faux"}


@dataclass(frozen=True)
class Frame:
    """Units to draw from.

    lines : the file ; ids : each once, one a unit
    columns : the stratum columns ; keys : (units,) its codes in them
    certain : (units,) whether it is always taken
    """

    lines: Lines
    ids: tuple[str, ...]
    columns: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    certain: tuple[bool, ...]

    @cached_property
    def strata(self) -> Strata:
        """Its strata, N_h counted; units of certainty are strata of their own."""
        more = [c for c in self.lines.header if c not in self.columns]
        others = {c: self.lines.column(c) for c in more}
        return counted(self.lines.shown, self.columns, self.keys, self.certain, others)


def read_frame(
    path: Path,
    shown: str,
    identifier: str,
    columns: Sequence[str],
    variables: Mapping[str, Variable] | None = None,
    certainty: str = "",
) -> Frame:
    """The frame at ``path``.

    identifier : the column that names a unit, each once; "" where units are only counted
    columns : those that make the strata
    variables : of the survey; a stratum column that is one has its categories
    certainty : the column that says which units are always taken
    Raises :class:`analysis.errors.BaroError` with every fault of the file, each with its lines.
    """
    lines = read_lines(path, shown)
    lines.require(tuple(c for c in (identifier, *columns, certainty) if c), "id and strata")
    raise_all(
        Problem(f"{shown}:1", f"the column {quoted(c)}", "another name: the sample's file adds it",
                "rename it in the frame")
        for c in lines.header if c in ADDED
    )  # fmt: skip
    faults = Faults(shown)
    ids = _identifiers(lines, identifier, faults)
    check_codes(lines, columns, variables or {}, faults)
    certain = _certain(lines, certainty, faults)
    faults.raise_all()
    keys = tuple(zip(*(lines.column(c) for c in columns), strict=True))
    return Frame(lines, ids, tuple(columns), keys, certain)


def _identifiers(lines: Lines, column: str, faults: Faults) -> tuple[str, ...]:
    if not column:
        return tuple(str(line) for line, _ in lines.rows)
    found = lines.column(column)
    first: dict[str, int] = {}
    for (line, _), name in zip(lines.rows, found, strict=True):
        if not name:
            faults.note(line, f"no {column}", "an identifier on every line", "fill it in")
        elif first.setdefault(name, line) != line:
            faults.note(
                line,
                f"{column}: {quoted(name)} is there already, on line {first[name]}",
                "each unit once",
                "remove the double, or give it an identifier of its own",
            )
    return tuple(found)


def _certain(lines: Lines, column: str, faults: Faults) -> tuple[bool, ...]:
    if not column:
        return (False,) * len(lines.rows)
    found = [c.lower() for c in lines.column(column)]
    for (line, _), text in zip(lines.rows, found, strict=True):
        if text not in _YES | _NO:
            faults.note(line, f"{column} ({CERTAINTY}): {quoted(text)}", "1 or 0, oui or non",
                        "write 1 for the units that are always taken")  # fmt: skip
    return tuple(text in _YES for text in found)
