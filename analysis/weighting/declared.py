"""The weightings that a survey declares, applied to a wave, and what may be told of the result."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import polars as pl

from analysis.definition import MarginTable, Survey
from analysis.design import Floats, SampleDesign
from analysis.errors import BaroError, Problem, nearest, quoted, raise_all
from analysis.expressions import MISSING_KINDS
from analysis.weighting.calibrate import calibrate
from analysis.weighting.distances import Method
from analysis.weighting.report import LARGEST, WeightReport, kish
from analysis.weights import FEWEST, LargeWeight, MarginRow, RatioBin, Spread, WeightSummary

Rows = TypeVar("Rows", pl.DataFrame, pl.LazyFrame)
START = "start of weighting"  # no variable can be called so, nor what follows
STRATUM, COUNT = "stratum of the frame", "population of the stratum"
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_LADDER = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_BINS = 14
_CLOSE = 1e-9


def base_design(
    survey: Survey, wave: str, frame: pl.DataFrame, weight: str = "weight"
) -> SampleDesign:
    """The wave's design with the weights of one column, before any declared weighting.

    Whoever is outside the frame weighs nothing.
    """
    d = survey.spec.design
    strata, fpc = d.strata, d.fpc
    if d.frame:
        frame = in_frame(survey, wave, frame, weight)
        strata, fpc = STRATUM, COUNT
    return SampleDesign(
        frame, weight, strata=strata, clusters=d.clusters, fpc=fpc, sampling=d.sampling,
        lonely_psu=d.lonely_psu,
    )  # fmt: skip


def in_frame(survey: Survey, wave: str, frame: Rows, weight: str) -> Rows:
    """``frame``, in memory or not, with the stratum of each respondent and its population count.

    Respondents of a stratum whose population is 0 are no part of what was surveyed: they weigh
    nothing, and are a stratum of their own in which all were taken, which adds no variance.
    Raises :class:`analysis.errors.BaroError` naming the strata that the frame lacks.
    """
    table = survey.margin(survey.spec.design.frame, wave)
    known = {" x ".join(c): n for c, n in zip(table.categories, table.populations, strict=True)}
    keys = [pl.col(c).cast(pl.String) for c in table.columns]
    made = frame.with_columns(pl.concat_str(keys, separator=" x ").alias(STRATUM))
    counted = made.lazy().group_by(STRATUM).len().sort(STRATUM)
    found = dict(counted.collect(engine="streaming").iter_rows())
    raise_all(
        Problem(f"{table.file}: wave {wave}", f"no stratum {quoted(s)}, which {n} respondents are "
                "in", nearest(s, known), "add its line (population 0: outside the frame), or "
                "recode the respondents")
        for s, n in found.items() if s not in known
    )  # fmt: skip
    counts = {s: known[s] or float(n) for s, n in found.items()}
    inside = pl.col(STRATUM).replace_strict({s: known[s] > 0 for s in found})
    return made.with_columns(
        pl.col(STRATUM).replace_strict(counts, return_dtype=pl.Float64).alias(COUNT),
        pl.when(inside).then(pl.col(weight)).otherwise(0.0).alias(weight),
    )


def wave_design(survey: Survey, wave: str, frame: pl.DataFrame) -> SampleDesign:
    """The design that the wave's figures are published with."""
    name = survey.published_weighting(wave)
    if name:
        return declared_design(survey, wave, name, frame)
    return base_design(survey, wave, frame)


def other_design(survey: Survey, wave: str, name: str, frame: pl.DataFrame) -> SampleDesign:
    """What the published figures are compared with: an alternative, or the weights before it.

    The latter are those of all who answered, whether they are in the frame or not.
    """
    if survey.spec.weighting[name].role == "published":
        d = survey.spec.design
        started = with_start(survey, name, frame)
        return SampleDesign(started, START, strata=d.strata, clusters=d.clusters, fpc=d.fpc,
                            sampling=d.sampling, lonely_psu=d.lonely_psu)  # fmt: skip
    return declared_design(survey, wave, name, frame)


def start_design(survey: Survey, wave: str, name: str, frame: pl.DataFrame) -> SampleDesign:
    """The design with the weights that the weighting starts from."""
    return base_design(survey, wave, with_start(survey, name, frame), START)


