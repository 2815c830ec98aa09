"""What was made, kept by the digest of all that it was made from.

An entry that is not whole, that was altered or that stands under another name is as good as none:
what it held is made again.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from analysis.provenance import write_aside

_CHECK = 32  # bytes that a SHA-256 takes


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of entries, each named by its key; ``most`` bytes are left by :meth:`tidy`.

    A key is the hexadecimal digest of everything that the content depends on.
    """

    folder: Path
    most: int

    def find(self, key: str) -> bytes | None:
        """What was kept under a key; None where there is nothing, or not what was kept."""
        path = self.folder / key
        try:
            entry = path.read_bytes()
        except OSError:
            return None
        content = entry[_CHECK:]
        if entry[:_CHECK] != _check(key, content):
            path.unlink(missing_ok=True)
            return None
        with suppress(OSError):
            os.utime(path)  # so that it outlives what nobody asks for
        return content

    def keep(self, key: str, content: bytes) -> None:
        """Keep what was made, whole or not at all."""
        write_aside(self.folder / key, _check(key, content) + content)

    def tidy(self) -> None:
        """Drop what was longest not asked for, until the rest fits."""
        known = [(p.stat(), p) for p in self.folder.glob("*")] if self.folder.is_dir() else []
        room = self.most
        for stat, path in sorted(known, key=lambda e: (-e[0].st_mtime_ns, e[1].name)):
            room -= stat.st_size
            if room < 0:
                path.unlink(missing_ok=True)


def _check(key: str, content: bytes) -> bytes:
    return sha256(key.encode() + b"\n" + content).digest()
