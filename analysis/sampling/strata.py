"""Strata: who they are, how many units each holds, and which domains they make up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.definition import Variable
from analysis.errors import Problem, nearest, quoted, raise_all, refuse
from analysis.sampling.lines import Faults, Lines, read_lines

CERTAINTY = "certainty"
MAX_STRATA = 2_000
OTHERS = ("wave", "population", "source", "year", "base", "note")  # of a file of counts
_WHOLE = re.compile(r"\d{1,15}(\.0*)?", re.ASCII)


@dataclass(frozen=True, order=True, slots=True)
class Stratum:
    """One stratum: its code in each stratum column, whether its units are all taken, N_h."""

    codes: tuple[str, ...]
    certain: bool = False
    population: int = 0

    @property
    def base(self) -> str:
        """The codes as they are typed: ``commune x petite``."""
        return " x ".join(self.codes)

    @property
    def name(self) -> str:
        """The same, and whether it holds the units of certainty of these codes."""
        return f"{self.base} ({CERTAINTY})" if self.certain else self.base


@dataclass(frozen=True)
class Domain:
    """A union of strata: ``name`` is a column and ``value`` its code, or a name of one's own."""

    name: str
    value: str
    members: tuple[bool, ...]

    @property
    def label(self) -> str:
        """How it is named on the command line."""
        return f"{self.name}={self.value}" if self.value else self.name


@dataclass(frozen=True)
class Strata:
    """The strata of a population, in the order of their codes.

    shown : the file they are from ; columns : the stratum columns
    others : further column -> one value a stratum, where it has one
    """

    shown: str
    columns: tuple[str, ...]
    strata: tuple[Stratum, ...]
    others: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        """Refuse strata by the thousand: a column that names units was taken for one."""
        if len(self.strata) > MAX_STRATA:
            raise refuse(
                f"{self.shown}: {', '.join(self.columns)}",
                f"{len(self.strata)} strata",
                f"{MAX_STRATA} at most",
                "name a column with fewer values: --strata COLUMN",
            )

    @property
    def populations(self) -> list[int]:
        """N_h."""
        return [s.population for s in self.strata]

    def domains(self, asked: Sequence[str]) -> list[Domain]:
        """The domains of ``COLUMN`` (one a value) and ``NAME=stratum,stratum``.

        Raises :class:`analysis.errors.BaroError` for a column or a stratum that is not there.
        """
        found: list[Domain] = []
        problems: list[Problem] = []
        for text in asked:
            name, named, listed = text.partition("=")
            values = self.values(name.strip())
            if named:
                found += self._union(name.strip(), listed, problems)
            elif values is None:
                known = (*self.columns, *self.others)
                problems.append(
                    Problem(
                        f"--domain {text}",
                        "no column of that name has one value in each stratum",
                        nearest(text, known),
                        "name one, or a union: NAME=stratum,stratum",
                    )
                )
            else:
                found += [Domain(name.strip(), v, tuple(x == v for x in values))
                          for v in dict.fromkeys(values)]  # fmt: skip
        raise_all(problems)
        return found

    def values(self, column: str) -> tuple[str, ...] | None:
        """The value of each stratum in a column; None where there is no such column."""
        if column in self.columns:
            at = self.columns.index(column)
            return tuple(s.codes[at] for s in self.strata)
        return self.others.get(column)

    def _union(self, name: str, listed: str, problems: list[Problem]) -> list[Domain]:
        wanted = [x.strip() for x in listed.split(",") if x.strip()]
        known = {s.base for s in self.strata}
        where = f"--domain {name}={listed}"
        if not name or not wanted:
            problems.append(Problem(where, "a name or strata are missing", "NAME=stratum,stratum",
                                    "write both"))  # fmt: skip
        for one in wanted:
            if one not in known:
                problems.append(
                    Problem(
                        where,
                        f"{quoted(one)} is not a stratum",
                        nearest(one, known),
                        "name strata as they are listed",
                    )
                )
        return [Domain(name, "", tuple(s.base in wanted for s in self.strata))]


def check_codes(
    lines: Lines, columns: Sequence[str], variables: Mapping[str, Variable], faults: Faults
) -> None:
    """Note blank codes, and codes that a variable of the survey does not have."""
    for column in columns:
        v = variables.get(column)
        known = v.categories if v and not v.numeric else {}
        for (line, _), code in zip(lines.rows, lines.column(column), strict=True):
            if not code:
                faults.note(line, f"no {column}", "the stratum of every unit", "fill it in")
            elif known and code not in known:
                faults.note(line, f"{column}: {quoted(code)} is not a category",
                            *_expected(code, v))  # fmt: skip


