"""Under which terms the files may be used again, and how to cite them, as files of their own."""

from __future__ import annotations

import yaml

from analysis.definition import Survey
from analysis.wording import made
from analysis.wording.citation import Citation

# SPDX names of the licences that open data in France carry; others are told by their address.
_SPDX = {
    "ODbL 1.0": "ODbL-1.0",
    "CC BY-SA 4.0": "CC-BY-SA-4.0",
    "CC BY 4.0": "CC-BY-4.0",
    "CC0 1.0": "CC0-1.0",
    "Licence Ouverte 2.0": "etalab-2.0",
}
_ALIKE = {"ODbL 1.0", "CC BY-SA 4.0"}


def licence_text(survey: Survey, cited: Citation) -> str:
    """LICENCE.txt: the licence, who must be named, what was done, what is not real."""
    licence = survey.spec.licence
    alike = (
        f"Une base de données tirée de ces fichiers et rendue publique se diffuse aux mêmes "
        f"conditions : {licence.name}.\n"
    )
    warned = "".join(f"{o.title}. {o.warning}\n" for o in made(cited.origins))
    return (
        f"{cited.title}\n\n"
        f"{warned}"
        f"Licence : {licence.name}\n"
        f"Texte de la licence : {licence.url}\n"
        f"À nommer : {licence.attribution}\n"
        f"Source : {survey.spec.source}\n\n"
        f"{alike if licence.name in _ALIKE else ''}"
        "Les chiffres sont calculés par Baromètre ; les producteurs de l’enquête ne les ont pas "
        "vérifiés. Toute modification se signale.\n"
        "Ce dossier ne contient que cette enquête : une autre a sa propre licence, dans son "
        "propre dossier.\n\n"
        f"À citer ainsi : {cited.text()}\n"
    )


def citation_file(survey: Survey, cited: Citation) -> str:
    """CITATION.cff: Citation File Format 1.2.0, without a day of release."""
    licence = survey.spec.licence
    spdx = _SPDX.get(licence.name)
    terms = {"license": spdx} if spdx else {"license-url": licence.url}
    said = {
        "cff-version": "1.2.0",
        "message": "Pour citer ces résultats, utiliser ces métadonnées.",
        "type": "dataset",
        "title": cited.title,
        "authors": [{"name": licence.attribution}],
        "version": cited.edition,
        **terms,
        "abstract": cited.text(),
        "keywords": list(survey.spec.themes.values()),
    }
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=1000)
