"""The index of the fiches: a line for each group, by survey and domain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from analysis.briefing.pieces import text
from analysis.fiches.document import Shelf, document, page_name
from analysis.fiches.group import Group
from analysis.language import say
from analysis.tables import respondents
from analysis.wording import (
    NBSP,
    integer,
    number,
    population_name,
    sampling_note,
    shown,
    shown_interval,
)
from analysis.wording.markup import raw_html


def index(shelves: Sequence[Shelf]) -> str:
    """The way to every fiche."""
    lead = say(
        "Chaque fiche compare un groupe au reste de la population. Elle dit ce qui le distingue, "
        "et ce qui ne le distingue pas. La dernière colonne compte les différences significatives.",
        "Each profile compares a group with the rest of the population. It tells what sets the "
        "group apart, and what does not. The last column counts the significant differences.",
    )
    heading = say("Une page pour chaque groupe", "A page for each group")
    fiches = say("Fiches", "Group profiles")
    head = f'<p class="kicker">{fiches}</p><h1>{heading}</h1><p class="chapo">{lead}</p>'
    body = head + "".join(_shelf(shelf) for shelf in shelves)
    return document(
        say("Fiches : une page pour chaque groupe", "Group profiles: a page for each group"),
        say(
            "Une page par classe d’âge, diplôme, région et type de collectivité : chiffres clés, "
            "différences et ressemblances.",
            "A page for each age group, diploma, region and type of local authority: key figures, "
            "differences and likenesses.",
        ),
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
    heads = (
        say("Groupe", "Group"),
        respondents(),
        f"{shelf.book.label(key)} ({who})",
        say(f"Intervalle à 95{NBSP}%", "95% interval"),
        say("Différences", "Differences"),
    )
    head = "".join(f'<th scope="col">{text(h)}</th>' for h in heads)
    groups = f"{say('Les groupes', 'The groups')}, {wave}{shelf.book.stamp(wave)}"
    caption = text(f"{groups}. {sampling_note(shelf.book.survey)}")
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
    unasked = say("non posée", "not asked")
    value = unasked if cell is None else shown(group.book.survey, cell, 1)
    value += say(" (peu fiable)", " (low reliability)") if cell and cell.fragile else ""
    margin = shown_interval(group.book.survey, cell).removeprefix(say("de ", "")) if cell else ""
    of = say("sur", "of")
    many = f"{number(len(group.apart))} {of} {number(len(group.tested))}"
    none = say("aucune comparaison", "no comparison")
    return (
        f'<tr><th scope="row"><a href="{page_name(group)}.html">{text(group.label)}</a></th>'
        f"<td>{integer(group.n)}</td><td>{text(value)}</td><td>{text(margin)}</td>"
        f"<td>{many if group.tested else none}</td></tr>"
    )
