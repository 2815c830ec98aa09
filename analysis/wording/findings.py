"""Findings that are stated only when the table bears them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, gcd, sqrt
from statistics import NormalDist

from analysis.errors import refuse
from analysis.language import Words, say
from analysis.wording.numbers import NBSP, colon, listed, percent, quoted
from analysis.wording.rows import Estimate

_SHARES = {
    1 / 10: (1, 10), 1 / 5: (1, 5), 1 / 4: (1, 4), 1 / 3: (1, 3), 2 / 5: (2, 5), 1 / 2: (1, 2),
    3 / 5: (3, 5), 2 / 3: (2, 3), 3 / 4: (3, 4), 4 / 5: (4, 5), 9 / 10: (9, 10),
}  # fmt: skip
_WORDS = {
    1: Words("un", "one"), 2: Words("deux", "two"), 3: Words("trois", "three"),
    4: Words("quatre", "four"), 5: Words("cinq", "five"), 9: Words("neuf", "nine"),
    10: Words("dix", "ten"),
}  # fmt: skip
_NAMED = 3  # groups that a title names; more are counted
_EASY = (2, 3, 4, 5)  # denominators that everybody can picture, before tenths
_FEWEST = 0.05  # nearer to nobody than this, "1 in 10" would be wrong
_ROUGH = 0.02  # how far from an easy fraction a share may be, tenths apart
_NEAR = 0.0075  # a share is said in words only this close to the simple fraction


def differ(a: Estimate, b: Estimate, *, among: int = 1, level: float = 0.05) -> bool:
    """Whether two independent estimates differ significantly at the 5 % level.

    Two-sided z test. ``among`` is the number of comparisons out of which this one was picked
    (Bonferroni). Groups of one wave share no respondent and their covariance is negligible;
    neither do waves. False where either cell is not published or has no standard error.
    """
    if a.estimate is None or b.estimate is None or a.se is None or b.se is None:
        return False
    spread = sqrt(a.se**2 + b.se**2)
    return abs(a.estimate - b.estimate) > _critical(level / among) * spread


def from_rest(part: Estimate, whole: Estimate, share: float = 0.0) -> float:
    """Z statistic of a group against the rest of the population that it is part of.

    The whole is ``share`` × group + (1 - ``share``) × rest, so that the group differs from the
    rest exactly where it differs from the whole. Groups share no respondent: Cov(group, whole) =
    share × Var(group), and Var(group - whole) = Var(whole) + (1 - 2 share) × Var(group). With
    ``share`` 0 that covariance, which is positive, is left out: the test is conservative. 0
    where either is not published or has no standard error.
    """
    if part.estimate is None or whole.estimate is None or part.se is None or whole.se is None:
        return 0.0
    least = (1 - share) ** 2 * part.se**2  # were the rest known exactly
    variance = max(whole.se**2 + (1 - 2 * share) * part.se**2, least)
    return (part.estimate - whole.estimate) / sqrt(variance) if variance > 0 else 0.0


def stands_out(
    part: Estimate, whole: Estimate, *, share: float = 0.0, among: int = 1, level: float = 0.05
) -> int:
    """Whether a group lies significantly above (1) or below (-1) the rest, or neither (0).

    Two-sided; ``share`` as for :func:`from_rest`, ``among`` as for :func:`differ`. A fragile
    cell is not tested.
    """
    z = 0.0 if part.fragile else from_rest(part, whole, share)
    return 0 if abs(z) <= _critical(level / among) else 1 if z > 0 else -1


@dataclass(frozen=True, slots=True)
class Gap:
    """The widest difference between the groups of one domain."""

    domain: str
    lowest: Estimate
    highest: Estimate
    significant: bool

    @property
    def width(self) -> float:
        """Difference between the two estimates."""
        return (self.highest.estimate or 0.0) - (self.lowest.estimate or 0.0)

    @property
    def se(self) -> float:
        """Standard error of the width, the groups being independent."""
        return sqrt((self.highest.se or 0.0) ** 2 + (self.lowest.se or 0.0) ** 2)


def gap(cells: Sequence[Estimate]) -> Gap:
    """The gap between the extreme published groups, tested among all pairs of groups.

    Raises :class:`BaroError` when fewer than two groups can be compared.
    """
    known = [c for c in cells if c.published and not c.fragile]
    if len(known) < 2:
        where = f"{cells[0].indicator}, {cells[0].domain}" if cells else "gap"
        raise refuse(where, "fewer than two reliable groups to compare", "two or more",
                     "name a coarser domain")  # fmt: skip
    ordered = sorted(known, key=lambda c: c.estimate or 0.0)
    low, high = ordered[0], ordered[-1]
    return Gap(low.domain, low, high, differ(low, high, among=comb(len(known), 2)))


def clearly_wider(a: Gap, b: Gap, level: float = 0.05) -> bool:
    """Whether gap ``a`` is significantly wider than ``b`` (taken as independent, one-sided)."""
    return a.width - b.width > NormalDist().inv_cdf(1 - level) * sqrt(a.se**2 + b.se**2)


def share(cell: Estimate, one: str, many: str, verbs: tuple[str, str]) -> str:
    """The subject and verb of a headline: "un adulte sur quatre dit", "47 % des adultes disent".

    In words only where a simple fraction lies in the interval and within three quarters of a
    point; ``verbs`` are the singular and the plural.
    """
    if cell.estimate is None:
        raise refuse(f"{cell.indicator}, {cell.wave}", "the cell is not published")
    nearest = min(_SHARES, key=lambda s: abs(s - (cell.estimate or 0.0)))
    low, high = cell.bounds or (0.0, 0.0)
    if abs(nearest - cell.estimate) > _NEAR or not low <= nearest <= high:
        return say(
            f"{percent(cell.estimate)} des {many} {verbs[1]}",
            f"{percent(cell.estimate)} of {many} {verbs[1]}",
        )
    top, bottom = _SHARES[nearest]
    noun, verb = (one, verbs[0]) if top == 1 else (many, verbs[1])
    some, every = _WORDS[top], _WORDS[bottom]
    return say(f"{some}{NBSP}{noun} sur {every} {verb}", f"{some} in {every} {many} {verb}")


def one_in(cell: Estimate) -> tuple[int, int]:
    """A share in people that can be counted: 0.315 -> (1, 3), "about 1 in 3".

    The smallest denominator out of 2, 3, 4, 5 within two points, else the nearest tenth, reduced.
    To be said with "environ". Raises :class:`BaroError` where the cell is not published, or is
    less than half a tenth from nobody or from everybody.
    """
    if cell.estimate is None or not cell.published:
        raise refuse(f"{cell.indicator}, {cell.wave}", "the cell is not published")
    for every in _EASY:
        some = round(cell.estimate * every)
        if 0 < some < every and abs(cell.estimate - some / every) <= _ROUGH:
            return some, every
    if not _FEWEST <= cell.estimate <= 1 - _FEWEST:
        raise refuse(f"{cell.indicator}, {cell.wave}", f"{percent(cell.estimate, 1)} of people",
                     "between 5 and 95 %", "say it in another way")  # fmt: skip
    tenths = min(9, max(1, round(cell.estimate * 10)))
    common = gcd(tenths, 10)
    return tenths // common, 10 // common


def _critical(level: float) -> float:
    return NormalDist().inv_cdf(1 - level / 2)


def moved(before: Estimate, after: Estimate, *, among: int = 1) -> int:
    """Whether a value rose (1) or fell (-1) significantly between two waves, or neither (0).

    As :func:`differ`; a fragile cell is not tested.
    """
    if before.fragile or after.fragile or not differ(before, after, among=among):
        return 0
    return 1 if (after.estimate or 0.0) > (before.estimate or 0.0) else -1


def leading(cells: Sequence[Estimate]) -> Estimate | None:
    """The answer given significantly more often than every other of the same question, if any.

    Shares of one sample are negatively correlated. The standard error of a difference is at most
    the sum of the two (Cauchy-Schwarz), which is taken: the test is conservative.
    """
    known = sorted((c for c in cells if c.published), key=lambda c: -(c.estimate or 0.0))
    if len(known) < 2 or known[0].fragile:
        return None
    first, second = known[:2]
    critical = _critical(0.05 / (len(known) - 1))
    gained = (first.estimate or 0.0) - (second.estimate or 0.0)
    certain = all(c.se is not None for c in known[:2])
    return first if certain and gained > critical * sum(c.se or 0.0 for c in known[:2]) else None


def balance(against: Sequence[Estimate], favour: Sequence[Estimate], *, among: int = 1) -> int:
    """Whether favourable answers significantly outnumber the others (1), the reverse (-1), or 0.

    As in :func:`leading`, the standard error is bounded by the sum of all of them.
    """
    cells = (*against, *favour)
    if any(c.fragile or c.se is None or not c.published for c in cells):
        return 0
    lead = sum(c.estimate or 0.0 for c in favour) - sum(c.estimate or 0.0 for c in against)
    if abs(lead) <= _critical(0.05 / among) * sum(c.se or 0.0 for c in cells):
        return 0
    return 1 if lead > 0 else -1


def headline(subject: str, finding: str) -> str:
    """The title of a figure: the finding after its subject; the subject alone without one."""
    return f"{subject}{colon()} {finding}" if finding else subject


def changes(named: Sequence[tuple[str, int]], units: str) -> str:
    """Which of several groups rose or fell: "hausse pour A et B, baisse pour C"; else "".

    named : each group and what :func:`moved` says of it ; units : "groupes"
    """
    said = []
    for side, word in ((1, say("hausse", "up")), (-1, say("baisse", "down"))):
        names = [name for name, s in named if s == side]
        every = len(named)
        if names and len(names) == every > 1:
            said.append(say(f"{word} pour les {every} {units}", f"{word} for all {every} {units}"))
        elif len(names) > _NAMED:
            said.append(
                say(
                    f"{word} pour {len(names)} {units} sur {every}",
                    f"{word} for {len(names)} of {every} {units}",
                )
            )
        elif names:
            said.append(say(f"{word} pour {listed(names)}", f"{word} for {listed(names)}"))
    return ", ".join(said)


def winners(named: Sequence[tuple[str, int]], sides: tuple[str, str]) -> str:
    """Where one side of a battery outnumbers the other: "« oui » l’emporte pour A"; else "".

    named : each item and what :func:`balance` says of it ; sides : against, in favour
    """
    said = []
    for side, word in ((1, sides[1]), (-1, sides[0])):
        names = [name for name, s in named if s == side]
        everywhere, some = say("partout", "everywhere"), listed(names)
        where = everywhere if len(names) == len(named) > 1 else say(f"pour {some}", f"for {some}")
        if names:
            said.append(f"{quoted(word)} {say('l’emporte', 'prevails')} {where}")
    return ", ".join(said)
