"""Waves side by side: what each column is, what changed, and what may be published of it."""

from __future__ import annotations

from typing import Any

import polars as pl

from analysis.codebook import SCHEMA
from analysis.columns.changes import changes
from analysis.columns.describe import FEW_NUMBERS, LISTED
from analysis.definition import Survey
from analysis.disclosure import FEWEST, publishable, untold
from analysis.rounding import amount_step, rounded_counts, to_step

_SORTED = ("column", "wave", "part", "place")
_PARTS = ("column", "answer", "missing", "number", "change")
_ALIKE = 0.95  # share of different texts from which a column tells who, not what
_FIGURES = ("value", "se", "ci_low", "ci_high")
_LEAST = 30  # answers that a mean or a quantile rests on
_FOR_ENDS = 100  # and the 5th and 95th percentile


def assemble(
    survey: Survey, waves: pl.DataFrame, hidden: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The codebook, from the rows of all waves (:func:`analysis.columns.describe.describe_wave`).

    Types that were not declared are guessed over all waves; texts too rare to be told are put
    together; counts, shares and numbers that may not be published lose their figures.

    hidden : what is confidential, see :data:`analysis.disclosure.PATTERN`; None where nothing is
    Where the survey rounds its counts, they are rounded, and none is left out for being small.
    """
    base = survey.rounding if hidden is not None else None
    typed = _typed(waves)
    kept = typed.filter(
        pl.col("part").is_in(["column", "missing"])
        | ((pl.col("part") == "answer") & (pl.col("type") == "categorical"))
        | ((pl.col("part") == "number") & (pl.col("type") == "numeric"))
    )
    counted = _rounded(kept, base) if base else _suppressed(kept)
    told = _told(counted)
    columns = counted if base else typed
    drift = changes(
        told,
        columns.filter((pl.col("part") == "column") & (pl.col("base") > 0)),
        list(survey.waves),
    )
    published = _published(survey, told)
    if hidden is not None:
        published = _counts_only(survey, published, hidden)
    if base:
        published = _to_base(published, base)
    same = waves.select("wave", "survey", "origin", "definition_hash").unique()
    dated = drift.with_columns(status=pl.lit("A")).join(same, on="wave", how="left")
    made = pl.concat([published, dated], how="diagonal").with_columns(
        pl.col("part").cast(pl.Enum(_PARTS)),
        place=pl.col("text").replace_strict(*_places(survey, told), default=10**6),
    )
    ordered = made.sort(
        "column", "wave", "part", "place", "n", "text", "kind", "other",
        descending=[False, False, False, False, True, False, False, False], nulls_last=True,
    )  # fmt: skip
    return ordered.select(pl.col(c).cast(t) for c, t in SCHEMA.items())


def _counts_only(survey: Survey, rows: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    """Of confidential answers counts over the whole sample are told, and no weighted share.

    A share of those who answered is one more equation for whoever looks for a hidden one. Counts
    that are hidden themselves take those of the other answers to the same questions with them.
    """
    secret = [
        (wave, variable)
        for wave, indicator in hidden.filter(pl.col("kind") == "sample")
        .select("wave", "indicator").unique().iter_rows()
        for variable in survey.reads(indicator)
    ]  # fmt: skip
    shut = pl.concat_str("wave", pl.lit("/"), "variable").is_in([f"{w}/{v}" for w, v in secret])
    number, answer = pl.col("part") == "number", pl.col("part") == "answer"
    return rows.with_columns(
        pl.when(~(shut & (pl.col("part") != "column"))).then("n").alias("n"),
        *(
            pl.when(number).then(pl.col(c).round_sig_figs(2)).when(~answer).then(pl.col(c)).alias(c)
            for c in _FIGURES
        ),
        pl.when(~(number | answer))
        .then(pl.col("n_weighted").round_sig_figs(2))  # as shares: with known weights, an equation
        .alias("n_weighted"),
    )


def _to_base(rows: pl.DataFrame, base: int) -> pl.DataFrame:
    """Numbers to the step that rounded counts leave them, their intervals outward.

    Of answers a count is told and no share: nor is the reliability of the share.
    """

    def stepped(r: dict[str, Any]) -> dict[str, float | None]:
        n, value = r["n"], r["value"]
        step = amount_step(value, n, base) if n is not None and value is not None else None
        sides = {"value": 0, "se": 1, "ci_low": -1, "ci_high": 1}
        return {c: to_step(r[c], step, side) if step and r[c] is not None else None
                for c, side in sides.items()}  # fmt: skip

    number, counted = pl.col("part") == "number", pl.col("part").is_in(["answer", "missing"])
    told = pl.DataFrame(
        [stepped(r) for r in rows.select("n", *_FIGURES).iter_rows(named=True)],
        schema=dict.fromkeys(_FIGURES, pl.Float64),
    )
    status = pl.when(pl.col("n").is_null()).then(pl.lit("Q")).otherwise(pl.lit("A"))
    return rows.with_columns(
        *(pl.when(number).then(told[c]).otherwise(c).alias(c) for c in _FIGURES),
        status=pl.when(counted).then(status).otherwise("status"),
    )


def _places(survey: Survey, told: pl.DataFrame) -> tuple[list[str], list[int]]:
    """Texts of categories in the order of the definition, whatever the column."""
    codes = told.filter(pl.col("code") != "").select("variable", "code", "text").unique()
    order: dict[str, int] = {}
    for variable, code, text in codes.sort(pl.all()).iter_rows():
        known = survey.spec.variables.get(variable)
        if known and code in known.categories:
            order.setdefault(text, list(known.categories).index(code))
    return list(order), list(order.values())


def _typed(waves: pl.DataFrame) -> pl.DataFrame:
    """``type`` of each column over all its waves; declared in one wave is declared in all."""
    facts = (
        waves.filter(pl.col("part") == "column")
        .group_by("column")
        .agg(
            declared=pl.col("type").filter(pl.col("type") != "").first(),
            numbers=pl.col("numbers").all(),
            distinct=pl.col("distinct").max(),
            alike=(pl.col("distinct") / pl.col("n")).filter(pl.col("n") >= _LEAST).max(),
        )
    )
    many = pl.col("distinct") > LISTED
    guess = (
        pl.when(many & (pl.col("alike") >= _ALIKE))
        .then(pl.lit("unlisted"))
        .when(pl.col("numbers") & (pl.col("distinct") > FEW_NUMBERS))
        .then(pl.lit("numeric"))
        .when(many)
        .then(pl.lit("unlisted"))
        .otherwise(pl.lit("categorical"))
    )
    types = facts.select("column", type=pl.coalesce("declared", guess),
                         guessed=pl.col("declared").is_null())  # fmt: skip
    return waves.drop("type", "guessed").join(types, on="column", how="left", maintain_order="left")


def _suppressed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, with which counts may not be told (hidden), are enough (many), are too few (few).

    many : for a text to be told ; few : for a number
    """
    parts = [p for _, p in rows.group_by("column", "wave", "part", maintain_order=True)]
    hidden = [h for part in parts
              for h in (untold(part["n"].to_list()) if part["part"][0] != "number"
                        else [False] * part.height)]  # fmt: skip
    few = ((pl.col("part") == "column") & pl.col("hidden")) | (
        (pl.col("part") == "number") & (pl.col("n") < FEWEST)
    )
    made = pl.concat(parts).with_columns(
        hidden=pl.Series(hidden, dtype=pl.Boolean), many=pl.col("n") >= FEWEST
    )
    return made.with_columns(few=few)


def _rounded(rows: pl.DataFrame, base: int) -> pl.DataFrame:
    """The same with counts to the base, however small; only texts of nobody's definition are rare.

    How many answered is the sum of the counts told of their answers. Rounded itself, it would be a
    second rounding of a sum: answers that add up to it could then be worked out. Counts of missing
    answers, which add up with it to all respondents, are not told.
    """
    column, answer, missing, number = (
        pl.col("part") == k for k in ("column", "answer", "missing", "number")
    )
    text = answer & (pl.col("code") == "")
    told = rows.with_columns(
        rounded_counts(pl.col("n", "base", "rests"), base),
        hidden=text & (pl.col("n") < FEWEST), many=pl.col("n") >= FEWEST,
    )  # fmt: skip
    sums = told.filter(answer & ~pl.col("hidden")).group_by("column", "wave")
    return (
        told.join(sums.agg(sum=pl.col("n").sum()), on=["column", "wave"], how="left",
                  maintain_order="left")
        .with_columns(
            n=pl.when(column).then(pl.coalesce("sum", "n")).when(~missing).then("n"),
            base=pl.when(answer).then("sum").otherwise("base"),
            n_weighted=pl.lit(None, dtype=pl.Float64),
            few=number & (pl.col("n") <= FEWEST),
        )
        .drop("sum")
    )  # fmt: skip


def _told(ordered: pl.DataFrame) -> pl.DataFrame:
    """Counts that may not be told made null, texts too rare in every wave put into one row.

    A text is told where it is a category or a kind of missing of the definition, or rests on
    enough people in one wave at least.
    """
    seen = ordered.filter((pl.col("part") == "answer") & pl.col("many"))
    known = seen.select("column", "text").unique().with_columns(seen=pl.lit(value=True))
    marked = ordered.join(known, on=["column", "text"], how="left", maintain_order="left")
    rare = (
        (pl.col("part") == "answer")
        & pl.col("hidden")
        & pl.col("seen").is_null()
        & (pl.col("code") == "")
    )
    names = marked.with_columns(rare=rare)
    pooled = (
        names.filter("rare")
        .group_by("column", "wave", maintain_order=True)
        .agg(
            pl.exclude("n", "n_weighted", "text", "other", *_FIGURES).first(),
            other=pl.len().cast(pl.String),
            text=pl.lit(""),
        )
    )
    told = pl.concat([names.filter(~pl.col("rare")), pooled], how="diagonal")
    figures = pl.col("n", "n_weighted", *(f for f in _FIGURES))
    keep = ~pl.col("hidden") | (pl.col("part") == "column")
    shown = told.with_columns(pl.when(keep).then(figures))
    return shown.with_columns(
        pl.when(~pl.col("few")).then(pl.col("n", "value", "se", "ci_low", "ci_high"))
    )


def _published(survey: Survey, told: pl.DataFrame) -> pl.DataFrame:
    """Shares and means under the survey's rule of reliability; quantiles where enough answered."""
    estimated = told.filter(pl.col("method").is_in(["proportion", "mean"]))
    rest = told.filter(~pl.col("method").is_in(["proportion", "mean"]).fill_null(value=False))
    cells = estimated.with_columns(
        estimate=pl.col("value"), deff=pl.lit(None, dtype=pl.Float64), indicator=pl.lit(""),
        count=pl.col("n"), n=pl.col("rests"),
    )  # fmt: skip
    ruled = publishable(survey, cells).with_columns(
        pl.when(pl.col("hidden")).then(pl.lit("Q")).otherwise("status").alias("status"),
        value=pl.col("estimate"), n=pl.col("count"),
    )  # fmt: skip
    enough = pl.when(pl.col("kind").is_in(["p5", "p95"])).then(_FOR_ENDS).otherwise(_LEAST)
    quantiles = pl.col("part").ne("number") | (pl.col("n") >= enough).fill_null(value=False)
    others = rest.with_columns(
        pl.when(quantiles).then(pl.col("value")).alias("value"),
        pl.when(quantiles).then("status").otherwise(pl.lit("Q")).alias("status"),
    )
    base = pl.when(pl.col("base") >= FEWEST).then("base")
    return pl.concat([ruled, others], how="diagonal").with_columns(base.alias("base"))
