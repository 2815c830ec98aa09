"""Benchmarks, run by ``make bench``: ratios measured in one run, medians of several.

The floor is what nobody can do without: reading the raw file with polars, and one group-by of
the harmonised rows. Absolute seconds depend on the machine and are not printed.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import polars as pl

from analysis.definition import Survey
from analysis.harmonise import harmonise
from analysis.ingest import read_raw
from analysis.pipeline import SurveyBuild, survey_build
from analysis.project import Project, find_project
from analysis.tabulation import tabulate

RUNS = 5


def main() -> None:
    """Print one line a stage: its share of the time, and how many times the floor it takes."""
    project = find_project()
    work = survey_build(project, "barometre_numerique")
    with tempfile.TemporaryDirectory() as folder:
        if not work.data.observed:
            print("demonstration data (no real microdata below BARO_DATA)")
            work = _demonstration(work, Path(folder))
        _report(work)


def _demonstration(work: SurveyBuild, folder: Path) -> SurveyBuild:
    from analysis.demonstration import write_demonstration

    made = SurveyBuild(Project(folder), work.survey, work.data)
    write_demonstration(work.survey, made.folder / "demonstration")
    return made


def _report(work: SurveyBuild) -> None:
    survey = work.survey
    files = sorted({w.file for w in survey.waves.values()})
    work.raw.update({f: _read(work, f) for f in files})
    frames = {w: harmonise(survey, w, work.rows(w)) for w in survey.waves}
    cells = sum(_estimate(survey, w, f).height for w, f in frames.items())
    floor_read = median(lambda: [_bare_read(work.raw_path(f)) for f in files])
    floor_group = median(lambda: [_group_by(f) for f in frames.values()])
    seconds = {
        "ingest": median(lambda: [_read(work, f) for f in files]),
        "validate and harmonise": median(
            lambda: [harmonise(survey, w, work.rows(w)) for w in survey.waves]
        ),
        "estimate": median(lambda: [_estimate(survey, w, f) for w, f in frames.items()]),
    }
    total = sum(seconds.values())
    print(f"{len(frames)} waves, {sum(f.height for f in frames.values())} rows, {cells} estimates")
    for name, s in seconds.items():
        print(f"{name:24} {100 * s / total:5.1f} % of the time")
    print(f"ingest / bare polars read of the same files: {seconds['ingest'] / floor_read:.1f}")
    print(f"estimate / one group-by of the same rows:    {seconds['estimate'] / floor_group:.0f}")


def median(work: Callable[[], object]) -> float:
    """Median seconds of several runs."""
    taken = []
    for _ in range(RUNS):
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return statistics.median(taken)


def _read(work: SurveyBuild, file: str) -> pl.DataFrame:
    dialect = next(w.dialect for w in work.survey.waves.values() if w.file == file)
    return read_raw(work.raw_path(file), dialect, file).frame


def _bare_read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, separator=";", infer_schema=False, encoding="utf8-lossy")


def _estimate(survey: Survey, wave: str, frame: pl.DataFrame) -> pl.DataFrame:
    return tabulate(survey, wave, frame, origin="demonstration", definition_hash="")


def _group_by(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("tranche_age").agg(pl.col("weight").sum())


if __name__ == "__main__":
    main()
