"""Making a release, and verifying one: by its files, then by building it again elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.errors import refuse
from analysis.pdf import browser_version
from analysis.pipeline import build, release_facts
from analysis.project import Project
from analysis.publish import Printing
from analysis.release.figures import DATA
from analysis.release.folder import FilesApart, files_apart, hash_files
from analysis.release.making import MadeApart, made_apart
from analysis.release.manifest import NAME, Manifest, manifest_digest, read_manifest
from analysis.stages import alone

Say = Callable[[str], None]
_SHOWN = 20
_FILE, _DIRECTORY = 0o644, 0o755  # what a web server reads, whatever the umask was


def make_release(
    project: Project, out: Path, say: Say, renderer: str = "auto", since: Path | None = None,
    languages: Sequence[str] = (),
) -> Manifest:  # fmt: skip
    """Bring the site up to date and put it into ``out`` with its manifest, whole or not at all.

    Raises :class:`analysis.errors.BaroError` for a folder that is not empty, and whatever a build
    raises; nothing is written then.
    """
    _refuse_taken(out)
    build(project, say, renderer=renderer, since=since, languages=languages)
    aside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with alone(project):  # no other build exchanges the site meanwhile
            say(f"copying the site to {out}")
            shutil.copytree(project.site, aside, copy_function=shutil.copyfile)
        manifest = _whole(aside, say)
        _readable(aside)
        if out.is_dir():
            out.rmdir()  # empty: a folder takes the place of none
        aside.rename(out)
    except OSError as e:
        raise refuse(f"--out {out}", f"cannot be written: {e.strerror or e}", "",
                     "name a folder with room, where you may write") from e  # fmt: skip
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return manifest


def _refuse_taken(out: Path) -> None:
    if out.is_symlink() or (out.exists() and not out.is_dir()) or (
        out.is_dir() and any(out.iterdir())
    ):  # fmt: skip
        raise refuse(f"--out {out}", "there is something already", "an empty folder, or none",
                     "name another folder: a release is never written over one")  # fmt: skip
    if not out.parent.is_dir():
        raise refuse(f"--out {out}", f"there is no folder {out.parent}", "",
                     "make it, or name another")  # fmt: skip


def _whole(copy: Path, say: Say) -> Manifest:
    """The manifest of a copy, every file of which was read again."""
    manifest = read_manifest(copy)
    apart = files_apart(manifest.files, hash_files(copy, say))
    if apart:
        raise refuse("_site", f"{len((*apart.altered, *apart.added, *apart.missing))} files are "
                     "not those of its manifest", "the site as it was built",
                     "remove _site, then run the command again")  # fmt: skip
    return manifest


def _readable(folder: Path) -> None:
    """The same rights on every machine: everybody may read a release."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(_DIRECTORY if path.is_dir() else _FILE)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of a release.

    files : against its manifest ; making : against what is here
    rebuilt : its manifest against that of a new build; None where none was made
    unbuilt : why no build was made, or ""
    notes : what is not held against it
    """

    files: FilesApart
    making: tuple[MadeApart, ...]
    rebuilt: FilesApart | None = None
    unbuilt: str = ""
    notes: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Nothing differs, of what was looked at."""
        return not (self.files or self.making or self.rebuilt or self.unbuilt)

    def as_dict(self) -> dict[str, object]:
        """Plain data."""
        return {
            "same": self.same,
            "files": _apart(self.files),
            "made_from": [m.as_dict() for m in self.making],
            "rebuilt": None if self.rebuilt is None else _apart(self.rebuilt),
            "not_rebuilt": self.unbuilt,
            "notes": list(self.notes),
        }


def _apart(apart: FilesApart) -> dict[str, list[str]]:
    return {name: list(getattr(apart, name)) for name in ("altered", "added", "missing")}


