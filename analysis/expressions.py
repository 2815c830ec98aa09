"""The small language of ``when:`` and ``numerator:``, compiled to polars.

Nothing is ever evaluated as Python. The grammar::

    expression := term ("or" term)*
    term       := factor ("and" factor)*
    factor     := "not" factor | "(" expression ")" | comparison
    comparison := NAME ("==" | "!=" | "<" | "<=" | ">" | ">=") VALUE
                | NAME "in" "{" VALUE ("," VALUE)* "}"

``NAME`` is a variable of the survey, ``VALUE`` one of its categories, a number, or for a date a
day, as ``2022-06-15``.
A comparison is true or false, never unknown: an answer of any missing kind makes it
false, ``!=`` included; ``not (x == y)`` is true for missing answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import isfinite
from typing import Literal

import polars as pl

from analysis.errors import Problem, quoted

Op = Literal["==", "!=", "<", "<=", ">", ">=", "in"]
_TOKEN = re.compile(r"\s*(?:(==|!=|<=|>=|<|>|[(){},])|([^\s(){},<>=!]+))")
_WORDS = {"and", "or", "not", "in"}
_ORDERED = {"<", "<=", ">", ">="}
_LONGEST = 200  # words; what is read by recursion must not be endless
_WORD = 100  # signs a word, by far


class ExpressionError(ValueError):
    """The text is not an expression of the language; the message says where."""


@dataclass(frozen=True, slots=True)
class Compare:
    """``name op values``; ``values`` has one item except for ``in``."""

    name: str
    op: Op
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True where ``inner`` is false, missing answers included."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class Both:
    """``left and right``."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Either:
    """``left or right``."""

    left: Expression
    right: Expression


Expression = Compare | Not | Both | Either


@lru_cache(maxsize=4096)  # a definition's few hundred are asked for thousands of times
def parse(text: str) -> Expression:
    """The expression written in ``text``; raises :class:`ExpressionError`."""
    too_long = f"more than {_LONGEST} words: derive a variable for a part of it"
    if len(text) > _LONGEST * _WORD:
        raise ExpressionError(too_long)
    parser = _Parser(text)
    if len(parser.tokens) > _LONGEST:
        raise ExpressionError(too_long)
    tree = parser.expression()
    if parser.peek():
        raise ExpressionError(f'"{parser.peek()}" stands where "and", "or" or the end should be')
    return tree


def comparisons(tree: Expression) -> Iterator[Compare]:
    """Every comparison of the tree, left to right."""
    if isinstance(tree, Compare):
        yield tree
    elif isinstance(tree, Not):
        yield from comparisons(tree.inner)
    else:
        yield from comparisons(tree.left)
        yield from comparisons(tree.right)


def names(tree: Expression) -> tuple[str, ...]:
    """The variables an expression reads, each once, in order of appearance."""
    return tuple(dict.fromkeys(c.name for c in comparisons(tree)))


def faults(
    tree: Expression,
    categories: Mapping[str, tuple[str, ...] | None],
    dates: frozenset[str] = frozenset(),
) -> list[str]:
    """What is wrong with the names and values of an expression, as sentences.

    categories : variable -> its category codes, or None where the variable is numeric
    dates : of the latter, those that are dates
    """
    found = []
    for c in comparisons(tree):
        if c.name not in categories:
            found.append(f'"{c.name}" is not a variable')
            continue
        codes = categories[c.name]
        if c.name in dates:
            found += [
                f'"{v}" is not a day, as 2022-06-15 ({c.name} is a date)'
                for v in c.values
                if _day(v) is None
            ]
        elif codes is None:
            found += [
                f'"{v}" is not a number ({c.name} is numeric)'
                for v in c.values
                if _number(v) is None
            ]
        elif c.op in _ORDERED:
            found.append(f"{c.name} has categories: compare it with ==, != or in, not {c.op}")
        else:
            found += [
                f'"{v}" is not a category of {c.name} (known: {", ".join(codes)})'
                for v in c.values
                if v not in codes
            ]
    return found


def compile_expression(tree: Expression, numeric: frozenset[str]) -> pl.Expr:
    """A polars Boolean without nulls; ``numeric`` names the variables compared as numbers."""
    if isinstance(tree, Compare):
        return _compile_comparison(tree, tree.name in numeric)
    if isinstance(tree, Not):
        return ~compile_expression(tree.inner, numeric)
    left = compile_expression(tree.left, numeric)
    right = compile_expression(tree.right, numeric)
    return left & right if isinstance(tree, Both) else left | right


def explain(where: str, text: str, error: ExpressionError) -> Problem:
    """The problem to report for an expression that does not parse."""
    return Problem(
        where,
        f"{quoted(text)}: {error}" if len(text) > _LONGEST else f'"{text}": {error}',
        'e.g. "age >= 18 and acces == oui"',
        "correct the expression; categories are written without quotes",
    )


MISSING_KINDS = ("not_asked", "not_applicable", "dont_know", "refused", "nonresponse")


def _compile_comparison(c: Compare, numeric: bool) -> pl.Expr:
    column = pl.col(c.name)
    if numeric:
        numbers = [_literal(v) for v in c.values]
        made = column.is_in(numbers) if c.op == "in" else _apply(column, c.op, numbers[0])
    else:
        column = column.cast(pl.String)
        made = column.is_in(list(c.values)) if c.op == "in" else _apply(column, c.op, c.values[0])
        if c.op == "!=":
            made = made & ~column.is_in(list(MISSING_KINDS))
    return made.fill_null(value=False)


def _literal(text: str) -> float | date:
    """A number, or a day; a checked expression holds nothing else here."""
    day = _day(text)
    return float(text) if day is None else day


def _day(text: str) -> date | None:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _apply(column: pl.Expr, op: str, value: float | date | str) -> pl.Expr:
    table = {
        "==": column.eq,
        "!=": column.ne,
        "<": column.lt,
        "<=": column.le,
        ">": column.gt,
        ">=": column.ge,
    }
    return table[op](pl.lit(value))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            wanted = f'"{expected}"' if expected else "a name or value"
            raise ExpressionError(
                f"{wanted} is missing {'at the end' if not token else f'before {token!r}'}"
            )
        self.at += 1
        return token

    def expression(self) -> Expression:
        tree = self.term()
        while self.peek() == "or":
            self.take()
            tree = Either(tree, self.term())
        return tree

    def term(self) -> Expression:
        tree = self.factor()
        while self.peek() == "and":
            self.take()
            tree = Both(tree, self.factor())
        return tree

    def factor(self) -> Expression:
        if self.peek() == "not":
            self.take()
            return Not(self.factor())
        if self.peek() == "(":
            self.take()
            tree = self.expression()
            self.take(")")
            return tree
        return self.comparison()

    def comparison(self) -> Compare:
        name = self.value()
        if self.peek() == "in":
            self.take()
            return Compare(name, "in", self.values())
        for op in ("==", "!=", "<=", ">=", "<", ">"):
            if self.peek() == op:
                self.take()
                return Compare(name, op, (self.value(),))
        raise ExpressionError(f'a comparison is missing after "{name}"')

    def values(self) -> tuple[str, ...]:
        self.take("{")
        found = [self.value()]
        while self.peek() == ",":
            self.take()
            found.append(self.value())
        self.take("}")
        return tuple(found)

    def value(self) -> str:
        token = self.take()
        if token in _WORDS or not re.match(r"[\w.+-]", token):
            raise ExpressionError(f'"{token}" stands where a name or value should be')
        return token


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f'"{text[at:].strip()[0]}" is not part of the language')
        yield match[1] or match[2]
        at = match.end()
