"""What a page says of a weighting, on a small table where every figure is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.briefing import Briefing, Weights
from analysis.briefing.book import Book
from analysis.definition import MarginTable, Survey
from analysis.errors import BaroError
from analysis.project import Project
from analysis.weights import (
    LargeWeight,
    MarginRow,
    RatioBin,
    Spread,
    WeightSummary,
    write_summary,
)
from tests.sample import survey, table

NB, NN = "\u00a0", "\u202f"
DECLARED: dict[str, Any] = {
    "label": "Calage d'essai", "margins": ["sexe"], "key": ["smartphone", "ordinateur", "heures"],
    "waves": "2022", "reason": "Pas plus tôt.", "note": "Note & <essai>.",
}  # fmt: skip
MARGIN = MarginTable("surveys/essai/margins/sexe.csv", ("sexe",), (("f",), ("h",)), (52.0, 48.0),
                     "2018", "12 ans ou plus", ("Insee, 2018",),
                     ("un tiers est supposé",))  # fmt: skip
SUMMARY = WeightSummary(
    "essai", "2022", "pop", "observed", 1000, 4, 0, 0,
    (MarginRow("sexe", ("f",), 600, 600.0, 550.0, 520.0, 520.0, False),
     MarginRow("sexe", ("h",), 400, 400.0, 450.0, 480.0, 480.0, False)),
    (RatioBin(None, 0.9, 600), RatioBin(0.9, 1.0, 100), RatioBin(1.0, 1.25, 295),
     RatioBin(1.25, None, 5)),
    (LargeWeight(1.5, 1.5, None), LargeWeight(1.2, 1.2, 395)),
    {"0": 0.8667, "1": 1.5}, Spread(1.0, 1000.0), Spread(1.17, 854.7), Spread(1.018, 982.3),
)  # fmt: skip


def defined(**changes: Any) -> Survey:
    return replace(survey(weighting={"pop": DECLARED | changes}), margins={"sexe": MARGIN})


def other_table(moved: float, heures: float = 32.0) -> pl.DataFrame:
    """The same estimates with the key figures moved."""
    value = pl.when(pl.col("indicator") == "heures").then(heures).otherwise(
        pl.col("estimate") + pl.when(pl.col("indicator") == "smartphone").then(moved).otherwise(0)
    )  # fmt: skip
    return table().with_columns(estimate=value)


def weights(moved: float = -0.03, **changes: Any) -> Weights:
    s = defined(**changes)
    return Weights(Book(s, table()), SUMMARY, Book(s, other_table(moved)))


def test_numbers_for_prose() -> None:
    w = weights()
    assert (w.lowest, w.highest) == ("0,87", "1,50")
    assert (w.deff(), w.deff("published"), w.n_eff("published")) == ("1,02", "1,17", "855")
    assert w.margin("f") == f"52,0{NB}%"
    assert w.margin("f", which="start") == f"60,0{NB}%"
    assert w.widest == f"3,0{NB}points"
    assert w.widest_indicator == "Possession d’un smartphone"
    assert w.note == "Note & <essai>."
    with pytest.raises(BaroError, match="margin"):
        w.margin("x")


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        (-0.03, "1 des 3 chiffres clés sort de son intervalle publié"),
        (0.0, "aucun des 3 chiffres clés ne sort de son intervalle publié"),
    ],
)
def test_how_many_figures_leave_their_interval(moved: float, said: str) -> None:
    assert weights(moved).outside == said


def test_the_table_of_key_figures_has_intervals_signs_and_marks() -> None:
    w = weights()
    html = str(Briefing(w.book).moves(w))
    assert '<th scope="col">Calage d’essai</th>' in html
    assert f"<td>61,0{NB}% (59,0 à{NB}63,0)</td>" in html
    assert f"<td>\u22123,0{NB}*</td>" in html
    assert "<td>0,0</td>" in html
    assert "<td>+0,1</td>" in html, "hours are in their unit, not in points"
    assert "à titre indicatif" in html


def test_a_published_weighting_is_compared_with_what_was_before_it() -> None:
    w = weights(role="published")
    assert w.label == "Avant calage"
    assert "Avant calage" in str(Briefing(w.book).moves(w))


def test_margins_before_and_after() -> None:
    html = str(weights().margins())
    assert f"Sexe (12{NB}ans ou plus, 2018)" in html
    assert "Sans poids" in html
    cells = [f"<td>{x}{NB}%</td>" for x in ("60,0", "55,0", "52,0", "52,0")]
    assert f'<th scope="row">Femmes</th><td>600</td>{"".join(cells)}' in html
    assert "Au départ" in str(weights(start="weight").margins())


def test_ratios_are_two_panels_of_bars() -> None:
    figure = weights().ratios("r")
    assert figure.title == "Rapports de poids de 0,87 à 1,50"
    assert "Poids diminué" in figure.chart
    assert "de 1,00 à 1,25" in figure.chart, "as many decimals in every class"
    assert "moins de 0,90 60,0" in figure.chart, "the text alternative gives every class"
    assert figure.chart.count('class="panel"') == 2
    assert "classes de moins de cinq répondants" in figure.html()
    merged = replace(SUMMARY, bins=(RatioBin(None, 1.5, 1000),))
    (only,) = Weights(weights().book, merged)._panels()
    assert (only.label, only.dots[0].label) == ("", "moins de 1,5")


def test_largest_weights_name_nobody() -> None:
    html = str(weights(start="weight").largest())
    assert "<td>1,50</td><td>moins de 5</td>" in html
    assert "Rapport" not in str(weights().largest()), "from equal weights it is the weight itself"


def test_sources_say_what_was_assumed() -> None:
    html = str(weights().sources())
    assert "Insee, 2018" in html
    assert "Un tiers est supposé." in html


def test_spread_of_several_weightings() -> None:
    w = weights()
    html = str(Briefing(w.book).spread(w))
    assert html.count("<tr>") == 4
    assert '<th scope="row">Poids publiés</th><td>1,17</td><td>855</td>' in html


def test_demonstration_is_said_in_every_caption() -> None:
    s = defined()
    w = Weights(Book(s, table("demonstration")), SUMMARY, Book(s, other_table(0.01)))
    for html in (w.margins(), w.largest(), Briefing(w.book).moves(w), Briefing(w.book).spread(w)):
        assert "données de démonstration" in str(html)
    assert "données de démonstration" in w.ratios("r").subtitle


def test_a_page_finds_what_was_built_or_refuses_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.setenv("BARO_PROJECT", str(tmp_path))
    b = Briefing(Book(defined(key=[]), table()))
    with pytest.raises(BaroError, match='did you mean "pop"'):
        b.weighting("pep")
    with pytest.raises(BaroError, match="waves: 2022"):
        b.weighting("pop", "2018")
    with pytest.raises(BaroError, match="run: baro build"):
        b.weighting("pop")
    write_summary(SUMMARY, Project(tmp_path).weights("essai", "pop", "2022"))
    found = b.weighting("pop")
    assert found.summary == SUMMARY
    assert found.reason == "Pas plus tôt."
    with pytest.raises(BaroError, match="no key figure is published"):
        _ = found.widest


def test_printed_figures_carry_the_marks_of_their_weighted_cells() -> None:
    s = defined(key=["avis"])
    mark = pl.when(pl.col("category") == "oui").then(pl.lit("U")).otherwise("status")
    w = Weights(Book(s, table().with_columns(status=mark)), SUMMARY, Book(s, table()))
    html = str(Briefing(w.book).printed(w, ["avis"], {"Toutes": "ensemble"}))
    assert f"<td>40{NB}% (400 sur 1{NN}000)</td><td>40,0{NB}[u]{NB}(38,0{NB}à{NB}42,0)</td>" in html
    assert f"<td>60,0{NB}(58,0{NB}à{NB}62,0)</td>" in html
    assert f"[u]{NB}peu fiable" in html
    assert "[q]" not in html
