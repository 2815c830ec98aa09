"""Values given to the cell tagged ``parameters``."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from analysis.errors import Problem, nearest, raise_all
from analysis.render.cells import Cell, injected


def names_of(pieces: tuple[Any, ...]) -> list[str]:
    """Names that the parameters cell of a document assigns."""
    cell = _parameters_cell(pieces)
    try:
        tree = ast.parse(cell.code) if cell else None
    except SyntaxError:
        return []  # running the cell says so, with its line
    targets = [
        target
        for statement in (tree.body if tree else [])
        for target in getattr(statement, "targets", [getattr(statement, "target", None)])
    ]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def with_values(pieces: tuple[Any, ...], params: Mapping[str, Any], file: str) -> tuple[Any, ...]:
    """The pieces with a cell that gives ``params`` after the parameters cell.

    Raises BaroError on a name that cell does not assign (Quarto accepts it silently).
    """
    if not params:
        return pieces
    cell = _parameters_cell(pieces)
    place = cell.opening.where if cell else file
    raise_all(unknown(place, params, names_of(pieces)))
    out: list[Any] = []
    for piece in pieces:
        out.append(piece)
        if piece is cell and cell is not None:
            out.append(injected(cell, params))
    return tuple(out)


def unknown(place: str, params: Mapping[str, Any], known: list[str]) -> list[Problem]:
    """A problem for each parameter that nothing assigns."""
    return [
        Problem(
            place,
            f'the parameter "{name}" is not one of the document',
            remedy=f"{nearest(name, known)}, or add `{name} = …` to a cell with "
            "`#| tags: [parameters]`",
        )
        for name in params
        if name not in known
    ]


def _parameters_cell(pieces: tuple[Any, ...]) -> Cell | None:
    tagged = (p for p in pieces if isinstance(p, Cell) and "parameters" in p.words("tags"))
    return next(tagged, None)