def verify_release(
    project: Project, folder: Path, say: Say, *, rebuild: bool = True, since: Path | None = None
) -> Verified:
    """Hash the files of a release, compare what it was made from, and build it again elsewhere.

    since : the release that it was compared with, where it was compared with one
    Raises :class:`analysis.errors.BaroError` where there is no release, or the build fails.
    """
    manifest = read_manifest(folder, "--verify")
    if not folder.is_dir():
        raise refuse(f"--verify {folder}", "no folder", "the folder of a release")
    files = files_apart(manifest.files, hash_files(folder, say))
    _refuse_other(manifest, since)
    made = manifest.made_from
    making = made_apart(made, release_facts(project, made.renderer, since, made.languages))
    lost = [m.name for m in making if m.kind == "microdata" and not m.after]
    if lost:
        return Verified(files, making, unbuilt="not built again: microdata are missing here")
    if not rebuild:
        return Verified(files, making, notes=("not built again: --no-rebuild",))
    pdf, notes = _printing(manifest, folder)
    with _elsewhere(project) as copy:
        say("building again in a temporary folder")
        build(copy, say, renderer=made.renderer, since=since, pdf=pdf, languages=made.languages)
        again = read_manifest(copy.site)
    return Verified(files, making, files_apart(manifest.files, again.files), notes=notes)


def _refuse_other(manifest: Manifest, since: Path | None) -> None:
    """The page of revisions is made from the release it compares with: the same is needed."""
    wanted = manifest.made_from.since
    given = manifest_digest(since, "--since") if since else ""
    if wanted and not given:
        raise refuse("--verify", "the release was compared with an earlier one",
                     f"the release whose {NAME} has sha256 {wanted}",
                     "name its folder: --since DIR")  # fmt: skip
    if given and given != wanted:
        raise refuse(f"--since {since}", f"its {NAME} has sha256 {given}",
                     wanted or "no earlier release: it was compared with none",
                     "name the one it was compared with, or leave --since out")  # fmt: skip


def _printing(manifest: Manifest, folder: Path) -> tuple[Path | Printing, tuple[str, ...]]:
    """How a new build has its PDF, and what is to be said of it.

    Another Chromium prints other bytes. The PDF of the release are then taken as they are, so
    that the pages that link to them can be compared.
    """
    then, here = manifest.context.get("chromium", ""), browser_version()
    if then == here:
        return "print", ()
    if not then:
        return "none", ()
    said = f"PDF not printed again: {then} printed them, here is {here or 'no Chromium'}"
    return folder.resolve(), (said,)


@contextmanager
def _elsewhere(project: Project) -> Iterator[Project]:
    """A copy of the sources of a project in a temporary folder, with the same microdata."""
    with TemporaryDirectory(prefix="baro-verify-") as name:
        root = Path(name) / "project"
        shutil.copytree(project.surveys, root / "surveys")
        shutil.copytree(project.reports, root / "reports", ignore=_made_by_a_build(project))
        shutil.copy(project.root / "_quarto.yml", root)
        if project.arrived.is_dir():
            (root / "data").symlink_to(project.arrived.resolve(), target_is_directory=True)
        with _named(root):
            yield Project(root)


def _made_by_a_build(project: Project) -> Callable[[str, list[str]], list[str]]:
    return lambda folder, _: [DATA] if Path(folder) == project.reports else []


@contextmanager
def _named(root: Path) -> Iterator[None]:
    """Pages look for their project in ``BARO_PROJECT``; a folder in ``BARO_DATA`` stays."""
    before = os.environ.get("BARO_PROJECT")
    os.environ["BARO_PROJECT"] = str(root)
    try:
        yield
    finally:
        if before is None:
            del os.environ["BARO_PROJECT"]
        else:
            os.environ["BARO_PROJECT"] = before


def verified_text(found: Verified) -> str:
    """What was found, in words; the first twenty files of each kind."""
    lines = [
        *_files(found.files, ("altered", "not in the manifest", "missing")),
        *(f"made otherwise here: {m.said('in the release', 'here')}" for m in found.making),
        *_files(found.rebuilt, ("not the same when built again", "only in the new build",
                                "not made by the new build")),
        *filter(None, (found.unbuilt, *found.notes)),
    ]  # fmt: skip
    if found.same:
        built = "" if found.rebuilt is None else ", and a new build gave the same bytes"
        lines.append(f"verified: every file is that of the manifest{built}")
    return "\n".join(lines) + "\n"


def _files(apart: FilesApart | None, words: tuple[str, str, str]) -> Iterator[str]:
    if apart is None:
        return
    for names, said in zip((apart.altered, apart.added, apart.missing), words, strict=True):
        yield from (f"{said}: {name}" for name in names[:_SHOWN])
        if len(names) > _SHOWN:
            yield f"{said}: … and {len(names) - _SHOWN} more (--json has all)"
