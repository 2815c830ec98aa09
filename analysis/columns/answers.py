"""The raw columns of one wave, each text an answer or a kind of missing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from analysis.definition import Survey
from analysis.definition.texts import clean
from analysis.errors import refuse
from analysis.expressions import MISSING_KINDS
from analysis.ingest import ROW

LONGEST = 200  # characters of a text that are kept
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_NINES = re.compile(r"9{2,}")
_LAID = ("answer", "kind", "missing")
_FAR = 2.0  # how many times the largest other number nines must be, to be no number


@dataclass(frozen=True, slots=True)
class Readings:
    """How the texts of a column are read in one wave.

    variable : the variable that reads it, "" for none ; type : declared, "" where to be guessed
    codes : cleaned text -> category of the variable, or kind of missing
    """

    variable: str
    label: str
    type: str
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of n respondents in one wave.

    answer : (n,) valid texts, null elsewhere ; kind, missing : (n,) kind of missing and its text
    """

    name: str
    readings: Readings
    answer: pl.Series
    kind: pl.Series
    missing: pl.Series

    @property
    def number(self) -> pl.Series:
        """(n,) the valid texts as numbers."""
        return self.answer.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)

    @property
    def numbers_only(self) -> bool:
        """Whether every valid text is a number."""
        return all(NUMBER.fullmatch(t) for t in self.answer.unique().drop_nulls())


