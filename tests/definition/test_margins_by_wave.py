"""Margins that tell waves apart, and the frame of a finite population, in a definition."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.definition.margins import read_margin
from analysis.definition.models import Variable
from analysis.errors import BaroError, Problem
from tests.framed_maker import MARGIN, SURVEY_YML, towns


def problems(folder: Path, **changed: str) -> list[Problem]:
    with pytest.raises(BaroError) as e:
        towns(folder, **changed)
    return list(e.value.problems)


def test_each_wave_has_its_lines(tmp_path: Path) -> None:
    survey = towns(tmp_path)
    assert [survey.margin("strata", w).populations for w in "12"] == [(40, 10, 0), (44, 9, 0)]
    assert [survey.margin("strata", w).total for w in "12"] == [50, 53]
    assert [survey.margin("strata", w).year for w in "12"] == ["2023", "2024"]
    whole = survey.margins["strata"]
    assert whole.populations == survey.margin("strata", "2").populations, "the latest wave's"
    assert whole.at("9") is whole


def test_a_margin_without_waves_holds_for_all(tmp_path: Path) -> None:
    margin = "\n".join(x.partition(",")[2] for x in MARGIN.splitlines()[:4]) + "\n"
    survey = towns(tmp_path, margin=margin)
    assert survey.margins["strata"].by_wave == {}
    assert survey.margin("strata", "1") is survey.margin("strata", "2")


def test_lines_without_a_wave(tmp_path: Path) -> None:
    told = problems(tmp_path, margin=MARGIN + ",small,1,x,2023,villes de France\n")
    assert ("surveys/towns/margins/strata.csv:8", "no wave") in [(p.where, p.found) for p in told]


def test_an_unknown_wave_and_a_wave_without_lines_are_told_once(tmp_path: Path) -> None:
    """The frame and the weighting use the same file."""
    told = problems(tmp_path, margin=MARGIN.replace("\n2,", "\n3,"))
    assert sorted((p.where, p.found) for p in told) == [
        ("surveys/towns/margins/strata.csv", "no line for wave 2"),
        ("surveys/towns/margins/strata.csv: wave 3", "there is no such wave"),
    ]


def test_a_category_twice_is_so_within_its_wave(tmp_path: Path) -> None:
    told = problems(tmp_path, margin=MARGIN + "2,small,1,Insee,2024,villes de France\n")
    assert [(p.where, p.found) for p in told] == [
        ("surveys/towns/margins/strata.csv:8",
         "the category small is there twice (first on line 5)"),
    ]  # fmt: skip


def test_a_year_may_differ_between_waves_but_not_within(tmp_path: Path) -> None:
    told = problems(
        tmp_path, margin=MARGIN.replace("1,large,10,Insee,2023", "1,large,10,Insee,2022")
    )
    assert [p.found for p in told] == ['year: "2022", and "2023" on line 2']


def test_totals_must_agree_wave_by_wave(tmp_path: Path) -> None:
    """Two margins of 50 and 53 units in wave 1 and 2; another that says 50 of both."""
    yml = SURVEY_YML.replace("margins: [strata]", "margins: [strata, has]").replace(
        "method: poststratification", "method: raking"
    )
    path = tmp_path / "surveys" / "towns" / "margins"
    path.mkdir(parents=True)
    (path / "has.csv").write_text(
        "has,population,source,year,base\noui,30,x,2023,v\nnon,20,x,2023,v\n", "utf-8"
    )
    (told,) = problems(tmp_path, yml=yml)
    assert "50" in told.found + told.expected
    assert "53" in told.found + told.expected


@pytest.mark.parametrize("key", ["strata", "fpc"])
def test_a_frame_stands_in_place_of_raw_columns(tmp_path: Path, key: str) -> None:
    yml = SURVEY_YML.replace("frame: strata,", f"frame: strata, {key}: column,")
    told = problems(tmp_path, yml=yml)
    assert [p.found for p in told] == [f"{key}: beside frame:"]
    assert told[0].where.startswith("surveys/towns/survey.yml:")


def test_a_frame_that_is_not_there(tmp_path: Path) -> None:
    told = problems(tmp_path, yml=SURVEY_YML.replace("frame: strata,", "frame: strates,"))
    assert ("there is no margins/strates.csv", 'did you mean "strata"?') in [
        (p.found, p.expected) for p in told
    ]


def test_the_variables_of_a_frame_are_in_every_wave(tmp_path: Path) -> None:
    yml = SURVEY_YML.replace("column: has\n", 'column: has\n    waves: "2"\n', 1)
    margin = MARGIN.replace("size", "has").replace("small", "oui").replace("large", "non")
    margin = "\n".join(x for x in margin.splitlines() if "other" not in x) + "\n"
    told = problems(tmp_path, yml=yml, margin=margin)
    assert any(p.found == "has, in margins/strata.csv, is not in wave 1" for p in told)


def test_bytes_and_separators(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes("size;population;source;year;base\nsmall;1;é;2023;v\n".encode("latin-1"))
    variables = {"size": Variable(label="x", categories={"small": "S"})}  # type: ignore[dict-item]
    assert [(p.where, p.found) for p in read_margin(path, "m.csv", variables)[1]] == [
        ("m.csv:2", "byte 0xe9 is not UTF-8")
    ]
    path.write_text("size;population;source;year;base\nsmall;1;é;2023;v\n", "utf-8-sig")
    table, told = read_margin(path, "m.csv", variables)
    assert not told
    assert table is not None
    assert (table.populations, table.sources) == ((1.0,), ("é",))


@pytest.mark.parametrize("kind", ["dont_know", "nonresponse"])
def test_only_kinds_that_the_base_holds_are_shown(tmp_path: Path, kind: str) -> None:
    yml = SURVEY_YML.replace("show: [dont_know, nonresponse]", f"show: {kind}\n    base: answered")
    told = problems(tmp_path, yml=yml)
    assert [p.found for p in told] == [f"{kind} is shown, and out of base: answered"]
    everyone = SURVEY_YML.replace("show: [dont_know, nonresponse]",
                                  "show: not_applicable\n    base: everyone")  # fmt: skip
    assert list(towns(tmp_path / "b", yml=everyone).categories("has_answers")) == [
        "oui", "non", "not_applicable",
    ]  # fmt: skip


def test_show_is_for_distributions(tmp_path: Path) -> None:
    yml = SURVEY_YML.replace(
        "numerator: has == oui\n", "numerator: has == oui\n    show: dont_know\n"
    )
    assert any("show" in p.found for p in problems(tmp_path, yml=yml))


def test_what_is_shown_comes_after_the_answers(tmp_path: Path) -> None:
    found = towns(tmp_path).categories("has_answers")
    assert list(found) == ["oui", "non", "dont_know", "nonresponse"]
    assert found["nonresponse"].label == "Sans réponse"
