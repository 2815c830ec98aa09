"""What is assumed of each stratum before the field: expected share, response rate, sizes.

Given on the command line (``0.3`` for all, ``STRATUM=0.3`` for one) or in a file with the stratum
columns and any of ``n``, ``p``, ``response``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.design import Floats
from analysis.errors import Problem, nearest, quoted, raise_all, refuse
from analysis.sampling.lines import Faults, read_lines
from analysis.sampling.strata import Strata

EVEN = 0.5  # the share whose variance is largest
FIGURES = ("n", "p", "response")
_NUMBER = re.compile(r"\d+(\.\d*)?|\.\d+", re.ASCII)


@dataclass(frozen=True)
class Assumed:
    """(H,) each, in the order of the strata.

    p : expected share ; response : expected response rate ; n : planned sizes, NaN where not given
    said : in words, what was assumed and not given
    """

    p: Floats
    response: Floats
    n: Floats
    said: tuple[str, ...]


def assume(
    strata: Strata,
    p: Sequence[str] = (),
    response: Sequence[str] = (),
    path: Path | None = None,
    shown: str = "",
) -> Assumed:
    """What is assumed of each stratum; the command line comes before the file.

    Raises :class:`analysis.errors.BaroError` with every number and stratum that cannot be read.
    """
    blank = np.full(len(strata.strata), np.nan)
    figures = {name: blank.copy() for name in FIGURES}
    if path is not None:
        figures |= _read(strata, path, shown)
    problems: list[Problem] = []
    for name, texts in (("p", p), ("response", response)):
        _typed(strata, name, texts, figures[name], problems)
    raise_all(problems)
    said = []
    for name, default, words in (
        ("p", EVEN, "expected share 50 % (not given: the largest variance)"),
        ("response", 1.0, "everybody answers (no response rate given)"),
    ):
        missing = np.isnan(figures[name])
        if missing.any():
            figures[name] = np.where(missing, default, figures[name])
            where = "" if missing.all() else f" in {int(missing.sum())} strata"
            said.append(words + where)
    return Assumed(figures["p"], figures["response"], figures["n"], tuple(said))


def _typed(
    strata: Strata, name: str, texts: Sequence[str], into: Floats, problems: list[Problem]
) -> None:
    """Numbers for all strata first, then for one each."""
    for text in sorted(texts, key=lambda t: "=" in t):
        stratum, named, number = text.rpartition("=")
        where = f"--{name} {text}"
        members = [not named or s.base == stratum.strip() for s in strata.strata]
        if not any(members):
            known = [s.base for s in strata.strata]
            problems.append(Problem(where, f"{quoted(stratum)} is not a stratum",
                            nearest(stratum, known), f"--{name} STRATUM=NUMBER"))  # fmt: skip
        elif not _NUMBER.fullmatch(number.strip()):
            problems.append(
                Problem(where, f"{quoted(number)} is no number", "a number", _fix(number))
            )
        else:
            into[members] = float(number)


def _fix(text: str) -> str:
    plain = text.strip().replace(",", ".")
    if plain.endswith("%") and _NUMBER.fullmatch(plain[:-1].strip()):
        return f"type {float(plain[:-1]) / 100:g}"
    return f"type {plain}" if _NUMBER.fullmatch(plain) else "e.g. 0.3"


def _read(strata: Strata, path: Path, shown: str) -> dict[str, Floats]:
    lines = read_lines(path, shown)
    lines.require(strata.columns, "strata")
    given = [name for name in FIGURES if name in lines.header]
    if not given:
        raise refuse(f"{shown}:1", "none of the columns " + ", ".join(FIGURES), "one at least",
                     "name a column n, p or response")  # fmt: skip
    faults = Faults(shown)
    rows = _matched(strata, list(zip(*(lines.column(c) for c in strata.columns), strict=True)),
                    [line for line, _ in lines.rows], faults)  # fmt: skip
    found = {name: np.full(len(strata.strata), np.nan) for name in given}
    for name in given:
        for (line, _), text, members in zip(lines.rows, lines.column(name), rows, strict=True):
            if text and not _NUMBER.fullmatch(text):
                faults.note(line, f"{name}: {quoted(text)}", "a number", _fix(text))
            elif text:
                found[name][members] = float(text)
    faults.raise_all()
    return found


def _matched(
    strata: Strata, keys: list[tuple[str, ...]], lines: list[int], faults: Faults
) -> list[list[int]]:
    """The strata of each line: several where some units are of certainty."""
    place: dict[tuple[str, ...], list[int]] = {}
    for i, s in enumerate(strata.strata):
        place.setdefault(s.codes, []).append(i)
    known = [s.base for s in strata.strata]
    first: dict[tuple[str, ...], int] = {}
    for line, key in zip(lines, keys, strict=True):
        name = " x ".join(key)
        if key not in place:
            faults.note(line, f"{quoted(name)} is not a stratum", nearest(name, known),
                        f"write a stratum of {strata.shown}, or leave the line out")  # fmt: skip
        elif first.setdefault(key, line) != line:
            faults.note(line, f"{quoted(name)} is there twice (first on line {first[key]})", "once",
                        "leave one out")  # fmt: skip
    return [place.get(key, []) for key in keys]
