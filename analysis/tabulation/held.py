"""The same estimates with the sums made by an engine: what is measured is a file written for it.

The file has a row a respondent: what the design reads, "domain 0"… (the level in each domain, null
without one), "base 0"… (whether in the base of an indicator), "value 0"… and "below 0"… (value and
denominator of each measure, null outside its base), and the variables that weights are calibrated
on. Names of variables have no space: none can be in the way of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from analysis.definition import Survey
from analysis.design import Floats
from analysis.engines import Engine, HeldDesign, opened
from analysis.engines.describing import spread
from analysis.engines.estimates import mean_estimates, ratio_numbers
from analysis.engines.measures import mean_measures, ratio_measures
from analysis.engines.passes import LevelSums, Terms, level_labels, level_sums
from analysis.engines.passes import Measure as Summed
from analysis.engines.quantiles import held_columns
from analysis.engines.sample import HeldSample
from analysis.errors import raise_all
from analysis.estimates import WHOLE
from analysis.estimators.options import DEFAULT
from analysis.estimators.ratio import RatioEstimates
from analysis.tabulation.measures import Measure
from analysis.tabulation.passes import QUANTILE, as_estimates, level_expressions, ratio_estimates
from analysis.tabulation.rows import Cells
from analysis.weighting.declared import (
    COUNT,
    START,
    STRATUM,
    calibration,
    in_frame,
    said_as_declared,
    unanswered,
    with_start,
)

Found = tuple[pl.DataFrame, RatioEstimates]  # of a grouping: its labels, and (levels, columns)
_WEIGHT = "the weight"
_DESIGN = {"strata": "the stratum", "clusters": "the psu", "fpc": "the count"}


@dataclass(frozen=True, slots=True)
class _Held:
    """A wave as an engine sees it.

    sample : its design ; columns : all that is measured ; domains : {column of the file: name}
    """

    survey: Survey
    sample: HeldSample
    columns: list[Measure]
    domains: dict[str, str]

    def places(self, kind: str) -> list[int]:
        """The places of the measures of a kind."""
        return [k for k, m in enumerate(self.columns) if m.kind == kind]

    @property
    def groupings(self) -> list[list[str]]:
        """Everybody, then each domain."""
        return [[], *([d] for d in self.domains)]

    def base(self, place: int) -> str:
        """The column that says who is in the base of a measure."""
        return f"base {_indicators(self.columns).index(self.columns[place].indicator)}"

    def sums(self, terms: Terms) -> list[LevelSums]:
        """The sums of each grouping."""
        s = self.sample
        return level_sums(s.rows, s.keys, s.cluster, s.strata, terms, self.groupings, s.progress)

    def counted(self, terms: Terms, places: list[int]) -> list[Summed]:
        """Measures that everybody in the base counts in: what a base is worth."""
        known = [nw.col(f"value {k}").is_finite() for k in places]
        return [terms.share(f"known {k}", "", e, e) for k, e in zip(places, known, strict=True)]

    def order(self, by: list[str], labels: pl.DataFrame) -> tuple[list[int], list[tuple[str, str]]]:
        """The levels of a grouping in the order of the definition, and their places."""
        if not by:
            return [0], [(WHOLE, WHOLE)]
        name = self.domains[by[0]]
        found = labels[by[0]].to_list()
        declared = [c for c in self.survey.levels(name) if c in found]
        return [found.index(c) for c in declared], [(name, c) for c in declared]


def held_cells(
    survey: Survey, wave: str, frame: pl.LazyFrame, columns: list[Measure], path: Path,
    engine: Engine,
) -> Iterator[Cells]:  # fmt: skip
    """Means and shares, ratios, quantiles of the wave, each cell as in memory."""
    aside = path.with_name(f"{path.stem}.measured.parquet")  # Spark reads none with a dot first
    try:
        roles = _write(survey, wave, frame, columns, aside)
        with opened(aside, engine) as rows:
            sample = _sample(survey, wave, rows, roles, engine)
            held = _Held(survey, sample, columns, _domains(survey, wave, aside))
            passes = {"mean": _means, "ratio": _ratios, "quantile": _quantiles}
            for kind, estimated in passes.items():
                if places := held.places(kind):
                    yield _cells(held, places, estimated(held, places))
    finally:
        aside.unlink(missing_ok=True)


def _write(
    survey: Survey, wave: str, frame: pl.LazyFrame, columns: list[Measure], path: Path
) -> dict[str, str]:
    """Write what is measured, and say which column has which role in the design, "" for none."""
    d, weighting = survey.spec.design, survey.published_weighting(wave)
    named, weight = {"strata": d.strata, "clusters": d.clusters, "fpc": d.fpc}, "weight"
    variables: tuple[str, ...] = ()
    if weighting:
        raise_all(unanswered(survey, wave, weighting, frame))
        variables = calibration(survey, wave, weighting).columns
        frame, weight = with_start(survey, weighting, frame), START
    if d.frame:
        frame = in_frame(survey, wave, frame, weight)
        named |= {"strata": STRATUM, "fpc": COUNT}
    design = {role: column for role, column in named.items() if column}
    frame.select(
        pl.col(weight).cast(pl.Float64).alias(_WEIGHT),
        *(pl.col(column).alias(_DESIGN[role]) for role, column in design.items()),
        *(pl.col(v).cast(pl.String) for v in variables),
        *_levels(survey, wave),
        *_measured(columns),
    ).sink_parquet(path)
    return {role: name if role in design else "" for role, name in _DESIGN.items()}


def _sample(
    survey: Survey, wave: str, rows: object, roles: dict[str, str], engine: Engine
) -> HeldSample:
    """The design that the wave's figures are published with."""
    d, weighting = survey.spec.design, survey.published_weighting(wave)
    design = HeldDesign(rows, _WEIGHT, strata=roles["strata"], clusters=roles["clusters"],
                        fpc=roles["fpc"], sampling=d.sampling, lonely_psu=d.lonely_psu,
                        progress=engine.progress)  # fmt: skip
    if not weighting:
        return design
    c = calibration(survey, wave, weighting)
    total = design.strata.population if c.scaled else None
    with said_as_declared(survey, wave, weighting):
        return design.calibrate(c.margins, c.method, bounds=c.bounds, total=total, soft=c.soft)


