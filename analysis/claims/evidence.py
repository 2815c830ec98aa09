"""Estimates as evidence: levels, changes, differences, ratios, ranks; from the table alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from math import sqrt

import polars as pl
from scipy.special import stdtrit

from analysis.claims.models import Cell, EstimateCheck
from analysis.claims.rules import ALPHA, Evidence
from analysis.definition import Survey
from analysis.estimates import STATUS, WHOLE
from analysis.language import say
from analysis.wording import Estimate, estimates, typeset


class NoEvidenceError(ValueError):
    """There is no such figure; the message, in the language of the page, says why."""


@dataclass(frozen=True)
class Sheet:
    """A survey as claims see it: its definition and its table of estimates.

    translation : the definition in the language of the page, for words; units are read in French
    """

    survey: Survey
    table: pl.DataFrame
    translation: Survey | None = None

    @property
    def told(self) -> Survey:
        """The definition in the language of the page."""
        return self.translation or self.survey

    @property
    def demonstration(self) -> bool:
        """Whether anything but observed answers is in it: no verdict then."""
        return bool((self.table["origin"] != "observed").any())


@dataclass(frozen=True)
class Found:
    """Evidence, and the cells it is made from (the one it is about first).

    df : degrees of freedom of each cell
    """

    evidence: Evidence
    cells: tuple[Estimate, ...]
    check: EstimateCheck
    n: int = 0
    fragile: bool = False
    rest: tuple[Estimate, ...] = field(default=())


def find(sheet: Sheet, check: EstimateCheck, factor: float = 1.0) -> Found:
    """The figure that a check names, multiplied by ``factor``.

    Raises :class:`NoEvidenceError` where it is not published or waves cannot be compared.
    """
    made = {
        "level": _level, "change": _change, "relative_change": _change, "difference": _groups,
        "ratio": _groups, "rank": _rank,
    }[check.quantity](sheet, check)  # fmt: skip
    return made if factor == 1.0 else _scaled(made, factor)


def resolved(check: EstimateCheck, cell: Cell, survey: Survey) -> EstimateCheck:
    """A check with what an alternative names in place of its own, and its wave filled in."""
    named = {k: v for k, v in cell.model_dump(exclude={"why"}).items() if v}
    made = check.model_copy(update=named)
    if made.wave:
        return made
    waves = [w for w in survey.waves_of(made.indicator) if _formed(survey, made.domain, w)]
    return made.model_copy(update={"wave": waves[-1] if waves else ""})


def earlier_waves(check: EstimateCheck, survey: Survey) -> tuple[str, ...]:
    """The waves before the check's that can be compared with it, latest first."""
    runs = survey.segments(check.indicator)
    run = next((r for r in runs if check.wave in r), ())
    return tuple(w for w in reversed(run) if w < check.wave and _formed(survey, check.domain, w))


def _formed(survey: Survey, domain: str, wave: str) -> bool:
    return domain == WHOLE or domain in survey.domains_in(wave)


def _cell(sheet: Sheet, check: EstimateCheck, wave: str, group: str) -> tuple[Estimate, float]:
    """One published cell and its degrees of freedom."""
    key = {"wave": wave, "indicator": check.indicator, "category": check.category,
           "domain": check.domain, "domain_value": group}  # fmt: skip
    rows = sheet.table.filter(pl.all_horizontal(pl.col(k) == v for k, v in key.items()))
    if rows.is_empty():
        raise NoEvidenceError(
            say(f"l’enquête n’a pas ce chiffre en {wave}", f"the survey has no figure for {wave}")
        )
    cell = estimates(rows)[0]
    if not cell.published or cell.estimate is None:
        raise NoEvidenceError(
            say(
                f"le chiffre de {wave} n’est pas publié ({STATUS['Q']})",
                f"the figure for {wave} is not published",
            )
        )
    df = rows["df"][0]
    return cell, float(df) if df else float("inf")


def _level(sheet: Sheet, check: EstimateCheck) -> Found:
    cell, df = _cell(sheet, check, check.wave, check.group)
    evidence = _of(cell, df, share=sheet.survey.percent(check.indicator))
    if check.complement == "yes":
        evidence = Evidence(1 - evidence.value, 1 - evidence.high, 1 - evidence.low, evidence.se,
                            evidence.df, evidence.scale)  # fmt: skip
    return Found(evidence, (cell,), check, cell.n, cell.fragile)


def _of(cell: Estimate, df: float, *, share: bool) -> Evidence:
    value = cell.estimate or 0.0
    low = value if cell.ci_low is None else min(cell.ci_low, value)
    high = value if cell.ci_high is None else max(cell.ci_high, value)
    if cell.se is None:  # nothing is known of its precision: nothing is excluded
        low, high = (0.0, 1.0) if share else (float("-inf"), float("inf"))
    return Evidence(value, low, high, cell.se, df, "logit" if share else "plain")


