"""The stages of the codebook, and one column tabulated on demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from analysis.columns import TOPLINE, assemble, describe_wave, technical, topline
from analysis.definition import Survey
from analysis.errors import nearest, refuse
from analysis.estimates import WHOLE
from analysis.pipeline.secrecy import pattern, secrecy_inputs, secrecy_needed
from analysis.pipeline.work import COLUMNS, SurveyBuild, write_parquet
from analysis.provenance import digest_code, digest_path, digest_value, digest_versions
from analysis.stages import Stage

_VERSIONS = ("polars", "numpy", "scipy")


def describe_stage(work: SurveyBuild, wave: str) -> Stage:
    """Count every column of a wave."""
    survey, target = work.survey, work.columns_path(wave)
    file = survey.waves[wave].file

    def run() -> None:
        frame = pl.read_parquet(work.wave_path(wave))
        made = describe_wave(work.columns, wave, work.text(file), frame, origin=work.origin(wave),
                             definition_hash="")  # fmt: skip
        write_parquet(made, target)

    return Stage(
        f"describe {survey.id}/{wave}",
        f"{survey.id}: describing the columns of {wave}",
        lambda: {
            "raw file": digest_path(work.text_path(file)),
            "wave": digest_path(work.wave_path(wave)),
            "definition": work.column_digests.wave(wave),
            "rows": digest_value([w.rows.model_dump() for w in survey.waves.values() if w.rows]),
            "origin": work.origin(wave),
            "code": digest_code(*COLUMNS),
            "versions": digest_versions(*_VERSIONS),
        },
        (target,),
        run,
        (f"prepare {survey.id}/{wave}",),
    )  # fmt: skip


def codebook_stage(work: SurveyBuild) -> Stage:
    """Put the waves side by side under the rules of publication."""
    survey, target = work.survey, work.project.codebook(work.survey.id)
    parts = [work.columns_path(w) for w in survey.waves]
    return Stage(
        f"codebook {survey.id}",
        f"{survey.id}: codebook",
        lambda: {
            "columns": digest_value([digest_path(p) for p in parts]),
            "definition": digest_value([work.digests.wave(w) for w in survey.waves]),
            "code": digest_code(*COLUMNS),
            "versions": digest_versions("polars"),
            **secrecy_inputs(work),
        },
        (target,),
        lambda: write_parquet(
            assemble(
                survey,
                labelled(survey, work.named(survey.waves, work.columns_path)),
                pattern(work),
            ),
            target,
        ),
        (*(f"describe {survey.id}/{w}" for w in survey.waves), *secrecy_needed(work)),
    )


def labelled(survey: Survey, columns: pl.DataFrame) -> pl.DataFrame:
    """Descriptions of columns with the labels of variables, which are no reason to count again."""
    labels = {name: v.label for name, v in survey.spec.variables.items()}
    return columns.with_columns(label=pl.col("variable").replace_strict(labels, default=""))


def toplines(
    work: SurveyBuild, name: str, domain: str, waves: tuple[str, ...]
) -> Iterator[pl.DataFrame]:
    """The topline of a column, or of the columns that a variable reads, wave by wave."""
    survey = work.survey
    for wave in waves:
        if domain not in (WHOLE, *survey.domains_in(wave)):
            continue
        column = _column(survey, name, wave, work.text(survey.waves[wave].file).columns)
        if not column:
            continue
        frame = pl.read_parquet(work.wave_path(wave))
        raw = work.text(survey.waves[wave].file)
        yield topline(survey, wave, raw, frame, column, domain, origin=work.origin(wave),
                      definition_hash=work.digests.wave(wave))  # fmt: skip


def _column(survey: Survey, name: str, wave: str, columns: list[str]) -> str:
    """The raw column of that name; the one that a variable reads in the wave; or made: itself."""
    if name in columns:
        return name
    if name in survey.variables_in(wave):
        return survey.column(name, wave) or name
    return ""


def check_name(work: SurveyBuild, name: str, waves: tuple[str, ...]) -> None:
    """Refuse a name that no wave knows, and columns that are never listed by value."""
    survey = work.survey
    files = {w: work.text(survey.waves[w].file).columns[1:] for w in waves}
    known = {*survey.spec.variables, *(c for columns in files.values() for c in columns)}
    if name not in known:
        raise refuse(f"topline: {name}", "neither a column of the files nor a variable",
                     nearest(name, known), "correct the name")  # fmt: skip
    never = {c: what for w in waves for c, what in technical(survey, w).items()}
    if name in never:
        raise refuse(f"topline: {name}", f"a column of the {never[name]}: never listed by value",
                     "a column of answers", "name another column")  # fmt: skip


def one_table(name: str, parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The waves one below the other; refuses where none has the column."""
    found = pl.concat([pl.DataFrame(schema=TOPLINE), *parts])
    if found.is_empty():
        raise refuse(f"topline: {name}", "nobody was asked in these waves", "",
                     "name other waves with --wave, or another domain with --by")  # fmt: skip
    return found
