"""Every indicator × domain of a wave in bulk: one pass, then the rows of the table of estimates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.definition import Survey
from analysis.definition.models import LEFT_OUT
from analysis.definition.survey import CROSS
from analysis.design import Floats, Integers, SampleDesign
from analysis.design.arrays import Flags
from analysis.errors import Problem, raise_all
from analysis.estimates import SCHEMA, WHOLE
from analysis.estimators.cells import Groups
from analysis.estimators.intervals import LEVEL, korn_graubard, proportion_interval
from analysis.estimators.means import ratio_cells
from analysis.estimators.options import DEFAULT, Options
from analysis.estimators.quantile import quantile_cells
from analysis.estimators.ratio import RatioEstimates, estimate_ratios, worth
from analysis.expressions import compile_expression
from analysis.validate import (
    count_answered,
    kind_expression,
    population_expression,
    sum_values,
    unasked_expressions,
)
from analysis.variance import Membership
from analysis.weighting.declared import other_design, wave_design

_PROPORTION = "proportion; linearized; logit; deff=wr"
_CONSTANT = "proportion; linearized; korn-graubard; deff=none"
_MEAN = "mean; linearized; wald; deff=wr"
_METHODS = {
    "battery": "battery; linearized; wald; deff=wr",
    "ratio": "ratio; linearized; wald; deff=wr",
    "share_of_mentions": "mentions; linearized; logit; deff=wr",
    "quantile": "quantile; linearized; woodruff (wald); math; deff=wr",
}
_QUANTILE = Options(ci="wald")

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


def tabulate(
    survey: Survey, wave: str, frame: pl.DataFrame, *, origin: str, definition_hash: str,
    weighting: str = "",
) -> pl.DataFrame:  # fmt: skip
    """The wave's rows of the table of estimates, before any rule of publication.

    frame : the harmonised rows of the wave (:mod:`analysis.harmonise`)
    weighting : the key indicators of that declared weighting, with the weights that its page
    compares with the published ones; all indicators with the published weights without it

    Raises :class:`analysis.errors.BaroError` naming the indicators whose population holds
    people who were not asked.
    """
    raise_all(unasked(survey, wave, frame))
    key = survey.spec.weighting[weighting].key if weighting else tuple(survey.spec.indicators)
    columns = [m for m in measures(survey, wave) if m.indicator in key]
    if not columns:
        return pl.DataFrame(schema=SCHEMA)
    levels, codes = domain_levels(survey, wave, frame)
    design = (
        other_design(survey, wave, weighting, frame)
        if weighting
        else wave_design(survey, wave, frame)
    )
    passes = {"mean": _means, "ratio": _ratios, "quantile": _quantiles}
    parts = []
    for kind, estimated in passes.items():
        some = [m for m in columns if m.kind == kind]
        if some:
            parts.append(_rows(estimated(frame, some, codes, design), some, levels))
    return (
        pl.concat(parts)
        .filter(_split(survey, key))
        .with_columns(
            survey=pl.lit(survey.id),
            wave=pl.lit(wave),
            status=pl.lit("A"),
            reason=pl.lit(""),
            origin=pl.lit(origin),
            definition_hash=pl.lit(definition_hash),
            method=pl.concat_str("method", pl.lit(_weighted(survey, wave, weighting))),
        )
        .select(pl.col(c).cast(t) for c, t in SCHEMA.items())
    )


def _split(survey: Survey, indicators: Iterable[str]) -> pl.Expr:
    """Boolean: the cell's indicator is published by its domain (all of them, or those it names)."""
    some = {
        name: [WHOLE, *only]
        for name in indicators
        if (only := survey.spec.indicators[name].domains) is not None
    }
    pairs = [f"{name}/{domain}" for name, domains in some.items() for domain in domains]
    limited = pl.col("indicator").is_in(list(some))
    return ~limited | pl.concat_str("indicator", "domain", separator="/").is_in(pairs)


def _weighted(survey: Survey, wave: str, weighting: str) -> str:
    """What ``method`` says of weights that were declared and not read."""
    published = survey.published_weighting(wave)
    if weighting and weighting == published:
        return f"; weights=start of {weighting}"
    return f"; weights={weighting or published}" if weighting or published else ""


def measures(survey: Survey, wave: str) -> list[Measure]:
    """What the wave measures; a distribution gives one measure a category."""
    return [m for name in survey.indicators_in(wave) for m in _measures(survey, wave, name)]


def _measures(survey: Survey, wave: str, name: str) -> list[Measure]:
    i, base = survey.spec.indicators[name], base_expression(survey, name, wave)
    method = _METHODS.get(i.measure, "")
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
        return pl.col(i.variable).cast(pl.Float64)
    if i.measure == "distribution":
        return pl.col(i.variable).cast(pl.String) == category
    return compile_expression(survey.numerator(indicator), survey.numeric)


def matrices(frame: pl.DataFrame, columns: list[Measure]) -> tuple[Floats, Floats]:
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


