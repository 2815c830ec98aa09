"""What a wave measures: who is in the base of each figure, and what is counted or averaged."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analysis.definition import Survey
from analysis.definition.models import LEFT_OUT
from analysis.errors import Problem
from analysis.expressions import compile_expression
from analysis.validate import (
    count_answered,
    kind_expression,
    population_expression,
    sum_values,
    unasked_expressions,
)

METHODS = {
    "battery": "battery; linearized; wald; deff=wr",
    "ratio": "ratio; linearized; wald; deff=wr",
    "share_of_mentions": "mentions; linearized; logit; deff=wr",
    "quantile": "quantile; linearized; woodruff (wald); math; deff=wr",
}

ANSWERED = ("mean", "quantile", "ratio", "share_of_mentions")  # valid answers only


@dataclass(frozen=True, slots=True)
class Measure:
    """One column of the pass: who is in the base, and the value counted or averaged.

    base : polars Boolean; value : polars number, read inside the base only
    proportion : the value is 0 or 1
    method : of its rows, where it is neither a proportion nor a plain mean
    denominator : polars number, of a ratio ; share : of a quantile, else 0
    """

    indicator: str
    category: str
    base: pl.Expr
    value: pl.Expr
    proportion: bool
    method: str = ""
    denominator: pl.Expr | None = None
    share: float = 0.0

    @property
    def kind(self) -> str:
        """Which pass estimates it."""
        return "quantile" if self.share else "mean" if self.denominator is None else "ratio"


def measures(survey: Survey, wave: str) -> list[Measure]:
    """What the wave measures; a distribution gives one measure a category."""
    return [m for name in survey.indicators_in(wave) for m in _measures(survey, wave, name)]


def _measures(survey: Survey, wave: str, name: str) -> list[Measure]:
    i, base = survey.spec.indicators[name], base_expression(survey, name, wave)
    method = METHODS.get(i.measure, "")
    if i.measure == "quantile":
        value, codes = pl.col(i.variable), list(survey.categories(name))
        return [
            Measure(name, code, base, value, False, method, share=q)
            for code, q in zip(codes, i.quantiles, strict=True)
        ]
    if i.measure == "ratio":
        top, bottom = pl.col(i.numerator), pl.col(i.denominator)
        return [Measure(name, "", base, top, False, method, bottom)]
    if i.measure == "battery":
        items = survey.battery(name)
        answered = count_answered(survey, items)
        enough = base & (answered >= (i.at_least or 1))
        return [Measure(name, "", enough, sum_values(survey, items) / answered, False, method)]
    if i.measure in ("share_of_respondents", "share_of_mentions"):
        items = survey.battery(name)
        mentions = sum_values(survey, items) if i.measure == "share_of_mentions" else None
        return [
            Measure(name, code, base if mentions is None else base & (mentions > 0),
                    sum_values(survey, [item]), mentions is None, method, mentions)
            for code, item in zip(survey.categories(name), items, strict=True)
        ]  # fmt: skip
    return [
        Measure(name, code, base, _value(survey, name, code), i.measure != "mean")
        for code in survey.categories(name)
    ]


def base_expression(survey: Survey, indicator: str, wave: str) -> pl.Expr:
    """Boolean: the row counts in the denominator. NA is out of the base.

    ``everyone`` keeps those a filter passed over, ``asked`` drops them, ``answered`` drops
    every kind of missing answer. Nobody who was not asked is ever in a base. A battery counts
    whoever answers enough of its items.
    """
    i = survey.spec.indicators[indicator]
    out = list(LEFT_OUT["answered" if i.measure in ANSWERED else i.base])
    made = population_expression(survey, indicator, wave)
    for name in () if i.measure == "battery" else survey.reads(indicator):
        kind = kind_expression(name, name in survey.numeric)
        made = made & ~kind.is_in(out).fill_null(value=False)
    return made


def unasked(survey: Survey, wave: str, frame: pl.LazyFrame) -> list[Problem]:
    """Indicators whose declared population is wider than the people asked."""
    masks = unasked_expressions(survey, wave)
    sums = [m.sum().alias(f"{n}") for n, m in enumerate(masks.values())]
    counted = frame.select(sums).collect(engine="streaming")
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
        return pl.col(i.variable).cast(pl.Float64)
    if i.measure == "distribution":
        return pl.col(i.variable).cast(pl.String) == category
    return compile_expression(survey.numerator(indicator), survey.numeric)
