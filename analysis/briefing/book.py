"""A survey's definition and its published table, and how cells are looked up in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path

import polars as pl

from analysis.briefing.interactive import downloads
from analysis.definition import Survey, load_survey
from analysis.errors import nearest, refuse
from analysis.estimates import WHOLE, cell, cells, read_estimates
from analysis.language import spoken
from analysis.phrasebook import translated
from analysis.project import find_project
from analysis.wording import Estimate, estimates, group_label, stamp, typeset
from analysis.wording.citation import short_digest

_Place = tuple[str, str]  # domain, wave


@dataclass(frozen=True)
class Book:
    """Lookups; every one refuses what does not exist, naming the nearest that does."""

    survey: Survey
    table: pl.DataFrame
    downloads: Path | None = None  # where figures leave what their interactive version needs
    declared: Survey | None = None  # the definition itself, where ``survey`` is a translation
    _known: dict[str, dict[_Place, tuple[Estimate, ...]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def of(cls, survey_id: str) -> Book:
        """The definition and the published table of the project around the working directory."""
        project = find_project()
        declared = load_survey(project.surveys, survey_id)
        survey = translated(declared, project, spoken())
        table = read_estimates(project.estimates(survey_id))
        return cls(survey, table, downloads(project), declared)

    @property
    def filed(self) -> Survey:
        """The definition that the files for download are written with, which are in French."""
        return self.declared or self.survey

    @cached_property
    def _origins(self) -> dict[str, str]:
        """Wave -> where its microdata are from."""
        return dict(self.table.select("wave", "origin").unique().sort("wave").iter_rows())

    def origins(self, waves: Sequence[str] = ()) -> tuple[str, ...]:
        """Where the microdata of these waves, and of those between, are from; of all without."""
        first, last = (min(waves), max(waves)) if waves else ("", "\uffff")
        return tuple(dict.fromkeys(o for w, o in self._origins.items() if first <= w <= last))

    def stamp(self, *waves: str) -> str:
        """What captions say of microdata that were not observed, else ""."""
        return stamp(self.origins(waves))

    @cached_property
    def wave(self) -> str:
        """The latest wave of the table."""
        return str(self.table["wave"].max())

    def latest(self, indicator: str, domain: str = WHOLE) -> str:
        """The latest wave with the indicator, by a domain: a new one may have left it out."""
        return max((w for d, w in self._of(indicator) if d == domain), default=self.wave)

    def dated(self, cell: Estimate, wave: str) -> str:
        """The wave of a cell where the reader would take it for the latest, else ""."""
        return "" if wave or cell.wave == self.wave else cell.wave

    @cached_property
    def digest(self) -> str:
        """A short hash of all the definitions the table was computed with."""
        return short_digest(self.table["definition_hash"].unique().to_list())

    @cached_property
    def whole(self) -> tuple[Estimate, ...]:
        """Every cell about a whole population."""
        return estimates(self.table.filter(pl.col("domain") == WHOLE))

    def one(
        self, indicator: str, wave: str = "", domain: str = WHOLE, group: str = WHOLE,
        category: str = "",
    ) -> Estimate:  # fmt: skip
        """One published cell, of the latest wave that has it unless ``wave`` names another.

        Raises :class:`BaroError` where it is unknown or suppressed.
        """
        when = wave or self.latest(indicator, domain)
        place = (indicator, when, domain, group, category)
        found = self._find(*place)
        if found is None or found.status == "Q":
            cell(self.table, *place)  # it says what is wrong
        return found or self.row(*place)

    def row(
        self, indicator: str, wave: str, domain: str = WHOLE, group: str = WHOLE, category: str = ""
    ) -> Estimate:
        """One cell, published or not; raises :class:`BaroError` where it is unknown."""
        found = self._find(indicator, wave, domain, group, category)
        if found is None:
            cells(self.table, indicator, waves=(wave,), domain=domain)  # it names the nearest
            raise refuse(f"{indicator}, {wave}", f"no cell {domain} = {group} {category}".rstrip())
        return found

    def _find(
        self, indicator: str, wave: str, domain: str, group: str, category: str
    ) -> Estimate | None:
        rows = self._of(indicator).get((domain, wave), ())
        alike = (r for r in rows if r.domain_value == group and r.category == category)
        return next(alike, None)

    def _of(self, indicator: str) -> dict[_Place, tuple[Estimate, ...]]:
        """Domain and wave -> the cells of an indicator, in the order of the table; none if unknown.

        A page asks for many cells of few indicators: each is looked for in the table once.
        """
        if indicator not in self._known:
            rows = estimates(self.table.filter(pl.col("indicator") == indicator))
            ordered = sorted(rows, key=_place)
            self._known[indicator] = {k: tuple(found) for k, found in groupby(ordered, _place)}
        return self._known[indicator]

    def _cells(self, indicator: str, domain: str, wave: str) -> tuple[Estimate, ...]:
        """The cells of one domain in one wave; raises :class:`BaroError` where there are none."""
        found = self._of(indicator).get((domain, wave))
        return found or estimates(cells(self.table, indicator, waves=(wave,), domain=domain))

    def groups(self, indicator: str, domain: str, wave: str = "") -> tuple[Estimate, ...]:
        """One wave by the values of a domain, in the order of the definition.

        Values with nobody in the indicator's population have no row.
        """
        when = wave or self.latest(indicator, domain)
        rows = self._cells(indicator, domain, when)
        if domain not in self.survey.spec.domains:
            raise refuse(f"domain {domain}", "not in the definition",
                         nearest(domain, self.survey.spec.domains), "correct the name")  # fmt: skip
        order = {value: i for i, value in enumerate(self.survey.levels(domain))}
        kept = [r for r in rows if r.n > 0]
        return tuple(sorted(kept, key=lambda r: order.get(r.domain_value, len(order))))

    def answers(self, indicator: str, wave: str = "") -> tuple[Estimate, ...]:
        """The categories of a distribution, in the order of the definition."""
        rows = self._cells(indicator, WHOLE, wave or self.latest(indicator))
        order = list(self.survey.categories(indicator))
        return tuple(sorted(rows, key=lambda r: order.index(r.category)))

    def over_time(self, indicator: str) -> tuple[Estimate, ...]:
        """Every wave of the whole population."""
        waves = sorted(w for d, w in self._of(indicator) if d == WHOLE)
        found = tuple(c for w in waves for c in self._of(indicator)[WHOLE, w])
        return found or estimates(cells(self.table, indicator))  # it names the nearest

    def runs(self, indicator: str) -> tuple[tuple[Estimate, ...], ...]:
        """Published waves in runs that can be compared, lone waves left out.

        Waves whose answers somebody gave are never compared with waves that were made.
        """
        known = {c.wave: c for c in self.over_time(indicator) if c.published}
        alone = {b.wave for b in self.survey.spec.indicators[indicator].not_comparable}
        return tuple(
            tuple(cells)
            for run in self.survey.segments(indicator)
            if not alone.issuperset(run)
            for _, cells in groupby((known[w] for w in run if w in known), lambda c: c.origin)
        )

    def label(self, indicator: str) -> str:
        """The indicator's label."""
        return typeset(self.survey.spec.indicators[indicator].label)

    def domain_label(self, domain: str) -> str:
        """The domain's label."""
        return typeset(self.survey.spec.domains[domain].label)

    def group(self, row: Estimate) -> str:
        """The name of the row's group."""
        return group_label(self.survey, row.domain, row.domain_value)

    def related(self, indicators: Sequence[str]) -> tuple[Estimate, ...]:
        """Every cell of some indicators, in the order of the table."""
        return estimates(self.table.filter(pl.col("indicator").is_in(list(indicators))))


def _place(cell: Estimate) -> _Place:
    return cell.domain, cell.wave
