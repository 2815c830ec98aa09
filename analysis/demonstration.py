"""Raw files drawn at random from a definition, to show and test everything without microdata.

Each wave gets its declared size; every value is drawn with a fixed seed from the declared
categories, within the declared universes, and written in the dialect of the wave. Nothing is
known here of real answers: figures made from these files mean nothing, and say so.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.definition import Survey, Variable
from analysis.definition.models import Dialect
from analysis.expressions import MISSING_KINDS
from analysis.harmonise import derived_expression
from analysis.provenance import write_aside
from analysis.validate import kind_column, unasked_expressions, universe_expression

SEED = 20070622
_SIZE = 400
_DONT_KNOW = 0.02
_SKIPPED = 0.15


def write_demonstration(survey: Survey, folder: Path) -> list[Path]:
    """Write every raw file of the survey below ``folder``; the same bytes at every run."""
    written = []
    for name in survey.spec.data.files:
        waves = [w for w, spec in survey.waves.items() if spec.file == name]
        if not waves:
            continue
        frame = pl.concat([draw_wave(survey, w) for w in waves], how="diagonal").fill_null("NA")
        dialect = survey.waves[waves[0]].dialect
        content = _encode(frame, dialect)
        zipped = gzip.compress(content, 6, mtime=0) if name.endswith(".gz") else content
        write_aside(folder / name, zipped)
        written.append(folder / name)
    return written


def draw_wave(survey: Survey, wave: str) -> pl.DataFrame:
    """The raw texts of one wave, columns as named in its file."""
    w = survey.waves[wave]
    size = w.size or _SIZE
    answers = _answers(survey, wave, size)
    rng = _generator(survey.id, wave, "weights")
    comma = w.dialect.decimal == ","
    weights = np.clip(rng.lognormal(-0.08, 0.4, size), 0.2, 4.0)
    texts = {
        survey.spec.id: [f"{wave}{i:06d}" for i in range(1, size + 1)],
        survey.spec.weight: [_number(x, comma) for x in weights],
    }
    for name, v in survey.spec.variables.items():
        if v.column:
            texts[v.column] = _texts(survey, wave, name, v, answers, comma)
    columns = {w.rename.get(c, c): pl.Series(t, dtype=pl.String) for c, t in texts.items()}
    if w.rows:
        columns[w.rows.column] = pl.Series([w.rows.value] * size, dtype=pl.String)
    return pl.DataFrame(columns)


def _generator(*names: str) -> np.random.Generator:
    """A generator that depends on the seed and on names alone, not on the order of calls."""
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return np.random.default_rng([SEED, int.from_bytes(digest[:8], "big")])


def _answers(survey: Survey, wave: str, size: int) -> pl.DataFrame:
    """Categories and numbers as harmonised: "not_asked" outside each universe."""
    asked = {k: v for k, v in survey.variables_in(wave).items() if v.type != "derived"}
    frame = pl.DataFrame({k: _draw(survey, wave, k, v, size) for k, v in asked.items()})
    frame = frame.with_columns(
        pl.lit(None, dtype=pl.String).alias(kind_column(k)) for k, v in asked.items() if v.numeric
    )
    for name, v in survey.variables_in(wave).items():
        if v.type == "derived":
            frame = frame.with_columns(derived_expression(survey, name, v).cast(pl.String))
    for name, v in asked.items():
        column = kind_column(name) if v.numeric else name
        outside = ~universe_expression(survey, name, wave)
        masked = pl.when(outside).then(pl.lit("not_asked")).otherwise(pl.col(column))
        frame = frame.with_columns(masked.alias(column))
    return _consistent(survey, wave, frame)


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
    places = np.arange(frame.height)
    places[wrong] = _generator(survey.id, wave, "copies").choice(good, size=int(wrong.sum()))
    return frame[places]


def _draw(survey: Survey, wave: str, name: str, v: Variable, size: int) -> pl.Series:
    rng = _generator(survey.id, wave, name)
    if v.numeric:
        low, high = v.range or (0, 100)
        return pl.Series(name, np.round(low + (high - low) * rng.beta(1.6, 2.2, size)))
    codes = list(v.categories)
    drift = _generator(survey.id, name).dirichlet(np.full(len(codes), 2.0))
    drawn: npt.NDArray[np.int64] = rng.choice(len(codes), size=size, p=drift)
    made = np.array(codes)[drawn]
    used_as_domain = any(d.variable == name for d in survey.spec.domains.values())
    if not used_as_domain:
        made = np.where(rng.random(size) < _DONT_KNOW, "dont_know", made)
    if v.skipped:
        made = np.where(rng.random(size) < _SKIPPED, "not_applicable", made)
    return pl.Series(name, made, dtype=pl.String)


def _texts(
    survey: Survey, wave: str, name: str, v: Variable, answers: pl.DataFrame, comma: bool
) -> list[str]:
    """What the file holds for a variable: its texts, the declared fills, or NA."""
    blank = (survey.spec.missing.not_asked or ("NA",))[0]
    if name not in answers.columns:
        fill = survey.filled(name, wave)
        return [fill[0] if fill else blank] * answers.height
    if v.numeric:
        kinds = answers[kind_column(name)]
        return [
            _number(x, comma) if kind is None else blank
            for x, kind in zip(answers[name], kinds, strict=True)
        ]
    readings = survey.readings(name, wave)
    texts = {
        code: next((t for t, c in readings.items() if c == code), blank)
        for code in (*v.categories, *MISSING_KINDS)
    }
    texts["not_asked"] = blank
    texts["not_applicable"] = blank if v.skipped else texts["not_applicable"]
    return [texts[code] for code in answers[name].to_list()]


def _number(x: float, comma: bool) -> str:
    text = f"{x:.6g}"
    return text.replace(".", ",") if comma else text


def _encode(frame: pl.DataFrame, dialect: Dialect) -> bytes:
    separator = ";" if dialect.separator == "auto" else dialect.separator
    encoding = "utf-8" if dialect.encoding == "auto" else dialect.encoding
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.iter_rows())
    return text.getvalue().encode(encoding)
