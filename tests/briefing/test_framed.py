"""Sentences and pieces about a finite population that nobody, or somebody, answered for."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.briefing import Briefing
from analysis.briefing.book import Book
from analysis.briefing.weights import Weights
from analysis.demonstration import draw_wave
from analysis.disclosure import publishable
from analysis.errors import BaroError
from analysis.estimates import conform
from analysis.harmonise import harmonise
from analysis.ingest import ROW
from analysis.tabulation import tabulate
from analysis.validate import wave_rows
from analysis.weighting.declared import declared_design, start_design, summarise
from tests.framed_maker import MARGIN, SURVEY_YML, towns

NBSP, NNBSP = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
MADE = {"1": "reconstructed", "2": "scenario"}


def briefing(
    folder: Path, origin: dict[str, str] = MADE, yml: str = SURVEY_YML, margin: str = MARGIN
) -> Briefing:
    survey = towns(folder, yml=yml, margin=margin)
    parts = []
    for wave, kind in origin.items():
        raw = draw_wave(survey, wave).with_row_index(ROW, offset=2)
        frame = harmonise(survey, wave, wave_rows(survey, wave, raw, f"t{wave}.csv"))
        parts.append(tabulate(survey, wave, frame, origin=kind, definition_hash="x"))
    return Briefing(Book(survey, publishable(survey, conform(pl.concat(parts)))))


def reliable_from(bound: float) -> str:
    return SURVEY_YML.replace("n_kish: 5", f"n_kish: {bound}")


def plain(text: object) -> str:
    return str(text).replace(NBSP, " ").replace(NNBSP, " ")


def test_a_value_says_that_it_is_unreliable_unless_the_sentence_does(tmp_path: Path) -> None:
    """1 of 4 small towns stands for 40, 3 of 5 large for 10: 16 of 50."""
    b = briefing(tmp_path / "a", yml=reliable_from(100))
    assert plain(b.value("has", "1")) == "32 % (peu fiable)"
    assert plain(b.value("has", "1", caution=False)) == "32 %"
    said = plain(b.value("has", "1", interval=True))
    assert said.startswith("32 % (de ")
    assert said.endswith(" ; peu fiable)")
    assert plain(b.value("has", "1", population=True)) == "32 % des villes (peu fiable)"
    sure = briefing(tmp_path / "b", yml=reliable_from(1))
    assert plain(sure.value("has", "1")) == "32 %"


def test_an_interval_alone_is_the_one_of_the_value(tmp_path: Path) -> None:
    b = briefing(tmp_path)
    alone = b.interval("has", "1", "size", "small")
    assert alone.startswith("de ")
    assert alone in b.value("has", "1", "size", "small", interval=True)


def test_what_a_figure_rests_on(tmp_path: Path) -> None:
    b = briefing(tmp_path / "a")
    assert plain(b.base("has", "1", "size", "small")) == "4 réponses pour 40 villes"
    assert plain(b.base("has", "2")) == "9 réponses pour 53 villes"
    yml = SURVEY_YML.replace("total: population", "total: respondents")
    counted = briefing(tmp_path / "b", yml=yml)
    assert plain(counted.base("has", "1", "size", "small")) == "4 réponses"


def test_the_reliable_groups(tmp_path: Path) -> None:
    """Small ones are worth 4 / 0.9, large ones 5 / 0.5."""
    assert plain(briefing(tmp_path / "a").reliable("has", "size", "1")) == "60 % (Grandes)"
    both = briefing(tmp_path / "b", yml=reliable_from(4.4)).reliable("has", "size", "1")
    assert plain(both) == "25 % (Petites) et 60 % (Grandes)"
    none = briefing(tmp_path / "c", yml=reliable_from(50))
    assert none.reliable("has", "size", "1") == "aucun groupe"


def test_near_census(tmp_path: Path) -> None:
    b = briefing(tmp_path / "a")
    assert b.near_census("has", "size", "1") == "5 des 10 grandes", "half is enough"
    far = briefing(tmp_path / "b", margin=MARGIN.replace("1,large,10", "1,large,11"))
    with pytest.raises(BaroError, match="no group is nearly a census"):
        far.near_census("has", "size", "1")
    with pytest.raises(BaroError, match="about a part of the population"):
        b.near_census("mentions", "size", "1")
    counted = SURVEY_YML.replace("total: population", "total: respondents")
    with pytest.raises(BaroError, match="weights that add up to no population"):
        briefing(tmp_path / "c", yml=counted).near_census("has", "size", "1")


def test_cards_may_be_about_a_group(tmp_path: Path) -> None:
    b = briefing(tmp_path, yml=reliable_from(5))
    card = plain(b.cards(("has, size = small", "des petites"), wave="1"))
    for words in (">25<", "groupe « Petites », 1", "Valeur peu fiable.",
                  "Microdonnées reconstituées à partir d’effectifs publiés."):  # fmt: skip
        assert words in card, words
    assert "peu fiable" not in plain(b.cards(("has, size = large", "des grandes"), wave="1"))
    with pytest.raises(BaroError):
        b.cards(("has, size = smal", "x"), wave="1")


def test_why_waves_are_not_compared(tmp_path: Path) -> None:
    groups = 'comparable: [{waves: "1", reason: une raison}, {waves: "2", reason: une autre}]\n'
    b = briefing(tmp_path / "a", yml=SURVEY_YML + groups)
    said = plain(b.not_compared("has"))
    assert said == "<ul><li>1 : une raison</li><li>2 : une autre</li></ul>"
    broken = SURVEY_YML + 'breaks: [{wave: "2", reason: "autre question & base"}]\n'
    said = plain(briefing(tmp_path / "b", yml=broken).not_compared("has"))
    assert said == "<ul><li>À partir de 2 : autre question &amp; base</li></ul>"
    with pytest.raises(BaroError, match="its waves can be compared"):
        briefing(tmp_path / "c").not_compared("has")


@pytest.mark.parametrize("one", ["observed", "reconstructed"])
def test_what_was_made_is_not_compared_with_what_was_not(tmp_path: Path, one: str) -> None:
    """Nothing in the definition keeps these two waves apart."""
    b = briefing(tmp_path, {"1": one, "2": "scenario"})
    assert [[c.wave for c in run] for run in b.book.runs("has")] == [["1"], ["2"]]
    with pytest.raises(BaroError, match="two comparable waves"):
        b.change("has")


def test_waves_of_one_origin_are_compared(tmp_path: Path) -> None:
    for origin in ("observed", "demonstration"):
        b = briefing(tmp_path / origin, {"1": origin, "2": origin})
        assert [[c.wave for c in run] for run in b.book.runs("has")] == [["1", "2"]]


def test_a_page_says_what_each_wave_is(tmp_path: Path) -> None:
    b = briefing(tmp_path / "a")
    notice = plain(b.banner())
    assert notice.count('class="demo"') == 2
    assert "Microdonnées reconstituées à partir d’effectifs publiés (vague 1)" in notice
    assert "(vague 2)" in notice
    assert b.called("2") == "Scénario 2"
    assert b.called("1") == "Enquête 1"
    assert b.origin("1") == "Microdonnées reconstituées à partir d’effectifs publiés."
    assert "&lt;b&gt;" in str(b.where_made("2", "<b>"))
    partly = briefing(tmp_path / "b", {"1": "observed", "2": "scenario"})
    assert plain(partly.banner()).count('class="demo"') == 1
    assert (partly.origin("1"), str(partly.where_made("1", "x"))) == ("", "")
    both = briefing(tmp_path / "c", dict.fromkeys("12", "observed"))
    assert str(both.banner()) == ""
    assert both.called("2") == "Enquête 2"


def test_figures_mark_a_fragile_whole_and_say_it_in_words(tmp_path: Path) -> None:
    b = briefing(tmp_path, yml=reliable_from(7))
    figure = plain(b.by_domain("f", "has", ["size"], wave="1").html())
    assert "Ensemble 32 %, peu fiable" in figure
    assert "de 25 % (Petites, peu fiable) à 60 % (Grandes)" in figure
    lecture = plain(b.answers("g", "has_answers", wave="1").notes[0])
    assert lecture.endswith("Valeur peu fiable.")


def test_kinds_of_missing_are_shown_beside_the_answers(tmp_path: Path) -> None:
    """Of 50: 1 of 4 small does not know (10), 1 of 5 large does not answer (2)."""
    b = briefing(tmp_path)
    values = {c: plain(b.value("has_answers", "1", category=c, caution=False))
              for c in ("oui", "non", "dont_know", "nonresponse")}  # fmt: skip
    assert values == {"oui": "32 %", "non": "44 %", "dont_know": "20 %", "nonresponse": "4 %"}


def test_the_method_drops_the_note_of_made_rows_once_a_file_is_there(tmp_path: Path) -> None:
    survey_file = tmp_path / "a"
    b = briefing(survey_file)
    made = b.survey.waves["2"].made
    assert made is not None
    spec = made.model_copy(update={"note": "Lignes faites à la main."})
    b.survey.waves["2"] = b.survey.waves["2"].model_copy(update={"made": spec})
    assert "Lignes faites à la main." in str(b.method())
    real = briefing(tmp_path / "b", dict.fromkeys("12", "observed"))
    real.survey.waves["2"] = real.survey.waves["2"].model_copy(update={"made": spec})
    assert "Lignes faites à la main." not in str(real.method())


def test_raw_and_weighted_figures_side_by_side(tmp_path: Path) -> None:
    """6 of 11 have it as they are counted; 16 of 50 as they are weighed."""
    yml = SURVEY_YML.replace("key: [has]", "key: [has, has_answers]").replace("n_kish: 5", "n: 6")
    b = briefing(tmp_path, yml=yml)
    survey = b.survey
    raw = draw_wave(survey, "1").with_row_index(ROW, offset=2)
    frame = harmonise(survey, "1", wave_rows(survey, "1", raw, "t1.csv"))
    other = conform(tabulate(survey, "1", frame, origin="reconstructed", definition_hash="x",
                             weighting="frame"))  # fmt: skip
    summary = summarise(survey, "1", "frame", start_design(survey, "1", "frame", frame),
                        declared_design(survey, "1", "frame", frame), "reconstructed")  # fmt: skip
    weights = Weights(b.book, summary, Book(survey, other))
    table = plain(
        b.printed(weights, ["has_answers"], {"Toutes": "ensemble", "Grandes": "size = large"})
    )
    row = table[table.index(">Oui<") :]
    assert "55 % (6 sur 11)" in row
    assert "32,0 (" in row, "11 answers are not marked"
    assert "60,0 [u] (" in row, "5 are"
    assert "reconstituées" in table
    with pytest.raises(BaroError, match="no key indicator"):
        b.printed(weights, ["mentions"], {"x": "ensemble"})
