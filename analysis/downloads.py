"""The files that pages link to: CSV, workbooks, descriptions, open data, the explorer's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from analysis.claims import register_files
from analysis.claims.output import read_judgement, write_claims
from analysis.codebook import read_codebook
from analysis.definition import Survey
from analysis.dictionary import write_metadata
from analysis.estimates import read_estimates
from analysis.explorer import write_explorer
from analysis.nursery import Nursery, available
from analysis.opendata import write_open_data
from analysis.project import Project
from analysis.tables import write_downloads
from analysis.tables.workbook import write_workbook

_MANY = 5000  # cells that are worth a second process


def write_files(
    project: Project, surveys: list[Survey], folder: Path, nursery: Nursery | None = None
) -> None:
    """Write everything that is made of the published tables, codebooks and claims.

    nursery : what second processes are forked from, which write half of the files
    """
    tables = [(s, read_estimates(project.estimates(s.id))) for s in surveys]
    with _beside(nursery if sum(len(t) for _, t in tables) > _MANY else None) as beside:
        for survey, table in tables:
            beside(write_workbook, table, survey, folder)
        for survey, table in tables:
            write_downloads(table, survey, folder)
        for survey, table in tables:  # these tell the sizes of what was written before
            beside(write_metadata, survey, read_codebook(project.codebook(survey.id)), folder)
            beside(write_open_data, survey, table, folder)
        if register_files(project):
            write_claims(read_judgement(project.claims), folder)
        write_explorer(tables, folder)


@contextmanager
def _beside(nursery: Nursery | None) -> Iterator[Callable[..., object]]:
    """What makes calls one after the other beside this process; at once without a nursery.

    The block ends when all are made, and raises what they raise.
    """
    if nursery is None or not available():
        yield lambda function, *arguments: function(*arguments)
        return
    with ThreadPoolExecutor(max_workers=1) as pool:  # it waits for other processes
        made: list[Future[object]] = []
        yield lambda *job: made.append(pool.submit(lambda: nursery.call(*job).result()))
        for call in made:
            call.result()
