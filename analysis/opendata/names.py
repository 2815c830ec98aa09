"""The files of a survey below ``donnees/``: where each is, and what a reader is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analysis.definition import Survey
from analysis.dictionary import names as dictionary_names
from analysis.language import Words, say

ESTIMATES = "estimates.csv"
WAVES = "waves.csv"
CODES = "codes.csv"
CSVW = "estimates.csv-metadata.json"  # where the standard looks for it
SCHEMA_FILE = "estimates.schema.json"
PARQUET = "estimates.parquet"
SDMX = "estimates.sdmx.csv.gz"
STRUCTURE = "structure.sdmx.xml"
DCAT = "dcat.jsonld"
LICENCE = "LICENCE.txt"
CITATION = "CITATION.cff"

Group = Literal["results", "descriptions", "open"]

_KINDS = {
    ".sdmx.csv.gz": ("csv", "application/vnd.sdmx.data+csv;version=2.0.0", "CSV compressé"),
    ".sdmx.xml": ("xml", "application/vnd.sdmx.structure+xml;version=3.0.0", "XML"),
    ".csv-metadata.json": ("json", "application/csvm+json", "JSON"),
    ".jsonld": ("jsonld", "application/ld+json", "JSON-LD"),
    ".csv": ("csv", "text/csv", "CSV"),
    ".xml": ("xml", "application/xml", "XML"),
    ".json": ("json", "application/json", "JSON"),
    ".parquet": ("parquet", "application/vnd.apache.parquet", "Parquet"),
    ".txt": ("txt", "text/plain", "TXT"),
    ".cff": ("cff", "application/yaml", "CFF"),
    ".xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A file below ``donnees/``; ``group`` is the list of the page of data that it is in."""

    path: str
    title: str
    text: str
    group: Group


def package_name(survey: Survey) -> str:
    """The Data Package of a survey."""
    return f"{survey.id}.datapackage.json"


def listed(survey: Survey) -> tuple[File, ...]:
    """Every file of a survey that the page of data tells of, but those of single indicators."""
    return (*_results(survey), *_descriptions(survey), *_open(survey))


def _results(survey: Survey) -> tuple[File, ...]:
    said = (
        (f"{survey.id}.xlsx", Words("Classeur accessible", "Accessible workbook"), Words(
            "Un tableau par thème, avec couverture, sommaire et notes. L’ensemble de la "
            "population dans toutes les vagues, les groupes dans les deux dernières.",
            "One table a theme, with cover, contents and notes. The whole population in all waves, "
            "groups in the last two.")),
        (f"{survey.id}.csv", Words("Toutes les valeurs publiées", "All published values"), Words(
            "Chaque indicateur, chaque groupe, chaque vague, en codes et en nombres.",
            "Every indicator, every group, every wave, in codes and numbers.")),
        (f"{survey.id}_indicateurs.csv", Words("Les indicateurs", "Indicators"), Words(
            "Libellé, population, base, unité, note et source de chacun.",
            "Label, population, base, unit, note and source of each.")),
        (f"{survey.id}_codes.csv", Words("Les codes", "Codes"), Words(
            "Ce que veut dire chaque code des autres fichiers.",
            "What each code of the other files means.")),
    )  # fmt: skip
    return _files("results", said)


def _descriptions(survey: Survey) -> tuple[File, ...]:
    known = dictionary_names(survey)
    said = (
        (package_name(survey), Words("Métadonnées des fichiers, Data Package",
                                     "Metadata of the files, Data Package"), Words(
            "Licence, source, taille, empreinte et colonnes, pour les programmes.",
            "Licence, source, size, hash and columns, for programs.")),
        (known["csv"], Words("Dictionnaire des colonnes", "Dictionary of columns"), Words(
            "Chaque colonne des fichiers d’origine, vague par vague, avec ses effectifs.",
            "Every column of the original files, wave by wave, with its counts.")),
        (known["ddi"], Words("Dictionnaire, DDI-Codebook 2.5", "Dictionary, DDI-Codebook 2.5"),
         Words("Le même, dans le format des archives de données.",
               "The same, in the format of data archives.")),
        (known["schema"], Words("Variables harmonisées, Table Schema",
                                "Harmonised variables, Table Schema"), Words(
            "Nom, type et catégories des variables, sans aucune réponse.",
            "Name, type and categories of the variables, without any answer.")),
    )  # fmt: skip
    return _files("descriptions", said)


def _open(survey: Survey) -> tuple[File, ...]:
    """The open data package, in a folder of its own."""
    said = (
        (ESTIMATES, Words("Table des estimations", "Table of estimates"), Words(
            "Une ligne par valeur, avec son incertitude. Virgule entre les colonnes, point "
            "décimal, noms de colonnes en anglais.",
            "One line a value, with its uncertainty. Comma between columns, decimal point, names "
            "of columns in English.")),
        (WAVES, Words("Vagues", "Waves"), Words(
            "Dates, mode et définition de chacune.", "Dates, mode and definition of each.")),
        (CODES, Words("Codes de la table", "Codes of the table"), Words(
            "Ce que veut dire chaque code, avec la population et l’unité des indicateurs.",
            "What each code means, with the population and the unit of indicators.")),
        (PARQUET, Words("La même table, Parquet", "The same table, Parquet"), Words(
            "Avec le sens de ses colonnes dans le fichier.",
            "With the meaning of its columns inside the file.")),
        (CSVW, Words("Description de la table, CSVW", "Description of the table, CSVW"), Words(
            "CSV on the Web, du W3C.", "CSV on the Web, of the W3C.")),
        (SCHEMA_FILE, Words("Description de la table, Table Schema",
                            "Description of the table, Table Schema"), Words(
            "Pour Validata et Frictionless.", "For Validata and Frictionless.")),
        (SDMX, Words("La même table, SDMX-CSV 2.0", "The same table, SDMX-CSV 2.0"), Words(
            "Pour les systèmes de la statistique publique.",
            "For the systems of official statistics.")),
        (STRUCTURE, Words("Structure, SDMX-ML 3.0", "Structure, SDMX-ML 3.0"), Words(
            "Concepts, listes de codes et structure de la table SDMX.",
            "Concepts, code lists and structure of the SDMX table.")),
        (DCAT, Words("Notice de catalogue, DCAT-AP", "Catalogue record, DCAT-AP"), Words(
            "Pour les portails de données ouvertes. L’organisme qui publie et son contact y "
            "restent à indiquer.",
            "For open data portals. The publishing body and its contact are still to be named in "
            "it.")),
        (LICENCE, Words("Licence et attribution", "Licence and attribution"), Words(
            "À joindre à toute copie.", "To go with every copy.")),
        (CITATION, Words("Citation", "Citation"), Words(
            "Citation File Format, pour les logiciels.", "Citation File Format, for software.")),
    )  # fmt: skip
    return _files("open", [(f"{survey.id}/{name}", title, text) for name, title, text in said])


def _files(group: Group, said: Iterable[tuple[str, Words, Words]]) -> tuple[File, ...]:
    """The files of a list, in the language being written."""
    return tuple(File(path, str(title), str(text), group) for path, title, text in said)


def media(path: str) -> tuple[str, str, str]:
    """Format, media type, and the word for it in a link; raises KeyError for an unknown ending."""
    short, kind, word = next(v for ending, v in _KINDS.items() if path.endswith(ending))
    return short, kind, say(word, word.replace("compressé", "compressed"))
