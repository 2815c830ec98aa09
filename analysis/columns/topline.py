"""One column tabulated: shares of its answers with n and intervals, kinds of missing apart."""

from __future__ import annotations

import polars as pl

from analysis.columns.answers import (
    Column,
    Readings,
    raw_name,
    read_columns,
    wave_texts,
    weighted,
)
from analysis.columns.describe import FEW_NUMBERS, LISTED, number_name
from analysis.columns.worths import worths
from analysis.definition import Survey, Variable
from analysis.design import SampleDesign
from analysis.disclosure import FEWEST, publishable, untold
from analysis.errors import nearest, refuse
from analysis.estimates import WHOLE
from analysis.estimators.bulk import tabulate
from analysis.estimators.options import DEFAULT
from analysis.expressions import MISSING_KINDS
from analysis.weighting.declared import wave_design

TOPLINE: dict[str, pl.DataType] = {
    "survey": pl.String(), "wave": pl.String(), "column": pl.String(), "variable": pl.String(),
    "domain": pl.String(), "domain_value": pl.String(), "part": pl.String(), "code": pl.String(),
    "text": pl.String(), "kind": pl.String(), "n": pl.Int64(), "base": pl.Int64(),
    "estimate": pl.Float64(), "se": pl.Float64(), "ci_low": pl.Float64(), "ci_high": pl.Float64(),
    "deff": pl.Float64(), "n_weighted": pl.Float64(), "method": pl.String(), "status": pl.String(),
    "origin": pl.String(), "definition_hash": pl.String(),
}  # fmt: skip
_CELL = "domain: of the topline"
_FIGURES = ("estimate", "se", "ci_low", "ci_high", "deff", "n_weighted")


def topline(
    survey: Survey, wave: str, raw: pl.DataFrame, frame: pl.DataFrame, name: str, domain: str,
    *, origin: str, definition_hash: str,
) -> pl.DataFrame:  # fmt: skip
    """The rows of ``TOPLINE`` of one column in one wave; none where the wave does not have it.

    name : a raw column, or a variable made from others ; domain : "ensemble" or a domain
    Parts: "answer" (share of the valid answers; n those who give it, base those who answer),
    "mean" of a column of numbers, "missing" (n by kind, base everybody). Figures that may not be
    published are null (status Q). Raises :class:`BaroError` for columns never listed by value.
    """
    column = _column(survey, wave, raw, frame, name)
    if column is None:
        return pl.DataFrame(schema=TOPLINE)
    numeric = column.readings.type == "numeric" or (
        not column.readings.type and column.numbers_only
        and column.answer.drop_nulls().n_unique() > FEW_NUMBERS
    )  # fmt: skip
    made = frame.with_columns(column.answer.alias(raw_name(name)), _cells(survey, domain, frame))
    if numeric:
        made = made.with_columns(column.number.alias(number_name(name)))
    design = wave_design(survey, wave, made)
    parts = [_missing(column, design, domain)]
    if column.answer.is_not_null().any():
        _refuse_unlisted(column, numeric)
        parts.append((_mean if numeric else _shares)(column, design, domain))
    same = {"survey": survey.id, "wave": wave, "column": name, "domain": domain, "origin": origin,
            "variable": column.readings.variable, "definition_hash": definition_hash}  # fmt: skip
    (found,) = worths(design, [column.number if numeric else column.answer], design.frame[_CELL])
    value = pl.col("domain_value").replace_strict(
        found or {"": None}, default=None, return_dtype=pl.Float64
    )
    table = (
        pl.concat(parts, how="diagonal")
        .with_columns(value.alias("n_kish"))
        .with_columns(pl.lit(v, dtype=pl.String).alias(k) for k, v in same.items())
    )
    ruled = _ruled(survey, _in_order(survey, domain, column, table))
    return ruled.select(pl.col(c).cast(t) for c, t in TOPLINE.items())


def _column(
    survey: Survey, wave: str, raw: pl.DataFrame, frame: pl.DataFrame, name: str
) -> Column | None:
    v = survey.spec.variables.get(name)
    if name not in raw.columns and v is not None and name in frame.columns:
        return _harmonised(name, v, frame)
    texts = wave_texts(survey, wave, raw, frame)
    return next(read_columns(survey, wave, texts, frame, [name]), None)


