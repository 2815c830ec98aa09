"""The rules that a definition declares, checked on harmonised rows.

Each rule of a wave yields one problem at most, with the first row that breaks it and how many
others do; a comparison of waves yields one a variable. ``severity`` is that of the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise

import numpy as np
import polars as pl

from analysis.definition import Survey
from analysis.definition.rulemodels import Rule
from analysis.errors import Problem
from analysis.expressions import MISSING_KINDS, compile_expression, names, parse
from analysis.ingest import ROW
from analysis.validate.asked import kind_expression

_UNASKED = ["not_asked", "not_applicable"]
_SHOWN_ROWS = 10


def rule_problems(survey: Survey, wave: str, frame: pl.DataFrame, shown: str) -> Iterator[Problem]:
    """What breaks the rules of one wave.

    frame : harmonised rows, with ``ROW`` where the place in the raw file is known
    """
    for name, rule in _rules_in(survey, wave):
        if rule.weights:
            yield from _weights(name, rule, frame, wave, shown)
        elif rule.missing:
            yield from _missing(survey, wave, name, rule, frame, shown)
        else:
            yield from _rows(survey, wave, name, rule, frame, shown)


def series_problems(
    survey: Survey, shares: Mapping[str, Mapping[str, float]], file: Callable[[str], str]
) -> Iterator[Problem]:
    """Shares of missing answers that rise more than declared from one wave to the next.

    shares : wave -> variable -> :func:`missing_shares`
    """
    for name, rule in survey.spec.rules.items():
        if rule.rise is None:
            continue
        for variable in rule.missing:
            known = [w for w in survey.span(rule.waves) if variable in shares.get(w, {})]
            for before, after in pairwise(known):
                was, now = shares[before][variable], shares[after][variable]
                if now - was > rule.rise:
                    yield _problem(
                        name, rule, f"{file(after)}: wave {after}", survey.column(variable, after),
                        f"{variable}: {now:.1%} of those asked have no answer, "
                        f"{was:.1%} in {before}",
                        f"at most {100 * rule.rise:g} points more than in the wave before",
                        f"find out what changed, or correct rise: of rules.{name}",
                    )  # fmt: skip


def missing_shares(survey: Survey, wave: str, frame: pl.DataFrame) -> dict[str, float]:
    """Variable -> share of those asked without an answer, of the variables under ``missing:``."""
    asked = survey.variables_in(wave)
    named = {v for _, rule in _rules_in(survey, wave) for v in rule.missing if v in asked}
    counts = {v: _asked_and_silent(survey, v, frame) for v in sorted(named)}
    return {v: silent / n for v, (n, silent) in counts.items() if n}


def _rules_in(survey: Survey, wave: str) -> list[tuple[str, Rule]]:
    """The rules whose variables the wave asked."""
    asked = survey.variables_in(wave)
    found = []
    for name, rule in survey.spec.rules.items():
        read = {n for t in (rule.when, rule.expect) if t for n in names(parse(t))}
        read |= set(rule.variables) - set(rule.missing)
        if wave in survey.span(rule.waves) and read <= asked.keys():
            found.append((name, rule))
    return found


def _asked_and_silent(survey: Survey, variable: str, frame: pl.DataFrame) -> tuple[int, int]:
    kind = kind_expression(variable, variable in survey.numeric)
    asked = ~kind.is_in(_UNASKED).fill_null(value=False)
    silent = asked & kind.is_in(list(MISSING_KINDS)).fill_null(value=False)
    n, without = frame.select(asked.sum().alias("n"), silent.sum().alias("silent")).row(0)
    return int(n), int(without)


def _missing(
    survey: Survey, wave: str, name: str, rule: Rule, frame: pl.DataFrame, shown: str
) -> Iterator[Problem]:
    """Too many people asked have no answer."""
    if rule.at_most is None:
        return
    about = frame.filter(_about(survey, rule))
    for variable in (v for v in rule.missing if v in survey.variables_in(wave)):
        n, silent = _asked_and_silent(survey, variable, about)
        if n and silent / n > rule.at_most:
            yield _problem(
                name, rule, f"{shown}: wave {wave}", survey.column(variable, wave),
                f"{variable}: {silent} of {n} people asked have no answer ({silent / n:.1%})",
                f"{rule.at_most:.1%} at most",
                f"look at the file, or correct at_most: of rules.{name}",
            )  # fmt: skip


def _rows(
    survey: Survey, wave: str, name: str, rule: Rule, frame: pl.DataFrame, shown: str
) -> Iterator[Problem]:
    """Respondents who break the rule, when there are more of them than it tolerates."""
    about = frame.filter(_about(survey, rule))
    bad = about.filter(_broken(survey, rule))
    tolerated = (rule.at_most or 0.0) * about.height
    if bad.height <= tolerated:
        return
    read = list(rule.variables) or list(names(parse(rule.expect)))
    columns = [c for v in read if (c := survey.column(v, wave))]
    value = ", ".join(f"{v}={_shown(bad[v][0])}" for v in read[:6])
    share = f", {bad.height / about.height:.1%}" if rule.at_most else ""
    rows = _first_rows(bad)
    where = f"{shown}: {rows[0]}" if rows[0] else f"{shown}: wave {wave}"
    yield Problem(
        where,
        f"{_what(rule)}: {bad.height} of {about.height} respondents{share} ({value} in the first)"
        + (f"; {rows[1]}" if rows[1] else ""),
        f"{rule.label} [rules.{name}]" + (f", {rule.at_most:.1%} at most" if rule.at_most else ""),
        f"correct the file or the rule; severity: warn if {wave} may be published all the same"
        if rule.severity == "stop"
        else f"look at these rows, or correct rules.{name}",
        row=int(bad[ROW][0]) if ROW in bad.columns else None,
        respondent=str(bad["id"][0]), column=", ".join(dict.fromkeys(columns)), value=value,
        rule=name, severity=rule.severity,
    )  # fmt: skip


def _what(rule: Rule) -> str:
    return {
        "expect": f"not ({rule.expect})",
        "speed": f"interview under {rule.speed.below:g}" if rule.speed else "",
        "same_answer": "the same answer to all questions of the battery",
        "repeated": "answers that another respondent gave too",
    }[rule.checks[0]]


def _first_rows(bad: pl.DataFrame) -> tuple[str, str]:
    """("row 5", "rows 5, 9, 12, …"); the identifier where rows are not known."""
    if ROW not in bad.columns:
        return f"respondent {bad['id'][0]}", ""
    rows = bad[ROW].to_list()
    listed = ", ".join(map(str, rows[:_SHOWN_ROWS])) + (", …" if len(rows) > _SHOWN_ROWS else "")
    return f"row {rows[0]}", f"rows {listed}" if len(rows) > 1 else ""


def _about(survey: Survey, rule: Rule) -> pl.Expr:
    return compile_expression(parse(rule.when), survey.numeric) if rule.when else pl.lit(value=True)


def _broken(survey: Survey, rule: Rule) -> pl.Expr:
    """Boolean: the respondent breaks the rule."""
    if rule.expect:
        return ~compile_expression(parse(rule.expect), survey.numeric)
    if rule.speed:
        return (pl.col(rule.speed.variable) < rule.speed.below).fill_null(value=False)
    if rule.same_answer:
        first, *others = rule.same_answer
        answered = ~pl.col(first).cast(pl.String).is_in(list(MISSING_KINDS))
        texts = pl.col(first).cast(pl.String)
        return answered & pl.all_horizontal(texts == pl.col(v).cast(pl.String) for v in others)
    kinds = (kind_expression(v, v in survey.numeric) for v in rule.repeated)
    missing = pl.any_horizontal(k.is_in(list(MISSING_KINDS)).fill_null(value=False) for k in kinds)
    answered = ~missing
    pattern = pl.struct(pl.col(v).cast(pl.String) for v in rule.repeated)
    return answered & pattern.is_duplicated()


def _weights(
    name: str, rule: Rule, frame: pl.DataFrame, wave: str, shown: str
) -> Iterator[Problem]:
    """Range, mean, sum and spread of the weights."""
    bounds, w = rule.weights, frame["weight"].to_numpy()
    if bounds is None or not len(w):
        return
    held = w[w > 0]
    mean = float(w.mean())
    deff = float(len(held) * (held**2).sum() / held.sum() ** 2) if len(held) else float("nan")
    inf = float("inf")
    measured: Iterable[tuple[str, float, tuple[float, float]]] = (
        ("least weight", float(w.min()), (_or(bounds.min, -inf), inf)),
        ("greatest weight", float(w.max()), (-inf, _or(bounds.max, inf))),
        ("mean of the weights", mean, bounds.mean or (-inf, inf)),
        ("sum of the weights", float(w.sum()), bounds.sum or (-inf, inf)),
        ("design effect of the weights", deff, (-inf, _or(bounds.deff, inf))),
    )
    for what, value, (low, high) in measured:
        if low <= value <= high:
            continue
        at = int(np.argmin(w) if what.startswith("least") else np.argmax(w))
        one = what.endswith("st weight")
        row = int(frame[ROW][at]) if one and ROW in frame.columns else None
        wanted = f"{low:g} to {high:g}" if -inf < low and high < inf else ""
        wanted = wanted or (f"{high:g} at most" if high < inf else f"{low:g} at least")
        problem = _problem(
            name, rule, f"{shown}: row {row}, wave {wave}" if row else f"{shown}: wave {wave}",
            "", f"{what}: {value:.6g}", wanted,
            f"look at the weights, or correct weights: of rules.{name}", value=f"{value:.6g}",
            row=row, respondent=str(frame["id"][at]) if one else "",
        )  # fmt: skip
        yield problem


def _or(value: float | None, other: float) -> float:
    return other if value is None else value


def _shown(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _problem(
    name: str, rule: Rule, where: str, column: str, found: str, expected: str, remedy: str, *,
    value: str = "", row: int | None = None, respondent: str = "",
) -> Problem:  # fmt: skip
    return Problem(
        where, found, f"{expected} [rules.{name}: {rule.label}]", remedy, row=row,
        respondent=respondent, column=column, value=value, rule=name, severity=rule.severity,
    )  # fmt: skip
