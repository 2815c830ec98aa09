"""From a figure, its interval and a stated figure to a verdict. Pure rules, no data.

A level is *contradicted* when no value of its 95 % interval makes the words true. It is
*confirmed* when the estimate itself makes them true and two one-sided tests at 5 % (TOST,
Schuirmann 1987) show the true value to lie in the region of equivalence of the words: that no
difference is seen is not enough. In between it is *compatible*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, log1p
from typing import Literal

from scipy.special import stdtrit

from analysis.claims.stated import Stated

Outcome = Literal["confirmed", "compatible", "contradicted"]
Scale = Literal["plain", "logit", "log"]
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """An estimate in base units, ready to be compared.

    value, low, high : the estimate and its 95 % interval, which always holds it
    se, df : standard error, degrees of freedom; se None where no other level can be computed
    scale : on which the estimate is taken for normal
    factor : what the estimated figure was multiplied by, se and scale being those before it
    """

    value: float
    low: float
    high: float
    se: float | None = None
    df: float = inf
    scale: Scale = "plain"
    factor: float = 1.0

    def interval(self, level: float) -> tuple[float, float]:
        """The interval at ``level``; the 95 % one, or a wider one, where it cannot be computed."""
        if self.se is None or self.se <= 0 or self.factor == 0:
            return min(self.low, self.value), max(self.high, self.value)
        reach = float(stdtrit(min(self.df, 1e9), 0.5 + level / 2)) * self.se
        x = self.value / self.factor
        if self.scale == "logit" and 0 < x < 1:
            middle, width = log(x) - log1p(-x), reach / (x * (1 - x))
            ends = [1 / (1 + exp(-min(700.0, max(-700.0, middle + s * width)))) for s in (-1, 1)]
        elif self.scale == "log" and x > 0:
            ends = [x * exp(s * min(700.0, reach / x)) for s in (-1, 1)]
        else:
            ends = [x - reach, x + reach]
        made = sorted(e * self.factor for e in ends)
        return made[0], made[1]


def outcome(said: Stated, found: Evidence, looks: int = 1) -> Outcome:
    """What one figure makes of the words.

    looks : how many figures were tried, this one included: each is held to 5 % / looks
    """
    low, high = min(found.low, found.value), max(found.high, found.value)
    if not said.meets(low, high):
        return "contradicted"
    shown = said.equivalent(*found.interval(1 - 2 * ALPHA / max(1, looks)))
    return "confirmed" if said.holds(found.value) and shown else "compatible"


@dataclass(frozen=True, slots=True)
class Trial:
    """One figure that was tried, as the verdict sees it.

    outcome : None where there was nothing to compare with
    same_population : whether it is about the people the claim is about
    earlier : whether it is of a wave before the one that counts
    """

    outcome: Outcome | None
    same_population: bool = True
    earlier: bool = False


Verdict = Literal[
    "confirmed", "confirmed_other_population", "compatible", "outdated", "contradicted",
    "not_checkable",
]  # fmt: skip


def verdict(trials: Sequence[Trial]) -> tuple[Verdict, int]:
    """The verdict of several trials, the first being the one that counts, and which decides it.

    A confirmation for the stated population comes before one for another population. Where the
    first is contradicted, one of an earlier wave makes the claim outdated. Else the first decides.
    """
    now = [k for k, t in enumerate(trials) if t.outcome == "confirmed" and not t.earlier]
    for k in now:
        if trials[k].same_population:
            return "confirmed", k
    if now:
        return "confirmed_other_population", now[0]
    if not trials or trials[0].outcome is None:
        return "not_checkable", 0
    if trials[0].outcome == "contradicted":
        for k, t in enumerate(trials):
            if t.earlier and t.outcome == "confirmed":
                return "outdated", k
    return ("compatible" if trials[0].outcome == "compatible" else "contradicted"), 0


Strength = Literal["forte", "moyenne", "faible", "aucune"]
STRENGTHS: tuple[Strength, ...] = ("aucune", "faible", "moyenne", "forte")


def strength(doubts: Sequence[str]) -> Strength:
    """How strong evidence is: one step down from "forte" for each reason to doubt it."""
    return STRENGTHS[max(1, 3 - len(doubts))]
