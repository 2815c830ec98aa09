"""The pages of a release, written where the site is staged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.definition import Survey
from analysis.release import listing, revisions, version
from analysis.release.figures import DATA, Release, read_release
from analysis.release.manifest import NAME, MadeFrom
from analysis.release.revision import compare


def write_release_pages(
    made: MadeFrom, surveys: Sequence[Survey], stage: Path, earlier: Path | None
) -> None:
    """Write ``version.qmd`` and ``revisions.qmd``, and the list of changes where there is one.

    earlier : a former release ; ``stage/donnees`` holds the figures of this one
    Raises :class:`analysis.errors.BaroError` where the former release cannot be read.
    """
    _write(stage, version.PAGE, version.version_document(made, surveys))
    (stage / NAME).touch()  # pages are checked before it is written
    log = (stage / "corrections.qmd").is_file()
    if earlier is None:
        _write(stage, revisions.PAGE, revisions.no_revision_document(made, surveys, log=log))
        return
    before = read_release(earlier, "--since")
    revision = compare(before, Release(made, stage / DATA))
    content = listing.revision_csv(revision)
    if revision.changes:
        (stage / DATA / listing.FILE).write_bytes(content)
    page = revisions.revision_document(revision, surveys, before.made, made, len(content), log=log)
    _write(stage, revisions.PAGE, page)


def _write(stage: Path, name: str, content: str) -> None:
    (stage / f"{name}.qmd").write_text(content, "utf-8")
