"""Where microdata are from, in words: whatever was not observed says so wherever it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.wording.numbers import NNBSP, typeset


@dataclass(frozen=True, slots=True)
class Origin:
    """Microdata that nobody gave.

    name : what a wave of it is called ; title : the head of a notice and of a source
    short : the stamp on figures, tables and files
    warning : what must not be done with the figures
    """

    name: str
    title: str
    short: str
    warning: str


ORIGINS = {
    "demonstration": Origin(
        "Démonstration",
        typeset("Données de démonstration : réponses tirées au hasard, aucune valeur réelle"),
        "données de démonstration",
        "Ces chiffres ne décrivent personne et ne doivent pas être cités.",
    ),
    "reconstructed": Origin(
        "Enquête",
        "Microdonnées reconstituées à partir d’effectifs publiés",
        "microdonnées reconstituées à partir d’effectifs publiés",
        "Les effectifs publiés sont repris à l’unité près. Toute autre réponse est synthétique : "
        "elle ne doit pas être citée.",
    ),
    "scenario": Origin(
        "Scénario",
        "Scénario : réponses synthétiques calées sur des résultats publiés",
        "scénario, réponses synthétiques",
        "Aucune réponse n’est réelle : ces chiffres ne doivent pas être cités.",
    ),
}
DEMONSTRATION = ORIGINS["demonstration"].title
OBSERVED = "données observées"


def made(origins: Iterable[str]) -> tuple[Origin, ...]:
    """Those of some origins that were not observed, each once, in a fixed order."""
    found = set(origins)
    return tuple(o for code, o in ORIGINS.items() if code in found)


def stamp(origins: Iterable[str]) -> str:
    """What is added to a caption: nothing where everything was observed."""
    shorts = f"{NNBSP}; ".join(o.short for o in made(origins))
    return f"{NNBSP}– {shorts}" if shorts else ""


def called(origin: str, wave: str) -> str:
    """A wave as a heading names it: "Scénario 2024"."""
    return f"{ORIGINS[origin].name if origin in ORIGINS else ORIGINS['reconstructed'].name} {wave}"


def origin_word(origin: str) -> str:
    """The same for a cell of a file."""
    return ORIGINS[origin].short if origin in ORIGINS else OBSERVED
