"""The site: put in place whole, what it says of its data, what its manifest lists."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from analysis import publish
from analysis.definition import load_survey
from analysis.errors import BaroError
from analysis.estimates import SCHEMA
from analysis.pipeline import build
from analysis.project import Project
from analysis.publish import recover_site, replace_folder, stage_reports
from tests.conftest import copy_project

DEMONSTRATION = "données de démonstration"
WITHOUT_FIGURES = ("donnees.html", "corrections.html", "revisions.html", "version.html")
# The only table without a figure of the survey: dates and modes of its waves.


def spaced(text: str) -> str:
    return " ".join(text.split())


# --- put in place --------------------------------------------------------------------------------


@pytest.fixture(params=["exchange", "two renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    if request.param == "two renames":
        monkeypatch.setattr(publish, "_exchange", lambda *_: False)
    elif not exchanges(tmp_path):
        pytest.skip("this system cannot exchange two folders: what is tested of it")
    return str(request.param)


def exchanges(folder: Path) -> bool:
    a, b = folder / "exchange-a", folder / "exchange-b"
    a.mkdir()
    b.mkdir()
    return publish._exchange(a, b)


def folder(path: Path, **files: str) -> Path:
    path.mkdir(parents=True)
    for name, text in files.items():
        (path / name).write_text(text)
    return path


def read(path: Path) -> dict[str, str]:
    return {p.relative_to(path).as_posix(): p.read_text() for p in path.rglob("*") if p.is_file()}


@pytest.mark.usefixtures("way")
def test_the_new_folder_takes_the_place_of_the_old_and_nothing_is_left(tmp_path: Path) -> None:
    target = folder(tmp_path / "site", a="old", gone="old")
    replace_folder(folder(tmp_path / "made" / "next", a="new", b="new"), target)
    assert read(target) == {"a": "new", "b": "new"}
    assert list((tmp_path / "made").iterdir()) == []


@pytest.mark.usefixtures("way")
def test_the_first_folder_needs_none_before(tmp_path: Path) -> None:
    replace_folder(folder(tmp_path / "next", a="new"), tmp_path / "deep" / "site")
    assert read(tmp_path / "deep" / "site") == {"a": "new"}
    assert not (tmp_path / "next").exists()


@pytest.mark.usefixtures("way")
def test_what_an_earlier_failure_left_aside_is_no_obstacle(tmp_path: Path) -> None:
    target = folder(tmp_path / "site", a="old")
    folder(tmp_path / "next-old", a="older")
    replace_folder(folder(tmp_path / "next", a="new"), target)
    assert read(target) == {"a": "new"}
    replace_folder(folder(tmp_path / "next", a="newer"), target)
    assert read(target) == {"a": "newer"}


def test_killed_while_the_old_is_deleted_the_new_is_whole(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = folder(tmp_path / "site", a="old")
    new = folder(tmp_path / "next", a="new", b="new")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed_once_there(target, "new"))
        with pytest.raises(KeyboardInterrupt):
            replace_folder(new, target)
    assert read(target) == {"a": "new", "b": "new"}


def killed_once_there(target: Path, text: str) -> Any:
    def rmtree(path: Path, **_: object) -> None:
        if (target / "a").exists() and (target / "a").read_text() == text:
            raise KeyboardInterrupt

    return rmtree


def test_exchanging_leaves_no_instant_without_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchanges(tmp_path):
        pytest.skip("this system cannot exchange two folders: what is tested of it")
    target = folder(tmp_path / "site", a="old")

    def moved(*_: object) -> None:
        raise AssertionError("a rename leaves an instant without the target")

    monkeypatch.setattr(Path, "rename", moved)
    replace_folder(folder(tmp_path / "next", a="new"), target)
    assert read(target) == {"a": "new"}


def killed_between_two_renames(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state that a kill leaves where folders cannot be exchanged."""
    new = folder(publish._next_site(project), a="new")
    with monkeypatch.context() as patch:
        patch.setattr(publish, "_exchange", lambda *_: False)
        rename = Path.rename

        def killed(path: Path, to: Path) -> Path:
            if path == new:
                raise KeyboardInterrupt
            return rename(path, to)

        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            replace_folder(new, project.site)
    assert not project.site.exists()


def test_a_site_taken_away_by_a_killed_build_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path)
    folder(project.site, a="old", b="old")
    killed_between_two_renames(project, monkeypatch)
    recover_site(project)
    assert read(project.site) == {"a": "old", "b": "old"}
    recover_site(project)
    assert read(project.site) == {"a": "old", "b": "old"}


def test_nothing_is_put_back_over_a_site(tmp_path: Path) -> None:
    project = Project(tmp_path)
    folder(project.site, a="new")
    folder(publish._aside(publish._next_site(project)), a="old")
    recover_site(project)
    assert read(project.site) == {"a": "new"}


def test_the_next_build_puts_the_site_back_even_if_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_project(tmp_path / "project")
    folder(project.site, a="old")
    killed_between_two_renames(project, monkeypatch)
    (project.surveys / "barometre_numerique" / "survey.yml").write_text("survey: [")
    with pytest.raises(BaroError):
        build(project)
    assert read(project.site) == {"a": "old"}