def with_start(survey: Survey, name: str, frame: Rows) -> Rows:
    """``frame``, in memory or not, with the weights that a weighting starts from."""
    start = survey.spec.weighting[name].start
    column = pl.lit(1.0) if start == "equal" else pl.col(start)
    return frame.with_columns(column.alias(START))


def declared_design(survey: Survey, wave: str, name: str, frame: pl.DataFrame) -> SampleDesign:
    """The design calibrated as declared; ``report`` of its last step tells what was done.

    Raises :class:`analysis.errors.BaroError` naming weighting, wave, margin and remedy.
    """
    c = calibration(survey, wave, name)
    raise_all(unanswered(survey, wave, name, frame.lazy()))
    with said_as_declared(survey, wave, name):
        design = start_design(survey, wave, name, frame)
        total = float(design.weights.sum()) if c.scaled else None
        return calibrate(design, c.margins, c.method, c.bounds, "", None, total, c.soft)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a declared weighting asks of the weights of a wave.

    margins, method, bounds, soft : as of ``Design.calibrate``
    scaled : to the weights that it starts from, and not to the population of the margins
    """

    margins: dict[tuple[str, ...], dict[tuple[str, ...], float]]
    method: Method
    bounds: tuple[float, float] | None
    soft: dict[tuple[str, ...], float] | None
    scaled: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables that the margins are about, each once."""
        return tuple(dict.fromkeys(c for columns in self.margins for c in columns))


def calibration(survey: Survey, wave: str, name: str) -> Calibration:
    """A declared weighting in a wave."""
    w = survey.spec.weighting[name]
    tables = _tables(survey, wave, name)
    margins = {t.columns: dict(zip(t.categories, t.populations, strict=True)) for t in tables}
    soft = {survey.margins[m].columns: cost for m, cost in w.soft.items()}
    return Calibration(margins, w.method, w.bounds, soft or None, w.total == "respondents")


@contextmanager
def said_as_declared(survey: Survey, wave: str, name: str) -> Iterator[None]:
    """Problems of a calibration told in the words of the definition."""
    try:
        yield
    except BaroError as e:
        where = f"surveys/{survey.id}/survey.yml: weighting.{name}, wave {wave}"
        tables, start = _tables(survey, wave, name), survey.spec.weighting[name].start
        raise BaroError(_declared(p, where, tables, start) for p in e.problems) from e


def _tables(survey: Survey, wave: str, name: str) -> list[MarginTable]:
    return [survey.margin(m, wave) for m in survey.spec.weighting[name].margins]


def unanswered(survey: Survey, wave: str, name: str, frame: pl.LazyFrame) -> Iterator[Problem]:
    """Respondents whom a margin cannot place: they have no answer to its question."""
    for column in calibration(survey, wave, name).columns:
        missing = pl.col(column).cast(pl.String).is_in(MISSING_KINDS)
        lost = frame.filter(missing).select("id").collect(engine="streaming")
        if lost.height:
            yield Problem(
                f"surveys/{survey.id}/survey.yml: weighting.{name}, wave {wave}: {column}",
                f"{lost.height} respondents without an answer, the first {quoted(lost['id'][0])}",
                "an answer from everybody to what margins are about",
                f"leave their rows out (drop: in waves/{wave}.yml), "
                f"or the wave (weighting.{name}.waves)",
            )


def _declared(problem: Problem, where: str, tables: list[MarginTable], start: str) -> Problem:
    """The problem in the words of the definition rather than of the Python call."""
    place = re.sub("^calibrate: ", "", problem.where).replace(START, f"start: {start}")
    for t in tables:
        short = t.file.rpartition("/")[2]
        place = place.replace(f"margin {t.name}", f"margins/{short}")
    return Problem(f"{where}: {place}", problem.found, _typed(problem.expected),
                   _typed(problem.remedy))  # fmt: skip


def _typed(text: str) -> str:
    """Arguments as they are written in survey.yml."""
    text = re.sub(r"soft={[^:]*:\s*([\d.]+)}", r"soft: {<margin>: \1}", text)
    text = re.sub(r"bounds=\(([^)]*)\)", r"bounds: [\1]", text)
    return re.sub(r'(\w+)="(\w+)"', r"\1: \2", text)


