"""A survey as the rest of the toolkit sees it: typed, resolved over its waves, hashable."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

from analysis.definition.answers import AnswerTable
from analysis.definition.expand import YES, item_name, source_columns
from analysis.definition.leftout import LeftOut, left_out
from analysis.definition.margins import MarginTable
from analysis.definition.models import (
    Break,
    Category,
    DataFile,
    Domain,
    Expanded,
    Indicator,
    Missing,
    Population,
    SurveyFile,
    Variable,
    WaveFile,
    Weighting,
)
from analysis.definition.texts import clean
from analysis.expressions import MISSING_KINDS, Expression, names, parse
from analysis.language import Words


@dataclass(frozen=True)
class Survey:
    """A checked definition.

    spec : survey.yml
    waves : wave -> waves/<wave>.yml, oldest first
    margins : name -> margins/<name>.csv, of those that weightings and the design name
    answers : name -> answers/<name>.csv, of those that waves without microdata are made from
    """

    spec: SurveyFile
    waves: dict[str, WaveFile]
    margins: dict[str, MarginTable] = field(default_factory=dict)
    answers: dict[str, AnswerTable] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The folder's name below ``surveys/``."""
        return self.spec.survey

    def span(self, text: str) -> tuple[str, ...]:
        """The declared waves that ``"2007-2014, 2020-"`` names; ``"all"`` is every wave."""
        found = set(span(text, tuple(self.waves)))
        for wave, w in self.waves.items():  # oldest first: one may follow one that follows
            if w.follows in found:
                found.add(wave)
        return tuple(w for w in self.waves if w in found)

    @cached_property
    def _left_out(self) -> dict[str, LeftOut]:
        """Wave -> what its own file takes out of the spans."""
        spec = self.spec
        return {
            wave: left_out(
                spec,
                w,
                {k: self.universe(k, wave) for k in spec.variables},
                {k: self.population(k, wave) for k in spec.indicators},
                {k: self.reads(k) for k in spec.indicators},
            )
            for wave, w in self.waves.items()
            if w.not_asked or w.without
        }

    def left_out(self, wave: str) -> LeftOut:
        """What the wave's file takes out of the spans of survey.yml."""
        w = self.waves[wave]
        return self._left_out[wave] if w.not_asked or w.without else LeftOut()

    @property
    def files(self) -> dict[str, DataFile]:
        """The raw files: those of survey.yml, then those that a wave brought with it."""
        brought = {w.file: w.edition for w in self.waves.values() if w.edition}
        return {**brought, **self.spec.data.files} if brought else self.spec.data.files

    def waves_of(self, indicator: str) -> tuple[str, ...]:
        """The waves that have the indicator."""
        found = self.span(self.spec.indicators[indicator].waves)
        found += tuple(w for w in self.waves if w not in found and self._back(indicator, w))
        kept = {w for w in found if indicator not in self.left_out(w).indicators}
        return tuple(w for w in self.waves if w in kept)

    def _back(self, indicator: str, wave: str) -> bool:
        """Whether the wave has what the indicator reads, some of it asked again."""
        again = set(self.waves[wave].asked)
        if not again & (read := set(self.reads(indicator))):
            return False
        when = self.population(indicator, wave).when
        return read | set(names(parse(when)) if when else ()) <= self.variables_in(wave).keys()

    def at(self, value: str | dict[str, str], wave: str) -> str | None:
        """``value``, or where it is a mapping of spans the entry that holds ``wave``."""
        if isinstance(value, str):
            return value
        return next((v for waves, v in value.items() if wave in self.span(waves)), None)

    def variables_in(self, wave: str) -> dict[str, Variable]:
        """The variables that the wave asked, in the order of the definition."""
        gone, back = self.left_out(wave).variables, self.waves[wave].asked
        return {
            k: v
            for k, v in self.spec.variables.items()
            if (wave in self.span(v.waves) or k in back) and k not in gone
        }

    def indicators_in(self, wave: str) -> dict[str, Indicator]:
        """The indicators valid in the wave."""
        return {k: v for k, v in self.spec.indicators.items() if wave in self.waves_of(k)}

    def domains_in(self, wave: str) -> dict[str, Domain]:
        """The domains that can be formed in the wave."""
        gone = self.left_out(wave).domains
        declared = self.spec.domains.items()
        return {k: v for k, v in declared if wave in self.span(v.waves) and k not in gone}

    def weightings_in(self, wave: str) -> dict[str, Weighting]:
        """The weightings that the wave has."""
        return {k: v for k, v in self.spec.weighting.items() if wave in self.span(v.waves)}

    def margin(self, name: str, wave: str) -> MarginTable:
        """A margin as it is in that wave."""
        return self.margins[name].at(wave)

    def published_weighting(self, wave: str) -> str:
        """The weighting whose weights the wave's figures are made with; "" for ``weight:``."""
        found = (k for k, v in self.weightings_in(wave).items() if v.role == "published")
        return next(found, "")

    def population(self, indicator: str, wave: str) -> Population:
        """Who the indicator is about in that wave."""
        declared = self.spec.indicators[indicator].population
        name = self.at(declared, wave)
        if name is None and isinstance(declared, dict):
            name = list(declared.values())[-1]  # asked again, about those it was last about
        return self.spec.populations[name or "all"]

    def universe(self, variable: str, wave: str) -> str | None:
        """The population asked in that wave; None for everybody."""
        declared = self.spec.variables[variable].universe
        name = self.waves[wave].universe.get(variable) or self.at(declared, wave)
        if name is None and variable in self.waves[wave].asked and isinstance(declared, dict):
            name = list(declared.values())[-1]  # asked again, of those it was last put to
        return None if name in (None, "all") else name

    @cached_property
    def numeric(self) -> frozenset[str]:
        """The variables compared as numbers or dates, whose kind of missing stands beside."""
        return frozenset(k for k, v in self.spec.variables.items() if v.numeric)

    @cached_property
    def dates(self) -> frozenset[str]:
        """Of these, those that are dates."""
        return frozenset(k for k, v in self.spec.variables.items() if v.type == "date")

    @property
    def multiples(self) -> dict[str, Variable]:
        """The multiple and ranked variables as declared; ``spec`` holds what they stand for."""
        return self.spec.multiples if isinstance(self.spec, Expanded) else {}

    def items_of(self, multiple: str) -> dict[str, str]:
        """Item -> the variable that says whether it was ticked or cited."""
        return {k: item_name(multiple, k) for k in self.multiples[multiple].items}

    @cached_property
    def cut_columns(self) -> dict[str, str]:
        """Column that is cut from a raw column -> that raw column."""
        every = {k: s for n, v in self.multiples.items() for k, s in source_columns(n, v).items()}
        return {k: s for k, s in every.items() if k != s}

    def column(self, variable: str, wave: str) -> str:
        """The raw column of a variable in that wave; empty when it is derived."""
        name = self.spec.variables[variable].column
        name = self.cut_columns.get(name, name)
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
        known = {*v.categories, *MISSING_KINDS}
        everywhere = self.waves[wave].recode.get("all", {})
        out |= {text: code for text, code in everywhere.items() if code in known}
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
        waves = self.waves_of(indicator)
        every = (*self.spec.breaks, *i.breaks, *self._declared_by_waves(indicator))
        found = {b.wave: b for b in every if waves and waves[0] < b.wave <= waves[-1]}
        return tuple(found[w] for w in sorted(found))

    def comparable(self, indicator: str) -> dict[str, int]:
        """Wave -> the group of waves it can be compared with; waves of no group share one, -1."""
        i = self.spec.indicators[indicator]
        groups = i.comparable or self.spec.comparable
        found = {w: k for k, g in enumerate(groups) for w in self.span(g.waves)}
        return {w: found.get(w, -1) for w in self.waves_of(indicator)}

    def _declared_by_waves(self, indicator: str) -> tuple[Break, ...]:
        """The breaks that the files of waves declare at themselves."""
        reasons = {w: f.breaks.get(indicator) or f.breaks.get("all") for w, f in self.waves.items()}
        return tuple(Break(wave=w, reason=r) for w, r in reasons.items() if r)

    def segments(self, indicator: str) -> tuple[tuple[str, ...], ...]:
        """The indicator's waves in runs that can be compared among themselves.

        Breaks cut a group of comparable waves too; waves that are not comparable stand alone.
        """
        i = self.spec.indicators[indicator]
        alone = {b.wave for b in i.not_comparable}
        starts = {b.wave for b in self.breaks(indicator)}
        group = self.comparable(indicator)
        runs: list[list[str]] = []
        latest: dict[int, list[str]] = {}
        for wave in (w for w in group if w not in alone):
            run = latest.get(group[wave])
            if run is None or any(run[-1] < s <= wave for s in starts):
                run = latest[group[wave]] = []
                runs.append(run)
            run.append(wave)
        lone = [(w,) for w in group if w in alone]
        return tuple(sorted([*map(tuple, runs), *lone]))

    def broken(self, indicator: str) -> tuple[str, ...]:
        """Waves that cannot be compared with the one before: breaks, and changes of group."""
        group = self.comparable(indicator)
        changed = {b for a, b in pairwise(group) if group[a] != group[b]}
        changed |= {b.wave for b in self.breaks(indicator)}
        return tuple(w for w in self.waves if w in changed)

    def categories(self, indicator: str) -> dict[str, Category]:
        """The rows an indicator has: one unnamed for a proportion or a mean."""
        i = self.spec.indicators[indicator]
        if i.measure == "distribution":
            kinds = {k: Category(label=str(KIND_LABELS[k])) for k in i.show}
            return self.spec.variables[i.variable].categories | kinds
        if i.measure in ("share_of_respondents", "share_of_mentions"):
            items = self.multiples[i.variable].items
            return {k: Category(label=item.label) for k, item in items.items()}
        if len(i.quantiles) > 1:
            return {quantile_code(q): Category(label=quantile_label(q)) for q in i.quantiles}
        return {"": Category(label=i.label)}

    def percent(self, indicator: str) -> bool:
        """Whether its figures are fractions that are read as per cents."""
        i = self.spec.indicators[indicator]
        return i.measure not in ("mean", "quantile", "ratio") or i.unit == "%"

    @property
    def rounding(self) -> int | None:
        """What counts of respondents are rounded to; None where they are told as they are."""
        rule = self.spec.confidentiality
        return rule.rounding if rule else None

    def unit(self, indicator: str) -> str:
        """The unit of an indicator: "%", or that of what is averaged."""
        i = self.spec.indicators[indicator]
        if self.percent(indicator):
            return "%"
        if i.unit or not i.variable:
            return i.unit
        return self.spec.variables[i.variable].unit

    def reads(self, indicator: str) -> tuple[str, ...]:
        """The variables that decide the numerator, and the denominator that is not the base."""
        i = self.spec.indicators[indicator]
        if i.measure == "proportion":
            return names(self.numerator(indicator))
        if i.measure == "ratio":
            return (i.numerator, i.denominator)
        if i.measure in ("share_of_respondents", "share_of_mentions", "battery"):
            read = (n for item in self.battery(indicator) for n in names(parse(item)))
            return tuple(dict.fromkeys(read))
        return (i.variable,)

    def battery(self, indicator: str) -> tuple[str, ...]:
        """The expressions of a battery, or of the items of a multiple answer."""
        i = self.spec.indicators[indicator]
        if i.variable:
            return tuple(f"{v} == {YES}" for v in self.items_of(i.variable).values())
        return i.items

    def numerator(self, indicator: str) -> Expression:
        """The parsed numerator of a proportion."""
        return parse(self.spec.indicators[indicator].numerator)

    def levels(self, domain: str) -> dict[str, str]:
        """Code -> label of each level of a domain, in the order of the definition.

        The codes of crossed variables are joined with :data:`CROSS`; their labels with a comma,
        the later ones in lower case unless they are names (``proper``).
        """
        if domain not in self._levels:
            self._levels[domain] = self._levels_of(domain)
        return self._levels[domain]

    @cached_property
    def _levels(self) -> dict[str, dict[str, str]]:
        return {}  # those that were asked for: every line of a file asks

    def _levels_of(self, domain: str) -> dict[str, str]:
        d = self.spec.domains[domain]
        made = {"": ""}
        for name in d.crossed:
            made = {
                f"{a}{CROSS}{b}" if a else b: f"{left}, {_after(c.label, name in d.proper)}"
                if a
                else c.label
                for a, left in made.items()
                for b, c in self.spec.variables[name].categories.items()
            }
        return made


