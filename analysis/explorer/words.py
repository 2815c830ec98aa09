"""What the explorer says, and templates that its script fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from analysis.estimates import STATUS
from analysis.wording import typeset

_TOKEN = re.compile(r"\{\{|\{(\w+)\}")

WORDS = {
    "choose": "Choisir un indicateur",
    "found": "{n} indicateurs sur {all}",
    "all_waves": "Toutes les vagues",
    "all_answers": "Toutes les réponses",
    "loading": "Chargement en cours.",
    "failed": (
        "Les données de cet indicateur n’ont pas pu être chargées. Elles sont aussi dans son "
        "fichier CSV, dans la liste plus bas."
    ),
    "unknown": "Ce lien ne désigne aucun résultat. Choisissez un indicateur dans la liste.",
    "instead": "Ce choix n’existe pas pour cet indicateur : le plus proche est affiché.",
    "displayed": "Résultat affiché : {title}. {n} lignes dans le tableau.",
    "title_by": "{label}, par {domain}",
    "answered": "{label}, « {answer} »",
    "found_gap": "{title} : de {low} ({lowest}) à {high} ({highest})",
    "found_change": "{title} : {change}",
    "differ": (
        "Écarts : la différence entre les deux groupes extrêmes est significative, au seuil de "
        "5 % corrigé du nombre de paires (Bonferroni)."
    ),
    "alike": "Écarts : pas de différence significative entre les groupes.",
    "untested": "Écarts : moins de deux groupes fiables, rien n’est comparé.",
    "neutral": "Écarts : les réponses ne sont pas comparées entre elles.",
    "ends": "{name}de {low} ({lowest}) à {high} ({highest}).",
    "point": "{name}{low} ({lowest}).",
    "none": "{name}aucune valeur publiée.",
    "reference": "Ensemble {value}",
    "in_table": "Valeurs dans le tableau.",
    "hidden": "non publié : trop peu de réponses, ou secret statistique",
    "fragile": "(peu fiable)",
    "cut": "Rupture {wave}",
    "no_sentence": "Cette valeur n’est pas publiée : trop peu de réponses, ou secret statistique.",
    "sentence_about": "Phrase à citer, pour",
    "copy_sentence": "Copier la phrase",
    "copy_link": "Copier le lien",
    "copied_with": "Le champ et la source sont copiés avec la phrase.",
    "copied_sentence": "Phrase copiée.",
    "copied_link": "Lien copié.",
    "not_copied": "Copie impossible ici : le texte est sélectionné, copiez-le avec Ctrl + C.",
    "permalink": "Lien permanent",
    "csv": "Données de cet indicateur (CSV, {size})",
    "table": "Tableau",
    "group": "Groupe",
    "answer": "Réponse",
    "wave": "Vague",
    "value": "Valeur",
    "interval": "Intervalle à 95 %",
    "between": "{low} à {high}",
    "n": "Répondants",
    "remark": "Remarque",
}


def words() -> dict[str, str]:
    """Every text of the interface, with French spaces; the last are the statuses in words."""
    said = {key: typeset(text) for key, text in WORDS.items()}
    return said | {f"status_{code}": typeset(text) for code, text in STATUS.items()}


def fold(sentence: str, values: Mapping[str, str]) -> str:
    """``sentence`` as a template from which :func:`fill` with ``values`` gives it back.

    Sentences that differ by their values alone share a template, so that a file holds each
    wording once. ``{`` of the sentence itself is doubled.
    """
    plain = _escaped(sentence)
    template = plain
    for name, value in values.items():
        if value:
            template = template.replace(_escaped(value), f"{{{name}}}")
    return template if fill(template, values) == sentence else plain


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its tokens replaced, as the page's script does it."""
    return _TOKEN.sub(lambda m: values.get(m[1], m[0]) if m[1] else "{", template)


def _escaped(text: str) -> str:
    return text.replace("{", "{{")
