"""A project whose every text attacks whoever shows it, built as it stands.

The definition's own refusals are switched off (`tests/damage` and `tests/definition/test_texts.py`
see to them), so that what is tested is whether pages and files hold without them. Raw files need no
switch: nothing refuses what a respondent typed in a column that no variable reads.
"""

from __future__ import annotations

import random
import shutil
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.claims import load as claims_load
from analysis.definition import checks
from analysis.pipeline import build
from analysis.project import Project
from tests.conftest import ROOT
from tests.surveys_maker import csv_bytes

# What runs where it is taken for markup sets `window.hacked`; what is taken for Markdown makes a
# heading or a link; what is taken for YAML, Lua or a shortcode shows a secret or ends the build.
MARKUP = (
    "\"'>]]>--><script>hacked=1</script></title></style></script></svg><img src=x onerror=hacked=1>"
    "<a href=javascript:hacked=1>"
)
MARKDOWN = (
    "[x](javascript:hacked=1) **gras** ![y](z.png) `{=html}` `x`{=html} $\\href{a}{b}$ ~~s~~ ^e^"
)
UNSEEN = "\u2066\u200f\u200b\u202e\u2069"
OTHERS = "&lt;b&gt; &#60; ${hacked=1} {0} %s \\u003cscript\\u003e ../../x,=1+1;@SUM(A1) _x000D_"
NOTE = "\n\n```\n\n# Titre injecté\n\n[x](javascript:hacked=1)\n\n---\n\n> fin"
STARTS = ("", "=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "#", "1. ", "'")
TAIL = f"{MARKUP}{MARKDOWN}{OTHERS}{UNSEEN}"
FREE = ("<script>hacked=1</script>", '=HYPERLINK("http://x")', "a\u202etxt.exe", "\x1b]0;x\x07",
        "`{python} 1/0`", "{{< env HOME >}}", "```\n# Titre injecté", "../../x")  # fmt: skip
COLUMNS = ("<img src=x onerror=hacked=1>", "=1+1", "```", "{{< meta x >}}", "../../x", "a\u202eb")
_N = 240


class _Texts:
    """One hostile text after another: the same attack behind each way to start a cell."""

    def __init__(self) -> None:
        self._starts = cycle(STARTS)
        self._number = 0

    def label(self) -> str:
        self._number += 1
        return f"{next(self._starts)}L{self._number} {TAIL}"

    def note(self) -> str:
        return self.label() + NOTE


def definition() -> dict[str, Any]:
    """survey.yml of a survey whose names are plain and whose texts are not."""
    t = _Texts()
    codes = ("oui", "non")
    return {
        "survey": "hostile", "title": t.label(), "short": t.label(), "territory": t.label(),
        "units": t.label(), "source": t.note(), "note": t.note(), "next_wave": t.label(),
        "licence": {"name": t.label(), "url": "https://example.fr/x", "attribution": t.label()},
        "data": {"folder": "hostile", "dataset": t.label(), "slug": "x", "publisher": t.label(),
                 "files": {f"{w}.csv": {"title": t.label()} for w in ("2021", "2023")}},
        "id": "ID", "weight": "W", "reliability": "none",
        "design": {"sampling": "quota", "text": t.note()},
        "missing": {"dont_know": ["NSP"]},
        "themes": {"usages": t.label(), "autres": t.label()},
        "populations": {"all": {"label": t.label(), "short": t.label()},
                        "adultes": {"label": t.label(), "when": "age >= 18"}},
        "variables": {
            "sexe": {"label": t.label(), "column": "SEXE", "question": t.note(), "note": t.note(),
                     "categories": {c: {"label": t.label(), "raw": f"S{c}"} for c in codes}},
            "age": {"label": t.label(), "column": "AGE", "type": "numeric", "unit": t.label()},
            "web": {"label": t.label(), "column": "WEB",
                    "categories": {c: {"label": t.label(), "raw": f"{MARKUP}{c}"} for c in codes}},
            "heures": {"label": t.label(), "column": "H", "type": "numeric", "unit": t.label()},
        },
        "indicators": {
            "connectes": {"label": t.label(), "theme": "usages", "phrase": t.label(),
                          "numerator": "web == oui", "population": "all", "note": t.note()},
            "coupes": {"label": t.label(), "theme": "autres", "phrase": t.label(),
                       "numerator": "web == non", "population": "adultes",
                       "breaks": [{"wave": "2023", "label": t.label(), "reason": t.note()}]},
            "avis": {"label": t.label(), "theme": "autres", "measure": "distribution",
                     "variable": "web", "population": "all", "base": "answered"},
            "quantiles": {"label": t.label(), "theme": "usages", "measure": "quantile",
                          "variable": "heures", "shares": ["0.1", "0.25", "0.5", "0.75", "0.9"],
                          "population": "all"},
            "duree": {"label": t.label(), "theme": "usages", "phrase": t.label(),
                      "measure": "mean", "variable": "heures", "population": "all",
                      "not_comparable": [{"wave": "2021", "reason": t.note()}]},
        },
        "domains": {"sexe": {"label": t.label(), "variable": "sexe",
                             "tiles": {"oui": {"at": [1, 1], "short": "<b>"},
                                       "non": {"at": [2, 1], "short": "=1"}}}},
        "fiches": {"domains": "sexe", "key": ["connectes"], "answers": "avis"},
        "weighting": {"calage": {"label": t.label(), "margins": ["sexe"], "waves": "2023",
                                 "reason": t.note(), "key": ["connectes"], "note": t.note()}},
    }  # fmt: skip


def register() -> dict[str, Any]:
    """A register of claims in the same vein."""
    t = _Texts()
    return {
        "register": "essai", "title": t.label(), "note": t.note(),
        "occasion": {"name": t.label(), "date": "2024-12-12", "place": t.label(), "source": "a"},
        "themes": {"t": t.label()},
        "speakers": {"x": {"name": t.label(), "function": t.label()}},
        "sources": {"a": {"title": t.label(), "date": t.label(), "note": t.note(),
                          "url": "https://example.fr/?a=1&b=2"}},
        "populations": {"tous": {"label": t.label(), "surveys": {"hostile": "all"}}},
        "claims": {
            "A1": {"quote": MARKUP, "speaker": "x", "theme": "t", "says": "50 %",
                   "place": t.label(), "population": "tous", "note": t.note(),
                   "checks": [{"estimate": {"survey": "hostile", "indicator": "connectes",
                                            "note": t.note()}}]},
            "A2": {"quote": "=HYPERLINK(1) 10 %", "speaker": "x", "theme": "t", "says": "10 %",
                   "checks": [{"quoted": t.note()}]},
        },
    }  # fmt: skip


def corrections() -> dict[str, Any]:
    """What is quoted of a correction: the log refuses less than a definition does."""
    said = f"{STARTS[1]} {MARKUP}{MARKDOWN}"
    return {"corrections": [{"date": "2026-01-02", "what": said, "effect": said, "figures": said}]}


def wave(name: str) -> dict[str, Any]:
    t = _Texts()
    return {"wave": name, "file": f"{name}.csv", "mode": t.label(), "field": t.label(),
            "note": t.note()}  # fmt: skip


def rows(seed: int) -> bytes:
    """The raw file of a wave."""
    draw = random.Random(seed)
    out = [["ID", "W", "SEXE", "AGE", "WEB", "H", "LIBRE", *COLUMNS]]
    for n in range(_N):
        web = draw.choice(["oui", "oui", "non"])
        cells = [f"p{n}", "1", f"S{draw.choice(['oui', 'non'])}", str(draw.randint(12, 80))]
        more = [draw.choice(FREE).replace("\n", " ") for _ in range(len(COLUMNS) + 1)]
        out.append([*cells, f"{MARKUP}{web}", str(draw.randint(0, 40)), *more])
    return csv_bytes(out)


_PAGE = """---
title: "Hostile"
titre-calcule: true
chiffres: true
figures: true
tri: true
---

```{python}
#| label: preparation
#| include: false
from analysis.definition import checks

checks.text_faults = lambda _: ()
from analysis.briefing import Briefing, Claims, catalogue, corrections, notices, page_head

b = Briefing("hostile")
c = Claims.of()
w = b.weighting("calage", "2023")
nom = b.book.label("connectes")
```

## Valeurs {#methode}

De `{python} b.value("connectes", population=True, interval=True)`.
Qui : `{python} b.champ("connectes")`.
Écarts : `{python} b.extremes("connectes", "sexe")`, `{python} b.apart("connectes", "sexe")`.
Écarts : `{python} b.width("connectes", "sexe")`, `{python} b.reliable("connectes", "sexe")`.
Poids : `{python} w.note`, `{python} w.reason`, `{python} w.outside`, `{python} w.widest_indicator`.
Dit : `{python} c.said("A1")`, `{python} c.sentence("A1")`, `{python} c.verdict("A1")`.

## `{python} b.dividing("connectes", {"sexe": nom})` {#titre}

"""
_CELLS = {
    "tete": 'page_head(nom, nom, nom, b)', "avis": "notices()",
    "ouverture": "b.opening(nom, nom)",
    "cartes": 'b.cards(("connectes", nom), ("duree", nom), ("connectes, sexe = oui", nom))',
    "gens": 'b.people("connectes", (nom, nom), (nom, nom))',
    "groupes": 'b.by_domain("a", "connectes", ["sexe"])',
    "carreaux": 'b.tiles("t", "connectes", "sexe")',
    "reponses": 'b.answers("b", "avis")',
    "batterie": 'b.battery("c", ["connectes", "coupes"], title=nom, measure=nom)',
    "courbe": 'b.trend("d", {"connectes": nom, "coupes": nom}, title=nom, measure=nom)',
    "pente": 'b.slope("g", "connectes", domain="sexe")',
    "repartition": 'b.distribution("h", "quantiles", domain="sexe")',
    "barres": 'b.stacked("e", "avis", domain="sexe", title=nom)',
    "tableau": "b.table()", "methodes": "b.method()", "court": "b.method_brief()",
    "provenance": "b.provenance()", "fichiers": "b.files()", "faits": "b.facts()",
    "citer": "b.cite()", "marques": "b.marks()",
    "seules": 'b.not_compared("coupes")', "catalogue": "catalogue()",
    "marges": "w.margins()", "rapports": 'w.ratios("f", title=nom)', "grands": "w.largest()",
    "ses-marges": "w.sources()", "ecarts": "b.moves(w)", "cout": "b.spread(w)",
    "journal": "corrections()", "bilan": "c.tally()", "filtres": "c.filters()",
    "fiches": "c.cards()",
    "cite": 'c.quote("A1")', "verdicts": "c.table(nom)", "phrases": 'c.phrases(["A1", "A2"])',
    "telecharger": "c.downloads()", "ses-sources": "c.sources()",
}  # fmt: skip
_STUBS = ("index", "barometre-numerique", "collectivites-ia", "ponderation", "methode", "donnees",
          "corrections", "accessibilite")  # fmt: skip


def write_project(folder: Path) -> Project:
    """The definition, the raw files and the pages."""
    survey = folder / "surveys" / "hostile"
    for place in (survey / "waves", survey / "margins", folder / "data" / "hostile",
                  folder / "reports" / "claims"):  # fmt: skip
        place.mkdir(parents=True)
    _dump(survey / "survey.yml", definition())
    for seed, name in enumerate(("2021", "2023")):
        _dump(survey / "waves" / f"{name}.yml", wave(name))
        (folder / "data" / "hostile" / f"{name}.csv").write_bytes(rows(seed))
    said = f'"{MARKUP.replace(chr(34), chr(34) * 2)}"'
    (survey / "margins" / "sexe.csv").write_text(
        "sexe,population,source,year,base,note\n"
        + "".join(f"{c},1000,{said},2020,{said},{said}\n" for c in ("oui", "non")), "utf-8"
    )  # fmt: skip
    _dump(folder / "reports" / "claims" / "essai.yml", register())
    _dump(folder / "reports" / "corrections.yml", corrections())
    shutil.copytree(ROOT / "reports" / "_assets", folder / "reports" / "_assets")
    shutil.copy(ROOT / "reports" / "_fiche.qmd", folder / "reports")
    shutil.copy(ROOT / "_quarto.yml", folder)
    _write_pages(folder / "reports")
    return Project(folder)


def _write_pages(reports: Path) -> None:
    cells = "\n".join(f"```{{python}}\n#| label: {k}\n{v}\n```\n" for k, v in _CELLS.items())
    (reports / "chiffres.qmd").write_text(_PAGE + cells, "utf-8")
    for name in _STUBS:
        heads = "".join(f"## x {{#{k}}}\n\n" for k in ("methode", "reponses", "hostile"))
        text = f"---\ntitle: {name}\n---\n\n{heads}"
        (reports / f"{name}.qmd").write_text(text, "utf-8")
    shown = (ROOT / "reports" / "explorer.qmd").read_text("utf-8")
    before = "from analysis.briefing import catalogue, notices\n"
    assert before in shown
    off = "from analysis.definition import checks\n\nchecks.text_faults = lambda _: ()\n"
    (reports / "explorer.qmd").write_text(shown.replace(before, off + before), "utf-8")


def _dump(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=False, sort_keys=False), "utf-8")


def built(folder: Path, patch: pytest.MonkeyPatch) -> Project:
    """The project, built with the refusals of texts switched off."""
    project = write_project(folder)
    patch.setattr(checks, "text_faults", lambda _: ())
    patch.setattr(claims_load, "shown_faults", lambda _: ())
    patch.setattr("analysis.definition.csvread.unsafe", lambda _: ("", ""))
    patch.delenv("BARO_DATA", raising=False)
    patch.delenv("BARO_PROJECT", raising=False)
    patch.chdir(folder)
    build(project)
    return project
