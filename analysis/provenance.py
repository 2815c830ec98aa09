"""What a result was made from: digests of inputs, code and versions, kept beside the outputs.

A stage is fresh when its record is there, its inputs are those of the record, and its outputs
are still what the record says. The record is written last: none means that the run was
interrupted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

_CHUNK = 1 << 20


def digest_text(text: str) -> str:
    """SHA-256 of a text, 16 hexadecimal digits: enough to tell versions apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest_value(value: object) -> str:
    """Digest of plain data (dicts, lists, texts, numbers), whatever the order of its keys."""
    return digest_text(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str))


def sha256_file(path: Path) -> str:
    """The whole SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as f:
        while chunk := f.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def digest_path(path: Path) -> str:
    """Digest of a file, or of a folder's files with their names; "absent" for neither."""
    if path.is_file():
        return sha256_file(path)[:16]
    if not path.is_dir():
        return "absent"
    files = sorted(p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return digest_value({p.relative_to(path).as_posix(): sha256_file(p)[:16] for p in files})


@cache
def digest_code(*modules: str) -> str:
    """Digest of the sources of modules or packages of ``analysis``, and of no other file.

    Raises ValueError for a name that is neither: its changes would go unnoticed.
    """
    here = Path(__file__).parent
    found = {}
    for module in modules:
        folder = here / module
        found[module] = digest_path(folder if folder.is_dir() else here / f"{module}.py")
        if found[module] == "absent":
            raise ValueError(f"analysis has no module {module}")
    return digest_value(found)


@cache
def digest_versions(*distributions: str) -> str:
    """Digest of the installed versions of distributions."""
    return digest_value({d: version(d) for d in distributions})


@dataclass(frozen=True, slots=True)
class Record:
    """What a stage was made from and what it made, as kept in ``<stage>.json``."""

    inputs: dict[str, str]
    outputs: dict[str, str]


def read_record(path: Path) -> Record | None:
    """The record at ``path``; None where there is none or it is not whole."""
    try:
        data = json.loads(path.read_text("utf-8"))
        return Record(dict(data["inputs"]), dict(data["outputs"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(path: Path, inputs: dict[str, str], outputs: Iterable[Path], root: Path) -> None:
    """Keep a record of what was just made."""
    made = {p.relative_to(root).as_posix(): digest_path(p) for p in outputs}
    text = json.dumps({"inputs": inputs, "outputs": made}, indent=1, sort_keys=True)
    write_aside(path, (text + "\n").encode())


def write_aside(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def staleness(record: Record | None, inputs: dict[str, str], root: Path) -> str:
    """Why a stage must run again, as a sentence; empty when it is fresh."""
    if record is None:
        return "never finished"
    changed = [
        k for k in sorted({*inputs, *record.inputs}) if inputs.get(k) != record.inputs.get(k)
    ]
    if changed:
        return "changed: " + ", ".join(changed)
    gone = [p for p, digest in record.outputs.items() if digest_path(root / p) != digest]
    return "missing or altered: " + ", ".join(gone) if gone else ""
