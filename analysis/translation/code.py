"""The words in the Python of a page: titles and sentences, with what they compute left as it is.

``f"En {b.wave}, {b.value('x')} des adultes"`` is the text "En {1}, {2} des adultes"; it becomes
``'In {0}, {1} of adults'.format(b.wave, b.value('x'))``. Names of indicators, groups and waves are
no words and stay.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from analysis.phrasebook import Message, Say

# A code: a name in lower case, that of a claim, or "indicator, domain = group".
_CODE = re.compile(r"[a-z0-9_.,=#/-]*|[A-Z]\d+|[a-z0-9_]+(?:, [a-z0-9_]+)? = [a-z0-9_]+")
# Calls whose strings after the first are words of a sentence, even where they look like codes.
_GRAMMAR = ("share", "simple", "people", "tallied")
_PLACE = re.compile(r"\{(\d+)\}")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class _Words:
    """A string of the code, its text, and the expressions that stand in it."""

    node: ast.Constant | ast.JoinedStr
    text: str
    computed: tuple[str, ...]


def translated_code(code: str, where: Callable[[int], str], say: Say) -> str:
    """The code with its words replaced, line for line.

    where : the place of a line of the code, from 1. Code that cannot be read stays as it is: the
    renderer says what is wrong, with its line.
    """
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return code
    lines = code.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()) + 1)
    out, raw = b"", code.encode()
    done = 0
    for words in sorted(_words(tree), key=lambda w: (w.node.lineno, w.node.col_offset)):
        node = words.node
        begin = starts[node.lineno - 1] + node.col_offset
        last = (node.end_lineno or node.lineno) - 1
        end = starts[last] + (node.end_col_offset or 0)
        found = say(Message(words.text, where(node.lineno), words.computed))
        fewer = raw[begin:end].count(b"\n")
        out += raw[done:begin] + _literal(found, words.computed).encode() + b"\n" * fewer
        done = end
    return (out + raw[done:]).decode()


def _literal(text: str, computed: tuple[str, ...]) -> str:
    """Python that gives the text with its expressions in place."""
    if not computed:
        return repr(text)
    doubled = text.replace("{", "{{").replace("}", "}}")
    numbered = re.sub(r"\{\{(\d+)\}\}", lambda m: f"{{{int(m[1]) - 1}}}", doubled)
    return f"{numbered!r}.format({', '.join(computed)})"


def _words(tree: ast.AST) -> Iterator[_Words]:
    grammar = set(_spoken(tree))
    for node in _strings(tree):
        if isinstance(node, ast.JoinedStr):
            text, computed = _template(node)
            if _LETTER.search(_PLACE.sub("", text)):
                yield _Words(node, text, computed)
        elif _LETTER.search(str(node.value)) and (
            id(node) in grammar or not _CODE.fullmatch(str(node.value))
        ):
            yield _Words(node, str(node.value), ())


def _strings(node: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Whole strings, not the parts of which an f-string consists."""
    if isinstance(node, ast.JoinedStr):
        yield node
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node
    else:
        for child in ast.iter_child_nodes(node):
            yield from _strings(child)


def _spoken(tree: ast.AST) -> Iterator[int]:
    """The strings that are words because of the call they stand in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _GRAMMAR:
            for argument in node.args[1:]:
                yield from (id(inner) for inner in ast.walk(argument))


def _template(node: ast.JoinedStr) -> tuple[str, tuple[str, ...]]:
    text, computed = "", []
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
            continue
        assert isinstance(part, ast.FormattedValue)
        plain = part.conversion == -1 and part.format_spec is None
        shown = part.value if plain else ast.JoinedStr([part])
        computed.append(ast.unparse(shown))
        text += f"{{{len(computed)}}}"
    return text, tuple(computed)
