"""What the codebook says, and how texts of raw files become HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from analysis.codebook import PROFILE, UNREAD, Change, Entry
from analysis.definition import Survey
from analysis.errors import printable
from analysis.language import SOURCE, Words, say, spoken
from analysis.wording import NBSP, NNBSP, colon, percent, quoted, typeset

KINDS = {
    "not_asked": Words("question non posée", "question not asked"),
    "not_applicable": Words("non concerné", "not applicable"),
    "dont_know": Words("ne sait pas", "does not know"),
    "refused": Words("refus", "refusal"),
    "nonresponse": Words("non-réponse", "no answer"),
    "blank": Words("case vide", "empty cell"),
    "nines": Words("nombre sans doute conventionnel", "number that is probably a code"),
}
NUMBERS = {
    "mean": Words("Moyenne", "Mean"),
    "p5": Words(f"5{NBSP}% sous", "5% below"),
    "p25": Words(f"25{NBSP}% sous", "25% below"),
    "p50": Words("Médiane", "Median"),
    "p75": Words(f"25{NBSP}% au-dessus", "25% above"),
    "p95": Words(f"5{NBSP}% au-dessus", "5% above"),
}
TYPES = {
    "categorical": Words("réponses en clair", "answers in words"),
    "numeric": Words("nombre", "number"),
    "unlisted": Words("textes trop divers pour être listés", "texts too diverse to be listed"),
    "identifier": Words("identifiant : jamais listé", "identifier: never listed"),
    "weight": Words("poids : jamais listé", "weight: never listed"),
    "design": Words("plan de sondage : jamais listé", "sampling design: never listed"),
    "wave": Words("vague", "wave"),
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


def original(value: str) -> str:
    """A text of a raw file or a questionnaire in a sentence, marked as French elsewhere."""
    return say(raw(value), f'<span lang="{SOURCE}">{raw(value)}</span>')


def label(survey: Survey, entry: Entry) -> str:
    """What a column is called, in the language of the survey; "" where no variable reads it."""
    known = survey.spec.variables.get(entry.variable)
    return known.label if known and spoken() != SOURCE else entry.label


def theme_label(survey: Survey, theme: str) -> str:
    """A theme of the survey, who answered, or what no variable reads."""
    known = {
        PROFILE: say("Qui a répondu", "Who answered"),
        UNREAD: say("Colonnes sans variable", "Columns without a variable"),
    }
    return known.get(theme) or survey.spec.themes[theme]


def waves_text(waves: Sequence[str], every: Sequence[str]) -> str:
    """Waves in runs: "2007 à 2014, 2020"."""
    runs: list[list[str]] = []
    for wave in waves:
        follows = runs and list(every).index(wave) == list(every).index(runs[-1][-1]) + 1
        runs = [*runs[:-1], [*runs[-1], wave]] if follows else [*runs, [wave]]
    to = say("à", "to")
    return ", ".join(f"{r[0]} {to} {r[-1]}" if len(r) > 2 else ", ".join(r) for r in runs)


def facts(survey: Survey, entry: Entry) -> str:
    """What the column is, who answers it, since when: sentences, as HTML."""
    every = tuple(survey.waves)
    waves = say("Vagues", "Waves")
    said = [f"{waves}{colon()} {waves_text(list(entry.waves), every)}."]
    if entry.variable:
        said.insert(0, f"Variable <code>{raw(entry.variable)}</code>.")
        said += _asked(survey, entry)
    guess = say(", deviné d’après les textes", ", guessed from the texts") if entry.guessed else ""
    if guess or entry.type != "categorical":
        content = say("Contenu", "Content")
        said.append(f"{content}{colon()} {text(str(TYPES[entry.type]))}{guess}.")
    ages = {w.youngest for w in entry.waves.values() if w.youngest is not None}
    if len(ages) == 1:
        age = f"{ages.pop():g}"
        said.append(
            say(f"Répondent à partir de {age}{NBSP}ans.", f"Answered from the age of {age}.")
        )
    return " ".join(said)


def _asked(survey: Survey, entry: Entry) -> list[str]:
    """The question as it was put, and who was asked, as declared."""
    v = survey.spec.variables.get(entry.variable)
    if v is None:
        return []
    question = quoted(say(text(v.question), f'<span lang="{SOURCE}">{text(v.question)}</span>'))
    said = [f"Question{colon()} {question}."] if v.question else []
    names = {survey.universe(entry.variable, w) or "all" for w in entry.waves}
    who = [survey.spec.populations[n].label for n in sorted(names) if n in survey.spec.populations]
    if who:
        said.append(
            say("Posée aux {}.", "Asked of {}.").format(text(say(" ou ", " or ").join(who)))
        )
    said += [f"{text(v.note)}"] if v.note else []
    return said


def change(c: Change) -> str:
    """A change since the wave before, as HTML."""
    before, now = quoted(original(c.other)), quoted(original(c.text))
    if c.kind == "answering":
        here, there = percent(float(c.text)), percent(float(c.other))
        said = say(
            f"part de réponses {here}, contre {there} avant",
            f"share of answers {here}, against {there} before",
        )
    elif c.kind == "youngest":
        here, there = raw(c.text), raw(c.other)
        said = say(
            f"répondent à partir de {here}{NBSP}ans, et non plus de {there}",
            f"answered from the age of {here}, no longer from {there}",
        )
    elif c.kind == "new":
        said = say(f"nouvelle réponse {now}", f"new answer {now}")
    elif c.kind == "gone":
        said = say(f"la réponse {before} disparaît", f"the answer {before} is gone")
    elif c.kind == "respelled":
        said = say(f"{before} devient {now}", f"{before} becomes {now}")
    else:
        said = say(
            f"tout le monde a {now}{NNBSP}: question sans doute non posée",
            f"everybody has {now}: the question was probably not asked",
        )
    return f"{c.wave}{colon()} {said}"
