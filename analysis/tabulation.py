"""Every indicator × domain of a wave in bulk: one pass, then the rows of the table of estimates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.definition import Survey
from analysis.design import Floats, SampleDesign
from analysis.errors import Problem, raise_all
from analysis.estimates import SCHEMA, WHOLE
from analysis.estimators.ratio import RatioEstimates, estimate_ratios
from analysis.expressions import MISSING_KINDS, compile_expression
from analysis.validate import kind_expression, population_expression, unasked_expressions
from analysis.variance import Membership

_PROPORTION = "proportion; linearized; logit; deff=wr"
_CONSTANT = "proportion; linearized; korn-graubard; deff=none"
_MEAN = "mean; linearized; wald; deff=wr"


@dataclass(frozen=True, slots=True)
class Measure:
    """One column of the pass: who is in the base, and the value counted or averaged.

    base : polars Boolean; value : polars number, read inside the base only
    """

    indicator: str
    category: str
    base: pl.Expr
    value: pl.Expr
    proportion: bool


def tabulate(
    survey: Survey, wave: str, frame: pl.DataFrame, *, origin: str, definition_hash: str
) -> pl.DataFrame:
    """The wave's rows of the table of estimates, before any rule of publication.

    frame : the harmonised rows of the wave (:mod:`analysis.harmonise`)

    Raises :class:`analysis.errors.BaroError` naming the indicators whose population holds
    people who were not asked.
    """
    raise_all(unasked(survey, wave, frame))
    d = survey.spec.design
    design = SampleDesign(
        frame, "weight", strata=d.strata, clusters=d.clusters, fpc=d.fpc, sampling=d.sampling
    )
    columns = measures(survey, wave)
    if not columns:
        return pl.DataFrame(schema=SCHEMA)
    values, base = _matrices(frame, columns)
    proportion = np.array([m.proportion for m in columns], dtype=np.bool_)
    levels, members = _levels(survey, wave, frame)
    found = estimate_ratios(values, base, proportion, members, design)
    return (
        _rows(found, columns, levels)
        .with_columns(
            survey=pl.lit(survey.id),
            wave=pl.lit(wave),
            status=pl.lit("A"),
            origin=pl.lit(origin),
            definition_hash=pl.lit(definition_hash),
        )
        .select(pl.col(c).cast(t) for c, t in SCHEMA.items())
    )


def measures(survey: Survey, wave: str) -> list[Measure]:
    """What the wave measures; a distribution gives one measure a category."""
    return [
        Measure(
            name,
            category,
            base_expression(survey, name, wave),
            _value(survey, name, category),
            survey.spec.indicators[name].measure != "mean",
        )
        for name in survey.indicators_in(wave)
        for category in survey.categories(name)
    ]


def base_expression(survey: Survey, indicator: str, wave: str) -> pl.Expr:
    """Boolean: the row counts in the denominator. NA is out of the base.

    ``everyone`` keeps those a filter passed over, ``asked`` drops them, ``answered`` drops
    every kind of missing answer. Nobody who was not asked is ever in a base.
    """
    i = survey.spec.indicators[indicator]
    out = {
        "everyone": ["not_asked"],
        "asked": ["not_asked", "not_applicable"],
        "answered": list(MISSING_KINDS),
    }["answered" if i.measure == "mean" else i.base]
    made = population_expression(survey, indicator, wave)
    for name in survey.reads(indicator):
        kind = kind_expression(name, name in survey.numeric)
        made = made & ~kind.is_in(out).fill_null(value=False)
    return made


def unasked(survey: Survey, wave: str, frame: pl.DataFrame) -> list[Problem]:
    """Indicators whose declared population is wider than the people asked."""
    masks = unasked_expressions(survey, wave)
    counted = frame.select(m.sum().alias(f"{n}") for n, m in enumerate(masks.values()))
    return [
        Problem(
            f"surveys/{survey.id}/survey.yml: indicators.{i}, wave {wave}",
            f"{count} people of its population were not asked {v}",
            f"a population within the universe of {v} ({survey.universe(v, wave) or 'all'})",
            "narrow population: for this wave, or shorten waves:",
        )
        for (i, v), count in zip(masks, counted.row(0) if masks else (), strict=True)
        if count
    ]


def _value(survey: Survey, indicator: str, category: str) -> pl.Expr:
    i = survey.spec.indicators[indicator]
    if i.measure == "mean":
        return pl.col(i.variable)
    if i.measure == "distribution":
        return pl.col(i.variable).cast(pl.String) == category
    return compile_expression(survey.numerator(indicator), survey.numeric)


def _matrices(frame: pl.DataFrame, columns: list[Measure]) -> tuple[Floats, Floats]:
    """(n, K) values, 0 outside the base, and (n, K) bases as 0/1."""
    made = frame.select(
        *(m.base.cast(pl.Float64).alias(f"base {k}") for k, m in enumerate(columns)),
        *(
            pl.when(m.base).then(m.value.cast(pl.Float64)).otherwise(0.0).alias(f"value {k}")
            for k, m in enumerate(columns)
        ),
    ).to_numpy()
    k = len(columns)
    return np.ascontiguousarray(made[:, k:]), np.ascontiguousarray(made[:, :k])


def _levels(
    survey: Survey, wave: str, frame: pl.DataFrame
) -> tuple[list[tuple[str, str]], Membership]:
    """(domain, level) of each row of the table, the whole first, and who belongs to each."""
    levels, codes = [(WHOLE, WHOLE)], [np.zeros(frame.height, dtype=np.int64)]
    for name, domain in survey.domains_in(wave).items():
        answer = frame[domain.variable].cast(pl.String)
        known = set(answer.unique())
        present = [c for c in survey.spec.variables[domain.variable].categories if c in known]
        place = answer.replace_strict(
            present, list(range(len(present))), default=-1, return_dtype=pl.Int64
        )
        levels += [(name, code) for code in present]
        codes.append(place.to_numpy())
    return levels, Membership.of(*codes)


def _rows(e: RatioEstimates, columns: list[Measure], levels: list[tuple[str, str]]) -> pl.DataFrame:
    """One row a cell with somebody in its base."""
    level, column = (a.ravel() for a in np.indices(e.estimate.shape))
    exact, proportion = e.exact.ravel(), np.array([m.proportion for m in columns])[column]
    with np.errstate(divide="ignore", invalid="ignore"):
        cv, n_eff = (e.se / np.abs(e.estimate)).ravel(), (e.n / e.deff).ravel()
    frame = pl.DataFrame(
        {
            "indicator": np.array([m.indicator for m in columns])[column],
            "category": np.array([m.category for m in columns])[column],
            "domain": np.array([d for d, _ in levels])[level],
            "domain_value": np.array([v for _, v in levels])[level],
            "estimate": e.estimate.ravel(),
            "se": e.se.ravel(),
            "ci_low": e.low.ravel(),
            "ci_high": e.high.ravel(),
            "cv": cv,
            "deff": e.deff.ravel(),
            "n_eff": n_eff,
            "df": e.df.ravel(),
            "df_domain": e.df_domain.ravel(),
            "n": e.n.ravel(),
            "n_weighted": e.n_weighted.ravel(),
            "method": np.where(exact, _CONSTANT, np.where(proportion, _PROPORTION, _MEAN)),
        }
    )
    numbers = pl.col("estimate", "se", "ci_low", "ci_high", "cv", "deff", "n_eff")
    finite = pl.when(numbers.is_finite()).then(numbers)
    return frame.filter(pl.col("n") > 0).with_columns(finite)
