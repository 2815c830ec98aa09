"""Cells: what ``#|`` options say, checked against the subset."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis.errors import BaroError, Problem
from analysis.render import schema
from analysis.render.source import Fence, Line
from analysis.render.yamlread import Yaml, read_yaml

_OPTION = re.compile(r"^#\|(?: |$)?(.*)$")
_LABEL = re.compile(r"^[\w][\w:.-]*$")
FLOAT = re.compile(r"^(fig|tbl)-")


@dataclass(frozen=True, slots=True)
class Cell:
    """A Python cell.

    options : its own over the document's (``execute:``)
    code : without options and leading blank lines, so that line k of it is ``lines[k - 1]``
    """

    opening: Line
    options: Mapping[str, Any]
    code: str
    lines: tuple[Line, ...]

    @property
    def label(self) -> str:
        """The label, or nothing."""
        return str(self.options.get("label", ""))

    def words(self, name: str) -> list[str]:
        """The option ``name`` (classes, tags) as a list of words."""
        value = self.options.get(name, [])
        listed = value if isinstance(value, list) else str(value).split()
        return [str(word).lstrip(".") for word in listed]

    def on(self, name: str) -> bool:
        """Whether an option is true."""
        return self.options.get(name) is True

    def where(self, line: int) -> str:
        """``file:line`` of line ``line`` (from 1) of the code."""
        return (
            self.lines[min(max(line, 1), len(self.lines)) - 1].where
            if self.lines
            else (self.opening.where)
        )


def read_cell(fence: Fence, execute: Mapping[str, Any], problems: list[Problem]) -> Cell | None:
    """The cell of a fenced block; None, with the reason added to ``problems``, when it is wrong."""
    refused = _not_python(fence)
    if refused:
        problems.append(refused)
        return None
    split = next(
        (n for n, line in enumerate(fence.inside) if not _OPTION.match(line.text)),
        len(fence.inside),
    )
    try:
        given = _options(fence.inside[:split])
    except BaroError as error:
        problems += error.problems
        return None
    problems += _problems(given, fence)
    code = list(fence.inside[split:])
    while code and not code[0].text.strip():
        code.pop(0)
    text = "\n".join(line.text for line in code).rstrip()
    return Cell(fence.opening, {**execute, **given.data}, text, tuple(code))


def _not_python(fence: Fence) -> Problem | None:
    place = fence.opening.where
    if fence.opening.text.strip().startswith(("```{{", "~~~{{")):
        return Problem(
            place,
            "a cell shown with double braces",
            remedy="write ```python for code that is shown and not run",
        )
    if fence.language != "python":
        return Problem(
            place,
            f"a cell in {fence.language}",
            "```{python}",
            f"rewrite it in Python, or write ```{fence.language} for code that is only shown",
        )
    if fence.rest:
        return Problem(
            place,
            f"options between the braces: {fence.rest}",
            "```{python}",
            "write each option on a line of its own below, like `#| echo: true`",
        )
    if fence.opening.text != fence.opening.text.lstrip():
        return Problem(
            place,
            "an indented cell",
            remedy="start ```{python} at the first column",
        )
    return None


def _options(lines: tuple[Line, ...]) -> Yaml:
    if not lines:
        return Yaml("")
    text = "\n".join(match[1] for line in lines if (match := _OPTION.match(line.text)))
    return read_yaml(text, lines[0].file, lines[0].number)


def _problems(given: Yaml, fence: Fence) -> Iterator[Problem]:
    yield from schema.wrong(given, (), schema.CELL, closed=True)
    label = given.data.get("label", "")
    if label and not _LABEL.match(str(label)):
        yield Problem(
            given.where("label"),
            f'the label "{label}"',
            "letters, digits, - and _",
            "write a label like `fig-taux`",
        )
    for name, prefix in (("tbl-cap", "tbl-"), ("fig-cap", "fig-")):
        other = FLOAT.match(str(label))
        if (
            name in given.data
            and not str(label).startswith(prefix)
            and (other or name == "tbl-cap")
        ):
            yield Problem(
                given.where(name),
                f'{name} on a cell labelled "{label}"',
                f"a label {prefix}…",
                f"write `#| label: {prefix}…`, or the caption as {str(label)[:3] or 'fig'}-cap",
            )


def injected(cell: Cell, values: Mapping[str, Any]) -> Cell:
    """The cell Quarto adds after the ``parameters`` one, which gives the values of this render."""
    lines = [f"{name} = {value!r}" for name, value in values.items()]
    code = "\n".join(["# Injected Parameters", *lines])
    options = {k: v for k, v in cell.options.items() if k not in ("label", "tags", "id")}
    return replace(cell, options=options, code=code, lines=(cell.opening,) * (len(lines) + 1))
