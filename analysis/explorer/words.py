"""What the explorer says, and templates that its script fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from analysis.language import Words
from analysis.tables import donnees
from analysis.wording import NBSP, NNBSP, status_meanings, typeset

_TOKEN = re.compile(r"\{\{|\{(\w+)\}")

WORDS = {
    "choose": Words("Choisir un indicateur", "Choose an indicator"),
    "found": Words("{n} indicateurs sur {all}", "{n} of {all} indicators"),
    "all_waves": Words("Toutes les vagues", "All waves"),
    "all_answers": Words("Toutes les réponses", "All answers"),
    "loading": Words("Chargement en cours.", "Loading."),
    "failed": Words(
        "Les données de cet indicateur n’ont pas pu être chargées. Elles sont aussi dans son "
        "fichier CSV, dans la liste plus bas.",
        "The data of this indicator could not be loaded. They are also in its CSV file, in the "
        "list below.",
    ),
    "unknown": Words(
        "Ce lien ne désigne aucun résultat. Choisissez un indicateur dans la liste.",
        "This link leads to no result. Choose an indicator from the list.",
    ),
    "instead": Words(
        "Ce choix n’existe pas pour cet indicateur : le plus proche est affiché.",
        "This choice does not exist for this indicator: the nearest one is shown.",
    ),
    "displayed": Words(
        "Résultat affiché : {title}. {n} lignes dans le tableau.",
        "Result shown: {title}. {n} rows in the table.",
    ),
    "title_by": Words("{label}, par {domain}", "{label}, by {domain}"),
    "answered": Words("{label}, « {answer} »", "{label}, “{answer}”"),
    "found_gap": Words(
        "{title} : de {low} ({lowest}) à {high} ({highest})",
        "{title}: from {low} ({lowest}) to {high} ({highest})",
    ),
    "found_change": Words("{title} : {change}", "{title}: {change}"),
    "differ": Words(
        "Écarts : la différence entre les deux groupes extrêmes est significative, au seuil de "
        "5 % corrigé du nombre de paires (Bonferroni).",
        "Differences: the difference between the two extreme groups is significant, at the 5% "
        "level corrected for the number of pairs (Bonferroni).",
    ),
    "alike": Words(
        "Écarts : pas de différence significative entre les groupes.",
        "Differences: no significant difference between the groups.",
    ),
    "untested": Words(
        "Écarts : moins de deux groupes fiables, rien n’est comparé.",
        "Differences: fewer than two reliable groups, nothing is compared.",
    ),
    "neutral": Words(
        "Écarts : les réponses ne sont pas comparées entre elles.",
        "Differences: the answers are not compared with each other.",
    ),
    "ends": Words(
        "{name}de {low} ({lowest}) à {high} ({highest}).",
        "{name}{low} ({lowest}) to {high} ({highest}).",
    ),
    "point": Words("{name}{low} ({lowest}).", "{name}{low} ({lowest})."),
    "none": Words("{name}aucune valeur publiée.", "{name}no value is published."),
    "reference": Words("Ensemble {value}", "All {value}"),
    "in_table": Words("Valeurs dans le tableau.", "Values are in the table."),
    "hidden": Words(
        "non publié : trop peu de réponses, ou secret statistique",
        "not published: too few answers, or statistical confidentiality",
    ),
    "fragile": Words("(peu fiable)", "(low reliability)"),
    "cut": Words("Rupture {wave}", "Break {wave}"),
    "no_sentence": Words(
        "Cette valeur n’est pas publiée : trop peu de réponses, ou secret statistique.",
        "This value is not published: too few answers, or statistical confidentiality.",
    ),
    "sentence_about": Words("Phrase à citer, pour", "Sentence to quote, for"),
    "copy_sentence": Words("Copier la phrase", "Copy the sentence"),
    "copy_link": Words("Copier le lien", "Copy the link"),
    "copied_with": Words(
        "Le champ et la source sont copiés avec la phrase.",
        "The population and the source are copied with the sentence.",
    ),
    "copied_sentence": Words("Phrase copiée.", "Sentence copied."),
    "copied_link": Words("Lien copié.", "Link copied."),
    "not_copied": Words(
        "Copie impossible ici : le texte est sélectionné, copiez-le avec Ctrl + C.",
        "Copying is not possible here: the text is selected, copy it with Ctrl + C.",
    ),
    "permalink": Words("Lien permanent", "Permanent link"),
    "csv": Words(
        "Données de cet indicateur (CSV, {size})",
        "Data of this indicator (CSV in French, {size})",
    ),
    "table": Words("Tableau", "Table"),
    "group": Words("Groupe", "Group"),
    "answer": Words("Réponse", "Answer"),
    "wave": Words("Vague", "Wave"),
    "value": Words("Valeur", "Value"),
    "interval": Words("Intervalle à 95 %", "95% interval"),
    "between": Words("{low} à {high}", "{low} to {high}"),
    "n": Words("Répondants", "Respondents"),
    "remark": Words("Remarque", "Remark"),
    "colon": Words(f"{NNBSP}:", ":"),
    "percent": Words(f"{NBSP}%", "%"),
    # What stands in the numbers of data files, which all languages share, is French.
    "decimal": Words(",", "."),
    "thousands": Words(NNBSP, ","),
}


def words() -> dict[str, str]:
    """Every text of the interface, then the statuses in words, and where the data files are."""
    said = {key: typeset(str(text)) for key, text in WORDS.items()}
    said |= {f"status_{code}": typeset(text) for code, text in status_meanings().items()}
    return said | {"donnees": donnees()}


def fold(sentence: str, values: Mapping[str, str]) -> str:
    """``sentence`` as a template from which :func:`fill` with ``values`` gives it back.

    Sentences that differ by their values alone share a template, so that a file holds each
    wording once. ``{`` of the sentence itself is doubled.
    """
    plain = unfolded(sentence)
    template = plain
    for name, value in values.items():
        if value:
            template = template.replace(unfolded(value), f"{{{name}}}")
    return template if fill(template, values) == sentence else plain


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its tokens replaced, as the page's script does it."""
    return _TOKEN.sub(lambda m: values.get(m[1], m[0]) if m[1] else "{", template)


def unfolded(text: str) -> str:
    """A text as the template that gives it back without any value."""
    return text.replace("{", "{{")
