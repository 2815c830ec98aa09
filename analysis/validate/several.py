"""Multiple and ranked answers in the raw texts: columns cut in parts, empty cells told apart.

What an empty cell means depends on the other cells of the row. Where nothing at all is ticked or
cited, it takes the text :data:`NOTHING`, which the definition reads as its ``none:``; a rank left
free after a citation takes :data:`UNUSED`.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from analysis.definition import Survey, Variable
from analysis.definition.expand import (
    NO,
    NOTHING,
    UNUSED,
    YES,
    item_column,
    item_name,
    rank_column,
    rank_count,
    rank_name,
    ticked_texts,
)
from analysis.definition.texts import clean
from analysis.errors import Problem, nearest, quoted
from analysis.expressions import MISSING_KINDS
from analysis.ingest import ROW

_SHOWN_VALUES = 8


def cut_several(survey: Survey, wave: str, frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with the columns that the parts of multiple and ranked answers read.

    frame : cleaned texts, columns under the names of survey.yml
    """
    asked = survey.variables_in(wave)
    for name, v in survey.multiples.items():
        if _first_part(name, v) in asked:
            frame = frame.with_columns(**_cells(survey, wave, name, v))
        elif v.separator and v.column in frame.columns:  # whatever it holds should not be there
            cut = [c for c, source in survey.cut_columns.items() if source == v.column]
            frame = frame.with_columns(pl.col(v.column).alias(c) for c in cut)
    return frame


def several_problems(
    survey: Survey, wave: str, frame: pl.DataFrame, shown: str
) -> Iterator[Problem]:
    """Texts between separators that are no item, and items cited at two ranks."""
    asked = survey.variables_in(wave)
    for name, v in survey.multiples.items():
        if _first_part(name, v) not in asked:
            continue
        if v.separator:
            yield from _unknown(survey, wave, name, v, frame, shown)
        if v.type == "ranked":
            yield from _twice(survey, wave, name, v, frame, shown)


def _first_part(name: str, v: Variable) -> str:
    return rank_name(name, 1) if v.type == "ranked" else item_name(name, next(iter(v.items)))


def _cells(survey: Survey, wave: str, name: str, v: Variable) -> dict[str, pl.Expr]:
    """Column -> its texts."""
    if v.type == "ranked":
        return _ranks(survey, wave, name, v)
    return _split_items(survey, wave, name, v) if v.separator else _item_columns(name, v)


def _item_columns(name: str, v: Variable) -> dict[str, pl.Expr]:
    """One column an item: empty cells of a row without any tick say that nothing was ticked."""
    texts = {item_column(name, v, k): ticked_texts(v, item) for k, item in v.items.items()}
    if v.none == "answer":
        return {}
    empty = pl.all_horizontal(
        pl.col(c).is_in([clean(t) for t in no]) for c, (_, no) in texts.items()
    )
    return {c: pl.when(empty).then(pl.lit(NOTHING)).otherwise(pl.col(c)) for c in texts}


def _split_items(survey: Survey, wave: str, name: str, v: Variable) -> dict[str, pl.Expr]:
    """One column with a separator: "oui" or "non" an item; a kind of missing as it is written."""
    readings = _item_readings(survey, wave, name, v)
    whole, empty = _whole(survey, wave, name, v), pl.col(v.column).is_in(_empty(v))
    made = {}
    for code in v.items:
        texts = [t for t, c in readings.items() if c == code]
        found = _tokens(v).list.eval(pl.element().is_in(texts)).list.any()
        made[item_column(name, v, code)] = (
            pl.when(empty)
            .then(pl.lit(NO if v.none == "answer" else NOTHING))
            .when(whole)
            .then(pl.col(v.column))
            .when(found)
            .then(pl.lit(YES))
            .otherwise(pl.lit(NO))
        )
    return made


