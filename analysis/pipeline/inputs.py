"""What a release is made from, gathered where raw files and definitions are seen."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from pydantic import Field

import analysis
from analysis.definition.load import read_typed
from analysis.definition.shapes import Model
from analysis.definition.wavemodels import Day
from analysis.demonstration.seed import SEED
from analysis.ingest import companions
from analysis.pipeline.work import SurveyBuild
from analysis.project import Project
from analysis.provenance import digest_code, digest_value, sha256_file
from analysis.publish import Publication
from analysis.release.manifest import (
    Code,
    Edition,
    Environment,
    Hashed,
    MadeFrom,
    SurveyMade,
    WaveMade,
    hashed,
    manifest_digest,
)

EDITION = "edition.yml"
DISTRIBUTION = "barometre"
_NO_SOURCE = ("donnees", "__pycache__")  # folders of reports/ that a build makes
_LOCK = Path(analysis.__file__).parents[1] / "requirements.lock"


class Declared(Model):
    """``reports/edition.yml``: what the office calls the release that it prepares."""

    name: str = Field(min_length=1)
    date: Day | None = None


def release_made_from(
    project: Project, works: list[SurveyBuild], publication: Publication, code: tuple[str, ...]
) -> MadeFrom:
    """What a site of these surveys is made from.

    code : the modules that make figures and pages
    Raises :class:`analysis.errors.BaroError` where the earlier release cannot be read.
    """
    return MadeFrom(
        edition=_edition(project),
        code=_code(tuple(sorted(set(code)))),
        environment=environment(),
        renderer=publication.renderer,
        seeds={"demonstration": SEED},
        surveys={w.survey.id: _survey(project, w) for w in works},
        project={name: sha256_file(p) for name, p in _sources(project)},
        since=manifest_digest(publication.earlier, "--since") if publication.earlier else "",
        languages=publication.languages,
    )


def _edition(project: Project) -> Edition:
    path = project.reports / EDITION
    if not path.is_file():
        return Edition()
    _, declared = read_typed(path, f"reports/{EDITION}", Declared)
    return Edition(name=declared.name, date=declared.date or "")


def _code(modules: tuple[str, ...]) -> Code:
    digests = {m: digest_code(m) for m in modules}
    return Code(version=analysis.__version__, digest=digest_value(digests), modules=digests)


@cache
def environment() -> Environment:
    """Python, every library that the code needs, and the lock file that they come from."""
    return Environment(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        libraries=dict(sorted(_libraries())),
        lock=sha256_file(_LOCK) if _LOCK.is_file() else "",
    )


def _libraries() -> Iterator[tuple[str, str]]:
    """Name and version of what is installed for the code: not of tools beside it."""
    seen: set[tuple[str, frozenset[str]]] = set()
    rest = [Requirement(DISTRIBUTION)]
    while rest:
        wanted = rest.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        key = (name, frozenset(wanted.extras))
        if key in seen or not _applies(wanted):
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        seen.add(key)
        extras = wanted.extras or {""}
        needed = [Requirement(text) for text in found.requires or ()]
        rest += [r for r in needed if any(_applies(r, extra) for extra in extras)]
        if name != DISTRIBUTION:
            yield name, found.version


def _applies(requirement: Requirement, extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _survey(project: Project, work: SurveyBuild) -> SurveyMade:
    table = project.estimates(work.survey.id)
    return SurveyMade(
        definition=work.digests.whole,
        estimates=sha256_file(table) if table.is_file() else "",
        waves={
            w: WaveMade(origin=work.origin(w), definition=work.digests.wave(w))
            for w in work.survey.waves
        },
        microdata=dict(_microdata(work)),
    )


def _microdata(work: SurveyBuild) -> Iterator[tuple[str, Hashed]]:
    """Delivered files with those of the same name that hold their labels; by name alone."""
    for name in sorted(work.data.found):
        path = work.raw_path(name)
        yield name, hashed(path)
        for beside in companions(path):
            yield (Path(name).parent / beside.name).as_posix(), hashed(beside)


def _sources(project: Project) -> Iterator[tuple[str, Path]]:
    """The files that definitions and pages are read from, by their place in the project."""
    yield "_quarto.yml", project.root / "_quarto.yml"
    for folder in (project.reports, project.surveys):
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            parts = path.relative_to(folder).parts
            hidden = any(p.startswith(".") for p in parts)
            if not hidden and parts[0] not in _NO_SOURCE and path.suffix != ".md":
                yield path.relative_to(project.root).as_posix(), path
