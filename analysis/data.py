"""The raw files: what was found, where, under which licence, and how to get what is missing."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import new as new_hash
from http.client import HTTPException
from pathlib import Path
from typing import cast

from analysis.definition import Survey
from analysis.errors import BaroError, Problem, printable, raise_all, refuse
from analysis.project import Project
from analysis.provenance import sha256_file

CATALOGUE = "https://www.data.gouv.fr/api/1/datasets/{slug}/"
_TIMEOUT = 20
_CHUNK = 1 << 16
_LARGEST, _CATALOGUE_LARGEST = 4 << 30, 64 << 20  # what ingest reads; what a catalogue may answer
_CHECKSUMS = ("md5", "sha1", "sha256", "sha384", "sha512")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DataState:
    """The raw files of a survey.

    folder : where they are looked for ; found, missing : their names
    beside : the project's own data folder, where ``baro wave add`` puts a file
    made : names of those that are not there, and are made from declared answers
    """

    folder: Path
    found: tuple[str, ...]
    missing: tuple[str, ...]
    beside: Path | None = None
    made: tuple[str, ...] = ()

    def path(self, name: str) -> Path:
        """Where a file is, or would be."""
        here = self.folder / name
        if self.beside is None or here.is_file():
            return here
        return self.beside / name if (self.beside / name).is_file() else here

    @property
    def observed(self) -> bool:
        """Every file was delivered: all microdata are real."""
        return not self.drawn

    @property
    def drawn(self) -> tuple[str, ...]:
        """Those that are not there: drawn at random, or made from declared answers."""
        return (*self.missing, *self.made)


def survey_data(project: Project, survey: Survey) -> DataState:
    """Look for the survey's files below the data folder.

    Raises :class:`analysis.errors.BaroError` when some are there and others are not: a report
    on half the waves, or on demonstration data for the rest, would mislead.
    """
    state = look(project, survey)
    if state.found and state.missing:
        raise_all(
            Problem(
                str(state.folder / name),
                "the file is missing, others of the survey are there",
                "all files of the survey, or none",
                f"add it (baro data get {survey.id}), or set BARO_DATA to another folder",
            )
            for name in state.missing
        )
    return state


def look(project: Project, survey: Survey) -> DataState:
    """The same without a refusal."""
    folder = project.data / survey.spec.data.folder
    names = tuple(dict.fromkeys(w.file for w in survey.waves.values()))
    state = DataState(folder, (), names, project.arrived / survey.spec.data.folder)
    found = tuple(n for n in names if state.path(n).is_file())
    absent = [n for n in names if n not in found]
    made = tuple(
        n for n in absent if all(w.made for w in survey.waves.values() if w.file == n)
    )  # fmt: skip
    missing = tuple(n for n in absent if n not in made)
    return replace(state, found=found, missing=missing, made=made)


def describe(project: Project, survey: Survey) -> dict[str, object]:
    """What ``baro data`` prints about a survey, as plain data."""
    data, state = survey.spec.data, look(project, survey)
    files = [
        {
            "file": name,
            "title": survey.files[name].title,
            "found": name in state.found,
            "made": name in state.made,
            "tested_edition": name in state.found
            and sha256_file(state.path(name)) == survey.files[name].sha256,
        }
        for name in (*state.found, *state.drawn)
    ]
    return {
        "survey": survey.id,
        "title": survey.spec.title,
        "folder": str(state.folder),
        "files": files,
        "observed": state.observed,
        "licence": survey.spec.licence.name,
        "licence_url": survey.spec.licence.url,
        "attribution": survey.spec.licence.attribution,
        "dataset": data.dataset,
        "publisher": data.publisher,
    }


def download(
    project: Project, survey: Survey, say: Callable[[str], None], progress: Progress
) -> list[Path]:
    """Fetch the missing files from their publisher; each whole and checked, or not at all.

    progress : called with bytes received and expected
    Raises :class:`analysis.errors.BaroError` where the network is closed, a file is not in the
    catalogue, or its checksum is not the published one.
    """
    state = look(project, survey)
    if not state.missing:
        made = f"; made without a file: {', '.join(state.made)}"
        said = (
            "nothing to download" + made
            if state.made
            else "every file is there, nothing to download"
        )
        say(f"{survey.id}: {said}")
        return []
    resources = _resources(survey)
    written = []
    for name in state.missing:
        resource = _resource_for(survey, name, resources)
        say(f"{survey.id}: {printable(str(resource.get('title')))}")
        target = state.folder / name
        checksum = cast(dict[str, str], resource.get("checksum") or {})
        _fetch(str(resource.get("url")), target, checksum, progress)
        _say_edition(survey, name, target, say)
        written.append(target)
    return written


def _resources(survey: Survey) -> list[dict[str, object]]:
    address = CATALOGUE.format(slug=survey.spec.data.slug)
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT) as answer:
            return list(json.loads(answer.read(_CATALOGUE_LARGEST))["resources"])
    except (OSError, HTTPException) as e:
        raise _closed(survey, f"cannot be reached ({getattr(e, 'reason', e)})") from e
    except (ValueError, KeyError, TypeError) as e:
        raise _closed(survey, "answers with something that is no catalogue") from e


def _closed(survey: Survey, how: str) -> BaroError:
    return refuse(
        f"baro data get {survey.id}",
        f"{survey.spec.data.publisher} {how}",
        "",
        f'download "{survey.spec.data.dataset}" elsewhere and put the files below BARO_DATA',
    )


def _resource_for(
    survey: Survey, name: str, resources: list[dict[str, object]]
) -> dict[str, object]:
    """The catalogue's entry whose address or title matches the declared ``resource``."""
    wanted = survey.files[name].resource or name
    hits = [r for r in resources if wanted in (f"{r.get('title')} {r.get('url')}")]
    if len(hits) != 1:
        titles = ", ".join(str(r.get("title")) for r in resources[:8])
        raise refuse(
            f"{survey.id}: {name}",
            f'{len(hits)} entries of the catalogue match "{wanted}"',
            f"one; the catalogue has: {titles}",
            "correct data.files.<file>.resource in survey.yml",
        )
    return hits[0]


