"""The pass over respondents in memory: matrices of values and bases, then all cells at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from analysis.definition import Survey
from analysis.definition.survey import CROSS
from analysis.design import Floats, Integers, SampleDesign
from analysis.design.arrays import Flags
from analysis.estimates import WHOLE
from analysis.estimators.cells import Groups
from analysis.estimators.intervals import LEVEL, korn_graubard, proportion_interval
from analysis.estimators.means import ratio_cells
from analysis.estimators.options import DEFAULT, Options
from analysis.estimators.quantile import quantile_cells
from analysis.estimators.ratio import RatioEstimates, estimate_ratios, worth
from analysis.tabulation.measures import METHODS, Measure
from analysis.tabulation.rows import Cells
from analysis.variance import Membership

QUANTILE = Options(ci="wald")


def memory_cells(
    survey: Survey, wave: str, frame: pl.DataFrame, columns: list[Measure], design: SampleDesign
) -> Iterator[Cells]:
    """Means and shares, ratios, quantiles: each kind in one pass."""
    levels, codes = domain_levels(survey, wave, frame)
    for kind, estimated in {"mean": _means, "ratio": _ratios, "quantile": _quantiles}.items():
        some = [m for m in columns if m.kind == kind]
        if some:
            yield Cells(estimated(frame, some, codes, design), some, levels)


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
    for name, joined in level_expressions(survey, wave).items():
        answer = frame.select(joined).to_series()
        known = set(answer.unique())
        present = [c for c in survey.levels(name) if c in known]
        place = answer.replace_strict(
            present, list(range(len(present))), default=-1, return_dtype=pl.Int64
        )
        levels += [(name, code) for code in present]
        codes.append(place.to_numpy())
    return levels, codes


def level_expressions(survey: Survey, wave: str) -> dict[str, pl.Expr]:
    """For each domain the level of a row, as text."""
    return {
        name: pl.concat_str([pl.col(v).cast(pl.String) for v in domain.crossed], separator=CROSS)
        for name, domain in survey.domains_in(wave).items()
    }


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
    return ratio_estimates(found | more, columns)


def ratio_estimates(found: dict[str, Floats], columns: list[Measure]) -> RatioEstimates:
    """Ratios from their columns, (L, K) each; shares of mentions with intervals of their own."""
    shares = np.array([m.method == METHODS["share_of_mentions"] for m in columns])
    return as_estimates(_within(found, shares))


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
                           "woodruff", "math", QUANTILE)
            for k, m in enumerate(columns)
        ] if size else []  # fmt: skip
        if cells:
            parts.append({c: np.hstack([cell[c] for cell in cells]) for c in cells[0]})
    found = {c: np.vstack([p[c] for p in parts]) for c in parts[0]}
    return as_estimates(found | {"n_kish": worth(base, Membership.of(*codes), design)})


def as_estimates(found: dict[str, Floats]) -> RatioEstimates:
    """The columns of other estimators in the shape of those of means."""
    whole = {c: np.nan_to_num(found[c]).astype(np.int64) for c in ("n", "df", "df_domain")}
    return RatioEstimates(
        found["estimate"], found["se"], found["ci_low"], found["ci_high"], found["deff"],
        whole["n"], found["n_weighted"], found["n_kish"], whole["df"], whole["df_domain"],
        np.zeros(found["estimate"].shape, dtype=np.bool_),
    )  # fmt: skip
