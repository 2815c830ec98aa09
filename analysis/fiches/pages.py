"""The page of one group: what sets it apart from the rest of the population, and what does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from analysis.briefing.pieces import text
from analysis.charts import Dot, DotChart, DotGroup
from analysis.fiches.document import Shelf, document, page_name, section
from analysis.fiches.group import Compared, Group
from analysis.tables import Row, html_table
from analysis.wording import (
    NBSP,
    NNBSP,
    Estimate,
    integer,
    listed,
    percent,
    points,
    population_name,
    sampling_note,
    shown,
    shown_interval,
    typeset,
)
from analysis.wording.markup import raw_html

_DRAWN = 5  # differences in the chart
_FEW = 6  # differences up to which the clearest is the heading, not the theme
_NAMED = 8  # indicators without a difference that are named
_SIDES = {1: "plus haut", -1: "plus bas", 0: "pas de différence significative"}
_WHOLE = "Ensemble"


def fiche(shelf: Shelf, group: Group, *, explorer: bool) -> str:
    """The document of one group."""
    book = group.book
    domain = book.domain_label(group.domain)
    body = (
        _opening(shelf, group),
        _cards(shelf, group),
        _differences(group),
        _among(shelf, group),
        section("tableau", "Tous les indicateurs de ce groupe", _table(group)),
    )
    after = section("suite", "Télécharger, comparer", _onward(shelf, group, explorer=explorer))
    return document(
        f"{group.label} ({domain.lower()}), fiche {book.survey.spec.short}",
        f"{group.label} : ce qui distingue ce groupe et ce qui ne le distingue pas, "
        f"{book.survey.spec.title}, {group.wave}.",
        [raw_html("\n".join(body)), "{{< include _fiche.qmd >}}",
         raw_html(after + str(shelf.briefing.provenance()))],
        _meta(group),
    )  # fmt: skip


def _meta(group: Group) -> dict[str, str | bool]:
    """What ``_fiche.qmd`` says of this group."""
    count = len(group.tested)
    return {
        "repondants": integer(group.n),
        "marge": f"±{NBSP}{points(group.margin, 1)}" if group.margin else "non calculée",
        "comparaisons": integer(count),
        "comparable": count > 0,
        "seuil": f"{percent(0.05 / max(1, count), 2)}",
        "vague": group.wave,
    }


def _opening(shelf: Shelf, group: Group) -> str:
    domain = group.book.domain_label(group.domain)
    kicker = (
        f'<p class="kicker"><a href="fiches.html">Fiches</a>, '
        f"{text(group.book.survey.spec.title)}, vague {text(group.wave)}</p>"
    )
    return (
        f"{shelf.briefing.banner(group.wave)}{kicker}"
        f"<h1>{text(domain)}{NNBSP}: {text(group.label)}</h1>"
        f'<p class="chapo">{text(lead(group))}</p>'
    )


def lead(group: Group) -> str:
    """What the page comes to: how many differences, and the clearest."""
    people = f"{integer(group.n)} {group.book.survey.spec.units} ont répondu dans ce groupe."
    if not group.tested:
        return f"{people} Aucune valeur n’est assez sûre pour être comparée au reste."
    count = f"{len(group.tested)} comparaisons"
    if not group.apart:
        return f"{people} Sur {count}, aucune différence significative avec le reste."
    few = f"{len(group.apart)} différence{'s' if len(group.apart) > 1 else ''} significative"
    first = group.apart[0]
    return (
        f"{people} Sur {count}, {few}{'s' if len(group.apart) > 1 else ''} avec le reste de la "
        f"population. La plus nette, « {group.name(first)} » : {_value(group, first.cell)}, "
        f"contre {_value(group, first.whole)} dans l’ensemble."
    )


def _cards(shelf: Shelf, group: Group) -> str:
    """The key figures of the group; those that it has not are said below."""
    rows = {r.cell.indicator: r for r in group.rows if not r.cell.category}
    shown_ = [rows[i] for i in shelf.key if i in rows and rows[i].cell.published]
    pairs = [
        (f"{r.cell.indicator}, {group.domain} = {group.level}", _card_words(group, r))
        for r in shown_
    ]
    cards = str(shelf.briefing.cards(*pairs, wave=group.wave)) if pairs else ""
    gone = [group.book.label(i) for i in shelf.key if i in rows and rows[i] not in shown_]
    unasked = [group.book.label(i) for i in shelf.key if i not in rows]
    notes = "".join(
        f"<p>{text(f'{why} : {listed(names)}.')}</p>"
        for why, names in (("Non publié, trop peu fiable ou secret", gone),
                           ("Question non posée à ce groupe", unasked)) if names
    )  # fmt: skip
    return cards + notes


def _card_words(group: Group, row: Compared) -> str:
    i = group.book.survey.spec.indicators[row.cell.indicator]
    whole = shown(group.book.survey, row.whole)
    said = f"{_SIDES[row.side]} que le reste" if row.side else _SIDES[0]
    verdict = said if row.tested else "écart non testé"
    return f"{i.phrase or i.label}. Ensemble : {whole}, {verdict}"


def _differences(group: Group) -> str:
    """What sets the group apart, then what does not; why there is neither."""
    if not group.tested:
        left = f"<p>{text(_left_out(group))}</p>"
        return section("ecarts", "Pas de comparaison avec le reste", left)
    apart = _chart(group) + _apart_note(group)
    return section("ecarts", _apart_title(group), apart) + section(
        "proches", _alike_title(group), _alike(group)
    )


def _apart_title(group: Group) -> str:
    if not group.apart:
        return "Aucune différence significative avec le reste"
    if len(group.apart) == 1:
        return f"Une seule différence : {group.name(group.apart[0])}"
    if len(group.apart) <= _FEW:
        return f"{len(group.apart)} différences, la plus nette : {group.name(group.apart[0])}"
    themes = [group.theme(r) for r in group.apart]
    most = max(dict.fromkeys(themes), key=themes.count)
    label = group.book.survey.spec.themes[most]
    return f"{len(group.apart)} différences, les plus nombreuses dans « {label} »"


def drawn(group: Group) -> tuple[Compared, ...]:
    """What the chart shows: the clearest difference of each theme, shares only."""
    shares = [r for r in group.apart if group.book.survey.percent(r.cell.indicator)]
    first = {group.theme(r): r for r in reversed(shares)}
    return tuple(r for r in shares if first[group.theme(r)] is r)[:_DRAWN]


def _chart(group: Group) -> str:
    """The group above everybody, a panel for each difference."""
    panels = tuple(
        DotGroup(group.name(r), (_dot(group, group.label, r.cell), _dot(group, _WHOLE, r.whole)))
        for r in drawn(group)
    )
    title = "La différence la plus nette de chaque thème"
    return _figure(group, "ecarts-nets", title, _measure(group), panels) if panels else ""


def _figure(group: Group, key: str, title: str, measure: str, panels: tuple[DotGroup, ...]) -> str:
    stamped = f"{title}, {group.wave}{group.book.stamp(group.wave)}"
    return (
        f'<figure><p class="sous">{text(measure)}</p>'
        f"{DotChart(key, stamped, panels).svg()}<figcaption>{text(title)}</figcaption></figure>"
    )


def _among(shelf: Shelf, group: Group) -> str:
    """The first key figure in every group of the domain."""
    cells = group.book.groups(shelf.key[0], group.domain, group.wave)
    here = [c for c in cells if c.domain_value == group.level]
    if len(cells) < 2 or not here or not group.book.survey.percent(shelf.key[0]):
        return ""
    label = group.book.label(shelf.key[0])
    dots = tuple(_dot(group, group.book.group(c), c) for c in cells)
    title = f"{label}, tous les groupes"
    who = population_name(group.book.survey, shelf.key[0], group.wave, short=False)
    measure = f"Parts en % et intervalles à 95 %, {who}, {group.wave}"
    measure += group.book.stamp(group.wave)
    return section("parmi", _beside_title(group, here[0]),
                    _figure(group, "groupes", title, measure, (DotGroup("", dots),)))  # fmt: skip


def _measure(group: Group) -> str:
    return (
        f"Parts en % et intervalles à 95 %, {group.label} et ensemble, {group.wave}"
        f"{group.book.stamp(group.wave)}. {sampling_note(group.book.survey)}"
    )


def _beside_title(group: Group, cell: Estimate) -> str:
    weak = " (valeur peu fiable)" if cell.fragile else ""
    return f"{group.label} : {_value(group, cell)}{weak}, à côté des autres groupes"


def _dot(group: Group, label: str, cell: Estimate) -> Dot:
    low, high = cell.bounds or (None, None)
    value = cell.estimate if cell.published else None
    said = shown(group.book.survey, cell)
    return Dot(label, value, low, high, said, cell.fragile)


def _apart_note(group: Group) -> str:
    others = [r for r in group.apart if not group.book.survey.percent(r.cell.indicator)]
    said = [f"{group.name(r)} : {_value(group, r.cell)}, contre {_value(group, r.whole)}"
            for r in others[:2]]  # fmt: skip
    more = f"Aussi : {'; '.join(said)}. " if said else ""
    link = 'Toutes les valeurs sont dans le <a href="#tableau">tableau</a>.'
    return f"<p>{text(more)}{link}</p>"


def _alike_title(group: Group) -> str:
    count = len(group.alike)
    if not count:
        return "Aucune ressemblance à signaler"
    return f"Pas de différence significative sur {count} indicateur{'s' if count > 1 else ''}"


def _alike(group: Group) -> str:
    """What does not set the group apart, and what could not be compared."""
    named = "".join(f"<li>{text(_pair(group, r))}</li>" for r in group.alike[:_NAMED])
    rest = len(group.alike) - _NAMED
    more = f"<p>Et {rest} autre{'s' if rest > 1 else ''}, au tableau.</p>" if rest > 0 else ""
    caution = (
        "Ne pas trouver de différence ne prouve pas qu’il n’y en a pas. "
        "Avec peu de réponses, seuls les grands écarts se voient."
    )
    left = f"<p>{text(_left_out(group))}</p>"
    return f"<ul>{named}</ul>{more}<p>{text(caution)}</p>{left}" if named else left


def _left_out(group: Group) -> str:
    """How many values of the group, and of everybody, are not compared, and why."""
    whole = sum(r.whole.fragile or not r.whole.published for r in group.rows)
    why = [
        words
        for words in (
            _counted(group.hidden, "n’est pas publiée", "ne sont pas publiées"),
            _counted(group.fragile, "est peu fiable", "sont peu fiables"),
        )
        if words
    ]
    of = f"Sur {integer(len(group.rows))} valeurs du groupe, "
    mine = of + (f"{listed(why)}." if why else "toutes sont assez sûres pour être comparées.")
    theirs = _counted(whole, "est peu fiable", "sont peu fiables")
    return f"{mine} Dans l’ensemble, {theirs}." if whole else mine


def _counted(n: int, one: str, many: str) -> str:
    return f"{integer(n)} {many if n > 1 else one}" if n else ""


def _pair(group: Group, row: Compared) -> str:
    return (
        f"{group.name(row)} : {_value(group, row.cell)}, "
        f"et {_value(group, row.whole)} dans l’ensemble"
    )


def _value(group: Group, cell: Estimate) -> str:
    return shown(group.book.survey, cell)


def _table(group: Group) -> str:
    """A line an indicator, by theme: value, interval, respondents, everybody, verdict."""
    spec = group.book.survey.spec
    rows: list[Row] = []
    for theme, label in spec.themes.items():
        mine = [r for r in group.rows if group.theme(r) == theme]
        rows += [Row(typeset(label), heading=True)] if mine else []
        rows += _lines(group, mine)
    caption = f"{group.label} et ensemble, {group.wave}{group.book.stamp(group.wave)}"
    head = ("Indicateur", "Groupe", f"Intervalle à 95{NBSP}%", "Répondants", _WHOLE,
            "Comparé au reste")  # fmt: skip
    note = typeset(
        f"Champ : {spec.populations['all'].label}, sauf mention entre parenthèses ; "
        f"{spec.territory}. {sampling_note(group.book.survey)}"
    )
    return html_table(caption, head, rows, note=note)


def _lines(group: Group, rows: Sequence[Compared]) -> Iterator[Row]:
    """A heading for each question that has several answers."""
    for _, same in groupby(rows, key=lambda r: r.cell.indicator):
        for n, row in enumerate(same):
            if row.cell.category and not n:
                yield Row(group.label_of(row), heading=True)
            yield Row(group.answer(row) or group.name(row), _columns(group, row))


def _columns(group: Group, row: Compared) -> tuple[str, ...]:
    survey, cell = group.book.survey, row.cell
    weak = {"U": "peu fiable", "Q": "non publié"}.get(cell.status, "")
    weak = weak or ("" if row.tested else "non comparé")
    whole = shown(survey, row.whole, 1) + (f" (peu{NBSP}fiable)" if row.whole.fragile else "")
    return (
        shown(survey, cell, 1) if cell.published else "–",
        shown_interval(survey, cell).removeprefix("de "),
        integer(cell.n),
        whole,
        weak or _SIDES[row.side],
    )


def _onward(shelf: Shelf, group: Group, *, explorer: bool) -> str:
    place = f"{group.book.survey.id}/{shelf.key[0]}/{group.domain}/{group.wave}"
    open_ = (
        f'<p><a class="bouton" href="explorer.html#{place}">Ouvrir dans l’explorateur</a></p>'
        if explorer else ""
    )  # fmt: skip
    others = "".join(
        f'<li><a href="{page_name(g)}.html">{text(g.label)}</a></li>' for g in shelf.beside(group)
    )
    domain = text(group.book.domain_label(group.domain))
    near = (
        f'<div class="sommaire" role="navigation" aria-label="Autres fiches, {domain}">'
        f'<ul>{others}<li><a href="fiches.html">Toutes les fiches</a></li></ul></div>'
    )
    return open_ + shelf.downloads + near
