"""A site that is brought up to date is the one that its sources give from nothing, to the byte.

What is kept of earlier builds (stages, pages, PDF) may save time and nothing else. Each edit must
change what it is about, or the comparison would hold of a build that does nothing.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import polib
import pytest

from analysis import pipeline
from analysis.errors import BaroError
from analysis.project import Project
from analysis.translation import bring_up_to_date
from tests.claims.maker import claim, write
from tests.conftest import ROOT
from tests.release.maker import corrected, small_project
from tests.surveys_maker import write_survey

FIGURES = """---
title: "Chiffres"
---

```{python}
#| label: preparation
#| include: false
from analysis.briefing import Briefing
b = Briefing("small")
```

Phrase d’origine : `{python} b.value("internautes", caution=False)`, par sexe dans la
[fiche](fiche-small-sexe-femme.html).

```{python}
b.by_domain("age", "internautes", ["classe"], title="Par âge")
```

`{python} b.provenance()`
"""
TOWNS = """---
title: "Communes"
---

```{python}
from analysis.briefing import Briefing
t = Briefing("towns")
t.provenance()
```

`{python} t.wave`
"""
LIST = """---
title: "Liste"
---

```{python}
from analysis.briefing import catalogue
catalogue()
```
"""
QUOTED = """---
title: "Citations"
---