def _harmonised(name: str, v: Variable, frame: pl.DataFrame) -> Column:
    """A variable made from others, as if its labels stood in the file."""
    kind = frame[f"{name}.missing" if v.numeric else name].cast(pl.String)
    missing = kind.is_in(list(MISSING_KINDS))
    values = frame[name].cast(pl.String)
    labels = {code: c.label for code, c in v.categories.items()}
    answer = values.replace(list(labels), list(labels.values())) if labels else values
    made = pl.DataFrame({"answer": answer, "kind": kind, "missing": missing}).with_columns(
        pl.when(~pl.col("missing").fill_null(value=False)).then("answer").alias("answer"),
        pl.when("missing").then("kind").alias("kind"),
    )
    codes = {label: code for code, label in labels.items()}
    declared = "numeric" if v.numeric else "categorical"
    readings = Readings(name, v.label, declared, codes)
    return Column(name, readings, made["answer"], made["kind"], made["kind"])


def _refuse_unlisted(column: Column, numeric: bool) -> None:
    if not numeric and column.answer.drop_nulls().n_unique() > LISTED:
        raise refuse(f"topline: {column.name}", "more than 60 texts: not listed by value",
                     "a column of categories or of numbers",
                     "declare it in survey.yml with its categories, or as numeric")  # fmt: skip


def _cells(survey: Survey, domain: str, frame: pl.DataFrame) -> pl.Expr:
    """The level of the domain, codes of crossed variables joined with a point; null for none."""
    if domain == WHOLE:
        return pl.lit(WHOLE).alias(_CELL)
    names = survey.spec.domains[domain].crossed
    absent = next((n for n in names if n not in frame.columns), None)
    if absent:
        raise refuse(f"topline: --by {domain}", f"the wave has no {absent}",
                     "a wave that asked it", "name other waves with --wave")  # fmt: skip
    texts = [pl.col(n).cast(pl.String) for n in names]
    known = pl.all_horizontal(~t.is_in(list(MISSING_KINDS)) for t in texts)
    return pl.when(known).then(pl.concat_str(texts, separator=".")).alias(_CELL)


def known_domain(survey: Survey, domain: str) -> str:
    """``domain`` where it is declared, or the whole; refuses others with the nearest."""
    if domain == WHOLE or domain in survey.spec.domains:
        return domain
    raise refuse(f"topline: --by {domain}", "no such domain",
                 nearest(domain, survey.spec.domains), "correct the name")  # fmt: skip


def _levels(found: pl.DataFrame, domain: str) -> pl.DataFrame:
    """The rows of the whole, or those of the levels."""
    wanted = WHOLE if domain == WHOLE else _CELL
    return found.filter(pl.col("domain") == wanted).drop("domain", "variable")


def _shares(column: Column, design: SampleDesign, domain: str) -> pl.DataFrame:
    by = [] if domain == WHOLE else [_CELL]
    found = tabulate(design, [raw_name(column.name)], by, None, "proportion", DEFAULT)
    frame = pl.DataFrame({"domain_value": design.frame[_CELL], "text": column.answer,
                          "w": design.weights}).drop_nulls()  # fmt: skip
    counts = frame.group_by("domain_value", "text", maintain_order=True).agg(
        n=pl.len(), n_weighted=weighted()
    )
    codes = column.readings.codes
    return (
        _levels(found, domain)
        .rename({"category": "text", "n": "rests"})
        .drop("n_weighted")
        .filter(pl.col("rests") > 0)
        .join(counts, on=["domain_value", "text"], how="left", maintain_order="left")
        .with_columns(
            # whoever weighs nothing (outside the frame) answered too
            pl.col("n").fill_null(0).cast(pl.Int64), pl.col("n_weighted").fill_null(0.0),
            base=pl.col("n").sum().over("domain_value").cast(pl.Int64),
            part=pl.lit("answer"), kind=pl.lit(""),
            code=pl.col("text").replace_strict(codes, default="", return_dtype=pl.String),
            method=pl.lit("proportion; linearized; logit; deff=wr"),
        )
    )  # fmt: skip


