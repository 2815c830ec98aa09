"""One group beside the rest of the population: every indicator compared, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median

import polars as pl

from analysis.briefing.book import Book
from analysis.briefing.sentences import weight_in
from analysis.estimates import WHOLE
from analysis.wording import Estimate, colon, estimates, population_name, stands_out, typeset
from analysis.wording.findings import from_rest

_EXACT = 1e-9  # two shares that add to 1 but for the rounding of sums
_UNTESTED = ("quantile", "ratio", "share_of_mentions")  # no mean of groups: the rest is unknown


@dataclass(frozen=True, slots=True)
class Compared:
    """One indicator, or one answer to a question.

    z : statistic of the difference from the rest of the population; 0 where it is not tested
    side : 1 significantly above the rest, -1 below, 0 neither
    twin : whether it says the same as another (the share without is one less the share with)
    """

    cell: Estimate
    whole: Estimate
    z: float = 0.0
    side: int = 0
    tested: bool = False
    twin: bool = False


@dataclass(frozen=True)
class Group:
    """A level of a domain in one wave.

    rows : in the order of the definition, those about nobody in the group left out
    """

    book: Book
    domain: str
    level: str
    wave: str
    rows: tuple[Compared, ...]

    @property
    def label(self) -> str:
        """The name of the group."""
        return typeset(self.book.survey.levels(self.domain)[self.level])

    @cached_property
    def n(self) -> int:
        """How many answered: the largest base."""
        return max(r.cell.n for r in self.rows)

    @cached_property
    def margin(self) -> float | None:
        """Median half width of the intervals of its shares; None where none is published."""
        shares = [r.cell for r in self.rows if self.book.survey.percent(r.cell.indicator)]
        widths = [(high - low) / 2 for c in shares for low, high in [c.bounds or (None, None)]
                  if low is not None and high is not None]  # fmt: skip
        return median(widths) if widths else None

    @cached_property
    def tested(self) -> tuple[Compared, ...]:
        """What was compared, each thing once."""
        return tuple(r for r in self.rows if r.tested and not r.twin)

    @cached_property
    def apart(self) -> tuple[Compared, ...]:
        """What sets the group apart, the clearest first."""
        return tuple(sorted((r for r in self.tested if r.side), key=lambda r: -abs(r.z)))

    @cached_property
    def alike(self) -> tuple[Compared, ...]:
        """Where no difference is significant."""
        return tuple(r for r in self.tested if not r.side)

    @cached_property
    def hidden(self) -> int:
        """How many values of the group are not published."""
        return sum(not r.cell.published for r in self.rows)

    @cached_property
    def fragile(self) -> int:
        """How many values of the group are unreliable."""
        return sum(r.cell.published and r.cell.fragile for r in self.rows)

    def theme(self, row: Compared) -> str:
        """The code of its theme."""
        return self.book.survey.spec.indicators[row.cell.indicator].theme

    def answer(self, row: Compared) -> str:
        """The answer, where the indicator has several; else ""."""
        cell = row.cell
        known = self.book.survey.categories(cell.indicator)
        return typeset(known[cell.category].label) if cell.category else ""

    def label_of(self, row: Compared) -> str:
        """The indicator, with its population where that is not everybody."""
        survey, indicator = self.book.survey, row.cell.indicator
        label, who = self.book.label(indicator), population_name(survey, indicator, self.wave)
        everybody = survey.population(indicator, self.wave) == survey.spec.populations["all"]
        return label if everybody or who in label else f"{label} ({who})"

    def name(self, row: Compared) -> str:
        """The same, and the answer where it has several."""
        label, answer = self.label_of(row), self.answer(row)
        return f"{label}{colon()} {answer}" if answer else label


def groups_of(book: Book, domain: str, wave: str) -> tuple[Group, ...]:
    """Every level of a domain that somebody is in, in the order of the definition."""
    wanted = _indicators(book, wave)
    here = (pl.col("wave") == wave) & pl.col("indicator").is_in(list(wanted))
    cells = estimates(book.table.filter(here & pl.col("domain").is_in([domain, WHOLE])))
    known = {(c.domain_value, c.indicator, c.category): c for c in cells}
    found = []
    for level in book.survey.levels(domain):
        pairs = [
            (cell, known[WHOLE, i, category])
            for i in wanted for category in book.survey.categories(i)
            if (cell := known.get((level, i, category))) and cell.n > 0
        ]  # fmt: skip
        if pairs:
            found.append(Group(book, domain, level, wave, _compared(book, pairs)))
    return tuple(found)


def _indicators(book: Book, wave: str) -> tuple[str, ...]:
    """Those with one value, and the questions whose answers are asked for."""
    survey, declared = book.survey, book.survey.spec.fiches
    answers = declared.answers if declared else ()
    one = (i for i in survey.indicators_in(wave) if list(survey.categories(i)) == [""])
    wanted = {*one, *answers}
    return tuple(i for i in survey.spec.indicators if i in wanted)


def _compared(book: Book, pairs: Sequence[tuple[Estimate, Estimate]]) -> tuple[Compared, ...]:
    """Each pair tested, at a level divided by how many things are (Bonferroni)."""
    rows = list(_paired(book, pairs))
    among = max(1, sum(r.tested and not r.twin for r in rows))
    return tuple(replace(r, z=z, side=side) for r in rows for z, side in [_test(book, r, among)])


def _test(book: Book, row: Compared, among: int) -> tuple[float, int]:
    if not row.tested:
        return 0.0, 0
    share = weight_in(book, row.cell, row.whole)
    side = stands_out(row.cell, row.whole, share=share, among=among)
    return from_rest(row.cell, row.whole, share), side


def _paired(book: Book, pairs: Sequence[tuple[Estimate, Estimate]]) -> Iterator[Compared]:
    """Which pairs can be tested, and which say what an earlier one says."""
    seen: list[tuple[Estimate, Estimate]] = []
    for cell, whole in pairs:
        tested = _testable(book, cell, whole)
        twin = tested and any(_adds_up(cell, c) and _adds_up(whole, w) for c, w in seen)
        if tested:
            seen.append((cell, whole))
        yield Compared(cell, whole, tested=tested, twin=twin)


def _testable(book: Book, cell: Estimate, whole: Estimate) -> bool:
    measure = book.survey.spec.indicators[cell.indicator].measure
    sure = all(c.published and not c.fragile and (c.se or 0.0) > 0 for c in (cell, whole))
    return sure and measure not in _UNTESTED and cell.n < whole.n  # else there is no rest


def _adds_up(a: Estimate, b: Estimate) -> bool:
    """Whether two shares are one thing and its contrary, among the same people."""
    return a.n == b.n and abs((a.estimate or 0.0) + (b.estimate or 0.0) - 1.0) < _EXACT
