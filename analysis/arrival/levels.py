"""What has no decision of its own: missing answers, weights, who is in the sample, answers."""

from __future__ import annotations

from math import erfc, sqrt

import numpy as np
import polars as pl

from analysis.arrival.case import Case, as_numbers
from analysis.arrival.findings import Finding
from analysis.arrival.likeness import mean_of, number, per_cent
from analysis.definition import Survey
from analysis.estimators.adjust import adjusted
from analysis.expressions import MISSING_KINDS
from analysis.validate import kind_expression

_POINTS = 0.05
_MARGIN = 0.03
_LEVEL = 0.05
_UNANSWERED = ("dont_know", "refused", "nonresponse")


def compare_levels(case: Case, frame: pl.DataFrame) -> None:
    """Frame : the harmonised rows of the wave, with every proposal accepted."""
    survey = case.drafted()
    _say_size(case, frame)
    _say_weights(case, survey)
    if case.prior:
        _say_missing(case, survey, frame)
        _say_margins(case, survey, frame)
        _say_answers(case, survey, frame)


def _say_size(case: Case, frame: pl.DataFrame) -> None:
    before = f"{case.prior.frame.height} en {case.prior.wave}" if case.prior else ""
    case.draft.note(Finding("Effectif", "répondants", str(frame.height), before))


def _say_weights(case: Case, survey: Survey) -> None:
    column = survey.spec.weight_column
    if not column:
        return
    now = as_numbers(case.rows(survey).frame[column])
    then = as_numbers(case.prior.rows.frame[column]) if case.prior else None
    case.draft.note(
        Finding("Poids", column, _summary(now), _summary(then) if then is not None else "")
    )
    if then is None:
        return
    a, b = mean_of(now), mean_of(then)
    if b > 0 and not 0.9 < a / b < 1.1:
        seen = f"moyenne {number(a)}"
        expected = (
            f"{number(b)} à la vague précédente : sans effet sur les parts, pas sur les totaux"
        )
        case.draft.note(Finding("Poids : autre échelle", column, seen, expected))
    if _deff(now) > 1.25 * _deff(then):
        case.draft.note(Finding("Poids plus dispersés", column, f"deff {number(_deff(now))}",
                                f"{number(_deff(then))} à la vague précédente"))  # fmt: skip


def _summary(w: pl.Series) -> str:
    x = w.drop_nulls().to_numpy()
    if not x.size:
        return "aucun poids lisible"
    return (
        f"somme {number(float(x.sum()))}, moyenne {number(float(x.mean()))}, "
        f"de {number(float(x.min()))} à {number(float(x.max()))}, deff {number(_deff(w))}"
    )


def _deff(w: pl.Series) -> float:
    """1 + variation of the weights squared (Kish 1965)."""
    x = w.drop_nulls().to_numpy()
    return float(len(x) * (x**2).sum() / x.sum() ** 2) if x.size and x.sum() else float("nan")


def _both(case: Case, survey: Survey) -> list[str]:
    assert case.prior
    return [
        k
        for k in survey.variables_in(case.wave)
        if k in case.prior.frame.columns and k in survey.variables_in(case.prior.wave)
    ]


def _say_missing(case: Case, survey: Survey, frame: pl.DataFrame) -> None:
    assert case.prior
    for name in _both(case, survey):
        if survey.spec.variables[name].made:
            continue
        now, then = (_silent(f, survey, name) for f in (frame, case.prior.frame))
        for kind in (*_UNANSWERED, "not_applicable"):
            a, b = now.get(kind, 0.0), then.get(kind, 0.0)
            if abs(a - b) > _POINTS:
                where = f"{name} ({kind})"
                before = f"{per_cent(b)} en {case.prior.wave}"
                case.draft.note(Finding("Réponses manquantes", where, per_cent(a), before))


def _silent(frame: pl.DataFrame, survey: Survey, name: str) -> dict[str, float]:
    kinds = frame.select(kind_expression(name, name in survey.numeric)).to_series()
    counts = kinds.filter(kinds.is_in(list(MISSING_KINDS))).value_counts()
    return {str(k): n / frame.height for k, n in counts.iter_rows()}


def _weighted(frame: pl.DataFrame, name: str) -> dict[str, float]:
    """Weighted share of each code among valid answers."""
    valid = frame.filter(~pl.col(name).cast(pl.String).is_in(list(MISSING_KINDS)))
    sums = valid.group_by(pl.col(name).cast(pl.String)).agg(pl.col("weight").sum())
    total = float(sums["weight"].sum()) or 1.0
    return {str(k): float(w) / total for k, w in sums.iter_rows()}


def _say_margins(case: Case, survey: Survey, frame: pl.DataFrame) -> None:
    assert case.prior
    read = dict.fromkeys(v for d in survey.domains_in(case.wave).values() for v in d.crossed)
    for name in (n for n in read if n in _both(case, survey) and n not in survey.numeric):
        now, then = _weighted(frame, name), _weighted(case.prior.frame, name)
        for code, category in survey.spec.variables[name].categories.items():
            a, b = now.get(code, 0.0), then.get(code, 0.0)
            if abs(a - b) > _MARGIN:
                where, before = f"{name} : {category.label}", f"{per_cent(b)} en {case.prior.wave}"
                case.draft.note(Finding("Marge démographique", where, per_cent(a), before))


def _say_answers(case: Case, survey: Survey, frame: pl.DataFrame) -> None:
    """Answers that moved beyond chance (Holm over all) by 5 points; domains are said elsewhere."""
    assert case.prior
    domains = {v for d in survey.spec.domains.values() for v in d.crossed}
    found: list[tuple[str, str, float, float, float]] = []
    for name in _both(case, survey):
        v = survey.spec.variables[name]
        if v.numeric or v.made or name in domains:
            continue
        now, then = _weighted(frame, name), _weighted(case.prior.frame, name)
        for code in v.categories:
            a, b = now.get(code, 0.0), then.get(code, 0.0)
            found.append(
                (name, v.categories[code].label, a, b, _p(a, b, frame, case.prior.frame, name))
            )
    if not found:
        return
    holm = adjusted(np.array([f[-1] for f in found]), "holm")
    for (name, label, a, b, _), p in zip(found, holm, strict=True):
        if p <= _LEVEL and abs(a - b) > _POINTS:
            case.draft.note(Finding("Réponses déplacées", f"{name} : {label}", per_cent(a),
                                    f"{per_cent(b)} en {case.prior.wave}"))  # fmt: skip


def _p(a: float, b: float, now: pl.DataFrame, then: pl.DataFrame, name: str) -> float:
    """Two-sided p of two weighted shares, the size of each sample divided by Kish's deff."""
    sizes = []
    for frame in (now, then):
        w = frame.filter(~pl.col(name).cast(pl.String).is_in(list(MISSING_KINDS)))[
            "weight"
        ].to_numpy()
        sizes.append(w.sum() ** 2 / (w**2).sum() if w.size else 0.0)
    if min(sizes) < 1:
        return float("nan")
    pooled = (a * sizes[0] + b * sizes[1]) / sum(sizes)
    se = sqrt(max(pooled * (1 - pooled), 1e-12) * (1 / sizes[0] + 1 / sizes[1]))
    return erfc(abs(a - b) / se / sqrt(2))
