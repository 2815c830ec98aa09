"""Hostile definitions of the richer language: each fault has its line, what was found, a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.definition import load_survey
from analysis.errors import BaroError, Problem
from tests.rich_maker import RICH_YML, WAVE, rich_survey, write_rich
from tests.surveys_maker import changed, line_of

RULE = "rules:\n  r:\n    label: L\n    "
END = "  age_sexe: {label: Âge et sexe, variables: [classe, sexe]}\n"


def problems_of(folder: Path, text: str = RICH_YML, wave_text: str = "") -> list[Problem]:
    surveys = write_rich(folder, text, wave_text)
    with pytest.raises(BaroError) as caught:
        load_survey(surveys, "riche")
    for problem in caught.value.problems:
        assert problem.where.startswith("surveys/riche/")
        assert problem.found
        assert problem.remedy
    assert len(set(caught.value.problems)) == len(caught.value.problems)
    return list(caught.value.problems)


# name: (old, new, text on the faulty line, found, part of expected or remedy)
FAULTS = {
    "multiple without items": (
        "    items:\n      temps: {label: Manque de temps, column: F1}\n"
        "      cout: {label: Coût, column: F2}\n", "",
        "  freins:\n", "type multiple without items", "add items:",
    ),
    "multiple without a meaning for nothing": (
        '    not_chosen: ["0", ""]\n    none: nonresponse\n', '    not_chosen: ["0", ""]\n',
        "  freins:\n", "nothing says what it means", "none: not_asked",
    ),
    "unknown meaning for nothing": (
        "    items: {tel: Téléphone, ordi: {label: Ordinateur, raw: [Ordi, PC]}, autre: Autre}\n"
        "    none: answer\n",
        "    items: {tel: Téléphone, ordi: {label: Ordinateur, raw: [Ordi, PC]}, autre: Autre}\n"
        "    none: rien\n",
        "    none: rien\n", '"rien" does not fit', "correct the value",
    ),
    "item without column": (
        "cout: {label: Coût, column: F2}", "cout: Coût", "      cout: Coût\n",
        "cout has no column", "add column:",
    ),
    "item with a column and a separator": (
        "tel: Téléphone,", "tel: {label: Téléphone, column: T},", "column: T}",
        "tel has the column T", "remove column:",
    ),
    "item without label": (
        "temps: {label: Manque de temps, column: F1}", "temps: {column: F1}",
        "temps: {column: F1}", "temps has no label", "its label",
    ),
    "item with digits alone": (
        "items: {x: Xylophone, y: Yaourt}", "items: {x: Xylophone, '1': Yaourt}", "'1': Yaourt",
        '"1" cannot be an item', "not digits alone",
    ),
    "unknown key of an item": (
        "temps: {label: Manque de temps, column: F1}",
        "temps: {label: Manque de temps, colum: F1}", "colum: F1",
        'the key "colum" is not known here', '"column"',
    ),
    "one column, no separator": (
        '    separator: ";"\n', "", "    column: OUTILS\n", "column: without separator:",
        "add separator:",
    ),
    "separator within a text": (
        "autre: Autre}", 'autre: "Autre; divers"}', 'autre: "Autre; divers"}',
        '"Autre; divers" holds the separator', "correct raw:",
    ),
    "one text, two items": (
        "raw: [Ordi, PC]", "raw: [Ordi, Autre]", "raw: [Ordi, Autre]",
        '"Autre" is read as two items', "correct raw:",
    ),
    "ranked and nothing is an answer": (
        "    items: {x: Xylophone, y: Yaourt}\n    none: nonresponse\n",
        "    items: {x: Xylophone, y: Yaourt}\n    none: answer # here\n",
        "none: answer # here", "answer, for a ranked variable", "not_applicable",
    ),
    "ranked without ranks": (
        "    ranks: 2\n", "", "  raisons:\n", "separator: without ranks:", "ranks: 3",
    ),
    "ranked without columns": (
        "    columns: [P1, P2]\n", "", "  priorites:\n", "0 columns and separator ''",
        "one of the two",
    ),
    "ranks with columns": (
        "    columns: [P1, P2]\n", "    columns: [P1, P2]\n    ranks: 3\n", "    ranks: 3\n",
        "ranks: with columns:", "remove ranks:",
    ),
    "a part named as another variable": (
        "  freins:\n", "  freins_temps:\n    label: X\n    column: X\n"
        "    categories: {oui: Oui}\n  freins:\n",
        "temps: {label: Manque de temps", "freins makes a variable freins_temps",
        "rename the item",
    ),
    "a column of two items": (
        "cout: {label: Coût, column: F2}", "cout: {label: Coût, column: F1}",
        "cout: {label: Coût, column: F1}", "F1 is read by freins_temps already", "derived",
    ),
    "items in a single variable": (
        "    column: SEXE\n", "    column: SEXE\n    items: {a: A}\n", "    items: {a: A}\n",
        "items: in a variable of type single", "multiple or ranked or index",
    ),
    "categories in a multiple variable": (
        '    chosen: ["1"]\n', '    chosen: ["1"]\n    categories: {a: A}\n',
        "    categories: {a: A}\n", "categories: in a variable of type multiple", "items:",
    ),
    "a multiple variable in an expression": (
        "tel: outils_tel == oui, temps:", "tel: outils == tel, temps:",
        "items: {tel: outils == tel", '"outils" is not a variable', "one of outils_tel",
    ),
    "unknown population of a multiple variable": (
        "    none: answer\n", "    none: answer\n    universe: jeunes\n", "    universe: jeunes\n",
        '"jeunes" is not a population', "populations:",
    ),
    "unknown wave of a multiple variable": (
        "    none: answer\n", '    none: answer\n    waves: "2012"\n', '    waves: "2012"\n',
        '"2012" is not a wave', "2021, 2022, 2023",
    ),
    "date without format": (
        '    format: "%d/%m/%Y"\n', "", "  debut:\n", "no format does not tell a day", "%d/%m/%Y",
    ),
    "format without day": (
        '    format: "%d/%m/%Y"\n', '    format: "%m/%Y"\n', 'format: "%m/%Y"',
        '"%m/%Y" does not tell a day', "day, month and year",
    ),
    "format of a number": (
        "    column: DEP\n", '    column: DEP\n    format: "%d"\n', 'format: "%d"\n',
        "format: in a variable of type numeric", "type date",
    ),
    "range of a date": (
        '    format: "%d/%m/%Y"\n', '    format: "%d/%m/%Y"\n    range: [1, 2]\n',
        "    range: [1, 2]\n", "range: in a date", "rules:",
    ),
    "a mean of dates": (
        "measure: mean, variable: usages,", "measure: mean, variable: debut,",
        "measure: mean, variable: debut,", '"debut" does not fit a mean', "numeric",
    ),
    "index without rule": (
        "    rule: count\n", "", "  usages:\n", "an index with 3 items and rule ''", "sum, mean",
    ),
    "unknown rule": (
        "    rule: count\n", "    rule: product\n", "    rule: product\n",
        '"product" does not fit', "'sum', 'mean', 'count'",
    ),
    "number in an index that counts": (
        "cout: freins_cout == oui}", "cout: age}", "cout: age}", "age is a number", "rule: sum",
    ),
    "item of an index that is no variable": (
        "items: {depense: depense,", "items: {depense: depence,", "items: {depense: depence,",
        '"depence" is not a numeric variable', '"depense"',
    ),
    "more answers than items": (
        "    at_least: 2\n", "    at_least: 4\n", "    at_least: 4\n", "4 of 3 items", "3 at most",
    ),
    "index of what comes later": (
        "items: {depense: depense, heures: {value: heures}}", "items: {a: apres == oui}\n"
        "  apres:\n    label: A\n    column: AP\n    categories: {oui: Oui}",
        "items: {a: apres == oui}", "charge reads apres, which is not declared before", "move",
    ),
    "quantile without shares": (
        "variable: age, shares: 0.5,", "variable: age,", "  mediane:\n",
        "measure quantile without shares:", "add shares:",
    ),
    "a share of 50": (
        "variable: age, shares: 0.5,", "variable: age, shares: 50,", "variable: age, shares: 50,",
        "does not fit", "less than 1",
    ),
    "ratio without denominator": (
        "     denominator: heures, unit: € par heure, population: all}",
        "     unit: € par heure, population: all}", "  par_heure:\n",
        "measure ratio without denominator:", "add denominator:",
    ),
    "ratio of categories": (
        "numerator: depense,\n", "numerator: sexe,\n", "numerator: sexe,\n",
        '"sexe" does not fit a ratio', "numeric variables",
    ),
    "battery of nothing": (
        "    items: [outils_tel == oui, freins_temps == oui]\n", "", "  batterie:\n",
        "0 items and variable ''", "items:, or a multiple variable:",
    ),
    "battery of unknown": (
        "items: [outils_tel == oui, freins_temps == oui]", "items: [outils_tel == oui, x == y]",
        "items: [outils_tel == oui, x == y]", '"x" is not a variable', "correct the expression",
    ),
    "mentions of a single variable": (
        "measure: share_of_mentions, variable: freins",
        "measure: share_of_mentions, variable: sexe",
        "measure: share_of_mentions, variable: sexe", '"sexe" does not fit a share_of_mentions',
        "multiple or ranked",
    ),
    "crossed with itself": (
        "variables: [classe, sexe]", "variables: [sexe, sexe]", "variables: [sexe, sexe]",
        "sexe is crossed with itself", "another variable",
    ),
    "crossed with an unknown": (
        "variables: [classe, sexe]", "variables: [classe, sex]", "variables: [classe, sex]",
        '"sex" is not a variable with categories', '"sexe"',
    ),
    "one variable crossed": (
        "variables: [classe, sexe]", "variables: [classe]", "variables: [classe]",
        "1 variables", "two or more variables:",
    ),
    "domain named as the whole": (
        "  age_sexe: {", "  ensemble: {", "  ensemble: {", "is the whole population", "rename",
    ),
    "waves in two groups": (
        END, END + 'comparable:\n  - {waves: "2021, 2022", reason: A}\n'
        '  - {waves: "2022, 2023", reason: B}\n',
        '  - {waves: "2022, 2023", reason: B}\n', "2022 is in the group of 2021, 2022 already",
        "one group",
    ),
    "group of an unknown wave": (
        END, END + 'comparable:\n  - {waves: "2020", reason: A}\n',
        '  - {waves: "2020", reason: A}\n', '"2020" is not a wave', "2021, 2022, 2023",
    ),
    "rule of nothing": (
        END, END + RULE + "severity: warn\n", "  r:\n", "no check", "one rule a check",
    ),
    "rule of two things": (
        END, END + RULE + "expect: age > 1\n    missing: age\n    at_most: 0.1\n", "  r:\n",
        "expect and missing", "one rule a check",
    ),
    "rule that expects nonsense": (
        END, END + RULE + "expect: agee > 1\n", "    expect: agee > 1\n",
        '"agee" is not a variable', "correct the expression",
    ),
    "rule that does not parse": (
        END, END + RULE + "expect: age >\n", "    expect: age >\n", "is missing", "age >= 18",
    ),
    "rule of unknown severity": (
        END, END + RULE + "expect: age > 1\n    severity: error\n", "    severity: error\n",
        '"error" does not fit', "'stop' or 'warn'",
    ),
    "missing without a bound": (
        END, END + RULE + "missing: age\n", "  r:\n", "missing: without a bound", "at_most:",
    ),
    "missing of an unknown": (
        END, END + RULE + "missing: [agee]\n    rise: 0.1\n", "    missing: [agee]\n",
        '"agee" is not a variable', '"age"',
    ),
    "a bound in per cents": (
        END, END + RULE + "missing: [age]\n    rise: 10\n", "    rise: 10\n", "10",
        "between 0 and 1",
    ),
    "battery with other categories": (
        END, END + RULE + "same_answer: [sexe, outils_tel]\n",
        "    same_answer: [sexe, outils_tel]\n", "variables with other categories", "one battery",
    ),
    "speed of categories": (
        END, END + RULE + "speed: {variable: sexe, below: 3}\n",
        "    speed: {variable: sexe, below: 3}\n", "sexe has categories", "numeric",
    ),
    "weights without a bound": (
        END, END + RULE + "weights: {}\n", "    weights: {}\n", "no bound", "deff: 2",
    ),
    "unknown bound of weights": (
        END, END + RULE + "weights: {maxi: 3}\n", "    weights: {maxi: 3}\n",
        'the key "maxi" is not known here', '"max"',
    ),
    "rule of an unknown wave": (
        END, END + RULE + 'expect: age > 1\n    waves: "2020"\n', '    waves: "2020"\n',
        '"2020" is not a wave', "2021, 2022, 2023",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_its_line_and_remedy(tmp_path: Path, name: str) -> None:
    old, new, line, found, said = FAULTS[name]
    text = changed(old, new, RICH_YML)
    hits = [p for p in problems_of(tmp_path, text) if found in p.found]
    assert hits, name
    file, number, *_ = hits[0].where.removeprefix("surveys/riche/").split(":")
    assert (file, int(number)) == ("survey.yml", line_of(line, text))
    assert said in f"{hits[0].expected} {hits[0].remedy}"


def test_a_date_is_not_compared_with_a_number(tmp_path: Path) -> None:
    text = RICH_YML + RULE + "expect: debut > 40\n"
    (problem,) = problems_of(tmp_path, text)
    assert '"40" is not a day, as 2022-06-15 (debut is a date)' in problem.found


TOGETHER = {
    "item without column": "cout has no column",
    "format without day": "does not tell a day",
    "number in an index that counts": "age is a number",
    "ratio of categories": '"sexe" does not fit a ratio',
    "ranked without ranks": "separator: without ranks:",
}


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """One of each section, and all are there."""
    text = RICH_YML
    for name in TOGETHER:
        old, new, *_ = FAULTS[name]
        text = changed(old, new, text)
    text = changed("[classe, sexe]", "[classe, sex]", text)
    text += RULE + "expect: age > 1\n    missing: age\n    at_most: 0.1\n"
    found = " | ".join(p.found for p in problems_of(tmp_path, text))
    for part in (*TOGETHER.values(), '"sex" is not a variable', "expect and missing"):
        assert part in found


# --- field dates --------------------------------------------------------------------------------

FIELDS = {
    "{from: 2021-06-15, to: 2021-07-15}": "du 15 juin au 15 juillet 2021",
    "{from: 2021-06-01, to: 2021-06-15}": "du 1er au 15 juin 2021",
    "{from: 2021-12-04, to: 2022-01-09}": "du 4 décembre 2021 au 9 janvier 2022",
    "{from: 2021-06-15, to: 2021-06-15}": "le 15 juin 2021",
    "{from: 2021-06-15, to: 2021-07-15, text: à l'été}": "à l'été",
    "en juin 2021": "en juin 2021",
}


def fielded(folder: Path, field: str) -> Path:
    surveys = write_rich(folder)
    text = WAVE.format(wave="2021", file="a.csv")
    given = changed("{from: 2021-06-15, to: 2021-07-15}", field, text)
    (surveys / "riche" / "waves" / "2021.yml").write_text(given, "utf-8")
    return surveys


@pytest.mark.parametrize(("field", "said"), FIELDS.items())
def test_field_dates_are_said_in_words(tmp_path: Path, field: str, said: str) -> None:
    survey = load_survey(fielded(tmp_path, field), "riche")
    assert str(survey.waves["2021"].field) == said


@pytest.mark.parametrize(
    ("field", "said"),
    {
        "{from: 15/06/2021, to: 2021-07-15}": "a day, as 2022-06-15",
        "{from: 2021-07-15, to: 2021-06-15}": "from: is after to:",
        "{from: 2021-07-15}": "a text, or from: and to:",
        "{form: 2021-07-15, text: x}": '"from"',
    }.items(),
)
def test_wrong_field_dates_are_refused(tmp_path: Path, field: str, said: str) -> None:
    with pytest.raises(BaroError) as caught:
        load_survey(fielded(tmp_path, field), "riche")
    (problem,) = caught.value.problems
    assert problem.where.startswith("surveys/riche/waves/2021.yml:5")
    assert said in f"{problem.found} {problem.expected}"


def test_a_wave_may_name_a_multiple_variable(tmp_path: Path) -> None:
    """What the wave's file says of it holds for each of its parts."""
    survey = rich_survey(tmp_path, wave_text="filled: {outils: Vide, priorites: Vide}\n")
    assert survey.filled("outils_ordi", "2021") == ("Vide",)
    assert survey.filled("priorites_2", "2021") == ("Vide",)