def _ranks(survey: Survey, wave: str, name: str, v: Variable) -> dict[str, pl.Expr]:
    """The text at each rank; free ranks are told from an answer that cites nothing."""
    columns = [rank_column(v, r) for r in range(1, rank_count(v) + 1)]
    if v.columns:
        texts = {c: pl.col(c) for c in columns}
    else:
        whole, tokens = _whole(survey, wave, name, v), _tokens(v)
        texts = {
            c: pl.when(whole)
            .then(pl.col(v.column))
            .otherwise(tokens.list.get(n, null_on_oob=True).fill_null(""))
            for n, c in enumerate(columns)
        }
    empty = {c: t.is_in(_empty(v)) for c, t in texts.items()}
    nothing = pl.all_horizontal(*empty.values())
    return {
        c: pl.when(nothing).then(pl.lit(NOTHING)).when(empty[c]).then(pl.lit(UNUSED)).otherwise(t)
        for c, t in texts.items()
    }


def _tokens(v: Variable) -> pl.Expr:
    parts = pl.col(v.column).str.split(v.separator)
    return parts.list.eval(pl.element().str.strip_chars())


def _empty(v: Variable) -> list[str]:
    return [clean(t) for t in v.not_chosen or ("",)]


def _whole(survey: Survey, wave: str, name: str, v: Variable) -> pl.Expr:
    """Boolean: the whole cell is one text of a kind of missing."""
    readings = survey.readings(_first_part(name, v), wave)
    return pl.col(v.column).is_in([t for t, code in readings.items() if code in MISSING_KINDS])


def _item_readings(survey: Survey, wave: str, name: str, v: Variable) -> dict[str, str]:
    """Cleaned text between separators -> item."""
    texts = {t: code for code, item in v.items.items() for t in item.texts}
    texts |= survey.waves[wave].recode.get(name, {})
    return {clean(t): code for t, code in texts.items()}


def _unknown(
    survey: Survey, wave: str, name: str, v: Variable, frame: pl.DataFrame, shown: str
) -> Iterator[Problem]:
    known = list(_item_readings(survey, wave, name, v))
    skip = _whole(survey, wave, name, v) | pl.col(v.column).is_in(_empty(v))
    tokens = frame.filter(~skip).select(ROW, text=_tokens(v))
    column = survey.waves[wave].rename.get(v.column, v.column)
    strange = tokens.explode("text").filter(~pl.col("text").is_in([*known, ""]))
    counts = strange.group_by("text", maintain_order=True).agg(pl.len(), first=pl.col(ROW).first())
    for text, count, row in counts.head(_SHOWN_VALUES).iter_rows():
        yield Problem(
            f"{shown}: row {row}, column {column}",
            f"{quoted(text)} is no item of {name} ({count} rows)",
            nearest(text, known),
            f"under recode: in waves/{wave}.yml write {name}: {{{quoted(text)}: <item>}}",
            row=int(row), column=column, value=text, rule=f"item {name}",
        )  # fmt: skip
    if v.type == "ranked":
        long = tokens.filter(pl.col("text").list.len() > rank_count(v))
        if long.height:
            row = int(long[ROW][0])
            yield Problem(
                f"{shown}: row {row}, column {column}",
                f"{long.height} rows cite more than {rank_count(v)} items",
                f"ranks: {rank_count(v)}",
                f"correct ranks: of {name} in survey.yml",
                row=row, column=column, rule=f"ranks {name}",
            )  # fmt: skip


def _twice(
    survey: Survey, wave: str, name: str, v: Variable, frame: pl.DataFrame, shown: str
) -> Iterator[Problem]:
    columns = [rank_column(v, r) for r in range(1, rank_count(v) + 1)]
    readings = survey.readings(rank_name(name, 1), wave)
    items = {t: code for t, code in readings.items() if code in v.items}
    read = pl.col(columns).replace_strict(items, default=None, return_dtype=pl.String)
    codes = frame.select(ROW, read)
    cited = pl.concat_list(columns).list.drop_nulls()
    wrong = codes.filter(cited.list.n_unique() < cited.list.len())
    if wrong.height:
        row = int(wrong[ROW][0])
        column = ", ".join(dict.fromkeys(survey.column(rank_name(name, r), wave)
                                         for r in range(1, rank_count(v) + 1)))  # fmt: skip
        yield Problem(
            f"{shown}: row {row}, column {column}",
            f"{wrong.height} rows cite an item of {name} at two ranks",
            "each item once",
            "correct the file, or declare the variable as multiple",
            row=row, column=column, rule=f"ranks {name}",
        )  # fmt: skip
