"""What the first sheets of the workbook say: cover, contents, notes, indicators, waves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.definition import Survey
from analysis.wording import Estimate, base_note, letters, made, origin_word, sampling_note, unit
from analysis.wording.citation import Citation, short_digest
from analysis.wording.marks import MEANINGS, TRUE_ZERO
from analysis.wording.method import published_rules, respondents

Table = tuple[tuple[str, ...], tuple[tuple[str | int, ...], ...]]
NOTHING, NOT_ESTIMATED = "sans objet", "[x]"


def citation(survey: Survey, cells: Sequence[Estimate], version: str) -> Citation:
    """How the results of a table are cited."""
    known = sorted({c.wave for c in cells})
    origins = tuple(dict.fromkeys(c.origin for c in cells))
    return Citation(survey, (known[0], known[-1]), origins, version,
                    short_digest(c.definition_hash for c in cells))  # fmt: skip


def cover(survey: Survey, cells: Sequence[Estimate], version: str, sheets: int) -> list[str]:
    """The lines of the cover: what it is, of whom, from where, what is in it, how to cite it."""
    spec, cited = survey.spec, citation(survey, cells, version)
    warned = [f"{o.title}. {o.warning}" for o in made(cited.origins)]
    first, last = cited.waves
    return [
        f"{spec.title} : résultats",
        *warned,
        "Estimations pondérées, avec leur intervalle à 95 %, leur population et leur source.",
        f"Vagues : {first if first == last else f'{first} à {last}'}. "
        f"Dernière vague interrogée : {survey.waves[last].field}.",
        f"Population : {survey.spec.populations['all'].label}, {spec.territory}.",
        f"Source des données : {spec.source}.",
        f"Licence des données : {spec.licence.name}, {spec.licence.url}",
        f"À citer ainsi : {cited.text()}",
        f"Contenu : pour chaque indicateur, l’ensemble de la population dans toutes les vagues, et "
        f"tous les groupes dans les deux dernières vagues qui l’ont. Toutes les autres valeurs "
        f"publiées sont dans le fichier {survey.id}.csv.",
        f"Le classeur a {sheets + 1} feuilles : cette couverture, un sommaire avec des liens, les "
        "notes, les indicateurs, les vagues, puis un tableau par thème.",
        "Chaque feuille a un seul tableau. Aucune cellule n’est fusionnée, masquée ou vide.",
        f"Fait avec Baromètre {version}. Les mêmes données redonnent le même fichier.",
    ]


def notes(survey: Survey, cells: Sequence[Estimate]) -> Iterator[tuple[str | int, ...]]:
    """Marks that occur, then what is said of every number."""
    known = {m for c in cells for m in letters(survey, c, 2)} | {
        m for c in cells for m in letters(survey, c, 4)
    }
    yield from ((f"[{m}]", words) for m, words in MEANINGS.items() if m in known)
    if any(c.published and c.bounds is None for c in cells):
        yield NOT_ESTIMATED, "non disponible : l’intervalle ne peut pas être estimé"
    yield "aucune", "colonne Marque : valeur ordinaire, sans marque"
    yield NOTHING, "la colonne ne concerne pas cette ligne"
    if not survey.rounding:
        yield "Zéros", TRUE_ZERO.fr.replace("cette marque", "la marque [n]")
    yield (
        "Arrondis",
        (
            "Les parts ont deux décimales, les autres valeurs quatre ; une seule est affichée. "
            "La somme des arrondis peut différer de 100 %."
        ),
    )
    yield "Intervalles", sampling_note(survey)
    if survey.spec.design.text:
        yield "Échantillon", survey.spec.design.text
    yield from (("Publication", rule) for rule in published_rules(survey))
    yield from ((f"Rupture en {b.wave}", b.reason) for b in survey.spec.breaks)
    if survey.spec.note:
        yield "Enquête", survey.spec.note


def indicators(survey: Survey, cells: Sequence[Estimate]) -> Table:
    """A line for each indicator and run of waves with one population."""
    runs: dict[tuple[str, str], list[str]] = {}
    for c in cells:
        who = survey.population(c.indicator, c.wave).label
        runs.setdefault((c.indicator, who), []).append(c.wave)
    order = {name: k for k, name in enumerate(survey.spec.indicators)}
    head = ("Indicateur", "Thème", "Première vague", "Dernière vague", "Population", "Base",
            "Unité", "Note", "Code")  # fmt: skip
    spec = survey.spec
    rows = (
        (spec.indicators[i].label, spec.themes[spec.indicators[i].theme], min(when), max(when),
         who, base_note(survey, i) or NOTHING, unit(survey, i) or NOTHING,
         spec.indicators[i].note or NOTHING, i)
        for (i, who), when in sorted(runs.items(), key=lambda r: (order[r[0][0]], min(r[1])))
    )  # fmt: skip
    return head, tuple(rows)


def waves(survey: Survey, cells: Sequence[Estimate]) -> Table:
    """A line a wave: when, how, how many, and where its answers are from."""
    origins = {c.wave: c.origin for c in cells}
    rows = (
        (name, str(file.field), file.mode, respondents(survey, name, cells),
         origin_word(origins[name]), file.note or NOTHING)
        for name, file in survey.waves.items()
        if name in origins
    )  # fmt: skip
    return ("Vague", "Dates", "Mode", "Répondants", "Données", "Note"), tuple(rows)
