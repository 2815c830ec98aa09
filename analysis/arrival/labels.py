"""Labels that are new, gone, or written otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analysis.arrival.case import Case, folded_readings
from analysis.arrival.findings import BLANK, Finding
from analysis.arrival.likeness import alike, fold, per_cent, shares, skeleton
from analysis.definition import Survey, Variable
from analysis.definition.texts import clean

_CLOSE = 0.75
_NEAR_SHARE = 0.06
_EVERYWHERE = 2
_GONE = 0.005
_LETTERS = 4  # for one label to be part of another
_SAID = ("dont_know", "refused", "nonresponse")
_MISSING = {
    "": "not_asked", "na": "not_asked", "nan": "not_asked", "null": "not_asked",
    "none": "not_asked", "vide": "not_asked", "nonpose": "not_asked",
    "questionnotshown": "not_asked", "sansobjet": "not_applicable",
    "nonconcerne": "not_applicable", "nonconcernee": "not_applicable", "nsp": "dont_know",
    "nesaitpas": "dont_know", "nspp": "dont_know", "nesaispas": "dont_know",
    "jenesaispas": "dont_know", "nesaitpasnerepondpas": "dont_know", "dontknow": "dont_know",
    "refus": "refused", "refuse": "refused", "refusederepondre": "refused",
    "nesouhaitepasrepondre": "refused", "nonreponse": "nonresponse", "nr": "nonresponse",
    "sansreponse": "nonresponse", "pasdereponse": "nonresponse",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unknown:
    """A text without a reading: its variable, share, proposed code, and why."""

    variable: str
    text: str
    share: float
    code: str
    why: str
    safe: bool


def compare_labels(case: Case) -> None:
    """Every text of the variables with categories, in the rows that are kept."""
    survey = case.drafted()
    frame = case.rows(survey).frame
    unknown: list[Unknown] = []
    for name, v in survey.variables_in(case.wave).items():
        if not v.column or v.column not in frame.columns:
            continue
        found = shares(frame[v.column])
        _say_respelled(case, survey, name)
        unknown += _unknown(case, survey, name, v, found)
        if not v.numeric:
            _say_gone(case, survey, name, v, found)
    _settle(case, unknown)


def _say_respelled(case: Case, survey: Survey, name: str) -> None:
    """Labels that only blanks, apostrophes or composed accents tell from those of before."""
    column = survey.column(name, case.wave)
    if name in survey.numeric or column not in case.raw.frame.columns:
        return
    declared = {t for c in survey.spec.variables[name].categories.values() for t in c.texts}
    before = case.prior.texts(name, case.survey) if case.prior else set()
    readings = survey.readings(name, case.wave)
    counts = case.raw.frame[column].value_counts()
    for text, n in counts.sort(column).iter_rows():
        if text not in declared | before | readings.keys() and clean(text) in readings:
            seen = f"« {text} », {n} lignes"
            was = next(
                (t for t in sorted(before | declared) if clean(t) == clean(text)), clean(text)
            )
            expected = f"« {was} » : blancs, apostrophes ou accents composés"
            case.draft.note(Finding("Libellé réécrit", name, seen, expected))


def _unknown(
    case: Case, survey: Survey, name: str, v: Variable, found: dict[str, float]
) -> list[Unknown]:
    readings = survey.readings(name, case.wave)
    if v.numeric:
        return [_blank(name, found[""])] if "" in found and "" not in readings else []
    folded = folded_readings(survey, name, case.wave)
    earlier = _read_before(case, name)
    made = []
    for text, share in sorted(found.items(), key=lambda x: -x[1]):
        if text in readings:
            continue
        if text in earlier:
            made.append(Unknown(name, text, share, earlier[text], "", True))
        elif fold(text) in folded:
            made.append(Unknown(name, text, share, folded[fold(text)], "", True))
        else:
            code, why = _proposal(case, survey, name, v, text, share, found)
            made.append(Unknown(name, text, share, code, why, False))
    return made


def _read_before(case: Case, name: str) -> dict[str, str]:
    """What the file of the wave before says of texts of its own."""
    if not case.prior:
        return {}
    recode = case.survey.waves[case.prior.wave].recode.get(name, {})
    unasked = set(case.survey.spec.missing.not_asked)
    return {clean(t): code for t, code in recode.items() if t not in unasked}


def _blank(name: str, share: float) -> Unknown:
    return Unknown(name, "", share, "not_asked", "case vide", False)


def _proposal(
    case: Case, survey: Survey, name: str, v: Variable, text: str, share: float,
    found: dict[str, float],
) -> tuple[str, str]:  # fmt: skip
    """A category or kind of missing for a new label, and on what ground; nothing where none."""
    if skeleton(text) in _MISSING:
        return _MISSING[skeleton(text)], "libellé d’une absence de réponse"
    texts = {t: c for t, c in survey.readings(name, case.wave).items() if c in v.categories}
    near = max(texts, key=lambda t: alike(t, text), default="")
    if near and alike(near, text) >= _CLOSE:
        return texts[near], f"proche de « {near} »"
    held = _held(v, texts, text)
    if len(held) == 1:
        (code,) = held
        return code, f"contient « {held[code]} », ou y est contenu"
    before, now = _before(case, survey, name), _by_code(survey, name, case.wave, found)
    gone = [c for c in v.categories if before.get(c, 0.0) > _GONE and now.get(c, 0.0) == 0.0]
    close = [c for c in gone if abs(before[c] - share) < _NEAR_SHARE]
    if close:
        best = min(close, key=lambda c: abs(before[c] - share))
        label = v.categories[best].label
        return best, f"« {label} » a disparu ({per_cent(before[best])} à la vague précédente)"
    return BLANK, "aucun libellé connu n’est proche"


def _held(v: Variable, texts: dict[str, str], text: str) -> dict[str, str]:
    """Category -> its text or label that the new text holds, or that holds it."""
    new = skeleton(text)
    known = {**texts, **{c.label: code for code, c in v.categories.items()}}
    return {
        code: t
        for t, code in known.items()
        if min(len(new), len(old := skeleton(t))) >= _LETTERS and (old in new or new in old)
    }


def _before(case: Case, survey: Survey, name: str) -> dict[str, float]:
    """Share of each code in the wave before; empty where it did not ask."""
    if not case.prior or name not in case.prior.frame.columns or name in survey.numeric:
        return {}
    return shares(case.prior.frame[name].cast(pl.String))


def _by_code(survey: Survey, name: str, wave: str, found: dict[str, float]) -> dict[str, float]:
    readings, folded = survey.readings(name, wave), folded_readings(survey, name, wave)
    made: dict[str, float] = {}
    for text, share in found.items():
        code = readings.get(text) or folded.get(fold(text), "")
        made[code] = made.get(code, 0.0) + share
    return made


def _say_gone(case: Case, survey: Survey, name: str, v: Variable, found: dict[str, float]) -> None:
    before, now = _before(case, survey, name), _by_code(survey, name, case.wave, found)
    if not any(c in now for c in v.categories):
        return  # nobody answered: said of the question
    gone = [c for c in (*v.categories, *_SAID) if before.get(c, 0) > _GONE and c not in now]
    for code in gone:
        label = v.categories[code].label if code in v.categories else code
        seen = f"plus personne ; {per_cent(before[code])} à la vague précédente"
        case.draft.note(Finding("Libellé disparu", name, seen, label))


def _settle(case: Case, unknown: list[Unknown]) -> None:
    """One line a text: under ``all`` where several variables have it with the same meaning."""
    groups: dict[tuple[str, str, bool], list[Unknown]] = {}
    for u in unknown:
        groups.setdefault((u.text, u.code, u.safe), []).append(u)
    for (text, code, safe), members in groups.items():
        together = len(members) >= _EVERYWHERE and code != BLANK and not _clash(unknown, text, code)
        for u in members[:1] if together else members:
            place = ("recode", "all" if together else u.variable, text)
            _write(case, place, code, safe, members if together else [u])


def _clash(unknown: list[Unknown], text: str, code: str) -> bool:
    return any(u.text == text and u.code != code for u in unknown)


def _write(
    case: Case, place: tuple[str, ...], code: str, safe: bool, members: list[Unknown]
) -> None:
    who = members[0].variable if len(members) == 1 else f"{len(members)} variables"
    names = ", ".join(u.variable for u in members[:8]) + (" …" if len(members) > 8 else "")
    most = max(u.share for u in members)
    share = per_cent(most) if len(members) == 1 else f"jusqu’à {per_cent(most)}"
    shown = f"« {place[-1]} »"
    if safe:
        case.draft.do(place, code)
        seen = f"{shown}, {share} ({names})"
        case.draft.note(Finding("Libellé réécrit", who, seen, f"lu comme {code}"))
        return
    case.draft.ask(place, code, f"{share} ({names}) ; {members[0].why}.")
    seen = f"{shown}, {share} ; {members[0].why} ({names})"
    expected = f"proposé : {code}" if code != BLANK else "une catégorie ou une absence"
    case.draft.note(Finding("Libellé nouveau", who, seen, expected, place))