KIND_LABELS = {
    "not_asked": Words("Question non posée", "Not asked"),
    "not_applicable": Words("Non concerné", "Not concerned"),
    "dont_know": Words("Ne sait pas", "Don’t know"),
    "refused": Words("Refus de répondre", "Refused"),
    "nonresponse": Words("Sans réponse", "No answer"),
}
CROSS = "."  # no code of a category can hold it


def _after(label: str, proper: bool) -> str:
    """A label after a comma: its capital goes unless it is a name or an abbreviation."""
    return label if proper or label[1:2].isupper() else label[:1].lower() + label[1:]


def quantile_code(share: float) -> str:
    """The code of a quantile: "q50", "q12_5"."""
    return f"q{100 * share:.10g}".replace(".", "_")


def quantile_label(share: float) -> str:
    """The name of a quantile."""
    named = {
        0.5: Words("Médiane", "Median"),
        0.25: Words("Premier quartile", "First quartile"),
        0.75: Words("Troisième quartile", "Third quartile"),
        0.1: Words("Premier décile", "First decile"),
        0.9: Words("Neuvième décile", "Ninth decile"),
    }
    at = f"{100 * share:.10g}"
    other = Words(f"Quantile à {at} %".replace(".", ","), f"Quantile at {at}%")
    return str(named.get(share, other))


def _missing_readings(missing: Missing) -> dict[str, str]:
    return {text: kind for kind in MISSING_KINDS for text in getattr(missing, kind)}


@lru_cache(maxsize=4096)
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
