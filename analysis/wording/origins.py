"""Where microdata are from, in words: whatever was not observed says so wherever it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.language import Words
from analysis.wording.numbers import NNBSP, semicolon


@dataclass(frozen=True, slots=True)
class Origin:
    """Microdata that nobody gave.

    named : what a wave of it is called ; titled : the head of a notice and of a source
    shortly : the stamp on figures, tables and files
    warned : what must not be done with the figures
    """

    named: Words
    titled: Words
    shortly: Words
    warned: Words

    @property
    def name(self) -> str:
        """``named`` in the language being written."""
        return str(self.named)

    @property
    def title(self) -> str:
        """The head of a notice and of a source."""
        return str(self.titled)

    @property
    def short(self) -> str:
        """The stamp on figures, tables and files."""
        return str(self.shortly)

    @property
    def warning(self) -> str:
        """What must not be done with the figures."""
        return str(self.warned)


ORIGINS = {
    "demonstration": Origin(
        Words("Démonstration", "Demonstration"),
        Words(
            f"Données de démonstration{NNBSP}: réponses tirées au hasard, aucune valeur réelle",
            "Demonstration data: answers drawn at random, no real value",
        ),
        Words("données de démonstration", "demonstration data"),
        Words(
            "Ces chiffres ne décrivent personne et ne doivent pas être cités.",
            "These figures describe nobody and must not be quoted.",
        ),
    ),
    "reconstructed": Origin(
        Words("Enquête", "Survey"),
        Words(
            "Microdonnées reconstituées à partir d’effectifs publiés",
            "Microdata reconstructed from published counts",
        ),
        Words(
            "microdonnées reconstituées à partir d’effectifs publiés",
            "microdata reconstructed from published counts",
        ),
        Words(
            "Les effectifs publiés sont repris à l’unité près. Toute autre réponse est "
            "synthétique : elle ne doit pas être citée.",
            "The published counts are met exactly. Every other answer is synthetic and must not "
            "be quoted.",
        ),
    ),
    "scenario": Origin(
        Words("Scénario", "Scenario"),
        Words(
            "Scénario : réponses synthétiques calées sur des résultats publiés",
            "Scenario: synthetic answers fitted to published results",
        ),
        Words("scénario, réponses synthétiques", "scenario, synthetic answers"),
        Words(
            "Aucune réponse n’est réelle : ces chiffres ne doivent pas être cités.",
            "No answer is real: these figures must not be quoted.",
        ),
    ),
}
DEMONSTRATION = ORIGINS["demonstration"].titled
OBSERVED = Words("données observées", "observed data")


def made(origins: Iterable[str]) -> tuple[Origin, ...]:
    """Those of some origins that were not observed, each once, in a fixed order."""
    found = set(origins)
    return tuple(o for code, o in ORIGINS.items() if code in found)


def stamp(origins: Iterable[str]) -> str:
    """What is added to a caption: nothing where everything was observed."""
    shorts = f"{semicolon()} ".join(o.short for o in made(origins))
    return f"{NNBSP}– {shorts}" if shorts else ""


def called(origin: str, wave: str) -> str:
    """A wave as a heading names it: "Scénario 2024"."""
    return f"{ORIGINS[origin].name if origin in ORIGINS else ORIGINS['reconstructed'].name} {wave}"


def origin_word(origin: str) -> str:
    """The same for a cell of a file."""
    return ORIGINS[origin].short if origin in ORIGINS else str(OBSERVED)
