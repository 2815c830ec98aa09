"""Registers in, verdicts out: every check of every claim, and which of them decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite

from analysis.claims.arithmetic import arithmetic_finding
from analysis.claims.evidence import (
    Found,
    NoEvidenceError,
    Sheet,
    earlier_waves,
    find,
    resolved,
)
from analysis.claims.formula import parse_formula
from analysis.claims.models import Cell, Check, Claim, EstimateCheck
from analysis.claims.published import published_finding, quoted_finding
from analysis.claims.register import Register
from analysis.claims.results import Conflict, Finding, Judged, Judgement, Look
from analysis.claims.rules import Trial, outcome, strength, verdict
from analysis.claims.stated import Stated, last_of
from analysis.claims.units import unit
from analysis.claims.words import OUTCOMES, about, day, exact, in_unit, label, sentence
from analysis.language import Words, say
from analysis.wording import colon, semicolon, source, typeset

_SAMPLINGS = {
    "quota": Words(
        "échantillon par quotas : intervalle indicatif", "quota sample: indicative interval"
    ),
    "voluntary": Words(
        "participation volontaire : intervalle indicatif",
        "voluntary participation: indicative interval",
    ),
}
_FEW, _WIDE = 500, 0.10  # respondents; half width of the interval over the estimate


def judge(registers: Iterable[Register], sheets: Mapping[str, Sheet]) -> Judgement:
    """The verdict on every claim.

    sheets : survey -> its definition and table, for each survey that a check reads
    """
    listed = list(registers)
    claims = [judge_claim(r, name, sheets) for r in listed for name in r.spec.claims]
    return Judgement(
        tuple(claims),
        tuple(c for r in listed for c in _conflicts(r)),
        tuple(
            {"register": r.spec.name, "code": code, "title": s.title, "date": s.date,
             "url": s.url, "note": s.note}
            for r in listed for code, s in r.spec.sources.items()
        ),
        any(s.demonstration for s in sheets.values()),
    )  # fmt: skip


def judge_claim(register: Register, name: str, sheets: Mapping[str, Sheet]) -> Judged:
    """One claim: each of its checks, the one that decides first."""
    spec, claim = register.spec, register.spec.claims[name]
    found = [_finding(register, name, claim, c, sheets) for c in claim.checks]
    decides = next((f for f in found if f.verdict != "not_checkable"), found[0])
    findings = (decides, *(f for f in found if f is not decides))
    speaker = spec.speakers[claim.speaker]
    document = spec.sources[claim.source or spec.occasion.source]
    said = {k: s for (n, k), s in register.stated.items() if n == name}
    return Judged(
        id=name, register=spec.name, quote=register.say(claim.quote), speaker=speaker.name,
        function=typeset(speaker.function), theme=typeset(spec.themes[claim.theme]),
        place=typeset(claim.place), occasion=typeset(spec.occasion.name),
        date=spec.occasion.date, source=typeset(document.title),
        document=claim.source or spec.occasion.source,
        said=f"{semicolon()} ".join(register.say(t) for t in claim.figures.values()),
        band=f"{semicolon()} ".join(band(s) for s in said.values()),
        population=typeset(spec.populations[claim.population].label) if claim.population else "",
        period=typeset(claim.period), named_source=typeset(claim.named_source),
        verdict=decides.verdict, label=label(decides.verdict), strength=decides.strength,
        findings=findings, against=_against(register, name), note=typeset(claim.note),
    )  # fmt: skip


def _finding(
    register: Register, name: str, claim: Claim, check: Check, sheets: Mapping[str, Sheet]
) -> Finding:
    """What one check finds."""
    if check.estimate:
        said = register.stated[name, check.estimate.figure]
        return _estimate(register, claim, check.estimate, said, sheets[check.estimate.survey])
    if check.arithmetic:
        return arithmetic_finding(register, name, check.arithmetic)
    if check.published:
        said = register.stated[name, check.published.figure]
        return published_finding(register, check.published, said, claim.unit)
    assert check.quoted is not None  # load: exactly one key
    return quoted_finding(check.quoted.text)


def band(said: Stated) -> str:
    """What a stated figure commits to: "de 24,5 % à 25,5 %", "plus de 60 %"."""
    if said.relation == "rank":
        return say("cette place et aucune autre", "this place and no other")
    low, high = in_unit(said.low, said.unit, 2), in_unit(said.high, said.unit, 2)
    if said.high == float("inf"):
        least = say("plus de", "more than") if said.open_low else say("au moins", "at least")
        return f"{least} {low}"
    if said.low == float("-inf"):
        most = say("moins de", "less than") if said.open_high else say("au plus", "at most")
        return f"{most} {high}"
    return low if said.low == said.high else say(f"de {low} à {high}", f"from {low} to {high}")


# ------------------------------------------------------------------------------------- estimates
def _estimate(
    register: Register, claim: Claim, check: EstimateCheck, said: Stated, sheet: Sheet
) -> Finding:
    if sheet.demonstration:
        return Finding("estimate", "no_verdict", label("no_verdict"))
    tried = list(_tried(register, claim, check, said, sheet))
    chosen, place = verdict([t for _, t, _ in tried])
    found, _, why = tried[place]
    looks = tuple(_look(sheet, k, tried[k], said) for k in range(len(tried)) if k != place)
    if found is None:
        nothing = say("Pas de comparaison", "No comparison")
        return Finding("estimate", "not_checkable", f"{nothing}{colon()} {why}.",
                       looks=looks, note=typeset(check.note))  # fmt: skip
    doubts = tuple(_doubts(sheet, found, place, len(tried)))
    wave, e = found.check.wave, found.evidence
    return Finding(
        "estimate", chosen, sentence(sheet.told, found, said),
        source(sheet.told, (wave,), ("observed",)).partition(f"{colon()} ")[2],
        about(sheet.told, found), wave, exact(e.value, said.unit), e.value, _finite(e.low),
        _finite(e.high), found.n, strength(doubts), looks, doubts, typeset(check.note),
    )  # fmt: skip


def _finite(x: float) -> float | None:
    return x if isfinite(x) else None


Tried = tuple[Found | None, Trial, str]


def _tried(
    register: Register, claim: Claim, check: EstimateCheck, said: Stated, sheet: Sheet
) -> Iterator[Tried]:
    """The figure asked for, its alternatives, and where it is contradicted the earlier waves.

    Every figure after the first is a further look, and held to 5 % / (number of looks).
    """
    check = _dated(claim, check, sheet)
    first = resolved(check, Cell(), sheet.survey)
    cells = [(resolved(check, c, sheet.survey), c.why) for c in check.alternatives]
    looks = 1 + len(cells)
    one = _try(register, claim, first, said, sheet, "", 1, first.wave)
    yield one
    for other, why in cells:
        yield _try(register, claim, other, said, sheet, why, looks, first.wave)
    if one[1].outcome != "contradicted" or check.wave or check.quantity.endswith("change"):
        return
    named = {c.wave for c, _ in cells if c.indicator == first.indicator}
    waves = [w for w in earlier_waves(first, sheet.survey) if w not in named]
    for wave in waves:
        earlier = first.model_copy(update={"wave": wave})
        why = say("vague antérieure comparable", "an earlier wave that can be compared")
        tried = _try(register, claim, earlier, said, sheet, why, looks + len(waves), first.wave)
        if tried[0] is not None:
            yield tried


def _dated(claim: Claim, check: EstimateCheck, sheet: Sheet) -> EstimateCheck:
    """The check on the wave that the claim itself names as its period, where it does."""
    if check.wave or claim.period not in sheet.survey.waves_of(check.indicator):
        return check
    return check.model_copy(update={"wave": claim.period})


def _try(
    register: Register, claim: Claim, check: EstimateCheck, said: Stated, sheet: Sheet, why: str,
    looks: int, latest: str,
) -> Tried:  # fmt: skip
    earlier = check.wave < latest
    try:
        found = find(sheet, check, _factor(register, check, sheet))
    except NoEvidenceError as e:
        return None, Trial(None, earlier=earlier), str(e)
    same = _same_population(register, claim, found, sheet)
    meant = last_of(said, 1 + len(found.rest))
    return found, Trial(outcome(meant, found.evidence, looks), same, earlier), why


def _factor(register: Register, check: EstimateCheck, sheet: Sheet) -> float:
    """What turns the estimate into base units: the unit of a mean, and ``times``."""
    own = 1.0
    if not sheet.survey.percent(check.indicator) and check.quantity in ("level", "change",
                                                                        "difference"):  # fmt: skip
        own = unit(sheet.survey.unit(check.indicator)).scale
    if not check.times:
        return own
    return own * parse_formula(check.times).evaluate(register.quantities).left.value


def _same_population(register: Register, claim: Claim, found: Found, sheet: Sheet) -> bool:
    """Whether the figure is about the survey's population that comes closest to the claim's."""
    group = register.spec.populations.get(claim.population)
    named = group.surveys.get(sheet.survey.id, "") if group else ""
    declared = sheet.survey.spec.indicators[found.check.indicator].population
    return not named or sheet.survey.at(declared, found.check.wave) == named


def _doubts(sheet: Sheet, found: Found, place: int, tried: int) -> Iterator[str]:
    """Why the evidence is not stronger, in words."""
    sampling = sheet.survey.spec.design.sampling
    if sampling in _SAMPLINGS:
        yield typeset(str(_SAMPLINGS[sampling]))
    if found.fragile:
        yield say("chiffre peu fiable", "figure of low reliability")
    e = found.evidence
    width = e.high - e.low
    if width > (0 if found.check.quantity == "rank" else 2 * _WIDE * abs(e.value)):
        yield say("intervalle large", "wide interval")
    if found.n < _FEW:
        yield say(f"moins de {_FEW} répondants", f"fewer than {_FEW} respondents")
    if place:
        yield say(f"trouvé après {tried} essais", f"found after {tried} tries")


def _look(sheet: Sheet, place: int, tried: Tried, said: Stated) -> Look:
    """One of the other figures that were tried, in a line."""
    found, trial, why = tried
    if found is None:
        other = say("autre chiffre", "another figure")
        asked = say("chiffre demandé", "the figure asked for")
        return Look(other if place else asked, str(OUTCOMES[None]), why)
    measure = typeset(sheet.told.spec.indicators[found.check.indicator].label)
    shown = exact(found.evidence.value, said.unit)
    what = f"{measure}, {about(sheet.told, found)}, {found.check.wave}{colon()} {shown}"
    return Look(what, str(OUTCOMES[trial.outcome]), typeset(why), shown)


# ----------------------------------------------------------------------------------- conflicts
def _conflicts(register: Register) -> Iterator[Conflict]:
    spec = register.spec
    for c in spec.contradictions:
        yield Conflict(c.claims, tuple(_said(register, n) for n in c.claims), typeset(c.about),
                       typeset(c.explanation))  # fmt: skip


def _said(register: Register, name: str) -> str:
    """Who gives which figure: "C01, Damien Michallet : 13 millions"."""
    spec = register.spec
    if name in spec.constants:
        constant = spec.constants[name]
        title = typeset(spec.sources[constant.source].title)
        return f"{title}{colon()} {register.say(constant.value)}"
    code, _, figure = name.partition(".")
    claim = spec.claims[code]
    who = spec.speakers[claim.speaker].name
    return f"{code}, {who}{colon()} {register.say(claim.figures[figure])}"


def _against(register: Register, name: str) -> tuple[str, ...]:
    """The other claims that a claim is declared to contradict."""
    found: list[str] = []
    for c in register.spec.contradictions:
        codes = [n.partition(".")[0] for n in c.claims]
        if name in codes:
            found += [n for n in codes if n != name and n in register.spec.claims]
    return tuple(dict.fromkeys(found))


def dated(judged: Judged) -> str:
    """Who said it, when: "Christian Redon-Sarrazy, 12 décembre 2024"."""
    return f"{judged.speaker}, {day(judged.date)}"
