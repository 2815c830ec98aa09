"""A site of the same answers, whose counts are rounded in place of hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.pipeline import build
from analysis.project import Project
from tests.conftest import _shared, copy_built, once
from tests.disclosure.attacker import SURVEY

BASE = 5
PAGE = """\
---
title: "L’intelligence artificielle dans les collectivités"
description: "Les mêmes chiffres, effectifs arrondis."
titre-calcule: true
tri: true
figures: true
ici: {collectivites: true}
---

```{python}
#| label: preparation
#| include: false
from analysis.briefing import Briefing

b = Briefing("collectivites_ia")
cadre = b.weighting("cadre", "2023")
grandes = {"domain": "perimetre", "group": "hors_petites"}
```

```{python}
#| label: ouverture
b.opening(
    f"L’IA des collectivités : {b.value('ia_deja', '2023', **grandes, caution=False)}",
    f"Sur {b.base('ia_deja', '2023', **grandes)}.",
    kicker="Effectifs arrondis",
)
```

## Qui

```{python}
#| label: strates
b.by_domain("strates", "ia_deja", ["strate"], title="Projets selon la taille", wave="2023")
```

```{python}
#| label: imprimes-table
b.printed(cadre, ["ia_deja_reponses", "cyberattaque_reponses"],
          {"Hors petites communes": "perimetre = hors_petites", "Toutes": "ensemble"})
```

```{python}
#| label: techniques-repondants
b.answers("techniques", "ia_tech_repondants", title="Les techniques citées", wave="2023")
```

```{python}
#| label: poids
cadre.margins()
```

```{python}
#| label: methode-generee
b.method_brief()
```

```{python}
#| label: provenance
b.provenance()
```
"""


def round_counts(project: Project, base: int = BASE) -> None:
    """Round in place of hiding, on pages that quote no figure that is then too coarse."""
    path = project.surveys / SURVEY / "survey.yml"
    text = path.read_text("utf-8")
    assert "\nconfidentiality:\n" in text
    said = f"\nconfidentiality:\n  method: round\n  base: {base}\n"
    path.write_text(text.replace("\nconfidentiality:\n", said), "utf-8")
    for name in ("collectivites-ia", "ia-collectivites"):
        (project.root / "reports" / f"{name}.qmd").write_text(PAGE, "utf-8")


@pytest.fixture(scope="session")
def rounded(demonstration: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demonstration with counts rounded; not to be changed by a test."""
    folder: Path = _shared(tmp_path_factory, "rounded")
    with once(folder) as first, pytest.MonkeyPatch.context() as patch:
        if first:
            copy_built(demonstration, folder)
            patch.setenv("BARO_DATA", str(folder / "no-data"))
            patch.delenv("BARO_PROJECT", raising=False)
            round_counts(Project(folder))
            build(Project(folder))
    return Project(folder)
