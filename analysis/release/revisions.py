"""The page "Révisions": what changed since an earlier edition, in words and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from analysis.briefing.pieces import Html
from analysis.claims.words import LABELS, label
from analysis.definition import Survey
from analysis.estimates import WHOLE
from analysis.language import SOURCE, Words, say, spoken
from analysis.release.compare import Change, of_kind, printed
from analysis.release.document import document, notices, origins, paragraph, section
from analysis.release.figures import Figure, Figures, Key
from analysis.release.listing import FILE
from analysis.release.manifest import MadeFrom
from analysis.release.revision import Revision
from analysis.tables import Row, donnees, html_table
from analysis.wording import (
    NBSP,
    colon,
    file_size,
    group_label,
    integer,
    listed,
    number,
    per_cent_sign,
    status_meanings,
    typeset,
)
from analysis.wording.origins import origin_word, stamp

PAGE = "revisions"
SHOWN = 60  # lines of a table; the file has all
_NAMED = 4  # waves
_INDICATOR = Words("Indicateur", "Indicator")
_WAVE = Words("Vague", "Wave")
_BEFORE, _NOW = Words("Avant", "Before"), Words("Maintenant", "Now")
_HIDDEN = Words("non publié", "not published")
_HEADINGS = {
    "sampling": Words(
        "Valeurs révisées au-delà de la marge d’erreur",
        "Values revised by more than the margin of error",
    ),
    "printed": Words(
        "Valeurs révisées au-delà de l’arrondi", "Values revised by more than rounding"
    ),
    "suppressed": Words("Valeurs qui ne sont plus publiées", "Values that are no longer published"),
    "shown": Words("Valeurs publiées qui ne l’étaient pas", "Values published that were not"),
    "status": Words("Valeurs dont le statut a changé", "Values whose status changed"),
    "new": Words("Nouvelles valeurs", "New values"),
    "gone": Words("Valeurs disparues", "Values that are gone"),
}
_TABLES = ("sampling", "printed", "suppressed", "shown", "status")
# Of each kind, what is said of one value and of several.
_COUNTED = {
    "sampling": (
        Words(
            "une valeur dépasse la marge d’erreur",
            "one value changes by more than the margin of error",
        ),
        Words(
            "{} valeurs dépassent la marge d’erreur",
            "{} values change by more than the margin of error",
        ),
    ),
    "printed": (
        Words("une valeur dépasse l’arrondi", "one value changes by more than rounding"),
        Words("{} valeurs dépassent l’arrondi", "{} values change by more than rounding"),
    ),
    "others": (
        Words("une autre dépasse l’arrondi", "another one by more than rounding"),
        Words("{} autres dépassent l’arrondi", "{} others by more than rounding"),
    ),
    "suppressed": (
        Words("une valeur n’est plus publiée", "one value is no longer published"),
        Words("{} valeurs ne sont plus publiées", "{} values are no longer published"),
    ),
    "shown": (
        Words("une valeur est de nouveau publiée", "one value is published again"),
        Words("{} valeurs sont de nouveau publiées", "{} values are published again"),
    ),
    "status": (
        Words("une valeur change de statut", "one value changes its status"),
        Words("{} valeurs changent de statut", "{} values change their status"),
    ),
    "new": (
        Words("une valeur est nouvelle", "one value is new"),
        Words("{} valeurs sont nouvelles", "{} values are new"),
    ),
    "gone": (
        Words("une valeur a disparu", "one value is gone"),
        Words("{} valeurs ont disparu", "{} values are gone"),
    ),
    "verdicts": (
        Words("un verdict change", "one verdict changes"),
        Words("{} verdicts changent", "{} verdicts change"),
    ),
    "margin": (
        Words(
            "une valeur garde sa première décimale, mais change d’intervalle ou d’effectif",
            "one value keeps its first decimal, but changes its interval or its number of "
            "respondents",
        ),
        Words(
            "{} valeurs gardent leur première décimale, mais changent d’intervalle ou d’effectif",
            "{} values keep their first decimal, but change their interval or their number of "
            "respondents",
        ),
    ),
    "digits": (
        Words(
            "une valeur ne change que dans les fichiers, par une décimale que les tableaux "
            "n’écrivent pas",
            "one value changes in the files only, by a decimal that tables do not print",
        ),
        Words(
            "{} valeurs ne changent que dans les fichiers, par une décimale que les tableaux "
            "n’écrivent pas",
            "{} values change in the files only, by a decimal that tables do not print",
        ),
    ),
}
_RULE = (
    Words(
        "Une valeur dépasse la marge d’erreur quand elle sort de l’intervalle publié avec l’autre "
        f"valeur (95{NBSP}%), dans un sens ou dans l’autre. Les deux éditions portent sur les "
        "mêmes répondants : ce n’est pas un test, mais une façon de dire si un lecteur a pu être "
        "trompé.",
        "A value changes by more than the margin of error when it lies outside the 95% interval "
        "published with the other value, one way or the other. Both editions are about the same "
        "respondents: this is no test, but a way to tell whether a reader may have been misled.",
    ),
    Words(
        "Une valeur dépasse l’arrondi quand sa première décimale change.",
        "A value changes by more than rounding when its first decimal changes.",
    ),
)


@dataclass(frozen=True)
class _Names:
    """What surveys, and the codes of their figures, are called in the language of the page."""

    surveys: dict[str, Survey]

    def survey(self, code: str) -> str:
        """The title of a survey."""
        known = self.surveys.get(code)
        return typeset(known.spec.title if known else code)

    def unit(self, figures: tuple[Figures, Figures], survey: str, indicator: str) -> str:
        """The unit of an indicator; that of the files is French."""
        old, new = figures
        filed = new.units.get(indicator) or old.units.get(indicator, "")
        known = self.surveys.get(survey)
        if spoken() == SOURCE or filed == "%":
            return filed
        return known.unit(indicator) if known and indicator in known.spec.indicators else ""

    def row(self, figures: Figures, key: Key, cells: tuple[str, ...]) -> Row:
        """A line about a cell; where the definition no longer has it, in the words of the file."""
        own = self._translated(figures.survey, key)
        return Row(own or _name(figures, key), cells, in_french=not own and spoken() != SOURCE)

    def _translated(self, survey: str, key: Key) -> str:
        """Indicator, answer and group; "" in French, and where one of them is not defined."""
        _, indicator, category, domain, group = key
        known = self.surveys.get(survey)
        if spoken() == SOURCE or known is None or indicator not in known.spec.indicators:
            return ""
        answers = known.categories(indicator)
        levels = known.levels(domain) if domain in known.spec.domains else {}
        if (category and category not in answers) or (domain != WHOLE and group not in levels):
            return ""
        parts = [known.spec.indicators[indicator].label]
        parts += [answers[category].label] if category else []
        if domain != WHOLE:
            label = group_label(known, domain, group)
            parts.append(f"{known.spec.domains[domain].label}{colon()} {label}")
        return typeset(", ".join(parts))


def no_revision_document(facts: MadeFrom, surveys: Sequence[Survey], *, log: bool) -> str:
    """``revisions.qmd`` of an edition that is compared with none; see below."""
    return _document(
        notices(facts, surveys),
        say("Les révisions", "Revisions"),
        say(
            "Cette édition n’est comparée à aucune édition antérieure.",
            "This edition is not compared with any earlier one.",
        ),
        paragraph(
            say(
                "Une édition qui en remplace une autre liste ici chaque chiffre qui a changé.",
                "An edition that replaces another lists here each figure that has changed.",
            )
        ),
        log=log,
    )


def revision_document(
    revision: Revision,
    surveys: Sequence[Survey],
    before: MadeFrom,
    facts: MadeFrom,
    size: int,
    *,
    log: bool,
) -> str:
    """``revisions.qmd`` of an edition that is compared with another.

    before, facts : what the two are made from
    size : of the file that lists every change, in bytes
    log : whether the site has the page of corrections, to link to
    """
    names = _Names({s.id: s for s in surveys})
    stamped = stamp(o for side in (before, facts) for s in side.surveys for o in origins(side, s))
    edition = before.edition.name
    against = say(
        f"L’édition de comparaison a pour empreinte {before.fingerprint}.",
        f"The edition it is compared with has the fingerprint {before.fingerprint}.",
    )
    return _document(
        notices(facts, surveys),
        say(
            f"Les révisions depuis l’édition {edition or 'précédente'}",
            f"Revisions since edition {edition}"
            if edition
            else "Revisions since the previous edition",
        ),
        _lead(revision),
        paragraph(against),
        *(_changes(revision, kind, names, stamped) for kind in _TABLES),
        *(_tally(revision, kind, names, stamped) for kind in ("new", "gone")),
        _others(revision),
        _verdicts(revision),
        _definitions(revision, names),
        section(
            "regles",
            say("Ce que ces mots veulent dire", "What these words mean"),
            *(paragraph(str(rule)) for rule in _RULE),
        ),
        _file(revision, size),
        log=log,
    )


def _document(above: Html, heading: str, lead: str, *parts: str, log: bool) -> str:
    """One of the two; log : whether the site has the page of corrections."""
    why = say(
        "Journal des corrections : pourquoi un chiffre a changé",
        "Log of corrections: why a figure changed",
    )
    what = say(
        "Version : de quoi cette édition est faite", "Version: what this edition is made from"
    )
    links = f'<a href="corrections.html">{why}</a> ' if log else ""
    links += f'<a href="version.html">{what}</a>'
    return document(
        PAGE,
        say("Révisions", "Revisions"),
        say(
            "Ce qui a changé depuis l’édition précédente : chiffres, verdicts, définitions.",
            "What has changed since the edition before: figures, verdicts, definitions.",
        ),
        above, heading, lead, (*parts, f'<p class="liens">{links}</p>'),
    )  # fmt: skip


def _lead(revision: Revision) -> str:
    n = revision.counts() | {"verdicts": len(revision.verdicts)}
    n["printed" if not n["sampling"] else "others"] = n.pop("printed")
    order = ("sampling", "printed", "others", "suppressed", "shown", "status", "new", "gone",
             "verdicts")  # fmt: skip
    known = listed([said for kind in order if (said := _many(kind, n.get(kind, 0)))])
    if not known:
        return say(
            "Aucune valeur n’a changé au-delà de l’arrondi.",
            "No value changed by more than rounding.",
        )
    return f"{known[:1].upper()}{known[1:]}."


def _many(kind: str, count: int) -> str:
    """How many values there are of a kind; "" for none."""
    one, many = _COUNTED[kind]
    return str(one if count == 1 else many).format(integer(count)) if count else ""


def _changes(revision: Revision, kind: str, names: _Names, stamped: str) -> str:
    """A table of the changes of one kind: whole populations first, then by survey and wave."""
    found = sorted(of_kind(revision.changes, kind), key=lambda c: (c.survey, c.key[3] != WHOLE))
    if not found:
        return ""
    cells = _statuses if kind == "status" else _values
    head = (
        str(_INDICATOR),
        str(_WAVE),
        str(_BEFORE),
        str(_NOW),
        say("Intervalle avant", "Interval before"),
    )
    rows: list[Row] = []
    for survey, some in _by_survey(found[:SHOWN]):
        rows.append(Row(names.survey(survey), heading=True))
        rows += [_row(revision, c, cells, names) for c in some]
    title = str(_HEADINGS[kind])
    caption = f"{title} ({_shown(len(found))}){stamped}"
    table = html_table(caption, head[:4] if kind == "status" else head, rows)
    return section(kind, f"{title} ({integer(len(found))})", table)


def _shown(count: int) -> str:
    return integer(count) if count <= SHOWN else f"{SHOWN} {say('sur', 'of')} {integer(count)}"


def _by_survey(changes: Sequence[Change]) -> Iterator[tuple[str, list[Change]]]:
    for survey in dict.fromkeys(c.survey for c in changes):
        yield survey, [c for c in changes if c.survey == survey]


def _row(
    revision: Revision, change: Change, cells: Callable[[Change, str], tuple[str, ...]],
    names: _Names,
) -> Row:  # fmt: skip
    old, new = revision.figures[change.survey]
    unit = names.unit((old, new), change.survey, change.key[1])
    printed_ = (change.key[0], *cells(change, unit))
    return names.row(new if change.after else old, change.key, printed_)


def _name(figures: Figures, key: Key) -> str:
    """Indicator, answer and group, as the release that has the cell calls them."""
    _, indicator, category, domain, group = key
    parts = [figures.label("indicateur", indicator)]
    parts += [figures.label("modalite", category, indicator)] if category else []
    if domain != WHOLE:
        parts.append(
            f"{figures.label('domaine', domain)} : {figures.label('groupe', group, domain)}"
        )
    return typeset(" ".join(", ".join(parts).split()))


def _values(change: Change, unit: str) -> tuple[str, ...]:
    """Value before and now, interval before; what is no longer published is not said again."""
    before, after = change.before, change.after
    assert before is not None
    assert after is not None
    if not change.told:
        return (say("publié", "published"), str(_HIDDEN), "–")
    ends = (before.low, before.high)
    margin = f" {say('à', 'to')}{NBSP}".join(_number(x) for x in ends if x is not None)
    return (_value(before, unit), _value(after, unit), margin or "–")


def _statuses(change: Change, unit: str) -> tuple[str, ...]:
    known = status_meanings()
    return tuple(known.get(f.status, f.status).partition(":")[0].rstrip()
                 for f in (change.before, change.after) if f)  # fmt: skip


def _value(figure: Figure, unit: str) -> str:
    if figure.value is None:
        return str(_HIDDEN)
    value = _number(figure.value)
    return value + per_cent_sign() if unit == "%" else f"{value}{NBSP}{unit}".rstrip()


def _number(value: Decimal) -> str:
    rounded = printed(value)
    assert rounded is not None
    return number(float(rounded), 1)


def _tally(revision: Revision, kind: str, names: _Names, stamped: str) -> str:
    """New or gone cells, counted by indicator and wave."""
    found = of_kind(revision.changes, kind)
    if not found:
        return ""
    count = Counter((c.survey, c.key[1], c.key[0]) for c in found)
    some = list(count.items())[:SHOWN]
    rows: list[Row] = []
    for survey in dict.fromkeys(s for (s, _, _), _ in some):
        rows.append(Row(names.survey(survey), heading=True))
        figures = revision.figures[survey][kind == "new"]
        rows += [names.row(figures, (wave, i, "", WHOLE, WHOLE), (wave, integer(n)))
                 for (s, i, wave), n in some if s == survey]  # fmt: skip
    title = str(_HEADINGS[kind])
    by = say("par indicateur et par vague", "by indicator and wave")
    head = (str(_INDICATOR), str(_WAVE), say("Valeurs", "Values"))
    table = html_table(f"{title}, {by} ({_shown(len(count))}){stamped}", head, rows)
    return section(kind, f"{title} ({integer(len(found))})", table)


def _others(revision: Revision) -> str:
    counts = revision.counts()
    said = filter(None, (_many(kind, counts[kind]) for kind in ("margin", "digits")))
    known = [f"{s[:1].upper()}{s[1:]}." for s in said]
    title = say("Changements plus petits", "Smaller changes")
    return section("autres", title, *map(paragraph, known)) if known else ""


def _verdicts(revision: Revision) -> str:
    if not revision.verdicts:
        return ""
    known = {"": "–"} | {code: label(code) for code in LABELS}
    rows = [Row(v.id, (known.get(v.before, v.before), known.get(v.after, v.after)))
            for v in revision.verdicts]  # fmt: skip
    head = (say("Affirmation", "Claim"), str(_BEFORE), str(_NOW))
    caption = say("Verdicts des chiffres cités", "Verdicts on quoted figures")
    table = html_table(caption, head, rows)
    return section("verdicts", say("Verdicts qui changent", "Verdicts that change"), table)


def _definitions(revision: Revision, names: _Names) -> str:
    """A line for each survey and kind of change, with its waves."""
    found: dict[tuple[str, str], list[str]] = {}
    for d in revision.definitions:
        then = say(", puis ", ", then ").join(map(origin_word, (d.before, d.after)))
        data = say(f"données : {then}", f"data: {then}")
        what = say("définition", "definition") if d.what == "definition" else data
        found.setdefault((d.survey, what), []).append(d.wave)
    if not found:
        return ""
    rows = [Row(names.survey(s), (typeset(what), _span(waves)))
            for (s, what), waves in found.items()]  # fmt: skip
    head = (say("Enquête", "Survey"), say("Ce qui change", "What changes"), say("Vagues", "Waves"))
    caption = say("Définitions et origines qui changent", "Definitions and origins that change")
    table = html_table(caption, head, rows)
    title = say("Définitions qui changent", "Definitions that change")
    return section("definitions", title, table)


def _span(waves: Sequence[str]) -> str:
    """Waves by name, or the first, the last and how many."""
    if len(waves) <= _NAMED:
        return listed(waves)
    first, last, many = waves[0], waves[-1], integer(len(waves))
    return say(f"{first} à {last} ({many} vagues)", f"{first} to {last} ({many} waves)")


def _file(revision: Revision, size: int) -> str:
    if not revision.changes:
        return ""
    every = say("Toutes les valeurs qui changent (CSV", "All values that change (CSV in French")
    return (
        f'<p class="liens"><a href="{donnees()}{escape(FILE)}" download>{every}, '
        f"{file_size(size)})</a></p>"
    )
