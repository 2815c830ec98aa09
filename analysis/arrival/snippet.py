"""A new question as a variable of survey.yml, to be pasted there and named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analysis.arrival.case import Case, as_numbers, cleaned
from analysis.arrival.draft import scalar
from analysis.arrival.likeness import fold

_MOST_TEXTS = 12
_MOST_COLUMNS = 20


def snippets(case: Case, columns: list[str]) -> dict[str, str]:
    """Column -> lines of YAML, for those whose texts could be categories or numbers."""
    made = {c: "\n".join(_variable(case, c)) for c in columns[:_MOST_COLUMNS]}
    return {c: text for c, text in made.items() if text}


def _variable(case: Case, column: str) -> Iterator[str]:
    missing = case.survey.spec.missing
    known = {t for kind in type(missing).model_fields for t in getattr(missing, kind)}
    texts = [t for t in cleaned(case.raw.frame[column]).unique().sort() if t not in {"", *known}]
    numeric = bool(texts) and as_numbers(case.raw.frame[column]).drop_nulls().len() > 0
    if not numeric and not 0 < len(texts) <= _MOST_TEXTS:
        return
    yield f"{_code(column)}:"
    yield f"  label: {scalar(case.raw.labels.get(column, '') or column)}"
    yield f"  column: {scalar(column)}"
    yield f'  waves: "{case.wave}-"'
    if numeric:
        yield "  type: numeric"
        return
    yield "  categories:"
    yield from (f"    {_code(t)}: {scalar(t)}" for t in texts)


def _code(text: str) -> str:
    """Letters, digits and _ that can name a variable or a category."""
    plain = re.sub(r"[^0-9a-z]+", "_", fold(text)).strip("_")[:40].strip("_")
    return plain if plain and not plain[0].isdigit() else f"c_{plain}".rstrip("_")
