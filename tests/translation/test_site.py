"""The site in two languages: the same figures, files that stand once, links both ways."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.briefing.book import Book
from analysis.definition import load_survey
from analysis.errors import BaroError
from analysis.estimates import read_estimates
from analysis.explorer.cells import IndicatorCells, sentence
from analysis.explorer.words import fill
from analysis.language import speaking
from analysis.phrasebook import translated
from analysis.pipeline import build, status
from analysis.project import Project
from analysis.provenance import digest_path
from analysis.release.making import made_apart
from analysis.release.manifest import read_manifest
from analysis.translation import pages_in
from analysis.wording import Estimate, estimates, told
from tests.conftest import copy_built

PAGES = pages_in(Project(Path(__file__).parents[2]), "en")
_CELL = re.compile(r"<td[^>]*>(.*?)</td>")


def french(project: Project, name: str) -> str:
    return (project.site / f"{name}.html").read_text("utf-8")


def english(project: Project, name: str) -> str:
    return (project.site / "en" / f"{name}.html").read_text("utf-8")


def numbers(page: str, *, thousands: str) -> list[str]:
    """The numbers of every table, cell by cell."""
    cells = (re.sub(r"<[^>]+>", "", unescape(c)) for c in _CELL.findall(page))
    out = []
    for cell in cells:
        kept = cell.replace(thousands, "").replace(",", ".")
        out.append("|".join(re.findall(r"\d+(?:\.\d+)?|\[\w\]", kept)))
    return out


def made_by_code(project: Project) -> list[str]:
    """The English pages that no catalogue is about: those of groups, of columns, of releases."""
    found = {path.stem for path in (project.site / "en").glob("*.html")}
    assert set(PAGES) < found
    return sorted(found - set(PAGES))


def same_figures(project: Project, name: str) -> None:
    one = numbers(french(project, name), thousands="\u202f")
    other = numbers(english(project, name), thousands=",")
    if name != "methode":  # its table holds dates, whose months and days stand otherwise
        assert one == other, name
    assert len(one) == len(other), name


def same_parts(project: Project, name: str) -> None:
    """Ids, figures, headings, tables: what is not words."""
    one, other = french(project, name), english(project, name)
    for part in (r'\bid="([^"]*)"', r"<(h[1-6]|figure|table|details|li)\b", r'class="(fig\w*)"'):
        assert re.findall(part, one.partition("<main")[2]) == re.findall(
            part, other.partition("<main")[2]
        ), name


def each_other(project: Project, name: str) -> None:
    """Each of the two pages leads to the other."""
    one, other = french(project, name), english(project, name)
    assert '<html lang="fr">' in one
    assert f'<link rel="alternate" hreflang="en" href="en/{name}.html">' in one
    assert f'<a href="en/{name}.html" hreflang="en" lang="en">English</a>' in one
    assert '<html lang="en">' in other
    assert f'<link rel="alternate" hreflang="fr" href="../{name}.html">' in other
    assert f'<a href="../{name}.html" hreflang="fr" lang="fr">Français</a>' in other


def same_stamps(project: Project, name: str) -> None:
    """What nobody gave says so in both languages."""
    one, other = french(project, name), english(project, name)
    assert one.count('class="demo"') == other.count('class="demo"'), name
    stamps = ("demonstration data", "microdata reconstructed", "scenario, synthetic answers")
    said = [any(s in c for s in stamps) for c in re.findall("<caption>(.*?)</caption>", other)]
    marks = ("données de démonstration", "microdonnées reconstituées", "réponses synthétiques")
    assert said == [any(s in c for s in marks) for c in re.findall("<caption>(.*?)</caption>", one)]


def light(project: Project, name: str) -> None:
    """The budget of a page."""
    assert len(english(project, name).encode()) <= 98_000, name


CHECKS = (same_figures, same_parts, each_other, same_stamps, light)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_the_same_in_both_languages_but_for_words(
    bilingual: Project, name: str, check: Callable[[Project, str], None]
) -> None:
    check(bilingual, name)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
def test_pages_made_by_code_are_the_same_in_both_languages_too(
    bilingual: Project, check: Callable[[Project, str], None]
) -> None:
    made = made_by_code(bilingual)
    for prefix in ("fiche-", "codebook-", "version", "revisions"):
        assert any(name.startswith(prefix) for name in made)
    for name in made:
        check(bilingual, name)


@pytest.mark.slow
def test_french_pages_are_the_same_but_for_the_way_to_the_other_language(
    bilingual: Project, demonstration: Project
) -> None:
    both = {*PAGES, *made_by_code(bilingual)}
    for path in sorted(demonstration.site.glob("*.html")):
        alone = path.read_text("utf-8").splitlines()
        beside = french(bilingual, path.stem).splitlines()
        more = [line for line in beside if "en/" in line and 'hreflang="en"' in line]
        assert [line for line in beside if line not in more] == alone
        assert len(more) == (2 if path.stem in both else 0)


@pytest.mark.slow
def test_files_for_download_stand_once(bilingual: Project) -> None:
    below = {p.suffix for p in (bilingual.site / "en" / "donnees").rglob("*.*")}
    assert below == {".js"}  # what interactive versions and the explorer need: words in English
    links = re.findall(r'href="([^"]+)" download>([^<]+)<', english(bilingual, "illectronisme"))
    assert links
    for href, words in links:
        file = (bilingual.site / "en" / href).resolve()
        assert file.parent == (bilingual.site / "donnees").resolve()
        size = max(1, round(file.stat().st_size / 1000))
        assert words.endswith(f"(CSV in French, {size}\u00a0kB)")


@pytest.mark.slow
def test_the_manifest_tells_the_language_and_lists_its_pages(
    bilingual: Project, demonstration: Project
) -> None:
    both, alone = read_manifest(bilingual.site), read_manifest(demonstration.site)
    assert both.made_from.languages == ("en",)
    assert both.made_from.fingerprint == alone.made_from.fingerprint
    assert {f"en/{name}.html" for name in (*PAGES, *made_by_code(bilingual))} <= set(both.files)
    assert [m.kind for m in made_apart(alone.made_from, both.made_from)] == ["languages"]


@pytest.mark.slow
def test_status_tells_a_build_of_both_from_one_of_french(
    bilingual: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = _own(bilingual, tmp_path, monkeypatch)
    assert all(s.fresh for s in status(own, languages=("en",)))
    assert [s.name for s in status(own) if not s.fresh] == ["pages"]


@pytest.mark.slow
def test_a_build_that_is_refused_leaves_both_sites(
    bilingual: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = _own(bilingual, tmp_path, monkeypatch)
    before, page = digest_path(own.site), own.reports / "index.qmd"
    page.write_text(page.read_text("utf-8") + "\nUne phrase sans anglais.\n", "utf-8")
    with pytest.raises(BaroError, match="Une phrase sans anglais"):
        build(own, languages=("en",))
    assert digest_path(own.site) == before


def _own(built: Project, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy that a test may change, and the working directory."""
    own = copy_built(built, folder / "own")
    monkeypatch.setenv("BARO_DATA", str(own.root / "no-data"))
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    monkeypatch.chdir(own.root)
    return own


