"""A small survey of a finite population, made from declared answers, to be damaged by tests.

Three strata: 4 of 40 small towns, 5 of 10 large ones, and 2 answers from outside the frame. Two
waves; nobody delivered either.
"""

from __future__ import annotations

from pathlib import Path

from analysis.definition import Survey, load_survey

SURVEY_YML = """\
survey: towns
title: Villes
short: Villes
territory: France
units: villes
source: Institut
licence: {name: Licence Ouverte, url: https://example.fr/lo, attribution: Institut}
data:
  folder: towns
  dataset: Villes
  slug: villes
  publisher: example.fr
  files: {t1.csv: {title: Une}, t2.csv: {title: Deux}}
id: ID
weight: equal
design: {sampling: voluntary, frame: strata, text: Qui veut.}
missing: {not_asked: ["NA"], dont_know: [Nsp], nonresponse: [NR]}
themes: {t: Thème}
populations:
  all: {label: villes}
  users: {label: villes équipées, when: has == oui}
variables:
  size:
    label: Taille
    column: size
    categories: {small: Petites, large: Grandes, other: Autres}
  plan:
    label: Plan
    column: plan
    universe: users
    categories: {oui: Oui, non: Non}
  has:
    label: Équipement
    column: has
    categories: {oui: Oui, non: Non}
  staff:
    label: Agents
    column: staff
    type: numeric
    range: [0, 100]
  tools:
    label: Outils
    type: multiple
    universe: users
    items:
      a: {label: A, column: tool_a}
      b: {label: B, column: tool_b}
      c: {label: C, column: tool_c}
    chosen: [Oui]
    not_chosen: [Non]
    none: nonresponse
  later:
    label: Plus tard
    column: later
    waves: "2"
    categories: {oui: Oui, non: Non}
indicators:
  has:
    label: Équipement
    phrase: sont équipées
    theme: t
    numerator: has == oui
    population: all
  has_answers:
    label: Êtes-vous équipées ?
    phrase: répondent
    theme: t
    measure: distribution
    variable: has
    show: [dont_know, nonresponse]
    population: all
  mentions:
    label: Outils cités
    theme: t
    measure: share_of_mentions
    variable: tools
    population: users
domains: {size: {label: Taille, variable: size}}
weighting:
  frame:
    label: Post-stratification
    role: published
    start: equal
    method: poststratification
    total: population
    margins: [strata]
    key: [has]
reliability:
  hide: {n: 3}
  mark: {n_kish: 5}
"""
MARGIN = """\
wave,size,population,source,year,base
1,small,40,Insee,2023,villes de France
1,large,10,Insee,2023,villes de France
1,other,0,hors base,2023,villes de France
2,small,44,Insee,2024,villes de France
2,large,9,Insee,2024,villes de France
2,other,0,hors base,2024,villes de France
"""
ANSWERS_1 = """\
size,variable,answer,count,share,basis,source
small,respondents,,4,,published,Institut
large,respondents,,5,,published,Institut
other,respondents,,2,,published,Institut
small,has,oui,1,,published,Institut
small,has,non,2,,published,Institut
small,has,dont_know,1,,published,Institut
large,has,oui,3,,published,Institut
large,has,non,1,,published,Institut
large,has,nonresponse,1,,published,Institut
other,has,oui,2,,published,Institut
,plan,oui,,0.5,assumed,hypothèse
,plan,non,,0.5,assumed,hypothèse
,staff,12.5,,0.75,assumed,hypothèse
,staff,dont_know,,0.25,assumed,hypothèse
,tools,a,,1,assumed,hypothèse
,tools,b,,0.5,assumed,hypothèse
"""
ANSWERS_2 = ANSWERS_1 + ",later,oui,,1,assumed,hypothèse\n"


def wave_yml(wave: str, more: str = "") -> str:
    kind = {"1": "reconstructed", "2": "scenario"}[wave]
    return (
        f'wave: "{wave}"\nfile: t{wave}.csv\nmode: en ligne\nfield: en 202{wave}\nsize: 11\n'
        f'made: {{kind: {kind}, answers: "{wave}"}}\n{more}'
    )


def files(**changed: str) -> dict[str, str]:
    """Path below ``surveys/towns`` -> content; ``yml``, ``margin``, ``answers``, ``wave_2``."""
    return {
        "survey.yml": changed.get("yml", SURVEY_YML),
        "margins/strata.csv": changed.get("margin", MARGIN),
        "answers/1.csv": changed.get("answers", ANSWERS_1),
        "answers/2.csv": ANSWERS_2,
        "waves/1.yml": changed.get("wave_1", wave_yml("1")),
        "waves/2.yml": changed.get("wave_2", wave_yml("2")),
    }


def write_towns(folder: Path, **changed: str) -> Path:
    """The definition below ``folder/surveys``; returns that folder."""
    for name, content in files(**changed).items():
        path = folder / "surveys" / "towns" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return folder / "surveys"


def towns(folder: Path, **changed: str) -> Survey:
    """The survey, loaded."""
    return load_survey(write_towns(folder, **changed), "towns")
