"""One column as a section of a page: facts, table of its waves, drift."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256

from analysis.codebook import Answer, Entry, WaveEntry
from analysis.definition import Survey
from analysis.dictionary.words import KINDS, NUMBERS, change, facts, label, raw, text
from analysis.language import SOURCE, Words, say, spoken
from analysis.tables import respondents
from analysis.wording import NBSP, colon, integer, number, percent

FEW = Words("moins de 5", "fewer than 5")
_HIDDEN = "–"
_FILE = Words("", f' lang="{SOURCE}"')  # of what stands in the file, on a page that is not French
_FRAGILE = f"{NBSP}*"  # what it means stands above the columns
Cell = tuple[str, str, str]  # value, interval, respondents, as HTML
NOTHING: Cell = ("", "", "")
_SIGNS = re.compile(r"[^A-Za-z0-9]+")


def slug(name: str) -> str:
    """An id of a page; where signs are lost, a digest of the name tells it from others."""
    plain = _SIGNS.sub("-", name).strip("-")[:40]
    lost = "" if plain == name else f"-{sha256(name.encode()).hexdigest()[:6]}"
    return f"c-{plain}{lost}"


def section(survey: Survey, entry: Entry, stamp: str) -> str:
    """The section of a column; technical ones have no table."""
    named = label(survey, entry)
    small = f" <small>{text(named)}</small>" if named else ""
    drift = "".join(f"<li>{change(c)}</li>" for c in entry.changes)
    table = "" if entry.technical else _table(survey, entry, stamp)
    return (
        f'<section class="var" id="{slug(entry.column)}"><h2>{raw(entry.column)}{small}</h2>'
        f'<p class="faits">{facts(survey, entry)}</p>{table}'
        + (f'<ul class="derive">{drift}</ul>' if drift else "")
        + "</section>"
    )


def _table(survey: Survey, entry: Entry, stamp: str) -> str:
    """Answers in lines, waves in columns, the latest first."""
    waves = list(reversed(entry.waves.values()))
    name = raw(entry.column)
    numeric = entry.type == "numeric"
    shares = say(f"parts en{NBSP}%", "shares in %")
    measure = say("moyenne et quantiles", "mean and quantiles") if numeric else shares
    caption = f"{name}{colon()} {measure}{stamp}"
    heads = [w.wave for w in waves]
    if len(waves) == 1:
        share = f"{waves[0].wave}{colon()} {say('part', 'share')}"
        interval = say(f"Intervalle à 95{NBSP}%", "95% interval")
        heads = [say("Valeur", "Value") if numeric else share, interval, respondents()]
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    lines = "".join(_lines(survey, entry, waves, alone=len(waves) == 1))
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{name}"><table>'
        f'<caption>{caption}</caption><thead><tr><th scope="col">{say("Réponse", "Answer")}</th>'
        f"{head}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _lines(survey: Survey, entry: Entry, waves: list[WaveEntry], *, alone: bool) -> Iterator[str]:
    """Rows; of a column of one wave, value, interval and respondents stand side by side."""
    ages = len({w.youngest for w in waves}) > 1
    meant = _meant(survey, entry)
    for name in [*entry.texts, *([""] if any(_answer(w, "") for w in waves) else [])]:
        cells = [_share(_answer(w, name)) for w in waves]
        if name:
            yield _line(raw(name) + meant.get(name, ""), cells, alone=alone, lang=_FILE)
        else:
            yield _line(say("Réponses rares", "Rare answers"), cells, alone=alone)
    for kind, words in NUMBERS.items():
        if any(kind in w.numbers for w in waves):
            yield _line(str(words), [_number(w, kind) for w in waves], alone=alone)
    answered = say("Ont répondu", "Answered")
    yield _line(f"<b>{answered}</b>", [_answering(w, ages=ages) for w in waves], alone=alone)
    for kind, name in dict.fromkeys((m.kind, m.text) for w in waves for m in w.missing):
        known = [{(m.kind, m.text): m.n for m in w.missing} for w in waves]
        counts = [("", "", _count(k[kind, name])) if (kind, name) in k else NOTHING for k in known]
        said = f" <small{_FILE}>{raw(name)}</small>" if name else ""
        yield _line(f"<i>{text(str(KINDS[kind]))}</i>{said}", counts, alone=alone)


def _meant(survey: Survey, entry: Entry) -> dict[str, str]:
    """Text of the file -> what the survey calls that answer in another language, as HTML."""
    variable = survey.spec.variables.get(entry.variable)
    if variable is None or spoken() == SOURCE:
        return {}
    answers = (a for w in entry.waves.values() for a in w.answers if a.code in variable.categories)
    labels = {a.text: variable.categories[a.code].label for a in answers}
    return {
        name: f' <small lang="{spoken()}">{text(words)}</small>'
        for name, words in labels.items()
        if words.casefold() != name.casefold()
    }


def _line(head: str, cells: list[Cell], *, alone: bool, lang: Words | str = "") -> str:
    if alone:
        written = "".join(f"<td>{part}" for part in cells[0])
    else:
        written = "".join(f"<td>{_stacked(cell)}" for cell in cells)
    return f'<tr><th scope="row"{lang}>{head}</th>{written}</tr>'


def _stacked(cell: Cell) -> str:
    """The first that there is, and the others small below it."""
    first, *others = [part for part in cell if part] or [""]
    return first + "".join(f"<small>{o}</small>" for o in others)


def _answer(wave: WaveEntry, name: str) -> Answer | None:
    return next((a for a in wave.answers if a.text == name), None)


def _share(answer: Answer | None) -> Cell:
    if answer is None:
        return NOTHING
    if answer.n is None:
        return _HIDDEN, "", ""
    if answer.value is None:
        return _HIDDEN, "", integer(answer.n)
    span = ""
    if answer.low is not None and answer.high is not None:
        span = "–".join(percent(x, 1, sign=False) for x in (answer.low, answer.high))
    mark = _FRAGILE if answer.status == "U" else ""
    return percent(answer.value, 1, sign=False) + mark, span, integer(answer.n)


def _number(wave: WaveEntry, kind: str) -> Cell:
    value, low, high = wave.numbers.get(kind, (None, None, None))
    if value is None:
        return (_HIDDEN, "", "") if kind in wave.numbers else NOTHING
    if low is None or high is None:
        return number(value, 0 if value == int(value) else 1), "", ""
    mark = _FRAGILE if kind in wave.unreliable else ""
    return number(value, 1) + mark, f"{number(low, 1)}–{number(high, 1)}", ""


def _answering(wave: WaveEntry, *, ages: bool) -> Cell:
    """Share of the respondents, age where it differs between waves, number."""
    if wave.n is None:
        return "", "", str(FEW)
    share = percent(wave.n / wave.respondents)
    age = ""
    if ages and wave.youngest is not None:
        age = say(f"{wave.youngest:g}{NBSP}ans +", f"aged {wave.youngest:g}+")
    return share, age, integer(wave.n)


def _count(n: int | None) -> str:
    return _HIDDEN if n is None else integer(n)
