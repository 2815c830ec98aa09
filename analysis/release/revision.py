"""Everything that changed between two releases: figures, verdicts, definitions, what made them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from analysis.claims import Judgement
from analysis.claims.output import NAME as CLAIMS
from analysis.claims.output import Change as Verdict
from analysis.claims.output import changes as verdict_changes
from analysis.claims.results import from_dict
from analysis.errors import refuse
from analysis.release.compare import KINDS, Change, figure_changes
from analysis.release.figures import Figures, Release, read_figures
from analysis.release.making import MadeApart, made_apart


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """A wave whose definition, or the origin of its answers, is not what it was."""

    survey: str
    wave: str
    what: str
    before: str
    after: str

    def as_dict(self) -> dict[str, str]:
        """Plain data."""
        return {"survey": self.survey, "wave": self.wave, "what": self.what,
                "before": self.before, "after": self.after}  # fmt: skip


@dataclass(frozen=True)
class Revision:
    """Two releases compared.

    figures : survey -> those of before and after, for labels and units
    """

    changes: tuple[Change, ...]
    verdicts: tuple[Verdict, ...]
    definitions: tuple[DefinitionChange, ...]
    making: tuple[MadeApart, ...]
    figures: dict[str, tuple[Figures, Figures]]

    def __bool__(self) -> bool:
        """Whether anything that readers see changed: not by which libraries it was made."""
        return bool(self.changes or self.verdicts or self.definitions)

    def counts(self) -> dict[str, int]:
        """How many changes there are of each kind."""
        kinds = [c.kind for c in self.changes]
        return {kind: kinds.count(kind) for kind in KINDS}

    def as_dict(self) -> dict[str, object]:
        """Plain data."""
        return {
            "same": not self,
            "counts": self.counts(),
            "figures": [c.as_dict() for c in self.changes],
            "verdicts": [v.as_dict() for v in self.verdicts],
            "definitions": [d.as_dict() for d in self.definitions],
            "made_from": [m.as_dict() for m in self.making],
        }


def compare(before: Release, after: Release) -> Revision:
    """What changed from one release to another.

    Raises :class:`analysis.errors.BaroError` for a file that is missing, altered or unreadable.
    """
    surveys = sorted({*before.surveys, *after.surveys})
    figures = {s: (read_figures(before, s), read_figures(after, s)) for s in surveys}
    return Revision(
        tuple(c for old, new in figures.values() for c in figure_changes(old, new)),
        tuple(verdict_changes(_judgement(before), _judgement(after))),
        tuple(_definitions(before, after)),
        made_apart(before.made, after.made),
        figures,
    )


def _judgement(release: Release) -> Judgement:
    """The claims as judged then; none where the release has no register."""
    name = f"{CLAIMS}.json"
    if not (release.data / name).is_file() and not _lists(release, name):
        return Judgement((), ())
    try:
        return from_dict(json.loads(release.read(name)))
    except (ValueError, KeyError, TypeError) as e:
        raise refuse(f"{release.data.name}/{name}", "is no file of judged claims",
                     "a release of this version of baro") from e  # fmt: skip


def _lists(release: Release, name: str) -> bool:
    files = release.listed.files if release.listed else {}
    return f"{release.data.name}/{name}" in files


def _definitions(before: Release, after: Release) -> Iterator[DefinitionChange]:
    """Waves that both have: of new and gone ones, the figures tell."""
    for survey in before.surveys:
        if survey not in after.made.surveys:
            continue
        old, new = (r.made.surveys[survey].waves for r in (before, after))
        for wave in (w for w in old if w in new):
            for what in ("definition", "origin"):
                one, other = (getattr(side[wave], what) for side in (old, new))
                if one != other:
                    yield DefinitionChange(survey, wave, what, one, other)
