"""``manifest.json``: what a site was made from, and the SHA-256 of every file of it.

Two parts are kept apart. ``made_from`` is what must be the same for the files to be the same.
``context`` is what the machine had, which may differ: the printed PDF follow it, nothing else.
There is no date in it but the one that ``reports/edition.yml`` declares, and no path of a machine.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from analysis.definition.shapes import Model
from analysis.errors import BaroError, Problem, refuse
from analysis.provenance import digest_value, sha256_file, write_aside

NAME = "manifest.json"
_DRIVE = re.compile(r"^[A-Za-z]:")


def _below(path: str) -> str:
    """A manifest may come from anybody: it names files below its own folder, and no other."""
    parts = path.split("/")
    if "\\" in path or _DRIVE.match(path) or any(p in ("", ".", "..") for p in parts):
        raise ValueError(f"{path!r} is no path below the folder")
    return path


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=r"^\w+$")]  # of a survey: files are called after it
Below = Annotated[str, AfterValidator(_below)]


class Hashed(Model):
    """A file, by its content."""

    bytes: int = Field(ge=0)
    sha256: Sha256


class Edition(Model):
    """What the office calls this release; both empty where nothing is declared."""

    name: str = ""
    date: str = ""


class Code(Model):
    """The code that makes figures and pages: its version, and the digest of each module."""

    version: str
    digest: str
    modules: dict[str, str]


class Environment(Model):
    """What the code ran on.

    lock : SHA-256 of ``requirements.lock``, "" where the code is installed without it
    """

    python: str
    libraries: dict[str, str]
    lock: str


class WaveMade(Model):
    """A wave: where its answers are from, and the definition its estimates are made with."""

    origin: str
    definition: str


class SurveyMade(Model):
    """A survey.

    definition : digest of all of it
    estimates : SHA-256 of its table of estimates, "" where it is not made yet
    microdata : the raw files that somebody delivered; never their content or where they stand
    """

    definition: str
    estimates: Sha256 | Literal[""]
    waves: dict[str, WaveMade]
    microdata: dict[Below, Hashed]


class MadeFrom(Model):
    """What must be the same for the files to be the same.

    project : the files of ``surveys/`` and ``reports/``, and ``_quarto.yml``
    seeds : of everything that is drawn at random
    since : SHA-256 of the manifest of the release that "Révisions" compares with, or ""
    languages : of its pages, besides French
    """

    edition: Edition
    code: Code
    environment: Environment
    renderer: str
    seeds: dict[str, int]
    surveys: dict[Name, SurveyMade]
    project: dict[Below, Sha256]
    since: str = ""
    languages: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """A short digest of it, for pages and for talking about it.

        Without the languages: French pages are the same whether there are others or not.
        """
        return digest_value(self.model_dump(exclude={"languages"}))


class Manifest(Model):
    """The whole list.

    context : what the machine had, such as ``chromium``; "" where it had none
    files : every file of the site but the manifest itself
    """

    format: Literal[1] = 1
    made_from: MadeFrom
    context: dict[str, str]
    files: dict[Below, Hashed]


def hashed(path: Path) -> Hashed:
    """A file by its content."""
    return Hashed(bytes=path.stat().st_size, sha256=sha256_file(path))


def files_below(folder: Path) -> dict[str, Path]:
    """Every file below a folder but its manifest, by relative name, in order."""
    found = (p for p in folder.rglob("*") if p.is_file() or p.is_symlink())
    named = {p.relative_to(folder).as_posix(): p for p in found}
    return {name: named[name] for name in sorted(named) if name != NAME}


def write_manifest(made_from: MadeFrom, context: dict[str, str], site: Path) -> Manifest:
    """List the files of a site in it; the same inputs and files give the same bytes."""
    files = {name: hashed(p) for name, p in files_below(site).items()}
    made = Manifest(made_from=made_from, context=context, files=files)
    text = json.dumps(made.model_dump(), indent=1, ensure_ascii=False, sort_keys=True)
    write_aside(site / NAME, (text + "\n").encode())
    return made


def read_manifest(folder: Path, option: str = "") -> Manifest:
    """The manifest of a release: of its folder, or the file itself.

    option : how the user named the folder, for messages
    Raises :class:`analysis.errors.BaroError` where there is none or it is no such list.
    """
    path = folder if folder.is_file() else folder / NAME
    where = f"{option} {folder}".strip()
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as e:
        raise refuse(where, f"no {NAME} can be read there: {e.strerror}", "the folder of a release",
                     "name a folder that baro release or baro build made") from e  # fmt: skip
    except ValidationError as e:
        raise BaroError(
            Problem(where, f"{NAME}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}",
                    "a manifest of this version of baro",
                    "make the release again with this version, or take the version that made it")
            for fault in e.errors()[:20]
        ) from e  # fmt: skip


def manifest_digest(folder: Path, option: str = "") -> str:
    """SHA-256 of the manifest of a release, which stands for all of it; refuses what is none."""
    read_manifest(folder, option)
    return sha256_file(folder if folder.is_file() else folder / NAME)
