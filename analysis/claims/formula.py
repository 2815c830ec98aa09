"""The small language of ``arithmetic:``: sums and quotients of cited figures, with their rounding.

Nothing is ever evaluated as Python. The grammar::

    formula := sum (("<" | "<=" | ">" | ">=" | "=") sum)?
    sum     := product (("+" | "-") product)*
    product := factor (("*" | "/") factor)*
    factor  := "-" factor | "(" sum ")" | NUMBER "%"? | NAME

``NAME`` is a claim (``C07``), one of its figures (``C45.vitesse``) or a constant. Each name brings
the band of its rounding, so that a result is an interval: 62 M€ is anything from 61.5 to 62.5.
Figures of different dimensions are not added: euros to persons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite

from analysis.claims.units import Dims, dimension_name, times

_TOKEN = re.compile(
    r"\s*(?:(?P<op><=|>=|[<>=()+*/×÷−-])|(?P<number>\d+(?:[.,]\d+)?)|(?P<percent>%)"
    r"|(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)?))"
)
_LONGEST = 100  # tokens; what is read by recursion must not be endless
_RELATIONS = ("<=", ">=", "<", ">", "=")
_SAME = {"×": "*", "÷": "/", "−": "-"}


class FormulaError(ValueError):
    """The text is no formula, or cannot be worked out; the message says why."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in base units with the interval that rounding leaves it, and its dimensions."""

    value: float
    low: float
    high: float
    dims: Dims = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a formula comes to.

    left : the value of the formula, or of the left of its relation
    right : that of the right, None without a relation
    relation : "" without
    """

    left: Quantity
    right: Quantity | None = None
    relation: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the relation can be true, given the rounding; None without a relation."""
        if self.right is None:
            return None
        a, b = self.left, self.right
        return {
            "<": a.low < b.high,
            "<=": a.low <= b.high,
            ">": a.high > b.low,
            ">=": a.high >= b.low,
            "=": a.low <= b.high and b.low <= a.high,
        }[self.relation]


@dataclass(frozen=True, slots=True)
class _Number:
    value: float


@dataclass(frozen=True, slots=True)
class _Name:
    name: str


@dataclass(frozen=True, slots=True)
class _Operation:
    op: str
    left: _Tree
    right: _Tree


_Tree = _Number | _Name | _Operation


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula; :meth:`names` are what it reads."""

    left: _Tree
    relation: str = ""
    right: _Tree | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Each name once, in order."""
        trees = [self.left] + ([self.right] if self.right else [])
        return tuple(dict.fromkeys(n for t in trees for n in _names(t)))

    def evaluate(self, known: Mapping[str, Quantity]) -> Result:
        """Work it out; raises :class:`FormulaError` for mixed dimensions or a division by zero."""
        left = _value(self.left, known)
        if self.right is None:
            return Result(left)
        right = _value(self.right, known)
        _same(left, right, "compared")
        return Result(left, right, self.relation)


def parse_formula(text: str) -> Formula:
    """The formula written in ``text``; raises :class:`FormulaError`."""
    if len(text) > 20 * _LONGEST:
        raise FormulaError("the formula is too long")
    parser = _Parser(list(_tokens(text)))
    left = parser.sum()
    relation = parser.take_one(_RELATIONS)
    right = parser.sum() if relation else None
    if parser.at < len(parser.tokens):
        raise FormulaError(f"« {parser.tokens[parser.at]} » stands where the end should be")
    return Formula(left, relation, right)


def _tokens(text: str) -> Iterator[str]:
    at = count = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        count += 1
        if found is None:
            raise FormulaError(f"« {text[at:].strip()[0]} » is not part of the language")
        if count > _LONGEST:
            raise FormulaError(f"more than {_LONGEST} words")
        token = found[0].strip()
        yield _SAME.get(token, token)
        at = found.end()


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def take_one(self, known: tuple[str, ...]) -> str:
        token = self.tokens[self.at] if self.at < len(self.tokens) else ""
        if token not in known:
            return ""
        self.at += 1
        return token

    def sum(self) -> _Tree:
        tree = self.product()
        while op := self.take_one(("+", "-")):
            tree = _Operation(op, tree, self.product())
        return tree

    def product(self) -> _Tree:
        tree = self.factor()
        while op := self.take_one(("*", "/")):
            tree = _Operation(op, tree, self.factor())
        return tree

    def factor(self) -> _Tree:
        if self.take_one(("-",)):
            return _Operation("-", _Number(0.0), self.factor())
        if self.take_one(("(",)):
            tree = self.sum()
            if not self.take_one((")",)):
                raise FormulaError("a closing parenthesis is missing")
            return tree
        if self.at >= len(self.tokens):
            raise FormulaError("a number or a name is missing at the end")
        token = self.tokens[self.at]
        self.at += 1
        if token[0].isdigit():
            number = float(token.replace(",", "."))
            return _Number(number / 100 if self.take_one(("%",)) else number)
        if token[0].isalpha():
            return _Name(token)
        raise FormulaError(f"« {token} » stands where a number or a name should be")


def _names(tree: _Tree) -> Iterator[str]:
    if isinstance(tree, _Name):
        yield tree.name
    elif isinstance(tree, _Operation):
        yield from _names(tree.left)
        yield from _names(tree.right)


def _value(tree: _Tree, known: Mapping[str, Quantity]) -> Quantity:
    if isinstance(tree, _Number):
        return Quantity(tree.value, tree.value, tree.value)
    if isinstance(tree, _Name):
        return known[tree.name]
    a, b = _value(tree.left, known), _value(tree.right, known)
    made = _added(tree.op, a, b) if tree.op in "+-" else _multiplied(tree.op, a, b)
    if not isfinite(made.value):
        raise FormulaError("the result is not a finite number")
    return made


def _added(op: str, a: Quantity, b: Quantity) -> Quantity:
    if a != Quantity(0.0, 0.0, 0.0):  # a sign before a figure
        _same(a, b, "added")
    if op == "+":
        return Quantity(a.value + b.value, a.low + b.low, a.high + b.high, b.dims)
    return Quantity(a.value - b.value, a.low - b.high, a.high - b.low, b.dims)


def _multiplied(op: str, a: Quantity, b: Quantity) -> Quantity:
    if op == "/":
        if b.low <= 0 <= b.high:
            raise FormulaError("a division by zero, or by what rounding may make zero")
        inverse = Quantity(1 / b.value, 1 / b.high, 1 / b.low)
        return _multiplied("*", a, Quantity(inverse.value, inverse.low, inverse.high,
                                            times((), b.dims, -1)))  # fmt: skip
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return Quantity(a.value * b.value, min(ends), max(ends), times(a.dims, b.dims))


def _same(a: Quantity, b: Quantity, verb: str) -> None:
    if a.dims != b.dims:
        raise FormulaError(
            f"{dimension_name(a.dims)} and {dimension_name(b.dims)} cannot be {verb}"
        )
