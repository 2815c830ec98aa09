"""The staged copy of a language: pages, links, navigation, settings; and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest
import yaml

from analysis.errors import BaroError
from analysis.project import Project
from analysis.publish import stage_reports
from analysis.translation import (
    bring_up_to_date,
    languages_of,
    leftovers,
    mark_translated,
    pages_in,
    stage_language,
)
from tests.conftest import copy_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return copy_project(tmp_path / "own")


def staged(project: Project) -> Path:
    return stage_language(project, stage_reports(project), "en")


def test_the_stage_has_the_translated_pages_and_no_downloads(project: Project) -> None:
    stage = staged(project)
    assert {p.stem for p in stage.glob("*.qmd")} == {*pages_in(project, "en"), "_fiche"}
    assert list((stage / "donnees").iterdir()) == []
    assert (stage / "_assets" / "page.css").is_file()


def test_settings_are_those_of_the_language(project: Project) -> None:
    """French typography is set by the filter, which English does without."""
    french = yaml.safe_load((stage_reports(project) / "_quarto.yml").read_text("utf-8"))
    english = yaml.safe_load((staged(project) / "_quarto.yml").read_text("utf-8"))
    assert english["lang"] == "en"
    assert english["crossref"]["tbl-title"] == "Table"
    assert "filters" not in english
    assert english["format"] == french["format"]
    assert english["project"]["resources"] == french["project"]["resources"]


def test_navigation_lists_what_there_is_and_other_links_say_that_they_are_french(
    project: Project,
) -> None:
    for name in ("methode", "corrections"):
        (project.reports / "en" / f"{name}.po").unlink()
    template = (staged(project) / "_assets" / "page.html").read_text("utf-8")
    items = re.findall(r'<li><a href="([\w-]+)\.html"', template)
    assert items
    assert set(items) <= set(pages_in(project, "en"))
    assert "methode" not in items
    assert '<a href="../corrections.html" hreflang="fr"' in template
    assert template.count("(in French)") == template.count('hreflang="fr"')


def test_links_of_the_prose_lead_to_what_there_is(project: Project) -> None:
    source = (staged(project) / "illectronisme.qmd").read_text("utf-8")
    assert '](../illectronisme-falc.html){hreflang="fr"} (in French)' in source
    assert "](barometre-numerique.html)" in source


def test_pages_of_both_languages_know_each_other(project: Project) -> None:
    stage = stage_reports(project)
    english = stage_language(project, stage, "en")
    lines = (stage / "index.qmd").read_text("utf-8").count("\n")
    mark_translated(stage, pages_in(project, "en"), "en")
    french = (stage / "index.qmd").read_text("utf-8")
    assert "{traduction: {langue: en, nom: English, adresse: en/index.html}, " in french
    assert french.count("\n") == lines
    other = (english / "index.qmd").read_text("utf-8")
    assert "{traduction: {langue: fr, nom: Français, adresse: ../index.html}, " in other
    assert "traduction" not in (stage / "illectronisme-falc.qmd").read_text("utf-8")


def test_every_text_without_a_translation_is_refused_with_its_line(project: Project) -> None:
    page = project.reports / "illectronisme.qmd"
    text = page.read_text("utf-8").replace("## En quatre points", "## Les quatre points")
    page.write_text(text + "\nUne phrase de plus.\n", "utf-8")
    with pytest.raises(BaroError) as found:
        staged(project)
    said = {p.where: p.found for p in found.value.problems}
    line = text[: text.index("## Les quatre")].count("\n") + 1
    assert "Les quatre points" in said[f"reports/illectronisme.qmd:{line}"]
    assert "Une phrase de plus" in said[f"reports/illectronisme.qmd:{text.count(chr(10)) + 2}"]
    assert sum(w.startswith("reports/en/illectronisme.po:") for w in said) == 1  # no longer said


def test_a_definition_that_changed_is_refused_too(project: Project) -> None:
    definition = project.surveys / "barometre_numerique" / "survey.yml"
    text = definition.read_text("utf-8")
    definition.write_text(text.replace("    short: adultes\n", "    short: majeurs\n"), "utf-8")
    with pytest.raises(BaroError, match=r"populations\.adultes\.short"):
        staged(project)


def test_a_register_that_changed_is_refused_too(project: Project) -> None:
    register = project.reports / "claims" / "assises-2024.yml"
    text = register.read_text("utf-8")
    register.write_text(text.replace("Ordres de grandeur.", "Ordres vagues."), "utf-8")
    with pytest.raises(BaroError) as found:
        staged(project)
    missing, gone = found.value.problems
    assert missing.where == "reports/claims/assises-2024.yml: claims.C53.checks.1.quoted.text"
    assert gone.where.startswith("reports/en/claims/assises-2024.po:")
    assert "baro translate en" in missing.remedy


def test_a_register_is_translated_where_a_page_shows_claims_and_nowhere_else(
    project: Project,
) -> None:
    catalogue = project.register_catalogue("assises-2024", "en")
    catalogue.unlink()
    with pytest.raises(BaroError, match=r"reports/en/claims/assises-2024\.po"):
        staged(project)
    shows = [p for p in project.reports.glob("*.qmd") if "Claims" in p.read_text("utf-8")]
    assert len(shows) > 2
    for page in shows:
        project.page_catalogue(page.stem, "en").unlink(missing_ok=True)
    staged(project)
    assert not catalogue.exists()


def test_updating_then_translating_is_all_that_a_changed_page_needs(project: Project) -> None:
    page = project.reports / "illectronisme.qmd"
    page.write_text(
        page.read_text("utf-8").replace("En quatre points", "Les quatre points"), "utf-8"
    )
    waiting = {name: n for name, n in bring_up_to_date(project, "en") if n}
    assert waiting == {"reports/en/illectronisme.po": 1}
    catalogue = project.reports / "en" / "illectronisme.po"
    entries = polib.pofile(str(catalogue))
    entry = next(e for e in entries if e.msgid == "Les quatre points")
    assert (entry.msgstr, entry.fuzzy) == ("In four points", True)
    entry.msgstr, entry.flags = "The four points", []
    entries.save(str(catalogue))
    assert "## The four points {#points}" in (staged(project) / "illectronisme.qmd").read_text()


def test_catalogues_of_the_project_are_up_to_date(project: Project) -> None:
    """`baro translate en` would change none of the files: nothing waits, nothing is gone."""
    paths = [*project.reports.glob("en/**/*.po"), *project.surveys.glob("*/en.po")]
    before = {p: p.read_bytes() for p in paths}
    assert {n for _, n in bring_up_to_date(project, "en")} == {0}
    assert {p: p.read_bytes() for p in paths} == before


def test_a_page_that_is_begun_gets_a_catalogue(project: Project) -> None:
    (project.reports / "en" / "corrections.po").unlink()
    waiting = dict(bring_up_to_date(project, "en", ["corrections"]))
    assert waiting["reports/en/corrections.po"] > 0
    with pytest.raises(BaroError, match=r"no page reports/corection\.qmd"):
        list(bring_up_to_date(project, "en", ["corection"]))


def test_languages_are_told_apart() -> None:
    assert languages_of([]) == languages_of(["fr"]) == ()
    assert languages_of(["en", "fr", "en"]) == ("en",)
    with pytest.raises(BaroError, match=r'--lang eng(?s:.*)"en"'):
        languages_of(["eng"])


def test_without_any_catalogue_the_language_is_refused_with_the_command(project: Project) -> None:
    for path in project.reports.glob("en/*.po"):
        path.unlink()
    with pytest.raises(BaroError, match="baro translate en index"):
        staged(project)


def test_a_catalogue_of_a_page_that_is_not_there_is_refused(project: Project) -> None:
    english = project.reports / "en"
    (english / "index.po").rename(english / "indx.po")
    with pytest.raises(BaroError, match=r'reports/indx\.qmd(?s:.*)"index"'):
        staged(project)


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<p>Aucune valeur publiée</p>", ["Aucune valeur publiée"]),
        ('<p aria-label="Dans cette page">x</p>', ["Dans cette page"]),
        ("<p>il dit « oui »</p>", ["il dit « oui »"]),
        ('<blockquote lang="fr"><p>Ce sont des mots</p></blockquote><p>x</p>', []),
        ("<script>const a = 'les uns';</script>", []),
        ("<p>Provence-Alpes-Côte d’Azur and Pays de la Loire</p>", []),
        ("<p>director at Banque des Territoires</p>", []),
        ("<p>Mesure des Territoires, des chiffres</p>", ["des chiffres"]),
        ("<p>CRÉDOC, Arcep, CGE and ANCT, Baromètre du numérique</p>", []),
        ('<p lang="fr">les<br>uns</p><p>les autres</p>', ["les autres"]),
    ],
)
def test_french_that_is_left_on_a_page_is_found(
    tmp_path: Path, markup: str, found: list[str]
) -> None:
    (tmp_path / "p.html").write_text(f'<html lang="en"><body>{markup}</body></html>', "utf-8")
    problems = leftovers(tmp_path, "en")
    assert [p.where for p in problems] == ["en/p.html:1"] * len(found)
    assert all(text in p.found for text, p in zip(found, problems, strict=True))
