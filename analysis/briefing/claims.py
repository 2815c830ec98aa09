"""The judged claims on a page: cards, tallies, contradictions, and figures for prose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

from analysis.briefing.cards import (
    SIGNS,
    badge,
    capital,
    card,
    guillemets,
    phrase,
    quotation,
    short,
    tone,
)
from analysis.briefing.pieces import Html, text
from analysis.claims import Judged, Judgement, judge_files
from analysis.claims.output import NAME, csv_text, json_text, read_judgement
from analysis.claims.results import VERDICTS
from analysis.claims.words import label as verdict_label
from analysis.errors import nearest, refuse
from analysis.language import SOURCE, say, spoken
from analysis.project import Project, find_project
from analysis.tables import Row, donnees, html_table
from analysis.wording import DEMONSTRATION, NBSP, file_size, integer, listed, quoted

_CARDS = "chiffres.html"
_HREFLANG = f' hreflang="{SOURCE}"'  # of a link to a page that is not in the language


@dataclass(frozen=True)
class Claims:
    """Every claim of the project, judged; every lookup refuses a code that there is not.

    judged : told in the language of the page ; published : the same in French, as the files for
    download have it, where the page is in another language
    cards_at : the address of the page of cards
    """

    judged: Judgement
    published: Judgement | None = None
    cards_at: str = _CARDS

    @classmethod
    def of(cls, path: Path | None = None) -> Claims:
        """The claims as last judged, in the project around the working directory.

        Raises :class:`BaroError` where they have not been judged, or have no translation.
        """
        project = find_project()
        published = read_judgement(path or project.claims)
        if spoken() == SOURCE:
            return cls(published)
        told = judge_files(project, language=spoken())
        _same_verdicts(told, published)
        return cls(told, published, _cards_at(project))

    @cached_property
    def _said(self) -> dict[str, Judged]:
        """The claims in French, as they were said."""
        return {c.id: c for c in (self.published or self.judged).claims}

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
            return say("(pas de verdict)", "(no verdict)")
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
            f'<p class="demo" role="note"><strong>{text(str(DEMONSTRATION))}.</strong> '
            + say(
                "Elles ne décrivent personne et ne doivent pas être citées : aucun verdict n’est "
                "rendu sur les affirmations qui en dépendent.</p>",
                "They describe nobody and must not be quoted: no verdict is given on the claims "
                "that rest on them.</p>",
            )
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
            f'<li class="{tone(v)}"><b>{integer(n)}</b> {badge(v)}</li>'
            for v in VERDICTS
            if (n := sum(c.verdict == v for c in found))
        )
        return Html(f'<ul class="bilan">{"".join(items)}</ul>')

    def filters(self) -> Html:
        """Three choices that a script shows, and works; without it every card is there."""
        claims = self.judged.claims
        verdicts = [(v, verdict_label(v)) for v in VERDICTS if any(c.verdict == v for c in claims)]
        speakers = sorted({c.speaker for c in claims})
        themes = list(dict.fromkeys(c.theme for c in claims))
        fields = (
            _choice("verdict", "Verdict", verdicts),
            _choice("auteur", say("Auteur", "Speaker"), [(s, s) for s in speakers]),
            _choice("theme", say("Thème", "Theme"), [(t, t) for t in themes]),
        )
        name = say("Filtrer les affirmations", "Filter the claims")
        return Html(
            f'<div class="filtres" role="search" aria-label="{name}" hidden>'
            f'{"".join(fields)}<p role="status"></p></div>'
        )

    def cards(self) -> Html:
        """Every claim by theme, the verdict first; each has an address of its own."""
        themes = dict.fromkeys(c.theme for c in self.judged.claims)
        sections = (
            f'<section class="groupe"><h3>{text(theme)}</h3>'
            f"{''.join(card(c, self._said[c.id]) for c in self._of(theme))}</section>"
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
            f"<li><p><strong>{text(capital(c.about))}.</strong></p><ul>"
            + "".join(f"<li>{text(s)}</li>" for s in c.said)
            + f"</ul><p>{text(c.explanation)}</p></li>"
            for c in self.judged.conflicts
        )
        return Html(f'<ul class="conflits">{"".join(items)}</ul>')

    def quote(self, code: str) -> Html:
        """A claim and its verdict, for a page about something else."""
        c = self.one(code)
        abroad = self.cards_at != _CARDS
        link = (
            f'<a href="{self.cards_at}#{c.id}"{_HREFLANG * abroad}>{text(c.label)}</a>'
            f"{say('', ' (in French)') * abroad}"
        )
        return Html(f'{quotation(c, self._said[code])}<p class="verdict">{link}</p>')

    def table(self, caption: str, document: str = "") -> Html:
        """A line for each claim: what was said, the verdict, what was found."""
        rows = [
            Row(
                f"{c.id}, {quoted(c.quote)}",
                (f"{SIGNS[c.verdict]}{NBSP}{c.label}", short(c)),
                original=say("", guillemets(self._said[c.id].quote)),
            )
            for c in self.chosen(document)
        ]
        found = say("Ce que l’on trouve", "What is found")
        head = (say("Affirmation", "Claim"), "Verdict", found)
        drawn = say("données de démonstration", "demonstration data")
        stamp = f"{NBSP}– {drawn}" if self.judged.demonstration else ""
        made = html_table(caption + stamp, head, rows)
        return Html(made.replace("<table>", '<table class="texte verdicts">'))

    def phrases(self, codes: Sequence[str]) -> Html:
        """Sentences to paste, each with its source."""
        items = "".join(f"<li>{phrase(self.one(code))}</li>" for code in codes)
        return Html(f"<ul>{items}</ul>")

    def downloads(self) -> Html:
        """Links to the files, with their sizes."""
        filed = self.published or self.judged
        sizes = {"csv": len(csv_text(filed).encode("utf-8-sig")),
                 "json": len(json_text(filed).encode())}  # fmt: skip
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
        """The cited documents, all or some of them, by the titles that they are found by."""
        pairs = zip(self.judged.sources, (self.published or self.judged).sources, strict=True)
        kept = [(s, f) for s, f in pairs if not documents or s["code"] in documents]
        return Html(f"<ul>{''.join(f'<li>{_source(s, f)}</li>' for s, f in kept)}</ul>")


def _cards_at(project: Project) -> str:
    """Where the page of cards is, from a page in another language: in it, or in French."""
    there = project.page_catalogue(_CARDS.removesuffix(".html"), spoken()).is_file()
    return _CARDS if there else f"../{_CARDS}"


def _same_verdicts(told: Judgement, published: Judgement) -> None:
    """Raises :class:`BaroError` where estimates or registers changed since claims were judged."""
    one, other = ([(c.id, c.verdict) for c in j.claims] for j in (told, published))
    if one != other:
        raise refuse("claims", "were judged before what they rest on changed",
                     "the same verdicts in every language", "run: baro build")  # fmt: skip


def _choice(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    made = "".join(f'<option value="{escape(v)}">{text(t)}</option>' for v, t in options)
    every = say("Tous", "All")
    return (
        f'<label>{text(label)} <select name="{name}"><option value="">{every}</option>{made}'
        "</select></label>"
    )


def _source(s: dict[str, str], french: dict[str, str]) -> str:
    title = say(text(s["title"]), f'<span lang="{SOURCE}">{text(french["title"])}</span>')
    linked = f'<a href="{escape(s["url"])}">{title}</a>' if s["url"] else title
    more = f", {text(s['date'])}" if s["date"] else ""
    note = f" {text(s['note'])}" if s["note"] else ""
    return f"{linked}{more}.{note}"
