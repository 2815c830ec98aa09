"""Somebody who has the whole site, the questionnaire and the frame, and wants a hidden answer.

Written apart from :mod:`analysis.disclosure`: it reads the files of ``_site`` as a reader would,
writes down what each printed number says of the counts behind it, and asks an integer programme
between which bounds a hidden count must lie. Where the site says that counts are rounded, it knows
by which rule.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

SURVEY = "collectivites_ia"
# The frame is public, and so is how many answered (page « Pondération »).
STRATA = ("c_moins_3500", "c_3500", "c_10000", "c_100000", "epci", "metropole", "departement",
          "region", "autre")  # fmt: skip
LEVELS = {
    ("ensemble", "ensemble"): range(8),
    ("perimetre", "petites"): [0],
    ("perimetre", "hors_petites"): range(1, 8),
    ("type", "commune"): range(4),
    **{("type", t): [k] for k, t in enumerate(STRATA) if k > 3},
    **{("strate", s): [k] for k, s in enumerate(STRATA)},
}
# Answers under two names, as the questionnaire and the definitions say (survey.yml is public).
SAME = {
    ("ia_deja", ""): "ia_deja=oui", ("ia_deja_exprimees", ""): "ia_deja=oui",
    ("ia_deja_reponses", "oui"): "ia_deja=oui", ("ia_situation", "en_place"): "ia_deja=oui",
    ("ia_deja_reponses", "non"): "ia_deja=non",
}  # fmt: skip
OF_USERS = ("ia_tech_repondants", "ia_statut", "ia_generative", "ia_domaines")
SHARED_2024 = {
    ("ia_situation", "prevue"): "ia_prevu=oui",
    ("ia_prevu_reponses", "oui"): "ia_prevu=oui",
    ("ia_prevu_reponses", "non"): "ia_prevu=non",
}
WHOLES = ("ia_deja_reponses", "ia_prevu_reponses", "ia_situation", "rgpd_reponses", "culture_data",
          "cyberattaque_reponses", "ia_statut")  # fmt: skip


@dataclass(frozen=True)
class Printed:
    """A row of the file: low and high are the shares that are printed so; None where hidden.

    few, many : the numbers of respondents that are printed so; both n where it is not rounded
    """

    wave: str
    indicator: str
    category: str
    level: tuple[str, str]
    n: int
    low: float | None
    high: float | None
    error: float | None = None
    few: int = -1
    many: int = -1

    @property
    def bases(self) -> tuple[int, int]:
        """Between which numbers the respondents of its base are."""
        return (self.n, self.n) if self.few < 0 else (self.few, self.many)


def read(site: Path, base: int = 0) -> list[Printed]:
    """Every share of the survey's file of all figures; base : what its counts are rounded to."""
    if base:
        return [_rounded(r, base) for r in _rows(site)]
    return [
        Printed(r["vague"], r["indicateur"], r["modalite"], (r["domaine"], r["groupe"]),
                int(r["repondants"]), *_between(r["valeur"], r["borne_basse"], r["borne_haute"]),
                float(r["erreur_type"].replace(",", ".")) / 100 if r["erreur_type"] else None)
        for r in _rows(site)
    ]  # fmt: skip


def _rows(site: Path) -> list[dict[str, str]]:
    with (site / "donnees" / f"{SURVEY}.csv").open(encoding="utf-8-sig", newline="") as file:
        return [r for r in csv.DictReader(file, delimiter=";") if r["indicateur"] != "agents"]


def _rounded(r: dict[str, str], base: int) -> Printed:
    """The row with what its rounded number of respondents, and its step, leave open."""
    n = int(r["repondants"])
    key = r["vague"], r["indicateur"], r["modalite"], (r["domaine"], r["groupe"])
    few, many = spread(n, base)
    if not r["valeur"]:
        return Printed(*key, n, None, None, few=few, many=many)
    share, half = float(r["valeur"].replace(",", ".")) / 100, step(n, base) / 2
    return Printed(*key, n, max(share - half, 0), min(share + half * 0.9999, 1), None, few, many)


def spread(printed: int, base: int) -> tuple[int, int]:
    """The counts whose nearest multiple of the base (halves up) is this one."""
    counts = [c for c in range(printed + base) if base * math.floor(c / base + 0.5) == printed]
    return (counts[0], counts[-1]) if base else (printed, printed)


def step(n: int, base: int) -> float:
    """What a share of n respondents is rounded to: 1, 2 or 5 of a decade, a base's part or more."""
    decades = (k * 10.0**-d for d in (3, 2, 1, 0) for k in (1, 2, 5))
    return next(s for s in decades if s >= base / max(spread(n, base)[0], 1) - 1e-12 or s >= 1)


