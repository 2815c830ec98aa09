"""What the codebook says in French, and how texts of raw files become HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from analysis.codebook import PROFILE, UNREAD, Change, Entry
from analysis.definition import Survey
from analysis.errors import printable
from analysis.wording import NBSP, NNBSP, percent, typeset

KINDS = {
    "not_asked": "question non posée",
    "not_applicable": "non concerné",
    "dont_know": "ne sait pas",
    "refused": "refus",
    "nonresponse": "non-réponse",
    "blank": "case vide",
    "nines": "nombre sans doute conventionnel",
}
NUMBERS = {
    "mean": "Moyenne",
    "p5": f"5{NBSP}% sous",
    "p25": f"25{NBSP}% sous",
    "p50": "Médiane",
    "p75": f"25{NBSP}% au-dessus",
    "p95": f"5{NBSP}% au-dessus",
}
TYPES = {
    "categorical": "réponses en clair",
    "numeric": "nombre",
    "unlisted": "textes trop divers pour être listés",
    "identifier": "identifiant : jamais listé",
    "weight": "poids : jamais listé",
    "design": "plan de sondage : jamais listé",
    "wave": "vague",
}
# What the page checks, Quarto or Pandoc would take for markup; a raw file may hold anything.
_ENDS = re.compile(r"[ \t\r\n]+")
MARKUP = re.compile(r"\?(?=@|var:|meta:|env:)|\[(?=\^)|\{(?=\{|python)|:(?=::)")


def text(value: str) -> str:
    """A text of a definition, as HTML."""
    return raw(typeset(value))


def raw(value: str) -> str:
    """A text of a raw file as HTML: as it is there, invisible characters as escapes."""
    broken = MARKUP.sub(lambda m: m[0] + "\0", printable(_ENDS.sub(" ", value)))
    safe = escape(broken, quote=True).replace("{", "&#123;").replace("`", "&#96;")
    return safe.replace("\0", "<wbr>")


def theme_label(survey: Survey, theme: str) -> str:
    """A theme of the survey, who answered, or what no variable reads."""
    known = {PROFILE: "Qui a répondu", UNREAD: "Colonnes sans variable"}
    return known.get(theme) or survey.spec.themes[theme]


def waves_text(waves: Sequence[str], every: Sequence[str]) -> str:
    """Waves in runs: "2007 à 2014, 2020"."""
    runs: list[list[str]] = []
    for wave in waves:
        follows = runs and list(every).index(wave) == list(every).index(runs[-1][-1]) + 1
        runs = [*runs[:-1], [*runs[-1], wave]] if follows else [*runs, [wave]]
    return ", ".join(f"{r[0]} à {r[-1]}" if len(r) > 2 else ", ".join(r) for r in runs)


def facts(survey: Survey, entry: Entry) -> str:
    """What the column is, who answers it, since when: sentences, as HTML."""
    every = tuple(survey.waves)
    said = [f"Vagues{NNBSP}: {waves_text(list(entry.waves), every)}."]
    if entry.variable:
        said.insert(0, f"Variable <code>{raw(entry.variable)}</code>.")
        said += _asked(survey, entry)
    guess = ", deviné d’après les textes" if entry.guessed else ""
    if guess or entry.type != "categorical":
        said.append(f"Contenu{NNBSP}: {text(TYPES[entry.type])}{guess}.")
    ages = {w.youngest for w in entry.waves.values() if w.youngest is not None}
    if len(ages) == 1:
        said.append(f"Répondent à partir de {ages.pop():g}{NBSP}ans.")
    return " ".join(said)


def _asked(survey: Survey, entry: Entry) -> list[str]:
    """The question and who was asked, as declared."""
    v = survey.spec.variables.get(entry.variable)
    if v is None:
        return []
    said = [f"Question{NNBSP}: «{NBSP}{text(v.question)}{NBSP}»."] if v.question else []
    names = {survey.universe(entry.variable, w) or "all" for w in entry.waves}
    who = [survey.spec.populations[n].label for n in sorted(names) if n in survey.spec.populations]
    if who:
        said.append(f"Posée aux {text(' ou '.join(who))}.")
    said += [f"{text(v.note)}"] if v.note else []
    return said


def change(c: Change) -> str:
    """A change since the wave before, as HTML."""
    before, now = raw(c.other), raw(c.text)
    quoted = {"before": f"«{NBSP}{before}{NBSP}»", "now": f"«{NBSP}{now}{NBSP}»"}
    if c.kind == "answering":
        said = f"part de réponses {percent(float(c.text))}, contre {percent(float(c.other))} avant"
    elif c.kind == "youngest":
        said = f"répondent à partir de {now}{NBSP}ans, et non plus de {before}"
    elif c.kind == "new":
        said = f"nouvelle réponse {quoted['now']}"
    elif c.kind == "gone":
        said = f"la réponse {quoted['before']} disparaît"
    elif c.kind == "respelled":
        said = f"{quoted['before']} devient {quoted['now']}"
    else:
        said = f"tout le monde a {quoted['now']}{NNBSP}: question sans doute non posée"
    return f"{c.wave}{NNBSP}: {said}"
