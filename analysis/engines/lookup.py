"""Numbers that depend on the category of a row, as expressions: halves of halves, no join.

A tree of ``when`` is as deep as the logarithm of the number of categories: a chain of them would be
as deep as there are categories, which no engine plans well.
"""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import numpy as np

from analysis.design import Floats
from analysis.engines.frames import Lazy

Known = Sequence[tuple[tuple[object, ...], int]]  # values of columns, and the code of each


def code(rows: Lazy, columns: Sequence[str], known: Known) -> nw.Expr:
    """The code of the values of the columns; of any of them where a value is not known."""
    schema = rows.collect_schema()
    texts = [schema[c] in (nw.Categorical, nw.Enum) for c in columns]
    read = [nw.col(c).cast(nw.String) if t else nw.col(c)
            for c, t in zip(columns, texts, strict=True)]  # fmt: skip
    return _code(read, known).cast(nw.Int64)


def _code(columns: list[nw.Expr], known: Known) -> nw.Expr:
    if not columns:
        return nw.lit(known[0][1])
    parts: dict[object, list[tuple[tuple[object, ...], int]]] = {}
    for (first, *rest), number in known:
        parts.setdefault(first, []).append((tuple(rest), number))
    leaves = [(value, _code(columns[1:], rest)) for value, rest in parts.items()]
    return _split(columns[0], leaves)


def _split(column: nw.Expr, leaves: list[tuple[object, nw.Expr]]) -> nw.Expr:
    if len(leaves) == 1:
        return leaves[0][1]
    half = len(leaves) // 2
    first = column.is_in([value for value, _ in leaves[:half]])
    return (
        nw.when(first).then(_split(column, leaves[:half])).otherwise(_split(column, leaves[half:]))
    )


def number_of(code: nw.Expr, numbers: Floats, first: int = 0) -> nw.Expr:
    """The number at the place that a code says, the first of them being ``first``."""
    if bool(np.all(numbers == numbers[0])):
        return nw.lit(float(numbers[0]))
    half = len(numbers) // 2
    below = number_of(code, numbers[:half], first)
    return (
        nw.when(code < first + half)
        .then(below)
        .otherwise(number_of(code, numbers[half:], first + half))
    )