# --------------------------------------------------------------------------------- the explorer
def handed_over(path: Path) -> dict[str, Any]:
    """What a script of the explorer gives to its page."""
    text = path.read_text("utf-8")
    found: dict[str, Any] = json.loads(text[text.index(",") + 1 : text.rindex(")")])
    return found


def in_english(row: str) -> list[str]:
    """The printed parts of a French row, its signs exchanged as the page's script does it."""
    signs = {ord(","): ".", ord("\u202f"): ","}
    return [part.translate(signs) for part in row.split("|")[:5]]


def sentence_of(book: Book, cell: Estimate) -> tuple[str, dict[str, str]]:
    """The sentence of a cell, and the values that a template of it is filled with."""
    values = {k: str(v) for k, v in asdict(told(book.survey, cell)).items()}
    return sentence(book, cell), values


@pytest.mark.slow
@pytest.mark.parametrize("name", ["barometre_numerique", "collectivites_ia"])
def test_the_english_explorer_says_what_the_table_says_with_the_numbers_of_the_french_one(
    bilingual: Project, name: str
) -> None:
    declared = load_survey(bilingual.surveys, name)
    book = Book(translated(declared, bilingual, "en"), read_estimates(bilingual.estimates(name)))
    source = Book(declared, book.table)
    folders = [bilingual.site / "donnees", bilingual.site / "en" / "donnees"]
    compared = 0
    for indicator in sorted(set(book.table["indicator"])):
        french, words = (handed_over(f / f"explorer/{name}/{indicator}.js") for f in folders)
        assert "blocks" not in words
        some = estimates(book.table.filter(pl.col("indicator") == indicator))
        cells = IndicatorCells(book, indicator, some)
        with speaking("en"):
            own = {tuple(b[:3]): b[3:] for b in cells.data()["blocks"]}  # type: ignore[attr-defined]
            said = {at: sentence_of(book, cell) for at, cell in cells.published()}
        shown = IndicatorCells(source, indicator, some).published()
        in_french = {at: sentence_of(source, cell) for at, cell in shown}
        for *places, low, high, rows in french["blocks"]:
            assert own[tuple(places)][:2] == [low, high]
            pairs = zip(rows.split(";"), own[tuple(places)][2].split(";"), strict=True)
            for n, (row, other) in enumerate(pairs):
                assert in_english(row) == other.split("|")[:5]
                key = "/".join(map(str, [*places, n]))
                if row and row.rpartition("|")[2]:
                    place = int(row.rpartition("|")[2])
                    own_words, values = in_french.pop(key)
                    assert fill(french["sentences"][place], values) == own_words
                    quoted, values = said.pop(key)
                    shared = words["sentences"][place]
                    assert fill(words.get("apart", {}).get(key, shared), values) == quoted
                    compared += 1
        assert said == {} == in_french
    assert compared > 200
