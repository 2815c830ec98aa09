"""A small survey table and registers about it, for tests of the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import yaml

from analysis.claims import Judged, Sheet, judge, load_registers
from analysis.definition import Survey
from analysis.estimates import conform
from tests.sample import row, survey

HEAD: dict[str, Any] = {
    "register": "essai",
    "title": "Essai",
    "occasion": {"name": "Débat", "date": "2024-12-12", "source": "texte"},
    "themes": {"t": "Thème"},
    "speakers": {"x": {"name": "Une personne", "function": "élue"}},
    "sources": {"texte": {"title": "Compte rendu"}, "insee": {"title": "Insee", "date": "2022"}},
    "populations": {
        "francais": {"label": "les Français", "surveys": {"essai": "all"}},
        "majeurs": {"label": "les majeurs", "surveys": {"essai": "adultes"}},
    },
    "constants": {
        "adultes": {"label": "Adultes", "value": "51 millions de personnes", "source": "insee"},
    },
}


def claim(says: str | dict[str, str], *checks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"quote": "Un chiffre cité.", "speaker": "x", "theme": "t", "says": says,
            "checks": list(checks)} | more  # fmt: skip


def estimate(indicator: str = "smartphone", **more: Any) -> dict[str, Any]:
    return {"estimate": {"survey": "essai", "indicator": indicator} | more}


def write(folder: Path, claims: dict[str, Any], **more: Any) -> Path:
    path = folder / "essai.yml"
    text = yaml.safe_dump(HEAD | {"claims": claims} | more, allow_unicode=True, sort_keys=False)
    path.write_text(text, "utf-8")
    return path


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    return conform(pl.DataFrame(list(rows)))


def judged(
    folder: Path, claims: dict[str, Any], *rows: dict[str, Any], on: Survey | None = None,
    **more: Any,
) -> dict[str, Judged]:  # fmt: skip
    """The claims judged against rows of estimates."""
    s = on or survey()
    path = write(folder, claims, **more)
    sheet = Sheet(s, table(*rows) if rows else table(row("smartphone")))
    return {
        c.id: c for c in judge(load_registers({path: path.name}, {s.id: s}), {s.id: sheet}).claims
    }
