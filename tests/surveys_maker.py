"""A small survey made by hand, in a folder of its own, to be damaged by tests.

Two waves, 2019 (UTF-8, ``;``, decimal comma) and 2021 (windows-1252, ``,``, decimal point), each
with one trap: a renamed column, a respelled label, a fill, a filter, a sentinel.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analysis.definition import Survey, load_survey
from analysis.definition.models import Dialect
from analysis.demonstration import draw_wave
from analysis.ingest import read_raw
from analysis.validate import WaveRows, validate_raw, wave_rows

SURVEY_YML = """\
survey: small
title: Petite enquête
short: Petite
territory: France
source: Institut, Petite enquête
licence: {name: ODbL 1.0, url: https://example.fr/odbl, attribution: Institut}
data:
  folder: small
  dataset: Petite enquête
  slug: petite-enquete
  publisher: example.fr
  files:
    small-2019.csv: {title: Vague 2019}
    small-2021.csv.gz: {title: Vague 2021}
id: ID
weight: W
design: {sampling: quota, text: Quotas.}
missing:
  not_asked: ["NA"]
  not_applicable: [Sans objet]
  dont_know: ["[Nsp]"]
  refused: [Refus]
  nonresponse: [NR]
themes: {usages: Usages}
populations:
  all: {label: personnes de 12 ans ou plus}
  adultes: {label: adultes, when: age >= 18}
  internautes: {label: internautes, when: internet == oui}
variables:
  sexe:
    label: Sexe
    column: SEXE
    categories: {femme: Femme, homme: Homme}
  age:
    label: Âge
    column: AGE
    type: numeric
    range: [12, 110]
  internet:
    label: Internet
    column: WEB
    categories: {oui: Oui, non: Non}
  achat:
    label: Achat en ligne
    column: ACHAT
    universe: internautes
    categories:
      souvent: {label: Souvent, raw: "Souvent, l’été"}
      jamais: {label: Jamais, raw: [Jamais, Aucun]}
  avis:
    label: Avis
    column: AVIS
    skipped: les personnes pressées
    categories: {bon: Bon, mauvais: Mauvais}
  heures:
    label: Heures
    column: HEURES
    type: numeric
    range: [0, 168]
    missing: {dont_know: ["999", "-1"]}
  tablette:
    label: Tablette
    column: TAB
    waves: "2021"
    filled:
      - {waves: "2019", value: Vide, reason: le fichier est rempli}
    categories: {oui: Oui, non: Non}
  classe:
    label: Classe d’âge
    type: derived
    categories:
      jeune: {label: Moins de 40 ans, when: age < 40}
      vieux: {label: 40 ans ou plus, when: age >= 40}
  usage:
    label: Usage
    type: derived
    categories:
      fort: {label: Fort, when: achat == souvent or avis == bon}
      faible: {label: Faible, when: achat == jamais and avis == mauvais}
indicators:
  internautes:
    label: Internautes
    theme: usages
    phrase: utilisent internet
    numerator: internet == oui
    population: all
  acheteurs:
    label: Acheteurs
    theme: usages
    numerator: achat == souvent
    population: internautes
    base: answered
  tablettes:
    label: Tablettes
    theme: usages
    numerator: tablette == oui
    population: all
    waves: "2021"
  opinion:
    label: Opinion
    theme: usages
    measure: distribution
    variable: avis
    population: all
    base: answered
  heures:
    label: Heures
    theme: usages
    measure: mean
    variable: heures
    population: adultes
domains:
  sexe: {label: Sexe, variable: sexe}
  classe: {label: Âge, variable: classe}
breaks:
  - {wave: "2021", reason: le mode a changé}
"""

WAVES = {
    "2019": """\
wave: "2019"
file: small-2019.csv
dialect: {encoding: utf-8, separator: ";", decimal: ","}
mode: en face à face
field: en 2019
recode:
  sexe: {F: femme}
""",
    "2021": """\
wave: "2021"
file: small-2021.csv.gz
rows: {column: ANNEE, value: "2021"}
dialect: {encoding: windows-1252, separator: ",", decimal: "."}
mode: en ligne
field: en 2021
size: 60
rename: {WEB: INTERNET}
""",
}

# Twelve respondents of 2019, one a line; the columns of HEADER.
HEADER = ["ID", "W", "SEXE", "AGE", "WEB", "ACHAT", "AVIS", "HEURES", "TAB"]
ROWS_2019 = [
    ["r1", "1,5", "Femme", "30", "Oui", "Souvent, l'été", "Bon", "10", "Vide"],
    ["r2", "0,5", "F", "45", "Oui", "Jamais", "Mauvais", "20,5", "Vide"],
    ["r3", "1", "Homme", "17", "Oui", "Aucun", "NA", "999", "Vide"],
    ["r4", "2", "Homme", "60", "Non", "NA", "Bon", "0", "Vide"],
    ["r5", "1", "Femme", "70", "[Nsp]", "NA", "[Nsp]", "-1", "Vide"],
    ["r6", "1", " Homme  ", "39", "Oui", "Souvent,  l’été", "Refus", "40", "NA"],
    ["r7", "2", "Femme", "40", "Non", "NA", "Sans objet", "NR", "NA"],
    ["r8", "1", "Femme", "12", "Oui", "[Nsp]", "Mauvais", "168", "Vide"],
]


def write_survey(folder: Path, survey_yml: str = SURVEY_YML, **waves: str) -> Path:
    """Write the definition below ``folder/surveys``; ``w2019=...`` replaces a wave's text."""
    surveys = folder / "surveys"
    (surveys / "small" / "waves").mkdir(parents=True, exist_ok=True)
    (surveys / "small" / "survey.yml").write_text(survey_yml, "utf-8")
    for wave, text in WAVES.items():
        path = surveys / "small" / "waves" / f"{wave}.yml"
        path.write_text(waves.get(f"w{wave}", text), "utf-8")
    return surveys


def small_survey(folder: Path, survey_yml: str = SURVEY_YML, **waves: str) -> Survey:
    """The same, loaded."""
    return load_survey(write_survey(folder, survey_yml, **waves), "small")


def changed(old: str, new: str, text: str = SURVEY_YML) -> str:
    """``text`` with its only ``old`` replaced by ``new``."""
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    return text.replace(old, new)


def line_of(part: str, text: str = SURVEY_YML) -> int:
    """The line of the only place that holds ``part``, from 1."""
    assert text.count(part) == 1, f"{part!r} occurs {text.count(part)} times"
    return text[: text.index(part)].count("\n") + 1


def csv_bytes(
    rows: Sequence[Sequence[str]], separator: str = ";", encoding: str = "utf-8"
) -> bytes:
    """Rows, the header first, as a CSV file."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(rows)
    return text.getvalue().encode(encoding)


@dataclass(frozen=True)
class Small:
    """A loaded survey, and a folder for its raw files."""

    survey: Survey
    folder: Path

    def read(self, content: bytes, wave: str = "2019", dialect: Dialect | None = None) -> WaveRows:
        """The wave's rows, read from a raw file of ``content`` and valid."""
        spec = self.survey.waves[wave]
        path = self.folder / spec.file
        path.write_bytes(content)
        raw = read_raw(path, dialect or spec.dialect, spec.file)
        rows = wave_rows(self.survey, wave, raw.frame, spec.file)
        validate_raw(self.survey, wave, rows)
        return rows

    def rows(self, *rows: Sequence[str]) -> WaveRows:
        """The same from rows of 2019, those of the module when none are given."""
        return self.read(csv_bytes([HEADER, *(rows or ROWS_2019)]))

    def drawn(self, wave: str) -> pl.DataFrame:
        """Demonstration texts of a wave."""
        return draw_wave(self.survey, wave)
