"""The page "Révisions": what changed since an earlier edition, in words and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from html import escape

from analysis.briefing.pieces import Html
from analysis.claims.words import LABELS
from analysis.definition import Survey
from analysis.estimates import STATUS, WHOLE
from analysis.release.compare import Change, of_kind, printed
from analysis.release.document import document, notices, origins, paragraph, section
from analysis.release.figures import Figure, Figures
from analysis.release.listing import FILE
from analysis.release.manifest import MadeFrom
from analysis.release.revision import Revision
from analysis.tables import Row, html_table
from analysis.wording import NBSP, file_size, integer, listed, number, typeset
from analysis.wording.origins import origin_word, stamp

PAGE = "revisions"
SHOWN = 60  # lines of a table; the file has all
_NAMED = 4  # waves
_HEADINGS = {
    "sampling": "Valeurs révisées au-delà de la marge d’erreur",
    "printed": "Valeurs révisées au-delà de l’arrondi",
    "suppressed": "Valeurs qui ne sont plus publiées",
    "shown": "Valeurs publiées qui ne l’étaient pas",
    "status": "Valeurs dont le statut a changé",
    "new": "Nouvelles valeurs",
    "gone": "Valeurs disparues",
}
_TABLES = ("sampling", "printed", "suppressed", "shown", "status")
_RULE = (
    "Une valeur dépasse la marge d’erreur quand elle sort de l’intervalle publié avec l’autre "
    f"valeur (95{NBSP}%), dans un sens ou dans l’autre. Les deux éditions portent sur les mêmes "
    "répondants : ce n’est pas un test, mais une façon de dire si un lecteur a pu être trompé.",
    "Une valeur dépasse l’arrondi quand sa première décimale change.",
)


def no_revision_document(facts: MadeFrom, surveys: Sequence[Survey], *, log: bool) -> str:
    """``revisions.qmd`` of an edition that is compared with none; see below."""
    return _document(
        notices(facts, surveys),
        "Les révisions",
        "Cette édition n’est comparée à aucune édition antérieure.",
        paragraph("Une édition qui en remplace une autre liste ici chaque chiffre qui a changé."),
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
    names = {s.id: s.spec.title for s in surveys}
    stamped = stamp(o for side in (before, facts) for s in side.surveys for o in origins(side, s))
    return _document(
        notices(facts, surveys),
        f"Les révisions depuis l’édition {before.edition.name or 'précédente'}",
        _lead(revision),
        paragraph(f"L’édition de comparaison a pour empreinte {before.fingerprint}."),
        *(_changes(revision, kind, names, stamped) for kind in _TABLES),
        *(_tally(revision, kind, names, stamped) for kind in ("new", "gone")),
        _others(revision),
        _verdicts(revision),
        _definitions(revision, names),
        section("regles", "Ce que ces mots veulent dire", *map(paragraph, _RULE)),
        _file(revision, size),
        log=log,
    )


def _document(above: Html, heading: str, lead: str, *parts: str, log: bool) -> str:
    """One of the two; log : whether the site has the page of corrections."""
    links = (
        '<a href="corrections.html">Journal des corrections : pourquoi un chiffre a changé</a> '
        if log
        else ""
    )
    links += '<a href="version.html">Version : de quoi cette édition est faite</a>'
    return document(
        PAGE,
        "Révisions",
        "Ce qui a changé depuis l’édition précédente : chiffres, verdicts, définitions.",
        above, heading, lead, (*parts, f'<p class="liens">{links}</p>'),
    )  # fmt: skip


def _lead(revision: Revision) -> str:
    n = revision.counts()
    first = bool(n["sampling"])
    said = [
        _many(n["sampling"], "valeur dépasse", "valeurs dépassent", "la marge d’erreur"),
        _many(n["printed"], "autre dépasse" if first else "valeur dépasse",
              "autres dépassent" if first else "valeurs dépassent", "l’arrondi"),
        _many(n["suppressed"], "valeur n’est plus publiée", "valeurs ne sont plus publiées"),
        _many(n["shown"], "valeur est de nouveau publiée", "valeurs sont de nouveau publiées"),
        _many(n["status"], "valeur change de statut", "valeurs changent de statut"),
        _many(n["new"], "valeur est nouvelle", "valeurs sont nouvelles"),
        _many(n["gone"], "valeur a disparu", "valeurs ont disparu"),
        _many(len(revision.verdicts), "verdict change", "verdicts changent"),
    ]  # fmt: skip
    known = listed([s for s in said if s])
    if not known:
        return "Aucune valeur n’a changé au-delà de l’arrondi."
    return f"{known[:1].upper()}{known[1:]}."


def _many(count: int, one: str, many: str, rest: str = "") -> str:
    """How many, of which there is one word for one and one for several; "" for none."""
    if not count:
        return ""
    article = "un" if one.startswith("verdict") else "une"
    said = f"{article} {one}" if count == 1 else f"{integer(count)} {many}"
    return f"{said} {rest}".rstrip()


def _changes(revision: Revision, kind: str, names: dict[str, str], stamped: str) -> str:
    """A table of the changes of one kind: whole populations first, then by survey and wave."""
    found = sorted(of_kind(revision.changes, kind), key=lambda c: (c.survey, c.key[3] != WHOLE))
    if not found:
        return ""
    cells = _statuses if kind == "status" else _values
    head = ("Indicateur", "Vague", "Avant", "Maintenant", "Intervalle avant")
    rows: list[Row] = []
    for survey, some in _by_survey(found[:SHOWN]):
        rows.append(Row(typeset(names.get(survey, survey)), heading=True))
        rows += [_row(revision, c, cells) for c in some]
    title = _HEADINGS[kind]
    caption = f"{title} ({_shown(len(found))}){stamped}"
    table = html_table(caption, head[:4] if kind == "status" else head, rows)
    return section(kind, f"{title} ({integer(len(found))})", table)


def _shown(count: int) -> str:
    return integer(count) if count <= SHOWN else f"{SHOWN} sur {integer(count)}"


def _by_survey(changes: Sequence[Change]) -> Iterator[tuple[str, list[Change]]]:
    for survey in dict.fromkeys(c.survey for c in changes):
        yield survey, [c for c in changes if c.survey == survey]


def _row(
    revision: Revision, change: Change, cells: Callable[[Change, str], tuple[str, ...]]
) -> Row:
    old, new = revision.figures[change.survey]
    indicator = change.key[1]
    unit = new.units.get(indicator) or old.units.get(indicator, "")
    return Row(_name(new if change.after else old, change), (change.key[0], *cells(change, unit)))


def _name(figures: Figures, change: Change) -> str:
    """Indicator, answer and group, as the release that has the cell calls them."""
    _, indicator, category, domain, group = change.key
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
        return ("publié", "non publié", "–")
    ends = (before.low, before.high)
    margin = f" à{NBSP}".join(_number(x) for x in ends if x is not None)
    return (_value(before, unit), _value(after, unit), margin or "–")


def _statuses(change: Change, unit: str) -> tuple[str, ...]:
    return tuple(STATUS.get(f.status, f.status).partition(" :")[0]
                 for f in (change.before, change.after) if f)  # fmt: skip


def _value(figure: Figure, unit: str) -> str:
    if figure.value is None:
        return "non publié"
    return f"{_number(figure.value)}{NBSP}{unit}".rstrip()


def _number(value: Decimal) -> str:
    rounded = printed(value)
    assert rounded is not None
    return number(float(rounded), 1)


def _tally(revision: Revision, kind: str, names: dict[str, str], stamped: str) -> str:
    """New or gone cells, counted by indicator and wave."""
    found = of_kind(revision.changes, kind)
    if not found:
        return ""
    count = Counter((c.survey, c.key[1], c.key[0]) for c in found)
    some = list(count.items())[:SHOWN]
    rows: list[Row] = []
    for survey in dict.fromkeys(s for (s, _, _), _ in some):
        rows.append(Row(typeset(names.get(survey, survey)), heading=True))
        figures = revision.figures[survey][kind == "new"]
        rows += [Row(typeset(figures.label("indicateur", i)), (wave, integer(n)))
                 for (s, i, wave), n in some if s == survey]  # fmt: skip
    title = _HEADINGS[kind]
    table = html_table(f"{title}, par indicateur et par vague ({_shown(len(count))}){stamped}",
                       ("Indicateur", "Vague", "Valeurs"), rows)  # fmt: skip
    return section(kind, f"{title} ({integer(len(found))})", table)


def _others(revision: Revision) -> str:
    counts = revision.counts()
    said = [
        _many(counts["margin"], "valeur garde", "valeurs gardent",
              "sa première décimale, mais change d’intervalle ou d’effectif"
              if counts["margin"] == 1
              else "leur première décimale, mais changent d’intervalle ou d’effectif"),
        _many(counts["digits"], "valeur ne change", "valeurs ne changent",
              "que dans les fichiers, par une décimale que les tableaux n’écrivent pas"),
    ]  # fmt: skip
    known = [f"{s[:1].upper()}{s[1:]}." for s in said if s]
    return section("autres", "Changements plus petits", *map(paragraph, known)) if known else ""


def _verdicts(revision: Revision) -> str:
    if not revision.verdicts:
        return ""
    known = {"": "–"} | LABELS
    rows = [Row(v.id, (known.get(v.before, v.before), known.get(v.after, v.after)))
            for v in revision.verdicts]  # fmt: skip
    table = html_table("Verdicts des chiffres cités", ("Affirmation", "Avant", "Maintenant"), rows)
    return section("verdicts", "Verdicts qui changent", table)


def _definitions(revision: Revision, names: dict[str, str]) -> str:
    """A line for each survey and kind of change, with its waves."""
    found: dict[tuple[str, str], list[str]] = {}
    for d in revision.definitions:
        what = "définition" if d.what == "definition" else (
            f"données : {origin_word(d.before)}, puis {origin_word(d.after)}")  # fmt: skip
        found.setdefault((d.survey, what), []).append(d.wave)
    if not found:
        return ""
    rows = [Row(typeset(names.get(s, s)), (typeset(what), _span(waves)))
            for (s, what), waves in found.items()]  # fmt: skip
    table = html_table("Définitions et origines qui changent", ("Enquête", "Ce qui change",
                       "Vagues"), rows)  # fmt: skip
    return section("definitions", "Définitions qui changent", table)


def _span(waves: Sequence[str]) -> str:
    """Waves by name, or the first, the last and how many."""
    if len(waves) <= _NAMED:
        return listed(waves)
    return f"{waves[0]} à {waves[-1]} ({integer(len(waves))} vagues)"


def _file(revision: Revision, size: int) -> str:
    if not revision.changes:
        return ""
    return (
        f'<p class="liens"><a href="donnees/{escape(FILE)}" download>Toutes les valeurs qui '
        f"changent (CSV, {file_size(size)})</a></p>"
    )
