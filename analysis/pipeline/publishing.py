"""The stages right of the table of estimates: files for download, and the pages of the site."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from analysis.language import SOURCE
from analysis.nursery import Nursery
from analysis.pdf import browser_path
from analysis.pipeline.claims import CLAIMS
from analysis.pipeline.inputs import release_made_from
from analysis.pipeline.weights import published_weights
from analysis.pipeline.work import COLUMNS, ESTIMATE, SurveyBuild
from analysis.project import Project
from analysis.provenance import digest_code, digest_path, digest_value, digest_versions
from analysis.publish import Publication, publish_downloads, publish_files, publish_site
from analysis.release.manifest import MadeFrom
from analysis.render import Kept
from analysis.stages import Stage
from analysis.store import Store

_DOWNLOADS = (
    *CLAIMS, "spreadsheets", "dictionary", "opendata", "weights", "charts", "briefing", "explorer",
    "nursery", "downloads",
)  # fmt: skip
_PAGES = (
    *_DOWNLOADS, "fiches", "release", "translation", "store", "render", "pdf", "publish",
)  # fmt: skip
_KEPT = 64 << 20  # bytes of pages and PDF kept: some twenty sites
# All that a figure or a page is made with: what a release names by version and digest.
RELEASE = (
    *_PAGES, *ESTIMATE, *COLUMNS, "demonstration", "data", "errors", "project", "provenance",
    "stages", "pipeline",
)  # fmt: skip


def files_stage(work: SurveyBuild, nursery: Nursery | None) -> Stage:
    """The files of one survey."""
    project, survey = work.project, work.survey
    return Stage(
        f"files {survey.id}",
        f"{survey.id}: writing the CSV files and the workbook",
        lambda: {
            "table": digest_path(project.estimates(survey.id)),
            "codebook": digest_path(project.codebook(survey.id)),
            "definition": work.digests.whole,
            "code": digest_code(*_DOWNLOADS),
            "versions": digest_versions("polars", "xlsxwriter"),
        },
        (project.files(survey.id),),
        lambda: publish_files(project, survey, nursery),
        (f"table {survey.id}", f"codebook {survey.id}"),
    )


def downloads_stage(project: Project, works: list[SurveyBuild], after: tuple[str, ...]) -> Stage:
    """The files of all surveys, where pages link to them; after : the stages of claims."""
    surveys = [w.survey for w in works]
    return Stage(
        "downloads",
        "putting the files of all surveys together",
        lambda: {
            "files": digest_value([digest_path(project.files(s.id)) for s in surveys]),
            "tables": digest_value([digest_path(project.estimates(s.id)) for s in surveys]),
            "claims": digest_path(project.claims) if after else "none",
            "definitions": digest_value([w.digests.whole for w in works]),
            "code": digest_code(*_DOWNLOADS),
            "versions": digest_versions("polars"),
        },
        (project.reports / "donnees",),
        lambda: publish_downloads(project, surveys),
        (*(f"files {s.id}" for s in surveys), *after),
    )


def pages_stage(
    project: Project, works: list[SurveyBuild], publication: Publication,
    say: Callable[[str], None], nursery: Nursery | None,
) -> Stage:  # fmt: skip
    """The site."""

    def release() -> MadeFrom:
        return release_made_from(project, works, publication, RELEASE)

    def inputs() -> dict[str, str]:
        made_from = {
            "reports": digest_path(project.reports),
            "release": _rest(release()),
            "renderer": publication.renderer,
            "pdf": _pdf(publication),
            "languages": digest_value([SOURCE, *publication.languages]),
            "_quarto.yml": digest_path(project.root / "_quarto.yml"),
            "claims": digest_path(project.claims),
            "code": digest_code(*_PAGES),
            "versions": digest_versions(
                "polars", "pypandoc_binary", "nbclient", "ipykernel", "polib"
            ),
        }
        for work in works:
            table = project.estimates(work.survey.id)
            made_from[f"table {work.survey.id}"] = digest_path(table)
            made_from[f"codebook {work.survey.id}"] = digest_path(project.codebook(work.survey.id))
            made_from[f"definition {work.survey.id}"] = work.digests.whole
            made_from[f"translations {work.survey.id}"] = digest_value(
                [digest_path(project.catalogue(work.survey.id, n)) for n in publication.languages]
            )
            made_from[f"weights {work.survey.id}"] = digest_value(
                [digest_path(p) for p in published_weights(work)]
            )
        return made_from

    return Stage(
        "pages",
        "pages: rendering and checking",
        inputs,
        (project.site,),
        lambda: publish_site(
            project,
            [w.survey for w in works],
            release(),
            publication,
            say,
            _kept(project, inputs),
            nursery,
        ),
        ("downloads",),
    )


def _kept(project: Project, inputs: Callable[[], dict[str, str]]) -> Kept:
    """Where pages are kept, by what the stage of all pages is made from."""

    def digests() -> tuple[str, str, str]:
        data = inputs()
        code = digest_value([data.pop(k) for k in ("code", "versions")])
        del data["reports"]  # sources are told apart: a page depends on its own
        files = [p for p in sorted(project.reports.rglob("*")) if p.is_file()]
        sources = [p for p in files if p.suffix == ".qmd"]
        rest = [p for p in files if p.suffix != ".qmd"]
        return code, digest_value([data, _digests(project, rest)]), _digests(project, sources)

    before = digests()
    return Kept(Store(project.kept, _KEPT), *before, lambda: digests() == before)


def _digests(project: Project, files: list[Path]) -> str:
    return digest_value({p.relative_to(project.reports).as_posix(): digest_path(p) for p in files})


def _rest(made: MadeFrom) -> str:
    """What a release is made from and no other input of its pages names."""
    facts = made.model_dump(exclude={"project", "renderer"})
    return digest_value(
        [facts, {k: v for k, v in made.project.items() if k.startswith("surveys/")}]
    )


def _pdf(publication: Publication) -> str:
    if publication.pdf != "print":
        return str(publication.pdf)
    return "Chromium" if browser_path() else "none"
