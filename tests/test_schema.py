"""The JSON Schema of definitions: it takes what the loader takes, underlines what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from analysis.cli import main
from analysis.definition.schema import DIALECT, definition_schema
from tests.rich_maker import RICH_YML, WAVE
from tests.surveys_maker import SURVEY_YML, WAVES, changed

SURVEY = Draft202012Validator(definition_schema("survey"))
ONE_WAVE = Draft202012Validator(definition_schema("wave"))


def as_read(text: str) -> Any:
    """As an editor reads YAML: numbers, Booleans, and days as text."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def underlined(validator: Draft202012Validator, text: str) -> list[str]:
    return [e.json_path for e in validator.iter_errors(as_read(text))]


def properties(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Section.key -> its schema."""
    sections = {**schema["$defs"], "file": schema}
    return {
        f"{section}.{key}": inner
        for section, held in sections.items()
        for key, inner in held.get("properties", {}).items()
    }


@pytest.mark.parametrize("part", ["survey", "wave"])
def test_the_schema_is_a_schema(part: Any) -> None:
    schema = definition_schema(part)
    assert schema["$schema"] == DIALECT == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


def test_the_surveys_of_the_project_are_valid(project_root: Path) -> None:
    files = list((project_root / "surveys").glob("*/survey.yml"))
    waves = list((project_root / "surveys").glob("*/waves/*.yml"))
    assert files
    assert waves
    assert {f: e for f in files if (e := underlined(SURVEY, f.read_text("utf-8")))} == {}
    assert {f: e for f in waves if (e := underlined(ONE_WAVE, f.read_text("utf-8")))} == {}


@pytest.mark.parametrize("text", [SURVEY_YML, RICH_YML], ids=["small", "rich"])
def test_every_kind_of_variable_and_measure_is_valid(text: str) -> None:
    assert underlined(SURVEY, text) == []


@pytest.mark.parametrize("text", [*WAVES.values(), WAVE.format(wave="2021", file="a.csv")])
def test_every_wave_is_valid(text: str) -> None:
    assert underlined(ONE_WAVE, text) == []


def test_unquoted_scalars_are_text() -> None:
    """What the loader reads as text and YAML as a number or a Boolean."""
    text = changed("{bon: Bon, mauvais: Mauvais}", "{bon: Yes, mauvais: {label: No, raw: [0, 01]}}")
    assert underlined(SURVEY, text.replace('waves: "2021"', "waves: 2021")) == []


# what is typed wrongly in survey.yml -> the path that is underlined
FAULTS = {
    "unknown key": ("short: Petite\n", "short: Petite\nshot: P\n", "$"),
    "unknown key of a variable": ("    column: SEXE\n", "    colum: SEXE\n", "$.variables.sexe"),
    "unknown type": ("    type: numeric\n    range: [12, 110]", "    type: numerical\n    range: "
                     "[12, 110]", "$.variables.age.type"),
    "unknown measure": ("measure: distribution", "measure: distributions",
                        "$.indicators.opinion.measure"),
    "unknown base": ("    base: answered\n  tablettes", "    base: answer\n  tablettes",
                     "$.indicators.acheteurs.base"),
    "unknown sampling": ("sampling: quota,", "sampling: random,", "$.design.sampling"),
    "missing key": ("title: Petite enquête\n", "", "$"),
    "missing label": ("    label: Sexe\n", "", "$.variables.sexe"),
    "range of one": ("range: [12, 110]", "range: [12]", "$.variables.age.range"),
    "range of words": ("range: [12, 110]", "range: [douze, cent]", "$.variables.age.range[0]"),
    "list for a text": ("    phrase: utilisent internet\n", "    phrase: [utilisent]\n",
                        "$.indicators.internautes.phrase"),
    "text for a mapping": ("themes: {usages: Usages}", "themes: usages", "$.themes"),
    "category of a list": ("categories: {oui: Oui, non: Non}\n  achat", "categories: {oui: [Oui]}\n"
                           "  achat", "$.variables.internet.categories.oui"),
    "unknown reliability": ("breaks:\n", "reliability: strict\nbreaks:\n", "$.reliability"),
    "domain of nothing": ("{label: Sexe, variable: sexe}", "{label: Sexe, variabel: sexe}",
                          "$.domains.sexe"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_typical_fault_is_underlined(name: str) -> None:
    old, new, path = FAULTS[name]
    assert path in underlined(SURVEY, changed(old, new))


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("shares: 0.5,", "shares: 50,", "$.indicators.mediane.shares"),
        ("    rule: count\n", "    rule: product\n", "$.variables.usages.rule"),
        ("none: answer", "none: rien", "$.variables.outils.none"),
        ("    ranks: 2\n", "    ranks: 0\n", "$.variables.raisons.ranks"),
        ("cout: {label: Coût, column: F2}", "cout: {label: Coût, columns: F2}",
         "$.variables.freins.items.cout"),
    ],
)  # fmt: skip
def test_a_fault_of_the_richer_language_is_underlined(old: str, new: str, path: str) -> None:
    assert path in underlined(SURVEY, changed(old, new, RICH_YML))


def test_a_fault_of_a_wave_is_underlined() -> None:
    text = changed("size: 60", "size: soixante", WAVES["2021"])
    assert underlined(ONE_WAVE, text) == ["$.size"]
    assert underlined(ONE_WAVE, text + "colour: red\n") == ["$", "$.size"]


def test_every_key_is_described() -> None:
    every = properties(definition_schema("survey")) | properties(definition_schema("wave"))
    assert [key for key, inner in every.items() if not inner.get("description")] == []


def test_every_key_is_documented(project_root: Path) -> None:
    """Each key of the models stands in docs/definition.md, between backticks or in an example."""
    text = (project_root / "docs" / "definition.md").read_text("utf-8")
    said = " ".join(re.findall(r"`[^`]+`|```.*?```", text, re.DOTALL))
    words = set(re.findall(r"[A-Za-z_0-9]+", said))
    every = properties(definition_schema("survey")) | properties(definition_schema("wave"))
    assert sorted({k for k in every if k.partition(".")[2] not in words}) == []


@pytest.mark.parametrize("options", [[], ["--wave"]])
def test_the_command_prints_the_schema(options: list[str]) -> None:
    found = CliRunner().invoke(main, ["schema", *options])
    assert found.exit_code == 0
    assert json.loads(found.output) == definition_schema("wave" if options else "survey")