def _levels(survey: Survey, wave: str) -> Iterator[pl.Expr]:
    for k, (name, level) in enumerate(level_expressions(survey, wave).items()):
        yield pl.when(level.is_in(list(survey.levels(name)))).then(level).alias(f"domain {k}")


def _measured(columns: list[Measure]) -> Iterator[pl.Expr]:
    """The base of each indicator, the value of each measure."""
    bases = {m.indicator: m.base for m in columns}
    for k, name in enumerate(_indicators(columns)):
        yield bases[name].alias(f"base {k}")
    for k, m in enumerate(columns):
        value = m.value.cast(pl.Boolean if m.proportion else pl.Float64)
        yield pl.when(m.base).then(value).alias(f"value {k}")
        if m.denominator is not None:
            yield pl.when(m.base).then(m.denominator.cast(pl.Float64)).alias(f"below {k}")


def _indicators(columns: list[Measure]) -> list[str]:
    return list(dict.fromkeys(m.indicator for m in columns))


def _domains(survey: Survey, wave: str, path: Path) -> dict[str, str]:
    """The domains that somebody is in, by the column of their levels."""
    named = {f"domain {k}": name for k, name in enumerate(survey.domains_in(wave))}
    filled = pl.scan_parquet(path).select(pl.col(list(named)).is_not_null().any())
    there = filled.collect(engine="streaming")
    return {column: name for column, name in named.items() if there[column].item()}


def _cells(
    held: _Held, places: list[int], found: list[tuple[pl.DataFrame, RatioEstimates]]
) -> Cells:
    """The estimates of all groupings below one another, levels in the order of the definition."""
    parts, levels = [], []
    for by, (labels, e) in zip(held.groupings, found, strict=True):
        order, named = held.order(by, labels)
        parts.append([getattr(e, f.name)[order] for f in fields(e)])
        levels += named
    stacked = RatioEstimates(*(np.vstack(arrays) for arrays in zip(*parts, strict=True)))
    return Cells(stacked, [held.columns[k] for k in places], levels)


def _means(held: _Held, places: list[int]) -> list[Found]:
    """Shares and means, (levels, columns) of each grouping."""
    terms = held.sample.terms()
    plain = [k for k in places if not held.columns[k].proportion]
    numeric = mean_measures(held.sample.rows, [f"value {k}" for k in plain], terms) if plain else []
    by_place = dict(zip(plain, numeric, strict=True))
    measures = [
        by_place[k] if k in by_place
        else terms.share(held.base(k), str(k), nw.col(f"value {k}"), nw.col(held.base(k)))
        for k in places
    ]  # fmt: skip
    found = []
    for sums in held.sums(terms):
        varied = spread(held.sample, held.sample.rows, terms, sums, measures, "mean")
        e = mean_estimates(sums, measures, varied, held.sample.facts, DEFAULT)
        found.append((sums.labels, e))
    return found


def _ratios(held: _Held, places: list[int]) -> list[Found]:
    """Ratios of totals, with what their bases are worth."""
    sample = held.sample
    terms, facts = sample.terms(), sample.facts
    tops, bottoms = ([f"{c} {k}" for k in places] for c in ("value", "below"))
    measures = ratio_measures(sample.rows, tops, bottoms, terms)
    bases = held.counted(terms, places)
    columns = [held.columns[k] for k in places]
    found = []
    for sums in held.sums(terms):
        base = mean_estimates(sums, bases, None, facts, DEFAULT)
        varied = spread(sample, sample.rows, terms, sums, measures, "ratio")
        numbers = ratio_numbers(sums, measures, varied, facts, DEFAULT)
        found.append((sums.labels, ratio_estimates(numbers | _worth(base), columns)))
    return found


def _quantiles(held: _Held, places: list[int]) -> list[Found]:
    """Quantiles, a variable and grouping at a time."""
    sample = held.sample
    terms = sample.terms()
    bases = held.counted(terms, places)
    found = []
    labels = level_labels(sample.rows, held.groupings[1:])
    for sums, named in zip(held.sums(terms), [pl.DataFrame(), *labels], strict=True):
        base = mean_estimates(sums, bases, None, sample.facts, DEFAULT)
        parts = [_of_one(sample, k, held.columns[k].share, named) for k in places]
        numbers = {c: np.hstack([part[c] for part in parts]) for c in parts[0]}
        found.append((named, as_estimates(numbers | {"n_kish": base.n_kish})))
    return found


def _of_one(
    sample: HeldSample, place: int, share: float, labels: pl.DataFrame
) -> dict[str, Floats]:
    name = f"value {place}"
    return held_columns(sample, sample.rows, name, labels, np.array([share]), "math", QUANTILE)


def _worth(base: RatioEstimates) -> dict[str, Floats]:
    """What the ratios of a base do not tell of it themselves."""
    return {"n_kish": base.n_kish, "df_domain": base.df_domain.astype(np.float64)}
