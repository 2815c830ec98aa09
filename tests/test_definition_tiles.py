"""Tiles of a domain: each fault is named with its line, and all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.definition import load_survey
from tests.rich_maker import RICH_YML, write_rich
from tests.surveys_maker import changed, line_of
from tests.test_definition_language import problems_of

SEXE = "  sexe: {label: Sexe, variable: sexe}\n"
GOOD = """\
  sexe:
    label: Sexe
    variable: sexe
    tiles:
      femme: {at: [1, 1], short: F}
      homme: {at: [2, 1], short: H}
"""
FEMME, HOMME = GOOD.splitlines(keepends=True)[-2:]
TILED = changed(SEXE, GOOD, RICH_YML)

# name: (old, new, text on the faulty line, found, part of expected or remedy)
FAULTS = {
    "unknown level": (
        "      homme: {at", "      hommes: {at", "      hommes: {at",
        '"hommes" is not a level of the domain', 'did you mean "homme"',
    ),
    "missing level": (HOMME, "", "    tiles:\n", "no tile for homme", "add homme: {at: [column"),
    "one place": ("[2, 1], short: H", "[1, 1], short: H", "homme: {at: [1, 1]",
                  "column 1, row 1 is the place of femme", "move one of the two"),
    "too far right": ("[2, 1], short: H", "[6, 1], short: H", "homme: {at: [6, 1]",
                      "column 6, row 1", "5 columns and 10 rows at most"),
    "too far down": ("[2, 1], short: H", "[1, 11], short: H", "homme: {at: [1, 11]",
                     "column 1, row 11", "5 columns and 10 rows at most"),
    "outside": ("[2, 1], short: H", "[0, 1], short: H", "homme: {at: [0, 1]",
                '"0" does not fit', "greater than or equal to 1"),
    "half a place": ("[2, 1], short: H", "[2], short: H", "homme: {at: [2]",
                     "1 values", "the value that is missing"),
    "long name": ("short: H}", "short: HOMME}", "short: HOMME}", '"HOMME" has 5 letters', "1 to 4"),
    "no name": ("short: H}", 'short: " "}', 'short: " "}', "has 0 letters", "as: BRE"),
    "one name": ("short: H}", "short: f}", "short: f}", '"f" is the short name of femme',
                 "change one of the two"),
    "forgotten name": (", short: H}", "}", "homme: {at: [2, 1]}", 'the key "short" is missing',
                       "add short:"),
    "HTML": ("short: H}", "short: <b>}", "short: <b>}", "holds HTML", "remove it"),
    "crossed": (
        "variables: [classe, sexe]}",
        "variables: [classe, sexe], tiles: {a: {at: [3, 1], short: A}}}",
        "  age_sexe: {", "tiles: in a domain that crosses variables", "remove tiles:",
    ),
}  # fmt: skip


def test_tiles_are_read(tmp_path: Path) -> None:
    tiles = load_survey(write_rich(tmp_path, TILED, ""), "riche").spec.domains["sexe"].tiles
    assert {k: (t.at, t.short) for k, t in tiles.items()} == {
        "femme": ((1, 1), "F"), "homme": ((2, 1), "H")}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_its_line_and_remedy(tmp_path: Path, name: str) -> None:
    old, new, line, found, said = FAULTS[name]
    text = changed(old, new, TILED)
    hits = [p for p in problems_of(tmp_path, text) if found in p.found]
    assert hits, name
    file, number, *_ = hits[0].where.removeprefix("surveys/riche/").split(":")
    assert (file, int(number)) == ("survey.yml", line_of(line, text))
    assert said in f"{hits[0].expected} {hits[0].remedy}"


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    wrong = "      hommes: {at: [1, 1], short: FEMMES}\n      x: {at: [9, 9], short: f}\n"
    text = changed(HOMME, wrong, TILED)
    text = changed(*FAULTS["crossed"][:2], text)
    found = [p.found for p in problems_of(tmp_path, text)]
    for part in ('"hommes" is not a level', '"x" is not a level', "no tile for homme",
                 "is the place of femme", "column 9, row 9", '"FEMMES" has 6', "name of femme",
                 "crosses variables"):  # fmt: skip
        assert [f for f in found if part in f], part
    assert len(found) == 8
