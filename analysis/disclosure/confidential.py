"""The table of estimates under a survey's ``confidentiality:``: hidden cells, rounded figures.

By either method: small figures hidden, or counts rounded (:mod:`.coarse`) and only such figures
hidden as would let a small one be worked out nonetheless.

All tables of all waves at once. What a reader may not learn in one wave is hidden in every wave, so
that the pattern does not tell which wave it was for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from analysis.definition import Survey
from analysis.definition.publication import Confidentiality
from analysis.disclosure.coarse import SHARES, coarse, raw_coarse
from analysis.disclosure.equations import Figure
from analysis.disclosure.intervals import widen
from analysis.disclosure.knowledge import Knowledge, read
from analysis.disclosure.printed import Range, Told
from analysis.disclosure.reliability import publishable, told_method, untold, without_figures
from analysis.disclosure.standing import level
from analysis.disclosure.suppress import protect
from analysis.errors import Problem, raise_all
from analysis.estimates import SECRET, WHOLE
from analysis.rounding import (
    alike,
    alike_amount,
    amount_alike,
    between,
    coarse_alike,
    rounded,
    shares,
)

_KEY = ("indicator", "category", "domain", "domain_value")
PATTERN: dict[str, pl.DataType] = {
    "wave": pl.String(), "indicator": pl.String(), "category": pl.String(),
    "domain": pl.String(), "domain_value": pl.String(), "kind": pl.String(),
}  # fmt: skip


@dataclass
class Hidden:
    """What is hidden. Figures are (indicator, category, level), level "domain=value".

    small : those that the rule is about, by wave; where counts are rounded most of them are told
    rounding : what counts are rounded to ; figures : all of them, the same in every wave
    rows : whose number of respondents is hidden too, so that they are left out
    samples : by wave, figures whose count over the whole sample is hidden
    """

    rounding: int | None = None
    small: dict[str, set[Figure]] = field(default_factory=dict)
    figures: set[Figure] = field(default_factory=set)
    rows: set[tuple[str, str]] = field(default_factory=set)
    samples: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def frame(self) -> pl.DataFrame:
        """For the file that other stages and ``baro disclosure`` read: one row a hidden figure."""
        found = [("", *f, "linked") for f in self.figures]
        kind = "rounded" if self.rounding else "small"
        found += [(w, *f, kind) for w, small in self.small.items() for f in small]
        found += [(w, i, c, "", "sample") for w, some in self.samples.items() for i, c in some]
        found += [("", i, "", at, "row") for i, at in self.rows]
        rows = [(w, i, c, *at.partition("=")[::2], kind) for w, i, c, at, kind in sorted(found)]
        return pl.DataFrame(rows, schema=PATTERN, orient="row")


def find_hidden(
    survey: str, rule: Confidentiality, table: pl.DataFrame, standing: Mapping[str, pl.DataFrame]
) -> Hidden:
    """The pattern for a table that is reliable, and rounded where the survey rounds its counts.

    standing : of each wave, see :mod:`analysis.disclosure.standing`
    Raises :class:`analysis.errors.BaroError` naming figures that cannot be kept from being found
    out whatever is hidden.
    """
    hidden, faults = Hidden(rule.rounding), []
    for wave in sorted(standing, reverse=True):
        rows = table.filter(pl.col("wave") == wave)
        printed = _printed(rows, rule.rounding)
        gone = _figures(rows.filter(pl.col("status") == "Q")) | hidden.figures
        doubtful = _figures(rows.filter(pl.col("status") == "U"))
        hidden.small[wave] = set()
        if standing[wave].is_empty():
            continue
        known = read(standing[wave], rule, printed, gone, doubtful)
        found = protect(known.tables, known.cells)
        faults += [(wave, known.names[k][0]) for k in found.unsafe]
        # What is unreliable, or too coarse, in one wave may be told in another: it is no secret.
        _add(hidden, wave, known, found.hidden & ~known.tables.free)
    raise_all(
        Problem(f"surveys/{survey}/survey.yml: confidentiality, wave {wave}",
                f"{i} {c} in {at} can be worked out whatever else is hidden",
                "figures that leave it uncertain",
                f"publish {i} for larger groups only: its domains:, or fewer categories")
        for wave, (i, c, at) in faults
    )  # fmt: skip
    return hidden


def _printed(rows: pl.DataFrame, base: int | None) -> dict[Figure, Told]:
    """Each figure with the values that it is printed as, by itself and by its interval."""
    found = {}
    columns = (*_KEY, "estimate", "ci_low", "ci_high", "method", "n")
    for r in rows.select(columns).iter_rows(named=True):
        figure = r["indicator"], r["category"], level(r["domain"], r["domain_value"])
        if base:
            found[figure] = Told(*_known_rounded(r["estimate"], r["n"], r["method"], base))
        else:
            known = _known(r["estimate"], r["ci_low"], r["ci_high"], r["method"])
            found[figure] = Told(*known, r["estimate"])
    return found


def _known_rounded(estimate: float | None, n: int, method: str, base: int) -> Range:
    """Of rounded figures; their intervals follow from them, and tell nothing more."""
    if estimate is None:
        return -np.inf, np.inf
    alike_ = coarse_alike if method.startswith(SHARES) else amount_alike
    return alike_(estimate, n, base)


def _known(estimate: float | None, low: float | None, high: float | None, method: str) -> Range:
    if estimate is None:  # hidden already
        return -np.inf, np.inf
    if not method.startswith(SHARES):
        return alike_amount(estimate)
    least, most = alike(estimate)
    if low is None or high is None or "logit" not in method:
        return least, most
    under, over = between(low, high)
    return max(least, under), min(most, over)


def _figures(rows: pl.DataFrame) -> set[Figure]:
    return {(i, c, level(d, v)) for i, c, d, v in rows.select(_KEY).iter_rows()}


def _add(hidden: Hidden, wave: str, known: Knowledge, facts: np.typing.NDArray[np.bool_]) -> None:
    hidden.small[wave] |= {f for names in known.names for f in names}
    if not hidden.rounding:
        hidden.figures |= hidden.small[wave]
    hidden.small[wave] |= set(known.alone)
    hidden.figures |= set(known.alone)  # rounded or not: it is the answer of nearly one
    for fact in np.flatnonzero(facts):
        for indicator, category, at in known.figures.get(int(fact), ()):
            if category == "n":
                hidden.rows.add((indicator, at))
            else:
                hidden.figures.add((indicator, category, at))
        if int(fact) in known.samples and not known.tables.free[fact]:
            some = hidden.samples.setdefault(wave, set())
            some |= set(known.called[known.samples[int(fact)]])


def ruled(
    survey: Survey, table: pl.DataFrame, standing: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """The table under the rule of reliability; rounded first where the survey rounds its counts."""
    base = survey.rounding
    return coarse(survey, table, standing, base) if base else publishable(survey, table)


def conceal(
    table: pl.DataFrame, pattern: pl.DataFrame, standing: Mapping[str, pl.DataFrame],
    rounding: int | None = None,
) -> pl.DataFrame:  # fmt: skip
    """The table without hidden figures; the others rounded, without how they were made.

    rounding : what its counts are rounded to already, if they are
    pattern : see ``PATTERN`` ; a row whose number of respondents is hidden is left out
    standing : of each wave, see :mod:`analysis.disclosure.standing`
    """
    linked = pattern.filter(pl.col("kind").is_in(["linked", "small"])).select(_KEY).unique()
    out = pattern.filter(pl.col("kind") == "row").select("indicator", "domain", "domain_value")
    kept = table.join(out, on=["indicator", "domain", "domain_value"], how="anti",
                      maintain_order="left")  # fmt: skip
    secret = kept.join(linked.with_columns(secret=True), on=list(_KEY), how="left",
                       maintain_order="left")  # fmt: skip
    hide = pl.col("secret").fill_null(value=False) & (pl.col("status") != "Q")
    bare = _hiding(secret, hide).drop("secret")
    if rounding:
        return bare.with_columns(method=told_method(2))
    # An exact interval would tell that nobody, or everybody, is in each of the groups of a total.
    return round_off(widen(bare, standing)).with_columns(method=told_method(2))


def conceal_rounded(
    survey: Survey, table: pl.DataFrame, pattern: pl.DataFrame, base: int
) -> pl.DataFrame:
    """Raw shares over all who answered, from rounded counts; those of hidden counts hidden.

    Other groups, and shares of answers given, are left out: equations that the pattern does not
    know.
    """
    samples = pattern.filter(pl.col("kind") == "sample").select("wave", "indicator", "category")
    told = raw_coarse(survey, table.filter(pl.col("domain") == WHOLE), base)
    secret = told.join(samples.with_columns(secret=True), on=["wave", "indicator", "category"],
                       how="left", maintain_order="left")  # fmt: skip
    known = pl.col("secret").fill_null(value=False) | pl.col("method").str.starts_with("mentions")
    return _hiding(secret, known & (pl.col("status") != "Q")).drop("secret")


def conceal_sample(table: pl.DataFrame, pattern: pl.DataFrame) -> pl.DataFrame:
    """Raw shares over all who answered (weights all equal), told where their counts may be.

    Counts under :data:`analysis.disclosure.reliability.FEWEST` are not, nor those that would give
    them away, nor those that the pattern hides. Other groups are left out: they would be equations
    that the pattern does not know.
    """
    counted = table.filter(pl.col("domain") == WHOLE).with_columns(
        count=(pl.col("estimate") * pl.col("n")).round(0)
    )
    parts = counted.partition_by("wave", "indicator", maintain_order=True)
    few = pl.concat(p.with_columns(few=pl.Series(_few(p), dtype=pl.Boolean)) for p in parts)
    samples = pattern.filter(pl.col("kind") == "sample").select("wave", "indicator", "category")
    secret = few.join(samples.with_columns(secret=True), on=["wave", "indicator", "category"],
                      how="left", maintain_order="left")  # fmt: skip
    hide = (pl.col("few") | pl.col("secret").fill_null(value=False)) & (pl.col("status") != "Q")
    return round_off(_hiding(secret, hide).drop("few", "secret", "count"))


def _few(part: pl.DataFrame) -> list[bool]:
    """Which shares of one indicator tell a count that is too small, or the rest of its base."""
    n, counts = part["n"][0], [int(c or 0) for c in part["count"].to_list()]
    if part.height > 1 and sum(counts) == n:
        return untold(counts)
    return [any(untold([c, n - c])) for c in counts]


def _hiding(table: pl.DataFrame, hide: pl.Expr) -> pl.DataFrame:
    told = table.with_columns(
        reason=pl.when(hide).then(pl.lit(SECRET)).otherwise("reason"), hide=hide
    )
    bare = without_figures(told, pl.col("hide"))
    status = pl.when("hide").then(pl.lit("Q")).otherwise("status")
    return bare.with_columns(status=status).drop("hide")


def round_off(table: pl.DataFrame) -> pl.DataFrame:
    """Figures to the digits that a reader may have: see :mod:`analysis.rounding`."""
    share = pl.any_horizontal(pl.col("method").str.starts_with(k) for k in SHARES)
    values = ("estimate", "ci_low", "ci_high")
    # How many a group is worth where everybody counts is no secret; where answers decide, it is.
    group = ("wave", "domain", "domain_value")
    everybody = pl.col("n") == pl.col("n").max().over(group)
    worth = pl.when(everybody).then("n_weighted").otherwise(rounded(pl.col("n_weighted")))
    return table.with_columns(
        *(pl.when(share).then(shares(pl.col(c))).otherwise(rounded(pl.col(c))).alias(c)
          for c in values),
        *(rounded(pl.col(c)).alias(c) for c in ("se", "cv", "deff", "n_eff", "n_kish")),
        n_weighted=worth,
    )  # fmt: skip
