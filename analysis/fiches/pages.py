"""The page of one group: what sets it apart from the rest of the population, and what does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from analysis.briefing.pieces import text
from analysis.charts import Dot, DotChart, DotGroup
from analysis.fiches.document import Shelf, document, page_name, section
from analysis.fiches.group import Compared, Group
from analysis.language import Words, say
from analysis.tables import Row, html_table, respondents
from analysis.wording import (
    NBSP,
    Estimate,
    colon,
    integer,
    listed,
    percent,
    points,
    population_name,
    quoted,
    sampling_note,
    shown,
    shown_interval,
    typeset,
)
from analysis.wording.markup import raw_html

_DRAWN = 5  # differences in the chart
_FEW = 6  # differences up to which the clearest is the heading, not the theme
_NAMED = 8  # indicators without a difference that are named
_SIDES = {
    1: Words("plus haut", "higher"),
    -1: Words("plus bas", "lower"),
    0: Words("pas de différence significative", "no significant difference"),
}
_WHOLE = Words("Ensemble", "All")
_SHARES = Words("Parts en % et intervalles à 95 %", "Shares in % and 95% intervals")
_WEAK = Words("peu fiable", "low reliability")
_HIDDEN = Words("non publié", "not published")
_UNPUBLISHED = (
    Words("n’est pas publiée", "is not published"),
    Words("ne sont pas publiées", "are not published"),
)
_FRAGILE = (
    Words("est peu fiable", "is of low reliability"),
    Words("sont peu fiables", "are of low reliability"),
)
_UNSHOWN = Words(
    "Non publié, trop peu fiable ou secret", "Not published, too unreliable or confidential"
)
_UNASKED = Words("Question non posée à ce groupe", "Question not asked of this group")


def fiche(shelf: Shelf, group: Group, *, explorer: bool) -> str:
    """The document of one group."""
    book = group.book
    domain = book.domain_label(group.domain)
    body = (
        _opening(shelf, group),
        _cards(shelf, group),
        _differences(group),
        _among(shelf, group),
        section(
            "tableau",
            say("Tous les indicateurs de ce groupe", "All indicators of this group"),
            _table(group),
        ),
    )
    after = section(
        "suite",
        say("Télécharger, comparer", "Download, compare"),
        _onward(shelf, group, explorer=explorer),
    )
    profile = say(f"fiche {book.survey.spec.short}", f"profile, {book.survey.spec.short}")
    apart = say(
        "ce qui distingue ce groupe et ce qui ne le distingue pas",
        "what sets this group apart and what does not",
    )
    return document(
        f"{group.label} ({domain.lower()}), {profile}",
        f"{group.label}{colon()} {apart}, {book.survey.spec.title}, {group.wave}.",
        [raw_html("\n".join(body)), "{{< include _fiche.qmd >}}",
         raw_html(after + str(shelf.briefing.provenance()))],
        _meta(group),
    )  # fmt: skip


def _meta(group: Group) -> dict[str, str | bool]:
    """What ``_fiche.qmd`` says of this group."""
    count = len(group.tested)
    return {
        "repondants": integer(group.n),
        "marge": _margin(group),
        "comparaisons": integer(count),
        "comparable": count > 0,
        "seuil": f"{percent(0.05 / max(1, count), 2)}",
        "millesime": group.wave,
    }


def _margin(group: Group) -> str:
    if not group.margin:
        return say("non calculée", "not computed")
    return say(f"±{NBSP}", "±") + points(group.margin, 1)


def _opening(shelf: Shelf, group: Group) -> str:
    domain = group.book.domain_label(group.domain)
    kicker = (
        f'<p class="kicker"><a href="fiches.html">{say("Fiches", "Group profiles")}</a>, '
        f"{text(group.book.survey.spec.title)}, {say('vague', 'wave')} {text(group.wave)}</p>"
    )
    return (
        f"{shelf.briefing.banner(group.wave)}{kicker}"
        f"<h1>{text(domain)}{colon()} {text(group.label)}</h1>"
        f'<p class="chapo">{text(lead(group))}</p>'
    )


def lead(group: Group) -> str:
    """What the page comes to: how many differences, and the clearest."""
    n, units, many = integer(group.n), group.book.survey.spec.units, len(group.tested)
    people = say(f"{n} {units} ont répondu dans ce groupe.", f"{n} {units} answered in this group.")
    if not group.tested:
        none = say(
            "Aucune valeur n’est assez sûre pour être comparée au reste.",
            "No value is reliable enough to be compared with the rest.",
        )
        return f"{people} {none}"
    if not group.apart:
        none = say(
            f"Sur {many} comparaisons, aucune différence significative avec le reste.",
            f"In {many} comparisons, no significant difference from the rest.",
        )
        return f"{people} {none}"
    return f"{people} {_clearest(group)}"


def _clearest(group: Group) -> str:
    """How many differences there are among how many comparisons, and the clearest of them."""
    many, few, first = len(group.tested), len(group.apart), group.apart[0]
    name, here = quoted(group.name(first)), _value(group, first.cell)
    whole = _value(group, first.whole)
    s = "s" if few > 1 else ""
    return say(
        f"Sur {many} comparaisons, {few} différence{s} significative{s} avec le reste de la "
        f"population. La plus nette, {name} : {here}, contre {whole} dans l’ensemble.",
        f"In {many} comparisons, {few} significant difference{s} from the rest of the population. "
        f"The clearest, {name}: {here}, against {whole} overall.",
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
        f"<p>{text(f'{why}{colon()} {listed(names)}.')}</p>"
        for why, names in ((_UNSHOWN, gone), (_UNASKED, unasked)) if names
    )  # fmt: skip
    return cards + notes


def _card_words(group: Group, row: Compared) -> str:
    i = group.book.survey.spec.indicators[row.cell.indicator]
    whole = shown(group.book.survey, row.whole)
    side = _SIDES[row.side]
    apart = say(f"{side} que le reste", f"this group is {side} than the rest")
    untested = say("écart non testé", "difference not tested")
    verdict = (apart if row.side else str(side)) if row.tested else untested
    return f"{i.phrase or i.label}. {_WHOLE}{colon()} {whole}, {verdict}"


def _differences(group: Group) -> str:
    """What sets the group apart, then what does not; why there is neither."""
    if not group.tested:
        left = f"<p>{text(_left_out(group))}</p>"
        title = say("Pas de comparaison avec le reste", "No comparison with the rest")
        return section("ecarts", title, left)
    apart = _chart(group) + _apart_note(group)
    return section("ecarts", _apart_title(group), apart) + section(
        "proches", _alike_title(group), _alike(group)
    )


def _apart_title(group: Group) -> str:
    count = len(group.apart)
    if not group.apart:
        return say(
            "Aucune différence significative avec le reste",
            "No significant difference from the rest",
        )
    first = group.name(group.apart[0])
    if count == 1:
        return say(f"Une seule différence : {first}", f"Only one difference: {first}")
    if count <= _FEW:
        return say(
            f"{count} différences, la plus nette : {first}",
            f"{count} differences, the clearest: {first}",
        )
    themes = [group.theme(r) for r in group.apart]
    most = max(dict.fromkeys(themes), key=themes.count)
    label = quoted(group.book.survey.spec.themes[most])
    return say(
        f"{count} différences, les plus nombreuses dans {label}",
        f"{count} differences, most often in {label}",
    )


def drawn(group: Group) -> tuple[Compared, ...]:
    """What the chart shows: the clearest difference of each theme, shares only."""
    shares = [r for r in group.apart if group.book.survey.percent(r.cell.indicator)]
    first = {group.theme(r): r for r in reversed(shares)}
    return tuple(r for r in shares if first[group.theme(r)] is r)[:_DRAWN]


def _chart(group: Group) -> str:
    """The group above everybody, a panel for each difference."""
    every = str(_WHOLE)
    panels = tuple(
        DotGroup(group.name(r), (_dot(group, group.label, r.cell), _dot(group, every, r.whole)))
        for r in drawn(group)
    )
    title = say(
        "La différence la plus nette de chaque thème", "The clearest difference of each theme"
    )
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
    title = label + say(", tous les groupes", ", all groups")
    who = population_name(group.book.survey, shelf.key[0], group.wave, short=False)
    measure = f"{_SHARES}, {who}, {group.wave}{group.book.stamp(group.wave)}"
    return section("parmi", _beside_title(group, here[0]),
                    _figure(group, "groupes", title, measure, (DotGroup("", dots),)))  # fmt: skip


def _measure(group: Group) -> str:
    return f"{_SHARES}, {_captioned(group)}. {sampling_note(group.book.survey)}"


def _captioned(group: Group) -> str:
    """Who is shown, when, and whether anybody gave the answers."""
    both = say(f"{group.label} et ensemble", f"{group.label} and all")
    return f"{both}, {group.wave}{group.book.stamp(group.wave)}"


def _beside_title(group: Group, cell: Estimate) -> str:
    weak = say(" (valeur peu fiable)", " (low reliability)") if cell.fragile else ""
    beside = say("à côté des autres groupes", "beside the other groups")
    return f"{group.label}{colon()} {_value(group, cell)}{weak}, {beside}"


def _dot(group: Group, label: str, cell: Estimate) -> Dot:
    low, high = cell.bounds or (None, None)
    value = cell.estimate if cell.published else None
    said = shown(group.book.survey, cell)
    return Dot(label, value, low, high, said, cell.fragile)


def _apart_note(group: Group) -> str:
    others = [r for r in group.apart if not group.book.survey.percent(r.cell.indicator)]
    against = say("contre", "against")
    said = [
        f"{group.name(r)}{colon()} {_value(group, r.cell)}, {against} {_value(group, r.whole)}"
        for r in others[:2]
    ]
    more = say("Aussi : {}. ", "Also: {}. ").format("; ".join(said)) if said else ""
    link = say(
        'Toutes les valeurs sont dans le <a href="#tableau">tableau</a>.',
        'All values are in the <a href="#tableau">table</a>.',
    )
    return f"<p>{text(more)}{link}</p>"


def _alike_title(group: Group) -> str:
    count = len(group.alike)
    if not count:
        return say("Aucune ressemblance à signaler", "No likeness to report")
    s = "s" if count > 1 else ""
    return say(
        f"Pas de différence significative sur {count} indicateur{s}",
        f"No significant difference for {count} indicator{s}",
    )


def _alike(group: Group) -> str:
    """What does not set the group apart, and what could not be compared."""
    named = "".join(f"<li>{text(_pair(group, r))}</li>" for r in group.alike[:_NAMED])
    rest = len(group.alike) - _NAMED
    s = "s" if rest > 1 else ""
    more = say(f"Et {rest} autre{s}, au tableau.", f"And {rest} other{s}, in the table.")
    more = f"<p>{more}</p>" if rest > 0 else ""
    caution = say(
        "Ne pas trouver de différence ne prouve pas qu’il n’y en a pas. "
        "Avec peu de réponses, seuls les grands écarts se voient.",
        "Finding no difference does not prove that there is none. "
        "With few answers, only large differences can be seen.",
    )
    left = f"<p>{text(_left_out(group))}</p>"
    return f"<ul>{named}</ul>{more}<p>{text(caution)}</p>{left}" if named else left


def _left_out(group: Group) -> str:
    """How many values of the group, and of everybody, are not compared, and why."""
    whole = sum(r.whole.fragile or not r.whole.published for r in group.rows)
    counted = (_counted(group.hidden, _UNPUBLISHED), _counted(group.fragile, _FRAGILE))
    why = [words for words in counted if words]
    n = integer(len(group.rows))
    sure = say(
        "toutes sont assez sûres pour être comparées", "all are reliable enough to be compared"
    )
    mine = say(f"Sur {n} valeurs du groupe, ", f"Of {n} values of the group, ")
    mine += f"{listed(why) or sure}."
    theirs = _counted(whole, _FRAGILE)
    return f"{mine} {say('Dans l’ensemble', 'Overall')}, {theirs}." if whole else mine


def _counted(n: int, words: tuple[Words, Words]) -> str:
    """How many, and what they are: one, several; "" for none."""
    return f"{integer(n)} {words[n > 1]}" if n else ""


def _pair(group: Group, row: Compared) -> str:
    return f"{group.name(row)}{colon()} {_value(group, row.cell)}, " + say(
        "et {} dans l’ensemble", "and {} overall"
    ).format(_value(group, row.whole))


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
    head = (
        say("Indicateur", "Indicator"),
        say("Groupe", "Group"),
        say(f"Intervalle à 95{NBSP}%", "95% interval"),
        respondents(),
        str(_WHOLE),
        say("Comparé au reste", "Compared with the rest"),
    )
    who, where = spec.populations["all"].label, spec.territory
    scope = say(
        f"Champ : {who}, sauf mention entre parenthèses ; {where}.",
        f"Population: {who}, unless brackets say otherwise; {where}.",
    )
    note = typeset(f"{scope} {sampling_note(group.book.survey)}")
    return html_table(_captioned(group), head, rows, note=note)


def _lines(group: Group, rows: Sequence[Compared]) -> Iterator[Row]:
    """A heading for each question that has several answers."""
    for _, same in groupby(rows, key=lambda r: r.cell.indicator):
        for n, row in enumerate(same):
            if row.cell.category and not n:
                yield Row(group.label_of(row), heading=True)
            yield Row(group.answer(row) or group.name(row), _columns(group, row))


def _columns(group: Group, row: Compared) -> tuple[str, ...]:
    survey, cell = group.book.survey, row.cell
    weak = str({"U": _WEAK, "Q": _HIDDEN}.get(cell.status, ""))
    weak = weak or ("" if row.tested else say("non comparé", "not compared"))
    fragile = say(f" (peu{NBSP}fiable)", " (low reliability)") if row.whole.fragile else ""
    whole = shown(survey, row.whole, 1) + fragile
    return (
        shown(survey, cell, 1) if cell.published else "–",
        shown_interval(survey, cell).removeprefix(say("de ", "")),
        integer(cell.n),
        whole,
        weak or str(_SIDES[row.side]),
    )


def _onward(shelf: Shelf, group: Group, *, explorer: bool) -> str:
    place = f"{group.book.survey.id}/{shelf.key[0]}/{group.domain}/{group.wave}"
    open_ = (
        f'<p><a class="bouton" href="explorer.html#{place}">'
        f"{say('Ouvrir dans l’explorateur', 'Open in the explorer')}</a></p>"
        if explorer else ""
    )  # fmt: skip
    others = "".join(
        f'<li><a href="{page_name(g)}.html">{text(g.label)}</a></li>' for g in shelf.beside(group)
    )
    domain = text(group.book.domain_label(group.domain))
    other = say("Autres fiches", "Other profiles")
    near = (
        f'<div class="sommaire" role="navigation" aria-label="{other}, {domain}">'
        f'<ul>{others}<li><a href="fiches.html">'
        f"{say('Toutes les fiches', 'All profiles')}</a></li></ul></div>"
    )
    return open_ + shelf.downloads + near
