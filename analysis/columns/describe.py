"""One wave: counts, shares with intervals, numbers, ages, before any rule of publication."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import polars as pl

from analysis.codebook import QUANTILES, SCHEMA
from analysis.columns.answers import (
    Column,
    raw_name,
    read_columns,
    technical,
    wave_texts,
    weighted,
)
from analysis.columns.worths import worths
from analysis.definition import Survey
from analysis.design import SampleDesign
from analysis.estimators.bulk import tabulate
from analysis.estimators.options import DEFAULT
from analysis.estimators.quantile import quantile
from analysis.weighting.declared import wave_design

LISTED = 60  # texts that a column is listed by at most
FEW_NUMBERS = 10  # a column of no more different numbers is one of codes
FIFTH = 5  # the age that is told rests on that many people
# Columns that only :func:`analysis.columns.assemble.assemble` needs.
FACTS = {"distinct": pl.Int64(), "numbers": pl.Boolean(), "n_eff": pl.Float64(),
         "n_kish": pl.Float64(), "rests": pl.Int64(), "cv": pl.Float64(),
         "method": pl.String()}  # fmt: skip
Row = dict[str, Any]


def describe_wave(
    survey: Survey, wave: str, raw: pl.DataFrame, frame: pl.DataFrame, *, origin: str,
    definition_hash: str,
) -> pl.DataFrame:  # fmt: skip
    """The wave's rows of the codebook, and the facts of ``FACTS``.

    raw : the whole raw file as text ; frame : the harmonised rows of the wave
    """
    texts = wave_texts(survey, wave, raw, frame)
    columns = list(read_columns(survey, wave, texts, frame))
    made = frame.hstack([c.answer.alias(raw_name(c.name)) for c in columns])
    made = made.hstack([c.number.alias(number_name(c.name)) for c in columns if c.numbers_only])
    design = wave_design(survey, wave, made)
    ages = frame["age"] if "age" in survey.numeric and "age" in frame.columns else None
    people = pl.DataFrame({"w": design.weights}).with_columns(
        age=ages if ages is not None else None
    )
    counts = _long(columns, people, "answer")
    facts = _facts(counts)
    rows = list(_technical_rows(survey, wave, texts))
    rows += [_column_row(c, facts.get(c.name, (0, 0, None))) for c in columns]
    rows += _missing_rows(columns, people)
    rows += _number_rows([c for c in columns if c.numbers_only], design)
    listed = [c for c in columns if 0 < facts.get(c.name, (0, 0))[1] <= LISTED]
    table = pl.DataFrame(rows, schema=_schema(), orient="row")
    counted = pl.concat([table, *_answers(listed, design, counts)], how="diagonal")
    same = {"survey": survey.id, "wave": wave, "status": "A", "origin": origin,
            "definition_hash": definition_hash}  # fmt: skip
    return counted.with_columns(
        pl.lit(v, dtype=pl.String).alias(k) for k, v in same.items()
    ).select(pl.col(c).cast(t) for c, t in _schema().items())


def number_name(column: str) -> str:
    """The same column as numbers."""
    return f"number: {column}"


def _schema() -> dict[str, pl.DataType]:
    return SCHEMA | FACTS


def _long(
    columns: list[Column], people: pl.DataFrame, part: Literal["answer", "missing"]
) -> pl.DataFrame:
    """One row a respondent × column with that part: column, text (and kind), w, age."""
    if not columns:
        return pl.DataFrame(schema={"column": pl.String, "text": pl.String, "w": pl.Float64,
                                    "age": pl.Float64})  # fmt: skip
    given = people.with_columns(getattr(c, part).alias(raw_name(c.name)) for c in columns)
    long = given.unpivot(index=["w", "age"], variable_name="column", value_name="text")
    return long.drop_nulls("text").with_columns(
        pl.col("column").str.strip_prefix(raw_name("")), pl.col("age").cast(pl.Float64)
    )


def _facts(counts: pl.DataFrame) -> dict[str, tuple[int, int, float | None]]:
    """Answers, different texts and the fifth youngest age of each column that has answers."""
    aged = pl.col("age").drop_nulls().sort().slice(FIFTH - 1, 1).first()
    found = counts.group_by("column").agg(n=pl.len(), distinct=pl.col("text").n_unique(), age=aged)
    return {name: (n, distinct, age) for name, n, distinct, age in found.iter_rows()}


def _row(column: Column, part: str, **values: object) -> Row:
    r = column.readings
    known = {"column": column.name, "variable": r.variable, "label": r.label, "type": r.type,
             "guessed": not r.type, "part": part, "code": "", "text": "", "kind": "",
             "other": ""}  # fmt: skip
    return known | values


def _technical_rows(survey: Survey, wave: str, texts: pl.DataFrame) -> Iterator[Row]:
    for name, what in technical(survey, wave).items():
        if name in texts.columns:
            yield {"column": name, "variable": "", "label": "", "type": what, "guessed": False,
                   "part": "column", "code": "", "text": "", "kind": "", "other": "",
                   "n": texts.height, "base": texts.height}  # fmt: skip


def _column_row(column: Column, facts: tuple[int, int, float | None]) -> Row:
    """Who answered."""
    n, distinct, youngest = facts
    return _row(column, "column", n=n, base=len(column.answer), value=youngest, distinct=distinct,
                numbers=column.numbers_only)  # fmt: skip


def _missing_rows(columns: list[Column], people: pl.DataFrame) -> Iterator[Row]:
    """The kinds of missing with their texts; a filter may give one text two kinds."""
    for column in columns:
        if column.kind.null_count() == len(column.kind):
            continue
        kinds = pl.DataFrame({"kind": column.kind, "text": column.missing, "w": people["w"]})
        counted = (
            kinds.drop_nulls()
            .group_by("kind", "text", maintain_order=True)
            .agg(n=pl.len(), w=weighted())
        )
        for kind, text, n, weight in counted.sort("n", "text", descending=True).iter_rows():
            yield _row(column, "missing", kind=kind, text=text, n=n, base=len(column.kind),
                       n_weighted=weight)  # fmt: skip


def _answers(
    columns: list[Column], design: SampleDesign, counts: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """One row a text, in one pass for all columns; ``rests`` are those who weigh something."""
    if not columns:
        return
    value = _worths(columns, [c.answer for c in columns], design)
    found = tabulate(design, [raw_name(c.name) for c in columns], [], None, "proportion", DEFAULT)
    place = {raw_name(c.name): c for c in columns}
    counted = (
        counts.group_by("column", "text", maintain_order=True)
        .agg(n=pl.len().cast(pl.Int64), n_weighted=weighted())
        .with_columns((pl.lit(raw_name("")) + pl.col("column")).alias("raw"))
        .drop("column")
    )
    texts = pl.DataFrame(
        [_row(c, "answer") | {"raw": raw} for raw, c in place.items()],
        schema={k: _schema()[k] for k in _row(columns[0], "")} | {"raw": pl.String()},
    ).drop("text")  # fmt: skip
    codes = pl.concat(_codes(c) for c in columns)
    yield (
        found.rename({"variable": "raw", "category": "text", "estimate": "value", "n": "rests",
                      "n_weighted": "base_weighted"})
        .join(counted, on=["raw", "text"], how="left", maintain_order="left")
        .join(texts, on="raw", how="left", maintain_order="left")
        .drop("code")
        .join(codes, on=["raw", "text"], how="left", maintain_order="left")
        .with_columns(
            pl.col("code").fill_null(""), method=pl.lit("proportion"),
            # whoever weighs nothing (outside the frame) answered too
            base=pl.col("n").sum().over("raw").cast(pl.Int64),
            n_kish=pl.col("raw").replace_strict(
                [raw_name(c.name) for c in columns], value, return_dtype=pl.Float64
            ),
        )
        .select("column", "variable", "label", "type", "guessed", "part", "code", "text", "kind",
                "n", "base", "value", "se", "ci_low", "ci_high", "n_weighted", "other", "n_eff",
                "n_kish", "rests", "cv", "method")
    )  # fmt: skip


def _worths(
    columns: list[Column], answers: list[pl.Series], design: SampleDesign
) -> list[float | None]:
    """What the base of each column is worth."""
    everybody = pl.Series([""]).new_from_index(0, len(columns[0].answer))
    return [found.get("") for found in worths(design, answers, everybody)]


def _codes(column: Column) -> pl.DataFrame:
    known = column.readings.codes
    told = [t for t in column.answer.unique().drop_nulls() if t in known]
    name = raw_name(column.name)
    codes = [known[t] for t in told]
    return pl.DataFrame({"raw": [name] * len(told), "text": told, "code": codes},
                        schema=dict.fromkeys(("raw", "text", "code"), pl.String))  # fmt: skip


def _number_rows(columns: list[Column], design: SampleDesign) -> Iterator[Row]:
    """Mean with its interval, and quantiles, of columns of numbers."""
    known = {number_name(c.name): c for c in columns if c.answer.is_not_null().any()}
    if not known:
        return
    means = tabulate(design, list(known), [], None, "mean", DEFAULT)
    points = quantile(design, list(known), list(QUANTILES.values()), None, None, "woodruff",
                      "math", DEFAULT)  # fmt: skip
    value = _worths(columns, [known[k].number for k in known], design)
    worth = dict(zip(known, value, strict=True))
    for r in means.iter_rows(named=True):
        yield _row(known[r["variable"]], "number", kind="mean", n=r["n"], base=r["n"],
                   rests=r["n"], n_kish=worth[r["variable"]],
                   value=r["estimate"], se=r["se"], ci_low=r["ci_low"], ci_high=r["ci_high"],
                   n_weighted=r["n_weighted"], n_eff=r["n_eff"], cv=r["cv"],
                   method="mean")  # fmt: skip
    shares = {share: name for name, share in QUANTILES.items()}
    for r in points.iter_rows(named=True):
        kind = shares[min(shares, key=lambda s: abs(s - r["quantile"]))]
        yield _row(known[r["variable"]], "number", kind=kind, n=r["n"], base=r["n"],
                   value=_rounded(r["estimate"]), se=r["se"], method="quantile")  # fmt: skip


def _rounded(x: float | None) -> float | None:
    """Three significant digits: a quantile is somebody's answer."""
    return None if x is None or not np.isfinite(x) else float(f"{x:.3g}")
