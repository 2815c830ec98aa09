"""Raw files drawn at random from a definition, to show and test everything without microdata.

Each wave gets its declared size; every value is drawn with a fixed seed from the declared
categories, within the declared universes, and written in the dialect of the wave. Nothing is
known here of real answers: figures made from these files mean nothing, and say so.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.definition import Survey, Variable
from analysis.definition.expand import NO, NOTHING, UNUSED, YES, origins, source_columns
from analysis.definition.models import Dialect
from analysis.demonstration.framed import POOL, fitting
from analysis.demonstration.making import made_answers
from analysis.demonstration.seed import generator
from analysis.errors import refuse
from analysis.expressions import MISSING_KINDS
from analysis.harmonise import derived
from analysis.provenance import write_aside
from analysis.validate import kind_column, unasked_expressions, universe_expression

_SIZE = 400
_DONT_KNOW = 0.02
_SKIPPED = 0.15
_DAY = "2020-01-06"  # of interviews whose field dates are not declared
_SAID = ("dont_know", "refused", "nonresponse")  # by whoever was asked
MARKS = (UNUSED, NOTHING)  # stand in no file
_STRATA = 4
_PSU = 5


def write_demonstration(
    survey: Survey, folder: Path, files: Collection[str] | None = None
) -> list[Path]:
    """Write raw files of the survey below ``folder``, all or some; the same bytes at every run."""
    written = []
    named = dict.fromkeys([*survey.files, *(w.file for w in survey.waves.values())])
    for name in named if files is None else files:
        waves = [w for w, spec in survey.waves.items() if spec.file == name]
        if not waves:
            continue
        frame = pl.concat([draw_wave(survey, w) for w in waves], how="diagonal")
        frame = frame.fill_null(_blank(survey))
        dialect = survey.waves[waves[0]].dialect
        content = encoded(frame, dialect)
        zipped = gzip.compress(content, 6, mtime=0) if name.endswith(".gz") else content
        write_aside(folder / name, zipped)
        written.append(folder / name)
    return written


def draw_wave(survey: Survey, wave: str) -> pl.DataFrame:
    """The raw texts of one wave, columns as named in its file."""
    w = survey.waves[wave]
    if w.made:
        answers = made_answers(survey, wave)
    else:
        size = w.size or _SIZE
        pool = _answers(survey, wave, POOL * size if survey.spec.design.frame else size)
        answers = fitting(survey, wave, pool, size)
    size = answers.height
    rng = generator(survey.id, wave, "weights")
    comma = w.dialect.decimal == ","
    weights = np.ones(size) if w.made else np.clip(rng.lognormal(-0.08, 0.4, size), 0.2, 4.0)
    texts = {survey.spec.id: [f"{wave}{i:06d}" for i in range(1, size + 1)]}
    if survey.spec.weight_column:
        texts[survey.spec.weight_column] = [_number(x, comma) for x in weights]
    texts |= _design_texts(survey, size)
    for name, v in survey.spec.variables.items():
        if v.column:
            texts[v.column] = _texts(survey, wave, name, v, answers, comma)
    texts = joined_parts(survey, texts)
    columns = {w.rename.get(c, c): pl.Series(t, dtype=pl.String) for c, t in texts.items()}
    if w.rows:
        columns[w.rows.column] = pl.Series([w.rows.value] * size, dtype=pl.String)
    return pl.DataFrame(columns)


def _blank(survey: Survey) -> str:
    """The text that stands where nothing was asked."""
    return (*survey.spec.missing.not_asked, "NA")[0]


def _design_texts(survey: Survey, size: int) -> dict[str, list[str]]:
    """A small stratified design: PSUs of respondents in a row, one in ten of each stratum's."""
    d = survey.spec.design
    strata = min(_STRATA, max(size // (2 * _PSU), 1)) if d.strata else 1
    psus = [i // _PSU if d.clusters else i for i in range(size)]
    stratum = [p % strata for p in psus]
    counts = Counter(s for _, s in set(zip(psus, stratum, strict=True)))
    made = {
        d.strata: [f"S{s + 1}" for s in stratum],
        d.clusters: [f"P{p + 1}" for p in psus],
        d.fpc: [str(10 * counts[s]) for s in stratum],
    }
    return {column: texts for column, texts in made.items() if column}


def _answers(survey: Survey, wave: str, size: int) -> pl.DataFrame:
    """Categories and numbers as harmonised: "not_asked" outside each universe."""
    asked = {k: v for k, v in survey.variables_in(wave).items() if not v.made}
    frame = pl.DataFrame({k: _draw(survey, wave, k, v, size) for k, v in asked.items()})
    frame = agreeing_parts(survey, frame)
    drawn = frame.with_columns(
        pl.lit(None, dtype=pl.String).alias(kind_column(k)) for k, v in asked.items() if v.numeric
    )
    masked = derived(survey, wave, drawn)
    for _ in asked:  # a universe may rest on a variable that has a universe, and so on
        before, masked = masked, _masked(survey, wave, drawn, masked)
        if masked.equals(before):
            break
    return _consistent(survey, wave, masked)


def _masked(survey: Survey, wave: str, drawn: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """``drawn`` with nothing asked outside each universe, universes as they are in ``before``."""
    outside = before.select(
        (~universe_expression(survey, k, wave)).alias(k)
        for k in survey.variables_in(wave)
        if k in drawn.columns
    )
    columns = {k: kind_column(k) if k in survey.numeric else k for k in outside.columns}
    masked = drawn.with_columns(
        pl.when(outside[k]).then(pl.lit("not_asked")).otherwise(pl.col(c)).alias(c)
        for k, c in columns.items()
    )
    return derived(survey, wave, masked)


def _consistent(survey: Survey, wave: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows that contradict a declared population, replaced by copies of rows that do not.

    Answers are drawn independently; a real questionnaire would not let somebody without a
    mobile phone own a smartphone.
    """
    masks = unasked_expressions(survey, wave)
    if not masks:
        return frame
    wrong = frame.select(pl.any_horizontal(*masks.values())).to_series().to_numpy()
    good = np.flatnonzero(~wrong)
    if not good.size:
        raise refuse(
            f"surveys/{survey.id}/survey.yml: wave {wave}",
            "no drawn respondent fits every population declared",
            "populations within the universes of what their indicators read",
            "correct populations: or universe:",
        )
    places = np.arange(frame.height)
    places[wrong] = generator(survey.id, wave, "copies").choice(good, size=int(wrong.sum()))
    return frame[places]


def _draw(survey: Survey, wave: str, name: str, v: Variable, size: int) -> pl.Series:
    rng = generator(survey.id, wave, name)
    if v.type == "date":
        field = survey.waves[wave].field
        first = date.fromisoformat(field.from_ or _DAY)
        last = date.fromisoformat(field.to) if field.to else first + timedelta(days=30)
        after = rng.integers(0, (last - first).days + 1, size)
        return pl.Series(name, [first + timedelta(days=int(d)) for d in after])
    if v.numeric:
        low, high = v.range or (0, 100)
        number = np.round(low + (high - low) * rng.beta(1.6, 2.2, size))
        return pl.Series(name, np.clip(number, low, high))
    written = set(survey.readings(name, wave).values())
    codes = [c for c in v.categories if c in written]
    drift = generator(survey.id, name).dirichlet(np.full(len(codes), 2.0))
    drawn: npt.NDArray[np.int64] = rng.choice(len(codes), size=size, p=drift)
    made = np.array(codes)[drawn]
    used_as_domain = any(name in d.crossed for d in survey.spec.domains.values())
    if not used_as_domain and "dont_know" in written:
        made = np.where(rng.random(size) < _DONT_KNOW, "dont_know", made)
    if v.skipped:
        made = np.where(rng.random(size) < _SKIPPED, "not_applicable", made)
    return pl.Series(name, made, dtype=pl.String)


def _texts(
    survey: Survey, wave: str, name: str, v: Variable, answers: pl.DataFrame, comma: bool
) -> list[str]:
    """What the file holds for a variable: its texts, the declared fills, or NA."""
    blank = _blank(survey)
    if name not in answers.columns:
        fill = survey.filled(name, wave)
        return [fill[0] if fill else blank] * answers.height
    readings = survey.readings(name, wave)
    if v.numeric:
        kinds = answers[kind_column(name)]
        said = {code: text for text, code in reversed(readings.items()) if code in _SAID}
        written = (lambda x: x.strftime(v.format)) if v.format else (lambda x: _number(x, comma))
        return [
            written(x) if kind is None else said.get(kind, blank)
            for x, kind in zip(answers[name], kinds, strict=True)
        ]
    texts = {
        code: next((t for t, c in readings.items() if c == code), blank)
        for code in (*v.categories, *MISSING_KINDS)
    }
    texts["not_asked"] = blank
    texts["not_applicable"] = blank if v.skipped else texts["not_applicable"]
    if UNUSED in readings:
        texts["not_applicable"] = UNUSED
    return [texts[code] for code in answers[name].to_list()]


def _number(x: float, comma: bool) -> str:
    text = f"{x:.6g}"
    return text.replace(".", ",") if comma else text


def agreeing_parts(survey: Survey, frame: pl.DataFrame) -> pl.DataFrame:
    """Parts of a multiple or ranked answer as one person gives them.

    No part is missing where the first is not; somebody ticks something; no item has two ranks.
    """
    for name, v in survey.multiples.items():
        parts = [p for p, (whole, _) in origins({name: v}).items() if p in frame.columns]
        if not parts:
            continue
        kinds = list(MISSING_KINDS)
        free = "not_applicable" if v.type == "ranked" else NO
        missing = pl.col(parts[0]).is_in(kinds)
        for n, part in enumerate(parts[1:], 1):
            before = pl.any_horizontal(pl.col(part) == pl.col(p) for p in parts[:n])
            twice = before if v.type == "ranked" else pl.lit(value=False)
            frame = frame.with_columns(
                pl.when(missing)
                .then(pl.col(parts[0]))
                .when(pl.col(part).is_in(kinds) | twice)
                .then(pl.lit(free))
                .otherwise(pl.col(part))
                .alias(part)
            )
        if v.type == "multiple":
            none = pl.all_horizontal(pl.col(p) == NO for p in parts)
            ticked = pl.when(none).then(pl.lit(YES)).otherwise(pl.col(parts[0]))
            frame = frame.with_columns(ticked.alias(parts[0]))
    return frame


def joined_parts(survey: Survey, texts: dict[str, list[str]]) -> dict[str, list[str]]:
    """``texts`` by raw column: those cut from one column put back together."""
    out = dict(texts)
    for name, v in survey.multiples.items():
        cut = [c for c, source in source_columns(name, v).items() if c != source]
        rows = zip(*(out.pop(c) for c in cut), strict=True) if cut else ()
        labels = [item.texts[0] for item in v.items.values()]
        if cut:
            out[v.column] = [_joined(v, labels, row) for row in rows]
        for c in source_columns(name, v):
            if c in out:
                out[c] = ["" if t in MARKS else t for t in out[c]]
    return out


def _joined(v: Variable, labels: list[str], row: tuple[str, ...]) -> str:
    if v.type == "ranked":
        cited = [t for t in row if t in labels]
        return v.separator.join(cited) if cited else row[0] if row[0] not in MARKS else ""
    if any(t not in (YES, NO) for t in row):
        return row[0]  # a kind of missing, the same in every part
    return v.separator.join(x for x, t in zip(labels, row, strict=True) if t == YES)


def encoded(frame: pl.DataFrame, dialect: Dialect) -> bytes:
    """Texts as a file of that dialect."""
    separator = ";" if dialect.separator == "auto" else dialect.separator
    encoding = "utf-8" if dialect.encoding == "auto" else dialect.encoding
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.iter_rows())
    return text.getvalue().encode(encoding)
