"""What the codes of the table of estimates mean: the one list that every format reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from analysis.definition import Survey
from analysis.estimates import STATUS, WHOLE
from analysis.opendata.rows import method_codes
from analysis.wording import base_note, origin_word, plain_label


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a column; ``within`` is the indicator or the domain that it depends on."""

    column: str
    within: str
    code: str
    label: str
    text: str = ""


def codes(survey: Survey, rows: pl.DataFrame) -> tuple[Code, ...]:
    """The codes that occur, by column, in the order of the definition."""
    return (
        *_indicators(survey, rows),
        *_categories(survey, rows),
        *_domains(survey, rows),
        *_groups(survey, rows),
        *(Code("method", "", c, m) for m, c in method_codes(rows["method"]).items()),
        *(Code("status", "", s, STATUS.get(s, s)) for s in rows["status"].unique().sort()),
        *(Code("origin", "", o, origin_word(o)) for o in rows["origin"].unique().sort()),
    )


def unit_name(survey: Survey, indicator: str) -> str:
    """The unit of an indicator's figures in the table of estimates."""
    return "fraction" if survey.percent(indicator) else survey.unit(indicator) or "sans unité"


def _indicators(survey: Survey, rows: pl.DataFrame) -> Iterator[Code]:
    known = dict(rows.group_by("indicator").agg(pl.col("wave").unique().sort()).iter_rows())
    for name, indicator in survey.spec.indicators.items():
        if name in known:
            text = _meaning(survey, name, known[name])
            yield Code("indicator", "", name, indicator.label, text)


def _meaning(survey: Survey, name: str, waves: list[str]) -> str:
    """Unit, population by wave, base and note of an indicator, in sentences."""
    runs: dict[str, list[str]] = {}
    for wave in waves:
        runs.setdefault(survey.population(name, wave).label, []).append(wave)
    who = [f"{w} ({', '.join(r)})" if len(runs) > 1 else w for w, r in runs.items()]
    said = (
        f"Unité : {unit_name(survey, name)}.",
        f"Population : {' ; '.join(who)}, {survey.spec.territory}.",
        base_note(survey, name),
        survey.spec.indicators[name].note,
    )
    return " ".join(s for s in said if s)


def _categories(survey: Survey, rows: pl.DataFrame) -> Iterator[Code]:
    found = set(rows.select("indicator", "category").unique().iter_rows())
    for name in survey.spec.indicators:
        for code, category in survey.categories(name).items():
            if code and (name, code) in found:
                yield Code("category", name, code, category.label)


def _domains(survey: Survey, rows: pl.DataFrame) -> Iterator[Code]:
    found = set(rows["domain"].unique())
    labels = {WHOLE: "Ensemble"} | {k: d.label for k, d in survey.spec.domains.items()}
    yield from (Code("domain", "", k, label) for k, label in labels.items() if k in found)


def _groups(survey: Survey, rows: pl.DataFrame) -> Iterator[Code]:
    found = set(rows.select("domain", "domain_value").unique().iter_rows())
    levels = {WHOLE: [WHOLE]} | {k: list(survey.levels(k)) for k in survey.spec.domains}
    for domain, values in levels.items():
        for value in values:
            if (domain, value) in found:
                yield Code("domain_value", domain, value, plain_label(survey, domain, value))
