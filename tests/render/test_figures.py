"""The guard of our own prose: which typed figures are refused, and what passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.render.figures import figure_problems
from analysis.render.source import read_document

HEAD = "---\ntitle: Essai\n---\n\n"


def found(text: str, folder: Path) -> list[str]:
    """``line: figure`` of each problem, lines counted from the first below the front matter."""
    path = folder / "essai.qmd"
    path.write_text(HEAD + text, "utf-8")
    problems = figure_problems(read_document(path, folder, "essai.qmd"))
    places = [(int(p.where.split(":")[1]) - 4, p.found.split('"')[1]) for p in problems]
    return [f"{line}: {figure}" for line, figure in places]


REFUSED = [
    ("La part est de 25 % des adultes.", "25 %"),
    ("La part est de 25% des adultes.", "25%"),
    ("La part est de 25,5\u00a0% des adultes.", "25,5\u00a0%"),
    ("## Un titre avec 47 %", "47 %"),
    ("- dans une liste, 12 ‰", "12 ‰"),
    ("Soit 13 millions de personnes.", "13 millions"),
    ("Un budget de 62 M€.", "62 M€"),
    ("Un budget de 1,5 milliard d’euros.", "1,5 milliard"),
    ("Cela coûte 40 euros.", "40 euros"),
    ("Une hausse de 8 points.", "8 points"),
    ("On en compte 413 en France.", "413"),
    ("Elles sont 10 000 en tout.", "10 000"),
    ("Ils y passent 31,9 heures par semaine.", "31,9"),
    ("Un adulte sur quatre le dit.", "Un adulte sur quatre"),
    ("Deux jeunes adultes sur trois le disent.", "Deux jeunes adultes sur trois"),
    ("La moitié des adultes le disent.", "La moitié des"),
    ("Un quart des adultes le disent.", "Un quart des"),
    ("Treize n’est pas dit, mais vingt pour cent l’est.", "vingt pour cent"),
    ("C’est **25 %** des adultes.", "25 %"),
    ("| groupe | 25 % |", "25 %"),
    ("On compte 3 freins.", "3"),
    ("De 2015 à 2020, 30 % de plus.", "30 %"),
    ("Deux fois plus qu’avant.", "Deux fois plus"),
    ("Elle gagne trois points.", "trois points"),
    ("The share is 25% of adults.", "25%"),
    ("It gained 8 percentage points.", "8 percentage points"),
    ("There are 3,500 of them.", "3,500"),
    ("One in four adults says so.", "One in four"),
    ("Half of adults say so.", "Half of"),
    ("A quarter of adults say so.", "A quarter of"),
    ("They say so 3 times a week.", "3 times"),
    ("A share of over 25%.", "25%"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "figure"), REFUSED, ids=[r[0] for r in REFUSED])
def test_typed_figures_are_refused_with_their_line(text: str, figure: str, tmp_path: Path) -> None:
    assert found(f"Du texte.\n\n{text}\n", tmp_path) == [f"3: {figure}"]


@pytest.mark.parametrize(
    "text",
    [
        "La part est de `{python} b.value('x')` en `{python} b.wave`.",
        "Il a dit « 25 % des Français ».",
        "Il a dit « 25 % des\nFrançais, soit 13 millions ».",
        "> 25 % des Français, dit-il.\n> Et 13 millions.",
        "Ce chiffre de [25 %]{.cite} est cité.",
        "Plus de [35 heures]{.seuil} par semaine.",
        "Un seuil de [30 répondants]{.seuil .fort}.",
        "::: {.cite}\nElles sont 10 000, soit 25 %.\n:::",
        "Chaque chiffre a son intervalle à 95 %.",
        "Un intervalle de confiance à 95 % est donné (IC 95 %).",
        "Un test au seuil de 5 %.",
        "Les personnes de 18 ans ou plus, et celles de 25 à 39 ans.",
        "De 2015 à 2020, puis en 2022, et de 2007-2013.",
        "Le 12 décembre 2024, puis le 1er janvier.",
        "Les douze derniers mois ; 12 mois.",
        "Quatre freins sont proposés.",
        "## En trois points",
        "La 5G, le RGAA 4.1, A4 et C02.",
        "Voir [la page](page-25.html) et <a href=\"x-30.html\">le reste</a>.",
        "Un rapport de 1 laisse le poids inchangé.",
        "```python\nx = '25 %'\n```",
        "```{=html}\n<p>25 %</p>\n```",
        "Du code : `25 %`.",
        "<!-- 25 % -->",
        "<!-- une note\n25 %\n-->",
        "## Un titre {#a25 .classe-30}",
        "Une formule $p = 25$.",
        "Every figure comes with its 95% interval, or a 95% confidence interval.",
        "People aged 12 or over, and those aged 25 to 39.",
        "On 12 December 2024.",
        "They said “25% of the French”.",
        "Municipalities of fewer than [3,500]{.seuil} inhabitants.",
    ],
)  # fmt: skip
def test_what_is_looked_up_quoted_marked_or_no_finding_passes(text: str, tmp_path: Path) -> None:
    assert found(text + "\n", tmp_path) == []


def test_a_block_of_citation_ends_where_it_is_closed(tmp_path: Path) -> None:
    text = "::: {.encadre}\n::: {.cite}\n25 %\n:::\n\n26 %\n:::\n\n27 %\n"
    assert found(text, tmp_path) == ["6: 26 %", "9: 27 %"]


def test_every_figure_of_a_line_is_told_and_the_message_says_what_to_type(tmp_path: Path) -> None:
    path = tmp_path / "essai.qmd"
    path.write_text(HEAD + "De 25 % à 30 %.\n", "utf-8")
    problems = figure_problems(read_document(path, tmp_path, "essai.qmd"))
    assert [p.where for p in problems] == ["essai.qmd:5", "essai.qmd:5"]
    assert "[25 %]{.cite}" in problems[0].remedy
    assert "{python}" in problems[0].remedy


def test_the_pages_of_the_project_pass(project_root: Path) -> None:
    for page in (project_root / "reports").glob("*.qmd"):
        document = read_document(page, project_root / "reports", page.name)
        assert figure_problems(document) == [], page.name
