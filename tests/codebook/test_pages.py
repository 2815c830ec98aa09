"""The pages of the codebook: what they hold, their budgets, hostile texts, search."""

from __future__ import annotations

import gzip
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from analysis.codebook import entries, read_codebook
from analysis.definition import load_survey
from analysis.dictionary import write_pages
from analysis.dictionary.entry import section, slug
from analysis.dictionary.words import raw, waves_text
from analysis.errors import BaroError
from analysis.language import speaking
from analysis.phrasebook import translated
from analysis.project import Project
from analysis.publish import stage_reports
from analysis.render import render_project
from tests.codebook.maker import N, made
from tests.conftest import ROOT, copy_project

SURVEY = "barometre_numerique"
RAW, ZIPPED, SCRIPT = 100_000, 35_000, 5_000  # of a page before any click (DESIGN.md)
HOSTILE = [
    "<script>alert(1)</script>", '" onmouseover="alert(1)', "=HYPERLINK(1)", "a\u202etxt.exe",
    "`{python} 1/0`", "{{< meta title >}} ?@fig-x [^1] :::", "```",
]  # fmt: skip


class Text(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def pages(demonstration: Project) -> list[Path]:
    """All but the way in, which holds no column and no search."""
    found = sorted(demonstration.site.glob("codebook-*.html"))
    assert len(found) > 4
    return found


def test_page_budgets(pages: list[Path]) -> None:
    for page in pages:
        html = page.read_bytes()
        named = re.findall(rb'<(?:link rel="stylesheet" href|script src)="([^"]+)"', html)
        assert len(named) == 3
        parts = [html, *((page.parent / name.decode()).read_bytes() for name in named)]
        assert sum(map(len, parts)) <= RAW, page.name
        assert sum(len(gzip.compress(p)) for p in parts) <= ZIPPED, page.name
        assert len((page.parent / "_assets" / "recherche.js").read_bytes()) <= SCRIPT


def test_every_column_has_a_section_that_the_index_leads_to(
    demonstration: Project, pages: list[Path]
) -> None:
    book = read_codebook(demonstration.codebook(SURVEY))
    columns = set(book["column"])
    entry = (demonstration.site / "codebook.html").read_text("utf-8")
    name = "codebook-barometre-numerique"
    assert f'href="{name}.html"' in entry
    index = (demonstration.site / f"{name}.html").read_text("utf-8")
    leads = re.findall(r'<a href="(codebook-[^"#]+)#([^"]+)">', index)
    assert len(leads) == len(columns)
    assert {anchor for _, anchor in leads} == {slug(c) for c in columns}
    mine = [p.read_text("utf-8") for p in pages if p.name.startswith(name)]
    sections = re.findall(r'class="var" id="([^"]+)"', "".join(mine))
    assert len(sections) == len(set(sections)) == len(columns)


def test_pages_name_neither_identifiers_nor_weights(
    demonstration: Project, pages: list[Path]
) -> None:
    frame = pl.read_parquet(demonstration.build / SURVEY / "waves" / "2022.parquet")
    text = "".join(p.read_text("utf-8") for p in pages)
    assert [i for i in frame["id"].head(50) if i in text] == []
    assert "jamais listé" in text


def test_no_number_of_people_under_five(pages: list[Path]) -> None:
    for page in pages:
        html = page.read_text("utf-8")
        for line in re.findall(r'<tr><th scope="row"><i>.*?</tr>', html):
            counts = re.findall(r"<td>([0-9\u202f]+)", line)
            assert [c for c in counts if int(c.replace("\u202f", "")) < 5] == [], line


def test_the_search_is_a_file_and_does_nothing_without_it(pages: list[Path]) -> None:
    for page in pages:
        found = Text(page.read_text("utf-8"))
        scripts = [a for tag, a in found.tags if tag == "script"]
        assert scripts == [{"src": "_assets/recherche.js", "defer": None}]
        (box,) = [a for _, a in found.tags if a.get("role") == "search"]
        assert "hidden" in box
        assert [a["type"] for tag, a in found.tags if tag == "input"] == ["search"]
        assert [a for tag, a in found.tags if tag == "label"] == [{"for": "recherche"}]
        assert sum(a.get("role") == "status" for _, a in found.tags) == 1
    others = (pages[0].parent / "index.html").read_text("utf-8")
    assert "recherche.js" not in others, "other pages have no search"


@pytest.mark.slow
def test_hostile_texts_are_text_on_a_page(tmp_path: Path) -> None:
    column = [HOSTILE[i % 7] for i in range(N)]
    columns = {"LIBRE": column, "<img src=x onerror=alert(1)>": column, "```": column}
    mine = made(tmp_path, **columns, LONG=["a" * 100_000] * 30 + ["b"] * 30)
    project = copy_project(tmp_path / "project")
    stage = stage_reports(project)
    for page in stage.glob("*.qmd"):
        page.unlink()
    (stage / "index.qmd").write_text("---\ntitle: x\n---\n")
    for name in ("accessibilite", "barometre-numerique", "chiffres", "collectivites-ia",
                 "corrections", "donnees", "explorer", "fiches", "methode", "ponderation",
                 "revisions", "version"):  # fmt: skip
        (stage / f"{name}.qmd").write_text(f"---\ntitle: {name}\n---\n\n## x {{#methode}}\n")
    (stage / "index.qmd").write_text("---\ntitle: x\n---\n")
    shutil.copytree(ROOT / "reports" / "_assets", stage / "_assets", dirs_exist_ok=True)
    write_pages([(mine.survey, mine.book())], stage)
    (stage / "donnees").mkdir(exist_ok=True)
    for name in ("small_dictionnaire.csv", "small.ddi.xml", "small.tableschema.json"):
        (stage / "donnees" / name).write_text("x")
    result = render_project(stage, tmp_path / "site", renderer="embedded", policy=True)
    found = [Text(p.read_text("utf-8")) for p in result.pages if p.name.startswith("codebook")]
    text = "".join(f.text for f in found)
    for hostile in (HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[4], HOSTILE[5], HOSTILE[6]):
        assert hostile in text
    assert "\u202e" not in text
    assert "a\\u202etxt.exe" in text
    tags = [(tag, a) for f in found for tag, a in f.tags]
    assert {tag for tag, _ in tags} & {"img", "iframe", "object"} == set()
    assert all(a.get("src") for tag, a in tags if tag == "script")
    assert [a for _, a in tags if any(name.startswith("on") for name in a)] == []
    assert max(len(p.read_bytes()) for p in result.pages) < RAW


def test_what_the_renderers_would_read_is_broken_up() -> None:
    assert raw("{{< x") == "&#123;<wbr>&#123;&lt; x"
    assert raw("?@fig-a [^1] :::") == "?<wbr>@fig-a [<wbr>^1] :<wbr>::"
    assert raw("a\nb") == "a b"


def test_ids_of_columns_differ() -> None:
    names = ["<>", "><", "A_1", "A-1", "A 1", "<b>", "", "é", "a" * 60, "a" * 61]
    assert len({slug(n) for n in names}) == len(names)
    assert all(re.fullmatch(r"c-[A-Za-z0-9-]*", slug(n)) for n in names)


def test_waves_are_said_in_runs() -> None:
    every = ("2007", "2008", "2009", "2010", "2012")
    assert waves_text(["2007", "2008", "2009", "2012"], every) == "2007 à 2009, 2012"


def test_an_index_past_its_budget_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.dictionary.pages.INDEX", 10)
    mine = made(tmp_path)
    with pytest.raises(BaroError, match="10 at most"):
        write_pages([(mine.survey, mine.book())], tmp_path)


def test_raw_texts_are_marked_as_french_on_english_pages(demonstration: Project) -> None:
    """What stands in the files is quoted as it is, and what the survey calls it is beside it."""
    declared = load_survey(demonstration.surveys, SURVEY)
    found = {e.column: e for e in entries(read_codebook(demonstration.codebook(SURVEY)))}
    with speaking("en"):
        html = section(translated(declared, demonstration, "en"), found["SMARTPHO"], "")
    assert "<h2>SMARTPHO <small>Smartphone</small></h2>" in html
    assert '<th scope="row" lang="fr">Oui <small lang="en">Yes</small></th>' in html
    assert "Waves: 2011 to 2022." in html
    marked = re.sub(r'<(\w+)[^>]* lang="fr">.*?</\1>', "", html)
    assert not re.search("Oui|Non|Réponse|Vague|répondu", marked)
