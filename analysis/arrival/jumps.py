"""Indicators that move beyond sampling error from one wave to the next, with or without a break."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import norm

from analysis.arrival.case import Case
from analysis.arrival.findings import Finding
from analysis.arrival.likeness import number, per_cent
from analysis.definition import Survey
from analysis.errors import BaroError
from analysis.estimates import WHOLE
from analysis.estimators.adjust import adjusted
from analysis.ingest import ROW
from analysis.tabulation import tabulate

_LEVEL = 0.05
_KEYS = ["indicator", "category"]


def compare_indicators(case: Case, frame: pl.DataFrame) -> None:
    """Every indicator over its whole population, new wave against the one before.

    z = (e2 - e1) / sqrt(se1² + se2²): two independent samples, each standard error that of the
    declared design; p-values by Holm over all the comparisons.
    frame : the harmonised rows with every proposal accepted
    """
    if not case.prior:
        return
    survey = case.drafted()
    try:
        now = _whole(survey, case.wave, frame.drop(ROW))
        then = _whole(survey, case.prior.wave, case.prior.frame)
    except BaroError as e:
        case.draft.note(
            Finding(
                "Indicateurs non calculés", case.wave, e.problems[0].found, e.problems[0].remedy
            )
        )
        return
    both = now.join(then, on=_KEYS, suffix="_before").filter(
        pl.col("estimate").is_not_null() & pl.col("estimate_before").is_not_null()
        & ((pl.col("se") > 0) | (pl.col("se_before") > 0))
    )  # fmt: skip
    if both.is_empty():
        return
    z = (both["estimate"] - both["estimate_before"]).to_numpy() / np.sqrt(
        both["se"].fill_null(0.0).to_numpy() ** 2 + both["se_before"].fill_null(0.0).to_numpy() ** 2
    )
    p = adjusted(2 * norm.sf(np.abs(z)), "holm")
    for row, adjusted_p, score in zip(both.iter_rows(named=True), p, z, strict=True):
        if adjusted_p <= _LEVEL:
            _say(case, survey, row, float(adjusted_p), float(score))


def _whole(survey: Survey, wave: str, frame: pl.DataFrame) -> pl.DataFrame:
    table = tabulate(survey, wave, frame, origin="observed", definition_hash="")
    return table.filter(pl.col("domain") == WHOLE).select(*_KEYS, "estimate", "se", "n")


def _say(case: Case, survey: Survey, row: dict[str, object], p: float, z: float) -> None:
    assert case.prior
    name = str(row["indicator"])
    show = per_cent if survey.percent(name) else number
    now, then = float(str(row["estimate"])), float(str(row["estimate_before"]))
    declared = [b.reason for b in survey.breaks(name) if case.prior.wave < b.wave <= case.wave]
    declared += [
        b.reason
        for b in survey.spec.indicators[name].not_comparable
        if b.wave in (case.wave, case.prior.wave)
    ]
    where = " : ".join(filter(None, [name, str(row["category"] or "")]))
    chance = f"p = {number(p)}" if p >= 1e-4 else "p < 0,0001"
    seen = (
        f"{show(then)} en {case.prior.wave}, {show(now)} en {case.wave} (z = {number(z)}, {chance})"
    )
    if declared:
        case.draft.note(Finding("Saut, rupture déclarée", where, seen, declared[0]))
        return
    why = f"{where} : {show(then)} → {show(now)}."
    case.draft.ask_names("no_break", [name], why)
    case.draft.note(Finding("Saut sans rupture déclarée", where, seen, "pas de rupture déclarée",
                            ("no_break",)))  # fmt: skip