def _expected(code: str, variable: Variable | None) -> tuple[str, str]:
    known = variable.categories if variable else {}
    meant = [k for k, c in known.items() if code in (c.label, *c.raw)]
    if meant:
        return "its code: this is the label of a category", f"type {meant[0]}"
    return nearest(code, known), "write a category of survey.yml, or add it there"


def read_counts(
    path: Path,
    shown: str,
    columns: Sequence[str] = (),
    wave: str = "",
    variables: Mapping[str, Variable] | None = None,
) -> Strata:
    """Strata from a file of counts: stratum columns, ``population``, and further columns.

    columns : the stratum columns; every column but ``OTHERS`` when empty
    wave : the rows to keep, where the file has a column ``wave``
    variables : of the survey; a stratum column that is one has its categories
    A population of 0 is outside the frame. Raises :class:`analysis.errors.BaroError` with every
    fault of the file.
    """
    lines = read_lines(path, shown)
    named = tuple(columns) or tuple(c for c in lines.header if c not in OTHERS)
    lines.require((*named, "population"), "strata and counts")
    if not named:
        raise refuse(
            f"{shown}:1", "no column of strata", "at least one", "name it: --strata COLUMN"
        )
    lines = _of_wave(lines, wave)
    faults = Faults(shown)
    check_codes(lines, named, variables or {}, faults)
    amounts = [
        _amount(line, text, faults)
        for (line, _), text in zip(lines.rows, lines.column("population"), strict=True)
    ]
    keys = list(zip(*(lines.column(c) for c in named), strict=True))
    first: dict[tuple[str, ...], int] = {}
    for (line, _), key in zip(lines.rows, keys, strict=True):
        if first.setdefault(key, line) != line:
            faults.note(line, f"the stratum {quoted(' x '.join(key))} is there twice (first on "
                        f"line {first[key]})", "once", "add the two, or leave one out")  # fmt: skip
    faults.raise_all()
    rows = sorted((Stratum(k, population=n), i)
                  for i, (k, n) in enumerate(zip(keys, amounts, strict=True)) if n)  # fmt: skip
    if not rows:
        raise refuse(shown, "every population is 0", "units to draw from", "correct them")
    more = [c for c in lines.header if c not in (*named, *OTHERS)]
    others = {c: tuple(lines.column(c)[i] for _, i in rows) for c in more}
    return Strata(shown, named, tuple(s for s, _ in rows), others)


def _of_wave(lines: Lines, wave: str) -> Lines:
    """The rows of one wave; all of them where the file has no column ``wave``."""
    if "wave" not in lines.header:
        return lines
    found = lines.column("wave")
    known = dict.fromkeys(found)
    if wave not in known and len(known) == 1 and not wave:
        wave = found[0]
    if wave not in known:
        raise refuse(f"{lines.shown}: wave", f"no row of the wave {quoted(wave)}" if wave
                     else "counts of several waves", nearest(wave, known),
                     "name a wave of the file: --wave WAVE")  # fmt: skip
    kept = tuple(r for r, w in zip(lines.rows, found, strict=True) if w == wave)
    return Lines(lines.shown, lines.header, kept, lines.separator, lines.encoding, lines.sha256)


def _amount(line: int, text: str, faults: Faults) -> int:
    if _WHOLE.fullmatch(text):
        return int(float(text))
    found = f"population: {quoted(text)}" if text else "no population"
    digits = re.sub(r"[\s\u00a0\u202f.,'’]", "", text)
    faults.note(line, found, "a whole number, 0 or more",
                f"type {digits}" if digits.isdecimal() else "type a number")  # fmt: skip
    return 0


def counted(
    shown: str,
    columns: tuple[str, ...],
    keys: Sequence[tuple[str, ...]],
    certain: Sequence[bool],
    others: Mapping[str, Sequence[str]],
) -> Strata:
    """Strata of units: N_h counts them, and a further column is kept where it has one value."""
    found = Counter(zip(keys, certain, strict=True))
    order = sorted(found)
    kept: dict[str, tuple[str, ...]] = {}
    for column, values in others.items():
        first: dict[tuple[tuple[str, ...], bool], str] = {}
        for key, sure, value in zip(keys, certain, values, strict=True):
            if first.setdefault((key, sure), value) != value:
                break
        else:
            kept[column] = tuple(first[s] for s in order)
    return Strata(
        shown, columns, tuple(Stratum(k, sure, found[k, sure]) for k, sure in order), kept
    )
