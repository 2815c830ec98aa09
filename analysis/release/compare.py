"""Two releases, figure by figure: what moved and by how much, what came, what went.

The two are taken to be about the same respondents, so that no test is made: a revision is no
sample of anything. docs/releases.md says what each kind means, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from analysis.release.figures import Figure, Figures, Key

# In the order in which readers are told. A figure that moved has the first of the four that fits.
KINDS = {
    "sampling": "moved beyond sampling error",
    "printed": "moved beyond rounding",
    "margin": "same value as printed, other interval or number of respondents",
    "digits": "same as printed, other digits in the files",
    "suppressed": "no longer published",
    "shown": "published now, and not before",
    "status": "other status",
    "new": "new",
    "gone": "gone",
}
MOVED = ("sampling", "printed", "margin", "digits")
PRINTED = Decimal("0.1")  # the last digit of a value in tables: of a per cent, of an hour


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that is not what it was; None on the side where there is no such cell."""

    kind: str
    survey: str
    key: Key
    before: Figure | None
    after: Figure | None

    @property
    def told(self) -> bool:
        """Whether a site may repeat the former value: not of a cell that it no longer shows."""
        return self.after is not None and self.after.value is not None

    def as_dict(self) -> dict[str, object]:
        """Plain data, numbers as they are written in files."""
        wave, indicator, category, domain, group = self.key
        return {
            "kind": self.kind,
            "survey": self.survey,
            "wave": wave,
            "indicator": indicator,
            "category": category,
            "domain": domain,
            "domain_value": group,
            "before": _plain(self.before),
            "after": _plain(self.after),
        }


def figure_changes(before: Figures, after: Figures) -> tuple[Change, ...]:
    """Every change of a survey's figures, by kind, then wave (newest first) and key."""
    found = [
        Change(kind, after.survey, key, before.cells.get(key), after.cells.get(key))
        for key in before.cells.keys() | after.cells.keys()
        for kind in _kinds(before.cells.get(key), after.cells.get(key))
    ]
    order = list(KINDS)
    found.sort(key=lambda c: c.key)
    found.sort(key=lambda c: c.key[0], reverse=True)
    return tuple(sorted(found, key=lambda c: order.index(c.kind)))


def _kinds(old: Figure | None, new: Figure | None) -> Iterator[str]:
    if old == new:
        return
    if old is None or new is None:
        yield "new" if old is None else "gone"
        return
    if (old.value is None) != (new.value is None):
        yield "suppressed" if new.value is None else "shown"
        return
    moved = _moved(old, new)
    if moved:
        yield moved
    if old.status != new.status:
        yield "status"


def _moved(old: Figure, new: Figure) -> str:
    """How far a figure moved: a kind of ``MOVED``, "" where nothing but its status changed."""
    if outside(old, new) or outside(new, old):
        return "sampling"
    if printed(old.value) != printed(new.value):
        return "printed"
    around = [(printed(f.low), printed(f.high), f.n) for f in (old, new)]
    if around[0] != around[1]:
        return "margin"
    same = (old.value, old.low, old.high, old.error) == (new.value, new.low, new.high, new.error)
    return "" if same else "digits"


def outside(figure: Figure, value: Figure) -> bool:
    """Whether a value is outside the 95 % interval of a figure; no where either is not known."""
    if value.value is None or figure.low is None or figure.high is None:
        return False
    return not figure.low <= value.value <= figure.high


def printed(value: Decimal | None) -> Decimal | None:
    """A value as tables print it."""
    return None if value is None else value.quantize(PRINTED, ROUND_HALF_UP)


def _plain(figure: Figure | None) -> dict[str, object] | None:
    if figure is None:
        return None
    numbers = {"value": figure.value, "low": figure.low, "high": figure.high, "se": figure.error}
    return {name: None if x is None else float(x) for name, x in numbers.items()} | {
        "n": figure.n,
        "status": figure.status,
    }


def of_kind(changes: Sequence[Change], kind: str) -> list[Change]:
    """Those of one kind, in order."""
    return [c for c in changes if c.kind == kind]
