"""A survey as the rest of the toolkit sees it: typed, resolved over its waves, hashable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from analysis.definition.models import (
    Break,
    Category,
    Domain,
    Indicator,
    Missing,
    Population,
    SurveyFile,
    Variable,
    WaveFile,
)
from analysis.definition.texts import clean
from analysis.expressions import MISSING_KINDS, Expression, names, parse


@dataclass(frozen=True)
class Survey:
    """A checked definition.

    spec : survey.yml
    waves : wave -> waves/<wave>.yml, oldest first
    """

    spec: SurveyFile
    waves: dict[str, WaveFile]

    @property
    def id(self) -> str:
        """The folder's name below ``surveys/``."""
        return self.spec.survey

    def span(self, text: str) -> tuple[str, ...]:
        """The declared waves that ``"2007-2014, 2020-"`` names; ``"all"`` is every wave."""
        return span(text, tuple(self.waves))

    def at(self, value: str | dict[str, str], wave: str) -> str | None:
        """``value``, or where it is a mapping of spans the entry that holds ``wave``."""
        if isinstance(value, str):
            return value
        return next((v for waves, v in value.items() if wave in self.span(waves)), None)

    def variables_in(self, wave: str) -> dict[str, Variable]:
        """The variables that the wave asked, in the order of the definition."""
        return {k: v for k, v in self.spec.variables.items() if wave in self.span(v.waves)}

    def indicators_in(self, wave: str) -> dict[str, Indicator]:
        """The indicators valid in the wave."""
        return {k: v for k, v in self.spec.indicators.items() if wave in self.span(v.waves)}

    def domains_in(self, wave: str) -> dict[str, Domain]:
        """The domains that can be formed in the wave."""
        return {k: v for k, v in self.spec.domains.items() if wave in self.span(v.waves)}

    def population(self, indicator: str, wave: str) -> Population:
        """Who the indicator is about in that wave."""
        name = self.at(self.spec.indicators[indicator].population, wave)
        return self.spec.populations[name or "all"]

    def universe(self, variable: str, wave: str) -> str | None:
        """The population asked in that wave; None for everybody."""
        name = self.at(self.spec.variables[variable].universe, wave)
        return None if name in (None, "all") else name

    @cached_property
    def numeric(self) -> frozenset[str]:
        """The variables compared as numbers."""
        return frozenset(k for k, v in self.spec.variables.items() if v.numeric)

    def column(self, variable: str, wave: str) -> str:
        """The raw column of a variable in that wave; empty when it is derived."""
        name = self.spec.variables[variable].column
        return self.waves[wave].rename.get(name, name)

    def readings(self, variable: str, wave: str) -> dict[str, str]:
        """Cleaned raw text -> category or kind of missing, all corrections of the wave applied.

        See :mod:`analysis.definition.texts` for what cleaning leaves out.
        """
        v = self.spec.variables[variable]
        out = {t: code for code, c in v.categories.items() for t in c.texts}
        for missing in (self.spec.missing, v.missing):
            out |= _missing_readings(missing)
        for correction in v.corrections:
            if wave in self.span(correction.waves):
                out |= correction.recode
        for text in self.filled(variable, wave):
            out[text] = "not_asked"
        out |= self.waves[wave].recode.get(variable, {})
        return {clean(text): code for text, code in out.items()}

    def filled(self, variable: str, wave: str) -> tuple[str, ...]:
        """The texts that stand where nothing was asked."""
        fills = self.spec.variables[variable].filled
        declared = [t for f in fills if wave in self.span(f.waves) for t in f.value]
        return (*declared, *self.waves[wave].filled.get(variable, ()))

    def breaks(self, indicator: str) -> tuple[Break, ...]:
        """Breaks of the survey and of the indicator, oldest first, within its waves."""
        i = self.spec.indicators[indicator]
        waves = self.span(i.waves)
        every = (*self.spec.breaks, *i.breaks)
        found = {b.wave: b for b in every if waves and waves[0] < b.wave <= waves[-1]}
        return tuple(found[w] for w in sorted(found))

    def segments(self, indicator: str) -> tuple[tuple[str, ...], ...]:
        """The indicator's waves in runs that can be compared among themselves."""
        i = self.spec.indicators[indicator]
        alone = {b.wave for b in i.not_comparable}
        starts = {b.wave for b in self.breaks(indicator)}
        runs: list[list[str]] = []
        for wave in (w for w in self.span(i.waves) if w not in alone):
            crossed = not runs or any(runs[-1][-1] < s <= wave for s in starts)
            runs = [*runs, [wave]] if crossed else [*runs[:-1], [*runs[-1], wave]]
        lone = [(w,) for w in self.span(i.waves) if w in alone]
        return tuple(sorted([*map(tuple, runs), *lone]))

    def categories(self, indicator: str) -> dict[str, Category]:
        """The rows an indicator has: one unnamed for a proportion or a mean."""
        i = self.spec.indicators[indicator]
        if i.measure != "distribution":
            return {"": Category(label=i.label)}
        return self.spec.variables[i.variable].categories

    def reads(self, indicator: str) -> tuple[str, ...]:
        """The variables that decide the numerator."""
        i = self.spec.indicators[indicator]
        return names(self.numerator(indicator)) if i.measure == "proportion" else (i.variable,)

    def numerator(self, indicator: str) -> Expression:
        """The parsed numerator of a proportion."""
        return parse(self.spec.indicators[indicator].numerator)


def _missing_readings(missing: Missing) -> dict[str, str]:
    return {text: kind for kind in MISSING_KINDS for text in getattr(missing, kind)}


def span(text: str, waves: tuple[str, ...]) -> tuple[str, ...]:
    """The waves that a span text names, in order; raises ValueError when it names none.

    ``"2011"``, ``"2007-2014"``, ``"2015-"``, several with commas, or ``"all"``. A range may
    pass over years in which there was no wave; a single year must be a wave.
    """
    if text.strip() == "all":
        return waves
    found: set[str] = set()
    for part in (p.strip() for p in text.split(",")):
        match = re.fullmatch(r"(\w+)(?:\s*[-–]\s*(\w*))?", part)
        if match is None:
            raise ValueError(f'"{part}" is not a wave or a range of waves')
        first, last = match[1], match[2]
        if last is None and first not in waves:
            raise ValueError(f'"{first}" is not a wave')
        hit = {w for w in waves if first <= w <= (first if last is None else last or max(waves))}
        if not hit:
            raise ValueError(f'"{part}" holds no wave')
        found |= hit
    return tuple(w for w in waves if w in found)
