"""Arithmetic checks: what a sum over cited figures comes to, rounding counted."""

from __future__ import annotations

import re

from analysis.claims.formula import Result, parse_formula
from analysis.claims.models import ArithmeticCheck, Variant
from analysis.claims.register import Register, cited
from analysis.claims.results import Finding, Look
from analysis.claims.rules import strength
from analysis.claims.stated import Stated
from analysis.claims.units import NUMBER, Unit
from analysis.claims.words import in_unit, span
from analysis.language import Words, say
from analysis.wording import colon, semicolon, typeset

_SIGNS = {"*": "×", "/": "÷", "-": "−", "<=": "≤", ">=": "≥"}
_LESS, _MORE = Words("moins que", "less than"), Words("plus que", "more than")
_TOLD = {
    "<": (_LESS, Words("et non moins que", "not less than")),
    "<=": (Words("au plus", "at most"), _MORE),
    ">": (_MORE, Words("et non plus que", "not more than")),
    ">=": (Words("au moins", "at least"), _LESS),
    "=": (Words("soit", "that is"), Words("et non", "and not")),
}
_TOKEN = re.compile(r"<=|>=|[<>=()+*/×÷−-]|\d+(?:[.,]\d+)?(?: ?%)?|[A-Za-z]\w*(?:\.[A-Za-z]\w*)?")


def arithmetic_finding(register: Register, name: str, check: ArithmeticCheck) -> Finding:
    """Right where the result, rounding counted, makes the words of the claim true.

    A relation is right where it can hold.
    """
    formula = parse_formula(check.formula)
    result = formula.evaluate(register.quantities)
    said = register.stated.get((name, check.figure)) or next(iter(register.stated.values()))
    named = register.unit(check.unit) if check.unit else _named(said.unit, result)
    right = _right(result, said)
    sources = [typeset(register.spec.sources[s].title) for s in cited(register.spec, formula.names)]
    doubts = [
        say(
            "chiffres d’entrée repris tels quels, sans vérification",
            "the figures it starts from are taken as they are, not verified",
        )
    ]
    if not sources:
        doubts.append(
            say(
                "chiffres d’entrée tous issus du même texte",
                "the figures it starts from are all from the same text",
            )
        )
    text = _written(register, check.formula, result, named)
    meaning = f" {typeset(check.meaning)}" if check.meaning else ""
    return Finding(
        "arithmetic", "arithmetic_right" if right else "arithmetic_wrong", f"{text}.{meaning}",
        f"{semicolon()} ".join(sources), shown=in_unit(result.left.value, named),
        value=result.left.value, low=result.left.low,
        high=result.left.high, strength=strength(doubts), doubts=tuple(doubts),
        looks=tuple(_variant(register, v, said, named) for v in check.alternatives),
        note=typeset(check.note),
    )  # fmt: skip


def _right(result: Result, said: Stated) -> bool:
    if result.holds is not None:
        return result.holds
    return said.meets(result.left.low, result.left.high)


def _named(own: Unit, result: Result) -> Unit:
    """The unit of the claim where the result has its dimensions."""
    return own if own.dims == result.left.dims else NUMBER


def _variant(register: Register, variant: Variant, said: Stated, named: Unit) -> Look:
    """The sum on other figures; whether it gives what the claim says, where it can."""
    result = parse_formula(variant.formula).evaluate(register.quantities)
    own = register.unit(variant.unit) if variant.unit else named
    same = result.left.dims == said.unit.dims
    agrees, differs = say("même résultat", "same result"), say("autre résultat", "another result")
    told = "" if not same else agrees if _right(result, said) else differs
    text = _written(register, variant.formula, result, own)
    return Look(text, told, typeset(variant.why), in_unit(result.left.value, own))


def _written(register: Register, text: str, result: Result, named: Unit) -> str:
    """``27 M€ ÷ 62 M€ − 1 = −56,5 %``; of a relation its left side, and the relation."""
    left, relation, right = _sides(text)
    shown = in_unit(result.left.value, named)
    if len(_TOKEN.findall(left)) > 1:
        shown = f"{_side(register, left)} = {shown}"
    if result.left.low != result.left.high and not relation:
        inside = span(result.left.low, result.left.high, named)
        shown += f" ({say('arrondis compris', 'rounding included')}{colon()} {inside})"
    if not relation or result.right is None:
        return shown
    told = _TOLD[relation][0 if result.holds else 1]
    return f"{shown}, {told} {_side(register, right)}"


def _sides(text: str) -> tuple[str, str, str]:
    found = re.search(r"<=|>=|[<>=]", text)
    if found is None:
        return text, "", ""
    return text[: found.start()], found[0], text[found.end() :]


def _side(register: Register, text: str) -> str:
    """A formula with figures in place of names."""
    return (
        " ".join(_token(register, t) for t in _TOKEN.findall(text))
        .replace("( ", "(")
        .replace(" )", ")")
    )


def _token(register: Register, token: str) -> str:
    if token[0].isalpha():
        code, _, figure = token.partition(".")
        constant = register.spec.constants.get(code)
        if constant and constant.value.isdecimal():
            return constant.value  # a year: no space among its digits
        s = (
            register.read(constant.value, constant.unit)
            if constant
            else register.stated[code, figure]
        )
        return in_unit(s.value, s.unit)
    number = say(token.replace(".", ","), token.replace(",", ".").replace(" %", "%"))
    return typeset(_SIGNS.get(token, number))
