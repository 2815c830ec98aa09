"""Rows made from ``answers/<name>.csv``: as many of each answer as declared, in each cell.

Counts are kept to the unit; shares become counts by largest remainders among those asked. Who in
a cell gives which answer is drawn with a fixed seed, one variable after the other: how answers go
together is not known, and means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.definition import Survey, Variable
from analysis.definition.answers import Answer, AnswerTable
from analysis.definition.expand import NO, YES, item_name, origins
from analysis.definition.wavechecks import names_of, reads_of
from analysis.demonstration.seed import generator
from analysis.errors import BaroError, Problem, nearest, raise_all, refuse
from analysis.expressions import MISSING_KINDS
from analysis.harmonise import derived
from analysis.validate import kind_column, universe_expression

Places = npt.NDArray[np.int64]


def made_answers(survey: Survey, wave: str) -> pl.DataFrame:
    """The harmonised rows of a wave: "not_asked" outside each universe.

    Raises :class:`analysis.errors.BaroError` where the file says nothing of a variable, counts
    others than those who were asked, or answers what the wave did not ask.
    """
    made = survey.waves[wave].made
    assert made is not None
    table = survey.answers[made.answers]
    cells = [cell for cell, size in table.sizes.items() for _ in range(size)]
    frame = pl.DataFrame(
        {c: pl.Series([cell[i] for cell in cells], dtype=pl.String)
         for i, c in enumerate(table.columns)}
    )  # fmt: skip
    frame = frame.with_columns(list(_unknown(survey, wave, set(table.columns))))
    problems = list(_not_asked(survey, made.answers, table))
    for name, v in _questions(survey, wave, table):
        asked = derived(survey, wave, frame).select(_inside(survey, name, wave)).to_series()
        try:
            frame = frame.with_columns(_answers(survey, wave, name, v, table, cells, asked))
        except BaroError as e:
            problems += e.problems
    raise_all(problems)
    return derived(survey, wave, frame)


def _asked(survey: Survey, wave: str) -> dict[str, Variable]:
    """What was asked, multiple answers as a whole, in the order of the definition."""
    parts = origins(survey.multiples)
    found = {
        parts.get(k, (k, ""))[0]: v for k, v in survey.variables_in(wave).items() if not v.made
    }
    return {whole: survey.multiples.get(whole, v) for whole, v in found.items()}


def _not_asked(survey: Survey, answers: str, table: AnswerTable) -> Iterator[Problem]:
    """Variables with lines that no wave made from the file asked."""
    waves = [k for k, w in survey.waves.items() if w.made and w.made.answers == answers]
    known = {name for wave in waves for name in _asked(survey, wave)}
    for name in dict.fromkeys(n for n, _ in table.lines if n not in known):
        yield Problem(f"{table.file}: {name}", f"not asked in {', '.join(waves)}",
                      nearest(name, known), "remove its lines, or correct its waves:")  # fmt: skip


def _questions(survey: Survey, wave: str, table: AnswerTable) -> Iterator[tuple[str, Variable]]:
    """What was asked and is not known from the cells, each after what decides who is asked it."""
    rest = {k: v for k, v in _asked(survey, wave).items() if k not in table.columns}
    needed = {name: _deciding(survey, wave, name) - {name} for name in rest}
    while rest:
        ready = (name for name in rest if not needed[name] & rest.keys())
        name = next(ready, next(iter(rest)))
        yield name, rest.pop(name)


def _deciding(survey: Survey, wave: str, name: str) -> set[str]:
    """The questions that the universe of one reads, derived variables looked through."""
    parts = origins(survey.multiples)
    universe = survey.universe(_first(survey, name), wave)
    read = names_of(survey.spec.populations[universe].when) if universe else []
    found: set[str] = set()
    while read:
        v = survey.spec.variables[one := read.pop()]
        if v.made:
            read += reads_of(v)
        found.add(parts.get(one, (one, ""))[0])
    return found


def _first(survey: Survey, name: str) -> str:
    """A variable, or the first part of a multiple answer."""
    parts = survey.items_of(name) if name in survey.multiples else {}
    return next(iter(parts.values()), name)


def _inside(survey: Survey, name: str, wave: str) -> pl.Expr:
    """Boolean: those asked; the parts of a multiple answer are asked together."""
    return universe_expression(survey, _first(survey, name), wave).alias(name)


def _unknown(survey: Survey, wave: str, known: set[str]) -> Iterator[pl.Expr]:
    """Empty columns of what is not made yet."""
    for name, v in survey.variables_in(wave).items():
        if v.made or name in known:
            continue
        yield pl.lit(None, dtype=pl.Float64 if v.numeric else pl.String).alias(name)
        if v.numeric:
            yield pl.lit(None, dtype=pl.String).alias(kind_column(name))


def _answers(
    survey: Survey, wave: str, name: str, v: Variable, table: AnswerTable,
    cells: Sequence[tuple[str, ...]], asked: pl.Series,
) -> list[pl.Series]:  # fmt: skip
    """The columns of one question."""
    given = np.full(len(cells), "not_asked", dtype=object)
    inside = asked.fill_null(value=False).to_numpy()
    ticks: dict[str, npt.NDArray[np.object_]] = {k: given.copy() for k in v.items}
    problems: list[Problem] = []
    for cell in table.sizes:
        here = np.flatnonzero(inside & np.array([c == cell for c in cells]))
        if not here.size:
            if counted := sum(a.count or 0 for a in table.lines.get((name, cell), ())):
                problems += _differ(name, table, cell, counted, 0).problems
            continue
        rng = generator(survey.id, wave, name, *cell)
        try:
            if v.several:
                _tick(name, v, table, cell, rng.permutation(here), ticks)
            else:
                given[rng.permutation(here)] = _repeated(name, table, cell, len(here))
        except BaroError as e:
            problems += e.problems
    raise_all(problems)
    if v.several:
        return [pl.Series(item_name(name, k), t, dtype=pl.String) for k, t in ticks.items()]
    return _columns(name, v, given)


def _columns(name: str, v: Variable, given: npt.NDArray[np.object_]) -> list[pl.Series]:
    if not v.numeric:
        return [pl.Series(name, given, dtype=pl.String)]
    numbers = [None if x in MISSING_KINDS else float(x) for x in given]
    kinds = [x if x in MISSING_KINDS else None for x in given]
    return [pl.Series(name, numbers, dtype=pl.Float64),
            pl.Series(kind_column(name), kinds, dtype=pl.String)]  # fmt: skip


def _repeated(name: str, table: AnswerTable, cell: tuple[str, ...], asked: int) -> list[str]:
    """Each answer as often as it is given; their number is that of those asked."""
    lines = _lines(name, table, cell)
    counts = _counts(lines, asked)
    if sum(counts) != asked:
        raise _differ(name, table, cell, sum(counts), asked)
    return [a.answer for a, n in zip(lines, counts, strict=True) for _ in range(n)]


def _tick(
    name: str, v: Variable, table: AnswerTable, cell: tuple[str, ...], here: Places,
    ticks: dict[str, npt.NDArray[np.object_]],
) -> None:  # fmt: skip
    """Items to the people ``here``, in a round: everybody ticks one before anybody ticks two."""
    lines = _lines(name, table, cell)
    missing = [a for a in lines if a.answer in MISSING_KINDS]
    counts = [_half_up(a.count if a.count is not None else (a.share or 0.0) * len(here))
              for a in missing]  # fmt: skip
    answering = len(here) - sum(counts)
    silent = np.split(here[max(answering, 0) :], np.cumsum(counts)[:-1]) if counts else []
    for a, people in zip(missing, silent, strict=True):
        for column in ticks.values():
            column[people] = a.answer
    people = here[: max(answering, 0)]
    items = [a for a in lines if a.answer not in MISSING_KINDS]
    ticked = [_half_up(a.count if a.count is not None else (a.share or 0.0) * len(here))
              for a in items]  # fmt: skip
    if answering < 0 or max(ticked, default=0) > len(people):
        raise _differ(name, table, cell, max([sum(counts), *ticked]), len(here))
    for column in ticks.values():
        column[people] = NO
    at = 0
    for a, n in zip(items, ticked, strict=True):
        ticks[a.answer][people[(at + np.arange(n)) % max(len(people), 1)]] = YES
        at += n
    if v.none != "answer" and sum(ticked) < len(people):
        for column in ticks.values():
            column[people[sum(ticked) :]] = v.none


def _lines(name: str, table: AnswerTable, cell: tuple[str, ...]) -> tuple[Answer, ...]:
    lines = table.of(name, cell)
    if not lines:
        raise refuse(f"{table.file}: {' x '.join(cell)}", f"nothing is said of {name}",
                     "its answers, with counts or shares",
                     f"add lines of variable {name}")  # fmt: skip
    return lines


def _counts(lines: Sequence[Answer], asked: int) -> list[int]:
    """Counts as declared, or shares of those asked by largest remainders."""
    if all(a.count is not None for a in lines):
        return [a.count or 0 for a in lines]
    exact = np.array([a.share or 0.0 for a in lines])
    exact = exact / exact.sum() * asked
    counts = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - counts), kind="stable")[: asked - int(counts.sum())]
    counts[rest] += 1
    return [int(n) for n in counts]


def _half_up(x: float) -> int:
    return int(np.floor(x + 0.5))


def _differ(
    name: str, table: AnswerTable, cell: tuple[str, ...], found: int, asked: int
) -> BaroError:
    return refuse(
        f"{table.file}: {' x '.join(cell)}, {name}",
        f"{found} answers",
        f"{asked}, those who were asked",
        "correct the counts, or those of the question that decides who is asked",
    )