# --- the staged copy -----------------------------------------------------------------------------


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value


def unprefixed(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: unprefixed(v) for k, v in value.items()}
    if isinstance(value, list):
        return [unprefixed(v) for v in value]
    return value.removeprefix("reports/") if isinstance(value, str) else value


def test_the_staged_project_file_is_that_of_the_flat_copy(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    stage = stage_reports(project)
    given = yaml.safe_load((project.root / "_quarto.yml").read_text("utf-8"))
    derived = yaml.safe_load((stage / "_quarto.yml").read_text("utf-8"))
    assert not [text for text in leaves(derived) if "reports/" in text]
    there, here = given["project"].pop("output-dir"), derived["project"].pop("output-dir")
    assert (stage / here).resolve() != (project.root / there).resolve()
    assert stage not in (stage / here).resolve().parents, "pages are not among their sources"
    assert derived == unprefixed(given), "and nothing else is changed"
    named = [t for t in leaves(derived) if t.endswith((".lua", ".html", ".css"))]
    assert len(named) == 4
    assert [t for t in named if not (stage / t).is_file()] == []


def test_the_staged_copy_is_flat_and_holds_nothing_of_the_last_one(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    (stage_reports(project) / "gone.qmd").write_text("old")
    stage = stage_reports(project)
    sources = {p.relative_to(project.reports) for p in project.reports.rglob("*") if p.is_file()}
    assert {p.relative_to(stage) for p in stage.rglob("*") if p.is_file()} == {
        *sources,
        Path("_quarto.yml"),
    }


# --- what the site says of its data --------------------------------------------------------------


class Pieces(HTMLParser):
    """The text of some elements of a page, one within another or not."""

    WATCHED = ("figure", "table", "caption")

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.open: list[dict[str, str]] = []
        self.found: list[dict[str, str]] = []
        self.feed(page.read_text("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag in self.WATCHED:
            piece = {"tag": tag, "text": ""}
            self.open.append(piece)
            self.found.append(piece)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.WATCHED:
            assert self.open.pop()["tag"] == tag

    def handle_data(self, data: str) -> None:
        for piece in self.open:
            piece["text"] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """Elements of a name, in the order of the page."""
        return [p for p in self.found if p["tag"] == tag]


STAMPS = (DEMONSTRATION, "microdonnées reconstituées à partir d’effectifs publiés",
          "réponses synthétiques")  # fmt: skip
WITHOUT_CARDS = ("fiche", "illectronisme", "methode", "avis-csnp", "chiffres", "equipement",
                 "explorer")  # fmt: skip


def says_so(text: str) -> bool:
    return any(stamp in spaced(text).lower() for stamp in STAMPS)


def pages(site: Path) -> list[Path]:
    found = sorted(p for p in site.glob("*.html") if p.name != "accessibilite.html")  # no data
    assert {"index.html", "barometre-numerique.html", "collectivites-ia.html"} <= {
        p.name for p in found
    }
    return found


def test_each_page_of_a_demonstration_says_so_before_its_title(built_site: Path) -> None:
    for page in pages(built_site):
        html = page.read_text("utf-8")
        body = html[html.index("<body") :]
        if page.name in ("codebook.html", "fiches.html"):  # under the name of each survey
            assert body.count('class="demo"') >= 2
            continue
        before = re.sub(r"<[^>]+>", " ", body[: body.index("<h1")])
        assert says_so(before), page.name
        assert re.search(r"ne doi(t|vent) pas être cité", spaced(before)), page.name


def test_each_figure_of_a_demonstration_says_so(built_site: Path) -> None:
    figures = [f for page in pages(built_site) for f in Pieces(page).all("figure")]
    assert len(figures) >= 8
    assert [spaced(f["text"])[:60] for f in figures if not says_so(f["text"])] == []


def test_each_chart_of_a_demonstration_says_so_to_a_screen_reader(built_site: Path) -> None:
    charts = 0
    for page in pages(built_site):
        html = page.read_text("utf-8")
        names = re.findall(r'role="img"[^>]*? aria-labelledby="([^" ]+)"', html)
        assert len(names) == html.count('role="img"'), f"an image without a name in {page.name}"
        for name in names:
            (label,) = re.findall(rf'id="{re.escape(name)}">(.*?)<', html)
            assert says_so(label), f"{page.name}: {label}"
        charts += len(names)
    assert charts >= 8


def test_each_table_of_a_demonstration_says_so(built_site: Path) -> None:
    for page in pages(built_site):
        pieces = Pieces(page)
        captions = [spaced(c["text"]) for c in pieces.all("caption")]
        assert len(captions) == len(pieces.all("table"))
        none = ("codebook-", "illectronisme-falc", "chiffres.html", *WITHOUT_FIGURES)
        assert captions or page.name.startswith(none), page.name
        if page.name != "version.html":  # files, definitions and libraries: no figure
            assert [c for c in captions if not says_so(c)] == [], page.name


def test_each_key_figure_of_a_demonstration_says_so(built_site: Path) -> None:
    for page in pages(built_site):
        cards = page.read_text("utf-8").split('<strong class="chiffre">')[1:]
        assert len(cards) >= 3 or page.name.startswith(
            ("ponderation", "codebook", "ia-", *WITHOUT_FIGURES, *WITHOUT_CARDS)
        )
        assert [c for c in cards if not says_so(c.split("</li>")[0])] == [], page.name


def csv_files(site: Path) -> list[Path]:
    found = sorted((site / "donnees").glob("*.csv"))
    assert len(found) > 25
    return found


@pytest.mark.parametrize(
    ("built", "word"), [("demonstration", DEMONSTRATION), ("observed", "données observées")]
)
def test_each_row_of_each_csv_says_where_it_is_from(
    built: str, word: str, request: pytest.FixtureRequest
) -> None:
    project: Project = request.getfixturevalue(built)
    other = load_survey(project.surveys, "collectivites_ia")
    for path in csv_files(project.site):
        if path.name == "affirmations.csv":  # what people claimed: see tests/claims
            continue
        column = pl.read_csv(path, separator=";", columns=["donnees"], infer_schema=False)
        assert column.height > 0, path.name
        theirs = path.stem.startswith(other.id) or path.stem in other.spec.indicators
        if theirs:
            made = {"microdonnées reconstituées à partir d’effectifs publiés",
                    "scénario, réponses synthétiques"}  # fmt: skip
            assert set(column["donnees"]) <= made, path.name
        else:
            assert set(column["donnees"]) == {word}, path.name


@pytest.mark.parametrize("built", ["demonstration", "observed"])
def test_the_manifest_says_where_the_data_are_from(
    built: str, request: pytest.FixtureRequest
) -> None:
    project: Project = request.getfixturevalue(built)
    waves = manifest(project.site)["made_from"]["surveys"]["barometre_numerique"]["waves"]
    assert {w["origin"] for w in waves.values()} == {built}


def test_no_page_on_real_files_speaks_of_a_demonstration(observed: Project) -> None:
    texts = [p for p in observed.site.rglob("*") if p.suffix in {".html", ".json"}]
    assert len(texts) >= 3
    found = [p.name for p in texts if "démonstration" in p.read_text("utf-8").lower()]
    assert found == []


# --- the manifest --------------------------------------------------------------------------------


def manifest(site: Path) -> dict[str, Any]:
    found = json.loads((site / "manifest.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_the_manifest_lists_each_file_with_its_size_and_digest(built_site: Path) -> None:
    files = [p for p in built_site.rglob("*") if p.is_file() and p.name != "manifest.json"]
    contents = {p.relative_to(built_site).as_posix(): p.read_bytes() for p in files}
    assert manifest(built_site)["files"] == {
        name: {"bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()}
        for name, c in contents.items()
    }


def test_the_manifest_names_the_table_it_was_made_from(demonstration: Project) -> None:
    found = manifest(demonstration.site)["made_from"]["surveys"]
    assert set(found) == {"barometre_numerique", "collectivites_ia"}
    for name, facts in found.items():
        table = demonstration.estimates(name).read_bytes()
        assert facts["estimates"] == hashlib.sha256(table).hexdigest()


def test_the_site_holds_nothing_that_is_not_published(built_site: Path) -> None:
    kinds = {p.suffix for p in built_site.rglob("*") if p.is_file()}
    assert kinds <= {".html", ".css", ".csv", ".json", ".js", ".svg", ".png", ".woff2", ".xml",
                     ".xlsx", ".txt", ".parquet", ".gz", ".jsonld", ".cff"}  # fmt: skip
    texts = {p.relative_to(built_site).as_posix() for p in built_site.rglob("*.txt")}
    assert {t for t in texts if not t.endswith("/LICENCE.txt")} == {
        t for t in texts if t.endswith("/LICENSE.txt")}, "of the vendored library"  # fmt: skip
    for path in built_site.rglob("*.parquet"):
        assert set(pl.read_parquet_schema(path)) == set(SCHEMA), "the table, and no respondents"
    assert not (built_site / "reports").exists(), "the site is flat"


def test_downloads_of_reports_and_site_are_the_same(demonstration: Project) -> None:
    """But for the data of interactive figures, which pages make while they are rendered."""
    pages = "".join(p.read_text("utf-8") for p in demonstration.site.glob("*.html"))
    figures = {Path(n).name for n in re.findall(r'data-interactif="([^"]+)"', pages)}
    here, there = (
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()}
        for f in (demonstration.reports / "donnees", demonstration.site / "donnees")
    )
    assert figures <= {p.name for p in there}
    assert here == {p: content for p, content in there.items() if p.name not in figures}


def test_rendered_twice_the_site_is_the_same_byte_for_byte(own_demonstration: Project) -> None:
    before = manifest(own_demonstration.site)
    shutil.rmtree(own_demonstration.site)
    assert list(build(own_demonstration).seconds) == ["pages"]
    assert manifest(own_demonstration.site) == before
