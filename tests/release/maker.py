"""A project so small that it is built in a second, and releases laid out by hand."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.definition import load_survey
from analysis.demonstration import write_demonstration
from analysis.project import Project
from tests.conftest import ROOT
from tests.framed_maker import write_towns

TEMPLATE = """<!DOCTYPE html>
<html lang="$lang$"><head><meta charset="utf-8"><title>$pagetitle$</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; \
base-uri 'none'; form-action 'none'">
$for(css)$<link rel="stylesheet" href="$css$">
$endfor$</head><body><main>
$if(titre-calcule)$
$else$
<h1>$title$</h1>
$endif$
$body$
</main></body></html>
"""
PAGE = '---\ntitle: "Les villes"\n---\n\nVoir la [version](version.html).\n'
HEAD = (
    "vague;indicateur;modalite;domaine;groupe;valeur;borne_basse;borne_haute;erreur_type;"
    "repondants;statut;marque;donnees"
)
CODES = """colonne;dans;code;libelle;donnees
domaine;;age;Âge;
groupe;age;jeunes;Les <b>jeunes</b> {{< var x >}};
groupe;age;vieux;Les vieux;
"""
INDICATORS = """indicateur;libelle;theme;population;unite
net;Internet;Usages;adultes;%
heures;Heures en ligne;Usages;adultes;heures
"""


def small_project(root: Path) -> Project:
    """The towns with one page; somebody delivered the file of wave 1, wave 2 is made."""
    root.mkdir()
    write_towns(root)
    project = Project(root)
    assets = project.reports / "_assets"
    assets.mkdir(parents=True)
    shutil.copy(ROOT / "_quarto.yml", root)
    shutil.copy(ROOT / "reports" / "_assets" / "report.lua", assets)
    (assets / "page.html").write_text(TEMPLATE, "utf-8")
    shutil.copy(ROOT / "reports" / "_assets" / "page.css", assets)
    (project.reports / "index.qmd").write_text(PAGE, "utf-8")
    survey = load_survey(project.surveys, "towns")
    write_demonstration(survey, root / "data" / "towns", ["t1.csv"])
    return project


def corrected(project: Project) -> None:
    """An answer is corrected, an indicator renamed: what a second release is about."""
    answers = project.surveys / "towns" / "answers" / "2.csv"
    edit(answers, "large,has,oui,3,", "large,has,oui,4,")
    edit(answers, "large,has,nonresponse,1,,published,Institut\n", "")
    edit(project.surveys / "towns" / "survey.yml", "label: Équipement\n    phrase",
         "label: Villes équipées\n    phrase")  # fmt: skip


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def facts(**changed: Any) -> dict[str, Any]:
    """``made_from`` of a survey "essai" with waves 2020 and 2022."""
    waves = {w: {"origin": "observed", "definition": "a" * 16} for w in ("2020", "2022")}
    survey = {"definition": "d" * 16, "estimates": "", "waves": waves, "microdata": {}}
    return {
        "edition": {"name": "", "date": ""},
        "code": {"version": "1.0", "digest": "c" * 16, "modules": {"charts": "c1"}},
        "environment": {"python": "CPython 3.12.1", "libraries": {"polars": "2.0"}, "lock": ""},
        "renderer": "embedded",
        "seeds": {},
        "surveys": {"essai": survey},
        "project": {"surveys/essai/survey.yml": "e" * 64},
        "since": "",
    } | changed


def lay_out(
    folder: Path, rows: str, *, files: Mapping[str, str] | None = None, **changed: Any
) -> Path:
    """A release of figures typed by hand, a line each: without mark and origin."""
    data = folder / "donnees"
    data.mkdir(parents=True)
    lines = [f"{r.strip()};;" for r in rows.strip().splitlines() if r.strip()]
    texts = {
        "essai.csv": "\n".join([HEAD, *lines]) + "\n",
        "essai_codes.csv": CODES,
        "essai_indicateurs.csv": INDICATORS,
        **(files or {}),
    }
    for name, text in texts.items():
        (data / name).write_text(text, "utf-8-sig" if name.endswith("csv") else "utf-8")
    listed = {f"donnees/{p.name}": entry(p) for p in sorted(data.iterdir())}
    manifest = {"format": 1, "made_from": facts(**changed), "context": {}, "files": listed}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def entry(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