def domain_levels(
    survey: Survey, wave: str, frame: pl.DataFrame
) -> tuple[list[tuple[str, str]], list[Integers]]:
    """(domain, level) of each row of the table, the whole first, and who belongs to each.

    For each domain the (n,) level of each respondent, -1 where one of its variables is missing.
    """
    levels, codes = [(WHOLE, WHOLE)], [np.zeros(frame.height, dtype=np.int64)]
    for name, domain in survey.domains_in(wave).items():
        joined = pl.concat_str([pl.col(v).cast(pl.String) for v in domain.crossed], separator=CROSS)
        answer = frame.select(joined).to_series()
        known = set(answer.unique())
        present = [c for c in survey.levels(name) if c in known]
        place = answer.replace_strict(
            present, list(range(len(present))), default=-1, return_dtype=pl.Int64
        )
        levels += [(name, code) for code in present]
        codes.append(place.to_numpy())
    return levels, codes


def _means(
    frame: pl.DataFrame, columns: list[Measure], codes: list[Integers], design: SampleDesign
) -> RatioEstimates:
    """Proportions and means, (levels, columns)."""
    values, base = matrices(frame, columns)
    proportion = np.array([m.proportion for m in columns], dtype=np.bool_)
    return estimate_ratios(values, base, proportion, Membership.of(*codes), design)


def _ratios(
    frame: pl.DataFrame, columns: list[Measure], codes: list[Integers], design: SampleDesign
) -> RatioEstimates:
    """Ratios of totals, (levels, columns); whoever weighs nothing is in no base."""
    values, base = matrices(frame, columns)
    below = frame.select(
        m.denominator.cast(pl.Float64).fill_null(0.0).alias(f"{k}")
        for k, m in enumerate(columns)
        if m.denominator is not None
    ).to_numpy()
    known = base * (design.weights > 0)[:, None]
    members = Membership.of(*codes)
    found, df_domain = ratio_cells(values * known, below * known, known, members, design, DEFAULT)
    more = {"df_domain": df_domain.astype(np.float64), "n_kish": worth(known, members, design)}
    shares = np.array([m.method == _METHODS["share_of_mentions"] for m in columns])
    return _estimates(_within(found | more, shares))


def _within(found: dict[str, Floats], shares: Flags) -> dict[str, Floats]:
    """The intervals of shares (K,) of mentions as those of proportions: between 0 and 1.

    On the logit scale; where no variance can be estimated (nobody cites an answer, all cite nothing
    else, or all cite the same few) Korn and Graubard's on what the base is worth, unless everybody
    was taken.
    """
    p, se = found["estimate"], found["se"]
    constant = ((p == 0) | (p == 1) | (se == 0)) & np.isfinite(found["n_kish"])
    usual = proportion_interval("logit", p, se, found["df"], found["n"], LEVEL)
    exact = korn_graubard(np.where(constant, p, 0.0), found["n_kish"], LEVEL)
    ends = {}
    for key, u, e in zip(("ci_low", "ci_high"), usual, exact, strict=True):
        made = np.where(constant, e, np.where(se > 0, u, found[key]))
        ends[key] = np.where(shares, made, found[key])
    return found | ends


def _quantiles(
    frame: pl.DataFrame, columns: list[Measure], codes: list[Integers], design: SampleDesign
) -> RatioEstimates:
    """Quantiles, (levels, columns): a domain at a time."""
    values, base = matrices(frame, columns)
    base = base * (design.weights > 0)[:, None]
    parts = []
    for code in codes:
        size = int(code.max(initial=-1)) + 1
        groups = Groups((), pl.DataFrame({"level": range(size)}), code)
        cells = [
            quantile_cells(values[:, k], base[:, k], np.array([m.share]), groups, design,
                           "woodruff", "math", _QUANTILE)
            for k, m in enumerate(columns)
        ] if size else []  # fmt: skip
        if cells:
            parts.append({c: np.hstack([cell[c] for cell in cells]) for c in cells[0]})
    found = {c: np.vstack([p[c] for p in parts]) for c in parts[0]}
    return _estimates(found | {"n_kish": worth(base, Membership.of(*codes), design)})


def _estimates(found: dict[str, Floats]) -> RatioEstimates:
    """The columns of other estimators in the shape of those of means."""
    whole = {c: np.nan_to_num(found[c]).astype(np.int64) for c in ("n", "df", "df_domain")}
    return RatioEstimates(
        found["estimate"], found["se"], found["ci_low"], found["ci_high"], found["deff"],
        whole["n"], found["n_weighted"], found["n_kish"], whole["df"], whole["df_domain"],
        np.zeros(found["estimate"].shape, dtype=np.bool_),
    )  # fmt: skip


def _rows(e: RatioEstimates, columns: list[Measure], levels: list[tuple[str, str]]) -> pl.DataFrame:
    """One row a cell with somebody in its base."""
    level, column = (a.ravel() for a in np.indices(e.estimate.shape))
    exact, proportion = e.exact.ravel(), np.array([m.proportion for m in columns])[column]
    plain = np.where(proportion, _PROPORTION, _MEAN)
    special = np.array([m.method for m in columns])[column]
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
            "n_kish": e.n_kish.ravel(),
            "df": e.df.ravel(),
            "df_domain": e.df_domain.ravel(),
            "n": e.n.ravel(),
            "n_weighted": e.n_weighted.ravel(),
            "method": np.where(exact, _CONSTANT, np.where(special == "", plain, special)),
        }
    )
    numbers = pl.col("estimate", "se", "ci_low", "ci_high", "cv", "deff", "n_eff", "n_kish")
    finite = pl.when(numbers.is_finite()).then(numbers)
    return frame.filter(pl.col("n") > 0).with_columns(finite)