def read_counts(site: Path) -> dict[tuple[str, str, str], int]:
    """(wave, variable, code) -> count over all who answered, from the codebook."""
    with (site / "donnees" / f"{SURVEY}_dictionnaire.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    told = ((r, r["modalite"] or r["nature"]) for r in rows if r["ligne"] != "colonne")
    return {
        (r["vague"], r["variable"], code): int(r["effectif"])
        for r, code in told
        if r["effectif"] and code
    }


def _between(value: str, low: str, high: str) -> tuple[float | None, float | None]:
    """What a printed share can be, to its two digits, and by the middle of its interval."""
    if not value:
        return None, None
    least, most = _alike(value)
    if not low or not high or float(value.replace(",", ".")) in (0.0, 100.0):
        return least, most
    ends = [_alike(x) for x in (low, high)]
    if min(e[0] for e in ends) <= 0 or max(e[1] for e in ends) >= 1:
        return least, most
    under, over = (sum(math.log(e[s] / (1 - e[s])) for e in ends) / 2 for s in (0, 1))
    return max(least, 1 / (1 + math.exp(-under))), min(most, 1 / (1 + math.exp(-over)))


def _alike(printed: str) -> tuple[float, float]:
    percent = float(printed.replace(",", "."))
    half = 0.5 if min(percent, 100 - percent) >= 10 else 0.05
    return max(0.0, (percent - half) / 100), min(1.0, (percent + half) / 100)


@dataclass
class Attack:
    """What is known of one wave. answered, frame : (9,) by stratum, in the order of ``STRATA``."""

    wave: str
    answered: list[int]
    frame: list[int]
    names: dict[tuple[str, int], int] = field(default_factory=dict)
    most: list[float] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    @property
    def weights(self) -> list[float]:
        return [n / a if a else 0.0 for n, a in zip(self.frame, self.answered, strict=True)]

    def unknown(self, name: str, stratum: int) -> int:
        """How many of a stratum gave an answer."""
        key = name, stratum
        if key not in self.names:
            self.names[key] = len(self.most)
            self.most.append(float(self.answered[stratum]))
        return self.names[key]

    def say(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> None:
        """A bound on a sum of unknowns."""
        made: dict[int, float] = defaultdict(float)
        for index, coefficient in terms:
            made[index] += coefficient
        self.rows.append((dict(made), low, high))

    def name(self, indicator: str, category: str) -> str:
        """The answer that a figure counts."""
        shared = SHARED_2024 if self.wave == "2024" else {}
        key = ("ia_tech_repondants" if indicator == "ia_tech_mentions" else indicator, category)
        return SAME.get(key) or shared.get(key) or f"{key[0]}={key[1]}"

    def base(self, indicator: str) -> list[str] | None:
        """The answers that make up a base; None where everybody (of the level) is in it."""
        if indicator in OF_USERS or indicator == "ia_tech_mentions":
            return ["ia_deja=oui"]
        if indicator == "ia_deja_exprimees":
            return ["ia_deja=oui", "ia_deja=non"]
        if self.wave == "2024" and indicator == "ia_prevu_reponses":
            return ["ia_deja=non"]
        if self.wave == "2024" and indicator == "ia_freins":
            return ["ia_prevu=non"]
        return ["regles_data="] if indicator == "regles_forme" else None

    def learn(self, printed: list[Printed]) -> None:
        """Everything that the rows of the wave say."""
        mine = [p for p in printed if p.wave == self.wave]
        categories: dict[str, set[str]] = defaultdict(set)
        for p in mine:
            categories[p.indicator].add(p.category)
        for indicator, some in categories.items():
            self._questionnaire(indicator, sorted(some))
        for p in mine:
            strata = [h for h in LEVELS[p.level] if self.frame[h]]
            if p.low is not None and p.high is not None:
                self._share(p, strata, categories[p.indicator])
            base = self.base(p.indicator)
            if base:
                self.say([(self.unknown(b, h), 1.0) for b in base for h in strata], *p.bases)

    def _questionnaire(self, indicator: str, categories: list[str]) -> None:
        """Answers of one question add up to those it was put to; each is given by some of them."""
        base = self.base(indicator)
        for h in range(len(STRATA)):
            given = [(self.unknown(self.name(indicator, c), h), 1.0) for c in categories]
            of = [(self.unknown(b, h), -1.0) for b in base or ()]
            everybody = 0.0 if base else float(self.answered[h])
            if indicator in WHOLES:
                least = everybody if indicator != "ia_statut" else -np.inf
                self.say([*given, *of], least, everybody)
            elif base and indicator != "ia_tech_mentions":
                for one in given:
                    self.say([one, *of], -np.inf, 0.0)

    def _share(self, p: Printed, strata: list[int], categories: set[str]) -> None:
        assert p.low is not None
        assert p.high is not None
        top = [
            (self.unknown(self.name(p.indicator, p.category), h), self.weights[h]) for h in strata
        ]
        if p.indicator == "ia_tech_mentions":
            below = [(self.unknown(self.name(p.indicator, c), h), self.weights[h])
                     for c in categories for h in strata]  # fmt: skip
        else:
            base = self.base(p.indicator)
            below = [(self.unknown(b, h), self.weights[h]) for b in base or () for h in strata]
        if not below:
            fixed = sum(self.frame[h] for h in strata if self._asked(p.indicator, h))
            self.say(top, p.low * fixed - 1e-6, p.high * fixed + 1e-6)
            return
        self.say([*top, *((i, -p.low * c) for i, c in below)], -1e-6, np.inf)
        self.say([*top, *((i, -p.high * c) for i, c in below)], -np.inf, 1e-6)

    def _asked(self, indicator: str, stratum: int) -> bool:
        """Some questions were not put to small communes."""
        others = ("domaines_data", "regles_data", "besoins_formation")
        return not (stratum == 0 and indicator in others)

    def learn_counts(self, counts: dict[tuple[str, str, str], int], base: int = 0) -> None:
        """Counts of the whole sample, « autre » included; base : what they are rounded to."""
        asked = {"ia_deja": "ia_deja_reponses", "ia_prevu": "ia_prevu_reponses",
                 "cyberattaque": "cyberattaque_reponses", "rgpd": "rgpd_reponses"}  # fmt: skip
        for (wave, variable, code), count in counts.items():
            if wave == self.wave and variable in asked:
                name = self.name(asked[variable], code)
                if (name, 0) in self.names:
                    known = [(self.unknown(name, h), 1.0) for h in range(len(STRATA))]
                    self.say(known, *spread(count, base) if base else (count, count))

    def learn_errors(self, name: str, printed: list[Printed]) -> int:
        """Standard errors of one answer: sums of p (1 - p) by stratum, one unknown a count.

        Of strata whose own figure is hidden the site says (page « Méthode ») that they count with
        1/4 in totals. How many errors were of use.
        """
        now = [p for p in printed if p.wave == self.wave]
        about = (p for p in now if self.name(p.indicator, p.category) == name)
        mine = [p for p in about if p.error and not self.base(p.indicator)]
        strate = (p for p in now if p.level[0] == "strate")
        hidden = {(p.indicator, p.category, p.level[1]) for p in strate if p.low is None}
        one: dict[tuple[int, int], int] = {}
        for h in range(8):
            for k in range(self.answered[h] + 1):
                one[h, k] = len(self.most)
                self.most.append(1.0)
            counts = range(self.answered[h] + 1)
            self.say([(one[h, k], 1.0) for k in counts], 1, 1)
            told = [(one[h, k], float(k)) for k in counts]
            self.say([*told, (self.unknown(name, h), -1.0)], 0, 0)
        for p in mine:
            self._error(p, one, hidden)
        return len(mine)

    def _error(
        self, p: Printed, one: dict[tuple[int, int], int], hidden: set[tuple[str, str, str]]
    ) -> None:
        assert p.error
        strata = [h for h in LEVELS[p.level] if self.frame[h] and self._asked(p.indicator, h)]
        everybody = sum(self.frame[h] for h in strata)
        terms = []
        for h in strata:
            n, share = self.answered[h], self.frame[h] / everybody
            each = share**2 * (1 - n / self.frame[h]) / (n - 1)
            apart = len(strata) > 1 and (p.indicator, p.category, STRATA[h]) in hidden
            for k in range(n + 1):
                spread = 0.25 if apart else k / n * (1 - k / n)
                terms.append((one[h, k], 1e6 * each * spread))
        half = max(0.5 * 10 ** (math.floor(math.log10(p.error)) - 1), 5e-5)  # two digits, in files
        self.say(terms, 1e6 * (p.error - half) ** 2, 1e6 * (p.error + half) ** 2)

    def bounds(self, name: str, strata: Iterable[int], enough: float) -> tuple[float, float]:
        """Least and greatest count, or two counts that are ``enough`` apart."""
        aim = np.zeros(len(self.most))
        for h in strata:
            aim[self.unknown(name, h)] = 1.0
        low = self._end(aim, 1.0)
        high = low + enough if self._possible(aim, low + enough) else self._end(aim, -1.0)
        return low, high

    def _end(self, aim: np.typing.NDArray[np.float64], side: float) -> float:
        found = self._solve(side * aim, [])
        assert found is not None, "the truth itself does not fit: the attack is mistaken"
        return float(np.round(aim @ found))

    def _possible(self, aim: np.typing.NDArray[np.float64], least: float) -> bool:
        return self._solve(np.zeros(len(aim)), [(aim, least)]) is not None

    def _solve(
        self, cost: np.typing.NDArray[np.float64],
        more: list[tuple[np.typing.NDArray[np.float64], float]],
    ) -> np.typing.NDArray[np.float64] | None:  # fmt: skip
        at = [(r, i, c) for r, (terms, *_) in enumerate(self.rows) for i, c in terms.items()]
        row, column, value = (list(x) for x in zip(*at, strict=True))
        known = csr_matrix((value, (row, column)), (len(self.rows), len(self.most)))
        limits = [LinearConstraint(known, [r[1] for r in self.rows], [r[2] for r in self.rows])]
        limits += [LinearConstraint(aim, least, np.inf) for aim, least in more]
        whole = np.ones(len(cost), dtype=np.int64)
        found = milp(cost, integrality=whole, bounds=Bounds(0, np.array(self.most)),
                     constraints=limits)  # fmt: skip
        return None if found.x is None else np.asarray(found.x)
