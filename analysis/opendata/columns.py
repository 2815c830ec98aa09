"""What each column of the open files is: the one place that every format reads it from.

Names and types are those of :data:`analysis.estimates.SCHEMA`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from analysis.estimates import SCHEMA

Kind = Literal["string", "integer", "number"]
Role = Literal["key", "figure", "fact", "wave"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file.

    title, text : what it is called and what it holds, in French
    role : "key" tells cells apart; a "figure" is empty where the cell is not published; a "wave"
        is the same in all cells of a wave, and stands in the file of waves; a "fact" is the rest
    digits : decimals that are published
    concept : its identifier in SDMX, where that is not its name in capitals
    """

    name: str
    title: str
    text: str
    role: Role = "fact"
    digits: int | None = None
    concept: str = ""

    @property
    def kind(self) -> Kind:
        """What it holds."""
        type_ = SCHEMA.get(self.name, pl.String())
        if type_ == pl.String:
            return "string"
        return "integer" if type_.is_integer() else "number"

    @property
    def id(self) -> str:
        """Its identifier in SDMX."""
        return self.concept or self.name.upper()


_UNIT = "une part va de 0 à 1, le reste est dans l’unité de l’indicateur"
_HIDDEN = "vide quand la valeur n’est pas publiée"

_ESTIMATES = (
    Column("survey", "Enquête", "Code de l’enquête.", "wave"),
    Column("wave", "Vague", "Code de la vague de l’enquête.", "key"),
    Column("indicator", "Indicateur", "Code de l’indicateur.", "key"),
    Column("category", "Réponse",
           "Code de la réponse ; vide quand l’indicateur est une seule part ou moyenne.", "key"),
    Column("domain", "Critère",
           "Code du critère de ventilation ; « ensemble » pour toute la population.", "key"),
    Column("domain_value", "Groupe", "Code du groupe dans ce critère.", "key"),
    Column("estimate", "Valeur", f"Estimation : {_UNIT} ; {_HIDDEN}.", "figure", 4, "OBS_VALUE"),
    Column("se", "Erreur-type", "Erreur-type de l’estimation, dans la même unité.", "figure", 4,
           "STD_ERROR"),
    Column("ci_low", "Borne basse", "Borne basse de l’intervalle à 95 %, dans la même unité.",
           "figure", 4, "CI_LOWER"),
    Column("ci_high", "Borne haute", "Borne haute de l’intervalle à 95 %, dans la même unité.",
           "figure", 4, "CI_UPPER"),
    Column("cv", "Coefficient de variation", "Erreur-type divisée par l’estimation.", "figure", 4),
    Column("deff", "Effet de plan",
           "Variance divisée par celle d’un tirage aléatoire simple de même taille.", "figure", 3),
    Column("n_eff", "Effectif efficace", "Répondants divisés par l’effet de plan.", "figure", 1),
    Column("n_kish", "Effectif de Kish",
           "Répondants de même poids que la base vaut, d’après ses seuls poids et taux de sondage.",
           "figure", 1),
    Column("df", "Degrés de liberté",
           "Degrés de liberté de l’intervalle : ceux du plan de sondage entier."),
    Column("df_domain", "Degrés de liberté du groupe",
           "Degrés de liberté du groupe seul, pour la règle de fiabilité."),
    Column("n", "Répondants", "Répondants dans la base du chiffre, sans poids."),
    Column("n_weighted", "Effectif pondéré", "Somme de leurs poids.", digits=2),
    # That of an interval around 0 or 100 % would tell a value that is hidden.
    Column("method", "Méthode",
           f"Façon de calculer l’estimation, son erreur-type et l’intervalle ; {_HIDDEN}.",
           "figure"),
    Column("status", "Statut",
           "Statut d’observation, lettre de la liste CL_OBS_STATUS de SDMX.", concept="OBS_STATUS"),
    Column("reason", "Motif", "Pourquoi la valeur n’est pas publiée, ou est peu fiable."),
    Column("origin", "Origine", "D’où viennent les réponses : observées, ou de personne."),
    Column("definition_hash", "Définition", "Empreinte de la définition du calcul.", "wave"),
)  # fmt: skip
_WAVES = (
    Column("field", "Dates", "Quand les personnes ont été interrogées."),
    Column("mode", "Mode", "Comment elles l’ont été."),
    Column("note", "Note", "Ce qu’il faut savoir de la vague."),
)
_CODES = (
    Column("column", "Colonne", "Colonne que le code remplit."),
    Column("within", "Dans", "Indicateur ou critère dont le code dépend ; vide sans cela."),
    Column("code", "Code", "Code, comme dans la colonne ; vide s’il y est vide."),
    Column("label", "Libellé", "Ce que veut dire le code."),
    Column("text", "Précision", "De qui parle un indicateur, son unité, sa base, sa note."),
)

COLUMNS = {c.name: c for c in _ESTIMATES}
EVERY = COLUMNS | {c.name: c for c in (*_WAVES, *_CODES)}


def described(names: Iterable[str]) -> tuple[Column, ...]:
    """The columns of those names, in that order."""
    return tuple(EVERY[n] for n in names)


def having(*roles: Role) -> tuple[str, ...]:
    """The columns of the table of estimates that have one of those roles, in its order."""
    return tuple(c.name for c in _ESTIMATES if c.role in roles)


# What is in estimates.csv, waves.csv and codes.csv.
CELL = having("key", "figure", "fact")
WAVE = ("wave", *having("wave"), "origin", *(c.name for c in _WAVES))
CODE = tuple(c.name for c in _CODES)
