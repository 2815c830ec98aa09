"""Metadata beside the data, for programs: a Data Package (version 2) of a survey's files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import analysis
from analysis.definition import Survey
from analysis.tables import CODE_COLUMNS, INDICATOR_COLUMNS, WHOLE_COLUMNS
from analysis.tables.workbook_text import citation
from analysis.wording import Estimate

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_NUMBERS = ("valeur", "borne_basse", "borne_haute", "erreur_type")
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
KINDS = {".csv": ("csv", "text/csv"), ".xml": ("xml", "application/xml"),
         ".json": ("json", "application/json"),
         ".xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
         }  # fmt: skip


def name(survey: Survey) -> str:
    """The file below ``donnees/``."""
    return f"{survey.id}.datapackage.json"


def write_package(survey: Survey, cells: Sequence[Estimate], folder: Path) -> Path:
    """Describe the survey's files in a folder that holds them; the same files, the same bytes."""
    path = folder / name(survey)
    said = json.dumps(package(survey, cells, folder), ensure_ascii=False, indent=1)
    path.write_text(said + "\n", "utf-8")
    return path


def package(survey: Survey, cells: Sequence[Estimate], folder: Path) -> dict[str, object]:
    """Title, licence, source, version, and each file with its columns, size and hash."""
    spec, cited = survey.spec, citation(survey, cells, analysis.__version__)
    tables = {
        f"{survey.id}.csv": WHOLE_COLUMNS,
        f"{survey.id}_indicateurs.csv": INDICATOR_COLUMNS,
        f"{survey.id}_codes.csv": CODE_COLUMNS,
    }
    others = sorted(p.name for p in folder.glob(f"{survey.id}*") if p.name not in tables)
    return {
        "$schema": _PROFILE,
        "name": survey.id.replace("_", "-"),
        "title": cited.title,
        "description": cited.text(),
        "version": cited.edition,
        "licenses": [{"name": spec.licence.name, "path": spec.licence.url}],
        "sources": [{"title": spec.source}],
        "contributors": [{"title": spec.licence.attribution, "roles": ["creator"]}],
        "resources": [
            *(_resource(folder / file) | _table(columns) for file, columns in tables.items()),
            *(_resource(folder / file) for file in others if file != name(survey)),
        ],
    }


def _resource(path: Path) -> dict[str, object]:
    form, media = KINDS[path.suffix]
    content = path.read_bytes()
    return {
        "name": path.name.lower(),
        "path": path.name,
        "format": form,
        "mediatype": media,
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
    }


def _table(columns: Sequence[str]) -> dict[str, object]:
    return {
        "type": "table",
        "encoding": "utf-8",
        "dialect": {"delimiter": ";", "lineTerminator": "\r\n", "quoteChar": '"'},
        "schema": {"fields": [_field(c) for c in columns], "missingValues": [""]},
    }


def _field(column: str) -> dict[str, object]:
    number: dict[str, object] = {"type": "number", "decimalChar": ","}
    kind = number if column in _NUMBERS else {"type": "string"}
    kind = {"type": "integer"} if column == "repondants" else kind
    return {"name": column, **kind, "description": COLUMNS[column]}
