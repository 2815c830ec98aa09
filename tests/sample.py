"""A small survey and its table, for tests to the right of the table of estimates."""

from __future__ import annotations

from typing import Any

import polars as pl

from analysis.definition import Survey
from analysis.definition.models import FieldDates, SurveyFile, WaveFile
from analysis.estimates import SCHEMA, conform
from analysis.wording import Estimate

SPEC: dict[str, Any] = {
    "survey": "essai",
    "title": "Enquête d'essai",
    "short": "Essai",
    "territory": "France métropolitaine",
    "source": "Institut pour l'essai",
    "licence": {"name": "ODbL 1.0", "url": "https://example.org/odbl", "attribution": "Institut"},
    "data": {"folder": "essai", "dataset": "Essai", "slug": "essai", "publisher": "x", "files": {}},
    "id": "ID",
    "weight": "POIDS",
    "design": {"sampling": "quota", "text": "Échantillon par quotas : à titre indicatif."},
    "missing": {},
    "themes": {"equipement": "Équipement", "temps": "Temps"},
    "populations": {
        "all": {"label": "personnes de 12 ans ou plus", "short": "12 ans ou plus"},
        "adultes": {
            "label": "personnes de 18 ans ou plus",
            "short": "adultes",
            "when": "age >= 18",
        },
    },
    "variables": {
        "age": {"label": "Âge", "type": "numeric"},
        "classe": {
            "label": "Âge",
            "categories": {"jeune": "18-24 ans", "vieux": "70 ans & <plus>"},
        },
        "sexe": {"label": "Sexe", "categories": {"f": "Femmes", "h": "Hommes"}},
        "avis": {"label": "Avis", "categories": {"oui": "Oui", "non": "=NON()"}},
        "heures": {"label": "Heures", "type": "numeric", "unit": "heures par semaine"},
    },
    "indicators": {
        "smartphone": {
            "label": "Possession d'un smartphone",
            "phrase": "possèdent un smartphone",
            "theme": "equipement",
            "numerator": "avis == oui",
            "population": "adultes",
            "base": "everyone",
            "note": "Note d'essai.",
        },
        "ordinateur": {
            "label": "Ordinateur",
            "phrase": "ont un ordinateur",
            "theme": "equipement",
            "numerator": "avis == oui",
            "population": "all",
            "base": "answered",
            "not_comparable": [{"wave": "2020", "reason": "Question changée."}],
        },
        "avis": {
            "label": "Avis",
            "phrase": "répondent",
            "theme": "equipement",
            "measure": "distribution",
            "variable": "avis",
            "population": "all",
        },
        "heures": {
            "label": "Temps d'écran",
            "phrase": "passent devant un écran, en moyenne,",
            "theme": "temps",
            "measure": "mean",
            "variable": "heures",
            "population": "all",
            "base": "answered",
        },
    },
    "domains": {
        "age": {"label": "Âge", "variable": "classe"},
        "sexe": {"label": "Sexe", "variable": "sexe"},
    },
    "breaks": [{"wave": "2020", "label": "Changement de mode", "reason": "Du face-à-face au web."}],
}
WAVES = ("2018", "2019", "2020", "2022")


def survey(**changes: Any) -> Survey:
    waves = {
        w: WaveFile(
            wave=w, file="f.csv", mode="en ligne", field=FieldDates(text=f"en juin {w}"), size=1200
        )
        for w in WAVES
    }
    return Survey(SurveyFile.model_validate(SPEC | changes), waves)


def row(indicator: str, wave: str = "2022", estimate: float | None = 0.5, **more: Any) -> dict:
    se = more.pop("se", 0.01)
    known = estimate is not None
    return {
        "survey": "essai", "wave": wave, "indicator": indicator, "category": "",
        "domain": "ensemble", "domain_value": "ensemble", "estimate": estimate,
        "se": se if known else None, "ci_low": estimate - 1.96 * se if known else None,
        "ci_high": estimate + 1.96 * se if known else None, "cv": None, "deff": 1.25,
        "n_eff": None, "n_kish": None, "df": 999, "df_domain": 99, "n": 1000, "n_weighted": 1000.0,
        "method": "proportion", "status": "A" if known else "Q",
        "reason": "" if known else "moins de 30 réponses", "origin": "observed",
        "definition_hash": "abc123",
    } | more  # fmt: skip


def estimate(indicator: str = "smartphone", *args: Any, **more: Any) -> Estimate:
    full = row(indicator, *args, **more)
    return Estimate(**{k: full[k] for k in Estimate._fields})


def table(origin: str = "observed") -> pl.DataFrame:
    levels = {"2018": 0.30, "2019": 0.40, "2020": 0.60, "2022": 0.61}
    rows = [row("smartphone", w, v) for w, v in levels.items()]
    rows += [row("ordinateur", w, v - 0.05) for w, v in levels.items()]
    rows += [row("smartphone", "2022", v, domain="age", domain_value=g, n=200)
             for g, v in {"jeune": 0.90, "vieux": 0.30}.items()]  # fmt: skip
    rows += [row("smartphone", "2022", 0.60, domain="sexe", domain_value="f"),
             row("smartphone", "2022", None, domain="sexe", domain_value="h", n=12)]  # fmt: skip
    rows += [row("avis", "2022", v, category=c) for c, v in {"oui": 0.4, "non": 0.6}.items()]
    rows += [row("heures", "2022", 31.94, se=0.5, method="mean")]
    rows += [row("heures", "2022", v, se=1.0, domain="age", domain_value=g, status=s)
             for g, v, s in (("jeune", 35.0, "A"), ("vieux", 28.0, "A"))]  # fmt: skip
    return conform(pl.DataFrame([r | {"origin": origin} for r in rows], schema=SCHEMA))
