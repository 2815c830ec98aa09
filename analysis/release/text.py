"""A revision as text, for a terminal and a log: codes and numbers, as ``baro table`` has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from analysis.estimates import WHOLE
from analysis.release.compare import KINDS, Change, of_kind, printed
from analysis.release.figures import Figure
from analysis.release.revision import Revision

SHOWN = 20
_NAMED = 4  # waves
_COUNTED = ("margin", "digits")  # too many to name, and no printed value of theirs changed
_GROUPED = ("new", "gone")


def revision_text(revision: Revision) -> str:
    """Every kind of change, the first twenty of each by name; "nothing changed" where none did."""
    lines = [*_figures(revision), *_verdicts(revision), *_definitions(revision)]
    if not revision:
        lines.append("no figure, verdict or definition changed")
    lines += [f"made otherwise: {m.said()}" for m in revision.making[:SHOWN]]
    lines += _more(len(revision.making))
    return "\n".join(lines) + "\n"


def _figures(revision: Revision) -> Iterator[str]:
    for kind, words in KINDS.items():
        found = of_kind(revision.changes, kind)
        if not found:
            continue
        yield f"{words}: {len(found)}"
        if kind in _GROUPED:
            yield from _grouped(found)
        elif kind not in _COUNTED:
            yield from (_line(c) for c in found[:SHOWN])
            yield from _more(len(found))


def _grouped(changes: Sequence[Change]) -> Iterator[str]:
    """Cells that came or went, by indicator and wave: there are hundreds of each."""
    tally = Counter((c.survey, c.key[0], c.key[1]) for c in changes)
    for (survey, wave, indicator), count in list(tally.items())[:SHOWN]:
        yield f"  {survey} {wave} {indicator}: {count}"
    yield from _more(len(tally))


def _line(change: Change) -> str:
    wave, indicator, category, domain, group = change.key
    where = "" if domain == WHOLE else f"{domain} = {group}"
    named = ", ".join(filter(None, (indicator, category, where)))
    before, after = change.before, change.after
    if before is None or after is None:
        return f"  {change.survey} {wave} {named}"
    ends = f"  {change.survey} {wave} {named}: {_value(before)} -> {_value(after)}"
    if change.kind == "status":
        return f"{ends} [{before.status} -> {after.status}]"
    return f"{ends}{_interval(before)}"


def _value(figure: Figure) -> str:
    value = printed(figure.value)
    return "not published" if value is None else f"{value}"


def _interval(figure: Figure) -> str:
    low, high = printed(figure.low), printed(figure.high)
    return "" if low is None or high is None else f" (was {low} to {high})"


def _verdicts(revision: Revision) -> Iterator[str]:
    if revision.verdicts:
        yield f"verdicts of claims: {len(revision.verdicts)}"
    yield from (f"  {v}" for v in revision.verdicts)


def _definitions(revision: Revision) -> Iterator[str]:
    """Waves with the same change on one line: a label of survey.yml is part of every wave."""
    found: dict[tuple[str, str], list[str]] = {}
    for d in revision.definitions:
        ends = "" if d.what == "definition" else f" ({d.before} -> {d.after})"
        found.setdefault((d.survey, f"{d.what}{ends}"), []).append(d.wave)
    for (survey, what), waves in found.items():
        named = ", ".join(waves) if len(waves) <= _NAMED else _span(waves)
        yield f"{survey}: {what} changed in {named}"


def _span(waves: Sequence[str]) -> str:
    return f"{len(waves)} waves, {waves[0]} to {waves[-1]}"


def _more(count: int) -> list[str]:
    return [f"  … and {count - SHOWN} more (--json has all)"] if count > SHOWN else []
