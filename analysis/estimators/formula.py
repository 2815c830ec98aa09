"""Model formulas as data: read by a small grammar, never evaluated.

A formula is untrusted text. Formula engines hand what they do not know to Python's ``eval``;
this reader knows columns, ``C()``, four functions, ``+``, ``:``, ``*``, ``0`` and ``1``, and
refuses everything else with its place. Notation: Wilkinson and Rogers (1973), Applied
Statistics 22(3).

    y ~ x + C(g) + x:C(g)      log(income) ~ age + square(age) + sex*region      y ~ `nom, avec` + 0
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from analysis.errors import BaroError, quoted, refuse

FUNCTIONS = ("log", "exp", "sqrt", "square")
ALLOWED = "columns, C(column), log(), exp(), sqrt() and square() of a column, + : * 0 1"
_LONGEST, _MOST_TERMS, _MOST_FACTORS = 5000, 500, 6
_TOKEN = re.compile(r"\s*(?:`(?P<quoted>[^`]+)`|(?P<name>[^\W\d]\w*)|(?P<number>\d+(?!\w))"
                    r"|(?P<sign>[~+\-*:()]))")  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Factor:
    """A column as it enters a term: as it is, as categories, or through a function."""

    column: str
    function: str = ""

    def __str__(self) -> str:
        name = self.column if self.column.isidentifier() else f"`{self.column}`"
        return f"{self.function}({name})" if self.function else name


Term = tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """response ~ terms, sorted by degree; ``text`` is what was typed."""

    text: str
    response: Factor
    terms: tuple[Term, ...]
    intercept: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns on the right, in order of appearance."""
        return tuple(dict.fromkeys(f.column for term in self.terms for f in term))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    place: int


def parse(text: str) -> Formula:
    """Read a formula; raises :class:`BaroError` for whatever the grammar does not know.

    ``a*b`` is ``a + b + a:b``; ``+ 0`` (or ``- 1``) leaves the intercept out.
    """
    if len(text) > _LONGEST:
        raise refuse(
            "formula", f"{len(text)} characters", f"at most {_LONGEST}", "name fewer terms"
        )
    tokens = list(_tokens(text))
    tildes = [i for i, t in enumerate(tokens) if t.text == "~" and t.kind == "sign"]
    if len(tildes) != 1 or tildes[0] == 0 or tildes[0] == len(tokens) - 1:
        raise refuse(
            f"formula {quoted(text)}",
            "it is not of the form y ~ x",
            "a response, one ~ and terms",
            'type for instance "y ~ age + C(region)"',
        )
    left, right = tokens[: tildes[0]], tokens[tildes[0] + 1 :]
    response, rest = _factor(left, text)
    if rest or response.function == "C":
        raise refuse(f"formula {quoted(text)}", "the left side is more than one number",
                     "one column, or log(), sqrt() of one",
                     "make 0/1 of a category first, in a column of its own")  # fmt: skip
    terms, intercept = _sum(right, text)
    return Formula(text, response, tuple(sorted(terms, key=len)), intercept)


def _tokens(text: str) -> Iterator[_Token]:
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            rest = text[place:end].lstrip()
            raise _unknown(text, rest.split()[0], end - len(rest))
        assert match.lastgroup is not None
        yield _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
        place = match.end()


def _unknown(text: str, found: str, place: int) -> BaroError:
    return refuse(f"formula {quoted(text)}", f"{quoted(found)} at character {place + 1}",
                  ALLOWED, "compute the column first, then name it (a name with other "
                  "characters goes between backticks)")  # fmt: skip


