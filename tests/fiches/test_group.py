"""A group beside the rest, on a table where every test statistic is known by hand."""

from __future__ import annotations

from math import sqrt
from typing import Any

import polars as pl
import pytest

from analysis.briefing.book import Book
from analysis.estimates import SCHEMA, conform
from analysis.fiches import Group, groups_of
from tests.sample import row, survey

FICHES = {"domains": ["age"], "key": ["smartphone"], "answers": ["avis"]}
OWN = {"domain": "age", "domain_value": "jeune", "n": 200, "n_weighted": 200.0}
# Var(group - whole) = 0.01² + (1 - 2 × 0.2) × 0.02², the group being a fifth of the whole.
SPREAD = sqrt(0.01**2 + 0.6 * 0.02**2)


def book(*rows: dict[str, Any], **changes: Any) -> Book:
    table = conform(pl.DataFrame(list(rows), schema=SCHEMA))
    return Book(survey(**({"fiches": FICHES} | changes)), table)


def pair(indicator: str, whole: float, part: float | None, **more: Any) -> list[dict[str, Any]]:
    """Everybody's cell with a standard error of 0.01, and the group's with 0.02."""
    top = {k: more.pop(k) for k in ("category", "method") if k in more}
    return [row(indicator, "2022", whole, **top),
            row(indicator, "2022", part, **(OWN | {"se": 0.02} | top | more))]  # fmt: skip


def group(*rows: dict[str, Any], **changes: Any) -> Group:
    (found,) = groups_of(book(*rows, **changes), "age", "2022")
    return found


def test_the_statistic_is_that_of_a_group_within_its_population() -> None:
    g = group(*pair("smartphone", 0.60, 0.70))
    assert g.rows[0].z == pytest.approx(0.10 / SPREAD, rel=1e-12)
    assert g.rows[0].side == 1
    assert (g.label, g.n) == ("18\u201124\u00a0ans", 200)


def test_the_level_is_divided_by_the_number_of_comparisons() -> None:
    """2.1 standard errors: beyond 1.96 for one comparison, within 2.24 for two."""
    near = 0.60 + 2.1 * SPREAD
    assert group(*pair("smartphone", 0.60, near)).rows[0].side == 1
    two = group(*pair("smartphone", 0.60, near), *pair("ordinateur", 0.30, 0.30))
    assert [r.side for r in two.rows] == [0, 0]
    assert len(two.alike) == 2
    assert two.apart == ()


def test_the_contrary_of_an_indicator_is_no_second_comparison() -> None:
    near = 0.60 + 2.1 * SPREAD
    g = group(*pair("smartphone", 0.60, near), *pair("ordinateur", 0.40, 1 - near))
    assert [r.twin for r in g.rows] == [False, True]
    assert [r.side for r in g.rows] == [1, -1], "the table says both"
    assert len(g.tested) == len(g.apart) == 1


def test_what_is_unreliable_is_not_compared() -> None:
    weak = group(*pair("smartphone", 0.60, 0.90, status="U"), *pair("ordinateur", 0.55, None))
    assert weak.tested == ()
    assert (weak.hidden, weak.fragile) == (1, 1)
    whole = pair("smartphone", 0.60, 0.90)
    whole[0]["status"] = "U"
    assert group(*whole).tested == ()


def test_everybody_is_no_group() -> None:
    alone = pair("smartphone", 0.60, 0.60, n=1000)
    assert group(*alone).tested == (), "there is no rest to compare with"


def test_the_clearest_difference_comes_first() -> None:
    g = group(*pair("smartphone", 0.60, 0.80), *pair("ordinateur", 0.50, 0.10))
    assert [r.cell.indicator for r in g.apart] == ["ordinateur", "smartphone"]


def test_answers_are_compared_where_they_are_asked_for() -> None:
    rows = [*pair("smartphone", 0.6, 0.6), *pair("avis", 0.4, 0.5, category="oui"),
            *pair("avis", 0.6, 0.5, category="non")]  # fmt: skip
    g = group(*rows)
    assert [r.cell.category for r in g.rows] == ["", "oui", "non"]
    assert g.name(g.rows[1]) == "Avis\u202f: Oui"
    assert g.rows[2].twin
    bare = group(*rows, fiches=FICHES | {"answers": []})
    assert [r.cell.indicator for r in bare.rows] == ["smartphone"]


def test_the_margin_is_the_median_half_width_of_shares() -> None:
    rows = [*pair("smartphone", 0.6, 0.6, se=0.01), *pair("ordinateur", 0.5, 0.5, se=0.03),
            *pair("heures", 31.0, 31.0, se=5.0, method="mean")]  # fmt: skip
    assert group(*rows).margin == pytest.approx(1.96 * 0.02, rel=1e-12)
    assert group(*pair("smartphone", 0.6, None)).margin is None


def test_a_population_that_is_not_everybody_is_named() -> None:
    g = group(*pair("smartphone", 0.6, 0.6), *pair("ordinateur", 0.5, 0.5))
    assert [g.name(r) for r in g.rows] == ["Possession d’un smartphone (adultes)", "Ordinateur"]


def test_groups_without_answers_have_no_page() -> None:
    absent = [row("smartphone", "2022", 0.6), row("smartphone", "2022", None, n=0, domain="age",
              domain_value="vieux")]  # fmt: skip
    assert [g.level for g in groups_of(book(*absent, *pair("ordinateur", 0.5, 0.5)),
                                       "age", "2022")] == ["jeune"]  # fmt: skip
