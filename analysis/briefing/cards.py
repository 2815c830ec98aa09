"""One judged claim as HTML: the card with its verdict, its quote, what was found and how."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from analysis.briefing.pieces import text
from analysis.claims import Finding, Judged
from analysis.claims.words import day, label
from analysis.language import SOURCE, Words, say, spoken
from analysis.wording import NBSP, colon, quoted

# A sign beside the words of a verdict: colour is never alone.
SIGNS = {
    "confirmed": "✓", "confirmed_other_population": "✓", "compatible": "≈", "outdated": "↺",
    "contradicted": "✗", "arithmetic_right": "=", "arithmetic_wrong": "≠", "published_right": "✓",
    "published_other_population": "✓", "published_close": "≈", "published_wrong": "✗",
    "not_checkable": "?", "no_verdict": "–",
}  # fmt: skip
_INTERVAL = re.compile(r"€?[\d.,]*\d–€?[\d.,]*\d")
_TONES = {
    "confirmed": "oui", "confirmed_other_population": "mais", "compatible": "mais",
    "outdated": "mais", "contradicted": "non", "arithmetic_right": "oui", "arithmetic_wrong": "non",
    "published_right": "oui", "published_other_population": "mais", "published_close": "mais",
    "published_wrong": "non", "not_checkable": "sans", "no_verdict": "sans",
}  # fmt: skip


_STRENGTHS = {
    "forte": Words("forte", "strong"),
    "moyenne": Words("moyenne", "moderate"),
    "faible": Words("faible", "weak"),
    "aucune": Words("aucune", "none"),
}


def badge(verdict: str) -> str:
    """A verdict with its sign."""
    return f'<span aria-hidden="true">{SIGNS[verdict]}</span> {text(label(verdict))}'


def tone(verdict: str) -> str:
    """The class that colours a verdict."""
    return _TONES[verdict]


def quotation(c: Judged, said: Judged) -> str:
    """What was said, as it was said; on a page in another language with what it means.

    said : the same claim in French
    """
    french = say("", f' lang="{SOURCE}"')
    quote = f'<blockquote class="avis"{french}><p>{guillemets(text(said.quote))}</p></blockquote>'
    meant = say("", f"<p>In English: {text(quoted(c.quote))}</p>")
    return f"{quote}{meant}"


def guillemets(words: str) -> str:
    """Words that stay French, in the quotation marks of French."""
    return f"«{NBSP}{words}{NBSP}»"


def card(c: Judged, said: Judged) -> str:
    """One claim: verdict, quote, who said it; what was found, and how it was compared.

    said : the same claim in French, for its quote and its place
    """
    who = ", ".join(x for x in (c.speaker, c.function) if x)
    by = say("Contredit par", "Contradicted by")
    against = "".join(f' <a href="#{code}">{by} {code}</a>.' for code in c.against)
    note = f"<p>{text(c.note)}{against}</p>" if c.note or against else ""
    found = _found(c.main) + "".join(map(_other, c.findings[1:]))
    return (
        f'<article class="fiche {_TONES[c.verdict]}" id="{c.id}" data-verdict="{c.verdict}" '
        f'data-auteur="{escape(c.speaker)}" data-theme="{escape(c.theme)}"><div>'
        f'<h4><a href="#{c.id}">{c.id}</a> {badge(c.verdict)}</h4>'
        f"{quotation(c, said)}"
        f"<p><small>{text(who)}, {text(day(c.date))}</small></p></div>"
        f"<div>{found}{note}{_details(c, said)}"
        "</div></article>"
    )


def _found(f: Finding) -> str:
    """The finding that decides; of a sum, the others that were worth doing."""
    others = "".join(f"<p>{_kept(x)}</p>" for x in _sums(f))
    note = f"<p>{text(f.note)}</p>" if f.note else ""
    return f'<p class="constat">{_kept(f.sentence)}{_sourced(f)}</p>{others}{note}'


def phrase(c: Judged) -> str:
    """What was found, to be pasted: the verdict, the sentence with its source, the other sums."""
    others = "".join(f" {_kept(x)}" for x in _sums(c.main))
    return f"<b>{text(c.label)}.</b> {_kept(c.main.sentence)}{_sourced(c.main)}{others}"


def _sums(f: Finding) -> list[str]:
    """The other sums of an arithmetic check, in sentences."""
    looks = [x for x in f.looks if f.kind == "arithmetic"]
    return [f"{capital(x.why)}{colon()} {x.what}." for x in looks]


def _sourced(f: Finding) -> str:
    if not f.source:
        return ""
    return f" Source{colon()} {text(f.source if f.source.endswith('.') else f'{f.source}.')}"


def _kept(words: str) -> str:
    """Words as HTML; an interval is not cut at the end of a line."""
    return _INTERVAL.sub(r'<span class="ni">\g<0></span>', text(words))


def _other(f: Finding) -> str:
    """A further check: its verdict in words, then what it found."""
    return f"<p><b>{text(label(f.verdict))}.</b> {_kept(f.sentence)}{_sourced(f)}</p>"


def _details(c: Judged, said: Judged) -> str:
    """Where it was said, how the words were read, what else was tried, and every doubt."""
    f = c.main
    if f.kind == "quoted" or f.verdict == "no_verdict":
        return _folded(say("D’où vient la citation", "Where the quote is from"), [_cited(c, said)])
    lines = [f"{quoted(c.said)} {say('se lit', 'is read as')}{colon()} {c.band}."]
    if c.population:
        lines.append(f"{say('Population dite', 'Population named')}{colon()} {c.population}.")
    looks = (f"{x.what}, {x.outcome}{f' ({x.why})' if x.why else ''}"
             for x in f.looks if f.kind != "arithmetic")  # fmt: skip
    lines += [f"{say('Autre chiffre', 'Another figure')}{colon()} {x}." for x in looks]
    why = f" ({'; '.join(f.doubts)})" if f.doubts else ""
    lines.append(f"{say('Solidité', 'Strength')}{colon()} {_STRENGTHS[c.strength]}{why}.")
    how = say("Comment c’est comparé", "How it is compared")
    return _folded(how, [_cited(c, said), *map(text, lines)])


def _cited(c: Judged, said: Judged) -> str:
    """The document, and where in it the claim stands: the words of its heading, in French."""
    lead = f"{say('Cité dans', 'Cited in')}{colon()} {c.source}"
    if not c.place:
        return text(f"{lead}.")
    if spoken() == SOURCE:
        return text(f"{lead}, {quoted(c.place)}.")
    return f'{text(lead)}, <span lang="{SOURCE}">{guillemets(text(said.place))}</span>.'


def _folded(summary: str, lines: Sequence[str]) -> str:
    items = "".join(f"<li>{x}</li>" for x in lines)
    return f"<details><summary>{summary}</summary><ul>{items}</ul></details>"


def short(c: Judged) -> str:
    """What was found, on a line of a table."""
    others = "".join(f" {x.why}{colon()} {x.shown}." for x in c.main.looks if x.shown and x.why
                     and c.main.kind == "arithmetic")  # fmt: skip
    return f"{c.main.sentence}{_capital_after(others)}"


def _capital_after(words: str) -> str:
    return words[:1] + words[1:2].upper() + words[2:]


def capital(words: str) -> str:
    """The same words at the start of a sentence."""
    return words[:1].upper() + words[1:]
