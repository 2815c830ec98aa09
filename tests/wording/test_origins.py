"""What is said of microdata that nobody gave."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from analysis.estimates import STATUS
from analysis.wording import made, origin_word, source, stamp
from analysis.wording.lines import base_note
from analysis.wording.origins import OBSERVED, ORIGINS, called
from tests.framed_maker import SURVEY_YML, towns

CODES = ("demonstration", "reconstructed", "scenario")


def test_every_origin_but_the_real_one_has_words() -> None:
    assert tuple(ORIGINS) == CODES
    for o in ORIGINS.values():
        assert o.title
        assert o.warning.endswith(".")
        assert o.short[0].islower()
        assert not o.short.endswith(".")
        assert "cité" in o.warning
    assert "observed" not in ORIGINS
    assert set(STATUS)


def test_what_was_observed_needs_no_stamp() -> None:
    assert made(["observed"]) == ()
    assert stamp(["observed", "observed"]) == ""
    assert origin_word("observed") == str(OBSERVED)
    assert called("observed", "2024") == "Enquête 2024"


@pytest.mark.parametrize("some", [c for n in (1, 2, 3) for c in combinations(CODES, n)])
def test_each_is_stamped_once_in_one_order(some: tuple[str, ...]) -> None:
    said = stamp([*reversed(some), "observed", *some])
    assert said == stamp(some)
    assert [said.count(ORIGINS[c].short) for c in CODES] == [int(c in some) for c in CODES]


def test_the_issue_words() -> None:
    assert origin_word("reconstructed") == "microdonnées reconstituées à partir d’effectifs publiés"
    assert called("scenario", "2024") == "Scénario 2024"
    assert called("reconstructed", "2023") == "Enquête 2023"


def test_a_source_names_who_made_it_and_what_it_is(tmp_path: Path) -> None:
    survey = towns(tmp_path)
    mixed = source(survey, ("1", "2"), ["scenario", "observed"])
    assert mixed.startswith("Source\u202f: Institut, 1 à 2 (Licence Ouverte)")
    assert "scénario\u202f: réponses synthétiques" in mixed.replace(" :", "\u202f:")
    assert source(survey, ("1", "1"), ["observed"]).count(";") == 1
    drawn = source(survey, ("1", "2"), ["demonstration", "reconstructed"])
    assert "Institut" not in drawn, "answers drawn at random have no source"
    assert "reconstituées" in drawn


def test_units_are_named_as_the_survey_does(tmp_path: Path) -> None:
    assert "les villes qui en citent au moins une" in base_note(towns(tmp_path / "a"), "mentions")
    people = SURVEY_YML.replace("units: villes\n", "")
    assert "les personnes qui en citent" in base_note(towns(tmp_path / "b", yml=people), "mentions")
