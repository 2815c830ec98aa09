"""Figures of change, shares and spreads: from the table to the page; the findings in titles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.briefing import Briefing
from analysis.briefing.book import Book
from analysis.briefing.interactive import data_file, downloads
from analysis.charts import KeyFigure
from analysis.definition.survey import quantile_code
from analysis.errors import BaroError
from analysis.estimates import SCHEMA, conform
from analysis.project import Project
from analysis.wording import (
    NBSP,
    NNBSP,
    balance,
    changes,
    headline,
    leading,
    moved,
    winners,
)
from tests.sample import SPEC, estimate, row, survey

ORDER = {"tres": "Très", "assez": "Assez", "pas_tres": "Pas très", "pas_du_tout": "Pas du tout"}
CINQ = {f"c{i}": f"C{i}" for i in range(5)}
VARIABLES = SPEC["variables"] | {
    "ordinal": {"label": "Avis gradué", "type": "ordinal", "categories": ORDER},
    "cinq": {
        "label": "Cinq",
        "type": "ordinal",
        "categories": {f"c{i}": f"C{i}" for i in range(5)},
    },
}
INDICATORS = SPEC["indicators"] | {
    "facilite": {"label": "Facilité", "phrase": "trouvent cela", "theme": "equipement",
                 "measure": "distribution", "variable": "ordinal", "show": ["dont_know"],
                 "population": "all"},
    "cinq": {"label": "Cinq réponses", "phrase": "répondent", "theme": "equipement",
             "measure": "distribution", "variable": "cinq", "population": "all"},
    "quantiles": {"label": "Temps d'écran", "phrase": "passent", "theme": "temps",
                  "measure": "quantile", "variable": "heures", "population": "all",
                  "shares": ["0.1", "0.25", "0.5", "0.75", "0.9"], "base": "answered"},
    "mediane": {"label": "Médiane", "phrase": "passent", "theme": "temps", "measure": "quantile",
                "variable": "heures", "population": "all", "shares": ["0.5"], "base": "answered"},
}  # fmt: skip
SHARES = (0.30, 0.45, 0.15, 0.08)
GONE = f"non publié{NNBSP}: moins de 30 réponses"


def graded(
    name: str, shares: Sequence[float | None], rest: float = 0.02, **more: Any
) -> list[dict]:
    cells = [row(name, "2022", v, category=c, **more) for c, v in zip(ORDER, shares, strict=True)]
    return [*cells, row(name, "2022", 0.02, category="dont_know", **more)]


def five(values: Sequence[float], **more: Any) -> list[dict]:
    codes = [quantile_code(q) for q in (0.1, 0.25, 0.5, 0.75, 0.9)]
    return [row("quantiles", "2022", v, category=c, method="quantile", **more)
            for c, v in zip(codes, values, strict=True)]  # fmt: skip


def briefing(*rows: dict, downloads: Path | None = None) -> Briefing:
    changed = survey(variables=VARIABLES, indicators=INDICATORS)
    return Briefing(Book(changed, conform(pl.DataFrame(list(rows), schema=SCHEMA)), downloads))


def years(name: str, *values: float, **more: Any) -> list[dict]:
    waves = ("2018", "2019", "2020", "2022")
    return [row(name, w, v, **more) for w, v in zip(waves, values, strict=True)]


def group(value: str) -> dict[str, Any]:
    return {"domain": "age", "domain_value": value}


# --- findings -------------------------------------------------------------------------------------
def test_a_change_is_stated_only_when_a_test_confirms_it() -> None:
    """Standard errors of 0.01: 1.96 x 0.01414 = 0.0277 is needed for one, 0.0317 for two."""
    before, after = estimate("smartphone", "2020", 0.30), estimate("smartphone", "2022", 0.33)
    assert moved(before, after) == 1
    assert moved(after, before) == -1
    assert moved(before, after, among=2) == 0
    assert moved(before, after._replace(estimate=0.32)) == 0
    assert moved(before, after._replace(status="U")) == 0
    assert moved(before, after._replace(estimate=None)) == 0


def test_an_answer_leads_only_where_every_other_is_clearly_below() -> None:
    """The bound 0.02 on the standard error of a difference: 0.0448 is needed among three."""
    a, b, c = (
        estimate("avis", "2022", v, category=k) for k, v in (("a", 0.4), ("b", 0.35), ("c", 0.2))
    )
    assert leading([b, a, c]) == a
    assert leading([a, b._replace(estimate=0.36), c]) is None
    assert leading([a._replace(status="U"), c]) is None
    assert leading([a]) is None
    assert leading([a, b._replace(se=None)]) is None


def test_a_side_outnumbers_the_other_only_where_a_test_confirms_it() -> None:
    """Two standard errors of 0.01, bounded by 0.02: 0.0392 is needed for one item."""
    against, favour = estimate("avis", "2022", 0.40), estimate("avis", "2022", 0.45)
    assert balance([against], [favour]) == 1
    assert balance([favour], [against]) == -1
    assert balance([against], [favour._replace(estimate=0.43)]) == 0
    assert balance([against], [favour], among=6) == 0
    assert balance([against._replace(status="U")], [favour]) == 0


def test_titles_name_few_and_count_many() -> None:
    assert changes([("A", 1), ("B", -1), ("C", 0)], "groupes") == "hausse pour A, baisse pour B"
    assert (
        changes([(x, 1) for x in "ABCD"] + [("E", 0)], "groupes") == "hausse pour 4 groupes sur 5"
    )
    assert changes([("A", 1), ("B", 1)], "groupes") == "hausse pour les 2 groupes"
    assert changes([("A", 1)], "groupes") == "hausse pour A"
    assert changes([("A", 0)], "groupes") == ""
    assert winners([("A", 1), ("B", 1)], ("non", "oui")) == f"«{NBSP}oui{NBSP}» l’emporte partout"
    assert winners([("A", 1), ("B", -1), ("C", 0)], ("non", "oui")) == (
        f"«{NBSP}oui{NBSP}» l’emporte pour A, «{NBSP}non{NBSP}» l’emporte pour B"
    )
    assert winners([("A", 0)], ("non", "oui")) == ""
    assert headline("Sujet", "") == "Sujet"
    assert headline("Sujet", "constat") == f"Sujet{NNBSP}: constat"


# --- slopes ---------------------------------------------------------------------------------------
def changed(*ends: tuple[float | None, float | None]) -> Briefing:
    cells = [row("smartphone", w, v, n=300, **group(g))
             for g, pair in zip(("jeune", "vieux"), ends, strict=False)
             for w, v in zip(("2020", "2022"), pair, strict=True)]  # fmt: skip
    return briefing(*years("smartphone", 0.3, 0.4, 0.6, 0.61), *years("avis", 0.1, 0.1, 0.1, 0.1),
                    *cells)  # fmt: skip


def test_slopes_by_group_state_what_is_significant() -> None:
    figure = changed((0.5, 0.6), (0.3, 0.31)).slope("p", "smartphone", domain="age")
    assert figure.title == f"Possession d’un smartphone{NNBSP}: hausse pour 18\u201124{NBSP}ans"
    assert f"hausse de 10{NBSP}points" in figure.chart
    assert "pas d’écart significatif" in figure.chart
    for words in ("Lecture", "Champ", "Source", "Écarts", "<table>", "donnees/smartphone.csv"):
        assert words in figure.html()
    assert "divisé par 2 (Bonferroni)" in figure.html()
    assert figure.table.count('scope="rowgroup"') == 2, "a part of the table for each wave"


def test_slopes_without_a_significant_change_have_a_neutral_title() -> None:
    figure = changed((0.5, 0.51), (0.3, None)).slope("p", "smartphone", domain="age")
    assert figure.title == "Possession d’un smartphone, en 2020 et en 2022"
    assert "Non publié" in figure.chart
    assert "hausse" not in figure.html()
    assert "Bonferroni" not in figure.html(), "one change is tested: nothing is divided"


def test_slopes_of_several_indicators() -> None:
    rows = [*years("smartphone", 0.3, 0.4, 0.5, 0.6), *years("ordinateur", 0.3, 0.4, 0.5, 0.5)]
    b = briefing(*rows)
    figure = b.slope("p", "smartphone", waves=("2018", "2019"), measure="Équipement")
    assert figure.title == f"Équipement{NNBSP}: hausse pour possession d’un smartphone"
    assert b.slope("p", "smartphone", "ordinateur", waves=("2018", "2019")).title
    assert b.slope("p", "smartphone", title="À moi").title == "À moi"


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("smartphone",), {"waves": ("2019", "2020")}, "2020, Changement de mode.*2018 to 2019, 2"),
        (("ordinateur",), {"waves": ("2020", "2022")}, "compared: 2020, Question changée"),
        (("smartphone",), {"waves": ("2019", "2021")}, "it has not this wave"),
        (("smartphone",), {"waves": ("2022", "2020")}, "the earlier first"),
        (("smartphone", "ordinateur"), {"domain": "age"}, "2 indicators by age"),
        (("heures",), {}, "no two waves can be compared"),
        (("smartphone",), {"domain": "sexe"}, "no group in both|sexe"),
    ],
)  # fmt: skip
def test_waves_that_cannot_be_compared_are_refused(
    arguments: tuple[str, ...], options: dict[str, Any], said: str
) -> None:
    rows = [*years("smartphone", 0.3, 0.4, 0.6, 0.61), *years("ordinateur", 0.3, 0.4, 0.6, 0.6),
            row("heures", "2022", 31.0)]  # fmt: skip
    with pytest.raises(BaroError, match=f"(?s){said}"):
        briefing(*rows).slope("p", *arguments, **options)


# --- shares ---------------------------------------------------------------------------------------
def test_stacked_answers_for_everybody_and_by_group() -> None:
    b = briefing(
        *graded("facilite", SHARES), *graded("facilite", (0.2, 0.2, 0.3, None), **group("jeune"))
    )
    figure = b.stacked("s", "facilite", domain="age")
    assert figure.title == f"Facilité{NNBSP}: en tête, «{NBSP}Assez{NBSP}» (45{NBSP}%)"
    assert figure.chart.count("<rect") == 4, "no bar where a share is not published"
    assert "Ne sait pas 2" in figure.chart
    assert "Pas du tout non publié" in figure.chart
    assert "Ne sait pas" in figure.table
    most = briefing(*graded("facilite", (0.6, 0.2, 0.1, 0.08))).stacked("s", "facilite")
    assert (
        most.title == f"Facilité{NNBSP}: plus de la moitié répondent «{NBSP}Très{NBSP}» (60{NBSP}%)"
    )
    even = briefing(*graded("facilite", (0.33, 0.32, 0.25, 0.08))).stacked("s", "facilite")
    assert even.title == "Facilité"


def test_a_fifth_share_and_what_is_no_question_are_refused() -> None:
    five_ = [row("cinq", "2022", 0.2, category=f"c{i}") for i in range(5)]
    with pytest.raises(BaroError, match=r"(?s)5 shares.*answers\(\)"):
        briefing(*five_).stacked("s", "cinq")
    with pytest.raises(BaroError, match="measure: distribution"):
        briefing(row("smartphone")).stacked("s", "smartphone")
    with pytest.raises(BaroError, match="not in the definition"):
        briefing(row("smartphone")).diverging("d", {"x": "X"}, sides=("a", "b"), measure="M")


def test_diverging_puts_favourable_answers_right() -> None:
    b = briefing(*graded("facilite", SHARES))
    figure = b.diverging(
        "d", {"facilite": "Un geste"}, sides=("difficile", "facile"), measure="Gestes"
    )
    assert figure.title == f"Gestes{NNBSP}: «{NBSP}facile{NBSP}» l’emporte pour Un geste"
    order = [figure.chart.index(f">{w} ") for w in ORDER.values() if f">{w} " in figure.chart]
    assert order == sorted(order, reverse=True), "from the least to the most favourable"
    assert f"75{NBSP}%{NBSP}facile" in figure.chart
    assert f"23{NBSP}%{NBSP}difficile" in figure.chart
    even = briefing(*graded("facilite", (0.25, 0.25, 0.24, 0.24)))
    neutral = even.diverging(
        "d", {"facilite": "G"}, sides=("difficile", "facile"), measure="Gestes"
    )
    assert neutral.title == "Gestes"


def test_five_answers_have_a_middle() -> None:
    five_ = [row("cinq", "2022", 0.2, category=f"c{i}") for i in range(5)]
    figure = briefing(*five_).diverging("d", {"cinq": "C"}, sides=("a", "b"), measure="M")
    assert figure.chart.count('class="mi"') == 2  # in the bar, and beside its name
    assert figure.title == "M"


def test_spreads_state_which_medians_differ() -> None:
    usual = (5, 10, 20, 30, 50)
    rows = [*five(usual, se=0.5), *five(usual, se=0.5, **group("jeune")),
            *five((5, 15, 25, 40, 60), se=0.5, **group("vieux"))]  # fmt: skip
    figure = briefing(*rows).distribution("q", "quantiles", domain="age")
    said = f"médiane de 20,0 (18\u201124{NBSP}ans) à 25,0"
    assert figure.title.startswith(f"Temps d’écran{NNBSP}: {said}")
    assert figure.chart.count('class="fin"') == 3
    assert f"Trait fin{NNBSP}: 80{NBSP}% du milieu" in figure.subtitle
    assert f"Lecture{NNBSP}:</b> en 2022, la moitié des" in figure.html()
    alike = [*rows[:10], *five((5, 15, 20.5, 40, 60), se=0.5, **group("vieux"))]
    assert briefing(*alike).distribution("q", "quantiles", domain="age").title == "Temps d’écran"


def test_a_spread_is_drawn_whole_or_not_at_all() -> None:
    hidden = [*five((5, 10, 20, 30, 50)), *five((5, 10, 20, 30, 50), **group("jeune"))]
    hidden[-1] = row("quantiles", "2022", None, category="q90", **group("jeune"))
    figure = briefing(*hidden).distribution("q", "quantiles", domain="age")
    assert figure.chart.count('class="fin"') == 1
    assert GONE in figure.chart


def test_classes_of_one_answer_and_too_few_quantiles() -> None:
    figure = briefing(*graded("facilite", SHARES)).distribution("c", "facilite")
    assert figure.chart.count('class="col"') == 5
    assert figure.chart.count('class="iv"') == 5
    with pytest.raises(BaroError, match=r"(?s)1 quantiles.*five.*0\.25"):
        briefing(row("mediane", "2022", 20.0)).distribution("c", "mediane")


def test_what_was_not_observed_says_so() -> None:
    rows = [*graded("facilite", SHARES), *five((5, 10, 20, 30, 50))]
    rows += years("smartphone", 0.3, 0.4, 0.6, 0.7)
    b = briefing(*(r | {"origin": "demonstration"} for r in rows))
    figures = [b.stacked("s", "facilite"), b.distribution("q", "quantiles"),
               b.slope("p", "smartphone"),
               b.diverging("d", {"facilite": "G"}, sides=("a", "b"), measure="M")]  # fmt: skip
    for figure in figures:
        for part in (figure.chart, figure.table, figure.subtitle):
            assert "démonstration" in part


# --- the data of the interactive version ----------------------------------------------------------
def test_a_figure_leaves_its_data_beside_the_page(tmp_path: Path) -> None:
    b = briefing(*graded("facilite", SHARES), downloads=tmp_path / "donnees")
    figure = b.stacked("s", "facilite")
    (file,) = (tmp_path / "donnees").iterdir()
    assert figure.interactive == f"donnees/{file.name}"
    assert f'data-interactif="donnees/{file.name}"' in figure.html()
    script = file.read_text("utf-8")
    assert script.startswith("figureInteractive({")
    assert json.loads(script.removeprefix("figureInteractive(").removesuffix(");\n"))["data"]
    assert b.stacked("s", "facilite").interactive == figure.interactive, "same data, same bytes"


def test_without_a_page_there_is_nothing_to_offer() -> None:
    chart = KeyFigure("x", "25 %", 0.25, 0.24, 0.27)
    b = briefing(*graded("facilite", SHARES))
    assert b.stacked("s", "facilite").interactive == ""
    assert "data-interactif" not in b.stacked("s", "facilite").html()
    assert chart.plotly()["data"]
    assert data_file.__doc__


def test_data_go_where_the_page_will_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert downloads(project) == tmp_path / "reports" / "donnees"
    (tmp_path / "donnees").mkdir()
    assert downloads(project) == tmp_path / "donnees"
