"""What a stated figure commits its speaker to: the values under which the words are true.

``25 %`` is any share from 24.5 up to 25.5; ``un quart`` and ``environ 25 %`` are read to within a
tenth (22.5 to 27.5); ``plus de 60 %`` has a lower end only. docs/methods/claims.md has the whole
table, and says why.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from analysis.claims.bands import (
    Relation,
    Stated,
    StatedError,
    as_change,
    banded,
    reach,
    related,
    worded,
)
from analysis.claims.numerals import Numeral, numeral
from analysis.claims.units import Unit, unit

_LARGEST = 1e18
LAST = -1  # the rank of "dernier"


_FRACTIONS = {"demi": 2, "tiers": 3, "quart": 4, "cinquième": 5, "sixième": 6, "septième": 7,
              "huitième": 8, "neuvième": 9, "dixième": 10, "centième": 100}  # fmt: skip
_SCALES = {"mille": 1e3, "millier": 1e3, "million": 1e6, "milliard": 1e9, "billion": 1e12,
           "M": 1e6, "Md": 1e9}  # fmt: skip
_ABOUT = {"dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30,
          "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100,
          "millier": 1e3}  # fmt: skip
_VAGUE = {"dizaine": (10, 100), "centaine": (100, 1e3), "millier": (1e3, 1e6),
          "million": (1e6, 1e9), "milliard": (1e9, 1e12)}  # fmt: skip
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
_RANKS = {"premi": 1, "deuxi": 2, "second": 2, "troisi": 3, "quatri": 4, "cinqui": 5, "sixi": 6,
          "septi": 7, "huiti": 8, "neuvi": 9, "dixi": 10}  # fmt: skip
_MULTIPLES = {"doubl": 2.0, "tripl": 3.0, "quadrupl": 4.0, "décupl": 10.0}
_SHARE = Unit("%", 0.01, (), "share")
_TIMES = Unit("fois", 1.0, (), "count")

_RELATIONS: tuple[tuple[str, Relation], ...] = (
    (r"pas plus d(?:e |['’])|au plus |au maximum |jusqu['’]à |≤ ?|<= ?", "at_most"),
    (r"pas moins d(?:e |['’])|au moins |au minimum |≥ ?|>= ?", "at_least"),
    (r"bien plus d(?:e |['’])|plus d(?:e |['’])|au-delà d(?:e |['’])|supérieure?s? à |> ?", "more"),
    (r"bien moins d(?:e |['’])|moins d(?:e |['’])|inférieure?s? à |< ?", "less"),
    (r"près d(?:e |['’])|presque |à peine ", "nearly"),
    (r"environ |autour d(?:e |['’])|à peu près |quelque |de l['’]ordre d(?:e |['’])|"
     r"approximativement |~ ?|≈ ?", "about"),
    (r"exactement |précisément ", "exact"),
)  # fmt: skip
_FALL = re.compile(
    r"(?:(?:une |en )?(?:baisse|diminution|recul|réduction|chute)|diminu\w+|baiss\w+|recul\w+)"
    r" d(?:e |['’])"
    r"|[-−–] ?(?=\d)|moins (?=\d)",
    re.IGNORECASE,
)
_RISE = re.compile(
    r"(?:(?:une |en )?(?:hausse|augmentation|progression)|augment\w+|progress\w+) d(?:e |['’])"
    r"|\+ ?(?=\d)|plus (?=\d)",
    re.IGNORECASE,
)
_IDLE = re.compile(r"(?:seulement|encore|déjà|soit|(?:un|le) total de|l['’](?=\w)|les (?=\w))\s*",
                   re.IGNORECASE)  # fmt: skip
_BETWEEN = (
    re.compile(r"(?:entre|de)\s+(?P<a>.+?)\s+(?:et|à)\s+(?P<b>.+)", re.IGNORECASE),
    re.compile(r"(?P<a>\S+(?: \S+)??)\s+(?:à|ou)\s+(?P<b>(?:\d|\w+ ).*)", re.IGNORECASE),
    re.compile(r"(?P<a>\d[\d ,.]*|[a-zé]+)\s?-\s?(?P<b>[\da-zé].*)", re.IGNORECASE),
)
_SEVERAL = re.compile(
    r"(?P<how>des|plusieurs|quelques|une?) (?P<word>\w+?)s?(?: d(?:e |')(?P<of>.*))?$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"(?:l[ae] |les |l')?(?:(\d+)(?:er|re|ère|e|ème|nde?)|([a-zéè]+))\b", re.IGNORECASE
)
_DAY = re.compile(r"(?:le |en )?(?:(\d{1,2})(?:er)? )?([a-zéû]+) (\d{4})", re.IGNORECASE)
_OUT_OF = re.compile(r"(?P<top>\S+)(?:\s+(?!sur\b)\S+){0,6}?\s+sur\s+(?P<bottom>.+)", re.IGNORECASE)
_WORDS = re.compile(
    r"(?:l[ae] |une |un |les |les? )?(?P<top>un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|\d+)?"
    r" ?(?P<part>moitié|demi|tiers|quart|cinquième|sixième|septième|huitième|neuvième|dixième|"
    r"centième)s?\b",
    re.IGNORECASE,
)


def stated(text: str, named: str = "") -> Stated:
    """The figure in ``text``, as people say it in French.

    named : the unit, where the text does not give it

    Raises :class:`StatedError`.
    """
    said = _tidy(text)
    if not said or len(said) > 200:
        raise StatedError("a figure in a few words is expected, as « 25 % » or « un quart »")
    found = _date(said) or _rank(said) or _signed(said, named)
    if abs(found.value) > _LARGEST:
        raise StatedError("the figure is larger than any that is counted")
    return replace(found, text=text.strip())


def _tidy(text: str) -> str:
    spaced = re.sub(r"[\s\u00a0\u2009\u202f]+", " ", text).strip().rstrip(".")
    return spaced.replace("’", "'").replace("\u2011", "-")


def _signed(said: str, named: str) -> Stated:
    """A figure that may be a fall or a rise."""
    said = _IDLE.sub("", said, count=1) if _IDLE.match(said) else said
    for pattern, sign in ((_FALL, -1), (_RISE, 1)):
        if found := pattern.match(said):
            return as_change(_related(said[found.end() :], named), sign)
    return _related(said, named)


def _related(said: str, named: str) -> Stated:
    for pattern, relation in _RELATIONS:
        if found := re.match(pattern, said, re.IGNORECASE):
            return related(_plain(said[found.end() :], named), relation)
    return _plain(said, named)


def _plain(said: str, named: str) -> Stated:
    """A figure without a relation: a range, words, or a number with its unit."""
    for read in (_range, _majority, _vague, _multiple, _out_of, _in_words):
        if (found := read(said, named)) is not None:
            return found
    return _number(said, named)


def _number(said: str, named: str) -> Stated:
    found = numeral(said)
    if found is None:
        raise StatedError(
            f"no figure at the start of « {said} »; e.g. « 25 % », « plus de 60 % », « un quart », "
            "« 13 millions », « 40 à 150 € »"
        )
    scale, rest = _scale(said[found.end :].strip())
    return banded(found, scale, unit(rest or named))


def _scale(rest: str) -> tuple[float, str]:
    """The factor said after a number ("millions") and what follows it."""
    if word := re.match(r"(mille|milliers?|millions?|milliards?|billions?)\b ?", rest, re.I):
        return _SCALES[word[1].lower().removesuffix("s")], rest[word.end() :]
    if word := re.match(r"(M|Mds?|Mrd)(?![\w€])\.? ?", rest):
        return _SCALES[word[1].removesuffix("s").replace("rd", "d")], rest[word.end() :]
    return 1.0, rest


def _out_of(said: str, _: str) -> Stated | None:
    """``une personne sur 4``, ``450 sur 1 000``."""
    found = _OUT_OF.match(said)
    top = numeral(found["top"]) if found else None
    bottom = numeral(found["bottom"]) if found else None
    if top is None or bottom is None or not 0 < top.value <= bottom.value:
        return None
    share = top.value / bottom.value
    if bottom.value < 100:
        return worded(share, _SHARE)
    made = Stated("", "exact", share, share - 0.5 / bottom.value, share + 0.5 / bottom.value, 0.0,
                  0.0, _SHARE, open_high=True)  # fmt: skip
    wide = reach(made)
    return replace(made, near_low=share - wide, near_high=share + wide)


def _in_words(said: str, _: str) -> Stated | None:
    """``un quart``, ``les deux tiers``, ``la moitié``; of a whole, so never followed by "plus"."""
    if re.match(r"(?:la )?moitié moins", said, re.I):
        return worded(0.5, _TIMES)
    found = _WORDS.match(said)
    if found is None:
        return None
    bottom = 2 if found["part"].lower() == "moitié" else _FRACTIONS[found["part"].lower()]
    top = numeral(found["top"]) if found["top"] else None
    return worded((top.value if top else 1.0) / bottom, _SHARE)


def _majority(said: str, _: str) -> Stated | None:
    words = re.match(r"(?:l[ae] (?:grande |large )?|une (?:grande |large )?)?(majorité|plupart|"
                     r"minorité|totalité)\b", said, re.I)  # fmt: skip
    if words is None:
        return None
    half = worded(0.5, _SHARE)
    if words[1].lower() == "totalité":
        return worded(1.0, _SHARE)
    return related(half, "less" if words[1].lower() == "minorité" else "more")


def _vague(said: str, named: str) -> Stated | None:
    """``des milliers de …`` (two at least), ``une centaine de …`` (about)."""
    found = _SEVERAL.match(said)
    if found is None:
        return None
    word, how = found["word"].lower(), found["how"].lower()
    named_unit = unit(found["of"] or named)
    if how in ("un", "une"):
        if word not in _ABOUT:
            return None
        value = _ABOUT[word] * named_unit.scale
        whole = Stated("", "exact", value, value, value, value, value, named_unit, words=True)
        return related(whole, "about")
    if word not in _VAGUE:
        return None
    low, high = (x * named_unit.scale for x in _VAGUE[word])
    return Stated("", "range", 2 * low, 2 * low, high, 2 * low, high, named_unit,
                  open_high=True, words=True)  # fmt: skip


def _multiple(said: str, _: str) -> Stated | None:
    """``deux fois plus``, ``trois fois moins``, ``le double``, ``a été divisé par deux``."""
    if found := re.match(r"(?:le |a |ont )?(\w+?)(?:é|e|er)?s?\b", said, re.I):
        for stem, value in _MULTIPLES.items():
            if found[0].lower().split(" ")[-1].startswith(stem):
                return worded(value, _TIMES)
    if found := re.match(r"(?:a été )?(multiplié|divisé)e?s? par (.+)", said, re.I):
        number = numeral(found[2])
        return None if number is None else _factor(number, down=found[1].lower() == "divisé")
    number = numeral(said)
    rest = said[number.end :].strip().lower() if number else ""
    if number is None or not rest.startswith("fois"):
        return None
    return _factor(number, down="moins" in rest)


def _factor(number: Numeral, *, down: bool) -> Stated:
    """A multiple; one that is a whole number is read to within a tenth, as words are."""
    if number.value <= number.half / 2:
        raise StatedError("a multiple of zero is none")
    if number.half < 0.5:
        made = banded(number, 1.0, _TIMES)
        if not down:
            return made
        low, high = 1 / made.high, 1 / made.low
        near = 1 / made.near_high, 1 / made.near_low
        return replace(made, value=1 / number.value, low=low, high=high, near_low=near[0],
                       near_high=near[1])  # fmt: skip
    return worded(1 / number.value if down else number.value, _TIMES)


def _range(said: str, named: str) -> Stated | None:
    for pattern in _BETWEEN:
        found = pattern.fullmatch(said)
        if found is None:
            continue
        try:
            return _ends(found["a"], found["b"], named)
        except StatedError:
            continue
    return None


def _ends(first: str, last: str, named: str) -> Stated:
    """From the low end of the first number to the high end of the last, in the last's unit."""
    number = numeral(last)
    if number is None or numeral(first) is None:
        raise StatedError("two numbers are expected")
    tail = last[number.end :]
    own = numeral(first)
    bare = own is not None and not first[own.end :].strip()
    low, high = _number(first + tail if bare else first, named), _number(last, named)
    if low.unit.dims != high.unit.dims or low.value >= high.value:
        raise StatedError("the first end must lie below the last, in the same unit")
    return Stated("", "range", (low.value + high.value) / 2, low.low, high.high, low.low,
                  high.high, high.unit, open_high=True)  # fmt: skip


