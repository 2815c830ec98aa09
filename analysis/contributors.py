"""The rows of :mod:`analysis.disclosure.standing`: who stands behind each cell of a wave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.definition import Survey
from analysis.design import Floats, Integers, SampleDesign
from analysis.design.arrays import Flags
from analysis.disclosure.standing import SCHEMA, level
from analysis.errors import BaroError, refuse
from analysis.expressions import MISSING_KINDS
from analysis.partitions import Partition, finest
from analysis.tabulation import Measure, domain_levels, matrices, measures
from analysis.weighting.declared import wave_design

MOST = 60  # atoms that are told apart at once; beyond, the finest domains, linked
MOST_ROUND = 200  # of domains that go round, which cannot be linked
_SEED = 20_231  # of the fingerprints: any, but always the same


@dataclass(frozen=True, slots=True)
class _Answers:
    """(n, K) of each respondent and measure: value, whether in the base, what values are over."""

    values: Floats
    base: Floats
    below: Floats


def contributors(survey: Survey, wave: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Counts behind every measure of the wave, as :data:`analysis.disclosure.standing.SCHEMA`.

    frame : the harmonised rows of the wave
    """
    columns = measures(survey, wave)
    if not columns:
        return pl.DataFrame(schema=SCHEMA)
    levels, codes = domain_levels(survey, wave, frame)
    codes = [code for code in codes if code.max() >= 0]  # a domain that nobody is in has no levels
    values, base = matrices(frame, columns)
    answers = _Answers(values, base, _below(frame, columns, base))
    design = wave_design(survey, wave, frame)
    described = _measures(survey, columns, values, base)
    views = _views(survey, wave, levels, codes)
    parts = [_view(view, described, answers, design) for view in views]
    return pl.concat(parts).select(pl.col(c).cast(t) for c, t in SCHEMA.items())


def _views(
    survey: Survey, wave: str, levels: list[tuple[str, str]], codes: list[Integers]
) -> Iterator[Partition]:
    """All domains at once where their crossings are few, else the finest of them, linked."""
    joint, atom = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
    if len(joint) <= MOST:
        domains = list(dict.fromkeys(d for d, _ in levels))
        names = [[level(d, v) for d, v in levels if d == domain] for domain in domains]
        named = [_named(names, row) for row in joint]
        yield Partition("", atom.astype(np.int64), named, [[] for _ in named])
        return
    for view in finest(levels, codes):
        if view.joined and len(view.levels) > MOST_ROUND:
            raise _too_many(survey, wave, view)
        yield view


def _too_many(survey: Survey, wave: str, view: Partition) -> BaroError:
    """Domains that can be protected neither two by two nor all at once."""
    return refuse(
        f"surveys/{survey.id}/survey.yml: domains, wave {wave}",
        f"{view.name} go round: each is linked with the next, {len(view.levels)} groups in all",
        f"domains that share their variables as a tree does, or {MOST_ROUND} groups at most",
        "publish one crossing less, or name it for some waves only, under confidentiality:",
    )


def _named(names: list[list[str]], row: Integers) -> list[str]:
    return [of[code] for of, code in zip(names, row, strict=True) if code >= 0]


def _measures(survey: Survey, columns: list[Measure], values: Floats, base: Floats) -> pl.DataFrame:
    """One row a measure: what it is, and the fingerprints of its people."""
    people = np.random.default_rng(_SEED).integers(1, 2**63, len(values), dtype=np.uint64)
    indicators = survey.spec.indicators
    return pl.DataFrame(
        {
            "measure": range(len(columns)),
            "indicator": [m.indicator for m in columns],
            "category": [m.category for m in columns],
            "kind": [_kind(m) for m in columns],
            "parts": [indicators[m.indicator].measure == "distribution" for m in columns],
            "missing": [m.category in MISSING_KINDS for m in columns],
            "who_count": _fingerprints(values > 0, people),
            "who_base": _fingerprints(base > 0, people),
        },
        schema_overrides={"who_count": pl.UInt64, "who_base": pl.UInt64},
    )


def _kind(measure: Measure) -> str:
    if measure.proportion:
        return "share"
    if measure.method.startswith("mentions"):
        return "mention"
    if measure.method.startswith("battery"):
        return "battery"
    return "amount" if measure.kind == "mean" else measure.kind


def _below(frame: pl.DataFrame, columns: list[Measure], base: Floats) -> Floats:
    """What values are summed over: everybody counts once, but where a total is divided by another.

    Of a quantile, the part of a respondent that is on its shorter side.
    """
    made = base.copy()
    for k, m in enumerate(columns):
        if m.kind == "quantile":
            made[:, k] *= min(m.share, 1 - m.share)
        elif m.denominator is not None:
            found = frame.select(m.denominator.cast(pl.Float64).fill_null(0.0)).to_series()
            made[:, k] *= found.to_numpy()
    return made


def _fingerprints(inside: Flags, people: NDArray[np.uint64]) -> list[int]:
    """Sums of numbers drawn for each respondent: that of a union is the sum of its parts' sums."""
    with np.errstate(over="ignore"):
        return [int(people[inside[:, k]].sum(dtype=np.uint64)) for k in range(inside.shape[1])]


def _view(
    view: Partition, described: pl.DataFrame, answers: _Answers, design: SampleDesign
) -> pl.DataFrame:
    numbers = range(len(view.levels))
    return pl.concat(_atom(view, number, described, answers, design) for number in numbers)


def _atom(
    view: Partition, number: int, described: pl.DataFrame, answers: _Answers, design: SampleDesign
) -> pl.DataFrame:
    rows = np.flatnonzero(view.atom == number)
    weights = design.weights[rows]
    values, base = answers.values[rows], answers.base[rows]
    worth = np.abs(values) * weights[:, None]
    counted = described["kind"] == "quantile"
    below = answers.below[rows] * np.where(counted, 1.0, weights[:, None])
    same = {"view": view.name, "atom": number, "respondents": len(rows), "weight": weights.mean(),
            "population": _population(design, rows)}  # fmt: skip
    lists = {"levels": view.levels[number], "blocks": view.blocks[number]}
    return described.with_columns(
        *(pl.lit(v, dtype=SCHEMA[k]).alias(k) for k, v in same.items()),
        *(pl.Series(k, [v] * described.height, dtype=SCHEMA[k]) for k, v in lists.items()),
        pl.Series("count", (values > 0).sum(axis=0)),
        pl.Series("base", (base > 0).sum(axis=0)),
        pl.Series("full", (values >= 1).sum(axis=0)),
        pl.Series("amount", worth.sum(axis=0)),
        pl.Series("largest", worth.max(axis=0)),
        pl.Series("second", np.sort(worth, axis=0)[-2] if len(rows) > 1 else 0.0 * worth[0]),
        pl.Series("below", below.sum(axis=0)),
        pl.Series("below_largest", np.abs(below).max(axis=0)),
    ).select(pl.col(c).cast(t) for c, t in SCHEMA.items())


def _population(design: SampleDesign, rows: Integers) -> float | None:
    """How many there are of them: known where whole strata of respondents were counted."""
    counts = design.population_counts
    if counts is None or not design.element:
        return None
    return float(sum(
        counts[h] * (design.stratum[rows] == h).sum() / (design.stratum == h).sum()
        for h in np.unique(design.stratum[rows])
    ))  # fmt: skip
