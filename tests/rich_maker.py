"""A survey with every kind of variable and of measure, on eight respondents written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from analysis.definition import Survey, load_survey
from analysis.harmonise import harmonise
from analysis.ingest import read_raw
from analysis.tabulation import tabulate
from analysis.validate import WaveRows, validate_raw, wave_rows
from tests.surveys_maker import csv_bytes

RICH_YML = """\
survey: riche
title: Enquête riche
short: Riche
territory: France
source: Institut, Enquête riche
licence: {name: ODbL 1.0, url: https://example.fr/odbl, attribution: Institut}
data:
  folder: riche
  dataset: Enquête riche
  slug: enquete-riche
  publisher: example.fr
  files:
    a.csv: {title: Vague 2021}
    b.csv: {title: Vague 2022}
    c.csv: {title: Vague 2023}
id: ID
weight: W
design: {sampling: quota, text: Quotas.}
missing:
  not_asked: ["NA"]
  dont_know: ["Nsp"]
themes: {usages: Usages}
populations:
  all: {label: personnes}
variables:
  sexe:
    label: Sexe
    column: SEXE
    categories: {femme: Femmes, homme: Hommes}
  age:
    label: Âge
    column: AGE
    type: numeric
    unit: ans
  classe:
    label: Âge
    type: derived
    categories:
      jeune: {label: 18-39 ans, when: age < 40}
      vieux: {label: 40 ans ou plus, when: age >= 40}
  freins:
    label: Freins
    type: multiple
    items:
      temps: {label: Manque de temps, column: F1}
      cout: {label: Coût, column: F2}
    chosen: ["1"]
    not_chosen: ["0", ""]
    none: nonresponse
  outils:
    label: Outils
    type: multiple
    column: OUTILS
    separator: ";"
    items: {tel: Téléphone, ordi: {label: Ordinateur, raw: [Ordi, PC]}, autre: Autre}
    none: answer
  priorites:
    label: Priorités
    type: ranked
    columns: [P1, P2]
    items: {aide: Aide, prix: Prix, debit: Débit}
    none: nonresponse
  raisons:
    label: Raisons
    type: ranked
    column: R
    separator: ">"
    ranks: 2
    items: {x: Xylophone, y: Yaourt}
    none: nonresponse
  debut:
    label: Début
    column: DEBUT
    type: date
    format: "%d/%m/%Y"
  depense:
    label: Dépense
    column: DEP
    type: numeric
    unit: €
  heures:
    label: Heures
    column: H
    type: numeric
    unit: heures
  usages:
    label: Indice d’usages
    type: index
    rule: count
    at_least: 2
    items: {tel: outils_tel == oui, temps: freins_temps == oui, cout: freins_cout == oui}
  charge:
    label: Charge
    type: index
    rule: mean
    at_least: 1
    unit: points
    items: {depense: depense, heures: {value: heures}}
indicators:
  freins_personnes:
    {label: Freins, theme: usages, measure: share_of_respondents, variable: freins, population: all,
     base: answered, phrase: citent}
  freins_mentions:
    {label: Freins cités, theme: usages, measure: share_of_mentions, variable: freins,
     population: all}
  priorites_personnes:
    {label: Priorités, theme: usages, measure: share_of_respondents, variable: priorites,
     population: all, base: answered}
  batterie:
    label: Batterie
    theme: usages
    measure: battery
    items: [outils_tel == oui, freins_temps == oui]
    population: all
  indice: {label: Indice, theme: usages, measure: mean, variable: usages, population: all}
  mediane:
    {label: Âge médian, theme: usages, measure: quantile, variable: age, shares: 0.5,
     population: all, phrase: ont}
  quartiles:
    {label: Âge, theme: usages, measure: quantile, variable: age, shares: [0.25, 0.75],
     population: all}
  par_heure:
    {label: Dépense par heure, theme: usages, measure: ratio, numerator: depense,
     denominator: heures, unit: € par heure, population: all}
domains:
  sexe: {label: Sexe, variable: sexe}
  age_sexe: {label: Âge et sexe, variables: [classe, sexe]}
"""

WAVE = """\
wave: "{wave}"
file: {file}
dialect: {{encoding: utf-8, separator: ",", decimal: "."}}
mode: en ligne
field: {{from: {wave}-06-15, to: {wave}-07-15}}
"""
FILES = {"2021": "a.csv", "2022": "b.csv", "2023": "c.csv"}

HEADER = ["ID", "W", "SEXE", "AGE", "F1", "F2", "OUTILS", "P1", "P2", "R", "DEBUT", "DEP", "H"]
ROWS = [
    ["r1", "1", "Femmes", "20", "1", "0", "Téléphone;PC", "Aide", "Prix", "Xylophone>Yaourt",
     "15/06/2021", "10", "2"],
    ["r2", "1", "Femmes", "30", "1", "1", "Téléphone", "Prix", "", "Yaourt", "16/06/2021", "20",
     "2"],
    ["r3", "2", "Hommes", "40", "0", "1", "", "Débit", "Aide", "Nsp", "17/06/2021", "30", "4"],
    ["r4", "1", "Hommes", "50", "", "", "Nsp", "", "", "", "Nsp", "Nsp", "1"],
    ["r5", "1", "Femmes", "60", "Nsp", "Nsp", "Ordi", "Aide", "Débit", "Xylophone", "18/06/2021",
     "40", "Nsp"],
    ["r6", "2", "Hommes", "25", "0", "1", "Autre; Téléphone", "Prix", "Aide", "Yaourt>Xylophone",
     "19/06/2021", "0", "5"],
]  # fmt: skip


def write_rich(folder: Path, text: str = RICH_YML, wave_text: str = "") -> Path:
    """The definition below ``folder/surveys``; ``wave_text`` is added to each wave."""
    surveys = folder / "surveys"
    (surveys / "riche" / "waves").mkdir(parents=True, exist_ok=True)
    (surveys / "riche" / "survey.yml").write_text(text, "utf-8")
    for wave, file in FILES.items():
        path = surveys / "riche" / "waves" / f"{wave}.yml"
        path.write_text(WAVE.format(wave=wave, file=file) + wave_text, "utf-8")
    return surveys


def rich_survey(folder: Path, text: str = RICH_YML, wave_text: str = "") -> Survey:
    return load_survey(write_rich(folder, text, wave_text), "riche")


def rich_rows(
    survey: Survey, folder: Path, rows: Sequence[Sequence[str]] = (), wave: str = "2021"
) -> WaveRows:
    spec = survey.waves[wave]
    path = folder / spec.file
    path.write_bytes(csv_bytes([HEADER, *(rows or ROWS)], ","))
    found = wave_rows(survey, wave, read_raw(path, spec.dialect, spec.file).frame, spec.file)
    validate_raw(survey, wave, found)
    return found


def rich_frame(folder: Path, text: str = RICH_YML) -> tuple[Survey, pl.DataFrame]:
    survey = rich_survey(folder, text)
    return survey, harmonise(survey, "2021", rich_rows(survey, folder))


def rich_table(folder: Path, text: str = RICH_YML) -> pl.DataFrame:
    survey, frame = rich_frame(folder, text)
    return tabulate(survey, "2021", frame, origin="observed", definition_hash="abc")