def _rank(said: str) -> Stated | None:
    """``première région``, ``2e rang``, ``dernière``: a place among groups."""
    found = _PLACE.match(said)
    if found is None:
        return None
    word = (found[2] or "").lower()
    place = int(found[1]) if found[1] else 0
    if word.startswith("derni"):
        place = LAST
    elif not place and re.search(r"(?:er|ère|ième|ond|onde)s?$", word):
        place = next((n for stem, n in _RANKS.items() if word.startswith(stem)), 0)
    if not place:
        return None
    at = float(place)
    return Stated("", "rank", at, at, at, at, at, Unit("rang"), words=not found[1])


def last_of(s: Stated, groups: int) -> Stated:
    """A rank as a number: the last of so many groups, where it was said so."""
    if s.relation != "rank" or s.value != LAST:
        return s
    at = float(groups)
    return replace(s, value=at, low=at, high=at, near_low=at, near_high=at)


def _date(said: str) -> Stated | None:
    """``30 novembre 2023``, ``2023-11-30``, ``novembre 2023``, ``en 2022``: as days."""
    try:
        if found := re.fullmatch(r"(?:le )?(\d{4})-(\d\d)-(\d\d)", said):
            first = last = date(int(found[1]), int(found[2]), int(found[3]))
        elif found := re.fullmatch(r"(?:en |(?:l')?année )(\d{4})", said, re.I):
            first, last = date(int(found[1]), 1, 1), date(int(found[1]), 12, 31)
        elif found := _DAY.fullmatch(said):
            if found[2].lower() not in _MONTHS:
                return None
            month, year = _MONTHS.index(found[2].lower()) + 1, int(found[3])
            first = date(year, month, int(found[1] or 1))
            last = first if found[1] else _month_end(year, month)
        else:
            return None
    except ValueError as e:
        raise StatedError(f"« {said} » is no day of the calendar") from e
    low, high = float(first.toordinal()), float(last.toordinal())
    return Stated("", "date", low, low, high, low, high, Unit("date"))


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


__all__ = ["Stated", "StatedError", "last_of", "stated"]
