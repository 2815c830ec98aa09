"""Margins as the analyst gives them: read, checked against the respondents, all faults at once.

A margin is {"sexe": {"Femme": 29.6e6, "Homme": 27.9e6}}, the counts of the categories of a column,
{("region", "sexe"): {("IDF", "Femme"): 5.2e6, …}}, those of crossed columns, or {"revenu": 1.2e12},
the total of a numeric column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.design import Integers
from analysis.errors import Problem, nearest, quoted, raise_all, refuse
from analysis.weighting.cells import Cells, Weighed, cells_of
from analysis.weighting.margin import Margin
from analysis.weighting.matching import against, unknown

Margins = Mapping[Any, Any]
AGREE = 1e-9  # relative difference of the totals of two margins that no weights could meet


def read_margins(
    design: Weighed,
    margins: Margins,
    total: float | None,
    soft: Mapping[Any, float] | None,
    unit_margins: Margins | None,
) -> tuple[list[Margin], Cells]:
    """Margins ready to be met, and the cells of the respondents.

    Raises :class:`BaroError` with every fault of all of them.

    total : margins of categories are scaled to it (they may then be shares, or counts of
    another year) ; soft : cost of the margins that may be missed
    """
    return matched_margins(design, parsed_margins(margins, unit_margins), total, soft)


def parsed_margins(margins: Margins, unit_margins: Margins | None) -> list[Margin]:
    """The margins as given, no respondent seen yet; raises with every fault of all of them."""
    problems: list[Problem] = []
    given = [_margin(key, value, False, problems) for key, value in _items(margins)]
    given += [_margin(key, value, True, problems) for key, value in _items(unit_margins or {})]
    raise_all(problems)
    found = [m for m in given if m is not None]
    if not found:
        raise refuse("calibrate: margins", "there is none", "one or more",
                     'e.g. {"sexe": {"Femme": 29.6e6, "Homme": 27.9e6}}')  # fmt: skip
    return found


def matched_margins(
    design: Weighed,
    found: list[Margin],
    total: float | None,
    soft: Mapping[Any, float] | None,
    people: Integers | None = None,
) -> tuple[list[Margin], Cells]:
    """As :func:`read_margins`; ``people`` (n,) are in each row where rows are cells."""
    columns = design.frame.columns
    problems = [p for m in found for p in unknown(columns, m)]
    there = [m for m in found if not unknown(columns, m)]
    cells = cells_of(design.frame, design.weights, there)
    problems += [p for m in there for p in against(design, m, cells, people)]
    found = _softened(found, soft or {}, problems)
    raise_all(problems)
    return _scaled(found, total), cells


def _items(margins: Margins) -> Iterable[tuple[Any, Any]]:
    if not isinstance(margins, Mapping):
        raise refuse("calibrate: margins", f"it is a {type(margins).__name__}",
                     "columns with their populations",
                     'e.g. {"sexe": {"Femme": 29.6e6, "Homme": 27.9e6}}')  # fmt: skip
    return margins.items()


def _margin(key: Any, value: Any, unit: bool, problems: list[Problem]) -> Margin | None:
    columns = (key,) if isinstance(key, str) else key
    if not isinstance(columns, tuple) or not all(isinstance(c, str) for c in columns):
        problems.append(
            Problem("calibrate: margins", f"{key!r} is no name", "a column, or several in a tuple",
                    '("region", "sexe")')
        )  # fmt: skip
        return None
    name = " x ".join(columns)
    if not columns or len(set(columns)) < len(columns):
        problems.append(Problem(f"margin {name or key}", "a column twice, or none",
                                "columns that differ", '("region", "sexe")'))  # fmt: skip
        return None
    if not isinstance(value, Mapping):
        if len(columns) > 1:
            problems.append(Problem(f"margin {name}", f"{value!r} for crossed columns",
                                    "a population for each crossed category",
                                    '{("IDF", "Femme"): 5.2e6, …}'))  # fmt: skip
            return None
        amount = _amount(f"margin {name}", value, problems, negative=True)
        return None if amount is None else Margin(columns, (), (amount,), unit=unit)
    return _categories(name, columns, value, unit, problems)


def _categories(
    name: str, columns: tuple[str, ...], value: Mapping[Any, Any], unit: bool,
    problems: list[Problem],
) -> Margin | None:  # fmt: skip
    before = len(problems)
    categories, targets = [], []
    for category, amount in value.items():
        parts = category if isinstance(category, tuple) else (category,)
        place = f"margin {name}, {' x '.join(map(_text, parts))}"
        if len(parts) != len(columns):
            problems.append(Problem(place, f"{len(parts)} values", f"{len(columns)}, one a column",
                                    "give the category of each column"))  # fmt: skip
            continue
        number = _amount(place, amount, problems)
        categories.append(tuple(map(_text, parts)))
        targets.append(0.0 if number is None else number)
    repeated = {c for c in categories if categories.count(c) > 1}
    problems.extend(
        Problem(f"margin {name}, {' x '.join(c)}", "the category is there twice", "once",
                "add the two, or leave one out") for c in sorted(repeated)
    )  # fmt: skip
    if not categories and len(problems) == before:
        problems.append(Problem(f"margin {name}", "no category", "one or more", "leave it out"))
    if len(problems) > before:
        return None
    return Margin(columns, tuple(categories), tuple(targets), unit=unit)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _amount(
    where: str, value: Any, problems: list[Problem], negative: bool = False
) -> float | None:
    """The number, or None after a problem was noted."""
    if isinstance(value, str):
        figure = "".join(value.split()).replace(",", ".")
        remedy = f"type {figure}" if figure.replace(".", "", 1).isdigit() else "type a number"
        problems.append(Problem(where, f"the text {quoted(value)}", "a number", remedy))
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        problems.append(Problem(where, f"{value!r}", "a number", "type a number"))
        return None
    if not np.isfinite(value):
        problems.append(Problem(where, f"{value}", "a number", "give the population"))
        return None
    if value < 0 and not negative:
        problems.append(Problem(where, f"{value:g}", "0 or more", "correct the population"))
        return None
    return float(value)


def _softened(
    margins: list[Margin], soft: Mapping[Any, float], problems: list[Problem]
) -> list[Margin]:
    if not isinstance(soft, Mapping):
        raise refuse("calibrate: soft", f"{soft!r}", "margins with their costs",
                     'soft={"region": 10.0}')  # fmt: skip
    keys = {key if isinstance(key, tuple) else (key,): cost for key, cost in soft.items()}
    for key, cost in keys.items():
        if key not in [m.columns for m in margins]:
            name = " x ".join(key)
            problems.append(Problem(f"calibrate: soft: {name}", "there is no such margin",
                                    nearest(name, [m.name for m in margins]),
                                    "name one of the margins"))  # fmt: skip
        elif not 0 < cost < np.inf:
            problems.append(Problem(f"calibrate: soft: {' x '.join(key)}", f"a cost of {cost}",
                                    "a positive number, larger for a closer margin",
                                    f"soft={{{key[0]!r}: 10}}"))  # fmt: skip
    return [replace(m, soft=float(keys[m.columns])) if m.columns in keys else m for m in margins]


def _scaled(margins: list[Margin], total: float | None) -> list[Margin]:
    """All margins of categories brought to one total; refuses totals that differ."""
    if total is not None:
        if not (np.isfinite(total) and total > 0):
            raise refuse("calibrate: total", f"{total}", "a positive number", "total=57.5e6")
        scaled = [m if m.numeric or m.unit else _times(m, total) for m in margins]
        counted = any(not m.numeric and not m.unit for m in margins)
        return scaled if counted else [*scaled, Margin((), ((),), (float(total),))]
    for unit, what in ((False, "respondents"), (True, "units")):
        same = [m for m in margins if m.unit == unit and not m.numeric and not m.soft]
        _check_totals(same, what)
    return margins


def _times(margin: Margin, total: float) -> Margin:
    factor = total / margin.total
    return replace(margin, targets=tuple(t * factor for t in margin.targets))


def _check_totals(margins: list[Margin], what: str) -> None:
    for margin in margins[1:]:
        first = margins[0]
        apart = margin.total / first.total - 1 if first.total else np.inf
        if abs(apart) > AGREE:
            raise refuse(f"calibrate: margins {first.name} and {margin.name}",
                         f"their {what} sum to {first.total:,.10g} and {margin.total:,.10g} "
                         f"({apart:+.2g} relative)", "one population",
                         f"correct one of them, or total={first.total:.10g}: "
                         "every margin is then scaled to it")  # fmt: skip
