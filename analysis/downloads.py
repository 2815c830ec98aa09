"""The files that pages link to: CSV, workbooks, descriptions, open data, the explorer's."""

from __future__ import annotations

import shutil
from pathlib import Path

from analysis.claims import register_files
from analysis.claims.output import read_judgement, write_claims
from analysis.codebook import read_codebook
from analysis.definition import Survey
from analysis.dictionary import write_metadata
from analysis.estimates import read_estimates
from analysis.explorer import write_explorer, write_explorer_index
from analysis.nursery import Nursery, beside
from analysis.opendata import describe_files, write_open_tables
from analysis.project import Project
from analysis.tables.delimited import write_downloads
from analysis.tables.workbook import write_workbook

_MANY = 5000  # cells that are worth a second process


def write_files(
    project: Project, survey: Survey, folder: Path, nursery: Nursery | None = None
) -> None:
    """Write everything that is made of the published table and the codebook of one survey.

    nursery : what second processes are forked from, which write half of the files
    """
    table = read_estimates(project.estimates(survey.id))
    with beside(nursery if len(table) > _MANY else None) as call:
        call(write_workbook, table, survey, folder)
        write_downloads(table, survey, folder)
        # this tells the sizes of what was written before
        call(write_metadata, survey, read_codebook(project.codebook(survey.id)), folder)
        write_explorer(survey, table, folder)
        made = write_open_tables(survey, table, folder)
    describe_files(survey, made, folder)


def join_files(project: Project, surveys: list[Survey], folder: Path) -> None:
    """Put the files of all surveys together, with those that are about several of them."""
    for survey in surveys:
        shutil.copytree(project.files(survey.id), folder, dirs_exist_ok=True)
    if register_files(project):
        write_claims(read_judgement(project.claims), folder)
    tables = [(s, read_estimates(project.estimates(s.id))) for s in surveys]
    write_explorer_index(tables, folder)
