"""The index of the fiches: a line for each group, by survey and domain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from analysis.briefing.pieces import text
from analysis.fiches.document import Shelf, document, page_name
from analysis.fiches.group import Group
from analysis.wording import integer, number, population_name, sampling_note, shown, shown_interval
from analysis.wording.markup import raw_html


def index(shelves: Sequence[Shelf]) -> str:
    """The way to every fiche."""
    head = (
        '<p class="kicker">Fiches</p><h1>Une page pour chaque groupe</h1>'
        '<p class="chapo">Chaque fiche compare un groupe au reste de la population. Elle dit ce '
        "qui le distingue, et ce qui ne le distingue pas. La dernière colonne compte les "
        "différences significatives.</p>"
    )
    body = head + "".join(_shelf(shelf) for shelf in shelves)
    return document(
        "Fiches : une page pour chaque groupe",
        "Une page par classe d’âge, diplôme, région et type de collectivité : chiffres clés, "
        "différences et ressemblances.",
        [raw_html(body)], {},
    )  # fmt: skip


def _shelf(shelf: Shelf) -> str:
    spec, wave = shelf.book.survey.spec, shelf.groups[0].wave
    rows = "".join(
        _listed(shelf, domain, list(groups))
        for domain, groups in groupby(shelf.groups, key=lambda g: g.domain)
    )
    key = shelf.key[0]
    who = population_name(shelf.book.survey, key, wave)
    heads = ("Groupe", "Répondants", f"{shelf.book.label(key)} ({who})", "Intervalle à 95 %",
             "Différences")  # fmt: skip
    head = "".join(f'<th scope="col">{text(h)}</th>' for h in heads)
    caption = text(
        f"Les groupes, {wave}{shelf.book.stamp(wave)}. {sampling_note(shelf.book.survey)}"
    )
    return (
        f"<section><h2>{text(spec.title)}, {text(wave)}</h2>{shelf.briefing.banner(wave)}"
        f'<div class="scroll" role="group" tabindex="0" aria-label="{text(spec.short)}"><table>'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead>{rows}</table></div></section>"
    )


def _listed(shelf: Shelf, domain: str, groups: Sequence[Group]) -> str:
    rows = "".join(_line(shelf, g) for g in groups)
    label = text(shelf.book.domain_label(domain))
    return f'<tbody><tr><th scope="rowgroup" colspan="5">{label}</th></tr>{rows}</tbody>'


def _line(shelf: Shelf, group: Group) -> str:
    key = shelf.key[0]
    cells = [r.cell for r in group.rows if r.cell.indicator == key]
    cell = cells[0] if cells else None
    value = "non posée" if cell is None else shown(group.book.survey, cell, 1)
    value += " (peu fiable)" if cell and cell.fragile else ""
    margin = shown_interval(group.book.survey, cell).removeprefix("de ") if cell else ""
    many = f"{number(len(group.apart))} sur {number(len(group.tested))}"
    return (
        f'<tr><th scope="row"><a href="{page_name(group)}.html">{text(group.label)}</a></th>'
        f"<td>{integer(group.n)}</td><td>{text(value)}</td><td>{text(margin)}</td>"
        f"<td>{many if group.tested else 'aucune comparaison'}</td></tr>"
    )
