"""What the comparison of a new file says, and the answers that the wave's file waits for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from analysis.definition.models import WaveFile
from analysis.definition.wavekeys import is_open, row_numbers, rows_text
from analysis.errors import printable

Place = tuple[str, ...]
BLANK = "?"
ROWS, REASON = ("drop", "rows"), ("drop", "reason")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that differs.

    kind : what kind of thing, a heading of the report
    where : column, variable, or rows of the file
    seen : what is in the new file ; expected : what the definition or the previous wave has
    answer : the place in the wave's file of the decision it asks for; empty for information
    """

    kind: str
    where: str
    seen: str
    expected: str = ""
    answer: Place = ()

    def __post_init__(self) -> None:
        for name in ("where", "seen", "expected"):
            text = printable(getattr(self, name)).replace("\n", " ")
            object.__setattr__(self, name, text)

    def as_dict(self) -> dict[str, str]:
        """The parts by name, for ``--json``."""
        return {
            "kind": self.kind,
            "where": self.where,
            "seen": self.seen,
            "expected": self.expected,
            "decision": ".".join(self.answer),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """A value of the wave's file; open where it is only proposed, ``why`` in a comment above."""

    value: str
    open: bool = False
    why: tuple[str, ...] = ()


@dataclass
class Draft:
    """The file of a wave while it is drawn up.

    given : what an earlier draft holds as decided, by place; it is kept
    answers : place -> answer, in the order found
    """

    given: dict[Place, str] = field(default_factory=dict)
    answers: dict[Place, Answer] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def do(self, place: Place, value: str, *why: str) -> None:
        """Write what needs no decision, unless the analyst wrote something else."""
        self.answers[place] = Answer(self.given.get(place, value), False, why)

    def ask(self, place: Place, proposal: str, *why: str) -> None:
        """Ask for a decision, unless it was taken."""
        if place in self.given:
            self.answers[place] = Answer(self.given[place], False, why)
        else:
            self.answers[place] = Answer(proposal, True, why)

    def ask_names(self, key: str, names: Iterable[str], *why: str) -> None:
        """The same for a line of names: those that were confirmed stay confirmed."""
        place, known = (key,), listed(self.given.get((key,), ""))
        before = self.answers.get(place, Answer(", ".join(known)))
        all_names = list(dict.fromkeys([*listed(before.value), *names]))
        is_new = bool(set(all_names) - set(known)) and not (place in self.given and not known)
        self.answers[place] = Answer(", ".join(all_names), is_new, (*before.why, *why))

    def ask_rows(self, rows: list[int], reason: str, why: str) -> None:
        """The same for rows to leave out: all on one line, with the reasons in one text."""
        known = row_numbers(self.given.get(ROWS, ""))
        before = self.answers.get(ROWS, Answer(rows_text(list(known))))
        every = row_numbers(before.value) | set(rows)
        reasons = self.answers.get(REASON, Answer(self.given.get(REASON, ""))).value
        if reason not in reasons:
            reasons = f"{reasons}, {reason}" if reasons else reason
        self.answers[REASON] = Answer(reasons)
        self.answers[ROWS] = Answer(rows_text(list(every)), bool(every - known), (*before.why, why))

    def note(self, finding: Finding) -> None:
        """Keep a finding for the report."""
        self.findings.append(finding)

    @property
    def open(self) -> dict[Place, Answer]:
        """The decisions that are left."""
        return {k: a for k, a in self.answers.items() if a.open}

    def complete(self) -> None:
        """Keep what the analyst wrote at places that nothing asked about."""
        for place, value in self.given.items():
            self.answers.setdefault(place, Answer(value))

    def wave_file(self) -> WaveFile:
        """The wave as it would be with every proposal accepted."""
        data: dict[str, Any] = {"mode": BLANK, "field": BLANK}
        for place, answer in {**_plain(self.given), **self.answers}.items():
            value: Any = answer.value
            if value == BLANK or not value:
                if place[0] != "recode" or not value:
                    continue
                value = "nonresponse"
            _put(data, place, value)
        drop = data.pop("drop", {})
        drops = [{"reason": "", **drop}] if drop.get("rows") else []
        return WaveFile.model_validate({**_lists(data), "drop": drops})


def _plain(given: dict[Place, str]) -> dict[Place, Answer]:
    return {k: Answer(v) for k, v in given.items()}


def _put(data: dict[str, Any], place: Place, value: str) -> None:
    for step in place[:-1]:
        data = data.setdefault(step, {})
    data[place[-1]] = value


def _lists(data: dict[str, Any]) -> dict[str, Any]:
    """Mappings of 0, 1, 2 … as the lists that they are."""
    return {
        k: (list(v.values()) if all(i == str(n) for n, i in enumerate(v)) else _lists(v))
        if isinstance(v, dict) and v
        else v
        for k, v in data.items()
    }


def listed(text: str) -> list[str]:
    """The names of a line."""
    return [part.strip() for part in text.split(",") if part.strip()]


def decided(data: dict[str, Any]) -> dict[Place, str]:
    """What a wave's file holds as decided, by place: all rows to leave out on one line."""
    found: dict[Place, str] = {}
    for key, value in data.items():
        if key == "drop" and isinstance(value, list):
            drops = [d for d in value if isinstance(d, dict) and not is_open(d.get("rows", "?"))]
            if drops:
                found[ROWS] = ", ".join(d.get("rows", "") for d in drops)
                found[REASON] = ", ".join(d.get("reason", "") for d in drops)
        else:
            found |= _leaves((key,), value)
    return found


def _leaves(place: Place, value: object) -> dict[Place, str]:
    if isinstance(value, dict):
        return {
            k: v for name, inner in value.items() for k, v in _leaves((*place, name), inner).items()
        }
    if isinstance(value, list):
        if place[0] in ("ignored", "filled") or place[-1] in ("others",):
            return {(*place, str(i)): str(v) for i, v in enumerate(value)}
        value = ", ".join(map(str, value))
    return {} if is_open(str(value)) else {place: str(value)}