def wave_texts(survey: Survey, wave: str, raw: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """The raw rows of the wave without ``ROW``, in the order of the harmonised ``frame``."""
    w = survey.waves[wave]
    rows = raw.filter(pl.col(w.rows.column) == w.rows.value) if w.rows else raw
    rows = rows.filter(~pl.col(ROW).is_in(sorted(w.dropped)))
    ids = rows[w.rename.get(survey.spec.id, survey.spec.id)]
    if [clean(i) for i in ids] != frame["id"].to_list():
        raise refuse(f"{survey.id}, {wave}", "raw and harmonised rows are not the same people", "",
                     "run: baro build")  # fmt: skip
    return rows.drop(ROW)


def technical(survey: Survey, wave: str) -> dict[str, str]:
    """Columns of the wave's file that are never listed by value -> what they are."""
    spec, w = survey.spec, survey.waves[wave]
    d = spec.design
    own = {c: "design" for c in (d.strata, d.clusters, d.fpc) if c}
    own |= dict.fromkeys(_base_weights(survey), "weight")
    own |= {spec.weight_column: "weight"} if spec.weight_column else {}
    own |= {spec.id: "identifier"}
    named = {w.rename.get(c, c): what for c, what in own.items()}
    return named | {o.rows.column: "wave" for o in survey.waves.values() if o.rows}


def _base_weights(survey: Survey) -> Iterator[str]:
    """Columns of the weights that a weighting starts from."""
    for weighting in survey.spec.weighting.values():
        if weighting.start in survey.spec.variables:
            yield survey.spec.variables[weighting.start].column


def read_columns(
    survey: Survey, wave: str, texts: pl.DataFrame, frame: pl.DataFrame, only: Iterable[str] = ()
) -> Iterator[Column]:
    """The columns of a wave that hold anything but "not asked", technical ones left out.

    texts : raw rows ; frame : the harmonised ones, whose kinds of missing tell filters apart
    """
    hidden = technical(survey, wave)
    declared = declared_columns(survey, wave)
    undeclared = Readings("", "", "", _missing(survey))
    names = [c for c in only or texts.columns if c in texts.columns and c not in hidden]
    distinct = texts.select(pl.col(names).unique().fill_null("").implode())
    meanings = {c: _meanings(distinct[c][0].to_list(), declared.get(c, undeclared)) for c in names}
    asked = [c for c, m in meanings.items() if {*m.kinds.values()} != {"not_asked"}]
    laid = texts.select(e for c in asked for e in meanings[c].expressions(c))
    for name in asked:
        answer, kind, missing = (laid[f"{part} {name}"] for part in _LAID)
        readings = declared.get(name, undeclared)
        column = Column(name, readings, answer, _routed(kind, readings.variable, frame), missing)
        if not column.kind.eq_missing("not_asked").all():
            yield column


@dataclass(frozen=True, slots=True)
class _Meanings:
    """Each raw text of a column: a valid text or none, a kind of missing or none, its text."""

    answers: dict[str, str | None]
    kinds: dict[str, str | None]
    missing: dict[str, str | None]

    def expressions(self, name: str) -> Iterator[pl.Expr]:
        """The three laid on the rows."""
        for part, m in zip(_LAID, (self.answers, self.kinds, self.missing), strict=True):
            text = pl.col(name).fill_null("")
            laid = text.replace_strict(list(m), list(m.values()), return_dtype=pl.String)
            yield laid.alias(f"{part} {name}")


def _meanings(distinct: list[str], readings: Readings) -> _Meanings:
    cleaned = {t: clean(t) for t in distinct}
    kinds = {c: k for c, k in readings.codes.items() if k in MISSING_KINDS}
    kinds.setdefault("", "blank")
    if not readings.type:
        kinds |= dict.fromkeys(_nines(c for c in cleaned.values() if c not in kinds), "nines")
    return _Meanings(
        {t: None if c in kinds else shortened(c) for t, c in cleaned.items()},
        {t: kinds.get(c) for t, c in cleaned.items()},
        {t: shortened(c) if c in kinds else None for t, c in cleaned.items()},
    )


def declared_columns(survey: Survey, wave: str) -> dict[str, Readings]:
    """The columns of the wave's file that a variable reads, in this wave or another."""
    found: dict[str, Readings] = {}
    asked = survey.variables_in(wave)
    for name, v in sorted(survey.spec.variables.items(), key=lambda item: item[0] not in asked):
        column = survey.column(name, wave)
        if column and column not in found:
            kind = "numeric" if v.type == "numeric" else "unlisted" if v.numeric else "categorical"
            found[column] = Readings(name, v.label, kind, survey.readings(name, wave))
    return found


def _missing(survey: Survey) -> dict[str, str]:
    given = survey.spec.missing
    return {clean(t): kind for kind in MISSING_KINDS for t in getattr(given, kind)}


def _routed(kind: pl.Series, variable: str, frame: pl.DataFrame) -> pl.Series:
    """Kinds of missing as harmonised: a declared filter makes "not asked" "not applicable"."""
    column = f"{variable}.missing" if f"{variable}.missing" in frame.columns else variable
    if column not in frame.columns or not (kind == "not_asked").any():
        return kind
    known = frame[column].cast(pl.String)
    found = pl.DataFrame({"kind": kind, "known": known})
    both = pl.col("kind").is_not_null() & pl.col("known").is_in(list(MISSING_KINDS))
    return found.select(pl.when(both).then("known").otherwise("kind").alias("kind"))["kind"]


def _nines(texts: Iterable[str]) -> list[str]:
    """Numbers of nines alone, far above the others: "999" among hours of a week."""
    given = [t for t in texts if NUMBER.fullmatch(t)]
    numbers = {t: float(t.replace(",", ".")) for t in given}
    others = [x for t, x in numbers.items() if not _NINES.fullmatch(t)]
    top = max(others, default=float("inf"))
    return [t for t, x in numbers.items() if _NINES.fullmatch(t) and x > _FAR * max(top, 1.0)]


def shortened(text: str) -> str:
    """``text``, or its start with its length and a digest that tells it from others."""
    if len(text) <= LONGEST:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[:LONGEST]}… ({len(text)} caractères, {digest})"


def raw_name(column: str) -> str:
    """The column of texts beside the harmonised variables; no variable can be called so."""
    return f"raw: {column}"


def weighted() -> pl.Expr:
    """The sum of the weights "w", the same at every run: threads may add in another order."""
    return pl.col("w").sum().round(6)
