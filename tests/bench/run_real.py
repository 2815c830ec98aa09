"""Last part of estimation.py: the whole real barometer, every categorical column of every wave.

Columns of the raw files as they are, of 2 to 20 different answers, "NA" out of the base; 7 domains.
The data are in memory before the clock starts: what is timed is designs and tables, on the cores
of this machine. The number of estimates is that of cells with a standard error.
"""

from __future__ import annotations

import os
import sys
from statistics import median
from time import perf_counter

import polars as pl

from analysis import Design
from analysis.data import look
from analysis.definition import Survey, load_survey
from analysis.ingest import read_raw
from analysis.project import find_project

DOMAINS = ["SEXE", "AGE6FUZ", "AGGLO5", "TYPLOG", "PCS8EGO", "DIPL5", "NBPERS5"]
ANSWERS = range(2, 21)
Wave = tuple[pl.DataFrame, list[str]]


def main() -> None:
    """Print one sentence."""
    project = find_project()
    survey = load_survey(project.surveys, "barometre_numerique")
    state = look(project, survey)
    if not state.observed:
        print("The real barometer is not there (set BARO_DATA to its folder): not timed.")
        return
    files = {w.file: w.dialect for w in survey.waves.values()}
    read = {f: read_raw(state.folder / f, d, f).frame for f, d in files.items()}
    waves = [prepared(survey, name, read) for name in survey.waves]
    seconds = []
    for _ in range(int(sys.argv[1])):
        start = perf_counter()
        tables = [estimated(*wave) for wave in waves]
        seconds.append(perf_counter() - start)
    found = sum(t.filter(pl.col("se").is_finite()).height for t in tables)
    size = f"{len(waves)} waves, {sum(len(c) for _, c in waves)} columns, {len(DOMAINS)} domains"
    print(f"The whole real barometer: {size}: {found} estimates with a standard error in "
          f"{median(seconds):.2f} s on {os.cpu_count()} cores (asked: under 2 s).")  # fmt: skip


def prepared(survey: Survey, name: str, read: dict[str, pl.DataFrame]) -> Wave:
    """The rows of a wave with null for "NA", and the columns to tabulate."""
    wave = survey.waves[name]
    frame = read[wave.file]
    if wave.rows:
        frame = frame.filter(pl.col(wave.rows.column) == wave.rows.value)
    text = pl.col(pl.String)
    frame = frame.with_columns(
        pl.col(survey.spec.weight).str.replace(",", ".").cast(pl.Float64).alias("weight"),
        pl.when(text != "NA").then(text).name.keep(),
    )
    columns = [c for c, t in frame.schema.items() if t == pl.String
               and frame[c].drop_nulls().n_unique() in ANSWERS]  # fmt: skip
    return frame.select("weight", *dict.fromkeys([*columns, *DOMAINS])), columns


def estimated(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Shares of every answer in every level, as if the quota sample were random."""
    return Design(frame, "weight", sampling="quota").tabulate(
        columns, DOMAINS, measure="proportion"
    )


if __name__ == "__main__":
    main()