```{python}
from analysis.briefing import Claims
c = Claims.of()
c.cards()
```
"""
METHOD = '---\ntitle: "Méthode"\n---\n\n## Méthode {#methode}\n\n## Réponses {#reponses}\n'
PAGES = {"chiffres": FIGURES, "communes": TOWNS, "liste": LIST, "methode": METHOD, "quoted": QUOTED}
Shot = dict[str, bytes]


class Edit(NamedTuple):
    """Something done to the sources.

    changes : pages that it must change ; keeps : pages that must not be rendered again
    """

    do: Callable[[Project], None]
    changes: set[str]
    keeps: Collection[str] = ()


def replace(name: str, old: str, new: str) -> Callable[[Project], None]:
    def do(project: Project) -> None:
        path = project.root / name
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{text.count(old)} times {old!r} in {name}"
        path.write_text(text.replace(old, new), "utf-8")

    return do


def without_wave(project: Project) -> None:
    (project.surveys / "small" / "waves" / "2019.yml").unlink()
    for old, new in (
        ("breaks:\n  - {wave: \"2021\", reason: le mode a changé}\n", ""),
        ("    filled:\n      - {waves: \"2019\", value: Vide, reason: le fichier est rempli}\n",
         ""),
        ("    small-2019.csv: {title: Vague 2019}\n", ""),
    ):  # fmt: skip
        replace("surveys/small/survey.yml", old, new)(project)


def new_page(project: Project) -> None:
    text = '---\ntitle: "Nouvelle"\n---\n\nVoir `"small"` et `"internautes"`.\n'
    (project.reports / "nouvelle.qmd").write_text(text, "utf-8")


SURVEY, CELLS = "surveys/small/survey.yml", "reports/chiffres.qmd"
ALL = {"index.html", "chiffres.html", "communes.html", "liste.html", "methode.html"}
EDITS = {
    "a label": Edit(
        replace(SURVEY, "label: Internautes", "label: Gens en ligne"),
        {"chiffres.html", "liste.html", "fiche-small-sexe-femme.html", "donnees/small.xlsx",
         "donnees/explorer/small/internautes.js"},
        {"index.html", "methode.html"},
    ),
    "an indicator": Edit(
        replace(SURVEY, "numerator: internet == oui", "numerator: internet == non"),
        {"chiffres.html", "donnees/internautes.csv", "donnees/small.csv"},
        {"index.html"},
    ),
    "a label of a category": Edit(
        replace(SURVEY, "categories: {femme: Femme, homme: Homme}",
                "categories: {femme: Femmes, homme: Homme}\n    "),
        {"fiche-small-sexe-femme.html", "donnees/small_codes.csv"},
    ),
    "the label of a variable": Edit(
        replace(SURVEY, "label: Internet\n", "label: Internet chez soi\n"),
        {"codebook-small.html", "donnees/small_dictionnaire.csv"}, {"index.html"},
    ),
    "the words of a population": Edit(
        replace(SURVEY, "personnes de 12 ans ou plus", "personnes de douze ans ou plus"),
        {"chiffres.html", "donnees/internautes.csv"},
    ),
    "a wave removed": Edit(without_wave, {"chiffres.html", "liste.html", "donnees/small.csv"}),
    "the mode of a wave": Edit(
        replace("surveys/small/waves/2021.yml", "mode: en ligne", "mode: par internet"),
        {"donnees/small.xlsx"},
    ),
    "answers of the other survey": Edit(
        corrected, {"communes.html", "donnees/towns.csv"}, {"index.html"}
    ),
    "a sentence": Edit(
        replace(CELLS, "Phrase d’origine", "Autre phrase"), {"chiffres.html"},
        {"index.html", "communes.html"},
    ),
    "a sentence without a cell beside it": Edit(
        replace("reports/index.qmd", "Voir la", "Lire la"), {"index.html"},
        {"chiffres.html", "communes.html"},
    ),
    "a name that the catalogue of pages reads": Edit(
        replace("reports/communes.qmd", "t.provenance()", 't.provenance()  # "small", "heures"'),
        {"liste.html"}, {"chiffres.html", "index.html"},
    ),
    "the title of a page in the catalogue": Edit(
        replace(CELLS, 'title: "Chiffres"', 'title: "Les chiffres"'),
        {"chiffres.html", "liste.html"}, {"index.html", "communes.html"},
    ),
    "a page more": Edit(new_page, {"nouvelle.html", "liste.html"}, {"chiffres.html"}),
    "the template": Edit(
        replace("reports/_assets/page.html", "<body><main>", "<body><main id=\"m\">"), ALL
    ),
    "a stylesheet": Edit(
        replace("reports/_assets/page.css", "--paper:#15161a", "--paper:#15161b"),
        {"_assets/page.css"},
    ),
    "a setting": Edit(
        replace("_quarto.yml", 'title-delim: "&nbsp;–"', 'title-delim: "&nbsp;:"'),
        {"chiffres.html"},
    ),
    "a claim": Edit(
        replace("reports/claims/essai.yml", "quote: Un chiffre cité.", "quote: Un chiffre redit."),
        {"quoted.html", "donnees/affirmations.csv"}, {"index.html"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Two small surveys with pages of every kind, built; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BARO_DATA", raising=False)
        patch.delenv("BARO_PROJECT", raising=False)
        project = small_project(tmp_path_factory.mktemp("incremental") / "projet")
        fiches = "\nfiches: {domains: [sexe], wave: '2021', key: [internautes]}\n"
        survey = write_survey(project.root) / "small" / "survey.yml"
        survey.write_text(survey.read_text("utf-8") + fiches, "utf-8")
        shutil.copy(ROOT / "reports" / "_fiche.qmd", project.reports)
        for name, text in PAGES.items():
            (project.reports / f"{name}.qmd").write_text(text, "utf-8")
        (project.reports / "claims").mkdir()
        said = claim("40 %", {"estimate": {"survey": "small", "indicator": "internautes"}})
        people = {"francais": {"label": "les Français", "surveys": {"small": "all"}}}
        write(project.reports / "claims", {"en_ligne": said}, populations=people, constants={})
        pipeline.build(project)
        yield project


@pytest.fixture
def project(built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("BARO_DATA", raising=False)
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    shutil.copytree(built.root, tmp_path / "projet")
    return Project(tmp_path / "projet")


def shot(project: Project) -> Shot:
    files = (p for p in project.site.rglob("*") if p.is_file())
    return {p.relative_to(project.site).as_posix(): p.read_bytes() for p in files}


def from_nothing(project: Project, folder: Path, languages: Sequence[str] = ()) -> Shot:
    """The site of the same sources, built elsewhere by a project that keeps nothing."""
    made = ("build", "_site", "donnees", ".quarto")
    shutil.copytree(project.root, folder, ignore=shutil.ignore_patterns(*made))
    pipeline.build(Project(folder), languages=languages)
    found = shot(Project(folder))
    shutil.rmtree(folder)
    return found


def apart(a: Shot, b: Shot) -> set[str]:
    return {name for name in {*a, *b} if a.get(name) != b.get(name)}


def rendered(project: Project, languages: Sequence[str] = ()) -> set[str]:
    """Bring the site up to date; the pages that were rendered, the others having been kept."""
    said: list[str] = []
    pipeline.build(project, said.append, languages=languages)
    return {line.split("] ")[1] for line in said if line.startswith("  [")}


def test_the_pages_are_of_every_kind(built: Project) -> None:
    site = shot(built)
    assert {*ALL, "codebook-small.html", "version.html"} <= set(site)


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_gives_the_site_that_its_sources_give_from_nothing(
    project: Project, tmp_path: Path, name: str
) -> None:
    edit, before = EDITS[name], shot(project)
    edit.do(project)
    again = rendered(project)
    now = shot(project)
    assert apart(now, from_nothing(project, tmp_path / "autre" / "projet")) == set()
    assert edit.changes <= apart(now, before), "the edit changes what it is about"
    assert not again.intersection(edit.keeps)


def sources(project: Project) -> Shot:
    kept = [project.root / "_quarto.yml", *project.surveys.rglob("*"), *project.reports.rglob("*")]
    files = (p for p in kept if p.is_file() and "donnees" not in p.parts)
    return {p.relative_to(project.root).as_posix(): p.read_bytes() for p in files}


def put_back(project: Project, state: Shot) -> None:
    for name in sources(project).keys() - state.keys():
        (project.root / name).unlink()
    for name, content in state.items():
        (project.root / name).write_bytes(content)


def test_edits_upon_edits_some_taken_back(project: Project, tmp_path: Path) -> None:
    """What was kept of a state that is over does not come back with another."""
    order = random.Random(7)
    states = [sources(project)]
    for name in order.sample(sorted(EDITS), 5):
        EDITS[name].do(project)
        pipeline.build(project)
        states.append(sources(project))
        if order.random() < 0.5:
            put_back(project, order.choice(states))
            pipeline.build(project)
    assert apart(shot(project), from_nothing(project, tmp_path / "autre" / "projet")) == set()


def test_a_state_that_comes_back_is_rendered_no_more(project: Project) -> None:
    before, site = sources(project), shot(project)
    EDITS["a label"].do(project)
    assert "chiffres.html" in rendered(project)
    put_back(project, before)
    assert rendered(project) == set()
    assert apart(shot(project), site) == set()


# ------------------------------------------------------------------------------- in English too

ENGLISH = ("en",)
TRANSLATED = ("chiffres", "communes", "index", "liste", "methode")
# What no English page may say, see analysis/translation/leftovers.py.
FRENCH = re.compile(r"\b(aucune?|aux|avec|ces|cette|dans|des|elles?|est|leurs?|les|ont|pour|qui|"
                    r"selon|sont|une|vagues?)\b", re.IGNORECASE)  # fmt: skip


def translate(project: Project) -> None:
    """Bring the catalogues up to date, and make something like English of every text."""
    begun = [n for n in TRANSLATED if not project.page_catalogue(n, "en").is_file()]
    list(bring_up_to_date(project, "en", begun))
    for path in [*project.reports.glob("en/**/*.po"), *project.surveys.glob("*/en.po")]:
        catalogue = polib.pofile(str(path))
        for entry in catalogue:
            entry.msgstr = FRENCH.sub("so", entry.msgid).translate({ord("«"): "“", ord("»"): "”"})
            entry.flags = [f for f in entry.flags if f != "fuzzy"]
        catalogue.save(str(path))


@pytest.fixture(scope="module")
def both(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same with English pages beside the French ones; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BARO_DATA", raising=False)
        patch.delenv("BARO_PROJECT", raising=False)
        project = Project(tmp_path_factory.mktemp("both") / "projet")
        shutil.copytree(built.root, project.root)
        translate(project)
        pipeline.build(project, languages=ENGLISH)
    return project


IN_ENGLISH = {
    "a label": {"chiffres.html", "en/chiffres.html", "en/liste.html",
                "en/fiche-small-sexe-femme.html"},
    "a sentence": {"chiffres.html", "en/chiffres.html"},
    "an indicator": {"chiffres.html", "en/chiffres.html", "donnees/internautes.csv"},
}  # fmt: skip


@pytest.mark.parametrize("name", IN_ENGLISH)
def test_an_edit_gives_the_same_from_nothing_in_english(
    both: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("BARO_DATA", raising=False)
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    project = Project(tmp_path / "projet")
    shutil.copytree(both.root, project.root)
    before = shot(project)
    EDITS[name].do(project)
    translate(project)
    assert "index.html" not in rendered(project, ENGLISH)
    now = shot(project)
    assert apart(now, from_nothing(project, tmp_path / "autre" / "projet", ENGLISH)) == set()
    assert apart(now, before) >= IN_ENGLISH[name], "the edit changes what it is about"


# ------------------------------------------------------------------ what is kept, and its faults


def entries(project: Project) -> list[Path]:
    return sorted(project.kept.iterdir())


@pytest.mark.parametrize("damage", ["cut", "altered", "of another page", "empty"])
def test_an_entry_that_is_not_what_was_kept_is_made_again(project: Project, damage: str) -> None:
    site, known = shot(project), entries(project)
    contents = [p.read_bytes() for p in known]
    for path, content, other in zip(known, contents, [*contents[1:], contents[0]], strict=True):
        middle = len(content) // 2
        altered = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes(
            {"cut": content[:-1], "altered": altered, "of another page": other, "empty": b""}[
                damage
            ]
        )
    shutil.rmtree(project.site)
    assert rendered(project) >= ALL
    assert apart(shot(project), site) == set()
    assert sorted(p.read_bytes() for p in entries(project)) == sorted(contents)


def test_files_that_cells_leave_come_back_with_their_page(project: Project) -> None:
    """Cells write what the interactive version of a figure needs; a kept page has no kernel."""
    left = {n for n in shot(project) if n.startswith("donnees/small-age-")}
    assert left
    EDITS["a sentence without a cell beside it"].do(project)
    assert "chiffres.html" not in rendered(project)
    assert {n for n in shot(project) if n.startswith("donnees/small-age-")} == left


def test_pages_whose_cells_leave_a_file_that_no_page_names_are_not_kept(project: Project) -> None:
    """Whose it is cannot be told: it would be missing from a site of kept pages."""
    cell = '```{python}\nopen("donnees/secret.txt", "w").write("x")\n```\n'
    with (project.reports / "communes.qmd").open("a", encoding="utf-8") as f:
        f.write(cell)
    assert "communes.html" in rendered(project)
    EDITS["a sentence without a cell beside it"].do(project)
    assert "communes.html" in rendered(project)
    assert "donnees/secret.txt" in shot(project)


def test_a_build_that_fails_keeps_nothing_and_leaves_the_site(project: Project) -> None:
    site, known = shot(project), entries(project)
    replace(CELLS, "b.provenance()", "b.provenance(1 / 0)")(project)
    with pytest.raises(BaroError, match="ZeroDivisionError"):
        pipeline.build(project)
    assert (apart(shot(project), site), entries(project)) == (set(), known)


def test_pages_made_while_somebody_was_editing_are_not_kept(project: Project) -> None:
    """Which of the two states their cells have read is not known."""
    cell = (
        "```{python}\n#| include: false\nfrom pathlib import Path\n"
        "p = Path(__import__('os').environ['QUARTO_PROJECT_DIR']).parents[1] / 'surveys/small'\n"
        "text = (p / 'survey.yml').read_text()\n"
        "(p / 'survey.yml').write_text(text.replace('Petite enquête', 'Enquête'))\n```\n"
    )
    with (project.reports / "communes.qmd").open("a", encoding="utf-8") as f:
        f.write(cell)
    before = entries(project)
    assert "communes.html" in rendered(project)
    assert entries(project) == before
    assert "pages" in pipeline.build(project).seconds, "and they are made again"


def test_what_is_kept_has_a_bound(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    size = sum(p.stat().st_size for p in entries(project))
    monkeypatch.setattr("analysis.pipeline.publishing._KEPT", size)
    for n in range(3):
        replace(
            "reports/_assets/page.css",
            ":root{color-scheme:light dark",
            f"/*{n}*/:root{{color-scheme:light dark",
        )(project)
        assert rendered(project) >= ALL
    assert sum(p.stat().st_size for p in entries(project)) <= size
    assert rendered(project) == set(), "the newest are there"
