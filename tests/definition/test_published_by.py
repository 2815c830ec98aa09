"""``domains:`` of an indicator: what it is published by, and what is said of wrong names."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.definition import load_survey
from analysis.errors import BaroError
from analysis.harmonise import harmonise
from analysis.tabulation import tabulate
from tests.surveys_maker import SURVEY_YML, Small, changed, small_survey, write_survey

AT = "    phrase: utilisent internet\n"
FICHES = "\nfiches: {domains: [sexe], wave: '2021', key: [internautes]}\n"


def with_domains(domains: str, more: str = "") -> str:
    return changed(AT, f"{AT}    domains: {domains}\n") + more


@pytest.mark.parametrize(
    ("domains", "found"),
    [("[]", {"ensemble"}), ("[sexe]", {"ensemble", "sexe"}),
     ("[sexe, classe]", {"ensemble", "sexe", "classe"})],
)  # fmt: skip
def test_rows_are_made_for_these_domains_only(
    tmp_path: Path, domains: str, found: set[str]
) -> None:
    small = Small(small_survey(tmp_path, with_domains(domains)), tmp_path)
    frame = harmonise(small.survey, "2019", small.rows())
    table = tabulate(small.survey, "2019", frame, origin="observed", definition_hash="x")
    mine = table.filter(pl.col("indicator") == "internautes")
    assert set(mine["domain"]) == found
    others = table.filter(pl.col("indicator") != "internautes")
    assert set(others["domain"]) == {"ensemble", "sexe", "classe"}


def test_a_domain_that_is_none_is_refused(tmp_path: Path) -> None:
    surveys = write_survey(tmp_path, with_domains("[sex]"))
    with pytest.raises(BaroError) as caught:
        load_survey(surveys, "small")
    (problem,) = caught.value.problems
    assert "indicators.internautes.domains" in problem.where
    assert problem.found == '"sex" is not a domain'
    assert "sexe" in problem.expected


def test_a_fiche_needs_its_indicators_by_its_domain(tmp_path: Path) -> None:
    surveys = write_survey(tmp_path, with_domains("[classe]", FICHES))
    with pytest.raises(BaroError) as caught:
        load_survey(surveys, "small")
    (problem,) = caught.value.problems
    assert problem.found == "internautes is not published by sexe"
    assert "domains:" in problem.remedy


def test_without_it_all_domains_are_published(tmp_path: Path) -> None:
    assert "domains: [" not in SURVEY_YML
    assert small_survey(tmp_path).spec.indicators["internautes"].domains is None
