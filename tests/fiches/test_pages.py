"""Fiches as documents: what they say, what they must not hold, and how many there may be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.briefing.book import Book
from analysis.definition import load_survey
from analysis.errors import BaroError
from analysis.estimates import SCHEMA, conform
from analysis.fiches import write_fiches
from tests.fiches.test_group import FICHES, pair
from tests.rich_maker import RICH_YML, write_rich
from tests.sample import row, survey
from tests.test_definition_language import problems_of

NB, NN = "\u00a0", "\u202f"


@pytest.fixture(autouse=True)
def downloads(tmp_path: Path) -> None:
    """The files of the survey that each page links to."""
    folder = tmp_path / "donnees"
    folder.mkdir()
    for name in ("essai.xlsx", "essai.csv", "essai_indicateurs.csv", "essai_codes.csv"):
        (folder / name).write_text("x")


def made(folder: Path, *rows: dict[str, Any], **changes: Any) -> dict[str, str]:
    table = conform(pl.DataFrame(list(rows), schema=SCHEMA))
    written = write_fiches([Book(survey(**({"fiches": FICHES} | changes)), table)], folder)
    return {p.stem: p.read_text("utf-8") for p in written}


def rows_of(level: str, part: float | None, **more: Any) -> list[dict[str, Any]]:
    own = {"domain_value": level} | more
    return [*pair("smartphone", 0.60, part, **own)[1:], *pair("ordinateur", 0.55, 0.55, **own)[1:]]


WHOLE = [row("smartphone", "2022", 0.60), row("ordinateur", "2022", 0.55)]
SAMPLE = [*WHOLE, *rows_of("jeune", 0.90), *rows_of("vieux", None)]


def test_one_page_a_level_and_an_index(tmp_path: Path) -> None:
    pages = made(tmp_path, *SAMPLE)
    assert list(pages) == ["fiche-essai-age-jeune", "fiche-essai-age-vieux", "fiches"]
    for name in list(pages)[:2]:
        assert f'href="{name}.html"' in pages["fiches"]
        assert "{{< include _fiche.qmd >}}" in pages[name]
        assert "```{python}" not in pages[name], "no kernel is started"
    assert 'href="fiche-essai-age-vieux.html"' in pages["fiche-essai-age-jeune"]


def test_a_page_says_what_differs_what_does_not_and_how_many_were_tried(tmp_path: Path) -> None:
    page = made(tmp_path, *SAMPLE)["fiche-essai-age-jeune"]
    for said in (
        "Sur 2 comparaisons, 1 différence significative avec le reste",
        f"Une seule différence{NN}: Possession d’un smartphone (adultes)",
        "Pas de différence significative sur 1 indicateur<",
        f"90{NB}%, contre 60{NB}% dans l’ensemble",
        "à titre indicatif",
        'comparaisons: "2"',
        f'seuil: "2,50{NB}%"',
        "plus haut que le reste",
        'href="donnees/smartphone.csv"',
    ):
        assert said in page, said


def test_what_is_not_published_has_no_value_and_is_counted(tmp_path: Path) -> None:
    page = made(tmp_path, *SAMPLE)["fiche-essai-age-vieux"]
    assert f"Non publié, trop peu fiable ou secret{NN}: Possession d’un smartphone." in page
    assert "<td>–</td>" in page
    assert "Sur 2 valeurs du groupe, 1 n’est pas publiée." in page
    assert "70\u00a0ans &amp; &lt;plus&gt;" in page
    assert "<plus>" not in page, "neither in HTML nor in Markdown"


def test_a_page_without_comparisons_says_why(tmp_path: Path) -> None:
    weak = [*WHOLE, *rows_of("jeune", 0.90, status="U")]
    page = made(tmp_path, *weak)["fiche-essai-age-jeune"]
    assert "comparable: false" in page
    assert "Pas de comparaison avec le reste" in page
    assert "Sur 2 valeurs du groupe, 2 sont peu fiables." in page
    assert "significative" not in re.sub(r"<div class=\"scroll\".*", "", page, flags=re.S)


def test_what_was_not_observed_is_said(tmp_path: Path) -> None:
    drawn = [r | {"origin": "demonstration"} for r in SAMPLE]
    for page in made(tmp_path, *drawn).values():
        assert "Données de démonstration" in page
        assert f"{NN}– données de démonstration" in page


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    assert made(tmp_path, *SAMPLE) == made(tmp_path, *SAMPLE)


def test_the_explorer_is_linked_where_it_is(tmp_path: Path) -> None:
    assert "explorer.html" not in made(tmp_path, *SAMPLE)["fiche-essai-age-jeune"]
    (tmp_path / "explorer.qmd").write_text("---\ntitle: x\n---\n")
    page = made(tmp_path, *SAMPLE)["fiche-essai-age-jeune"]
    assert 'href="explorer.html#essai/smartphone/age/2022"' in page


def test_a_survey_that_asks_for_none_has_none(tmp_path: Path) -> None:
    assert made(tmp_path, *SAMPLE, fiches=None) == {}


def test_too_many_pages_and_two_of_one_name_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BaroError, match=r"two pages fiche-essai-age-jeune"):
        made(tmp_path, *SAMPLE, fiches=FICHES | {"domains": ["age", "age"]})
    monkeypatch.setattr("analysis.fiches.MOST", 1)
    with pytest.raises(BaroError, match="2 pages"):
        made(tmp_path, *SAMPLE)
    assert list(tmp_path.glob("*.qmd")) == []


# --- the definition -------------------------------------------------------------------------------
GOOD = "fiches: {domains: sexe, key: KEY}\n"
FAULTS = {
    "unknown domain": ("domains: sexe", "domains: sexes", '"sexes" is not in wave', "sexe"),
    "unknown key": ("key: KEY", "key: nothing", '"nothing" is not in wave', "known: "),
    "several values": ("key: KEY", "key: SEVERAL", "has several values", "of one value"),
    "one value": ("key: KEY", "key: KEY, answers: KEY", "has one value", "question with answers"),
    "unknown wave": ("key: KEY", 'key: KEY, wave: "1999"', '"1999" is not a wave', "name one"),
    "none": ("key: KEY", "key: []", "0 key figures", "1 to 4"),
}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An indicator of one value and a question with answers, both in the last wave."""
    s = load_survey(write_rich(tmp_path_factory.mktemp("rich"), RICH_YML, ""), "riche")
    known = s.indicators_in(max(s.waves))
    return {
        "KEY": next(i for i in known if list(s.categories(i)) == [""]),
        "SEVERAL": next(i for i in known if len(s.categories(i)) > 1),
    }


def written(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return RICH_YML + text


def test_fiches_are_read(tmp_path: Path, names: dict[str, str]) -> None:
    found = load_survey(write_rich(tmp_path, written(GOOD, names), ""), "riche").spec.fiches
    assert found is not None
    assert (found.domains, found.key) == (("sexe",), (names["KEY"],))


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named(tmp_path: Path, names: dict[str, str], name: str) -> None:
    old, new, found, said = FAULTS[name]
    assert old in GOOD
    (problem,) = problems_of(tmp_path, written(GOOD.replace(old, new), names))
    assert found in problem.found
    assert said in f"{problem.expected} {problem.remedy}"
    assert "survey.yml:" in problem.where
