"""Numbers that depend on the category of a row, as expressions: halves of halves, no join.

A tree of ``when`` is as deep as the logarithm of the number of categories: a chain of them would be
as deep as there are categories, which no engine plans well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from analysis.engines.frames import Lazy

Known = Sequence[tuple[tuple[Any, ...], float]]  # values of columns, and the number of each


def looked_up(rows: Lazy, columns: Sequence[str], known: Known) -> nw.Expr:
    """The number of the values of the columns; that of any of them where a value is not known."""
    schema = rows.collect_schema()
    texts = [schema[c] in (nw.Categorical, nw.Enum) for c in columns]
    read = [nw.col(c).cast(nw.String) if t else nw.col(c)
            for c, t in zip(columns, texts, strict=True)]  # fmt: skip
    return _number(read, known)


def _number(columns: list[nw.Expr], known: Known) -> nw.Expr:
    if len({number for _, number in known}) == 1:
        return nw.lit(known[0][1])
    parts: dict[Any, list[tuple[tuple[Any, ...], float]]] = {}
    for (first, *rest), number in known:
        parts.setdefault(first, []).append((tuple(rest), number))
    # Numbers and dates have one order everywhere; that of texts may be a collation's.
    ordered = not any(isinstance(value, str | bool) for value in parts)
    values = sorted(parts) if ordered else list(parts)
    return _split(columns, [(value, parts[value]) for value in values], ordered)


def _split(columns: list[nw.Expr], parts: list[tuple[Any, Known]], ordered: bool) -> nw.Expr:
    if len(parts) == 1:
        return _number(columns[1:], parts[0][1])
    half = len(parts) // 2
    column, values = columns[0], [value for value, _ in parts]
    first = column < values[half] if ordered else column.is_in(values[:half])
    below, above = (_split(columns, side, ordered) for side in (parts[:half], parts[half:]))
    return nw.when(first).then(below).otherwise(above)