def weight_rows(frame: pl.DataFrame, before: SampleDesign, after: SampleDesign) -> pl.DataFrame:
    """id, base_weight, final_weight, ratio (null where the base weight is 0), by row."""
    base, final = pl.Series(before.weights), pl.Series(after.weights)
    made = pl.DataFrame({"id": frame["id"], "base_weight": base, "final_weight": final})
    ratio = pl.when(pl.col("base_weight") > 0).then(pl.col("final_weight") / pl.col("base_weight"))
    return made.with_columns(ratio=ratio)


def summarise(
    survey: Survey, wave: str, name: str, before: SampleDesign, after: SampleDesign, origin: str
) -> WeightSummary:
    """What may be told of a weighting without telling of any respondent."""
    report: WeightReport = after.reports[-1]
    held = before.weights > 0
    ratio = after.weights[held] / before.weights[held]
    published = wave_design(survey, wave, before.frame).weights
    w = survey.spec.weighting[name]
    low, high = w.bounds or (-np.inf, np.inf)
    tables = [survey.margin(m, wave) for m in w.margins]
    soft = {survey.margins[m].name for m in w.soft}
    return WeightSummary(
        survey=survey.id, wave=wave, weighting=name, origin=origin,
        n=int(held.sum()), iterations=report.iterations,
        at_low=int((ratio <= low + _CLOSE).sum()), at_high=int((ratio >= high - _CLOSE).sum()),
        margins=tuple(r for t in tables for r in _margin_rows(t, report, before.frame, published,
                                                              t.name in soft)),
        bins=tuple(ratio_bins(ratio)), largest=tuple(_largest(after.weights[held], ratio)),
        ratios={f"{s:g}": float(v) for s, v in report.ratios.select("share", "ratio").iter_rows()},
        start=_spread(before.weights), published=_spread(published), after=_spread(after.weights),
    )  # fmt: skip


def _spread(weights: Floats) -> Spread:
    return Spread(*kish(weights))


def _margin_rows(
    table: MarginTable, report: WeightReport, frame: pl.DataFrame, published: Floats, soft: bool
) -> Iterator[MarginRow]:
    keys = frame.select(pl.col(table.columns).cast(pl.String)).with_columns(weight=published)
    held = keys.group_by(table.columns, maintain_order=True).agg("weight")
    sums = {tuple(k): math.fsum(v) for *k, v in held.iter_rows()}  # the same bytes on every run
    found = {r["category"]: r for r in report.margins.iter_rows(named=True)
             if r["margin"] == table.name}  # fmt: skip
    for category in table.categories:
        row = found[" x ".join(category)]
        yield MarginRow(table.name, category, row["n"] or 0, row["before"],
                        sums.get(category, 0.0), row["target"], row["after"], soft)  # fmt: skip


def ratio_bins(ratio: Floats) -> Iterator[RatioBin]:
    """Respondents by ratio: a dozen bins at most, with round limits, open ends, none below five.

    Bins are of one width, or of widths that grow with the ratio where ratios are far apart.
    """
    low, high = np.quantile(ratio, (0.02, 0.98))
    step = next((s for s in _STEPS if (high - low) / s <= _BINS - 2), None)
    if step is None:
        edges = np.array([e for e in _LADDER if low < e < high])
    else:
        edges = np.round(step * np.arange(np.floor(low / step) + 1, np.ceil(high / step)), 10)
    counts = np.histogram(ratio, [-np.inf, *edges, np.inf])[0].tolist()
    limits = [None, *(float(e) for e in edges), None]
    bins = [RatioBin(a, b, n) for (a, b), n in zip(pairwise(limits), counts, strict=True)]
    while len(bins) > 1:
        small = next((i for i, b in enumerate(bins) if b.n < FEWEST), None)
        if small is None:
            break
        other = small + 1 if small == 0 else small - 1
        a, b = bins[min(small, other)], bins[max(small, other)]
        bins[min(small, other) : max(small, other) + 1] = [RatioBin(a.low, b.high, a.n + b.n)]
    yield from bins


def _largest(weights: Floats, ratio: Floats) -> Iterator[LargeWeight]:
    """The ten largest of the distinct weights, on a scale where their mean is 1."""
    scaled = np.round(weights / weights.mean(), 2)
    pairs, counts = np.unique(np.c_[scaled, np.round(ratio, 2)], axis=0, return_counts=True)
    for at in np.argsort(-pairs[:, 0], kind="stable")[:LARGEST]:
        n = int(counts[at])
        yield LargeWeight(float(pairs[at, 0]), float(pairs[at, 1]), n if n >= FEWEST else None)
