"""The files of a survey below ``donnees/``: where each is, and what a reader is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analysis.definition import Survey
from analysis.dictionary import names as dictionary_names

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
    return (
        File(f"{survey.id}.xlsx", "Classeur accessible",
             "Un tableau par thème, avec couverture, sommaire et notes. L’ensemble de la "
             "population dans toutes les vagues, les groupes dans les deux dernières.", "results"),
        File(f"{survey.id}.csv", "Toutes les valeurs publiées",
             "Chaque indicateur, chaque groupe, chaque vague, en codes et en nombres.", "results"),
        File(f"{survey.id}_indicateurs.csv", "Les indicateurs",
             "Libellé, population, base, unité, note et source de chacun.", "results"),
        File(f"{survey.id}_codes.csv", "Les codes",
             "Ce que veut dire chaque code des autres fichiers.", "results"),
    )  # fmt: skip


def _descriptions(survey: Survey) -> tuple[File, ...]:
    known = dictionary_names(survey)
    return (
        File(package_name(survey), "Métadonnées des fichiers, Data Package",
             "Licence, source, taille, empreinte et colonnes, pour les programmes.",
             "descriptions"),
        File(known["csv"], "Dictionnaire des colonnes",
             "Chaque colonne des fichiers d’origine, vague par vague, avec ses effectifs.",
             "descriptions"),
        File(known["ddi"], "Dictionnaire, DDI-Codebook 2.5",
             "Le même, dans le format des archives de données.", "descriptions"),
        File(known["schema"], "Variables harmonisées, Table Schema",
             "Nom, type et catégories des variables, sans aucune réponse.", "descriptions"),
    )  # fmt: skip


def _open(survey: Survey) -> tuple[File, ...]:
    """The open data package, in a folder of its own."""
    said = (
        (ESTIMATES, "Table des estimations",
         "Une ligne par valeur, avec son incertitude. Virgule entre les colonnes, point décimal, "
         "noms de colonnes en anglais."),
        (WAVES, "Vagues", "Dates, mode et définition de chacune."),
        (CODES, "Codes de la table", "Ce que veut dire chaque code, avec la population et l’unité "
         "des indicateurs."),
        (PARQUET, "La même table, Parquet", "Avec le sens de ses colonnes dans le fichier."),
        (CSVW, "Description de la table, CSVW", "CSV on the Web, du W3C."),
        (SCHEMA_FILE, "Description de la table, Table Schema", "Pour Validata et Frictionless."),
        (SDMX, "La même table, SDMX-CSV 2.0", "Pour les systèmes de la statistique publique."),
        (STRUCTURE, "Structure, SDMX-ML 3.0", "Concepts, listes de codes et structure de la table "
         "SDMX."),
        (DCAT, "Notice de catalogue, DCAT-AP", "Pour les portails de données ouvertes. "
         "L’organisme qui publie et son contact y restent à indiquer."),
        (LICENCE, "Licence et attribution", "À joindre à toute copie."),
        (CITATION, "Citation", "Citation File Format, pour les logiciels."),
    )  # fmt: skip
    return tuple(File(f"{survey.id}/{name}", title, text, "open") for name, title, text in said)


def media(path: str) -> tuple[str, str, str]:
    """Format, media type, and the word for it in a link; raises KeyError for an unknown ending."""
    return next(v for ending, v in _KINDS.items() if path.endswith(ending))
