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
    made: MadeFrom, surveys: Sequence[Survey], stage: Path, earlier: Path | None,
    french: Path | None = None,
) -> tuple[str, ...]:  # fmt: skip
    """Write ``version.qmd`` and ``revisions.qmd``, and give their names.

    earlier : a former release ; french : the stage of the French pages, where ``stage`` is that of
    another language: it has the figures, and the list of changes that is written beside them
    Raises :class:`analysis.errors.BaroError` where the former release cannot be read.
    """
    _write(stage, version.PAGE, version.version_document(made, surveys))
    own = french is None or french == stage
    if own:
        (stage / NAME).touch()  # pages are checked before it is written
    log = (stage / "corrections.qmd").is_file()
    if earlier is None:
        page = revisions.no_revision_document(made, surveys, log=log)
    else:
        before = read_release(earlier, "--since")
        donnees = (french or stage) / DATA
        revision = compare(before, Release(made, donnees))
        content = listing.revision_csv(revision)
        if revision.changes and own:
            (donnees / listing.FILE).write_bytes(content)
        page = revisions.revision_document(
            revision, surveys, before.made, made, len(content), log=log
        )
    _write(stage, revisions.PAGE, page)
    return version.PAGE, revisions.PAGE


def _write(stage: Path, name: str, content: str) -> None:
    (stage / f"{name}.qmd").write_text(content, "utf-8")
