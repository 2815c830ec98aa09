"""The files of a release against its manifest: which were altered, added, or are missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.release.manifest import Hashed, files_below, hashed

_EVERY = 500  # files between two lines of progress


@dataclass(frozen=True, slots=True)
class FilesApart:
    """Where two lists of files differ: by name, in order."""

    altered: tuple[str, ...]
    added: tuple[str, ...]
    missing: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.altered or self.added or self.missing)


def hash_files(folder: Path, say: Callable[[str], None]) -> dict[str, Hashed]:
    """Every file of a folder but its manifest; a link is read as nothing: a release has none."""
    files = files_below(folder)
    found = {}
    for done, (name, path) in enumerate(files.items()):
        if done % _EVERY == 0:
            say(f"hashing {len(files) - done} files of {folder.name}")
        found[name] = Hashed(bytes=0, sha256="0" * 64) if path.is_symlink() else hashed(path)
    return found


def files_apart(listed: Mapping[str, Hashed], found: Mapping[str, Hashed]) -> FilesApart:
    """What ``found`` has otherwise than ``listed``."""
    return FilesApart(
        tuple(n for n in sorted(listed) if n in found and found[n] != listed[n]),
        tuple(sorted(set(found) - set(listed))),
        tuple(sorted(set(listed) - set(found))),
    )
