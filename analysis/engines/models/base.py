"""Who is in a model, where the rows are: the base of analysis.estimators.fitted as a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from analysis.design import Floats
from analysis.engines.frames import Lazy, complete, known, number, one, run
from analysis.engines.measures import numeric_columns
from analysis.engines.models.columns import Cells, valued
from analysis.engines.models.newton import RESPONSE
from analysis.engines.ownrows import (
    WEIGHT,
    Occupied,
    occupied,
    occupied_plan,
    own_rows,
    somebody,
)
from analysis.engines.sample import HeldSample
from analysis.estimators.cells import classes
from analysis.estimators.fitted import (
    Response,
    categories_of,
    no_number,
    nobody,
    ordered_categories,
)
from analysis.estimators.formula import Formula, with_categories
from analysis.estimators.modelmatrix import Coding, Covariates


@dataclass(frozen=True, slots=True)
class Base:
    """The respondents of a model: those in the domain with every variable known.

    formula : with ``C()`` around each column of categories
    rows : WEIGHT, RESPONSE, STRATUM, PSU, f0, f1, … (the columns of the formula), r0, r1, …
    names : our name of each column ; values : of the categories of some, in order
    mean : of y, without weights
    """

    formula: Formula
    rows: Lazy
    names: Mapping[str, str]
    values: Mapping[str, list[object]]
    levels: Mapping[str, tuple[str, ...]]
    mean: float
    response: Response
    who: Occupied

    @property
    def cells(self) -> Cells:
        """What a row has in the columns of the formula."""
        return Cells.of(self.names, self.values)

    def patterns(self, coding: Coding, most: int) -> tuple[Floats, Floats] | None:
        """The different rows of the matrix, each with y of 0 and above; None for more than most."""
        keys = [nw.col(c) for c in self.names.values()]
        above = one(nw.col(RESPONSE) > 0).alias("above")
        plan = self.rows.group_by(*keys, above).agg(nw.len().alias("n")).head(most + 1)
        (table,) = run([plan])
        if table.height > most:
            return None
        codes = {
            c: table[self.names[c]].replace_strict(v, range(len(v)), return_dtype=pl.Int64)
            for c, v in self.values.items()
        }
        numbers = {c: table[own].cast(pl.Float64).to_numpy()
                   for c, own in self.names.items() if c not in codes}  # fmt: skip
        places = {c: code.to_numpy() for c, code in codes.items()}
        x = coding.matrix(Covariates(numbers, places, table.height))
        return x, table["above"].to_numpy()


def base(sample: HeldSample, formula: Formula, where: Any, reference: Mapping[str, object]) -> Base:
    """Who is in the model: a pass of counts; raises as :func:`analysis.estimators.fitted.fit`."""
    known(sample.rows, [formula.response.column, *formula.columns], "estimate")
    schema = sample.rows.collect_schema()
    numeric = {c for c in formula.columns if schema[c].is_numeric()}
    categorical = categories_of(formula, numeric, reference)
    numeric_columns(sample.rows, [formula.response.column])
    rows, names = _rows(sample, formula, categorical, where)
    listed = sorted(categorical)
    plans = [rows.group_by(names[c]).agg(nw.len().alias("n")).select(names[c]) for c in listed]
    counted, seen, *tables = run([
        occupied_plan(sample, rows), rows.select(*_response()), *plans
    ], sample.progress)  # fmt: skip
    facts = seen.row(0, named=True)
    if not facts["n"]:
        somebody(sample, where)
        raise nobody()
    values, levels = _categories(dict(zip(listed, tables, strict=True)), reference)
    if facts["undefined"]:
        raise no_number(formula)
    who = occupied(sample, rows, counted)
    y = Response(facts["low"], facts["high"], facts["odd"], facts["weighted"] / who.n_weighted)
    return Base(with_categories(formula, categorical), rows, names, values, levels,
                facts["sum"] / who.n, y, who)  # fmt: skip


def _categories(
    tables: Mapping[str, pl.DataFrame], reference: Mapping[str, object]
) -> tuple[dict[str, list[object]], dict[str, tuple[str, ...]]]:
    """The values of each column of categories, the reference first, and their names."""
    values, levels = {}, {}
    for column, table in tables.items():
        seen = classes(table.to_series().rename(column))
        place, levels[column] = ordered_categories(seen, reference.get(column))
        values[column] = sorted(place, key=place.__getitem__)
    return values, levels


def _rows(
    sample: HeldSample, formula: Formula, categorical: frozenset[str], where: Any
) -> tuple[Lazy, dict[str, str]]:
    """Those of the base, under names of our own."""
    y = number(formula.response.column)
    rows = sample.inside(where)
    there = [sample.counts, y.is_finite()]
    there += [complete(rows, c) if c in categorical else number(c).is_finite()
              for c in formula.columns]  # fmt: skip
    names = {c: f"f{k}" for k, c in enumerate(formula.columns)}
    kept = {own: nw.col(c) if c in categorical else number(c) for c, own in names.items()}
    kept[RESPONSE] = valued(formula.response.function, y)
    return own_rows(sample, rows.filter(*there), kept), names


def _response() -> list[nw.Expr]:
    y = nw.col(RESPONSE)
    odd = nw.when((y != 0) & (y != 1)).then(y).otherwise(nw.lit(None, dtype=nw.Float64))
    made = {"n": nw.len(), "low": y.min(), "high": y.max(), "odd": odd.min(), "sum": y.sum(),
            "weighted": (nw.col(WEIGHT) * y).sum(),
            "undefined": (1.0 - one(y.is_finite())).sum()}  # fmt: skip
    return [value.alias(name) for name, value in made.items()]
