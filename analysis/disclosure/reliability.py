"""Reliability rules -> status and reason of each cell; what is too unreliable loses its figures.

The rule is the survey's ``reliability:``, a profile or its own thresholds; the source of each is in
docs/methods/disclosure.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from analysis.definition import Survey
from analysis.definition.publication import Limits, Profile, Thresholds

FIGURES = ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "n_eff", "n_kish")
NO_ERROR = "erreur-type inconnue"


FEWEST = 5  # respondents that a published count rests on at least


@dataclass(frozen=True, slots=True)
class Bound:
    """A condition under which a figure is hidden or marked, and its reason in words."""

    broken: pl.Expr
    reason: str


def untold(counts: Sequence[int]) -> list[bool]:
    """Which counts of the parts of one whole are not published.

    Those under ``FEWEST``, nobody (0) excepted; and where the others would give them away by
    subtraction from the whole, the next smallest: two parts at least are kept back, which hold
    ``FEWEST`` respondents at least.
    """
    rising = sorted((i for i, n in enumerate(counts) if n), key=lambda i: counts[i])
    hidden = [i for i in rising if counts[i] < FEWEST]
    for i in rising[len(hidden) :]:
        if not hidden or (len(hidden) > 1 and sum(counts[k] for k in hidden) >= FEWEST):
            break
        hidden.append(i)
    return [i in hidden for i in range(len(counts))]


def publishable(survey: Survey, table: pl.DataFrame) -> pl.DataFrame:
    """The table as far as it is reliable: statuses and reasons set, unreliable figures removed.

    Status Q (removed) comes before U (unreliable), D (another definition), B (break), A.
    """
    profile = survey.spec.reliability
    hide, mark = _first(bounds(profile, "hide")), _first(bounds(profile, "mark"))
    reason = (
        pl.when(hide != "").then(hide)
        .when(pl.col("se").is_null()).then(pl.lit(NO_ERROR))
        .otherwise(mark)
    )  # fmt: skip
    status = (
        pl.when(hide != "")
        .then(pl.lit("Q"))
        .when(reason != "")
        .then(pl.lit("U"))
        .when(_wave_in(survey, "alone"))
        .then(pl.lit("D"))
        .when(_wave_in(survey, "breaks"))
        .then(pl.lit("B"))
        .otherwise(pl.lit("A"))
    )
    return without_figures(
        table.with_columns(status=status, reason=reason), pl.col("status") == "Q"
    )


def without_figures(table: pl.DataFrame, hide: pl.Expr) -> pl.DataFrame:
    """Rows without their figures, nor how they were made: an exact interval tells 0 and 100 %."""
    kind = told_method(1)
    return table.with_columns(
        *(pl.when(~hide).then(pl.col(c)).alias(c) for c in FIGURES),
        method=pl.when(hide).then(kind).otherwise("method"),
    )


def told_method(parts: int) -> pl.Expr:
    """The first parts of how a figure was made, and its weights where they are declared."""
    method = pl.col("method")
    weights = method.str.extract("(; weights=.*)$").fill_null("")
    return method.str.split("; ").list.head(parts).list.join("; ") + weights


def hidden(profile: Profile) -> pl.Expr:
    """Whether a cell is kept back: of its columns method, n, n_eff, n_kish, cv and interval."""
    return _first(bounds(profile, "hide")) != ""


def doubtful(profile: Profile) -> pl.Expr:
    """Whether a cell is published as unreliable, by the same columns."""
    return _first(bounds(profile, "mark")) != ""


def bounds(profile: Profile, what: str) -> list[Bound]:
    """The bounds beyond which a figure is hidden ("hide") or marked ("mark"), the first first."""
    if isinstance(profile, Thresholds):
        limits = profile.hide if what == "hide" else profile.mark
        return list(_limits(limits))
    return {
        "none": _none,
        "nchs_2017": _nchs_2017,
        "dhs": _dhs,
        "statcan": _statcan,
        "eu_silc": _eu_silc,
        "ine_chile": _ine_chile,
    }[profile](what)


def _first(found: list[Bound]) -> pl.Expr:
    """The reason of the first bound that is broken, else ""."""
    none = pl.lit("")
    return pl.coalesce(
        *(pl.when(b.broken.fill_null(value=False)).then(pl.lit(b.reason)) for b in found), none
    )


def _limits(limits: Limits) -> Iterator[Bound]:
    """Bounds of a survey's own; what is not known of a cell bounds nothing.

    ``n_kish`` is not known where everybody was taken, ``n_eff`` and ``cv`` of 0 and 100 %.
    """
    words = {"n": "moins de {} réponses", "n_kish": "réponses qui en valent moins de {}",
             "n_eff": "effectif efficace inférieur à {}"}  # fmt: skip
    for column, said in words.items():
        bound = getattr(limits, column)
        if bound is not None:
            yield Bound(pl.col(column) < bound, said.format(_plain(bound)))
    if limits.df is not None:
        yield Bound(pl.col("df_domain") < limits.df, f"moins de {limits.df} degrés de liberté")
    if limits.width is not None:
        wide = _is_share() & (_width() > limits.width)
        yield Bound(wide, f"intervalle de plus de {_plain(100 * limits.width)} points")
    if limits.cv is not None:
        yield _cv_over(limits.cv)


def _none(what: str) -> list[Bound]:
    return []


def _nchs_2017(what: str) -> list[Bound]:
    """Proportions not published by the NCHS standard (Vital and Health Statistics 2(175), 2017).

    Effective n under 30; or an interval at least 0.30 wide; or wider than 0.05 and wider
    than 130 % of the proportion. Where the estimate is 0 or 1 the effective n is n. Anything else
    needs 30 respondents, and is marked over a coefficient of variation of 20 % (a choice of ours).
    """
    if what == "mark":
        return [
            Bound(_is_mean() & (pl.col("cv") > 0.20), "coefficient de variation de plus de 20 %")
        ]
    small = pl.min_horizontal(pl.col("n"), pl.col("n_eff").fill_null(pl.col("n"))) < 30
    wide = (_width() >= 0.30).fill_null(value=True)
    relative = ((_width() > 0.05) & (_width() > 1.3 * pl.col("estimate"))).fill_null(value=True)
    return [
        _n_under(30),
        Bound(~_is_mean() & small, "effectif efficace inférieur à 30"),
        Bound(~_is_mean() & wide, "intervalle de 30 points ou plus"),
        Bound(~_is_mean() & relative, "intervalle de plus de 130 % de la valeur"),
    ]


def _dhs(what: str) -> list[Bound]:
    """Tables of the Demographic and Health Surveys (Guide to DHS Statistics).

    Fewer than 25 respondents are not shown, 25 to 49 are shown in parentheses.
    """
    return [_n_under(25 if what == "hide" else 50)]


def _statcan(what: str) -> list[Bound]:
    """Statistics Canada's guidelines for the release of estimates (user guides of the CCHS).

    10 respondents at least; marginal over a coefficient of variation of 16.6 %, not released over
    33.3 %.
    """
    if what == "mark":
        return [_cv_over(0.166)]
    return [_n_under(10), _cv_over(0.333)]


def _eu_silc(what: str) -> list[Bound]:
    """Eurostat's publication limits for EU-SILC.

    Fewer than 20 respondents are not published, 20 to 49 are flagged. Their other half, item
    non-response, is not known of a cell here.
    """
    return [_n_under(20 if what == "hide" else 50)]


def _ine_chile(what: str) -> list[Bound]:
    """INE Chile, standard for the quality of household survey estimates (2020).

    60 respondents and 9 degrees of freedom at least. Shares are then marked where their standard
    error exceeds p^(2/3) / 9, p or its complement, whichever is less; anything else is marked over
    a coefficient of variation of 15 % and hidden over 30 %.
    """
    if what == "hide":
        few = Bound(pl.col("df_domain") < 9, "moins de 9 degrés de liberté")
        return [_n_under(60), few, _only(~_is_share(), _cv_over(0.30))]
    rarer = pl.min_horizontal(pl.col("estimate"), 1 - pl.col("estimate"))
    error = _is_share() & (pl.col("se") > rarer.clip(lower_bound=0.0).pow(2 / 3) / 9)
    return [Bound(error, "erreur-type trop grande pour la valeur"),
            _only(~_is_share(), _cv_over(0.15))]  # fmt: skip


def _n_under(fewest: int) -> Bound:
    return Bound(pl.col("n") < fewest, f"moins de {fewest} réponses")


def _cv_over(most: float) -> Bound:
    return Bound(pl.col("cv") > most, f"coefficient de variation de plus de {_plain(100 * most)} %")


def _only(where: pl.Expr, bound: Bound) -> Bound:
    return Bound(where & bound.broken, bound.reason)


def _width() -> pl.Expr:
    return pl.col("ci_high") - pl.col("ci_low")


def _plain(bound: float) -> str:
    """``30.0`` -> "30", ``16.6`` -> "16,6"."""
    return f"{bound:.10g}".replace(".", ",")


def _is_mean() -> pl.Expr:
    """Whether a cell is anything but a proportion: it has no effective n of a 0/1 variable."""
    return ~pl.col("method").str.starts_with("proportion")


def _is_share() -> pl.Expr:
    """Whether a cell is between 0 and 1 by what it is, a proportion or not."""
    kinds = ("proportion", "mentions", "battery")
    return pl.any_horizontal(pl.col("method").str.starts_with(k) for k in kinds)


def _wave_in(survey: Survey, kind: str) -> pl.Expr:
    """Boolean: the cell's wave is declared a break of its indicator, or not comparable."""
    pairs = [
        f"{name}/{wave}"
        for name, i in survey.spec.indicators.items()
        for wave in ([b.wave for b in i.not_comparable] if kind == "alone" else survey.broken(name))
    ]
    return pl.concat_str("indicator", "wave", separator="/").is_in(pairs)
