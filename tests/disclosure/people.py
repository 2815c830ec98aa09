"""A small survey of individuals with a crossing and nested classes, and somebody who attacks it.

Too many crossings to be told apart at once (2 x 4 x 9), everybody with the same weight: a share
times its respondents is a count, so that nothing but the pattern protects anybody.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.project import Project
from tests.conftest import ROOT
from tests.release.maker import TEMPLATE

SURVEY = "gens"
SEX, AGE, AREA = ("f", "h"), ("a1", "a2", "a3", "a4"), tuple(f"r{k}" for k in range(1, 10))
ANSWERS = {"usage": ("souvent", "parfois", "rare"), "fibre": ("oui", "non")}
_DRAWN = {"2021": 1, "2022": 2}  # seed of each wave
_EACH = 900


def _categories(codes: Iterable[str]) -> str:
    return "{" + ", ".join(f"{c}: {c.upper()}" for c in codes) + "}"


SURVEY_YML = f"""\
survey: {SURVEY}
title: Les gens
short: Gens
territory: France
source: Institut
licence: {{name: Licence Ouverte, url: https://example.fr/lo, attribution: Institut}}
data:
  folder: gens
  dataset: Gens
  slug: gens
  publisher: example.fr
  files: {{g2021.csv: {{title: Une}}, g2022.csv: {{title: Deux}}}}
id: ID
weight: equal
design: {{sampling: quota, text: Quotas.}}
missing: {{not_asked: ["NA"]}}
themes: {{t: Thème}}
populations:
  all: {{label: personnes}}
variables:
  sexe: {{label: Sexe, column: sexe, categories: {_categories(SEX)}}}
  age: {{label: Âge, column: age, categories: {_categories(AGE)}}}
  region: {{label: Région, column: region, categories: {_categories(AREA)}}}
  generation:
    label: Génération
    type: derived
    categories:
      jeunes: {{label: Jeunes, when: age == a1 or age == a2}}
      vieux: {{label: Vieux, when: age == a3 or age == a4}}
  usage: {{label: Usage, column: usage, categories: {_categories(ANSWERS["usage"])}}}
  fibre: {{label: Fibre, column: fibre, categories: {_categories(ANSWERS["fibre"])}}}
indicators:
  usage: {{label: Usage, theme: t, measure: distribution, variable: usage, population: all}}
  fibre: {{label: Fibre, theme: t, phrase: ont la fibre, numerator: fibre == oui, population: all}}
domains:
  sexe: {{label: Sexe, variable: sexe}}
  age: {{label: Âge, variable: age}}
  generation: {{label: Génération, variable: generation}}
  age_sexe: {{label: Âge et sexe, variables: [age, sexe]}}
  region: {{label: Région, variable: region}}
reliability: {{hide: {{n: 5}}}}
confidentiality: {{count: 4, protect: 2}}
"""


def people_project(root: Path) -> Project:
    """The sources of a project of this one survey, with files that somebody delivered."""
    project = Project(root)
    folder, assets = root / "surveys" / SURVEY, root / "reports" / "_assets"
    for path in (folder / "waves", assets, root / "data" / SURVEY):
        path.mkdir(parents=True)
    (folder / "survey.yml").write_text(SURVEY_YML, "utf-8")
    for wave in _DRAWN:
        said = f'wave: "{wave}"\nfile: g{wave}.csv\nmode: en ligne\nfield: en {wave}\n'
        (folder / "waves" / f"{wave}.yml").write_text(f"{said}size: {_EACH}\n", "utf-8")
        with (root / "data" / SURVEY / f"g{wave}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(_drawn(wave))
    shutil.copy(ROOT / "_quarto.yml", root)
    shutil.copy(ROOT / "reports" / "_assets" / "report.lua", assets)
    shutil.copy(ROOT / "reports" / "_assets" / "page.css", assets)
    (assets / "page.html").write_text(TEMPLATE, "utf-8")
    (project.reports / "index.qmd").write_text('---\ntitle: "Les gens"\n---\n\nTexte.\n', "utf-8")
    return project


def _drawn(wave: str) -> Iterator[list[str]]:
    """Few answer « rare », few of the young have no fibre: small cells at every level."""
    random = np.random.default_rng(_DRAWN[wave])
    yield ["ID", "sexe", "age", "region", "usage", "fibre"]
    for k in range(_EACH):
        age = int(random.integers(4))
        usage = random.choice(3, p=[0.6, 0.385, 0.015])
        fibre = random.random() < 0.012 if age < 2 else random.random() < 0.2
        codes = (SEX[random.integers(2)], AGE[age], AREA[random.integers(9)],
                 ANSWERS["usage"][usage], ANSWERS["fibre"][0 if fibre else 1])  # fmt: skip
        yield [str(k), *(code.upper() for code in codes)]


# ------------------------------------------------------------------------------------ the attack
PLACES = list(product(SEX, AGE, AREA))


def inside(domain: str, group: str) -> list[int]:
    """Who is in a group, as places of the table of all crossings (the questionnaire is public)."""
    young = group == "jeunes"
    is_in = {
        "ensemble": lambda s, a, r: True,
        "sexe": lambda s, a, r: s == group,
        "age": lambda s, a, r: a == group,
        "generation": lambda s, a, r: (a in AGE[:2]) == young,
        "age_sexe": lambda s, a, r: f"{a}.{s}" == group,
        "region": lambda s, a, r: r == group,
    }[domain]
    return [k for k, place in enumerate(PLACES) if is_in(*place)]


@dataclass(frozen=True)
class Row:
    """A row of the file of all figures: the share that is printed, None where it is hidden."""

    wave: str
    indicator: str
    category: str
    domain: str
    group: str
    n: int
    percent: str


def read(site: Path) -> list[Row]:
    """All of them."""
    with (site / "donnees" / f"{SURVEY}.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file, delimiter=";"))
    return [
        Row(r["vague"], r["indicateur"], r["modalite"], r["domaine"], r["groupe"],
            int(r["repondants"]), r["valeur"])
        for r in found
    ]  # fmt: skip


def counts(site: Path, wave: str, variable: str) -> dict[str, int]:
    """What the codebook says of the whole sample."""
    path = site / "donnees" / f"{SURVEY}_dictionnaire.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [r for r in csv.DictReader(file, delimiter=";") if r["ligne"] != "colonne"]
    mine = (r for r in rows if (r["vague"], r["variable"]) == (wave, variable))
    return {r["modalite"]: int(r["effectif"]) for r in mine if r["effectif"]}


class Attack:
    """Whole numbers of people by answer and crossing that fit all that is printed of a question."""

    def __init__(self, rows: list[Row], wave: str, question: str, told: dict[str, int]) -> None:
        self.codes = ANSWERS[question]
        self.size = len(self.codes) * len(PLACES)
        self.rows: list[np.typing.NDArray[np.float64]] = []
        self.low: list[float] = []
        self.high: list[float] = []
        for r in (r for r in rows if (r.wave, r.indicator) == (wave, question)):
            places = inside(r.domain, r.group)
            everybody = np.sum([self.aim(c, places) for c in self.codes], axis=0)
            self._say(everybody, r.n, r.n)
            if r.percent:
                least, most = (r.n * p for p in alike(r.percent))
                self._say(self.aim(r.category or self.codes[0], places), least, most)
        for code, count in told.items():
            self._say(self.aim(code, range(len(PLACES))), count, count)

    def aim(self, code: str, places: Iterable[int]) -> np.typing.NDArray[np.float64]:
        """The sum of those who gave an answer in some places."""
        made = np.zeros(self.size)
        made[[self.codes.index(code) * len(PLACES) + k for k in places]] = 1.0
        return made

    def _say(self, row: np.typing.NDArray[np.float64], low: float, high: float) -> None:
        self.rows.append(row)
        self.low.append(low - 1e-6)
        self.high.append(high + 1e-6)

    def bounds(self, code: str, places: Iterable[int]) -> tuple[int, int]:
        """The least and the greatest count that fit."""
        aim, every = self.aim(code, places), np.ones(self.size, dtype=np.int64)
        known = LinearConstraint(np.array(self.rows), self.low, self.high)
        ends = []
        for side in (1.0, -1.0):
            found = milp(side * aim, integrality=every, bounds=Bounds(0, _EACH), constraints=known)
            assert found.x is not None, "the truth itself does not fit: the attack is mistaken"
            ends.append(round(float(aim @ found.x)))
        return ends[0], ends[1]


def alike(percent: str) -> tuple[float, float]:
    """The shares that are printed so: to two digits of them or of the rest."""
    value = float(percent.replace(",", "."))
    half = 0.5 if min(value, 100 - value) >= 10 else 0.05
    return max(value - half, 0) / 100, min(value + half, 100) / 100