def _fetch(address: str, target: Path, checksum: dict[str, str], progress: Progress) -> None:
    if not address.startswith(("https://", "http://")):
        raise refuse(str(target), f'the catalogue names "{address}"', "an address on the web")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    kind = checksum.get("type", "")
    hashed = new_hash(kind if kind in _CHECKSUMS else "sha256")
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT) as answer, aside.open("wb") as out:
            expected, received = int(answer.headers.get("Content-Length") or 0), 0
            while chunk := answer.read(_CHUNK):
                out.write(chunk)
                hashed.update(chunk)
                received += len(chunk)
                progress(received, expected)
                if received > _LARGEST:
                    raise ConnectionError(f"more than {_LARGEST >> 30} GiB")
        if expected and received != expected:  # a connection cut short is no error to urllib
            raise ConnectionError(f"{received} bytes of {expected}")
        _check(target, checksum, {hashed.name: hashed.hexdigest()})
        aside.replace(target)
    except (OSError, HTTPException) as e:
        raise refuse(str(target), f"the download stopped: {e}", "", "run the command again") from e
    finally:
        aside.unlink(missing_ok=True)


def _check(target: Path, checksum: dict[str, str], found: dict[str, str]) -> None:
    """Refuse content whose checksum is not the published one; one of a kind unknown passes."""
    kind, published = checksum.get("type", ""), checksum.get("value", "")
    if published and kind in found and published.lower() != found[kind]:
        raise refuse(
            str(target),
            f"its {kind} is {found[kind]}",
            published,
            "run the command again; the file was not kept",
        )


def _say_edition(survey: Survey, name: str, target: Path, say: Callable[[str], None]) -> None:
    declared = survey.files[name].sha256
    found = sha256_file(target)
    say(f"  sha256 {found}")
    if declared and declared != found:
        say("  not the edition this definition was tested with: run baro validate")