def _mean(column: Column, design: SampleDesign, domain: str) -> pl.DataFrame:
    by = [] if domain == WHOLE else [_CELL]
    found = tabulate(design, [number_name(column.name)], by, None, "mean", DEFAULT)
    return _levels(found, domain).filter(pl.col("n") > 0).with_columns(
        base=pl.col("n"), rests=pl.col("n"), part=pl.lit("mean"), kind=pl.lit(""), code=pl.lit(""),
        text=pl.lit(""),
        method=pl.lit("mean; linearized; wald; deff=wr"),
    ).drop("category")  # fmt: skip


def _missing(column: Column, design: SampleDesign, domain: str) -> pl.DataFrame:
    """Respondents by kind of missing and level; base is the level."""
    frame = pl.DataFrame({"domain_value": design.frame[_CELL], "kind": column.kind,
                          "w": design.weights}).drop_nulls("domain_value")  # fmt: skip
    base = frame.group_by("domain_value").agg(base=pl.len().cast(pl.Int64))
    found = frame.drop_nulls("kind").group_by("domain_value", "kind", maintain_order=True).agg(
        n=pl.len().cast(pl.Int64), n_weighted=weighted()
    )  # fmt: skip
    return found.join(base, on="domain_value").with_columns(
        part=pl.lit("missing"), code=pl.lit(""), text=pl.lit(""), method=pl.lit("count")
    )


def _in_order(survey: Survey, domain: str, column: Column, table: pl.DataFrame) -> pl.DataFrame:
    """Levels and categories in the order of the definition, other texts by their sizes."""
    variable = survey.spec.variables.get(column.readings.variable)
    codes = list(variable.categories) if variable else []
    first = survey.spec.domains[domain].crossed[0] if domain != WHOLE else ""
    levels = list(survey.spec.variables[first].categories) if first else []
    head = pl.col("domain_value").str.split(".").list.first()
    return table.sort(
        _rank(pl.col("part"), ["mean", "answer", "missing"]),
        _rank(head, levels),
        "domain_value",
        _rank(pl.col("code"), codes),
        pl.col("n"),
        "text",
        "kind",
        descending=[False, False, False, False, True, False, False],
    )


def _rank(values: pl.Expr, order: list[str]) -> pl.Expr:
    """Places in ``order``, those that are not in it last."""
    places = {name: i for i, name in enumerate(order)}
    return values.replace_strict(places or {"": 0}, default=len(order), return_dtype=pl.Int64)


def _rests(table: pl.DataFrame) -> pl.Expr:
    """Respondents that a figure rests on; null in a table of nothing but kinds of missing."""
    return pl.col("rests") if "rests" in table.columns else pl.lit(None, dtype=pl.Int64)


def _ruled(survey: Survey, table: pl.DataFrame) -> pl.DataFrame:
    """The rule of reliability, then counts too small to be told, level by level."""
    cells = table.with_columns(
        count=pl.col("n"), n=pl.coalesce(_rests(table), "base"), indicator=pl.lit("")
    )
    counted = pl.col("part") == "missing"
    ruled = publishable(survey, cells).with_columns(
        n=pl.col("count"), status=pl.when(counted).then(pl.lit("A")).otherwise("status")
    )
    kept = []
    for _, part in ruled.group_by("domain_value", "part", maintain_order=True):
        counts, whole = part["n"].to_list(), part["part"][0] == "mean"
        hidden = pl.Series([n < FEWEST for n in counts] if whole else untold(counts))
        kept.append(part.with_columns(hidden=hidden))
    shown = ~pl.col("hidden")
    return pl.concat(kept).with_columns(
        pl.when(shown).then("status").otherwise(pl.lit("Q")).alias("status"),
        pl.when(pl.col("base") >= FEWEST).then("base").alias("base"),
        *(pl.when(shown).then(pl.col(c)).alias(c) for c in ("n", *_FIGURES)),
    )
