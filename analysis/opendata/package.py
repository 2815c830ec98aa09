"""Metadata beside the data, for programs: a Data Package (version 2) of a survey's files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from analysis.definition import Survey
from analysis.dictionary import names as dictionary_names
from analysis.dictionary.files import COLUMNS as DICTIONARY_COLUMNS
from analysis.opendata.codes import Code
from analysis.opendata.names import DCAT, ESTIMATES, WAVES, listed, media, package_name
from analysis.opendata.schemas import TABLES, table_schema
from analysis.tables.delimited import CODE_COLUMNS, INDICATOR_COLUMNS, WHOLE_COLUMNS
from analysis.wording import rounding_note
from analysis.wording.citation import Citation

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_NUMBERS = ("valeur", "borne_basse", "borne_haute", "erreur_type", "effectif_pondere")
COLUMNS = {
    "vague": "Vague de l’enquête",
    "indicateur": "Code de l’indicateur",
    "modalite": "Code de la réponse, vide quand l’indicateur est une seule part ou moyenne",
    "domaine": "Code du critère de ventilation, « ensemble » pour toute la population",
    "groupe": "Code du groupe dans ce critère",
    "valeur": "Estimation, dans l’unité de l’indicateur ; vide quand elle n’est pas publiée",
    "borne_basse": "Borne basse de l’intervalle à 95 %",
    "borne_haute": "Borne haute de l’intervalle à 95 %",
    "erreur_type": "Erreur-type, dans l’unité de l’indicateur",
    "repondants": "Répondants dans la base du chiffre, sans poids",
    "statut": "Statut d’observation, lettres de SDMX",
    "marque": "Marques imprimées à côté du chiffre",
    "donnees": "Origine des réponses",
    "libelle": "Libellé",
    "theme": "Thème",
    "premiere_vague": "Première vague de cette population",
    "derniere_vague": "Dernière vague de cette population",
    "population": "De qui parle le chiffre",
    "territoire": "Territoire",
    "base": "Ce que compte la base",
    "unite": "Unité",
    "note": "Note imprimée sous la figure",
    "source": "Source",
    "colonne": "Colonne que le code remplit",
    "dans": "Critère ou indicateur dont le code dépend",
    "code": "Code",
}
# Those of the dictionary, where a column of a raw file is what a line is about.
DICTIONARY = {
    "vague": "Vague de l’enquête",
    "colonne": "Colonne du fichier d’origine",
    "variable": "Variable de la définition qui la lit, vide sans cela",
    "libelle": "Libellé de la variable",
    "contenu": "Nature du contenu de la colonne",
    "deviné": "Si cette nature est devinée d’après les textes",
    "ligne": "Ce que décrit la ligne : colonne, réponse, sans réponse, nombre, changement",
    "modalite": "Code de la réponse",
    "texte": "Texte de la réponse dans le fichier d’origine",
    "nature": "Nature d’une réponse manquante, d’un nombre ou d’un changement",
    "effectif": "Répondants, sans poids ; vide quand ils sont trop peu",
    "base": "Répondants dont l’effectif est une partie",
    "valeur": "Part des réponses valides, ou nombre",
    "borne_basse": "Borne basse de l’intervalle à 95 %",
    "borne_haute": "Borne haute de l’intervalle à 95 %",
    "effectif_pondere": "Somme des poids de l’effectif",
    "avant": "D’un changement : ce qu’il y avait à la vague précédente",
    "statut": "Statut d’observation, lettres de SDMX",
    "donnees": "Origine des réponses",
}


def package(
    survey: Survey, cited: Citation, files: Sequence[dict[str, object]]
) -> dict[str, object]:
    """Title, licence, source, version, and each file with its columns, size and hash."""
    spec = survey.spec
    return {
        "$schema": _PROFILE,
        "name": survey.id.replace("_", "-"),
        "title": cited.title,
        "description": " ".join(filter(None, (cited.text(), rounding_note(survey)))),
        "version": cited.edition,
        "licenses": [{"name": spec.licence.name, "path": spec.licence.url}],
        "sources": [{"title": spec.source}],
        "contributors": [{"title": spec.licence.attribution, "roles": ["creator"]}],
        "resources": list(files),
    }


def resources(
    survey: Survey, cited: Citation, codes: Sequence[Code], folder: Path
) -> list[dict[str, object]]:
    """The survey's files that are there, but the package and the notice that are made from them."""
    tables = {
        f"{survey.id}.csv": _semicolons(WHOLE_COLUMNS),
        f"{survey.id}_indicateurs.csv": _semicolons(INDICATOR_COLUMNS),
        f"{survey.id}_codes.csv": _semicolons(CODE_COLUMNS),
        dictionary_names(survey)["csv"]: _semicolons(
            DICTIONARY_COLUMNS, DICTIONARY, ("effectif", "base")
        ),
    } | {f"{survey.id}/{file}": _commas(survey, cited, file, codes) for file in TABLES}
    others = (package_name(survey), f"{survey.id}/{DCAT}")
    return [
        resource(folder, file.path, file.title) | tables.get(file.path, {})
        for file in listed(survey)
        if file.path not in others and (folder / file.path).is_file()
    ]


def resource(folder: Path, path: str, title: str) -> dict[str, object]:
    """A file with its type, size and hash."""
    form, kind, _ = media(path)
    content = (folder / path).read_bytes()
    return {
        "name": path.lower(),
        "path": path,
        "title": title,
        "format": form,
        "mediatype": kind,
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
    }


def _semicolons(
    columns: Sequence[str],
    said: Mapping[str, str] = COLUMNS,
    counts: Sequence[str] = ("repondants",),
) -> dict[str, object]:
    """What is told of a file for French spreadsheets; ``counts`` are its whole numbers."""
    fields = [_field(c, said[c], whole=c in counts) for c in columns]
    return _table(";") | {"schema": {"fields": fields, "missingValues": [""]}}


def _commas(survey: Survey, cited: Citation, file: str, codes: Sequence[Code]) -> dict[str, object]:
    """What is told of a file of the open table; its waves are those of the file of waves."""
    schema = table_schema(file, cited.title, codes)
    if file == ESTIMATES:
        reference = {"resource": f"{survey.id}/{WAVES}".lower(), "fields": ["wave"]}
        schema["foreignKeys"] = [{"fields": ["wave"], "reference": reference}]
    return _table(",") | {"schema": schema}


def _table(delimiter: str) -> dict[str, object]:
    return {
        "type": "table",
        "encoding": "utf-8",
        "dialect": {"delimiter": delimiter, "lineTerminator": "\r\n", "quoteChar": '"'},
    }


def _field(column: str, text: str, *, whole: bool) -> dict[str, object]:
    number: dict[str, object] = {"type": "number", "decimalChar": ","}
    kind = number if column in _NUMBERS else {"type": "integer" if whole else "string"}
    return {"name": column, **kind, "description": text}
