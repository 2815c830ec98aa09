"""Pages that are kept: rendered again only when something that they may depend on has changed.

The key of a page holds its source (what it includes put in place), its settings, every file of the
stage that pandoc or a filter may read, and the code; that of a page with cells also the downloads
and whatever else of the project cells read. Other pages' sources are left out: which pages read
those is asked of their kernels, and kept with them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from analysis.provenance import sha256_file
from analysis.render.config import Project
from analysis.render.document import Plan
from analysis.store import Store

_DOWNLOADS = "donnees"  # of the stage: only cells read what is there
_BY_CELLS = (".yml", ".po")  # nor do pandoc and its filters open these
_SOURCE = ".qmd"
_BYTES = "latin-1"  # in which any bytes are text
# Variables that a page, a kernel or pandoc may be written by.
_HEARD = ("BARO_", "QUARTO_", "PYTHON", "POLARS_", "LC_", "LANG", "TZ")
State = dict[str, tuple[int, int]]  # file of the stage -> size, time of its last change


@dataclass(frozen=True, slots=True)
class Kept:
    """Where pages are kept, and what they are made from that the stage does not hold.

    code : digest of the code and of the versions of what it calls
    data : digest of all that cells read outside the stage, without the sources of pages
    sources : digest of the sources of pages outside the stage
    unchanged : whether all of that is still so; cells may have read what somebody was editing
    """

    store: Store
    code: str
    data: str
    sources: str
    unchanged: Callable[[], bool]


@dataclass
class Keeper:
    """The pages of one stage, about to be rendered.

    page : digest of what every page depends on ; cells : of what cells may read besides
    sources : digest of the sources of all pages
    before : the files that were there, without the sources
    made : key -> page that was rendered, and whether its cells read the sources of others
    """

    kept: Kept
    root: Path
    page: str
    cells: str
    sources: str
    before: State
    restored: set[str] = field(default_factory=set)
    made: dict[str, tuple[Path, bool]] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Kept, project: Project) -> Keeper:
        """For a stage as it stands."""
        files = {p.relative_to(project.root).as_posix(): p for p in _files(project.root)}
        sources = {n: p for n, p in files.items() if p.suffix == _SOURCE}
        rest = {n: p for n, p in files.items() if n not in sources}
        read = {n: p for n, p in rest.items()
                if n.startswith(f"{_DOWNLOADS}/") or p.suffix in _BY_CELLS}  # fmt: skip
        same = {n: p for n, p in rest.items() if n not in read}
        heard = sorted((k, v) for k, v in os.environ.items() if k.startswith(_HEARD))
        return cls(
            kept, project.root,
            page=_digest(kept.code, project.settings, project.variables, project.environment, heard,
                         _contents(same), sorted(rest)),
            cells=_digest(kept.data, _contents(read)),
            sources=_digest(kept.sources, _contents(sources)),
            before=_state(rest.values(), project.root),
        )  # fmt: skip

    def key(self, plan: Plan) -> str:
        """All that a page depends on, but the sources of others."""
        name = plan.document.file
        if name not in self._keys:
            own = (name, plan.document.front, plan.options, plan.pieces)
            self._keys[name] = _digest(self.page, repr(own), self.cells if plan.runs else "")
        return self._keys[name]

    def restore(self, plan: Plan, page: Path) -> bool:
        """Write a page that was kept, with the files that its cells left in the stage."""
        found = self.kept.store.find(self.key(plan))
        entry = json.loads(found) if found else {}
        if not entry or entry["sources"] not in ("", self.sources):
            return False
        page.write_bytes(entry["page"].encode(_BYTES))
        for name, content in entry["files"].items():
            (self.root / name).write_bytes(content.encode(_BYTES))
            self.restored.add(name)
        return True

    def rendered(self, plan: Plan, page: Path, *, sources: bool) -> None:
        """Note a page that was rendered; ``sources``: its cells read those of other pages."""
        self.made[self.key(plan)] = (page, sources)

    def keep(self) -> None:
        """Keep what was rendered, once every page is right.

        Files that cells left in the stage belong to the pages that name them. Where a file was
        left that no page names, or was changed, nobody knows whose it is: nothing is kept.
        """
        owned = self._owned()
        if owned is None or not self.kept.unchanged():
            return
        for key, (page, sources) in self.made.items():
            entry = {
                "page": _text(page),
                "files": {name: _text(self.root / name) for name in owned[key]},
                "sources": self.sources if sources else "",
            }
            self.kept.store.keep(key, json.dumps(entry).encode())

    def _owned(self) -> dict[str, list[str]] | None:
        """Key -> the files that the cells of its page left; None where that cannot be told."""
        now = _state((p for p in _files(self.root) if p.suffix != _SOURCE), self.root)
        left = {n for n in {*now, *self.before} if now.get(n) != self.before.get(n)}
        pages = {key: _text(page) for key, (page, _) in self.made.items()}
        owned = {key: sorted(n for n in left if n in text) for key, text in pages.items()}
        known = self.restored.union(*owned.values())
        return owned if left <= known and not left & self.before.keys() else None


def keeper_of(kept: Kept | None, project: Project, python: str) -> Keeper | None:
    """None where nothing is kept: not asked for, or rendered by another interpreter."""
    return Keeper.of(kept, project) if kept and python == sys.executable else None


def _text(file: Path) -> str:
    """The bytes of a file as JSON can hold them."""
    return file.read_bytes().decode(_BYTES)


def _files(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*") if p.is_file())


def _state(files: Iterable[Path], root: Path) -> State:
    found = ((p.relative_to(root).as_posix(), p.stat()) for p in files)
    return {name: (s.st_size, s.st_mtime_ns) for name, s in found}


def _contents(files: Mapping[str, Path]) -> list[tuple[str, str]]:
    return [(name, sha256_file(path)) for name, path in sorted(files.items())]


def _digest(*values: object) -> str:
    return sha256(repr(values).encode("utf-8", "surrogateescape")).hexdigest()
