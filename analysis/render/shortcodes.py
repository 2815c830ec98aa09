"""Shortcodes ``{{< name … >}}``: replaced in the text before pandoc reads it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis.errors import Problem, nearest
from analysis.render.source import Line
from analysis.render.yamlread import dig, paths

_CODE = re.compile(r"\{\{\{<\s*(?P<shown>.*?)\s*>\}\}\}|\{\{<\s*(?P<run>.*?)\s*>\}\}")
_PAGE_BREAK = '<div style="page-break-after: always;"></div>'


class _WrongError(Exception):
    """What is found, and what to type."""

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(found)
        self.found, self.remedy = found, remedy


@dataclass(frozen=True, slots=True)
class Values:
    """What shortcodes look up."""

    meta: Mapping[str, Any]
    variables: Mapping[str, Any]
    environment: Mapping[str, str]


def expand(line: Line, values: Values, problems: list[Problem]) -> Line:
    """The line with its shortcodes replaced; what cannot be replaced goes to ``problems``."""
    if "{{<" not in line.text:
        return line

    def one(match: re.Match[str]) -> str:
        if match["run"] is None:
            return f"{{{{< {match['shown']} >}}}}"
        try:
            return _value(match["run"], values)
        except _WrongError as wrong:
            problems.append(Problem(line.where, wrong.found, remedy=wrong.remedy))
            return ""

    text = _CODE.sub(one, line.text)
    if "{{<" in _CODE.sub("", line.text):
        problems.append(
            Problem(
                line.where,
                "a shortcode that is not closed on its line",
                remedy="write `>}}` on the same line",
            )
        )
    return replace(line, text=text)


def _value(call: str, values: Values) -> str:
    try:
        words = shlex.split(call)
    except ValueError:
        raise _WrongError(f"a quote is not closed in {{{{< {call} >}}}}", "close it") from None
    name, arguments = (words[0], words[1:]) if words else ("", [])
    if name not in _KNOWN:
        raise _WrongError(
            f'the shortcode "{name}" does not exist',
            f"{nearest(name, [*_KNOWN, 'include'])}; to show the text itself, "
            f"write `{{{{{{< {call} >}}}}}}` in a code span",
        )
    return _KNOWN[name](arguments, values)


def _looked_up(data: Mapping[str, Any], file: str, name: str, arguments: list[str]) -> str:
    if len(arguments) != 1:
        raise _WrongError(f"{name} with {len(arguments)} names", f"write {{{{< {name} key >}}}}")
    key = arguments[0]
    try:
        value = dig(data, key)
    except KeyError:
        raise _WrongError(
            f'there is no "{key}" in {file}',
            f"add `{key.replace('.', ': ')}: …` to {file}, or correct the name "
            f"({nearest(key, paths(data))})",
        ) from None
    if isinstance(value, dict | list) or value is None:
        raise _WrongError(
            f'"{key}" in {file} is not a text', f"name one of its parts: {key}.1 or {key}.key"
        )
    return str(value).lower() if isinstance(value, bool) else str(value)


def _meta(arguments: list[str], values: Values) -> str:
    return _looked_up(values.meta, "the front matter", "meta", arguments)


def _var(arguments: list[str], values: Values) -> str:
    return _looked_up(values.variables, "_variables.yml", "var", arguments)


def _env(arguments: list[str], values: Values) -> str:
    if len(arguments) not in (1, 2):
        raise _WrongError("env without a name", 'write {{< env NAME "default" >}}')
    found = values.environment.get(arguments[0], *arguments[1:])
    if found is None:
        name = arguments[0]
        raise _WrongError(
            f"the environment has no {name}",
            f'write {{{{< env {name} "default" >}}}}, or {name}=value in _environment',
        )
    return found


def _pagebreak(arguments: list[str], values: Values) -> str:
    return _PAGE_BREAK


def _include(arguments: list[str], values: Values) -> str:
    raise _WrongError(
        "include within a line or a code block",
        "write {{< include file >}} on a line of its own, between blank lines",
    )


_KNOWN: dict[str, Callable[[list[str], Values], str]] = {
    "meta": _meta,
    "var": _var,
    "env": _env,
    "pagebreak": _pagebreak,
    "include": _include,
}
