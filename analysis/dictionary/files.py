"""The codebook for programs: CSV, Table Schema, DDI-Codebook 2.5."""

from __future__ import annotations

import csv
import io
import json
from html import escape
from pathlib import Path

import polars as pl

from analysis.definition import Survey, Variable
from analysis.dictionary.ddi import ddi_bytes
from analysis.dictionary.words import KINDS as KIND_LABELS
from analysis.expressions import MISSING_KINDS
from analysis.language import Words
from analysis.spreadsheets import neutral
from analysis.tables import donnees
from analysis.wording import origin_word

COLUMNS = (
    "vague", "colonne", "variable", "libelle", "contenu", "deviné", "ligne", "modalite", "texte",
    "nature", "effectif", "base", "valeur", "borne_basse", "borne_haute", "effectif_pondere",
    "avant", "statut", "donnees",
)  # fmt: skip
_PARTS = {"column": "colonne", "answer": "réponse", "missing": "sans réponse",
          "number": "nombre", "change": "changement"}  # fmt: skip
_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"


def write_metadata(survey: Survey, table: pl.DataFrame, folder: Path) -> tuple[Path, ...]:
    """Write the three files of a survey's codebook; the same codebook gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        names(survey)["csv"]: codebook_csv(table),
        names(survey)["ddi"]: ddi_bytes(survey, table),
        names(survey)["schema"]: schema_bytes(survey),
    }
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return tuple(folder / name for name in made)


def names(survey: Survey) -> dict[str, str]:
    """The files below ``donnees/``."""
    return {
        "csv": f"{survey.id}_dictionnaire.csv",
        "ddi": f"{survey.id}.ddi.xml",
        "schema": f"{survey.id}.tableschema.json",
    }


def links(survey: Survey) -> tuple[str, ...]:
    """Links to the files, as HTML."""
    words = {
        "csv": Words("Tout le dictionnaire (CSV)", "The whole dictionary (CSV in French)"),
        "ddi": Words("DDI-Codebook 2.5 (XML)", "DDI-Codebook 2.5 (XML in French)"),
        "schema": Words(
            "Variables harmonisées, Table Schema (JSON)",
            "Harmonised variables, Table Schema (JSON in French)",
        ),
    }
    return tuple(
        f'<a href="{donnees()}{escape(name)}" download>{words[kind]}</a>'
        for kind, name in names(survey).items()
    )


def codebook_csv(table: pl.DataFrame) -> bytes:
    """Every row of the codebook: ``;`` between columns, decimal comma, formulas neutralised."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for r in table.iter_rows(named=True):
        words = (r["wave"], r["column"], r["variable"], r["label"], r["type"])
        texts = (
            _PARTS[r["part"]],
            r["code"],
            r["text"],
            str(KIND_LABELS.get(r["kind"], r["kind"])),
        )
        numbers = (r["value"], r["ci_low"], r["ci_high"], r["n_weighted"])
        writer.writerow([
            *map(neutral, words), "oui" if r["guessed"] else "non", *map(neutral, texts),
            _whole(r["n"]), _whole(r["base"]), *map(_decimal, numbers), neutral(r["other"]),
            r["status"], origin_word(r["origin"]),
        ])  # fmt: skip
    return out.getvalue().encode("utf-8-sig")


def _whole(n: int | None) -> str:
    return "" if n is None else str(n)


def _decimal(x: float | None) -> str:
    return "" if x is None else f"{x:.6g}".replace(".", ",")


def schema_bytes(survey: Survey) -> bytes:
    """The Table Schema (Frictionless) of the harmonised rows of all waves."""
    text = json.dumps(table_schema(survey), ensure_ascii=False, indent=1)
    return (text + "\n").encode()


def table_schema(survey: Survey) -> dict[str, object]:
    """Fields: wave, id, weight, then each variable with what it may hold.

    Kinds of missing are ``missingValues``, so that an ``enum`` holds categories alone.
    """
    own = [
        {"name": "wave", "type": "string", "title": "Vague",
         "constraints": {"required": True, "enum": list(survey.waves)}},
        {"name": "id", "type": "string", "title": "Répondant", "constraints": {"required": True}},
        {"name": "weight", "type": "number", "title": "Poids",
         "constraints": {"required": True, "minimum": 0}},
    ]  # fmt: skip
    return {
        "$schema": _PROFILE,
        "title": survey.spec.title,
        "description": survey.spec.note or survey.spec.source,
        "missingValues": ["", *MISSING_KINDS],
        "primaryKey": ["wave", "id"],
        "fields": [*own, *(_field(k, v) for k, v in survey.spec.variables.items())],
    }


def _field(name: str, v: Variable) -> dict[str, object]:
    kind = "date" if v.type == "date" else "number" if v.numeric else "string"
    field: dict[str, object] = {"name": name, "title": v.label, "type": kind}
    said = " ".join(x for x in (v.question, v.note, f"({v.unit})" if v.unit else "") if x)
    if said:
        field["description"] = said
    if v.categories:
        field["constraints"] = {"enum": list(v.categories)}
        field["categories"] = [{"value": k, "label": c.label} for k, c in v.categories.items()]
        field["categoriesOrdered"] = v.type == "ordinal"
    if v.numeric and v.range and kind == "number":
        field["constraints"] = {"minimum": v.range[0], "maximum": v.range[1]}
    return field
