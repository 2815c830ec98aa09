"""Where two releases were not made from the same: files, code, libraries; as data and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.release.manifest import MadeFrom

KINDS = {
    "microdata": "microdata",
    "definition": "definition",
    "page": "source of a page",
    "version": "version of the code",
    "module": "code",
    "python": "Python",
    "library": "library",
    "lock": "requirements.lock",
    "renderer": "renderer",
    "seed": "seed",
    "edition": "edition",
    "languages": "languages besides French",
    "since": "earlier release to compare with",
}
_BY_CONTENT = ("microdata", "definition", "page", "module", "lock", "since")


@dataclass(frozen=True, slots=True)
class MadeApart:
    """One thing that two releases were not both made from; "" where one has none.

    kind : one of ``KINDS`` ; name : which, "" where there is one only
    """

    kind: str
    name: str
    before: str
    after: str

    def said(self, then: str = "before", now: str = "now") -> str:
        """In words: "library polars: 1.2.0 before, 1.3.0 now"."""
        what = " ".join(filter(None, (KINDS[self.kind], self.name)))
        if self.kind not in _BY_CONTENT:
            return f"{what}: {self.before or 'none'} {then}, {self.after or 'none'} {now}"
        if self.before and self.after:
            return f"{what}: not the same content"
        return f"{what}: {f'only {then}' if self.before else f'only {now}'}"

    def as_dict(self) -> dict[str, str]:
        """Plain data."""
        return {"kind": self.kind, "name": self.name, "before": self.before, "after": self.after}


def made_apart(before: MadeFrom, after: MadeFrom) -> tuple[MadeApart, ...]:
    """Every difference, in the order of ``KINDS``, then by name."""
    old, new = dict(_flat(before)), dict(_flat(after))
    order = list(KINDS)
    keys = sorted({*old, *new}, key=lambda key: (order.index(key[0]), key[1]))
    return tuple(
        MadeApart(*key, old.get(key, ""), new.get(key, ""))
        for key in keys
        if old.get(key, "") != new.get(key, "")
    )


def _flat(made: MadeFrom) -> Iterator[tuple[tuple[str, str], str]]:
    for survey, facts in made.surveys.items():
        for name, file in facts.microdata.items():
            yield ("microdata", f"{survey}/{name}"), file.sha256
    for path, digest in made.project.items():
        yield ("definition" if path.startswith("surveys/") else "page", path), digest
    yield ("version", ""), made.code.version
    for module, digest in made.code.modules.items():
        yield ("module", module), digest
    yield ("python", ""), made.environment.python
    for library, version in made.environment.libraries.items():
        yield ("library", library), version
    yield ("lock", ""), made.environment.lock
    yield ("renderer", ""), made.renderer
    for name, seed in made.seeds.items():
        yield ("seed", name), str(seed)
    yield ("edition", ""), " ".join(filter(None, (made.edition.name, made.edition.date)))
    yield ("languages", ""), " ".join(made.languages)
    yield ("since", ""), made.since
