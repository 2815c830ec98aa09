from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.briefing import Briefing
from analysis.briefing.book import Book
from analysis.errors import BaroError
from analysis.wording.markup import markdown
from tests.sample import survey, table

NB, NN = "\u00a0", "\u202f"


@pytest.fixture
def b() -> Briefing:
    return Briefing(Book(survey(), table()))


@pytest.fixture
def drawn() -> Briefing:
    return Briefing(Book(survey(), table("demonstration")))


def test_value_for_prose(b: Briefing) -> None:
    assert b.value("smartphone") == f"61{NB}%"
    assert b.value("smartphone", digits=1, population=True) == f"61,0{NB}% des adultes"
    assert b.value("smartphone", interval=True) == f"61{NB}% (de 59,0{NB}% à 63,0{NB}%)"
    assert b.value("smartphone", "2018") == f"30{NB}%"
    assert b.value("smartphone", domain="age", group="jeune") == f"90{NB}%"
    assert b.value("heures") == f"31,9{NB}heures par semaine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"indicator": "smartfone"}, 'did you mean "smartphone"'),
        ({"indicator": "smartphone", "wave": "2021"}, "2021"),
        ({"indicator": "smartphone", "domain": "sexe", "group": "h"}, "not published"),
        ({"indicator": "smartphone", "domain": "sexe", "group": "x"}, '"x"'),
    ],
)
def test_unknown_or_suppressed_lookups_are_refused(
    b: Briefing, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(BaroError, match=said):
        b.value(**arguments)


def test_a_question_the_latest_wave_left_out_is_quoted_with_its_wave() -> None:
    gone = (pl.col("indicator") == "smartphone") & (pl.col("wave") == "2022")
    b = Briefing(Book(survey(), table().filter(~gone)))
    assert b.wave == "2022"
    assert b.value("smartphone") == f"60{NB}% (2020)"
    assert b.value("smartphone", "2020") == f"60{NB}%", "said by whoever asks for it"
    assert b.value("smartphone", interval=True).endswith(f"{NN}; 2020)")
    assert b.share("smartphone", "adulte", "adultes", ("a", "ont")).startswith("En 2020, ")
    assert b.value("heures") == f"31,9{NB}heures par semaine"
    with pytest.raises(BaroError, match="smartfone"):
        b.value("smartfone")


def test_findings_follow_the_data(b: Briefing) -> None:
    assert b.change("smartphone", run=0) == f"passe de 30{NB}% en 2018 à 40{NB}% en 2019"
    assert b.change("smartphone") == (
        f"n’évolue pas significativement entre 2020 et 2022 (60{NB}%, puis 61{NB}%)"
    )
    assert b.moved("smartphone").startswith("pas d’évolution significative entre")
    assert b.moved("smartphone", run=0) == f"de 30{NB}% en 2018 à 40{NB}% en 2019"
    assert b.extremes("smartphone", "age") == (
        f"de 30{NB}% (70{NB}ans & <plus>) à 90{NB}% (18\u201124{NB}ans)"
    )
    assert b.width("smartphone", "age") == f"60{NB}points"
    assert b.extremes("heures", "age").startswith(f"de 28,0 (70{NB}ans")
    with pytest.raises(BaroError, match="no run 0 of two comparable waves"):
        b.change("heures", run=0)


def test_a_break_is_never_crossed(b: Briefing) -> None:
    assert [[c.wave for c in run] for run in b.book.runs("smartphone")] == [
        ["2018", "2019"], ["2020", "2022"]]  # fmt: skip
    assert [[c.wave for c in run] for run in b.book.runs("ordinateur")] == [
        ["2018", "2019"], ["2022"]]  # fmt: skip


def test_headline_is_neutral_without_a_clear_difference(b: Briefing) -> None:
    assert b.dividing("heures", {"age": "l’âge"}) == "Les écarts selon l’âge"


def test_figure_is_markdown_with_notes_table_and_download(b: Briefing) -> None:
    figure = b.by_domain("essai", "smartphone", ["age", "sexe"], title="Titre *calculé*")
    source = figure._repr_markdown_()
    assert source.startswith("::: {#fig-essai}\n```{=html}\n")
    assert source.endswith("\n\nTitre \\*calculé\\*\n:::\n")
    for words in ("Lecture", "Champ", "Source", "<table>", "donnees/smartphone.csv", "non publié"):
        assert words in source
    assert "\n\n" not in figure.html()


def test_trend_says_why_it_is_cut(b: Briefing) -> None:
    figure = b.trend(
        "t", {"smartphone": "Smartphone", "ordinateur": "Ordinateur"}, title="T", measure="M"
    )
    notes = " ".join(figure.notes)
    assert f"Rupture en 2020{NN}: changement de mode." in notes
    assert "2020 (marque vide)" in notes
    assert "Question changée" in notes
    assert "Rupture 2020" in figure.chart


def test_one_scale_has_one_unit(b: Briefing) -> None:
    with pytest.raises(BaroError, match="different units on one scale"):
        b.trend("t", {"smartphone": "S", "heures": "H"}, title="T", measure="M")
    hours = b.trend("t", {"heures": "Heures"}, title="T", measure="Temps")
    assert "en\u00a0heures par semaine des personnes" in hours.subtitle
    assert "31,9" in hours.chart


def test_headline_names_what_divides_or_that_nothing_does(b: Briefing) -> None:
    names = {"age": "l’âge", "sexe": "le sexe"}
    table_ = b.book.table
    known = pl.col("domain_value") == "h"
    filled = table_.with_columns(
        estimate=pl.when(known).then(0.61).otherwise(pl.col("estimate")),
        se=pl.when(known).then(0.01).otherwise(pl.col("se")),
        status=pl.when(known).then(pl.lit("A")).otherwise(pl.col("status")),
    )
    clear = Briefing(Book(survey(), filled))
    assert clear.dividing("smartphone", names) == "L’âge sépare plus que le sexe"
    wide = filled.with_columns(se=pl.lit(0.5))
    unclear = Briefing(Book(survey(), wide))
    assert unclear.dividing("smartphone", names) == (
        "Entre l’âge et le sexe, aucun critère ne se détache"
    )


def test_answers_battery_and_table(b: Briefing) -> None:
    answers = b.answers("a", "avis")
    assert answers.chart.index("<span>=NON()") < answers.chart.index("<span>Oui")
    battery = b.battery("f", ["smartphone", "ordinateur"], title="T", measure="M", waves=WAVES[2:])
    assert battery.chart.count('role="img"') == 1
    assert battery.chart.count('class="panel"') == 2
    assert "Temps d’écran" in str(b.table())


WAVES = ("2018", "2019", "2020", "2022")


def test_demonstration_is_said_everywhere(b: Briefing, drawn: Briefing) -> None:
    pieces = [
        drawn.opening("T", "L"), drawn.table(), drawn.provenance(),
        drawn.by_domain("a", "smartphone", ["age"]).html(),
        drawn.trend("t", {"smartphone": "S"}, title="T", measure="M").html(),
    ]  # fmt: skip
    for piece in pieces:
        assert "démonstration" in str(piece)
    for part in ("chart", "table", "subtitle"):
        assert "démonstration" in getattr(drawn.by_domain("a", "smartphone", ["age"]), part)
    assert "démonstration" not in str(b.opening("T", "L"))


def test_cards_and_provenance(b: Briefing) -> None:
    cards = str(b.cards(("smartphone", "ont un smartphone"), ("heures", "par semaine")))
    assert cards.count("<li>") == 2
    assert f"<small>18{NB}ans ou plus, 2022. Intervalle à 95{NB}%" in cards
    assert "0.1.0" in str(b.provenance()) or "code Baromètre" in str(b.provenance())
    assert "https://example.org/odbl" in str(b.provenance())


def test_caption_is_escaped() -> None:
    assert markdown("a*b_[c]") == r"a\*b\_\[c\]"


def test_unknown_survey_is_refused(project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project_root)
    with pytest.raises(BaroError, match="survey"):
        Briefing("inconnue")
