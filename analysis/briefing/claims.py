"""The judged claims on a page: cards, tallies, contradictions, and figures for prose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

from analysis.briefing.pieces import Html, text
from analysis.claims import Finding, Judged, Judgement
from analysis.claims.output import NAME, csv_text, json_text, read_judgement
from analysis.claims.results import VERDICTS
from analysis.claims.words import LABELS, LABELS_EN, day
from analysis.errors import nearest, refuse
from analysis.language import say
from analysis.project import find_project
from analysis.tables import Row, donnees, html_table
from analysis.wording import DEMONSTRATION, NBSP, NNBSP, file_size, integer, listed

# A sign beside the words of a verdict: colour is never alone.
SIGNS = {
    "confirmed": "✓", "confirmed_other_population": "✓", "compatible": "≈", "outdated": "↺",
    "contradicted": "✗", "arithmetic_right": "=", "arithmetic_wrong": "≠", "published_right": "✓",
    "published_other_population": "✓", "published_close": "≈", "published_wrong": "✗",
    "not_checkable": "?", "no_verdict": "–",
}  # fmt: skip
_INTERVAL = re.compile(r"[\d,]+–[\d,]+")
_TONES = {
    "confirmed": "oui", "confirmed_other_population": "mais", "compatible": "mais",
    "outdated": "mais", "contradicted": "non", "arithmetic_right": "oui", "arithmetic_wrong": "non",
    "published_right": "oui", "published_other_population": "mais", "published_close": "mais",
    "published_wrong": "non", "not_checkable": "sans", "no_verdict": "sans",
}  # fmt: skip


@dataclass(frozen=True)
class Claims:
    """Every claim of the project, judged; every lookup refuses a code that there is not."""

    judged: Judgement

    @classmethod
    def of(cls, path: Path | None = None) -> Claims:
        """The claims as last judged, in the project around the working directory."""
        return cls(read_judgement(path or find_project().claims))

    @cached_property
    def _by_code(self) -> dict[str, Judged]:
        return {c.id: c for c in self.judged.claims}

    def one(self, code: str) -> Judged:
        """One claim."""
        if code not in self._by_code:
            raise refuse(f"claim {code}", "not in a register", nearest(code, self._by_code),
                         "correct the code")  # fmt: skip
        return self._by_code[code]

    def chosen(self, document: str = "") -> tuple[Judged, ...]:
        """The claims of one document, or all of them, in order."""
        found = [c for c in self.judged.claims if document in ("", c.document)]
        if not found:
            raise refuse(f"claims of {document}", "there are none",
                         nearest(document, {c.document for c in self.judged.claims}),
                         "correct the code of the source")  # fmt: skip
        return tuple(found)

    # ------------------------------------------------------------------------------- for prose
    def said(self, code: str) -> str:
        """The figure as it was said: "25 %"."""
        return self.one(code).said

    def found(self, code: str, check: int = 0, other: int | None = None) -> str:
        """The figure found: "25,5 %"; with ``other`` that of another figure tried.

        In a page of demonstration data, which give no verdict, "non publié".
        """
        claim = self.one(code)
        if claim.verdict == "no_verdict":
            return "(pas de verdict)"
        finding = claim.findings[check]
        shown = finding.shown if other is None else finding.looks[other].shown
        if not shown:
            raise refuse(f"claim {code}", "nothing was found to set beside it", "a figure",
                         "name another claim, or do without")  # fmt: skip
        return shown

    def sentence(self, code: str, check: int = 0) -> str:
        """What was found, in a sentence."""
        return self.one(code).findings[check].sentence

    def verdict(self, code: str) -> str:
        """The verdict in words, for the middle of a sentence."""
        label = self.one(code).label
        return label[:1].lower() + label[1:]

    def count(self, document: str = "", *verdicts: str) -> str:
        """How many claims, of one document and with some verdicts where they are named."""
        unknown = [v for v in verdicts if v not in VERDICTS]
        if unknown:
            raise refuse(f"verdict {unknown[0]}", "there is none", nearest(unknown[0], VERDICTS),
                         "correct the name")  # fmt: skip
        return integer(sum(not verdicts or c.verdict in verdicts for c in self.chosen(document)))

    def tallied(self, document: str, *parts: tuple[Sequence[str], str, str]) -> str:
        """How many claims have some verdicts, each with its verb: "5 tiennent, 1 est contredit".

        parts : verdicts, what is said of one claim, and of several
        """
        counts = ((int(self.count(document, *v)), one, many) for v, one, many in parts)
        return listed([f"{n} {many if n > 1 else one}" for n, one, many in counts if n])

    # ------------------------------------------------------------------------------ page pieces
    def banner(self) -> Html:
        """A notice where estimates rest on drawn data; empty on real data."""
        if not self.judged.demonstration:
            return Html("")
        return Html(
            f'<p class="demo" role="note"><strong>{text(DEMONSTRATION)}.</strong> '
            "Elles ne décrivent personne et ne doivent pas être citées : aucun verdict n’est rendu "
            "sur les affirmations qui en dépendent.</p>"
        )

    def opening(self, title: str, lead: str, *, kicker: str) -> Html:
        """The notice of demonstration data, then the title of the page and what it comes to."""
        return Html(
            f'{self.banner()}<p class="kicker">{text(kicker)}</p><h1>{text(title)}</h1>'
            f'<p class="chapo">{text(lead)}</p>'
        )

    def tally(self, document: str = "") -> Html:
        """How many claims have each verdict."""
        found = self.chosen(document)
        items = (
            f'<li class="{_TONES[v]}"><b>{integer(n)}</b> {_badge(v)}</li>'
            for v in VERDICTS
            if (n := sum(c.verdict == v for c in found))
        )
        return Html(f'<ul class="bilan">{"".join(items)}</ul>')

    def filters(self) -> Html:
        """Three choices that a script shows, and works; without it every card is there."""
        claims = self.judged.claims
        verdicts = [(v, LABELS[v]) for v in VERDICTS if any(c.verdict == v for c in claims)]
        speakers = sorted({c.speaker for c in claims})
        themes = list(dict.fromkeys(c.theme for c in claims))
        fields = (
            _choice("verdict", "Verdict", verdicts),
            _choice("auteur", "Auteur", [(s, s) for s in speakers]),
            _choice("theme", "Thème", [(t, t) for t in themes]),
        )
        return Html(
            '<div class="filtres" role="search" aria-label="Filtrer les affirmations" hidden>'
            f'{"".join(fields)}<p role="status"></p></div>'
        )

    def cards(self) -> Html:
        """Every claim by theme, the verdict first; each has an address of its own."""
        themes = dict.fromkeys(c.theme for c in self.judged.claims)
        sections = (
            f'<section class="groupe"><h3>{text(theme)}</h3>'
            f"{''.join(map(_card, self._of(theme)))}</section>"
            for theme in themes
        )
        return Html("\n".join(sections))

    def _of(self, theme: str) -> list[Judged]:
        """The claims of a theme, in order, those that nothing can be held against last."""
        found = [c for c in self.judged.claims if c.theme == theme]
        return sorted(found, key=lambda c: c.verdict == "not_checkable")

    def contradictions(self) -> Html:
        """Figures that exclude each other, side by side."""
        items = (
            f"<li><p><strong>{text(_capital(c.about))}.</strong></p><ul>"
            + "".join(f"<li>{text(s)}</li>" for s in c.said)
            + f"</ul><p>{text(c.explanation)}</p></li>"
            for c in self.judged.conflicts
        )
        return Html(f'<ul class="conflits">{"".join(items)}</ul>')

    def quote(self, code: str) -> Html:
        """A claim and its verdict, for a page about something else."""
        c = self.one(code)
        french = say("", ' lang="fr"')  # what was said stays as it was said
        verdict = text(say(c.label, LABELS_EN[c.verdict]))
        link = say(
            f'<a href="chiffres.html#{c.id}">{verdict}</a>',
            f'<a href="../chiffres.html#{c.id}" hreflang="fr">{verdict}</a> (in French)',
        )
        return Html(
            f'<blockquote class="avis"{french}><p>«{NBSP}{text(c.quote)}{NBSP}»</p></blockquote>'
            f'<p class="verdict">{link}</p>'
        )

    def table(self, caption: str, document: str = "") -> Html:
        """A line for each claim: what was said, the verdict, what was found."""
        rows = [
            Row(
                f"{c.id}, «{NBSP}{c.quote}{NBSP}»",
                (f"{SIGNS[c.verdict]}{NBSP}{c.label}", _short(c)),
            )
            for c in self.chosen(document)
        ]
        head = ("Affirmation", "Verdict", "Ce que l’on trouve")
        stamp = f"{NBSP}– données de démonstration" if self.judged.demonstration else ""
        made = html_table(caption + stamp, head, rows)
        return Html(made.replace("<table>", '<table class="texte verdicts">'))

    def phrases(self, codes: Sequence[str]) -> Html:
        """Sentences to paste, each with its source."""
        items = (
            f"<li><b>{text(c.label)}.</b> {_kept(c.main.sentence)}{_sourced(c.main)}"
            f"{''.join(f' {_kept(x)}' for x in _sums(c.main))}</li>"
            for c in map(self.one, codes)
        )
        return Html(f"<ul>{''.join(items)}</ul>")

    def downloads(self) -> Html:
        """Links to the files, with their sizes."""
        sizes = {"csv": len(csv_text(self.judged).encode("utf-8-sig")),
                 "json": len(json_text(self.judged).encode())}  # fmt: skip
        words = {
            "csv": say("Toutes les affirmations jugées", "All judged claims"),
            "json": say("Les mêmes, pour les programmes", "The same, for programs"),
        }
        of = {k: f"{k.upper()}{say('', ' in French')}, {file_size(n)}" for k, n in sizes.items()}
        links = (
            f'<a href="{donnees()}{NAME}.{k}" download>{words[k]} ({of[k]})</a>' for k in sizes
        )
        return Html(f'<p class="liens">{" ".join(links)}</p>')

    def sources(self, documents: Sequence[str] = ()) -> Html:
        """The cited documents, all or some of them."""
        kept = [s for s in self.judged.sources if not documents or s["code"] in documents]
        return Html(f"<ul>{''.join(f'<li>{_source(s)}</li>' for s in kept)}</ul>")


def _badge(verdict: str) -> str:
    return f'<span aria-hidden="true">{SIGNS[verdict]}</span> {text(LABELS[verdict])}'


def _choice(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    made = "".join(f'<option value="{escape(v)}">{text(t)}</option>' for v, t in options)
    return (
        f'<label>{text(label)} <select name="{name}"><option value="">Tous</option>{made}'
        "</select></label>"
    )


def _card(c: Judged) -> str:
    """One claim: verdict, quote, who said it; what was found, and how it was compared."""
    who = ", ".join(x for x in (c.speaker, c.function) if x)
    against = "".join(f' <a href="#{code}">Contredit par {code}</a>.' for code in c.against)
    note = f"<p>{text(c.note)}{against}</p>" if c.note or against else ""
    return (
        f'<article class="fiche {_TONES[c.verdict]}" id="{c.id}" data-verdict="{c.verdict}" '
        f'data-auteur="{escape(c.speaker)}" data-theme="{escape(c.theme)}"><div>'
        f'<h4><a href="#{c.id}">{c.id}</a> {_badge(c.verdict)}</h4>'
        f'<blockquote class="avis"><p>«{NBSP}{text(c.quote)}{NBSP}»</p></blockquote>'
        f"<p><small>{text(who)}, {text(day(c.date))}</small></p></div>"
        f"<div>{_found(c.main)}{''.join(_other(f) for f in c.findings[1:])}{note}{_details(c)}"
        "</div></article>"
    )


def _found(f: Finding) -> str:
    """The finding that decides; of a sum, the others that were worth doing."""
    others = "".join(f"<p>{_kept(x)}</p>" for x in _sums(f))
    note = f"<p>{text(f.note)}</p>" if f.note else ""
    return f'<p class="constat">{_kept(f.sentence)}{_sourced(f)}</p>{others}{note}'


def _sums(f: Finding) -> list[str]:
    """The other sums of an arithmetic check, in sentences."""
    looks = [x for x in f.looks if f.kind == "arithmetic"]
    return [f"{_capital(x.why)}{NNBSP}: {x.what}." for x in looks]


def _sourced(f: Finding) -> str:
    if not f.source:
        return ""
    return f" Source{NNBSP}: {text(f.source if f.source.endswith('.') else f'{f.source}.')}"


def _kept(words: str) -> str:
    """Words as HTML; an interval is not cut at the end of a line."""
    return _INTERVAL.sub(r'<span class="ni">\g<0></span>', text(words))


def _other(f: Finding) -> str:
    """A further check: its verdict in words, then what it found."""
    return f"<p><b>{text(LABELS[f.verdict])}.</b> {_kept(f.sentence)}{_sourced(f)}</p>"


def _details(c: Judged) -> str:
    """Where it was said, how the words were read, what else was tried, and every doubt."""
    f = c.main
    place = f", «{NBSP}{c.place}{NBSP}»" if c.place else ""
    lines = [f"Cité dans{NNBSP}: {c.source}{place}."]
    if f.kind == "quoted" or f.verdict == "no_verdict":
        return _folded("D’où vient la citation", lines)
    lines.append(f"«{NBSP}{c.said}{NBSP}» se lit{NNBSP}: {c.band}.")
    if c.population:
        lines.append(f"Population dite{NNBSP}: {c.population}.")
    looks = (f"{x.what}, {x.outcome}{f' ({x.why})' if x.why else ''}"
             for x in f.looks if f.kind != "arithmetic")  # fmt: skip
    lines += [f"Autre chiffre{NNBSP}: {x}." for x in looks]
    why = f" ({'; '.join(f.doubts)})" if f.doubts else ""
    lines.append(f"Solidité{NNBSP}: {c.strength}{why}.")
    return _folded("Comment c’est comparé", lines)


def _folded(summary: str, lines: Sequence[str]) -> str:
    items = "".join(f"<li>{text(x)}</li>" for x in lines)
    return f"<details><summary>{summary}</summary><ul>{items}</ul></details>"


def _short(c: Judged) -> str:
    """What was found, on a line of a table."""
    others = "".join(f" {x.why}{NNBSP}: {x.shown}." for x in c.main.looks if x.shown and x.why
                     and c.main.kind == "arithmetic")  # fmt: skip
    return f"{c.main.sentence}{_capital_after(others)}"


def _capital_after(words: str) -> str:
    return words[:1] + words[1:2].upper() + words[2:]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _source(s: dict[str, str]) -> str:
    title = text(s["title"])
    linked = f'<a href="{escape(s["url"])}">{title}</a>' if s["url"] else title
    more = ", ".join(text(x) for x in (s["date"],) if x)
    note = f" {text(s['note'])}" if s["note"] else ""
    return f"{linked}{f', {more}' if more else ''}.{note}"
