"""Every measure beyond shares and means, counted by hand or by another estimator; crossed domains.

The rows of rich_maker, as weight: r1 to r6 weigh 1, 1, 2, 1, 1, 2.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis import Design
from analysis.briefing import Briefing
from analysis.briefing.book import Book
from analysis.definition import Survey
from analysis.disclosure import publishable
from analysis.estimates import SCHEMA, conform
from analysis.tabulation import tabulate
from analysis.wording import champ, lecture, shown, subtitle
from analysis.wording.rows import estimates
from tests.rich_maker import RICH_YML, rich_frame, rich_survey
from tests.surveys_maker import changed

EXACT = 1e-12
SAME = 1e-10


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Survey, pl.DataFrame, pl.DataFrame]:
    survey, frame = rich_frame(tmp_path_factory.mktemp("measures"))
    table = tabulate(survey, "2021", frame, origin="observed", definition_hash="abc")
    return survey, frame, table


def cell(
    table: pl.DataFrame, indicator: str, category: str = "", value: str = "ensemble",
    domain: str = "ensemble",
) -> dict[str, float]:  # fmt: skip
    found = table.filter(indicator=indicator, category=category, domain_value=value, domain=domain)
    return found.row(0, named=True)


def test_rows_conform(made: tuple[Survey, pl.DataFrame, pl.DataFrame]) -> None:
    assert dict(made[2].schema) == SCHEMA
    assert conform(made[2]).height == made[2].height


def test_shares_of_respondents_may_exceed_1(
    made: tuple[Survey, pl.DataFrame, pl.DataFrame],
) -> None:
    """Answered by r1, r2, r3, r6 (weight 6): time r1, r2; cost r2, r3, r6."""
    time, cost = (cell(made[2], "freins_personnes", c) for c in ("temps", "cout"))
    assert (time["estimate"], cost["estimate"]) == pytest.approx((2 / 6, 5 / 6), rel=EXACT)
    assert time["n"] == cost["n"] == 4
    assert str(time["method"]).startswith("proportion")


def test_shares_of_mentions_add_to_1(made: tuple[Survey, pl.DataFrame, pl.DataFrame]) -> None:
    """Seven weighted mentions: time 2, cost 5."""
    time, cost = (cell(made[2], "freins_mentions", c) for c in ("temps", "cout"))
    assert (time["estimate"], cost["estimate"]) == pytest.approx((2 / 7, 5 / 7), rel=EXACT)
    assert str(time["method"]).startswith("mentions")
    assert time["se"] == pytest.approx(cost["se"], rel=SAME)


def test_a_ranked_answer_counts_citations_at_any_rank(
    made: tuple[Survey, pl.DataFrame, pl.DataFrame],
) -> None:
    """Answered by all but r4 (weight 7): aid r1, r3, r5, r6."""
    assert cell(made[2], "priorites_personnes", "aide")["estimate"] == pytest.approx(6 / 7)


def test_a_battery_is_the_mean_share_of_what_is_true(
    made: tuple[Survey, pl.DataFrame, pl.DataFrame],
) -> None:
    """Tel and time: r1 2/2, r2 2/2, r3 0/2, r4 none, r5 0/1, r6 1/2; weights 1, 1, 2, 1, 2."""
    found = cell(made[2], "batterie")
    assert found["estimate"] == pytest.approx((1 + 1 + 0 + 0 + 2 * 0.5) / 7, rel=EXACT)
    assert found["n"] == 5


def test_a_battery_may_ask_for_more_answers(tmp_path: Path) -> None:
    text = changed("    items: [outils_tel == oui, freins_temps == oui]\n",
                   "    items: [outils_tel == oui, freins_temps == oui]\n    at_least: 2\n",
                   RICH_YML)  # fmt: skip
    survey, frame = rich_frame(tmp_path, text)
    table = tabulate(survey, "2021", frame, origin="observed", definition_hash="abc")
    assert cell(table, "batterie")["n"] == 4


def test_an_index_has_a_mean(made: tuple[Survey, pl.DataFrame, pl.DataFrame]) -> None:
    found = cell(made[2], "indice")
    assert found["estimate"] == pytest.approx((2 + 3 + 2 * 1 + 2 * 2) / 6, rel=EXACT)


@pytest.mark.parametrize("by", [None, "sexe"])
def test_quantiles_are_those_of_the_design(
    made: tuple[Survey, pl.DataFrame, pl.DataFrame], by: str | None
) -> None:
    _, frame, table = made
    plain = frame.with_columns(pl.col("sexe").cast(pl.String))
    design = Design(plain, "weight", sampling="quota")
    oracle = design.quantile("age", [0.25, 0.5, 0.75], by=by)
    names = {0.25: ("quartiles", "q25"), 0.5: ("mediane", ""), 0.75: ("quartiles", "q75")}
    for row in oracle.iter_rows(named=True):
        indicator, category = names[row["quantile"]]
        value = row[by] if by else "ensemble"
        found = cell(table, indicator, category, value, by or "ensemble")
        for key in ("estimate", "se", "ci_low", "ci_high", "deff", "n", "n_weighted", "df"):
            expected = None if row[key] is None else pytest.approx(row[key], rel=SAME)
            assert found[key] == expected, key


@pytest.mark.parametrize("by", [None, "sexe"])
def test_a_ratio_is_that_of_the_design(
    made: tuple[Survey, pl.DataFrame, pl.DataFrame], by: str | None
) -> None:
    """Known by r1, r2, r3, r6: (10 + 20 + 60 + 0) / (2 + 2 + 8 + 10)."""
    _, frame, table = made
    assert cell(table, "par_heure")["estimate"] == pytest.approx(90 / 22, rel=EXACT)
    plain = frame.with_columns(pl.col("sexe").cast(pl.String))
    oracle = Design(plain, "weight", sampling="quota").ratio("depense", "heures", by=by)
    for row in oracle.iter_rows(named=True):
        found = cell(table, "par_heure", "", row[by] if by else "ensemble", by or "ensemble")
        for key in ("estimate", "se", "ci_low", "ci_high", "n", "n_weighted", "df"):
            assert found[key] == pytest.approx(row[key], rel=SAME), key


# --- crossed domains ----------------------------------------------------------------------------


def test_crossed_levels_are_pairs_of_categories(
    made: tuple[Survey, pl.DataFrame, pl.DataFrame],
) -> None:
    survey, _, table = made
    assert survey.levels("age_sexe") == {
        "jeune.femme": "18-39 ans, femmes", "jeune.homme": "18-39 ans, hommes",
        "vieux.femme": "40 ans ou plus, femmes", "vieux.homme": "40 ans ou plus, hommes",
    }  # fmt: skip
    found = cell(table, "freins_personnes", "temps", "jeune.femme", "age_sexe")
    assert (found["estimate"], found["n"]) == (1.0, 2)


def test_names_of_places_keep_their_capital(tmp_path: Path) -> None:
    text = changed("variables: [classe, sexe]", "variables: [classe, sexe], proper: sexe", RICH_YML)
    assert "18-39 ans, Femmes" in rich_survey(tmp_path, text).levels("age_sexe").values()


def test_crossed_cells_obey_the_rules_of_publication(
    made: tuple[Survey, pl.DataFrame, pl.DataFrame],
) -> None:
    survey, _, table = made
    assert set(publishable(survey, table)["status"]) == {"Q"}


# --- words --------------------------------------------------------------------------------------

LECTURES = {
    ("freins_personnes", "temps"): "33 % des personnes citent « Manque de temps ».",
    ("freins_mentions", "cout"): "« Coût » représente 71 % de ce que citent les personnes.",
    ("batterie", ""): "« Batterie » vaut 43 % pour les personnes.",
    ("mediane", ""): "la moitié des personnes ont 30,0 ans ou moins.",
    ("quartiles", "q25"): "25 % des personnes Âge 25,0 ans ou moins.",
    ("par_heure", ""): "« Dépense par heure » vaut 4,1 € par heure pour les personnes.",
}
SUBTITLES = {
    "freins_mentions": "Freins cités, en % des réponses des personnes, 2021",
    "batterie": "Batterie, part moyenne, en % des personnes, 2021",
    "mediane": "Âge médian, médiane en ans des personnes, 2021",
    "quartiles": "Âge, quantiles en ans des personnes, 2021",
    "par_heure": "Dépense par heure, rapport de totaux, en € par heure des personnes, 2021",
}


def spaced(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(("indicator", "category"), LECTURES)
def test_a_row_is_read_out(
    made: tuple[Survey, pl.DataFrame, pl.DataFrame], indicator: str, category: str
) -> None:
    survey, _, table = made
    row = table.filter(indicator=indicator, category=category, domain="ensemble")
    (found,) = estimates(row)
    assert LECTURES[indicator, category] in spaced(lecture(survey, found))
    assert shown(survey, found)
    assert "Champ" in champ(survey, indicator, "2021")


@pytest.mark.parametrize("indicator", SUBTITLES)
def test_a_subtitle_names_measure_and_unit(
    made: tuple[Survey, pl.DataFrame, pl.DataFrame], indicator: str
) -> None:
    assert spaced(subtitle(made[0], indicator, "2021")) == SUBTITLES[indicator]


def test_figures_are_drawn_for_every_measure(
    made: tuple[Survey, pl.DataFrame, pl.DataFrame],
) -> None:
    """With no rule of publication, so that eight respondents have figures at all."""
    survey, _, table = made
    brief = Briefing(Book(survey, table))
    for name in ("batterie", "mediane", "par_heure", "indice"):
        assert brief.by_domain(name, name, ["sexe", "age_sexe"]).html()
        assert brief.trend(name, {name: "Série"}, title="T", measure="M").html()
        assert brief.value(name, interval=True)
        assert brief.cards((name, "dit-on")).markup
    for name in ("freins_personnes", "freins_mentions", "quartiles"):
        assert brief.answers(name, name).html()
    assert brief.table().markup