def _sum(tokens: list[_Token], text: str) -> tuple[list[Term], bool]:
    """The terms of a right side, each once, and whether it keeps the intercept."""
    terms: dict[frozenset[Factor], Term] = {}
    intercept, sign = True, "+"
    rest = tokens
    while True:
        if rest and rest[0].kind == "number":
            intercept = _intercept(rest[0], sign, text)
            rest = rest[1:]
        elif sign == "-":
            raise refuse(f"formula {quoted(text)}", "a term is taken away with -", "only - 1",
                         "name the terms that you keep")  # fmt: skip
        else:
            made, rest = _product(rest, text)
            terms.update((frozenset(t), t) for t in made if frozenset(t) not in terms)
        if len(terms) > _MOST_TERMS:
            raise refuse("formula", f"more than {_MOST_TERMS} terms", "fewer", "name fewer terms")
        if not rest:
            return list(terms.values()), intercept
        if rest[0].text not in ("+", "-") or rest[0].kind != "sign":
            raise _unknown(text, rest[0].text, rest[0].place)
        sign, rest = rest[0].text, rest[1:]


def _intercept(token: _Token, sign: str, text: str) -> bool:
    if token.text not in ("0", "1") or (sign == "-" and token.text == "0"):
        raise refuse(
            f"formula {quoted(text)}",
            f"the number {token.text}",
            "1 for the intercept, 0 for none",
            "compute the column first, then name it",
        )
    return (token.text == "1") == (sign == "+")


def _product(tokens: list[_Token], text: str) -> tuple[list[Term], list[_Token]]:
    """The terms of a:b*c (``:`` binds first), and the tokens left."""
    factors, rest = _interaction(tokens, text)
    parts = [factors]
    while rest and rest[0].kind == "sign" and rest[0].text == "*":
        factors, rest = _interaction(rest[1:], text)
        parts.append(factors)
    if sum(map(len, parts)) > _MOST_FACTORS:
        raise refuse(f"formula {quoted(text)}", f"an interaction of {sum(map(len, parts))} columns",
                     f"at most {_MOST_FACTORS}", "name the interactions that you need")  # fmt: skip
    picks = (p for size in range(1, len(parts) + 1) for p in combinations(parts, size))
    return [tuple(dict.fromkeys(f for part in p for f in part)) for p in picks], rest


def _interaction(tokens: list[_Token], text: str) -> tuple[list[Factor], list[_Token]]:
    factor, rest = _factor(tokens, text)
    factors = [factor]
    while rest and rest[0].kind == "sign" and rest[0].text == ":":
        factor, rest = _factor(rest[1:], text)
        factors.append(factor)
    return factors, rest


def _factor(tokens: list[_Token], text: str) -> tuple[Factor, list[_Token]]:
    """One column, possibly in a function, and the tokens left."""
    if not tokens:
        raise refuse(f"formula {quoted(text)}", "a column is missing after the last sign",
                     "a column", "complete the formula, or take the sign away")  # fmt: skip
    first, rest = tokens[0], tokens[1:]
    if first.kind not in ("name", "quoted"):
        raise _unknown(text, first.text, first.place)
    called = bool(rest) and rest[0].kind == "sign" and rest[0].text == "("
    if not called:
        return Factor(first.text), rest
    if first.kind != "name" or first.text not in (*FUNCTIONS, "C"):
        raise refuse(f"formula {quoted(text)}", f"the function {quoted(first.text)}",
                     ALLOWED, "compute the column first, then name it")  # fmt: skip
    inner = rest[1:3]
    if len(inner) < 2 or inner[0].kind not in ("name", "quoted") or inner[1].text != ")":
        raise refuse(f"formula {quoted(text)}", f"{first.text}() of more than a column", ALLOWED,
                     f"type {first.text}(column)")  # fmt: skip
    return Factor(inner[0].text, first.text), rest[3:]


def with_categories(formula: Formula, categorical: frozenset[str]) -> Formula:
    """The same formula with ``C()`` around each column of categories, each term once."""
    terms: dict[frozenset[Factor], Term] = {}
    for term in formula.terms:
        made = tuple(Factor(f.column, "C") if f.column in categorical else f for f in term)
        terms.setdefault(frozenset(made), tuple(dict.fromkeys(made)))
    ordered = tuple(sorted(terms.values(), key=len))
    return Formula(formula.text, formula.response, ordered, formula.intercept)