def _change(sheet: Sheet, check: EstimateCheck) -> Found:
    """Between two waves that share no respondent; refused across a break."""
    survey = sheet.survey
    if not any({check.start, check.wave} <= set(r) for r in survey.segments(check.indicator)):
        why = "; ".join(
            typeset(b.reason.strip().rstrip("."))
            for b in sheet.told.breaks(check.indicator)
            if min(check.start, check.wave) < b.wave <= max(check.start, check.wave)
        )
        apart = say(
            f"les vagues {check.start} et {check.wave} ne se comparent pas",
            f"the waves {check.start} and {check.wave} cannot be compared",
        )
        raise NoEvidenceError(apart + (f" ({why})" * bool(why)))
    (last, df), (first, other) = (
        _cell(sheet, check, w, check.group) for w in (check.wave, check.start)
    )
    if check.quantity == "change":
        evidence = _minus(last, first, min(df, other))
    else:
        over = _over(last, first, min(df, other))
        evidence = Evidence(over.value - 1, over.low - 1, over.high - 1)
    return _pair(check, last, first, evidence)


def _groups(sheet: Sheet, check: EstimateCheck) -> Found:
    """Between two groups of one wave; their covariance is negligible, as everywhere here."""
    (one, df), (than, other) = (
        _cell(sheet, check, check.wave, g) for g in (check.group, check.than)
    )
    make = _minus if check.quantity == "difference" else _over
    return _pair(check, one, than, make(one, than, min(df, other)))


def _pair(check: EstimateCheck, a: Estimate, b: Estimate, evidence: Evidence) -> Found:
    return Found(evidence, (a, b), check, min(a.n, b.n), a.fragile or b.fragile)


def _minus(a: Estimate, b: Estimate, df: float) -> Evidence:
    x, y, se = _known(a, b)
    reach = float(stdtrit(min(df, 1e9), 0.975)) * se
    return Evidence(x - y, x - y - reach, x - y + reach, se, df)


def _over(a: Estimate, b: Estimate, df: float) -> Evidence:
    """A ratio, taken for normal on the log scale (delta method)."""
    x, y, _ = _known(a, b)
    if x <= 0 or y <= 0:
        raise NoEvidenceError(
            say("un rapport avec zéro n’a pas de sens", "a ratio with zero means nothing")
        )
    ratio = x / y
    se = ratio * sqrt(((a.se or 0.0) / x) ** 2 + ((b.se or 0.0) / y) ** 2)
    made = Evidence(ratio, ratio, ratio, se, df, "log")
    low, high = made.interval(0.95)
    return Evidence(ratio, low, high, se, df, "log")


def _known(a: Estimate, b: Estimate) -> tuple[float, float, float]:
    if a.se is None or b.se is None:
        raise NoEvidenceError(
            say(
                "la précision de l’un des deux chiffres n’est pas connue",
                "the precision of one of the two figures is not known",
            )
        )
    return a.estimate or 0.0, b.estimate or 0.0, sqrt(a.se**2 + b.se**2)


def _rank(sheet: Sheet, check: EstimateCheck) -> Found:
    """The place of a group among those published, and the places it may have.

    A place is excluded where the group differs significantly from too many others, each pair of
    groups being tested at 5 % / number of pairs (Bonferroni).
    """
    levels = sheet.survey.levels(check.domain)
    known: dict[str, Estimate] = {}
    hidden = 0
    for level in levels:
        try:
            known[level] = _cell(sheet, check, check.wave, level)[0]
        except NoEvidenceError:
            hidden += 1
    if check.group not in known or len(known) < 2:
        raise NoEvidenceError(
            say(
                "le groupe, ou ceux auxquels il se compare, ne sont pas publiés",
                "the group, or those it is compared with, are not published",
            )
        )
    own = known.pop(check.group)
    sign = 1 if check.order == "highest" else -1
    pairs = len(tuple(combinations(range(len(known) + 1), 2)))
    above = below = ahead = 0
    for other in known.values():
        gap = _minus(other, own, float("inf"))
        z = sign * gap.value / gap.se if gap.se else 0.0
        reach = float(stdtrit(1e9, 1 - ALPHA / pairs / 2))
        ahead += sign * gap.value > 0
        above += z > reach
        below += z < -reach
    low, high = 1.0 + above, 1.0 + len(known) - below + hidden
    evidence = Evidence(1.0 + ahead, low, high)
    rest = sorted(known.values(), key=lambda c: -sign * (c.estimate or 0.0))
    return Found(evidence, (own,), check, own.n, own.fragile, tuple(rest))


def _scaled(found: Found, factor: float) -> Found:
    e = found.evidence
    low, high = sorted((e.low * factor, e.high * factor))
    made = Evidence(e.value * factor, low, high, e.se, e.df, e.scale, e.factor * factor)
    return Found(made, found.cells, found.check, found.n, found.fragile, found.rest)
